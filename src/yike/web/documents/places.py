"""Which plans there are to make, whose they are, and where their files lie: below the data folder, never in public media."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from django.conf import settings

from yike.web.accounts.roles import offices_of
from yike.web.areas.models import Area, City
from yike.web.circles.models import Circle
from yike.web.documents.models import Document
from yike.web.studies.place import city_folder

WANTED = ("city_plan", "circle_plans", "all")
LEAD = "commerce"  #: the office that issues plans, by its code in the city's table of offices


@dataclass(frozen=True)
class Place:
    """One plan to make: the overall plan of an area, or the plan of a circle that lies in an area."""

    kind: str
    area: Area
    circle: Circle | None = None

    @property
    def name(self) -> str:
        return self.circle.name if self.circle else self.area.name

    @property
    def file(self) -> str:
        """Name of its files, without suffix."""
        return f"{self.kind}-{self.circle.code if self.circle else self.area.code}"


def area_of(circle: Circle) -> Area:
    """Return the smallest area that holds all communities of a circle; the city where it has none."""
    paths = [path.split("/") for path in circle.communities.values_list("path", flat=True)]
    same = takewhile(lambda codes: len(set(codes)) == 1 and codes[0], zip(*paths, strict=False))
    shared = "".join(f"{codes[0]}/" for codes in same)
    found = Area.objects.filter(city_id=circle.city_id, path=shared).first()
    return found or circle.city.root


def circles_in(area: Area) -> list[Circle]:
    """Return the circles all of whose communities lie in an area, by code."""
    found = Circle.objects.filter(city=area.city).prefetch_related("communities").order_by("code")
    if area.parent_id is None:
        return list(found)
    return [
        each
        for each in found
        if (inside := each.communities.all()) and all(area.holds(community) for community in inside)
    ]


def places_of(area: Area, wanted: str, circle: Circle | None = None) -> list[Place]:
    """Return the plans asked for: one circle's, the overall plan of an area, its circles', or all 1+N."""
    if circle is not None:
        return [Place("circle_plan", area_of(circle), circle)]
    found = [Place("city_plan", area)] if wanted in ("city_plan", "all") else []
    if wanted in ("circle_plans", "all"):
        found += [Place("circle_plan", area_of(each), each) for each in circles_in(area)]
    return found


def place_of(document: Document) -> Place:
    """Return the place of a plan that was made."""
    return Place(document.kind, document.area, document.circle)


def own_templates(city: City) -> Path:
    """Return the folder where a city may keep its own text templates."""
    return city_folder(city.slug) / "templates"


def folder_of(city: City) -> Path:
    """Return the folder of a city's plans."""
    return Path(settings.MEDIA_ROOT) / "documents" / city.slug


def path_of(document: Document, suffix: str) -> Path | None:
    """Return a plan's file, None where there is none of that kind; a name that leads elsewhere is none."""
    name = document.files.get(suffix, "")
    root = Path(settings.MEDIA_ROOT).resolve()
    path = (root / name).resolve()
    return path if name and path.is_relative_to(root / "documents") and path.is_file() else None


def issuing_office(city: City) -> str:
    """Return the office that issues a city's plans by default: its commerce office, else the city's name alone."""
    row = offices_of(city.slug).get(LEAD)
    name = city.name.split("（")[0].split("(")[0]
    return f"{name.removesuffix('市')}{row['zh']}" if row else name
