"""Figures of studies in templates."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.filter
def share(value: Any) -> str:
    """Return a share as percent with one decimal, a dash for none."""
    return "—" if value in (None, "") else f"{100 * value:.1f}%"


@register.filter
def points(value: Any) -> str:
    """Return a difference in percentage points with its sign."""
    return "" if value in (None, "") else "±0" if abs(value) < 0.05 else f"{value:+.1f}"


@register.filter
def people(value: Any) -> str:
    """Return a number of people, whole, with thousands apart."""
    return "—" if value in (None, "") else f"{value:,.0f}"
