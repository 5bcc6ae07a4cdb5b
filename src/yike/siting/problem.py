"""What a siting problem is made of: pairs of demand and site, the sites' rules, how many and for how much, and effort."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from yike.siting.faults import SitingFaults

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Pairs:
    """Which sites a demand can use and what that costs: R demands by S sites, sparse, one row per demand.

    Demand ``i`` can use the sites ``site[start[i]:start[i + 1]]`` (ascending) at ``cost`` (seconds, metres or any unit of
    the question; >= 0). What is not listed cannot be used. Make one by `of_matrix` or `of_triples`.

    Examples
    --------
    >>> pairs = Pairs.of_matrix([[60.0, 900.0], [np.inf, 300.0]])
    >>> pairs.within(600).site.tolist(), pairs.within(600).start.tolist()
    ([0, 1], [0, 1, 2])
    """

    start: Ints  #: (R + 1,)
    site: NDArray[np.int32]  #: (E,)
    cost: Floats  #: (E,)
    n_sites: int

    def __len__(self) -> int:
        return len(self.start) - 1

    @staticmethod
    def of_matrix(cost: ArrayLike, within: float = np.inf) -> Pairs:
        """Return the finite entries of an (R, S) array that are at most ``within``.

        Raises
        ------
        SitingError
            ``siting.cost_bad`` for negative or missing numbers.
        """
        table = np.asarray(cost, dtype=float)
        if table.ndim != 2:
            SitingFaults().of("siting.length_wrong", what="cost", want="(R, S)", have=str(table.shape)).stop()
        _no_bad_cost(table.ravel())
        keep = np.isfinite(table) & (table <= within)
        start = np.r_[0, np.cumsum(keep.sum(axis=1))].astype(np.int64)
        row, site = np.nonzero(keep)
        return Pairs(start, site.astype(np.int32), table[row, site], table.shape[1])

    @staticmethod
    def of_triples(demand: ArrayLike, site: ArrayLike, cost: ArrayLike, n_demands: int, n_sites: int) -> Pairs:
        """Return the pairs of three arrays of one length; of a pair given twice the cheaper one counts.

        Raises
        ------
        SitingError
            ``siting.cost_bad``, ``siting.site_unknown``, ``siting.demand_unknown``, ``siting.length_wrong``.
        """
        i, j = np.asarray(demand, dtype=np.int64), np.asarray(site, dtype=np.int64)
        c = np.asarray(cost, dtype=float)
        faults = SitingFaults()
        if not (len(i) == len(j) == len(c)):
            faults.of("siting.length_wrong", what="triples", want=str(len(i)), have=f"{len(j)}, {len(c)}").stop()
        faults.unknown("siting.demand_unknown", i, n_demands)
        faults.unknown("siting.site_unknown", j, n_sites)
        faults.stop()
        _no_bad_cost(c)
        order = np.lexsort((c, j, i))
        i, j, c = i[order], j[order], c[order]
        keep = np.isfinite(c)
        keep[1:] &= (i[1:] != i[:-1]) | (j[1:] != j[:-1])
        start = np.r_[0, np.cumsum(np.bincount(i[keep], minlength=n_demands))].astype(np.int64)
        return Pairs(start, j[keep].astype(np.int32), c[keep], n_sites)

    @cached_property
    def demand(self) -> NDArray[np.int32]:
        """The demand of each pair (E,)."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.start))

    def keep(self, which: Bools) -> Pairs:
        """Return only the pairs marked in ``which`` (E,)."""
        counted = np.bincount(self.demand[which], minlength=len(self))
        start = np.r_[0, np.cumsum(counted)].astype(np.int64)
        return Pairs(start, self.site[which], self.cost[which], self.n_sites)

    def within(self, limit: float) -> Pairs:
        """Return the pairs of at most ``limit``: the cover of a covering problem."""
        return self.keep(self.cost <= limit)

    @cached_property
    def by_site(self) -> tuple[Ints, NDArray[np.int32], NDArray[np.int64]]:
        """Return ``start (S + 1,), demand (E,), pair (E,)``: the same pairs, one row per site."""
        number = np.arange(len(self.site), dtype=np.int64)
        table = sparse.csr_matrix((number, self.site, self.start), shape=(len(self), self.n_sites)).tocsc()
        return table.indptr.astype(np.int64), table.indices.astype(np.int32), table.data


def _no_bad_cost(cost: Floats) -> None:
    bad = np.flatnonzero(np.isnan(cost) | (cost < 0))
    if len(bad):
        SitingFaults().of("siting.cost_bad", [(None, str(cost[k])) for k in bad]).stop()


def marked(which: Iterable[int] | Bools, n: int) -> Bools:
    """Return ``which`` (indices or marks) as marks (n,)."""
    given = np.asarray(list(which) if not isinstance(which, np.ndarray) else which)
    if given.dtype == np.bool_:
        return given
    marks = np.zeros(n, dtype=bool)
    marks[given.astype(np.int64)] = True
    return marks


@dataclass(frozen=True)
class Rules:
    """What is settled about the sites, and how many may be opened for how much.

    ``existing`` outlets stand already: they serve, cost nothing and do not count in ``p``. ``required`` sites must be
    opened, ``forbidden`` ones may not. ``capacity`` is the demand weight a site can serve.

    Examples
    --------
    >>> Rules(p=2, required=[0], forbidden=[3]).p
    2
    """

    p: int | None = None  #: sites to open at most; None = any number
    budget: float | None = None  #: money for them; None = no limit
    cost: ArrayLike | None = None  #: (S,) of opening a site; None = 1 each
    capacity: ArrayLike | None = None  #: (S,); None = no limit
    existing: Iterable[int] | Bools = field(default=())  #: indices or marks (S,)
    required: Iterable[int] | Bools = field(default=())
    forbidden: Iterable[int] | Bools = field(default=())


