"""The picture to share: title, sentence, dial, QR code, where the figures come from; marked when the data are made up."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from html import escape

from yike.web.map.dial import FONT, INK, SHEET, SOFT
from yike.web.map.qr import qr_body

WIDE, EDGE = 940.0, 40.0
ACCENT = "#b93420"


def width_of(text: str) -> float:
    """Return the width of a text in letters: a Chinese one counts 1, a Latin one 0.55.

    Examples
    --------
    >>> width_of("一刻"), width_of("ab")
    (2.0, 1.1)
    """
    return sum(1.0 if unicodedata.east_asian_width(each) in "WF" else 0.55 for each in text)


def lines_of(text: str, most: float) -> list[str]:
    """Break a text into lines of at most so many letters' width; Latin words stay whole, a stop never begins a line."""
    parts = re.findall(r"[A-Za-z0-9.,;:()'/-]+ ?|[^A-Za-z0-9][，。；、：）]?", text)
    lines, line = [], ""
    for part in parts:
        if line and width_of(line + part.rstrip()) > most:
            lines.append(line.rstrip())
            line = part.lstrip()
        else:
            line += part
    return [*lines, line.rstrip()] if line.strip() else lines


def _lines(texts: Sequence[str], x: float, y: float, size: float, colour: str, step: float, weight: int = 400) -> str:
    return "".join(
        f'<text x="{x:g}" y="{y + k * step:g}" font-size="{size:g}" fill="{colour}" font-weight="{weight}">{escape(text)}</text>'
        for k, text in enumerate(texts)
    )


def share_picture(title: str, told: str, dial: str, link: str, notes: Sequence[str], made_up: bool) -> str:
    """Return the picture as an SVG document.

    Parameters
    ----------
    dial
        The dial as an SVG element of `dial.SHEET`.
    notes
        Lines under it: who and when, and the trace of the figures.
    """
    sentence = lines_of(told, (WIDE - 2 * EDGE) / 24)
    top = 108 + 36 * len(sentence)
    scaled = (WIDE - 2 * EDGE) * SHEET.height / SHEET.width
    foot = top + scaled + 20
    path, side = qr_body(link)
    high = foot + 190
    placed = dial.replace(
        "<svg ", f'<svg x="{EDGE:g}" y="{top:g}" width="{WIDE - 2 * EDGE:g}" height="{scaled:.1f}" ', 1
    )
    beside = [line for note in (*notes, link) for line in lines_of(note, (WIDE - 2 * EDGE - 180) / 17)][:6]
    band = ""
    if made_up:
        band = f'<rect width="{WIDE:g}" height="34" fill="{INK}"/>' + (
            f'<text x="{WIDE / 2:g}" y="23" font-size="17" font-weight="700" fill="#fff" text-anchor="middle">'
            "演示数据 · Demonstration data</text>"
        )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE:g} {high:.0f}" '
        f'width="{WIDE:g}" height="{high:.0f}" font-family="{FONT}">'
        f'<rect width="100%" height="100%" fill="#fff"/>{band}'
        + _lines([title], EDGE, 84, 34, INK, 0, 800)
        + _lines(sentence, EDGE, 130, 24, INK, 36)
        + placed
        + f'<g transform="translate({EDGE:g} {foot:.1f}) scale({150 / side:.4f})" shape-rendering="crispEdges">'
        f'<path d="{path}" fill="{INK}"/></g>'
        + _lines(beside, EDGE + 170, foot + 34, 17, SOFT, 25)
        + f'<rect x="0" y="{high - 6:.0f}" width="{WIDE:g}" height="6" fill="{ACCENT}"/></svg>'
    )
