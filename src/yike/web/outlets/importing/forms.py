"""What people give the wizard, taken apart and checked."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import QueryDict

from yike.ingest.datum import DATUMS
from yike.standards.packs import load_types
from yike.web.outlets.importing.columns import fields, fitting
from yike.web.outlets.importing.models import Import
from yike.web.outlets.importing.preparing import CROSSWALKS

NONE_OF_OURS = "-"
CHOICES = ("skip", "update", "add")


def put_columns(job: Import, given: QueryDict) -> None:
    """Take over which head holds which field, the datum and the crosswalk; what is not known stays as it was."""
    columns = {name: given.get(f"column-{name}", "") for name in fields()}
    job.columns = fitting({name: head for name, head in columns.items() if head}, job.heads)
    if given.get("datum") in DATUMS:
        job.datum = str(given["datum"])
    if given.get("crosswalk") in CROSSWALKS:
        job.crosswalk = str(given["crosswalk"])


def put_choices(job: Import, given: QueryDict) -> None:
    """Take over what was chosen for rows that may be doubles, and whether faulty rows are left out."""
    chosen = {name.removeprefix("row-"): value for name, value in given.items() if name.startswith("row-")}
    job.choices |= {row: value for row, value in chosen.items() if row.isdecimal() and value in CHOICES}
    job.leave_out = given.get("leave_out") == "on"


def words_of(given: QueryDict, unmapped: Mapping[str, int]) -> dict[str, list[str]]:
    """Return the categories assigned on the spot: category → business types, none of ours as an empty list."""
    known = {each.code for each in load_types()}
    words: dict[str, list[str]] = {}
    for number, category in enumerate(unmapped):
        chosen = given.get(f"word-{number}", "")
        if given.get(f"category-{number}") != category:
            continue
        if chosen == NONE_OF_OURS or chosen in known:
            words[category] = [] if chosen == NONE_OF_OURS else [chosen]
    return words
