"""`yike demo`: the demonstration city as ordinary input files in a folder, whole or not at all."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path

import numpy as np
import pandas as pd

from yike.demo.circles import write_circles, write_spaces
from yike.demo.facts import City, load_city, rows, stream
from yike.demo.homes import house_people
from yike.demo.needs import write_needs
from yike.demo.outline import community_outlines
from yike.demo.output import with_levels, write_areas, write_csv, write_xlsx
from yike.demo.plan import plan_city
from yike.demo.readme import README, readme
from yike.demo.register import MARK, REFERENCE, write_register
from yike.demo.shops import place_shops
from yike.demo.statistics import write_facts, write_programmes
from yike.demo.town import Town, draw_town
from yike.errors import Fault, StudyError
from yike.ingest.datum import from_wgs84
from yike.study.city import CITY_FILE, CityFile, write_city
from yike.study.settings import InputFile

MAP, OUTLETS, MORE, RESIDENTS = "map.osm.pbf", "outlets.csv", "outlets_more.xlsx", "residents.csv"
AREAS, SPACES, NEEDS, CIRCLES = "areas.geojson", "idle_spaces.csv", "needs.csv", "circles.csv"
FACTS, PROGRAMMES = "community_facts.csv", "programmes.csv"
FILES = (MAP, OUTLETS, MORE, RESIDENTS, AREAS, SPACES, NEEDS, CIRCLES, FACTS, PROGRAMMES, README, CITY_FILE)


@dataclass(frozen=True)
class Summary:
    """What was written: how much of each."""

    folder: str
    size: str
    seed: int
    people: int
    residents_points: int
    communities: int
    urban_communities: int
    outlets: int
    terminals_and_stalls: int
    idle_spaces: int
    needs: int
    circles: int
    map_nodes: int
    map_ways: int


def write(folder: str | Path, size: str = "full", seed: int = 1) -> Summary:
    """Write the demonstration city.

    Parameters
    ----------
    folder
        Where the files go: a new or empty folder, or one that holds a demonstration city, which is written anew.
    size
        "full" or "small" (a row of the city's ``sizes.csv``).
    seed
        The same seed gives the same bytes.

    Raises
    ------
    StudyError
        ``demo.not_empty``, ``demo.seed_bad``, ``demo.size_unknown``.
    """
    folder = Path(folder)
    if seed < 0:
        raise StudyError(Fault("demo.seed_bad", values={"seed": seed}))
    if folder.exists() and not (folder.is_dir() and _may_be_written(folder)):
        raise StudyError(Fault("demo.not_empty", values={"path": str(folder)}))
    city = load_city()
    town = draw_town(plan_city(city, size, seed))
    aside = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        summary = _write_all(aside, town, str(folder))
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            (aside / name).replace(folder / name)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return summary


def _may_be_written(folder: Path) -> bool:
    return (folder / README).is_file() or not any(folder.iterdir())


def _write_all(aside: Path, town: Town, folder: str) -> Summary:
    plan, seed = town.plan, town.plan.seed
    town.sheet.write(aside / MAP, plan.city.plane)
    shops = place_shops(town, "trades", stream(seed, "shops"))
    outlets = write_register(town, shops, "trades", "W", stream(seed, "register"))
    write_csv(aside / OUTLETS, outlets, "outlets")
    more = place_shops(town, "more_trades", stream(seed, "more"))
    more = write_register(town, more, "more_trades", "Z", stream(seed, "more register"))
    write_xlsx(aside / MORE, _shifted(more), "more", datetime.combine(REFERENCE, time()))
    homes = house_people(town, stream(seed, "people"))
    residents = _residents(town, homes)
    write_csv(aside / RESIDENTS, residents, "residents")
    tree = with_levels(plan.communities, community_outlines(plan, town.sites),
                       (str(plan.city.facts["code"]), str(plan.city.facts["zh"])))  # fmt: skip
    write_areas(aside / AREAS, tree, plan.city.plane)
    spaces = write_spaces(town, stream(seed, "spaces"))
    write_csv(aside / SPACES, spaces, "spaces")
    needs = write_needs(town, outlets, stream(seed, "needs"))
    write_csv(aside / NEEDS, needs, "needs")
    circles = write_circles(plan)
    write_csv(aside / CIRCLES, circles, "circles")
    write_csv(aside / FACTS, write_facts(town, homes, stream(seed, "facts")), "facts")
    write_csv(aside / PROGRAMMES, write_programmes(town, stream(seed, "programmes")), "programmes")
    write_city(aside, _city_file(plan.city, plan.size, seed))
    summary = Summary(folder, plan.size, seed, int(residents["people"].sum()), len(residents), len(plan.communities),
                      int(plan.urban.sum()), len(outlets), len(more), len(spaces), len(needs), len(circles), town.sheet.n_nodes,
                      town.sheet.n_ways)  # fmt: skip
    (aside / README).write_text(readme(summary), encoding="utf-8")
    return summary


def _shifted(more: pd.DataFrame) -> pd.DataFrame:
    """Return the second source as its maker has it: in GCJ-02."""
    lon, lat = from_wgs84(more["lon"].to_numpy(float), more["lat"].to_numpy(float), "gcj02")
    return more.assign(lon=lon.round(6), lat=lat.round(6))


def _residents(town: Town, homes: pd.DataFrame) -> pd.DataFrame:
    """Return the table of residents' points."""
    homes = homes[homes["people"] > 0].reset_index(drop=True)
    communities = town.plan.communities
    lonlat = town.plan.city.plane.lonlat(homes[["x", "y"]].to_numpy())
    here = homes["community"].to_numpy()
    village = communities["name"].str.removesuffix("委会").to_numpy(dtype=object)
    name = np.append(np.array(town.block_names, dtype=object), "")[homes["block"].to_numpy()]
    words = {row["kind"]: row["zh"] for row in rows("block_kinds")}
    return homes.assign(
        id=[f"J{k + 1:06d}" for k in range(len(homes))],
        name=np.where(homes["block"] >= 0, name, village[here]),
        lon=lonlat[:, 0].round(6),
        lat=lonlat[:, 1].round(6),
        code=communities["code"].to_numpy()[here],
        kind=[words.get(kind, "村民住宅") for kind in homes["kind"]],
        levels=homes["levels"].astype(int),
        note=MARK,
    )


def _city_file(city: City, size: str, seed: int) -> CityFile:
    """Return how the platform reads the folder."""
    facts = city.facts
    return CityFile(
        slug=str(facts["slug"]),
        zh=str(facts["zh"]),
        en=str(facts["en"]),
        code=str(facts["code"]),
        made_up=True,
        standard=str(facts["standard"]),
        walkers=("adult", "elder"),
        reference_date=REFERENCE.isoformat(),
        size=size,
        seed=seed,
        maps=(InputFile(MAP),),
        outlets=(InputFile(OUTLETS, crosswalk="words"), InputFile(MORE, datum="gcj02", crosswalk="words")),
        residents=(InputFile(RESIDENTS),),
        areas=(InputFile(AREAS),),
        spaces=(InputFile(SPACES),),
        needs=(InputFile(NEEDS),),
        circles=(InputFile(CIRCLES),),
        facts=(InputFile(FACTS),),
        programmes=(InputFile(PROGRAMMES),),
    )
