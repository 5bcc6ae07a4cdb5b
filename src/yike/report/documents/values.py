"""Values of a plan by the names of ``known.csv``: figures, words, lists and facts, all from `PlanFacts`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from yike.report.documents.facts import PlanFacts, TypeFact
from yike.report.documents.figures import Book, Figure
from yike.report.documents.templates import known
from yike.words import LANGUAGES, say

NAMED = 8  #: how many types a sentence names
WEAKEST = 3
TEN_FIFTEEN = "ten_fifteen"
Item = Mapping[str, Figure | Mapping[str, str] | str]


class Values:
    """Answers what a template asks. Figures are entered in a `Book` as they are asked for."""

    def __init__(self, facts: PlanFacts) -> None:
        self.facts = facts
        self.book = Book(facts.origin)

    # --- figures ---

    def figure(self, name: str) -> Figure:
        """Return the figure of a name of ``known.csv``."""
        value, unit, origin = self._reckoned[name]
        return self.book.put(name, value, unit, _what(name, self.facts.kind), **origin)

    @cached_property
    def _reckoned(self) -> dict[str, tuple[Any, str, dict[str, str]]]:
        f = self.facts
        rule = {"requirement": TEN_FIFTEEN, "table": "presence"}
        cover, gates = {"table": "coverage"}, {"table": "gates"}
        found: dict[str, tuple[Any, str, dict[str, str]]] = {
            "people": (f.people, "people", {"table": "residents"}),
            "communities": (len(f.communities), "count", {"table": "areas"}),
            "outlets": (_sum(each.outlets for each in f.types), "count", {"table": "outlets"}),
            "ten_fifteen": (f.ten_fifteen, "share", rule),
            "elder_ten_fifteen": (f.elder_ten_fifteen, "share", rule | {"walker": f.slower}),
            "gaps": (len(f.gaps), "count", {"table": "gaps"}),
            "gap_people": (sum(each.people_uncovered for each in f.gaps), "count", {"table": "gaps"}),
            "needs": (_count(f.needs), "count", {"table": "needs"}),
            "needs_people": (_sum(each.people for each in f.needs or ()) if f.needs is not None else None, "count",
                             {"table": "needs"}),
            "projects": (_count(f.projects), "count", {"table": "projects"}),
            "projects_yuan": (_sum(each.cost_yuan for each in f.projects or ()) if f.projects is not None else None,
                              "yuan", {"table": "projects"}),
            "projects_people": (_sum(each.people_gained for each in f.projects or ())
                                if f.projects is not None else None, "count", {"table": "projects"}),
            "spaces": (_count(f.spaces), "count", {"table": "spaces"}),
            "spaces_m2": (_sum(each.area_m2 for each in f.spaces or ()) if f.spaces is not None else None, "m2",
                          {"table": "spaces"}),
            "circles": (_count(f.circles), "count", {"table": "circles"}),
            "gates_passed": (self._passing(), "count", gates),
            "first_people": (f.boundaries[0].people if f.boundaries else None, "people", {"table": "circles"}),
            "first_communities": (f.boundaries[0].communities if f.boundaries else None, "count", {"table": "circles"}),
            "versions": (len(f.boundaries) or None, "count", {"table": "circles"}),
            "proof_gap": (f.proof.get("gap"), "bound", {"table": "proposals"}),
        }  # fmt: skip
        for category in ("basic", "quality"):
            gate = f.gates.get(category)
            found |= {
                f"{category}_share": (f.mean_share(category), "share", cover),
                f"{category}_present": (len(f.present(category)), "count", gates),
                f"{category}_after": (f.after(category) if f.projects is not None else None, "count", gates),
                f"{category}_at_least": (gate.at_least if gate else None, "count", {"table": "standard"}),
                f"{category}_of": (len(f.of(category)), "count", {"table": "standard"}),
            }
        return found

    def _passing(self) -> int | None:
        """Return how many circles have enough types of both categories."""
        gates, circles = self.facts.gates, self.facts.circles
        if not gates or circles is None or any(each.basic_present is None for each in circles):
            return None
        least = {category: gate.at_least for category, gate in gates.items()}
        return sum(
            (each.basic_present or 0) >= least.get("basic", 0)
            and (each.quality_present or 0) >= least.get("quality", 0)
            for each in circles
        )

    # --- words ---

    def text(self, name: str, lang: str) -> str:
        """Return the words of a name of ``known.csv``."""
        f = self.facts
        plain = {
            "name": f.name if lang == "zh" else f.name_en or f.name,
            "name_en": f.name_en or f.name,
            "office": f.office.get(lang, "") or say("documents.no_record", lang),
            "date": say("documents.date", lang, y=f.day.year, m=f.day.month, d=f.day.day),
            "standard": f.origin.standard,
            "study": f.origin.study[:12],
            "walker": f.walker_name.get(lang, ""),
            "sources": f.sources.get(lang, ""),
            "grade": f.grade.get(lang, "") or say("documents.no_record", lang),
            "communities_named": named(f.communities, lang),
        }
        if name in plain:
            return plain[name]
        if name.startswith("gate_"):
            return self._gate(name.removeprefix("gate_"), lang)
        if name.startswith("missing_"):
            return self._types(f.absent(name.removeprefix("missing_")), lang)
        if name == "weakest":
            told = [each for each in f.types if each.kind.category == "basic" and each.share is not None and each.seen]
            return self._types(sorted(told, key=lambda each: each.share or 0)[:WEAKEST], lang)
        if name == "unseen":
            return self._types([each for each in f.types if not each.seen], lang)
        return self.star(lang)

    def _types(self, types: Sequence[TypeFact], lang: str) -> str:
        return named([type_named(each, lang) for each in types], lang)

    def _gate(self, category: str, lang: str) -> str:
        gate = self.facts.gates.get(category)
        if gate is None:
            return say("documents.no_gate", lang)
        passed = len(self.facts.present(category)) >= gate.at_least
        return say("documents.gate_passed" if passed else "documents.gate_failed", lang)

    def star(self, lang: str) -> str:
        """Return what the rules of stars allow to expect: only their gates were found, so no number of stars is told."""
        gates = self.facts.gates
        if not gates:
            return say("documents.star_no_rules", lang)
        after = all(self.facts.after(category) >= gate.at_least for category, gate in gates.items())
        now = all(len(self.facts.present(category)) >= gate.at_least for category, gate in gates.items())
        return say("documents.star_now" if now else "documents.star_after" if after else "documents.star_not", lang)

    # --- lists and facts ---

    def items(self, name: str) -> list[Item]:
        """Return the items of a list of ``known.csv``."""
        f, found = self.facts, list[Item]()
        if name == "gaps":
            for each in f.gaps[:5]:
                id_ = f"gap.{each.area}.{each.kind.code}"
                origin = {"table": "gaps", "area": each.area, "requirement": each.requirement}
                what = _pair("documents.column.uncovered", each.kind.zh, each.kind.en)
                shares = _pair("documents.column.share", each.kind.zh, each.kind.en)
                found.append({
                    "type": {"zh": each.kind.zh, "en": each.kind.en}, "area": each.area_name,
                    "people": self.book.put(f"{id_}.people", each.people_uncovered, "people", what, **origin),
                    "share": self.book.put(f"{id_}.share", each.share, "share", shares, **origin),
                })  # fmt: skip
        elif name == "needs":
            for need in (f.needs or ())[:5]:
                what = _pair("documents.column.people_asking", need.type_name["zh"], need.type_name["en"])
                found.append({
                    "type": need.type_name, "place": need.place, "source": need.source,
                    "people": self.book.put(f"need.{need.key}.people", need.people, "people", what, table="needs"),
                })  # fmt: skip
        elif name == "projects":
            for project in f.projects or ():
                found.append({
                    "name": project.name, "place": project.place, "lead": project.lead,
                    "cost": self.project_figure(project.key, "yuan", project.cost_yuan, project.name),
                    "people": self.project_figure(project.key, "people", project.people_gained, project.name),
                    "ends": project.ends.isoformat() if project.ends else {
                        lang: say("documents.not_set", lang) for lang in LANGUAGES},
                })  # fmt: skip
        else:
            for part in f.parts:
                found.append({
                    "name": part.name,
                    "people": self.part_figure(part.code, "people", part.people, "people", part.name),
                    "ten_fifteen": self.part_figure(part.code, "ten_fifteen", part.ten_fifteen, "share", part.name),
                    "basic_share": self.part_figure(part.code, "basic_share", part.basic_share, "share", part.name),
                })  # fmt: skip
        return found

    def project_figure(self, key: str, unit: str, value: float | None, name: str) -> Figure:
        """Enter a project's money or people."""
        what = _pair(f"documents.column.project_{unit}", name, name)
        return self.book.put(f"project.{key}.{unit}", value, unit, what, table="projects", area=key)

    def part_figure(self, code: str, column: str, value: Any, unit: str, name: str) -> Figure:
        """Enter a figure of a place within the place."""
        table = {"people": "residents", "ten_fifteen": "presence", "basic_share": "coverage"}.get(column, "gates")
        rule = {"requirement": TEN_FIFTEEN} if column == "ten_fifteen" else {}
        what = _pair(f"documents.column.{column}", name, name)
        return self.book.put(f"part.{code}.{column}", value, unit, what, table=table, area=code, **rule)

    def holds(self, name: str) -> bool:
        """Return whether a fact of ``known.csv`` holds."""
        f = self.facts
        return {
            "gaps": bool(f.gaps), "needs": bool(f.needs), "projects": bool(f.projects), "spaces": bool(f.spaces),
            "circles": bool(f.circles), "profile": bool(f.profile), "moved": len(f.boundaries) > 1,
            "boundaries": bool(f.boundaries),
            "communities": bool(f.communities),
            "elder": f.elder_ten_fifteen is not None, "unseen": any(not each.seen for each in f.types),
            "parts": bool(f.parts), "proof": bool(f.proof),
        }[name]  # fmt: skip


