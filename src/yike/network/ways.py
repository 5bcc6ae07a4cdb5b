"""Judging ways and vertices by the rules: may one walk here, at what pace, what bars whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yike.network.rules import BARS, CROSSINGS, KINDS, ONEWAY, PASS, WALK, Row, Rules, TagTable, parse_when
from yike.tables import Doors, Ways

Int8 = NDArray[np.int8]
NOT_A_WAY = -1


@dataclass(frozen=True)
class WayTraits:
    """What the rules say of each of W ways; numbers index the tuples of `yike.network.rules`."""

    walk: Int8
    rule: NDArray[np.int32]  #: row of ways.csv that decided ``walk``
    kind: Int8
    pace: NDArray[np.float32]
    oneway: Int8  #: 0 both ways, 1 only along the way, -1 only against it
    up: Int8  #: 1 rises along the way, -1 falls, 0 not told
    crossing: Int8
    bars: NDArray[np.uint8]  #: bits of `BARS`
    surface: Int8  #: worst level told by surface or smoothness are kept apart: walkers limit each
    smoothness: Int8

    def take(self, rows: NDArray[np.intp]) -> WayTraits:
        """Return the traits of some ways."""
        return WayTraits(**{name: column[rows] for name, column in vars(self).items()})


def judge_ways(ways: Ways, rules: Rules) -> WayTraits:
    """Return what the tables say of every way.

    A row with a ``kind`` opens a class of ways; a row without one acts only on ways that have a kind
    already, so that no access tag can bring a motorway or an unbuilt street into the network.
    """
    tags = TagTable(ways.tags, len(ways.way_id))
    n = tags.n
    walk, kind = np.zeros(n, np.int8), np.full(n, NOT_A_WAY, np.int8)
    rule, pace = np.full(n, -1, np.int32), np.ones(n, np.float32)
    oneway, crossing, bars = np.zeros(n, np.int8), np.zeros(n, np.int8), np.zeros(n, np.uint8)
    for number, row in enumerate(rules.ways):
        met = tags.where(parse_when(row["when"]))
        if not row["kind"]:
            met &= kind != NOT_A_WAY
        if not met.any():
            continue
        if row["walk"]:
            walk[met] = WALK.index(row["walk"])
            rule[met] = number
        if row["kind"]:
            kind[met] = KINDS.index(row["kind"])
        if row["pace"]:
            pace[met] = float(row["pace"])
        if row["oneway"]:
            oneway[met] = ONEWAY[row["oneway"]]
        if row["crossing"]:
            crossing[met] = CROSSINGS.index(row["crossing"])
        _set_bars(bars, met, row)
    surface, smoothness = (tags.look_up(key, _levels(rules, key)) for key in ("surface", "smoothness"))
    return WayTraits(walk, rule, kind, pace, oneway, _rises(tags, ways), crossing, bars, surface, smoothness)


def _set_bars(bars: NDArray[np.uint8], met: NDArray[np.bool_], row: Row) -> None:
    """Add what bars a walker, or take it all away where the row says "-"."""
    if row["bars"] == "-":
        bars[met] = 0
    elif row["bars"]:
        bars[met] |= np.uint8(BARS[row["bars"]])


def _levels(rules: Rules, key: str) -> dict[str, int]:
    """Return the level of each value of ``surface`` or ``smoothness``."""
    rows = [row for row in rules.surfaces if row["key"] == key]
    return {value: int(row["level"]) for row in rows for value in row["values"].split("|")}


def _rises(tags: TagTable, ways: Ways) -> Int8:
    """Return whether each way rises (1) or falls (-1) in its own direction, from ``incline``."""
    if "incline" not in ways.tags:
        return np.zeros(tags.n, np.int8)
    return tags.look_up("incline", {str(value): _slope(str(value)) for value in ways.tags["incline"].categories})


def _slope(text: str) -> int:
    """Return the sign of an incline: "up", "down", "5%", "-10°" …; 0 where it tells none."""
    if text in ("up", "down"):
        return 1 if text == "up" else -1
    number = pd.to_numeric(text.rstrip("%°"), errors="coerce")
    return 0 if pd.isna(number) else int(np.sign(number))


@dataclass(frozen=True)
class VertexTraits:
    """What the rules say of the few vertices that have a say: ``vertex`` lists them, sorted."""

    vertex: NDArray[np.int64]
    passing: Int8  #: index into `PASS`
    crossing: Int8
    bars: NDArray[np.uint8]


def judge_vertices(tags: dict[str, pd.Categorical], n: int, rules: Rules) -> VertexTraits:
    """Return what the tables say of vertices, from their tags."""
    told = np.zeros(n, np.bool_)
    for key in rules.node_keys & set(tags) & {"highway", "crossing", "crossing:signals", "barrier", "kerb"}:
        told |= TagTable(tags, n).where(parse_when(f"{key}=*"))
    every = _judged(TagTable(tags, n, rows := np.flatnonzero(told)), rows, rules)
    says = (every.passing > 0) | (every.crossing > 0) | (every.bars > 0)
    return VertexTraits(*(column[says] for column in vars(every).values()))


def _judged(table: TagTable, vertex: NDArray[np.int64], rules: Rules) -> VertexTraits:
    """Return what the node rules say of the rows of a table."""
    passing, crossing = np.zeros(len(vertex), np.int8), np.zeros(len(vertex), np.int8)
    bars = np.zeros(len(vertex), np.uint8)
    for row in rules.nodes:
        met = table.where(parse_when(row["when"]))
        if row["pass"]:
            passing[met] = PASS.index(row["pass"])
        if row["crossing"]:
            crossing[met] = CROSSINGS.index(row["crossing"])
        _set_bars(bars, met, row)
    return VertexTraits(vertex, passing, crossing, bars)


def with_doors(
    vertices: VertexTraits, doors: Doors | None, tags: dict[str, pd.Categorical], rules: Rules
) -> VertexTraits:
    """Return the traits with gates of a doors table added, judged like ``barrier=gate`` with the access told there.

    Where the table contradicts the tags of a vertex, the table wins: it may hold what a city knows better than the
    map. A gate without a word on access changes nothing, nor does one that only repeats the vertex's own word, for
    the vertex's tags say more (a lift gate with ``access=no`` is meant for wheels).
    """
    if doors is None or len(doors) == 0:
        return vertices
    frame = doors.frame
    frame = frame[(frame["kind"] == "gate") & (frame["vertex"] >= 0) & (frame["access"].fillna("") != "")]
    frame = frame.drop_duplicates("vertex", keep="last").sort_values("vertex")
    frame = frame[frame["access"].astype(str).to_numpy() != _own_words(tags, frame["vertex"].to_numpy(np.int64))]
    words = {
        "barrier": pd.Categorical(["gate"] * len(frame)),
        "access": pd.Categorical(frame["access"].astype(str)),
    }
    vertex = frame["vertex"].to_numpy(np.int64)
    told = _judged(TagTable(words, len(vertex)), vertex, rules)
    row = np.searchsorted(vertices.vertex, told.vertex)
    known = (row < len(vertices.vertex)) & (
        np.append(vertices.vertex, -1)[np.minimum(row, len(vertices.vertex))] == told.vertex
    )
    passing = vertices.passing.copy()
    passing[row[known]] = told.passing[known]
    new = ~known
    every = np.concatenate([vertices.vertex, told.vertex[new]])
    order = np.argsort(every, kind="stable")
    return VertexTraits(
        every[order],
        np.concatenate([passing, told.passing[new]])[order],
        np.concatenate([vertices.crossing, told.crossing[new]])[order],
        np.concatenate([vertices.bars, told.bars[new]])[order],
    )


def _own_words(tags: dict[str, pd.Categorical], vertex: NDArray[np.int64]) -> NDArray[np.object_]:
    """Return what the tags of some vertices say of access, ``foot`` before ``access``, "" where nothing."""
    own = np.full(len(vertex), "", object)
    for key in ("access", "foot"):
        if key in tags:
            word = np.asarray(pd.Series(tags[key][vertex]).astype(object).fillna(""), object)
            own = np.where(word != "", word, own)
    return own
