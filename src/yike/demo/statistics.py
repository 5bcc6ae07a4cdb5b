"""Facts of communities and programmes of the demonstration city: tables as a statistics office would send them, made up."""

from __future__ import annotations

import numpy as np
import pandas as pd

from yike.demo.facts import number, rows
from yike.demo.register import MARK, REFERENCE
from yike.demo.town import Town

FACTS_SOURCE = "演示数据：虚构的社区统计年报"
PROGRAMMES_SOURCE = "演示数据：虚构的项目台账"


def write_facts(town: Town, homes: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return one row a community: households, ages, income and consumption a person.

    People of 60 and more are those of the homes, so the two tables agree. A few communities do not tell everything, as
    in real tables: what is absent is absent.
    """
    communities = town.plan.communities
    n = len(communities)
    people = communities["people"].to_numpy(float)
    elders = homes.groupby("community")["elders"].sum().reindex(range(n), fill_value=0).to_numpy()
    urban, level = town.plan.urban.to_numpy(bool), communities["level"].to_numpy(float)
    household = rng.normal(np.where(urban, number("household_urban"), number("household_village")), 0.12)
    young = np.clip(rng.normal(number("child_share"), 0.03, n), 0.05, 0.3)
    income = np.where(urban, number("income_urban"), number("income_village")) * np.clip(level, 0.5, 1.8) ** 0.35
    income = np.rint(income * np.exp(rng.normal(0, 0.08, n)) / 100) * 100
    spent = np.rint(income * np.clip(rng.normal(number("spent_share"), 0.05, n), 0.4, 0.9) / 100) * 100
    silent = rng.random((n, 2)) < number("untold_share")
    return pd.DataFrame(
        {
            "code": communities["code"],
            "name": communities["name"],
            "year": REFERENCE.year - 1,
            "households": np.rint(people / household).astype(int),
            "people_60": elders.astype(int),
            "people_u14": np.rint(people * young).astype(int),
            "income": [_or_empty(value, gone) for value, gone in zip(income, silent[:, 0], strict=True)],
            "consumption": [_or_empty(value, gone) for value, gone in zip(spent, silent[:, 1], strict=True)],
            "source": FACTS_SOURCE,
            "note": MARK,
        }
    )


def _or_empty(value: float, gone: bool) -> str:
    return "" if gone else f"{value:.0f}"


def write_programmes(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    """Return programmes: some communities of the towns, chosen by chance, in the kinds of ``programmes.csv``."""
    urban = town.plan.communities[town.plan.urban]
    found = []
    for row in rows("programmes"):
        many = max(1, round(len(urban) * float(row["share"])))
        for k in sorted(rng.choice(len(urban), min(many, len(urban)), replace=False).tolist()):
            name = str(urban["name"].iloc[k]).removesuffix("村委会").removesuffix("居委会").removesuffix("社区")
            year = int(REFERENCE.year - rng.integers(0, 4))
            found.append((row["kind"], f"{name}{row['kind']}", urban["code"].iloc[k], year))
    frame = pd.DataFrame(found, columns=["kind", "name", "code", "year"])
    return frame.assign(source=PROGRAMMES_SOURCE, note=MARK)
