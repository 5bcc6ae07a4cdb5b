"""Verbs of proposals: an edit by somebody else waits for the owner's yes; after its day the community may decide."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from yike.errors import Fault
from yike.web.accounts.rights import roles_at
from yike.web.journal.verbs import Deed, verb
from yike.web.outlets.actions.editing import UNTOLD, write_fields, write_hours, write_prices
from yike.web.outlets.choices import limit
from yike.web.outlets.deeds import locked, waiting
from yike.web.outlets.fields import EDITED, OWNER_MAY_NOT, clean_fields, clean_hours, clean_prices
from yike.web.outlets.models import Outlet, Proposal
from yike.web.outlets.origins import allow
from yike.web.outlets.states import RegisterError

PROPOSED = (*(name for name in EDITED if name not in OWNER_MAY_NOT), "hours", "prices")


def _checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return changes as they are kept; all that could not be written later is refused now."""
    unknown = tuple((None, str(name)[:40]) for name in changes if name not in PROPOSED)
    if unknown or not changes:
        raise RegisterError(Fault("outlets.field_bad", unknown))
    clean_fields({name: value for name, value in changes.items() if name not in ("hours", "prices")})
    if "hours" in changes:
        clean_hours(changes["hours"])
    if "prices" in changes:
        clean_prices(changes["prices"])
    return dict(changes)


@verb("outlets.propose")
def propose(deed: Deed, changes: Mapping[str, Any], origin: str = "") -> Proposal:
    """Propose an edit of an outlet on the map. With an owner it waits for the owner; without, for the community.

    Raises
    ------
    RegisterError
        All faults of the changes; ``outlets.too_many``.
    """
    outlet = locked(deed)
    kept = _checked(changes)
    if deed.by is None:
        allow(Proposal, origin, outlet)
    days = int(limit("proposal_days")) if outlet.owner_id else 0
    area = outlet.area or outlet.city.root
    made = Proposal.objects.create(
        outlet=outlet, by=deed.by, role=roles_at(deed.by, area) or "resident", changes=kept, origin=origin,
        due=timezone.localdate() + timedelta(days=days),
    )  # fmt: skip
    deed.change = {"proposal": ["", sorted(kept)]}
    return made


def _answered(deed: Deed, pk: int, outcome: str) -> tuple[Outlet, Proposal]:
    """Return outlet and proposal, locked, with the answer noted; only the owner answers before the proposal's day."""
    outlet = locked(deed)
    found = Proposal.objects.select_for_update().filter(pk=pk).first()
    if found is None:
        raise RegisterError(Fault("outlets.changed_meanwhile"))
    waiting(found, outlet)
    own = deed.by is not None and outlet.owner_id == deed.by.pk
    if outlet.owner_id and not own and timezone.localdate() <= found.due:
        raise RegisterError(Fault("outlets.own_only", values={"due": found.due.isoformat()}))
    found.outcome, found.settled_at = outcome, timezone.now()
    found.save()
    return outlet, found


@verb("outlets.accept_proposal")
def accept_proposal(deed: Deed, pk: int) -> Outlet:
    """Write a proposal into its outlet. ``outlets.own_only`` before its day for all but the owner."""
    outlet, found = _answered(deed, pk, "accepted")
    changes = dict(found.changes)
    change: dict[str, Any] = {"proposal": [found.pk, "accepted"]}
    if "hours" in changes:
        change |= write_hours(outlet, changes.pop("hours"))
    if "prices" in changes:
        change |= write_prices(outlet, changes.pop("prices"))
    deed.change = change | write_fields(outlet, changes)
    return outlet


@verb("outlets.decline_proposal")
def decline_proposal(deed: Deed, pk: int) -> Outlet:
    """Leave an outlet as it is. ``outlets.own_only`` before the proposal's day for all but the owner."""
    outlet, found = _answered(deed, pk, "declined")
    deed.change = {"proposal": [found.pk, "declined"]}
    return outlet


__all__ = ["PROPOSED", "UNTOLD", "accept_proposal", "decline_proposal", "propose"]
