"""standards list, explain, compare: the papers behind the figures."""

from __future__ import annotations

from typing import Annotated

import typer

from yike.cli.options import AsJson, Lang
from yike.cli.speak import Voice
from yike.standards import compare as comparing
from yike.standards.catalogue import list_packs, list_profiles, load_catalogue

app = typer.Typer(
    no_args_is_help=True, help="标准：有哪些、从哪来、有何不同。Standards: which, whence, how they differ."
)
Name = Annotated[str, typer.Argument(help="标准名称、标准包或文件夹 Profile, pack or folder")]
Packs = Annotated[list[str] | None, typer.Option("--pack", help="另加的标准包 Further packs")]


@app.command("list")
def list_(as_json: AsJson = False, lang: Lang = None) -> None:
    """列出标准包和组合。List packs and profiles."""
    voice = Voice(as_json, lang)
    with voice.faults_told():
        packs, profiles = list_packs(), list_profiles()
        for pack in packs:
            source = pack.source
            title = source.title if voice.lang == "zh" else source.title_en
            rows = len(pack.requirements) + len(pack.gates) + len(pack.indicators)
            voice.line("standards.pack", name=pack.name, level=voice.say(f"level.{source.level}"), title=title, rows=rows,
                       grades=source.grades)  # fmt: skip
        for name, members in profiles.items():
            voice.line("standards.profile", name=name, packs=" → ".join(members))
        voice.document({"profiles": profiles, "packs": [
            vars(p.source) | {"requirements": len(p.requirements), "gates": len(p.gates)}
            for p in packs]})  # fmt: skip


@app.command()
def explain(
    what: Annotated[
        str, typer.Argument(help="业态代码或要求编号；不给则列全部 Type or requirement; all when not given")
    ] = "",
    standard: Annotated[str, typer.Option(help="标准 Profile, pack or folder")] = "jincheng",
    pack: Packs = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """某业态有哪些要求、出自哪条、证据等级。What is asked of a business type, by which clause, on what evidence."""
    voice = Voice(as_json, lang)
    with voice.faults_told():
        catalogue = load_catalogue(standard, pack or ())
        found = [each for code in ([what] if what else catalogue.codes) for each in comparing.explain(catalogue, code)]
        if not what:
            for kind in catalogue.types:
                name = kind.zh if voice.lang == "zh" else kind.en
                category = voice.say(f"category.{kind.category}")
                voice.line("standards.type", code=kind.code, name=name, category=category, evidence=kind.list_evidence)
        for origin in found:
            row = origin.row
            kind = catalogue.type(row.business_type)
            voice.line("standards.row", name=kind.zh if voice.lang == "zh" else kind.en, value=row.value, unit=row.unit,
                       measure=voice.say(f"measure.{row.measure}"), clause=row.clause,
                       title=origin.source.title if voice.lang == "zh" else origin.source.title_en,
                       grade=row.grade, note=row.note)  # fmt: skip
            for other in origin.displaced:
                voice.line(
                    "standards.displaced", value=other.value, unit=other.unit, pack=other.pack, grade=other.grade
                )
        voice.document({"standard": catalogue.name, "version": catalogue.version, "digest": catalogue.digest,
                        "rows": [vars(o.row) | {"displaced": [vars(d) for d in o.displaced]} for o in found],
                        "gates": [vars(gate) for gate in catalogue.gates],
                        "indicators": [vars(each) for each in catalogue.indicators]})  # fmt: skip


@app.command()
def compare(first: Name, second: Name, as_json: AsJson = False, lang: Lang = None) -> None:
    """两个标准有何不同。Where two standards do not say the same."""
    voice = Voice(as_json, lang)
    with voice.faults_told():
        left, right = load_catalogue(first), load_catalogue(second)
        found = comparing.compare(left, right)
        for each in found:
            kind = (left if each.business_type in left.codes else right).type(each.business_type)
            values = [f"{row.value:g} {row.unit} [{row.grade}]" if row else "—" for row in (each.first, each.second)]
            voice.line("standards.difference", name=kind.zh if voice.lang == "zh" else kind.en,
                       measure=voice.say(f"measure.{each.measure}"), first=values[0], second=values[1])  # fmt: skip
        voice.document({"first": left.name, "second": right.name, "differences": [
            {"business_type": d.business_type, "measure": d.measure,
             "first": vars(d.first) if d.first else None, "second": vars(d.second) if d.second else None}
            for d in found]})  # fmt: skip
