"""Verbs of the project list. A project takes its space and its needs along: reserved and planned, used and met, free and open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from yike.errors import Fault, raise_all
from yike.web.accounts.models import Person
from yike.web.areas.models import Area, City
from yike.web.journal.verbs import Deed, verb
from yike.web.lists import cells
from yike.web.lists.choices import business_types, labels, number
from yike.web.lists.placing import new_key
from yike.web.lists.states import ListError, step
from yike.web.needs.models import Need
from yike.web.needs.privacy import ROOM as NEEDS
from yike.web.needs.privacy import without_persons
from yike.web.projects.growing import circle_of, link, name_of, put_defaults, reserve
from yike.web.projects.models import KINDS, Project
from yike.web.projects.offices import ROOM, offices
from yike.web.spaces.fields import ROOM as SPACES
from yike.web.spaces.models import Space

GIVEN = ("name", "business_type", "cost_yuan", "source", "lead", "supporting", "starts_on", "ends_on", "people_gained")


def deed_on(person: Person | None, project: Project) -> Deed:
    """Return the deed of an act on a project: its area decides who may."""
    return Deed(person, project.area, "projects.project", project.key)


def deed_at(person: Person | None, area: Area) -> Deed:
    """Return the deed of entering a project in an area; its key is drawn now."""
    return Deed(person, area, "projects.project", new_key("p"))


def locked(deed: Deed) -> Project:
    """Return the project of a deed, locked; the deed's area must be its own; else ``lists.changed_since``."""
    project = Project.objects.select_for_update().filter(key=deed.record).first()
    if project is None or deed.area is None or project.area_id != deed.area.pk:
        raise ListError(Fault("lists.changed_since"))
    return project


