"""Ways → Network: the ground anyone can stand on, before it is asked who walks."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yike.errors import Fault, Loaded, NetworkError
from yike.network.by_hand import from_links
from yike.network.compounds import mark_enclosed, mark_walled, part_compounds
from yike.network.crossings import add_waits
from yike.network.gates import part_at_barriers
from yike.network.graph import Network
from yike.network.parts import parts_of
from yike.network.pieces import Pieces, cut_into_links
from yike.network.rules import Rules, load_rules
from yike.network.squares import cross_squares
from yike.network.ways import judge_vertices, judge_ways, with_doors
from yike.tables import Doors, Walls, Ways

__all__ = ["build_network", "from_links"]


def build_network(
    ways: Ways,
    *,
    walls: Walls | None = None,
    doors: Doors | None = None,
    squares: pd.DataFrame | None = None,
    rules: Rules | None = None,
) -> Loaded[Network]:
    """Return the walking network of a map's ways, with findings that did not stop it.

    Parameters
    ----------
    ways : Ways
        Lines with the tags named by ``Rules.way_keys`` and ``Rules.node_keys``, as far as the map has them.
    walls : Walls, optional
        Links inside a wall marked ``compound`` become private.
    doors : Doors, optional
        Gates that stand on a vertex of ``ways`` and whose ``access`` is told there.
    squares : DataFrame, optional
        Areas walked across: ``way`` (row of ``ways`` that is the edge) and ``geometry``.
    rules : Rules, optional
        Tables to go by; those of the package by default.

    Raises
    ------
    NetworkError
        ``network.no_highway``, ``network.empty``, ``network.not_located``.

    Notes
    -----
    The steps and their tables are told in ``docs/method/network.md``.
    """
    rules = load_rules() if rules is None else rules
    if "highway" not in ways.tags:
        raise NetworkError(Fault("network.no_highway"))
    pieces = cut_into_links(ways, judge_ways(ways, rules))
    _check(pieces, ways)
    vertices = with_doors(judge_vertices(ways.node_tags, len(ways.lon), rules), doors, ways.node_tags, rules)
    pieces, thinned = cross_squares(pieces, ways, squares, rules)
    pieces = add_waits(pieces, vertices, rules)
    pieces = part_at_barriers(pieces, vertices, rules)
    pieces = mark_walled(pieces, walls)
    pieces, enclosed = mark_enclosed(pieces)
    pieces = part_compounds(pieces)
    network = _finish(pieces, ways)
    return Loaded(network, tuple(_notes(network, enclosed, thinned, ways, rules)))


def _check(pieces: Pieces, ways: Ways) -> None:
    """Refuse ways without any walk and vertices without a place."""
    if len(pieces.u) == 0:
        raise NetworkError(Fault("network.empty", values={"ways": len(ways.way_id)}))
    lost = np.flatnonzero(~(np.isfinite(pieces.lon) & np.isfinite(pieces.lat)))
    if len(lost):
        rows = tuple((None, str(ways.node_id[pieces.vertex[node]])) for node in lost)
        raise NetworkError(Fault("network.not_located", rows))


def _finish(pieces: Pieces, ways: Ways) -> Network:
    """Return the frozen network."""
    traits = pieces.traits
    return Network(
        lon=pieces.lon,
        lat=pieces.lat,
        u=pieces.u,
        v=pieces.v,
        length_m=pieces.length_m,
        private=pieces.private,
        way=pieces.way,
        way_id=ways.way_id[pieces.source],
        way_name=_names(ways, pieces.source),
        way_rule=traits.rule,
        features={
            "wait_s": pieces.wait,
            "bars": pieces.bars,
            "way_kind": traits.kind,
            "way_pace": traits.pace,
            "way_oneway": traits.oneway,
            "way_up": traits.up,
            "way_bars": traits.bars,
            "way_surface": traits.surface,
            "way_smoothness": traits.smoothness,
        },
        part=parts_of(len(pieces.lon), pieces.u, pieces.v),
    )


def _names(ways: Ways, rows: NDArray[np.intp]) -> NDArray[np.object_]:
    """Return street names, "" where unnamed."""
    if "name" not in ways.tags:
        return np.full(len(rows), "", object)
    column = ways.tags["name"]
    names = np.array([*(str(name) for name in column.categories), ""], object)
    return np.asarray(names[column.codes[rows]], object)


def _notes(network: Network, enclosed: NDArray[np.bool_], thinned: int, ways: Ways, rules: Rules) -> list[Fault]:
    """Return what a reader of the network should know of it."""
    notes = []
    unread = sorted((rules.way_keys - set(ways.tags)) | (rules.node_keys - set(ways.node_tags)))
    if unread:
        notes.append(Fault("network.tags_not_read", tuple((None, key) for key in unread)))
    if network.part.max() > 0:
        in_main = network.length_m[network.part[network.u] == 0].sum() / network.length_m.sum()
        parts, scrap_m = int(network.part.max()) + 1, f"{rules.limits['scrap_m']:g}"
        notes.append(Fault("network.parts", values={"parts": parts, "share": f"{in_main:.1%}", "scrap_m": scrap_m}))
    if enclosed.any():
        km = float(network.length_m[: len(enclosed)][enclosed].sum()) / 1000
        notes.append(Fault("network.enclosed", values={"links": int(enclosed.sum()), "km": f"{km:.1f}"}))
    if thinned:
        notes.append(Fault("network.square_thinned", values={"n": thinned, "most": int(rules.limits["square_joins"])}))
    return notes
