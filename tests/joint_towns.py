"""Small towns for the joint problem, and the best of all subsets as the second opinion."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from yike.access.walk import Supply, prepare, walk_times
from yike.network.attach import at_nodes
from yike.network.build import from_links
from yike.siting.joint import BuildCost, JointGround, JointSettings, Spaces, Uses, strictest_limits, walks_to
from yike.standards.catalogue import load_catalogue
from yike.tables import Residents

TYPES = ("breakfast", "repair", "mobile_breakfast_cart")
CATALOGUE = load_catalogue("jincheng")
COMMUNITIES = ("140502001001", "140502001002", "140502002001")


def costs_of(rng: np.random.Generator) -> dict[str, BuildCost]:
    found = {}
    for code in TYPES:
        least = float(rng.integers(4, 12))
        per_m2 = float(rng.choice([20, 40, 120]))
        need = float(rng.choice([0, 60, 200]))
        found[code] = BuildCost(
            code, least, least * 3, float(rng.integers(200, 1500)), float(rng.integers(2_000, 20_000)), per_m2, 0.0,
            min(need, per_m2 * least), "OURS",
        )  # fmt: skip
    return found


def town(seed: int, spaces: int = 3) -> JointGround:
    """A random town: up to nine corners, some outlets already open, ``spaces`` candidate spaces."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(5, 10))
    links = [(k, int(rng.integers(0, k)), float(rng.integers(150, 500))) for k in range(1, n)]
    links += [(int(a), int(b), float(rng.integers(150, 600))) for a, b in rng.integers(0, n, (3, 2)) if a != b]
    network, walking = from_links(n, links)
    frame = pd.DataFrame({
        "id": [f"h{k}" for k in range(n)], "lon": 112.8 + np.arange(n) * 1e-3, "lat": 35.5,
        "people": rng.integers(20, 600, n).astype(float), "community": rng.choice(COMMUNITIES, n),
    })  # fmt: skip
    frame["street"] = frame["community"].str[:9] + "000"
    homes = at_nodes(network, range(n))
    routes = prepare(network, walking, 900.0)
    there = rng.integers(0, n, 2)
    supply = Supply.of(at_nodes(network, there), [[str(rng.choice(TYPES))] for _ in there], TYPES)
    now = walk_times(routes, homes, supply).seconds
    where = rng.choice(n, spaces, replace=False)
    rows = [
        {"key": f"S{j}", "kind": str(rng.choice(["kiosk", "shopfront"])), "lon": 112.8 + node * 1e-3, "lat": 35.5,
         "area_m2": float(rng.integers(5, 30)), "rent_yuan": float(rng.choice([0, 900, 5000])),
         "conversion_yuan": float(rng.choice([np.nan, 4000.0]))}
        for j, node in enumerate(where)
    ]  # fmt: skip
    costs = costs_of(rng)
    uses = Uses({"kiosk": frozenset(TYPES), "shopfront": frozenset(TYPES[:2])})
    return JointGround(
        Residents(frame), Spaces.of(rows), CATALOGUE, strictest_limits(CATALOGUE, 60.0, costs),
        {code: now[:, k] for k, code in enumerate(TYPES)}, walks_to(routes, homes, at_nodes(network, where)),
        np.array([""] * spaces, object), "adult", 900.0, costs, uses, "town", "jincheng", "digest",
    )  # fmt: skip


@dataclass(frozen=True)
class Built:
    """One thing that can be built."""

    space: int
    code: str
    area: float
    cost: float
    capacity: float
    need: float


