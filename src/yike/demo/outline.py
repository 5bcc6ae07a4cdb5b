"""The outlines of the tree: blocks and strips of settlements, and around them the land nearest to each village.

All lines are cut at each other first and the pieces dealt out whole, so areas of a level meet without gap or overlap.
"""

from __future__ import annotations

import numpy as np
import shapely

from yike.demo.grid import NOBODY
from yike.demo.plan import Plan
from yike.demo.sites import Sites


def community_outlines(plan: Plan, sites: Sites) -> np.ndarray:
    """Return the outline of every community of the plan, in metres."""
    cells, owners = _cells(sites)
    towns = shapely.union_all(cells)
    villages = np.flatnonzero(~np.isnan(sites.village[:, 0]))
    lines = [shapely.boundary(sites.outline), *_edges(cells, owners)]
    lines.append(_between(sites, villages))  # uncut: an end that only nearly touches a boundary would part nothing
    whole = shapely.union_all(np.array([line for line in lines if not line.is_empty], dtype=object))
    faces = np.array(shapely.polygonize([whole]).geoms, dtype=object)
    inside = shapely.point_on_surface(faces)
    owner = _owner_of(inside, cells, owners, sites, villages)
    kept = shapely.covers(sites.outline, inside) | shapely.covers(towns, inside)
    return np.array(
        [shapely.coverage_union_all(faces[kept & (owner == row)]) for row in range(len(plan.communities))], dtype=object
    )


def _cells(sites: Sites) -> tuple[np.ndarray, np.ndarray]:
    """Return the cells of all settlements and the rows of their communities."""
    cells, owners = [], []
    for grid in sites.grids:
        i, j = np.nonzero(grid.owner != NOBODY)
        corner = grid.corner
        ring = np.stack([corner[i, j], corner[i + 1, j], corner[i + 1, j + 1], corner[i, j + 1]], axis=1)
        cells.append(shapely.polygons(ring))
        owners.append(grid.owner[i, j])
    return np.concatenate(cells), np.concatenate(owners)


def _edges(cells: np.ndarray, owners: np.ndarray) -> list[shapely.Geometry]:
    """Return the boundaries of the settlements' communities."""
    order = np.argsort(owners, kind="stable")
    parts = np.split(cells[order], np.flatnonzero(np.diff(owners[order])) + 1)
    return [shapely.boundary(shapely.coverage_union_all(part)) for part in parts]


def _between(sites: Sites, villages: np.ndarray) -> shapely.Geometry:
    """Return the lines half way between villages, beyond the outline; none where there is one village or no other."""
    if len(villages) < 2:
        return shapely.MultiLineString()
    points = shapely.multipoints(sites.village[villages])
    return shapely.voronoi_polygons(points, extend_to=shapely.buffer(sites.outline, 5000), only_edges=True)


def _owner_of(
    inside: np.ndarray, cells: np.ndarray, owners: np.ndarray, sites: Sites, villages: np.ndarray
) -> np.ndarray:
    """Return the community of each piece: that of the cell it lies in, else the nearest village or block."""
    from scipy.spatial import KDTree

    xy = shapely.get_coordinates(inside)
    anchor = sites.village[villages] if len(villages) else shapely.get_coordinates(shapely.centroid(cells))
    rows = villages if len(villages) else owners
    found = rows[KDTree(anchor).query(xy)[1]]
    point, cell = shapely.STRtree(cells).query(inside, predicate="within")
    found[point] = owners[cell]
    return found
