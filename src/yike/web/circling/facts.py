"""Tables about communities: facts (households, ages, income) and programmes; read whole, refused with all faults at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction

from yike.errors import Fault, InputError, Row, raise_all
from yike.study.city import CityFile
from yike.web.accounts.deeds import Deed, verb
from yike.web.areas.models import Area, City
from yike.web.circling.models import CommunityFact, Programme
from yike.web.lists.cells import text, yuan
from yike.web.lists.choices import coded, number, plain
from yike.web.lists.reading import Table, read_table, read_upload
from yike.web.lists.rows import Tree

ROOM = "yike.web.circling"
COUNTS = ("households", "people_60", "people_u14")
MONEY = ("income_yuan", "consumption_yuan")
Cell = tuple[object, str]


@dataclass(frozen=True)
class Counted:
    """What an import wrote."""

    added: int
    changed: int
    same: int


def _count(told: str) -> Cell:
    """Read a number of people or households; ``lists.number_bad``."""
    clean = told.replace(",", "").replace("，", "").strip().removesuffix("人").removesuffix("户")
    if not re.fullmatch(r"\d{1,9}(\.\d+)?", clean):
        return None, "lists.number_bad"
    return float(clean), ""


def _year(told: str) -> Cell:
    """Read a year; ``circling.year``."""
    clean = told.strip().removesuffix("年").removesuffix(".0")
    good = clean.isdigit() and number(ROOM, "year_low") <= int(clean) <= number(ROOM, "year_high")
    return (int(clean), "") if good else (None, "circling.year")


def _name(told: str) -> Cell:
    return text(told, 120) if told.strip() else (None, "circling.name_missing")


def _kind(told: str) -> Cell:
    found = coded(ROOM, "programmes").get(plain(told))
    return (found, "") if found else (None, "circling.programme_kind")


FACT_CELLS: dict[str, Callable[[str], Cell]] = {
    "year": _year,
    **dict.fromkeys(COUNTS, _count),
    **dict.fromkeys(MONEY, yuan),
    "source": lambda told: text(told, 200),
}
PROGRAMME_CELLS: dict[str, Callable[[str], Cell]] = {
    "kind": _kind, "name": _name, "year": _year, "source": lambda told: text(told, 200),
}  # fmt: skip
EMPTY_IS_FAULT = frozenset({"year", "kind", "name"})


def _read(
    table: Table, area: Area, cells: dict[str, Callable[[str], Cell]], needed: Iterable[str]
) -> list[dict[str, Any]]:
    """Return the rows as values with ``area_id``.

    Raises
    ------
    InputError
        ``lists.columns``; ``lists.number_bad``, ``lists.yuan_bad``, ``circling.year`` …, ``lists.community_unknown``,
        ``lists.community_several``, ``import.not_yours``, ``circling.row_twice``: all of the table at once.
    """
    absent = [field for field in needed if field not in table.columns]
    absent += [] if {"code", "community"} & set(table.columns) else ["code"]
    if absent:
        values = {"path": table.name, "heads": ", ".join(table.sheet.heads)}
        raise InputError(Fault("lists.columns", tuple((None, field) for field in absent), values))
    tree = Tree(area.city)
    codes, names = table.texts("code"), table.texts("community")
    columns = {field: table.texts(field) for field in cells}
    found: dict[str, list[Row]] = {}
    rows = []
    for i, row in enumerate(table.rows):
        where, code = tree.find(codes[i].strip(), names[i].strip())
        place = codes[i] or names[i]
        if code or not where:
            found.setdefault(code or "lists.community_unknown", []).append((row, place))
        elif not tree.path(where).startswith(area.path):
            found.setdefault("import.not_yours", []).append((row, place))
        told_row: dict[str, Any] = {"area_id": where}
        for field, read in cells.items():
            value, wrong = (
                read(columns[field][i]) if columns[field][i].strip() or field in EMPTY_IS_FAULT else (None, "")
            )
            told_row[field] = value
            if wrong:
                found.setdefault(wrong, []).append((row, columns[field][i][:60] or field))
        rows.append(told_row)
    _twice(rows, table.rows, found, "name" if "name" in cells else "year")
    raise_all(InputError, [Fault(code, tuple(bad), {"path": table.name}) for code, bad in sorted(found.items())])
    return rows


def _twice(rows: list[dict[str, Any]], numbers: list[int], found: dict[str, list[Row]], by: str) -> None:
    keys = [(each["area_id"], each.get("kind"), each[by]) for each in rows]
    many = Counter(keys)
    for key, row in zip(keys, numbers, strict=True):
        if key[0] and key[2] is not None and many[key] > 1:
            found.setdefault("circling.row_twice", []).append((row, str(key[2])))


def _write_facts(rows: list[dict[str, Any]], source: str, made_up: bool) -> Counted:
    """Write facts: one of a community and year replaces the earlier one, what the table leaves empty becomes unknown."""
    there = {(each.area_id, each.year): each for each in CommunityFact.objects.filter(
        area_id__in={row["area_id"] for row in rows})}  # fmt: skip
    added, changed, same = [], [], 0
    for row in rows:
        values = {**row, "source": row["source"] or source, "made_up": made_up}
        old = there.get((row["area_id"], row["year"]))
        if old is None:
            added.append(CommunityFact(**values))
        elif all(_equal(getattr(old, key), value) for key, value in values.items()):
            same += 1
        else:
            for key, value in values.items():
                setattr(old, key, value)
            changed.append(old)
    CommunityFact.objects.bulk_create(added, batch_size=500)
    CommunityFact.objects.bulk_update(changed, [*COUNTS, *MONEY, "source", "made_up"], batch_size=500)
    return Counted(len(added), len(changed), same)


def _equal(old: Any, new: Any) -> bool:
    return float(old) == float(new) if isinstance(old, Decimal | float) and new is not None else old == new


def _write_programmes(city: City, rows: list[dict[str, Any]], source: str, made_up: bool) -> Counted:
    there = {(each.area_id, each.kind, each.name): each for each in Programme.objects.filter(city=city)}
    added, changed, same = [], [], 0
    for row in rows:
        values = {**row, "source": row["source"] or source, "made_up": made_up}
        old = there.get((row["area_id"], row["kind"], row["name"]))
        if old is None:
            added.append(Programme(city=city, **values))
        elif (old.year, old.source, old.made_up) == (values["year"], values["source"], made_up):
            same += 1
        else:
            old.year, old.source, old.made_up = values["year"], values["source"], made_up
            changed.append(old)
    Programme.objects.bulk_create(added, batch_size=500)
    Programme.objects.bulk_update(changed, ["year", "source", "made_up"], batch_size=500)
    return Counted(len(added), len(changed), same)


# --- verbs ------------------------------------------------------------------------------------------


@verb("circling.import_facts")
def import_facts(deed: Deed, area: Area, pieces: Iterable[bytes], name: str, source: str = "") -> Counted:
    """Import a table of facts for communities of an area; raises all faults of the table at once (`_read`)."""
    _at(deed, area)
    table = read_upload(pieces, name, ROOM)
    rows = _read(table, area, FACT_CELLS, ("year",))
    found = _write_facts(rows, source.strip()[:200] or table.name, area.city.made_up)
    deed.change = {"file": table.digest[:12], "rows": len(rows), "added": found.added, "changed": found.changed}
    return found


@verb("circling.import_programmes")
def import_programmes(deed: Deed, area: Area, pieces: Iterable[bytes], name: str, source: str = "") -> Counted:
    """Import a table of programmes for communities of an area; raises all faults of the table at once (`_read`)."""
    _at(deed, area)
    table = read_upload(pieces, name, ROOM)
    rows = _read(table, area, PROGRAMME_CELLS, ("kind", "name", "year"))
    found = _write_programmes(area.city, rows, source.strip()[:200] or table.name, area.city.made_up)
    deed.change = {"file": table.digest[:12], "rows": len(rows), "added": found.added, "changed": found.changed}
    return found


@verb("circling.add_programme")
def add_programme(deed: Deed, area: Area, kind: str, name: str, year: str, source: str = "") -> Programme:
    """Note a programme that is carried out in an area.

    Raises
    ------
    InputError
        ``circling.programme_kind``, ``circling.name_missing``, ``circling.year``, ``lists.markup``, ``lists.text_long``,
        ``circling.programme_twice``: all at once.
    """
    _at(deed, area)
    cells = {"kind": _kind(kind), "name": _name(name), "year": _year(year), "source": text(source, 200)}
    told = {"kind": kind, "name": name, "year": year, "source": source}
    faults = [
        Fault(bad, ((None, told[field][:60]),) if told[field] else ()) for field, (_, bad) in cells.items() if bad
    ]
    values: dict[str, Any] = {field: value for field, (value, _) in cells.items()}
    if Programme.objects.filter(area=area, kind=values["kind"] or "", name=values["name"] or "").exists():
        faults.append(Fault("circling.programme_twice", ((None, str(values["name"])),)))
    raise_all(InputError, faults)
    made = Programme.objects.create(city=area.city, area=area, made_up=area.city.made_up, **values)
    deed.kind, deed.record = "circling.programme", str(made.pk)
    deed.change = {"kind": made.kind, "name": made.name, "year": made.year}
    return made


@verb("circling.remove_programme")
def remove_programme(deed: Deed, programme: Programme) -> None:
    """Remove a programme that was noted wrongly; the journal keeps what it was."""
    deed.kind, deed.record = "circling.programme", str(programme.pk)
    deed.change = {"kind": programme.kind, "name": programme.name, "year": programme.year, "area": programme.area.code}
    programme.delete()


def _at(deed: Deed, area: Area) -> None:
    deed.kind, deed.record = "areas.area", area.code


# --- with a city ------------------------------------------------------------------------------------


def load_with_city(sender: Any, city: City, folder: Path, given: CityFile, **more: Any) -> None:
    """Receive ``city_added``: load the tables that its city.toml names; their faults stop the city, all of a file at once."""
    root = city.root
    with transaction.atomic():
        for file in given.facts:
            table = read_table(Path(folder) / file.path, ROOM, columns=file.columns or None)
            _write_facts(_read(table, root, FACT_CELLS, ("year",)), file.path, city.made_up)
        for file in given.programmes:
            table = read_table(Path(folder) / file.path, ROOM, columns=file.columns or None)
            rows = _read(table, root, PROGRAMME_CELLS, ("kind", "name", "year"))
            _write_programmes(city, rows, file.path, city.made_up)
