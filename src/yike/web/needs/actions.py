"""Verbs of the needs list. What anybody said is kept without phones, names and ID numbers: see `privacy`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.timezone import localdate

from yike.errors import Fault, raise_all
from yike.web.accounts.models import Person
from yike.web.areas.models import Area, City
from yike.web.journal.verbs import Deed, verb
from yike.web.lists import cells
from yike.web.lists import importing as lists
from yike.web.lists.choices import business_types, number
from yike.web.lists.importing import TableImport
from yike.web.lists.placing import community_of, new_key, within
from yike.web.lists.states import ListError, step
from yike.web.needs import importing
from yike.web.needs.models import Need, NeedImport, NeedWord
from yike.web.needs.privacy import ROOM, without_persons

BY_HAND = ("staff", "hotline", "survey")  #: sources that staff may name


def deed_on(person: Person | None, need: Need) -> Deed:
    """Return the deed of an act on a need: its area decides who may."""
    return Deed(person, need.area, "needs.need", need.key)


def deed_at(person: Person | None, area: Area) -> Deed:
    """Return the deed of entering a need in an area; its key is drawn now."""
    return Deed(person, area, "needs.need", new_key("n"))


def deed_of(person: Person | None, job: TableImport) -> Deed:
    """Return the deed of an act on an import: its rows must lie in the tree of its area."""
    return Deed(person, job.area, "needs.import", str(job.pk or ""))


def locked(deed: Deed) -> Need:
    """Return the need of a deed, locked; the deed's area must be its own; else ``lists.changed_since``."""
    need = Need.objects.select_for_update().filter(key=deed.record).first()
    if need is None or deed.area is None or need.area_id != deed.area.pk:
        raise ListError(Fault("lists.changed_since"))
    return need


