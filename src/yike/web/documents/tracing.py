"""From a number in a plan back to where it comes from, and whether it still holds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from yike.report.documents.figures import Figure, told
from yike.report.documents.plan import make_plan
from yike.report.documents.templates import load_templates
from yike.standards.catalogue import Requirement
from yike.web.areas.models import Area, City
from yike.web.circles.models import Circle
from yike.web.documents.making import facts_of
from yike.web.documents.models import Document
from yike.web.documents.places import own_templates, place_of
from yike.web.documents.registers import Registers
from yike.web.studies.figures import TEN_FIFTEEN, watched
from yike.web.studies.live import live
from yike.web.studies.models import SupplyChange
from yike.web.studies.place import has_study

EXACT = 1e-9  #: how near two values must be, relatively, to be the same


@dataclass(frozen=True)
class Trace:
    """One number of a plan: as it was written, as it is now, and what it rests on."""

    figure: dict[str, Any]
    now: Figure | None  #: None = the plan of today would not tell this number
    recounted: float | None  #: reckoned anew over every home, where it is a share of residents in time
    requirement: Requirement | None
    place: Area | Circle | None
    link: str
    changes: int  #: of the register since
    last_change: SupplyChange | None

    @property
    def holds(self) -> bool:
        """Whether the plan of today would tell the same number."""
        return self.now is not None and same(self.figure["value"], self.now.value)

    @property
    def recount_agrees(self) -> bool:
        """Whether counting every home gives what the figures tell now."""
        return self.recounted is not None and self.now is not None and same(self.recounted, self.now.value)

    def recounted_text(self, lang: str) -> str:
        return told(self.recounted, self.figure["unit"], lang)


def same(one: Any, other: Any) -> bool:
    """Return whether two values are the same number or word.

    Examples
    --------
    >>> same(0.1 + 0.2, 0.3), same(None, None), same("a", None), same(1, 2)
    (True, True, False, False)
    """
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=EXACT, abs_tol=EXACT)
    return bool(one == other)


def trace(document: Document, figure: dict[str, Any], *, recount: bool = True) -> Trace:
    """Trace a figure of a plan: the plan's facts are gathered anew, and a share of residents counted home by home."""
    at = Registers(document.city)
    facts = facts_of(at, place_of(document), document.made_at.date(), "")
    template = load_templates(own_templates(document.city))[document.kind]
    now = make_plan(facts, template, {}).figures.get(figure["id"])
    rules = {each.id: each for each in at.catalogue.every_row}
    later = SupplyChange.objects.filter(city=document.city, id__gt=figure["through"])
    return Trace(
        figure, now, _recounted(document.city, figure) if recount else None, rules.get(figure["requirement"]),
        place_named(document.city, figure["area"]), link_of(document, figure), later.count(), later.order_by("-id").first(),
    )  # fmt: skip


def _recounted(city: City, figure: dict[str, Any]) -> float | None:
    """Return a share of residents in time counted over every home; None where the figure is another kind."""
    if (
        figure["unit"] != "share"
        or figure["table"] not in ("coverage", "presence", "gaps")
        or not figure["requirement"]
    ):
        return None
    found = watched(city)
    watch = found.walkers.get(figure["walker"])
    if watch is None:
        return None
    watch = watch.beside()  # what an outlet's change did is told by `follow` alone
    watch.follow(found.engine.stock(fresh=True))
    root = city.root.code
    codes = {area: g for g, area in enumerate(found.people.groups.area)} | {root: 0}
    limits = {each.requirement.id: each for each in watch.limits}
    if figure["area"] not in codes:
        return None
    if figure["requirement"] == TEN_FIFTEEN:
        mask = watch.ten_fifteen()
    elif figure["requirement"] in limits:
        mask = watch.met(limits[figure["requirement"]])
    else:
        return None
    g = codes[figure["area"]]
    people = float(found.people.of_groups[g])
    return float(found.people.met(mask)[g]) / people if people > 0 else None


def place_named(city: City, code: str) -> Area | Circle | None:
    """Return the area or circle of a code."""
    area = Area.objects.filter(city=city, code=code).first()
    return area or Circle.objects.filter(city=city, code=code).first()


def link_of(document: Document, figure: dict[str, Any]) -> str:
    """Return the page where a figure comes from."""
    table, area = figure["table"], figure["area"]
    if table in ("needs", "spaces", "projects", "proposals"):
        return f"/desk/{table}/"
    if table in ("standard", "none"):
        return "/desk/studies/"
    if table in ("circles", "profile") and document.circle is not None:
        return f"/desk/circles/{document.circle.code}/"
    place = place_named(document.city, area)
    if isinstance(place, Circle):
        return f"/desk/circles/{place.code}/"
    return f"/desk/area/{place.code}/" if place else "/desk/studies/"


def digest_now(city: City) -> str:
    """Return the digest of the city's study as it stands now, "" where there is none any more."""
    return live(city).digest if has_study(city) else ""
