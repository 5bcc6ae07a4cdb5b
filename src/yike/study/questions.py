"""Questions to a finished study: nearest, isochrone, explain. The tables answer what they can; the network the rest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from yike.access.isochrone import Isochrone, isochrones
from yike.access.trips import Route, reach, route
from yike.access.walk import Routes, Supply, nearest_k, prepare
from yike.coverage.limits import WalkLimit
from yike.errors import Fault, StudyError
from yike.network.attach import attach
from yike.network.graph import Attachment, Network, Walking
from yike.standards.catalogue import Catalogue
from yike.study import store
from yike.study.accessing import limit_of, supply_of, walked_types
from yike.study.folder import Study
from yike.study.ground import catalogue_of
from yike.study.judging import coverage_of
from yike.study.settings import LONGEST_S
from yike.tables import Outlets, Residents
from yike.words import LANGUAGES, say


@dataclass(frozen=True)
class Desk:
    """A study opened for one walker, with what questions share; each part is read when first asked for."""

    study: Study
    walker: str

    @classmethod
    def of(cls, study: Study, walker: str | None = None) -> Desk:
        """Open a study for one of its walkers, the first by default; raises ``study.walker_unknown``."""
        known = study.settings.walkers
        walker = walker or known[0]
        if walker not in known:
            raise StudyError(Fault("study.walker_unknown", values={"walker": walker, "known": ", ".join(known)}))
        return cls(study, walker)

    @cached_property
    def catalogue(self) -> Catalogue:
        return catalogue_of(self.study)

    @cached_property
    def ground(self) -> tuple[Network, Walking]:
        return store.network(self.study, self.walker)

    @cached_property
    def routes(self) -> Routes:
        return prepare(*self.ground, limit_of(self.study, self.catalogue))

    @cached_property
    def far_routes(self) -> Routes:
        """The network prepared for the longest walk the engine knows: only to tell how far the next one would be."""
        return prepare(*self.ground, LONGEST_S)

    @cached_property
    def residents(self) -> Residents:
        return store.residents(self.study)

    @cached_property
    def outlets(self) -> Outlets:
        return store.outlets(self.study)

    @cached_property
    def homes(self) -> Attachment:
        return store.attachment(self.study, f"residents_attach.{self.walker}")

    @cached_property
    def supply(self) -> Supply:
        at = store.attachment(self.study, f"outlets_attach.{self.walker}")
        return supply_of(self.outlets, at, walked_types(self.catalogue))

    def at(self, lon: float, lat: float) -> Attachment:
        """Return where a point stands on the network; raises ``study.point_off`` with the reason."""
        buildings, walls, doors = store.ground(self.study)
        spot = attach(
            *self.ground, np.array([lon]), np.array([lat]),
            walls=walls, doors=doors, buildings=buildings, limit_m=self.study.settings.attach_limit_m,
        )  # fmt: skip
        if spot.link[0] < 0:
            why = {lang: say(f"why.{spot.why[0]}", lang) for lang in LANGUAGES}
            values = {"lon": lon, "lat": lat, "why": why, "limit": f"{self.study.settings.attach_limit_m:g}"}
            raise StudyError(Fault("study.point_off", values=values))
        return spot

    def home(self, home_id: str) -> int:
        """Return the row of a residents' point; raises ``study.home_unknown``."""
        rows = np.flatnonzero(self.residents.frame["id"].to_numpy(dtype=str) == home_id)
        if len(rows) == 0:
            raise StudyError(Fault("study.home_unknown", values={"id": home_id}))
        return int(rows[0])


def one(at: Attachment, row: int) -> Attachment:
    """Return one point of an attachment."""
    part = slice(row, row + 1)
    return Attachment(at.link[part], at.at[part], at.access_ms[part], at.why[part])


