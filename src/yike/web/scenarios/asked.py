"""Changes as scenarios keep them, read and checked: every fault of every change at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from yike.errors import Fault, Row, YikeError, raise_all
from yike.web.scenarios.choices import crossings, limit

VERBS = ("add", "move", "close", "gate", "link", "walker", "limit")
GROUND = ("add", "move", "close", "gate", "link")  #: verbs that change outlets or ways; the others change the question
GATES = ("door", "compound")
FIELDS: Mapping[str, tuple[str, ...]] = {  #: verb → what is read, and kept, of such a change
    name: ("verb", "on", *own, "yuan")
    for name, own in {
        "add": ("lon", "lat", "types"), "move": ("lon", "lat", "outlet"), "close": ("outlet",),
        "gate": ("lon", "lat", "kind"), "link": ("points", "crossing"), "walker": ("who",),
        "limit": ("business_type", "minutes"),
    }.items()
}  # fmt: skip
Point = tuple[float, float]  #: lon, lat, WGS 84


class ScenarioError(YikeError):
    """A scenario that cannot be tried or kept as asked."""


@dataclass(frozen=True)
class Asked:
    """One change that is switched on. Which fields are told depends on ``verb``; see docs/method/scenarios.md."""

    row: int  #: its number in the list, from 1
    verb: str
    points: tuple[Point, ...] = ()
    types: tuple[str, ...] = ()
    outlet: str = ""
    kind: str = ""  #: of a gate; of a crossing
    who: str = ""
    minutes: float = 0.0
    yuan: float | None = None  #: what it would cost, where somebody told

    @property
    def key(self) -> str:
        """What makes two changes the same, wherever they stand in a list."""
        told = [self.verb, self.points, self.types, self.outlet, self.kind, self.who, self.minutes]
        return json.dumps(told, ensure_ascii=False)


@dataclass
class _Reader:
    """Reads one change, noting what is wrong with it."""

    row: int
    told: Mapping[str, Any]
    bad: list[str] = field(default_factory=list)

    def point(self, lon: Any, lat: Any) -> Point:
        if not (_degrees(lon, 180) and _degrees(lat, 90)):
            self.bad.append("lon, lat")
            return 0.0, 0.0
        return float(lon), float(lat)

    def text(self, name: str, most: int = 60) -> str:
        value = self.told.get(name, "")
        if not isinstance(value, str) or not 1 <= len(value) <= most or "\x00" in value:
            self.bad.append(name)
            return ""
        return value

    def one_of(self, name: str, allowed: Sequence[str], default: str = "") -> str:
        value = self.told.get(name) or default
        if value not in allowed:
            self.bad.append(name)
            return default
        return str(value)

    def types(self) -> tuple[str, ...]:
        value = self.told.get("types")
        if not isinstance(value, list) or not 1 <= len(value) <= 60 or not all(isinstance(each, str) for each in value):
            self.bad.append("types")
            return ()
        return tuple(dict.fromkeys(value))

    def points(self) -> tuple[Point, ...]:
        value, most = self.told.get("points"), int(limit("path_bends"))
        if not isinstance(value, list) or not 2 <= len(value) <= most:
            self.bad.append("points")
            return ()
        if not all(isinstance(each, list | tuple) and len(each) == 2 for each in value):
            self.bad.append("points")
            return ()
        return tuple(self.point(*each) for each in value)

    def minutes(self) -> float:
        value = self.told.get("minutes")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1000:
            self.bad.append("minutes")
            return 0.0
        return float(value)

    def yuan(self) -> float | None:
        value = self.told.get("yuan")
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1e12:
            self.bad.append("yuan")
            return None
        return float(value)

    def asked(self) -> Asked:
        """Return the change; what cannot be read is in ``bad``."""
        return replace(self._asked(), yuan=self.yuan())

    def _asked(self) -> Asked:
        verb, told = self.one_of("verb", VERBS), self.told
        here = (self.point(told.get("lon"), told.get("lat")),) if verb in ("add", "move", "gate") else ()
        match verb:
            case "add":
                return Asked(self.row, verb, here, self.types())
            case "move":
                return Asked(self.row, verb, here, outlet=self.text("outlet"))
            case "close":
                return Asked(self.row, verb, outlet=self.text("outlet"))
            case "gate":
                return Asked(self.row, verb, here, kind=self.one_of("kind", GATES, "door"))
            case "link":
                return Asked(self.row, verb, self.points(), kind=self.one_of("crossing", crossings(), "unmarked"))
            case "walker":
                return Asked(self.row, verb, who=self.text("who", 20))
            case "limit":
                return Asked(self.row, verb, types=(self.text("business_type"),), minutes=self.minutes())
        return Asked(self.row, "")


def _degrees(value: Any, most: float) -> bool:
    number = not isinstance(value, bool) and isinstance(value, int | float)
    return bool(number and abs(value) <= most)


def read_changes(told: Sequence[Any]) -> list[Asked]:
    """Return the changes that are switched on, in their order.

    Raises
    ------
    ScenarioError
        ``scenarios.too_many``; ``scenarios.change_bad`` with every change that cannot be read, those off as well.

    Examples
    --------
    >>> [each.verb for each in read_changes([{"verb": "close", "outlet": "n1"}, {"verb": "walker", "who": "elder", "on": False}])]
    ['close']
    """
    most = int(limit("most_changes"))
    if len(told) > most:
        raise ScenarioError(Fault("scenarios.too_many", values={"n": len(told), "most": most}))
    found: list[Asked] = []
    bad: list[Row] = []
    for k, each in enumerate(told, 1):
        if not isinstance(each, Mapping):
            bad.append((k, f"{k}: {str(each)[:40]}"))
            continue
        reader = _Reader(k, each)
        change = reader.asked()
        if not isinstance(each.get("on", True), bool):
            reader.bad.append("on")
        if reader.bad:
            bad.append((k, f"{k}: {', '.join(dict.fromkeys(reader.bad))}"))
        elif each.get("on", True):
            found.append(change)
    raise_all(ScenarioError, [Fault("scenarios.change_bad", tuple(bad))] if bad else [])
    return found


def kept_changes(told: Sequence[Any]) -> list[dict[str, Any]]:
    """Return changes as a scenario keeps them: what is known of each, nothing else; raises as `read_changes`."""
    read_changes(told)
    kept = [{name: each[name] for name in FIELDS[each["verb"]] if name in each} for each in told]
    for mine, given in zip(kept, told, strict=True):
        if isinstance(label := given.get("label", ""), str) and label:
            mine["label"] = label.encode("utf-8", "ignore").decode().replace("\x00", "")[:80]
    return [{**each, "on": each.get("on", True)} for each in kept]
