"""Tables of a place as CSV for a spreadsheet: every row names study, standard and the last change it includes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yike.errors import YikeError
from yike.web.seeing import merged, telling
from yike.web.seeing.asking import Choice, choice
from yike.web.seeing.failing import failing, reasons
from yike.web.seeing.part import Part
from yike.web.seeing.places import asked, of_area
from yike.web.wording import language

MOST_HOMES = 2000  #: homes of one file; each is walked from, to tell its nearest outlet
Rows = tuple[list[str], Iterable[list[Any]]]


def matrix(part: Part, chosen: Choice, lang: str) -> Rows:
    """Areas × types: the share of people in time."""
    told = telling.matrix(part, lang, "", chosen.sort)
    heads = [_("代码"), _("名称"), _("居民"), _("“10 和 15”"), *(each["name"] for each in told["columns"])]
    return heads, [
        [
            row["code"],
            row["name"],
            round(row["people"]),
            _cell(row["both"]),
            *(_cell(cell["share"]) for cell in row["cells"]),
        ]
        for row in (told["whole"], *told["rows"])
    ]


def gaps(part: Part, chosen: Choice, lang: str) -> Rows:
    """States of every type, of the place and of its parts."""
    heads = [
        _("代码"), _("名称"), _("业态"), _("状态"), _("走不到的居民"), _("按时走得到的占比"), _("网点"), _("应有"),
        _("还差"), _("判断依据"), _("条款"), _("证据等级"),
    ]  # fmt: skip
    names = {area.code: of_area(area).shown(lang) for area in part.place.parts()} | {
        part.place.code: part.place.shown(lang)
    }
    frame = part.gaps.frame.sort_values(["level", "rank"], na_position="last").to_dict("records")
    told = [telling.gap_told(part, row, lang) for row in frame]
    return heads, [
        [row["area"], names.get(row["area"], row["area"]), row["name"], row["state_told"], round(row["people_uncovered"]),
         _cell(row["share"]), row["outlets"], row["needed"], row["lacking"], row["rule"], row["clause"], row["grade"]]
        for row in told
    ]  # fmt: skip


def spread(part: Part, chosen: Choice, lang: str) -> Rows:
    """Minutes to every type: mean, median, worst tenth, Gini, of the place and of its parts."""
    heads = [
        _("代码"), _("业态"), _("居民"), _("走得到的居民"), _("平均分钟"), _("中位分钟"), _("最差十分之一从几分钟起"),
        _("最差十分之一平均分钟"), _("基尼系数"),
    ]  # fmt: skip
    columns = (
        "people", "people_reached", "mean_min", "median_min", "worst_tenth_from_min", "worst_tenth_mean_min", "gini",
    )  # fmt: skip
    rows = []
    for code in part.served.types:
        name = getattr(telling.kind_of(part.seen, code), lang)
        for row in part.spread(code).to_dict("records"):
            area = part.place.code if row["level"] == "all" else row["area"]
            rows.append([area, name, *(_cell(row[each], 3) for each in columns)])
    return heads, rows


def homes(part: Part, chosen: Choice, lang: str) -> Rows:
    """Homes that fail the chosen type, worst first, each with its reason and nearest outlet."""
    heads = [
        _("居民点"), _("经度"), _("纬度"), _("居民"), _("社区代码"), _("业态"), _("限时（分钟）"), _("最近要走（分钟）"),
        _("最近的网点"), _("网点编号"), _("原因"), _("不达标业态数"),
    ]  # fmt: skip
    words, name = reasons(), getattr(telling.kind_of(part.seen, chosen.code), lang)
    return heads, [
        [each.id, each.lon, each.lat, round(each.people, 1), each.community, name, each.limit_min,
         "" if each.minutes is None else round(each.minutes, 2), each.outlet_name, each.outlet, words[each.reason], each.failing]
        for each in failing(part, chosen.code, chosen.hour).page(0, MOST_HOMES)
    ]  # fmt: skip


def merging(part: Part, chosen: Choice, lang: str) -> Rows:
    """圈圈相融: shares of people by sub-circle, and the loop."""
    heads = [
        _("代码"), _("名称"), _("居民"), *merged.heads(part, lang), _("四个圈都齐"), _("一个都不齐"), _("走一圈，按顺序"),
        _("走一圈，顺序不限"),
    ]  # fmt: skip
    rows = merged.table(part, lang)
    return heads, [[row["code"], row["name"], round(row["people"]), *map(_cell, row["shares"])] for row in rows]


TABLES: dict[str, Callable[[Part, Choice, str], Rows]] = {
    "matrix": matrix, "gaps": gaps, "spread": spread, "homes": homes, "merging": merging,
}  # fmt: skip


@require_safe
def table(request: HttpRequest, code: str, table: str, circle: bool = False) -> HttpResponse:
    """One of the tables of a place."""
    make = TABLES.get(table)
    place = asked(request, code, circle)
    if make is None:
        raise Http404(table)
    try:
        chosen, part = choice(request, place)
    except YikeError as error:
        raise Http404(place.code) from error
    if len(part.rows) == 0:
        raise Http404(place.code)
    heads, rows = make(part, chosen, language())
    return as_csv(f"{table}-{place.code}", heads, rows, part.seen.sources)


def as_csv(name: str, heads: list[str], rows: Iterable[list[Any]], sources: dict[str, Any]) -> HttpResponse:
    """Answer with a table a spreadsheet reads; study, standard, walker and last change end every row."""
    made_up = bool(sources["made_up"])
    ends = [sources["study"], sources["standard"], sources["walker"], sources["through"]] + [_("演示数据")] * made_up
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*heads, _("测算"), _("标准"), _("步行者"), _("截至变更"), *[_("演示数据")] * made_up])
    writer.writerows([_harmless(cell) for cell in (*row, *ends)] for row in rows)
    answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    suffix = "-demonstration-data" if made_up else ""
    answer["Content-Disposition"] = f'attachment; filename="{name}{suffix}.csv"'
    return answer


def _harmless(cell: Any) -> Any:
    """Return a cell that a spreadsheet does not take for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _cell(value: float, digits: int = 4) -> float | str:
    return round(float(value), digits) if np.isfinite(value) else ""
