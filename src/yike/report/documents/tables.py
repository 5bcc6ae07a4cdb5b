"""The tables of a plan, by the names of ``known.csv``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from yike.report.documents.facts import PlanFacts, ProjectFact
from yike.report.documents.figures import Figure
from yike.report.documents.numbering import ranges
from yike.report.documents.pieces import Run, Table
from yike.report.documents.values import Values, type_named
from yike.words import LANGUAGES, say


def table_of(name: str, values: Values, lang: str) -> Table:
    """Return a table of a plan."""
    return _MADE[name](_Maker(name, values, lang))


MOST_LINES = 300  #: of a list of needs or spaces in a plan: the first ones; sums and numbers are of all of them


class _Maker:
    """What the tables share: words, figures, and how a table is put together."""

    def __init__(self, name: str, values: Values, lang: str) -> None:
        self.name, self.values, self.lang = name, values, lang
        self.facts: PlanFacts = values.facts

    def say(self, key: str, **more: Any) -> str:
        return say(f"documents.{key}", self.lang, **more)

    def words(self, given: Mapping[str, str] | None) -> str:
        return (given or {}).get(self.lang, "") or "—"

    def put(self, id_: str, value: Any, unit: str, column: str, name: str | Mapping[str, str], **origin: Any) -> Figure:
        """Enter a figure of the table; ``column`` is the key of its head, ``name`` what its row is called."""
        called = {lang: name if isinstance(name, str) else name[lang] for lang in LANGUAGES}
        heads = {lang: say(f"documents.column.{column}", lang) for lang in LANGUAGES}
        what = {"zh": f"{called['zh']}：{heads['zh']}", "en": f"{called['en']}: {heads['en']}"}
        return self.values.book.put(id_, value, unit, what, **origin)

    def cut(self, listed: Sequence[Any] | None) -> str:
        """Return the note under a list that a plan shows only the first lines of, "" under a whole one."""
        of = len(listed or ())
        return self.say("note.cut", n=MOST_LINES, of=of) if of > MOST_LINES else ""

    def made(self, heads: list[str], rows: list[tuple[Run, ...]], widths: list[float], note: str = "") -> Table:
        total = sum(widths)
        return Table(
            self.name, self.say(f"table.{self.name}"), tuple(self.say(f"column.{each}") for each in heads),
            tuple(rows), tuple(each / total for each in widths), note,
        )  # fmt: skip


def _types(make: _Maker) -> Table:
    """有没有: every type of the catalogue."""
    rows: list[tuple[Run, ...]] = []
    for n, each in enumerate(make.facts.types, start=1):
        code, name = each.kind.code, {"zh": each.kind.zh, "en": each.kind.en}
        cover = {"table": "coverage", "requirement": each.requirement}
        there = make.say("unseen") if not each.seen else make.say(
            {True: "yes", False: "no", None: "untold"}[each.present])  # fmt: skip
        rows.append((
            str(n), type_named(each, make.lang), make.say(f"category.{each.kind.category}"), there,
            make.put(f"type.{code}.outlets", each.outlets, "count", "outlets", name, table="outlets"),
            make.put(f"type.{code}.median", each.median_min, "minutes", "median", name, **cover),
            make.put(f"type.{code}.limit", each.limit_min, "minutes", "limit", name, table="standard",
                     requirement=each.requirement),
            make.put(f"type.{code}.share", each.share, "share", "share", name, **cover),
            each.grade or "—",
        ))  # fmt: skip
    heads = ["n", "type", "category", "there", "outlets", "median", "limit", "share", "grade"]
    return make.made(heads, rows, [3.2, 12, 6, 6, 5, 6, 6, 7, 5], make.say("note.types"))


def _gaps(make: _Maker) -> Table:
    rows: list[tuple[Run, ...]] = []
    for n, each in enumerate(make.facts.gaps, start=1):
        id_ = f"gap.{each.area}.{each.kind.code}"
        origin = {"table": "gaps", "area": each.area, "requirement": each.requirement}
        what = {
            part: {"zh": f"{each.kind.zh}：{say(f'documents.column.{part}', 'zh')}",
                   "en": f"{each.kind.en}: {say(f'documents.column.{part}', 'en')}"}
            for part in ("uncovered", "share")
        }  # fmt: skip
        book = make.values.book
        rows.append((
            str(n), each.kind.zh if make.lang == "zh" else each.kind.en, each.area_name,
            book.put(f"{id_}.people", each.people_uncovered, "people", what["uncovered"], **origin),
            book.put(f"{id_}.share", each.share, "share", what["share"], **origin),
        ))  # fmt: skip
    return make.made(["n", "type", "area", "uncovered", "share"], rows, [1, 4, 4, 3, 3])


def _needs(make: _Maker) -> Table:
    rows: list[tuple[Run, ...]] = []
    for n, each in enumerate((make.facts.needs or ())[:MOST_LINES], start=1):
        what = {lang: f"{each.type_name[lang]}{'：' if lang == 'zh' else ': '}{say('documents.column.people_asking', lang)}"
                for lang in ("zh", "en")}  # fmt: skip
        people = make.values.book.put(f"need.{each.key}.people", each.people, "people", what, table="needs")
        rows.append(
            (
                str(n),
                make.words(each.type_name),
                each.place,
                people,
                make.words(each.source),
                make.words(each.state),
                each.text or "—",
            )
        )
    heads = ["n", "type", "place", "people_asking", "source", "state", "said"]
    return make.made(heads, rows, [1, 3, 3, 2, 2, 2, 5], make.cut(make.facts.needs))


def _projects(make: _Maker) -> Table:
    rows: list[tuple[Run, ...]] = []
    for n, each in enumerate(make.facts.projects or (), start=1):
        place = each.place
        if each.space:
            place += f"（{each.space}）" if make.lang == "zh" else f" ({each.space})"
        rows.append((
            str(n), _short(each), place,
            make.values.project_figure(each.key, "yuan", each.cost_yuan, each.name),
            make.words(each.funding),
            make.values.project_figure(each.key, "people", each.people_gained, each.name),
            make.words(each.lead), _span(each.starts, each.ends), each.answers or "—",
        ))  # fmt: skip
    heads = ["n", "project", "place", "project_yuan", "funding", "project_people", "lead", "span", "answers"]
    return make.made(heads, rows, [1.2, 3.6, 5.2, 2.4, 2.6, 2.6, 3, 3.2, 4])


def _short(project: ProjectFact) -> str:
    """Return a project's name without place and space, which have a column of their own."""
    name = project.name
    for said in (project.space, project.place):
        if said and said in name and name != said:
            name = name.replace(said, "")
    return name.replace("（）", "").replace("()", "").strip(" ·：:") or project.name


