"""One town map from a plan: every settlement's grid, its strips and blocks, the villages and the roads between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yike.demo.blocks import Blocks, choose_kinds, draw_blocks
from yike.demo.facts import City, Floats, stream
from yike.demo.grid import BLOCK, Grid, Ints
from yike.demo.land import draw_strips, draw_woods
from yike.demo.plan import Plan
from yike.demo.sheet import Sheet
from yike.demo.sites import Sites, choose_sites
from yike.demo.streets import DRAW_OF, Lines, draw_lines, draw_main_roads, names_of_lines
from yike.demo.villages import Villages, draw_roads, draw_villages


@dataclass(frozen=True)
class Town:
    """A city drawn: the sheet, and what stands on it as tables. Places are metres; communities are rows of the plan."""

    plan: Plan
    sites: Sites
    sheet: Sheet
    blocks: Blocks
    block_names: list[str]
    homes: pd.DataFrame  #: block (-1 in the fields), community, x, y, capacity, levels
    villages: Villages


def draw_town(plan: Plan) -> Town:
    """Draw the city of a plan."""
    sites, sheet = choose_sites(plan), Sheet()
    rng = stream(plan.seed, "streets")
    words = _street_words(plan.city, stream(plan.seed, "street names"))
    parts, ends = [], []
    for k, grid in enumerate(sites.grids):
        market = int(plan.settlements["market_streets"].iloc[k])
        rowwise, columnwise, cells = _lines(sheet, grid, market, words, rng)
        for lines in (rowwise, columnwise):
            draw_lines(sheet, lines, rng)
        draw_main_roads(sheet, grid, rowwise, columnwise, cells)
        draw_strips(sheet, grid, plan.settlements["name"].iloc[k], rng)
        parts.append(_blocks_of(grid, rowwise, columnwise, plan))
        ends.append(_ends(rowwise, columnwise, grid))
    blocks = choose_kinds(_joined(parts), stream(plan.seed, "block kinds"))
    names = _block_names(plan.city, blocks, stream(plan.seed, "block names"))
    homes = draw_blocks(sheet, blocks, names, stream(plan.seed, "blocks"))
    villages = draw_villages(sheet, plan, sites, stream(plan.seed, "villages"))
    _join_all(sheet, sites, villages, ends, stream(plan.seed, "roads"))
    draw_woods(sheet, sites, stream(plan.seed, "woods"))
    homes = pd.concat([homes, villages.homes], ignore_index=True).astype({"block": int, "community": int})
    return Town(plan, sites, sheet, blocks, names, homes, villages)


def _street_words(city: City, rng: np.random.Generator) -> Iterator[str]:
    """Return made-up words for streets without end; the same pair of signs may come again in another town."""
    first, second = city.words["street_first"], city.words["street_second"]
    while True:
        for at in rng.permutation(len(first) * len(second)).tolist():
            yield first[at // len(second)] + second[at % len(second)]


def _lines(
    sheet: Sheet, grid: Grid, market: int, words: Iterator[str], rng: np.random.Generator
) -> tuple[Lines, Lines, dict[str, list[str]]]:
    """Return the lines of both directions with names, and the names of the strips."""
    ids = sheet.nodes(grid.corner)
    row_names, row_cells = names_of_lines(grid.rows, "街", words)
    column_names, column_cells = names_of_lines(grid.columns, "路", words)
    row_gap = np.zeros((len(grid.columns), len(grid.rows) + 1), bool)
    column_gap = np.zeros((len(grid.rows), len(grid.columns) + 1), bool)
    for i, j, axis in grid.pairs:
        (column_gap if axis == 0 else row_gap)[(j, i + 1) if axis == 0 else (i, j + 1)] = True
    rowwise = Lines(grid.columns, grid.rows, grid.corner, ids, grid.owner, row_names,
                    _market_lines(grid.rows, market, rng), row_gap)  # fmt: skip
    columnwise = Lines(grid.rows, grid.columns, grid.corner.transpose(1, 0, 2), ids.T, grid.owner.T, column_names,
                       _market_lines(grid.columns, max(1, market // 2), rng), column_gap)  # fmt: skip
    return rowwise, columnwise, {"rows": row_cells, "columns": column_cells}


def _market_lines(kinds: tuple[str, ...], n: int, rng: np.random.Generator) -> frozenset[int]:
    """Return lines that become market streets: some between two blocks, rather in the middle."""
    free = [j for j in range(1, len(kinds)) if kinds[j - 1] == kinds[j] == BLOCK]
    if not free:
        return frozenset()
    far = np.abs(np.array(free) - len(kinds) / 2) / len(kinds)
    chance = np.exp(-5 * far)
    return frozenset(rng.choice(free, min(n, len(free)), replace=False, p=chance / chance.sum()).tolist())


def _blocks_of(grid: Grid, rowwise: Lines, columnwise: Lines, plan: Plan) -> Blocks:
    """Return the street blocks of a grid with the vertices around them."""
    i, j = np.nonzero(grid.is_block)
    corner = grid.corner
    quad = np.stack([corner[i, j], corner[i + 1, j], corner[i + 1, j + 1], corner[i, j + 1]], axis=1)
    edge = np.stack([rowwise.edge[i, j], columnwise.edge[j, i + 1], rowwise.edge[i, j + 1, ::-1],
                     columnwise.edge[j, i, ::-1]], axis=1)  # fmt: skip
    at = [(rowwise, j), (columnwise, i + 1), (rowwise, j + 1), (columnwise, i)]
    draw = np.stack([np.array([DRAW_OF[lines.kind(int(k))] for k in which]) for lines, which in at], axis=1)
    names = np.stack([np.array(lines.names, dtype=object)[which] for lines, which in at], axis=1)
    wide, gone = _join_pairs(grid, rowwise.corner_id, i, j, quad, edge)
    community = grid.owner[i, j]
    far = np.hypot(*(quad.mean(axis=1) - grid.centre).T)
    table = pd.DataFrame({"community": community, "ring": far / max(far.max(), 700.0), "wide": wide,
                          "village": ~plan.communities["committee"].to_numpy(bool)[community]})  # fmt: skip
    return Blocks(quad[~gone], edge[~gone], table[~gone], draw[~gone], names[~gone])


def _join_pairs(
    grid: Grid, corner_id: Ints, i: Ints, j: Ints, quad: Floats, edge: Ints
) -> tuple[Ints, NDArray[np.bool_]]:
    """Make one block of each pair; return the axis along which a block is wide (-1 = none) and which blocks went."""
    row = {(a, b): k for k, (a, b) in enumerate(zip(i.tolist(), j.tolist(), strict=True))}
    wide, gone = np.full(len(i), -1), np.zeros(len(i), bool)
    for a, b, axis in grid.pairs:
        one, two = row[a, b], row[a + (axis == 0), b + (axis == 1)]
        wide[one], gone[two] = axis, True
        if axis == 0:
            quad[one, 1:3] = quad[two, 1:3]
            edge[one, 0] = edge[one, 0, 1], corner_id[a + 1, b], edge[two, 0, 1]
            edge[one, 2] = edge[two, 2, 1], corner_id[a + 1, b + 1], edge[one, 2, 1]
            edge[one, 1] = edge[two, 1]
        else:
            quad[one, 2:] = quad[two, 2:]
            edge[one, 1] = edge[one, 1, 1], corner_id[a + 1, b + 1], edge[two, 1, 1]
            edge[one, 3] = edge[two, 3, 1], corner_id[a, b + 1], edge[one, 3, 1]
            edge[one, 2] = edge[two, 2]
    return wide, gone


def _joined(parts: list[Blocks]) -> Blocks:
    return Blocks(
        np.concatenate([each.quad for each in parts]),
        np.concatenate([each.edge for each in parts]),
        pd.concat([each.table for each in parts], ignore_index=True),
        np.concatenate([each.draw for each in parts]),
        np.concatenate([each.names for each in parts]),
    )


def _block_names(city: City, blocks: Blocks, rng: np.random.Generator) -> list[str]:
    """Return a made-up name for each block by what it holds."""
    first, second = city.words["compound_first"], city.words["compound_second"]
    names = []
    for kind in blocks.table["kind"]:
        ends = city.words.get(f"end_{kind}", ("",))
        middle = second[rng.integers(len(second))] if kind in ("slabs", "towers", "lanes", "urban_village") else ""
        names.append(first[rng.integers(len(first))] + middle + ends[rng.integers(len(ends))])
    return names


def _ends(rowwise: Lines, columnwise: Lines, grid: Grid) -> tuple[Floats, np.ndarray]:
    """Return about eight corners of blocks on a settlement's rim and their vertices, for roads from outside."""
    i, j = np.nonzero(grid.is_block)
    corners = np.unique(np.concatenate([np.column_stack([i + a, j + b]) for a in (0, 1) for b in (0, 1)]), axis=0)
    at = grid.corner[corners[:, 0], corners[:, 1]]
    angle = np.arctan2(*(at - grid.centre).T[::-1])
    far = np.hypot(*(at - grid.centre).T)
    best = [np.flatnonzero(sector)[np.argmax(far[sector])]
            for sector in (np.floor((angle + np.pi) / (np.pi / 4)) == k for k in range(8)) if sector.any()]  # fmt: skip
    return at[best], rowwise.corner_id[corners[best, 0], corners[best, 1]]


def _join_all(
    sheet: Sheet, sites: Sites, villages: Villages, ends: list[tuple[Floats, np.ndarray]], rng: np.random.Generator
) -> None:
    """Draw the roads between all villages and settlements."""
    rows = list(villages.door)
    places = [sites.village[rows], *(at for at, _ in ends)]
    vertex = [np.array([villages.door[row] for row in rows], np.int64), *(ids for _, ids in ends)]
    group = [np.arange(len(rows)), *(np.full(len(at), len(rows) + k) for k, (at, _) in enumerate(ends))]
    draw_roads(sheet, np.concatenate(places), np.concatenate(vertex), np.concatenate(group), rng)
