"""Maps sketched by coordinates: named places, ways over them with their tags, walls, doors, squares, buildings.

A place is its metres east and north times ``scale``; with the scale `MINUTE` one step takes an adult one minute.
The map lies on the equator, where a metre is a metre in every direction. Two names at one place are two vertices.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd
import shapely

from yike.access.walk import Supply, prepare, walk_times
from yike.errors import Loaded
from yike.network.attach import at_nodes, attach
from yike.network.build import build_network
from yike.network.graph import Attachment, Network, Walking
from yike.network.ground import metres_per_degree
from yike.network.walking import load_walkers, walking
from yike.tables import Buildings, Doors, Walls, Ways

MINUTE = 67.0  #: metres an adult walks in one minute
EAST, NORTH = (float(x[0]) for x in metres_per_degree(np.zeros(1)))


class Sketch:
    """A map under the pencil; ``network`` and what follows from it are made when first asked for."""

    def __init__(self, scale: float = 1.0, **places: tuple[float, float]) -> None:
        self.lonlat = {name: (x * scale / EAST, y * scale / NORTH) for name, (x, y) in places.items()}
        self.vertex = {name: k for k, name in enumerate(places)}
        self._scale = scale
        self._ways: list[tuple[list[int], dict[str, str]]] = []
        self._tags: dict[str, dict[str, str]] = {}
        self._walls: list[tuple[shapely.Geometry, bool]] = []
        self._doors: list[tuple[str, str, str]] = []
        self._squares: list[tuple[int, shapely.Geometry]] = []
        self._buildings: list[shapely.Geometry] = []

    def way(self, over: str, **tags: str) -> Sketch:
        """Add a way over places ("A B C"); ``oneway__foot`` stands for the key ``oneway:foot``."""
        keys = {key.replace("__", ":"): value for key, value in tags.items()}
        self._ways.append(([self.vertex[name] for name in over.split()], keys))
        return self

    def square(self, over: str, **tags: str) -> Sketch:
        """Add a way that is the edge of an area walked across."""
        self._squares.append((len(self._ways), shapely.Polygon(self._line(over))))
        return self.way(over, **tags)

    def tag(self, place: str, **tags: str) -> Sketch:
        self._tags[place] = {key.replace("__", ":"): value for key, value in tags.items()}
        return self

    def wall(self, over: str, compound: bool = False) -> Sketch:
        self._walls.append((shapely.LineString(self._line(over)), compound))
        return self

    def door(self, place: str, kind: str, access: str = "") -> Sketch:
        self._doors.append((place, kind, access))
        return self

    def building(self, over: str) -> Sketch:
        self._buildings.append(shapely.Polygon(self._line(over)))
        return self

    def _line(self, over: str) -> list[tuple[float, float]]:
        return [self.lonlat[name] for name in over.split()]

    @property
    def ways(self) -> Ways:
        refs = [vertices for vertices, _ in self._ways]
        return Ways(
            way_id=np.arange(len(refs), dtype=np.int64) + 100,
            start=np.cumsum([0, *map(len, refs)]),
            refs=np.concatenate(refs).astype(np.int32),
            lon=np.array([lon for lon, _ in self.lonlat.values()]),
            lat=np.array([lat for _, lat in self.lonlat.values()]),
            node_id=np.arange(len(self.lonlat), dtype=np.int64),
            tags=_columns([tags for _, tags in self._ways]),
            node_tags=_columns([self._tags.get(name, {}) for name in self.lonlat]),
        )

    @property
    def walls(self) -> Walls:
        rows = [{"kind": "wall", "closed": line.is_closed, "compound": c, "geometry": line} for line, c in self._walls]
        return Walls(pd.DataFrame(rows))

    @property
    def doors(self) -> Doors:
        on_a_way = {vertex for vertices, _ in self._ways for vertex in vertices}
        rows = [
            {
                "id": place,
                "lon": self.lonlat[place][0],
                "lat": self.lonlat[place][1],
                "kind": kind,
                "access": access,
                "vertex": self.vertex[place] if self.vertex[place] in on_a_way else -1,
            }
            for place, kind, access in self._doors
        ]
        return Doors(pd.DataFrame(rows))

    @property
    def buildings(self) -> Buildings:
        return Buildings(pd.DataFrame({"geometry": self._buildings}))

    @cached_property
    def built(self) -> Loaded[Network]:
        squares = pd.DataFrame(self._squares, columns=["way", "geometry"])
        return build_network(self.ways, walls=self.walls, doors=self.doors, squares=squares)

    @property
    def network(self) -> Network:
        return self.built.value

    def walking(self, walker: str = "adult") -> Walking:
        return walking(self.network, load_walkers()[walker])

    def at(self, *places: str) -> Attachment:
        """Return points that stand exactly on places where one node of the network lies."""
        ends = np.unique(np.concatenate([self.network.u, self.network.v]))
        nodes = []
        for name in places:
            lon, lat = self.lonlat[name]
            here = ends[(self.network.lon[ends] == lon) & (self.network.lat[ends] == lat)]
            assert len(here) == 1, f"{name}: {len(here)} nodes"
            nodes.append(int(here[0]))
        return at_nodes(self.network, nodes)

    def seconds(self, start: str, goal: str, walker: str = "adult", limit_s: float = 1800.0) -> float:
        """Return the walk from one place to another, `inf` where there is none."""
        return self.walk(self.at(start), self.at(goal), walker, limit_s)

    def walk(self, start: Attachment, goal: Attachment, walker: str = "adult", limit_s: float = 1800.0) -> float:
        """Return the walk from one attached point to another."""
        supply = Supply.of(goal, [["goal"]], ["goal"])
        return float(walk_times(prepare(self.network, self.walking(walker), limit_s), start, supply).seconds[0, 0])

    def stand(self, *spots: tuple[float, float], walker: str = "adult", limit_m: float = 150.0) -> Attachment:
        """Return points anywhere on the ground, attached past the walls, doors and buildings of the sketch."""
        xy = np.array(spots, float).reshape(-1, 2) * self._scale
        return attach(
            self.network,
            self.walking(walker),
            xy[:, 0] / EAST,
            xy[:, 1] / NORTH,
            walls=self.walls,
            doors=self.doors,
            buildings=self.buildings,
            limit_m=limit_m,
        )

    def place(self, spot: Attachment, row: int = 0) -> tuple[float, float]:
        """Return where a point stands on its link, in steps of the sketch."""
        net, link, at = self.network, spot.link[row], spot.at[row]
        lon = net.lon[net.u[link]] * (1 - at) + net.lon[net.v[link]] * at
        lat = net.lat[net.u[link]] * (1 - at) + net.lat[net.v[link]] * at
        return lon * EAST / self._scale, lat * NORTH / self._scale


def _columns(rows: list[dict[str, str]]) -> dict[str, pd.Categorical]:
    keys = {key for row in rows for key in row}
    return {key: pd.Categorical([row.get(key, "") for row in rows]) for key in sorted(keys)}