def clean(city: City, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return checked values of a form's fields.

    Raises
    ------
    ListError
        All faults at once: ``projects.type_strange``, ``projects.source_strange``, ``projects.office_strange``,
        ``projects.days_turned`` and those of the cells.
    """
    faults: list[Fault] = []
    values: dict[str, Any] = {}
    for name in GIVEN:
        if name not in given:
            continue
        value, fault = _read(city, name, given[name])
        values[name] = value
        faults += [fault] if fault else []
    begins, ends = values.get("starts_on"), values.get("ends_on")
    if begins and ends and begins > ends:
        faults.append(Fault("projects.days_turned", ((None, f"{begins} > {ends}"),)))
    raise_all(ListError, faults)
    return values


def _read(city: City, name: str, told: Any) -> tuple[Any, Fault | None]:
    """Return the value of one field and its fault."""
    if name == "supporting":
        codes = list(dict.fromkeys(str(each) for each in told)) if isinstance(told, (list, tuple)) else []
        strange = [code for code in codes if code not in offices(city)]
        return codes, Fault("projects.office_strange", tuple((None, each) for each in strange)) if strange else None
    text = str(told if told is not None else "").strip()
    known = {"source": set(labels(ROOM, "funding")), "lead": set(offices(city)), "business_type": set(business_types())}
    if name in known:
        code = {"source": "projects.source_strange", "lead": "projects.office_strange"}.get(
            name, "projects.type_strange"
        )
        return text, Fault(code, ((None, text),)) if text and text not in known[name] else None
    if not text:
        return {"cost_yuan": Decimal(0), "people_gained": 0.0, "name": ""}.get(name), None
    readers = {
        "name": lambda: cells.text(text, int(number(ROOM, "name_chars"))),
        "cost_yuan": lambda: cells.yuan(text),
        "starts_on": lambda: cells.day(text),
        "ends_on": lambda: cells.day(text),
        "people_gained": lambda: (0.0, "") if text in ("0", "0.0") else cells.positive(text),
    }
    value, code = readers[name]()
    return value, Fault(code, ((None, text[:60]),)) if code else None


@verb("projects.add")
def add(
    deed: Deed, city: City, kind: str, given: Mapping[str, Any], *, space: Space | None = None,
    needs: Sequence[Need] = (), study: str = "", standard: str = "",
) -> Project:  # fmt: skip
    """Enter a project by hand, or from a scenario's gate or path (``kind`` gate, path; people gained and study of it).

    Lead, support, money's source and days are filled in from the city's table where they are not given.

    Raises
    ------
    ListError
        ``projects.kind_strange``, ``projects.name_needed`` and all of `clean`; ``lists.state``: the space is not free,
        a need is not open; ``lists.elsewhere``: a need of another city.
    """
    if kind not in KINDS:
        raise ListError(Fault("projects.kind_strange", ((None, kind or "—"),)))
    values = clean(city, given)
    if kind == "outlet" and not values.get("business_type"):
        raise ListError(Fault("projects.type_strange", ((None, "—"),)))
    if deed.area is None or deed.area.city_id != city.pk:
        raise ListError(Fault("lists.changed_since"))
    if kind == "outlet" and not values.get("name"):
        values["name"] = name_of(values["business_type"], space, deed.area)
    if not values.get("name"):
        raise ListError(Fault("projects.name_needed"))
    project = Project(
        city=city, area=deed.area, circle=circle_of(deed.area), key=deed.record, kind=kind, space=space, state="",
        study=study[:64], standard=standard[:60], made_up=city.made_up, **values,
    )  # fmt: skip
    put_defaults(project, city)
    deed.change = {"state": step(ROOM, project, "listed", "projects.add"), "name": ["", project.name]}
    if space:
        deed.change["space"] = ["", space.key]
        reserve(space, "projects.add")
    project.save()
    for need in needs:
        _same_city(project, need)
        link(project, Need.objects.select_for_update().get(pk=need.pk), "projects.add")
    if needs:
        deed.change["needs"] = [[], [each.key for each in needs]]
    return project


def _same_city(project: Project, need: Need) -> None:
    if need.city_id != project.city_id:
        area = need.area
        raise ListError(Fault("lists.elsewhere", values={"area": {"zh": area.name, "en": area.name_en or area.name}}))


@verb("projects.edit")
def edit(deed: Deed, given: Mapping[str, Any]) -> Project:
    """Write fields of a project that is not finished or dropped; ``projects.done`` else."""
    project = locked(deed)
    if project.state in ("finished", "dropped"):
        raise ListError(Fault("projects.done", values={"name": project.name}))
    values = clean(project.city, given)
    if not values.get("name", project.name):
        raise ListError(Fault("projects.name_needed"))
    for name, value in values.items():
        before = getattr(project, name)
        if before != value:
            deed.change[name] = [_plain(before), _plain(value)]
            setattr(project, name, value)
    if project.starts_on and project.ends_on and project.starts_on > project.ends_on:
        rows = ((None, f"{project.starts_on} > {project.ends_on}"),)
        raise ListError(Fault("projects.days_turned", rows))
    project.save()
    return project


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, (Decimal, date)) else value


@verb("projects.approve")
def approve(deed: Deed, note: str = "") -> Project:
    """Note that a project has been approved."""
    return _to(deed, "approved", "projects.approve", note)


@verb("projects.start")
def start(deed: Deed, note: str = "") -> Project:
    """Note that works have begun."""
    return _to(deed, "building", "projects.start", note)


def _said(note: str) -> str:
    """Return a note as the journal keeps it: without phones, names and ID numbers."""
    return without_persons(note)[0].strip()[:200]


def _to(deed: Deed, state: str, by: str, note: str) -> Project:
    project = locked(deed)
    deed.change = {"state": step(ROOM, project, state, by)}
    if note.strip():
        deed.change["reason"] = ["", _said(note)]
    project.save()
    return project


@verb("projects.finish")
def finish(deed: Deed, note: str = "") -> Project:
    """Note that a project is finished: its space is in use, its needs are met.

    An outlet counts as coverage only when the register has it open; that is a verb of the register.
    """
    project = locked(deed)
    deed.change = {"state": step(ROOM, project, "finished", "projects.finish")}
    project.save()
    space = _space(project)
    if space is not None and space.state != "used":
        deed.change["space_state"] = step(SPACES, space, "used", "projects.finish")
        space.save()
    met = []
    for need in project.needs.select_for_update().filter(state="planned"):
        step(NEEDS, need, "met", "projects.finish")
        need.answer = need.answer or project.name
        need.save()
        met.append(need.key)
    deed.change["needs"] = [[], met]
    if note.strip():
        deed.change["reason"] = ["", _said(note)]
    return project


@verb("projects.drop")
def drop(deed: Deed, reason: str) -> Project:
    """Drop a project: its space is free again and its needs are open again, where nothing else holds them."""
    project = locked(deed)
    if not reason.strip():
        raise ListError(Fault("lists.reason_needed"))
    deed.change = {"state": step(ROOM, project, "dropped", "projects.drop"), "reason": ["", _said(reason)]}
    project.save()
    space = _space(project)
    going = Project.objects.filter(space=space).exclude(pk=project.pk).exclude(state="dropped") if space else None
    if space is not None and space.state == "reserved" and going is not None and not going.exists():
        deed.change["space_state"] = step(SPACES, space, "free", "projects.drop")
        space.save()
    deed.change["needs"] = [[each.key for each in project.needs.all()], _freed(project, list(project.needs.all()))]
    return project


def _space(project: Project) -> Space | None:
    return Space.objects.select_for_update().filter(pk=project.space_id).first() if project.space_id else None


def _freed(project: Project, needs: Sequence[Need], by: str = "projects.drop") -> list[str]:
    """Open needs again that no other project answers; return their keys."""
    opened = []
    for need in needs:
        others = need.projects.exclude(pk=project.pk).exclude(state="dropped")
        need = Need.objects.select_for_update().get(pk=need.pk)
        if need.state == "planned" and not others.exists():
            step(NEEDS, need, "open", by)
            need.save()
            opened.append(need.key)
    return opened


@verb("projects.link_need")
def link_need(deed: Deed, need: Need) -> Project:
    """Let a project answer an open need too; ``lists.state``, ``projects.done``."""
    project = locked(deed)
    if project.state in ("finished", "dropped"):
        raise ListError(Fault("projects.done", values={"name": project.name}))
    _same_city(project, need)
    link(project, Need.objects.select_for_update().get(pk=need.pk), "projects.link_need")
    deed.change = {"need": ["", need.key]}
    return project


@verb("projects.unlink_need")
def unlink_need(deed: Deed, need: Need) -> Project:
    """Let a need go from a project: it is open again; ``projects.need_absent``, ``projects.done``."""
    project = locked(deed)
    if project.state in ("finished", "dropped"):
        raise ListError(Fault("projects.done", values={"name": project.name}))
    if not project.needs.filter(pk=need.pk).exists():
        raise ListError(Fault("projects.need_absent"))
    _freed(project, [need], "projects.unlink_need")
    project.needs.remove(need)
    deed.change = {"need": [need.key, ""]}
    return project
