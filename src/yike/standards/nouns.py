"""The nouns of a standard: business types, what is asked of them, and the paper that asks it."""

from __future__ import annotations

from dataclasses import dataclass

MEASURES = {
    "walk_min": "min",
    "walk_m": "m",
    "people_per_outlet": "people/outlet",
    "area_m2_per_1000": "m2/1000 people",
    "min_area_m2": "m2",
    "presence": "outlets",
}  #: the closed list of measures with their units: a new measure is code, a new value is data
WALKED = ("walk_min", "walk_m")  #: the measures that a walk can test
CATEGORIES = ("basic", "quality")
LEVELS = ("national", "provincial", "municipal", "city")
GRADES = frozenset({"D", "A", "B", "C", "R", "NF", "OURS"})  #: how a row is known, see docs/method/standards.md
WEAK = frozenset({"R", "NF"})  #: recalled or not found: an editable default that never displaces a firmer row


def is_weak(grade: str) -> bool:
    """Return whether any part of a grade is recalled or not found.

    Examples
    --------
    >>> is_weak("B/R"), is_weak("A")
    (True, False)
    """
    return not WEAK.isdisjoint(part.strip() for part in grade.split("/"))


@dataclass(frozen=True)
class BusinessType:
    """业态: one business type of the catalogue."""

    code: str
    zh: str
    en: str
    category: str  #: "basic" 基本保障类 or "quality" 品质提升类
    groups: tuple[str, ...]  #: 一店一早, 一菜一修, 快递服务圈 …
    counted_in_gate: bool
    must_have: bool
    walked: bool  #: False: it serves by delivery or is part of another place, so no walk tests it
    counts_for: tuple[str, ...]  #: types whose function it fulfils too: a vegetable van for a vegetable shop
    list_evidence: str  #: where its name was seen
    note: str = ""


@dataclass(frozen=True)
class Requirement:
    """One demand of one clause on one business type; ``value`` is in ``unit``, which the measure fixes."""

    id: str  #: pack.business_type.measure
    pack: str
    business_type: str
    measure: str  #: one of `MEASURES`
    value: float
    unit: str
    clause: str
    grade: str
    source: str = ""  #: keys of the sources in which it was read
    note: str = ""


@dataclass(frozen=True)
class Gate:
    """门槛: at least so many of so many types of a category must be there."""

    id: str  #: pack.gate.category
    pack: str
    category: str
    at_least: int
    of: int
    clause: str
    grade: str
    source: str = ""
    note: str = ""


@dataclass(frozen=True)
class Indicator:
    """A target that no single outlet meets, such as residents' satisfaction: kept for evaluation, with its clause.

    Shares (90 % satisfied, 30 % chain outlets) and areas per household are here and not among the requirements,
    because they speak of a circle or a city and never of one business type.
    """

    id: str  #: pack.name
    pack: str
    zh: str
    en: str
    value: float
    unit: str
    clause: str
    grade: str
    source: str = ""
    note: str = ""


@dataclass(frozen=True)
class Source:
    """The paper behind a pack: who issued it, and where it was really read."""

    pack: str
    level: str  #: one of `LEVELS`
    title: str
    title_en: str
    issuer: str
    number: str
    date: str  #: ISO, as exactly as it is known: "2023-12-29", "2019", ""
    where_read: str
    keys: tuple[str, ...]  #: keys of the sources, S1, S2 …
    grades: str  #: grades that its rows carry, joined with "/"


@dataclass(frozen=True)
class Pack:
    """One paper with all it demands."""

    source: Source
    requirements: tuple[Requirement, ...] = ()
    gates: tuple[Gate, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    types: tuple[BusinessType, ...] = ()

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.source.pack
