"""The staff side's own navigation: what a person may open, from the table ``desk.csv``."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import Any

from django import template

from yike.web.accounts.rights import reach_of, verbs

register = template.Library()


@cache
def rows() -> tuple[dict[str, str], ...]:
    """Return the table: path, name in two languages, the verb whose right shows the item (empty: every staff member)."""
    text = resources.files("yike.web.map").joinpath("desk.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@register.simple_tag(takes_context=True)
def desk_items(context: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the items a person may open: path, name in the page's language, whether it is the page in hand."""
    request, person = context["request"], context.get("user")
    here = max((row["path"] for row in rows() if request.path.startswith(row["path"])), key=len, default="")
    lang = "en" if getattr(request, "LANGUAGE_CODE", "") == "en" else "zh"
    return [
        {"path": row["path"], "name": row[lang], "here": row["path"] == here}
        for row in rows()
        if not row["verb"] or (row["verb"] in verbs() and reach_of(person, row["verb"]))
    ]
