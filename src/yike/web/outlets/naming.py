"""What an outlet is found by: its key in addresses, its name in pinyin and initials, its cell."""

from __future__ import annotations

import secrets

import h3

from yike.web.areas.saying import syllables

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that is mistaken for another on a printed sign


def new_key() -> str:
    """Return a fresh key of eight letters and digits."""
    return "".join(secrets.choice(LETTERS) for _ in range(8))


def pinyin_of(name: str) -> tuple[str, str]:
    """Return a name's pinyin and initials, as people type them.

    Examples
    --------
    >>> pinyin_of("老李修鞋A1")
    ('laolixiuxiea1', 'llxxa1')
    """
    parts = syllables(name)
    first = [part if part in name.lower() else part[:1] for part in parts]  # what is not Chinese stays whole
    return "".join(parts)[:400], "".join(first)[:80]


def cell_of(lon: float, lat: float) -> int:
    """Return the H3 cell of resolution 9 that holds a WGS 84 point."""
    return int(h3.str_to_int(h3.latlng_to_cell(lat, lon, 9)))
