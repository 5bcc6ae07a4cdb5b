"""Which part of which form lies in which tile of a zoom: forms in, `Pieces` in whole tile units out.

Forms are shapely geometries on the world square: Web Mercator from 0 to 1, x east, y south. A form in one tile only
is taken as it is; one that crosses an edge is clipped to each tile with a margin, so that strokes and joins look
whole. Corners are rounded to tile units; what has no length or area left is dropped.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from yike.web.map.mvt import EXTENT, LINE, POLYGON, Ints, Pieces, points

MARGIN = 64  #: units beyond the tile's edge that lines and areas reach over: 8 pixels of 512
Forms = NDArray[np.object_]
Floats = NDArray[np.float64]
HIGHEST_LAT = 85.0511287798066  #: where Web Mercator's square ends


def to_world(lonlat: Floats) -> Floats:
    """Return WGS 84 degrees as places on the world square.

    Examples
    --------
    >>> to_world(np.array([[0.0, 0.0], [-180.0, HIGHEST_LAT]])).round(9).tolist()
    [[0.5, 0.5], [0.0, -0.0]]
    """
    lat = np.radians(np.clip(lonlat[:, 1], -HIGHEST_LAT, HIGHEST_LAT))
    return np.column_stack([lonlat[:, 0] / 360 + 0.5, 0.5 - np.arcsinh(np.tan(lat)) / (2 * np.pi)])


def tile_number(x: Ints, y: Ints, zoom: int) -> Ints:
    """Return one number per tile: by row, then by column."""
    return y.astype(np.int64) << zoom | x.astype(np.int64)


def cut(forms: Forms, kind: int, zoom: int, tolerance: float = 0.0, smallest: float = 0.0) -> Pieces:
    """Cut forms into the tiles of a zoom.

    Parameters
    ----------
    tolerance
        Lines and outlines are simplified by so many tile units.
    smallest
        Areas of fewer square units, and lines of fewer units than its root, are dropped.
    """
    scale = float(EXTENT << zoom)
    scaled = shapely.transform(forms, lambda xy: xy * scale)
    row = np.arange(len(forms))
    if kind not in (LINE, POLYGON):
        return _points(scaled, zoom)
    if smallest:
        large = shapely.area(scaled) >= smallest if kind == POLYGON else shapely.length(scaled) >= smallest**0.5
        scaled, row = scaled[large], row[large]
    if tolerance:
        scaled = shapely.simplify(scaled, tolerance, preserve_topology=False)
    parts, form, tile = _clipped(scaled, row, zoom)
    parts, owner = shapely.get_parts(parts, return_index=True)
    right = shapely.get_type_id(parts) == (3 if kind == POLYGON else 1)
    parts, owner = parts[right & ~shapely.is_empty(parts)], owner[right & ~shapely.is_empty(parts)]
    return _pieces(parts, owner, form, tile, kind, zoom)


def _points(scaled: Forms, zoom: int) -> Pieces:
    xy = np.floor(shapely.get_coordinates(scaled)).astype(np.int64)
    tile = tile_number(xy[:, 0] // EXTENT, xy[:, 1] // EXTENT, zoom)
    return points(xy % EXTENT, tile)


def _clipped(scaled: Forms, row: Ints, zoom: int) -> tuple[Forms, Ints, Ints]:
    """Return the parts of forms by tile, in the order of tiles: part, row of its form, tile."""
    low, high = shapely.bounds(scaled)[:, :2], shapely.bounds(scaled)[:, 2:]
    seen = np.isfinite(low).all(axis=1)
    scaled, row, low, high = scaled[seen], row[seen], low[seen], high[seen]
    last = (1 << zoom) - 1
    first = np.clip((low - MARGIN) // EXTENT, 0, last).astype(np.int64)
    final = np.clip((high + MARGIN) // EXTENT, 0, last).astype(np.int64)
    span = final - first + 1
    many = span.prod(axis=1)
    which = np.repeat(np.arange(len(scaled)), many)
    nth = np.arange(len(which)) - np.repeat(np.cumsum(many) - many, many)
    x, y = first[which, 0] + nth % span[which, 0], first[which, 1] + nth // span[which, 0]
    tile = tile_number(x, y, zoom)
    order = np.lexsort((which, tile))
    which, tile, x, y = which[order], tile[order], x[order], y[order]
    parts = scaled[which]
    crossing = np.flatnonzero(many[which] > 1)
    edges = np.flatnonzero(np.r_[True, np.diff(tile[crossing]) != 0, True]) if len(crossing) else np.zeros(1, int)
    for a, b in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        here = crossing[a:b]
        left, top = int(x[here[0]]) * EXTENT, int(y[here[0]]) * EXTENT
        parts[here] = _in_box(parts[here], left - MARGIN, top - MARGIN, left + EXTENT + MARGIN, top + EXTENT + MARGIN)
    return parts, row[which], tile


def _in_box(forms: Forms, left: int, top: int, right: int, bottom: int) -> Forms:
    """Clip forms to a box; those that the quick clipper refuses are made valid first."""
    try:
        return np.asarray(shapely.clip_by_rect(forms, left, top, right, bottom))
    except shapely.GEOSException:
        return np.asarray(shapely.intersection(shapely.make_valid(forms), shapely.box(left, top, right, bottom)))


def _pieces(parts: Forms, owner: Ints, form: Ints, tile: Ints, kind: int, zoom: int) -> Pieces:
    """Round parts to tile units, drop what is nothing, and put them together as features."""
    if kind == POLYGON:
        parts = shapely.orient_polygons(
            parts
        )  # exterior ring first and counted positive, as the format wants with y down
        rings, ring_of = shapely.get_rings(parts, return_index=True)
        xy, path = shapely.get_coordinates(rings, return_index=True)
        part_of = ring_of
    else:
        xy, path = shapely.get_coordinates(parts, return_index=True)
        part_of = np.arange(len(parts))
    paths = len(part_of)
    feature = owner[part_of]  # (P,) row in form and tile
    where = tile[feature[path]]
    corner = np.column_stack([where & ((1 << zoom) - 1), where >> zoom]) * EXTENT
    units = np.rint(xy).astype(np.int64) - corner
    keep = np.r_[True, (np.diff(path) != 0) | (np.diff(units, axis=0) != 0).any(axis=1)][: len(path)]
    if kind == POLYGON:
        keep = _without_last(units, path, keep)
    units, path = units[keep], path[keep]
    good = np.bincount(path, minlength=paths) >= (3 if kind == POLYGON else 2)
    if kind == POLYGON:
        good &= _real_rings(units, path, paths, part_of)
    on = good[path]
    units, path = units[on], path[on]
    numbers = np.flatnonzero(good)
    path_at = np.searchsorted(path, np.append(numbers, paths))
    path_at[-1] = len(path)
    features, first = np.unique(feature[numbers], return_index=True)
    feature_at = np.append(first, len(numbers))
    return Pieces(kind, units, path_at, feature_at, tile[features], form[features])


def _without_last(units: Ints, path: Ints, keep: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark the corner that closes a ring as not kept: it repeats the first one."""
    keep = keep.copy()
    kept = np.flatnonzero(keep)
    if len(kept):
        ends = kept[np.r_[np.diff(path[kept]) != 0, True]]
        starts = kept[np.r_[True, np.diff(path[kept]) != 0]]
        keep[ends[(units[ends] == units[starts]).all(axis=1) & (ends != starts)]] = False
    return keep


def _real_rings(units: Ints, path: Ints, paths: int, part_of: Ints) -> NDArray[np.bool_]:
    """Return which rings still turn as they should: outer ones positive, inner ones negative inside a kept outer one."""
    following = np.arange(1, len(units) + 1)
    last = np.flatnonzero(np.r_[np.diff(path) != 0, True]) if len(path) else np.zeros(0, int)
    following[last] = np.r_[0, last[:-1] + 1] if len(last) else last
    turn = units[:, 0] * units[following, 1] - units[following, 0] * units[:, 1]
    area = np.bincount(path, weights=turn, minlength=paths)
    outer = np.r_[True, np.diff(part_of) != 0][:paths]
    kept_outer = np.zeros(int(part_of.max(initial=-1)) + 1, bool)
    kept_outer[part_of[outer & (area > 0)]] = True
    return np.asarray(np.where(outer, area > 0, (area < 0) & kept_outer[part_of]))
