"""The trend of a city's stored studies: one point a study, in the order in which they were made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.timezone import localtime

from yike.web.studies.runs.models import StudyRun

WIDE, HIGH, LEFT, RIGHT, TOP, BASE = 640, 200, 44, 620, 16, 164


@dataclass(frozen=True)
class Dot:
    """A study's point: where it is drawn, and what it says."""

    x: float
    y: float
    key: str
    name: str
    day: str
    share: float


@dataclass(frozen=True)
class Trend:
    """A line of shares over studies; ``marks`` are heights of round shares."""

    dots: tuple[Dot, ...]
    line: str
    marks: tuple[tuple[float, int], ...]
    size: tuple[int, int] = (WIDE, HIGH)


def trend_of(runs: Sequence[StudyRun], walker: str) -> Trend | None:
    """Return the mean share of residents within the minutes of basic types, by study; None for fewer than two."""
    told = []
    for run in sorted(runs, key=lambda each: each.pk):
        share = run.headline.get("walkers", {}).get(walker, {}).get("mean_share", {}).get("basic")
        if share is not None:
            told.append((run, float(share)))
    if len(told) < 2:
        return None
    step = (RIGHT - LEFT - 20) / (len(told) - 1)
    dots = tuple(
        Dot(round(LEFT + 10 + k * step, 1), round(_height(share), 1), run.key, run.name, _day(run), share)
        for k, (run, share) in enumerate(told)
    )
    line = " ".join(f"{dot.x},{dot.y}" for dot in dots)
    return Trend(dots, line, tuple((round(_height(part / 100), 1), part) for part in (0, 25, 50, 75, 100)))


def _height(share: float) -> float:
    return BASE - (BASE - TOP) * share


def _day(run: StudyRun) -> str:
    return localtime(run.made_at).strftime("%m-%d")
