"""A second opinion on scenarios: the same changes drawn into the network itself, and everything walked anew.

A path's foot becomes a real node, with links of its own to the ends of its street, to the other feet there and to a stub;
who stands on that street is asked twice, from the old place and from the stub, and the shorter walk counts.
Nothing of `yike.access.whatif` or `yike.access.added_ways` is used.
"""

from __future__ import annotations

import numpy as np

from access.random_towns import ground
from yike.access.walk import Supply, prepare, walk_times
from yike.access.whatif import AddLink, AddOutlet, AddPath, Change, MoveOutlet, OpenGate, RemoveOutlet
from yike.network.graph import FAR_MS, Attachment, Network, Walking

FAR = int(FAR_MS)
Link = tuple[int, int, int, int, bool]
Place = tuple[int, float, int]  #: link, share, access


class Redrawn:
    """A network, homes and outlets as plain lists; `change` alters them, `seconds` walks them from scratch."""

    def __init__(
        self, network: Network, walking: Walking, homes: Attachment, outlets: Attachment, serves: list[list[str]]
    ) -> None:
        self.n = network.n_nodes
        columns = (network.u, network.v, walking.there_ms, walking.back_ms, network.private)
        self.links: list[Link] = list(zip(*(each.tolist() for each in columns), strict=True))
        self.homes, self.outlets = _places(homes), _places(outlets)
        self.serves = [list(codes) for codes in serves]
        self.feet: dict[int, list[tuple[float, int]]] = {}
        self.stub: dict[int, int] = {}  # by node of a foot
        self.opened: set[int] = set()

    def change(self, change: Change) -> None:
        match change:
            case AddOutlet(at, types):
                self.outlets += _places(at)
                self.serves.append(list(types))
            case RemoveOutlet(outlet):
                self.serves[outlet] = []
            case MoveOutlet(outlet, at):
                self.outlets[outlet] = _places(at)[0]
            case AddLink(u, v, there_s, back_s):
                self.links.append((u, v, round(there_s * 1000), round(back_s * 1000), False))
            case AddPath(ends, there_s, back_s):
                u, v = (self._foot(link, share) for link, share, _ in _places(ends))
                self.links.append((u, v, round(there_s * 1000), round(back_s * 1000), False))
            case OpenGate(links):
                for link in links:
                    self._open(link)

    def _foot(self, link: int, share: float) -> int:
        for other, node in self.feet.get(link, []):
            if other == share:
                return node
        node, stub = self.n, self.n + 1
        self.n += 2
        private = self.links[link][4]
        self._join(link, share, node, private)
        if private and link in self.opened:
            self._join(link, share, node, False)
        self.links.append((node, stub, 0, 0, private))
        self.stub[node] = len(self.links) - 1
        self.feet.setdefault(link, []).append((share, node))
        return node

    def _join(self, link: int, share: float, node: int, private: bool) -> None:
        """Links from a foot to the ends of its street and to the feet that stand there already."""
        u, v, there, back, _ = self.links[link]
        for other, at in ((u, 0.0), (v, 1.0), *((node, at) for at, node in self.feet.get(link, []))):
            self.links.append((node, other, along(share, at, there, back), along(at, share, there, back), private))

    def _open(self, link: int) -> None:
        u, v, there, back, _ = self.links[link]
        self.links.append((u, v, there, back, False))
        feet = self.feet.pop(link, [])
        for share, node in feet:
            self._join(link, share, node, False)
            self.feet.setdefault(link, []).append((share, node))
        self.opened.add(link)

    def seconds(self, types: tuple[str, ...], limit_s: float) -> np.ndarray:
        """Return seconds (R, T)."""
        u, v, there, back, private = (np.array(column) for column in zip(*self.links, strict=True))
        network, walking = ground(self.n, u, v, there, back, private)
        homes, home_of = self._twice(self.homes, out=True)
        outlets, outlet_of = self._twice(self.outlets, out=False)
        supply = Supply.of(outlets, [self.serves[k] for k in outlet_of], types)
        found = walk_times(prepare(network, walking, limit_s), homes, supply).seconds
        best = np.full((len(self.homes), len(types)), np.inf, np.float32)
        np.minimum.at(best, home_of, found)
        return best

    def _twice(self, places: list[Place], out: bool) -> tuple[Attachment, list[int]]:
        """Return all places, and those on a street with feet once more at each foot; and whose each is."""
        rows, of = list(places), list(range(len(places)))
        for k, (link, share, access) in enumerate(places):
            for at, node in self.feet.get(link, []):
                _, _, there, back, _ = self.links[link]
                ms = along(share, at, there, back) if out else along(at, share, there, back)
                if ms < FAR:
                    rows.append((self.stub[node], 0.0, access + ms))
                    of.append(k)
        link, at, access = (np.array(column) for column in zip(*rows, strict=True))
        why = np.array([""] * len(rows), object)
        return Attachment(link.astype(np.int32), at.astype(float), access.astype(np.int32), why), of


def along(here: float, there: float, forth_ms: int, back_ms: int) -> int:
    """Milliseconds along a street from one share of it to another."""
    whole = forth_ms if there >= here else back_ms
    if here == there:
        return 0
    return round(float(np.rint(abs(there - here) * whole))) if whole < FAR else FAR


def _places(at: Attachment) -> list[Place]:
    return list(zip(at.link.tolist(), at.at.tolist(), at.access_ms.tolist(), strict=True))
