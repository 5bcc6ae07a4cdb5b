"""Verbs that change what the register says of an outlet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from yike.errors import Fault
from yike.web.journal.verbs import Deed, verb
from yike.web.outlets.choices import limit
from yike.web.outlets.deeds import locked, plain, put_name, put_types
from yike.web.outlets.fields import OWNER_MAY_NOT, clean_fields, clean_hours, clean_prices, clean_types
from yike.web.outlets.models import Closure, Outlet, Photo, Price
from yike.web.outlets.pictures import clean_photo
from yike.web.outlets.signals import tell_supply
from yike.web.outlets.states import RegisterError

UNTOLD = ("phone", "permit")  # may be a person's own: the journal says that it changed, not what it is


def by_owner_only(deed: Deed, outlet: Outlet) -> None:
    """Refuse edits by others on an outlet with an owner (``outlets.owned``): they propose."""
    if outlet.owner_id and (deed.by is None or deed.by.pk != outlet.owner_id):
        raise RegisterError(Fault("outlets.owned"))


def write_fields(outlet: Outlet, given: Mapping[str, Any]) -> dict[str, Any]:
    """Write checked fields into an outlet (saved); return what changed, for the journal."""
    change: dict[str, Any] = {}
    for name, value in clean_fields(given).items():
        before = getattr(outlet, name)
        if before == value:
            continue
        setattr(outlet, name, value)
        told = [bool(before), bool(value)] if name in UNTOLD else [plain(before), plain(value)]
        change[name] = told
    if "name" in change:
        put_name(outlet)
    outlet.save()
    return change


def write_hours(outlet: Outlet, text: str) -> dict[str, Any]:
    """Write hours into an outlet (saved); return what changed."""
    said, told = clean_hours(text)
    change = {"hours": [outlet.hours, told]} if (said, told) != (outlet.hours_text, outlet.hours) else {}
    outlet.hours_text, outlet.hours = said, told
    outlet.save()
    return change


def write_prices(outlet: Outlet, lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Put a price list in the place of the one before; return what changed."""
    clean = clean_prices(lines)
    if outlet.licence_free and not clean:
        raise RegisterError(Fault("outlets.stall_incomplete", values={"what": {"zh": "价目", "en": "prices"}}))
    before = [f"{each.item} {each.yuan} {each.unit}".strip() for each in outlet.prices.all()]
    outlet.prices.all().delete()
    Price.objects.bulk_create(Price(outlet=outlet, item=item, yuan=yuan, unit=unit) for item, yuan, unit in clean)
    outlet.save()  # so that changed_at moves
    after = [f"{item} {yuan} {unit}".strip() for item, yuan, unit in clean]
    return {"prices": [before, after]} if before != after else {}


@verb("outlets.edit")
def edit(deed: Deed, given: Mapping[str, Any]) -> Outlet:
    """Write fields of an outlet; on one with an owner only the owner does.

    Raises
    ------
    RegisterError
        ``outlets.owned``; all faults of `clean_fields`.
    """
    outlet = locked(deed)
    by_owner_only(deed, outlet)
    if outlet.owner_id:
        denied = tuple((None, name) for name in given if name in OWNER_MAY_NOT)
        if denied:
            raise RegisterError(Fault("outlets.field_bad", denied))
    deed.change = write_fields(outlet, given)
    return outlet


@verb("outlets.set_types")
def set_types(deed: Deed, codes: Sequence[str]) -> Outlet:
    """Say what an outlet does; supply changes when it is open."""
    outlet = locked(deed)
    codes = clean_types(codes)
    before = [each.code for each in outlet.functions.all()]
    put_types(outlet, list(codes))
    outlet.save()
    deed.change = {"types": [before, list(codes)]}
    if outlet.counts and set(before) != set(codes):
        tell_supply(outlet)
    return outlet


@verb("outlets.set_hours")
def set_hours(deed: Deed, text: str) -> Outlet:
    """Set opening hours from Chinese or OSM text; "" = not known. ``outlets.hours`` when it is not understood."""
    outlet = locked(deed)
    by_owner_only(deed, outlet)
    deed.change = write_hours(outlet, text)
    return outlet


@verb("outlets.set_prices")
def set_prices(deed: Deed, lines: Sequence[Mapping[str, Any]]) -> Outlet:
    """Set the posted price list: lines of item, yuan, unit. A stall always keeps one line."""
    outlet = locked(deed)
    by_owner_only(deed, outlet)
    deed.change = write_prices(outlet, lines)
    return outlet


@verb("outlets.set_closures")
def set_closures(deed: Deed, spans: Sequence[tuple[date, date, str]]) -> Outlet:
    """Set the days on which an outlet is shut for once: (first, last, reason) each; ``outlets.field_bad`` when turned."""
    outlet = locked(deed)
    by_owner_only(deed, outlet)
    bad = tuple((k, f"{begins} > {ends}") for k, (begins, ends, _) in enumerate(spans, start=1) if begins > ends)
    if bad:
        raise RegisterError(Fault("outlets.field_bad", bad))
    before = [f"{each.begins}–{each.ends}" for each in outlet.closures.all()]
    outlet.closures.all().delete()
    Closure.objects.bulk_create(
        Closure(outlet=outlet, begins=begins, ends=ends, reason=reason.strip()[:60]) for begins, ends, reason in spans
    )
    outlet.save()
    deed.change = {"closures": [before, [f"{begins}–{ends}" for begins, ends, _ in spans]]}
    return outlet


@verb("outlets.add_photo")
def add_photo(deed: Deed, file: Any) -> Photo:
    """Keep a picture of an outlet: looked at, stripped of all that the camera wrote into it, made small."""
    outlet = locked(deed)
    by_owner_only(deed, outlet)
    return keep_photo(deed, outlet, file)


def keep_photo(deed: Deed, outlet: Outlet, file: Any) -> Photo:
    """Save a cleaned picture of an outlet and note it in the deed."""
    if outlet.photos.count() >= limit("photos_per_outlet"):
        raise RegisterError(Fault("outlets.photos_full", values={"limit": int(limit("photos_per_outlet"))}))
    photo = Photo(outlet=outlet)
    content, (width, height) = clean_photo(file)
    photo.file.save(f"{outlet.key}.jpg", content, save=False)
    photo.width, photo.height = width, height
    photo.save()
    outlet.save()
    deed.change = {**deed.change, "photo": ["", photo.file.name]}
    return photo


@verb("outlets.remove_photo")
def remove_photo(deed: Deed, pk: int) -> Outlet:
    """Remove a picture of an outlet and its file."""
    outlet = locked(deed)
    by_owner_only(deed, outlet)
    photo = outlet.photos.filter(pk=pk).first()
    if photo is None:
        raise RegisterError(Fault("outlets.changed_meanwhile"))
    deed.change = {"photo": [photo.file.name, ""]}
    photo.file.delete(save=False)
    photo.delete()
    outlet.save()
    return outlet
