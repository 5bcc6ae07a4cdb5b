"""The city's own base map: its streets, water, green, buildings and names as vector tiles in one SQLite file.

The file is an MBTiles (gzipped MVT, rows counted from the south), so that other programs open it too; the table
``names`` beside the tiles holds the streets and places that a search can find.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from yike.study.folder import Study
from yike.web.map.base_source import Layer, Source, read_source
from yike.web.map.cutting import cut, to_world
from yike.web.map.mvt import POLYGON, encode

LOWEST, HIGHEST = 8, 14  #: zooms that are stored; the client draws nearer ones from the last
OWN_DATA = "© OpenStreetMap contributors, ODbL"
MADE_UP = "演示数据 Demonstration data"


def build_base(city: Study | str | Path, out: str | Path, *, english: Mapping[str, str] | None = None) -> str:
    """Write the base map of a city; return its digest.

    Written aside and swapped in, so that whoever is reading keeps the old map until the new one is whole. The same
    inputs give the same bytes.

    Parameters
    ----------
    city
        A study or its folder; what has been run of it is used, the rest is read from its files.
    out
        Path of the file, commonly ``YIKE_HOME/cities/<slug>/base.mbtiles``.
    english
        English names of areas by code.

    Raises
    ------
    StudyError, InputError
        The faults of the study's files.
    """
    study = city if isinstance(city, Study) else Study.open(city)
    source = read_source(study, english)
    made_up = study.settings.made_up
    told = {
        "name": study.settings.name,
        "attribution": MADE_UP if made_up else OWN_DATA,
        "made_up": "1" if made_up else "0",
        "source": ", ".join(Path(file.path).name for file in study.settings.maps),
    }
    return write_base(Path(out), tiles_of(source), source, told)


def tiles_of(source: Source) -> Iterator[tuple[int, int, int, bytes]]:
    """Return the tiles of all stored zooms in order: zoom, column, row (from the north), gzipped tile."""
    world = [(layer, _on_world(layer)) for layer in source.layers if len(layer.forms)]
    for zoom in range(LOWEST, HIGHEST + 1):
        parts: dict[int, list[bytes]] = {}
        for layer, forms in world:
            shown = layer.from_zoom <= zoom
            if not shown.any():
                continue
            last = zoom == HIGHEST
            exact = last and layer.name == "buildings"
            pieces = cut(
                forms[shown],
                layer.kind,
                zoom,
                tolerance=0.0 if exact else 1.0 if last else 6.0,
                smallest=0.0 if last else 24.0**2 if layer.kind == POLYGON else 0.0,
            )
            columns = {key: column[shown] for key, column in layer.columns.items()}
            for tile, data in encode(layer.name, pieces, columns).items():
                parts.setdefault(tile, []).append(data)
        for tile in sorted(parts):
            data = b"".join(parts[tile])
            yield zoom, tile & ((1 << zoom) - 1), tile >> zoom, gzip.compress(data, 6, mtime=0)


def _on_world(layer: Layer) -> np.ndarray:
    forms = layer.forms[~shapely.is_missing(layer.forms)] if shapely.is_missing(layer.forms).any() else layer.forms
    return np.asarray(shapely.transform(shapely.force_2d(forms), to_world))


def write_base(
    path: Path, tiles: Iterable[tuple[int, int, int, bytes]], source: Source, told: Mapping[str, str]
) -> str:
    """Write tiles, names and what is told of them into one file; return the digest of the tiles and names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.new-{os.getpid()}")
    aside.unlink(missing_ok=True)
    total = hashlib.sha256()
    names = source.names.sort_values(["kind", "name", "lon", "lat"])
    try:
        with sqlite3.connect(aside) as base:
            base.executescript(
                "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA page_size=4096;"
                "CREATE TABLE metadata (name TEXT PRIMARY KEY, value TEXT);"
                "CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB,"
                " PRIMARY KEY (zoom_level, tile_column, tile_row)) WITHOUT ROWID;"
                "CREATE TABLE names (kind TEXT, name TEXT, lon REAL, lat REAL);"
            )
            for zoom, x, y, data in tiles:
                total.update(f"{zoom}/{x}/{y}:{len(data)}".encode() + data)
                base.execute("INSERT INTO tiles VALUES (?, ?, ?, ?)", (zoom, x, (1 << zoom) - 1 - y, data))
            rows = list(names.itertuples(index=False, name=None))
            total.update(repr(rows).encode())
            base.executemany("INSERT INTO names VALUES (?, ?, ?, ?)", rows)
            digest = total.hexdigest()
            base.executemany("INSERT INTO metadata VALUES (?, ?)", sorted(_metadata(source, told, digest).items()))
        base.close()
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return digest


def _metadata(source: Source, told: Mapping[str, str], digest: str) -> dict[str, str]:
    """Return what MBTiles wants told, and what we want."""
    boxes = [shapely.total_bounds(layer.forms) for layer in source.layers if len(layer.forms)]
    low = np.nanmin([box[:2] for box in boxes], axis=0) if boxes else np.zeros(2)
    high = np.nanmax([box[2:] for box in boxes], axis=0) if boxes else np.zeros(2)
    return {
        **told,
        "format": "pbf",
        "type": "baselayer",
        "minzoom": str(LOWEST),
        "maxzoom": str(HIGHEST),
        "bounds": ",".join(f"{each:.6f}" for each in (*low, *high)),
        "digest": digest,
    }


class Base:
    """An open base map, read only."""

    def __init__(self, path: Path) -> None:
        self.stamp = stamp(path)
        self._base = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        self.told: dict[str, str] = dict(self._base.execute("SELECT name, value FROM metadata"))
        self.bounds = [float(each) for each in self.told["bounds"].split(",")]

    def tile(self, zoom: int, x: int, y: int) -> bytes | None:
        """Return one gzipped tile, None where nothing is."""
        found = self._base.execute(
            "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
            (zoom, x, (1 << zoom) - 1 - y),
        ).fetchone()
        return found[0] if found else None

    def names(self) -> pd.DataFrame:
        """Return streets and places by name: ``kind, name, lon, lat``."""
        rows = self._base.execute("SELECT kind, name, lon, lat FROM names ORDER BY kind, name, lon, lat")
        return pd.DataFrame(rows.fetchall(), columns=["kind", "name", "lon", "lat"])


def stamp(path: Path) -> tuple[int, int, int] | None:
    """Return what changes when a file is swapped, None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


__all__ = ["HIGHEST", "LOWEST", "Base", "build_base", "stamp", "tiles_of", "write_base"]
