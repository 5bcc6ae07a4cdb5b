"""Marks of outlets in templates: the same shapes and letters that the map draws."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from yike.web.map.marks import INK, Mark

register = template.Library()


@register.simple_tag
def mark_picture(mark: Mark, open_now: bool = True) -> SafeString:
    """Return a mark as SVG: filled when open, outlined when closed now. The name beside it says the same in words."""
    x = "10.5" if mark.shape == "tag" else "12"
    y = "18" if mark.shape == "house" else "16.3"
    return format_html(
        '<svg class="mark" viewBox="-1 -1 26 26" aria-hidden="true">'
        '<path d="{}" fill="{}" stroke="{}" stroke-width="1.6" stroke-linejoin="round"/>'
        '<text x="{}" y="{}" text-anchor="middle" font-size="11.5" font-weight="700" fill="{}">{}</text></svg>',
        mark.path, INK if open_now else "#fff", INK, x, y, "#fff" if open_now else INK, mark.letter,
    )  # fmt: skip


@register.simple_tag
def shut_picture() -> SafeString:
    """Return the outlined circle that stands for "closed now" in the legend."""
    return format_html(
        '<svg class="mark" viewBox="-1 -1 26 26" aria-hidden="true">'
        '<circle cx="12" cy="12" r="10" fill="#fff" stroke="{}" stroke-width="1.6"/></svg>',
        INK,
    )
