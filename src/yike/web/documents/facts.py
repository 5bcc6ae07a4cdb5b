"""From registers to the facts of one plan: a city, a county, or a circle. Nothing is worded here and nothing rounded."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from yike.gaps.rules import load_gap_rules
from yike.report.documents.facts import (
    BoundaryFact,
    GapFact,
    NeedFact,
    PartFact,
    PlanFacts,
    ProfileFact,
    ProjectFact,
    SpaceFact,
    TypeFact,
)
from yike.report.documents.figures import Origin
from yike.report.scene import source_of
from yike.study import store
from yike.web.areas.models import Area
from yike.web.circles.models import Circle
from yike.web.circles.reading import grades
from yike.web.circling.profile import profile_of
from yike.web.documents.registers import Registers, Row, rule_share, strictest
from yike.web.lists.choices import business_types, label
from yike.web.needs.models import Need
from yike.web.projects.models import Project, ProjectGap
from yike.web.projects.offices import offices
from yike.web.spaces.models import Space
from yike.words import LANGUAGES, say

PROFILE_UNITS = {
    "people_60": "people",
    "share_60": "share",
    "people_u14": "people",
    "share_u14": "share",
    "households": "count",
    "income_yuan": "yuan",
    "consumption_yuan": "yuan",
    "chain_rate": "share",
    "outlet_area_m2": "m2",
    "m2_per_100_households": "m2",
}  #: lines of a circle's profile that a plan tells, with the units of its figures


def circle_facts(at: Registers, circle: Circle, day: date, office: str) -> PlanFacts:
    """Return the facts of a circle's plan."""
    codes = at.members[circle.pk]
    rows = at.circle_rows[circle.pk, "current"]
    types = types_of(at, rows, codes)
    people = rows[0].people if rows else circle.people
    own = set(codes)
    projects = [each for each in at.projects if each.circle_id == circle.pk or each.area.code in own]
    return PlanFacts(
        kind="circle_plan", code=circle.code, name=circle.name, name_en=circle.name_en, types=types, people=people,
        office={lang: office for lang in LANGUAGES}, day=day, origin=_origin(at, rows, circle.code),
        grade=_grade(circle),
        communities=tuple(at.areas[code].name for code in codes if code in at.areas),
        gaps=gaps_of(at, types, people, circle.code, circle.name),
        needs=_needs(each for each in at.needs if each.area.code in own),
        projects=_projects(at, projects), proof=_proof(projects),
        spaces=_spaces(each for each in at.spaces if each.area is not None and each.area.code in own),
        boundaries=_boundaries(at, circle), profile=_profile(circle), **_shared(at, rows),
    )  # fmt: skip


def area_facts(at: Registers, area: Area, day: date, office: str) -> PlanFacts:
    """Return the facts of the overall plan of a city or county."""
    inside = [each for each in at.areas.values() if area.holds(each)]
    communities = [each for each in inside if each.level == "community"]
    children = [each for each in inside if each.parent_id == area.pk]
    rows = at.area_rows([area, *children])
    mine = rows[area.pk]
    types = types_of(at, mine, [each.code for each in communities])
    codes = {each.code for each in communities}
    circles = [each for each in at.circles if any(code in codes for code in at.members[each.pk])]
    projects = [each for each in at.projects if area.holds(each.area)]
    people = mine[0].people if mine else area.people
    return PlanFacts(
        kind="city_plan", code=area.code, name=area.name, name_en=area.name_en, types=types, people=people,
        office={lang: office for lang in LANGUAGES}, day=day, origin=_origin(at, mine, area.code),
        communities=tuple(each.name for each in communities if each.people > 0),
        parts=tuple(_part(at, each, rows[each.pk]) for each in sorted(children, key=lambda each: each.code)),
        circles=tuple(_circle(at, each) for each in circles),
        gaps=gaps_of(at, types, people, area.code, area.name),
        needs=_needs(each for each in at.needs if area.holds(each.area)),
        projects=_projects(at, projects), proof=_proof(projects),
        spaces=_spaces(each for each in at.spaces if each.area is not None and area.holds(each.area)),
        **_shared(at, mine),
    )  # fmt: skip


