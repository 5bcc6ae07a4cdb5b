"""The plan of a demonstration city: who lives where, how well a community is served, which town it belongs to.

Nothing is drawn here; the plan of the full city takes a blink and its totals can be checked without writing a file.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from yike.demo.facts import City, Floats, number, size_of, stream

RURAL = -1  #: in the column ``settlement``: a village in the fields


@dataclass(frozen=True)
class Plan:
    """The communities of the city to be drawn.

    ``communities``: ``code, name, street_code, street, county_code, county, committee, settlement`` (row of
    ``settlements`` or `RURAL`), ``people``, ``blocks`` (street blocks, 0 in the fields), ``level`` (outlets per head
    as a multiple of the mean).
    ``settlements``: ``name, x, y`` (metres; nan where the ground decides), ``market_streets, strips, towns``.
    """

    city: City
    size: str
    seed: int
    communities: pd.DataFrame
    settlements: pd.DataFrame

    @property
    def urban(self) -> pd.Series:
        """Whether a community stands in a street grid."""
        return self.communities["settlement"] != RURAL

    @property
    def people(self) -> int:
        return int(self.communities["people"].sum())


def plan_city(city: City, size: str, seed: int) -> Plan:
    """Plan a city of a size.

    Raises
    ------
    StudyError
        ``demo.size_unknown``.
    """
    row = size_of(city, size)
    tree = _chosen(city.tree, row)
    settlements = _settlements(city, tree)
    which = _settlement_of(tree, settlements, row)
    rng = stream(seed, "plan")
    people = _people(tree["committee"].to_numpy(bool), which, settlements, rng, int(row["people"]))
    urban = which != RURAL
    blocks = np.where(urban, np.maximum(2, np.rint(people / number("people_per_block"))), 0).astype(int)
    level = np.clip(rng.lognormal(0.0, number("level_spread"), len(tree)), 0.25, 2.2)
    level[urban] /= np.average(level[urban], weights=people[urban])
    level[~urban] /= np.average(level[~urban], weights=people[~urban])
    communities = tree.assign(settlement=which, people=people, blocks=blocks, level=level)
    return Plan(city, size, seed, communities, settlements)


def _chosen(tree: pd.DataFrame, row: pd.Series) -> pd.DataFrame:
    """Return the communities of a size: all, or the first so many committees and villages of some towns."""
    if not row["towns"]:
        return tree.reset_index(drop=True)
    inside = tree[tree["street_code"].isin(row["towns"].split("|"))]
    villages = int(row["in_town_villages"] + row["villages"])
    parts = [inside[inside["committee"]].head(int(row["committees"])), inside[~inside["committee"]].head(villages)]
    return pd.concat(parts).sort_values("code", ignore_index=True)


def _settlements(city: City, tree: pd.DataFrame) -> pd.DataFrame:
    """Return the settlements: those of the seats, and one for every other town."""
    towns = tree.drop_duplicates("street_code")
    rows, taken = [], set[str]()
    for seat in city.settlements.itertuples():
        mine = [code for code in seat.towns.split("|") if code in set(towns["street_code"])]
        if mine:
            x, y = city.plane.xy(np.array([seat.lon, seat.lat]))
            rows.append((seat.settlement, x, y, seat.market_streets, seat.strips, tuple(mine), seat.in_town_villages,
                         seat.people_per_committee))  # fmt: skip
            taken |= set(mine)
    for town in towns[~towns["street_code"].isin(taken)].itertuples():
        rows.append((town.street, np.nan, np.nan, 1, "main|river", (town.street_code,), number("seat_villages"),
                     number("people_per_small_committee")))  # fmt: skip
    heads = ["name", "x", "y", "market_streets", "strips", "towns", "in_town_villages", "people_per_committee"]
    return pd.DataFrame(rows, columns=heads)


def _settlement_of(tree: pd.DataFrame, settlements: pd.DataFrame, row: pd.Series) -> np.ndarray:
    """Return the settlement of each community: committees and the first villages of its towns live in its grid."""
    which = np.full(len(tree), RURAL)
    for k, each in enumerate(settlements.itertuples()):
        mine = tree["street_code"].isin(each.towns).to_numpy()
        which[mine & tree["committee"].to_numpy(bool)] = k
        many = row["in_town_villages"] if row["towns"] else each.in_town_villages
        villages = np.flatnonzero(mine & ~tree["committee"].to_numpy(bool))
        which[villages[: int(many)]] = k
    return which


def _people(
    committee: np.ndarray, which: np.ndarray, settlements: pd.DataFrame, rng: np.random.Generator, total: int
) -> np.ndarray:
    """Return people per community; the villages in the fields take what the towns leave, so the total is kept."""
    mean = np.where(which == RURAL, 1.0, settlements["people_per_committee"].to_numpy(float)[which])
    mean = np.where((which != RURAL) & ~committee, mean * number("in_town_village_part"), mean)
    drawn = mean * np.clip(rng.lognormal(-0.06, 0.36, len(which)), 0.42, 2.4)
    urban = which != RURAL
    if drawn[urban].sum() > 0.9 * total:
        drawn[urban] *= 0.9 * total / drawn[urban].sum()
    drawn[~urban] *= (total - drawn[urban].sum()) / max(drawn[~urban].sum(), 1e-9)
    return shares_of(total, drawn)


def shares_of(total: int, weight: Floats) -> np.ndarray:
    """Return whole numbers in the ratio of weights that sum to a total (largest remainders).

    Examples
    --------
    >>> shares_of(10, np.array([1.0, 1.0, 1.0])).tolist()
    [4, 3, 3]
    """
    exact = weight / weight.sum() * total
    floor = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - floor), kind="stable")
    floor[order[: total - int(floor.sum())]] += 1
    return floor
