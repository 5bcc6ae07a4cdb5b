"""What a plan tells of one place: values of the engine and of registers, gathered before any word is written.

`None` in place of a list means that nobody keeps a record of it here; an empty list means that the record is empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from yike.report.documents.figures import Origin
from yike.standards.catalogue import BusinessType, Catalogue, Gate


@dataclass(frozen=True)
class TypeFact:
    """One business type in one place, judged by the shortest walk that the standard asks of it."""

    kind: BusinessType
    requirement: str = ""  #: "" = the standard asks no walk of it
    limit_min: float | None = None
    clause: str = ""
    grade: str = ""
    people_met: float | None = None
    share: float | None = None  #: of the place's people, in time
    median_min: float | None = None  #: None = half of the people have no way within the limit searched
    outlets: int | None = None  #: open ones that stand in the place; None = not counted
    seen: bool = True  #: False: no source of the city could tell it, so it is no gap

    @property
    def present(self) -> bool | None:
        """有没有: somebody gets there in time; a type nobody walks to must stand in the place. None = cannot be told."""
        if not self.seen:
            return None
        if self.people_met is not None:
            return self.people_met > 0
        return None if self.outlets is None else self.outlets > 0


@dataclass(frozen=True)
class GapFact:
    """A type that is missing or lacking, and for whom."""

    kind: BusinessType
    area: str  #: code
    area_name: str
    people_uncovered: float
    share: float | None
    requirement: str = ""


@dataclass(frozen=True)
class NeedFact:
    """One line of the needs list."""

    key: str
    type_name: Mapping[str, str]
    place: str
    people: float
    source: Mapping[str, str]
    text: str = ""
    state: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ProjectFact:
    """One line of the project list."""

    key: str
    name: str
    code: str  #: business type, "" for others
    type_name: Mapping[str, str]
    place: str
    space: str
    cost_yuan: float | None
    funding: Mapping[str, str]
    lead: Mapping[str, str]
    supporting: Mapping[str, str]
    starts: date | None
    ends: date | None
    people_gained: float | None
    answers: str = ""  #: which needs and gaps, by key and name
    state: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SpaceFact:
    """One idle space."""

    key: str
    name: str
    kind: Mapping[str, str]
    place: str
    area_m2: float
    rent_yuan: float | None
    state: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PartFact:
    """A place within the place: a county, street or community; or one of the N circles."""

    code: str
    name: str
    level: str  #: "circle" or one of `yike.tables.LEVELS`
    people: float
    ten_fifteen: float | None = None  #: share of people at "10 & 15" homes
    basic_share: float | None = None  #: mean share in time over basic types
    basic_present: int | None = None
    quality_present: int | None = None
    communities: int | None = None
    grade: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class BoundaryFact:
    """One version of a circle's boundary."""

    number: int
    day: date | None
    people: float
    communities: int
    why: str = ""
    ten_fifteen: float | None = None
    basic_share: float | None = None


@dataclass(frozen=True)
class ProfileFact:
    """One line of a circle's profile that no other table tells: households, incomes, chain rate, m² per household …"""

    id: str
    what: Mapping[str, str]
    value: float | str | None
    unit: str
    source: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PlanFacts:
    """Everything that a plan of one place may tell."""

    kind: str  #: "city_plan" or "circle_plan"
    code: str
    name: str
    name_en: str
    office: Mapping[str, str]
    day: date
    made_up: bool
    origin: Origin
    catalogue: Catalogue
    walker_name: Mapping[str, str]
    people: float
    types: tuple[TypeFact, ...]
    sources: Mapping[str, str]  #: one line: whose data this rests on
    ten_fifteen: float | None = None
    elder_ten_fifteen: float | None = None  #: of a slower walker, where one is measured
    slower: str = ""  #: that walker
    grade: Mapping[str, str] = field(default_factory=dict)  #: 基本型、提升型、品质型
    communities: tuple[str, ...] = ()  #: names
    parts: tuple[PartFact, ...] = ()  #: counties or streets
    circles: tuple[PartFact, ...] | None = None
    gaps: tuple[GapFact, ...] = ()
    needs: tuple[NeedFact, ...] | None = None
    projects: tuple[ProjectFact, ...] | None = None
    spaces: tuple[SpaceFact, ...] | None = None
    boundaries: tuple[BoundaryFact, ...] = ()
    profile: tuple[ProfileFact, ...] = ()
    proof: Mapping[str, float] = field(default_factory=dict)  #: of the proposal behind the projects: gap, bound, spent

    def of(self, category: str) -> tuple[TypeFact, ...]:
        """Return the types of a category that count for its gate."""
        return tuple(each for each in self.types if each.kind.category == category and each.kind.counted_in_gate)

    @cached_property
    def gates(self) -> dict[str, Gate]:
        """The standard's gates by category."""
        return {gate.category: gate for gate in self.catalogue.gates}

    def present(self, category: str) -> tuple[TypeFact, ...]:
        """Return the counted types of a category that are there."""
        return tuple(each for each in self.of(category) if each.present)

    def absent(self, category: str) -> tuple[TypeFact, ...]:
        """Return the counted types of a category that are not there; what no source could tell is left out."""
        return tuple(each for each in self.of(category) if each.present is False)

    def after(self, category: str) -> int:
        """Return how many counted types there will be once the listed projects stand."""
        built = {each.code for each in self.projects or ()}
        return sum(bool(each.present) or each.kind.code in built for each in self.of(category))

    def mean_share(self, category: str) -> float | None:
        """Return the mean over a category's walked types of the share of people in time."""
        told = [
            each.share for each in self.types if each.kind.category == category and each.share is not None and each.seen
        ]
        return sum(told) / len(told) if told else None
