"""Towns drawn in text: the picture is the test, and its answers are known by arithmetic.

    A---B:::C
    |   %
    D---E   F

Capital letters are places where people live, ``+`` is a place where nobody does. Straight runs join them:
``-`` and ``|`` a street, ``:`` a private way (across or down), ``>``, ``<``, ``v``, ``^`` a street walked one way only,
``%`` a street with a private gate in it (for a trip's own ends only). Every run, however long it is drawn,
takes one step. A B C … weigh 1, 2, 4 … people, so a sum of people names the places.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

import numpy as np

from yike.access.walk import Supply, prepare, walk_times
from yike.network.attach import at_nodes
from yike.network.build import from_links
from yike.network.graph import Network, Walking

ACROSS, DOWN = "-:><%", "|:v^%"
DEGREES_A_CELL = 0.0002  #: where the drawing lies on the globe does not matter; the picture keeps its shape


@dataclass(frozen=True)
class Town:
    """A drawn town: the network, the walk on it and the node of every letter."""

    network: Network
    walking: Walking
    node_of: dict[str, int]  #: letters in alphabetical order
    outlets: dict[str, str]  #: type -> letters where it stands

    @property
    def letters(self) -> str:
        return "".join(self.node_of)

    @property
    def people(self) -> np.ndarray:
        """People at each letter: powers of two."""
        return 2.0 ** np.arange(len(self.node_of))

    def seconds(self, kind: str, limit_s: float = 1800.0) -> dict[str, float]:
        """Return the walk from every letter to the nearest outlet of one type, `inf` where there is none."""
        supply = Supply.of(at_nodes(self.network, [self.node_of[x] for x in self.outlets[kind]]),
                           [[kind]] * len(self.outlets[kind]), [kind])  # fmt: skip
        homes = at_nodes(self.network, list(self.node_of.values()))
        found = walk_times(prepare(self.network, self.walking, limit_s), homes, supply).seconds[:, 0]
        return dict(zip(self.letters, found.tolist(), strict=True))

    def covered(self, kind: str, within_s: float) -> str:
        """Return the letters from which an outlet of one type is within the time."""
        return "".join(letter for letter, s in self.seconds(kind).items() if s <= within_s)


def draw(picture: str, step_s: float = 60.0, **outlets: str) -> Town:
    """Return the town of a picture; ``market="EF"`` puts a market at E and one at F."""
    lines = [line for line in dedent(picture).splitlines() if line.strip()]
    width = max(map(len, lines))
    grid = [line.ljust(width) for line in lines]
    spots = {(r, c): x for r, row in enumerate(grid) for c, x in enumerate(row) if x.isupper() or x == "+"}
    number = {spot: k for k, spot in enumerate(spots)}
    lon = [c * DEGREES_A_CELL for _, c in spots]
    lat = [-2 * r * DEGREES_A_CELL for r, _ in spots]
    links: list[tuple[int, int, float, float]] = []
    private: list[int] = []

    def add(u: int, v: int, there: float, back: float, shut: bool = False) -> None:
        if shut:
            private.append(len(links))
        links.append((u, v, there, back))

    for (r, c), u in number.items():
        for dr, dc, marks in ((0, 1, ACROSS), (1, 0, DOWN)):
            run = _run(grid, r, c, dr, dc, marks)
            if not run:
                continue
            v = number[r + dr * (len(run) + 1), c + dc * (len(run) + 1)]
            if "%" in run:  # a node on each side of the gate, joined by a private link of no length
                sides = len(lon), len(lon) + 1
                lon += [(lon[u] + lon[v]) / 2] * 2
                lat += [(lat[u] + lat[v]) / 2] * 2
                add(u, sides[0], step_s / 2, step_s / 2)
                add(*sides, 0.0, 0.0, shut=True)
                add(sides[1], v, step_s / 2, step_s / 2)
                continue
            there = np.inf if set(run) & {"<", "^"} else step_s
            back = np.inf if set(run) & {">", "v"} else step_s
            add(u, v, there, back, shut=":" in run)
    network, walking = from_links(len(lon), links, private=private, lon=lon, lat=lat)
    letters = sorted((x, number[spot]) for spot, x in spots.items() if x != "+")
    assert len({x for x, _ in letters}) == len(letters), "every letter stands once"
    return Town(network, walking, dict(letters), outlets)


def _run(grid: list[str], r: int, c: int, dr: int, dc: int, marks: str) -> str:
    """Return the marks between a spot and the next one in a direction, "" where no run joins them."""
    run = ""
    r, c = r + dr, c + dc
    while r < len(grid) and c < len(grid[0]) and grid[r][c] in marks:
        run += grid[r][c]
        r, c = r + dr, c + dc
    ends = r < len(grid) and c < len(grid[0]) and (grid[r][c].isupper() or grid[r][c] == "+")
    return run if ends else ""
