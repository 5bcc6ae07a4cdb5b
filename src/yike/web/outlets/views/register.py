"""The register at the desk: the table with its filters, bulk edits, and the page of one outlet with its history."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from yike.errors import YikeError
from yike.web.accounts.models import Person
from yike.web.accounts.rights import may, need, reach_of, verbs, within_reach
from yike.web.areas.models import Area
from yike.web.journal.chain import Deed
from yike.web.outlets import actions
from yike.web.outlets.choices import business_types, label, labels, limit, type_name
from yike.web.outlets.deeds import deed_on
from yike.web.outlets.filtering import SORTS, as_query, cleaned, filtered, outlets_for
from yike.web.outlets.models import Outlet
from yike.web.outlets.views.common import (
    PermissionDenied,
    city_of,
    perform,
)
from yike.web.outlets.views.editing import STEPS
from yike.web.outlets.wording import error_words, language

PAGE = 50


@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """The table: filters in the address, saved ones, bulk edits."""
    person = need(request, "outlets.see")
    city_of(request, person)
    filters, lang = cleaned(request.GET), language()
    found = filtered(person, filters)
    shown = Paginator(found.select_related("area").prefetch_related("functions"), PAGE).get_page(
        request.GET.get("page")
    )
    areas = Area.objects.filter(within_reach(person, "outlets.see", "path")).order_by("path")
    page = {
        "filters": filters,
        "query": as_query(filters),
        "page": shown,
        "total": shown.paginator.count,
        "rows": [
            {
                "outlet": each,
                "types": "、".join(type_name(f.code, lang) for f in each.functions.all()),
                "state": label("state_names", each.state, lang),
            }
            for each in shown
        ],
        "states": [(code, label("state_names", code, lang)) for code in labels("state_names")],
        "types": [(each.code, each.zh if lang == "zh" else each.en) for each in business_types().values()],
        "areas": [(each.code, "\u3000" * (each.path.count("/") - 1) + str(each)) for each in areas[:2500]],
        "saved": person.saved_filters.all(),
        "bulk": _bulk_choices(lang),
        "sorts": _sorts(filters),
        "adds": bool(reach_of(person, "outlets.add")),
    }
    return render(request, "outlets/register.html", page)


def _sorts(filters: dict[str, Any]) -> dict[str, str]:
    """Return, per column, the query that sorts by it: again, the other way round."""
    return {
        name: as_query(filters, sort=f"-{name}" if filters["sort"] == name else name) or "sort=name" for name in SORTS
    }


def _bulk_choices(lang: str) -> list[tuple[str, str]]:
    names = [name for name in STEPS if name not in ("outlets.vouch", "outlets.withdraw_voucher")]
    chosen = [(name, verbs()[name].zh if lang == "zh" else verbs()[name].en) for name in ("outlets.verify", *names)]
    return [*chosen, ("add_type", _("增加业态")), ("remove_type", _("去掉业态"))]


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Do one verb on many outlets: those ticked, or all that the filters leave. Each is its own act; refusals are told."""
    person = need(request, "outlets.see")
    query = QueryDict(request.POST.get("query", "")[:1000])
    if request.POST.get("which") == "all":
        chosen = filtered(person, cleaned(query))
    else:
        chosen = outlets_for(person).filter(key__in=request.POST.getlist("key"))
    most = int(limit("bulk_outlets"))
    outlets = list(chosen.select_related("city", "area").distinct()[: most + 1])
    if len(outlets) > most:
        messages.error(request, _("一次最多办理 %(n)d 家，请先缩小筛选范围。") % {"n": most})
    elif outlets:
        _many(request, person, outlets)
    else:
        messages.error(request, _("没有选中网点。"))
    return redirect(f"/desk/outlets/?{query.urlencode()}")


