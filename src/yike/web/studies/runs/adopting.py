"""Making a finished study the city's own: its folder is brought aside, swapped in, and all figures are written anew."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from django.utils.timezone import now

from yike.study import Study
from yike.web.areas.models import City
from yike.web.queue import Running, handler
from yike.web.studies.figures import watched, write_all
from yike.web.studies.live import forget
from yike.web.studies.place import study_folder
from yike.web.studies.runs.making import link_file
from yike.web.studies.runs.measuring import digest_of, measured
from yike.web.studies.runs.models import StudyRun
from yike.web.studies.users import count_users

ADOPT = "studies.adopt"
MARK = "city.digest"  #: tells of which files a city's study was made: `yike.web.studies.adding`


@handler(ADOPT)
def adopt(job: Running) -> dict[str, Any]:
    """Make a study the city's own. A killed worker's next try finds the study swapped in, or begins again."""
    run = StudyRun.objects.select_related("city").get(pk=job.payload["run"])
    place = study_folder(run.city)
    repair(place)
    measured(Study.open(run.folder), job)  # whole, and of this engine
    if digest_of(Study.open(place)) != digest_of(Study.open(run.folder)) or not _same(place, run.folder):
        job.tell(0.3, "换入测算")
        aside = bring(run.folder, place)
        with job.writing():
            swap(aside, place)
    forget(run.city)
    job.tell(0.5, "重写指标")
    watched(run.city)  # opened before the transaction, which then only writes
    with job.writing():
        count = write_all(City.objects.get(pk=run.city_id))
        StudyRun.objects.filter(pk=run.pk).update(adopted_at=now())
    job.tell(0.9, "网点服务人数")
    count_users(run.city)
    return {"link": run.link, "figures": count, "digest": digest_of(Study.open(place))}


def _same(one: Path, other: Path) -> bool:
    return (one / "study.toml").read_bytes() == (other / "study.toml").read_bytes()


def bring(source: Path, place: Path) -> Path:
    """Bring a study's files beside the city's own; return the folder aside, whole."""
    aside = place.with_name("study.adopted")
    shutil.rmtree(aside, ignore_errors=True)
    for file in sorted(source.rglob("*")):
        inside = file.relative_to(source)
        if file.is_file() and inside.parts[0] not in (".work", ".lock", "maps"):
            link_file(file, aside / inside)
    if (place / MARK).is_file():
        shutil.copyfile(place / MARK, aside / MARK)
    (aside / "headline.json").touch()  # processes that have the city open look at its time
    return aside


def swap(aside: Path, place: Path) -> None:
    """Put a folder in the place of another; `repair` mends what a kill between the two moves leaves."""
    old = place.with_name("study.before")
    shutil.rmtree(old, ignore_errors=True)
    place.rename(old)
    aside.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def repair(place: Path) -> None:
    """Put the city's study back where a swap was broken off between its two moves."""
    old = place.with_name("study.before")
    if old.is_dir() and not place.exists():
        old.rename(place)
    shutil.rmtree(old, ignore_errors=True)
