"""保供 stress test: close outlets or a road, and tell who loses food and medicine within a quarter of an hour.

Nothing is estimated: a closure is a full recomputation. Outlets that close serve nothing; a road that closes is taken out of
the network, which is then prepared anew. A home whose door opens to the closed stretch cannot leave it: it is told apart.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yike.access.walk import Routes, Supply, nearest_k, prepare, walk_times
from yike.coverage.limits import within
from yike.errors import Fault, Row, StudyError, raise_all
from yike.network.closing import without_roads
from yike.network.graph import Attachment, Network, Walking

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class StressNeed:
    """What people must be able to fetch: any outlet of any of the types, within the minutes."""

    id: str
    zh: str
    en: str
    types: tuple[str, ...]
    limit_ms: int
    grade: str


def load_needs(path: Path | None = None) -> tuple[StressNeed, ...]:
    """Read the needs from ``stress.csv`` or a table of the same columns; raises ``study.stress_value``.

    Examples
    --------
    >>> [(each.id, each.limit_ms // 60_000) for each in load_needs()]
    [('food', 15), ('medicine', 15)]
    """
    table = resources.files("yike.study").joinpath("stress.csv") if path is None else path
    rows = list(enumerate(csv.DictReader(table.read_text(encoding="utf-8").splitlines()), start=2))
    wrong: list[Row] = [
        (number, f"{row['types']}, {row['minutes']}")
        for number, row in rows
        if not row["types"] or not row["minutes"].replace(".", "", 1).isdigit() or float(row["minutes"]) <= 0
    ]
    raise_all(StudyError, [Fault("study.stress_value", tuple(wrong))] if wrong else [])
    return tuple(
        StressNeed(
            row["need"], row["zh"], row["en"], tuple(row["types"].split("|")), round(float(row["minutes"]) * 60_000),
            row["grade"],
        )
        for _, row in rows
    )  # fmt: skip


@dataclass(frozen=True)
class Closing:
    """What closes: rows of outlets, whole links of the network, and cuts through links at a part of their length."""

    outlets: tuple[int, ...] = ()
    links: tuple[int, ...] = ()
    cuts: tuple[tuple[int, float], ...] = ()  #: (link, part of it from u to v)

    @property
    def roads(self) -> bool:
        return bool(self.links or self.cuts)


@dataclass(frozen=True)
class Strain:
    """A city before and after a closure: R homes × N needs."""

    before: NDArray[np.float32]  #: (R, N) seconds
    after: NDArray[np.float32]
    lost: Bools  #: (R, N) had it in time before, not after
    lacked: Bools  #: (R, N) had it not in time before either
    cut_off: Bools  #: (R,) their door opens to a closed link

    def people(self, weight: Floats) -> Floats:
        """Return people who lose each need (N,)."""
        return np.asarray(weight @ self.lost)

    @property
    def any(self) -> Bools:
        """(R,) homes that lose at least one need."""
        return np.asarray(self.lost.any(axis=1))


@dataclass(frozen=True)
class Singles:
    """Every outlet that serves a need: how many people it is the nearest for, and how many lose a need if it alone closes."""

    outlet: Ints  #: (M,) rows, the one whose closure costs most first
    lost: Floats  #: (M,) people who lose at least one need
    load: Floats  #: (M, N) people for whom it is the nearest within the limit


@dataclass(frozen=True)
class StressGround:
    """One walker's city, ready to be put under stress.

    Examples
    --------
    A street of three crossings with one grocery at each end; the left one closes:

    >>> from yike.network.attach import at_nodes
    >>> from yike.network.build import from_links
    >>> net, adult = from_links(3, [(0, 1, 400), (1, 2, 600)])
    >>> town = StressGround(net, adult, at_nodes(net, [0, 1, 2]), at_nodes(net, [0, 2]), (("grocery",), ("grocery",)),
    ...                     np.array([True, True]), np.array([1.0, 2, 4]))
    >>> town.close(Closing(outlets=(0,))).people(town.people).tolist()
    [1.0, 0.0]
    """

    network: Network
    walking: Walking
    homes: Attachment
    outlets: Attachment
    serves: Sequence[Sequence[str]]  #: (O,) types
    counted: Bools  #: (O,) open
    people: Floats  #: (R,)
    needs: tuple[StressNeed, ...] = field(default_factory=load_needs)
    routes: Routes | None = None  #: of the same network and walker, where it is prepared far enough already

    @cached_property
    def limit_s(self) -> float:
        return max(each.limit_ms for each in self.needs) / 1000

    @cached_property
    def _routes(self) -> Routes:
        ready = self.routes
        return (
            ready if ready is not None and ready.limit_s >= self.limit_s else self._prepared(self.network, self.walking)
        )

    def _prepared(self, network: Network, walking: Walking) -> Routes:
        return prepare(network, walking, max(self.limit_s, 60.0))

    @cached_property
    def _serving(self) -> list[list[str]]:
        """The needs that each outlet serves, by id."""
        asked = [(need.id, frozenset(need.types)) for need in self.needs]
        return [[name for name, types in asked if not types.isdisjoint(own)] for own in self.serves]

    def _supply(self, at: Attachment, counted: Bools) -> Supply:
        return Supply.of(at, self._serving, [need.id for need in self.needs], counted)

    @cached_property
    def seconds(self) -> NDArray[np.float32]:
        """(R, N) seconds to the nearest outlet of each need, as it is."""
        return walk_times(self._routes, self.homes, self._supply(self.outlets, self.counted)).seconds

    def _met(self, seconds: NDArray[np.float32]) -> Bools:
        return np.stack([within(seconds[:, k], need.limit_ms) for k, need in enumerate(self.needs)], axis=1)

    def close(self, closure: Closing) -> Strain:
        """Return who loses what by a closure.

        Raises
        ------
        StudyError
            ``study.stress_outlet``, ``study.stress_link``: rows that are not there, all at once.
        """
        _check(self, closure)
        counted = self.counted.copy()
        counted[list(closure.outlets)] = False
        if not closure.roads:
            after = walk_times(self._routes, self.homes, self._supply(self.outlets, counted)).seconds
        else:
            network, walking, homes, outlets = without_roads(
                self.network, self.walking, (self.homes, self.outlets), closure.links, closure.cuts
            )
            after = walk_times(self._prepared(network, walking), homes, self._supply(outlets, counted)).seconds
        met, still = self._met(self.seconds), self._met(after)
        cut_off = np.isin(self.homes.link, closure.links) if closure.links else np.zeros(len(self.homes), bool)
        return Strain(self.seconds, after, met & ~still, ~met, cut_off)

    @cached_property
    def _two(self) -> tuple[NDArray[np.int64], Bools]:
        """Return the nearest outlet (R, N) of every home and need, and which of the two nearest are in time (R, N, 2)."""
        found = nearest_k(self._routes, self.homes, self._supply(self.outlets, self.counted), 2, bands_s=())
        near = np.stack([self._met(found.seconds[:, :, k]) for k in range(2)], axis=2)
        return found.outlet[:, :, 0].astype(np.int64), near

    def singles(self, people: Floats | None = None) -> Singles:
        """Close every outlet that serves a need in turn, and count people (R,): all of them, or those of a part of the city.

        A home loses a need by one closure exactly when its nearest outlet is within the limit and its second nearest is
        not, so one search for the two nearest of every home tells all closures at once.
        """
        weight = self.people if people is None else people
        (first, near), rows = self._two, np.unique(self._supply(self.outlets, self.counted).outlet_of).astype(np.int64)
        place = np.full(len(self.outlets) + 1, -1, np.int64)
        place[rows] = np.arange(len(rows))
        load = np.zeros((len(rows), len(self.needs)))
        for k in range(len(self.needs)):
            home = np.flatnonzero(near[:, k, 0])
            load[:, k] = np.bincount(place[first[home, k]], weights=weight[home], minlength=len(rows))
        home, need = np.nonzero(near[:, :, 0] & ~near[:, :, 1])
        alone = np.unique(np.stack([home, place[first[home, need]]], axis=1), axis=0)
        lost = np.bincount(alone[:, 1], weights=weight[alone[:, 0]], minlength=len(rows))
        order = np.lexsort((rows, -load.sum(axis=1), -lost))
        return Singles(rows[order], lost[order].astype(float), load[order])

    def most_loaded(self, number: int, need: str = "", people: Floats | None = None) -> tuple[int, ...]:
        """Return the outlets that most people have as their nearest of a need (of all needs for "")."""
        known, found = [each.id for each in self.needs], self.singles(people)
        load = found.load[:, known.index(need)] if need in known else found.load.sum(axis=1)
        order = np.lexsort((found.outlet, -load))
        return tuple(int(found.outlet[k]) for k in order[:number] if load[k] > 0)


def _check(ground: StressGround, closure: Closing) -> None:
    links = (*closure.links, *(link for link, _ in closure.cuts))
    wrong: list[tuple[str, list[Row]]] = [
        ("study.stress_outlet", [(None, str(k)) for k in closure.outlets if not 0 <= k < len(ground.outlets)]),
        ("study.stress_link", [(None, str(k)) for k in links if not 0 <= k < ground.network.n_links]),
    ]
    raise_all(StudyError, [Fault(code, tuple(rows)) for code, rows in wrong if rows])
