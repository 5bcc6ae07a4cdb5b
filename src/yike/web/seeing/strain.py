"""保供 stress over the register as it is now: what is asked to close, and who loses what in an area."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from yike.errors import Fault, NetworkError, Row, StudyError
from yike.network.closing import cuts_by_line, links_named
from yike.study.stress import Closing, Strain, StressGround
from yike.web.areas.models import Area
from yike.web.seeing.now import Seen, residents_of
from yike.web.seeing.part import Part
from yike.web.seeing.places import of_area
from yike.web.seeing.telling import people_told, percent

MOST_OUTLETS, MOST_POINTS = 200, 60
WAYS = ("top", "list", "road", "line")
FINE, LACKED, LOST, CUT_OFF = 0, 1, 2, 3  #: classes of homes on the map, from best to worst


@dataclass(frozen=True)
class Asked:
    """What is to close: the most loaded outlets of a need, a list of outlets, a named road, or what a drawn line cuts."""

    way: str = ""  #: one of `WAYS`, "" for nothing
    need: str = ""  #: of the most loaded outlets; "" for all needs together
    number: int = 5
    outlets: str = ""  #: keys or names, separated by commas, spaces or lines
    road: str = ""
    line: str = ""  #: lon,lat;lon,lat;…


def ground_of(now: Seen) -> StressGround:
    """Return a walker's city, ready to be put under stress; kept until the register changes."""
    return now.keep("stress", lambda: StressGround(
        now.ground.network, now.ground.walking, now.homes, now.at, now.stock.types, now.stock.counts, now.weight,
        routes=now.ground.routes,
    ))  # fmt: skip


def closure_of(part: Part, asked: Asked) -> Closing:
    """Return what closes.

    Raises
    ------
    YikeError
        ``study.stress_outlet`` with every outlet that is not there, ``network.street_unknown``, ``network.nothing_cut``.
    """
    now = part.seen
    if asked.way == "top":
        people = np.zeros(len(now.weight))
        people[part.rows] = part.residents.people
        return Closing(outlets=ground_of(now).most_loaded(max(1, min(asked.number, MOST_OUTLETS)), asked.need, people))
    if asked.way == "list":
        return Closing(outlets=_listed(now, asked.outlets))
    if asked.way == "road":
        return Closing(links=links_named(now.ground.network, asked.road.strip()))
    if asked.way == "line":
        points = points_of(asked.line)
        return Closing(cuts=cuts_by_line(now.ground.network, [x for x, _y in points], [y for _x, y in points]))
    return Closing()


def points_of(text: str) -> list[tuple[float, float]]:
    """Return the points of a drawn line; raises ``network.nothing_cut`` for what is none.

    Examples
    --------
    >>> points_of("112.8,35.5;112.9,35.5")
    [(112.8, 35.5), (112.9, 35.5)]
    """
    try:
        pairs = [tuple(float(each) for each in pair.split(",")) for pair in text.split(";") if pair.strip()]
    except ValueError as error:
        raise NetworkError(Fault("network.nothing_cut")) from error
    fine = all(len(pair) == 2 and abs(pair[0]) <= 180 and abs(pair[1]) <= 90 for pair in pairs)
    if not fine or not 2 <= len(pairs) <= MOST_POINTS:
        raise NetworkError(Fault("network.nothing_cut"))
    return [(pair[0], pair[1]) for pair in pairs]


def _listed(now: Seen, text: str) -> tuple[int, ...]:
    """Return the rows of outlets named by key or by their whole name; a name may be that of several."""
    words = list(dict.fromkeys(word for word in re.split(r"[,，;；\s]+", text) if word))[:MOST_OUTLETS]
    by_name: dict[str, list[int]] = {}
    for row, name in enumerate(now.stock.name):
        by_name.setdefault(name, []).append(row)
    rows: list[int] = []
    unknown: list[Row] = []
    for word in words:
        found = [now.stock.row[word]] if word in now.stock.row else by_name.get(word, [])
        rows += found
        if not found:
            unknown.append((None, word))
    if unknown or not words:
        raise StudyError(Fault("study.stress_outlet", tuple(unknown)))
    return tuple(dict.fromkeys(rows))


def strain_of(part: Part, closure: Closing) -> Strain:
    """Return the city under a closure; kept until the register changes."""
    return part.seen.keep(("strain", closure), lambda: ground_of(part.seen).close(closure))


def classes(part: Part, strain: Strain) -> NDArray[np.int64]:
    """Return the class of every home of a place: fine, lacked something before, loses something, cannot leave its door."""
    found = np.where(strain.lacked.any(axis=1), LACKED, FINE)
    found = np.where(strain.any, LOST, found)
    return np.asarray(np.where(strain.cut_off & strain.any, CUT_OFF, found)[part.rows])


def class_names() -> list[tuple[str, str]]:
    return [("near", _("不受影响")), ("1", _("原来就缺")), ("lost", _("因此失去")), ("cut", _("家门口的路被封"))]


