"""The worst homes first: how far it is to the nearest outlet of a type, which one that would be, and why it is too far."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from yike.access.trips import reach
from yike.access.walk import Supply, prepare, walk_times
from yike.errors import Fault, StudyError
from yike.network.graph import Attachment
from yike.study.questions import one
from yike.study.settings import LONGEST_S
from yike.web.seeing.now import Seconds, Seen
from yike.web.seeing.part import Part

PAGE = 30


@dataclass(frozen=True)
class Home:
    """One home that a type does not reach in time. A point and a number of people, nothing more."""

    id: str
    lon: float
    lat: float
    people: float
    community: str
    minutes: float | None  #: to the nearest open outlet on foot; None = none within the engine's longest walk
    limit_min: float
    failing: int  #: types of the standard that this home does not have in time
    reason: str  #: key of `REASONS`
    outlet: str
    outlet_name: str


def reasons() -> dict[str, str]:
    """Return the words of every reason."""
    return {
        "far": _("附近没有可走的路，没有接入路网"),
        "wall": _("被围墙隔开，没有接入路网"),
        "scrap": _("只接到一段断头路，没有接入路网"),
        "none": _("全市没有在营的这类网点"),
        "gate": _("小区的门没有开放：门开放就能按时走到"),
        "shut": _("这个时间附近的网点没有营业"),
        "too_far": _("太远"),
    }


@dataclass(frozen=True)
class Failing:
    """The homes of a place that fail one type, worst first: those without any way, then by minutes, then by people."""

    part: Part
    code: str
    hour: int
    order: NDArray[np.int64]  #: rows of the city's homes
    limit_ms: int

    @property
    def people(self) -> float:
        return float(self.part.seen.weight[self.order].sum())

    def __len__(self) -> int:
        return len(self.order)

    def page(self, first: int, number: int) -> list[Home]:
        """Return some of the homes with their reasons."""
        return [_home(self, int(row)) for row in self.order[first : first + number]]


def failing(part: Part, code: str, hour: int = -1) -> Failing:
    """Return the homes of a place that fail a type, at an hour of the week or whatever the hours.

    Raises
    ------
    StudyError
        ``study.type_unknown``: the standard gives the type no walking requirement.
    """
    if code not in part.served.types:
        raise StudyError(Fault("study.type_unknown", ((None, code),)))
    k = part.served.types.index(code)
    limit_ms = part.served.strictest(k).limit_ms
    met = part.served.met[:, k]
    if hour >= 0:
        met = part.seen.seconds_to(code, hour)[part.rows] <= np.float32(limit_ms / 1000)
    people, seconds = part.residents.people, far_seconds(part.seen, code)[part.rows]
    rows = np.flatnonzero(~met & (people > 0))
    attached = part.seen.homes.link[part.rows[rows]] >= 0
    order = np.lexsort((part.rows[rows], -people[rows], -seconds[rows], attached))
    return Failing(part, code, hour, part.rows[rows[order]], limit_ms)


def _home(found: Failing, row: int) -> Home:
    seen = found.part.seen
    frame = seen.watched.people.residents.frame
    told = frame.loc[row, ["id", "lon", "lat", "people", "community"]]
    minutes, outlet = _nearest(seen, found.code, row)
    limits = seen.coverage.limits
    failed = {q.requirement.business_type for q, met in zip(limits, seen.coverage.met[row], strict=True) if not met}
    return Home(
        str(told["id"]), float(told["lon"]), float(told["lat"]), float(told["people"]), str(told["community"]), minutes,
        found.limit_ms / 60_000, len(failed), _why(found, row, minutes),
        seen.stock.key[outlet] if outlet >= 0 else "", seen.stock.name[outlet] if outlet >= 0 else "",
    )  # fmt: skip


def _nearest(seen: Seen, code: str, row: int) -> tuple[float | None, int]:
    """Return minutes to the nearest open outlet of a type and its row, searched as far as the engine walks."""
    outlets = seen.keep(("serving", code), lambda: seen.serving((code,)))
    home = one(seen.homes, row)
    if home.link[0] < 0 or len(outlets) == 0:
        return None, -1
    at = seen.keep(("standing", code), lambda: rows_of(seen.at, outlets))
    seconds = reach(replace(seen.ground.routes, limit_s=LONGEST_S), home).seconds_to(at)
    best = int(seconds.argmin())
    return (float(seconds[best]) / 60, int(outlets[best])) if np.isfinite(seconds[best]) else (None, -1)


def rows_of(at: Attachment, rows: NDArray[np.integer[Any]]) -> Attachment:
    """Return some points of an attachment."""
    return Attachment(at.link[rows], at.at[rows], at.access_ms[rows], at.why[rows])


def _why(found: Failing, row: int, minutes: float | None) -> str:
    seen = found.part.seen
    if seen.homes.link[row] < 0:
        return str(seen.homes.why[row])
    if len(seen.keep(("serving", found.code), lambda: seen.serving((found.code,)))) == 0:
        return "none"
    if minutes is not None and minutes * 60_000 <= found.limit_ms:
        return "shut"
    if ungated(seen, found.code)[row] <= np.float32(found.limit_ms / 1000):
        return "gate"
    return "too_far"


def far_seconds(seen: Seen, code: str) -> Seconds:
    """Return (R,) seconds to the nearest outlet of a type as far as the engine walks at all: half an hour."""

    def walk() -> Seconds:
        return walk_times(
            seen.far, seen.homes, Supply.of(seen.at, seen.stock.types, (code,), seen.stock.counts)
        ).seconds[:, 0]

    return seen.keep(("far", code), walk)


def ungated(seen: Seen, code: str) -> Seconds:
    """Return (R,) seconds to the nearest outlet of a type if strangers could pass every private way."""

    def walk() -> Seconds:
        network = replace(seen.ground.network, private=np.zeros(seen.ground.network.n_links, bool))
        routes = seen.keep("open", lambda: prepare(network, seen.ground.walking, seen.ground.routes.limit_s))
        supply = Supply.of(seen.at, seen.stock.types, (code,), seen.stock.counts)
        return walk_times(routes, seen.homes, supply).seconds[:, 0]

    return seen.keep(("ungated", code), walk)
