"""Tables of idle spaces: checked whole against the register, everything told at once; a city's own files, too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db.models import ProtectedError

from yike.errors import Fault, InputError, Row, raise_all
from yike.web.areas.models import Area, City
from yike.web.journal.chain import Deed, write_line
from yike.web.lists.choices import labels
from yike.web.lists.importing import Checked, Finding, Ready
from yike.web.lists.reading import Table, read_table
from yike.web.lists.rows import Places, absent_columns, read_places
from yike.web.lists.states import step
from yike.web.spaces.fields import KEY, ROOM, TOLD, clean
from yike.web.spaces.models import Space

NEEDED = ("name", "kind", "area_m2")
FIELDS = (*TOLD, "state")
NOTES = frozenset({"lists.community_other"})


def land_use_of(kind: str) -> str:
    """Return whether a kind of space needs a change of land use, where nobody has said."""
    return labels(ROOM, "kinds")[kind]["land_use"]


def check(table: Table, city: City, area: Area) -> Checked:
    """Return what a table would do to a city's register; rows must lie in the tree of ``area``.

    Raises
    ------
    InputError
        ``lists.columns``: columns that every space needs are not there.
    """
    absent_columns(table, NEEDED, placed=True)
    found: list[Finding] = []
    places = read_places(table, city, area, found)
    values = [_values(table, i, row, found) for i, row in enumerate(table.rows)]
    keys = _keys(table, city, found)
    bad = {each.row for each in found if each.code not in NOTES}
    there = {each.key: each for each in Space.objects.filter(city=city, key__in=[key for key in keys if key])}
    ready = []
    for i, row in enumerate(table.rows):
        if row in bad:
            continue
        told = {**values[i], **places.values(i)}
        known = there.get(keys[i])
        if known is not None and not _within(known, area):
            found.append(Finding(row, "lists.key_elsewhere", "key", keys[i]))
            continue
        action = "add" if known is None else "same" if _same(known, told) else "update"
        if known is not None and told.get("state", known.state) != known.state and not _follows(known, told["state"]):
            found.append(Finding(row, "spaces.state_step", "state", told["state"]))
            continue
        ready.append(Ready(row, action, keys[i], told))
    return Checked(tuple(ready), tuple(sorted(found, key=lambda each: each.row)), len(table), notes=NOTES)


def _within(space: Space, area: Area) -> bool:
    return area.holds(space.area or space.city.root)


def _follows(space: Space, state: str) -> bool:
    from yike.web.lists.states import ways

    return (space.state, state, "spaces.import_apply") in ways(ROOM)


def _values(table: Table, i: int, row: int, found: list[Finding]) -> dict[str, Any]:
    """Return the values of a row's cells that are not empty; what cannot be read is told."""
    values: dict[str, Any] = {}
    for field in FIELDS:
        told = table.texts(field)[i] if field in table.columns else ""
        if told:
            value, code = clean(field, told)
            if code:
                found.append(Finding(row, code, field, told[:80]))
            else:
                values[field] = value
        elif field in NEEDED:
            found.append(Finding(row, "lists.cell_empty", field))
    return values


def _keys(table: Table, city: City, found: list[Finding]) -> list[str]:
    """Return the key of every row, "" for one that is to be drawn; a key of another city's space gets the city's name."""
    told = table.texts("key")
    many = Counter(key for key in told if key)
    for key, row in zip(told, table.rows, strict=True):
        if key and not KEY.fullmatch(key):
            found.append(Finding(row, "import.id_bad", "key", key[:80]))
        elif key and many[key] > 1:
            found.append(Finding(row, "import.id_twice", "key", key))
    foreign = set(Space.objects.filter(key__in=many).exclude(city=city).values_list("key", flat=True))
    return [f"{city.slug}-{key}"[:60] if key in foreign else key for key in told]


def _same(space: Space, told: dict[str, Any]) -> bool:
    now = tell(space)
    now["lon"], now["lat"] = round(space.lon, 6), round(space.lat, 6)  # as a table tells them
    return all(now[name] == _plain(value) for name, value in told.items())


def _plain(value: Any) -> Any:
    """Return a value as it reads after it has been kept as JSON."""
    if isinstance(value, (Decimal, date)):
        return str(value)
    return value


TELLS = (*TOLD, "lon", "lat", "area_id", "state")


def tell(space: Space) -> dict[str, Any]:
    """Return the values of a space that an import may change."""
    told = {name: _plain(getattr(space, name)) for name in TELLS}
    for name in ("rent_yuan", "conversion_yuan"):
        if told[name] is not None:
            told[name] = str(Decimal(told[name]).quantize(Decimal("0.01")))
    return told


def restore(space: Space, before: dict[str, Any]) -> None:
    """Write the values of before an import."""
    _put(space, before)
    space.save()


def remove(space: Space) -> bool:
    """Remove a space that an import added; False where a proposal or a project refers to it."""
    try:
        space.delete()
    except ProtectedError:
        return False
    return True


def _put(space: Space, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if name in ("rent_yuan", "conversion_yuan"):
            value = None if value is None else Decimal(str(value))
        elif name == "free_from":
            value = date.fromisoformat(value) if isinstance(value, str) and value else value or None
        setattr(space, name, value)


class Ways:
    """How rows become spaces of a city."""

    def __init__(self, city: City) -> None:
        self.city = city

    def find(self, key: str) -> Space | None:
        """Return the space of a key, locked."""
        return Space.objects.select_for_update().filter(city=self.city, key=key).first()

    def write(self, row: Ready) -> Space:
        """Write a checked row: a new space, or the filled cells over the one there."""
        space = self.find(row.key) if row.action == "update" else self._new(row)
        if space is None:
            raise InputError(Fault("lists.changed_since", ((row.row, row.key),)))
        state = row.values.get("state", space.state or "free")
        if state != space.state:
            step(ROOM, space, state, "spaces.import_apply")
        _put(space, {name: value for name, value in row.values.items() if name != "state"})
        space.save()
        return space

    def _new(self, row: Ready) -> Space:
        from yike.web.lists.placing import new_key

        space = Space(city=self.city, key=row.key or new_key("k"), state="", made_up=self.city.made_up)
        space.land_use = land_use_of(row.values["kind"])
        return space


def load_file(city: City, path: Path, datum: str, columns: Sequence[tuple[str, str]] | dict[str, str]) -> int:
    """Read one file of a city's folder into its register, in the caller's transaction; return how many came in.

    Raises
    ------
    InputError
        Every fault of the file, each with all its rows.
    """
    table = read_table(path, ROOM, datum, dict(columns))
    checked = check(table, city, city.root)
    raise_all(InputError, as_faults(checked))
    ways = Ways(city)
    for row in checked.ready:
        if row.action != "same":
            ways.write(row)
    change = {"first": True, "file": path.name, "digest": table.digest, "counts": checked.counts}
    write_line("spaces.import_apply", Deed(None, city.root, "areas.city", city.slug, change=change))
    return len(checked.ready)


def as_faults(checked: Checked) -> list[Fault]:
    """Return the faults of a check, one a code with all its rows."""
    by: dict[str, list[Row]] = {}
    for each in checked.faults:
        by.setdefault(each.code, []).append((each.row, each.value or each.field))
    return [Fault(code, tuple(rows)) for code, rows in by.items()]


__all__ = ["Places", "Ways", "as_faults", "check", "land_use_of", "load_file", "remove", "restore", "tell"]
