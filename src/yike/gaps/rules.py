"""The few numbers that turn a measurement into "missing", "lacking", "enough" or "saturated"."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from yike.errors import Fault, Row, StandardError, raise_all


@dataclass(frozen=True)
class GapRules:
    """Editable numbers of `find_gaps`; every one is our own choice (grade OURS), see ``rules.csv``."""

    enough_share: float  #: a type is near enough when this share of an area's people is served
    saturated_factor: float  #: saturated from this multiple of the needed number on …
    saturated_extra: float  #: … and at least this many outlets above it
    grade: str  #: evidence grade of the three, the weakest of them


def load_gap_rules(path: Path | None = None) -> GapRules:
    """Read the numbers from a table ``key, value, unit, source, grade, note``; ours by default.

    Raises
    ------
    StandardError
        ``gaps.rule_missing``, ``gaps.rule_value``: all at once.

    Examples
    --------
    >>> load_gap_rules().enough_share
    0.85
    """
    source = resources.files("yike.gaps").joinpath("rules.csv") if path is None else path
    rows = list(csv.DictReader(source.read_text(encoding="utf-8").splitlines()))
    values: dict[str, float] = {}
    wrong: list[Row] = []
    for number, row in enumerate(rows, start=2):
        try:
            values[row["key"]] = float(row["value"])
        except ValueError:
            wrong.append((number, f"{row['key']} = {row['value']!r}"))
    wanted = ("enough_share", "saturated_factor", "saturated_extra")
    lacking = [key for key in wanted if key not in {row["key"] for row in rows}]
    faults = [Fault("gaps.rule_value", tuple(wrong))] if wrong else []
    faults += [Fault("gaps.rule_missing", tuple((None, key) for key in lacking))] if lacking else []
    raise_all(StandardError, faults)
    grades = {row["grade"] for row in rows if row["key"] in wanted}
    grade = "OURS" if "OURS" in grades else "/".join(sorted(grades))
    return GapRules(values["enough_share"], values["saturated_factor"], values["saturated_extra"], grade)
