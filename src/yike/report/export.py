"""Results as files other programs read: GeoPackage, GeoJSON, GeoParquet, CSV, XLSX."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyogrio.errors import DataSourceError

from yike.errors import Fault, StudyError
from yike.study.folder import Study
from yike.study.run import notes
from yike.words import say

FORMATS = ("gpkg", "geojson", "geoparquet", "csv", "xlsx")
TABLES = ("coverage", "gaps", "presence", "gates", "distribution", "by_hour", "unreached", "failing")
SHEET_ROWS = 1_048_575  #: rows a worksheet can hold below its heads
Tables = dict[str, pd.DataFrame]


def export_study(study: Study, out: Path, kind: str = "", *, lang: str = "zh") -> list[Path]:
    """Write a finished study's results and return the files.

    Layers with places: ``homes`` (people and minutes per type), ``outlets``, ``areas`` (shares of people in time per
    type), ``streets``. Tables: those of the study folder. GeoPackage and XLSX hold all in one file; the others are a
    folder of files. Every file carries where its figures come from (study, standard, version, digest).

    Parameters
    ----------
    out
        File (.gpkg, .xlsx) or folder.
    kind
        One of `FORMATS`; "" takes it from the suffix.

    Raises
    ------
    StudyError
        ``study.format_unknown``, ``study.not_run``.
    """
    kind = kind or out.suffix.lstrip(".").lower()
    if kind not in FORMATS:
        raise StudyError(Fault("study.format_unknown", values={"kind": kind or "—", "known": ", ".join(FORMATS)}))
    layers, tables = _layers(study), {name: study.table(name) for name in TABLES}
    tables["about"] = about(study, lang)
    write: Mapping[str, Callable[[Path, dict[str, gpd.GeoDataFrame], Tables], list[Path]]] = {
        "gpkg": _gpkg, "xlsx": _xlsx, "geojson": _geojson, "geoparquet": _geoparquet, "csv": _csv,
    }  # fmt: skip
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        return write[kind](out, layers, tables)
    except DataSourceError as error:
        raise OSError(errno.EIO, str(error), str(out)) from error


def about(study: Study, lang: str) -> pd.DataFrame:
    """Return where the figures come from, as a table: what, value."""
    figures = study.headline()
    standard = figures["standard"]
    rows = [
        ("about.study", figures["study"]),
        ("about.made_up", say("made_up", lang) if figures["made_up"] else "—"),
        ("about.standard", f"{standard['name']} {standard['version']}"),
        ("about.digest", standard["digest"]),
        ("about.engine", figures["engine"]),
        ("about.finished", study.receipts()["headline"]["finished"]),
        *(("about.input", f"{file.path}  SHA-256 {file.digest}") for file in study.settings.maps + study.settings.outlets
          + study.settings.residents + study.settings.areas),
        ("about.licence", say("about.invented" if figures["made_up"] else "about.osm", lang)),
        *(("about.note", note[lang].splitlines()[0]) for note in notes(study)),
    ]  # fmt: skip
    return pd.DataFrame([(say(key, lang), str(value)) for key, value in rows], columns=["what", "value"])


def _layers(study: Study) -> dict[str, gpd.GeoDataFrame]:
    """Return what has a place: homes with minutes per walker and type, outlets, areas with shares, streets."""
    homes = _points(study.table("residents"))
    for walker in study.settings.walkers:
        times = study.table(f"walk_times.{walker}").drop(columns="id")
        homes = homes.join((times / 60).round(2).add_suffix(f"_{walker}_min"))
    outlets = _points(study.table("outlets"))
    outlets["types"] = ["|".join(types) for types in outlets["types"]]
    return {"homes": homes, "outlets": outlets, "areas": _areas(study), "streets": _streets(study)}


def _points(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs=4326)


def _areas(study: Study) -> gpd.GeoDataFrame:
    """Return the areas with the share of people in time per type, first walker, strictest limit."""
    areas = study.table("areas")
    coverage = study.table("coverage")
    mine = coverage[coverage["walker"] == study.settings.walkers[0]].sort_values("limit_s")
    shares = mine.drop_duplicates(["area", "business_type"]).pivot(
        index="area", columns="business_type", values="share"
    )
    people = mine.drop_duplicates("area").set_index("area")["people"].rename("people")
    joined = areas.set_index("code").join(people).join(shares.add_suffix("_share")).reset_index()
    return gpd.GeoDataFrame(joined, geometry="geometry", crs=4326)


def _streets(study: Study) -> gpd.GeoDataFrame:
    nodes, links = study.table("network/nodes"), study.table(f"network/links.{study.settings.walkers[0]}")
    place = nodes[["lon", "lat"]].to_numpy()
    lines = shapely.linestrings(np.stack([place[links["u"]], place[links["v"]]], axis=1))
    return gpd.GeoDataFrame(_plain(links), geometry=lines, crs=4326)


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table without types that file formats lack: words instead of categories, null for infinite."""
    found = table.copy()
    for name in found.columns:
        if isinstance(found[name].dtype, pd.CategoricalDtype):
            found[name] = found[name].astype(str)
        elif found[name].dtype.kind == "f":
            found[name] = found[name].where(np.isfinite(found[name].astype(float)))
    return found


