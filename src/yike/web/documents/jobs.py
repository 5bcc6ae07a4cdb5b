"""The job that makes plans: files aside, then swapped in; a plan whose words and numbers are the same is left alone."""

from __future__ import annotations

import zipfile
from contextlib import closing
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation

from yike.report.documents.to_pdf import pages_in
from yike.web.areas.models import Area
from yike.web.circles.models import Circle
from yike.web.documents.making import Desk, Done
from yike.web.documents.models import Document
from yike.web.documents.places import folder_of, path_of, places_of
from yike.web.documents.registers import Registers
from yike.web.queue import Running, handler
from yike.words import say

GROUND = 0.05  #: of the work is reading


@handler("documents.make")
def make_job(job: Running) -> dict[str, Any]:
    """Make the plans asked for and return how many, and how many of them were new."""
    asked, lang = job.payload, "en" if (translation.get_language() or "").startswith("en") else "zh"
    area = Area.objects.select_related("city").get(city=job.city, code=asked["area"])
    circle = Circle.objects.get(city=job.city, code=asked["circle"]) if asked["circle"] else None
    places = places_of(area, asked["wanted"], circle)
    job.tell(0.0, say("documents.step.ground", lang))
    desk = Desk(Registers(job.city), date.fromisoformat(asked["day"]), asked["office"])
    job.tell(GROUND)
    fresh, last = 0, None
    with closing(desk.make(places)) as plans:  # whatever happens, its processes end here
        for n, done in enumerate(plans, start=1):
            last, new = keep(job, done)
            fresh += new
            words = say("documents.step.plan", lang, name=done.place.name, n=n, of=len(places))
            job.tell(GROUND + (1 - GROUND) * n / len(places), words)
    link = f"/desk/documents/{last.pk}/" if last is not None and len(places) == 1 else "/desk/documents/"
    return {"plans": len(places), "new": fresh, "link": link}


def keep(job: Running, done: Done) -> tuple[Document, bool]:
    """Put a plan's files in their place and its record in the database; return it, and whether anything changed."""
    place, city = done.place, job.city
    which = {"city": city, "kind": place.kind, "circle": place.circle} | ({} if place.circle else {"area": place.area})
    known = Document.objects.filter(**which).first()
    if known is not None and known.digest == done.digest and all(path_of(known, each) for each in known.files):
        return known, False
    files = {**done.files, "pages": zipped(done.pages)}
    paths = _put(files, folder_of(city), place.file)
    values = {
        "area": place.area, "title": done.title, "job": job.job, "figures": done.figures, "files": paths,
        "pages": pages_in(done.files["pdf"]), "study": done.facts.origin.study, "standard": done.facts.origin.standard,
        "through": done.facts.origin.through, "digest": done.digest,
    }  # fmt: skip
    with job.writing():
        made = Document.objects.create(**which | values) if known is None else _changed(known, values)
    return made, True


def _changed(known: Document, values: dict[str, Any]) -> Document:
    from django.utils.timezone import now

    for name, value in (values | {"made_at": now()}).items():
        setattr(known, name, value)
    known.save()
    return known


def _put(files: dict[str, bytes], folder: Path, name: str) -> dict[str, str]:
    """Write files aside, then swap them in; return their paths below the media folder by suffix."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for suffix, data in files.items():
        path = folder / f"{name}.{'pages.zip' if suffix == 'pages' else suffix}"
        aside = path.with_name(path.name + ".new")
        aside.write_bytes(data)
        aside.replace(path)
        found[suffix] = path.relative_to(settings.MEDIA_ROOT).as_posix()
    return found


def zipped(parts: dict[str, bytes]) -> bytes:
    """Return named parts as one archive."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return out.getvalue()


def unzipped(path: Path) -> dict[str, bytes]:
    """Return the parts of an archive of `zipped`."""
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}
