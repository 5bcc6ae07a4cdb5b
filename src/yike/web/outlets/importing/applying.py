"""Checked rows become outlets: added in bulk, updated in bulk, each with a line of history. In the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils import timezone

from yike.web.outlets.importing import bulk
from yike.web.outlets.importing.history import Snapshot, digest, snapshot, snapshots
from yike.web.outlets.importing.making import Record, add_all, add_functions, add_prices, fields_of
from yike.web.outlets.importing.models import Import, ImportedRow
from yike.web.outlets.importing.register import AT_ONCE
from yike.web.outlets.models import Function, Outlet, Price

HISTORY = ("job_id", "outlet_id", "key", "row", "action", "before", "after", "outcome")


def write(job: Import, records: Sequence[Record]) -> list[Outlet]:
    """Write the rows of an import and its history; return the outlets that may count otherwise than before."""
    added = [record for record in records if record.action == "add"]
    updated = [record for record in records if record.action == "update"]
    new = add_all(added, job.city, job.name)
    before = snapshots([record.outlet for record in updated if record.outlet])
    old = _update(updated, before)
    after = snapshots([outlet.pk for outlet in old])
    history: list[tuple[object, ...]] = [
        (job.pk, outlet.pk, outlet.key, record.row, "add", None, digest(_new(outlet, record)), "")
        for outlet, record in zip(new, added, strict=True)
    ]
    history += [
        (job.pk, outlet.pk, outlet.key, record.row, "update", before[outlet.pk], digest(after[outlet.pk]), "")
        for outlet, record in zip(old, updated, strict=True)
    ]
    bulk.insert(ImportedRow, HISTORY, history)
    return [*new, *old]


def _new(outlet: Outlet, record: Record) -> Snapshot:
    """Return the snapshot of an outlet just added, without asking the database for it."""
    prices = [(0, item, yuan, unit) for item, yuan, unit in record.values.get("prices", ())]
    return snapshot(outlet, [(0, code) for code in record.types], prices)


def _update(records: Sequence[Record], before: dict[int, Snapshot]) -> list[Outlet]:
    """Write the filled cells of rows over their outlets; return the outlets in the order of the rows."""
    outlets: dict[int, Outlet] = {}
    keys = [record.outlet for record in records if record.outlet]
    for start in range(0, len(keys), AT_ONCE):
        outlets |= Outlet.objects.in_bulk(keys[start : start + AT_ONCE])
    now = timezone.now()
    touched = {"changed_at"}
    for record in records:
        outlet = outlets[record.outlet or 0]
        outlet.changed_at = now
        for name, value in fields_of(record).items():
            if name != "key":
                setattr(outlet, name, value)
                touched.add(name)
    names = sorted(touched)
    bulk.update(Outlet, names, ([each.pk, *(getattr(each, name) for name in names)] for each in outlets.values()))
    _set_types(records, before)
    _set_prices(records, before)
    return [outlets[record.outlet or 0] for record in records]


def _set_types(records: Sequence[Record], before: dict[int, Snapshot]) -> None:
    """Give updated outlets the types of their rows; functions that stay keep their rows."""
    gone: list[int] = []
    new: list[tuple[int, str]] = []
    for record in records:
        pk = record.outlet or 0
        known = {code: i for i, code in before[pk]["functions"]}
        gone += [i for code, i in known.items() if code not in record.types]
        new += [(pk, code) for code in record.types if code not in known]
    bulk.delete(Function, "id", gone)
    add_functions(new)


def _set_prices(records: Sequence[Record], before: dict[int, Snapshot]) -> None:
    """Give updated outlets the price lists of rows that carry one, where it differs."""
    other = []
    for record in records:
        told = [(item, Decimal(yuan), unit) for item, yuan, unit in record.values.get("prices", ())]
        known = [(item, Decimal(yuan), unit) for _, item, yuan, unit in before[record.outlet or 0]["prices"]]
        if "prices" in record.values and told != known:
            other.append(record)
    bulk.delete(Price, "outlet_id", [record.outlet or 0 for record in other])
    add_prices((record.outlet or 0, line) for record in other for line in record.values["prices"])
