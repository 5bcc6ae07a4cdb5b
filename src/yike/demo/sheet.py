"""The sheet that a town is drawn on: nodes and ways with tags, gathered as arrays and written as one map file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yike.demo.facts import Floats, Plane

Ints = NDArray[np.int64]
Tags = Mapping[str, str]
WRITER = "yike demo 演示数据 demonstration data"  #: who made the file, in its header
NOTE = {"note": "演示数据"}  #: on the first way, for programs that drop headers


class Sheet:
    """Nodes in metres and ways over them; ids count from 1 in the order of drawing."""

    def __init__(self) -> None:
        self.n_nodes = 0
        self.tags: dict[int, dict[str, str]] = {}
        self._xy: list[Floats] = []
        self._ways: list[tuple[Ints, Tags | Sequence[Tags]]] = []

    def nodes(self, xy: Floats) -> Ints:
        """Add nodes and return their ids in the shape of ``xy`` without its last axis."""
        flat = np.asarray(xy, float).reshape(-1, 2)
        ids = np.arange(self.n_nodes + 1, self.n_nodes + 1 + len(flat))
        self.n_nodes += len(flat)
        self._xy.append(flat)
        return ids.reshape(np.asarray(xy).shape[:-1])

    def tag(self, nodes: Ints, **tags: str) -> None:
        """Put tags on nodes."""
        for node in np.asarray(nodes).ravel().tolist():
            self.tags.setdefault(node, {}).update(tags)

    def ways(self, refs: Ints, tags: Tags | Sequence[Tags]) -> None:
        """Add ways, one a row of ``refs`` (n, k), with the same tags or each its own."""
        if len(refs):
            self._ways.append((np.asarray(refs, np.int64).reshape(len(refs), -1), tags))

    def way(self, refs: Sequence[int] | Ints, tags: Tags) -> None:
        """Add one way."""
        self.ways(np.asarray(refs, np.int64).reshape(1, -1), tags)

    def rings(self, xy: Floats, tags: Tags | Sequence[Tags]) -> None:
        """Add closed ways around areas (n, k, 2), the first corner not repeated."""
        if len(xy):
            ids = self.nodes(xy)
            self.ways(np.concatenate([ids, ids[:, :1]], axis=1), tags)

    @property
    def xy(self) -> Floats:
        """All nodes in metres."""
        return np.concatenate(self._xy)

    @property
    def n_ways(self) -> int:
        return sum(len(refs) for refs, _ in self._ways)

    def write(self, path: Path, plane: Plane) -> None:
        """Write the sheet as a PBF of OpenStreetMap."""
        import osmium

        lonlat = plane.lonlat(self.xy)
        header = osmium.io.Header()
        header.set("generator", WRITER)
        header.add_box(osmium.osm.Box(*lonlat.min(axis=0).tolist(), *lonlat.max(axis=0).tolist()))
        node, way = osmium.osm.mutable.Node, osmium.osm.mutable.Way
        path.unlink(missing_ok=True)
        with osmium.SimpleWriter(str(path), header=header) as writer:
            for k, place in enumerate(map(tuple, lonlat.tolist()), start=1):
                writer.add_node(node(id=k, location=place, tags=self.tags.get(k, {})))
            k = 0
            for refs, tags in self._ways:
                for i, row in enumerate(refs.tolist()):
                    k += 1
                    each = tags if isinstance(tags, Mapping) else tags[i]
                    writer.add_way(way(id=k, nodes=row, tags=dict(each) if k > 1 else {**each, **NOTE}))
