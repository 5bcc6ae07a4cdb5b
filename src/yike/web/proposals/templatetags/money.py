"""Money, people and shares as a page shows them: 万 and 亿 in Chinese, thousands separators in English."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

register = template.Library()
WAN = 10_000


def _english() -> bool:
    return (get_language() or "").startswith("en")


def in_wan(number: float) -> str:
    """Return a number as people say it: 26.9 万, or 269,000 in English."""
    if _english() or abs(number) < WAN:
        return f"{number:,.0f}"
    if abs(number) >= WAN * WAN:
        return f"{number / WAN / WAN:,.2f} 亿"
    return f"{number / WAN:,.1f}".removesuffix(".0") + " 万"


@register.filter
def wan(yuan: Any) -> str:
    """Return an amount of money with its unit; a dash for none."""
    return "—" if yuan in (None, "") else _("%(amount)s元") % {"amount": in_wan(float(yuan))}


@register.filter
def wan_number(yuan: Any) -> str:
    """Return an amount in 万元 as a form takes it."""
    return "" if yuan in (None, "") else f"{float(yuan) / WAN:g}"


@register.filter
def people(number: Any) -> str:
    """Return a number of people; a dash for none."""
    return "—" if number in (None, "") else in_wan(float(number))


@register.filter
def share(part: Any, whole: Any) -> str:
    """Return part of a whole in per cent."""
    return f"{100 * float(part) / float(whole):.1f} %" if whole else "—"


@register.filter
def percent(part: Any) -> str:
    """Return a share in per cent; a dash where it is not known."""
    return "—" if part in (None, "") else f"{100 * float(part):.1f} %"


@register.filter
def more(ratio: Any) -> str:
    """Return by how much a ratio is above one."""
    return "—" if ratio in (None, "") else f"{100 * (float(ratio) - 1):.1f} %"


@register.filter
def less(this: Any, other: Any) -> float:
    """Return a difference."""
    return float(this or 0) - float(other or 0)
