"""Changes as asked → changes of the engine, on the ground of one walker; every place that is not there is told at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from yike.access.openings import Opening
from yike.access.whatif import AddOutlet, AddPath, Change, MoveOutlet, RemoveOutlet
from yike.errors import Fault, Row, raise_all
from yike.network.graph import Attachment, Network
from yike.network.ground import length_m
from yike.network.rules import load_rules
from yike.study.questions import one
from yike.web.scenarios.asked import Asked, Point, ScenarioError
from yike.web.scenarios.choices import limit
from yike.web.scenarios.living import Living, Move, Streets, Table
from yike.web.studies.stock import counting_for


@dataclass
class Read:
    """A question as the engine takes it: who walks before and after, limits that were changed, and the moves."""

    before: Living
    after: Living
    limit_ms: NDArray[np.int32]  #: of the types, after
    moves: tuple[Move, ...]
    asked: tuple[Asked, ...]  #: of the moves
    who: str
    notes: dict[int, dict[str, float | str]] = field(default_factory=dict)  #: by row: metres and seconds of a path, …


@dataclass
class _Faults:
    found: dict[str, list[Row]] = field(default_factory=dict)

    def note(self, code: str, row: int, text: str) -> None:
        self.found.setdefault(code, []).append((row, f"{row}: {text}"))

    def tell(self, values: dict[str, dict[str, object]]) -> None:
        raise_all(ScenarioError, [Fault(code, tuple(rows), values.get(code, {})) for code, rows in self.found.items()])


def read(table: Table, who: str, changes: list[Asked]) -> Read:
    """Return the question that a list of changes puts.

    Raises
    ------
    ScenarioError
        ``scenarios.type_unknown``, ``scenarios.outlet_unknown``, ``scenarios.place_off``, ``scenarios.no_gate``,
        ``scenarios.path_bad``, ``scenarios.limit_bad``, ``scenarios.walker_unknown``: all at once, with the rows.
    """
    faults, known = _Faults(), tuple(table.walkers)
    walkers = [each for each in changes if each.verb == "walker"]
    for each in walkers:
        if each.who not in known:
            faults.note("scenarios.walker_unknown", each.row, each.who)
    if who and who not in known:
        faults.note("scenarios.walker_unknown", 0, who)
    before = table.living(who if who in known else "")
    goes = next((each.who for each in reversed(walkers) if each.who in known), who if who in known else "")
    after = table.living(goes)
    limits = _limits(after, [each for each in changes if each.verb == "limit"], faults)
    builder = _Builder(after, faults)
    asked = tuple(each for each in changes if each.verb not in ("walker", "limit"))
    moves = tuple(move for move in map(builder.move, asked) if move is not None)
    longest = after.watch.ground.routes.limit_s / 60
    faults.tell(
        {
            "scenarios.path_bad": {"least": f"{limit('path_least_m'):g}", "most": f"{limit('path_most_m'):g}"},
            "scenarios.limit_bad": {"low": 1, "high": f"{longest:g}"},
            "scenarios.walker_unknown": {"known": ", ".join(known)},
        }
    )
    return Read(before, after, limits, moves, asked, goes or table.first, builder.notes)


def _limits(after: Living, asked: list[Asked], faults: _Faults) -> NDArray[np.int32]:
    base = after.scenario.base
    limits = base.limit_ms.copy()
    for each in asked:
        code = each.types[0]
        if code not in base.supply.types:
            faults.note("scenarios.type_unknown", each.row, code)
        elif not 1 <= each.minutes <= base.routes.limit_s / 60:
            faults.note("scenarios.limit_bad", each.row, f"{each.minutes:g}")
        else:
            limits[base.supply.types.index(code)] = round(each.minutes * 60_000)
    return limits


class _Builder:
    """Makes moves on one walker's ground."""

    def __init__(self, living: Living, faults: _Faults) -> None:
        self.living, self.watch, self.faults = living, living.watch, faults
        self.notes: dict[int, dict[str, float | str]] = {}

    def move(self, asked: Asked) -> Move | None:
        """Return the move of one change, None where a fault was noted."""
        make: Callable[[Asked], tuple[Change, ...] | None] = getattr(self, f"_{asked.verb}")
        changes = make(asked)
        return None if changes is None else Move(asked.key, lambda: changes)

    def _add(self, asked: Asked) -> tuple[Change, ...] | None:
        known = self.living.scenario.base.supply.types
        strange = [code for code in asked.types if code not in known]
        for code in strange:
            self.faults.note("scenarios.type_unknown", asked.row, code)
        at = self._stand(asked, asked.points[0])
        if strange or at is None:
            return None
        types = tuple(code for code in counting_for(asked.types, self.watch.catalogue) if code in known)
        return (AddOutlet(at, types),)

    def _number(self, asked: Asked) -> int | None:
        number = self.watch.number.get(asked.outlet)
        if number is None:
            self.faults.note("scenarios.outlet_unknown", asked.row, asked.outlet)
        return number

    def _close(self, asked: Asked) -> tuple[Change, ...] | None:
        number = self._number(asked)
        return None if number is None else (RemoveOutlet(number),)

    def _move(self, asked: Asked) -> tuple[Change, ...] | None:
        number, at = self._number(asked), self._stand(asked, asked.points[0])
        return None if number is None or at is None else (MoveOutlet(number, at),)

    def _gate(self, asked: Asked) -> tuple[Change, ...] | None:
        found = nearest_opening(self.living, asked.kind, asked.points[0])
        if found is None:
            self.faults.note("scenarios.no_gate", asked.row, _told(asked.points[0]))
            return None
        self.notes[asked.row] = {"lon": found.lon, "lat": found.lat, "metres": round(found.metres)}
        return found.changes()

    def _link(self, asked: Asked) -> tuple[Change, ...] | None:
        ends = [self._stand(asked, asked.points[k]) for k in (0, -1)]
        if ends[0] is None or ends[1] is None:
            return None
        line = self._line(ends[0], asked.points, ends[1])
        metres = float(length_m(line[:-1, 0], line[:-1, 1], line[1:, 0], line[1:, 1]).sum())
        if not limit("path_least_m") <= metres <= limit("path_most_m"):
            self.faults.note("scenarios.path_bad", asked.row, f"{metres:.0f} m")
            return None
        wait = wait_s(self.living.streets, line, (ends[0], ends[1]), asked.kind)
        seconds = round(metres / self.watch.ground.walking.m_per_min * 60 + wait, 3)
        self.notes[asked.row] = {"metres": round(metres), "wait_s": round(wait, 1), "seconds": round(seconds, 1)}
        return (AddPath(_two(ends[0], ends[1]), seconds, seconds),)

    def _stand(self, asked: Asked, point: Point) -> Attachment | None:
        """Return where a point stands on this walker's streets."""
        spot = self.watch.ground.standing.place(np.array([point[0]]), np.array([point[1]]))
        if spot.link[0] < 0:
            self.faults.note("scenarios.place_off", asked.row, f"{_told(point)} {spot.why[0]}")
            return None
        return spot

    def _line(self, first: Attachment, points: tuple[Point, ...], last: Attachment) -> NDArray[np.float64]:
        """Return the path as it is walked: from foot to foot, over the bends between."""
        network = self.watch.ground.network
        return np.array([_foot(network, first), *points[1:-1], _foot(network, last)])


