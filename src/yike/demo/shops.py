"""Where outlets stand and what they are: shops along streets that draw people, services inside compounds, deserts.

A community has outlets in the ratio of its people and its level; each trade (``trades.csv``) is missing altogether in
some communities (``desert``), so that the spread of coverage can be seen. Nothing here has a name yet.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from yike.demo.facts import Floats, number, rows
from yike.demo.grid import Ints
from yike.demo.plan import Plan
from yike.demo.town import Town

FRONTS = 16  #: places for a shop along one side of a block
DEPTH_M = 6.5  #: of a shop from the middle of its street: before the wall even of a small block
CLOSER = 7.0  #: how strongly shops of a community gather, against chance
INSIDE = "inside"
SMALL_SEAT = 8000  #: people of a settlement below which it is the seat of a rural town


def place_shops(town: Town, table: str, rng: np.random.Generator) -> pd.DataFrame:
    """Return the outlets of one table of trades: ``community, trade, x, y, block, side, home``.

    ``trade`` is a row of the table; ``block`` and ``side`` tell the street an outlet opens on, -1 where it stands
    inside a compound or in a village.
    """
    trades = rows(table)
    count = _counts(town.plan, trades, rng)
    inside = np.array([each["place"] == INSIDE for each in trades])
    parts = [_on_streets(town, count * ~inside, trades, rng), _in_compounds(town, count * inside, rng)]
    if "village" in trades[0]:
        parts.append(_in_villages(town, trades, rng))
    found = pd.concat(parts, ignore_index=True)
    return found.sort_values(["community", "trade", "x", "y"], ignore_index=True)


def _counts(plan: Plan, trades: tuple[dict[str, str], ...], rng: np.random.Generator) -> Ints:
    """Return outlets (communities, trades): a whole number near what people and level ask for, 0 in deserts."""
    per_10k = np.array([float(each["per_10k"]) for each in trades])
    desert = np.array([float(each.get("desert") or 0.1) for each in trades])
    people = plan.communities["people"].to_numpy() * plan.urban.to_numpy() / 1e4
    level = plan.communities["level"].to_numpy()
    slope = level ** -number("desert_slope")
    chance = np.clip(np.outer(slope / np.average(slope, weights=people + 1e-9), desert), 0, 0.92)
    boost = np.where(people_of_settlement(plan) < SMALL_SEAT, number("small_seat_boost"), 1.0)
    people = people * boost
    served = rng.random(chance.shape) >= chance
    wanted = np.outer(people * level, per_10k) * served
    wanted *= (np.outer(people, per_10k).sum(axis=0) / np.maximum(wanted.sum(axis=0), 1e-9))[None, :]
    return np.floor(wanted + rng.random(wanted.shape)).astype(np.int64) * (wanted > 0)


def people_of_settlement(plan: Plan) -> Floats:
    """Return for each community the people of its settlement."""
    communities = plan.communities
    return communities.groupby("settlement")["people"].transform("sum").to_numpy(float)


def _on_streets(town: Town, count: Ints, trades: tuple[dict[str, str], ...], rng: np.random.Generator) -> pd.DataFrame:
    """Give each outlet of a community one of its shop fronts; market trades choose first where most people pass."""
    blocks = town.blocks
    spot, weight, block, side = _fronts(blocks.quad, blocks.draw * _pull(blocks.table)[:, None])
    community = blocks.table["community"].to_numpy()[block]
    order = np.lexsort((-(np.log(weight) * CLOSER / 5 + rng.gumbel(size=len(weight))), community))
    begin = np.searchsorted(community[order], np.arange(len(count)))
    end = np.searchsorted(community[order], np.arange(len(count)), "right")
    is_market = np.array([each["place"] == "market" for each in trades])
    parts = []
    for row in np.flatnonzero(count.sum(axis=1)).tolist():
        kinds = np.repeat(np.arange(len(trades)), count[row])
        kinds = kinds[np.argsort(rng.random(len(kinds)) + ~is_market[kinds] * 0.35, kind="stable")]
        kinds = kinds[: end[row] - begin[row]]
        parts.append(np.column_stack([np.full(len(kinds), row), kinds, order[begin[row] : begin[row] + len(kinds)]]))
    found = np.concatenate(parts or [np.zeros((0, 3), np.int64)])
    at = found[:, 2]
    return pd.DataFrame({"community": found[:, 0], "trade": found[:, 1], "x": spot[at, 0], "y": spot[at, 1],
                         "block": block[at], "side": side[at], "home": -1})  # fmt: skip


def _pull(table: pd.DataFrame) -> Floats:
    """Return how a block's kind draws shops to its sides."""
    pull = {"market": 3.0, "park": 0.3, "school": 0.7, "works": 0.15, "open": 0.1, "office": 0.8}
    return np.array([pull.get(kind, 1.0) for kind in table["kind"]])


