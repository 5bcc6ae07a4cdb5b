"""Verbs of plans: make, drop."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction

from yike.errors import Fault, YikeError
from yike.report.documents.templates import load_templates
from yike.web.accounts.models import Person
from yike.web.areas.models import Area
from yike.web.circles.models import Circle
from yike.web.documents.models import Document
from yike.web.documents.places import WANTED, folder_of, own_templates, path_of, place_of, places_of
from yike.web.documents.previews import forget
from yike.web.journal.verbs import Deed, verb
from yike.web.queue import put
from yike.web.studies.place import has_study

if TYPE_CHECKING:
    from yike.web.queue.models import Job

KIND = "documents.document"
MAKE = "documents.make"


class DocumentError(YikeError):
    """A plan cannot be made as asked."""


def deed_in(person: Person | None, area: Area) -> Deed:
    """Return the deed of making plans in an area."""
    return Deed(person, area, KIND, area.code)


@verb(MAKE)
def make(deed: Deed, wanted: str, office: str, day: date, circle: Circle | None = None) -> Job:
    """Ask for plans; they are made by a job. A plan that is made again replaces the one before it.

    Parameters
    ----------
    deed
        Its area is the one planned for; of a circle, the smallest area that holds it.
    wanted
        "city_plan" (the overall plan of the area), "circle_plans" (of all its circles) or "all"; ignored with a circle.
    office, day
        As the plan shall be signed and dated.

    Raises
    ------
    DocumentError
        ``documents.no_study``, ``documents.no_circles``, ``documents.wanted_unknown``.
    StudyError
        The faults of the city's own templates, see `load_templates`.
    """
    assert deed.area is not None
    area, city = deed.area, deed.area.city
    if wanted not in WANTED and circle is None:
        raise DocumentError(Fault("documents.wanted_unknown", values={"wanted": wanted, "known": ", ".join(WANTED)}))
    if not has_study(city):
        raise DocumentError(Fault("documents.no_study", values={"city": city.name}))
    places = places_of(area, wanted, circle)
    if not places:
        raise DocumentError(Fault("documents.no_circles", values={"area": area.name}))
    load_templates(own_templates(city))
    title = places[0].name if len(places) == 1 else f"{places[0].name} 1+N"
    payload = {
        "area": area.code, "wanted": wanted, "circle": circle.code if circle else "", "office": office.strip()[:60],
        "day": day.isoformat(), "link": "/desk/documents/",
    }  # fmt: skip
    deed.record = circle.code if circle else area.code
    deed.change = {"wanted": wanted, "plans": len(places)}
    key = f"{MAKE} {area.code} {circle.code if circle else wanted}"
    return put(MAKE, city, title=title, payload=payload, area=area, person=deed.by, key=key)


@verb("documents.drop")
def drop(deed: Deed, document: Document) -> None:
    """Delete a plan with its files; it can be made again at any time."""
    deed.record = str(document.pk)
    deed.change = {"title": [document.title, None]}
    paths = [path for suffix in document.files if (path := path_of(document, suffix))]
    place, folder = place_of(document), folder_of(document.city) / "previews"
    document.delete()

    def remove() -> None:
        for path in paths:
            path.unlink(missing_ok=True)
        forget(folder, place.file)

    transaction.on_commit(remove)
