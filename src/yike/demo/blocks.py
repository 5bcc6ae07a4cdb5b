"""Street blocks: what each holds, and its buildings, ways, walls and gates drawn for all blocks of a form at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yike.demo.facts import Floats, rows
from yike.demo.grid import Ints
from yike.demo.sheet import Sheet
from yike.demo.templates import Form, forms

KEPT = 0.94  #: part of the buildings of a form that a block has
MOST_LEVELS = 3.0  #: ceiling height, metres


@dataclass
class Blocks:
    """B street blocks of all settlements.

    ``quad`` (B, 4, 2) corners in metres against the clock; ``edge`` (B, 4, 3) street vertices of each side;
    ``table``: ``community`` (row of the plan), ``ring`` (0 middle … 1 rim), ``village`` (of a village in town),
    ``wide`` (0 twice as wide, 1 twice as deep, -1 neither), ``kind``, ``form``; ``draw`` (B, 4) how strongly a side
    draws shops; ``names`` (B, 4) of the streets.
    """

    quad: Floats
    edge: Ints
    table: pd.DataFrame
    draw: Floats
    names: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.quad)

    def turned(self, by: Ints) -> Blocks:
        """Return the blocks with side ``by`` as their first."""
        at = (by[:, None] + np.arange(4)) % 4
        n = np.arange(len(by))[:, None]
        return Blocks(self.quad[n, at], self.edge[n, at], self.table, self.draw[n, at], self.names[n, at])

    def laid(self, uv: Floats, which: Ints) -> Floats:
        """Return places (k, 2) of the unit square in each of some blocks, (n, k, 2) metres."""
        u, v = uv[:, 0], uv[:, 1]
        weight = np.stack([(1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v])
        return np.einsum("qk,nqc->nkc", weight, self.quad[which])


def choose_kinds(blocks: Blocks, rng: np.random.Generator) -> Blocks:
    """Return the blocks with a kind each, by how far out they lie; the first block of a community has homes."""
    kinds = rows("block_kinds")
    zone = np.where(blocks.table["village"], 3, np.digitize(blocks.table["ring"], [0.45, 0.8]))
    share = np.array([[float(each[name]) for name in ("inner", "middle", "outer", "village")] for each in kinds]).T
    first = ~blocks.table["community"].duplicated().to_numpy()
    is_wide = blocks.table["wide"].to_numpy() >= 0
    may = np.ones((len(blocks), len(kinds)), bool)
    may[first] &= np.array([each["home"] == "yes" for each in kinds])
    may[is_wide] &= np.array([int(each["wide"]) > 0 for each in kinds])
    share = (share[zone] + 1e-6) * may
    share /= share.sum(axis=1, keepdims=True)
    kind = (rng.random(len(blocks))[:, None] > share.cumsum(axis=1)).sum(axis=1).clip(0, len(kinds) - 1)
    _every_kind(kind, may, first)
    variants = np.array([[int(each["variants"]), int(each["wide"])] for each in kinds])[kind, is_wide.astype(int)]
    table = blocks.table.assign(kind=[kinds[k]["kind"] for k in kind], form=rng.integers(0, variants))
    chosen = Blocks(blocks.quad, blocks.edge, table, blocks.draw, blocks.names)
    return chosen.turned(_main_sides(chosen, rng))


def _every_kind(kind: Ints, may: NDArray[np.bool_], first: NDArray[np.bool_]) -> None:
    """Give a kind that no block has to a block of the most frequent kind that may have it."""
    for absent in np.setdiff1d(np.arange(may.shape[1]), kind).tolist():
        count = np.bincount(kind, minlength=may.shape[1])
        free = np.flatnonzero(may[:, absent] & (count[kind] > 1))
        if len(free):
            best = np.lexsort((free, first[free], -count[kind[free]]))[0]
            kind[free[best]] = absent


def _main_sides(blocks: Blocks, rng: np.random.Generator) -> Ints:
    """Return the side of each block's main gate: rather a busy one; rows of flats look south, long blocks lie along it."""
    chance = np.log(blocks.draw.clip(0.2)) * 0.8 + rng.gumbel(size=blocks.draw.shape)
    axis = blocks.table["wide"].to_numpy()
    rowed = blocks.table["kind"].isin(("slabs", "yard")).to_numpy()
    chance[np.ix_((axis == 0) | ((axis < 0) & rowed), [1, 3])] = -np.inf
    chance[np.ix_(axis == 1, [0, 2])] = -np.inf
    return np.argmax(chance, axis=1)


