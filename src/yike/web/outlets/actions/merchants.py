"""Verbs of merchants' registrations: a draft in three steps, its papers, sent in, accepted or sent back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from yike.errors import Fault, raise_all
from yike.web.accounts.models import Grant, Person
from yike.web.areas.models import City
from yike.web.journal.verbs import Deed, verb
from yike.web.outlets import papers
from yike.web.outlets.actions.supply import Entry, build
from yike.web.outlets.choices import limit
from yike.web.outlets.deeds import community_of, locked_registration, put_name, put_point, put_types
from yike.web.outlets.fields import clean_fields, clean_hours, clean_types, clean_uscc
from yike.web.outlets.models import Document, Outlet, Registration
from yike.web.outlets.naming import new_key
from yike.web.outlets.pictures import kind_of_document
from yike.web.outlets.signals import tell_supply
from yike.web.outlets.states import RegisterError, step

KEPT = ("name", "types", "address", "lon", "lat", "hours", "phone", "phone_public", "uscc", "ownership")


@verb("outlets.keep_draft")
def keep_draft(
    deed: Deed, city: City, kind: str, at_step: int, data: Mapping[str, Any], outlet: Outlet | None = None
) -> Registration:
    """Keep what a merchant filled in so far; a deed without record begins a new registration.

    Only the known entries are kept. A claim names its outlet from the start.
    """
    if deed.by is None:
        raise RegisterError(Fault("outlets.log_in"))
    if deed.record:
        found = locked_registration(deed, "draft", "returned")
    else:
        found = Registration(city=city, person=deed.by, kind=kind, outlet=outlet)
    found.data = {**found.data, **{name: data[name] for name in KEPT if name in data}}
    found.step = max(1, min(3, at_step))
    found.save()
    deed.record, deed.change = str(found.pk), {"step": ["", found.step], "kind": ["", found.kind]}
    return found


@verb("outlets.attach_document")
def attach_document(deed: Deed, title: str, content: bytes) -> Document:
    """Keep a paper of a registration, enciphered.

    Raises
    ------
    RegisterError
        ``outlets.document``: too large, or not what its kind says; ``outlets.documents_full``.
    """
    found = locked_registration(deed, "draft", "returned")
    megabytes = int(limit("document_bytes")) // 1_000_000
    if len(content) > limit("document_bytes"):
        raise RegisterError(
            Fault("outlets.document", values={"why": {"zh": "文件太大", "en": "too large"}, "limit": megabytes})
        )
    kind = kind_of_document(content)
    if kind is None:
        why = {"zh": "不是 PDF、JPEG 或 PNG", "en": "not a PDF, JPEG or PNG"}
        raise RegisterError(Fault("outlets.document", values={"why": why, "limit": megabytes}))
    if found.documents.count() >= limit("documents_per_registration"):
        raise RegisterError(Fault("outlets.documents_full", values={"limit": int(limit("documents_per_registration"))}))
    made = Document.objects.create(
        registration=found, kind=kind, title=title.strip()[:80] or kind, size=len(content), token=papers.keep(content)
    )
    deed.change = {"document": ["", made.pk]}
    return made


@verb("outlets.remove_document")
def remove_document(deed: Deed, pk: int) -> Registration:
    """Remove a paper of a registration that was not sent in."""
    found = locked_registration(deed, "draft", "returned")
    document = found.documents.filter(pk=pk).first()
    if document is None:
        raise RegisterError(Fault("outlets.changed_meanwhile"))
    transaction.on_commit(partial(papers.drop, document.token))
    document.delete()
    deed.change = {"document": [pk, ""]}
    return found


def _complete(found: Registration) -> None:
    """Refuse a registration that lacks something, all told at once (``outlets.step_missing``)."""
    data, lacks = found.data, []
    if found.kind == "new":
        lacks += [("第一步：位置", "step 1: the place")] if data.get("lon") is None or data.get("lat") is None else []
        lacks += [("第二步：名称", "step 2: the name")] if not data.get("name") else []
        lacks += [("第二步：业态", "step 2: what it does")] if not data.get("types") else []
    lacks += [("第三步：统一社会信用代码", "step 3: the credit code")] if not data.get("uscc") else []
    lacks += [("第三步：营业执照等材料", "step 3: a document")] if not found.documents.exists() else []
    raise_all(
        RegisterError,
        [Fault("outlets.step_missing", values={"what": {"zh": zh, "en": en}}) for zh, en in lacks],
    )
    clean_uscc(data["uscc"])


def _outlet(found: Registration) -> Outlet:
    """Return a registration's outlet, locked."""
    return Outlet.objects.select_for_update().get(registrations=found.pk)


def _send(found: Registration) -> None:
    found.state, found.submitted_at, found.reason = "waiting", timezone.now(), ""
    found.save()


