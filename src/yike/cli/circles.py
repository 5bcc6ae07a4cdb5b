"""circles: living circles proposed from a study's communities."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from yike.circles.targets import crossings_told, load_targets
from yike.cli.options import AsJson, Lang, StudyFolder, Walker
from yike.cli.speak import Voice
from yike.study import Study
from yike.study.circling import (
    COMMITTEES,
    CircleGround,
    bent_words,
    features,
    objective_words,
    rows_for_register,
    write_table,
)


def circles(
    study: StudyFolder,
    out: Annotated[str, typer.Option(help="写入的文件夹 Folder for circles.csv and circles.geojson")] = "",
    within: Annotated[str, typer.Option(help="区划代码 Code of an area; all by default")] = "",
    urban: Annotated[bool, typer.Option("--urban", help="只划居委会、社区 Urban communities only")] = False,
    least: Annotated[float | None, typer.Option(help="人口下限 Least people of a circle")] = None,
    most: Annotated[float | None, typer.Option(help="人口上限 Most people of a circle")] = None,
    walk: Annotated[float | None, typer.Option(help="到圈中心最长步行分钟 Longest walk from a centre, minutes")] = None,
    barrier: Annotated[
        list[str] | None, typer.Option(help="屏障：rail=10（分钟）或 rail=forbid Minutes of a crossing, or forbid")
    ] = None,
    walker: Walker = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """由社区自动划分生活圈：人口、步行、屏障。Living circles proposed from communities, walking and barriers."""
    voice = Voice(as_json, lang)
    with voice.faults_told():
        targets = load_targets().with_(people_least=least, people_most=most, walk_most_min=walk)
        told = crossings_told((text.partition("=")[0], text.partition("=")[2]) for text in barrier or ())
        targets = targets.with_(crossing_min={**targets.crossing_min, **told})
        ground = CircleGround.of(Study.open(study), walker or "")
        codes = ground.within(within, COMMITTEES if urban else "")
        found = ground.propose(codes, targets)
        listed = rows_for_register(ground, found)
        shown = pd.DataFrame(
            {
                "code": [row["圈编号"] for row in listed],
                "name": [row["名称"] for row in listed],
                "communities": [len(each.communities) for each in found.circles],
                "people": [round(each.people) for each in found.circles],
                "walk": [each.mean_walk_min for each in found.circles],
                "bent": ["；".join(bent_words(each, voice.lang)) for each in found.circles],
            }
        )
        voice.table(shown, code="table.circle_id", name="table.circle", communities="table.communities",
                    people="table.circle_people", walk="table.mean_walk", bent="table.bent")  # fmt: skip
        good = sum(not each.bent for each in found.circles)
        voice.line("circles.found", communities=len(codes), people=found.people, n=len(listed), good=good)
        voice.plain(objective_words(found, voice.lang))
        if out:
            folder = Path(out)
            write_table(folder / "circles.csv", listed)
            shapes = folder / "circles.geojson"
            aside = shapes.with_name(shapes.name + ".new")
            aside.write_text(json.dumps(features(ground, found), ensure_ascii=False), encoding="utf-8")
            aside.replace(shapes)
            voice.line("circles.written", path=str(folder))
        voice.document({**found.as_json(), "table": listed})
