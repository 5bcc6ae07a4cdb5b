"""Walls between a door and the street, and the doors through them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from yike.network.ground import Plane
from yike.network.nearest import Candidates, Streets
from yike.tables import Doors, Walls

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Index = NDArray[np.intp]

TOUCH_M = 0.1  #: a straight line may begin or end on a wall: both ends are trimmed by this much (drawing accuracy)
ROUNDS = (8, 40, 1 << 30)  #: how many of the nearest places are tried before the farther ones are looked at
SHUT = ("no",)


@dataclass(frozen=True)
class Obstacles:
    """Walls as lines in metres, with the mapped doors near them."""

    walls: shapely.STRtree
    doors: shapely.STRtree
    door_xy: Floats  #: (D, 2) the doors that lead through
    gate_xy: Floats  #: (G, 2) doors that stand on the network
    gate_place: Candidates  #: where: one row a gate
    door_m: float

    @classmethod
    def of(cls, walls: Walls | None, doors: Doors | None, plane: Plane, streets: Streets, door_m: float) -> Obstacles:
        """Return the obstacles of one map; none where no walls are given."""
        lines = np.empty(0, object)
        xy = np.empty((0, 2))
        if walls is not None and len(walls):
            shapes = walls.frame["geometry"].to_numpy()
            areas = shapely.get_dimensions(shapes) == 2
            shapes = np.where(areas, shapely.boundary(shapes), shapes)
            lines = shapely.get_parts(shapely.transform(shapes, lambda c: plane.xy(c[:, 0], c[:, 1])))
            if doors is not None and len(doors):
                frame = doors.frame[~doors.frame["access"].isin(SHUT)]
                xy = plane.xy(frame["lon"].to_numpy(float), frame["lat"].to_numpy(float))
        trees = shapely.STRtree(lines), shapely.STRtree(shapely.points(xy))
        place = streets.nearest(xy, door_m)
        return cls(*trees, xy, xy[place.point], place, door_m)

    def on(self, streets: Streets) -> Obstacles:
        """Return the same walls and doors with the gates found on other streets of the same map."""
        place = streets.nearest(self.door_xy, self.door_m)
        return Obstacles(self.walls, self.doors, self.door_xy, self.door_xy[place.point], place, self.door_m)

    def block(self, a: Floats, b: Floats) -> Bools:
        """Return which straight lines a -> b cross a wall away from every door."""
        blocked = np.zeros(len(a), np.bool_)
        if len(self.walls) == 0 or len(a) == 0:
            return blocked
        span = b - a
        length = np.hypot(*span.T)
        trim = (span.T * np.minimum(TOUCH_M / np.maximum(length, 1e-9), 0.5)).T
        lines = shapely.linestrings(np.stack([a + trim, b - trim], axis=1))
        line, wall = self.walls.query(lines, predicate="intersects")
        if len(line) and len(self.doors):
            where = shapely.intersection(lines[line], self.walls.geometries[wall])
            at_door, _ = self.doors.query(where, predicate="dwithin", distance=self.door_m)
            through = np.zeros(len(line), np.bool_)
            through[at_door] = True
            line = line[~through]
        blocked[line] = True
        return blocked

    def next_best(self, xy: Floats, points: Index, streets: Streets, limit_m: float) -> Candidates:
        """Return the nearest unblocked place for those of ``points`` that have one."""
        streets_near = streets.within(xy[points], limit_m)
        gates_near = self._gates(xy[points], limit_m)
        pairs = [
            np.concatenate(pair) for pair in zip(*(vars(c).values() for c in (streets_near, gates_near)), strict=True)
        ]
        every = Candidates(*pairs)
        order = np.lexsort((every.link, every.metres, every.point))
        every = every.take(order)
        start = np.searchsorted(every.point, every.point, "left")
        rank = np.arange(len(start)) - start
        solved = np.full(len(points), -1, np.intp)
        tried = 0
        for upto in ROUNDS:
            rows = np.flatnonzero((rank >= tried) & (rank < upto) & (solved[every.point] < 0))
            free = rows[~self.block(xy[points[every.point[rows]]], every.xy[rows])]
            solved[every.point[free[::-1]]] = free[::-1]  # the nearest is written last
            tried = upto
        best = every.take(solved[solved >= 0])
        return Candidates(points[best.point], best.link, best.at, best.xy, best.metres)

    def _gates(self, xy: Floats, limit_m: float) -> Candidates:
        """Return gates on the network within the limit of each point; the straight line ends at the gate."""
        gates = shapely.STRtree(shapely.points(self.gate_xy))
        point, gate = gates.query(shapely.points(xy), predicate="dwithin", distance=limit_m)
        metres = np.hypot(*(self.gate_xy[gate] - xy[point]).T)
        place = self.gate_place.take(gate)
        return Candidates(point, place.link, place.at, self.gate_xy[gate], metres)