def _span(starts: Any, ends: Any) -> str:
    told = [each.strftime("%Y.%m") if each else "—" for each in (starts, ends)]
    return "—" if told == ["—", "—"] else f"{told[0]}–{told[1]}"


def _by(make: _Maker, field: str) -> dict[str, list[tuple[int, ProjectFact]]]:
    """Return the projects with their numbers in the list, by what one of their fields says."""
    found: dict[str, list[tuple[int, ProjectFact]]] = defaultdict(list)
    for n, each in enumerate(make.facts.projects or (), start=1):
        found[make.words(getattr(each, field))].append((n, each))
    return found


def _money(make: _Maker) -> Table:
    rows: list[tuple[Run, ...]] = []
    for source, projects in _by(make, "funding").items():
        yuan = [each.cost_yuan for _, each in projects if each.cost_yuan is not None]
        rows.append((
            source, make.put(f"money.{source}.n", len(projects), "count", "projects_n", source, table="projects"),
            make.put(f"money.{source}.yuan", sum(yuan) if yuan else None, "yuan", "project_yuan", source, table="projects"),
        ))  # fmt: skip
    if rows:
        rows.append((make.say("total"), make.values.figure("projects"), make.values.figure("projects_yuan")))
    return make.made(["funding", "projects_n", "project_yuan"], rows, [3, 2, 2])


