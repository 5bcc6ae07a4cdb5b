"""What drawing a circle takes: checks of its communities, its boundary, the area it is in, its code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import shapely
from django.core.exceptions import PermissionDenied

from yike.errors import Fault, Row, YikeError, raise_all
from yike.web.areas.models import Area, City
from yike.web.areas.naming import english
from yike.web.circles.models import CLASSES, Circle
from yike.web.circling.states import check_step

PLACES = 6  #: decimals of a degree in outlines: 0.1 m


class CirclingError(YikeError):
    """Something asked of circles cannot be done as asked."""


def common_area(areas: Iterable[Area], city: City) -> Area:
    """Return the lowest area that holds all of some areas; the city's root for none."""
    paths = [each.path.rstrip("/").split("/") for each in areas]
    if not paths:
        return city.root
    kept = []
    for parts in zip(*paths, strict=False):
        if len(set(parts)) > 1:
            break
        kept.append(parts[0])
    return Area.objects.get(city=city, code=kept[-1])


def area_of(circle: Circle) -> Area:
    """Return the area a circle is in: where rights on it are asked. A dissolved one lies where it last did."""
    inside = list(circle.communities.all())
    if not inside and (last := circle.versions.exclude(communities=[]).order_by("-number").first()):
        inside = list(Area.objects.filter(city=circle.city, code__in=last.communities))
    return common_area(inside, circle.city)


def checked(
    city: City,
    codes: Sequence[str],
    *,
    name: str,
    grade: str = "basic",
    mine: Circle | None = None,
    taking: bool = False,
) -> list[Area]:
    """Return the communities of some codes, if a circle may be made of them.

    Parameters
    ----------
    mine
        The circle whose boundary changes: its own communities are not taken.
    taking
        Whether communities may be taken from other circles.

    Raises
    ------
    CirclingError
        ``circling.name_missing``, ``circling.name_long``, ``circling.grade_unknown``, ``circling.no_community``,
        ``circling.community_unknown``, ``circling.community_taken``: all at once.
    """
    wanted = list(dict.fromkeys(each.strip() for each in codes if each.strip()))
    areas = {each.code: each for each in Area.objects.filter(city=city, level="community", code__in=wanted)}
    strange: list[Row] = [(None, code) for code in wanted if code not in areas]
    held = Circle.objects.filter(city=city, communities__code__in=wanted).exclude(pk=mine.pk if mine else 0)
    taken: list[Row] = [
        (None, f"{areas[code].name} → {other}")
        for code, other in held.values_list("communities__code", "name").order_by("communities__code")
        if code in areas
    ]
    kinds: dict[str, list[Row]] = {
        "circling.name_missing": [] if name.strip() else [(None, "")],
        "circling.name_long": [(None, name[:60])] if len(name.strip()) > 60 else [],
        "circling.grade_unknown": [] if grade in CLASSES else [(None, grade[:40])],
        "circling.no_community": [] if wanted else [(None, "")],
        "circling.community_unknown": strange,
        "circling.community_taken": [] if taking else taken,
    }
    silent = {"circling.name_missing", "circling.no_community"}
    raise_all(CirclingError, [Fault(code, () if code in silent else tuple(bad)) for code, bad in kinds.items() if bad])
    return [areas[code] for code in sorted(areas)]


def need_within(area: Area | None, communities: Iterable[Area]) -> None:
    """Refuse what reaches beyond the area whose right was asked."""
    if area is None or not all(area.holds(each) for each in communities):
        raise PermissionDenied("circling")


def boundary_of(communities: Iterable[Area]) -> dict[str, object] | None:
    """Return the union of communities' outlines as GeoJSON, None where none is known."""
    shapes = [shapely.geometry.shape(each.boundary) for each in communities if each.boundary]
    if not shapes:
        return None
    joined = shapely.union_all(shapely.set_precision(shapes, 10.0**-PLACES))
    found: dict[str, object] = shapely.geometry.mapping(joined)
    return found


def put(circle: Circle, communities: Sequence[Area]) -> None:
    """Give a circle other communities, with the boundary and people that follow (saved)."""
    circle.boundary = boundary_of(communities)
    circle.people = sum(each.people for each in communities)
    circle.save()
    circle.communities.set(communities)


def make(city: City, name: str, grade: str, communities: Sequence[Area]) -> Circle:
    """Make a circle (saved, without a version yet)."""
    check_step("", "standing", "circling.draw")
    name = name.strip()
    circle = Circle(city=city, code=free_code(city), name=name, name_en=in_english(name), grade=grade)
    put(circle, communities)
    return circle


def in_english(name: str) -> str:
    """Return a circle's name in English: its place in letters, and what it is in words.

    Examples
    --------
    >>> in_english("凤台生活圈")
    'Fengtai Circle'
    """
    place = name.removesuffix("生活圈").removesuffix("便民")
    return (f"{english(place)} Circle" if place and place != name else english(name))[:120]


def free_code(city: City) -> str:
    """Return the next code of a city: the first six digits of its own, Q, and a number."""
    stem = f"{city.root.code[:6]}Q"
    known = Circle.every.filter(code__startswith=stem).values_list("code", flat=True)
    numbers = [int(code[len(stem) :]) for code in known if code[len(stem) :].isdigit()]
    return f"{stem}{max(numbers, default=0) + 1:03d}"


def release(city: City, communities: Sequence[Area], why: str, person: object) -> list[Circle]:
    """Take communities out of the circles that hold them; each gets a new version, and one left empty is dissolved."""
    codes = {each.code for each in communities}
    held = list(Circle.objects.filter(city=city, communities__code__in=codes).distinct().order_by("code"))
    for circle in held:
        left = [each for each in circle.communities.order_by("code") if each.code not in codes]
        if not left:
            check_step(circle.state, "dissolved", "circling.dissolve")
            circle.state = "dissolved"
        put(circle, left)
        circle.append(why, person)
    return held
