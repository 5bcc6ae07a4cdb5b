"""The quarter dial of a chosen point, before and after a scenario, with the same facts as a table."""

from __future__ import annotations

from typing import Any

from yike.network.graph import FAR_MS
from yike.report.dial import ICON, Spoke, draw_dial
from yike.web.scenarios.asked import Point
from yike.web.scenarios.living import Table
from yike.web.scenarios.reading import Read, spot_of
from yike.words import say


def dial_of(table: Table, read: Read, point: Point, lang: str) -> dict[str, Any]:
    """Return both dials as SVG, and every type with its minutes before and after.

    Raises
    ------
    ScenarioError
        ``scenarios.point_off``.
    """
    after = read.after.trial(read.moves).scenario
    was = read.before.scenario.from_point(spot_of(read.before, point)).tolist()
    now = after.from_point(spot_of(read.after, point)).tolist()
    number = {code: k for k, code in enumerate(after.base.supply.types)}
    engine = table.engine
    shown = [
        kind
        for kind in engine.catalogue.types
        if kind.code in number and kind.category in engine.presence and kind.code not in _unseen(table)
    ]
    rows: list[dict[str, Any]] = []
    spokes: tuple[list[Spoke], list[Spoke]] = ([], [])
    for kind in shown:
        limit, k = engine.presence[kind.category], number[kind.code]
        minutes = [each[k] / 60_000 if each[k] < FAR_MS else None for each in (was, now)]
        for side, value in zip(spokes, minutes, strict=True):
            side.append(Spoke(kind.code, kind.zh if lang == "zh" else kind.en, kind.category, value, limit))
        told = [None if each is None else round(each, 1) for each in minutes]
        names = {"code": kind.code, "zh": kind.zh, "en": kind.en, "category": kind.category}
        rows.append({**names, "limit_min": limit, "before": told[0], "after": told[1]})
    pictures = [
        draw_dial(side, _sentence(side, lang), lang, ICON, f"dial-{name}")
        for side, name in zip(spokes, ("before", "after"), strict=True)
    ]
    return {
        "lon": point[0],
        "lat": point[1],
        "before": pictures[0],
        "after": pictures[1],
        "met_before": sum(each.met for each in spokes[0]),
        "met_after": sum(each.met for each in spokes[1]),
        "of": len(rows),
        "types": rows,
    }


def _unseen(table: Table) -> frozenset[str]:
    """Types that the city's sources cannot tell: neither there nor missing."""
    return frozenset(table.engine.unseen - set(table.engine.stock().serving[0]))


def _sentence(spokes: list[Spoke], lang: str) -> str:
    """Say a dial in words: how many types are in time, of how many."""
    met = sum(each.met for each in spokes)
    return say("trying.dial", lang, met=met, of=len(spokes))
