"""From what people say of opening hours to OSM opening hours as the register keeps them."""

from __future__ import annotations

from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]  # not in its stubs

from yike.hours import from_chinese
from yike.hours.chinese import is_chinese


def osm_of(text: str) -> str | None:
    """Return OSM opening hours of Chinese or OSM text; None when it is not understood.

    工作日 (working days) means that public holidays are off, which a plain ``Mo-Fr`` does not say; it is added.

    Examples
    --------
    >>> osm_of("工作日 9:00-17:30")
    'Mo-Fr 09:00-17:30; PH off'
    >>> osm_of("周一至周五 8:00-18:00"), osm_of("Mo-Sa 07:00-21:00"), osm_of("看心情")
    ('Mo-Fr 08:00-18:00', 'Mo-Sa 07:00-21:00', None)
    """
    text = text.strip()
    told = from_chinese(text) if is_chinese(text) else (from_chinese(text) or text)
    if not told:
        return None
    if "工作日" in text and "PH" not in told:
        told += "; PH off"
    try:
        OpeningHours(told)
    except ParserError:
        return None
    return told
