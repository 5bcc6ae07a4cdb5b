"""Small networks written down by hand, for examples, drawn towns and tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from yike.network.graph import FAR_MS, Network, Walking
from yike.network.parts import parts_of

Link = tuple[int, int, float] | tuple[int, int, float, float]


def from_links(
    n: int,
    links: Sequence[Link],
    *,
    private: Sequence[int] = (),
    lon: Sequence[float] | None = None,
    lat: Sequence[float] | None = None,
) -> tuple[Network, Walking]:
    """Return a network of ``n`` nodes and the walk on it, from links with their seconds.

    Parameters
    ----------
    n : int
        Number of nodes, 0 … n-1.
    links : sequence of (u, v, seconds) or (u, v, there, back)
        `inf` seconds = no way in that direction. A link is as many metres long as it takes seconds.
    private : sequence of int
        Numbers of the links inside a compound, usable only at a trip's own ends.
    lon, lat : sequence of float, optional
        Where the nodes are, in degrees; in a row along the equator by default.

    Examples
    --------
    >>> net, walk = from_links(3, [(0, 1, 300), (1, 2, 60, float("inf"))], private=[1])
    >>> net.n_links, walk.there_ms.tolist(), bool(walk.back_ms[1] == FAR_MS)
    (2, [300000, 60000], True)
    """
    ends = np.array([link[:2] for link in links], np.int32).reshape(-1, 2)
    seconds = np.array([(link[2], link[-1]) for link in links], float).reshape(-1, 2)
    ms = np.full(seconds.shape, FAR_MS, np.int32)
    known = np.isfinite(seconds)
    ms[known] = np.rint(seconds[known] * 1000).astype(np.int32)
    shut = np.zeros(len(links), np.bool_)
    shut[list(private)] = True
    u, v = np.ascontiguousarray(ends[:, 0]), np.ascontiguousarray(ends[:, 1])
    network = Network(
        lon=_places(lon, n, 0.001),
        lat=_places(lat, n, 0.0),
        u=u,
        v=v,
        length_m=np.where(known, seconds, 0.0).max(axis=1, initial=0.0),
        private=shut,
        way=np.arange(len(links), dtype=np.int32),
        way_id=np.arange(len(links), dtype=np.int64),
        way_name=np.full(len(links), "", object),
        way_rule=np.zeros(len(links), np.int32),
        features={},
        part=parts_of(n, u, v),
    )
    return network, Walking("by hand", np.ascontiguousarray(ms[:, 0]), np.ascontiguousarray(ms[:, 1]))


def _places(given: Sequence[float] | None, n: int, step: float) -> NDArray[np.float64]:
    return np.asarray(np.arange(n) * step if given is None else given, dtype=np.float64)
