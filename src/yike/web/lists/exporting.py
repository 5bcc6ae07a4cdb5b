"""Lists as files: CSV and XLSX for spreadsheets, GeoJSON for maps; made-up data says so in name and rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from django.http import HttpResponse
from django.utils.translation import gettext as _

from yike.web.areas.models import City

FORMATS = ("csv", "xlsx", "geojson")
MIME = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
}


def harmless(cell: Any) -> Any:
    """Return a cell that a spreadsheet does not take for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def export(
    form: str, city: City, name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]], made_up: bool
) -> HttpResponse:
    """Return a list as a download.

    Parameters
    ----------
    form
        "csv", "xlsx" or "geojson"; GeoJSON takes the columns 经度 and 纬度 (the heads ``lon``, ``lat`` of the page's
        language) as the point of each row, null where a row has none.
    name
        Of the list, for the file's name.
    """
    mark = [_("演示数据")] if made_up else []
    all_heads, told = [*heads, *mark], [[*row, *mark] for row in rows]
    body = {"csv": _csv, "xlsx": _xlsx, "geojson": _geojson}[form](all_heads, told)
    answer = HttpResponse(body, content_type=MIME[form])
    named = f"{name}-{city.slug}{'-demonstration-data' if made_up else ''}.{form}"
    answer["Content-Disposition"] = f'attachment; filename="{named}"'
    return answer


def _plain(cell: Any) -> Any:
    return float(cell) if isinstance(cell, Decimal) else "" if cell is None else cell


def _csv(heads: Sequence[str], rows: list[list[Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heads)
    writer.writerows([harmless("" if cell is None else cell) for cell in row] for row in rows)
    return ("\ufeff" + out.getvalue()).encode()  # so that a spreadsheet reads Chinese


def _xlsx(heads: Sequence[str], rows: list[list[Any]]) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime(2000, 1, 1)})
    sheet, bold = book.add_worksheet(), book.add_format({"bold": True, "bottom": 1})
    sheet.write_row(0, 0, heads, bold)
    sheet.freeze_panes(1, 0)
    for k, row in enumerate(rows, start=1):
        sheet.write_row(k, 0, [cell if isinstance(cell, (int, float, str)) else str(cell) for cell in map(_plain, row)])
    for k, head in enumerate(heads):
        widest = max([len(str(head)), *(len(str(row[k] if row[k] is not None else "")) for row in rows[:200])])
        sheet.set_column(k, k, min(46, 2 + 1.7 * widest))
    book.close()
    return out.getvalue()


def _geojson(heads: Sequence[str], rows: list[list[Any]]) -> bytes:
    x, y = (list(heads).index(each) for each in (_("经度"), _("纬度")))
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [row[x], row[y]]} if row[x] is not None else None,
            "properties": {
                head: cell for k, (head, cell) in enumerate(zip(heads, row, strict=True)) if k not in (x, y)
            },
        }
        for row in rows
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features}, default=str)
