"""Numbers and digests of the desk's lists, in both languages alike."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.filter
def grouped(value: Any) -> str:
    """Return a number without decimals, thousands set apart; "—" for none.

    Examples
    --------
    >>> grouped(360001.5), grouped(None)
    ('360,002', '—')
    """
    return "—" if value in (None, "") else f"{float(value):,.0f}"


@register.filter
def short(digest: str) -> str:
    """Return the first twelve signs of a digest, as pages name a study."""
    return str(digest)[:12]
