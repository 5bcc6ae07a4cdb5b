"""Idle spaces and living circles: the two registers that only the platform reads."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from yike.demo.facts import rows
from yike.demo.plan import Plan
from yike.demo.register import MARK, REFERENCE
from yike.demo.town import Town

CLASSES = ("基本型", "提升型", "品质型")
PER_CIRCLE = 10_000  #: people of one circle, about
IDLE_PER_10K = 2.4  #: idle spaces per ten thousand people of the towns
CONDITIONS = ("空置", "空置待修", "临时堆放", "部分使用")


def write_circles(plan: Plan) -> pd.DataFrame:
    """Return living circles: neighbouring communities of one settlement, about 10,000 people each.

    Communities stand in the order in which the ground was dealt out, so those next to each other in the order touch.
    The class follows from how well its communities are served.
    """
    communities = plan.communities
    found = []
    for k, name in enumerate(plan.settlements["name"]):
        mine = communities[communities["settlement"] == k]
        many = max(1, round(mine["people"].sum() / PER_CIRCLE), len(mine) // 3 if len(mine) < 9 else 1)
        part = np.minimum((mine["people"].cumsum() - mine["people"] / 2) / mine["people"].sum() * many, many - 1e-9)
        for _, members in mine.groupby(part.astype(int)):
            level = float(np.average(members["level"], weights=members["people"]))
            kind = CLASSES[int(np.digitize(level, [0.85, 1.2]))]
            first = str(members["name"].iloc[0]).split("社区")[0].removesuffix("村委会").removesuffix("居委会")
            found.append((f"{name}{first}生活圈", kind, " ".join(members["code"]), int(members["people"].sum())))
    frame = pd.DataFrame(found, columns=["name", "kind", "members", "people"])
    return frame.assign(id=[f"Q{k + 1:03d}" for k in range(len(frame))], note=MARK)


def write_spaces(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    """Return idle spaces: places on streets and in compounds that could hold an outlet."""
    kinds = rows("spaces")
    urban = town.homes[town.homes["block"] >= 0]
    people = town.plan.communities["people"][town.plan.urban].sum()
    n = max(12, round(people / 1e4 * IDLE_PER_10K))
    at = urban.iloc[np.sort(rng.choice(len(urban), n, replace=False))]
    weight = np.array([float(each["weight"]) for each in kinds])
    which = rng.choice(len(kinds), n, p=weight / weight.sum())
    low, high = (np.array([float(each[name]) for each in kinds])[which] for name in ("area_low", "area_high"))
    rent = [np.array([float(each[name]) for each in kinds])[which] for name in ("rent_low", "rent_high")]
    turn = rng.uniform(0, 2 * np.pi, n)
    xy = at[["x", "y"]].to_numpy() + 14 * np.column_stack([np.cos(turn), np.sin(turn)])
    lonlat = town.plan.city.plane.lonlat(xy).round(6)
    kind = [kinds[k]["kind"] for k in which]
    compound = [town.block_names[b] for b in at["block"]]
    return pd.DataFrame(
        {
            "id": [f"K{k + 1:04d}" for k in range(n)],
            "name": [f"{name}{word}" for name, word in zip(compound, kind, strict=True)],
            "kind": kind,
            "lon": lonlat[:, 0],
            "lat": lonlat[:, 1],
            "area_m2": np.rint(rng.uniform(low, high)).astype(int),
            "owner": [kinds[k]["owner"] for k in which],
            "condition": np.array(CONDITIONS, dtype=object)[rng.choice(4, n, p=[0.55, 0.2, 0.15, 0.1])],
            "rent": np.rint(rng.uniform(rent[0], rent[1]) / 500).astype(int) * 500,
            "free_from": [(REFERENCE + timedelta(days=int(d))).isoformat() for d in rng.integers(-200, 120, n)],
            "code": town.plan.communities["code"].to_numpy()[at["community"]],
            "address": [f"{name}旁" for name in compound],
            "note": MARK,
        }
    )
