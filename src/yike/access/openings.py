"""Gates that could be opened: every locked gate and every compound of a network, and what opening each would bring."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from yike.access.changes import AddLink, Change, OpenGate
from yike.access.whatif import Scenario
from yike.network.graph import FAR_MS, Network
from yike.network.parts import label

KINDS = ("door", "compound")


@dataclass(frozen=True)
class Opening:
    """One gate that could be opened.

    A *door* is a vertex of the map where ways meet that a locked gate keeps apart: opening it joins them for everybody,
    the ways behind it stay what they are. A *compound* is all private links that hang together inside: opening it lets
    everybody walk through.
    """

    kind: str
    lon: float
    lat: float
    links: tuple[int, ...]  #: a compound's private links
    joins: tuple[tuple[int, int], ...]  #: a door's pairs of nodes
    metres: float  #: of the ways behind a compound's gates

    def changes(self) -> tuple[Change, ...]:
        """Return what opening it is to a scenario."""
        if self.kind == "compound":
            return (OpenGate(self.links),)
        return tuple(AddLink(u, v, 0.0, 0.0) for u, v in self.joins)


def openings(network: Network) -> tuple[Opening, ...]:
    """Return every locked gate and every compound of a network, gates first, each kind by its first node or link.

    A locked gate leaves its trace in the network: nodes at one place of the map that no link of no length joins.

    Examples
    --------
    A compound of two ways between two streets; a gate between nodes 3 and 4, which lie at one place, is locked.

    >>> from yike.network.build import from_links
    >>> lon = [0, 0.001, 0.002, 0.003, 0.003, 0.004]
    >>> links = [(0, 1, 60), (1, 2, 30), (2, 3, 30), (4, 5, 60)]
    >>> net, _ = from_links(6, links, private=[1, 2], lon=lon)
    >>> [(each.kind, each.links, each.joins) for each in openings(net)]
    [('door', (), ((3, 4),)), ('compound', (1, 2), ())]
    """
    return (*_doors(network), *_compounds(network))


def _doors(network: Network) -> Iterable[Opening]:
    n = network.n_nodes
    used = np.zeros(n, np.bool_)
    used[network.u] = used[network.v] = True
    flat = np.flatnonzero(network.length_m == 0)
    together = label(n, network.u[flat], network.v[flat])
    _, place = np.unique(np.stack([network.lon, network.lat]), axis=1, return_inverse=True)
    nodes = np.flatnonzero(used)
    order = nodes[np.lexsort((nodes, together[nodes], place[nodes]))]
    first = np.flatnonzero(np.r_[True, place[order][1:] != place[order][:-1]])
    for part in np.split(order, first[1:]):
        if len(part) < 2:
            continue
        _, heads = np.unique(together[part], return_index=True)
        if len(heads) > 1:
            ends = part[np.sort(heads)].tolist()
            at = ends[0]
            yield Opening("door", float(network.lon[at]), float(network.lat[at]), (), tuple(pairwise(ends)), 0.0)


def _compounds(network: Network) -> Iterable[Opening]:
    private = np.flatnonzero(network.private)
    part = label(network.n_nodes, network.u[private], network.v[private])[network.u[private]]
    _, first, which = np.unique(part, return_index=True, return_inverse=True)
    order = np.argsort(which, kind="stable")
    starts = np.cumsum(np.bincount(which, minlength=len(first)))[:-1]
    found = sorted(
        (each for each in np.split(private[order], starts)), key=lambda links: int(links[0]) if len(links) else 0
    )
    for links in found:
        if not len(links):
            continue
        length = network.length_m[links]
        weight = length if length.sum() > 0 else np.ones(len(links))
        lon, lat = (
            float(np.average((axis[network.u[links]] + axis[network.v[links]]) / 2, weights=weight))
            for axis in (network.lon, network.lat)
        )
        yield Opening("compound", lon, lat, tuple(links.tolist()), (), float(length.sum()))


@dataclass(frozen=True)
class Gain:
    """What opening one gate brings, over all business types."""

    opening: Opening
    minutes: float  #: people × minutes saved, over homes with a way before and after
    people_types: float  #: residents × types newly within the type's limit
    people: float  #: residents who walk less to any type


def rank_openings(
    scenario: Scenario, found: Iterable[Opening], tell: Callable[[int], None] | None = None
) -> list[Gain]:
    """Try every opening alone from where a scenario stands; return those that bring anything, most minutes first.

    Parameters
    ----------
    scenario
        Is not changed.
    tell
        Called with the number of openings tried so far; may raise to stop.

    Examples
    --------
    >>> from yike.access.walk import Supply, prepare
    >>> from yike.access.whatif import baseline
    >>> from yike.network.attach import at_nodes
    >>> from yike.network.build import from_links
    >>> lon = [0, 0.001, 0.001, 0.002, 0.003]
    >>> net, adult = from_links(5, [(0, 1, 60), (2, 3, 60), (0, 4, 300), (4, 3, 300)], lon=lon)
    >>> supply = Supply.of(at_nodes(net, [3]), [["market"]], ["market"])
    >>> now = baseline(prepare(net, adult), at_nodes(net, [0]), np.array([10.0]), supply, [300])
    >>> [(gain.opening.joins, gain.minutes, gain.people_types) for gain in rank_openings(Scenario(now), openings(net))]
    [(((1, 2),), 80.0, 10.0)]
    """
    gains = []
    for k, opening in enumerate(found):
        gain = _gain(scenario, opening)
        if gain.people > 0:
            gains.append(gain)
        if tell is not None:
            tell(k + 1)
    return sorted(gains, key=lambda each: (-each.minutes, -each.people_types))


def _gain(scenario: Scenario, opening: Opening) -> Gain:
    trial, people = scenario.fork(), scenario.base.people
    touched: set[str] = set()
    for change in opening.changes():
        touched |= {effect.business_type for effect in trial.apply(change)}
    better: NDArray[np.bool_] = np.zeros(len(people), np.bool_)
    minutes = newly = 0.0
    for k in (scenario.base.supply.types.index(code) for code in sorted(touched)):
        before, after = scenario.times(k), trial.times(k)
        homes = np.flatnonzero(after < before)
        was, now, weight = before[homes], after[homes], people[homes]
        known, limit = was < FAR_MS, scenario.base.limit_ms[k]
        minutes += float(((was[known] - now[known]) * weight[known]).sum()) / 60_000
        newly += float(weight[(was > limit) & (now <= limit)].sum())
        better[homes] = True
    return Gain(opening, minutes, newly, float(people[better].sum()))
