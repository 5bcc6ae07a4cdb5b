"""JSON of the register: the public card, reports by anybody, and the way in of drafts made on a phone."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile
from pydantic import ConfigDict, Field, ValidationError

from yike.errors import Fault, YikeError
from yike.web.accounts.key_auth import staff_auth
from yike.web.accounts.models import Person
from yike.web.accounts.rights import may, person_of
from yike.web.areas.models import City
from yike.web.outlets import actions
from yike.web.outlets.actions.supply import Entry
from yike.web.outlets.cards import SHOWN, card
from yike.web.outlets.deeds import community_of, deed_at, deed_on
from yike.web.outlets.models import Outlet
from yike.web.outlets.origins import origin_of
from yike.web.outlets.states import RegisterError
from yike.web.outlets.wording import error_json

router = Router(tags=["outlets"])


class Choice(Schema):
    """A code with its names."""

    code: str
    zh: str
    en: str


class TypeOf(Choice):
    category: str


class PriceLine(Schema):
    item: str = Field(max_length=60)
    yuan: str = Field(max_length=12)
    unit: str = Field("", max_length=20)


class Picture(Schema):
    url: str
    width: int
    height: int


class ClosedDays(Schema):
    begins: date
    ends: date


class Card(Schema):
    """The whole public card of an outlet."""

    key: str
    name: str
    state: str
    address: str
    types: list[TypeOf]
    lon: float
    lat: float
    area: str
    open: bool | None
    opens: str | None
    closes: str | None
    hours: str
    hours_text: str
    closures: list[ClosedDays]
    phone: str
    ownership: str
    services: list[Choice]
    payments: list[Choice]
    childcare_sessions: list[Choice]
    distinctions: list[Choice]
    manual_counter: bool | None
    barrier_free: bool | None
    nursing_room: bool | None
    delivery: bool | None
    guarantees_supply: bool
    smart_terminal: bool
    mobile: bool
    schedule: str
    licence_free: bool
    prices: list[PriceLine]
    photos: list[Picture]
    verified_at: date | None
    confidence: float
    source: str
    made_up: bool
    city: str


class Problem(Schema):
    """Why something was refused, in the caller's language, and each fault with its code in both."""

    detail: str
    faults: list[dict[str, Any]] = Field(default_factory=list)


class ReportIn(Schema):
    """What a passer-by says: ``closed``, ``wrong`` or ``moved``. No name, no phone."""

    kind: str = Field(max_length=10)
    note: str = Field("", max_length=300)


class ProposalIn(Schema):
    """An edit: field → new value; ``hours`` as text, ``prices`` as lines of item, yuan, unit."""

    changes: dict[str, str | bool | list[str] | list[PriceLine]] = Field(max_length=12)


class Thanks(Schema):
    thanks: bool = True


class Draft(Schema):
    """An outlet entered on a phone, perhaps without a network; ``draft_key`` makes that it is added once."""

    model_config = ConfigDict(extra="forbid")

    draft_key: uuid.UUID
    city: str = Field(max_length=50)
    name: str = Field(max_length=80)
    types: list[str] = Field(default_factory=list, max_length=20)
    trade: str = Field("", max_length=40)
    lon: float = Field(ge=-180, le=180, allow_inf_nan=False)
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False)
    address: str = Field("", max_length=200)
    hours: str = Field("", max_length=200)
    payments: list[str] = Field(default_factory=list, max_length=20)
    mobile: bool = False
    prices: list[PriceLine] = Field(default_factory=list, max_length=60)


class Added(Schema):
    key: str
    name: str
    state: str
    again: bool  # the draft was added before


def _plain(changes: dict[str, Any]) -> dict[str, Any]:
    """Return changes as JSON keeps them; long texts are refused by their fields later."""
    return {
        name: [line.dict() if isinstance(line, PriceLine) else line for line in value]
        if isinstance(value, list)
        else value
        for name, value in changes.items()
    }


def _outlet(key: str) -> Outlet | None:
    if "\x00" in key:
        return None
    found = Outlet.objects.select_related("city", "area").prefetch_related(
        "functions", "prices", "photos", "closures", "reports"
    )
    return found.filter(key=key, state__in=SHOWN).first()


