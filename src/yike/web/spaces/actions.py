"""Verbs of the register of idle spaces. Every write goes through one of them: right, state, one transaction, one line."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from yike.errors import Fault, YikeError
from yike.web.accounts.models import Person
from yike.web.accounts.rights import may
from yike.web.areas.models import Area, City
from yike.web.journal.verbs import Deed, verb
from yike.web.lists import importing as lists
from yike.web.lists.choices import label, number, table
from yike.web.lists.importing import TableImport
from yike.web.lists.placing import community_of, new_key, within
from yike.web.lists.reading import ROOM as LISTS
from yike.web.lists.states import ListError, step
from yike.web.pictures import clean_picture
from yike.web.spaces import importing
from yike.web.spaces.fields import EDITED, ROOM, clean_all
from yike.web.spaces.models import Space, SpaceImport, SpacePhoto


def deed_on(person: Person | None, space: Space) -> Deed:
    """Return the deed of an act on a space: where it lies decides who may."""
    return Deed(person, space.area or space.city.root, "spaces.space", space.key)


def deed_at(person: Person | None, area: Area) -> Deed:
    """Return the deed of entering a new space in an area; its key is drawn now."""
    return Deed(person, area, "spaces.space", new_key("k"))


def deed_of(person: Person | None, job: TableImport) -> Deed:
    """Return the deed of an act on an import: its rows must lie in the tree of its area."""
    return Deed(person, job.area, "spaces.import", str(job.pk or ""))


def locked(deed: Deed) -> Space:
    """Return the space of a deed, locked; the deed's area must be the record's own; else ``lists.changed_since``."""
    space = Space.objects.select_for_update().filter(key=deed.record).first()
    if space is None or deed.area is None or deed.area.pk != (space.area_id or space.city.root.pk):
        raise ListError(Fault("lists.changed_since"))
    return space


@verb("spaces.add")
def add(deed: Deed, city: City, lon: float, lat: float, given: Mapping[str, Any]) -> Space:
    """Enter an idle space; ``given`` holds its fields (`fields.TOLD`), name, kind and area at least.

    Raises
    ------
    ListError
        All faults of the fields; ``lists.point_outside``, ``lists.elsewhere``.
    """
    wanted = {"name": "", "kind": "", "area_m2": "", **given}
    values = clean_all(wanted, ("name", "kind", "area_m2"))
    if "land_use" not in given:
        values["land_use"] = importing.land_use_of(values["kind"])
    area = within(deed, community_of(city, lon, lat))
    space = Space(city=city, area=area, key=deed.record, lon=lon, lat=lat, state="", made_up=city.made_up, **values)
    deed.change = {"state": step(ROOM, space, "free", "spaces.add"), "name": ["", space.name]}
    space.save()
    return space


def plain(value: Any) -> Any:
    """Return a field's value as the journal keeps it."""
    return value if isinstance(value, (str, int, float, bool, list)) or value is None else str(value)


@verb("spaces.edit")
def edit(deed: Deed, given: Mapping[str, Any], point: tuple[float, float] | None = None) -> Space:
    """Write fields of a space, and its place; ``lists.elsewhere`` where the new place is not the person's."""
    space = locked(deed)
    values = clean_all({k: v for k, v in given.items() if k in EDITED}, ("name", "kind", "area_m2"))
    for name, value in values.items():
        before = getattr(space, name)
        if before != value:
            deed.change[name] = [plain(before), plain(value)]
            setattr(space, name, value)
    if point and point != (space.lon, space.lat):
        area = community_of(space.city, *point)
        if deed.area is None or (area != deed.area and not _theirs(deed, area)):
            raise ListError(
                Fault("lists.elsewhere", values={"area": {"zh": area.name, "en": area.name_en or area.name}})
            )
        deed.change["point"] = [f"{space.lon:.6f}, {space.lat:.6f}", f"{point[0]:.6f}, {point[1]:.6f}"]
        space.area, (space.lon, space.lat) = area, point
    space.save()
    return space


def _theirs(deed: Deed, area: Area) -> bool:
    return may(deed.by, "spaces.edit", area)


@verb("spaces.set_state")
def set_state(deed: Deed, state: str, reason: str = "") -> Space:
    """Take a space to a state by hand; a space that a project has reserved is freed by dropping the project.

    Raises
    ------
    ListError
        ``lists.state``; ``spaces.held``: a project that goes on has it.
    """
    space = locked(deed)
    if held_by(space):
        raise ListError(Fault("spaces.held", values={"project": held_by(space)}))
    deed.change = {"state": step(ROOM, space, state, "spaces.set_state")}
    if reason.strip():
        deed.change["reason"] = ["", reason.strip()[:200]]
    space.save()
    return space


