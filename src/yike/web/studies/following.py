"""How the register's changes reach the figures: noted in the same transaction, told as soon as it is over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from yike.web.areas.models import City
from yike.web.outlets.models import Function, Outlet
from yike.web.studies.figures import follow
from yike.web.studies.models import SupplyChange


def note(sender: Any, outlets: Iterable[Outlet] = (), outlet: Outlet | None = None, **more: Any) -> None:
    """Receive ``supply_changed``: keep what the outlets are now, and let the figures follow after the commit."""
    changed = [*outlets, *([outlet] if outlet else [])]
    if not changed:
        return
    serves: dict[int, list[str]] = {each.pk: [] for each in changed}
    ids = list(serves)
    for first in range(0, len(ids), 500):
        rows = Function.objects.filter(outlet_id__in=ids[first : first + 500])
        for outlet_id, code in rows.order_by("id").values_list("outlet_id", "code"):
            serves[outlet_id].append(code)
    SupplyChange.objects.bulk_create(
        [
            SupplyChange(
                city_id=each.city_id, outlet=each.key, counts=each.state == "open", types=serves[each.pk],
                lon=each.lon, lat=each.lat,
            )
            for each in changed
        ],
        batch_size=1000,
    )  # fmt: skip
    for city_id in {each.city_id for each in changed}:
        transaction.on_commit(lambda city_id=city_id: follow(City.objects.get(pk=city_id)))  # type: ignore[misc]
