"""The quarter dial (刻盘): a quarter of a clock face with one spoke for each business type, as SVG.

One function draws it for the page, the shared picture, and documents. Lengths are walking minutes; rings stand at 5,
10 and 15; basic types come first from twelve o'clock on. A spoke past its limit is hatched and named, a missing one
ends in an open dot. SVG attributes only, so that the strictest content policy shows it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from yike.report.minutes import MinuteClass, minute_classes
from yike.words import say

RINGS = (5.0, 10.0, 15.0)
FACE = 17.5  #: minutes at the rim of the face; what is longer or missing is drawn to LONG
LONG = 16.8
INK, SOFT, RING = "#1b1b1d", "#55555b", "#bdbdc2"
FONT = "Noto Sans SC, Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif"


@dataclass(frozen=True)
class Spoke:
    """One business type: its name, its class (basic or quality), minutes (None: no way), and the minutes asked of it."""

    code: str
    name: str
    category: str
    minutes: float | None
    limit_min: float

    @property
    def met(self) -> bool:
        return self.minutes is not None and self.minutes <= self.limit_min


@dataclass(frozen=True)
class Size:
    """How large a dial is drawn: radius of the face, width of all, letters; ``names``: none, those lacking, or all."""

    radius: float
    width: float
    letter: float
    names: str

    @property
    def height(self) -> float:
        return self.radius + 2.6 * self.letter + 8

    @property
    def foot(self) -> float:
        """Height of the face's lower edge."""
        return self.height - (1.7 * self.letter + 4)

    @property
    def top(self) -> float:
        """Height of the middle of the uppermost name."""
        return 0.8 * self.letter

    @property
    def rows(self) -> int:
        """Names that find room beside the face."""
        return int((self.foot - self.top) / (self.letter * 1.28)) + 1


ICON = Size(radius=106, width=116, letter=0, names="none")
PAGE = Size(radius=204, width=340, letter=12, names="lacking")
LARGE = Size(radius=178, width=340, letter=18, names="lacking")  #: 适老版
SHEET = Size(radius=600, width=860, letter=13, names="all")


def draw_dial(spokes: Sequence[Spoke], told: str, lang: str = "zh", size: Size = PAGE, id_: str = "dial") -> str:
    """Return the dial as an SVG element.

    Parameters
    ----------
    spokes
        In the catalogue's order; basic types are put first.
    told
        The sentence that says the same in words: the picture's text alternative.
    id_
        Start of the ids inside, when several dials stand on one page.
    """
    order = sorted(spokes, key=lambda spoke: spoke.category != "basic")
    place = _Face(size)
    angles = _angles(order)
    wide = 0.82 * min((a - b for a, b in pairwise(angles)), default=math.pi / 12)
    drawn = sorted(zip(order, angles, strict=True), key=lambda each: -(each[0].minutes or 99))  # short ones on top
    parts = [
        place.rings(lang),
        *(place.spoke(spoke, angle, wide) for spoke, angle in drawn),
        place.names(order, angles, lang),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="dial" viewBox="0 0 {size.width:g} {size.height:g}" role="img" '
        f'aria-labelledby="{id_}-told" font-family="{FONT}"><title id="{id_}-told">{escape(told)}</title>'
        + "".join(parts)
        + "</svg>"
    )


def _angles(order: Sequence[Spoke]) -> list[float]:
    """Return angles from twelve o'clock (90°) to three (0°), with a gap between basic and quality types."""
    breaks = sum(a.category != b.category for a, b in pairwise(order))
    step = math.pi / 2 / max(1.0, len(order) + 1.5 * breaks)
    found, at = [], math.pi / 2 - step / 2
    for k, spoke in enumerate(order):
        if k and order[k - 1].category != spoke.category:
            at -= 1.5 * step
        found.append(at)
        at -= step
    return found