def held_by(space: Space) -> str:
    """Return the name of the project that has a space and goes on, "" for none (asked of the records that point here)."""
    found = space.projects.filter(state__in=("listed", "approved", "building")).first()
    return str(found.name) if found else ""


@verb("spaces.withdraw")
def withdraw(deed: Deed, reason: str) -> Space:
    """Take a space out of the register: it is no longer idle, or no longer to be had. The reason stands in the journal."""
    space = locked(deed)
    if not reason.strip():
        raise ListError(Fault("lists.reason_needed"))
    if held_by(space):
        raise ListError(Fault("spaces.held", values={"project": held_by(space)}))
    deed.change = {"state": step(ROOM, space, "withdrawn", "spaces.withdraw"), "reason": ["", reason.strip()[:200]]}
    space.save()
    return space


@verb("spaces.set_land_use")
def set_land_use(deed: Deed, status: str, note: str = "") -> Space:
    """Note how far the change of a space's land use has come; ``spaces.land_use_step`` where that does not follow."""
    space = locked(deed)
    before = space.land_use
    if not any(row["from"] == before and row["to"] == status for row in table(ROOM, "land_use_steps")):
        told = {
            name: {lang: label(ROOM, "land_use", code, lang) for lang in ("zh", "en")}
            for name, code in (("before", before), ("after", status))
        }
        raise ListError(Fault("spaces.land_use_step", values=told))
    space.land_use = status
    deed.change = {"land_use": [before, status]}
    if note.strip():
        deed.change["note"] = ["", note.strip()[:200]]
    space.save()
    return space


@verb("spaces.add_photo")
def add_photo(deed: Deed, file: Any) -> SpacePhoto:
    """Keep a picture of a space: looked at, stripped of all that the camera wrote into it, made small.

    Raises
    ------
    ListError
        ``lists.picture``, ``lists.pictures_many``.
    """
    space = locked(deed)
    most = int(number(ROOM, "photos"))
    if space.photos.count() >= most:
        raise ListError(Fault("lists.pictures_many", values={"most": most}))
    content, (width, height) = clean_picture(
        file, number(LISTS, "photo_bytes"), int(number(LISTS, "photo_side")), _refused
    )
    photo = SpacePhoto(space=space, width=width, height=height)
    photo.file.save(f"{uuid.uuid4().hex}.jpg", content, save=True)
    space.save()
    deed.change = {"photo": ["", photo.file.name]}
    return photo


def _refused(zh: str, en: str) -> YikeError:
    values = {"why": {"zh": zh, "en": en}, "limit": int(number(LISTS, "photo_bytes")) // 1_000_000}
    return ListError(Fault("lists.picture", values=values))


@verb("spaces.remove_photo")
def remove_photo(deed: Deed, pk: int) -> None:
    """Remove a picture of a space, file and row."""
    space = locked(deed)
    photo = space.photos.filter(pk=pk).first()
    if photo is None:
        raise ListError(Fault("lists.changed_since"))
    deed.change = {"photo": [photo.file.name, ""]}
    name, storage = str(photo.file.name), photo.file.storage
    photo.delete()
    transaction.on_commit(lambda: storage.delete(name))


@verb("spaces.import_check")
def import_check(deed: Deed, job: SpaceImport, checked: lists.Checked) -> SpaceImport:
    """Write down what a table would do; the register stays as it is."""
    if job.pk and SpaceImport.objects.select_for_update().get(pk=job.pk).state != "checked":
        raise ListError(Fault("lists.changed_since"))
    job.by = deed.by
    lists.keep(job, checked)
    deed.record = str(job.pk)
    deed.change = {"file": job.name, "digest": job.digest, "counts": job.counts}
    return job


@verb("spaces.import_apply")
def import_apply(deed: Deed, job: SpaceImport, leave_out: bool = False) -> dict[str, int]:
    """Carry out a checked import: everything or nothing. Errors are those of `yike.web.lists.importing.apply`."""
    job = SpaceImport.objects.select_for_update().get(pk=job.pk)
    ways = importing.Ways(job.city)
    counts = lists.apply(job, leave_out, ways.find, ways.write, importing.tell)
    deed.change = {"file": job.name, "digest": job.digest, "counts": counts}
    return counts


@verb("spaces.import_undo")
def import_undo(deed: Deed, job: SpaceImport) -> dict[str, int]:
    """Take an applied import back; what somebody changed since, or a project has, stays and is told."""
    job = SpaceImport.objects.select_for_update().get(pk=job.pk)
    ways = importing.Ways(job.city)
    told = lists.undo(job, ways.find, importing.tell, importing.restore, importing.remove)
    deed.change = {"file": job.name, "digest": job.digest, "counts": told}
    return told
