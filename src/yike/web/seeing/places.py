"""What a page is about: an area of the tree or a living circle, with the homes in it and what it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from numpy.typing import NDArray

from yike.web.accounts.models import Person
from yike.web.accounts.rights import LoginNeeded, may, need, person_of, reach_of
from yike.web.areas.models import Area, City
from yike.web.circles.models import Circle
from yike.web.seeing.now import Seen, residents_of

SEE = "seeing.see"
BELOW = {"city": "county", "county": "street", "street": "community", "community": "", "circle": "community"}


@dataclass(frozen=True)
class Place:
    """An area or a circle; ``kind`` is its level, "circle" for circles."""

    city: City
    code: str
    name: str
    name_en: str
    kind: str
    people: float
    area: Area | None
    members: tuple[str, ...]  #: codes of a circle's communities

    @property
    def path(self) -> str:
        """Address of its page."""
        return f"/desk/area/circle/{self.code}/" if self.kind == "circle" else f"/desk/area/{self.code}/"

    def shown(self, lang: str) -> str:
        return self.name_en if lang == "en" and self.name_en else self.name

    def holds(self, seen: Seen) -> NDArray[np.bool_]:
        """Return (R,) which homes lie in it."""
        homes = residents_of(seen)
        if self.kind == "circle":
            return homes["community"].isin(self.members).to_numpy()
        if self.kind == "city":
            return np.ones(len(homes), bool)
        return (homes[self.kind] == self.code).to_numpy()

    def stands(self, seen: Seen) -> NDArray[np.bool_]:
        """Return (O,) which outlets of the register stand in it."""
        if self.kind == "circle":
            ends = tuple(f"{code}/" for code in self.members)
            return np.array([bool(ends) and path.endswith(ends) for path in seen.places], bool)
        path = self.area.path if self.area else ""
        return np.array([each.startswith(path) for each in seen.places], bool)

    @property
    def around(self) -> str:
        """Code of the area one plans in: itself, or for a circle the lowest area that holds all of its communities."""
        if self.area:
            return self.area.code
        chains = [path.rstrip("/").split("/") for path in self._paths()]
        shared = [codes[0] for codes in zip(*chains, strict=False) if len(set(codes)) == 1]
        return shared[-1] if shared else self.city.root.code

    def _paths(self) -> list[str]:
        return list(Area.objects.filter(code__in=self.members).values_list("path", flat=True))

    def parts(self) -> list[Area]:
        """Return the areas it is made of, in the order of their codes."""
        if self.kind == "circle":
            return list(Area.objects.filter(code__in=self.members).order_by("code"))
        return list(self.area.children.order_by("code")) if self.area else []


def of_area(area: Area) -> Place:
    return Place(area.city, area.code, area.name, area.name_en, area.level, area.people, area, ())


def of_circle(circle: Circle) -> Place:
    members = tuple(circle.communities.order_by("code").values_list("code", flat=True))
    return Place(circle.city, circle.code, circle.name, circle.name_en, "circle", circle.people, None, members)


def home_of(person: Person) -> Area:
    """Return the area a person's desk opens at: the widest they may see; raises Http404 where there is none."""
    paths = sorted(reach_of(person, SEE), key=lambda path: (path.count("/"), path))
    found = Area.objects.select_related("city").filter(path=paths[0]).first() if paths else None
    if found is None:
        raise Http404
    return found


def asked(request: HttpRequest, code: str, circle: bool = False) -> Place:
    """Return the area or circle of a code, if the person may see it: every community of a circle must be within reach.

    Raises
    ------
    Http404
        There is none.
    LoginNeeded, PermissionDenied
        Nobody is logged in; the person may not see it.
    """
    if not circle:
        area = Area.objects.select_related("city", "parent").filter(code=code).first()
        if area is None:
            need(request, SEE)
            raise Http404(code)
        need(request, SEE, area)
        request.city = area.city  # type: ignore[attr-defined]  # read by yike.web.context.page
        return of_area(area)
    found = Circle.objects.select_related("city").filter(code=code).first()
    if found is None:
        need(request, SEE)
        raise Http404(code)
    person = person_of(request)
    if person is None:
        raise LoginNeeded(SEE)
    areas = list(found.communities.all()) or [found.city.root]
    if not all(may(person, SEE, area) for area in areas):
        raise PermissionDenied(SEE)
    request.city = found.city  # type: ignore[attr-defined]
    return of_circle(found)


def as_json(place: Place) -> dict[str, Any]:
    return {
        "code": place.code,
        "name": place.name,
        "name_en": place.name_en,
        "level": place.kind,
        "people": place.people,
    }
