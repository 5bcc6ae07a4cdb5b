"""Verbs that begin an outlet, move it from state to state, and say where it stands."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from yike.errors import Fault
from yike.web.accounts.rights import may
from yike.web.areas.models import Area, City
from yike.web.journal.verbs import Deed, verb
from yike.web.outlets.choices import trade_type
from yike.web.outlets.deeds import answer_waiting, community_of, here, locked, put_name, put_point, put_types, seen
from yike.web.outlets.fields import clean_fields, clean_hours, clean_prices, clean_types
from yike.web.outlets.models import Outlet, Price, Voucher
from yike.web.outlets.naming import new_key
from yike.web.outlets.signals import tell_supply
from yike.web.outlets.states import RegisterError, step


@dataclass(frozen=True)
class Entry:
    """What is known of an outlet when it is entered; checked by the verb that enters it."""

    city: City
    name: str
    types: list[str]
    lon: float  # WGS 84
    lat: float
    fields: Mapping[str, Any] = field(default_factory=dict)  # further fields of `fields.EDITED`
    hours: str = ""
    prices: list[dict[str, Any]] = field(default_factory=list)
    trade: str = ""  # of a licence-free stall
    draft_key: uuid.UUID | None = None


def build(deed: Deed, entry: Entry, key: str, state: str, by: str) -> Outlet:
    """Save a new outlet from an entry, all its parts checked first; puts the change into the deed."""
    if entry.trade and trade_type(entry.trade) is None:
        raise RegisterError(Fault("outlets.licence_needed"))
    types = clean_types(entry.types or ([trade_type(entry.trade)] if entry.trade else []))
    values = clean_fields({"name": entry.name, **entry.fields})
    said, told = clean_hours(entry.hours)
    prices = clean_prices(entry.prices)
    area = here(deed, entry.city, entry.lon, entry.lat)
    outlet = Outlet(
        city=entry.city, area=area, key=key, state="", hours_text=said, hours=told, trade=entry.trade,
        licence_free=bool(entry.trade), draft_key=entry.draft_key, made_up=entry.city.made_up, **values,
    )  # fmt: skip
    deed.change = {"state": step(outlet, state, by), "name": ["", outlet.name], "types": [[], types]}
    put_point(outlet, entry.lon, entry.lat)
    put_name(outlet)
    outlet.save()
    put_types(outlet, types)
    Price.objects.bulk_create(Price(outlet=outlet, item=item, yuan=yuan, unit=unit) for item, yuan, unit in prices)
    return outlet


@verb("outlets.plan")
def plan(deed: Deed, entry: Entry) -> Outlet:
    """Enter an outlet that is to come; it is not coverage until it opens."""
    return build(deed, entry, deed.record, "planned", "outlets.plan")


@verb("outlets.add")
def add(deed: Deed, entry: Entry) -> Outlet:
    """Enter an outlet that the person stands before: open, and verified today.

    A draft made offline is added once: the second time its outlet is returned as it is. A licence-free stall
    carries the voucher of who adds it, and posted prices.

    Raises
    ------
    RegisterError
        All that `build` finds; ``outlets.stall_incomplete``: a stall without posted prices.
    """
    known = Outlet.objects.filter(draft_key=entry.draft_key).first() if entry.draft_key else None
    if known is not None:
        deed.record, deed.change = known.key, {"again": [str(entry.draft_key), known.key]}
        return known
    if entry.trade and not clean_prices(entry.prices):
        raise RegisterError(Fault("outlets.stall_incomplete", values={"what": {"zh": "价目", "en": "prices"}}))
    outlet = build(deed, entry, deed.record, "open", "outlets.add")
    seen(outlet, deed.by)
    outlet.save()
    if outlet.licence_free:
        Voucher.objects.create(outlet=outlet, area=outlet.area or outlet.city.root, by=deed.by)
    tell_supply(outlet)
    return outlet


def _to(deed: Deed, state: str, by: str, reason: str = "", stood_there: bool = False) -> Outlet:
    """Take the deed's outlet to a state, and tell when it came to or left the open ones."""
    outlet = locked(deed)
    before = outlet.counts
    deed.change = {"state": step(outlet, state, by)}
    if reason.strip():
        deed.change["reason"] = ["", reason.strip()[:200]]
    if stood_there:
        seen(outlet, deed.by)
    outlet.save()
    if state in ("closed", "revoked"):
        answer_waiting(outlet, "confirmed")
    if outlet.counts != before:
        tell_supply(outlet)
    return outlet


