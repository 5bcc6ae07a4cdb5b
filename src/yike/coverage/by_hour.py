"""Coverage at an hour of the week: "who has breakfast within ten minutes at seven?" is answered here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yike.coverage.groups import Circles, Groups, group_residents
from yike.coverage.limits import WalkLimit
from yike.coverage.measure import Coverage, measure_coverage, share
from yike.errors import Fault, InputError
from yike.hours.week import HOURS, OpenWeek, clock
from yike.tables import Outlets, Residents

if TYPE_CHECKING:
    from yike.access.walk import WalkTimes
    from yike.standards.catalogue import Catalogue

Bools = NDArray[np.bool_]
WalkTimesOf = Callable[[Bools], "WalkTimes"]  #: walk times to the outlets of a mask (O,) only


@dataclass(frozen=True)
class HourQuestion:
    """What stays the same from hour to hour.

    ``walk_times_of`` gives the walk times to a part of the outlets, told as a mask (O,); ``types``
    limits the question (and the work) to some business types.
    """

    residents: Residents
    outlets: Outlets
    week: OpenWeek
    walk_times_of: WalkTimesOf
    catalogue: Catalogue
    m_per_min: float | None = None
    types: Collection[str] | None = None
    circles: Circles | None = None

    def __post_init__(self) -> None:
        if len(self.week) != len(self.outlets):
            values = {"n_week": len(self.week), "n_outlets": len(self.outlets)}
            raise InputError(Fault("hours.week_length", values=values))

    @cached_property
    def groups(self) -> Groups:
        """The areas of the residents, gathered once for all hours."""
        return group_residents(self.residents, self.circles)

    @property
    def asked(self) -> Bools:
        """(O,) outlets that are in business and serve a type of the question."""
        if self.types is None:
            return self.outlets.is_open
        serves = [not set(self.types).isdisjoint(types) for types in self.outlets.frame["types"]]
        return np.asarray(self.outlets.is_open & np.array(serves, dtype=bool))

    def coverage(self, mask: Bools) -> Coverage:
        """Return the coverage by the outlets of a mask."""
        times = self.walk_times_of(mask)
        return measure_coverage(
            self.residents, times, self.catalogue, m_per_min=self.m_per_min, types=self.types, groups=self.groups
        )


@dataclass(frozen=True)
class HourCoverage:
    """People who meet each requirement at each hour: surely, or only if outlets of unknown hours are open.

    D sets of outlets are open at some hour; results are kept once per set.
    """

    hours: tuple[int, ...]  #: (H,) hours of the week asked
    minute: int
    unknown_as: str  #: "apart" or "open", as the week was made
    groups: Groups
    limits: tuple[WalkLimit, ...]  #: (Q,)
    walker: str
    people: NDArray[np.float64]  #: (G,)
    met: NDArray[np.float64]  #: (D, G, Q) people
    sure: NDArray[np.int64]  #: (H,) set of the outlets surely open
    maybe: NDArray[np.int64]  #: (H,) set of the outlets open or of unknown hours

    def to_frame(self, levels: Collection[str] | None = None) -> pd.DataFrame:
        """Return the long table of some levels of area (all by default).

        Columns: level, area, hour, clock, requirement, business_type, walker, people, people_met,
        people_unknown (met only if the outlets of unknown hours are open), share, share_unknown,
        unknown_as, clause, grade.
        """
        keep = np.array([levels is None or level in levels for level in self.groups.level])
        names = self.groups.frame(people=self.people)[keep]
        tables = []
        for h, hour in enumerate(self.hours):
            sure, maybe = self.met[self.sure[h]][keep], self.met[self.maybe[h]][keep]
            for q, limit in enumerate(self.limits):
                unknown = maybe[:, q] - sure[:, q]
                people = names["people"].to_numpy()
                tables.append(
                    pd.DataFrame(
                        {
                            "level": names["level"].to_numpy(),
                            "area": names["area"].to_numpy(),
                            "hour": hour,
                            "clock": clock(hour, self.minute),
                            "requirement": limit.requirement.id,
                            "business_type": limit.requirement.business_type,
                            "walker": self.walker,
                            "people": people,
                            "people_met": sure[:, q],
                            "people_unknown": unknown,
                            "share": share(sure[:, q], people),
                            "share_unknown": share(unknown, people),
                            "unknown_as": self.unknown_as,
                            "clause": limit.requirement.clause,
                            "grade": limit.requirement.grade,
                        }
                    )
                )
        return pd.concat(tables, ignore_index=True)


def coverage_at(question: HourQuestion, hour: int) -> tuple[Coverage, Coverage]:
    """Return who is covered at one hour of the week: by outlets surely open, and by those that may be open.

    A home met by the second but not by the first is covered only if unknown hours turn out open.
    """
    asked = question.asked
    sure, maybe = question.week.open_at(hour) & asked, question.week.maybe_at(hour) & asked
    first = question.coverage(sure)
    return first, first if np.array_equal(sure, maybe) else question.coverage(maybe)


def coverage_by_hour(question: HourQuestion, hours: Sequence[int] | None = None) -> HourCoverage:
    """Measure coverage at hours of the week (all 168 by default), one walk-time run per distinct set of outlets.

    Two hours with the same outlets open share one run, so a week costs as many runs as there are
    different sets, not 168.

    Raises
    ------
    InputError
        ``hours.hour`` for an hour outside 0–167, ``hours.week_length``, and those of `measure_coverage`.
    """
    hours = tuple(range(HOURS)) if hours is None else tuple(hours)
    wrong = [hour for hour in hours if not 0 <= hour < HOURS]
    if wrong or not hours:
        raise InputError(Fault("hours.hour", values={"given": ", ".join(str(hour) for hour in wrong)}))
    asked = question.asked
    masks = [question.week.open_at(h) & asked for h in hours] + [question.week.maybe_at(h) & asked for h in hours]
    sets, which = np.unique(np.stack(masks), axis=0, return_inverse=True)
    met: list[NDArray[np.float64]] = []
    last: Coverage | None = None
    for mask in sets:
        last = question.coverage(mask)
        met.append(last.groups.sum(last.met * last.residents.people[:, None]))
    assert last is not None  # there is at least one hour, so at least one set
    people = last.groups.sum(question.residents.people)
    which = which.reshape(-1).astype(np.int64)
    return HourCoverage(
        hours,
        question.week.minute,
        question.week.unknown_as,
        last.groups,
        last.limits,
        last.walker,
        people,
        np.stack(met),
        which[: len(hours)],
        which[len(hours) :],
    )