def _schedule(make: _Maker) -> Table:
    """Projects by the quarter of the year in which they end."""
    found: dict[str, list[int]] = defaultdict(list)
    for n, each in enumerate(make.facts.projects or (), start=1):
        found[f"{each.ends.year} Q{(each.ends.month + 2) // 3}" if each.ends else ""].append(n)
    rows: list[tuple[Run, ...]] = []
    for when in sorted(found, key=lambda each: each or "~"):
        told = make.say("quarter", y=when[:4], q=when[-1]) if when else make.say("not_set")
        id_ = when.replace(" ", "") or "open"
        rows.append((
            told, make.put(f"schedule.{id_}.n", len(found[when]), "count", "projects_n", told, table="projects"),
            ranges(found[when]),
        ))  # fmt: skip
    return make.made(["quarter", "projects_n", "project_ids"], rows, [2, 1.4, 6])


def _duties(make: _Maker) -> Table:
    rows: list[tuple[Run, ...]] = []
    for lead, projects in _by(make, "lead").items():
        helpers = dict.fromkeys(office for _, each in projects for office in make.words(each.supporting).split("、"))
        rows.append((
            lead, make.put(f"duty.{lead}.n", len(projects), "count", "projects_n", lead, table="projects"),
            ranges([n for n, _ in projects]), "、".join(each for each in helpers if each != "—") or "—",
        ))  # fmt: skip
    return make.made(["lead", "projects_n", "project_ids", "supporting"], rows, [3, 1.6, 6, 3])


UNITS = {"%": "share"}  #: units of indicators that a figure has too


def _indicators(make: _Maker) -> Table:
    """What the standard asks of a city or circle, beside what is measured here."""
    facts, rows = make.facts, list[tuple[Run, ...]]()
    profile = {each.id: each for each in facts.profile}
    for each in facts.catalogue.indicators:
        short = each.id.split(".")[-1]
        if short.startswith(("tier_", "score_", "hub_")):
            continue  # definitions of tiers, scores and hubs are not targets of a plan
        unit = UNITS.get(each.unit, "count")
        name, value = {"zh": each.zh, "en": each.en}, each.value / 100 if unit == "share" else each.value
        target = make.put(
            f"indicator.{short}.target", value, unit, "target", name, table="standard", requirement=each.id
        )
        if short in profile:
            told = profile[short]
            now: Run = make.put(f"indicator.{short}.now", told.value, told.unit, "now", name, table="profile")
        elif short == "circles" and facts.circles is not None:
            now = make.put(f"indicator.{short}.now", len(facts.circles), "count", "now", name, table="circles")
        else:
            now = make.put(f"indicator.{short}.now", None, unit, "now", name, table="none")
        shown = "" if unit == "share" else f" ({each.unit})"
        rows.append((f"{each.zh if make.lang == 'zh' else each.en}{shown}", target, now, each.clause, each.grade))
    return make.made(
        ["indicator", "target", "now", "clause", "grade"], rows, [5, 2, 2, 4, 1.6], make.say("note.indicators")
    )


def _parts(make: _Maker) -> Table:
    rows: list[tuple[Run, ...]] = []
    for each in make.facts.parts:
        put = make.values.part_figure
        rows.append((
            each.name, put(each.code, "people", each.people, "people", each.name),
            put(each.code, "ten_fifteen", each.ten_fifteen, "share", each.name),
            put(each.code, "basic_share", each.basic_share, "share", each.name),
        ))  # fmt: skip
    return make.made(["area", "people", "ten_fifteen", "basic_share"], rows, [4, 3, 3, 3])


def _circles(make: _Maker) -> Table:
    rows: list[tuple[Run, ...]] = []
    for n, each in enumerate(make.facts.circles or (), start=1):
        put = make.values.part_figure
        rows.append((
            str(n), each.name, make.words(each.grade),
            put(each.code, "communities", each.communities, "count", each.name),
            put(each.code, "people", each.people, "people", each.name),
            put(each.code, "basic_present", each.basic_present, "count", each.name),
            put(each.code, "quality_present", each.quality_present, "count", each.name),
            put(each.code, "basic_share", each.basic_share, "share", each.name),
        ))  # fmt: skip
    heads = ["n", "circle", "grade_of", "communities", "people", "basic_present", "quality_present", "basic_share"]
    return make.made(heads, rows, [1.2, 6, 2.4, 2, 2.4, 2.2, 2.2, 2.6])


