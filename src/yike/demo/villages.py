"""Villages in the fields: a main street, lanes across it with rows of houses, and the roads between villages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from yike.demo.facts import Floats, number
from yike.demo.grid import Ints
from yike.demo.plan import RURAL, Plan
from yike.demo.sheet import Sheet
from yike.demo.sites import Sites

LANE_M, HOUSE_M = 36.0, 27.0  #: from lane to lane, from house to house
HOUSE = np.array([(-11, -5), (11, -5), (11, 5), (-11, 5)], float)
LONGEST_ROAD_M = 9000.0


@dataclass(frozen=True)
class Villages:
    """Homes (``community, x, y, capacity, levels``), places for shops and the vertex where the road comes in."""

    homes: pd.DataFrame
    fronts: pd.DataFrame  #: community, x, y: along main streets, nearest to the middle first
    door: dict[int, int]  #: row of the community → vertex of its main street


def draw_villages(sheet: Sheet, plan: Plan, sites: Sites, rng: np.random.Generator) -> Villages:
    """Draw every village in the fields."""
    homes, fronts, door = [], [], {}
    people = plan.communities["people"].to_numpy()
    names = plan.communities["name"].to_numpy()
    for row in np.flatnonzero((plan.communities["settlement"] == RURAL).to_numpy()).tolist():
        n = max(3, round(people[row] / number("people_per_house")))
        home, front, door[row] = _village(sheet, sites.village[row], n, str(names[row]), rng)
        homes.append(np.column_stack([np.full(n, row), home]))
        fronts.append(np.column_stack([np.full(len(front), row), front]))
    empty = np.zeros((0, 3))
    home, front = np.concatenate(homes or [empty]), np.concatenate(fronts or [empty])
    levels = rng.integers(1, 3, len(home))
    table = pd.DataFrame({"community": home[:, 0].astype(int), "x": home[:, 1], "y": home[:, 2],
                          "capacity": 220.0 * levels, "levels": levels, "block": -1})  # fmt: skip
    shops = pd.DataFrame({"community": front[:, 0].astype(int), "x": front[:, 1], "y": front[:, 2]})
    return Villages(table, shops, door)


def _village(sheet: Sheet, at: Floats, n: int, name: str, rng: np.random.Generator) -> tuple[Floats, Floats, int]:
    """Draw one village of n houses and return houses, shop fronts and the vertex in its middle."""
    lanes = max(2, round(np.sqrt(n / 1.6)))
    reach = int(np.ceil(n / lanes)) + 3
    lane, step = np.meshgrid(np.arange(lanes) - (lanes - 1) / 2, np.r_[np.arange(-reach, 0), np.arange(1, reach + 1)])
    spot = np.column_stack([step.ravel() * HOUSE_M, lane.ravel() * LANE_M])
    far = np.hypot(spot[:, 0], 1.1 * spot[:, 1]) * rng.uniform(0.75, 1.25, len(spot))
    spot = spot[np.sort(np.argsort(far, kind="stable")[:n])]
    bend, phase, turn = rng.uniform(6, 16), rng.uniform(0, 6.3), rng.uniform(0, np.pi)

    def laid(xy: Floats) -> Floats:
        x, y = xy[..., 0] + bend * np.sin(xy[..., 1] / 75 + phase), xy[..., 1] + 0.5 * bend * np.sin(xy[..., 0] / 90)
        return np.stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)], axis=-1) + at

    homes = spot + np.array([0.0, 12.0]) + rng.normal(0, 1.0, spot.shape)
    sheet.rings(laid(homes[:, None] + HOUSE), {"building": "house", "building:levels": "2"})
    rim = np.abs(spot).max(axis=0) + 30
    sheet.rings(laid(np.array([[(-rim[0], -rim[1]), (rim[0], -rim[1]), (rim[0], rim[1] + 12), (-rim[0], rim[1] + 12)]])),
                {"landuse": "residential", "name": name})  # fmt: skip
    rows = np.unique(spot[:, 1])
    street = sheet.nodes(laid(np.column_stack([np.zeros(len(rows) + 2), [rows[0] - 45, *rows, rows[-1] + 45]])))
    sheet.way(street, {"highway": "residential", "name": name.removesuffix("委会") + "中街"})
    for k, y in enumerate(rows):
        here = spot[spot[:, 1] == y, 0]
        west, east = min(here.min(), 0) - 10, max(here.max(), 0) + 10
        steps = [1 + max(1, round(reach / 80)) for reach in (-west, east)]
        xs = np.r_[np.linspace(west, 0, steps[0])[:-1], np.linspace(0, east, steps[1])[1:]]
        ids = sheet.nodes(laid(np.column_stack([xs, np.full(len(xs), y)])))
        over = [*ids[xs < 0].tolist(), int(street[k + 1]), *ids[xs > 0].tolist()]
        sheet.way(over, {"highway": "living_street" if k % 3 else "residential", "surface": "concrete"})
    ys = np.array(sorted(np.linspace(rows[0] - 30, rows[-1] + 30, 40), key=abs))
    fronts = laid(np.column_stack([np.where(np.arange(40) % 2, 7.0, -7.0), ys]))
    return laid(homes), fronts, int(street[1 + len(rows) // 2])


def draw_roads(sheet: Sheet, places: Floats, vertex: Ints, group: Ints, rng: np.random.Generator) -> None:
    """Draw roads between villages and settlements: the shortest tree, and short ways that save a long one.

    Parameters
    ----------
    places, vertex, group
        Where a road can begin, the vertex there, and what it belongs to: no road joins two places of one group.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import minimum_spanning_tree
    from scipy.spatial import Delaunay

    if len(places) < 4:
        pairs = np.array([(a, b) for a in range(len(places)) for b in range(a)]).reshape(-1, 2)
    else:
        corners = Delaunay(places).simplices
        pairs = np.unique(
            np.sort(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]), axis=1), axis=0
        )
    pairs = pairs[group[pairs[:, 0]] != group[pairs[:, 1]]]
    length = np.hypot(*(places[pairs[:, 0]] - places[pairs[:, 1]]).T)
    a, b = group[pairs[:, 0]], group[pairs[:, 1]]
    a, b = np.minimum(a, b), np.maximum(a, b)
    order = np.lexsort((length, b, a))  # the shortest way between two groups
    first = np.r_[True, (np.diff(a[order]) != 0) | (np.diff(b[order]) != 0)]
    pairs, length, a, b = (each[order][first] for each in (pairs, length, a, b))
    n = int(group.max()) + 1
    tree = minimum_spanning_tree(coo_array((length, (a, b)), shape=(n, n)).tocsr()).tocoo()
    kept = np.isin(a * n + b, np.minimum(*tree.coords) * n + np.maximum(*tree.coords))
    extra = ~kept & (length < LONGEST_ROAD_M) & (rng.random(len(length)) < 0.22)
    for i in np.flatnonzero(kept | extra).tolist():
        begin, end = places[pairs[i]]
        steps = max(2, round(length[i] / 260))
        t = np.linspace(0, 1, steps + 1)[1:-1, None]
        side = np.array([-(end - begin)[1], (end - begin)[0]]) / length[i]
        sway = np.sin(np.pi * t) * rng.normal(0, 0.06) + np.sin(3 * np.pi * t) * rng.normal(0, 0.018)
        inner = sheet.nodes(begin + t * (end - begin) + sway * length[i] * side)
        kind = "tertiary" if kept[i] and length[i] > 1500 else "unclassified"
        ends = vertex[pairs[i]].tolist()
        sheet.way([ends[0], *inner.tolist(), ends[1]], {"highway": kind, "name": f"村道{i + 1}号"})