@router.get("/outlets/{key}", response={200: Card, 404: Problem}, summary="The public card of an outlet")
def outlet_card(request: HttpRequest, key: str) -> Any:
    """Return the card of an open or paused outlet."""
    found = _outlet(key)
    return (200, card(found)) if found else (404, {"detail": "no such outlet"})


@router.post(
    "/outlets/{key}/reports", response={201: Thanks, 404: Problem, 409: Problem, 422: Problem, 429: Problem},
    summary="Report an outlet: closed, wrong, moved",
)  # fmt: skip
def report(request: HttpRequest, key: str, told: ReportIn) -> Any:
    """Note a report. Nothing of who reports is kept but a keyed print of the address, for a day, to count."""
    found = _outlet(key)
    if found is None:
        return 404, {"detail": "no such outlet"}
    try:
        actions.report(deed_on(None, found), told.kind, told.note, origin_of(request))
    except RegisterError as error:
        return {"outlets.too_many": 429, "outlets.changed_meanwhile": 409}.get(error.code, 422), error_json(error)
    return 201, {"thanks": True}


@router.post(
    "/outlets/{key}/proposals", response={201: Thanks, 404: Problem, 409: Problem, 422: Problem, 429: Problem},
    summary="Propose an edit of an outlet; it waits for its owner, or for the community",
)  # fmt: skip
def propose(request: HttpRequest, key: str, told: ProposalIn) -> Any:
    """Note a proposed edit: fields of the register that the owner may edit, ``hours`` and ``prices``."""
    found = _outlet(key)
    if found is None:
        return 404, {"detail": "no such outlet"}
    try:
        actions.propose(deed_on(None, found), _plain(told.changes), origin_of(request))
    except RegisterError as error:
        return {"outlets.too_many": 429, "outlets.changed_meanwhile": 409}.get(error.code, 422), error_json(error)
    return 201, {"thanks": True}


@router.post(
    "/register/outlets", auth=staff_auth, response={200: Added, 403: Problem, 409: Problem, 422: Problem},
    summary="Add an outlet from a draft (community workers)",
)  # fmt: skip
def add_outlet(request: HttpRequest, draft: Form[str], photo: File[UploadedFile | None] = None) -> Any:
    """Add what a draft tells: ``draft`` is JSON (see ``Draft``), ``photo`` a picture. The same ``draft_key`` is added once."""
    person = person_of(request)
    try:
        told = Draft.model_validate_json(draft)
        again, outlet = _added(person, told, photo)
    except ValidationError as error:
        why = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:5])
        return 422, error_json(RegisterError(Fault("outlets.draft_bad", values={"why": why[:300]})))
    except YikeError as error:
        return 422, error_json(error)
    except PermissionDenied:
        return 403, {"detail": "outlets.add"}
    except IntegrityError:
        return 409, error_json(RegisterError(Fault("outlets.changed_meanwhile")))
    return 200, {"key": outlet.key, "name": outlet.name, "state": outlet.state, "again": again}


def _added(person: Person | None, told: Draft, photo: UploadedFile | None) -> tuple[bool, Outlet]:
    """Add a draft with its picture as one: if the picture is refused, nothing is added."""
    city = City.objects.filter(slug=told.city.replace("\x00", "")).first()
    if city is None:
        raise RegisterError(Fault("outlets.draft_bad", values={"why": f"city {told.city[:20]}"}))
    known = Outlet.objects.filter(draft_key=told.draft_key).select_related("area", "city").first()
    area = (known.area or known.city.root) if known else community_of(city, told.lon, told.lat)
    if not may(person, "outlets.add", area):
        if may(person, "outlets.add", city.root) or not known:
            raise RegisterError(
                Fault("outlets.elsewhere", values={"area": {"zh": area.name, "en": area.name_en or area.name}})
            )
        raise PermissionDenied("outlets.add")
    entry = Entry(
        city, told.name, told.types, told.lon, told.lat,
        {"address": told.address, "payments": told.payments, "mobile": told.mobile}, told.hours,
        [line.dict() for line in told.prices], told.trade, told.draft_key,
    )  # fmt: skip
    with transaction.atomic():
        outlet = actions.add(deed_at(person, area), entry)
        if photo is not None and not outlet.photos.exists() and outlet.owner_id is None:
            actions.add_photo(deed_on(person, outlet), photo)
    return known is not None, outlet
