"""What the page of an area says: the sentence, the matrix, the gaps, the penalty, as plain values for template and JSON."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from yike.coverage.distribution import spread_of
from yike.gaps.find import LACKING, MISSING, STATES
from yike.report.minutes import minute_classes
from yike.standards.catalogue import BusinessType
from yike.web.seeing.now import Seen
from yike.web.seeing.part import Part
from yike.web.seeing.places import BELOW, Place, of_area

SHORT = 0.5  #: a cell of the matrix below this share is marked as short in its ink, not by colour alone


def people_told(people: float, lang: str) -> str:
    """Return a number of people as it is said: in 万 in Chinese from ten thousand on, with commas in English.

    Examples
    --------
    >>> people_told(648383, "zh"), people_told(648383, "en"), people_told(7706, "zh")
    ('64.8 万', '648,383', '7706')
    """
    if lang == "zh":
        return f"{people / 10_000:.1f} 万" if people >= 10_000 else f"{people:.0f}"
    return f"{people:,.0f}"


def percent(share: float) -> str:
    """Return a share as it is shown; "—" where nobody lives.

    Examples
    --------
    >>> percent(0.4999), percent(0.999), percent(0.001), percent(1.0), percent(float("nan"))
    ('50%', '99.9%', '0.1%', '100%', '—')
    """
    if not np.isfinite(share):
        return "—"
    value = 100 * share
    return f"{value:.0f}%" if value in (0, 100) or 1 <= value < 99 else f"{value:.1f}%"


def kind_of(seen: Seen, code: str) -> BusinessType:
    return seen.engine.catalogue.type(code)


def states_told() -> dict[str, str]:
    return {"missing": _("缺失"), "lacking": _("不足"), "enough": _("够用"), "saturated": _("饱和")}


def sentence(part: Part, lang: str) -> str:
    """Say the place in one plain sentence."""
    seen, place = part.seen, part.place
    name = place.shown(lang)
    if len(part.rows) == 0 or part.people[0] <= 0:
        return _("%(name)s还没有居民点，没有可说的指标。") % {"name": name}
    basic = [k for k, code in enumerate(part.served.types) if kind_of(seen, code).category == "basic"]
    mean = float(np.mean(part.shares[0, basic])) if basic else float("nan")
    short = [row for row in type_gaps(part, lang) if row["category"] == "basic" and row["walked"] and row["is_gap"]]
    worst = [row for row in short if round(row["people_uncovered"]) > 0][:3]
    told = _("%(name)s有居民 %(people)s 人：基本保障类 %(n)s 类平均有 %(mean)s 的人按时走得到，“10 和 15”都达到的占 %(both)s") % {
        "name": name, "people": people_told(part.people[0], lang), "n": len(basic), "mean": percent(mean),
        "both": percent(float(part.ten_fifteen[0])),
    }  # fmt: skip
    if worst:
        names = ("、" if lang == "zh" else ", ").join(
            _("%(type)s（%(people)s 人走不到）")
            % {"type": row["name"], "people": people_told(row["people_uncovered"], lang)}
            for row in worst
        )
        told += _("；最缺%(names)s") % {"names": names}
    return told + _("。")


def basic_spread(part: Part) -> dict[str, str]:
    """Return how many basic types a resident has in time: the mean, with the worst tenth and Gini beside it."""
    basic = [k for k, code in enumerate(part.served.types) if kind_of(part.seen, code).category == "basic"]
    number = part.served.met[:, basic].sum(axis=1).astype(float)
    found = spread_of(number, part.residents.people, high_is_worse=False)
    return {
        "of": str(len(basic)), "mean": f"{found.mean:.1f}", "median": f"{found.median:.0f}",
        "worst": f"{found.worst_tenth:.1f}", "gini": f"{found.gini:.2f}",
    }  # fmt: skip


def columns(part: Part, lang: str, category: str = "") -> list[dict[str, Any]]:
    """Return the types of the matrix in the order of the standard; types that no source can tell are marked."""
    seen = part.seen
    unseen = seen.engine.unseen - set(seen.stock.serving[0])
    return [
        {"k": k, "code": code, "name": getattr(kind_of(seen, code), lang), "category": kind_of(seen, code).category,
         "limit_min": part.served.strictest(k).limit_ms / 60_000, "unseen": code in unseen}
        for k, code in enumerate(part.served.types)
        if not category or kind_of(seen, code).category == category
    ]  # fmt: skip


def matrix(part: Part, lang: str, category: str = "", sort: str = "") -> dict[str, Any]:
    """Return the matrix: rows = parts of the place, columns = types, a cell = share of residents in time.

    ``sort`` is a type, "people", "name" or "both" (10 & 15); with a "-" before it from the highest down.
    """
    heads = columns(part, lang, category)
    known = {code: g for g, code in enumerate(part.codes, start=1)}
    rows = [_row(part, 0, part.place, heads, lang)]
    rest = []
    for area in part.place.parts():
        rest.append(_row(part, known.get(area.code, -1), of_area(area), heads, lang))
    return {"columns": heads, "whole": rows[0], "rows": _sorted(rest, heads, sort)}


def _row(part: Part, g: int, place: Place, heads: list[dict[str, Any]], lang: str) -> dict[str, Any]:
    lived = g >= 0 and part.people[g] > 0
    shares = [float(part.shares[g, head["k"]]) if lived else float("nan") for head in heads]
    both = float(part.ten_fifteen[g]) if lived else float("nan")
    return {
        "code": place.code, "name": place.shown(lang), "path": place.path, "people": float(part.people[g]) if lived else 0.0,
        "people_told": people_told(float(part.people[g]) if lived else 0.0, lang), "both": both, "both_told": percent(both),
        "cells": [
            {"code": head["code"], "share": each, "told": percent(each).rstrip("%"), "step": step_of(each),
             "type": head["name"]}
            for head, each in zip(heads, shares, strict=True)
        ],
    }  # fmt: skip


def step_of(share: float) -> str:
    """Return the step of ink of a share, 0 to 4 ("" where nobody lives); the number is always written in the cell."""
    return "" if not np.isfinite(share) else str(min(int(share * 5), 4))


def _sorted(rows: list[dict[str, Any]], heads: list[dict[str, Any]], sort: str) -> list[dict[str, Any]]:
    down, key = sort.startswith("-"), sort.lstrip("-")
    at = {head["code"]: k for k, head in enumerate(heads)}
    if key == "name":
        return sorted(rows, key=lambda row: row["name"], reverse=down)
    if key not in ("people", "both") and key not in at:
        return rows

    def value(row: dict[str, Any]) -> float:
        found = float(row[key] if key in ("people", "both") else row["cells"][at[key]]["share"])
        return (-found if down else found) if np.isfinite(found) else np.inf

    return sorted(rows, key=value)


def type_gaps(part: Part, lang: str) -> list[dict[str, Any]]:
    """Return every type of the place with its state; gaps first, those of most people before others."""
    frame = part.gaps.frame
    here = frame[frame["level"] == "all"].sort_values("rank", na_position="last")
    return [gap_told(part, row, lang) for row in here.to_dict("records")]


def ranked_gaps(part: Part, lang: str, at_most: int | None = None) -> list[dict[str, Any]]:
    """Return the gaps of the parts of the place, the one that leaves most people uncovered first."""
    below = BELOW[part.place.kind]
    if not below:
        return []
    names = {area.code: of_area(area) for area in part.place.parts()}
    found = part.gaps.ranked(below, at_most)
    rows = [gap_told(part, row, lang) for row in found.to_dict("records") if row["area"] in names]
    for row in rows:
        row |= {"area_name": names[row["area"]].shown(lang), "path": names[row["area"]].path}
    return rows


def gap_told(part: Part, row: dict[str, Any], lang: str) -> dict[str, Any]:
    kind = kind_of(part.seen, row["business_type"])
    outlets = row["outlets"]
    return {
        "area": part.place.code if row["level"] == "all" else row["area"], "business_type": kind.code,
        "name": getattr(kind, lang), "category": kind.category, "walked": kind.code in part.served.types, "state": row["state"],
        "state_told": states_told()[row["state"]], "is_gap": row["state"] in (MISSING, LACKING),
        "lacking": int(row["lacking"]), "outlets": int(outlets), "needed": int(row["needed"]),
        "people_uncovered": float(row["people_uncovered"]), "people_told": people_told(float(row["people_uncovered"]), lang),
        "share": float(row["share"]), "share_told": percent(float(row["share"])), "rule": row["rule"],
        "clause": row["clause"], "grade": row["grade"],
    }  # fmt: skip


def state_counts(gaps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return how many types are in each state."""
    told = states_told()
    return [{"state": each, "told": told[each], "n": sum(row["state"] == each for row in gaps)} for each in STATES]


