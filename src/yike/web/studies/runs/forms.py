"""The form of a study: what the page offers, and the choices that were posted."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from yike.network.walkers import load_walkers
from yike.web.studies.runs.choices import limits_of
from yike.web.studies.runs.describing import limit_name, profile_names


def offered(standard: str, walkers: tuple[str, ...], posted: QueryDict | None, lang: str) -> dict[str, Any]:
    """Return what the form shows: standards, walkers with their paces, limits with the standard's values."""
    given = posted or QueryDict()
    chosen = given.getlist("walker") or list(walkers)
    asked = limits_of(standard)
    return {
        "name": given.get("name", ""),
        "standards": [(key, row[lang], key == (given.get("standard") or standard)) for key, row in profile_names().items()],
        "walkers": [
            {"key": key, "name": getattr(each, lang), "chosen": key in chosen, "pace": each.m_per_min,
             "given": given.get(f"pace-{key}", "")}
            for key, each in load_walkers(None).items()
        ],
        "limits": [
            {"key": key, "name": limit_name(key, lang), "value": value, "given": given.get(f"limit-{key}", "")}
            for key, value in asked.items()
        ],
        "changed_paces": bool(_typed(given, "pace-")), "changed_limits": bool(_typed(given, "limit-")),
        "register": given.get("outlets", "register") == "register", "hours": given.get("hours", "all") == "all",
    }  # fmt: skip


def choices_from(posted: QueryDict) -> dict[str, Any]:
    """Return the choices of a posted form, as they were typed: what is no number is refused later, with the rest."""
    return {
        "standard": posted.get("standard", ""),
        "walkers": posted.getlist("walker"),
        "register": posted.get("outlets", "register") == "register",
        "hours": posted.get("hours", "all") == "all",
        "limits": _typed(posted, "limit-"),
        "paces": _typed(posted, "pace-"),
    }


def _typed(posted: QueryDict, prefix: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in posted:
        text = str(posted.get(key, "")).strip()
        if key.startswith(prefix) and text:
            try:
                found[key.removeprefix(prefix)] = float(text)
            except ValueError:
                found[key.removeprefix(prefix)] = text
    return found