def _what(name: str, kind: str) -> dict[str, str]:
    return known_words(kind)[name]


def known_words(kind: str) -> dict[str, dict[str, str]]:
    """Return what each figure of ``known.csv`` tells, in two languages."""
    import csv
    from importlib import resources

    text = resources.files(__package__).joinpath("known.csv").read_text(encoding="utf-8")
    return {
        row["name"]: {"zh": row["zh"], "en": row["en"]}
        for row in csv.DictReader(text.splitlines())
        if row["sort"] == "figure" and row["name"] in known(kind)["figure"]
    }


def _pair(key: str, zh: str, en: str) -> dict[str, str]:
    """Return "name: head of column" in two languages."""
    return {"zh": f"{zh}：{say(key, 'zh')}", "en": f"{en}: {say(key, 'en')}"}


def _sum(values: Any) -> float | None:
    told = [each for each in values if each is not None]
    return float(sum(told)) if told else None


def _count(rows: Sequence[Any] | None) -> int | None:
    return None if rows is None else len(rows)


def type_named(each: TypeFact, lang: str) -> str:
    """Return a type's name without what stands in brackets."""
    name = each.kind.zh if lang == "zh" else each.kind.en
    return name.split("(")[0].split("（")[0].strip()


def named(names: Sequence[str], lang: str) -> str:
    """Return names in a row, the first `NAMED` of them."""
    shown = say("list.and", lang).join(names[:NAMED])
    return say("documents.and_more", lang, names=shown, n=len(names)) if len(names) > NAMED else shown
