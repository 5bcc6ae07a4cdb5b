"""export, map: results as files other programs and people read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from yike.cli.options import AsJson, Lang, StudyFolder, Walker
from yike.cli.speak import Voice
from yike.report.export import export_study
from yike.report.map_sheet import draw_sheets
from yike.report.page import write_page
from yike.study import Study


def export(
    study: StudyFolder,
    out: Annotated[str, typer.Argument(help="文件或文件夹 File or folder: .gpkg .xlsx，或文件夹 or a folder")],
    kind: Annotated[str, typer.Option("--format", help="gpkg geojson geoparquet csv xlsx；默认看后缀 by suffix")] = "",
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """导出结果。Write results as GeoPackage, GeoJSON, GeoParquet, CSV or XLSX."""
    voice = Voice(as_json, lang)
    with voice.faults_told():
        files = export_study(Study.open(study), Path(out), kind, lang=voice.lang)
        for file in files:
            voice.line("cli.written", path=file)
        voice.document({"files": [str(file) for file in files]})


def map_(
    study: StudyFolder,
    out: Annotated[str, typer.Option(help="文件夹，默认测算内 maps/ Folder, maps/ in the study by default")] = "",
    business_type: Annotated[
        list[str] | None, typer.Option("--type", help="这些业态的图 Sheets of these types")
    ] = None,
    page: Annotated[bool, typer.Option(help="也做可交互的单页 Also the interactive page")] = True,
    walker: Walker = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """出图：PNG 图幅和一个可离线打开的网页。Map sheets (PNG) and one page that opens offline."""
    voice = Voice(as_json, lang)
    with voice.faults_told():
        opened = Study.open(study)
        folder = Path(out) if out else opened.folder / "maps"
        files = draw_sheets(opened, folder, types=tuple(business_type or ()), walker=walker, lang=voice.lang)
        if page:
            files.append(write_page(opened, folder / "map.html", walker=walker, lang=voice.lang))
        for file in files:
            voice.line("cli.written", path=file)
        voice.document({"files": [str(file) for file in files]})
