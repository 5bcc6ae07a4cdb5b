"""The order of the work: each step reads what earlier ones wrote and writes its own tables aside.

Nobody else knows this order. A step names the steps it needs and the settings it depends on; from these and from the
digests of the input files comes the digest that its receipt carries.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from yike.errors import Fault
from yike.study import accessing, ground, judging
from yike.study.folder import Study
from yike.study.telling import headline_step

Tell = Callable[[float], None]  #: how much of the step is done, 0 to 1
Work = Callable[[Study, Path, Tell], list[Fault]]


@dataclass(frozen=True)
class Step:
    """One arrow of the flow."""

    name: str
    needs: tuple[str, ...]  #: steps whose results it reads
    settings: tuple[str, ...]  #: settings it depends on
    inputs: tuple[str, ...]  #: kinds of input files it reads
    work: Work


STEPS = (
    Step("ground", (), ("made_up",), ("maps",), ground.ground_step),
    Step("areas", ("ground",), (), ("areas", "maps"), ground.areas_step),
    Step(
        "residents",
        ("ground", "areas"),
        ("spread_people", "clip_people", "household_size"),
        ("residents", "maps", "areas"),
        ground.residents_step,
    ),
    Step("outlets", ("areas",), ("standard", "packs"), ("outlets", "maps"), ground.outlets_step),
    Step("network", ("ground",), ("walkers", "also_walk", "walkers_file"), ("maps",), accessing.network_step),
    Step(
        "attach", ("network", "residents", "outlets"), ("walkers", "walkers_file", "attach_limit_m"), (),
        accessing.attach_step,
    ),
    Step("walk", ("attach",), ("walkers", "limit_s", "standard", "packs"), (), accessing.walk_step),
    Step("coverage", ("walk",), ("walkers", "walkers_file", "standard", "packs"), (), judging.coverage_step),
    Step("hours", ("coverage",), ("hours", "hour_types"), (), judging.hours_step),
    Step("gaps", ("coverage",), (), (), judging.gaps_step),
    Step("headline", ("gaps", "hours"), ("name", "made_up"), (), headline_step),
)  # fmt: skip
NAMES = tuple(step.name for step in STEPS)
