"""What a map shows of a study: streets, buildings, homes with minutes, outlets. Read once for sheet and page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yike.standards.catalogue import Catalogue
from yike.study.folder import Study
from yike.study.ground import catalogue_of
from yike.study.judging import coverage_of
from yike.study.settings import InputFile
from yike.words import say

Floats = NDArray[np.float64]
FEWEST_PEOPLE = 5  #: public maps never tell a number of people below this


@dataclass(frozen=True)
class Scene:
    """One study as one walker lives it. Coordinates are WGS 84."""

    study: Study
    walker: str
    catalogue: Catalogue
    headline: dict[str, Any]
    homes: pd.DataFrame  #: id, lon, lat, people
    minutes: pd.DataFrame  #: (R, T) minutes to the nearest outlet per type, NaN = none within the limit
    basic_met: NDArray[np.int64]  #: (R,) how many basic types are within their limit
    basic_of: int
    outlets: pd.DataFrame
    lines: Floats  #: (E, 2, 2) links as lon, lat
    private: NDArray[np.bool_]  #: (E,)
    buildings: pd.DataFrame
    made_on: date

    def source(self, lang: str) -> str:
        """Name what the map rests on: its files, and the licence of a real ground."""
        return source_of(self.study, lang)

    def people(self, lang: str) -> str:
        """Return how many people, and how it is known where they live."""
        by_method: Any = self.headline["people_by_method"]
        methods = say("list.and", lang).join(say(f"method.{method}", lang) for method in by_method)
        return say("sheet.people", lang, people=self.homes["people"].sum(), methods=methods)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Return west, south, east, north of the homes and outlets, with a rim; of the streets where there are none."""
        lon = np.concatenate([self.homes["lon"], self.outlets["lon"]])
        lat = np.concatenate([self.homes["lat"], self.outlets["lat"]])
        if len(lon) == 0:
            lon, lat = self.lines[:, :, 0].ravel(), self.lines[:, :, 1].ravel()
        rim_lon, rim_lat = 0.02 * np.ptp(lon) + 1e-4, 0.02 * np.ptp(lat) + 1e-4
        return lon.min() - rim_lon, lat.min() - rim_lat, lon.max() + rim_lon, lat.max() + rim_lat

    def open_outlets(self, business_type: str) -> pd.DataFrame:
        """Return the open outlets of a type."""
        serves = np.array([business_type in types for types in self.outlets["types"]], dtype=bool)
        return self.outlets[serves & (self.outlets["state"] == "open").to_numpy()]


def source_of(study: Study, lang: str) -> str:
    """Name what a study rests on: its files, and the licence of a real ground; made-up streets have no other author."""
    settings = study.settings
    words = say("sheet.made_up" if settings.made_up else "sheet.osm", lang, files=_names(settings.maps, lang))
    for kind in ("outlets", "residents"):
        if files := getattr(settings, kind):
            words += say(f"sheet.{kind}_from", lang, files=_names(files, lang))
    return words


SHOWN_FILES = 2  #: names of files told on a sheet; the study itself lists all of them


def _names(files: tuple[InputFile, ...], lang: str) -> str:
    names = [Path(path).name for file in files for path in (file.path, file.counts) if path]
    shown = ", ".join(names[:SHOWN_FILES])
    return shown if len(names) <= SHOWN_FILES else say("sheet.files_more", lang, shown=shown, n=len(names))


def load_scene(study: Study, walker: str | None = None) -> Scene:
    """Read what maps of a finished study show.

    Raises
    ------
    StudyError
        ``study.not_run``, ``study.walker_unknown``.
    """
    from yike.study.questions import Desk

    walker = Desk.of(study, walker).walker
    catalogue, found = catalogue_of(study), coverage_of(study, walker)
    basic = {each.code for each in catalogue.types if each.category == "basic"}
    by_type: dict[str, NDArray[np.bool_]] = {}
    for q, limit in enumerate(found.limits):
        code = limit.requirement.business_type
        if code in basic:
            by_type[code] = by_type.get(code, np.ones(len(found.met), bool)) & found.met[:, q]
    nodes, links = study.table("network/nodes"), study.table(f"network/links.{walker}")
    links = links[links["kind"] != "square"]  # lines across squares are for walking, not for drawing
    place = nodes[["lon", "lat"]].to_numpy()
    seconds = np.where(np.isfinite(found.seconds), found.seconds / 60, np.nan)
    finished = str(study.receipts()["headline"]["finished"])
    return Scene(
        study=study,
        walker=walker,
        catalogue=catalogue,
        headline=study.headline(),
        homes=study.table("residents")[["id", "lon", "lat", "people"]],
        minutes=pd.DataFrame(seconds, columns=list(found.types)),
        basic_met=np.sum(list(by_type.values()), axis=0) if by_type else np.zeros(len(found.met), np.int64),
        basic_of=len(by_type),
        outlets=study.table("outlets"),
        lines=np.stack([place[links["u"]], place[links["v"]]], axis=1),
        private=links["private"].to_numpy(bool),
        buildings=study.table("ground/buildings"),
        made_on=date.fromisoformat(finished[:10]),
    )