def _many(request: HttpRequest, person: Person, outlets: list[Outlet]) -> None:
    """Do the asked verb on each outlet; tell how many were done, and the first refusals with their reasons."""
    act = _bulk_act(request.POST.get("do", ""), request.POST.get("code", ""), request.POST.get("reason", ""))
    if act is None:
        messages.error(request, _("请选择要办理的事项。"))
        return
    done, refused = 0, []
    for outlet in outlets:
        try:
            act(deed_on(person, outlet), outlet)
            done += 1
        except YikeError as error:
            refused.append(f"{outlet.name}：{error_words(error)[0]}")
        except PermissionDenied:
            refused.append(f"{outlet.name}：{_('无权办理')}")
    if done:
        messages.success(request, ngettext("已办理 %(n)d 家。", "已办理 %(n)d 家。", done) % {"n": done})
    for text in refused[:10]:
        messages.error(request, text)
    if len(refused) > 10:
        messages.error(request, _("另有 %(n)d 家未能办理。") % {"n": len(refused) - 10})


def _bulk_act(do: str, code: str, reason: str) -> Callable[[Deed, Outlet], Any] | None:
    def types(deed: Deed, outlet: Outlet) -> Any:
        held = [each.code for each in outlet.functions.all()]
        kept = [*held, code] if do == "add_type" else [each for each in held if each != code]
        return actions.set_types(deed, kept)

    if do in ("add_type", "remove_type"):
        return types
    if do == "outlets.verify":
        return lambda deed, outlet: actions.verify(deed)
    known = STEPS.get(do)
    return (lambda deed, outlet: known(deed, reason)) if known else None


class _Echo:
    def write(self, text: str) -> str:
        return text


@require_safe
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered register as CSV for a spreadsheet; made-up rows say so."""
    person = need(request, "outlets.see")
    city, lang = city_of(request, person), language()
    heads = [
        _("编号"),
        _("名称"),
        _("业态"),
        _("状态"),
        _("地址"),
        _("社区"),
        _("经度"),
        _("纬度"),
        _("营业时间"),
        _("统一社会信用代码"),
        _("核实日期"),
        _("演示数据"),
    ]
    found = filtered(person, cleaned(request.GET)).select_related("area").prefetch_related("functions")

    def rows() -> Any:
        yield heads
        for each in found.iterator(chunk_size=500):
            types = "、".join(type_name(f.code, lang) for f in each.functions.all())
            cells = [
                each.key,
                each.name,
                types,
                label("state_names", each.state, lang),
                each.address,
                str(each.area or ""),
                each.lon,
                each.lat,
                each.hours_text or each.hours,
                each.uscc,
                each.verified_at or "",
                _("演示数据") if each.made_up else "",
            ]
            yield [_harmless(cell) for cell in cells]

    writer = csv.writer(_Echo())
    body = (writer.writerow(row) for row in rows())
    named = f"outlets-{city.slug}{'-demonstration-data' if city.made_up else ''}.csv"
    answer = StreamingHttpResponse(_with_bom(body), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{named}"'
    return answer


def _with_bom(body: Any) -> Any:
    yield "\ufeff"  # so that a spreadsheet reads Chinese
    yield from body


def _harmless(cell: Any) -> Any:
    """Return a cell that a spreadsheet does not take for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


@require_POST
def save_filter(request: HttpRequest) -> HttpResponse:
    """Keep the filters in hand under a name."""
    person = need(request, "outlets.see")
    query = as_query(cleaned(QueryDict(request.POST.get("query", "")[:1000])))
    grant = next(g for g in person.grants.select_related("area") if may(person, "outlets.save_filter", g.area))
    deed = Deed(person, grant.area, "outlets.filter", request.POST.get("name", "")[:60])
    perform(request, lambda: actions.save_filter(deed, request.POST.get("name", ""), query), _("已保存筛选条件。"))
    return redirect(f"/desk/outlets/?{query}")


@require_POST
def remove_filter(request: HttpRequest, pk: int) -> HttpResponse:
    """Let go of a saved filter."""
    person = need(request, "outlets.see")
    grant = next(g for g in person.grants.select_related("area") if may(person, "outlets.remove_filter", g.area))
    deed = Deed(person, grant.area, "outlets.filter", str(pk))
    perform(request, lambda: actions.remove_filter(deed, pk), _("已删除筛选条件。"))
    return redirect("/desk/outlets/")
