"""Circles of a study: which communities, measured on its streets, proposed, and written as the platform reads them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from yike.circles import Circle, Communities, Proposal, Targets, communities_of, crossing_ms, find_barriers, propose
from yike.circles.barriers import Barriers
from yike.circles.propose import as_one, outline_of, walk_sheds
from yike.circles.walks import rows_of
from yike.errors import Fault, Row, StudyError, raise_all
from yike.network.graph import Attachment, Network, Walking
from yike.study import store
from yike.study.folder import Study
from yike.study.ground import read_map
from yike.tables import Residents
from yike.words import say

Tell = Callable[[float], None]
COMMITTEES = "committees"  #: word for the communities that are no villages
HEADS = ("圈编号", "名称", "类别", "社区代码", "人口")


@dataclass(frozen=True)
class CircleGround:
    """One walker of a study, with what proposals of circles share; each part is read when first asked for."""

    study: Study
    walker: str

    @classmethod
    def of(cls, study: Study, walker: str = "") -> CircleGround:
        """Open a study for one of its walkers, the first by default; raises ``study.walker_unknown``."""
        known = study.settings.walkers
        if walker and walker not in known:
            raise StudyError(Fault("study.walker_unknown", values={"walker": walker, "known": ", ".join(known)}))
        return cls(study, walker or known[0])

    @cached_property
    def streets(self) -> tuple[Network, Walking]:
        return store.network(self.study, self.walker)

    @cached_property
    def barriers(self) -> Barriers:
        found = read_map(self.study, frozenset({"drawn"})).value
        return find_barriers(found.ways, found.drawn)

    @cached_property
    def homes(self) -> Attachment:
        return store.attachment(self.study, f"residents_attach.{self.walker}")

    @cached_property
    def residents(self) -> Residents:
        return store.residents(self.study)

    @cached_property
    def names(self) -> dict[str, str]:
        """Names of communities by code, in the order of the codes."""
        frame = store.areas(self.study).frame
        mine = frame[frame["level"] == "community"].sort_values("code")
        return dict(zip(mine["code"].astype(str), mine["name"].astype(str), strict=True))

    @cached_property
    def shapes(self) -> dict[str, shapely.Geometry]:
        """Outlines of communities by code, of those that have one."""
        frame = store.areas(self.study).frame
        return {
            str(code): shape
            for code, shape in zip(frame["code"], frame["geometry"], strict=True)
            if shape is not None and not shape.is_empty
        }

    def within(self, area: str = "", only: str = "") -> list[str]:
        """Return the communities of an area ("" = all) that have people; ``only`` "committees" leaves villages out.

        Raises
        ------
        StudyError
            ``circles.nothing``: no such area, or nobody lives there.
        """
        frame = self.residents.frame
        inside = np.ones(len(frame), bool)
        if area:
            inside = np.any([frame[level].to_numpy(dtype=str) == area for level in _LEVELS], axis=0)
        lived = set(frame.loc[inside & (self.residents.people > 0), "community"]) - {""}
        codes = [
            code for code in self.names if code in lived and (only != COMMITTEES or is_committee(self.names[code]))
        ]
        if not codes:
            raise StudyError(Fault("circles.nothing", values={"area": area or self.study.settings.name}))
        return codes

    def propose(self, codes: Sequence[str], targets: Targets, tell: Tell = lambda share: None) -> Proposal:
        """Propose circles for some communities.

        Raises
        ------
        StudyError
            ``circles.community_strange``: codes that the study does not have, or that stand twice.
        """
        strange: list[Row] = [(None, code) for code in codes if code not in self.names or list(codes).count(code) > 1]
        raise_all(StudyError, [Fault("circles.community_strange", tuple(dict.fromkeys(strange)))] if strange else [])
        measured = self._measured(codes, targets, tell)
        found = propose(measured, self.residents, targets, self.walker)
        tell(1.0)
        return found

    def one(self, codes: Sequence[str], targets: Targets) -> Circle:
        """Return the circle that some communities of the study make, with its centre and what it does not meet."""
        return as_one(self._measured(codes, targets), self.residents, targets)

    def _measured(self, codes: Sequence[str], targets: Targets, tell: Tell = lambda share: None) -> Communities:
        network, walk = self.streets
        barred = crossing_ms(network, walk, self.barriers, dict(targets.crossing_min))
        tell(0.1)
        found = communities_of(network, walk, barred, self.homes, self.residents, codes, targets)
        tell(0.8)
        return found

    def sheds(self, circles: Sequence[Circle], minutes: float, tell: Tell = lambda share: None) -> NDArray[np.object_]:
        """Return the walk-shed of each circle's centre (WGS 84), None where the centre is off the network."""
        ids = list(zip(self.residents.lon.tolist(), self.residents.lat.tolist(), strict=True))
        row = {place: k for k, place in reversed(list(enumerate(ids)))}
        at = np.array([row.get((each.lon, each.lat), -1) for each in circles], np.int64)
        starts = rows_of(self.homes, np.maximum(at, 0))
        starts = Attachment(
            np.where(at >= 0, starts.link, -1).astype(np.int32), starts.at, starts.access_ms, starts.why
        )
        return walk_sheds(*self.streets, self.homes, self.residents, starts, minutes, tell)

    def outline(self, codes: Sequence[str]) -> shapely.Geometry | None:
        """Return the union of some communities' outlines, None where none is known."""
        return outline_of([self.shapes[code] for code in codes if code in self.shapes])

    def name_of(self, circle: Circle) -> str:
        """Return what a proposed circle is called: after the community of its centre."""
        return short_name(self.names[circle.centre]) + "生活圈"