def nearest(desk: Desk, lon: float, lat: float, k: int = 1) -> pd.DataFrame:
    """Return the k nearest outlets of every type from a point.

    Returns
    -------
    pandas.DataFrame
        business_type, zh, en, category, nth, outlet, name, minutes (null = none within the limit),
        within_5, within_10, within_15 (numbers of outlets).

    Raises
    ------
    StudyError
        ``study.point_off``: no place on the network within the attaching limit; ``study.not_run``.
    """
    bands = [min(band, desk.routes.limit_s) for band in (300.0, 600.0, 900.0)]
    found = nearest_k(desk.routes, desk.at(lon, lat), desk.supply, k, bands_s=bands)
    rows = []
    for t, code in enumerate(found.types):
        kind = desk.catalogue.type(code)
        for nth in range(k):
            outlet = int(found.outlet[0, t, nth])
            if outlet < 0 and nth > 0:
                break
            seconds = float(found.seconds[0, t, nth])
            named = desk.outlets.frame.loc[outlet, ["id", "name"]].tolist() if outlet >= 0 else ["", ""]
            minutes = seconds / 60 if np.isfinite(seconds) else np.nan
            rows.append((code, kind.zh, kind.en, kind.category, nth + 1, *named, minutes, *found.counts[0, t].tolist()))
    columns = ["business_type", "zh", "en", "category", "nth", "outlet", "name", "minutes"]
    return pd.DataFrame(rows, columns=[*columns, "within_5", "within_10", "within_15"])


def isochrone(desk: Desk, lon: float, lat: float, minutes: tuple[float, ...]) -> list[Isochrone]:
    """Draw what is within some minutes on foot of a point; see `yike.access.isochrone.isochrones`.

    Raises
    ------
    StudyError
        ``study.point_off``; ``study.minutes``: a limit outside 1 minute to the study's limit.
    """
    longest = desk.routes.limit_s / 60
    if not minutes or not all(1 <= each <= longest for each in minutes):
        given = ", ".join(f"{each:g}" for each in minutes)
        raise StudyError(Fault("study.minutes", values={"given": given, "longest": f"{longest:g}"}))
    found = reach(desk.routes, desk.at(lon, lat))
    return isochrones(
        found, desk.ground[0], [each * 60 for each in minutes], desk.homes, desk.residents.lon, desk.residents.lat
    )


@dataclass(frozen=True)
class Reason:
    """Why a home meets or fails one walking requirement, down to the way that would be walked."""

    limit: WalkLimit
    zh: str
    en: str
    met: bool
    minutes: float  #: nan = no outlet of the type even within the engine's longest walk
    outlet: str
    name: str
    route: Route | None


@dataclass(frozen=True)
class Explanation:
    """What is known of one home."""

    home: dict[str, object]
    unattached: str  #: why it is not on the network, "" when it is
    reasons: tuple[Reason, ...]


def explain(desk: Desk, home_id: str, types: tuple[str, ...] = (), every: bool = False) -> Explanation:
    """Tell for one home which requirements fail and why: the rule, the nearest outlet and the way to it.

    Parameters
    ----------
    types
        Tell these business types only.
    every
        Tell requirements that are met as well.

    Raises
    ------
    StudyError
        ``study.home_unknown``, ``study.type_unknown``, ``study.not_run``.
    """
    unknown = [code for code in types if code not in desk.catalogue.codes]
    if unknown:
        raise StudyError(Fault("study.type_unknown", tuple((None, code) for code in unknown)))
    row = desk.home(home_id)
    found = coverage_of(desk.study, desk.walker)
    frame = desk.residents.frame.iloc[row].to_dict()
    why = str(desk.homes.why[row])
    wanted = [
        q
        for q, limit in enumerate(found.limits)
        if (every or not found.met[row, q]) and (not types or limit.requirement.business_type in types)
    ]
    if why:
        return Explanation(frame, why, tuple(_lost(desk, found.limits[q]) for q in wanted))
    start = one(desk.homes, row)
    near = nearest_k(desk.far_routes, start, desk.supply, 1, bands_s=())
    return Explanation(
        frame, "", tuple(_reason(desk, start, near, found.limits[q], bool(found.met[row, q])) for q in wanted)
    )


def _lost(desk: Desk, limit: WalkLimit) -> Reason:
    kind = desk.catalogue.type(limit.requirement.business_type)
    return Reason(limit, kind.zh, kind.en, False, float("nan"), "", "", None)


def _reason(desk: Desk, start: Attachment, near, limit: WalkLimit, met: bool) -> Reason:  # type: ignore[no-untyped-def]
    kind = desk.catalogue.type(limit.requirement.business_type)
    outlet = int(near.outlet[0, near.types.index(kind.code), 0])
    if outlet < 0:
        return Reason(limit, kind.zh, kind.en, met, float("nan"), "", "", None)
    way = route(desk.far_routes, desk.ground[0], start, one(desk.supply.at, outlet))
    named = desk.outlets.frame.loc[outlet]
    minutes = float(near.seconds[0, near.types.index(kind.code), 0]) / 60
    return Reason(limit, kind.zh, kind.en, met, minutes, str(named["id"]), str(named["name"]), way)
