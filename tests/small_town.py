"""Towns as tables of minutes: one row per home, one column per business type, "-" where there is no way.

People weigh 1, 2, 4, 8 …, so a sum of people names exactly the homes it is made of.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from yike.access.walk import WalkTimes
from yike.tables import LEVELS, Residents


def town(picture: str, *, limit_min: float = 30, walker: str = "adult") -> tuple[Residents, WalkTimes]:
    """Read a drawn table: columns id, people, any of the levels, then one column of minutes per type."""
    head, *rows = [line.split() for line in picture.strip().splitlines()]
    frame = pd.DataFrame(rows, columns=head)
    known = [name for name in head if name in LEVELS]
    homes = frame[["id", *known]].replace("-", "").assign(people=frame["people"].astype(float), lon=112.8, lat=35.5)
    types = tuple(name for name in head if name not in ("id", "people", *LEVELS))
    seconds = frame[list(types)].replace("-", "inf").astype(float).to_numpy() * 60
    return (
        Residents(homes.reindex(columns=["id", "lon", "lat", "people", *LEVELS]).astype({n: object for n in LEVELS})),
        WalkTimes(frame["id"].to_numpy(dtype=object), types, seconds.astype(np.float32), limit_min * 60, walker),
    )


def requirement(business_type: str, value: float, measure: str = "walk_min", grade: str = "B") -> Any:
    """Return one requirement; its id is type.measure."""
    unit = {"walk_min": "min", "walk_m": "m"}.get(measure, "")
    return SimpleNamespace(
        id=f"{business_type}.{measure}",
        pack="test",
        business_type=business_type,
        measure=measure,
        value=float(value),
        unit=unit,
        clause="clause 1",
        grade=grade,
        note="",
    )


def catalogue(*requirements: Any, basic: str = "", quality: str = "", gates: tuple[tuple[str, int], ...] = ()) -> Any:
    """Return a catalogue of the given requirements; types are named in ``basic`` and ``quality``."""
    types = tuple(
        SimpleNamespace(
            code=code, zh=code, en=code, category=category, groups=(), counted_in_gate=True, must_have=False
        )
        for category, codes in (("basic", basic), ("quality", quality))
        for code in codes.split()
    )
    by_code = {each.code: each for each in types}
    return SimpleNamespace(
        name="test",
        version="1",
        types=types,
        codes=tuple(by_code),
        requirements=requirements,
        gates=tuple(
            SimpleNamespace(id=f"gate.{c}", pack="test", category=c, at_least=n, of=n, clause="clause 2", grade="B")
            for c, n in gates
        ),
        type=by_code.__getitem__,
        walk_requirements=lambda: tuple(r for r in requirements if r.measure.startswith("walk")),
        digest="0",
    )
