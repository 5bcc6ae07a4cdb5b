"""Where settlements and villages lie: seats at their known places, all else spread over a made-up outline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from yike.demo.facts import Floats, size_of, stream
from yike.demo.grid import Grid, lay_grid
from yike.demo.plan import RURAL, Plan

SAMPLES = 90_000  #: random points that stand for the ground while it is dealt out
MARGIN_M = 650.0  #: from a settlement's rim to the nearest village, from the city's rim to any


@dataclass(frozen=True)
class Sites:
    """The city's outline (metres), the grid of every settlement, and the place of every village in the fields.

    ``village`` (N, 2) has a row per community of the plan, nan where it is part of a settlement.
    """

    outline: shapely.Polygon
    grids: tuple[Grid, ...]
    village: Floats


def choose_sites(plan: Plan) -> Sites:
    """Place settlements and villages."""
    rng = stream(plan.seed, "sites")
    outline = _outline(plan, rng)
    ground = _ground(outline, rng)
    town_at, town_of = _towns(plan, ground)
    grids = _grids(plan, town_at, rng)
    free = np.ones(len(ground), bool)
    for grid in grids:
        free &= np.hypot(*(ground - grid.centre).T) > grid.radius_m + MARGIN_M
    village = np.full((len(plan.communities), 2), np.nan)
    towns = plan.communities["street_code"].to_numpy()
    for code in town_at:
        mine = np.flatnonzero((towns == code) & (plan.communities["settlement"] == RURAL).to_numpy())
        if len(mine):
            village[mine] = _spread(_some(ground, free, town_of == code, town_at[code], len(mine)), len(mine), rng)
    return Sites(outline, grids, village)


def _outline(plan: Plan, rng: np.random.Generator) -> shapely.Polygon:
    """Return a made-up outline of the city: an ellipse with bays."""
    reach = size_of(plan.city, plan.size)["outline_km"]
    wide, high = plan.city.facts["outline_km"] if np.isnan(reach) else (reach, reach)
    centre = np.zeros(2) if np.isnan(reach) else plan.settlements[["x", "y"]].to_numpy(float).mean(axis=0)
    t = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    wave = sum(rng.uniform(0.01, 0.05) / np.sqrt(k) * np.sin(k * t + rng.uniform(0, 6.3)) for k in range(2, 14))
    shape = 1 + np.asarray(wave)
    ring = np.stack([wide * np.cos(t) * shape, high * np.sin(t) * shape], axis=1) * 1000 + centre
    return shapely.Polygon(np.round(ring, 1))


def _ground(outline: shapely.Polygon, rng: np.random.Generator) -> Floats:
    west, south, east, north = outline.buffer(-MARGIN_M).bounds
    points = rng.uniform((west, south), (east, north), (SAMPLES, 2))
    return points[shapely.contains_xy(outline.buffer(-MARGIN_M), points)]


def _towns(plan: Plan, ground: Floats) -> tuple[dict[str, Floats], np.ndarray]:
    """Return the centre of every town's land and the town of every point of the ground.

    Towns that are all street grid need no land. Land is dealt out in the ratio of villages (weighted Lloyd iteration).
    """
    tree = plan.communities[plan.communities["settlement"].isin([RURAL, *_unplaced(plan)])]
    county = _county_of(plan, ground)
    centre: dict[str, Floats] = {}
    town_of = np.full(len(ground), "", dtype=object)
    for code, part in tree.groupby("county_code", sort=True):
        mine = np.flatnonzero(county == code)
        towns = part["street_code"].drop_duplicates().tolist()
        rng = stream(plan.seed, f"towns {code}")
        fixed, begun = _fixed(plan, towns)
        start = np.concatenate([begun[town][None] if town in begun else ground[rng.choice(mine, 1)] for town in towns])
        weight = part["street_code"].value_counts()[towns].to_numpy(float) ** 0.5
        for _ in range(14):
            nearest = np.argmin(np.hypot(*(ground[mine, None] - start).transpose(2, 0, 1)) / weight, axis=1)
            for k, town in enumerate(towns):
                if town not in fixed and (nearest == k).any():
                    start[k] = ground[mine[nearest == k]].mean(axis=0)
        town_of[mine] = np.array(towns, dtype=object)[nearest]
        centre |= dict(zip(towns, start, strict=True))
    return centre, town_of


def _unplaced(plan: Plan) -> list[int]:
    """Return the settlements whose place the ground decides."""
    return np.flatnonzero(plan.settlements["x"].isna()).tolist()


def _county_of(plan: Plan, ground: Floats) -> np.ndarray:
    """Deal the ground to counties around their seats, so that each has about its known area."""
    seats = plan.city.seats[plan.city.seats["county_code"].isin(plan.communities["county_code"])]
    at = plan.city.plane.xy(seats[["lon", "lat"]].to_numpy(float))
    wanted = (seats["area_km2"] / seats["area_km2"].sum()).to_numpy()
    reach, far = wanted**0.5, np.hypot(*(ground[:, None] - at).transpose(2, 0, 1))
    for _ in range(60):
        nearest = np.argmin(far / reach, axis=1)
        share = np.bincount(nearest, minlength=len(at)) / len(ground)
        reach = reach * np.clip(wanted / np.maximum(share, 1e-4), 0.8, 1.25) ** 0.35
    return seats["county_code"].to_numpy()[nearest]


def _fixed(plan: Plan, towns: list[str]) -> tuple[set[str], dict[str, Floats]]:
    """Return the towns that stay at the seat they are, and where towns begin: at a seat, or around the one they share."""
    fixed: set[str] = set()
    begun: dict[str, Floats] = {}
    for each in plan.settlements.itertuples():
        mine = [town for town in each.towns if town in towns]
        if np.isnan(each.x) or not mine:
            continue
        away = 4000.0 if len(mine) > 1 else 0.0
        fixed |= set(mine) if len(mine) == 1 else set()
        for k, town in enumerate(mine):
            turn = 2 * np.pi * (k + 0.25) / len(mine)
            begun[town] = np.array([each.x + away * np.cos(turn), each.y + away * np.sin(turn)])
    return fixed, begun


def _grids(plan: Plan, town_at: dict[str, Floats], rng: np.random.Generator) -> tuple[Grid, ...]:
    found = []
    for k, each in enumerate(plan.settlements.itertuples()):
        mine = plan.communities[plan.communities["settlement"] == k]
        given = not np.isnan(each.x)
        centre = np.array([each.x, each.y]) if given else town_at[each.towns[0]]
        found.append(lay_grid(centre, mine.index.tolist(), mine["blocks"].tolist(), each.strips, rng))
    return tuple(found)


def _some(ground: Floats, free: np.ndarray, mine: np.ndarray, centre: Floats, wanted: int) -> Floats:
    """Return the free ground of a town; where it is too little, the free ground nearest to its centre."""
    own = ground[free & mine]
    if len(own) >= 6 * wanted:
        return own
    other = ground[free]
    return other[np.argsort(np.hypot(*(other - centre).T), kind="stable")[: 10 * wanted]]


def _spread(ground: Floats, n: int, rng: np.random.Generator) -> Floats:
    """Return n places spread over some ground (Lloyd's iteration), in random order."""
    from scipy.spatial import KDTree

    at = ground[rng.choice(len(ground), n, replace=False)]
    for _ in range(8):
        nearest = KDTree(at).query(ground)[1]
        count = np.bincount(nearest, minlength=n)[:, None]
        total = np.stack([np.bincount(nearest, weights=ground[:, c], minlength=n) for c in (0, 1)], axis=1)
        at = np.where(count > 0, total / np.maximum(count, 1), at)
    return rng.permutation(at + rng.normal(0, 60, at.shape))
