"""业态与标准目录: packs laid over one another, national → province → city, as one Catalogue."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path

from yike.errors import Fault, Row, StandardError, raise_all
from yike.standards.packs import BusinessType, Gate, Indicator, Pack, Requirement, load_pack, load_types, pack_at, shipped

__all__ = ["BusinessType", "Catalogue", "Gate", "Indicator", "Requirement", "list_packs", "list_profiles", "load_catalogue"]

WEAK = frozenset({"R", "NF"})  #: recalled or not found: an editable default that never displaces a firmer row
WALKED = ("walk_min", "walk_m")


@dataclass(frozen=True)
class Catalogue:
    """What counts: business types, and for each the requirements that hold after the overlay.

    ``requirements`` holds one effective row per type and measure; ``every_row`` all rows of all packs, the displaced
    ones too, in the order of the packs.
    """

    name: str
    version: str  #: date of the newest paper in it
    types: tuple[BusinessType, ...]
    requirements: tuple[Requirement, ...]
    gates: tuple[Gate, ...]
    indicators: tuple[Indicator, ...]
    sources: tuple[Pack, ...]
    every_row: tuple[Requirement, ...]
    digest: str  #: SHA-256 of types, rows, gates and indicators: goes into every study

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The codes of the types, in order."""
        return tuple(each.code for each in self.types)

    @cached_property
    def _by_code(self) -> dict[str, BusinessType]:
        return {each.code: each for each in self.types}

    def type(self, code: str) -> BusinessType:
        """Return a business type; raises ``standards.type_unknown``."""
        if code not in self._by_code:
            raise StandardError(Fault("standards.type_unknown", ((None, code),)))
        return self._by_code[code]

    def walk_requirements(self) -> tuple[Requirement, ...]:
        """Return the effective requirements that a walk can test, in the order of the types."""
        place = {code: k for k, code in enumerate(self.codes)}
        walked = {each.code for each in self.types if each.walked}
        rows = [row for row in self.requirements if row.measure in WALKED and row.business_type in walked]
        return tuple(sorted(rows, key=lambda row: (place[row.business_type], WALKED.index(row.measure))))

    def displaced_by(self, row: Requirement) -> tuple[Requirement, ...]:
        """Return the rows of other packs that an effective row stands in for."""
        same = (each for each in self.every_row if (each.business_type, each.measure) == (row.business_type, row.measure))
        return tuple(each for each in same if each != row)


def list_profiles() -> dict[str, tuple[str, ...]]:
    """Return the profiles: names for packs in the order they are laid over one another."""
    text = resources.files("yike.standards").joinpath("profiles.csv").read_text(encoding="utf-8")
    found: dict[str, tuple[str, ...]] = {}
    for row in csv.DictReader(text.splitlines()):
        found[row["profile"]] = (*found.get(row["profile"], ()), row["pack"])
    return found


def list_packs() -> tuple[Pack, ...]:
    """Return all packs that ship with yike."""
    return tuple(load_pack(name) for name in shipped())


def load_catalogue(name: str = "jincheng", packs: Sequence[str | Path] = ()) -> Catalogue:
    """Lay a profile's packs, and further ones, over the business types.

    A later pack's row displaces an earlier one for the same type and measure, unless the later is only recalled
    (grades R, NF) and the earlier is firmer. A pack's own business types are added, or replace those of the same code.

    Parameters
    ----------
    name
        A profile ("jincheng", "national" …), or the name or folder of a single pack.
    packs
        Names of shipped packs, or folders of a city's own.

    Raises
    ------
    StandardError
        ``standards.pack_unknown``, and the faults of `load_pack`; ``standards.type_unknown`` for rows of types that
        nobody defines; ``standards.row_twice`` for two rows of one pack on the same type and measure.

    Examples
    --------
    >>> found = load_catalogue("jincheng")
    >>> [(r.value, r.grade, r.pack) for r in found.walk_requirements() if r.business_type == "breakfast"]
    [(10.0, 'D', 'jincheng-2023')]
    >>> len(found.types), [(g.at_least, g.of) for g in found.gates]
    (56, [(15, 23), (20, 30)])
    """
    chosen = [load_pack(each) for each in list_profiles()[name]] if name in list_profiles() else [_pack(name)]
    chosen += [_pack(each) for each in packs]
    types = {each.code: each for each in load_types()}
    for pack in chosen:
        types |= {each.code: each for each in pack.types}
    rows = tuple(row for pack in chosen for row in pack.requirements)
    _check(rows, set(types))
    gates = {gate.category: gate for pack in chosen for gate in pack.gates}
    indicators = {each.id.rpartition(".")[2]: each for pack in chosen for each in pack.indicators}
    found = (tuple(types.values()), _effective(rows), tuple(gates.values()), tuple(indicators.values()))
    label = "+".join([str(name), *(Path(each).name for each in packs)])
    version = max((pack.date for pack in chosen), default="")
    return Catalogue(label, version, *found, tuple(chosen), rows, _digest(*found, rows))


def _pack(name: str | Path) -> Pack:
    return load_pack(str(name)) if str(name) in shipped() else pack_at(name)


def _check(rows: Sequence[Requirement], codes: set[str]) -> None:
    unknown: tuple[Row, ...] = tuple((None, row.id) for row in rows if row.business_type not in codes)
    ids = [row.id for row in rows]
    twice: tuple[Row, ...] = tuple((None, each) for each in sorted({each for each in ids if ids.count(each) > 1}))
    faults = [Fault("standards.type_unknown", unknown)] if unknown else []
    faults += [Fault("standards.row_twice", twice)] if twice else []
    raise_all(StandardError, faults)


def is_weak(grade: str) -> bool:
    """Return whether any part of a grade is recalled or not found.

    Examples
    --------
    >>> is_weak("B/R"), is_weak("A")
    (True, False)
    """
    return not WEAK.isdisjoint(grade.split("/"))


def _effective(rows: Sequence[Requirement]) -> tuple[Requirement, ...]:
    kept: dict[tuple[str, str], Requirement] = {}
    for row in rows:
        key = (row.business_type, row.measure)
        before = kept.get(key)
        if before is None or not is_weak(row.grade) or is_weak(before.grade):
            kept[key] = row
    return tuple(kept.values())


def _digest(*parts: Sequence[object]) -> str:
    plain = [[asdict(each) for each in part] for part in parts]  # type: ignore[call-overload]
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
