"""Nouns to tables and back: the one place that knows the columns of a study's Parquet files.

docs/method/study-folder.md describes the same columns for readers outside; the two change together.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from yike.access.walk import WalkTimes
from yike.network.graph import FAR_MS, Attachment, Network, Walking
from yike.network.rules import KINDS
from yike.network.walkers import Walker, load_walkers
from yike.study.folder import Study, put
from yike.tables import Areas, Buildings, Doors, Outlets, Residents, Walls

GROUND = {"buildings": Buildings, "walls": Walls, "doors": Doors}


def walkers_of(study: Study) -> list[Walker]:
    """Return the walkers whose coverage a study measures; raises ``network.walker_unknown``."""
    return _walkers(study, study.settings.walkers)


def all_walkers_of(study: Study) -> list[Walker]:
    """Return the walkers of a study with those it only tells ways for; raises ``network.walker_unknown``."""
    return _walkers(study, tuple(dict.fromkeys((*study.settings.walkers, *study.settings.also_walk))))


def _walkers(study: Study, names: tuple[str, ...]) -> list[Walker]:
    from yike.errors import Fault, NetworkError

    path = study.folder / study.settings.walkers_file if study.settings.walkers_file else None
    known = load_walkers(path)
    for name in names:
        if name not in known:
            raise NetworkError(Fault("network.walker_unknown", values={"walker": name, "known": ", ".join(known)}))
    return [known[name] for name in names]


def walker_name(study: Study, walker: str, lang: str) -> str:
    """Return what a person calls a walker: its name in the table of walkers."""
    return next(str(getattr(each, lang)) for each in all_walkers_of(study) if each.id == walker)


# --- ground -----------------------------------------------------------------------------------------


def put_ground(work: Path, buildings: Buildings, walls: Walls, doors: Doors) -> None:
    """Write what stands on the ground: ground/buildings, ground/walls, ground/doors."""
    for name, thing in (("buildings", buildings), ("walls", walls)):
        frame = thing.frame
        shapes = frame["geometry"] if "geometry" in frame else pd.Series([], dtype=object)
        plain = frame.drop(columns="geometry", errors="ignore")
        put(work, f"ground/{name}", gpd.GeoDataFrame(plain, geometry=gpd.GeoSeries(shapes.tolist(), crs=4326)))
    put(work, "ground/doors", doors.frame)


def ground(study: Study) -> tuple[Buildings, Walls, Doors]:
    """Read what stands on the ground."""
    return (
        Buildings(pd.DataFrame(study.table("ground/buildings"))),
        Walls(pd.DataFrame(study.table("ground/walls"))),
        Doors(study.table("ground/doors")),
    )


def put_areas(work: Path, areas: Areas) -> None:
    """Write the tree of areas with its outlines (GeoParquet)."""
    frame = areas.frame
    plain = frame.reindex(columns=["code", "name", "level", "parent"]).astype(str)
    shapes = frame["geometry"].tolist() if "geometry" in frame else []
    put(work, "areas", gpd.GeoDataFrame(plain, geometry=gpd.GeoSeries(shapes, crs=4326)))


def areas(study: Study) -> Areas:
    """Read the tree of areas."""
    return Areas(pd.DataFrame(study.table("areas")))


def residents(study: Study) -> Residents:
    """Read the residents' points."""
    return Residents(study.table("residents"))


def outlets(study: Study) -> Outlets:
    """Read the outlets."""
    return Outlets(study.table("outlets"))


def put_outlets(work: Path, outlets: Outlets, places: pd.DataFrame) -> None:
    """Write the outlets with the area each stands in."""
    frame = pd.concat([outlets.frame, places.reset_index(drop=True)], axis=1)
    frame["types"] = [list(types) for types in frame["types"]]
    put(work, "outlets", frame)


# --- network ----------------------------------------------------------------------------------------


def put_network(work: Path, network: Network) -> None:
    """Write network/nodes: node, lon, lat, part (0 = the largest connected part)."""
    nodes = {"node": np.arange(network.n_nodes, dtype=np.int32), "lon": network.lon, "lat": network.lat}
    put(work, "network/nodes", pd.DataFrame({**nodes, "part": network.part}))


