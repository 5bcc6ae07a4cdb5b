"""Presence: enough types within the minutes, per home (the "10 & 15" number) and per area (the gates)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yike.coverage.count import OutletCounts
from yike.coverage.limits import within
from yike.coverage.measure import Coverage, share
from yike.errors import Fault, Row, StandardError, raise_all

if TYPE_CHECKING:
    from yike.standards.catalogue import Catalogue

BOTH = "both"  #: the part of a rule that asks for all of its parts together


@dataclass(frozen=True)
class PresencePart:
    """One line of a presence rule: at least so many types of a category within so many minutes."""

    rule: str
    category: str
    at_least: str  #: "all", "gate" (the number in the catalogue's gate) or a number
    minutes: float
    clause: str
    grade: str

    def number(self, catalogue: Catalogue, of: int) -> int:
        """Return how many types must be there, of ``of`` that are counted.

        Raises
        ------
        StandardError
            ``coverage.gate_missing``: the rule points to a gate that the catalogue does not have.
        """
        if self.at_least == "all":
            return of
        if self.at_least != "gate":
            return int(self.at_least)
        gates = [gate for gate in catalogue.gates if gate.category == self.category]
        if not gates:
            raise StandardError(Fault("coverage.gate_missing", values={"category": self.category}))
        return int(gates[-1].at_least)


def load_presence(rule: str = "ten_fifteen", path: Path | None = None) -> tuple[PresencePart, ...]:
    """Read one presence rule, "ten_fifteen" or "gate", from ``rules.csv`` or a table of the same columns.

    Raises
    ------
    StandardError
        ``coverage.rule_unknown``, ``coverage.rule_value``.

    Examples
    --------
    >>> [(part.category, part.at_least, part.minutes) for part in load_presence()]
    [('basic', 'all', 10.0), ('quality', 'gate', 15.0)]
    """
    table = resources.files("yike.coverage").joinpath("rules.csv") if path is None else path
    rows = list(enumerate(csv.DictReader(table.read_text(encoding="utf-8").splitlines()), start=2))
    mine = [(number, row) for number, row in rows if row["rule"] == rule]
    if not mine:
        known = ", ".join(sorted({row["rule"] for _, row in rows}))
        raise StandardError(Fault("coverage.rule_unknown", values={"rule": rule, "known": known}))
    wrong: list[Row] = [
        (number, f"{row['at_least']}, {row['minutes']}")
        for number, row in mine
        if not (row["at_least"] in ("all", "gate") or row["at_least"].isdigit())
        or not row["minutes"].replace(".", "", 1).isdigit()
    ]
    raise_all(StandardError, [Fault("coverage.rule_value", tuple(wrong))] if wrong else [])
    return tuple(
        PresencePart(rule, row["category"], row["at_least"], float(row["minutes"]), row["clause"], row["grade"])
        for _, row in mine
    )


@dataclass(frozen=True)
class Presence:
    """R homes × P parts of a presence rule: how many types are within the minutes, and is that enough."""

    coverage: Coverage
    parts: tuple[PresencePart, ...]
    types: tuple[tuple[str, ...], ...]  #: (P,) the counted types that can be walked to
    at_least: tuple[int, ...]  #: (P,) how many of them must be there
    near: tuple[NDArray[np.bool_], ...]  #: (P,) arrays (R, K) which type is within the minutes of which home

    @property
    def number(self) -> NDArray[np.int64]:
        """(R, P) types within the minutes."""
        return np.stack([near.sum(axis=1) for near in self.near], axis=1)

    @property
    def passed(self) -> NDArray[np.bool_]:
        """(R, P) whether each part is fulfilled."""
        return np.asarray(self.number >= np.array(self.at_least))

    @property
    def compliant(self) -> NDArray[np.bool_]:
        """(R,) whether all parts are fulfilled: the "10 & 15" homes."""
        return np.asarray(self.passed.all(axis=1))

    def to_frame(self) -> pd.DataFrame:
        """Return shares of people: one row per area and part, and one "both" row for all parts together.

        Columns: level, area, rule, part, at_least, of, minutes, walker, people, people_met, share, clause, grade.
        """
        groups, weight = self.coverage.groups, self.coverage.residents.people
        people, tables = groups.sum(weight), []
        columns = [*self.passed.T, self.compliant]
        for p, met in enumerate(columns):
            part = self.parts[p] if p < len(self.parts) else None
            people_met = groups.sum(weight * met)
            tables.append(
                groups.frame(
                    rule=self.parts[0].rule,
                    part=part.category if part else BOTH,
                    at_least=pd.array([self.at_least[p] if part else pd.NA] * len(groups), dtype="Int64"),
                    of=pd.array([len(self.types[p]) if part else pd.NA] * len(groups), dtype="Int64"),
                    minutes=part.minutes if part else np.nan,
                    walker=self.coverage.walker,
                    people=people,
                    people_met=people_met,
                    share=share(people_met, people),
                    clause=part.clause if part else " + ".join(each.clause for each in self.parts),
                    grade=part.grade if part else "OURS",
                )
            )
        return pd.concat(tables, ignore_index=True)

    def homes(self) -> pd.DataFrame:
        """Return each home that fails the rule: id, people, community, passed and missing types per part."""
        home = self.coverage.residents.frame
        at = np.flatnonzero(~self.compliant)
        table = home.loc[at, ["id", "lon", "lat", "people", "community"]]
        for p, part in enumerate(self.parts):
            codes = np.array(self.types[p], dtype=object)
            table[f"{part.category}_within"] = self.number[at, p]
            table[f"{part.category}_missing"] = ["|".join(codes[~row]) for row in self.near[p][at]]
        return table.sort_values("id", ignore_index=True)


def _counted(catalogue: Catalogue, category: str) -> list[str]:
    return [each.code for each in catalogue.types if each.category == category and each.counted_in_gate]


def measure_presence(coverage: Coverage, rule: str | tuple[PresencePart, ...] = "ten_fifteen") -> Presence:
    """Count for every home the types within the minutes of a presence rule.

    Counted are types with ``counted_in_gate`` that the standard gives a walking requirement (a type
    that serves by delivery is not walked to). "10 & 15" in one number is the share of people whose
    home is ``compliant``: ``to_frame()``, part "both", level "all".

    Raises
    ------
    StandardError
        ``coverage.gate_missing``, ``coverage.category_empty``, ``coverage.limit_too_long``, ``coverage.rule_*``.
    """
    parts = load_presence(rule) if isinstance(rule, str) else rule
    far: list[Row] = [(None, f"{each.category}: {each.minutes:g} min") for each in parts if _too_far(each, coverage)]
    values = {"limit": f"{coverage.limit_s:g}"}
    raise_all(StandardError, [Fault("coverage.limit_too_long", tuple(far), values)] if far else [])
    walked = {each.requirement.business_type for each in coverage.limits}
    types: list[tuple[str, ...]] = []
    near: list[NDArray[np.bool_]] = []
    for part in parts:
        codes = tuple(code for code in _counted(coverage.catalogue, part.category) if code in walked)
        columns = [coverage.types.index(code) for code in codes]
        types.append(codes)
        near.append(within(coverage.seconds[:, columns], round(part.minutes * 60_000)))
    empty: list[Row] = [(None, each.category) for each, codes in zip(parts, types, strict=True) if not codes]
    raise_all(StandardError, [Fault("coverage.category_empty", tuple(empty))] if empty else [])
    at_least = tuple(part.number(coverage.catalogue, len(codes)) for part, codes in zip(parts, types, strict=True))
    return Presence(coverage, parts, tuple(types), at_least, tuple(near))


def _too_far(part: PresencePart, coverage: Coverage) -> bool:
    return part.minutes * 60 > coverage.limit_s


def area_presence(presence: Presence, counts: OutletCounts | None = None) -> pd.DataFrame:
    """Return per area and part how many types are present, and whether the area passes the gate.

    Present "reached" means: at least one home of the area with people in it has an open outlet of
    the type within the minutes. Present "located" or as ``counts.how`` says: ``counts`` has at least
    one open outlet of the type for the area; types that are not walked to count as well there.

    Returns
    -------
    pandas.DataFrame
        level, area, rule, part, how, types_present, of, at_least, passed, missing (codes joined
        with "|"), clause, grade.
    """
    coverage, groups = presence.coverage, presence.coverage.groups
    lived_in = coverage.residents.people > 0
    tables = []
    for p, part in enumerate(presence.parts):
        ways: list[tuple[str, tuple[str, ...], NDArray[np.bool_]]] = [
            ("reached", presence.types[p], groups.sum(presence.near[p] & lived_in[:, None]) > 0)
        ]
        if counts is not None:
            codes = tuple(_counted(coverage.catalogue, part.category))
            ways.append((counts.how, codes, counts.table(groups.level, groups.area, codes) > 0))
        tables += [_gate_rows(presence, part, *way) for way in ways]
    return pd.concat(tables, ignore_index=True)


def _gate_rows(
    presence: Presence, part: PresencePart, how: str, codes: tuple[str, ...], there: NDArray[np.bool_]
) -> pd.DataFrame:
    names = np.array(codes, dtype=object)
    at_least = part.number(presence.coverage.catalogue, len(codes))
    number = there.sum(axis=1)
    return presence.coverage.groups.frame(
        rule=part.rule,
        part=part.category,
        how=how,
        types_present=number,
        of=len(codes),
        at_least=at_least,
        passed=number >= at_least,
        missing=["|".join(names[~row]) for row in there],
        clause=part.clause,
        grade=part.grade,
    )