def _spaces(make: _Maker) -> Table:
    rows: list[tuple[Run, ...]] = []
    for n, each in enumerate((make.facts.spaces or ())[:MOST_LINES], start=1):
        rows.append((
            str(n), each.name, make.words(each.kind), each.place,
            make.put(f"space.{each.key}.m2", each.area_m2, "m2", "area_m2", each.name, table="spaces", area=each.key),
            make.put(f"space.{each.key}.rent", each.rent_yuan, "yuan", "rent", each.name, table="spaces", area=each.key),
            make.words(each.state),
        ))  # fmt: skip
    heads = ["n", "space", "space_kind", "place", "area_m2", "rent", "state"]
    return make.made(heads, rows, [1, 5, 3, 3, 2, 2, 2], make.cut(make.facts.spaces))


def _boundaries(make: _Maker) -> Table:
    rows: list[tuple[Run, ...]] = []
    last = make.facts.boundaries[-1].number if make.facts.boundaries else 0
    for each in make.facts.boundaries:
        name = make.say(
            "original" if each.number == 1 else "current" if each.number == last else "version", n=each.number
        )
        put, id_ = make.put, f"boundary.{each.number}"
        rows.append((
            name, each.day.isoformat() if each.day else "—",
            put(f"{id_}.communities", each.communities, "count", "communities", name, table="circles"),
            put(f"{id_}.people", each.people, "people", "people", name, table="circles"),
            put(f"{id_}.ten_fifteen", each.ten_fifteen, "share", "ten_fifteen", name, table="presence"),
            put(f"{id_}.basic_share", each.basic_share, "share", "basic_share", name, table="coverage"),
            each.why or "—",
        ))  # fmt: skip
    heads = ["version", "day", "communities", "people", "ten_fifteen", "basic_share", "why"]
    return make.made(heads, rows, [3, 3, 2, 2, 2.4, 2.4, 4])


def _profile(make: _Maker) -> Table:
    rows: list[tuple[Run, ...]] = [
        (make.words(each.what),
         make.values.book.put(f"profile.{each.id}", each.value, each.unit, each.what, table="profile"),
         make.words(each.source))
        for each in make.facts.profile
    ]  # fmt: skip
    return make.made(["profile_line", "profile_value", "source"], rows, [5, 3, 4])


def _gates(make: _Maker) -> Table:
    rows: list[tuple[Run, ...]] = []
    for category in ("basic", "quality"):
        figure = make.values.figure
        rows.append((
            make.say(f"category.{category}"), figure(f"{category}_of"), figure(f"{category}_at_least"),
            figure(f"{category}_present"), figure(f"{category}_after"),
            make.values.text(f"gate_{category}", make.lang),
        ))  # fmt: skip
    return make.made(
        ["category", "of", "at_least", "present_now", "present_after", "verdict"], rows, [3, 2, 2, 2, 2.4, 3]
    )


def _origins(make: _Maker) -> Table:
    """Where the numbers come from: one row per table of the study or register that any figure so far rests on."""
    grouped: dict[tuple[str, str], list[Figure]] = defaultdict(list)
    for each in make.values.book.figures.values():
        grouped[each.origin.table, each.origin.walker].append(each)
    origin, rows = make.facts.origin, list[tuple[Run, ...]]()
    for (table, walker), figures in grouped.items():
        last = max((each.origin.through for each in figures), default=0)
        rows.append((
            make.say(f"origin.{table}"), walker or "—", str(len(figures)),
            f"{figures[0].id} …" if len(figures) > 1 else figures[0].id, str(last or "—"),
        ))  # fmt: skip
    note = make.say("note.origins", study=origin.study, standard=origin.standard)
    return make.made(["origin", "walker", "figures_n", "ids", "through"], rows, [5, 2, 1.6, 5, 2], note)


_MADE: dict[str, Callable[[_Maker], Table]] = {
    "types": _types, "gaps": _gaps, "needs": _needs, "projects": _projects, "money": _money, "schedule": _schedule,
    "duties": _duties, "indicators": _indicators, "parts": _parts, "circles": _circles, "spaces": _spaces,
    "boundaries": _boundaries, "profile": _profile, "gates": _gates, "origins": _origins,
}  # fmt: skip
