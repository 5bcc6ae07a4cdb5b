"""What is asked of the joint problem."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from yike.errors import Fault, InputError, Row, raise_all
from yike.tables import LEVELS

Pair = tuple[str, str]
SHORTEST_S, LONGEST_S = 1.0, 3600.0


@dataclass(frozen=True)
class JointSettings:
    """The question: how much money, for which types, under which conditions.

    ``locked`` pairs (space, type) are built whatever they bring; ``forbidden`` pairs never, a pair (space, "") bars the
    whole space. ``least_share`` asks that in no area of ``level`` less than this share of residents × types is covered.

    Examples
    --------
    >>> JointSettings.from_json({"budget_yuan": 5e6, "locked": [["K1", "breakfast"]]}).locked
    (('K1', 'breakfast'),)
    """

    budget_yuan: float | None = None  #: None: no limit
    types: tuple[str, ...] = ()  #: () = all basic types that are walked to
    walker: str = ""  #: "" = the first of the study
    years: float = 3.0  #: rent is counted so long
    locked: tuple[Pair, ...] = ()
    forbidden: tuple[Pair, ...] = ()
    least_share: float | None = None
    level: str = "community"
    capacity: bool = True
    viable: bool = True  #: a new outlet must newly serve its minimum catchment
    weights: Mapping[str, float] = field(default_factory=dict)  #: by type, 1 where not given
    within: str = ""  #: only people and spaces of this area
    seconds: float = 60.0  #: how long to look for better answers
    gap: float = 0.01  #: how near to the best is near enough

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> JointSettings:
        """Read settings from JSON.

        Raises
        ------
        InputError
            ``joint.setting_unknown`` and ``joint.setting_bad``: all unknown names and all values that are not allowed.
        """
        known = {each.name for each in fields(cls)}
        strange: list[Row] = [(None, str(key)) for key in given if key not in known]
        values: dict[str, Any] = {}
        bad: list[Row] = []
        for key in sorted(known & set(given)):
            try:
                values[key] = READERS[key](given[key])
            except (TypeError, ValueError, KeyError, OverflowError):
                bad.append((None, f"{key}: {str(given[key])[:80]}"))
        faults = (
            [Fault("joint.setting_unknown", tuple(strange), {"known": ", ".join(sorted(known))})] if strange else []
        )
        faults += [Fault("joint.setting_bad", tuple(bad))] if bad else []
        raise_all(InputError, faults)
        return cls(**values)

    def as_json(self) -> dict[str, Any]:
        """Return the settings for machines."""
        told = asdict(self)
        for name in ("locked", "forbidden"):
            told[name] = [list(pair) for pair in told[name]]
        return {**told, "types": list(self.types), "weights": dict(self.weights)}


def _number(low: float, high: float = math.inf, none: bool = False) -> Any:
    def read(value: Any) -> float | None:
        if value is None and none:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise TypeError
        number = float(value)
        if not (math.isfinite(number) and low <= number <= high):
            raise ValueError
        return number

    return read


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise TypeError
    return tuple(dict.fromkeys(_text(each) for each in value))


def _pairs(whole: bool) -> Any:
    def read(value: Any) -> tuple[Pair, ...]:
        if not isinstance(value, list | tuple):
            raise TypeError
        pairs = []
        for each in value:
            if not isinstance(each, list | tuple):
                raise TypeError
            space, code = each
            if not _text(space) or not (_text(code) or whole):
                raise ValueError
            pairs.append((space, code))
        return tuple(dict.fromkeys(pairs))

    return read


def _level(value: Any) -> str:
    if value not in LEVELS:
        raise ValueError
    return str(value)


def _weights(value: Any) -> dict[str, float]:
    if not isinstance(value, Mapping):
        raise TypeError
    read = _number(0.0, 1e6)
    return {_text(key): read(number) for key, number in value.items()}


READERS: Mapping[str, Any] = {
    "budget_yuan": _number(0.0, none=True), "types": _texts, "walker": _text, "years": _number(0.0, 100.0),
    "locked": _pairs(False), "forbidden": _pairs(True), "least_share": _number(0.0, 1.0, none=True), "level": _level,
    "capacity": _flag, "viable": _flag, "weights": _weights, "within": _text,
    "seconds": _number(SHORTEST_S, LONGEST_S), "gap": _number(0.0, 1.0),
}  # fmt: skip
