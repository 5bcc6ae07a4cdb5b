"""What a check told, kept beside the file so that pages need not check anew; and as tables to take home."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from yike.errors import Fault
from yike.web.outlets.importing.findings import Finding
from yike.web.outlets.importing.models import Import
from yike.web.outlets.importing.preparing import Plan
from yike.web.outlets.importing.reading import Table
from yike.web.outlets.importing.store import path_of

NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
HEADS = {
    "zh": ("行号", "列", "内容", "问题", "改法", "代码"),
    "en": ("Row", "Column", "What stands there", "What is wrong", "Remedy", "Code"),
}
MARKS = {"zh": ("行号", "问题", "改法"), "en": ("Row", "What is wrong", "Remedy")}


@dataclass(frozen=True)
class Told:
    """A check as its page shows it."""

    findings: tuple[Finding, ...]
    unmapped: dict[str, int]  #: category → rows
    doubles: tuple[dict[str, Any], ...]  #: row, name, double, action, choices, lon, lat
    notes: tuple[Fault, ...]

    def of(self, weight: str) -> list[Finding]:
        """Return the findings of one weight: ``fault``, ``question``, ``note``."""
        return [finding for finding in self.findings if finding.weight == weight]

    def kinds(self, weight: str) -> list[tuple[Finding, int]]:
        """Return one finding of each kind with its count, most first."""
        found = self.of(weight)
        first = {finding.code: finding for finding in reversed(found)}
        return [(first[code], count) for code, count in Counter(each.code for each in found).most_common()]


def _path(job: Import) -> Path:
    return path_of(job).with_suffix(".check.json")


def keep(job: Import, plan: Plan) -> Told:
    """Keep what a check told."""
    checked = plan.checked
    doubles = [
        {
            "row": each.row, "name": each.name, "double": each.double, "action": each.action, "choices": each.choices,
            "lon": each.lon, "lat": each.lat, "address": each.values.get("address", ""), "types": each.types,
        }
        for each in checked.records
        if each.choices
    ]  # fmt: skip
    said = {
        "findings": [finding.as_list() for finding in checked.findings],
        "unmapped": dict(checked.unmapped.most_common()),
        "doubles": doubles,
        "notes": [{"code": note.code, "values": note.values} for note in checked.notes],
    }
    _path(job).write_bytes(orjson.dumps(said))
    return told(job)


def told(job: Import) -> Told:
    """Return what the last check of an import told; nothing where none is kept."""
    path = _path(job)
    said = orjson.loads(path.read_bytes()) if path.is_file() else {}
    return Told(
        tuple(Finding(*each) for each in said.get("findings", ())),
        said.get("unmapped", {}),
        tuple(said.get("doubles", ())),
        tuple(Fault(each["code"], values=each["values"]) for each in said.get("notes", ())),
    )


def harmless(text: str) -> str:
    """Return a cell that no spreadsheet program takes for a formula; plain numbers stay as they are.

    Examples
    --------
    >>> harmless("=1+1"), harmless("@x"), harmless("-3.5"), harmless("修鞋")
    ("'=1+1", "'@x", '-3.5', '修鞋')
    """
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not NUMBER.fullmatch(text) else text


def finding_rows(findings: Iterable[Finding], lang: str) -> list[Sequence[str]]:
    """Return findings as the rows of a table, heads first."""
    rows: list[Sequence[str]] = [HEADS[lang]]
    for finding in findings:
        what, remedy = finding.words(lang)
        rows.append((str(finding.row), finding.column(lang), finding.value, what, remedy, finding.code))
    return rows


def marked_rows(table: Table, findings: Iterable[Finding], lang: str) -> list[Sequence[str]]:
    """Return the uploaded table with three columns more: row, what is wrong, what to do. It can be mended and uploaded."""
    by_row: dict[int, list[Finding]] = {}
    for finding in findings:
        by_row.setdefault(finding.row, []).append(finding)
    heads = [str(head) for head in table.sheet.frame.columns]
    rows: list[Sequence[str]] = [(*heads, *MARKS[lang])]
    for number, cells in zip(table.numbers, table.sheet.frame.itertuples(index=False), strict=True):
        words = [each.words(lang) for each in by_row.get(number, ())]
        rows.append(
            (*map(str, cells), str(number), " ".join(what for what, _ in words), " ".join(do for _, do in words))
        )
    return rows


def as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Return a table as CSV that spreadsheet programs open in the right encoding."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([harmless(str(cell)) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_xlsx(rows: Iterable[Sequence[str]]) -> bytes:
    """Return a table as a workbook of texts."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            sheet.write_string(i, j, harmless(str(cell))[:32_000])
    book.close()
    return out.getvalue()
