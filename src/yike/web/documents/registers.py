"""What plans of a city are made of, read once for all of them: figures, register, needs, projects, spaces, circles."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from yike.standards.catalogue import Catalogue
from yike.web.areas.models import Area, City
from yike.web.circles.models import Circle, CircleVersion
from yike.web.needs.models import Need
from yike.web.outlets.models import Outlet
from yike.web.projects.models import Project
from yike.web.spaces.models import Space
from yike.web.studies.figures import TEN_FIFTEEN
from yike.web.studies.live import Live, live
from yike.web.studies.models import CircleFigure, Figure

COLUMNS = (
    "requirement", "business_type", "walker", "limit_s", "people", "people_met", "median_s", "study", "standard", "through",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One figure as it stands in the database now."""

    requirement: str
    business_type: str
    walker: str
    limit_s: float
    people: float
    people_met: float
    median_s: float | None
    study: str
    standard: str
    through: int

    @property
    def share(self) -> float | None:
        return self.people_met / self.people if self.people > 0 else None


@dataclass
class Registers:
    """A city as its registers tell it at one moment."""

    city: City
    areas: dict[str, Area] = field(default_factory=dict)  #: by code

    def __post_init__(self) -> None:
        self.areas = {each.code: each for each in Area.objects.filter(city=self.city).defer("boundary")}

    @cached_property
    def live(self) -> Live:
        return live(self.city)

    @property
    def catalogue(self) -> Catalogue:
        return self.live.catalogue

    @property
    def walker(self) -> str:
        """Who the figures of a plan are told for: the study's first walker."""
        return self.live.study.settings.walkers[0]

    @property
    def slower(self) -> str:
        """A second walker that is measured, "" for none."""
        return next(iter(self.live.study.settings.walkers[1:]), "")

    @cached_property
    def outlets(self) -> dict[str, Counter[str]]:
        """Open outlets by community and type, a type an outlet stands for counted too."""
        stock = self.live.stock(fresh=True)
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for key, code in Outlet.objects.filter(city=self.city, state="open").values_list("key", "area__code"):
            k = stock.row.get(key, -1)
            if code and k >= 0 and stock.counts[k]:
                found[code].update(stock.types[k])
        return found

    @cached_property
    def circles(self) -> list[Circle]:
        return list(Circle.objects.filter(city=self.city).prefetch_related("communities").order_by("code"))

    @cached_property
    def members(self) -> dict[int, list[str]]:
        """Codes of every circle's communities."""
        return {each.pk: sorted(area.code for area in each.communities.all()) for each in self.circles}

    @cached_property
    def circle_rows(self) -> dict[tuple[int, str], list[Row]]:
        """Figures of circles by circle and version of the boundary ("current", "original")."""
        found: dict[tuple[int, str], list[Row]] = defaultdict(list)
        for circle, version, *values in CircleFigure.objects.filter(city=self.city).values_list(
            "circle_id", "version", *COLUMNS
        ):
            found[circle, version].append(Row(*values))
        return found

    def area_rows(self, areas: Iterable[Area]) -> dict[int, list[Row]]:
        """Figures of some areas by area."""
        found: dict[int, list[Row]] = defaultdict(list)
        for area, *values in Figure.objects.filter(area__in=list(areas)).values_list("area_id", *COLUMNS):
            found[area].append(Row(*values))
        return found

    @cached_property
    def versions(self) -> dict[int, list[CircleVersion]]:
        found: dict[int, list[CircleVersion]] = defaultdict(list)
        for each in CircleVersion.objects.filter(circle__city=self.city).order_by("circle", "number"):
            found[each.circle_id].append(each)
        return found

    @cached_property
    def needs(self) -> list[Need]:
        return list(Need.objects.filter(city=self.city).select_related("area"))

    @cached_property
    def projects(self) -> list[Project]:
        found = Project.objects.filter(city=self.city).exclude(state="dropped")
        return list(found.select_related("area", "space", "site__proposal").prefetch_related("needs", "gaps__area"))

    @cached_property
    def spaces(self) -> list[Space]:
        return list(Space.objects.filter(city=self.city).exclude(state="withdrawn").select_related("area"))


def rule_share(rows: Iterable[Row], walker: str) -> float | None:
    """Return the share of people at "10 & 15" homes for a walker."""
    return next((each.share for each in rows if each.requirement == TEN_FIFTEEN and each.walker == walker), None)


def strictest(rows: Iterable[Row], walker: str) -> dict[str, Row]:
    """Return one figure per type: that of its shortest walk."""
    found: dict[str, Row] = {}
    for row in rows:
        known = found.get(row.business_type)
        if row.walker == walker and row.business_type and (known is None or row.limit_s < known.limit_s):
            found[row.business_type] = row
    return found
