"""What the joint problem answers: sites in order, what each wins and costs, and how near to the best it is proven."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Gain:
    """What one site brings to one community."""

    area: str
    people: float  #: residents newly served
    minutes_saved: float  #: people × minutes, of everybody whose nearest outlet comes nearer


@dataclass(frozen=True)
class JointSite:
    """One outlet to build. People and minutes are counted in the order of building, so they sum to the whole."""

    space: str
    business_type: str
    order: int  #: from 1
    locked: bool
    cost_yuan: float
    area_m2: float
    people_gained: float
    minutes_saved: float
    yuan_per_person: float | None  #: None where nobody is newly served
    gains: tuple[Gain, ...] = ()


@dataclass(frozen=True)
class Conflict:
    """Conditions that cannot all be met, and the smallest change of one setting that helps."""

    code: str
    zh: str
    en: str
    setting: str
    value: Any
    zh_relax: str
    en_relax: str

    def as_json(self) -> dict[str, Any]:
        """Return the conflict for machines."""
        relax = {"setting": self.setting, "value": self.value, "zh": self.zh_relax, "en": self.en_relax}
        return {"code": self.code, "zh": self.zh, "en": self.en, "relax": relax}


@dataclass(frozen=True)
class JointAnswer:
    """The answer; the unit of people_types is 人次: a resident who comes within the minutes of one more type.

    ``objective`` is the weighted people_types newly served, ``bound`` what no set of sites can exceed, ``gap`` their
    difference as a part of the bound. ``status``: "optimal", "within_gap" (nearer than asked), "time" (the clock ended
    it), "infeasible" (see ``conflicts``).
    """

    status: str
    objective: float
    bound: float
    gap: float
    seconds: float
    budget_yuan: float | None
    spent_yuan: float
    years: float
    people_types_before: float
    people_types_after: float
    people_types_total: float
    people_gaining: float
    sites: tuple[JointSite, ...] = ()
    by_type: tuple[dict[str, Any], ...] = ()
    by_area: tuple[dict[str, Any], ...] = ()
    curve: tuple[dict[str, Any], ...] = ()
    elbow_yuan: float | None = None
    alone: dict[str, Any] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    study: str = ""
    standard: str = ""
    digest: str = ""
    walker: str = ""

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The (space, type) of every site, in order."""
        return tuple((site.space, site.business_type) for site in self.sites)

    def as_json(self) -> dict[str, Any]:
        """Return the answer for machines; numbers that are none are null."""
        told = asdict(self)
        told["conflicts"] = [each.as_json() for each in self.conflicts]
        found: dict[str, Any] = _plain(told)
        return found


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float):
        return round(value, 4) if math.isfinite(value) else None
    return value
