"""The quarter dial (刻盘) as pages show it; it is drawn by `yike.report.dial`, for page, shared picture and document alike."""

from __future__ import annotations

from yike.report.dial import (
    FACE,
    FONT,
    ICON,
    INK,
    LARGE,
    LONG,
    PAGE,
    RINGS,
    SHEET,
    SOFT,
    Size,
    Spoke,
    class_of_minutes,
    draw_dial,
)

__all__ = [
    "FACE",
    "FONT",
    "ICON",
    "INK",
    "LARGE",
    "LONG",
    "PAGE",
    "RINGS",
    "SHEET",
    "SOFT",
    "Size",
    "Spoke",
    "class_of_minutes",
    "draw_dial",
]
