"""Bulk exports: one file per city, kind and format, kept until the records change; written aside, then swapped in."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from threading import Lock
from time import time

from django.conf import settings
from django.db.models import Count, Max, Sum

from yike import __version__
from yike.web.areas.models import Area, City
from yike.web.circles.models import Circle
from yike.web.open.formats import WRITERS
from yike.web.open.origin import origin_of
from yike.web.open.tables import kinds, rules
from yike.web.outlets.models import Function, Outlet
from yike.web.studies.models import Figure

_writing = Lock()  # one file at a time and process: two would only take each other's time


def exported(city: City, kind: str, format: str) -> Path:
    """Return the file of a city's records, written anew if they have changed since it was written.

    A file younger than ``export_fresh_min`` (``rules.csv``) is given out unasked, so that a busy register is not
    written out for every download; its own date says how it stands.

    Raises
    ------
    KeyError
        No such kind or format.
    """
    if kind not in kinds() or format not in WRITERS:
        raise KeyError(f"{kind}.{format}")
    folder = Path(settings.HOME) / "exports" / city.slug
    newest = _newest(folder, kind, format)
    if newest and time() - _age(newest) < rules()["export_fresh_min"] * 60:
        return newest
    version = version_of(city, kind)
    if newest and newest.name == _name(kind, version, format):
        return _asked_just_now(newest)
    with _writing:
        path = folder / _name(kind, version, format)
        if not path.is_file():
            write(city, kind, format, path)
        _forget_old(folder, kind, format)
        return path


def write(city: City, kind: str, format: str, path: Path) -> None:
    """Write one file aside and swap it in whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"writing-{os.getpid()}.{format}")
    try:
        WRITERS[format](origin_of(kind, city), aside)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def version_of(city: City, kind: str) -> str:
    """Return a digest that changes when a city's public records of a kind do."""
    areas = Area.objects.filter(city=city).aggregate(Count("pk"), Max("pk"), Sum("people"))
    seen: list[object] = [
        __version__,
        city.pk,
        city.added_at.isoformat(),
        city.name,
        city.made_up,
        city.digest,
        city.sources,
        kind,
    ]
    match kind:
        case "outlets":
            functions = Function.objects.filter(outlet__city=city)
            seen += Outlet.objects.filter(city=city).aggregate(Count("pk"), Max("changed_at"), Max("pk")).values()
            seen += functions.aggregate(Count("pk"), Max("pk")).values()
        case "areas":
            seen += areas.values()
        case "circles":
            circles = Circle.objects.filter(city=city)
            seen += circles.aggregate(Count("pk"), Max("pk"), Sum("people")).values()
            seen += [list(circles.order_by("pk").values_list("name", "grade", "communities"))]
        case "coverage":
            figures = Figure.objects.filter(city=city)
            seen += figures.aggregate(
                Count("pk"), Max("through"), Sum("people_met"), Max("study"), Max("standard")
            ).values()
            seen += areas.values()
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def _name(kind: str, version: str, format: str) -> str:
    return f"{kind}-{version}.{format}"


def _newest(folder: Path, kind: str, format: str) -> Path | None:
    return max(folder.glob(f"{kind}-*.{format}"), key=_age, default=None)


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # another process has just tidied it away
        return 0.0


def _asked_just_now(path: Path) -> Path:
    os.utime(path)
    return path


def _forget_old(folder: Path, kind: str, format: str) -> None:
    """Keep the newest versions; the one before may still be on its way to someone."""
    for old in sorted(folder.glob(f"{kind}-*.{format}"), key=_age)[: -rules()["export_kept"]]:
        old.unlink(missing_ok=True)
