"""The profile of a circle (画像): who lives there, what there is, what is idle, which programmes it belongs to.

Every fact says where it is from; what is not known is None, never zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_noop

from yike.errors import YikeError
from yike.standards.catalogue import Catalogue, load_catalogue
from yike.web.areas.models import Area
from yike.web.circles.models import Circle
from yike.web.circles.reading import grades
from yike.web.circling.models import CommunityFact, Programme, Shed
from yike.web.lists.choices import labels, table
from yike.web.outlets.models import Outlet
from yike.web.spaces.models import Space
from yike.web.studies.live import live
from yike.web.studies.models import CircleFigure

ROOM = "yike.web.circling"
CHAIN = frozenset({"chain", "chain_direct", "chain_franchise"})
NOT_COMMERCIAL = frozenset({"public"})
HOMES, REGISTER, IDLE = gettext_noop("测算居民点"), gettext_noop("网点登记册"), gettext_noop("闲置空间登记")


@dataclass(frozen=True)
class Fact:
    """One number of a profile. ``value`` None: not known. ``of``: of how many people, outlets … it is known."""

    key: str
    zh: str
    en: str
    value: float | None
    unit_zh: str
    unit_en: str
    source: str
    year: int | None = None
    of: float | None = None
    made_up: bool = False

    @property
    def is_share(self) -> bool:
        """Whether the value is a share between 0 and 1."""
        return self.unit_en == "%"


@dataclass(frozen=True)
class Profile:
    """All a plan says of a circle before it says what is to be done. `as_json` names every part."""

    circle: dict[str, Any]
    facts: dict[str, Fact]
    types: list[dict[str, Any]]  #: code, zh, en, category, counted, outlets
    present: dict[str, dict[str, Any]]  #: by category: present, of, gate, met, clause, grade
    missing: list[str]  #: basic types of the gate without an open outlet
    figures: list[dict[str, Any]]
    spaces: list[dict[str, Any]]
    programmes: list[dict[str, Any]]
    versions: list[dict[str, Any]]
    study: str
    standard: str
    made_up: bool

    @property
    def as_json(self) -> dict[str, Any]:
        """Return the profile as plain values."""
        return {**vars(self), "facts": {key: asdict(each) for key, each in self.facts.items()}}


def profile_of(circle: Circle) -> Profile:
    """Return the profile of a circle as its boundary is now."""
    inside = list(circle.communities.select_related("parent__parent").order_by("code"))
    catalogue, digest = _standard(circle)
    open_here = list(Outlet.objects.filter(area__in=inside, state="open").prefetch_related("functions").order_by("key"))
    served = Counter(code for each in open_here for code in {f.code for f in each.functions.all()})
    idle = list(Space.objects.filter(area__in=inside).exclude(state="withdrawn").order_by("-area_m2", "key"))
    return Profile(
        circle=_circle(circle, inside),
        facts={each.key: each for each in _facts(circle, inside, open_here, idle)},
        types=[
            {"code": kind.code, "zh": kind.zh, "en": kind.en, "category": kind.category,
             "counted": kind.counted_in_gate, "outlets": served[kind.code]}
            for kind in catalogue.types
        ],
        present=_present(catalogue, served),
        missing=[
            kind.code
            for kind in catalogue.types
            if kind.category == "basic" and kind.counted_in_gate and not served[kind.code]
        ],
        figures=_figures(circle),
        spaces=[{"key": each.key, "name": each.name, "kind": each.kind, "area_m2": each.area_m2, "state": each.state}
                for each in idle],
        programmes=programmes_of(inside),
        versions=[
            {"number": each.number, "at": each.at.isoformat(), "why": each.why, "communities": len(each.communities),
             "people": each.people}
            for each in circle.versions.order_by("number")
        ],
        study=digest,
        standard=f"{catalogue.name} {catalogue.version}",
        made_up=circle.city.made_up,
    )  # fmt: skip


def _standard(circle: Circle) -> tuple[Catalogue, str]:
    """Return the standard a circle's city is judged by, and the digest of its study, "" where it has none."""
    try:
        engine = live(circle.city)
    except YikeError:  # a city without a study: its register is told by the standard that ships
        return load_catalogue(), ""
    return engine.catalogue, engine.digest


