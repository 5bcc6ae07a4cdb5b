"""The first filling of a city's register from its own table, as `yike city add` does it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from django.db import transaction
from django.utils.timezone import localdate

from yike.errors import InputError, raise_all
from yike.standards.crosswalk import Crosswalk, load_crosswalk
from yike.web.accounts.models import Person
from yike.web.areas.models import City
from yike.web.journal.chain import Deed, write_line
from yike.web.outlets.importing.checking import Terms, read_records
from yike.web.outlets.importing.findings import Finding, faults_of
from yike.web.outlets.importing.making import Record, add_all
from yike.web.outlets.importing.reading import open_table
from yike.web.outlets.importing.register import taken


def load_outlets(
    city: City,
    path: str | Path,
    datum: str = "wgs84",
    crosswalk: Crosswalk | str | Path = "words",
    columns: Mapping[str, str] | None = None,
    by: Person | None = None,
) -> dict[str, int]:
    """Fill a city's register from a table: all rows or none, one line in the journal; no right is asked.

    Parameters
    ----------
    path
        CSV, XLSX or GeoJSON. Rows without an id get a key of their own.
    columns
        Field of the register → head of the file; None: known heads are taken.
    by
        Who does it, for the journal; None on the command line.

    Returns
    -------
    dict
        ``rows``; ``add``: written; ``skip``: of a category that is none of ours or that nobody has mapped;
        ``unplaced``: written, but in no area's outline.

    Raises
    ------
    InputError
        Those of `open_table`, ``import.column_needed``, and every fault of the rows but unknown categories.
    """
    path = Path(path)
    table = open_table(path, columns)
    walk = crosswalk if isinstance(crosswalk, Crosswalk) else load_crosswalk(crosswalk)
    today = date.max if city.made_up else localdate()  # made-up days need not have come yet
    records, found, _ = read_records(table, Terms(city, city.root, datum, walk, today), strict=False)
    unmapped = {finding.row for finding in found if finding.code == "import.type_unknown"}
    bad = [finding for finding in found if finding.weight == "fault" and finding.code != "import.type_unknown"]
    _own_keys(records, city.slug)
    there = taken(str(record.values["key"]) for record in records if "key" in record.values)
    bad += [
        Finding(each.row, "import.id_elsewhere", "id", key)
        for each in records
        if (key := each.values.get("key")) in there
    ]
    raise_all(InputError, faults_of(bad))
    kept = [record for record in records if record.action == "add" and record.row not in unmapped]
    counts = {
        "rows": len(records), "add": len(kept), "skip": len(records) - len(kept),
        "unplaced": sum(record.area is None for record in kept),
    }  # fmt: skip
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with transaction.atomic():
        add_all(kept, city, path.name)
        change = {"first": True, "file": path.name, "digest": digest, "counts": counts}
        through = "" if by else "console"
        write_line("outlets.import_apply", Deed(by, city.root, "areas.city", city.slug, change=change, through=through))
    return counts


def _own_keys(records: list[Record], slug: str) -> None:
    """Put a city's short name before ids that another city's file has used: "1" and "2" are ids everywhere."""
    there = taken(str(record.values["key"]) for record in records if "key" in record.values)
    for record in records:
        if record.values.get("key") in there:
            record.values["key"] = f"{slug}-{record.values['key']}"
