"""What a circle should be: people, the longest walk, what crossing a barrier costs; every number is a row of a table."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from pathlib import Path

from yike.errors import Fault, InputError, Row, raise_all

FORBID = "forbid"  #: said in place of minutes: circles never cross


@dataclass(frozen=True)
class Targets:
    """Targets and weights of a division into circles; see ``targets.csv`` for their sources and grades.

    ``crossing_min`` gives by kind of barrier the minutes that one crossing adds to a walk; `inf` = circles never cross.
    """

    people_least: float
    people_most: float
    walk_most_min: float
    neighbour_walk_min: float
    short_min: float  #: person-minutes for each person missing from ``people_least``
    over_min: float  #: … for each person above ``people_most``
    far_min: float  #: … for each person who lives beyond ``walk_most_min`` of the centre
    centre_candidates: int
    crossing_min: Mapping[str, float] = field(default_factory=dict)

    def with_(self, **changes: float | Mapping[str, float] | None) -> Targets:
        """Return the targets with some of them replaced; None leaves one as it is.

        Raises
        ------
        InputError
            ``circles.target``: not above zero, the least above the most, or a walk beyond 30 minutes.

        Examples
        --------
        >>> load_targets().with_(people_least=8000).people_least
        8000
        """
        found = replace(self, **{key: value for key, value in changes.items() if value is not None})  # type: ignore[arg-type]
        _check(found)
        return found


@dataclass(frozen=True)
class BarrierKind:
    """One row of ``barriers.csv``."""

    kind: str
    zh: str
    en: str
    tag: str
    values: frozenset[str]
    crossing_min: float


def _check(targets: Targets) -> None:
    wrong: list[Row] = [
        (None, f"{name} = {value:g}")
        for name, value in vars(targets).items()
        if isinstance(value, int | float) and not (0 < value < 1e9)
    ]
    if targets.people_least > targets.people_most:
        wrong.append((None, f"people_least = {targets.people_least:g} > people_most = {targets.people_most:g}"))
    if not 1 <= targets.walk_most_min <= 30:
        wrong.append((None, f"walk_most_min = {targets.walk_most_min:g}"))
    wrong += [(None, f"{kind} = {value:g}") for kind, value in targets.crossing_min.items() if not value >= 0]
    if wrong:
        raise InputError(Fault("circles.target", tuple(dict.fromkeys(wrong))))


@cache
def barrier_kinds() -> tuple[BarrierKind, ...]:
    """Return the kinds of barriers that ship with yike."""
    text = resources.files("yike.circles").joinpath("barriers.csv").read_text(encoding="utf-8")
    return tuple(
        BarrierKind(
            row["kind"], row["zh"], row["en"], row["tag"], frozenset(row["values"].split("|")),
            crossing(row["crossing_min"]),
        )
        for row in csv.DictReader(text.splitlines())
    )  # fmt: skip


def crossing(text: str) -> float:
    """Return the minutes of a crossing, `inf` for "forbid", nan where the text is neither.

    Examples
    --------
    >>> crossing("5"), crossing("forbid")
    (5.0, inf)
    """
    if text.strip() == FORBID:
        return float("inf")
    try:
        return float(text)
    except ValueError:
        return float("nan")


def crossings_told(pairs: Iterable[tuple[str, str]]) -> dict[str, float]:
    """Return minutes of crossings by kind from what people write; `inf` = forbidden.

    Raises
    ------
    InputError
        ``circles.crossing``: unknown kinds, and what is neither minutes nor "forbid", all at once.

    Examples
    --------
    >>> crossings_told([("rail", "forbid"), ("river", "2")])
    {'rail': inf, 'river': 2.0}
    """
    known = {each.kind for each in barrier_kinds()}
    told = list(pairs)
    bad: list[Row] = [
        (None, f"{kind}={value}"[:60]) for kind, value in told if kind not in known or not crossing(value) >= 0
    ]
    if bad:
        raise InputError(Fault("circles.crossing", tuple(bad)))
    return {kind: crossing(value) for kind, value in told}


def load_targets(path: Path | None = None) -> Targets:
    """Read targets from a table ``key, value, unit, source, grade, note``; ours by default.

    Raises
    ------
    InputError
        ``circles.target_rows``: keys that are missing or are no numbers; ``circles.target``.

    Examples
    --------
    >>> found = load_targets()
    >>> found.walk_most_min, found.crossing_min["trunk"]
    (15.0, 5.0)
    """
    source = resources.files("yike.circles").joinpath("targets.csv") if path is None else path
    told = {row["key"]: row["value"] for row in csv.DictReader(source.read_text(encoding="utf-8").splitlines())}
    wanted = [name for name in Targets.__dataclass_fields__ if name != "crossing_min"]
    values = {name: crossing(told.get(name, "")) for name in wanted}
    bad: list[Row] = [(None, f"{name} = {told.get(name)!r}") for name, value in values.items() if not 0 < value < 1e9]
    raise_all(InputError, [Fault("circles.target_rows", tuple(bad))] if bad else [])
    walls = {each.kind: each.crossing_min for each in barrier_kinds()}
    found = Targets(**{**values, "centre_candidates": int(values["centre_candidates"])}, crossing_min=walls)  # type: ignore[arg-type]
    _check(found)
    return found
