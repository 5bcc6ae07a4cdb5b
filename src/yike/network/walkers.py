"""Who walks: pace, steps, kerbs, narrow places, bad ground. One row per walker in ``rules/walkers.csv``."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from yike.errors import Fault, NetworkError, Row
from yike.network.rules import read_table

YES_NO = ("steps", "escalator", "lift", "kerb", "narrow", "climb", "wheelchair")
POSITIVE = ("m_per_min", "steps_up", "steps_down")
LEVELS = ("worst_surface", "worst_smoothness")


@dataclass(frozen=True)
class Walker:
    """One kind of walker; a truth value tells whether this walker can use or pass the thing."""

    id: str
    zh: str
    en: str
    m_per_min: float  #: pace on level ground
    steps: bool = True
    steps_up: float = 1.0  #: pace on steps upwards, as a part of ``m_per_min``
    steps_down: float = 1.0
    escalator: bool = True
    lift: bool = True
    kerb: bool = True
    narrow: bool = True  #: turnstiles, kissing gates and the like
    climb: bool = True  #: stiles and the like
    wheelchair: bool = True  #: ways and gates that say wheelchair=no
    worst_surface: int = 3  #: highest level of rules/surfaces.csv walked on
    worst_smoothness: int = 3
    wait_factor: float = 1.0  #: multiplies the waits of rules/waits.csv
    source: str = ""
    grade: str = ""

    def __post_init__(self) -> None:
        for name in POSITIVE:
            if not getattr(self, name) > 0:
                raise NetworkError(Fault("network.walker_bad", ((None, f"{self.id}: {name}"),)))


def _bad_cells(number: int, row: dict[str, str]) -> list[Row]:
    """Return the cells of one row that their column does not allow."""
    bad: list[Row] = [(number, f"{name}: {row.get(name)}") for name in YES_NO if row.get(name) not in ("yes", "no")]
    for name in (*POSITIVE, *LEVELS, "wait_factor"):
        try:
            value = float(row.get(name) or "nan")
        except ValueError:
            value = float("nan")
        fits = value > 0 if name in POSITIVE else value in (0, 1, 2, 3) if name in LEVELS else value >= 0
        if not fits:
            bad.append((number, f"{name}: {row.get(name)}"))
    return bad


@cache
def load_walkers(path: Path | str | None = None) -> dict[str, Walker]:
    """Return the walkers by id, from the package's table or from a table of one's own.

    Raises
    ------
    NetworkError
        ``network.walker_bad``: all cells that their column does not allow.

    Examples
    --------
    >>> load_walkers()["elder"].m_per_min
    53.0
    """
    if path is None:
        rows = read_table("walkers.csv")
    else:
        rows = tuple(csv.DictReader(Path(path).read_text(encoding="utf-8-sig").splitlines()))
    bad = [cell for number, row in enumerate(rows, start=2) for cell in _bad_cells(number, row)]
    if bad:
        raise NetworkError(Fault("network.walker_bad", tuple(bad)))
    walkers = [_walker(row) for row in rows]
    return {walker.id: walker for walker in walkers}


def _walker(row: dict[str, str]) -> Walker:
    traits: dict[str, Any] = {name: row[name] == "yes" for name in YES_NO}
    traits |= {name: float(row[name]) for name in (*POSITIVE, "wait_factor")}
    traits |= {name: int(row[name]) for name in LEVELS}
    return Walker(
        id=row["walker"],
        zh=row["zh"],
        en=row["en"],
        **traits,
        source=row.get("source", ""),
        grade=row.get("grade", ""),
    )
