"""How records become files: GeoPackage, GeoJSON, GeoParquet, CSV, XLSX; each says where its data comes from.

Columns are those of ``fields.csv``. All but GeoJSON are made from the same Arrow batches, so that a city's worth of
figures never stands in memory as Python objects.
"""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from yike.web.open.origin import MADE_UP, Origin, as_json
from yike.web.open.records import Record, all_told
from yike.web.open.tables import Kind, kinds

CHUNK = 5000  #: records per batch
SHEET_ROWS = 1_048_575  #: rows of a worksheet below its heads
ARROW = {
    "string": pa.string(),
    "number": pa.float64(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")  #: what a spreadsheet program takes for the beginning of a formula

Writer = Callable[[Origin, Path], None]


def schema_of(kind: Kind, lists: bool) -> pa.Schema:
    """Return the columns of a kind; ``lists`` as lists, or joined with | for formats that have none."""
    listed = pa.list_(pa.string()) if lists else pa.string()
    columns = [pa.field(each.name, listed if each.type == "list" else ARROW[each.type]) for each in kind.fields]
    return pa.schema([*columns, pa.field("geometry", pa.binary(), metadata={"ARROW:extension:name": "geoarrow.wkb"})])


def batches(origin: Origin, lists: bool = False) -> Iterator[pa.RecordBatch]:
    """Yield the records of an origin's city and kind as Arrow batches with geometry as WKB."""
    kind = kinds()[origin.kind]
    schema, waiting = schema_of(kind, lists), list[Record]()
    for record in all_told(kind.name, origin.city, CHUNK):
        waiting.append(record)
        if len(waiting) == CHUNK:
            yield _batch(waiting, kind, schema, lists)
            waiting = []
    if waiting:
        yield _batch(waiting, kind, schema, lists)


def _batch(records: list[Record], kind: Kind, schema: pa.Schema, lists: bool) -> pa.RecordBatch:
    columns = []
    for field in kind.fields:
        values = [record.properties[field.name] for record in records]
        if field.type == "list" and not lists:
            values = ["|".join(str(each) for each in value) for value in values]
        columns.append(pa.array(values, schema.field(field.name).type))
    columns.append(pa.array([_wkb(record.geometry) for record in records], pa.binary()))
    return pa.record_batch(columns, schema=schema)


def _wkb(geometry: dict[str, Any] | None) -> bytes | None:
    return None if geometry is None else shapely.to_wkb(shapely.from_geojson(json.dumps(geometry)))


def write_gpkg(origin: Origin, path: Path) -> None:
    """Write a GeoPackage: the layer with its description, and the tables ``about`` and ``fields``."""
    import pandas as pd
    import pyogrio

    kind = kinds()[origin.kind]
    facts = {name.split()[-1]: value for name, value in origin.facts().items()}
    point = origin.kind in ("outlets", "coverage")
    words = " ".join(filter(None, (facts.get("notice"), facts["description"])))
    pyogrio.write_arrow(
        pa.RecordBatchReader.from_batches(schema_of(kind, False), batches(origin)), path, layer=kind.name, driver="GPKG",
        geometry_name="geometry", geometry_type="Point" if point else "Unknown", crs="EPSG:4326", layer_metadata=facts,
        layer_options={"IDENTIFIER": origin.title, "DESCRIPTION": words},
    )  # fmt: skip
    about = pd.DataFrame(list(origin.facts().items()), columns=["what", "value"])
    pyogrio.write_dataframe(about, path, layer="about", driver="GPKG", append=True)
    named = pd.DataFrame([(each.name, each.zh, each.en) for each in kind.fields], columns=["field", "zh", "en"])
    pyogrio.write_dataframe(named, path, layer="fields", driver="GPKG", append=True)
    _plain_journal(path)


def _plain_journal(path: Path) -> None:
    """Leave one whole file: no write-ahead log beside it that a copy would miss."""
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA journal_mode=DELETE")
    file.close()


def write_geojson(origin: Origin, path: Path) -> None:
    """Write GeoJSON (RFC 7946) with its origin as a foreign member, one feature a line."""
    head = {"name": f"{origin.city.slug}.{origin.kind}", "title": origin.title, "origin": as_json(origin)}
    with path.open("wb") as file:
        file.write(b'{"type":"FeatureCollection",' + orjson.dumps(head)[1:-1] + b',"features":[\n')
        for number, record in enumerate(all_told(origin.kind, origin.city, CHUNK)):
            feature = {"type": "Feature", "id": record.id, "geometry": record.geometry, "properties": record.properties}
            file.write((b",\n" if number else b"") + orjson.dumps(feature))
        file.write(b"\n]}\n")


def write_parquet(origin: Origin, path: Path) -> None:
    """Write GeoParquet 1.1 (WKB, longitude and latitude on WGS 84), the origin in the file's metadata."""
    columns = {"geometry": {"encoding": "WKB", "geometry_types": []}}
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": columns}
    facts = {name.split()[-1]: value for name, value in origin.facts().items()}
    schema = schema_of(kinds()[origin.kind], True).with_metadata({"geo": json.dumps(geo), **facts})
    with pq.ParquetWriter(path, schema, compression="zstd") as file:
        for batch in batches(origin, lists=True):
            file.write_batch(batch.replace_schema_metadata(schema.metadata))


def write_csv(origin: Origin, path: Path) -> None:
    """Write CSV as spreadsheet programs expect it: UTF-8 with its mark; the origin in columns at the end of every row.

    A text that a program would take for a formula gets an apostrophe in front.
    """
    kind = kinds()[origin.kind]
    told = as_json(origin)
    facts = {
        "data_source": told["source"][0], "data_date": told["date"], "data_study": "|".join(told["study"]),
        "data_licence": "|".join(each["url"] for each in told["licence"]), "data_notice": told.get("notice", ""),
    }  # fmt: skip
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow([*(each.name for each in kind.fields), "lon", "lat", *facts])
        for batch in batches(origin):
            for row in batch.to_pylist():
                place = _middle(row.pop("geometry"))
                out.writerow([*(_cell(value) for value in row.values()), *place, *facts.values()])


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "'" + value if isinstance(value, str) and value.startswith(RISKY) else value


def _middle(wkb: bytes | None) -> tuple[Any, Any]:
    """Return longitude and latitude of a point inside."""
    if wkb is None:
        return "", ""
    inside = shapely.point_on_surface(shapely.from_wkb(wkb))
    return round(inside.x, 7), round(inside.y, 7)


def write_xlsx(origin: Origin, path: Path) -> None:
    """Write a workbook: a sheet that explains origin and columns, and the records on as many sheets as they need.

    Cells are written as what they are, never as formulas.
    """
    import xlsxwriter

    kind = kinds()[origin.kind]
    plain = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(str(path), plain)
    book.set_properties(
        {"title": origin.title, "comments": "\n".join(f"{key}: {value}" for key, value in origin.facts().items())}
    )
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    _about_sheet(book.add_worksheet("说明 About"), origin, kind, bold)
    sheet, at = None, 0
    for row in (row for batch in batches(origin) for row in batch.to_pylist()):
        if sheet is None or at > SHEET_ROWS:
            sheet, at = _data_sheet(book, origin, kind, bold), 1
        place = _middle(row.pop("geometry"))
        for column, value in enumerate((*row.values(), *place)):
            _put(sheet, at, column, value, day)
        at += 1
    if sheet is None:
        _data_sheet(book, origin, kind, bold)
    book.close()


def _put(sheet: Any, row: int, column: int, value: Any, day: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    elif isinstance(value, str):
        sheet.write_string(row, column, value)
    else:
        sheet.write_datetime(row, column, value, day)


def _data_sheet(book: Any, origin: Origin, kind: Kind, bold: Any) -> Any:
    number = len(book.worksheets())
    name = kind.zh + (" 演示数据" if origin.city.made_up else "") + (f" {number}" if number > 1 else "")
    sheet = book.add_worksheet(name)
    if origin.city.made_up:
        sheet.set_header(f"&C{MADE_UP['zh']}")
    sheet.freeze_panes(1, 2)
    for column, head in enumerate((*(each.zh for each in kind.fields), "经度", "纬度")):
        sheet.write_string(0, column, head, bold)
    return sheet


def _about_sheet(sheet: Any, origin: Origin, kind: Kind, bold: Any) -> None:
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 60)
    sheet.set_column(2, 2, 60)
    rows = [*origin.facts().items(), ("", ""), ("字段 field", "列 column")]
    for number, (name, value) in enumerate(rows):
        sheet.write_string(number, 0, name, bold)
        sheet.write_string(number, 1, value)
    for number, each in enumerate(kind.fields, len(rows)):
        for column, text in enumerate((each.name, each.zh, each.en)):
            sheet.write_string(number, column, text)


WRITERS: dict[str, Writer] = {
    "gpkg": write_gpkg, "geojson": write_geojson, "parquet": write_parquet, "csv": write_csv, "xlsx": write_xlsx,
}  # fmt: skip
MEDIA = {
    "gpkg": "application/geopackage+sqlite3",
    "geojson": "application/geo+json",
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  #: media types of the formats
