"""How an act on the register is begun: the deed for a record, the record locked and compared with the deed."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from yike.errors import Fault
from yike.web.accounts.models import Person
from yike.web.accounts.rights import roles_at
from yike.web.areas.models import Area, City
from yike.web.areas.placing import area_at
from yike.web.journal.chain import Deed
from yike.web.outlets.models import Function, Outlet, Proposal, Registration, Report
from yike.web.outlets.naming import cell_of, new_key, pinyin_of
from yike.web.outlets.states import RegisterError


def deed_on(person: Person | None, outlet: Outlet) -> Deed:
    """Return the deed of an act on an outlet: where it stands and whose it is decide who may."""
    return Deed(person, outlet.area or outlet.city.root, "outlets.outlet", outlet.key, outlet.owner_id)


def deed_at(person: Person | None, area: Area) -> Deed:
    """Return the deed of entering a new outlet in an area; its key is drawn now."""
    return Deed(person, area, "outlets.outlet", new_key())


def deed_of(person: Person | None, registration: Registration) -> Deed:
    """Return the deed of an act on a registration: the area of its outlet, else the city; owned by who made it."""
    outlet = registration.outlet
    area = (outlet.area if outlet else None) or registration.city.root
    return Deed(person, area, "outlets.registration", str(registration.pk), registration.person_id)


def locked(deed: Deed) -> Outlet:
    """Return the outlet of a deed, locked; the deed's area and owner must be the record's own.

    Raises
    ------
    RegisterError
        ``outlets.changed_meanwhile``: the record moved or changed hands since the deed was made up.
    """
    outlet = Outlet.objects.select_for_update().filter(key=deed.record).first()
    if outlet is None or deed.area is None or deed.area.pk != (outlet.area_id or outlet.city.root.pk):
        raise RegisterError(Fault("outlets.changed_meanwhile"))
    if deed.owner_id != outlet.owner_id:
        raise RegisterError(Fault("outlets.changed_meanwhile"))
    return outlet


def locked_registration(deed: Deed, *states: str) -> Registration:
    """Return the registration of a deed, locked and in one of ``states``; as `locked`, or ``outlets.registration_state``."""
    found = Registration.objects.select_for_update().filter(pk=int(deed.record or 0)).first()
    if found is None or deed.area is None or deed.area.pk != _area_of(found).pk or deed.owner_id != found.person_id:
        raise RegisterError(Fault("outlets.changed_meanwhile"))
    if found.state not in states:
        raise RegisterError(Fault("outlets.registration_state"))
    return found


def _area_of(registration: Registration) -> Area:
    return (registration.outlet.area if registration.outlet else None) or registration.city.root


def waiting(record: Report | Proposal, outlet: Outlet) -> None:
    """Refuse to answer a report or proposal twice, or through another outlet than its own."""
    if record.outlet_id != outlet.pk:
        raise PermissionDenied
    if record.outcome:
        raise RegisterError(Fault("outlets.settled"))


def community_of(city: City, lon: float, lat: float) -> Area:
    """Return the community that holds a point.

    Raises
    ------
    RegisterError
        ``outlets.point_outside``: none does.
    """
    area = area_at(city, lon, lat)
    if area is None:
        values = {"lon": round(lon, 5), "lat": round(lat, 5), "city": {"zh": city.name, "en": city.name_en}}
        raise RegisterError(Fault("outlets.point_outside", values=values))
    return area


def here(deed: Deed, city: City, lon: float, lat: float) -> Area:
    """Return the community of a point, which must lie in the deed's area; else ``outlets.elsewhere``."""
    area = community_of(city, lon, lat)
    if deed.area is None or not deed.area.holds(area):
        raise RegisterError(
            Fault("outlets.elsewhere", values={"area": {"zh": area.name, "en": area.name_en or area.name}})
        )
    return area


def put_name(outlet: Outlet) -> None:
    """Set what an outlet is searched by from its name."""
    outlet.pinyin, outlet.initials = pinyin_of(outlet.name)


def put_point(outlet: Outlet, lon: float, lat: float) -> None:
    """Set an outlet's point and cell."""
    outlet.lon, outlet.lat, outlet.h3 = lon, lat, cell_of(lon, lat)


def put_types(outlet: Outlet, codes: list[str]) -> None:
    """Set what an outlet does."""
    outlet.functions.exclude(code__in=codes).delete()
    known = set(outlet.functions.values_list("code", flat=True))
    Function.objects.bulk_create(Function(outlet=outlet, code=code) for code in codes if code not in known)


def seen(outlet: Outlet, person: Person | None) -> None:
    """Note that a person of some role stood before an outlet today."""
    outlet.verified_at = timezone.localdate()
    outlet.verified_by = roles_at(person, outlet.area or outlet.city.root)


def answer_waiting(outlet: Outlet, outcome: str) -> int:
    """Answer all reports that wait on an outlet, as somebody's looking there did; return how many."""
    return int(outlet.reports.filter(outcome="").update(outcome=outcome, settled_at=timezone.now()))


def plain(value: Any) -> Any:
    """Return a field's value as the journal keeps it."""
    return value if isinstance(value, (str, int, float, bool, list)) or value is None else str(value)
