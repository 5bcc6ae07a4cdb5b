"""Numbers of the queue, as data: ``limits.csv``; an installation may set the lease (``YIKE_QUEUE_LEASE``)."""

from __future__ import annotations

import csv
from datetime import timedelta
from functools import cache
from importlib import resources

from django.conf import settings
from django.db.models.expressions import Combinable
from django.db.models.functions import Now


@cache
def _limits() -> dict[str, float]:
    text = resources.files("yike.web.queue").joinpath("limits.csv").read_text(encoding="utf-8")
    return {row["key"]: float(row["value"]) for row in csv.DictReader(text.splitlines())}


def limit(key: str) -> float:
    """Return one number in the unit of its row.

    Examples
    --------
    >>> limit("crashes")
    3.0
    """
    if key == "lease_seconds" and settings.QUEUE_LEASE > 0:
        return settings.QUEUE_LEASE
    return _limits()[key]


def lease_end() -> Combinable:
    """Return when a lease taken or renewed now runs out, by the database's clock: all machines go by that one."""
    return Now() + timedelta(seconds=limit("lease_seconds"))
