"""Having circles proposed: what is asked for, the engine's answer as the queue keeps it, walk-sheds of boundaries."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Any

import numpy as np
import shapely

from yike.circles import Targets, crossings_told, load_targets
from yike.errors import Fault, InputError, StudyError
from yike.study.circling import CircleGround, is_committee
from yike.web.areas.models import Area, City
from yike.web.circles.models import Circle, CircleVersion
from yike.web.circling.models import Shed
from yike.web.lists.choices import number
from yike.web.studies.live import live
from yike.web.studies.place import has_study

ROOM = "yike.web.circling"
Tell = Callable[[float], None]


@dataclass(frozen=True)
class Asked:
    """What a planner asks for. ``crossing`` gives minutes or "forbid" by kind of barrier; None: as the tables say."""

    area: str = ""
    urban: bool = False
    free: bool = False  #: only communities that are in no circle
    least: float | None = None
    most: float | None = None
    walk: float | None = None
    crossing: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "crossing": [list(pair) for pair in self.crossing]}

    @classmethod
    def of(cls, told: dict[str, Any]) -> Asked:
        """Return what a job's payload asks for."""
        known = {key: told[key] for key in cls.__dataclass_fields__ if key in told}
        pairs = tuple((str(kind), str(value)) for kind, value in told.get("crossing", ()))
        return cls(**{**known, "crossing": pairs})


def targets_of(asked: Asked) -> Targets:
    """Return the targets asked for; raises ``circles.target``, ``circles.crossing``."""
    targets = load_targets().with_(people_least=asked.least, people_most=asked.most, walk_most_min=asked.walk)
    return targets.with_(crossing_min={**targets.crossing_min, **crossings_told(asked.crossing)})


def communities_asked(city: City, asked: Asked) -> list[str]:
    """Return the codes of the communities asked for, in order.

    Raises
    ------
    InputError, StudyError
        ``circling.area_unknown``; ``circles.nothing``: nobody lives in those left; ``circling.many``.
    """
    area = city.areas.filter(code=asked.area).first() if asked.area else city.root
    if area is None:
        raise InputError(Fault("circling.area_unknown", ((None, asked.area[:40]),)))
    found = Area.objects.within(area).filter(city=city, level="community", people__gt=0).order_by("code")
    held = set(Circle.objects.filter(city=city).values_list("communities__code", flat=True)) if asked.free else set()
    codes = [
        code
        for code, name in found.values_list("code", "name")
        if code not in held and not (asked.urban and not is_committee(name))
    ]
    if not codes:
        raise StudyError(Fault("circles.nothing", values={"area": area.name}))
    most = int(number(ROOM, "most_communities"))
    if len(codes) > most:
        raise InputError(Fault("circling.many", values={"found": len(codes), "most": most}))
    return codes


_GROUNDS: dict[int, tuple[str, CircleGround]] = {}
_OPENING = Lock()


def ground_of(city: City) -> CircleGround:
    """Return the ground of a city's study for its first walker, opened once a process; raises ``study.not_run``."""
    engine = live(city)
    with _OPENING:
        kept = _GROUNDS.get(city.pk)
        if kept is None or kept[0] != engine.digest:
            kept = _GROUNDS[city.pk] = engine.digest, CircleGround.of(engine.study)
        return kept[1]


def proposed(city: City, asked: Asked, tell: Tell = lambda share: None) -> dict[str, Any]:
    """Return a proposal as the queue keeps it: the engine's answer, each circle with its name and outline."""
    ground, targets = ground_of(city), targets_of(asked)
    codes = communities_asked(city, asked)
    known = [code for code in codes if code in ground.names]
    found = ground.propose(known, targets, tell)
    answer = found.as_json()
    for row, circle in zip(answer["circles"], found.circles, strict=True):
        row["name"] = ground.name_of(circle)
        row["outline"] = _rounded(ground.outline(circle.communities))
    return {**answer, "study": live(city).digest, "communities": len(known)}


def _rounded(shape: shapely.Geometry | None) -> dict[str, Any] | None:
    if shape is None or shape.is_empty:
        return None
    told: dict[str, Any] = json.loads(shapely.to_geojson(shapely.set_precision(shapely.simplify(shape, 2e-5), 1e-6)))
    return told


# --- walk-sheds -------------------------------------------------------------------------------------


def shed_of(version: CircleVersion) -> Shed | None:
    """Return the centre and walk-shed of a boundary, drawn from the city's study when first asked for.

    None for a city without a study, and for a boundary without communities that the study knows.
    """
    city = version.circle.city
    if not has_study(city) or not version.communities:
        return None
    digest = live(city).digest
    kept = Shed.objects.filter(version=version).first()
    if kept and kept.study == digest:
        return kept
    ground, targets = ground_of(city), load_targets()
    codes = [code for code in version.communities if code in ground.names]
    if not codes:
        return None
    circle = ground.one(codes, targets)
    drawn = _rounded(ground.sheds([circle], targets.walk_most_min)[0])
    there = bool(np.isfinite(circle.lon))
    values = {
        "lon": circle.lon if there else None, "lat": circle.lat if there else None, "shape": drawn,
        "minutes": targets.walk_most_min, "study": digest,
        "mean_walk_min": circle.mean_walk_min if there and np.isfinite(circle.mean_walk_min) else None,
        "far_people": circle.far_people if there else None,
    }  # fmt: skip
    found, _ = Shed.objects.update_or_create(version=version, defaults=values)
    return found
