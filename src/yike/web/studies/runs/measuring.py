"""The jobs of a study: measuring it, drawing its sheets; and what the record says when a job has ended.

A study leaves a receipt after each whole step, so the next try of a killed worker goes on from there and ends with the
same tables. The record's figures are written in one transaction, only while the try still holds the job.
"""

from __future__ import annotations

import shutil
import time
from typing import Any

from django.utils.timezone import now

from yike.errors import StudyError
from yike.report.map_sheet import draw_sheets
from yike.report.page import write_page
from yike.study import NAMES, Study
from yike.study import run as run_study
from yike.study.store import walker_name
from yike.web.queue import Running, handler
from yike.web.queue.models import Job
from yike.web.studies.runs.making import make_folder
from yike.web.studies.runs.models import StudyRun
from yike.web.studies.runs.telling import figures_of
from yike.words import say

MEASURE, DRAW = "studies.measure", "studies.draw"
MEASURING = 0.97  #: share of the whole that the steps of the study are
BUSY_S = 60.0  #: how long one waits for a process that still holds the study's folder


class JobProgress:
    """Tells a job how a study goes on: each step is an equal part."""

    def __init__(self, job: Running) -> None:
        self.job, self._logged = job, ""

    def step(self, name: str, share: float, skipped: bool) -> None:
        """Step ``name`` is done to ``share``; raises what `Running.tell` raises."""
        step = say(f"step.{name}", "zh")
        if share >= 1.0:
            self.job.log(f"{step}：{'已有，沿用' if skipped else '完成'}")
        self.job.tell(MEASURING * (NAMES.index(name) + share) / len(NAMES), step)


@handler(MEASURE)
def measure(job: Running) -> dict[str, Any]:
    """Measure a study to its end and keep its figures with its record; the result names its digest and page."""
    run = StudyRun.objects.select_related("city").get(pk=job.payload["run"])
    with job.writing():
        StudyRun.objects.filter(pk=run.pk).update(state="running")
    job.tell(0.0, "准备输入")
    study = make_folder(run)
    measured(study, job)
    headline = study.headline()
    standard, figures = headline["standard"], figures_of(study)
    with job.writing():
        StudyRun.objects.filter(pk=run.pk).update(
            digest=digest_of(study), standard=f"{standard['name']} {standard['version']}", headline=headline,
            figures=figures,
        )  # fmt: skip
    return {"link": run.link, "digest": digest_of(study), "steps": len(NAMES)}


def measured(study: Study, job: Running) -> None:
    """Bring a study up to date; one that another process still holds (a worker just dying) is waited for."""
    until = time.monotonic() + BUSY_S
    while True:
        try:
            run_study(study, progress=JobProgress(job))
            return
        except StudyError as error:
            if error.code != "study.busy" or time.monotonic() > until:
                raise
        job.stopped()
        time.sleep(0.5)


def digest_of(study: Study) -> str:
    """Return the digest that every figure of a finished study is traced to."""
    return str(study.receipts()["headline"]["digest"])


@handler(DRAW)
def draw(job: Running) -> dict[str, Any]:
    """Draw a finished study's map sheets and its offline page, aside first, then swapped in."""
    run = StudyRun.objects.select_related("city").get(pk=job.payload["run"])
    study = Study.open(run.folder)
    aside, place = study.folder / f".maps.{job.id}.{job.tries}", study.folder / "maps"
    try:
        for k, walker in enumerate(study.settings.walkers):
            job.tell(0.9 * k / len(study.settings.walkers), f"图幅：{walker_name(study, walker, 'zh')}")
            draw_sheets(study, aside, walker=walker)
        job.tell(0.9, "离线网页")
        write_page(study, aside / "map.html")
        with job.writing():
            shutil.rmtree(place, ignore_errors=True)
            aside.rename(place)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return {"link": run.link, "files": len(run.files)}


def note_end(sender: Any, job: Job, **more: Any) -> None:
    """Write into the record how its job ended, in the same transaction."""
    if job.kind == MEASURE:
        StudyRun.objects.filter(job=job).update(state=job.state, faults=job.faults, ended_at=now())
