"""A proposal of circles: the division with its centres, walk-sheds, objective, and which target had to be bent where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from yike.access.isochrone import isochrones
from yike.access.states import build_states
from yike.access.trips import Reach
from yike.circles.district import Division, divide
from yike.circles.targets import Targets
from yike.circles.walks import Communities, rows_of, search
from yike.network.graph import Attachment, Network, Walking
from yike.tables import Residents

ABOUT = 0.02  #: degrees (2 km) beyond which no home is part of a drawing: links and last metres are far shorter
BENDS = ("short", "over", "far", "crossing", "alone", "off")  #: kinds of bent targets; words ``circles.bent_*``


@dataclass(frozen=True)
class Circle:
    """One proposed circle."""

    communities: tuple[str, ...]  #: codes, sorted
    centre: str  #: code of the community that its centre lies in
    lon: float  #: of the centre; nan where no home is on the network
    lat: float
    people: float
    mean_walk_min: float  #: of its people to the centre, no crossing added
    far_people: float  #: people beyond the longest walk
    crossing_min: float  #: minutes that crossings add to a mean walk
    cost: float  #: its part of the objective, person-minutes
    bent: tuple[tuple[str, float], ...]  #: (kind of `BENDS`, by how much)


@dataclass(frozen=True)
class Proposal:
    """Circles for some communities: every community is in exactly one."""

    circles: tuple[Circle, ...]
    targets: Targets
    walker: str
    objective: float  #: person-minutes, the sum of all circles
    walk_part: float  #: of it: walking
    crossing_part: float  #: … crossings
    far_part: float  #: … people beyond the longest walk
    size_part: float  #: … people missing or above

    @property
    def people(self) -> float:
        return float(sum(each.people for each in self.circles))

    def as_json(self) -> dict[str, Any]:
        """Return the proposal as plain values; nan and inf become null."""
        circles = [{**vars(each), "communities": list(each.communities), "bent": [list(pair) for pair in each.bent]}
                   for each in self.circles]  # fmt: skip
        plain = {key: value for key, value in vars(self).items() if key not in ("circles", "targets")}
        told: dict[str, Any] = _plain({**plain, "targets": vars(self.targets), "circles": circles})
        return told


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float | np.floating):
        return round(float(value), 6) if np.isfinite(value) else None
    return value


def propose(communities: Communities, residents: Residents, targets: Targets, walker: str) -> Proposal:
    """Propose circles for communities whose walks are measured (`communities_of`)."""
    found = divide(communities.cost, communities.people, communities.neighbours, targets)
    circles = tuple(
        _circle(communities, residents, targets, members, centre, cost)
        for members, centre, cost in zip(found.circles, found.centres, found.cost, strict=True)
    )
    return Proposal(circles, targets, walker, found.objective, *_parts(communities, targets, found))


def as_one(communities: Communities, residents: Residents, targets: Targets) -> Circle:
    """Return the circle that all of some communities make, whether they hang together or not: with the best centre."""
    sums = np.where(np.isfinite(communities.cost), communities.cost, 1e12).sum(axis=0)
    best = int(np.argmin(np.where(communities.centre >= 0, sums, np.inf)))
    return _circle(communities, residents, targets, tuple(range(len(communities))), best, float(sums[best]))


def _parts(communities: Communities, targets: Targets, found: Division) -> tuple[float, float, float, float]:
    """Return what the objective is made of: walking, crossings, people too far, sizes."""
    walk = crossing = far = size = 0.0
    for members, k in zip(found.circles, found.centres, strict=True):
        rows = np.array(members)
        people = communities.people[rows]
        minutes = np.where(np.isfinite(communities.walk_min[rows, k]), communities.walk_min[rows, k], 30.0)
        walk += float((people * minutes).sum())
        others = rows[rows != k]
        crossing += float((communities.people[others] * communities.crossing_min[others, k]).sum())
        far += targets.far_min * float(communities.far_people[rows, k].sum())
        total = float(people.sum())
        size += targets.short_min * max(0.0, targets.people_least - total)
        size += targets.over_min * max(0.0, total - targets.people_most)
    return walk, crossing, far, size


def _circle(
    communities: Communities, residents: Residents, targets: Targets, members: tuple[int, ...], k: int, cost: float
) -> Circle:
    rows = np.array(members)
    people = communities.people[rows]
    total, far = float(people.sum()), float(communities.far_people[rows, k].sum())
    others = rows[rows != k]
    crossing = float((communities.people[others] * communities.crossing_min[others, k]).sum()) / max(total, 1e-9)
    home = int(communities.centre[k])
    told = {
        "short": max(0.0, targets.people_least - total),
        "over": max(0.0, total - targets.people_most),
        "far": far,
        "crossing": round(crossing, 3),
        "alone": float(len(members) == 1 and not communities.neighbours[members[0]]),
        "off": float(home < 0),
    }
    return Circle(
        communities=tuple(sorted(communities.codes[each] for each in members)),
        centre=communities.codes[k],
        lon=float(residents.lon[home]) if home >= 0 else float("nan"),
        lat=float(residents.lat[home]) if home >= 0 else float("nan"),
        people=total,
        mean_walk_min=float(np.average(communities.walk_min[rows, k], weights=np.maximum(people, 1e-9))),
        far_people=far,
        crossing_min=crossing,
        cost=cost,
        bent=tuple((kind, told[kind]) for kind in BENDS if told[kind] > 0),
    )


def walk_sheds(
    network: Network,
    walk: Walking,
    homes: Attachment,
    residents: Residents,
    starts: Attachment,
    minutes: float,
    tell: Callable[[float], None] = lambda share: None,
) -> NDArray[np.object_]:
    """Return for each of P centres the ground within some minutes on foot (WGS 84), None for one off the network.

    A walk-shed is a picture of the walk times, drawn by `yike.access.isochrone`: it holds no home that is farther.
    """
    states = build_states(network, walk)
    found = np.full(len(starts), None, object)
    for k in np.flatnonzero(starts.link >= 0).tolist():
        reached = search(states, rows_of(starts, np.array([k])), round(minutes * 60_000))
        near = _about(reached, network, residents)
        lon, lat = residents.lon[near], residents.lat[near]
        shape = isochrones(reached, network, [minutes * 60], rows_of(homes, near), lon, lat)[0].area
        found[k] = shape if not shape.is_empty else None
        tell((k + 1) / len(starts))
    return found


def _about(reached: Reach, network: Network, residents: Residents) -> NDArray[np.int64]:
    """Return the homes that can touch what a search reached: those about its nodes and its start's link."""
    link = int(reached.start.link[0])
    nodes = np.concatenate([reached.states.node[reached.settled], [network.u[link], network.v[link]]])
    lon, lat = network.lon[nodes], network.lat[nodes]
    inside = (residents.lon >= lon.min() - ABOUT) & (residents.lon <= lon.max() + ABOUT)
    inside &= (residents.lat >= lat.min() - ABOUT) & (residents.lat <= lat.max() + ABOUT)
    return np.flatnonzero(inside)


def outline_of(shapes: list[shapely.Geometry]) -> shapely.Geometry | None:
    """Return the union of communities' outlines, None where there are none."""
    return shapely.union_all(shapes) if shapes else None