_LEVELS = ("city", "county", "street", "community")
_ENDS = ("居民委员会", "村民委员会", "居委会", "村委会", "委员会", "社区", "委会")


def short_name(name: str) -> str:
    """Return a community's name without the word for what it is.

    Examples
    --------
    >>> short_name("凤庆社区居委会"), short_name("北石店村委会"), short_name("社区")
    ('凤庆', '北石店村', '社区')
    """
    for end in _ENDS:
        if name.endswith(end) and len(name) > len(end):
            rest = name[: -len(end)]
            if end == "村委会" and not rest.endswith("村"):
                return rest + "村"
            return short_name(rest) if end in ("居民委员会", "居委会") else rest
    return name


def is_committee(name: str) -> bool:
    """Return whether a community is an urban one (居委会、社区) rather than a village.

    Examples
    --------
    >>> is_committee("凤庆社区居委会"), is_committee("北石店村委会")
    (True, False)
    """
    return name.endswith(("居委会", "居民委员会", "社区"))


def rows_for_register(ground: CircleGround, found: Proposal) -> list[dict[str, str]]:
    """Return proposed circles as rows of a table of circles: the form that `yike city add` reads."""
    return [
        dict(zip(HEADS, (f"S{k + 1:03d}", ground.name_of(each), "基本型", " ".join(each.communities),
                         str(round(each.people))), strict=True))
        for k, each in enumerate(found.circles)
    ]  # fmt: skip


def write_table(path: Path, rows: list[dict[str, str]]) -> None:
    """Write a table of circles as CSV, UTF-8 with the mark that spreadsheet programs look for; aside, then swapped in."""
    aside = path.with_name(path.name + ".new")
    aside.parent.mkdir(parents=True, exist_ok=True)
    with aside.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, HEADS)
        writer.writeheader()
        writer.writerows(rows)
    aside.replace(path)


def features(ground: CircleGround, found: Proposal) -> dict[str, Any]:
    """Return proposed circles as GeoJSON: of each its communities' outline and its centre's walk-shed, told by ``part``."""
    listed = rows_for_register(ground, found)
    minutes = found.targets.walk_most_min
    sheds = ground.sheds(found.circles, minutes)
    told = []
    for row, circle, shed in zip(listed, found.circles, sheds, strict=True):
        shared = {
            "code": row["圈编号"], "name": row["名称"], "people": round(circle.people), "communities": list(circle.communities),
            "centre": [circle.lon, circle.lat] if np.isfinite(circle.lon) else None,
            "bent": [{"kind": kind, "by": amount} for kind, amount in circle.bent],
        }  # fmt: skip
        for part, shape in (("communities", ground.outline(circle.communities)), ("walk_shed", shed)):
            if shape is not None:
                geometry = json.loads(shapely.to_geojson(shapely.set_precision(shape, 1e-6)))
                told.append({"type": "Feature", "geometry": geometry, "properties": {**shared, "part": part}})
    return {"type": "FeatureCollection", "features": told, "walker": found.walker, "walk_most_min": minutes,
            "study": str(ground.study.receipts()["headline"]["digest"])}  # fmt: skip


def bent_words(circle: Circle, lang: str) -> list[str]:
    """Say which targets a circle does not meet, and by how much."""
    return [say(f"circles.bent_{kind}", lang, n=amount) for kind, amount in circle.bent]


def objective_words(found: Proposal, lang: str) -> str:
    """Say what a proposal costs and what that is made of."""
    parts = {key: getattr(found, f"{key}_part") for key in ("walk", "crossing", "far", "size")}
    return say("circles.objective", lang, total=found.objective, **parts)
