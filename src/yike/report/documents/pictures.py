"""The pictures of a plan: its map sheets and its quarter dial, each drawn once as SVG for all kinds of files."""

from __future__ import annotations

from yike.report.dial import SHEET, Spoke, draw_dial
from yike.report.documents.facts import PlanFacts
from yike.report.documents.maps import Ground, Sheet, draw_map
from yike.report.documents.values import type_named
from yike.words import say


def draw_pictures(facts: PlanFacts, ground: Ground, sheet: Sheet, lang: str = "zh") -> dict[str, str]:
    """Return SVG by the names of ``known.csv``; a picture that would show nothing is not there."""
    found = {"map.basic": draw_map(ground, sheet, "basic", lang)}
    if facts.gaps and facts.gaps[0].kind.code in ground.minutes:
        found["map.gap"] = draw_map(ground, sheet, facts.gaps[0].kind.code, lang)
    if sheet.spots:
        found["map.sites"] = draw_map(ground, sheet, "sites", lang)
    spokes = [
        Spoke(each.kind.code, type_named(each, lang), each.kind.category, each.median_min, each.limit_min)
        for each in facts.types
        if each.limit_min is not None and each.seen
    ]
    if spokes:
        found["dial.types"] = draw_dial(spokes, say("documents.dial", lang), lang, SHEET, "plan")
    return found
