"""Gates that could be opened, ranked by people × minutes: reckoned by a job of the queue, kept as its result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from yike.access.openings import Gain, Opening, rank_openings
from yike.network.ground import metres_per_degree
from yike.web.areas.models import Area, City
from yike.web.areas.placing import outlines_of
from yike.web.queue.models import Job
from yike.web.scenarios.choices import limit
from yike.web.scenarios.living import Living, Table

KIND = "scenarios.gates"


def rank(table: Table, who: str, tell: Callable[[int, int], None]) -> dict[str, Any]:
    """Try every gate alone over the register as it is; return the ranking as a job keeps it.

    ``tell`` is called with the number tried and the number there are; it may raise to stop.
    """
    living = table.living(who)
    found = living.streets.openings
    gains = rank_openings(living.scenario, found, lambda n: tell(n, len(found)))[: int(limit("gates_shown"))]
    told = places(table, living, [each.opening for each in gains])
    return {
        "walker": who or table.first,
        "study": table.engine.digest,
        "through": living.through,
        "tried": len(found),
        "gates": [{**where, **_gain(each)} for where, each in zip(told, gains, strict=True)],
    }


def _gain(gain: Gain) -> dict[str, float]:
    return {
        "minutes": round(gain.minutes, 1),
        "people_types": round(gain.people_types, 1),
        "people": round(gain.people, 1),
    }


def places(table: Table, living: Living, found: list[Opening]) -> list[dict[str, Any]]:
    """Return where gates are: kind, place, metres of ways behind it, nearest named street, community."""
    if not found:
        return []
    lon, lat = np.array([each.lon for each in found]), np.array([each.lat for each in found])
    streets = _street_names(living, lon, lat)
    held = outlines_of(table.city).hold(lon, lat).tolist()
    areas = {each.pk: each for each in Area.objects.filter(pk__in=set(held))}
    rows = []
    for opening, street, key in zip(found, streets, held, strict=True):
        area = areas.get(key)
        row = {"kind": opening.kind, "lon": round(opening.lon, 7), "lat": round(opening.lat, 7)}
        row |= {"metres": round(opening.metres), "street": street}
        rows.append({**row, "area": area.code if area else "", "area_name": area.name if area else ""})
    return rows


def _street_names(living: Living, lon: np.ndarray, lat: np.ndarray) -> list[str]:
    """Return the nearest named street of each place: a name to find it by, no distance."""
    network = living.streets.ground.network
    named = np.flatnonzero((network.way_name[network.way] != "") & ~network.private)
    if not len(named):
        return [""] * len(lon)
    east, north = metres_per_degree(np.array([lat.mean()]))
    u, v = network.u[named], network.v[named]
    middle = np.column_stack(
        [(network.lon[u] + network.lon[v]) / 2 * east, (network.lat[u] + network.lat[v]) / 2 * north]
    )
    _, nearest = cKDTree(middle).query(np.column_stack([lon * east, lat * north]))
    return [str(network.way_name[network.way[link]]) for link in named[nearest]]


def ranking(city: City, who: str) -> tuple[Job | None, Job | None]:
    """Return the job of the last ranking that ended well, and one that is under way."""
    jobs = Job.objects.filter(city=city, kind=KIND, payload__walker=who).order_by("-id")
    return jobs.filter(state="done").first(), jobs.filter(state__in=("waiting", "running")).first()
