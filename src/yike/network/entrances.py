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


@dataclass(frozen=True)
class Entrances:
    """Mapped entrances (metres) and the outlines of the buildings they lead into; D entrances, none where none is mapped."""

    xy: Floats  #: (D, 2)
    buildings: shapely.STRtree
    door: Index  #: pairs of an entrance …
    of_door: Index  #: … and the building it is on, sorted by building

    @classmethod
    def of(cls, buildings: Buildings | None, doors: Doors | None, plane: Plane, door_m: float) -> Entrances:
        """Return the entrances of one map."""
        none = cls(np.empty((0, 2)), shapely.STRtree([]), np.zeros(0, np.intp), np.zeros(0, np.intp))
        if buildings is None or doors is None or len(buildings) == 0:
            return none
        frame = doors.frame
        entrance = frame[(frame["kind"] == "entrance") & ~frame["access"].isin(SHUT)]
        if len(entrance) == 0:
            return none
        xy = plane.xy(entrance["lon"].to_numpy(float), entrance["lat"].to_numpy(float))
        shape = shapely.transform(buildings.frame["geometry"].to_numpy(), lambda c: plane.xy(c[:, 0], c[:, 1]))
        tree = shapely.STRtree(shape)
        door, of_door = tree.query(shapely.points(xy), predicate="dwithin", distance=door_m)
        order = np.argsort(of_door, kind="stable")
        return cls(xy, tree, door[order], of_door[order])

    def starts(self, xy: Floats) -> Starts:
        """Return where the walk from each point may begin."""
        n = len(xy)
        point, door = self._leading_to(xy)
        if len(point) == 0:
            return Starts(xy, np.arange(n), np.arange(n), np.zeros(n))
        outdoors = np.setdiff1d(np.arange(n), point)
        return Starts(
            xy=np.concatenate([xy, self.xy]),
            point=np.concatenate([outdoors, point]),
            start=np.concatenate([outdoors, door + n]),
            inside_m=np.concatenate([np.zeros(len(outdoors)), np.hypot(*(xy[point] - self.xy[door]).T)]),
        )

    def _leading_to(self, xy: Floats) -> tuple[Index, Index]:
        """Return pairs of a point and an entrance of the building it lies in."""
        if len(self.xy) == 0:
            return np.zeros(0, np.intp), np.zeros(0, np.intp)
        point, of_point = self.buildings.query(shapely.points(xy), predicate="intersects")
        first = np.searchsorted(self.of_door, of_point, "left")
        count = np.searchsorted(self.of_door, of_point, "right") - first
        within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        return np.repeat(point, count), self.door[np.repeat(first, count) + within]
