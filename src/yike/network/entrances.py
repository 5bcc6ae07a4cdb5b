"""Where the walk from a home begins: at an entrance of its building where one is mapped, else at the point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from yike.network.ground import Plane
from yike.tables import Buildings, Doors

Floats = NDArray[np.float64]
Index = NDArray[np.intp]

SHUT = ("no", "emergency")  #: entrances nobody uses every day


@dataclass(frozen=True)
class Starts:
    """S places where walks may begin, and pairs (point, start) with the straight metres between them indoors."""

    xy: Floats  #: (S, 2) metres
    point: Index  #: (pairs,)
    start: Index  #: (pairs,)
    inside_m: Floats  #: (pairs,)

    def of(self, points: Index) -> Floats:
        """Return one start of each of some points, metres."""
        first = np.zeros(int(self.point.max(initial=-1)) + 1, np.intp)
        first[self.point[::-1]] = self.start[::-1]
        return self.xy[first[points]]


def find_starts(xy: Floats, buildings: Buildings | None, doors: Doors | None, plane: Plane, door_m: float) -> Starts:
    """Return where the walk from each point may begin."""
    n = len(xy)
    own = Starts(xy, np.arange(n), np.arange(n), np.zeros(n))
    if buildings is None or doors is None or len(buildings) == 0:
        return own
    frame = doors.frame
    entrance = frame[(frame["kind"] == "entrance") & ~frame["access"].isin(SHUT)]
    if len(entrance) == 0:
        return own
    door_xy = plane.xy(entrance["lon"].to_numpy(float), entrance["lat"].to_numpy(float))
    point, door = _entrances_of(xy, door_xy, buildings, plane, door_m)
    if len(point) == 0:
        return own
    outdoors = np.setdiff1d(np.arange(n), point)
    return Starts(
        xy=np.concatenate([xy, door_xy]),
        point=np.concatenate([outdoors, point]),
        start=np.concatenate([outdoors, door + n]),
        inside_m=np.concatenate([np.zeros(len(outdoors)), np.hypot(*(xy[point] - door_xy[door]).T)]),
    )


def _entrances_of(
    xy: Floats, door_xy: Floats, buildings: Buildings, plane: Plane, door_m: float
) -> tuple[Index, Index]:
    """Return pairs of a point and an entrance of the building it lies in."""
    shape = shapely.transform(buildings.frame["geometry"].to_numpy(), lambda c: plane.xy(c[:, 0], c[:, 1]))
    tree = shapely.STRtree(shape)
    door, of_door = tree.query(shapely.points(door_xy), predicate="dwithin", distance=door_m)
    point, of_point = tree.query(shapely.points(xy), predicate="intersects")
    order = np.argsort(of_door, kind="stable")
    door, of_door = door[order], of_door[order]
    first = np.searchsorted(of_door, of_point, "left")
    count = np.searchsorted(of_door, of_point, "right") - first
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(point, count), door[np.repeat(first, count) + within]
