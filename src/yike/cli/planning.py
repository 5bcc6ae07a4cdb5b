"""plan: the documents of a study folder, without the platform."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from yike.cli.options import AsJson, Lang, StudyFolder, Walker
from yike.cli.speak import Voice
from yike.errors import Fault, StudyError
from yike.report.documents.files import make_files, put_files
from yike.report.documents.maps import Ground, ground_of
from yike.report.documents.study_facts import Proposed, chosen, study_facts, study_sheet
from yike.report.documents.templates import Template, load_templates
from yike.report.scene import Scene, load_scene
from yike.siting.joint import read_spaces
from yike.study import Study, store
from yike.study.proposing import candidates_from_buildings


def plan(
    study: StudyFolder,
    circle: Annotated[
        list[str] | None,
        typer.Option("--circle", help="这些区域各作一个生活圈，写区域代码 These areas as circles, by code"),
    ] = None,
    circles: Annotated[
        bool,
        typer.Option(help="每个社区一份子方案；没有社区的，全部居民作一个圈 A plan of every community as a circle"),
    ] = False,
    city: Annotated[bool, typer.Option(help="也编总体方案 The overall plan too")] = True,
    proposal: Annotated[str, typer.Option(help="yike propose 写出的 JSON A proposal: its sites are the projects")] = "",
    spaces: Annotated[
        str,
        typer.Option(
            help="求解所用的空间表，默认取地图中的建筑 The table of spaces it was made from, else the map's buildings"
        ),
    ] = "",
    templates: Annotated[str, typer.Option(help="自己的文本模板文件夹 A folder of own text templates")] = "",
    office: Annotated[str, typer.Option(help="发文机关 The issuing office")] = "",
    day: Annotated[str, typer.Option(help="成文日期 2026-11-25，默认今天 Date of the paper, today by default")] = "",
    out: Annotated[str, typer.Option(help="文件夹，默认测算内 plans/ Folder, plans/ in the study by default")] = "",
    walker: Walker = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """编制方案：DOCX、PDF、XLSX，数字都来自测算；没有登记的写“无记录”。The plans as DOCX, PDF and XLSX."""
    voice = Voice(as_json, lang)
    with voice.faults_told():
        opened = Study.open(study)
        signed = _day(day)
        scene = load_scene(opened, walker)
        ground = ground_of(scene, store.residents(opened).frame["community"].astype(str).to_numpy(object))
        words = load_templates(Path(templates) if templates else None)
        given = _proposed(opened, proposal, spaces) if proposal else None
        wanted = [("city_plan", "")] if city else []
        wanted += [("circle_plan", area) for area in (chosen(circle or (), opened) if circle or circles else ())]
        folder = Path(out) if out else opened.folder / "plans"
        files: list[Path] = []
        for kind, area in wanted:
            made = _made(scene, ground, words[kind], area, signed, office, given)
            files += put_files(made, folder, f"{kind}-{area or 'all'}").values()
            voice.line("cli.written", path=folder / f"{kind}-{area or 'all'}.{{docx,pdf,xlsx}}")
        voice.document({"files": [str(file) for file in files]})


def _made(
    scene: Scene, ground: Ground, words: Template, area: str, day: date, office: str, given: Proposed | None
) -> Any:
    facts = study_facts(scene, words.kind, area=area, day=day, office=office, proposal=given)
    return make_files(facts, words, ground, study_sheet(scene, facts, area=area, proposal=given))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else date.today()
    except ValueError:
        raise StudyError(Fault("study.usage", values={"why": f"--day {text}", "command": "yike plan"})) from None


def _proposed(study: Study, path: str, spaces: str) -> Proposed:
    """Read a proposal with the spaces it was made from; raises ``documents.proposal_broken``, ``documents.space_unknown``."""
    try:
        answer = json.loads(Path(path).read_text(encoding="utf-8"))
        if not isinstance(answer, dict) or not isinstance(answer.get("sites"), list):
            raise ValueError("sites?")
    except ValueError as error:
        raise StudyError(Fault("documents.proposal_broken", values={"path": path, "why": str(error)})) from error
    table = read_spaces(spaces).value if spaces else candidates_from_buildings(study).value
    return Proposed(answer, table.frame)
