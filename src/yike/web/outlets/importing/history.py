"""An outlet as it stands, whole: written down before it is changed, compared afterwards, put back on undo."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Model

from yike.web.outlets.importing import bulk
from yike.web.outlets.importing.register import AT_ONCE
from yike.web.outlets.models import Function, Outlet, Price

NOT_OURS = ("id", "users")  # users: filled in by the studies, no part of the record
NOT_CONTENT = ("added_at", "changed_at")
FIELDS = [field for field in Outlet._meta.concrete_fields if field.attname not in NOT_OURS]
NAMES = [field.attname for field in FIELDS]
AS_THEY_ARE = {str, int, float, bool, list, dict, type(None)}
Snapshot = dict[str, Any]  #: ``outlet``: column → value; ``functions``: [id, code]; ``prices``: [id, item, yuan, unit]


def plain(value: Any) -> Any:
    """Return a column's value as JSON can hold it without loss."""
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value) if isinstance(value, (Decimal, UUID)) else value


def snapshot(
    outlet: Outlet, functions: Iterable[tuple[int, str]], prices: Iterable[tuple[int, str, str, str]]
) -> Snapshot:
    """Return everything of an outlet that an import may change; functions and prices begin with their ids."""
    values = [(name, getattr(outlet, name)) for name in NAMES]
    return {
        "outlet": {name: value if type(value) in AS_THEY_ARE else plain(value) for name, value in values},
        "functions": [list(each) for each in functions],
        "prices": [list(each) for each in prices],
    }


def digest(shot: Snapshot) -> str:
    """Return the digest of what a snapshot says, whatever the ids of its rows and the time of writing."""
    said = {name: value for name, value in shot["outlet"].items() if name not in NOT_CONTENT}
    parts = [said, sorted(code for _, code in shot["functions"]), [line[1:] for line in shot["prices"]]]
    return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()


def snapshots(keys: Sequence[int]) -> dict[int, Snapshot]:
    """Return outlets by key as they stand in the database."""
    found: dict[int, Snapshot] = {}
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        functions, prices = _lines(Function, some, "code"), _lines(Price, some, "item", "yuan", "unit")
        for outlet in Outlet.objects.filter(pk__in=some):
            found[outlet.pk] = snapshot(outlet, functions[outlet.pk], prices[outlet.pk])
    return found


def _lines(kind: type[Model], keys: Sequence[int], *names: str) -> dict[int, list[Any]]:
    """Return for each outlet its rows of a kind in their order: id, then the fields as JSON can hold them."""
    rows: dict[int, list[Any]] = defaultdict(list)
    found = kind._default_manager.filter(outlet__in=keys).order_by("pk")
    for outlet, *values in found.values_list("outlet_id", "pk", *names):
        rows[outlet].append([plain(value) for value in values])
    return rows


def put_back(shots: Mapping[int, Snapshot]) -> list[Outlet]:
    """Write outlets back as they were, byte for byte, with their functions and prices; in the caller's transaction."""
    outlets = []
    for pk, shot in shots.items():
        values = {field.attname: field.to_python(shot["outlet"][field.attname]) for field in FIELDS}
        outlets.append(Outlet(pk=pk, **values))
    bulk.update(Outlet, NAMES, ([each.pk, *(getattr(each, name) for name in NAMES)] for each in outlets))
    bulk.delete(Function, "outlet_id", shots)
    bulk.delete(Price, "outlet_id", shots)
    functions = ((i, pk, code) for pk, shot in shots.items() for i, code in shot["functions"])
    bulk.insert(Function, ("id", "outlet_id", "code"), functions)
    prices = (
        (line[0], pk, line[1], Decimal(line[2]), line[3]) for pk, shot in shots.items() for line in shot["prices"]
    )
    bulk.insert(Price, ("id", "outlet_id", "item", "yuan", "unit"), prices)
    return outlets
