"""What map sheets of a city show now: its ground with walks to the outlets of the register, and places' outlines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from shapely.geometry import MultiPolygon, shape

from yike.report.documents.facts import PlanFacts
from yike.report.documents.maps import Ground, Sheet, Spot, ground_of
from yike.report.scene import Scene, load_scene
from yike.study.accessing import walked_types
from yike.web.areas.models import Area
from yike.web.circles.models import Circle
from yike.web.documents.registers import Registers
from yike.web.studies.figures import watched
from yike.web.studies.watch import Watch
from yike.words import say


class Sheets:
    """The ground of a city's sheets, with what each place's sheet shows."""

    def __init__(self, at: Registers) -> None:
        self.at = at
        self.people = watched(at.city).people
        self.watch: Watch = watched(at.city).walkers[at.walker]
        self.watch.follow(at.live.stock(fresh=True))
        self.scene = self._scene()
        self.community = self.people.residents.frame["community"].astype(str).to_numpy(object)
        self.ground: Ground = ground_of(self.scene, self.community)

    def _scene(self) -> Scene:
        """Return the study's scene with minutes and outlets as the register has them now."""
        base, stock, watch = load_scene(self.at.live.study, self.at.walker), self.watch.stock, self.watch
        minutes = {code: watch.seconds(code) / 60 for code in walked_types(self.at.catalogue)}
        minutes = {code: np.where(np.isfinite(each), each, np.nan) for code, each in minutes.items()}
        basic = {each.code for each in self.at.catalogue.types if each.category == "basic"}
        met: dict[str, Any] = {}
        for limit in watch.limits:
            code = limit.requirement.business_type
            if code in basic:
                met[code] = met.get(code, True) & watch.met(limit)
        outlets = pd.DataFrame(
            {
                "lon": stock.lon,
                "lat": stock.lat,
                "types": list(stock.types),
                "state": np.where(stock.counts, "open", "closed"),
            }
        )
        number = np.sum(list(met.values()), axis=0) if met else np.zeros(len(self.people.residents), np.int64)
        return replace(base, minutes=pd.DataFrame(minutes), basic_met=number, basic_of=len(met), outlets=outlets)

    def of_circle(self, circle: Circle, facts: PlanFacts) -> Sheet:
        """Return the sheet of a circle, its first boundary dashed where it was another."""
        versions = self.at.versions[circle.pk]
        moved = len(versions) > 1 and versions[0].communities != versions[-1].communities
        first = _shape(versions[0].boundary) if moved else None
        homes = np.isin(self.community, self.at.members[circle.pk])
        return Sheet(homes, _shape(circle.boundary), first, self._spots(facts), facts.made_up, trace_of(facts))

    def of_area(self, area: Area, facts: PlanFacts) -> Sheet:
        """Return the sheet of a city or county: communities by their shares, outlines of the areas within."""
        communities = list(Area.objects.filter(path__startswith=area.path, level="community"))
        drawn = [each for each in communities if each.boundary]
        inner = [
            part for each in Area.objects.filter(parent=area) if each.boundary for part in _polygons(each.boundary)
        ]
        homes = np.isin(self.community, [each.code for each in communities])
        wanted = {"basic": None} | ({facts.gaps[0].kind.code: facts.gaps[0].kind.code} if facts.gaps else {})
        shares = {name: self._shares([each.code for each in drawn], code) for name, code in wanted.items()}
        return Sheet(
            homes, MultiPolygon(inner) if inner else _shape(area.boundary), None, self._spots(facts), facts.made_up,
            trace_of(facts), tuple(_shape(each.boundary) for each in drawn), [each.people for each in drawn], shares,
        )  # fmt: skip

    def _shares(self, codes: list[str], only: str | None) -> list[float | None]:
        """Return the share of people in time per community: of one type, or the mean over the basic types."""
        basic = {each.code for each in self.at.catalogue.types if each.category == "basic"} - self.at.live.unseen
        limits: dict[str, Any] = {}
        for each in self.watch.limits:
            code = each.requirement.business_type
            if (code == only if only else code in basic) and (
                code not in limits or each.limit_s < limits[code].limit_s
            ):
                limits[code] = each
        groups = self.people.groups
        rows = {
            code: g
            for g, (level, code) in enumerate(zip(groups.level, groups.area, strict=True))
            if level == "community"
        }
        total = self.people.of_groups
        met = (
            np.mean([self.people.met(self.watch.met(each)) for each in limits.values()], axis=0)
            if limits
            else 0 * total
        )
        return [
            float(met[rows[code]] / total[rows[code]]) if code in rows and total[rows[code]] > 0 else None
            for code in codes
        ]

    def _spots(self, facts: PlanFacts) -> tuple[Spot, ...]:
        """Return where the plan's projects are, numbered as in its list."""
        places = {each.key: each.space for each in self.at.projects if each.space is not None}
        return tuple(
            Spot(n, places[each.key].lon, places[each.key].lat)
            for n, each in enumerate(facts.projects or (), start=1)
            if each.key in places
        )


def trace_of(facts: PlanFacts) -> str:
    """Return the line that a sheet's numbers are traced by."""
    return say("documents.trace_study", "zh", study=facts.origin.study[:12], standard=facts.origin.standard)


def _shape(boundary: Any) -> Any:
    return shape(boundary) if boundary else None


def _polygons(boundary: Any) -> list[Any]:
    found = shape(boundary)
    return [found] if found.geom_type == "Polygon" else [each for each in found.geoms if each.geom_type == "Polygon"]