def _fronts(quad: Floats, draw: Floats) -> tuple[Floats, Floats, Ints, Ints]:
    """Return the shop fronts of all blocks: place, weight, block and side. Corners and gates stay free."""
    at = np.linspace(0.07, 0.93, FRONTS)
    at = at[np.abs(at - 0.5) > 0.04]
    begin, end = quad, np.roll(quad, -1, axis=1)
    along = end - begin
    inward = np.stack([-along[..., 1], along[..., 0]], axis=-1) / np.hypot(along[..., 0], along[..., 1])[..., None]
    spot = begin[:, :, None] + at[None, None, :, None] * along[:, :, None] + DEPTH_M * inward[:, :, None]
    corner = 1 + 0.8 * np.abs(2 * at - 1) ** 3
    weight = draw[:, :, None] * corner[None, None, :]
    block, side, _ = np.indices(weight.shape)
    return spot.reshape(-1, 2), weight.ravel(), block.ravel(), side.ravel()


def _in_compounds(town: Town, count: Ints, rng: np.random.Generator) -> pd.DataFrame:
    """Put outlets beside homes of the community, drawn by the people who live there."""
    homes = town.homes[town.homes["block"] >= 0]
    order = np.argsort(homes["community"].to_numpy(), kind="stable")
    community = homes["community"].to_numpy()[order]
    parts = []
    for row in np.flatnonzero(count.sum(axis=1)).tolist():
        mine = order[np.searchsorted(community, row) : np.searchsorted(community, row, "right")]
        kinds = np.repeat(np.arange(count.shape[1]), count[row])
        if len(mine):
            at = mine[rng.integers(0, len(mine), len(kinds))]
            parts.append(np.column_stack([np.full(len(kinds), row), kinds, at]))
    found = np.concatenate(parts or [np.zeros((0, 3), np.int64)])
    at = homes.iloc[found[:, 2]]
    turn = rng.uniform(0, 2 * np.pi, len(found))
    return pd.DataFrame({"community": found[:, 0], "trade": found[:, 1], "x": at["x"].to_numpy() + 11 * np.cos(turn),
                         "y": at["y"].to_numpy() + 11 * np.sin(turn), "block": at["block"].to_numpy(), "side": -1,
                         "home": found[:, 2]})  # fmt: skip


def _in_villages(town: Town, trades: tuple[dict[str, str], ...], rng: np.random.Generator) -> pd.DataFrame:
    """Give each village in the fields none to four outlets along its main street."""
    villages = np.flatnonzero(~town.plan.urban.to_numpy())
    people = town.plan.communities["people"].to_numpy()[villages]
    chance = np.array([float(each["village"]) for each in trades])
    chance = chance[None, :] * np.clip(people / max(people.mean(), 1), 0.35, 1.8)[:, None]
    there = rng.random(chance.shape) < chance
    rank = np.argsort(np.argsort(np.where(there, rng.random(there.shape), 2), axis=1), axis=1)
    which, trade = np.nonzero(there & (rank < 4))
    nth = rank[which, trade]
    first = np.searchsorted(town.villages.fronts["community"].to_numpy(), villages)[which]
    at = town.villages.fronts.iloc[first + 3 * nth + rng.integers(0, 3, len(nth))]
    return pd.DataFrame({"community": villages[which], "trade": trade, "x": at["x"].to_numpy(),
                         "y": at["y"].to_numpy(), "block": -1, "side": -1, "home": -1})  # fmt: skip
