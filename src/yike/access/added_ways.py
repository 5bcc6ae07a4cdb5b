"""Ways added to a state graph that stays as it was: arcs beside its own, and feet, new places in the middle of links."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yike.access.states import States, one_link
from yike.network.graph import FAR_MS, Attachment

Int32 = NDArray[np.int32]
Arc = tuple[int, int, int]  #: from state, to state, milliseconds
Rows = tuple[NDArray[np.int64], Int32, Int32]


@dataclass(frozen=True)
class Foot:
    """A new node on a link. Public links have one state there; private ones three, as every node of a compound has."""

    at: Attachment  #: one point, without any way to the link
    outside: int
    leaving: int  #: as ``outside`` on a public link
    arriving: int


class AddedWays:
    """What a scenario added to the ground; copied whole before another scenario goes on from it."""

    def __init__(self, states: States) -> None:
        self.states, self.n_states = states, states.n_states
        self.forward: Rows = states.forward[:3]
        self.reverse: Rows = states.reverse[:3]
        self.first = (np.full(self.n_states, -1, np.int32), np.full(self.n_states, -1, np.int32))
        self.arcs = (np.zeros((0, 3), np.int32), np.zeros((0, 3), np.int32))  #: there, and seen from their ends
        self.feet: dict[int, tuple[Foot, ...]] = {}  #: by link
        self.opened: frozenset[int] = frozenset()

    def copy(self) -> AddedWays:
        """Return the same ways, to be added to apart."""
        other = AddedWays.__new__(AddedWays)
        other.__dict__.update(self.__dict__)
        other.first = (self.first[0].copy(), self.first[1].copy())
        other.feet = dict(self.feet)
        return other

    @property
    def width(self) -> int:
        """Most places where one point's trips may begin or end: two ends of its link and the feet on it."""
        return 2 + max((len(each) for each in self.feet.values()), default=0)

    def add(self, arcs: Sequence[Arc]) -> None:
        """Add one-way arcs."""
        for side, ends in enumerate(((0, 1), (1, 0))):
            number = len(self.arcs[side])
            more = np.empty((len(arcs), 3), np.int32)
            for k, arc in enumerate(arcs):
                here, there = arc[ends[0]], arc[ends[1]]
                more[k] = self.first[side][here], there, arc[2]
                self.first[side][here] = number + k
            grown = np.concatenate([self.arcs[side], more])
            self.arcs = (grown, self.arcs[1]) if side == 0 else (self.arcs[0], grown)

    def stand(self, at: Attachment) -> tuple[Foot, list[Arc]]:
        """Return the foot at an attached point, made if it is not there yet, and the arcs that join a new one."""
        link, share = int(at.link[0]), float(at.at[0])
        there = self.feet.get(link, ())
        for foot in there:
            if foot.at.at[0] == share:
                return foot, []
        here = Attachment(at.link[:1], at.at[:1], np.zeros(1, np.int32), np.array([""], object))
        n, private = self.n_states, bool(self.states.private[link])
        foot = Foot(here, n, n + 1, n + 2) if private else Foot(here, n, n, n)
        self._grow(3 if private else 1)
        arcs = self._along(foot, there)
        self.feet[link] = (*there, foot)
        return foot, arcs

    def open(self, links: Iterable[int]) -> list[Arc]:
        """Return public arcs beside private links; those who live there keep the rights they had."""
        states, arcs = self.states, []
        for link in links:
            u, v = int(states.u[link]), int(states.v[link])
            arcs += [(u, v, int(states.there_ms[link])), (v, u, int(states.back_ms[link]))]
            feet = self.feet.get(link, ())
            for k, foot in enumerate(feet):
                arcs += self._public_arcs(foot, feet[:k])
        self.opened = self.opened | frozenset(links)
        return [arc for arc in arcs if arc[2] < FAR_MS]

    def starts(self, points: Attachment) -> tuple[Int32, Int32]:
        """Return states and costs (P, `width`) with which trips from points begin; -1 where there are fewer."""
        return self._ends(points, *self.states.starts(points), out=True)

    def goals(self, points: Attachment) -> tuple[Int32, Int32]:
        """Return states and costs (P, `width`) with which trips to points end."""
        return self._ends(points, *self.states.goals(points), out=False)

    # --- inside ---

    def _ends(self, points: Attachment, state: Int32, cost: Int32, out: bool) -> tuple[Int32, Int32]:
        more = self.width - 2
        if not more:
            return state, cost
        states = np.full((len(points), self.width), -1, np.int32)
        costs = np.full((len(points), self.width), FAR_MS, np.int32)
        states[:, :2], costs[:, :2] = state, cost
        for link, feet in self.feet.items():
            rows = np.flatnonzero(points.link == link)
            none = np.zeros(len(rows), np.intp)
            for k, foot in enumerate(feet if len(rows) else ()):
                pair = (points, rows, foot.at, none) if out else (foot.at, none, points, rows)
                ms = one_link(self.states, *pair)
                states[rows, 2 + k] = np.where(ms < FAR_MS, foot.leaving if out else foot.arriving, -1)
                costs[rows, 2 + k] = ms
        return states, costs

    def _along(self, foot: Foot, others: Sequence[Foot]) -> list[Arc]:
        """Arcs between a new foot, the ends of its link and the feet that were there before."""
        states, link = self.states, int(foot.at.link[0])
        nodes = (int(states.u[link]), int(states.v[link]))
        if not states.private[link]:
            arcs = self._to_ends(foot, foot.outside, nodes)
            arcs += self._to_feet(foot, foot.outside, [(other, other.outside) for other in others])
            return [arc for arc in arcs if arc[2] < FAR_MS]
        inner = [int(states.inside[node]) + len(states.inside) for node in nodes]
        arcs = self._to_ends(foot, foot.leaving, inner)
        arcs += self._to_ends(foot, foot.arriving, [each + states.n_inside for each in inner])
        arcs += self._to_feet(foot, foot.leaving, [(other, other.leaving) for other in others])
        arcs += self._to_feet(foot, foot.arriving, [(other, other.arriving) for other in others])
        arcs += [(foot.leaving, foot.outside, 0), (foot.outside, foot.arriving, 0)]
        if link in self.opened:
            arcs += self._public_arcs(foot, others)
        return [arc for arc in arcs if arc[2] < FAR_MS]

    def _public_arcs(self, foot: Foot, others: Sequence[Foot]) -> list[Arc]:
        """Arcs along an opened private link, for everybody."""
        link = int(foot.at.link[0])
        ends = [int(self.states.u[link]), int(self.states.v[link])]
        arcs = self._to_ends(foot, foot.outside, ends)
        return arcs + self._to_feet(foot, foot.outside, [(other, other.outside) for other in others])

    def _to_ends(self, foot: Foot, here: int, ends: Sequence[int]) -> list[Arc]:
        out, back = self.states.starts(foot.at)[1][0].tolist(), self.states.goals(foot.at)[1][0].tolist()
        arcs: list[Arc] = []
        for k, end in enumerate(ends):
            on_it = foot.at.at[0] == k  # a foot on the very end of its link, one-way or not
            arcs += [(here, end, 0 if on_it else out[k]), (end, here, 0 if on_it else back[k])]
        return arcs

    def _to_feet(self, foot: Foot, here: int, others: Sequence[tuple[Foot, int]]) -> list[Arc]:
        none, arcs = np.zeros(1, np.intp), []
        for other, there in others:
            arcs.append((here, there, int(one_link(self.states, foot.at, none, other.at, none)[0])))
            arcs.append((there, here, int(one_link(self.states, other.at, none, foot.at, none)[0])))
        return arcs

    def _grow(self, more: int) -> None:
        self.n_states += more
        self.forward, self.reverse = (
            (np.append(at, np.full(more, at[-1])), to, cost) for at, to, cost in (self.forward, self.reverse)
        )
        empty = np.full(more, -1, np.int32)
        self.first = (np.append(self.first[0], empty), np.append(self.first[1], empty))
