"""Waiting at crossings and lifts: every footway end on a carriageway, and every landing, carries half of the wait."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from yike.network.pieces import Pieces
from yike.network.rules import CROSSINGS, KINDS, Rules
from yike.network.ways import VertexTraits

ROADS = (KINDS.index("road_minor"), KINDS.index("road_major"))
MAJOR, LIFT = KINDS.index("road_major"), KINDS.index("lift")


def add_waits(pieces: Pieces, vertices: VertexTraits, rules: Rules) -> Pieces:
    """Return the pieces with waits at vertices that a footway shares with a carriageway, and those of lifts.

    The vertex's own tags say what crossing it is; where they are silent, those of the footways do. Whoever
    walks across takes two footway ends and waits once; whoever turns from the street into the footway
    waits half; whoever walks along the street does not wait. A lift drawn as a way has half of its wait where it
    meets another way, so going in and out again is the whole.
    """
    n = len(pieces.lon)
    road = np.isin(pieces.traits.kind, ROADS)[pieces.way]
    over = np.zeros(n, np.int8)  # 0 no street here, 1 minor, 2 major
    for end in (pieces.u, pieces.v):
        over[end[road]] = np.maximum(over[end[road]], 1)
    major = (pieces.traits.kind == MAJOR)[pieces.way]
    for end in (pieces.u, pieces.v):
        over[end[major]] = 2

    of_vertex = np.zeros(int(max(pieces.vertex.max(initial=-1), vertices.vertex.max(initial=-1))) + 1, np.int8)
    of_vertex[vertices.vertex] = vertices.crossing
    crossing = of_vertex[pieces.vertex]
    told = pieces.traits.crossing[pieces.way]
    foot = np.flatnonzero(~road)
    for end in (pieces.u, pieces.v):
        silent = foot[(vertices_silent := of_vertex[pieces.vertex[end[foot]]] == 0) & (told[foot] > 0)]
        crossing[end[silent]] = np.maximum(crossing[end[silent]], told[silent])
        del vertices_silent
    seconds = _wait_table(rules)[crossing, over]
    half = np.zeros(len(pieces.u), np.float32)
    half[foot] = (seconds[pieces.u[foot]] + seconds[pieces.v[foot]]) / 2
    _add_lift_halves(half, pieces, rules)
    return replace(pieces, wait=pieces.wait + half)


def _add_lift_halves(wait: NDArray[np.float32], pieces: Pieces, rules: Rules) -> None:
    """Add half of the wait for a lift for each end of a lift's links that another way shares."""
    lift = (pieces.traits.kind == LIFT)[pieces.way]
    if not lift.any():
        return
    landing = np.zeros(len(pieces.lon), np.float32)
    for end in (pieces.u, pieces.v):
        landing[end[~lift]] = lift_wait_s(rules) / 2
    wait[lift] += landing[pieces.u[lift]] + landing[pieces.v[lift]]


def _wait_table(rules: Rules) -> NDArray[np.float32]:
    """Return seconds by (crossing, 0 no street, 1 minor, 2 major)."""
    table = np.zeros((len(CROSSINGS), 3), np.float32)
    for row in rules.waits:
        if row["over"]:
            table[CROSSINGS.index(row["crossing"]), 1 + (row["over"] == "road_major")] = float(row["wait_s"])
    return table


def lift_wait_s(rules: Rules) -> float:
    """Return the wait for and in a lift."""
    return max((float(row["wait_s"]) for row in rules.waits if row["crossing"] == "lift"), default=0.0)
