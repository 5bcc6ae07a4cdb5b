"""Gaps: per area and business type, is it missing, lacking, enough or saturated, and for how many people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yike.coverage.count import OutletCounts
from yike.coverage.measure import Coverage, share
from yike.coverage.served import Served, served
from yike.gaps.rules import GapRules, load_gap_rules

if TYPE_CHECKING:
    from yike.standards.catalogue import Catalogue, Requirement

MISSING, LACKING, ENOUGH, SATURATED = "missing", "lacking", "enough", "saturated"
STATES = (MISSING, LACKING, ENOUGH, SATURATED)
COLUMNS = (
    "level", "area", "business_type", "category", "state", "lacking", "people_uncovered", "people", "share",
    "outlets", "needed", "walker", "rule", "requirement", "clause", "grade", "rank",
)  # fmt: skip


@dataclass(frozen=True)
class Gaps:
    """The state of every business type in every area where people live."""

    frame: pd.DataFrame  #: one row per area and type, see `find_gaps`
    rules: GapRules
    counted: str  #: how outlets were counted: "located", "reached" or "" (not counted)
    unjudged: tuple[str, ...]  #: types of the catalogue of which nothing can be tested here

    def to_frame(self, names: Mapping[str, str] | None = None) -> pd.DataFrame:
        """Return the long table (gaps.parquet), with area names when given."""
        table = self.frame.copy()
        table.insert(2, "area_name", [(names or {}).get(each, "") for each in table["area"]])
        return table

    def ranked(self, level: str, at_most: int | None = None) -> pd.DataFrame:
        """Return the gaps of one level, the one that leaves most people uncovered first."""
        here = self.frame[(self.frame["level"] == level) & self.frame["rank"].notna()].sort_values("rank")
        return here.head(len(here) if at_most is None else at_most).reset_index(drop=True)


@dataclass(frozen=True)
class Asked:
    """What a standard asks of one business type, as far as it can be tested here."""

    code: str
    walk: Requirement | None
    per_outlet: Requirement | None
    presence: Requirement | None

    @property
    def first(self) -> Requirement | None:
        """The requirement by which a type is missing: walking before presence before numbers."""
        return self.walk or self.presence or self.per_outlet

    @property
    def last(self) -> Requirement | None:
        """The requirement by which a type is enough: numbers before walking before presence."""
        return self.per_outlet or self.walk or self.presence


def _asked(catalogue: Catalogue, judged: Served, code: str, counted: bool) -> Asked:
    """Gather the requirements of one type; without counts of outlets only walking can be tested."""
    rows = {each.measure: each for each in catalogue.requirements if each.business_type == code} if counted else {}
    walk = judged.strictest(judged.types.index(code)).requirement if code in judged.types else None
    return Asked(code, walk, rows.get("people_per_outlet"), rows.get("presence"))


def _measured(coverage: Coverage, judged: Served, asked: Asked, outlets: NDArray[np.int64] | None) -> pd.DataFrame:
    """Return people, people_met (null without a walking rule), outlets and the number asked per area."""
    people = coverage.groups.sum(coverage.residents.people)
    met = np.full(len(people), np.nan)
    if asked.walk is not None:
        met = coverage.groups.sum(coverage.residents.people * judged.met[:, judged.types.index(asked.code)])
    by_people = np.floor(people / asked.per_outlet.value) if asked.per_outlet else np.zeros(len(people))
    have = np.zeros(len(people), dtype=np.int64) if outlets is None else outlets
    return pd.DataFrame(
        {"people": people, "met": met, "share": share(met, people), "have": have, "asked": by_people.astype(np.int64)}
    )


def _decided(area: pd.DataFrame, asked: Asked, rules: GapRules) -> pd.DataFrame:
    """Return state, number lacking, and the deciding rule per area; the first test that speaks decides."""
    needed = area["asked"].clip(lower=1)
    missing = (area["have"] == 0) & ~(area["met"] > 0)
    few = area["have"] < area["asked"]
    far = area["share"] < rules.enough_share
    many = (area["have"] >= rules.saturated_factor * needed) & (area["have"] - needed >= rules.saturated_extra)
    tests = [missing, few, far, many & (asked.per_outlet is not None)]
    deciding = [asked.first, asked.per_outlet, asked.walk, asked.per_outlet, asked.last]
    which = np.select(tests, [0, 1, 2, 3], default=4)
    told = {
        name: np.array([getattr(each, name, "") for each in deciding], dtype=object)[which]
        for name in ("measure", "id", "clause", "grade")
    }
    told["grade"][which == 3] = rules.grade
    return pd.DataFrame(
        {
            "state": np.array([MISSING, LACKING, LACKING, SATURATED, ENOUGH], dtype=object)[which],
            "lacking": np.select(tests[:3], [needed, area["asked"] - area["have"], 1], default=0),
            "needed": needed,
            "rule": told["measure"],
            "requirement": told["id"],
            "clause": told["clause"],
            "grade": told["grade"],
        }
    )


def _type_rows(coverage: Coverage, asked: Asked, area: pd.DataFrame, counted: bool, rules: GapRules) -> pd.DataFrame:
    """Return the rows of one type over all areas where people live."""
    decided = _decided(area, asked, rules)
    uncovered = area["people"] - area["met"]
    without_walk = area["people"].where(decided["state"] == MISSING, 0.0)
    rows = coverage.groups.frame(
        business_type=asked.code,
        category=coverage.catalogue.type(asked.code).category,
        state=decided["state"],
        lacking=decided["lacking"].astype(np.int64),
        people_uncovered=without_walk if asked.walk is None else uncovered,
        people=area["people"],
        share=area["share"],
        outlets=area["have"].astype("Int64") if counted else pd.array([pd.NA] * len(area), dtype="Int64"),
        needed=decided["needed"],
        walker=coverage.walker,
        **decided[["rule", "requirement", "clause", "grade"]],
    )
    return rows[rows["people"] > 0]


def _rank(rows: pd.DataFrame) -> pd.DataFrame:
    """Rank the gaps of each level: most people uncovered first, then most outlets lacking, then by code."""
    gaps = rows[rows["state"].isin((MISSING, LACKING))]
    order = gaps.sort_values(
        ["level", "people_uncovered", "lacking", "area", "business_type"], ascending=[True, False, False, True, True]
    )
    return rows.assign(rank=(order.groupby("level").cumcount() + 1).reindex(rows.index).astype("Int64"))


def find_gaps(coverage: Coverage, counts: OutletCounts | None = None, *, rules: GapRules | None = None) -> Gaps:
    """Tell for every area and business type whether it is missing, lacking, enough or saturated.

    The first test that speaks decides, and its requirement and grade are told:

    1. *missing*: no outlet is counted and nobody of the area is served by walking;
    2. *lacking* by ``people_per_outlet``: fewer outlets than ``floor(people / people per outlet)``;
       ``lacking`` is the difference;
    3. *lacking* by walking: fewer than ``enough_share`` of the people are served; ``lacking`` is 1,
       the least that siting will need;
    4. *saturated*: at least ``saturated_factor`` times the needed number and ``saturated_extra``
       above it (needed = ``max(1, floor(people / people per outlet))``);
    5. *enough*.

    Parameters
    ----------
    coverage
        Gives areas, people and who is served.
    counts
        Open outlets per area (`count_located`, `count_reached`). Without them only walking is judged.
    rules
        See `load_gap_rules`.

    Returns
    -------
    Gaps
        ``frame`` columns: level, area, business_type, category, state, lacking, people_uncovered,
        people, share, outlets, needed, walker, rule, requirement, clause, grade, rank. ``rank``
        (1 = most people uncovered) is within a level and null where there is no gap.
    """
    rules = rules or load_gap_rules()
    judged = served(coverage)
    groups, codes = coverage.groups, tuple(each.code for each in coverage.catalogue.types)
    outlets = counts.table(groups.level, groups.area, codes) if counts is not None else None
    parts: list[pd.DataFrame] = []
    unjudged: list[str] = []
    for k, code in enumerate(codes):
        asked = _asked(coverage.catalogue, judged, code, counts is not None)
        if asked.first is None:
            unjudged.append(code)
            continue
        area = _measured(coverage, judged, asked, outlets[:, k] if outlets is not None else None)
        parts.append(_type_rows(coverage, asked, area, counts is not None, rules))
    frame = _rank(pd.concat(parts, ignore_index=True)) if parts else pd.DataFrame(columns=list(COLUMNS))
    return Gaps(frame, rules, counts.how if counts is not None else "", tuple(unjudged))