def _shared(at: Registers, rows: Sequence[Row]) -> dict[str, Any]:
    study = at.live.study
    return {
        "made_up": at.city.made_up, "catalogue": at.catalogue, "slower": at.slower,
        "walker_name": {lang: store.walker_name(study, at.walker, lang) for lang in LANGUAGES},
        "sources": {lang: source_of(study, lang) for lang in LANGUAGES},
        "ten_fifteen": rule_share(rows, at.walker),
        "elder_ten_fifteen": rule_share(rows, at.slower) if at.slower else None,
    }  # fmt: skip


def _origin(at: Registers, rows: Sequence[Row], area: str) -> Origin:
    standard = f"{at.catalogue.name} {at.catalogue.version}"
    through = max((each.through for each in rows), default=0)
    return Origin(at.live.digest, standard, "coverage", area, walker=at.walker, through=through)


def _both(room: str, table: str, code: str) -> dict[str, str]:
    return {lang: label(room, table, code, lang) for lang in LANGUAGES} if code else {}


def types_of(at: Registers, rows: Iterable[Row], communities: Iterable[str]) -> tuple[TypeFact, ...]:
    """Judge every type of the standard in one place, by the shortest walk asked of it."""
    best = strictest(rows, at.walker)
    counted: Counter[str] = Counter()
    for code in communities:
        counted.update(at.outlets.get(code, Counter()))
    asked = {each.id: each for each in at.catalogue.requirements}
    found = []
    for kind in at.catalogue.types:
        row, outlets = best.get(kind.code), counted[kind.code]
        seen = kind.code not in at.live.unseen or outlets > 0
        if row is None:
            found.append(TypeFact(kind, outlets=outlets, seen=seen))
            continue
        rule = asked.get(row.requirement)
        found.append(
            TypeFact(
                kind, row.requirement, row.limit_s / 60, rule.clause if rule else "", rule.grade if rule else "",
                row.people_met, row.share, None if row.median_s is None else row.median_s / 60, outlets, seen,
            )
        )  # fmt: skip
    return tuple(found)


def gaps_of(at: Registers, types: Iterable[TypeFact], people: float, code: str, name: str) -> tuple[GapFact, ...]:
    """Return the types that are missing or lacking by the tests of `find_gaps`, most people first."""
    least = load_gap_rules().enough_share
    per_outlet = {
        each.business_type: each.value for each in at.catalogue.requirements if each.measure == "people_per_outlet"
    }
    found = []
    for each in types:
        if each.share is None or each.people_met is None or not each.seen or not each.kind.walked:
            continue
        uncovered = people - each.people_met
        few = each.kind.code in per_outlet and (each.outlets or 0) < math.floor(people / per_outlet[each.kind.code])
        if uncovered > 0 and (each.share < least or few):
            found.append(GapFact(each.kind, code, name, uncovered, each.share, each.requirement))
    return tuple(sorted(found, key=lambda each: (-each.people_uncovered, each.kind.code)))


def _grade(circle: Circle) -> dict[str, str]:
    row = grades()[circle.grade]
    return {lang: row[lang] for lang in LANGUAGES}


def _profile(circle: Circle) -> tuple[ProfileFact, ...]:
    """Return what the profile tells that no other table of the plan does; what is not known stays without a value."""
    found = profile_of(circle)
    lines = [
        ProfileFact(
            each.key, {"zh": each.zh, "en": each.en}, each.value, PROFILE_UNITS[each.key],
            {lang: f"{each.source}{f' {each.year}' if each.year else ''}" for lang in LANGUAGES},
        )
        for each in found.facts.values()
        if each.key in PROFILE_UNITS
    ]  # fmt: skip
    for n, each in enumerate(found.programmes, start=1):
        words = {lang: f"{say('documents.programme', lang)} {n}" for lang in LANGUAGES}
        told = f"{each['zh']}：{each['name']}" if each["name"] else each["zh"]
        lines.append(ProfileFact(f"programme.{n}", words, told, "words", {lang: each["source"] for lang in LANGUAGES}))
    return tuple(lines)


def _part(at: Registers, area: Area, rows: Sequence[Row]) -> PartFact:
    return PartFact(
        area.code,
        area.name,
        area.level,
        rows[0].people if rows else area.people,
        rule_share(rows, at.walker),
        _basic(at, rows),
    )