@verb("outlets.register")
def register(deed: Deed) -> Registration:
    """Send in the registration of a new outlet: it stands in the register as planned until somebody accepts it.

    Raises
    ------
    RegisterError
        ``outlets.step_missing`` with all that lacks; ``outlets.uscc``; ``outlets.point_outside``; faults of the fields.
    """
    found = locked_registration(deed, "draft", "returned")
    if found.kind != "new":
        raise RegisterError(Fault("outlets.registration_state"))
    _complete(found)
    data = found.data
    fields = {name: data.get(name) or "" for name in ("address", "uscc")}
    fields["phone"] = data.get("phone") or "" if data.get("phone_public") else ""
    fields["ownership"] = data.get("ownership") or "unknown"
    if found.outlet is None:
        entry = Entry(
            found.city,
            data["name"],
            data["types"],
            float(data["lon"]),
            float(data["lat"]),
            fields,
            data.get("hours") or "",
        )
        found.outlet = build(deed, entry, new_key(), "planned", "outlets.register")
    else:
        deed.change = rewrite(found.outlet, data, fields)
    _send(found)
    deed.change = {**deed.change, "outlet": ["", found.outlet.key]}
    return found


def rewrite(outlet: Outlet, data: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Write a mended registration into its planned outlet."""
    if outlet.state != "planned":
        raise RegisterError(Fault("outlets.registration_state"))
    types = clean_types(data["types"])
    for name, value in clean_fields({"name": data["name"], **fields}).items():
        setattr(outlet, name, value)
    outlet.hours_text, outlet.hours = clean_hours(data.get("hours"))
    outlet.area = community_of(outlet.city, float(data["lon"]), float(data["lat"]))
    put_point(outlet, float(data["lon"]), float(data["lat"]))
    put_name(outlet)
    outlet.save()
    put_types(outlet, types)
    return {"mended": ["", outlet.name]}


@verb("outlets.claim")
def claim(deed: Deed) -> Registration:
    """Send in the claim of an outlet on the map.

    Raises
    ------
    RegisterError
        ``outlets.claimed``: it has an owner, or another claim waits; ``outlets.step_missing``; ``outlets.uscc``.
    """
    found = locked_registration(deed, "draft", "returned")
    if found.kind != "claim" or found.outlet is None:
        raise RegisterError(Fault("outlets.registration_state"))
    _complete(found)
    outlet = _outlet(found)
    if outlet.owner_id or outlet.registrations.filter(state="waiting").exclude(pk=found.pk).exists():
        raise RegisterError(Fault("outlets.claimed"))
    if outlet.state not in ("open", "paused", "planned"):
        raise RegisterError(Fault("outlets.registration_state"))
    _send(found)
    deed.change = {"claim": ["", outlet.key]}
    return found


def make_merchant(person: Person, city: City) -> None:
    """Give a person the merchant's role in a city, once."""
    Grant.objects.get_or_create(person=person, role="merchant", area=city.root)


def _decide(deed: Deed, state: str, reason: str = "") -> Registration:
    """Return the waiting registration with the answer noted; nobody answers one's own."""
    if deed.by is not None and deed.by.pk == deed.owner_id:
        raise PermissionDenied
    found = locked_registration(deed, "waiting")
    found.state, found.reason, found.decided_at = state, reason, timezone.now()
    found.save()
    return found


@verb("outlets.accept")
def accept(deed: Deed) -> Registration:
    """Accept a registration: the person becomes the outlet's owner and a merchant; a new outlet opens.

    A stall is not accepted but vouched for (``outlets.registration_state``).
    """
    found = _decide(deed, "accepted")
    outlet = _outlet(found)
    if found.kind == "stall":
        raise RegisterError(Fault("outlets.registration_state"))
    if outlet.owner_id and outlet.owner_id != found.person_id:
        raise RegisterError(Fault("outlets.claimed"))
    outlet.owner, outlet.uscc = found.person, clean_uscc(found.data.get("uscc"))
    deed.change = {"registration": ["waiting", "accepted"], "outlet": ["", outlet.key]}
    if found.kind == "new":
        deed.change["state"] = step(outlet, "open", "outlets.accept")
    if found.kind == "claim" and found.data.get("phone_public") and found.data.get("phone"):
        outlet.phone = clean_fields({"phone": found.data["phone"]})["phone"]
    outlet.save()
    make_merchant(found.person, found.city)
    if found.kind == "new":
        tell_supply(outlet)
    return found


@verb("outlets.send_back")
def send_back(deed: Deed, reason: str) -> Registration:
    """Send a registration back with a reason; the merchant mends it and sends it in again."""
    if not reason.strip():
        raise RegisterError(Fault("outlets.reason_missing"))
    found = _decide(deed, "returned", reason.strip()[:200])
    deed.change = {"registration": ["waiting", "returned"], "reason": ["", found.reason]}
    return found
