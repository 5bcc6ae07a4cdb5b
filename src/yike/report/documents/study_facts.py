"""Facts of a plan from a study folder alone, without the platform: what has no register there is told as no record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from yike.coverage.groups import EVERYONE
from yike.errors import Fault, StudyError, raise_all
from yike.report.documents.facts import GapFact, PartFact, PlanFacts, ProjectFact, SpaceFact, TypeFact
from yike.report.documents.figures import Origin
from yike.report.documents.maps import Sheet, Spot
from yike.report.scene import Scene
from yike.siting.joint import load_kinds
from yike.standards.catalogue import Catalogue
from yike.study import store
from yike.study.folder import Study
from yike.study.ground import unseen_types
from yike.tables import LEVELS
from yike.words import LANGUAGES, say

GAP_STATES = ("missing", "lacking")
MOST_GAPS = 200


def origin_of(study: Study, catalogue: Catalogue, walker: str, area: str = "") -> Origin:
    """Return the origin that the figures of a study share."""
    digest = str(study.receipts()["headline"]["digest"])
    return Origin(digest, f"{catalogue.name} {catalogue.version}", "coverage", area, walker=walker)


def study_facts(
    scene: Scene, kind: str, *, area: str = "", day: date, office: str = "", proposal: Proposed | None = None
) -> PlanFacts:
    """Gather the facts of a whole study (``area`` "") or of one of its areas.

    Parameters
    ----------
    kind
        "city_plan" or "circle_plan": which plan the facts are for.
    proposal
        Its sites in the place become the list of projects.

    Raises
    ------
    StudyError
        ``documents.area_unknown``: no people of the study live in that area.
    """
    study, catalogue, walker = scene.study, scene.catalogue, scene.walker
    coverage = _mine(study.table("coverage"), walker)
    known = coverage.drop_duplicates("area")
    code = area or EVERYONE
    if code not in set(known["area"]):
        raise StudyError(Fault("documents.area_unknown", values={"area": area}))
    here = coverage[coverage["area"] == code]
    unseen = set(unseen_types(study, catalogue))
    spread = _mine(study.table("distribution"), walker)
    spread = spread[spread["area"] == code].set_index("business_type")["median_min"].to_dict()
    gaps = _mine(study.table("gaps"), walker)
    headline = scene.headline
    names = _names(study)
    name = headline["study"] if not area else names.get(area, area)
    presence = study.table("presence")
    slower = next((each for each in study.settings.walkers if each != walker), None)
    inside = communities_in(study, area)
    return PlanFacts(
        kind=kind, code=code, name=name, name_en=name, office={lang: office for lang in LANGUAGES} if office else {},
        day=day, made_up=study.settings.made_up, origin=origin_of(study, catalogue, walker, code), catalogue=catalogue,
        walker_name={lang: store.walker_name(study, walker, lang) for lang in LANGUAGES},
        people=float(here["people"].iloc[0]),
        types=_types(catalogue, here, spread, gaps[gaps["area"] == code], unseen),
        sources={lang: scene.source(lang) for lang in LANGUAGES},
        ten_fifteen=_rule(presence, code, walker),
        elder_ten_fifteen=_rule(presence, code, slower) if slower else None, slower=slower or "",
        communities=_communities(study, names, area),
        parts=() if area else _parts(coverage, presence, names, walker),
        gaps=_gaps(catalogue, gaps, code, unseen, names, name),
        projects=_projects(proposal, catalogue, inside) if proposal is not None else None,
        spaces=_spaces(proposal, inside) if proposal is not None else None,
        proof={"gap": float(proposal.answer["gap"])} if proposal is not None and proposal.answer.get("gap") is not None else {},
    )  # fmt: skip


def _mine(table: pd.DataFrame, walker: str) -> pd.DataFrame:
    return table[table["walker"] == walker]


def _names(study: Study) -> dict[str, str]:
    frame = store.areas(study).frame
    return dict(zip(frame["code"].astype(str), frame["name"].astype(str), strict=True))


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _types(
    catalogue: Catalogue, here: pd.DataFrame, median: Mapping[str, Any], gaps: pd.DataFrame, unseen: set[str]
) -> tuple[TypeFact, ...]:
    """Judge every type by its strictest walking requirement; outlets are those that stand in the place."""
    strictest = here.sort_values("limit_s", kind="stable").drop_duplicates("business_type").set_index("business_type")
    outlets = gaps.drop_duplicates("business_type").set_index("business_type")["outlets"].to_dict()
    found = []
    for kind in catalogue.types:
        count = _number(outlets.get(kind.code))
        told: dict[str, Any] = {"outlets": None if count is None else int(count), "seen": kind.code not in unseen}
        if kind.code in strictest.index:
            row = strictest.loc[kind.code]
            told |= {
                "requirement": row["requirement"], "limit_min": row["limit_s"] / 60, "clause": row["clause"],
                "grade": row["grade"], "people_met": float(row["people_met"]), "share": _number(row["share"]),
                "median_min": _number(median.get(kind.code)),
            }  # fmt: skip
        found.append(TypeFact(kind, **told))
    return tuple(found)


def _rule(presence: pd.DataFrame, code: str, walker: str | None) -> float | None:
    rows = presence[(presence["area"] == code) & (presence["walker"] == walker)
                    & (presence["rule"] == "ten_fifteen") & (presence["part"] == "both")]  # fmt: skip
    return _number(rows["share"].iloc[0]) if len(rows) else None


def _communities(study: Study, names: Mapping[str, str], area: str) -> tuple[str, ...]:
    inside = communities_in(study, area)
    codes = set(store.residents(study).frame["community"].astype(str)) - {""} if inside is None else inside
    return tuple(names.get(code, code) for code in sorted(codes))


def _parts(
    coverage: pd.DataFrame, presence: pd.DataFrame, names: Mapping[str, str], walker: str
) -> tuple[PartFact, ...]:
    """Return counties, else streets, else communities: the widest level below the whole that has at least two."""
    for level in ("county", "street", "community"):
        rows = coverage[(coverage["level"] == level) & (coverage["area"] != "")]
        if rows["area"].nunique() < 2:
            continue
        basic = rows[rows["category"] == "basic"].sort_values("limit_s", kind="stable")
        mean = basic.drop_duplicates(["area", "business_type"]).groupby("area")["share"].mean()
        people = rows.drop_duplicates("area").set_index("area")["people"]
        return tuple(
            PartFact(code, names.get(code, code), level, float(people[code]), _rule(presence, code, walker),
                     _number(mean.get(code)))
            for code in people.index
        )  # fmt: skip
    return ()


def _gaps(
    catalogue: Catalogue, gaps: pd.DataFrame, code: str, unseen: set[str], names: Mapping[str, str], name: str
) -> tuple[GapFact, ...]:
    """Return the gaps of a place, most people first."""
    mine = gaps[(gaps["area"] == code) & gaps["state"].isin(GAP_STATES) & ~gaps["business_type"].isin(unseen)]
    walked = {each.code for each in catalogue.types if each.walked}
    mine = mine[(mine["people_uncovered"] > 0) & mine["business_type"].isin(walked)].sort_values(
        ["people_uncovered", "business_type"], ascending=[False, True]
    )
    return tuple(
        GapFact(catalogue.type(row.business_type), code, names.get(code, name), float(row.people_uncovered),
                _number(row.share), row.requirement)
        for row in mine.head(MOST_GAPS).itertuples()
    )  # fmt: skip


@dataclass(frozen=True)
class Proposed:
    """A proposal as ``yike propose`` writes it (`JointAnswer.as_json`), with the table of its candidate spaces."""

    answer: Mapping[str, Any]
    spaces: pd.DataFrame  #: key, name, kind, lon, lat, area_m2, rent_yuan, community

    def __post_init__(self) -> None:
        """Raises ``documents.space_unknown`` with every space of the answer that the table does not have."""
        known = set(self.spaces["key"].astype(str))
        lost = sorted({str(each["space"]) for each in self.answer.get("sites", ())} - known)
        raise_all(StudyError, [Fault("documents.space_unknown", tuple((None, key) for key in lost))] if lost else [])

    @cached_property
    def space(self) -> dict[str, dict[str, Any]]:
        """Spaces by key."""
        return {str(row["key"]): row for row in self.spaces.to_dict("records")}

    def sites(self, communities: frozenset[str] | None) -> list[dict[str, Any]]:
        """Return the sites whose space stands in some communities; all of them for None."""
        found = [dict(each) for each in self.answer.get("sites", ())]
        if communities is None:
            return found
        return [each for each in found if str(self.space[str(each["space"])]["community"]) in communities]

    def spots(self, communities: frozenset[str] | None) -> tuple[Spot, ...]:
        """Return where the sites are, numbered as in the list of projects."""
        rows = [self.space[str(each["space"])] for each in self.sites(communities)]
        return tuple(Spot(n, float(row["lon"]), float(row["lat"])) for n, row in enumerate(rows, start=1))


def _projects(proposal: Proposed, catalogue: Catalogue, communities: frozenset[str] | None) -> tuple[ProjectFact, ...]:
    """Return a proposal's sites as projects: what it tells, and nothing of money's source, offices or dates."""
    nothing = {lang: say("documents.no_record", lang) for lang in LANGUAGES}
    found = []
    for each in proposal.sites(communities):
        kind, space = catalogue.type(each["business_type"]), proposal.space[str(each["space"])]
        name = kind.zh.split("(")[0]
        found.append(
            ProjectFact(
                key=f"{each['space']}.{kind.code}", name=name, code=kind.code, type_name={"zh": kind.zh, "en": kind.en},
                place=_named_space(space), space="", cost_yuan=_number(each.get("cost_yuan")), funding=nothing,
                lead=nothing, supporting={}, starts=None, ends=None, people_gained=_number(each.get("people_gained")),
            )
        )  # fmt: skip
    return tuple(found)


def _spaces(proposal: Proposed, communities: frozenset[str] | None) -> tuple[SpaceFact, ...]:
    """Return the candidate spaces that the proposal uses."""
    found = {}
    for each in proposal.sites(communities):
        row = proposal.space[str(each["space"])]
        kind = _kind_words(str(row["kind"]))
        found[str(row["key"])] = SpaceFact(
            str(row["key"]), _named_space(row), kind, str(row["community"] or "—"), float(row["area_m2"]),
            _number(row.get("rent_yuan")),
        )  # fmt: skip
    return tuple(found.values())


def _named_space(row: Mapping[str, Any]) -> str:
    """Return a space's name with its key: buildings of a map are often called by their kind alone."""
    name, key = str(row["name"]), str(row["key"])
    return f"{name}（{key}）" if name and name != key else key


