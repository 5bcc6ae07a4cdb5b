"""What residents say against what was measured: asked and far, asked though near, silent deserts.

For every community and business type the needs that wait are laid beside the residents beyond the type's minutes (the
strictest requirement, the city's first walker). What is asked where the type is near points to hours, price or quality;
where a type is badly covered and nobody asks, the silence is told, too.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, F, Max, Q, Sum

from yike.web.areas.models import Area, City
from yike.web.lists.choices import business_types, number
from yike.web.needs.models import Need
from yike.web.projects.models import ProjectGap
from yike.web.projects.offices import ROOM
from yike.web.projects.tracing import GOING
from yike.web.studies.live import live
from yike.web.studies.models import Figure
from yike.web.studies.place import has_study

KINDS = ("unmet", "partly", "near", "silent")
Key = tuple[int, str]


@dataclass(frozen=True)
class Cell:
    """One business type in one community."""

    area: Area
    business_type: str
    kind: str  #: unmet, partly, near, silent
    asked: float  #: people who ask and wait
    asks: int
    people: float
    uncovered: float  #: residents beyond the minutes
    study: str
    standard: str
    projects: int  #: that answer this gap

    @property
    def share(self) -> float:
        """Share of residents within the minutes."""
        return 1 - self.uncovered / self.people if self.people else 0.0


def cross(city: City, area: Area) -> list[Cell]:
    """Return the cells of an area's communities that say something, in the order of `KINDS`, most people first.

    People of a cell: those who ask, for silent ones those uncovered. None where nothing was measured; types that the
    study's sources could not tell are left out: their absence is not known. Silence is told of basic types only.
    """
    if not has_study(city):
        return []
    asked = _asked(city, area)
    figures = _figures(city, area, {pk for pk, _ in asked})
    answered = dict(
        ((row["area_id"], row["business_type"]), row["n"])
        for row in ProjectGap.objects.filter(project__city=city, project__state__in=GOING)
        .values("area_id", "business_type")
        .annotate(n=Count("project", distinct=True))
    )
    areas = Area.objects.filter(city=city, level="community").only("code", "name", "path").in_bulk()
    cells = []
    for pk, code, people, uncovered, study, standard in figures:
        asking, asks = asked.get((pk, code), (0.0, 0))
        kind = kind_of(1 - uncovered / people, uncovered, asks)
        if kind and (asks or business_types()[code].category == "basic"):
            made = answered.get((pk, code), 0)
            cells.append(Cell(areas[pk], code, kind, asking, asks, people, uncovered, study, standard, made))
    return sorted(cells, key=_first)


def _first(cell: Cell) -> tuple[int, float, str]:
    return KINDS.index(cell.kind), -(cell.uncovered if cell.kind == "silent" else cell.asked), cell.area.code


def kind_of(share: float, uncovered: float, asks: int) -> str:
    """Return what a cell says, "" for nothing (thresholds: ``numbers.csv``).

    Examples
    --------
    >>> kind_of(0.2, 900, 3), kind_of(0.95, 40, 3), kind_of(0.6, 400, 1), kind_of(0.2, 900, 0), kind_of(0.2, 30, 0)
    ('unmet', 'near', 'partly', 'silent', '')
    """
    near, far = number(ROOM, "near_share"), number(ROOM, "far_share")
    if asks:
        return "unmet" if share < far else "near" if share >= near else "partly"
    return "silent" if share < far and uncovered >= number(ROOM, "silent_people") else ""


def _asked(city: City, area: Area) -> dict[Key, tuple[float, int]]:
    """Return people and asks that wait, by community and type; needs that came from a gap are no asking."""
    rows = (
        Need.objects.filter(city=city, state="open", area__path__startswith=area.path)
        .exclude(source="gap")
        .order_by()
        .values("area_id", "business_type")
        .annotate(total=Sum("people"), n=Count("pk"))
    )
    return {(row["area_id"], row["business_type"]): (float(row["total"]), int(row["n"])) for row in rows}


def _figures(city: City, area: Area, asking: set[int]) -> list[tuple[int, str, float, float, str, str]]:
    """Return (area, type, people, uncovered, study, standard) of what may say something: by the strictest requirement.

    Where nobody asks only basic types are looked at: a quality type may be far.
    """
    walker = Figure.objects.filter(city=city).order_by("id").values_list("walker", flat=True).first()
    basic = [code for code, each in business_types().items() if each.category == "basic"]
    rows = (
        Figure.objects.filter(city=city, walker=walker, area__level="community", area__path__startswith=area.path)
        .exclude(business_type="")
        .exclude(business_type__in=live(city).unseen)
        .filter(people__gt=0)
        .order_by()
        .values("area_id", "business_type")
        .annotate(short=Max(F("people") - F("people_met")), all=Max("people"), by=Max("study"), paper=Max("standard"))
        .filter(Q(short__gte=number(ROOM, "silent_people"), business_type__in=basic) | Q(area_id__in=asking))
    )
    told = rows.values_list("area_id", "business_type", "all", "short", "by", "paper")
    return [(pk, code, people, max(0.0, short), study, paper) for pk, code, people, short, study, paper in told]
