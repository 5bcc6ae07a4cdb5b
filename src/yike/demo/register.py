"""The register of outlets: what a street officer would note down about each, all of it made up.

Telephone numbers are 0356-000…, which nobody can have; credit codes stand under the region 990000, which does not
exist, with a valid check character (GB 32100-2015).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yike.demo.facts import Floats, rows
from yike.demo.town import Town

REFERENCE = date(2026, 11, 1)  #: the day as of which the register stands
MARK = "演示数据"
SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  #: of a credit code, in the order of their values
WEIGHTS = np.array([3**k % 31 for k in range(17)])
NO_REGION = "990000"
OWNERSHIP = {"chain": ("直营连锁", "加盟连锁"), "franchise": ("加盟连锁", "个体"), "direct": ("直营", "直营"),
             "individual": ("个体", "个体")}  # fmt: skip
STATES = ("营业", "停业", "关闭", "在建", "搬迁")
PAYMENTS = ("现金;微信;支付宝", "现金;银行卡;微信;支付宝", "微信;支付宝", "现金;银行卡;微信;支付宝;数字人民币")
PAYMENT_SHARE = np.array([0.46, 0.26, 0.2, 0.08])
STATE_SHARE = np.array([0.962, 0.014, 0.010, 0.008, 0.006])
Words = NDArray[np.object_]


@dataclass(frozen=True)
class Context:
    """What names and addresses are made from."""

    town: Town
    rng: np.random.Generator

    def word(self, kind: str, n: int) -> Words:
        """Draw n words of a kind of ``names.csv``."""
        words = np.array(self.town.plan.city.words[kind], dtype=object)
        return np.asarray(words[self.rng.integers(0, len(words), n)], dtype=object)


def write_register(town: Town, shops: pd.DataFrame, table: str, prefix: str, rng: np.random.Generator) -> pd.DataFrame:
    """Return the register of placed outlets; columns have the names of `COLUMNS`."""
    context, trades = Context(town, rng), rows(table)
    frame = shops.reset_index(drop=True)
    n, trade = len(frame), frame["trade"].to_numpy()
    of = {name: np.array([each[name] for each in trades], dtype=object)[trade] for name in trades[0]}
    parts = _place_words(town, frame)
    lonlat = town.plan.city.plane.lonlat(frame[["x", "y"]].to_numpy())
    codes = town.plan.communities["code"].to_numpy()
    return pd.DataFrame(
        {
            "id": [f"{prefix}{k + 1:06d}" for k in range(n)],
            "name": _told_apart(_names(context, of["names"], parts), frame["community"]),
            "types": _types(context, of["words"], of.get("also")),
            "lon": lonlat[:, 0].round(6),
            "lat": lonlat[:, 1].round(6),
            "hours": _hours(context, of["hours"]),
            "state": np.array(STATES, dtype=object)[rng.choice(len(STATES), n, p=STATE_SHARE)],
            "code": codes[frame["community"].to_numpy()],
            "address": _addresses(context, frame, parts),
            "phone": [f"0356-000{k:04d}" for k in rng.integers(0, 10_000, n)],
            "credit_code": _credit_codes(n, rng),
            **_business(context, of, n),
            "verified": _days(n, rng),
            "note": MARK,
        }
    )


def _place_words(town: Town, frame: pd.DataFrame) -> dict[str, Words]:
    """Return for each outlet the words of its place: street, compound, community."""
    communities = town.plan.communities
    plain = (
        communities["name"].str.replace(r"(社区)?(居民委员会|居委会)$|村委会$", "", regex=True).to_numpy(dtype=object)
    )
    villages = np.where(communities["committee"], plain + "社区", plain + "村")
    here, block, side = (frame[name].to_numpy() for name in ("community", "block", "side"))
    street = np.where(side >= 0, town.blocks.names[block, side], plain[here] + "中街")
    compound = np.append(np.array(town.block_names, dtype=object), "")[block]
    compound = np.where(block >= 0, compound, villages[here])
    return {"street": np.where(side >= 0, street, compound), "compound": compound, "community": villages[here],
            "county": communities["county"].to_numpy(dtype=object)[here],
            "town": communities["street"].to_numpy(dtype=object)[here]}  # fmt: skip


def _names(context: Context, patterns: Words, parts: dict[str, Words]) -> list[str]:
    n = len(patterns)
    drawn = {kind: context.word(kind, n) for kind in ("brand", "surname", "person")}
    which = context.rng.random(n)
    found = []
    for k, each in enumerate(patterns):
        choices = each.split("|")
        values = {name: words[k] for name, words in {**drawn, **parts}.items()}
        found.append(choices[int(which[k] * len(choices))].format(**values))
    return found


def _told_apart(names: list[str], community: pd.Series) -> list[str]:
    """Return names with a number where a community has the same one again."""
    again = pd.DataFrame({"name": names, "community": community.to_numpy()}).groupby(["name", "community"]).cumcount()
    return [f"{name}（{k + 1}号）" if k else name for name, k in zip(names, again, strict=True)]


def _types(context: Context, words: Words, also: Words | None) -> list[str]:
    """Return the categories of each outlet: one of its trade's words, and further services by chance."""
    n = len(words)
    which, found = context.rng.random(n), []
    chance = context.rng.random((n, 4))
    for k, each in enumerate(words):
        choices = each.split("|")
        told = [choices[int(which[k] * len(choices))]]
        for i, more in enumerate(filter(None, (also[k] if also is not None else "").split("|"))):
            word, share = more.split(":")
            if chance[k, i] < float(share) and word not in told:
                told.append(word)
        found.append("、".join(told))
    return found