def _kind_words(code: str) -> dict[str, str]:
    known = load_kinds()
    return {"zh": known[code].zh, "en": known[code].en} if code in known else dict.fromkeys(LANGUAGES, code)


def communities_in(study: Study, area: str) -> frozenset[str] | None:
    """Return the communities of an area where people live; None for the whole study."""
    if not area:
        return None
    homes = store.residents(study).frame
    inside = np.zeros(len(homes), bool)
    for level in LEVELS:
        inside |= homes[level].astype(str).to_numpy() == area
    return frozenset(homes["community"].astype(str)[inside]) - {""}


def study_sheet(scene: Scene, facts: PlanFacts, *, area: str = "", proposal: Proposed | None = None) -> Sheet:
    """Return what the map sheets of a study's plan show: its homes, the area's outline, and the sites proposed."""
    homes = store.residents(scene.study).frame
    mine = np.ones(len(homes), bool)
    if area:
        mine = np.logical_or.reduce([homes[level].astype(str).to_numpy() == area for level in LEVELS])
    frame = store.areas(scene.study).frame
    shape = None
    if area and "geometry" in frame:
        found = frame.loc[frame["code"].astype(str) == area, "geometry"]
        shape = found.iloc[0] if len(found) else None
    origin = facts.origin
    trace = say("documents.trace_study", "zh", study=origin.study[:12], standard=origin.standard)
    spots = proposal.spots(communities_in(scene.study, area)) if proposal else ()
    return Sheet(mine, shape, None, spots, facts.made_up, trace, *_shares(scene, facts, frame))


