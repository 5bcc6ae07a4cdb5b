"""The measures of one place: its homes and their parts, judged by the engine over the register as it is now."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yike.coverage import Coverage, Groups, OutletCounts, distribution, group_residents, histogram, served
from yike.coverage.groups import EVERYONE
from yike.coverage.measure import share
from yike.coverage.served import Served
from yike.gaps.find import Gaps, find_gaps
from yike.tables import LEVELS, Residents
from yike.web.seeing.now import Seen, residents_of
from yike.web.seeing.places import BELOW, Place

Floats = NDArray[np.float64]
KEPT = 64
_GATHERED: OrderedDict[tuple[object, ...], tuple[NDArray[np.int64], Residents, Groups]] = OrderedDict()


@dataclass(frozen=True)
class Part:
    """A place as one walker lives it: r homes; the first group is the place, the others its parts."""

    seen: Seen
    place: Place
    rows: NDArray[np.int64]  #: (r,) rows of the city's homes
    residents: Residents
    groups: Groups  #: first all of it, then one for each part in which somebody lives

    @cached_property
    def coverage(self) -> Coverage:
        whole = self.seen.coverage
        return Coverage(
            self.residents, whole.seconds[self.rows], whole.types, whole.limit_s, whole.walker, whole.catalogue,
            whole.limits, whole.met[self.rows], whole.why[self.rows], self.groups,
        )  # fmt: skip

    @cached_property
    def served(self) -> Served:
        """Who is served by each type when all of its requirements count."""
        return served(self.coverage)

    @cached_property
    def people(self) -> Floats:
        """(G,) people."""
        return self.groups.sum(self.residents.people)

    @cached_property
    def people_met(self) -> Floats:
        """(G, K) people who are served, by type of `served`."""
        return self.groups.sum(self.served.met * self.residents.people[:, None])

    @cached_property
    def shares(self) -> Floats:
        """(G, K) share of people in time; NaN where nobody lives."""
        return share(self.people_met, np.repeat(self.people[:, None], len(self.served.types), axis=1))

    @cached_property
    def ten_fifteen(self) -> Floats:
        """(G,) share of people whose home has all that the rule of 10 and 15 minutes asks for."""
        return share(self.groups.sum(self.residents.people * self.seen.ten_fifteen[self.rows]), self.people)

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """(G - 1,) codes of the parts, as in `groups`."""
        return self.groups.area[1:]

    @cached_property
    def counts(self) -> OutletCounts:
        """Open outlets by type, of the whole place and of each part, by where they stand."""
        seen, stock = self.seen, self.seen.stock
        rows = np.flatnonzero(self.place.stands(seen) & stock.counts)
        below = BELOW[self.place.kind]
        depth = LEVELS.index(below) if below else -1
        pairs = [
            (code, *(seen.places[k].split("/")[depth] if below else "",))
            for k in rows
            for code in dict.fromkeys(stock.types[k])
        ]
        table = pd.DataFrame(pairs, columns=["business_type", "area"])
        whole = table.assign(level=EVERYONE, area=EVERYONE)
        both = pd.concat([whole, table.assign(level=below)[table["area"] != ""]] if below else [whole])
        columns = ["level", "area", "business_type"]
        return OutletCounts(both.groupby(columns, sort=True).size().rename("outlets").reset_index(), "located")

    @cached_property
    def gaps(self) -> Gaps:
        """Missing, lacking, enough, saturated: of the place (level "all") and of its parts."""
        return find_gaps(self.coverage, self.counts)

    def spread(self, code: str) -> pd.DataFrame:
        """Return mean, median, worst tenth and Gini of the minutes to one type: the place first, then its parts."""
        return distribution(self.coverage, [code])

    def bins(self, code: str, edges_min: tuple[float, ...]) -> pd.DataFrame:
        """Return people by band of minutes to one type, of the whole place."""
        table = histogram(self.coverage, edges_min, [code])
        return table[table["level"] == EVERYONE].reset_index(drop=True)


def part_of(seen: Seen, place: Place) -> Part:
    """Return the measures of a place for one walker; kept until the register changes."""
    return seen.keep(
        ("part", place.kind, place.code, place.members), lambda: Part(seen, place, *_gathered(seen, place))
    )


def _nobody() -> Groups:
    """Return the groups of a place without homes: itself, empty."""
    none = np.zeros(0, np.int64)
    return Groups((EVERYONE,), (EVERYONE,), np.zeros(2, np.int64), none, 0)


def _gathered(seen: Seen, place: Place) -> tuple[NDArray[np.int64], Residents, Groups]:
    """Return the homes of a place and its parts; they are the same for all walkers and whatever the register does."""
    key = (seen.engine.digest, place.kind, place.code, place.members)
    if key not in _GATHERED:
        rows = np.flatnonzero(place.holds(seen))
        frame = residents_of(seen).iloc[rows].copy()
        for level in LEVELS:
            if level != BELOW[place.kind]:
                frame[level] = ""
        residents = Residents(frame)
        _GATHERED[key] = (rows, residents, group_residents(residents) if len(rows) else _nobody())
        while len(_GATHERED) > KEPT:
            _GATHERED.popitem(last=False)
    return _GATHERED[key]