def _circle(circle: Circle, inside: Sequence[Area]) -> dict[str, Any]:
    grade, last = grades()[circle.grade], circle.version
    shed = Shed.objects.filter(version=last).first() if last else None
    streets = {each.parent.code: each.parent for each in inside if each.parent}
    counties = {each.parent.code: each.parent for each in streets.values() if each.parent}
    return {
        "code": circle.code, "name": circle.name, "name_en": circle.name_en, "state": circle.state,
        "grade": circle.grade, "grade_zh": grade["zh"], "grade_en": grade["en"], "version": last.number if last else 0,
        "centre": [shed.lon, shed.lat] if shed and shed.lon is not None else None,
        "communities": [{"code": each.code, "name": each.name, "people": each.people} for each in inside],
        "streets": [each.name for each in streets.values()], "counties": [each.name for each in counties.values()],
    }  # fmt: skip


# --- facts ------------------------------------------------------------------------------------------


def _named(key: str, value: float | Decimal | None, source: str, **more: Any) -> Fact:
    row = next(each for each in table(ROOM, "facts") if each["key"] == key)
    told = None if value is None else float(value)
    return Fact(key, row["zh"], row["en"], told, row["unit_zh"], row["unit_en"], source, **more)


def _facts(circle: Circle, inside: Sequence[Area], outlets: Sequence[Outlet], idle: Sequence[Space]) -> list[Fact]:
    made_up, people = circle.city.made_up, sum(each.people for each in inside)
    told = [_named("people", people, HOMES, made_up=made_up)]
    known = _latest(inside)
    households = _sum(known, inside, "households")
    for key, share in (("people_60", "share_60"), ("people_u14", "share_u14")):
        found = _sum(known, inside, key)
        told.append(found)
        base = people
        told.append(_like(found, share, None if found.value is None or base <= 0 else found.value / base))
    told += [households, _mean(known, inside, "income_yuan"), _mean(known, inside, "consumption_yuan")]
    told.append(_named("outlets", len(outlets), REGISTER, made_up=made_up))
    told += _of_outlets(outlets, households, made_up)
    free = [each for each in idle if each.state == "free"]
    several = any(each.made_up for each in free)
    told.append(_named("idle_spaces", len(free), IDLE, made_up=several))
    told.append(_named("idle_m2", sum(each.area_m2 for each in free), IDLE, made_up=several))
    return told


def _of_outlets(outlets: Sequence[Outlet], households: Fact, made_up: bool) -> list[Fact]:
    """Return chain rate, floor area, and floor area per 100 households, each of the outlets it is known of."""
    owned = [each for each in outlets if each.ownership not in ("unknown", *NOT_COMMERCIAL)]
    chains = sum(each.ownership in CHAIN for each in owned)
    sized = [float(each.floor_area_m2) for each in outlets if each.floor_area_m2 is not None]
    area = sum(sized) if sized else None
    per = 100 * area / households.value if area is not None and households.value else None
    source = f"{REGISTER}；{households.source}" if households.source else REGISTER
    return [
        _named("chain_rate", chains / len(owned) if owned else None, REGISTER, of=len(owned), made_up=made_up),
        _named("outlet_area_m2", area, REGISTER, of=len(sized), made_up=made_up),
        _named("m2_per_100_households", per, source, year=households.year, of=len(sized), made_up=made_up),
    ]


def _latest(inside: Sequence[Area]) -> list[CommunityFact]:
    """Return the newest facts of each community that has any."""
    rows = CommunityFact.objects.filter(area__in=inside).select_related("area").order_by("area__code", "year")
    return list({each.area_id: each for each in rows}.values())


