"""What it costs to build, whom an outlet can serve, and which kind of space may hold it: tables, visible and editable."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np

from yike.errors import Fault, InputError, Row, raise_all

NUMBERS = (
    "area_min_m2", "area_max_m2", "fit_out_yuan_per_m2", "equipment_yuan", "people_per_m2", "people_per_outlet",
    "min_catchment_people",
)  # fmt: skip


@dataclass(frozen=True)
class BuildCost:
    """What one business type needs, costs and can serve; a row of ``build_costs.csv``."""

    business_type: str
    area_min_m2: float  #: the least floor area of an outlet
    area_max_m2: float  #: the most it takes
    fit_out_yuan_per_m2: float  #: where a space does not tell its own conversion cost
    equipment_yuan: float
    people_per_m2: float  #: residents whom a square metre of it can serve
    people_per_outlet: float  #: residents whom it serves whatever its area, added to those by area
    min_catchment_people: float  #: residents it must newly serve to live (minimum viable catchment)
    grade: str
    note: str = ""

    def capacity(self, area_m2: float) -> float:
        """Return the residents an outlet of some area can serve."""
        return self.people_per_outlet + self.people_per_m2 * area_m2


@dataclass(frozen=True)
class Uses:
    """Which business types each kind of space may hold, where a space does not say it itself."""

    by_kind: Mapping[str, frozenset[str]]

    def of(self, kind: str, own: tuple[str, ...]) -> frozenset[str]:
        """Return the types a space may hold: its own list, or that of its kind."""
        return frozenset(own) or self.by_kind.get(kind, frozenset())


def _rows(path: str | Path | None, shipped: str) -> tuple[str, list[dict[str, str]]]:
    if path is None:
        text = resources.files("yike.siting.joint").joinpath(shipped).read_text(encoding="utf-8")
        return shipped, list(csv.DictReader(text.splitlines()))
    if not Path(path).is_file():
        raise InputError(Fault("ingest.missing", values={"path": str(path)}))
    return Path(path).name, list(csv.DictReader(Path(path).read_text(encoding="utf-8-sig").splitlines()))


def load_costs(path: str | Path | None = None) -> Mapping[str, BuildCost]:
    """Read the table of costs by business type: ours, or a city's own CSV with the same heads.

    Raises
    ------
    InputError
        ``ingest.missing``; ``joint.costs_bad`` with every row whose numbers are absent or negative, whose least area
        is zero or above its greatest, or whose least outlet cannot serve its own minimum catchment.

    Examples
    --------
    >>> costs = load_costs()
    >>> costs["repair"].area_min_m2, costs["repair"].capacity(6)
    (6.0, 1500.0)
    """
    return _load_costs(None if path is None else str(path))


@cache
def _load_costs(path: str | None) -> Mapping[str, BuildCost]:
    name, rows = _rows(path, "build_costs.csv")
    known = [each.name for each in fields(BuildCost)]
    found: dict[str, BuildCost] = {}
    bad: list[Row] = []
    for number, row in enumerate(rows, start=2):
        try:
            numbers = {key: float(row[key]) for key in NUMBERS}
        except (KeyError, TypeError, ValueError):
            bad.append((number, str(row.get("business_type", ""))))
            continue
        texts = {key: row.get(key) or "" for key in known if key not in NUMBERS}
        cost = BuildCost(**texts, **numbers)  # type: ignore[arg-type]
        if not _sound(cost) or cost.business_type in found:
            bad.append((number, cost.business_type))
        found[cost.business_type] = cost
    if not rows:
        bad.append((None, name))
    raise_all(InputError, [Fault("joint.costs_bad", tuple(bad), {"path": name})] if bad else [])
    return found


def _sound(cost: BuildCost) -> bool:
    numbers = np.array([getattr(cost, key) for key in NUMBERS])
    return bool(
        cost.business_type
        and np.isfinite(numbers).all()
        and (numbers >= 0).all()
        and 0 < cost.area_min_m2 <= cost.area_max_m2
        and 0 < cost.capacity(cost.area_min_m2) >= cost.min_catchment_people
    )


def load_uses(path: str | Path | None = None) -> Uses:
    """Read which kind of space may hold which types: ours, or a city's own CSV with the same heads.

    Raises
    ------
    InputError
        ``ingest.missing``; ``joint.uses_bad`` with every row without a kind or without types.

    Examples
    --------
    >>> uses = load_uses()
    >>> "repair" in uses.of("kiosk", ()), "supermarket" in uses.of("kiosk", ()), uses.of("kiosk", ("breakfast",))
    (True, False, frozenset({'breakfast'}))
    """
    return _load_uses(None if path is None else str(path))


@cache
def _load_uses(path: str | None) -> Uses:
    name, rows = _rows(path, "uses.csv")
    found: dict[str, frozenset[str]] = {}
    bad: list[Row] = [] if rows else [(None, name)]
    for number, row in enumerate(rows, start=2):
        kind = row.get("kind") or ""
        types = frozenset(code.strip() for code in (row.get("business_types") or "").split("|") if code.strip())
        if not kind or not types or kind in found:
            bad.append((number, kind))
        found[kind] = types
    raise_all(InputError, [Fault("joint.uses_bad", tuple(bad), {"path": name})] if bad else [])
    return Uses(found)
