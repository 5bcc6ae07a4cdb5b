"""The folder of a study that a planner asked for, made whole or not at all: inputs of the city's own study, and what differs.

Outlets are written from the register as one table of codes; changed limits become a standards pack of the study's own
and changed paces a table of walkers, so that the engine, its receipts and its documents know them as they know any
other. Steps that the city's own study has done with the same inputs are taken over with their receipts.
"""

from __future__ import annotations

import csv
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import tomli_w
from django.db import transaction
from django.utils.timezone import localdate

from yike.network.rules import read_table
from yike.network.walkers import load_walkers
from yike.standards.nouns import MEASURES
from yike.study import InputFile, Settings, Study, start_study
from yike.study.ground import catalogue_of
from yike.study.run import digest_of_step
from yike.study.settings import write_settings
from yike.study.steps import STEPS
from yike.web.areas.models import City
from yike.web.outlets.models import Function, Outlet
from yike.web.studies.models import SupplyChange
from yike.web.studies.place import study_folder
from yike.web.studies.runs.choices import Choices
from yike.web.studies.runs.models import StudyRun

ONE_HOUR = (2 * 24 + 7,)  #: Wednesday 7:00, the hour that the headline tells
OWN_WALKERS = "own-walkers.csv"  #: name of the table of changed paces, in the study's inputs
OWN_LIMITS = "own-limits"  #: name of the pack of changed limits, in the study's inputs
TYPES_TOLD = "register-types.csv"  #: the crosswalk of the register's codes
OUTLET_HEAD = ("id", "name", "types", "lon", "lat", "hours", "state", "source")


def make_folder(run: StudyRun) -> Study:
    """Return the study of a run, making its folder where it is not there; what is there is whole and stays as it is.

    Raises
    ------
    StudyError
        ``study.missing``: the city has no study of its own; the faults of `start_study`.
    """
    if run.folder.is_dir():
        return Study.open(run.folder)
    base, choices = Study.open(study_folder(run.city)), Choices.from_json(run.settings)
    aside, inputs = run.folder.with_name(f".{run.key}.making"), run.folder.with_name(f".{run.key}.inputs")
    for folder in (aside, inputs):
        shutil.rmtree(folder, ignore_errors=True)
    inputs.mkdir(parents=True)
    try:
        settings = _settings(run, base, choices, inputs)
        if choices.register:
            run.through = write_register(run.city, base, inputs)
        study = start_study(aside, settings)
        if choices.register:
            shutil.copyfile(inputs / TYPES_TOLD, study.folder / "inputs" / TYPES_TOLD)
        bring_beside(base, study)
        study = _with_limits(study, choices)
        take_over(base, study)
        StudyRun.objects.filter(pk=run.pk).update(through=run.through)
        aside.replace(run.folder)
    finally:
        for folder in (aside, inputs):
            shutil.rmtree(folder, ignore_errors=True)
    return Study.open(run.folder)


def _settings(run: StudyRun, base: Study, choices: Choices, inputs: Path) -> Settings:
    """Return the settings with the paths of their input files outside the new study."""

    def outside(files: tuple[InputFile, ...]) -> tuple[InputFile, ...]:
        return tuple(
            replace(
                each, path=str(base.folder / each.path), counts=str(base.folder / each.counts) if each.counts else ""
            )
            for each in files
        )

    given = base.settings
    outlets = (
        (InputFile(str(inputs / "register.csv"), crosswalk=f"inputs/{TYPES_TOLD}"),)
        if choices.register
        else outside(given.outlets)
    )
    others = tuple(each for each in load_walkers(None) if each not in choices.walkers)
    return replace(
        given,
        name=f"{run.city.name} {run.name}",
        standard=choices.standard,
        packs=_packs_of(base) if choices.standard == given.standard else (),
        walkers=choices.walkers,
        also_walk=others if given.also_walk else (),
        walkers_file=_own_walkers(choices, inputs) or _walkers_of(base),
        hours=Settings().hours if choices.hours else ONE_HOUR,
        maps=outside(given.maps), outlets=outlets, residents=outside(given.residents), areas=outside(given.areas),
    )  # fmt: skip


def _packs_of(base: Study) -> tuple[str, ...]:
    """Return the further packs of a study; limits that were changed for that study alone are not another's."""
    return tuple(each for each in base.settings.packs if Path(each).name != OWN_LIMITS)


def _walkers_of(base: Study) -> str:
    """Return the path of a study's own table of walkers, "" where it has none but changed paces."""
    given = base.settings.walkers_file
    return str(base.folder / given) if given and Path(given).name != OWN_WALKERS else ""


