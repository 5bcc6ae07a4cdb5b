"""Walking requirements as seconds: the one place where minutes and metres of a standard become a limit."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from yike.errors import Fault, StandardError, raise_all

if TYPE_CHECKING:
    from yike.standards.catalogue import Catalogue, Requirement

WALK_MEASURES = ("walk_min", "walk_m")  #: the measures a walk can test
DEFAULT_GRADES = frozenset({"R", "NF"})  #: recalled or not found: an editable default, never shown as a rule


@dataclass(frozen=True)
class WalkLimit:
    """One walking requirement, ready to be compared with seconds.

    ``limit_ms`` is in whole milliseconds, as the engine walks, so that a walk of exactly the
    required minutes or metres is met. ``default_only`` marks grades R and NF.
    """

    requirement: Requirement
    limit_ms: int
    default_only: bool

    @property
    def limit_s(self) -> float:
        """The limit in seconds."""
        return self.limit_ms / 1000


def is_default_only(grade: str) -> bool:
    """Return whether any part of an evidence grade ("B", "B/R" …) is recalled or not found.

    Examples
    --------
    >>> is_default_only("D"), is_default_only("B/R")
    (False, True)
    """
    return not DEFAULT_GRADES.isdisjoint(part.strip() for part in grade.split("/"))


def limit_ms(measure: str, value: float, m_per_min: float | None) -> int:
    """Return the milliseconds that a walk may take under one requirement.

    Minutes are minutes for everyone. Metres become the time in which this walker covers them at
    the walker's own level pace ``m_per_min``: waits at crossings and slopes are part of the walk,
    so a walk of exactly that many metres with a wait in it is *not* met (the strict reading).

    Examples
    --------
    >>> limit_ms("walk_min", 10, None), limit_ms("walk_m", 500, 50.0)
    (600000, 600000)
    """
    if measure == "walk_min":
        return round(value * 60_000)
    if m_per_min is None or not m_per_min > 0:
        raise StandardError(Fault("coverage.pace_missing", values={"pace": m_per_min}))
    return round(value / m_per_min * 60_000)


def walk_limits(
    catalogue: Catalogue, m_per_min: float | None = None, types: Collection[str] | None = None
) -> tuple[WalkLimit, ...]:
    """Return the Q effective walking requirements of a catalogue (or of some types) as limits, in catalogue order.

    Raises
    ------
    StandardError
        ``coverage.pace_missing`` when a requirement is in metres and no pace is given.
    """
    return tuple(
        WalkLimit(each, limit_ms(each.measure, each.value, m_per_min), is_default_only(each.grade))
        for each in catalogue.walk_requirements()
        if types is None or each.business_type in types
    )


def longest_limit_s(limits: Iterable[WalkLimit]) -> float:
    """Return the seconds that walk times must reach so that no limit is cut short (0.0 for none)."""
    return max((each.limit_s for each in limits), default=0.0)


def within(seconds: NDArray[np.float32], limit: int) -> NDArray[np.bool_]:
    """Return which walks take at most ``limit`` milliseconds; ``inf`` (no way) never does.

    Both sides are rounded to the same float32, so a walk of exactly the limit is within it.

    Examples
    --------
    >>> within(np.array([600.0, 600.001, np.inf], dtype=np.float32), 600_000).tolist()
    [True, False, False]
    """
    return np.asarray(seconds <= np.float32(limit / 1000), dtype=np.bool_)


def check_limits(limits: Iterable[WalkLimit], limit_s: float) -> None:
    """Raise ``coverage.limit_too_long`` when walk times were cut before a limit they should test."""
    cut = tuple(
        (None, f"{each.requirement.id}: {each.limit_s:g} s")
        for each in limits
        if np.float32(each.limit_s) > np.float32(limit_s)
    )
    raise_all(StandardError, [Fault("coverage.limit_too_long", cut, {"limit": f"{limit_s:g}"})] if cut else [])
