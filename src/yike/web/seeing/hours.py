"""By hour of the week: who reaches an open outlet of a type, hour by hour, over the register as it is now."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yike.access.walk import Supply, walk_times
from yike.hours.week import HOURS
from yike.web.seeing.now import Seen
from yike.web.seeing.part import Part

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Week:
    """Share of a place's people in time to a type at each of 168 hours: by outlets surely open, and with unknown hours."""

    sure: Floats  #: (168,)
    maybe: Floats  #: (168,) with the outlets whose hours nobody told counted as open
    unknown: int  #: open outlets of the type whose hours are not known
    outlets: int


@dataclass(frozen=True)
class Sets:
    """The distinct sets of a type's outlets that are open together, and everybody's walk to each of them."""

    met: NDArray[np.bool_]  #: (D, R)
    sure: NDArray[np.int64]  #: (168,)
    maybe: NDArray[np.int64]  #: (168,)
    unknown: int
    outlets: int


def week_of(part: Part, code: str) -> Week:
    """Return the week of a type in a place; two hours with the same outlets open share one run of the engine."""
    limit_ms = part.served.strictest(part.served.types.index(code)).limit_ms
    found = part.seen.keep(("week", code), lambda: _sets(part.seen, code, limit_ms))
    people = part.residents.people
    shares = found.met[:, part.rows] @ people / max(float(people.sum()), 1e-9)
    return Week(shares[found.sure], shares[found.maybe], found.unknown, found.outlets)


def _sets(seen: Seen, code: str, limit_ms: int) -> Sets:
    serves = np.zeros(len(seen.stock), bool)
    serves[seen.serving((code,))] = True
    masks = [seen.week.open_at(h) & serves for h in range(HOURS)] + [
        seen.week.maybe_at(h) & serves for h in range(HOURS)
    ]
    distinct, which = np.unique(np.packbits(np.stack(masks), axis=1), axis=0, return_inverse=True)
    which = which.reshape(-1).astype(np.int64)
    met = np.zeros((len(distinct), len(seen.weight)), bool)
    for d in range(len(distinct)):
        mask = np.unpackbits(distinct[d])[: len(serves)].astype(bool)
        supply = Supply.of(seen.at, seen.stock.types, (code,), mask)
        met[d] = walk_times(seen.ground.routes, seen.homes, supply).seconds[:, 0] <= np.float32(limit_ms / 1000)
    unknown = int((serves & ~seen.week.known).sum())
    return Sets(met, which[:HOURS], which[HOURS:], unknown, int(serves.sum()))