def penalties(parts: list[Part], lang: str) -> dict[str, Any] | None:
    """Return the penalty of walking as somebody else: share in time for the first walker minus that of each other one."""
    if len(parts) < 2:
        return None
    first, others = parts[0], parts[1:]
    names = [_walker_name(each.seen, lang) for each in parts]
    rows = [
        {"code": code, "name": getattr(kind_of(first.seen, code), lang), "first": percent(float(first.shares[0, k])),
         "others": [_points(first.shares[0, k], other.shares[0, k]) for other in others]}
        for k, code in enumerate(first.served.types)
    ]  # fmt: skip
    both = [_points(first.ten_fifteen[0], other.ten_fifteen[0]) for other in others]
    rows.sort(key=lambda row: -(row["others"][0]["points"] or 0.0))
    return {
        "first": names[0],
        "others": names[1:],
        "rows": rows,
        "both": both,
        "both_first": percent(first.ten_fifteen[0]),
    }


def _points(first: float, other: float) -> dict[str, Any]:
    gone = 100 * (float(first) - float(other))
    lived = bool(np.isfinite(gone))
    return {"share": percent(float(other)), "points": gone if lived else None, "told": f"{gone:.1f}" if lived else "—"}


def _walker_name(seen: Seen, lang: str) -> str:
    from yike.study.store import walker_name

    return walker_name(seen.engine.study, seen.who, lang)


def walkers_told(seen: Seen, lang: str) -> list[tuple[str, str]]:
    """Return the walkers whose coverage is measured, with their names."""
    from yike.study.store import walker_name

    return [(who, walker_name(seen.engine.study, who, lang)) for who in seen.watched.walkers]


def classes_told(part: Part, code: str, hour: int, lang: str) -> list[dict[str, Any]]:
    """Return people by class of minutes to a type, for the map's legend."""
    seconds = part.seen.seconds_to(code, hour)[part.rows]
    people, before, rows = part.residents.people, np.zeros(len(seconds), bool), []
    for each in minute_classes():
        within = (
            seconds <= np.float32(each.upto_min * 60) if np.isfinite(each.upto_min) else np.ones(len(seconds), bool)
        )
        n = float(people[within & ~before].sum())
        share = n / part.people[0] if part.people[0] > 0 else float("nan")
        rows.append({"id": each.id, "name": each.name(lang), "people": people_told(n, lang), "share": percent(share)})
        before = before | within
    return rows