def bring_beside(base: Study, study: Study) -> None:
    """Copy what settings name beside the input files: packs and crosswalks that lie in the inputs of the city's study."""
    for pack in study.settings.packs:
        if (base.folder / pack / "source.toml").is_file():
            shutil.copytree(base.folder / pack, study.folder / pack)
    for file in (*study.settings.outlets, *study.settings.maps):
        target = study.folder / file.crosswalk
        if file.crosswalk and not target.exists() and (base.folder / file.crosswalk).is_file():
            shutil.copyfile(base.folder / file.crosswalk, target)


def write_register(city: City, base: Study, inputs: Path) -> int:
    """Write the register as it is now, as one table and the crosswalk of its codes; return the last change in it.

    The crosswalk names the types that the city's sources can tell: a type that neither they nor the register know is a
    gap of the sources, not of the town, in this study as in the city's own.
    """
    with transaction.atomic():
        last = SupplyChange.objects.filter(city=city).order_by("-id").values_list("id", flat=True).first() or 0
        columns = ("id", "key", "name", "lon", "lat", "hours", "state", "source")
        rows = list(Outlet.objects.filter(city=city).order_by("id").values_list(*columns))
        serves: dict[int, list[str]] = {}
        for outlet, code in Function.objects.filter(outlet__city=city).order_by("id").values_list("outlet_id", "code"):
            serves.setdefault(outlet, []).append(code)
    with (inputs / "register.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(OUTLET_HEAD)
        for pk, key, name, lon, lat, hours, state, source in rows:
            if pk in serves:
                table.writerow((key, name, "|".join(serves[pk]), repr(lon), repr(lat), hours, state, source))
    unseen = set(base.headline()["types_unseen"])
    there = {code for codes in serves.values() for code in codes}
    told = [each.code for each in catalogue_of(base).types if each.code not in unseen or each.code in there]
    with (inputs / TYPES_TOLD).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows((("category", "types"), *((code, code) for code in told)))
    return last


def _own_walkers(choices: Choices, inputs: Path) -> str:
    """Write the table of walkers with the paces that were changed; return its path, "" where none was."""
    if not choices.paces:
        return ""
    rows = [dict(row) for row in read_table("walkers.csv")]
    for row in rows:
        if row["walker"] in choices.paces:
            row |= {"m_per_min": f"{choices.paces[row['walker']]:g}", "source": "本测算自定", "grade": "OURS"}
    path = inputs / OWN_WALKERS
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return str(path)


def _with_limits(study: Study, choices: Choices) -> Study:
    """Write the pack of changed limits into the study and name it in the settings."""
    if not choices.limits:
        return study
    pack = study.folder / "inputs" / OWN_LIMITS
    pack.mkdir()
    (pack / "source.toml").write_text(tomli_w.dumps(_source(study)), encoding="utf-8")
    with (pack / "requirements.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("business_type", "measure", "value", "unit", "clause", "grade", "source", "note"))
        for name, value in choices.limits.items():
            code, measure = name.rsplit(".", 1)
            table.writerow((code, measure, f"{value:g}", MEASURES[measure], "本测算自定", "OURS", "", ""))
    settings = replace(study.settings, packs=(*study.settings.packs, f"inputs/{OWN_LIMITS}"))
    write_settings(study.folder, settings)
    return replace(study, settings=settings)


def _source(study: Study) -> dict[str, Any]:
    return {
        "title": f"{study.settings.name}：本测算自定的步行时限", "title_en": "Limits changed for this study",
        "issuer": "本测算", "number": "", "date": localdate().isoformat(), "level": "city",
        "read": "chosen on the planning desk", "keys": [],
    }  # fmt: skip


def take_over(base: Study, study: Study) -> list[str]:
    """Take over the steps that another study has done with the same inputs and settings; return their names.

    Files are linked, not copied: a step never changes a file, it puts a new one in its place.
    """
    done, taken = base.receipts(), dict[str, dict[str, Any]]()
    for step in STEPS:
        receipt = done.get(step.name)
        if receipt is None or digest_of_step(study, step, taken) != receipt["digest"]:
            continue
        for name in receipt["files"]:
            link_file(base.folder / name, study.folder / name)
        taken[step.name] = receipt
    study.write_receipts(taken)
    return list(taken)


def link_file(source: Path, target: Path) -> None:
    """Link a file, or copy it where the disk cannot link."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
