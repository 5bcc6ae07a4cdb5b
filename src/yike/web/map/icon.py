"""The icon as pixels: the quarter of a clock face with three spokes, drawn like ``icons/icon.svg``."""

from __future__ import annotations

import io
from functools import lru_cache

from PIL import Image, ImageDraw

SIZES = (192, 512)


@lru_cache(maxsize=4)
def draw_icon(size: int) -> bytes:
    """Return the icon as PNG, ``size`` pixels wide; drawn at four times the size and made smaller, for smooth edges."""
    n = 4 * size / 64 * 0.8  # a fifth of room around it, for phones that cut icons round
    off = 4 * size * 0.1
    picture = Image.new("RGB", (4 * size, 4 * size), "#ffffff")
    pen = ImageDraw.Draw(picture)

    def line(points: list[tuple[float, float]], colour: str, width: float) -> None:
        at = [(off + x * n, off + y * n) for x, y in points]
        pen.line(at, fill=colour, width=round(width * n), joint="curve")
        for x, y in (at[0], at[-1]):
            r = width * n / 2
            pen.ellipse((x - r, y - r, x + r, y + r), fill=colour)

    left, top, right, foot = off + (12 - 40) * n, off + 12 * n, off + 52 * n, off + 92 * n
    pen.arc((left - 2 * n, top - 2 * n, right + 2 * n, foot + 2 * n), -90, 0, fill="#1b1b1d", width=round(4 * n))
    line([(12, 52), (19.5, 24)], "#0b4f6c", 5)
    line([(12, 52), (33, 31)], "#3b8ab0", 5)
    for a, b in (((12, 52), (20, 49.9)), ((27, 48), (34, 46.1)), ((41, 44.3), (46, 43))):
        line([a, b], "#b93420", 5)
    line([(12, 8), (12, 52), (56, 52)], "#1b1b1d", 4)
    out = io.BytesIO()
    picture.resize((size, size), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()