def _hours(context: Context, kinds: Words) -> Words:
    found = np.full(len(kinds), "", dtype=object)
    for kind in sorted(set(kinds)):
        mine = [each for each in rows("hours") if each["kind"] == kind]
        weight = np.array([float(each["weight"]) for each in mine])
        here = np.flatnonzero(kinds == kind)
        drawn = context.rng.choice(len(mine), len(here), p=weight / weight.sum())
        found[here] = np.array([each["text"] for each in mine], dtype=object)[drawn]
    return found


def _addresses(context: Context, frame: pd.DataFrame, parts: dict[str, Words]) -> list[str]:
    house = context.rng.integers(1, 260, len(frame))
    on_street = (frame["side"] >= 0).to_numpy()
    return [
        f"{county}{town}{street}{n}号" if street_side else f"{county}{town}{compound}内"
        for county, town, street, compound, n, street_side in zip(
            parts["county"], parts["town"], parts["street"], parts["compound"], house, on_street, strict=True
        )
    ]


def _business(context: Context, of: dict[str, Words], n: int) -> dict[str, object]:
    """Return what kind of business each is, what it offers and how one pays."""
    rng = context.rng
    yes = np.array(["否", "是"], dtype=object)

    def chance(share: float | Floats) -> Words:
        return np.asarray(yes[(rng.random(n) < share).astype(int)], dtype=object)

    if "kind" in of:
        return {"kind": np.where(of["kind"] == "smart", "智能终端", "流动摊点"), "payment": "微信;支付宝",
                "barrier_free": chance(0.6)}  # fmt: skip
    owner = np.array([OWNERSHIP[each] for each in of["ownership"]], dtype=object)
    low, high = of["area_low"].astype(float), of["area_high"].astype(float)
    area = np.rint(np.exp(rng.uniform(np.log(low), np.log(high)))).astype(int)
    pay = np.array(PAYMENTS, dtype=object)
    chain = owner[np.arange(n), (rng.random(n) < 0.4).astype(int)]
    supply = np.isin(of["type"], ("supermarket", "wet_market", "fresh_food_store", "pharmacy", "grocery"))
    return {
        "ownership": chain,
        "area_m2": area,
        "services": of["services"],
        "payment": pay[rng.choice(len(pay), n, p=PAYMENT_SHARE)],
        "manual_counter": np.where(of["manual"] == "1", chance(0.96), "否"),
        "barrier_free": chance(np.where(area > 150, 0.6, 0.3)),
        "delivery": chance(0.32),
        "add_on": of["add_on"],
        "emergency_supply": np.where(supply, chance(0.35), "否"),
    }


def _days(n: int, rng: np.random.Generator) -> list[str]:
    """Return the days of the last check, most of them in the past half year."""
    ago = np.minimum((rng.beta(1.1, 2.2, n) * 365).astype(int), 364)
    return [(REFERENCE - timedelta(days=int(each) + 1)).isoformat() for each in ago]


def _credit_codes(n: int, rng: np.random.Generator) -> list[str]:
    """Return credit codes that no registrar gives out, with valid check characters."""
    digits = rng.integers(0, 31, (n, 17))
    head = np.array([SIGNS.index(sign) for sign in "92" + NO_REGION])
    digits[:, : len(head)] = head
    check = (31 - digits @ WEIGHTS % 31) % 31
    signs = np.array(list(SIGNS))
    return ["".join(signs[row]) for row in np.column_stack([digits, check])]
