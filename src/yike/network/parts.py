"""Connected parts: which nodes hang together at all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Int32 = NDArray[np.int32]


def label(n: int, u: Int32, v: Int32) -> Int32:
    """Return an arbitrary number per node, the same for nodes joined by links ``u -- v``."""
    joins = coo_array((np.ones(len(u), np.int8), (u, v)), shape=(n, n)).tocsr()
    return np.asarray(connected_components(joins, directed=False)[1], np.int32)


def parts_of(n: int, u: Int32, v: Int32) -> Int32:
    """Return the connected part of each node; part 0 has the most nodes, then by size.

    Parts of one size are numbered by their first node, so equal input gives equal numbers.

    Examples
    --------
    >>> import numpy as np
    >>> parts_of(5, np.array([1, 2, 0]), np.array([2, 3, 4])).tolist()
    [1, 0, 0, 0, 1]
    """
    if n == 0:
        return np.empty(0, np.int32)
    found = label(n, u, v)
    size = np.bincount(found)
    rank = np.empty(len(size), np.int32)
    rank[np.argsort(-size, kind="stable")] = np.arange(len(size), dtype=np.int32)
    return rank[found]