def clean(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return checked values of a form: business type, people, text, source, reference, date.

    Raises
    ------
    ListError
        All faults at once: ``needs.type_strange``, ``needs.source_strange`` and those of the cells.
    """
    faults: list[Fault] = []
    values: dict[str, Any] = {}
    kind = str(given.get("business_type") or "")
    if kind not in business_types():
        faults.append(Fault("needs.type_strange", ((None, kind or "—"),)))
    source = str(given.get("source") or "staff")
    if source not in BY_HAND:
        faults.append(Fault("needs.source_strange", ((None, source),)))
    readers = {
        "people": (cells.positive, 1.0), "asked_on": (cells.day, None),
        "text": (lambda told: cells.text(without_persons(told)[0], int(number(ROOM, "text_chars"))), ""),
        "reference": (lambda told: cells.text(told, 120), ""),
    }  # fmt: skip
    for name, (read, empty) in readers.items():
        told = str(given.get(name) or "")
        value, code = read(told) if told.strip() else (empty, "")
        if code:
            faults.append(Fault(code, ((None, without_persons(told)[0][:60]),)))
        values[name] = value
    raise_all(ListError, faults)
    if isinstance(values["people"], float) and values["people"] > number(ROOM, "people_most"):
        raise ListError(Fault("lists.number_bad", ((None, f"{values['people']:g}"),)))
    values["reference"] = importing.reference_of(values["reference"])
    return {**values, "business_type": kind, "source": source}


@verb("needs.add")
def add(deed: Deed, city: City, given: Mapping[str, Any], point: tuple[float, float] | None = None) -> Need:
    """Enter a need that somebody of staff heard of: in the deed's area, or at a point in its tree.

    Raises
    ------
    ListError
        All faults of the fields; ``lists.point_outside``, ``lists.elsewhere``; ``needs.reference_there``.
    """
    values = clean(given)
    area = within(deed, community_of(city, *point)) if point else deed.area
    if area is None or area.city_id != city.pk:
        raise ListError(Fault("lists.changed_since"))
    if values["reference"] and Need.objects.filter(city=city, reference=values["reference"]).exists():
        raise ListError(Fault("needs.reference_there", values={"reference": values["reference"]}))
    lon, lat = point or (None, None)
    need = Need(city=city, area=area, key=deed.record, lon=lon, lat=lat, state="", made_up=city.made_up, **values)
    deed.change = {"state": step(ROOM, need, "open", "needs.add"), "business_type": ["", need.business_type]}
    need.save()
    return need


@verb("needs.add_gap")
def add_gap(deed: Deed, city: City, business_type: str, people: float, study: str) -> Need:
    """Turn a measured gap of the deed's area into a need; asked again it is brought to today's figures, never doubled.

    Parameters
    ----------
    people
        Residents of the area who have no outlet of the type within its minutes.
    study
        Digest of the study that measured it: the need's reference.

    Raises
    ------
    ListError
        ``needs.type_strange``; ``needs.gap_none``: nobody lacks it.
    """
    if business_type not in business_types():
        raise ListError(Fault("needs.type_strange", ((None, business_type or "—"),)))
    if not 0 < people <= number(ROOM, "people_most"):
        raise ListError(Fault("needs.gap_none"))
    if deed.area is None or deed.area.city_id != city.pk:
        raise ListError(Fault("lists.changed_since"))
    asked = {"city": city, "area": deed.area, "business_type": business_type, "source": "gap"}
    need = Need.objects.select_for_update().filter(**asked, state__in=("open", "planned")).first()
    if need is None:
        need = Need(**asked, key=deed.record, state="", made_up=city.made_up)
        deed.change["state"] = step(ROOM, need, "open", "needs.add_gap")
    deed.record = need.key
    deed.change |= {"people": [round(need.people, 1), round(people, 1)], "reference": [need.reference, study[:64]]}
    need.people, need.reference, need.asked_on = float(people), study[:64], localdate()
    need.save()
    return need


@verb("needs.edit")
def edit(deed: Deed, given: Mapping[str, Any]) -> Need:
    """Put right what a need says; the source of a need from a gap stays."""
    need = locked(deed)
    values = clean({"source": need.source if need.source in BY_HAND else "staff", **given})
    if need.source not in BY_HAND:
        values = {name: values[name] for name in ("business_type", "text", "people")}
    for name, value in values.items():
        before = getattr(need, name)
        if before != value:
            deed.change[name] = ["…", "…"] if name == "text" else [_plain(before), _plain(value)]
            setattr(need, name, value)
    need.save()
    return need


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, int, float)) or value is None else str(value)


def _told(answer: str) -> str:
    """Return an answer as it is kept; ``lists.reason_needed`` where there is none, ``lists.text_long``."""
    clean_text, code = cells.text(without_persons(answer)[0], int(number(ROOM, "answer_chars")))
    if code or not clean_text:
        raise ListError(Fault(code or "lists.reason_needed"))
    return str(clean_text)


@verb("needs.answer")
def answer(deed: Deed, text: str) -> Need:
    """Tell who asked that the need is met, and how; ``lists.state`` where it is not open."""
    need = locked(deed)
    need.answer = _told(text)
    deed.change = {"state": step(ROOM, need, "met", "needs.answer"), "answer": ["", need.answer]}
    need.save()
    return need


@verb("needs.decline")
def decline(deed: Deed, reason: str) -> Need:
    """Decline a need; the reason is told to who asked."""
    need = locked(deed)
    need.answer = _told(reason)
    deed.change = {"state": step(ROOM, need, "declined", "needs.decline"), "reason": ["", need.answer]}
    need.save()
    return need


@verb("needs.reopen")
def reopen(deed: Deed, reason: str = "") -> Need:
    """Take a declined or met need up again."""
    need = locked(deed)
    deed.change = {"state": step(ROOM, need, "open", "needs.reopen")}
    if reason.strip():
        deed.change["reason"] = ["", _told(reason)]
    need.save()
    return need


@verb("needs.import_check")
def import_check(
    deed: Deed, job: NeedImport, checked: lists.Checked, words: Mapping[str, str] | None = None
) -> NeedImport:
    """Write down what a table would add; ``words`` (category → business type) become the city's own."""
    if job.pk and NeedImport.objects.select_for_update().get(pk=job.pk).state != "checked":
        raise ListError(Fault("lists.changed_since"))
    for category, code in (words or {}).items():
        if code and code not in business_types():
            raise ListError(Fault("needs.type_strange", ((None, code),)))
        NeedWord.objects.update_or_create(city=job.city, category=category[:120], defaults={"business_type": code})
    job.by = deed.by
    lists.keep(job, checked)
    deed.record = str(job.pk)
    deed.change = {"file": job.name, "digest": job.digest, "counts": job.counts, "words": sorted(words or {})}
    return job


@verb("needs.import_apply")
def import_apply(deed: Deed, job: NeedImport, leave_out: bool = False) -> dict[str, int]:
    """Carry out a checked import: everything or nothing. Errors are those of `yike.web.lists.importing.apply`."""
    job = NeedImport.objects.select_for_update().get(pk=job.pk)
    references = [values["reference"] for _, action, _, values in job.ready if action == "add" and values["reference"]]
    if Need.objects.filter(city=job.city, reference__in=references).exists():
        raise ListError(Fault("lists.changed_since"))
    counts = lists.apply(job, leave_out, importing.find, importing.Ways(job.city).write, importing.tell)
    deed.change = {"file": job.name, "digest": job.digest, "counts": counts}
    return counts


@verb("needs.import_undo")
def import_undo(deed: Deed, job: NeedImport) -> dict[str, int]:
    """Take an applied import back; needs that were answered, planned or changed since stay and are told."""
    job = NeedImport.objects.select_for_update().get(pk=job.pk)
    told = lists.undo(job, importing.find, importing.tell, importing.restore, importing.remove)
    deed.change = {"file": job.name, "digest": job.digest, "counts": told}
    return told
