"""What the peers are asked: the nearest outlet of every type from every node, in seconds, `inf` beyond the limit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.sparse.csgraph import dijkstra

from towns import PACE_M_PER_S, Town, metres

Answer = Callable[[], np.ndarray]


def scipy_nearest(town: Town, limit_s: float) -> Answer:
    """SciPy's multi-source search, once a type."""
    graph = town.graph

    def ask() -> np.ndarray:
        found = [dijkstra(graph, indices=group, min_only=True, limit=limit_s) for group in town.outlets]
        return np.stack(found, axis=1)

    return ask


def pandana_nearest(town: Town, limit_s: float, k: int = 1) -> Answer:
    """pandana: contraction hierarchy over the whole graph, one query of all nodes a type."""
    import pandana
    import pandas as pd

    graph = town.graph.tocoo()
    one_way = graph.row < graph.col
    x, y = (pd.Series(axis) for axis in metres(town.network.lon, town.network.lat))
    a, b = pd.Series(graph.row[one_way]), pd.Series(graph.col[one_way])
    network = pandana.Network(x, y, a, b, pd.DataFrame({"s": graph.data[one_way]}), twoway=True)
    for kind, group in enumerate(town.outlets):
        network.set_pois(f"t{kind}", limit_s, k, x.iloc[group], y.iloc[group])

    def ask() -> np.ndarray:
        far = limit_s * 10
        found = [network.nearest_pois(limit_s, f"t{kind}", k, max_distance=far) for kind in range(len(town.outlets))]
        seconds = np.stack([table.to_numpy() for table in found], axis=1)
        seconds = np.where(seconds <= limit_s, seconds, np.inf)
        return seconds[:, :, 0] if k == 1 else seconds

    return ask


def cityseer_nearest(town: Town, limit_s: float) -> Answer:
    """cityseer: accessibilities over its own geometry; the distance to the nearest, at the same pace."""
    import geopandas as gpd
    import networkx as nx
    from cityseer.metrics import layers
    from cityseer.tools import io
    from shapely import linestrings, points

    net = town.network
    x, y = metres(net.lon, net.lat)
    x, y = x + 500_000, y + 5_000_000
    flat = np.hypot(x[net.u] - x[net.v], y[net.u] - y[net.v]) < 0.01  # lifts and doors: it refuses lines without length
    copies = np.unique(np.maximum(net.u, net.v)[flat])
    x[copies] += 0.01 + 1e-4 * np.arange(len(copies))
    graph = nx.MultiGraph(crs=32629)
    graph.add_nodes_from((str(n), {"x": float(x[n]), "y": float(y[n])}) for n in range(net.n_nodes))
    lines = linestrings(np.stack([np.c_[x[net.u], y[net.u]], np.c_[x[net.v], y[net.v]]], axis=1))
    graph.add_edges_from((str(a), str(b), {"geom": line}) for a, b, line in zip(net.u, net.v, lines, strict=True))
    nodes, _, structure = io.network_structure_from_nx(graph)
    kinds = np.concatenate([np.full(len(group), f"t{kind}") for kind, group in enumerate(town.outlets)])
    where = np.concatenate(town.outlets)
    data = gpd.GeoDataFrame({"kind": kinds}, geometry=points(x[where], y[where]), crs=32629)
    keys = [f"t{kind}" for kind in range(len(town.outlets))]
    metres_limit = int(limit_s * PACE_M_PER_S)

    def ask() -> np.ndarray:
        found = layers.compute_accessibilities(
            data.copy(), "kind", keys, nodes.copy(), structure, distances=[metres_limit]
        )
        columns = [f"cc_{key}_nearest_max_{metres_limit}" for key in keys]
        seconds = found[columns].to_numpy(dtype=float) / PACE_M_PER_S
        return np.where(np.isfinite(seconds), seconds, np.inf)

    return ask
