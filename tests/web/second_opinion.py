"""A second opinion on the planning desk: the register read anew, attached anew, changed, and everyone walked from scratch.

Outlets come from the database, not from anything that follows it; the ground is redrawn with the changes in it
(`redrawn`). Only what a path or a gate *is* comes from the desk: which links, and how many seconds.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from redrawn import Redrawn
from yike.access.openings import openings
from yike.access.walk import Supply, prepare, walk_times
from yike.access.whatif import AddLink, AddOutlet, AddPath, MoveOutlet, OpenGate, RemoveOutlet
from yike.network.attach import Standing
from yike.network.graph import Attachment
from yike.study import Study, store
from yike.study.accessing import limit_of, walked_types
from yike.web.areas.models import City
from yike.web.outlets.models import Function, Outlet
from yike.web.scenarios.asked import read_changes
from yike.web.scenarios.living import Table
from yike.web.scenarios.reading import Read, read
from yike.web.studies.live import live
from yike.web.studies.place import study_folder
from yike.web.studies.stock import counting_for


class Town:
    """One walker's town, as files and database tell it."""

    def __init__(self, city: City, walker: str) -> None:
        study = Study.open(study_folder(city))
        self.catalogue = live(city).catalogue
        self.network, self.walking = store.network(study, walker)
        self.types, self.limit_s = walked_types(self.catalogue), limit_of(study, self.catalogue)
        buildings, walls, doors = store.ground(study)
        self.standing = Standing.of(
            self.network, self.walking, walls=walls, doors=doors, buildings=buildings,
            limit_m=study.settings.attach_limit_m,
        )  # fmt: skip
        rows = list(Outlet.objects.filter(city=city, state="open").order_by("id"))
        own: dict[int, list[str]] = {each.pk: [] for each in rows}
        for outlet, code in Function.objects.filter(outlet__city=city).order_by("id").values_list("outlet_id", "code"):
            if outlet in own:
                own[outlet].append(code)
        self.number = {each.key: k for k, each in enumerate(rows)}
        self.serves = [list(counting_for(own[each.pk], self.catalogue)) for each in rows]
        self.at = self.standing.place(np.array([each.lon for each in rows]), np.array([each.lat for each in rows]))
        self.homes = store.attachment(study, f"residents_attach.{walker}")
        self.people = store.residents(study).people
        self.gates = openings(self.network)
        self._routes: Any = None

    def drawn(self, changes: list[dict[str, Any]], question: Read) -> Redrawn:
        """Return the town with changes drawn into it."""
        town = Redrawn(self.network, self.walking, self.homes, self.at, self.serves)
        paths = iter(c for move in question.moves for c in move.make() if isinstance(c, AddPath))
        for each in (one for one in changes if one.get("on", True)):
            for change in self._changes(each, paths):
                town.change(change)
        return town

    def _changes(self, each: dict[str, Any], paths: Any) -> list[Any]:
        match each["verb"]:
            case "add":
                return [AddOutlet(self._stand(each), counting_for(each["types"], self.catalogue))]
            case "close":
                return [RemoveOutlet(self.number[each["outlet"]])]
            case "move":
                return [MoveOutlet(self.number[each["outlet"]], self._stand(each))]
            case "link":
                return [next(paths)]
            case "gate":
                same = [gate for gate in self.gates if gate.kind == each["kind"]]
                nearest = min(same, key=lambda gate: (gate.lon - each["lon"]) ** 2 + (gate.lat - each["lat"]) ** 2)
                if nearest.kind == "compound":
                    return [OpenGate(nearest.links)]
                return [AddLink(u, v, 0.0, 0.0) for u, v in nearest.joins]
        return []

    def _stand(self, each: dict[str, Any]) -> Attachment:
        return self.standing.place(np.array([each["lon"]]), np.array([each["lat"]]))

    def seconds(self, changes: list[dict[str, Any]], question: Read) -> np.ndarray:
        """Return seconds (R, T) after changes; the hierarchy is made anew wherever the ways are not those of the map."""
        town = self.drawn(changes, question)
        if len(town.links) > self.network.n_links:
            return town.seconds(self.types, self.limit_s)
        if self._routes is None:
            self._routes = prepare(self.network, self.walking, self.limit_s)
        link, at, access = (np.array(column) for column in zip(*town.outlets, strict=True))
        outlets = Attachment(link.astype(np.int32), at, access.astype(np.int32), np.full(len(link), "", object))
        return walk_times(self._routes, self.homes, Supply.of(outlets, town.serves, self.types)).seconds


def random_change(table: Table, town: Town, chance: random.Random, near: int) -> dict[str, Any]:
    """Return a change of any kind near a home: where there is something to be changed by it."""
    lon, lat = float(table.lon[near]), float(table.lat[near])

    def place(metres: float = 400.0) -> dict[str, float]:
        return {
            "lon": round(lon + chance.uniform(-metres, metres) / 90_000, 6),
            "lat": round(lat + chance.uniform(-metres, metres) / 111_000, 6),
        }

    verb = chance.choice(["add", "close", "move", "link", "door", "compound"])
    if verb == "add":
        return {"verb": "add", "types": chance.sample(town.types, chance.randint(1, 4)), **place()}
    if verb in ("close", "move"):
        away = (town.standing.network.lon[town.standing.network.u[np.maximum(town.at.link, 0)]] - lon) ** 2
        away = away + (town.standing.network.lat[town.standing.network.u[np.maximum(town.at.link, 0)]] - lat) ** 2
        keys = list(town.number)
        outlet = keys[chance.choice(np.argsort(away)[:40].tolist())]
        return {"verb": verb, "outlet": outlet, **(place() if verb == "move" else {})}
    if verb == "link":
        ends = [place(250), place(250)]
        crossing = chance.choice(["unmarked", "marked", "signals", "bridge"])
        return {"verb": "link", "crossing": crossing, "points": [[each["lon"], each["lat"]] for each in ends]}
    same = sorted(
        (gate for gate in town.gates if gate.kind == verb), key=lambda g: (g.lon - lon) ** 2 + (g.lat - lat) ** 2
    )
    gate = chance.choice(same[:6]) if same else None
    if gate is None:
        return {"verb": "add", "types": [chance.choice(town.types)], **place()}
    return {"verb": "gate", "kind": verb, "lon": gate.lon, "lat": gate.lat}


def question_of(table: Table, who: str, changes: list[dict[str, Any]]) -> Read:
    return read(table, who, read_changes(changes))