def told(part: Part, strain: Strain, lang: str) -> dict[str, Any]:
    """Return the sentence's numbers and the table of the place's parts, those who lose most first."""
    needs, weight = ground_of(part.seen).needs, part.residents.people
    lost, cut = strain.lost[part.rows], (strain.cut_off & strain.any)[part.rows]
    any_lost = lost.any(axis=1)
    sums = part.groups.sum(np.column_stack([weight, weight[:, None] * lost, weight * any_lost, weight * cut]))
    names = {area.code: of_area(area) for area in part.place.parts()}
    rows: list[dict[str, Any]] = []
    for g, code in enumerate(part.groups.area):
        own = part.place if g == 0 else names.get(code)
        if own is not None:
            rows.append({
                "code": own.code, "name": own.shown(lang), "people": float(sums[g, 0]), "whole": g == 0,
                "lost": {need.id: float(sums[g, 1 + k]) for k, need in enumerate(needs)},
                "lost_any": float(sums[g, 1 + len(needs)]), "cut_off": float(sums[g, 2 + len(needs)]),
                "share": percent(float(sums[g, 1 + len(needs)] / sums[g, 0])) if sums[g, 0] else "—",
            })  # fmt: skip
    hit = [row for row in rows[1:] if row["lost_any"] > 0]
    hit.sort(key=lambda row: -row["lost_any"])
    return {"whole": rows[0], "rows": hit, "needs": [(need.id, getattr(need, lang)) for need in needs]}


def by_community(part: Part, strain: Strain, lang: str) -> list[dict[str, Any]]:
    """Return the communities of a place that lose something, those who lose most first."""
    lost, weight = strain.lost[part.rows], part.residents.people
    codes, of = np.unique(residents_of(part.seen)["community"].to_numpy(str)[part.rows], return_inverse=True)
    needs = ground_of(part.seen).needs
    cut = (strain.cut_off & strain.any)[part.rows]
    columns = [weight, weight * cut, *(weight * lost[:, k] for k in range(len(needs))), weight * lost.any(axis=1)]
    sums = np.stack([np.bincount(of, weights=each, minlength=len(codes)) for each in columns], axis=1)
    hit = np.flatnonzero(sums[:, -1] > 0)
    hit = hit[np.lexsort((codes[hit], -sums[hit, -1]))]
    names = {each.code: of_area(each).shown(lang) for each in Area.objects.filter(code__in=codes[hit].tolist())}
    return [
        {
            "code": str(codes[k]), "name": names.get(str(codes[k]), str(codes[k])), "people": float(sums[k, 0]),
            "cut_off": float(sums[k, 1]), "lost": {need.id: float(sums[k, 2 + i]) for i, need in enumerate(needs)},
            "lost_any": float(sums[k, -1]),
            "share": percent(float(sums[k, -1] / sums[k, 0])),
        }
        for k in hit.tolist()
    ]  # fmt: skip


def sentence(part: Part, closure: Closing, asked: Asked, result: dict[str, Any], lang: str) -> str:
    """Say in one sentence what closes and who loses what."""
    lost = ("，" if lang == "zh" else ", ").join(
        _("%(people)s 人失去 %(n)s 分钟内的%(need)s")
        % {
            "people": people_told(result["whole"]["lost"][need.id], lang),
            "need": getattr(need, lang),
            "n": f"{need.limit_ms / 60_000:g}",
        }
        for need in ground_of(part.seen).needs
    )
    if closure.outlets:
        what = _("关闭 %(n)d 家网点") % {"n": len(closure.outlets)}
    elif closure.links:
        what = _("封闭%(road)s") % {"road": asked.road.strip()}
    else:
        what = _("截断 %(n)d 处道路") % {"n": len(closure.cuts)}
    text = _("%(what)s，%(name)s有 %(lost)s。") % {"what": what, "name": part.place.shown(lang), "lost": lost}
    if result["whole"]["cut_off"] > 0:
        text += _("其中 %(people)s 人的家门口就在被封的路上。") % {
            "people": people_told(result["whole"]["cut_off"], lang)
        }
    return text


def closed_outlets(part: Part, closure: Closing) -> list[dict[str, Any]]:
    """Return the outlets that close, for list and map."""
    stock = part.seen.stock
    return [
        {"key": stock.key[k], "name": stock.name[k], "lon": float(stock.lon[k]), "lat": float(stock.lat[k])}
        for k in closure.outlets
    ]


def worst_singles(part: Part, number: int, lang: str) -> list[dict[str, Any]]:
    """Return the outlets whose closure alone costs the people of a place most."""
    now = part.seen
    people = np.zeros(len(now.weight))
    people[part.rows] = part.residents.people
    found = ground_of(now).singles(people)
    return [
        {"key": now.stock.key[k], "name": now.stock.name[k], "lost": people_told(float(lost), lang), "people": float(lost),
         "load": people_told(float(load.sum()), lang)}
        for k, lost, load in zip(found.outlet[:number].tolist(), found.lost[:number], found.load[:number], strict=True)
        if lost > 0 or load.sum() > 0
    ]  # fmt: skip


def road_names(part: Part, most: int = 400) -> list[str]:
    """Return names of the streets at which a place's people live, those of most homes first."""
    network, link = part.seen.ground.network, part.seen.homes.link[part.rows]
    names, many = np.unique(network.way_name[network.way[link[link >= 0]]].astype(str), return_counts=True)
    order = np.argsort(-many, kind="stable")
    return [str(names[k]) for k in order if names[k]][:most]
