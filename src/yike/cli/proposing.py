"""propose: the joint problem over a study, from the command line."""

from __future__ import annotations

from typing import Annotated, Any

import pandas as pd
import typer

from yike.cli.options import AsJson, Lang, StudyFolder, Walker
from yike.cli.speak import Bars, Voice
from yike.errors import Fault, InputError, Loaded, Row
from yike.plan import plan_of
from yike.report.proposal import sites_table, write_proposal
from yike.siting.joint import JointAnswer, JointSettings, Spaces, load_costs, load_uses, read_spaces, solve
from yike.study import Study
from yike.study.ground import catalogue_of
from yike.study.proposing import candidates_from_buildings, study_ground

Many = list[str] | None
BUILDINGS = "buildings"


def propose(
    study: StudyFolder,
    spaces: Annotated[
        str,
        typer.Option(help="空间台账文件，或 buildings（地图中的空置及非居住建筑） A register, or buildings of the map"),
    ],
    budget: Annotated[float | None, typer.Option(help="预算（元），默认不限 Budget in yuan, none by default")] = None,
    types: Annotated[
        Many, typer.Option("--type", help="业态，默认全部基本保障类 Types, all basic ones by default")
    ] = None,
    lock: Annotated[Many, typer.Option(help="锁定 空间:业态 Build SPACE:TYPE whatever it brings")] = None,
    forbid: Annotated[Many, typer.Option(help="排除 空间 或 空间:业态 Never build SPACE or SPACE:TYPE")] = None,
    years: Annotated[float, typer.Option(help="租金计几年 Years of rent")] = 3.0,
    least_share: Annotated[
        float | None, typer.Option(help="最差区域至少达到的比例 Least share of any area, 0–1")
    ] = None,
    level: Annotated[str, typer.Option(help="最差区域的层级 Level of these areas")] = "community",
    within: Annotated[str, typer.Option(help="只在此区域内（代码） Only in this area (code)")] = "",
    capacity: Annotated[bool, typer.Option(help="计服务能力 Count what an outlet can serve")] = True,
    viable: Annotated[bool, typer.Option(help="要求最低客群 Ask for least catchments")] = True,
    seconds: Annotated[float, typer.Option(help="最多用时（秒） Seconds to look for better")] = 60.0,
    gap: Annotated[float, typer.Option(help="允许差距 Gap that is near enough")] = 0.01,
    costs: Annotated[str, typer.Option(help="自己的造价表 Your own table of costs")] = "",
    uses: Annotated[str, typer.Option(help="自己的用途表 Your own table of uses")] = "",
    datum: Annotated[str, typer.Option(help="台账坐标系 Datum of the register: wgs84 gcj02 bd09 cgcs2000")] = "wgs84",
    out: Annotated[
        str, typer.Option(help="文件夹：proposal.json plan.json sites.csv sites.geojson Write the files here")
    ] = "",
    walker: Walker = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """给一笔钱：哪些空间建什么，多少人受益，离最优多远。For a sum of money: what to build where, proven near the best."""
    voice = Voice(as_json, lang)
    with voice.faults_told():
        opened = Study.open(study)
        catalogue = catalogue_of(opened)
        asked = JointSettings.from_json(
            {"budget_yuan": budget, "types": types or [], "locked": _pairs(lock, False), "forbidden": _pairs(forbid, True),
             "years": years, "least_share": least_share, "level": level, "within": within, "capacity": capacity,
             "viable": viable, "seconds": seconds, "gap": gap}
        )  # fmt: skip
        found = candidates_from_buildings(opened) if spaces == BUILDINGS else read_spaces(
            spaces, datum=datum, types=catalogue.codes)  # fmt: skip
        ground = study_ground(
            opened, found.value, walker, costs=load_costs(costs or None), uses=load_uses(uses or None)
        )
        with Bars(voice) as bars:
            answer = solve(ground, asked, tell=lambda share, step: bars.step("propose", share, False))
            bars.finish()
        made_up = opened.settings.made_up
        _tell(voice, answer, found, sites_table(answer, found.value, catalogue), made_up)
        if out:
            plan = plan_of(answer, catalogue=catalogue, gaps=opened.table("gaps"))
            for path in write_proposal(answer, plan, found.value, catalogue, out, made_up):
                voice.line("cli.written", path=path)
        voice.document({**answer.as_json(), "made_up": made_up})
    if answer.status == "infeasible":
        raise typer.Exit(1)


def _pairs(given: Many, whole: bool) -> list[list[str]]:
    """Read SPACE:TYPE; raises ``joint.pair_bad`` with all that are not so written."""
    pairs = [[part.strip() for part in text.rpartition(":")[::2]] if ":" in text else [text.strip(), ""]
             for text in given or ()]  # fmt: skip
    bad: list[Row] = [(None, text) for text, pair in zip(given or (), pairs, strict=True)
                      if not pair[0] or not (pair[1] or whole)]  # fmt: skip
    if bad:
        raise InputError(Fault("joint.pair_bad", tuple(bad)))
    return pairs


def _tell(voice: Voice, answer: JointAnswer, found: Loaded[Spaces], table: pd.DataFrame, made_up: bool) -> None:
    if made_up:
        voice.line("made_up")
    for note in found.notes:
        voice.plain(note.text(voice.lang).splitlines()[0])
    for each in answer.conflicts:
        told = (each.zh, each.zh_relax) if voice.lang == "zh" else (each.en, each.en_relax)
        voice.plain(f"{each.code}: {told[0]}\n  {told[1]}")
    if answer.sites:
        voice.table(table, order="joint.table.order", space="joint.table.space", name="joint.table.name",
                    **{voice.lang: "table.type"}, area_m2="joint.table.area", cost_yuan="joint.table.cost",
                    people_gained="joint.table.people", yuan_per_person="joint.table.per")  # fmt: skip
    voice.line("joint.said", **_figures(voice, answer))
    if ratio := answer.alone.get("ratio"):
        voice.line("joint.alone", ratio=(ratio - 1) * 100, alone=answer.alone["people_types"])
    if answer.elbow_yuan is not None:
        voice.line("joint.elbow", money=answer.elbow_yuan)


def _figures(voice: Voice, answer: JointAnswer) -> dict[str, Any]:
    return {
        "sites": len(answer.sites), "spent": answer.spent_yuan, "value": answer.objective, "bound": answer.bound,
        "gap": answer.gap * 100, "people": answer.people_gaining, "seconds": answer.seconds,
        "status": voice.say(f"joint.status.{answer.status}"), "digest": answer.digest[:12],
        "standard": answer.standard,
    }  # fmt: skip
