"""Tables of the hotline and of surveys: checked whole, told at once, what is personal taken out before anything is kept."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.db.models import ProtectedError
from django.utils.timezone import localdate

from yike.errors import Fault, InputError, Row, raise_all
from yike.web.areas.models import Area, City
from yike.web.journal.chain import Deed, write_line
from yike.web.lists import cells
from yike.web.lists.choices import coded, number, plain
from yike.web.lists.importing import Checked, Finding, Ready
from yike.web.lists.placing import new_key
from yike.web.lists.reading import Table, read_table
from yike.web.lists.rows import absent_columns, read_places
from yike.web.lists.states import step
from yike.web.needs.models import Need, NeedImport
from yike.web.needs.privacy import ROOM, is_person, without_persons
from yike.web.needs.types import type_of, words_of

NOTES = frozenset({
    "needs.type_several", "needs.type_from_text", "needs.type_none", "needs.known", "needs.text_cut", "lists.community_other",
})  # fmt: skip
TELLS = ("business_type", "people", "source", "reference", "text", "lon", "lat", "area_id", "asked_on", "state")


def check(table: Table, city: City, area: Area, source: str, words: Mapping[str, str] | None = None) -> Checked:
    """Return what a table would add to a city's needs; rows must lie in the tree of ``area``.

    Parameters
    ----------
    source
        Of every row whose own source is not told: hotline or survey.
    words
        Categories assigned on the page (category → business type, "" none of ours).

    Raises
    ------
    InputError
        ``lists.columns``.
    """
    absent_columns(table, (), placed=False)
    if not {"type", "text"} & set(table.columns):
        values = {"path": table.name, "heads": ", ".join(table.sheet.heads)}
        raise InputError(Fault("lists.columns", ((None, "type"),), values))
    found: list[Finding] = []
    places = read_places(table, city, area, found, needed=False)
    own, out = words_of(city, words), Counter[str]()
    rows = [_row(table, i, source, own, found, out) for i in range(len(table))]
    known = _known(table, city, rows, found)
    found = [Finding(each.row, each.code, each.field, without_persons(each.value)[0][:80]) for each in found]
    bad = {each.row for each in found if each.code not in NOTES}
    strange = {each.row: each.value for each in found if each.code == "needs.type_unknown"}
    only = bad - {each.row for each in found if each.code not in NOTES and each.code != "needs.type_unknown"}
    ready, waiting = [], []
    for i, row in enumerate(table.rows):
        if row in strange and row in only:
            waiting.append(Ready(row, strange[row], "", {**rows[i], **places.values(i)}))
        if row in bad or not rows[i]["business_type"]:
            continue
        same = rows[i]["reference"] in known and bool(rows[i]["reference"])
        ready.append(Ready(row, "same" if same else "add", "", {**rows[i], **places.values(i)}))
    more = {**{f"out_{kind}": n for kind, n in sorted(out.items())}, "out": sum(out.values()),
            "none": sum(each.code == "needs.type_none" for each in found)}  # fmt: skip
    ordered = tuple(sorted(found, key=lambda each: each.row))
    return Checked(tuple(ready), ordered, len(table), more, NOTES, tuple(waiting))


def sorted_again(job: NeedImport, words: Mapping[str, str]) -> Checked:
    """Return a check after categories have been given their types (category → type, "" none of ours).

    Rows that waited for one of them become ready or are left out; everything else stays as the check found it.
    """
    ready = [Ready(*each) for each in job.ready]
    waiting, found = [], job.found
    gone: dict[int, str] = {}
    for row, category, key, values in job.choices.get("waiting", []):
        if category not in words:
            waiting.append(Ready(row, category, key, values))
            continue
        gone[row] = words[category]
        if words[category]:
            ready.append(Ready(row, "add", key, {**values, "business_type": words[category]}))
    kept = [each for each in found if not (each.row in gone and each.code == "needs.type_unknown")]
    kept += [Finding(row, "needs.type_none", "type") for row, code in gone.items() if not code]
    more = {name: n for name, n in job.counts.items() if name == "none" or name.startswith("out")}
    more["none"] = more.get("none", 0) + sum(not code for code in gone.values())
    rows, findings = (sorted(ready, key=lambda each: each.row), sorted(kept, key=lambda each: each.row))
    return Checked(tuple(rows), tuple(findings), job.counts["rows"], more, NOTES, tuple(waiting))


def _row(
    table: Table, i: int, source: str, own: Mapping[str, str], found: list[Finding], out: Counter[str]
) -> dict[str, Any]:
    """Return the values of one row; what is personal in it is counted in ``out`` and gone."""
    row = table.rows[i]

    def cell(field: str) -> str:
        return table.texts(field)[i] if field in table.columns else ""

    said, personal = without_persons(cell("text"))
    out.update(personal)
    most = int(number(ROOM, "text_chars"))
    text, code = cells.text(said[:most], most)
    if code:
        found.append(Finding(row, code, "text", said[:40]))
    elif len(said) > most:
        found.append(Finding(row, "needs.text_cut", "text", str(len(said))))
    category = without_persons(cell("type"))[0]
    kind, code = type_of(category, said, own)
    if code:
        found.append(Finding(row, code, "type", category[:80] if code != "needs.type_from_text" else said[:60]))
    asked, code = cells.day(cell("asked_on")) if cell("asked_on") else (None, "")
    if not code and isinstance(asked, date) and asked > localdate():
        code = "needs.date_future"
    if code:
        found.append(Finding(row, code, "asked_on", cell("asked_on")[:40]))
    return {
        "business_type": kind or "", "text": text or "", "people": _people(cell("people"), row, found), "asked_on": asked,
        "source": _source(cell("source"), source, row, found), "reference": reference_of(cell("reference"), out),
    }  # fmt: skip


def _people(told: str, row: int, found: list[Finding]) -> float:
    if not told:
        return 1.0
    value, code = cells.positive(told)
    if code or not isinstance(value, float) or value > number(ROOM, "people_most"):
        found.append(Finding(row, "lists.number_bad", "people", told[:40]))
        return 1.0
    return value


def _source(told: str, default: str, row: int, found: list[Finding]) -> str:
    """Return the source a row tells, where it may be imported; else the one chosen for the table."""
    code = coded(ROOM, "sources").get(plain(told)) if told else default
    if code is None:
        return default  # many tables call their own channels sources: 电话, 网络
    return code if code in ("hotline", "survey") else default


def reference_of(told: str, out: Counter[str] | None = None) -> str:
    """Return a ticket's number; one that is somebody's phone or ID number becomes a digest of it."""
    clean = re.sub(r"\s+", "", told)[:120]
    if clean and is_person(clean):
        if out is not None:
            out["reference"] += 1
        return "x" + hashlib.sha256(clean.encode()).hexdigest()[:16]
    return clean


def _known(table: Table, city: City, rows: Sequence[dict[str, Any]], found: list[Finding]) -> set[str]:
    """Return references that the list has already; those that stand twice in the table are faults."""
    many = Counter(each["reference"] for each in rows if each["reference"])
    there = set(Need.objects.filter(city=city, reference__in=list(many)).values_list("reference", flat=True))
    for each, row in zip(rows, table.rows, strict=True):
        if many[each["reference"]] > 1:
            found.append(Finding(row, "needs.reference_twice", "reference", each["reference"]))
        elif each["reference"] in there:
            found.append(Finding(row, "needs.known", "reference", each["reference"]))
    return there


def unknown_categories(findings: Sequence[Finding]) -> list[tuple[str, int]]:
    """Return categories that nobody knows, with how many rows have them, most first."""
    return Counter(each.value for each in findings if each.code == "needs.type_unknown").most_common()


def tell(need: Need) -> dict[str, Any]:
    """Return the values of a need by which an undo sees that it was changed."""
    told = {name: getattr(need, name) for name in TELLS}
    return {**told, "asked_on": str(need.asked_on or ""), "answer": need.answer}


def find(key: str) -> Need | None:
    """Return the need of a key, locked."""
    return Need.objects.select_for_update().filter(key=key).first()


def remove(need: Need) -> bool:
    """Remove a need that an import added; False where a project answers it."""
    if need.projects.exists():
        return False
    try:
        need.delete()
    except ProtectedError:
        return False
    return True


def restore(need: Need, before: dict[str, Any]) -> None:
    """Needs are only added by imports: there is nothing to write back."""
    raise InputError(Fault("lists.changed_since", ((None, need.key),)))


class Ways:
    """How rows become needs of a city."""

    def __init__(self, city: City) -> None:
        self.city = city

    def write(self, row: Ready) -> Need:
        """Write a checked row as a new need."""
        values = dict(row.values)
        asked = values.pop("asked_on", None)
        need = Need(
            city=self.city, key=new_key("n"), state="", made_up=self.city.made_up,
            asked_on=date.fromisoformat(asked) if isinstance(asked, str) and asked else asked or None, **values,
        )  # fmt: skip
        step(ROOM, need, "open", "needs.import_apply")
        need.save()
        return need


def load_file(city: City, path: Path, datum: str, columns: Sequence[tuple[str, str]] | dict[str, str]) -> int:
    """Read one file of a city's folder into its needs, in the caller's transaction; return how many came in.

    Raises
    ------
    InputError
        Every fault of the file, each with all its rows.
    """
    table = read_table(path, ROOM, datum, dict(columns))
    checked = check(table, city, city.root, "survey")
    by: dict[str, list[Row]] = {}
    for each in checked.faults:
        by.setdefault(each.code, []).append((each.row, each.value or each.field))
    raise_all(InputError, [Fault(code, tuple(rows)) for code, rows in by.items()])
    ways = Ways(city)
    for row in checked.ready:
        if row.action == "add":
            ways.write(row)
    change = {"first": True, "file": path.name, "digest": table.digest, "counts": checked.counts}
    write_line("needs.import_apply", Deed(None, city.root, "areas.city", city.slug, change=change))
    return checked.counts["add"]