def _shares(
    scene: Scene, facts: PlanFacts, frame: pd.DataFrame
) -> tuple[tuple[Any, ...], list[float], dict[str, list[float | None]]]:
    """Return outlines of communities with people and shares, for places with too many homes to draw each."""
    if "geometry" not in frame:
        return (), [], {}
    drawn = frame[(frame["level"] == "community") & frame["geometry"].notna()]
    coverage = _mine(scene.study.table("coverage"), scene.walker)
    rows = coverage[coverage["level"] == "community"].sort_values("limit_s", kind="stable")
    rows = rows.drop_duplicates(["area", "business_type"])
    people = rows.drop_duplicates("area").set_index("area")["people"]
    tables = {"basic": rows[rows["category"] == "basic"].groupby("area")["share"].mean()}
    if facts.gaps:
        code = facts.gaps[0].kind.code
        tables[code] = rows[rows["business_type"] == code].set_index("area")["share"]
    codes = drawn["code"].astype(str).tolist()
    shares = {name: [_number(column.get(code)) for code in codes] for name, column in tables.items()}
    return tuple(drawn["geometry"]), [float(people.get(code, 0)) for code in codes], shares


def chosen(areas: Sequence[str], study: Study) -> list[str]:
    """Return the areas asked for as circles; without any, all communities where people live (the whole, "", where none are)."""
    if areas:
        return list(areas)
    homes = store.residents(study).frame
    return [code for code in sorted(set(homes["community"].astype(str))) if code] or [""]