def _origin(rows: Sequence[CommunityFact]) -> dict[str, Any]:
    return {
        "source": "；".join(dict.fromkeys(each.source for each in rows)),
        "year": max((each.year for each in rows), default=None),
        "made_up": any(each.made_up for each in rows),
    }


def _sum(known: Sequence[CommunityFact], inside: Sequence[Area], key: str) -> Fact:
    """Return the sum over all communities; None unless every one tells of it; ``of``: how many do."""
    rows = [each for each in known if getattr(each, key) is not None]
    value = sum(float(getattr(each, key)) for each in rows) if rows and len(rows) == len(inside) else None
    return _named(key, value, of=len(rows), **_origin(rows))


def _mean(known: Sequence[CommunityFact], inside: Sequence[Area], key: str) -> Fact:
    """Return the mean over the people of the communities that tell of it."""
    people = {each.pk: each.people for each in inside}
    rows = [each for each in known if getattr(each, key) is not None]
    weight = sum(people[each.area_id] for each in rows)
    total = sum(float(getattr(each, key)) * people[each.area_id] for each in rows)
    return _named(key, total / weight if weight > 0 else None, of=len(rows), **_origin(rows))


def _like(other: Fact, key: str, value: float | None) -> Fact:
    return _named(key, value, other.source, year=other.year, of=other.of, made_up=other.made_up)


# --- what there is ----------------------------------------------------------------------------------


def _present(catalogue: Catalogue, served: Counter[str]) -> dict[str, dict[str, Any]]:
    """Return by category how many of the gate's types have an open outlet, against the gate of the standard."""
    found = {}
    for category in ("basic", "quality"):
        counted = [each.code for each in catalogue.types if each.category == category and each.counted_in_gate]
        number = sum(served[code] > 0 for code in counted)
        gate = next((each for each in catalogue.gates if each.category == category), None)
        found[category] = {
            "present": number, "of": len(counted), "gate": gate.at_least if gate else None,
            "met": number >= gate.at_least if gate else None, "clause": gate.clause if gate else "",
            "grade": gate.grade if gate else "",
        }  # fmt: skip
    return found


def _figures(circle: Circle) -> list[dict[str, Any]]:
    """Return the circle's figures within the current boundary, each with the share within the original one."""
    rows = list(CircleFigure.objects.filter(circle=circle).order_by("walker", "business_type", "limit_s"))
    first = {(each.requirement, each.walker): each for each in rows if each.version == "original"}
    told = []
    for each in rows:
        if each.version != "current":
            continue
        other = first.get((each.requirement, each.walker))
        told.append({
            "requirement": each.requirement, "business_type": each.business_type, "walker": each.walker,
            "limit_min": each.limit_s / 60, "people": each.people, "people_met": each.people_met,
            "share": each.people_met / each.people if each.people > 0 else None,
            "share_original": other.people_met / other.people if other and other.people > 0 else None,
            "people_original": other.people if other else None,
            "median_min": None if each.median_s is None else each.median_s / 60,
            "study": each.study, "standard": each.standard, "through": each.through,
        })  # fmt: skip
    return told


def programmes_of(inside: Sequence[Area]) -> list[dict[str, Any]]:
    """Return the programmes of communities: those of an area that holds one of them, and those within them."""
    above = {code for each in inside for code in each.chain()}
    named = labels(ROOM, "programmes")
    rows = Programme.objects.filter(Q(area__code__in=above)).select_related("area").order_by("kind", "-year", "name")
    return [
        {"pk": each.pk, "kind": each.kind, "zh": named[each.kind]["zh"], "en": named[each.kind]["en"],
         "name": each.name, "area": each.area.name, "year": each.year, "source": each.source, "made_up": each.made_up}
        for each in rows
    ]  # fmt: skip
