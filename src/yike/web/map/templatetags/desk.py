"""The staff side's own navigation: what a person may open, in groups, from the tables ``desk.csv`` and ``desk_groups.csv``."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import Any

from django import template

from yike.web.accounts.rights import reach_of, verbs

register = template.Library()


@cache
def rows(table: str = "desk.csv") -> tuple[dict[str, str], ...]:
    """Return a table: of groups, or of pages (path, group, names, the verb whose right shows it; empty: all staff)."""
    text = resources.files("yike.web.map").joinpath(table).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@register.simple_tag(takes_context=True)
def desk_groups(context: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the groups a person may open: name, path of the first page, whether the page in hand is in it, its pages."""
    request, person = context["request"], context.get("user")
    here = max((row["path"] for row in rows() if request.path.startswith(row["path"])), key=len, default="")
    lang = "en" if getattr(request, "LANGUAGE_CODE", "") == "en" else "zh"
    open_to = [row for row in rows() if not row["verb"] or (row["verb"] in verbs() and reach_of(person, row["verb"]))]
    found = []
    for group in rows("desk_groups.csv"):
        items = [
            {"path": row["path"], "name": row[lang], "here": row["path"] == here}
            for row in open_to
            if row["group"] == group["group"]
        ]
        if items:
            inside = any(item["here"] for item in items)
            found.append({"name": group[lang], "path": items[0]["path"], "here": inside, "items": items})
    return found