def _foot(network: Network, spot: Attachment) -> Point:
    """Return where on the map a point stands on its link."""
    link, share = int(spot.link[0]), float(spot.at[0])
    u, v = int(network.u[link]), int(network.v[link])
    lon, lat = (float(axis[u] * (1 - share) + axis[v] * share) for axis in (network.lon, network.lat))
    return lon, lat


def _two(first: Attachment, last: Attachment) -> Attachment:
    """Return two points as one attachment, without the ways to their links: the path begins on the link."""
    joined = [np.concatenate(pair) for pair in zip(vars(first).values(), vars(last).values(), strict=True)]
    return replace(Attachment(*joined), access_ms=np.zeros(2, np.int32))


def _told(point: Point) -> str:
    return f"{point[0]:.6f},{point[1]:.6f}"


def nearest_opening(living: Living, kind: str, point: Point) -> Opening | None:
    """Return the gate of a kind that is meant by a place on the map, None where none is near."""
    found = [each for each in living.streets.openings if each.kind == kind]
    if not found:
        return None
    lon, lat = np.array([each.lon for each in found]), np.array([each.lat for each in found])
    off = length_m(np.full(len(found), point[0]), np.full(len(found), point[1]), lon, lat)
    nearest = int(off.argmin())
    most = limit("gate_near_m") if kind == "door" else limit("compounds_near_m")
    return found[nearest] if off[nearest] <= most else None


def wait_s(streets: Streets, line: NDArray[np.float64], ends: tuple[Attachment, Attachment], crossing: str) -> float:
    """Return the seconds that one waits on a new path, by the rules of the network.

    Every carriageway that the line goes across is waited for once; one at which it ends, by half, as everywhere.
    """
    if crossing == "bridge":
        return 0.0
    kinds, way = streets.kinds, streets.ground.network.way
    waits = {row["over"]: float(row["wait_s"]) for row in load_rules().waits if row["crossing"] == crossing}
    at_ends = [int(each.link[0]) for each in ends]
    seconds = sum(waits.get(str(kinds[link]), 0.0) / 2 for link in at_ends)
    tree, links = streets.roads
    crossed = links[tree.query(shapely.LineString(line), predicate="crosses")].tolist()
    met = {int(way[link]): str(kinds[link]) for link in crossed}
    touched = {int(way[link]) for link in at_ends}
    seconds += sum(waits.get(kind, 0.0) for road, kind in met.items() if road not in touched)
    return seconds * streets.wait_factor


def spot_of(living: Living, point: Point) -> Attachment:
    """Return where a chosen point stands; raises ``scenarios.point_off``."""
    spot = living.watch.ground.standing.place(np.array([point[0]]), np.array([point[1]]))
    if spot.link[0] < 0:
        raise ScenarioError(Fault("scenarios.point_off"))
    return one(spot, 0)