def draw_blocks(sheet: Sheet, blocks: Blocks, names: list[str], rng: np.random.Generator) -> pd.DataFrame:
    """Draw all blocks and return their homes: ``block, community, x, y, capacity`` (floor area, m²), ``levels``."""
    homes = []
    for kind in rows("block_kinds"):
        for wide in (False, True):
            for k, form in enumerate(forms(kind["form"], int(kind["wide" if wide else "variants"]), wide)):
                mine = (blocks.table["kind"] == kind["kind"]) & (blocks.table["form"] == k)
                which = np.flatnonzero(mine & ((blocks.table["wide"] >= 0) == wide))
                if len(which):
                    homes.append(_draw_form(sheet, blocks, which, kind, form, names, rng))
    return pd.concat(homes, ignore_index=True).sort_values(["block", "x", "y"], ignore_index=True)


def _draw_form(
    sheet: Sheet, blocks: Blocks, which: Ints, kind: dict[str, str], form: Form, names: list[str],
    rng: np.random.Generator,
) -> pd.DataFrame:  # fmt: skip
    own = sheet.nodes(blocks.laid(np.array(form.places, float).reshape(-1, 2), which))
    edge = blocks.edge[which].reshape(len(which), 12)
    for refs, tags in form.ways:
        at = np.stack([own[:, ref] if ref >= 0 else edge[:, -1 - ref] for ref in refs], axis=1)
        sheet.ways(at[(at > 0).all(axis=1)], tags)
    called = [names[b] for b in which]
    for gate, tags in form.gates:
        sheet.tag(own[:, gate], **tags)
    ground = _ground_tags(kind)
    if form.ring:
        walled = {**ground, "barrier": kind["wall"]}
        sheet.ways(own[:, form.ring], [{**walled, "name": name} for name in called])
    elif ground:
        sheet.rings(blocks.laid(np.array(form.corners()), which), [{**ground, "name": name} for name in called])
    for ring, tags in form.areas:
        sheet.rings(blocks.laid(np.array(ring), which), tags)
    _draw_buildings(sheet, blocks, which, kind, form.other, False, rng)
    return _draw_buildings(sheet, blocks, which, kind, form.buildings, True, rng)


def _ground_tags(kind: dict[str, str]) -> dict[str, str]:
    use = kind["landuse"]
    if use == "park":
        return {"leisure": "park"}
    return {"amenity": "school"} if use == "school" else {"landuse": use}


def _draw_buildings(
    sheet: Sheet, blocks: Blocks, which: Ints, kind: dict[str, str], boxes: list[tuple[float, float, float, float]],
    lived_in: bool, rng: np.random.Generator,
) -> pd.DataFrame:  # fmt: skip
    """Draw buildings of a form and return those that are homes."""
    nothing = pd.DataFrame({name: np.zeros(0) for name in ("block", "community", "x", "y", "capacity", "levels")})
    if not boxes:
        return nothing
    u, v, wide, deep = np.array(boxes).T
    sign = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) / 2
    uv = np.stack([u[:, None] + sign[:, 0] * wide[:, None], v[:, None] + sign[:, 1] * deep[:, None]], axis=-1)
    ring = blocks.laid(uv.reshape(-1, 2), which).reshape(len(which), len(boxes), 4, 2)
    keep = rng.random(ring.shape[:2]) < KEPT
    keep[:, 0] = True
    low, high = int(kind["levels_low"]), int(kind["levels_high"])
    base = rng.integers(low, high + 1, len(which))
    levels = np.clip(base[:, None] + rng.integers(-1, 2, keep.shape), max(low, 1), max(high, 1))
    use = kind["building"] if lived_in or kind["building"] != "apartments" else "office"
    sheet.rings(ring[keep], [{"building": use, "building:levels": str(n)} for n in levels[keep].tolist()])
    if not lived_in or kind["home"] != "yes":
        return nothing
    at = np.broadcast_to(which[:, None], keep.shape)[keep]
    middle, side = ring[keep].mean(axis=1), np.roll(ring[keep], -1, axis=1) - ring[keep]
    area = np.hypot(*side[:, 0].T) * np.hypot(*side[:, 1].T)
    community = blocks.table["community"].to_numpy()[at]
    return pd.DataFrame({"block": at, "community": community, "x": middle[:, 0], "y": middle[:, 1],
                         "capacity": area * levels[keep], "levels": levels[keep]})  # fmt: skip
