"""The matchmaker both ways: what can this space become; which space fixes this gap."""

from __future__ import annotations

from typing import Any

from yike.siting.joint import what_can, which_space
from yike.web.areas.models import Area, City
from yike.web.outlets.wording import language
from yike.web.proposals.ground import ground_of
from yike.web.proposals.telling import names
from yike.web.spaces.models import Space


def matches(city: City, area: Area, space: str, kind: str) -> dict[str, Any]:
    """Return what the page shows: the spaces and types one may choose, and the answer for the one chosen.

    Raises
    ------
    StudyError
        ``study.not_run``.
    """
    lang, words = language(), names()
    free = {
        each.key: each
        for each in Space.objects.filter(city=city, area__path__startswith=area.path, state="free").select_related(
            "area"
        )
    }
    found: dict[str, Any] = {
        "spaces": list(free.values()),
        "space": free.get(space),
        "kind": kind if kind in words else "",
    }
    found["types"] = [(code, name[lang]) for code, name in words.items()]
    if not (found["space"] or found["kind"]):
        return found
    kept = ground_of(city)
    found |= {"study": kept.study, "standard": kept.standard, "through": kept.through}
    if found["space"]:
        rows = what_can(kept.ground, space)
        found["becomes"] = [{**row, "name": words[row["business_type"]][lang]} for row in rows]
    else:
        within = area.code if area.parent_id else ""
        rows = which_space(kept.ground, kind, within)
        found["fixes"] = [
            {**row, "place": free.get(row["space"])} for row in rows if row["space"] in free or not within
        ]
        found["kind_name"] = words[kind][lang]
    return found