def _swap(aside: Path, out: Path) -> None:
    if out.is_dir() and aside.is_dir():
        shutil.rmtree(out)
    aside.replace(out)


def _gpkg(out: Path, layers: dict[str, gpd.GeoDataFrame], tables: Tables) -> list[Path]:
    aside = out.with_name(out.stem + ".new.gpkg")
    aside.unlink(missing_ok=True)
    for name, layer in layers.items():
        if len(layer):
            layer.to_file(aside, layer=name, driver="GPKG")
    for name, table in tables.items():
        _write_attributes(aside, name, _plain(table))
    _swap(aside, out)
    return [out]


def _write_attributes(path: Path, name: str, table: pd.DataFrame) -> None:
    """Write a table without geometry as a layer of a GeoPackage."""
    import pyogrio

    pyogrio.write_dataframe(table, path, layer=name, driver="GPKG", append=path.exists())


def _in_folder(out: Path, write: Callable[[Path], None]) -> list[Path]:
    """Write files into a folder aside, then swap it in whole."""
    aside = out.with_name(out.name + ".new")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    write(aside)
    names = sorted(file.name for file in aside.iterdir())
    _swap(aside, out)
    return [out / name for name in names]


def _geojson(out: Path, layers: dict[str, gpd.GeoDataFrame], tables: Tables) -> list[Path]:
    def write(folder: Path) -> None:
        for name, layer in layers.items():
            (folder / f"{name}.geojson").write_text(layer.to_json(drop_id=True), encoding="utf-8")
        facts = dict(zip(tables["about"]["what"], tables["about"]["value"], strict=True))
        (folder / "about.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")

    return _in_folder(out, write)


def _geoparquet(out: Path, layers: dict[str, gpd.GeoDataFrame], tables: Tables) -> list[Path]:
    def write(folder: Path) -> None:
        for name, layer in layers.items():
            layer.to_parquet(folder / f"{name}.parquet", index=False)
        for name, table in tables.items():
            table.to_parquet(folder / f"{name}.parquet", index=False)

    return _in_folder(out, write)


def _csv(out: Path, layers: dict[str, gpd.GeoDataFrame], tables: Tables) -> list[Path]:
    def write(folder: Path) -> None:
        plain = {name: pd.DataFrame(layer.drop(columns="geometry")) for name, layer in layers.items()}
        for name, table in (plain | tables).items():
            # The mark at the beginning lets spreadsheet programs see that it is UTF-8.
            _plain(table).to_csv(folder / f"{name}.csv", index=False, encoding="utf-8-sig")

    return _in_folder(out, write)


def _xlsx(out: Path, layers: dict[str, gpd.GeoDataFrame], tables: Tables) -> list[Path]:
    aside = out.with_name(out.stem + ".new.xlsx")
    plain = {name: pd.DataFrame(layers[name].drop(columns="geometry")) for name in ("homes", "outlets", "areas")}
    sheets = {"about": tables["about"]} | tables | plain
    cut = {name: len(table) for name, table in sheets.items() if len(table) > SHEET_ROWS}
    if cut:
        raise StudyError(Fault("study.sheet_too_long", tuple((None, f"{name}: {n:,}") for name, n in cut.items())))
    with pd.ExcelWriter(aside, engine="xlsxwriter") as book:
        for name, table in sheets.items():
            _plain(table).to_excel(book, sheet_name=name, index=False, freeze_panes=(1, 1))
            sheet = book.sheets[name]
            sheet.autofilter(0, 0, max(len(table), 1), max(len(table.columns) - 1, 0))
            sheet.autofit()
    _swap(aside, out)
    return [out]
