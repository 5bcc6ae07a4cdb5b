"""业态与标准目录: packs laid over one another, national → province → city, as one Catalogue."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Protocol, TypeVar

from yike.errors import Fault, Row, StandardError, raise_all
from yike.standards.nouns import (
    MEASURES,
    WALKED,
    BusinessType,
    Gate,
    Indicator,
    Pack,
    Requirement,
    Source,
    is_weak,
)
from yike.standards.packs import load_pack, load_types, pack_at, shipped

__all__ = [
    "BusinessType",
    "Catalogue",
    "Gate",
    "Indicator",
    "Requirement",
    "Source",
    "list_packs",
    "list_profiles",
    "load_catalogue",
]


class _Graded(Protocol):
    @property
    def grade(self) -> str: ...


G = TypeVar("G", bound=_Graded)


@dataclass(frozen=True)
class Catalogue:
    """What counts: business types, and for each the requirements that hold after the overlay.

    ``requirements`` holds one effective row per type and measure; ``every_row`` all rows of all packs, the displaced
    ones too, in the order in which the packs were laid.
    """

    name: str
    version: str  #: date of the newest paper in it
    types: tuple[BusinessType, ...]
    requirements: tuple[Requirement, ...]
    gates: tuple[Gate, ...]
    indicators: tuple[Indicator, ...]
    sources: tuple[Source, ...]
    every_row: tuple[Requirement, ...]
    digest: str  #: SHA-256 of types, gates, indicators and every row: goes into every study

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
        """Return the effective requirements that a walk can test, one per type and walk measure, in type order.

        Types that are not walked to (``walked`` is False) are left out, whatever a pack says of them.
        """
        return tuple(row for row in self.requirements if row.measure in WALKED and self.type(row.business_type).walked)

    def displaced_by(self, row: Requirement) -> tuple[Requirement, ...]:
        """Return the rows of other packs that an effective row stands in for."""
        key = (row.business_type, row.measure)
        return tuple(each for each in self.every_row if (each.business_type, each.measure) == key and each != row)


def list_profiles() -> dict[str, tuple[str, ...]]:
    """Return the profiles: names for packs in the order in which they are laid over one another.

    Examples
    --------
    >>> list_profiles()["national"]
    ('ministry-guide-2021', 'ministry-plan-2023', 'ministry-notice-2025')
    """
    text = resources.files("yike.standards").joinpath("profiles.csv").read_text(encoding="utf-8")
    found: dict[str, tuple[str, ...]] = {}
    for row in csv.DictReader(text.splitlines()):
        found[row["profile"]] = (*found.get(row["profile"], ()), row["pack"])
    return found


def list_packs() -> tuple[Pack, ...]:
    """Return all packs that ship with yike, national ones first."""
    return tuple(load_pack(name) for name in shipped())


def load_catalogue(
    name: str | Path = "jincheng", packs: Sequence[str | Path] = (), folder: str | Path | None = None
) -> Catalogue:
    """Lay a profile's packs, and further ones, over the business types.

    A later pack's row displaces an earlier one for the same type and measure, unless the later is only recalled or
    not found (grades R, NF) and the earlier is firmer; gates and indicators do the same. A pack's own business types
    are added, or replace those of the same code. A pack that is named again is laid on last, once.

    Parameters
    ----------
    name
        A profile ("jincheng", "national" …), or the name or folder of a single pack.
    packs
        Names of shipped packs, or folders of a city's own, laid on in this order.
    folder
        A city's own folder, laid on last of all.

    Raises
    ------
    StandardError
        ``standards.pack_unknown``, and the faults of `load_pack`; ``standards.type_unknown`` for rows of types that
        nobody defines.

    Examples
    --------
    >>> found = load_catalogue("jincheng")
    >>> [(r.value, r.grade, r.pack) for r in found.walk_requirements() if r.business_type == "breakfast"]
    [(10.0, 'D', 'jincheng-2023')]
    >>> len(found.types), [(g.at_least, g.of) for g in found.gates]
    (56, [(15, 23), (20, 30)])
    """
    further = (*packs, *(() if folder is None else (Path(folder),)))
    chosen = _chosen(name, further)
    types = {each.code: each for pack in (None, *chosen) for each in (load_types() if pack is None else pack.types)}
    _check(chosen, types)
    rows = tuple(row for pack in chosen for row in pack.requirements)
    place = {code: k for k, code in enumerate(types)}, {measure: k for k, measure in enumerate(MEASURES)}
    effective = _overlaid(rows, lambda row: f"{row.business_type}.{row.measure}")
    effective = tuple(sorted(effective, key=lambda row: (place[0][row.business_type], place[1][row.measure])))
    gates = _overlaid((gate for pack in chosen for gate in pack.gates), lambda gate: gate.category)
    targets = (each for pack in chosen for each in pack.indicators)
    indicators = _overlaid(targets, lambda each: each.id.removeprefix(f"{each.pack}."))
    kinds = tuple(types.values())
    return Catalogue(
        name="+".join(Path(each).name if Path(each).is_dir() else str(each) for each in (name, *further)),
        version=max((pack.source.date for pack in chosen), default=""),
        types=kinds,
        requirements=effective,
        gates=gates,
        indicators=indicators,
        sources=tuple(pack.source for pack in chosen),
        every_row=rows,
        digest=_digest(kinds, rows, gates, indicators),
    )


def _chosen(name: str | Path, further: Sequence[str | Path]) -> tuple[Pack, ...]:
    """Return the packs in the order they are laid on; one that comes again moves to the end."""
    profiles = list_profiles()
    first = [load_pack(each) for each in profiles[str(name)]] if str(name) in profiles else [_pack(name)]
    chosen: dict[str, Pack] = {}
    for pack in (*first, *(_pack(each) for each in further)):
        chosen.pop(pack.name, None)
        chosen[pack.name] = pack
    return tuple(chosen.values())


def _pack(name: str | Path) -> Pack:
    return load_pack(name) if isinstance(name, str) and name in shipped() else pack_at(name)


def _check(packs: Sequence[Pack], types: dict[str, BusinessType]) -> None:
    rows = (row for pack in packs for row in pack.requirements)
    unknown: list[Row] = [(None, row.id) for row in rows if row.business_type not in types]
    unknown += [(None, f"{each.code} → {to}") for each in types.values() for to in each.counts_for if to not in types]
    raise_all(StandardError, [Fault("standards.type_unknown", tuple(unknown))] if unknown else [])


def _overlaid(rows: Iterable[G], key: Callable[[G], str]) -> tuple[G, ...]:
    """Return one row per key: the last one, save that a weak row never displaces a firmer one."""
    kept: dict[str, G] = {}
    for row in rows:
        before = kept.get(key(row))
        if before is None or not is_weak(row.grade) or is_weak(before.grade):
            kept[key(row)] = row
    return tuple(kept.values())


def _digest(*parts: Sequence[BusinessType | Requirement | Gate | Indicator]) -> str:
    text = json.dumps([[asdict(each) for each in part] for part in parts], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
