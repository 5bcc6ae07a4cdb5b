"""An import taken back: added outlets removed or closed, updated ones put back. In the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models.fields.related import ForeignObjectRel
from django.utils import timezone

from yike.web.outlets.importing import bulk
from yike.web.outlets.importing.history import digest, put_back, snapshots
from yike.web.outlets.importing.models import Import, ImportedRow
from yike.web.outlets.importing.register import AT_ONCE
from yike.web.outlets.models import Function, Outlet, Price

OWN = (
    Function,
    Price,
    ImportedRow,
)  #: records that belong to the outlet, or to the import, and are no reason to keep it


def take_back(job: Import, force: bool) -> list[Outlet]:
    """Undo the rows of an import that are not undone yet; return the outlets that may count otherwise than before.

    An outlet that is no longer as the import left it is left alone, unless ``force`` is given.
    """
    rows = [row for row in job.outlets.order_by("id") if row.outcome in ("", "left")]
    now = snapshots([row.outlet_id for row in rows if row.outlet_id])
    for row in rows:
        same = row.outlet_id in now and digest(now[row.outlet_id]) == row.after
        row.outcome = "" if same or (force and row.outlet_id in now) else "left"
    open_rows = [row for row in rows if not row.outcome]
    changed = _remove([row for row in open_rows if row.action == "add"])
    changed += _restore([row for row in open_rows if row.action == "update"])
    bulk.update(ImportedRow, ("outcome",), ((row.pk, row.outcome) for row in rows))
    return changed


def _remove(rows: Sequence[ImportedRow]) -> list[Outlet]:
    """Remove added outlets; those that other records refer to, or that have an owner by now, are closed."""
    outlets: dict[int, Outlet] = {}
    keys = [row.outlet_id for row in rows if row.outlet_id]
    for start in range(0, len(keys), AT_ONCE):
        outlets |= Outlet.objects.in_bulk(keys[start : start + AT_ONCE])
    held = referred(keys) | {outlet.pk for outlet in outlets.values() if outlet.owner_id is not None}
    for row in rows:
        row.outcome = "closed" if row.outlet_id in held else "removed"
    for outlet in outlets.values():
        outlet.state = "closed"  # whoever follows the supply must see the removed ones, too
    bulk.update(Outlet, ("state", "changed_at"), ((pk, "closed", timezone.now()) for pk in keys if pk in held))
    _delete([pk for pk in keys if pk not in held])
    return list(outlets.values())


def _delete(keys: Sequence[int]) -> None:
    """Delete outlets with what is their own; histories of imports keep their lines without them."""
    for start in range(0, len(keys), AT_ONCE):
        ImportedRow.objects.filter(outlet__in=keys[start : start + AT_ONCE]).update(outlet=None)
    bulk.delete(Function, "outlet_id", keys)
    bulk.delete(Price, "outlet_id", keys)
    bulk.delete(Outlet, "id", keys)


def referred(keys: Sequence[int]) -> set[int]:
    """Return which outlets records of any kind refer to, but for their own functions and prices."""
    found: set[int] = set()
    for relation in Outlet._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ForeignObjectRel) or relation.related_model in OWN:
            continue
        name = relation.field.name
        for start in range(0, len(keys), AT_ONCE):
            asked = relation.related_model._base_manager.filter(**{f"{name}__in": keys[start : start + AT_ONCE]})
            found.update(asked.values_list(name, flat=True))
    return found


def _restore(rows: Sequence[ImportedRow]) -> list[Outlet]:
    for row in rows:
        row.outcome = "restored"
    return put_back({row.outlet_id: row.before for row in rows if row.outlet_id and row.before})
