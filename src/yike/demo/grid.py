"""The street grid of one settlement: lines bent a little, street blocks between them, strips for what parts a town.

A *strip* is a narrow column or row of the grid that holds a main road, a river, a railway or a trunk road
(``strips.csv``); the lines on both sides of it are its pavements or embankments, and only some lines cross it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from yike.demo.facts import Floats, number, rows

Ints = NDArray[np.int64]
BLOCK = "block"
NOBODY = -1  #: owner of a cell outside the settlement


@dataclass(frozen=True)
class Grid:
    """One settlement's ground.

    ``columns`` and ``rows`` tell the kind of each strip of cells; ``corner`` (C+1, R+1, 2) is in metres; ``owner``
    (C, R) is the row of the community that a cell belongs to, `NOBODY` outside.
    """

    columns: tuple[str, ...]
    rows: tuple[str, ...]
    corner: Floats
    owner: Ints
    centre: Floats
    pairs: tuple[tuple[int, int, int], ...] = ()  #: two blocks with no street between: col, row, 0 beside / 1 above

    @property
    def is_block(self) -> NDArray[np.bool_]:
        """The cells that are street blocks of the settlement."""
        return _free(self.columns, self.rows) & (self.owner != NOBODY)

    @property
    def radius_m(self) -> float:
        """How far the settlement reaches from its centre."""
        mine = self.corner[:-1, :-1][self.owner != NOBODY] - self.centre
        return float(np.hypot(*mine.T).max()) + number("block_high_m")


def lay_grid(
    centre: Floats, communities: Sequence[int], quota: Sequence[int], strips: str, rng: np.random.Generator
) -> Grid:
    """Lay the grid of a settlement and deal its blocks out to communities.

    Parameters
    ----------
    communities, quota
        Rows of the plan, in the order of their towns, and how many blocks each gets.
    strips
        The kinds of strips that the settlement may have, joined with "|".
    """
    wanted = int(sum(quota))
    spare = 1.3 if wanted > 40 else 1.12
    across = max(2, round(np.sqrt(wanted * spare * rng.uniform(0.85, 1.25))))
    up = max(2, int(np.ceil(wanted * spare / across)))
    columns, rows_ = _kinds(across, "column", strips), _kinds(up, "row", strips)
    corner = _bent(_steps(columns, rng), _steps(rows_, rng), rng) + centre
    middle = (corner[:-1, :-1] + corner[1:, :-1] + corner[1:, 1:] + corner[:-1, 1:]) / 4
    blocks = _nearest_blocks(middle - centre, columns, rows_, wanted, rng)
    owner = np.full(middle.shape[:2], NOBODY)
    _deal(blocks, middle[blocks[:, 0], blocks[:, 1]], list(communities), list(quota), owner)
    _own_strips(owner, columns, rows_)
    pairs = _pairs(blocks, middle - centre, owner, rng)
    return Grid(columns, rows_, corner, owner, centre, pairs)


def _kinds(n: int, axis: str, strips: str) -> tuple[str, ...]:
    """Return the kinds along one axis: n blocks with at most one strip between two of them."""
    at: dict[int, str] = {}
    for strip in rows("strips"):
        if (
            strip["axis"] not in (axis, "both")
            or n < int(strip["least_lines"])
            or strip["kind"] not in strips.split("|")
        ):
            continue
        every, first = int(strip["every"]), float(strip["first"])
        places = range(int(first) if n > int(first) else 1, n, every) if every else [round(n * first)]
        for place in places:
            free = [(abs(k - place), k) for k in range(1, n) if k not in at]
            if free and (not every or min(free)[0] == 0):
                at[min(free)[1]] = strip["kind"]
    kinds: list[str] = []
    for k in range(n):
        kinds += [*([at[k]] if k in at else []), BLOCK]
    return tuple(kinds)


def _steps(kinds: Sequence[str], rng: np.random.Generator) -> Floats:
    """Return where the lines stand along one axis, in metres around 0: small blocks in the middle, large ones outside."""
    width = {each["kind"]: (float(each["width_low_m"]), float(each["width_high_m"])) for each in rows("strips")}
    width[BLOCK] = number("block_low_m"), number("block_high_m")
    far = np.abs(np.linspace(-1, 1, len(kinds))) if len(kinds) > 6 else np.full(len(kinds), 0.5)
    swell = [0.78 + 0.42 * out if kind == BLOCK else 1.0 for kind, out in zip(kinds, far, strict=True)]
    sizes = [rng.uniform(*width[kind]) * more for kind, more in zip(kinds, swell, strict=True)]
    at = np.concatenate([[0.0], np.cumsum(sizes)])
    return at - at[-1] / 2


def _bent(x: Floats, y: Floats, rng: np.random.Generator) -> Floats:
    """Return corners (C+1, R+1, 2): a grid turned, bent by two long waves, no corner quite in line."""
    xx, yy = np.meshgrid(x, y, indexing="ij")
    reach = max(np.ptp(x), np.ptp(y), 800.0)
    phase, lift = rng.uniform(0, 2 * np.pi, 4), reach * rng.uniform(0.012, 0.028, 2)
    px = xx + lift[0] * np.sin(2 * np.pi * yy / reach + phase[0]) + 0.4 * lift[0] * np.sin(5.1 * yy / reach + phase[2])
    py = yy + lift[1] * np.sin(2 * np.pi * xx / reach + phase[1]) + 0.4 * lift[1] * np.sin(4.3 * xx / reach + phase[3])
    turn = rng.uniform(-0.16, 0.16)
    return np.stack([px * np.cos(turn) - py * np.sin(turn), px * np.sin(turn) + py * np.cos(turn)], axis=-1)


def _nearest_blocks(
    middle: Floats, columns: Sequence[str], rows_: Sequence[str], wanted: int, rng: np.random.Generator
) -> Ints:
    """Return the blocks (col, row) of a settlement: grown from the middle side by side, its outline like a leaf's."""
    angle = np.arctan2(middle[..., 1], middle[..., 0])
    phase = rng.uniform(0, 2 * np.pi, 3)
    reach = 1 + 0.16 * np.sin(2 * angle + phase[0]) + 0.10 * np.sin(3 * angle + phase[1])
    far = np.hypot(middle[..., 0], middle[..., 1]) / (reach + 0.05 * np.sin(5 * angle + phase[2]))
    across, up = (np.flatnonzero(np.array(kinds) == BLOCK) for kinds in (columns, rows_))
    cost = far[np.ix_(across, up)]
    a, b = divmod(int(np.argmin(cost)), cost.shape[1])
    queue, seen = [(float(cost[a, b]), a, b)], {(a, b)}
    found: list[tuple[int, int]] = []
    while queue and len(found) < wanted:
        _, a, b = heappop(queue)
        found.append((int(across[a]), int(up[b])))
        for spot in ((a - 1, b), (a + 1, b), (a, b - 1), (a, b + 1)):
            if 0 <= spot[0] < len(across) and 0 <= spot[1] < len(up) and spot not in seen:
                seen.add(spot)
                heappush(queue, (float(cost[spot]), *spot))
    return np.array(sorted(found))


