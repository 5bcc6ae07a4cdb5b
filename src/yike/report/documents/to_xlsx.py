"""A document's tables as XLSX: one sheet a table, and the sheet 数据来源 with every number and where it comes from."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import xlsxwriter

from yike.report.documents.figures import Figure
from yike.report.documents.pieces import Document, Table
from yike.words import say

HEADS = (
    "id",
    "what",
    "value",
    "unit",
    "shown",
    "study",
    "standard",
    "origin",
    "area",
    "requirement",
    "walker",
    "through",
)
FORMATS = {
    "share": "0.0%",
    "bound": "0.00%",
    "minutes": "0.0",
    "yuan": "#,##0.00",
    "people": "#,##0",
    "count": "#,##0",
    "m2": "#,##0",
}
SOURCES = "数据来源"  #: name of the sheet of sources
TOP = 3  #: rows above the heads: title, trace, and the band of made-up data


def write_xlsx(document: Document, lang: str = "zh") -> bytes:
    """Return the tables as a workbook; numbers are numbers, with the unit's format."""
    file = BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    # no formula is ever written: a text that begins with "=" stays a text
    formats = {name: book.add_format({"num_format": each, "align": "right"}) for name, each in FORMATS.items()}
    look = {
        "head": book.add_format(
            {"bold": True, "bg_color": "#f0f0f0", "border": 1, "text_wrap": True, "valign": "vcenter"}
        ),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "soft": book.add_format({"font_color": "#777777"}),
        "band": book.add_format({"bold": True, "font_color": "#c8553d"}),
        "plain": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    names: set[str] = {SOURCES}
    for table in document.tables:
        sheet = _begun(book, _free(table.title, names), table.title, document, look, lang)
        _table(sheet, table, look, formats)
    _sources(_begun(book, SOURCES, SOURCES, document, look, lang), document, look, formats, lang)
    book.close()
    return file.getvalue()


def _free(title: str, names: set[str]) -> str:
    """Return a name of a sheet that is not taken: 31 letters at most, none that spreadsheets refuse."""
    plain = "".join("_" if letter in "[]:*?/\\'" else letter for letter in title)[:28]
    name, n = plain, 2
    while name.casefold() in {each.casefold() for each in names}:
        name, n = f"{plain}{n}", n + 1
    names.add(name)
    return name


def _begun(book: Any, name: str, title: str, document: Document, look: dict[str, Any], lang: str) -> Any:
    sheet = book.add_worksheet(name)
    sheet.write_string(0, 0, f"{document.title} · {title}", look["title"])
    sheet.write_string(1, 0, document.trace, look["soft"])
    if document.made_up:
        both = f"{say('documents.made_up', 'zh')} · {say('documents.made_up', 'en')}"
        sheet.write_string(2, 0, say("documents.made_up_band", lang), look["band"])
        sheet.set_header(f'&C&"Arial,Bold"&24&KBBBBBB{both}')  # on every printed page
        sheet.set_tab_color("#c8553d")
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(TOP)
    sheet.freeze_panes(TOP + 1, 1)
    return sheet


def _table(sheet: Any, table: Table, look: dict[str, Any], formats: dict[str, Any]) -> None:
    for column, (head, width) in enumerate(zip(table.heads, table.widths, strict=True)):
        sheet.set_column(column, column, max(8, 110 * width))
        sheet.write_string(TOP, column, head, look["head"])
    for row, cells in enumerate(table.rows, start=TOP + 1):
        for column, cell in enumerate(cells):
            if isinstance(cell, Figure):
                _number(sheet, row, column, cell, formats, look)
            else:
                sheet.write_string(row, column, cell, look["plain"])
    if table.rows:
        sheet.autofilter(TOP, 0, TOP + len(table.rows), len(table.heads) - 1)
    if table.note:
        sheet.write_string(TOP + len(table.rows) + 2, 0, table.note, look["soft"])


def _number(sheet: Any, row: int, column: int, figure: Figure, formats: dict[str, Any], look: dict[str, Any]) -> None:
    """Write a figure as a number; money in 万元, as the Chinese heads say."""
    if isinstance(figure.value, int | float) and figure.text() != say("documents.no_record", "zh"):
        value = figure.value / 10_000 if figure.unit == "yuan" else figure.value
        sheet.write_number(row, column, value, formats.get(figure.unit))
    else:
        sheet.write_string(row, column, figure.text(cell=True), look["plain"])


def _sources(sheet: Any, document: Document, look: dict[str, Any], formats: dict[str, Any], lang: str) -> None:
    for column, head in enumerate(HEADS):
        sheet.set_column(column, column, (30, 36, 12, 9, 14, 18, 24, 20, 18, 34, 9, 9)[column])
        sheet.write_string(TOP, column, say(f"documents.column.{head}", lang), look["head"])
    for row, each in enumerate(document.figures.values(), start=TOP + 1):
        origin = each.origin
        words = (
            each.id, each.what.get(lang, ""), None, each.unit, each.text(lang), origin.study, origin.standard,
            say(f"documents.origin.{origin.table}", lang), origin.area, origin.requirement, origin.walker,
        )  # fmt: skip
        for column, word in enumerate(words):
            if word is not None:
                sheet.write_string(row, column, word)
        if isinstance(each.value, int | float) and each.text() != say("documents.no_record", "zh"):
            sheet.write_number(row, 2, each.value)
        sheet.write_number(row, len(HEADS) - 1, origin.through)
    sheet.autofilter(TOP, 0, TOP + max(len(document.figures), 1), len(HEADS) - 1)
