"""The nouns of the walking network: Network (the ground), Walking (one walker on it), Attachment (points on it)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FAR_MS = np.int32(1 << 29)  #: the cost of a link that cannot be walked that way; two of them still fit int32

Floats = NDArray[np.float64]
Int32 = NDArray[np.int32]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Network:
    """N nodes and E links anyone can stand on, before it is asked who walks.

    Every vertex of a walkable way is a node, so a link is one straight piece of street and a
    point lies on it by one fraction. Link ``e`` runs from ``u[e]`` to ``v[e]``.
    """

    lon: Floats  #: (N,) WGS 84
    lat: Floats  #: (N,)
    u: Int32  #: (E,)
    v: Int32  #: (E,)
    length_m: Floats  #: (E,) on the ellipsoid
    private: Bools  #: (E,) usable only at a trip's own ends (a compound's inside)
    way: Int32  #: (E,) index into ``way_name`` and the like: the way each link is a piece of
    way_id: NDArray[np.int64]  #: (W,) id in the source
    way_name: NDArray[np.object_]  #: (W,) street name, "" where unnamed
    way_rule: Int32  #: (W,) row of the way rules table that let this way in
    features: dict[str, NDArray[np.generic]]  #: (E,) or (W,) columns that walkers' costs need, see `walking`
    part: Int32  #: (N,) connected part of the whole network; 0 is the largest, then by size

    @property
    def n_nodes(self) -> int:
        return len(self.lon)

    @property
    def n_links(self) -> int:
        return len(self.u)


@dataclass(frozen=True)
class Walking:
    """One kind of walker on a network: milliseconds to walk each link there (u to v) and back.

    Whole milliseconds, the rounding remainder carried along each way, so that every search adds
    integers and all of them agree to the last one. `FAR_MS` = this walker cannot go that way.
    """

    walker: str
    there_ms: Int32  #: (E,)
    back_ms: Int32  #: (E,)
    m_per_min: float = 60.0  #: pace on level ground: the last metres from door to street are walked at it


@dataclass(frozen=True)
class Attachment:
    """Where P points stand on the links of one walker: the nearest place on a link, not a node.

    ``link`` is -1 for a point that could not be attached (``why`` says the reason); ``at`` runs
    from 0 at the link's ``u`` to 1 at its ``v``; ``access_ms`` is the walk from the door to the link.
    """

    link: Int32  #: (P,)
    at: Floats  #: (P,)
    access_ms: Int32  #: (P,)
    why: NDArray[np.object_]  #: (P,) "" when attached, else "far", "wall", "scrap"

    def __len__(self) -> int:
        return len(self.link)