def put_links(work: Path, network: Network, walk: Walking) -> None:
    """Write network/links.<walker>: one row per link, seconds there and back (inf = not that way)."""
    put(
        work,
        f"network/links.{walk.walker}",
        pd.DataFrame(
            {
                "link": np.arange(network.n_links, dtype=np.int32),
                "u": network.u,
                "v": network.v,
                "length_m": network.length_m,
                "there_s": _seconds(walk.there_ms),
                "back_s": _seconds(walk.back_ms),
                "private": network.private,
                "way_id": network.way_id[network.way],
                "name": pd.Categorical(network.way_name[network.way].astype(str)),
                "kind": pd.Categorical(np.array(KINDS, dtype=object)[network.features["way_kind"][network.way]]),
            }
        ),
    )


def network(study: Study, walker: str) -> tuple[Network, Walking]:
    """Read the network and one walker's costs on it; `Network.features` is empty, for costs are already there."""
    nodes, links = study.table("network/nodes"), study.table(f"network/links.{walker}")
    name = links["name"].astype(str).to_numpy(dtype=object)
    way_id = links["way_id"].to_numpy()
    _, first, way = np.unique(way_id, return_index=True, return_inverse=True)
    net = Network(
        lon=nodes["lon"].to_numpy(),
        lat=nodes["lat"].to_numpy(),
        u=links["u"].to_numpy(np.int32),
        v=links["v"].to_numpy(np.int32),
        length_m=links["length_m"].to_numpy(),
        private=links["private"].to_numpy(bool),
        way=way.astype(np.int32),
        way_id=way_id[first],
        way_name=name[first],
        way_rule=np.zeros(len(first), np.int32),
        features={},
        part=nodes["part"].to_numpy(np.int32),
    )
    pace = {each.id: each.m_per_min for each in all_walkers_of(study)}[walker]
    return net, Walking(walker, _ms(links["there_s"]), _ms(links["back_s"]), pace)


def _seconds(ms: np.ndarray) -> np.ndarray:
    return np.where(ms >= FAR_MS, np.inf, ms / 1000)


def _ms(seconds: pd.Series) -> np.ndarray:
    value = seconds.to_numpy(float)
    return np.where(np.isfinite(value), np.rint(np.where(np.isfinite(value), value, 0) * 1000), FAR_MS).astype(np.int32)


def put_attachment(work: Path, name: str, ids: pd.Series, at: Attachment) -> None:
    """Write where points stand on the links: id, link, at, access_s (null when unattached), why."""
    on = at.link >= 0
    put(
        work,
        name,
        pd.DataFrame(
            {
                "id": ids.to_numpy(),
                "link": pd.array(np.where(on, at.link, 0), dtype="Int32"),
                "at": at.at,
                "access_s": at.access_ms / 1000,
                "why": at.why.astype(str),
            }
        ).assign(**{c: lambda f, c=c: f[c].where(on) for c in ("link", "at", "access_s")}),
    )


def attachment(study: Study, name: str) -> Attachment:
    """Read where points stand."""
    frame = study.table(name)
    link = frame["link"].to_numpy(dtype=float, na_value=-1).astype(np.int32)
    at, access = frame["at"].fillna(0).to_numpy(float), frame["access_s"].fillna(0).to_numpy(float)
    return Attachment(link, at, np.rint(access * 1000).astype(np.int32), frame["why"].to_numpy(object))


# --- walking ----------------------------------------------------------------------------------------


def put_walk_times(work: Path, times: WalkTimes) -> None:
    """Write walk_times.<walker>: id and one column of seconds per type, null = no way within the limit."""
    seconds = {code: times.seconds[:, k] for k, code in enumerate(times.types)}
    frame = pd.DataFrame({"id": times.ids, **seconds})
    put(work, f"walk_times.{times.walker}", frame.replace(np.float32(np.inf), np.nan))


def walk_times(study: Study, walker: str, limit_s: float) -> WalkTimes:
    """Read walk times as far as ``limit_s``."""
    frame = study.table(f"walk_times.{walker}")
    types = tuple(name for name in frame.columns if name != "id")
    seconds = frame[list(types)].to_numpy(np.float32)
    seconds = np.where(np.isnan(seconds), np.float32(np.inf), seconds)
    return WalkTimes(frame["id"].to_numpy(dtype=object), types, seconds, limit_s, walker)


def outline(frame: pd.DataFrame) -> shapely.Geometry | None:
    """Return the union of a table's outlines, or None where it has none."""
    shapes = [shape for shape in frame.get("geometry", []) if shape is not None]
    return shapely.union_all(shapes) if shapes else None
