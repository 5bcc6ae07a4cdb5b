"""What may stand in the fields of a space: the same for a form, an import and a city's own file; all faults at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from yike.errors import Fault, raise_all
from yike.siting.joint.costs import load_uses
from yike.web.lists import cells
from yike.web.lists.choices import coded, labels, number, plain, type_words
from yike.web.lists.states import ListError
from yike.web.spaces.models import Space

ROOM = "yike.web.spaces"
TOLD = ("name", "kind", "address", "area_m2", "owner", "uses", "land_use", "rent_yuan", "conversion_yuan", "condition",
        "free_from", "source")  #: fields a form or a table gives  # fmt: skip
EDITED = tuple(name for name in TOLD if name != "land_use")  #: the land use has a verb of its own
LONGEST = {"address": 200, "owner": 80, "condition": 80, "source": 200}
KEY = re.compile(r"[A-Za-z0-9_.-]{1,60}")
PHONE = re.compile(r"1[3-9]\d{9}|\d{3,4}-\d{7,8}")


def clean(field: str, told: str) -> cells.Read:
    """Return the value of one cell that is not empty, and the code of the fault where it is none."""
    return _readers()[field](told)


def _readers() -> dict[str, Callable[[str], cells.Read]]:
    return {
        "name": lambda told: cells.text(told, int(number(ROOM, "name_chars"))),
        "kind": lambda told: _coded("kinds", told, "spaces.kind_unknown"),
        "land_use": lambda told: _coded("land_use", told, "spaces.land_use_unknown"),
        "state": lambda told: _coded("state_names", told, "spaces.state_unknown"),
        "area_m2": _area,
        "uses": _uses,
        "rent_yuan": cells.yuan,
        "conversion_yuan": cells.yuan,
        "free_from": cells.day,
        "owner": _owner,
        "address": lambda told: cells.text(told, LONGEST["address"]),
        "condition": lambda told: cells.text(told, LONGEST["condition"]),
        "source": lambda told: cells.text(told, LONGEST["source"]),
    }


def _coded(table: str, told: str, code: str) -> cells.Read:
    found = coded(ROOM, table).get(plain(told))
    return (None, code) if found is None else (found, "")


def _area(told: str) -> cells.Read:
    value, code = cells.positive(told)
    if code or not isinstance(value, float):
        return None, code
    inside = number(ROOM, "smallest_m2") <= value <= number(ROOM, "largest_m2")
    return (value, "") if inside else (None, "spaces.area_bad")


def _uses(told: str) -> cells.Read:
    """Read business types parted by signs; a name with a comma of its own is not parted."""
    if plain(told) in type_words():
        return [type_words()[plain(told)]], ""
    parts = [plain(part) for part in re.split(r"[|;；、,，\s]+", told.strip()) if part.strip()]
    if not all(part in type_words() for part in parts):
        return None, "spaces.use_unknown"
    return list(dict.fromkeys(type_words()[part] for part in parts)), ""


def _owner(told: str) -> cells.Read:
    """Read an owner: an office, a firm or a kind of owner; never somebody's phone."""
    return (None, "spaces.owner_phone") if PHONE.search(told) else cells.text(told, LONGEST["owner"])


def clean_all(given: Mapping[str, Any], needed: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return checked values of a form's fields; an empty one is the field's own empty value.

    Raises
    ------
    ListError
        One fault per field that cannot be taken; ``lists.field_needed`` for ``needed`` ones that are empty.
    """
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, told in given.items():
        text = "、".join(told) if isinstance(told, (list, tuple)) else str(told if told is not None else "")
        if not text.strip():
            values[name] = _empty(name)
            if name in needed:
                faults.append(Fault("lists.field_needed", ((None, name),), {"field": _named(name)}))
            continue
        value, code = clean(name, text)
        if code:
            faults.append(Fault(code, ((None, f"{text[:60]}"),)))
        values[name] = value
    raise_all(ListError, faults)
    return values


def _empty(name: str) -> Any:
    if name == "uses":
        return []
    if name in ("conversion_yuan", "free_from"):
        return None
    return {"rent_yuan": 0, "land_use": "not_needed"}.get(name, "")


def _named(name: str) -> dict[str, str]:
    row = labels(ROOM, "field_names")[name]
    return {"zh": row["zh"], "en": row["en"]}


def allowed_uses(space: Space) -> list[str]:
    """Return the business types a space may become: its own list, else those of its kind.

    Examples
    --------
    >>> "repair" in allowed_uses(Space(kind="kiosk")), allowed_uses(Space(kind="kiosk", uses=["breakfast"]))
    (True, ['breakfast'])
    """
    return list(space.uses) or kind_uses(space.kind)


@cache
def kind_uses(kind: str) -> list[str]:
    """Return the business types of a kind of space: its row's own, else those that siting takes for such a kind."""
    row = labels(ROOM, "kinds")[kind]
    if row["uses"]:
        return row["uses"].split()
    return sorted(load_uses().of(row["siting"], ()))
