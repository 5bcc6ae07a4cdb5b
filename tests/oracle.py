"""A second opinion on a study: its Parquet files and SciPy only, nothing of yike.

    python tests/oracle.py STUDY …

For every walker of every study it searches again, home by home over the whole table, what `walk_times` says: the
least number of seconds over private* public* private* links to the nearest open outlet of every type. It prints one
line per walker and ends with status 1 when any walk differs by more than a second.

The method is as plain as can be. Three copies of the network: *leaving* (private links of the home's own compound),
*outside* (public links), *arriving* (private links of the outlet's own compound); one goes from copy to copy at a
node, never back. Per type, one search from a node that stands for all its outlets, against the arrows.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

TOLERANCE_S = 1.0


def read(study: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(study / f"{name}.parquet")


def reversed_graph(links: pd.DataFrame, n: int) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
    """Arrows of the three copies (0 leaving, 1 outside, 2 arriving), against the walk: (head, tail, seconds)."""
    heads, tails, costs = [], [], []
    private = links["private"].to_numpy()
    for copy in range(3):
        part = links[~private] if copy == 1 else links[private]
        for u, v, seconds in (("u", "v", "there_s"), ("v", "u", "back_s")):
            use = np.isfinite(part[seconds].to_numpy())
            tails.append(part[u].to_numpy()[use] + copy * n)
            heads.append(part[v].to_numpy()[use] + copy * n)
            costs.append(part[seconds].to_numpy()[use])
    for copy in (0, 1):  # to go out of one's compound, or into another's, costs nothing at a node
        tails.append(np.arange(n) + copy * n)
        heads.append(np.arange(n) + (copy + 1) * n)
        costs.append(np.zeros(n))
    return heads, tails, costs


def ends(points: pd.DataFrame, links: pd.DataFrame, from_home: bool) -> pd.DataFrame:
    """Both ends of each attached point's link: row, node, seconds between the point and the node."""
    on = points["link"].notna().to_numpy()
    at, access = points["at"].to_numpy(float), points["access_s"].to_numpy(float)
    link = links.iloc[points["link"].fillna(0).to_numpy(int)]
    u, v = link["u"].to_numpy(), link["v"].to_numpy()
    there, back = link["there_s"].to_numpy(), link["back_s"].to_numpy()
    to_u, to_v = (back * at, there * (1 - at)) if from_home else (there * at, back * (1 - at))
    to_u, to_v = np.where(at == 0, 0, to_u), np.where(at == 1, 0, to_v)
    rows = np.arange(len(points))
    found = pd.DataFrame(
        {
            "row": np.r_[rows, rows],
            "node": np.r_[u, v],
            "seconds": np.r_[to_u + access, to_v + access],
            "private": np.r_[link["private"], link["private"]],
        }
    )
    return found[np.r_[on, on] & np.isfinite(found["seconds"].to_numpy())]


def along_one_link(homes: pd.DataFrame, shops: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """Walks that never leave the one link that home and outlet share."""
    both = homes.reset_index().merge(shops.reset_index(), on="link", suffixes=("", "_shop"))
    both = both[both["link"].notna()]
    link = links.iloc[both["link"].to_numpy(int)]
    ahead = (both["at_shop"] - both["at"]).to_numpy(float)
    whole = np.where(ahead >= 0, link["there_s"], link["back_s"])
    walked = np.where(ahead == 0, 0, np.abs(ahead) * whole)
    return both.assign(seconds=walked + both["access_s"].to_numpy() + both["access_s_shop"].to_numpy())


def walks(study: Path, walker: str, limit_s: float) -> tuple[pd.DataFrame, np.ndarray]:
    """The study's own table, and the same searched again (R, T)."""
    links, n = read(study, f"network/links.{walker}"), len(read(study, "network/nodes"))
    homes, shops = read(study, f"residents_attach.{walker}"), read(study, f"outlets_attach.{walker}")
    outlets, told = read(study, "outlets"), read(study, f"walk_times.{walker}")
    assert (told["id"] == homes["id"]).all() and (outlets["id"] == shops["id"]).all()
    types = [name for name in told.columns if name != "id"]
    start, goal = ends(homes, links, True), ends(shops, links, False)
    heads, tails, costs = reversed_graph(links, n)
    direct = along_one_link(homes, shops, links)
    serves = outlets["types"].map(set).to_numpy()
    is_open = (outlets["state"] == "open").to_numpy()
    found = np.full((len(homes), len(types)), np.inf)
    for k, code in enumerate(types):
        mine = np.array([code in each for each in serves], dtype=bool) & is_open
        near = goal[mine[goal["row"].to_numpy()]]
        # One node more: from it to every outlet of the type. On a private link one arrives inside, else outside.
        copy = np.where(near["private"], 2, 1)
        head = np.concatenate([*heads, np.full(len(near), 3 * n)])
        tail = np.concatenate([*tails, near["node"].to_numpy() + copy * n])
        cost = np.concatenate([*costs, near["seconds"].to_numpy()])
        seconds = search(head, tail, cost, 3 * n + 1, limit_s + 1)
        first = np.where(start["private"], 0, 1)
        there = seconds[start["node"].to_numpy() + first * n] + start["seconds"].to_numpy()
        np.minimum.at(found[:, k], start["row"].to_numpy(), there)
        same = direct[mine[direct["index_shop"].to_numpy()]]
        np.minimum.at(found[:, k], same["index"].to_numpy(), same["seconds"].to_numpy())
    return told, found


def search(head: np.ndarray, tail: np.ndarray, cost: np.ndarray, n: int, limit_s: float) -> np.ndarray:
    """Least seconds from the last node against the arrows; of several arrows between two nodes the least counts.

    SciPy takes a cost of zero for no arrow at all, so nothing is exactly zero here.
    """
    order = np.lexsort((cost, tail, head))
    head, tail, cost = head[order], tail[order], np.maximum(cost[order], 1e-9)
    first = np.r_[True, (np.diff(head) != 0) | (np.diff(tail) != 0)]
    graph = csr_array((cost[first], (head[first], tail[first])), shape=(n, n))
    return dijkstra(graph, directed=True, indices=n - 1, limit=limit_s)


def compare(study: Path) -> int:
    """Print what differs; return how many walks do."""
    headline = json.loads((study / "headline.json").read_text(encoding="utf-8"))
    limit, mismatches = headline["limit_s"], 0
    for walker in headline["walkers"]:
        told, found = walks(study, walker, limit)
        theirs = told.drop(columns="id").to_numpy(float)
        ours = np.where(found <= limit, found, np.nan)
        # At the limit itself a millisecond of rounding decides whether a walk is told at all.
        border = np.isnan(theirs) != np.isnan(ours)
        border &= np.abs(np.nan_to_num(np.where(np.isfinite(found), found, np.inf), posinf=1e12) - limit) > TOLERANCE_S
        differ = np.abs(np.nan_to_num(theirs - ours)) > TOLERANCE_S
        bad = int((border | differ).sum())
        most = np.nanmax(np.abs(theirs - ours)) if np.isfinite(theirs - ours).any() else 0.0
        print(
            f"{study.name} {walker}: {theirs.size:,} walks, {np.isfinite(theirs).sum():,} within the limit, "
            f"{bad} mismatches over {TOLERANCE_S:g} s, largest difference {most:.4f} s"
        )
        mismatches += bad
    return mismatches


if __name__ == "__main__":
    sys.exit(1 if sum(compare(Path(each)) for each in sys.argv[1:]) else 0)