def _basic(at: Registers, rows: Sequence[Row]) -> float | None:
    """Return the mean over basic types of the share in time; types no source tells are left out."""
    basic = {each.code for each in at.catalogue.types if each.category == "basic"} - at.live.unseen
    shares = [row.share for code, row in strictest(rows, at.walker).items() if code in basic and row.share is not None]
    return sum(shares) / len(shares) if shares else None


def _circle(at: Registers, circle: Circle) -> PartFact:
    rows = at.circle_rows[circle.pk, "current"]
    types = types_of(at, rows, at.members[circle.pk])
    present = Counter(each.kind.category for each in types if each.kind.counted_in_gate and each.present)
    return PartFact(
        circle.code, circle.name, "circle", circle.people, rule_share(rows, at.walker), _basic(at, rows),
        present["basic"], present["quality"], len(at.members[circle.pk]), _grade(circle),
    )  # fmt: skip


def _boundaries(at: Registers, circle: Circle) -> tuple[BoundaryFact, ...]:
    """Return the versions of a boundary; figures are told of the first and of the present one."""
    versions = at.versions[circle.pk]
    found = []
    for each in versions:
        which = "current" if each is versions[-1] else "original" if each.number == 1 else ""
        rows = at.circle_rows[circle.pk, which] if which else []
        found.append(
            BoundaryFact(each.number, each.at.date(), each.people, len(each.communities), each.why, rule_share(rows, at.walker),
                         _basic(at, rows))
        )  # fmt: skip
    return tuple(found)


def _type_words(code: str) -> dict[str, str]:
    kind = business_types().get(code)
    return {"zh": kind.zh, "en": kind.en} if kind else {"zh": code or "—", "en": code or "—"}


def _needs(needs: Iterable[Need]) -> tuple[NeedFact, ...] | None:
    """Return the needs, most people first; None where nobody has entered any."""
    found = [
        NeedFact(
            each.key, _type_words(each.business_type), each.area.name, each.people,
            _both("yike.web.needs", "sources", each.source), each.text, _both("yike.web.needs", "state_names", each.state),
        )
        for each in needs
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda each: (-each.people, each.key))) or None


def _projects(at: Registers, projects: Iterable[Project]) -> tuple[ProjectFact, ...] | None:
    known = offices(at.city)

    def office(code: str) -> dict[str, str]:
        return known.get(code, {"zh": code, "en": code})

    found = []
    for each in projects:
        helpers = [office(code) for code in each.supporting]
        answers = [need.key for need in each.needs.all()]
        answers += [_gap_named(gap, each) for gap in each.gaps.all()]
        found.append(
            ProjectFact(
                key=each.key, name=each.name, code=each.business_type, type_name=_type_words(each.business_type),
                place=each.area.name, space=each.space.name if each.space else "", cost_yuan=float(each.cost_yuan),
                funding=_both("yike.web.projects", "funding", each.source), lead=office(each.lead),
                supporting={lang: "、".join(words[lang] for words in helpers) for lang in LANGUAGES},
                starts=each.starts_on, ends=each.ends_on, people_gained=each.people_gained,
                answers="；".join(answers[:4]), state=_both("yike.web.projects", "state_names", each.state),
            )
        )  # fmt: skip
    return tuple(found) or None


def _gap_named(gap: ProjectGap, project: Project) -> str:
    """Return the gap that a project answers: its type, and the area where it is another than the project's."""
    place = "" if gap.area_id == project.area_id else gap.area.name
    return f"{say('documents.gap', 'zh')}：{place}{_type_words(gap.business_type)['zh']}"


def _proof(projects: Iterable[Project]) -> dict[str, float]:
    """Return how far at most the proposals behind the projects are from the best."""
    answers = [each.site.proposal.answer or {} for each in projects if each.site is not None]
    gaps = [float(each["gap"]) for each in answers if each.get("gap") is not None]
    return {"gap": max(gaps)} if gaps and len(gaps) == len(answers) else {}


def _spaces(spaces: Iterable[Space]) -> tuple[SpaceFact, ...] | None:
    found = [
        SpaceFact(
            each.key, each.name, _both("yike.web.spaces", "kinds", each.kind), each.area.name if each.area else "—",
            each.area_m2, None if each.rent_yuan is None else float(each.rent_yuan),
            _both("yike.web.spaces", "state_names", each.state),
        )
        for each in spaces
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda each: (-each.area_m2, each.key))) or None