def _free(columns: Sequence[str], rows_: Sequence[str]) -> NDArray[np.bool_]:
    """Return which cells are blocks and no strips."""
    return np.asarray(np.logical_and.outer(np.array(columns) == BLOCK, np.array(rows_) == BLOCK))


def _deal(blocks: Ints, middle: Floats, communities: list[int], quota: list[int], owner: Ints) -> None:
    """Give blocks to communities: cut the longer side in the ratio of quotas, again and again."""
    if len(communities) == 1:
        owner[blocks[:, 0], blocks[:, 1]] = communities[0]
        return
    total = np.cumsum(quota)
    half = int(np.argmin(np.abs(total[:-1] - total[-1] / 2))) + 1
    along = 0 if np.ptp(middle[:, 0]) >= np.ptp(middle[:, 1]) else 1
    order = np.lexsort((blocks[:, 1 - along], blocks[:, along]))
    left, right = order[: total[half - 1]], order[total[half - 1] :]
    _deal(blocks[left], middle[left], communities[:half], quota[:half], owner)
    _deal(blocks[right], middle[right], communities[half:], quota[half:], owner)


def _pairs(blocks: Ints, middle: Floats, owner: Ints, rng: np.random.Generator) -> tuple[tuple[int, int, int], ...]:
    """Return pairs of neighbouring blocks of one community that have no street between them, rather far out."""
    is_block = np.zeros(owner.shape, bool)
    is_block[blocks[:, 0], blocks[:, 1]] = True
    far = np.hypot(middle[..., 0], middle[..., 1])
    far = far / max(float(far[is_block].max()), 700.0)
    used, found = np.zeros(owner.shape, bool), []
    for i, j in blocks[rng.permutation(len(blocks))].tolist():
        axis = int(rng.random() < 0.35)
        a, b = i + (axis == 0), j + (axis == 1)
        inside = a < len(owner) and b < owner.shape[1]
        wanted = rng.random() < number("pair_share") * (0.4 + far[i, j]) and inside and is_block[a, b]
        if wanted and owner[a, b] == owner[i, j] and not used[i, j] and not used[a, b]:
            used[i, j] = used[a, b] = True
            found.append((i, j, axis))
    return tuple(sorted(found))


def _own_strips(owner: Ints, columns: Sequence[str], rows_: Sequence[str]) -> None:
    """Give each cell of a strip between two blocks of the settlement to the community before it."""
    for i in np.flatnonzero(np.array(columns) != BLOCK):
        if 0 < i < len(columns) - 1:
            both = (owner[i - 1] != NOBODY) & (owner[i + 1] != NOBODY)
            owner[i, both] = owner[i - 1, both]
    for j in np.flatnonzero(np.array(rows_) != BLOCK):
        if 0 < j < len(rows_) - 1:
            both = (owner[:, j - 1] != NOBODY) & (owner[:, j + 1] != NOBODY)
            owner[both, j] = owner[both, j - 1]
