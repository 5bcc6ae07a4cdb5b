"""Ground that is not street: rivers and railways beyond the grid, woods on the hills."""

from __future__ import annotations

import numpy as np
import shapely

from yike.demo.facts import Floats
from yike.demo.grid import NOBODY, Grid
from yike.demo.sheet import Sheet
from yike.demo.sites import Sites

TAIL_M = 400.0  #: one step of a river or railway outside the grid
WOODS = 0.14  #: woods per square kilometre


def draw_strips(sheet: Sheet, grid: Grid, name: str, rng: np.random.Generator) -> None:
    """Draw the river and the railway of a settlement, through the grid and some way out of it."""
    for kinds, corner, owner in ((grid.columns, grid.corner, grid.owner),
                                 (grid.rows, grid.corner.transpose(1, 0, 2), grid.owner.T)):  # fmt: skip
        for i in np.flatnonzero(np.isin(kinds, ("river", "rail"))).tolist():
            near = np.flatnonzero((owner[max(i - 1, 0) : i + 2] != NOBODY).any(axis=0))
            if len(near):
                left, right = corner[i, near[0] : near[-1] + 2], corner[i + 1, near[0] : near[-1] + 2]
                _river(sheet, left, right, name, rng) if kinds[i] == "river" else _railway(sheet, left, right, rng)


def _tail(at: Floats, way: Floats, steps: int, rng: np.random.Generator) -> Floats:
    """Return points that go on from one in a direction, winding."""
    turn = np.cumsum(rng.normal(0, 0.12, steps)) + np.arctan2(way[1], way[0])
    return at + TAIL_M * np.cumsum(np.stack([np.cos(turn), np.sin(turn)], axis=1), axis=0)


def _drawn_out(line: Floats, steps: int, rng: np.random.Generator) -> Floats:
    before = _tail(line[0], line[0] - line[1], steps, rng)[::-1]
    return np.concatenate([before, line, _tail(line[-1], line[-1] - line[-2], steps, rng)])


def _river(sheet: Sheet, left: Floats, right: Floats, name: str, rng: np.random.Generator) -> None:
    """Draw a river's water (between its embankments, a little from the walks) and its line."""
    middle = (left + right) / 2
    line = _drawn_out(middle, 9, rng)
    half = float(np.hypot(*(right - left).T).mean()) / 2 - 7
    water = shapely.buffer(shapely.LineString(line), half, join_style="mitre")
    ring = shapely.get_coordinates(shapely.get_exterior_ring(water))[:-1]
    called = f"{name}河"
    sheet.rings(ring[None], {"natural": "water", "water": "river", "name": called})
    sheet.way(sheet.nodes(line), {"waterway": "river", "name": called})


def _railway(sheet: Sheet, left: Floats, right: Floats, rng: np.random.Generator) -> None:
    """Draw a railway and the fences beside it."""
    line = _drawn_out((left + right) / 2, 14, rng)
    sheet.way(sheet.nodes(line), {"railway": "rail", "name": "演示铁路"})


def draw_woods(sheet: Sheet, sites: Sites, rng: np.random.Generator) -> None:
    """Draw woods between villages and settlements."""
    from scipy.spatial import KDTree

    west, south, east, north = sites.outline.bounds
    n = max(6, int(sites.outline.area / 1e6 * WOODS))
    at = rng.uniform((west, south), (east, north), (n, 2))
    size = rng.uniform(180, 900, n)
    keep = shapely.contains_xy(shapely.buffer(sites.outline, -900), at)
    village = sites.village[~np.isnan(sites.village[:, 0])]
    for points, reach in [(village, 420.0), *((grid.centre[None], grid.radius_m) for grid in sites.grids)]:
        if len(points):
            keep &= KDTree(points).query(at)[0] > reach + size
    t = np.arange(14) * 2 * np.pi / 14
    shape = (
        1
        + 0.22 * np.sin(2 * t + rng.uniform(0, 6.3, n)[:, None])
        + 0.16 * np.sin(5 * t + rng.uniform(0, 6.3, n)[:, None])
    )
    ring = at[:, None] + (size[:, None] * shape)[..., None] * np.stack([np.cos(t), np.sin(t)], axis=1)
    sheet.rings(ring[keep], {"natural": "wood"})
