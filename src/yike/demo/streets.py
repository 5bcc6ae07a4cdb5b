"""The streets of one grid: lines between blocks, pavements and crossings of main roads, bridges, underpasses.

A line of the grid is drawn in pieces: along a block it is a street (or a pavement, or an embankment walk), over a
strip it is a crossing or nothing. Both directions are drawn by the same code, on the grid and on its mirror image.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from yike.demo.facts import Floats, rows
from yike.demo.grid import BLOCK, NOBODY, Grid, Ints
from yike.demo.sheet import Sheet

FRACTIONS = (0.25, 0.5, 0.75)  #: where a side of a block has vertices that gates and lanes can join
DRAW_OF = {"market": 9.0, "main": 2.6, "street": 1.0, "lane": 0.45, "river": 0.35, "rail": 0.15, "trunk": 0.3}
STREET, MARKET = "street", "market"


@dataclass
class Lines:
    """The lines of one direction of a grid. Line j runs along the cells (0…C-1, j-1) below and (…, j) above it."""

    along: tuple[str, ...]  #: kinds of the cells along a line
    across: tuple[str, ...]  #: kinds of the cells between lines
    corner: Floats  #: (C+1, R+1, 2)
    corner_id: Ints
    owner: Ints
    names: list[str]
    market: frozenset[int]  #: lines that are market streets
    gap: NDArray[np.bool_]  #: (C, R+1) sides of blocks where no street runs
    edge: Ints = field(init=False)  #: (C, R+1, 3) vertices inside a block's side, 0 where none
    middle: Ints = field(init=False)  #: (C, R+1) vertex half way over a strip, 0 where no line is near

    def __post_init__(self) -> None:
        self.edge = np.zeros((len(self.along), self.corner.shape[1], 3), np.int64)
        self.middle = np.zeros(self.edge.shape[:2], np.int64)

    def near(self, j: int) -> NDArray[np.bool_]:
        """Return for each cell along line j whether the settlement lies on one of its sides."""
        inside = self.owner != NOBODY
        n = inside.shape[1]
        return (inside[:, j - 1] if j > 0 else False) | (inside[:, j] if j < n else np.zeros(len(inside), bool))

    def kind(self, j: int) -> str:
        """Return what a line is: beside which strip it runs, or a market street, street or lane."""
        beside = {self.across[k] for k in (j - 1, j) if 0 <= k < len(self.across)} - {BLOCK}
        for strip in ("main", "trunk", "river", "rail"):
            if strip in beside:
                return strip
        return MARKET if j in self.market else STREET if j % 2 else "lane"


WAY_OF: dict[str, dict[str, str]] = {
    MARKET: {"highway": "tertiary", "sidewalk": "both"},
    STREET: {"highway": "residential", "sidewalk": "both"},
    "lane": {"highway": "residential"},
    "main": {"highway": "footway", "footway": "sidewalk", "surface": "paving_stones"},
    "trunk": {"highway": "residential"},
    "river": {"highway": "footway", "surface": "paving_stones"},
    "rail": {"highway": "unclassified"},
}


def draw_lines(sheet: Sheet, lines: Lines, rng: np.random.Generator) -> None:
    """Draw all lines of one direction and remember the vertices of sides and crossings."""
    for j in range(lines.corner.shape[1]):
        for kind, first, last in _runs(lines, j):
            _draw_run(sheet, lines, j, kind, first, last)
    for i in np.flatnonzero(np.array(lines.along) != BLOCK).tolist():
        _draw_crossings(sheet, lines, i, rng)


def _runs(lines: Lines, j: int) -> Iterator[tuple[str, int, int]]:
    """Return the stretches of blocks of a line: kind, first and last cell."""
    block = lines.near(j) & (np.array(lines.along) == BLOCK) & ~lines.gap[:, j]
    edges = np.flatnonzero(np.diff(np.r_[False, block, False].astype(int)))
    for first, end in edges.reshape(-1, 2).tolist():
        yield lines.kind(j), first, end - 1


def _draw_run(sheet: Sheet, lines: Lines, j: int, kind: str, first: int, last: int) -> None:
    """Draw one stretch with its vertices at the quarters of each side."""
    begin, end = lines.corner[first : last + 1, j], lines.corner[first + 1 : last + 2, j]
    inner = begin[:, None] + np.array(FRACTIONS)[None, :, None] * (end - begin)[:, None]
    lines.edge[first : last + 1, j] = sheet.nodes(inner)
    over = np.concatenate([lines.corner_id[first : last + 1, j, None], lines.edge[first : last + 1, j]], axis=1)
    sheet.way([*over.ravel().tolist(), int(lines.corner_id[last + 1, j])], {**WAY_OF[kind], "name": lines.names[j]})


def _draw_crossings(sheet: Sheet, lines: Lines, i: int, rng: np.random.Generator) -> None:
    """Draw how lines get over strip i: at main roads, here and there else, and once in every stretch at least."""
    strip = next(each for each in rows("strips") if each["kind"] == lines.along[i])
    near = [j for j in range(lines.corner.shape[1]) if lines.near(j)[i]]
    for j in near:
        lines.middle[i, j] = sheet.nodes((lines.corner[i, j] + lines.corner[i + 1, j]) / 2)
    at_main = {j for j in near if lines.kind(j) in ("main", "trunk")}
    crossed = at_main | {j for j in near if rng.random() < float(strip["cross_else"])}
    stretch = np.cumsum([0, *(kind != BLOCK for kind in lines.across)])
    for part in sorted({int(stretch[j]) for j in near}):
        mine = [j for j in near if stretch[j] == part]
        if not crossed & set(mine):
            crossed.add(mine[len(mine) // 2])
    for j in sorted(crossed):
        other = {"main": "zebra", "river": "bridge"}.get(strip["kind"], "footbridge")
        _draw_crossing(sheet, lines, i, j, strip["cross_at_main"] if j in at_main else other)


def _draw_crossing(sheet: Sheet, lines: Lines, i: int, j: int, how: str) -> None:
    """Draw one crossing of line j over strip i."""
    ends = int(lines.corner_id[i, j]), int(lines.middle[i, j]), int(lines.corner_id[i + 1, j])
    half = (lines.corner[i, j] + lines.corner[i + 1, j]) / 2
    name = {"name": lines.names[j]}
    if how in ("signals", "zebra"):
        crossing = "traffic_signals" if how == "signals" else "zebra"
        sheet.tag(lines.middle[i, j], highway="crossing", crossing=crossing)
        sheet.way(ends, {"highway": "footway", "footway": "crossing", "crossing": crossing, **name})
    elif how == "footbridge":
        _footbridge(sheet, ends, lines.corner[i, j], lines.corner[i + 1, j], name)
    elif how == "underpass":
        low = sheet.nodes(half)
        sheet.way([ends[0], int(low), ends[2]], {"highway": "footway", "tunnel": "yes", "layer": "-1", **name})
    else:
        over = sheet.nodes(half)
        sheet.way([ends[0], int(over), ends[2]], {**WAY_OF[lines.kind(j)], "bridge": "yes", "layer": "1", **name})


def _footbridge(sheet: Sheet, ends: tuple[int, int, int], begin: Floats, end: Floats, name: dict[str, str]) -> None:
    """Draw a footbridge: steps up, a deck, steps down."""
    deck = sheet.nodes(np.stack([begin + 0.3 * (end - begin), begin + 0.7 * (end - begin)])).tolist()
    up = {"highway": "steps", "step_count": "28", "handrail": "yes", "layer": "1"}
    sheet.way([ends[0], deck[0]], {**up, "incline": "up", **name})
    sheet.way(deck, {"highway": "footway", "bridge": "yes", "layer": "1", **name})
    sheet.way([deck[1], ends[2]], {**up, "incline": "down", **name})


def draw_main_roads(sheet: Sheet, grid: Grid, rowwise: Lines, columnwise: Lines, names: dict[str, list[str]]) -> None:
    """Draw the carriageways of main and trunk roads; where two of them meet they share a vertex."""
    meet: dict[tuple[int, int], int] = {}
    for lines, turned in ((rowwise, False), (columnwise, True)):
        for i in np.flatnonzero(np.isin(lines.along, ("main", "trunk"))).tolist():
            inside = lines.owner[i] != NOBODY
            found: list[int] = []
            for j in range(lines.corner.shape[1]):
                if lines.middle[i, j]:
                    found.append(int(lines.middle[i, j]))
                if j < len(inside) and inside[j] and lines.across[j] in ("main", "trunk"):
                    cell = (j, i) if turned else (i, j)
                    if cell not in meet:
                        centre = grid.corner[cell[0] : cell[0] + 2, cell[1] : cell[1] + 2].mean(axis=(0, 1))
                        meet[cell] = int(sheet.nodes(centre))
                        sheet.tag(np.array([meet[cell]]), highway="traffic_signals")
                    found.append(meet[cell])
            if len(found) > 1:
                _carriageway(sheet, lines.along[i], found, names["rows" if turned else "columns"][i])


def _carriageway(sheet: Sheet, kind: str, nodes: list[int], name: str) -> None:
    tags = {"highway": "primary", "sidewalk": "separate", "lanes": "4"}
    if kind == "trunk":
        tags = {"highway": "trunk", "sidewalk": "no", "lanes": "6"}
    sheet.way(nodes, {**tags, "name": name})


def names_of_lines(kinds: tuple[str, ...], suffix: str, words: Iterator[str]) -> tuple[list[str], list[str]]:
    """Return names of the lines between cells, and of the cells; lines beside a main road bear its name."""
    end = {"main": "大街" if suffix == "街" else "大道", "trunk": "快速路"}
    cells = [next(words) + end[kind] if kind in end else "" for kind in kinds]
    lines = []
    for j in range(len(kinds) + 1):
        beside = [k for k in (j - 1, j) if 0 <= k < len(kinds) and kinds[k] != BLOCK]
        if beside and cells[beside[0]]:
            lines.append(cells[beside[0]])
        elif beside and kinds[beside[0]] == "river":
            lines.append(("滨河西" if beside[0] == j else "滨河东") + suffix)
        else:
            lines.append(next(words) + suffix)
    return lines, cells
