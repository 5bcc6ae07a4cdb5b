"""Verbs of licence-free stalls: entered by who stands there, vouched for by the community, the voucher withdrawn."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from yike.errors import Fault
from yike.web.journal.verbs import Deed, verb
from yike.web.outlets.actions.editing import keep_photo, write_prices
from yike.web.outlets.actions.merchants import make_merchant, rewrite
from yike.web.outlets.actions.supply import Entry, build
from yike.web.outlets.choices import trade_type
from yike.web.outlets.deeds import locked, seen
from yike.web.outlets.fields import clean_prices
from yike.web.outlets.models import Outlet, Registration, Voucher
from yike.web.outlets.signals import tell_supply
from yike.web.outlets.states import RegisterError, step


def _lacks(zh: str, en: str) -> RegisterError:
    return RegisterError(Fault("outlets.stall_incomplete", values={"what": {"zh": zh, "en": en}}))


@verb("outlets.add_stall")
def add_stall(deed: Deed, entry: Entry, photo: Any) -> Registration:
    """Enter one's own licence-free stall: photo, place, trade and posted prices; nothing asks where one is registered.

    It is planned until a worker of the community vouches for it. The same draft is entered once.

    Raises
    ------
    RegisterError
        ``outlets.licence_needed``; ``outlets.stall_incomplete``; ``outlets.point_outside``; ``outlets.photo``; faults of fields.
    """
    if deed.by is None:
        raise RegisterError(Fault("outlets.log_in"))
    known = Registration.objects.filter(outlet__draft_key=entry.draft_key).first() if entry.draft_key else None
    if known is not None:
        if known.person_id != deed.by.pk:
            raise PermissionDenied
        deed.change = {"again": ["", str(entry.draft_key)]}
        return _mended(deed, known, entry, photo) if known.state == "returned" else known
    if trade_type(entry.trade) is None:
        raise RegisterError(Fault("outlets.licence_needed"))
    if not clean_prices(entry.prices):
        raise _lacks("价目", "prices")
    if photo is None:
        raise _lacks("照片", "a photo")
    outlet = build(deed, entry, deed.record, "planned", "outlets.add_stall")
    outlet.owner = deed.by
    outlet.save()
    keep_photo(deed, outlet, photo)
    return Registration.objects.create(
        city=entry.city, person=deed.by, kind="stall", state="waiting", step=3, outlet=outlet, submitted_at=timezone.now(),
    )  # fmt: skip


def _mended(deed: Deed, known: Registration, entry: Entry, photo: Any) -> Registration:
    """Write a stall anew that was sent back, and send it in again."""
    outlet = known.outlet
    assert outlet is not None
    data = {
        "name": entry.name,
        "types": [trade_type(entry.trade)],
        "lon": entry.lon,
        "lat": entry.lat,
        "hours": entry.hours,
    }
    deed.change |= rewrite(outlet, data, entry.fields)
    outlet.trade = entry.trade
    deed.change |= write_prices(outlet, entry.prices)
    if photo is not None:
        keep_photo(deed, outlet, photo)
    known.state, known.reason, known.submitted_at = "waiting", "", timezone.now()
    known.save()
    return known


@verb("outlets.vouch")
def vouch(deed: Deed) -> Outlet:
    """Give the community's word for a stall: it opens, and its holder keeps its hours and prices from now on.

    Raises
    ------
    RegisterError
        ``outlets.not_a_stall``; ``outlets.vouched``; ``outlets.stall_incomplete``; ``outlets.state``.
    """
    outlet = locked(deed)
    if not outlet.licence_free:
        raise RegisterError(Fault("outlets.not_a_stall"))
    if deed.by is None or deed.by.pk == outlet.owner_id:
        raise PermissionDenied
    if outlet.vouchers.filter(withdrawn_at=None).exists():
        raise RegisterError(Fault("outlets.vouched"))
    if not outlet.prices.exists():
        raise _lacks("价目", "prices")
    if not outlet.photos.exists():
        raise _lacks("照片", "a photo")
    deed.change = {"state": step(outlet, "open", "outlets.vouch"), "voucher": ["", "given"]}
    Voucher.objects.create(outlet=outlet, area=outlet.area or outlet.city.root, by=deed.by)
    seen(outlet, deed.by)
    outlet.save()
    outlet.registrations.filter(kind="stall", state__in=("waiting", "returned")).update(
        state="accepted", decided_at=timezone.now()
    )
    if outlet.owner:
        make_merchant(outlet.owner, outlet.city)
    tell_supply(outlet)
    return outlet


@verb("outlets.withdraw_voucher")
def withdraw_voucher(deed: Deed, reason: str, to: str = "paused") -> Outlet:
    """Take back the community's word with a reason: the stall is paused, or revoked for good.

    Raises
    ------
    RegisterError
        ``outlets.reason_missing``; ``outlets.no_voucher``; ``outlets.state``.
    """
    outlet = locked(deed)
    if not reason.strip():
        raise RegisterError(Fault("outlets.reason_missing"))
    standing = outlet.vouchers.filter(withdrawn_at=None).first()
    if standing is None:
        raise RegisterError(Fault("outlets.no_voucher"))
    counted = outlet.counts
    if outlet.state != to:
        deed.change = {"state": step(outlet, to, "outlets.withdraw_voucher")}
    standing.withdrawn_at, standing.reason = timezone.now(), reason.strip()[:200]
    standing.save()
    outlet.save()
    deed.change = {**deed.change, "voucher": ["given", "withdrawn"], "reason": ["", standing.reason]}
    if counted:
        tell_supply(outlet)
    return outlet
