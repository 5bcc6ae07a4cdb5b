"""Scenarios side by side: people by type, compliance, minutes, and money where it is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from yike.errors import YikeError
from yike.web.scenarios.models import Scenario
from yike.web.scenarios.trying import Question, try_out
from yike.web.wording import error_words


@dataclass(frozen=True)
class Compared:
    """One table: its heads are scenarios, its lines figures; ``faults`` are those of scenarios that cannot be measured."""

    effects: list[dict[str, Any] | None]
    faults: list[tuple[str, list[str]]]
    lines: list[dict[str, Any]]
    types: list[dict[str, Any]]
    source: dict[str, Any] | None


def compared(scenarios: list[Scenario], lang: str) -> Compared:
    """Measure scenarios over the register as it is now and lay them side by side."""
    effects: list[dict[str, Any] | None] = []
    faults: list[tuple[str, list[str]]] = []
    for each in scenarios:
        try:
            effects.append(try_out(Question(each.city, each.city.root, changes=each.changes, lang=lang)))
        except YikeError as error:
            effects.append(None)
            faults.append((each.name, error_words(error)))
    good = [each for each in effects if each]
    return Compared(effects, faults, _lines(effects), _types(effects, lang), good[0] if good else None)


def _lines(effects: list[dict[str, Any] | None]) -> list[dict[str, Any]]:
    told = [None if each is None else _figures(each) for each in effects]
    names = ("people_types", "people_gaining", "minutes_saved", "compliance")
    lines = [_line(name, [None if each is None else each[name] for each in told]) for name in names]
    money = [None if each is None else each["total"]["yuan"] for each in effects]
    return [*lines, _line("yuan", money, best=False)] if any(each is not None for each in money) else lines


def _figures(effect: dict[str, Any]) -> dict[str, float]:
    """Return the figures of one scenario; compliance in percentage points."""
    total, rule = effect["total"], effect["ten_fifteen"]
    return {
        "people_types": total["people_types_gained"] - total["people_types_lost"],
        "people_gaining": total["people_gaining"],
        "minutes_saved": total["minutes_saved"],
        "compliance": 100 * (rule["after"] - rule["before"]) / max(rule["people"], 1),
    }


def _line(name: str, values: list[float | None], best: bool = True) -> dict[str, Any]:
    known = [each for each in values if each is not None]
    most = max(known, default=0.0)
    marked = best and len(known) > 1 and most > 0
    return {"name": name, "cells": [{"value": each, "best": marked and each == most} for each in values]}


def _types(effects: list[dict[str, Any] | None], lang: str) -> list[dict[str, Any]]:
    """Return one line for every type that some scenario changes: people newly in time, less those no longer."""
    names: dict[str, str] = {}
    for effect in effects:
        for each in (effect or {}).get("types", ()):
            names.setdefault(each["code"], each[lang])
    lines = []
    for code, name in names.items():
        values: list[float | None] = []
        for effect in effects:
            found = [each for each in (effect or {}).get("types", ()) if each["code"] == code]
            values.append(None if effect is None else sum(each["gained"] - each["lost"] for each in found))
        if any(values):
            lines.append({**_line(code, values), "title": name})
    return sorted(lines, key=lambda line: -max(abs(cell["value"] or 0) for cell in line["cells"]))
