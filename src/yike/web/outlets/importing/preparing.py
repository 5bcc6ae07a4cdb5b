"""An import on its way: what is given is read, what can be checked is checked; only a verb writes it down."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
from django.db.models import Count, Max
from django.utils.timezone import localdate

from yike.standards.crosswalk import Crosswalk, load_crosswalk, with_own
from yike.web.areas.models import Area, City
from yike.web.outlets.importing.checking import Checked, Terms, check
from yike.web.outlets.importing.columns import fitting, propose
from yike.web.outlets.importing.models import Import, OwnWord
from yike.web.outlets.importing.models import Mapping as Remembered
from yike.web.outlets.importing.reading import missing_columns, open_table
from yike.web.outlets.importing.store import opened
from yike.web.outlets.models import Outlet

CROSSWALKS = ("words", "amap", "own")


@dataclass(frozen=True)
class Upload:
    """A file that was written aside and could be opened, before it belongs to an import."""

    path: Path
    name: str
    digest: str
    size: int
    rows: int
    heads: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """What an import would do, and the state of the register in which that is true."""

    checked: Checked
    digest: str  #: of the actions of all rows
    mark: tuple[object, ...]  #: of the register when the check began

    @property
    def counts(self) -> dict[str, int]:
        return self.checked.counts


def read_upload(path: Path, name: str, digest: str, size: int) -> Upload:
    """Open an upload to see its heads and rows; InputError of `open_table` where it cannot be opened."""
    table = open_table(path)
    return Upload(path, name, digest, size, len(table), table.sheet.heads)


def heads_digest(heads: Sequence[str]) -> str:
    """Return the digest of a set of heads, whatever their order."""
    return hashlib.sha256("\x1f".join(sorted(heads)).encode()).hexdigest()


def remembered(city: City, heads: Sequence[str]) -> dict[str, object]:
    """Return columns, datum and crosswalk for a table with these heads: as chosen the last time, else as known."""
    last = Remembered.objects.filter(city=city, heads=heads_digest(heads)).first()
    if last is None:
        return {"columns": propose(heads), "datum": "wgs84", "crosswalk": "words"}
    return {"columns": fitting(last.columns, heads), "datum": last.datum, "crosswalk": last.crosswalk}


def crosswalk_of(city: City, name: str, words: Mapping[str, Sequence[str]] | None = None) -> Crosswalk:
    """Return a crosswalk with the city's own rows before it, and ``words`` (category → types) before those.

    ``own`` knows the city's own rows alone.
    """
    base = load_crosswalk("words" if name == "own" else name)
    if name == "own":
        base = Crosswalk("own", "words", ())
    own = dict(OwnWord.objects.filter(city=city).values_list("category", "types"))
    return with_own(base, {**own, **(words or {})})


def mark_of(city: City) -> tuple[object, ...]:
    """Return what changes whenever a city's register does."""
    told = Outlet.objects.filter(city=city).aggregate(n=Count("pk"), last=Max("pk"), changed=Max("changed_at"))
    return (told["n"], told["last"], told["changed"])


def plan_of(job: Import, words: Mapping[str, Sequence[str]] | None = None) -> Plan | None:
    """Check an import as it stands; None while a needed column is not known.

    Raises
    ------
    InputError
        ``import.file_gone`` and those of `open_table`.
    """
    mark = mark_of(job.city)
    table = open_table(opened(job), job.columns)
    if missing_columns(table):
        return None
    choices = {int(row): str(choice) for row, choice in job.choices.items()}
    walk = crosswalk_of(job.city, job.crosswalk, words)
    checked = check(table, Terms(job.city, job.area, job.datum, walk, localdate(), choices))
    return Plan(checked, _digest(checked), mark)


def _digest(checked: Checked) -> str:
    told = [(record.row, record.action, record.outlet, record.double, record.types) for record in checked.records]
    return hashlib.sha256(orjson.dumps(told)).hexdigest()


def area_choices(person_paths: Sequence[str], city: City) -> list[Area]:
    """Return the areas of a city that a person may import into, widest first."""
    found: list[Area] = []
    for path in sorted(set(person_paths)):
        area = city.areas.filter(path=path).first()
        if area and not any(wider.holds(area) for wider in found):
            found.append(area)
    return found
