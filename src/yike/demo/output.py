"""Tables and outlines as files: the same seed gives the same bytes, and every file says that it is made up."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from yike.demo.facts import Plane, rows
from yike.demo.register import MARK

MEMBER = {"made_up": True, "说明": MARK, "note": "demonstration data: made up"}


def heads(table: str) -> dict[str, str]:
    """Return our name → the file's head of one table (``columns.csv``)."""
    return {row["name"]: row["zh"] for row in rows("columns") if row["table"] == table}


def write_csv(path: Path, frame: pd.DataFrame, table: str) -> None:
    """Write a table with Chinese heads, UTF-8 with the mark that spreadsheet programs look for."""
    named = heads(table)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(named.values())
        writer.writerows(zip(*(frame[name].tolist() for name in named), strict=True))


def write_xlsx(path: Path, frame: pd.DataFrame, table: str, made: datetime) -> None:
    """Write a table as a workbook; ``made`` stands for the time of writing, so that bytes repeat."""
    import xlsxwriter

    named = heads(table)
    book = xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False})
    book.set_properties({"title": MARK, "comments": MEMBER["note"], "created": made})
    sheet = book.add_worksheet(MARK)
    sheet.write_row(0, 0, list(named.values()))
    for k, name in enumerate(named):
        sheet.write_column(1, k, frame[name].tolist())
    book.close()


def write_areas(path: Path, frame: pd.DataFrame, plane: Plane) -> None:
    """Write outlines (column ``geometry`` in metres) as GeoJSON, corners on a grid of 1e-7 degrees."""
    shapes = shapely.transform(frame["geometry"].to_numpy(dtype=object), plane.lonlat)
    columns = ["code", "name", "level", "parent"]
    features = [
        {"type": "Feature", "properties": {**dict(zip(columns, row, strict=True)), "说明": MARK},
         "geometry": json.loads(text)}
        for row, text in zip(frame[columns].itertuples(index=False), shapely.to_geojson(shapes), strict=True)
    ]  # fmt: skip
    document = {"type": "FeatureCollection", **MEMBER, "features": features}
    path.write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def with_levels(plan_tree: pd.DataFrame, outline: np.ndarray, city: tuple[str, str]) -> pd.DataFrame:
    """Return the areas of all levels: communities, and towns, counties and the city joined from them."""
    base = pd.DataFrame({"code": plan_tree["code"], "name": plan_tree["name"], "level": "community",
                         "parent": plan_tree["street_code"] + "000", "geometry": outline})  # fmt: skip
    parts = [base]
    for level, column, named, above in (("street", "street_code", "street", "county_code"),
                                        ("county", "county_code", "county", "")):  # fmt: skip
        groups = plan_tree.assign(geometry=outline).groupby(column, sort=True)
        made = [
            {"code": str(code).ljust(12, "0"), "name": part[named].iloc[0], "level": level,
             "parent": part[above].iloc[0].ljust(12, "0") if above else city[0],
             "geometry": shapely.coverage_union_all(part["geometry"].to_numpy(dtype=object))}
            for code, part in groups
        ]  # fmt: skip
        parts.append(pd.DataFrame(made))
    whole = {"code": city[0], "name": city[1], "level": "city", "parent": "",
             "geometry": shapely.coverage_union_all(outline)}  # fmt: skip
    return pd.concat([pd.DataFrame([whole]), *parts[::-1]], ignore_index=True)
