"""What people do with their own logins, as the journal names it (``events.csv``)."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources


@cache
def events() -> dict[str, tuple[str, str]]:
    """Return names in Chinese and English by event."""
    text = resources.files("yike.web.accounts").joinpath("events.csv").read_text(encoding="utf-8")
    return {row["event"]: (row["zh"], row["en"]) for row in csv.DictReader(text.splitlines())}