@dataclass(frozen=True)
class Effort:
    """How long to seek and how near to prove: stop when ``gap`` is proven or ``seconds`` are over.

    Examples
    --------
    >>> Effort(seconds=5, gap=0.01).prove
    True
    """

    seconds: float = 60.0
    gap: float = 0.0  #: relative; 0 = prove the optimum
    seed: int = 1
    prove: bool = True  #: ask HiGHS when own bounds do not close the gap


@dataclass(frozen=True)
class Ground:
    """A checked problem: pairs, weights (R,) and rules as arrays (S,)."""

    pairs: Pairs
    weight: Floats
    p: int | None
    budget: float | None
    cost: Floats
    capacity: Floats | None
    existing: Bools
    required: Bools
    forbidden: Bools

    @property
    def state(self) -> NDArray[np.int8]:
        """Per site 0 free, 1 to be chosen, -1 not to be chosen (existing ones are not chosen, they stand)."""
        state = np.zeros(self.pairs.n_sites, np.int8)
        state[self.required & ~self.existing] = 1
        state[self.forbidden | self.existing] = -1
        return state

    @property
    def most(self) -> int:
        """Sites to choose at most, as a number."""
        return self.pairs.n_sites if self.p is None else min(self.p, self.pairs.n_sites)

    @property
    def money(self) -> float:
        """The budget as a number, ``inf`` when there is none."""
        return np.inf if self.budget is None else float(self.budget)

    def whole(self) -> bool:
        """Tell whether all weights are whole numbers: then so is what is covered, and bounds may be rounded."""
        return bool((self.weight == np.rint(self.weight)).all())


def ground(pairs: Pairs, weight: ArrayLike | None, rules: Rules, limited: bool = False) -> Ground:
    """Check a problem against itself and return it as arrays; ``limited`` asks for ``p`` or ``budget``.

    Raises
    ------
    SitingError
        All faults at once: ``siting.length_wrong``, ``siting.p_missing``, ``siting.weight_bad``, ``siting.site_unknown``,
        ``siting.p_bad``,
        ``siting.site_cost_bad``, ``siting.capacity_bad``, ``siting.budget_bad``, and conflicts that can be seen at once:
        ``siting.required_forbidden``, ``siting.existing_forbidden``, ``siting.required_more_than_p``,
        ``siting.required_over_budget``.
    """
    n, faults = pairs.n_sites, SitingFaults()
    people = np.ones(len(pairs)) if weight is None else np.asarray(weight, dtype=float)
    cost = np.ones(n) if rules.cost is None else np.asarray(rules.cost, dtype=float)
    capacity = None if rules.capacity is None else np.asarray(rules.capacity, dtype=float)
    for what, array, want in (("weight", people, len(pairs)), ("cost", cost, n), ("capacity", capacity, n)):
        if array is not None and array.shape != (want,):
            faults.of("siting.length_wrong", what=what, want=f"({want},)", have=str(array.shape))
    faults.stop()
    faults.numbers("siting.weight_bad", people)
    faults.numbers("siting.site_cost_bad", cost)
    if capacity is not None:
        faults.numbers("siting.capacity_bad", np.where(np.isposinf(capacity), 0, capacity))
    if limited and rules.p is None and rules.budget is None:
        faults.of("siting.p_missing")
    if rules.p is not None and rules.p < 0:
        faults.of("siting.p_bad", p=rules.p)
    if rules.budget is not None and not rules.budget >= 0:
        faults.of("siting.budget_bad", budget=rules.budget)
    marks = []
    for what, which in (("existing", rules.existing), ("required", rules.required), ("forbidden", rules.forbidden)):
        given = which if isinstance(which, np.ndarray) else np.asarray(list(which), dtype=np.int64)
        if given.dtype == np.bool_ and given.shape != (n,):
            faults.of("siting.length_wrong", what=what, want=f"({n},)", have=str(given.shape))
        elif given.dtype != np.bool_:
            faults.unknown("siting.site_unknown", given.astype(np.int64), n)
        marks.append(given)
    faults.stop()
    existing, required, forbidden = (marked(each, n) for each in marks)
    found = Ground(pairs, people, rules.p, rules.budget, cost, capacity, existing, required, forbidden)
    _conflicts(found, faults)
    faults.stop()
    return found


def _conflicts(here: Ground, faults: SitingFaults) -> None:
    """Add the conflicts that need no search, each with its smallest relaxation."""
    both = np.flatnonzero(here.required & here.forbidden)
    if len(both):
        faults.of("siting.required_forbidden", [(None, str(j)) for j in both])
    both = np.flatnonzero(here.existing & here.forbidden)
    if len(both):
        faults.of("siting.existing_forbidden", [(None, str(j)) for j in both])
    new = here.required & ~here.existing
    if here.p is not None and new.sum() > here.p:
        faults.of("siting.required_more_than_p", p=here.p, required=int(new.sum()))
    if here.budget is not None and here.cost[new].sum() > here.budget + 1e-9:
        faults.of("siting.required_over_budget", budget=here.budget, required=float(here.cost[new].sum()))