def things(ground: JointGround, settings: JointSettings) -> dict[tuple[int, str], list[Built]]:
    """All sizes of all pairs, worked out anew from the tables."""
    types = settings.types or TYPES
    found: dict[tuple[int, str], list[Built]] = {}
    for j in range(len(ground.spaces)):
        row = ground.spaces.frame.iloc[j]
        for code in types:
            cost = ground.costs[code]
            barred = (row["key"], code) in settings.forbidden or (row["key"], "") in settings.forbidden
            if barred or code not in ground.uses.by_kind[row["kind"]] or cost.area_min_m2 > row["area_m2"]:
                continue
            people = sum(ground.residents.people[h] for h in near(ground, j, code))
            areas = [cost.area_min_m2]
            larger = min(people / cost.people_per_m2, cost.area_max_m2, row["area_m2"])
            if settings.capacity and larger > 1.2 * cost.area_min_m2:
                areas.append(larger)
            for area in areas:
                fit = area * cost.fit_out_yuan_per_m2
                if not np.isnan(row["conversion_yuan"]):
                    fit = row["conversion_yuan"] * area / row["area_m2"]
                money = fit + cost.equipment_yuan + row["rent_yuan"] * settings.years * area / row["area_m2"]
                most = area * cost.people_per_m2 if settings.capacity else 1e12
                need = cost.min_catchment_people if settings.viable else 0.0
                found.setdefault((j, code), []).append(Built(j, code, area, money, most, need))
    return found


def near(ground: JointGround, j: int, code: str) -> list[int]:
    """Homes that a space would newly bring within a type's limit."""
    rows = range(ground.walks.at[j], ground.walks.at[j + 1])
    limit = ground.limit_ms[code] / 1000
    return [int(ground.walks.home[e]) for e in rows
            if ground.walks.seconds[e] <= limit and not ground.now[code][ground.walks.home[e]] <= limit]  # fmt: skip


def served(ground: JointGround, settings: JointSettings, chosen: tuple[Built, ...]) -> float | None:
    """Most weighted person-types a set serves, None where it breaks a condition: a linear programme of its own."""
    types = settings.types or TYPES
    people = ground.residents.people
    columns: list[tuple[int, int, str]] = []  # thing, home, type
    for k, each in enumerate(chosen):
        for code in (each.code, *CATALOGUE.type(each.code).counts_for):
            if code in types:
                columns += [(k, h, code) for h in near(ground, each.space, code)]
    rows, limits = [], []

    def at_most(which: list[bool], limit: float, sign: float = 1.0) -> None:
        rows.append([sign * float(each) for each in which])
        limits.append(sign * limit)

    for h, code in {(h, code) for _, h, code in columns}:
        at_most([(g, c) == (h, code) for _, g, c in columns], people[h])
    for k, each in enumerate(chosen):
        for code in {c for n, _, c in columns if n == k}:
            at_most([n == k and c == code for n, _, c in columns], each.capacity)
        if each.need:
            if not any(n == k and c == each.code for n, _, c in columns):
                return None
            at_most([n == k and c == each.code for n, _, c in columns], each.need, -1.0)
    if settings.least_share is not None:
        area = ground.residents.frame[settings.level].to_numpy(str)
        for name in np.unique(area):
            mine = area == name
            total = people[mine].sum() * len(types)
            met = sum(people[mine & ~ground.uncovered(code)].sum() for code in types)
            lacks = settings.least_share * total - met
            if lacks > 1e-6:
                if not any(area[h] == name for _, h, _ in columns):
                    return None
                at_most([area[h] == name for _, h, _ in columns], lacks - 1e-7, -1.0)
    if not columns:
        return 0.0
    worth = [-settings.weights.get(code, 1.0) for _, _, code in columns]
    found = linprog(worth, A_ub=np.array(rows), b_ub=np.array(limits), bounds=(0, None), method="highs")
    return -float(found.fun) if found.status == 0 else None


def best_of_all(ground: JointGround, settings: JointSettings) -> tuple[float, float] | None:
    """The best value of all lawful sets with the least money it takes; None where there is no lawful set."""
    pairs = things(ground, settings)
    locked = {(ground.spaces.keys.index(space), code) for space, code in settings.locked}
    if not locked <= set(pairs):
        return None
    best: tuple[float, float] | None = None
    for pick in product(*[([] if pair in locked else [None]) + sizes for pair, sizes in pairs.items()]):
        chosen = tuple(each for each in pick if each is not None)
        money = sum(each.cost for each in chosen)
        if settings.budget_yuan is not None and money > settings.budget_yuan + 1e-6:
            continue
        floor = np.bincount([each.space for each in chosen], [each.area for each in chosen], len(ground.spaces))
        if (floor > ground.spaces.area_m2 + 1e-9).any():
            continue
        value = served(ground, settings, chosen)
        if value is not None and (best is None or value > best[0] + 1e-6):
            best = value, money
    return best
