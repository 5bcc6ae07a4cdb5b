"""explain, nearest, isochrone, what-if: questions to a finished study."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import shapely
import typer

from yike.cli.options import AsJson, Lang, StudyFolder, Walker
from yike.cli.speak import Voice, for_json
from yike.errors import Fault, StudyError
from yike.study import Study
from yike.study import questions as ask
from yike.study.questions import Desk
from yike.study.store import walker_name
from yike.study.trying import try_changes

Lon = Annotated[float, typer.Argument(help="经度 Longitude, WGS 84")]
Lat = Annotated[float, typer.Argument(help="纬度 Latitude, WGS 84")]


def nearest(
    study: StudyFolder,
    lon: Lon,
    lat: Lat,
    k: Annotated[int, typer.Option(help="每种最近几家 How many of each type, 1–5")] = 1,
    walker: Walker = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """从一点出发，每种业态最近的网点和分钟数。The nearest outlet of every type from a point."""
    voice = Voice(as_json, lang)
    with voice.faults_told():
        desk = Desk.of(Study.open(study), walker)
        rows = ask.nearest(desk, lon, lat, k)
        shown = rows.sort_values(["minutes", "business_type"], na_position="last")
        shown = shown.assign(name=shown["name"].where(shown["name"] != "", shown["outlet"]))
        voice.table(shown, **{voice.lang: "table.type", "minutes": "table.minutes", "name": "table.outlet",
                              "within_15": "table.within_15"})  # fmt: skip
        voice.document({"walker": desk.walker, "lon": lon, "lat": lat, "nearest": rows})


def isochrone(
    study: StudyFolder,
    lon: Lon,
    lat: Lat,
    minutes: Annotated[str, typer.Option(help="分钟，逗号分开 Minutes, with commas")] = "5,10,15",
    out: Annotated[str, typer.Option(help="写成 GeoJSON 文件 Write GeoJSON here")] = "",
    walker: Walker = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """从一点出发的等时圈（GeoJSON）。The area within some minutes on foot of a point."""
    voice = Voice(as_json, lang)
    with voice.faults_told():
        desk = Desk.of(Study.open(study), walker)
        try:
            limits = tuple(float(each) for each in minutes.split(","))
        except ValueError as error:
            longest = f"{desk.routes.limit_s / 60:g}"
            raise StudyError(Fault("study.minutes", values={"given": minutes, "longest": longest})) from error
        found = ask.isochrone(desk, lon, lat, limits)
        geojson = {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "geometry": shapely.geometry.mapping(each.area),
                 "properties": {"minutes": each.limit_s / 60, "walker": desk.walker, "homes_within": each.homes_within}}
                for each in found
            ],
        }  # fmt: skip
        if out:
            aside = Path(out + ".new")
            aside.parent.mkdir(parents=True, exist_ok=True)
            aside.write_text(json.dumps(geojson), encoding="utf-8")
            aside.replace(out)
        for each in found:
            voice.line("isochrone.line", minutes=each.limit_s / 60, homes=each.homes_within)
        voice.document(geojson)
        if not out and not as_json:
            voice.line("isochrone.hint")


def explain(
    study: StudyFolder,
    home: Annotated[str, typer.Argument(help="居民点编号 Id of a residents' point")],
    business_type: Annotated[list[str] | None, typer.Option("--type", help="只说这些业态 These types only")] = None,
    every: Annotated[bool, typer.Option("--all", help="达标的也列出 Also what is met")] = False,
    walker: Walker = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """这户为什么没有覆盖：哪条规定、最近的网点、怎么走。Why a home is not covered: rule, nearest outlet, way."""
    voice = Voice(as_json, lang)
    with voice.faults_told():
        desk = Desk.of(Study.open(study), walker)
        found = ask.explain(desk, home, tuple(business_type or ()), every)
        place = found.home
        voice.line("explain.home", id=place["id"], lon=place["lon"], lat=place["lat"], people=place["people"],
                   walker=walker_name(desk.study, desk.walker, voice.lang))  # fmt: skip
        if found.unattached:
            voice.line("explain.unattached", why=voice.say(f"why.{found.unattached}"))
        if not found.reasons:
            voice.line("explain.nothing")
        for reason in found.reasons:
            _tell_reason(voice, reason, bool(found.unattached))
        voice.document({"home": place, "unattached": found.unattached, "walker": desk.walker,
                        "reasons": [_reason_json(reason) for reason in found.reasons]})  # fmt: skip


def _tell_reason(voice: Voice, reason: ask.Reason, unattached: bool) -> None:
    rule = reason.limit.requirement
    name = reason.zh if voice.lang == "zh" else reason.en
    voice.line("explain.rule", name=name, state=voice.say("explain.met" if reason.met else "explain.failed"),
               limit=reason.limit.limit_s / 60, pack=rule.pack, clause=rule.clause, grade=rule.grade)  # fmt: skip
    if reason.limit.default_only:
        voice.line("explain.default_only")
    if not reason.outlet:
        if not unattached:
            voice.line("explain.none")
        return
    voice.line("explain.nearest", outlet=reason.name or reason.outlet, minutes=reason.minutes)
    if reason.route is not None:
        legs = [f"{street or voice.say('explain.unnamed')} {metres:.0f} m" for street, metres in reason.route.streets]
        voice.line("explain.route", metres=reason.route.length_m, legs=" → ".join(legs))


def _reason_json(reason: ask.Reason) -> dict[str, Any]:
    rule = reason.limit.requirement
    way = reason.route
    return {
        "requirement": rule.id, "business_type": rule.business_type, "measure": rule.measure, "pack": rule.pack,
        "clause": rule.clause, "grade": rule.grade, "default_only": reason.limit.default_only,
        "limit_min": reason.limit.limit_s / 60, "met": reason.met, "minutes": reason.minutes, "outlet": reason.outlet,
        "name": reason.name,
        "route": None if way is None else {"seconds": way.seconds, "metres": way.length_m, "streets": way.streets,
                                           "line": list(zip(way.lon.tolist(), way.lat.tolist(), strict=True))},
    }  # fmt: skip


def what_if(
    study: StudyFolder,
    change: Annotated[
        list[str] | None,
        typer.Argument(
            help="改动 Changes, in order: 'add breakfast|repair@LON,LAT' 'remove ID' 'move ID@LON,LAT' "
            "'open LON,LAT' 'open way:ID' 'link LON,LAT@LON,LAT'"
        ),
    ] = None,
    scenario: Annotated[str, typer.Option(help="从文件读改动，一行一条 Read changes from a file, one a line")] = "",
    save: Annotated[str, typer.Option(help="存为方案 Keep the scenario and its effects as scenarios/NAME.json")] = "",
    walker: Walker = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """试一试：增减网点、开门、修路，多少人受益。Try changes without touching the study: who gains?"""
    voice = Voice(as_json, lang)
    with voice.faults_told():
        opened = Study.open(study)
        desk = Desk.of(opened, walker)
        texts = [*_lines(scenario), *(change or ())]
        if not texts:
            raise StudyError(Fault("study.change_none"))
        effects, totals = try_changes(desk, texts)
        _tell_effects(voice, effects)
        answer = {"walker": desk.walker, "changes": texts, "effects": effects, "people_met": totals}
        if save:
            _keep(opened, save, answer)
        voice.document(answer)


def _lines(path: str) -> list[str]:
    if not path:
        return []
    if not Path(path).is_file():
        raise StudyError(Fault("study.input_missing", ((None, path),)))
    return [line.strip() for line in Path(path).read_text(encoding="utf-8").splitlines() if line.strip()]


def _tell_effects(voice: Voice, effects: pd.DataFrame) -> None:
    touched = effects[effects["homes"] > 0]
    if touched.empty:
        voice.line("whatif.nothing")
        return
    voice.table(touched, change="table.change", **{voice.lang: "table.type"}, homes="table.homes",
                people_gained="table.people_gained", minutes_saved="table.minutes_saved")  # fmt: skip


def _keep(study: Study, name: str, answer: dict[str, Any]) -> None:
    """Write a scenario beside the study's tables; the study itself is not touched."""
    folder = study.folder / "scenarios"
    folder.mkdir(exist_ok=True)
    aside = folder / f".{Path(name).name}.new"
    aside.write_text(json.dumps(for_json(answer), ensure_ascii=False, indent=1), encoding="utf-8")
    aside.replace(folder / f"{Path(name).name}.json")
