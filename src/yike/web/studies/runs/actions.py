"""What planners do with studies: start one, drop one, have its sheets drawn, make it the city's own."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.db import transaction

from yike.errors import Fault, StudyError, raise_all
from yike.web.areas.models import City
from yike.web.journal.verbs import Deed, Person, verb
from yike.web.queue import put
from yike.web.queue.models import Job
from yike.web.studies.place import has_study
from yike.web.studies.runs.choices import Choices
from yike.web.studies.runs.models import StudyRun

LONGEST_NAME = 80


def deed_at(person: Person | None, city: City) -> Deed:
    """Return the deed of starting a study: it is of the whole city; its key is drawn now."""
    return Deed(person, city.root, "studies.run", uuid4().hex[:12])


def deed_on(person: Person | None, run: StudyRun) -> Deed:
    """Return the deed of an act on a study."""
    return Deed(person, run.city.root, "studies.run", run.key, run.person_id)


@verb("studies.start_study")
def start_study(deed: Deed, city: City, name: str, choices: dict[str, Any]) -> StudyRun:
    """Note a study and put its measuring into the queue.

    Raises
    ------
    StudyError
        ``studies.name_bad``, ``studies.choice_bad``, ``studies.no_base``.
    """
    name = " ".join(name.split())
    faults = [] if 0 < len(name) <= LONGEST_NAME else [Fault("studies.name_bad", values={"most": LONGEST_NAME})]
    if not has_study(city):
        faults.append(Fault("studies.no_base"))
    try:
        settings = Choices.from_json(choices).as_json()
    except StudyError as error:
        faults += error.faults
    raise_all(StudyError, faults)
    run = StudyRun.objects.create(city=city, key=deed.record, name=name, settings=settings, person=deed.by)
    run.job = put(
        "studies.measure", city, title=f"测算：{name}", payload={"run": run.pk, "link": run.link}, person=deed.by,
        key=f"study-{run.key}",
    )  # fmt: skip
    run.save(update_fields=["job"])
    deed.change = {"name": ["", name], "settings": settings}
    return run


@verb("studies.draw_study")
def draw_study(deed: Deed, run: StudyRun) -> Job:
    """Have a finished study's map sheets and offline page drawn; raises ``studies.not_done``."""
    _done(run)
    return put(
        "studies.draw", run.city, title=f"出图：{run.name}", payload={"run": run.pk, "link": run.link}, person=deed.by,
        key=f"draw-{run.key}",
    )  # fmt: skip


@verb("studies.adopt_study")
def adopt_study(deed: Deed, run: StudyRun) -> Job:
    """Have a finished study made the city's own: all figures are then told by it. Raises ``studies.not_done``."""
    _done(run)
    deed.change = {"study": ["", run.digest], "standard": run.standard}
    return put(
        "studies.adopt", run.city, title=f"采用测算：{run.name}", payload={"run": run.pk, "link": run.link},
        person=deed.by, key=f"adopt-{run.city.slug}",
    )  # fmt: skip


@verb("studies.drop_study")
def drop_study(deed: Deed, run: StudyRun) -> None:
    """Delete a study with its files; raises ``studies.busy`` while a job of it is open."""
    if Job.objects.filter(payload__run=run.pk, kind__startswith="studies.", state__in=("waiting", "running")).exists():
        raise StudyError(Fault("studies.busy"))
    deed.change = {"name": [run.name, ""], "digest": run.digest}
    run.delete()
    transaction.on_commit(run.remove_files)


def _done(run: StudyRun) -> None:
    if run.state != "done":
        raise StudyError(Fault("studies.not_done"))
