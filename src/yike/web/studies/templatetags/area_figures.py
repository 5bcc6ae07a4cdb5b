"""The three figures of an area that open a desk: 10 & 15, basic coverage, and how fresh the register is."""

from __future__ import annotations

from dataclasses import dataclass

from django import template
from django.utils.translation import gettext as _

from yike.errors import YikeError
from yike.web.areas.models import Area
from yike.web.outlets.confidence import verified_share
from yike.web.studies.figures import TEN_FIFTEEN
from yike.web.studies.live import live
from yike.web.studies.models import Figure

register = template.Library()


@dataclass(frozen=True)
class Shown:
    """One figure: its words, its share now, and by how many points it moved since the study was made."""

    words: str
    share: float | None
    points: float | None
    source: str

    @property
    def percent(self) -> str:
        return "—" if self.share is None else f"{100 * self.share:.1f} %"

    @property
    def moved(self) -> str:
        """The trend in words, "" where there is none to tell."""
        if self.points is None:
            return ""
        if abs(self.points) < 0.05:
            return _("与测算时持平")
        return _("较测算时 %(points)s 个百分点") % {"points": f"{self.points:+.1f}"}


@register.simple_tag
def three_figures(area: Area | None) -> list[Shown]:
    """Return the figures of an area for the first walker; none for an area without people."""
    if area is None or area.people < 5:
        return []
    rows = list(Figure.objects.filter(area=area, walker=_first_walker(area)))
    shown = [_ten_fifteen(rows), _basic(area, rows)]
    fresh = verified_share(area)
    verified = Shown(_("90 天内核实过的网点"), fresh.share, None, _("网点登记册"))
    return [*(each for each in shown if each), verified]


def _first_walker(area: Area) -> str:
    try:
        return live(area.city).walkers[0]
    except YikeError:  # a city without a study has no figures of walking; its register is still told
        return ""


def _source(row: Figure) -> str:
    return _("测算 %(digest)s · 标准 %(standard)s") % {"digest": row.study[:8], "standard": row.standard}


def _ten_fifteen(rows: list[Figure]) -> Shown | None:
    row = next((each for each in rows if each.requirement == TEN_FIFTEEN), None)
    if row is None or row.people <= 0:
        return None
    points = 100 * (row.people_met - row.people_met_first) / row.people
    return Shown(_("“10 和 15”都达到的居民"), row.people_met / row.people, points, _source(row))


def _basic(area: Area, rows: list[Figure]) -> Shown | None:
    """The mean share over basic types, each with the strictest of its requirements."""
    catalogue = live(area.city).catalogue if rows else None
    basic = {each.code for each in catalogue.types if each.category == "basic"} if catalogue else set()
    strictest: dict[str, Figure] = {}
    for row in sorted(rows, key=lambda each: -each.limit_s):
        if row.business_type in basic and row.people > 0:
            strictest[row.business_type] = row
    if not strictest:
        return None
    kept = list(strictest.values())
    now = sum(each.people_met / each.people for each in kept) / len(kept)
    first = sum(each.people_met_first / each.people for each in kept) / len(kept)
    return Shown(_("基本保障类平均覆盖"), now, 100 * (now - first), _source(kept[0]))