@verb("outlets.open")
def open_outlet(deed: Deed) -> Outlet:
    """Open a planned outlet: somebody saw it trading. A licence-free stall opens by its voucher only."""
    if Outlet.objects.filter(key=deed.record, licence_free=True).exists():
        raise RegisterError(Fault("outlets.stall_incomplete", values={"what": {"zh": "社区见证", "en": "a voucher"}}))
    return _to(deed, "open", "outlets.open", stood_there=True)


@verb("outlets.pause")
def pause(deed: Deed, reason: str = "") -> Outlet:
    """Pause an open outlet: it stays on the map, shut, and is not coverage."""
    return _to(deed, "paused", "outlets.pause", reason)


@verb("outlets.reopen")
def reopen(deed: Deed) -> Outlet:
    """Reopen a paused outlet, or, by the community, one that was closed by mistake. A stall needs a standing voucher."""
    found = Outlet.objects.filter(key=deed.record).first()
    if found is not None and found.licence_free and not found.vouchers.filter(withdrawn_at=None).exists():
        raise RegisterError(Fault("outlets.stall_incomplete", values={"what": {"zh": "社区见证", "en": "a voucher"}}))
    if found is not None and found.state == "closed" and deed.by is not None and deed.by.pk == found.owner_id:
        step(found, "open", "outlets.open")  # an owner asks the community: refused with the state named
    return _to(deed, "open", "outlets.reopen")


@verb("outlets.close")
def close(deed: Deed, reason: str = "") -> Outlet:
    """Note that an outlet is gone for good."""
    return _to(deed, "closed", "outlets.close", reason)


@verb("outlets.revoke")
def revoke(deed: Deed, reason: str) -> Outlet:
    """Take an outlet out of the register for cause; the reason stands in the journal."""
    if not reason.strip():
        raise RegisterError(Fault("outlets.reason_missing"))
    return _to(deed, "revoked", "outlets.revoke", reason)


def _ours(deed: Deed, city: City, lon: float, lat: float) -> Area:
    """Return the community of a point, where the person may place outlets too; else ``outlets.elsewhere``."""
    area = community_of(city, lon, lat)
    if not may(deed.by, "outlets.place", area):
        values = {"area": {"zh": area.name, "en": area.name_en or area.name}}
        raise RegisterError(Fault("outlets.elsewhere", values=values))
    return area


@verb("outlets.move")
def move(deed: Deed, lon: float, lat: float, address: str = "") -> Outlet:
    """Note that an outlet moved: the old record ends as moved, a new one goes on at the new place, which is returned.

    The new place must lie in a community where the person may add outlets too: else somebody there enters it.
    """
    old = locked(deed)
    area = _ours(deed, old.city, lon, lat)
    counted, types, prices = old.counts, [each.code for each in old.functions.all()], list(old.prices.all())
    changed = step(old, "moved", "outlets.move")
    new = Outlet.objects.get(pk=old.pk)
    new.pk, new.key, new.draft_key, new.area, new._state.adding = None, new_key(), None, area, True
    new.state, new.address, new.users = "open", clean_fields({"address": address})["address"], 0
    put_point(new, lon, lat)
    seen(new, deed.by)
    new.save()
    put_types(new, types)
    Price.objects.bulk_create(Price(outlet=new, item=p.item, yuan=p.yuan, unit=p.unit) for p in prices)
    old.moved_to = new
    old.save()
    answer_waiting(old, "confirmed")
    deed.change = {"state": changed, "moved_to": ["", new.key]}
    if counted:
        tell_supply(old)
    tell_supply(new)
    return new


@verb("outlets.place")
def place(deed: Deed, lon: float, lat: float) -> Outlet:
    """Correct where an outlet stands; the new point lies in a community of the person's too."""
    outlet = locked(deed)
    area = _ours(deed, outlet.city, lon, lat)
    deed.change = {"point": [[outlet.lon, outlet.lat], [lon, lat]]}
    if area.pk != outlet.area_id:
        deed.change["area"] = [outlet.area.code if outlet.area else "", area.code]
    outlet.area = area
    put_point(outlet, lon, lat)
    outlet.save()
    if outlet.counts:
        tell_supply(outlet)
    return outlet


@verb("outlets.verify")
def verify(deed: Deed) -> Outlet:
    """Note that somebody stood before an open outlet today and found it as told; reports that wait are refuted.

    Raises
    ------
    RegisterError
        ``outlets.state``: only an open outlet can be verified; any other is reopened or stays as it is.
    """
    outlet = locked(deed)
    if not outlet.counts:
        step(outlet, "open", "outlets.verify")  # the table has no such row: refused with the state named
    before = outlet.verified_at
    seen(outlet, deed.by)
    outlet.save()
    deed.change = {
        "verified_at": [str(before or ""), str(outlet.verified_at)],
        "refuted": [0, answer_waiting(outlet, "refuted")],
    }
    return outlet
