"""Small charts as SVG made on the server: bars of people by minutes, and a week of hours. Attributes only, no styles."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from django.utils.safestring import SafeString, mark_safe

from yike.report.minutes import minute_classes

INK, SOFT = "#1b1b1d", "#55555b"


def colour_of(minutes: float) -> str:
    """Return the colour of the class of some minutes; those of no way for inf."""
    return next(each.colour for each in minute_classes() if minutes <= each.upto_min or each.upto_min == float("inf"))


def histogram_svg(edges: Sequence[float], people: Sequence[float], title: str, last: str) -> SafeString:
    """Draw people by minutes: one bar from edge to edge in the colour of its class, and the last for no way.

    ``people`` has one value a band and one for all beyond, as `yike.coverage.histogram` gives them.
    """
    n, high = len(people), max([*people, 1.0])
    width, height, left, base = 640, 196, 8, 150
    step = (width - 2 * left) / n
    parts = [
        f'<svg class="chart" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}" '
        f'xmlns="http://www.w3.org/2000/svg" font-size="15" fill="{INK}">'
    ]
    for k, value in enumerate(people):
        beyond = k == n - 1
        tall = 125 * value / high
        x, y = left + k * step, base - tall
        colour = colour_of(float("inf") if beyond else float(edges[k + 1]))
        style = (
            f'fill="#ffffff" stroke="{colour}" stroke-width="2" stroke-dasharray="4 2"'
            if beyond
            else f'fill="{colour}"'
        )
        name = last if beyond else f"{edges[k]:g}–{edges[k + 1]:g}"
        parts.append(
            f'<rect x="{x + 1.5:.1f}" y="{y:.1f}" width="{step - 3:.1f}" height="{tall:.1f}" {style}>'
            f"<title>{escape(name)}: {value:,.0f}</title></rect>"
        )
        if beyond or edges[k + 1] % 5 == 0:
            text = last if beyond else f"{edges[k + 1]:g}"
            anchor, at = ("end", width - left) if beyond else ("middle", x + step)
            parts.append(
                f'<text x="{at:.1f}" y="{base + (36 if beyond else 18)}" text-anchor="{anchor}">{escape(text)}</text>'
            )
    parts.append(f'<line x1="{left}" x2="{width - left}" y1="{base}" y2="{base}" stroke="{INK}"/></svg>')
    return mark_safe("".join(parts))


def week_svg(shares: Sequence[float], days: Sequence[str], title: str) -> SafeString:
    """Draw a week: seven rows of 24 hours, the darker the more people reach an open outlet; the share is each cell's title."""
    left, top, cell, tall = 46, 22, 24.5, 26
    width, height = left + 24 * cell + 4, top + 7 * tall + 4
    parts = [
        f'<svg class="chart week" viewBox="0 0 {width:g} {height}" role="img" aria-label="{escape(title)}" '
        f'xmlns="http://www.w3.org/2000/svg" font-size="12" fill="{INK}">'
    ]
    for hour in range(0, 24, 3):
        parts.append(f'<text x="{left + hour * cell:.1f}" y="15" fill="{SOFT}">{hour}</text>')
    for day in range(7):
        y = top + day * tall
        parts.append(f'<text x="0" y="{y + 17}">{escape(days[day])}</text>')
        for hour in range(24):
            share, when = shares[day * 24 + hour], f"{escape(days[day])} {hour:02d}:00"
            parts.append(
                f'<rect x="{left + hour * cell:.1f}" y="{y}" width="{cell - 2:.1f}" height="{tall - 3}" fill="#0b4f6c" '
                f'fill-opacity="{0.06 + 0.94 * share:.2f}"><title>{when}  {100 * share:.0f}%</title></rect>'
            )
    parts.append("</svg>")
    return mark_safe("".join(parts))
