"""Dividing communities into circles: regions are grown by joining neighbours, then those that touch are divided anew.

The objective is in person-minutes. A circle S has its centre where its people walk least:

    f(S) = min over k in S of sum over c in S of cost[c, k]
           + short_min * people missing from the least + over_min * people above the most

and a division costs the sum over its circles. Circles hang together: from each community of a circle one comes to every
other through walking neighbours of the same circle. Nothing is drawn by chance: the same input gives the same circles.

Sources
-------
Joining the two regions that gain most: the greedy agglomeration of regionalization, e.g. Duque, Ramos and Suriñach,
"Supervised regionalization methods", International Regional Science Review 30 (2007). Dividing the communities of a few
touching circles anew by trying all divisions (dynamic programming over subsets) is our own large neighbourhood.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from yike.circles.subsets import parts_of
from yike.circles.targets import Targets

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Neighbours = Sequence[frozenset[int]]
EXACT = 13  #: so many communities are divided in every way there is (3^13 / 2 steps)
BETTER = 1e-6  #: person-minutes below which a change is none


@dataclass(frozen=True)
class Division:
    """Circles as sorted tuples of communities, each with the community of its centre, and what they cost."""

    circles: tuple[tuple[int, ...], ...]
    centres: tuple[int, ...]
    cost: tuple[float, ...]  #: person-minutes of each circle

    @property
    def objective(self) -> float:
        return float(sum(self.cost))


@dataclass
class _Work:
    cost: Floats
    people: Floats
    neighbours: Neighbours
    targets: Targets
    known: dict[frozenset[int], tuple[float, int]] = field(default_factory=dict)
    settled: dict[frozenset[int], frozenset[frozenset[int]]] = field(default_factory=dict)  #: best divisions found

    def of(self, members: frozenset[int]) -> tuple[float, int]:
        """Return (person-minutes, centre) of one circle."""
        found = self.known.get(members)
        if found is None:
            rows = np.array(sorted(members))
            sums = self.cost[np.ix_(rows, rows)].sum(axis=0)
            best = int(np.argmin(sums))
            found = self.known[members] = float(sums[best] + self.size(self.people[rows].sum())), int(rows[best])
        return found

    def size(self, people: Floats | float) -> Floats:
        """Return person-minutes for the people that a circle lacks or has too many."""
        short, over = self.targets.people_least - people, people - self.targets.people_most
        return np.asarray(
            self.targets.short_min * np.maximum(short, 0) + self.targets.over_min * np.maximum(over, 0), float
        )

    def around(self, members: Iterable[int]) -> set[int]:
        return {other for each in members for other in self.neighbours[each]}


def divide(cost: Floats, people: Floats, neighbours: Neighbours, targets: Targets) -> Division:
    """Divide C communities into circles.

    Parameters
    ----------
    cost
        (C, C) person-minutes of the people of a row to the centre of a column; `inf` = they never come.
    people
        (C,) people.
    neighbours
        (C,) walking neighbours, in both directions.

    Returns
    -------
    Division
        Every community in exactly one circle; circles by their first community. Where touching circles hold `EXACT`
        communities or fewer, no other division of these is better; so a town of that size gets the very best one.

    Examples
    --------
    Four communities in a row, a minute apart; two thousand people each, and a circle should have four thousand.

    >>> from yike.circles.targets import load_targets
    >>> at = np.arange(4.0)
    >>> cost = 2000 * np.abs(at[:, None] - at)
    >>> row = [frozenset({1}), frozenset({0, 2}), frozenset({1, 3}), frozenset({2})]
    >>> found = divide(cost, np.full(4, 2000.0), row, load_targets().with_(people_least=4000))
    >>> found.circles, found.objective
    (((0, 1), (2, 3)), 4000.0)
    """
    work = _Work(np.asarray(cost, float), np.asarray(people, float), neighbours, targets)
    regions = _grown(work)
    while _improved(work, regions):
        pass
    circles = sorted(tuple(sorted(each)) for each in regions.values())
    told = [work.of(frozenset(each)) for each in circles]
    return Division(tuple(circles), tuple(each[1] for each in told), tuple(each[0] for each in told))


def _grown(work: _Work) -> dict[int, frozenset[int]]:
    """Return regions grown from single communities: the join that gains most comes first."""
    regions = {k: frozenset({k}) for k in range(len(work.people))}
    of = list(range(len(work.people)))
    gains = {(a, b): _gain(work, regions[a], regions[b]) for a in regions for b in work.neighbours[a] if a < b}
    while gains:
        (a, b), gain = min(gains.items(), key=lambda item: (-item[1], item[0]))
        if gain <= BETTER:
            break
        regions[a] = regions[a] | regions.pop(b)
        for each in regions[a]:
            of[each] = a
        for pair in [pair for pair in gains if a in pair or b in pair]:
            del gains[pair]
        for other in {of[each] for each in work.around(regions[a])} - {a}:
            gains[min(a, other), max(a, other)] = _gain(work, regions[a], regions[other])
    return regions


def _gain(work: _Work, first: frozenset[int], second: frozenset[int]) -> float:
    before = work.of(first)[0] + work.of(second)[0]
    after = work.of(first | second)[0]
    return before - after if np.isfinite(after) else -np.inf


def _improved(work: _Work, regions: dict[int, frozenset[int]]) -> bool:
    """Go once over all regions and those that touch them; return whether anything became better."""
    better = False
    for a in sorted(regions):
        if a in regions:
            better |= _divide_anew(work, regions, a, a)
        of = {each: k for k, members in regions.items() for each in members}
        for b in sorted({of[each] for each in work.around(regions[a])} - {a}) if a in regions else ():
            if a in regions and b in regions:
                better |= _divide_anew(work, regions, a, b)
    return better


def _divide_anew(work: _Work, regions: dict[int, frozenset[int]], a: int, b: int) -> bool:
    """Divide the communities of two regions, and of those about them as far as all can be tried, where that is better."""
    chosen = _about(work, regions, a, b)
    whole = frozenset().union(*(regions[k] for k in chosen))
    now = sum(work.of(regions[k])[0] for k in chosen)
    if len(whole) <= EXACT:
        if whole in work.settled and frozenset(regions[k] for k in chosen) == work.settled[whole]:
            return False
        parts = _best_division(work, whole)
        work.settled[whole] = frozenset(parts)
    else:
        parts = [part for part in _one_move(work, regions[a], regions[b]) if part]
    if not parts or not sum(work.of(part)[0] for part in parts) < now - BETTER:
        return False
    for k in chosen:
        del regions[k]
    for part in parts:
        regions[min(part)] = part
    return True


def _about(work: _Work, regions: dict[int, frozenset[int]], a: int, b: int) -> list[int]:
    """Return two regions and those that touch them, in order, as long as they hold `EXACT` communities or fewer."""
    chosen, size = [a, b] if a != b else [a], len(regions[a] | regions[b])
    of = {each: k for k, members in regions.items() for each in members}
    while size < EXACT:
        touching = {of[each] for k in chosen for each in work.around(regions[k])} - set(chosen)
        fits = [k for k in sorted(touching) if size + len(regions[k]) <= EXACT]
        if not fits:
            break
        chosen.append(fits[0])
        size += len(regions[fits[0]])
    return chosen


def _best_division(work: _Work, whole: frozenset[int]) -> list[frozenset[int]]:
    """Return the cheapest division of some communities into parts that hang together, by trying all."""
    rows = np.array(sorted(whole))
    m = len(rows)
    masks = np.arange(1, 1 << m, dtype=np.int64)
    touching = [sum(1 << j for j in range(m) if int(rows[j]) in work.neighbours[int(rows[i])]) for i in range(m)]
    worth = np.full(1 << m, np.inf)
    fits = masks[_hang_together(masks, touching)]
    worth[fits] = _costs(work, rows, fits)
    found = parts_of(worth)
    return [frozenset(int(rows[j]) for j in range(m) if part >> j & 1) for part in found]


def _costs(work: _Work, rows: Ints, masks: Ints) -> Floats:
    """Return the person-minutes of many subsets of some communities at once."""
    inside = (masks[:, None] >> np.arange(len(rows)) & 1).astype(float)
    cost = work.cost[np.ix_(rows, rows)]
    never = ~np.isfinite(cost)
    sums = inside @ np.where(never, 0.0, cost)
    sums[(inside @ never.astype(float) > 0) | (inside == 0)] = np.inf
    return np.asarray(sums.min(axis=1) + work.size(inside @ work.people[rows]))


def _hang_together(masks: Ints, touching: list[int]) -> NDArray[np.bool_]:
    """Return which subsets hang together; the empty one does."""
    reached = masks & -masks
    for _ in touching:
        grown = reached.copy()
        for j, near in enumerate(touching):
            grown |= np.where(reached >> j & 1, near, 0)
        grown &= masks
        if (grown == reached).all():
            break
        reached = grown
    return np.asarray(reached == masks)


def _one_move(work: _Work, first: frozenset[int], second: frozenset[int]) -> tuple[frozenset[int], frozenset[int]]:
    """Return the best of two large regions after one community changes sides, two change places, or one is cut in two."""
    if first == second:
        return _best_split(work, first)
    tried = [(first | second, frozenset[int]())]
    over = [each for each in sorted(first) if work.neighbours[each] & second]
    back = [each for each in sorted(second) if work.neighbours[each] & first]
    tried += [(first - {each}, second | {each}) for each in over]
    tried += [(first | {each}, second - {each}) for each in back]
    tried += [(first - {x} | {y}, second - {y} | {x}) for x in over for y in back]
    fit = [pair for pair in tried if all(_whole(work, part) for part in pair)]
    return min(fit, key=lambda pair: sum(work.of(part)[0] for part in pair if part))


def _whole(work: _Work, part: frozenset[int]) -> bool:
    """Whether a region hangs together."""
    if not part:
        return True
    reached, edge = {min(part)}, [min(part)]
    while edge:
        fresh = (work.neighbours[edge.pop()] & part) - reached
        reached |= fresh
        edge += fresh
    return len(reached) == len(part)


def _best_split(work: _Work, whole: frozenset[int]) -> tuple[frozenset[int], frozenset[int]]:
    """Return the best of the cuts grown from every two centres, each community joining the nearer by its neighbours."""
    best: tuple[float, tuple[frozenset[int], frozenset[int]]] = (work.of(whole)[0], (whole, frozenset()))
    members = sorted(whole)
    for k, a in enumerate(members):
        for b in members[k + 1 :]:
            first, second = _from_centres(work, whole, a, b)
            cost = work.of(first)[0] + work.of(second)[0]
            if cost < best[0] - BETTER:
                best = cost, (first, second)
    return best[1]


def _from_centres(work: _Work, whole: frozenset[int], a: int, b: int) -> tuple[frozenset[int], frozenset[int]]:
    sides = {a: {a}, b: {b}}
    left = set(whole) - {a, b}
    while left:
        reach = [(work.cost[each, k], each, k) for k, side in sides.items() for each in work.around(side) & left]
        if not reach:
            return whole, frozenset()
        _, each, k = min(reach)
        sides[k].add(each)
        left.discard(each)
    return frozenset(sides[a]), frozenset(sides[b])
