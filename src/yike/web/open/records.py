"""Records of the open kinds: how they are found, narrowed down, and told. Only public fields, only public records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.timezone import localtime

from yike.web.areas.models import Area, City
from yike.web.circles.models import Circle
from yike.web.open.places import touching
from yike.web.open.tables import rules
from yike.web.outlets.models import Outlet
from yike.web.studies.models import Figure

PUBLIC_STATES = ("open", "paused")  #: a planned outlet is not there yet, and may still be under review
Box = tuple[float, float, float, float]  #: west, south, east, north in WGS 84; west > east goes across the antimeridian


@dataclass(frozen=True)
class Record:
    """One public record: its id, its fields in the order of ``fields.csv``, and where it is (GeoJSON)."""

    id: str
    properties: dict[str, Any]
    geometry: dict[str, Any] | None


def found(kind: str, city: City) -> QuerySet[Any]:
    """Return the public records of a kind in a city, in a lasting order."""
    match kind:
        case "outlets":
            shown = Outlet.objects.filter(city=city, state__in=PUBLIC_STATES)
            return shown.select_related("area").prefetch_related("functions").order_by("key")
        case "areas":
            return Area.objects.filter(city=city).select_related("parent").order_by("code")
        case "circles":
            return Circle.objects.filter(city=city).prefetch_related("communities").order_by("code")
        case "coverage":
            # The order of the unique index: a page far down costs no sort.
            return Figure.objects.filter(city=city).select_related("area").order_by("area_id", "requirement", "walker")
    raise KeyError(kind)


def one(kind: str, city: City, id: str) -> Record | None:
    """Return the record with that id, or None."""
    records = found(kind, city)
    if kind == "coverage":
        area, _, rest = id.partition(".")
        walker, _, requirement = rest.partition(".")
        hit = records.filter(area__code=area, walker=walker, requirement=requirement).first()
    else:
        hit = records.filter(**{"key" if kind == "outlets" else "code": id}).first()
    return None if hit is None else told(kind, city, hit)


def in_box(records: QuerySet[Any], kind: str, city: City, box: Box) -> QuerySet[Any]:
    """Keep records whose place touches a box."""
    west, south, east, north = box
    if kind == "outlets":
        across = Q(lon__gte=west) | Q(lon__lte=east) if west > east else Q(lon__gte=west, lon__lte=east)
        return records.filter(across, lat__gte=south, lat__lte=north)
    ids = touching("circles" if kind == "circles" else "areas", city, box)
    return records.filter(**{"area_id__in" if kind == "coverage" else "pk__in": ids})


def in_time(records: QuerySet[Any], kind: str, since: date | None, until: date | None) -> QuerySet[Any]:
    """Keep outlets last verified (where never: last changed) in an interval; other kinds have no time of their own."""
    if kind != "outlets":
        return records
    verified, changed = Q(verified_at__isnull=False), Q(verified_at=None)
    if since:
        verified, changed = verified & Q(verified_at__gte=since), changed & Q(changed_at__date__gte=since)
    if until:
        verified, changed = verified & Q(verified_at__lte=until), changed & Q(changed_at__date__lte=until)
    return records.filter(verified | changed)


LOOKUPS = {
    ("outlets", "types"): "functions__code",
    ("areas", "parent"): "parent__code",
    ("circles", "communities"): "communities__code",
    ("coverage", "area"): "area__code",
    ("coverage", "level"): "area__level",
}


def with_field(records: QuerySet[Any], kind: str, field: str, value: Any) -> QuerySet[Any]:
    """Keep records whose field is (for lists: holds) a value; outlets of an area are those of its whole tree."""
    if (kind, field) == ("outlets", "area"):
        area = Area.objects.filter(code=value).first()
        return records.filter(area__path__startswith=area.path) if area else records.none()
    if field == "made_up" and kind != "outlets":
        return records.filter(city__made_up=value)
    return records.filter(**{LOOKUPS.get((kind, field), field): value})


def told(kind: str, city: City, record: Any) -> Record:
    """Return a record as the public sees it."""
    if kind == "coverage":
        return _coverage(city, record, record.area.boundary or point(record.area.lon, record.area.lat))
    match kind:
        case "outlets":
            return _outlet(city, record)
        case "areas":
            return _area(city, record)
    return _circle(city, record)


def all_told(kind: str, city: City, chunk: int = 2000) -> Iterator[Record]:
    """Tell all public records of a kind, a chunk at a time: a city's worth never stands in memory as objects.

    Figures stand at their area's point: an area has hundreds, and its outline is told once, with the areas.
    """
    records = found(kind, city)
    if kind == "coverage":
        for figure in records.defer("area__boundary").iterator(chunk_size=chunk):
            yield _coverage(city, figure, point(figure.area.lon, figure.area.lat))
        return
    for record in records.iterator(chunk_size=chunk):
        yield told(kind, city, record)


def enough(people: float) -> float | None:
    """Return a count of people, or None where so few live that a figure could point at someone."""
    return None if people < rules()["few_people"] else round(people, 1)


def point(lon: float | None, lat: float | None) -> dict[str, Any] | None:
    """Return a GeoJSON point; 7 decimals are a centimetre."""
    return None if lon is None or lat is None else {"type": "Point", "coordinates": [round(lon, 7), round(lat, 7)]}


def _outlet(city: City, outlet: Outlet) -> Record:
    fields = {
        "key": outlet.key,
        "name": outlet.name,
        "state": outlet.state,
        "types": sorted(each.code for each in outlet.functions.all()),
        "ownership": outlet.ownership,
        "address": outlet.address,
        "area": outlet.area.code if outlet.area else None,
        "area_name": outlet.area.name if outlet.area else None,
        "hours_text": outlet.hours_text,
        "hours": outlet.hours,
        "phone": "" if outlet.licence_free else outlet.phone,  # a stall's telephone is a person's
        "services": outlet.services,
        "payments": outlet.payments,
        "manual_counter": outlet.manual_counter,
        "barrier_free": outlet.barrier_free,
        "nursing_room": outlet.nursing_room,
        "delivery": outlet.delivery,
        "childcare_sessions": outlet.childcare_sessions,
        "guarantees_supply": outlet.guarantees_supply,
        "smart_terminal": outlet.smart_terminal,
        "distinctions": outlet.distinctions,
        "mobile": outlet.mobile,
        "schedule": outlet.schedule,
        "licence_free": outlet.licence_free,
        "source": outlet.source,
        "verified_at": outlet.verified_at,
        "changed_at": localtime(outlet.changed_at).date(),
        "made_up": outlet.made_up or city.made_up,
    }
    return Record(outlet.key, fields, point(outlet.lon, outlet.lat))


def _area(city: City, area: Area) -> Record:
    fields = {
        "code": area.code,
        "name": area.name,
        "name_en": area.name_en,
        "level": area.level,
        "parent": area.parent.code if area.parent else None,
        "people": enough(area.people),
        "made_up": city.made_up,
    }
    return Record(area.code, fields, area.boundary or point(area.lon, area.lat))


def _circle(city: City, circle: Circle) -> Record:
    fields = {
        "code": circle.code,
        "name": circle.name,
        "name_en": circle.name_en,
        "grade": circle.grade,
        "communities": sorted(each.code for each in circle.communities.all()),
        "people": enough(circle.people),
        "made_up": city.made_up,
    }
    return Record(circle.code, fields, circle.boundary)


def _coverage(city: City, figure: Figure, place: dict[str, Any] | None) -> Record:
    id, people = f"{figure.area.code}.{figure.walker}.{figure.requirement}", enough(figure.people)
    fields = {
        "id": id,
        "area": figure.area.code,
        "area_name": figure.area.name,
        "level": figure.area.level,
        "requirement": figure.requirement,
        "business_type": figure.business_type,
        "walker": figure.walker,
        "limit_min": round(figure.limit_s / 60, 2),
        "people": people,
        "people_met": None if people is None else round(figure.people_met, 1),
        "share": None if people is None else round(figure.people_met / figure.people, 4),
        "median_min": None if people is None or figure.median_s is None else round(figure.median_s / 60, 2),
        "study": figure.study,
        "standard": figure.standard,
        "through": figure.through,
        "made_up": city.made_up,
    }
    return Record(id, fields, place)