def class_of_minutes(minutes: float | None) -> MinuteClass:
    """Return the step of the scale of minutes."""
    classes = minute_classes()
    return classes[-1] if minutes is None else next(each for each in classes if minutes <= each.upto_min)


class _Face:
    """Where things stand on a face of one size."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.left, self.foot = 8.0, size.foot

    def at(self, angle: float, minutes: float) -> tuple[float, float]:
        r = min(minutes, FACE) / FACE * self.size.radius
        return self.left + r * math.cos(angle), self.foot - r * math.sin(angle)

    def rings(self, lang: str) -> str:
        (x0, y0), (x1, _), letter = self.at(math.pi / 2, FACE), self.at(0, FACE), self.size.letter
        parts = [
            f'<path d="M{x0:.1f} {y0:.1f}V{self.foot:.1f}H{x1:.1f}" fill="none" stroke="{INK}" stroke-width="1.2"/>'
        ]
        for ring in RINGS:
            (ax, ay), (bx, by), r = self.at(math.pi / 2, ring), self.at(0, ring), ring / FACE * self.size.radius
            parts.append(
                f'<path d="M{ax:.1f} {ay:.1f}A{r:.1f} {r:.1f} 0 0 1 {bx:.1f} {by:.1f}" '
                f'fill="none" stroke="{RING}" stroke-width="1"/>'
            )
            if letter:
                unit = say("walk.minutes", lang, n=f"{ring:g}") if ring == RINGS[-1] else f"{ring:g}"
                parts.append(_text(bx, by + 1.25 * letter, unit, letter, SOFT, "middle"))
        return "".join(parts)

    def spoke(self, spoke: Spoke, angle: float, wide: float) -> str:
        """One spoke as a slice ``wide`` radians across, so that neighbours never cover each other.

        What lies past the limit is hatched; a missing one is a hairline up to its limit and ends in an open dot.
        """
        minutes = LONG if spoke.minutes is None else max(0.8, min(spoke.minutes, LONG))
        title = f"<title>{escape(spoke.name)} {'—' if spoke.minutes is None else format(spoke.minutes, '.1f')}</title>"
        if spoke.met:
            return self._slice(angle, wide, minutes, class_of_minutes(spoke.minutes).colour, title)
        beyond, thick = (
            minute_classes()[-1].colour,
            max(1.6, min(wide * self.size.radius * 0.55, self.size.radius * 0.014)),
        )
        begun = min(spoke.limit_min, minutes - 0.6)
        (ox, oy), (x0, y0), (x, y) = self.at(angle, 0), self.at(angle, begun), self.at(angle, minutes)
        if spoke.minutes is None:
            inner = (
                f'<line x1="{ox:.1f}" y1="{oy:.1f}" x2="{x0:.1f}" y2="{y0:.1f}" stroke="{beyond}" '
                'stroke-width="0.7" stroke-opacity="0.45"/>'
            )
        else:
            inner = self._slice(
                angle,
                wide,
                begun,
                class_of_minutes(spoke.minutes if spoke.minutes <= RINGS[-1] else RINGS[-1]).colour,
                "",
            )
        line = (
            f'<line x1="{x0:.1f}" y1="{y0:.1f}" x2="{x:.1f}" y2="{y:.1f}" stroke="{beyond}" stroke-width="{thick:.1f}" '
            f'stroke-dasharray="{thick:.1f} {0.8 * thick:.1f}">{title}</line>'
        )
        r = max(2.2, min(1.1 * thick, wide * self.size.radius * 0.5))
        dot = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="#fff" stroke="{beyond}" stroke-width="{0.5 * r:.1f}"/>'
        return inner + line + (dot if spoke.minutes is None else "")

    def _slice(self, angle: float, wide: float, minutes: float, colour: str, title: str) -> str:
        (ax, ay), (bx, by) = self.at(angle + wide / 2, minutes), self.at(angle - wide / 2, minutes)
        corners = f"{self.left:.1f},{self.foot:.1f} {ax:.1f},{ay:.1f} {bx:.1f},{by:.1f}"
        return f'<polygon points="{corners}" fill="{colour}">{title}</polygon>'

    def names(self, order: Sequence[Spoke], angles: Sequence[float], lang: str) -> str:
        """Names beside the face, each led to by a thin line; those lacking first when not all find room."""
        size = self.size
        if size.names == "none":
            return ""
        told = [(s, a) for s, a in zip(order, angles, strict=True) if size.names == "all" or not s.met]
        over = len(told) - size.rows + 1 if len(told) > size.rows else 0
        left_out = sorted(range(len(told)), key=lambda k: (told[k][0].met, k))[len(told) - over :]
        told = [each for k, each in enumerate(told) if k not in left_out]
        step = size.letter * 1.28
        left = self.left + size.radius + 1.1 * size.letter
        heights = _spread([self.at(a, FACE)[1] for _, a in told], step, size.top, self.foot - (step if over else 0))
        letters = int((size.width - left - 2) / (size.letter * (1.0 if lang == "zh" else 0.54)))
        parts = []
        for (spoke, angle), height in zip(told, heights, strict=True):
            (x, y), (ex, ey) = (
                self.at(angle, LONG if spoke.minutes is None else min(spoke.minutes, LONG)),
                self.at(angle, FACE),
            )
            colour = INK if spoke.met else minute_classes()[-1].colour
            parts.append(
                f'<polyline points="{x:.1f},{y:.1f} {ex:.1f},{ey:.1f} {left - 5:.1f},{height:.1f} {left - 2:.1f},{height:.1f}" '
                f'fill="none" stroke="{colour}" stroke-width="0.6" stroke-opacity="0.6"/>'
            )
            minutes = "" if size.names != "all" else f" {spoke.minutes:.0f}" if spoke.minutes is not None else " —"
            parts.append(
                _text(
                    left,
                    height + size.letter * 0.36,
                    _short(spoke.name, letters - len(minutes)) + minutes,
                    size.letter,
                    INK,
                    "start",
                    bold=not spoke.met,
                )
            )
        if over:
            parts.append(
                _text(left, self.foot + size.letter * 0.36, say("dial.more", lang, n=over), size.letter, SOFT, "start")
            )
        return "".join(parts)


def _spread(wanted: Sequence[float], step: float, top: float, foot: float) -> list[float]:
    """Return heights near those wanted, in their order, at least ``step`` apart, between top and foot.

    Examples
    --------
    >>> _spread([10, 11, 12], 5, 0, 100)
    [10, 15, 20]
    >>> _spread([90, 99, 100], 5, 0, 100)
    [90, 95, 100]
    """
    found: list[float] = []
    for height in wanted:
        found.append(max(height, top, found[-1] + step if found else top))
    for k in range(len(found) - 1, -1, -1):
        found[k] = min(found[k], foot - step * (len(found) - 1 - k))
    return found


def _short(name: str, letters: int) -> str:
    """Return a name without what stands in brackets, cut where it is still too long.

    Examples
    --------
    >>> _short("社区食堂(老年助餐)", 8), _short("Repair point (appliance, bicycle)", 14), _short("邮政快递综合服务点", 6)
    ('社区食堂', 'Repair point', '邮政快递综…')
    """
    if len(name) > letters:
        name = name.split("(")[0].split("（")[0].split(":")[0].strip()
    return name if len(name) <= letters else name[: max(1, letters - 1)] + "…"


def _text(x: float, y: float, text: str, letter: float, colour: str, anchor: str, *, bold: bool = False) -> str:
    weight = ' font-weight="700"' if bold else ""
    at = f'x="{x:.1f}" y="{y:.1f}" font-size="{letter:g}" fill="{colour}" text-anchor="{anchor}"{weight}'
    return f"<text {at}>{escape(text)}</text>"
