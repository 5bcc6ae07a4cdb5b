"""JointGround: all that joint problems over one state of a study share: who walks to which space, and what they have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from yike.access.walk import Routes, Supply, walk_times
from yike.coverage.limits import walk_limits, within
from yike.errors import Fault, InputError
from yike.network.graph import Attachment
from yike.siting.joint.costs import BuildCost, Uses
from yike.siting.joint.spaces import Spaces
from yike.standards.catalogue import Catalogue
from yike.tables import LEVELS, Residents

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Seconds = NDArray[np.float32]
Ints = NDArray[np.int64]
AT_ONCE = 64  #: spaces in one table of walks


@dataclass(frozen=True)
class Walks:
    """Who walks to each of S spaces within the prepared limit: entries ``at[j]:at[j + 1]`` are those of space ``j``."""

    at: Ints  #: (S + 1,)
    home: Ints  #: (E,) rows of residents
    seconds: Seconds  #: (E,) one way, from the home to the space


def walks_to(routes: Routes, homes: Attachment, spaces: Attachment) -> Walks:
    """Return the exact walks from all homes to each space, as far as the network was prepared for.

    Examples
    --------
    >>> from yike.access.walk import prepare
    >>> from yike.network.attach import at_nodes
    >>> from yike.network.build import from_links
    >>> net, adult = from_links(3, [(0, 1, 300), (1, 2, 700)])
    >>> found = walks_to(prepare(net, adult), at_nodes(net, [0, 1, 2]), at_nodes(net, [0, 2]))
    >>> found.at.tolist(), found.home.tolist(), found.seconds.tolist()
    ([0, 2, 4], [0, 1, 1, 2], [0.0, 300.0, 700.0, 0.0])
    """
    n = len(spaces)
    space, home, seconds = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
    for first in range(0, n, AT_ONCE):
        rows = slice(first, min(first + AT_ONCE, n))
        some = Attachment(spaces.link[rows], spaces.at[rows], spaces.access_ms[rows], spaces.why[rows])
        names = [str(k) for k in range(len(some))]
        times = walk_times(routes, homes, Supply.of(some, [[name] for name in names], names)).seconds
        who, which = np.nonzero(np.isfinite(times))
        order = np.lexsort((who, which))
        space.append(which[order] + first)
        home.append(who[order])
        seconds.append(times[who[order], which[order]])
    at = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(np.concatenate(space), minlength=n), out=at[1:])
    return Walks(at, np.concatenate(home), np.concatenate(seconds))


@dataclass(frozen=True)
class JointGround:
    """What stays while locks, budgets and conditions change; made once per state of a study.

    ``now`` holds for every walked type the seconds (R,) from each home to its nearest open outlet, ``inf`` = none within
    the limit of walking; only open outlets are there, so only they count as before.
    """

    residents: Residents
    spaces: Spaces
    catalogue: Catalogue
    limit_ms: Mapping[str, int]  #: strictest walking limit by type, in the order of the catalogue
    now: Mapping[str, Seconds]
    walks: Walks
    why: NDArray[np.object_]  #: (S,) why a space has no place on the network, "" where it has one
    walker: str
    longest_s: float  #: walks were searched so far
    costs: Mapping[str, BuildCost]
    uses: Uses
    study: str = ""
    standard: str = ""
    digest: str = ""
    _kept: dict[str, object] = field(default_factory=dict, repr=False, compare=False)

    @property
    def types(self) -> tuple[str, ...]:
        """All types a joint problem may ask for: walked to, with a walking limit and a row of costs."""
        return tuple(self.limit_ms)

    @property
    def basic(self) -> tuple[str, ...]:
        """The basic types among them: what is asked when nothing is named."""
        return tuple(code for code in self.types if self.catalogue.type(code).category == "basic")

    def uncovered(self, code: str) -> Bools:
        """Return (R,) the homes beyond the limit of a type as things are now."""
        key = f"uncovered {code}"
        if key not in self._kept:
            self._kept[key] = ~within(self.now[code], self.limit_ms[code])
        found: Bools = self._kept[key]  # type: ignore[assignment]
        return found

    @cached_property
    def space_of(self) -> Ints:
        """The space of each walk."""
        return np.repeat(np.arange(len(self.spaces)), np.diff(self.walks.at))

    @cached_property
    def communities(self) -> tuple[str, ...]:
        """The community of each space: the one told, else that of the nearest home on foot; "" where there is none."""
        codes = self.residents.frame["community"].to_numpy(object)
        found = list(self.spaces.frame["community"])
        for j, code in enumerate(found):
            mine = slice(self.walks.at[j], self.walks.at[j + 1])
            if not code and mine.stop > mine.start:
                found[j] = codes[self.walks.home[mine][self.walks.seconds[mine].argmin()]]
        return tuple(found)

    def inside(self, code: str) -> tuple[Bools, Bools]:
        """Return the homes (R,) and the spaces (S,) of an area of any level; all of them for "".

        Raises
        ------
        InputError
            ``joint.area_unknown``: nobody lives in an area of this code.
        """
        homes, spaces = np.ones(len(self.residents), bool), np.ones(len(self.spaces), bool)
        if not code:
            return homes, spaces
        frame = self.residents.frame
        homes = np.logical_or.reduce([(frame[level] == code).to_numpy(bool) for level in LEVELS])
        if not homes.any():
            raise InputError(Fault("joint.area_unknown", values={"area": code}))
        communities = set(frame.loc[homes, "community"])
        return homes, np.array([each in communities or each == code for each in self.communities], dtype=bool)


def strictest_limits(catalogue: Catalogue, m_per_min: float, costs: Mapping[str, BuildCost]) -> dict[str, int]:
    """Return the strictest walking limit of each type in milliseconds; types without a row of costs are left out.

    Examples
    --------
    >>> from yike.siting.joint.costs import load_costs
    >>> from yike.standards.catalogue import load_catalogue
    >>> strictest_limits(load_catalogue("jincheng"), 75.0, load_costs())["breakfast"]
    600000
    """
    found: dict[str, int] = {}
    for each in walk_limits(catalogue, m_per_min):
        code = each.requirement.business_type
        if code in costs:
            found[code] = min(found.get(code, each.limit_ms), each.limit_ms)
    return found
