"""Tables of living circles: one row a circle, its communities as codes."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from yike.errors import Fault, InputError, Row, raise_all
from yike.ingest.files import read_sheet


@dataclass(frozen=True)
class CircleRow:
    """One circle of a table."""

    code: str
    name: str
    grade: str
    communities: tuple[str, ...]


@cache
def _rows(table: str) -> list[dict[str, str]]:
    text = resources.files("yike.web.circles").joinpath(table).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def grades() -> dict[str, dict[str, str]]:
    """Return the names of the classes of circles, zh and en, by code."""
    return {row["grade"]: row for row in _rows("grades.csv")}


def read_circles(path: Path, communities: Collection[str]) -> list[CircleRow]:
    """Read a table of circles.

    Parameters
    ----------
    communities
        Codes of the communities there are.

    Raises
    ------
    InputError
        ``circles.columns``, ``circles.grade``, ``circles.community_unknown``, ``circles.community_twice``,
        ``circles.empty``, ``circles.code_twice``: all of a file at once, with rows.
    """
    sheet = read_sheet(path, as_written=True)
    found = {head["field"]: head["head"] for head in _rows("heads.csv") if head["head"] in sheet.heads}
    if absent := sorted({"code", "name", "grade", "communities"} - set(found)):
        raise InputError(Fault("circles.columns", tuple((None, name) for name in absent), {"path": path.name}))
    known = {text: code for code, row in grades().items() for text in (code, row["zh"], row["en"].lower())}
    columns = [sheet.texts(found[field]) for field in ("code", "name", "grade", "communities")]
    rows = [
        CircleRow(code, name, known.get(grade.strip().lower(), ""), tuple(re.split(r"[\s;；|、,，]+", members.strip())))
        for code, name, grade, members in zip(*columns, strict=True)
    ]
    numbers = [int(row) for row in sheet.rows]
    raise_all(InputError, list(_faults(rows, numbers, columns[2], set(communities), path.name)))
    return rows


def _faults(rows: list[CircleRow], numbers: list[int], told: list[str], known: set[str], path: str) -> Iterator[Fault]:
    """Give every fault of the rows."""
    codes = Counter(row.code for row in rows)
    held = Counter(code for row in rows for code in row.communities)
    kinds: dict[str, list[Row]] = {
        "circles.code_twice": [(n, row.code) for n, row in zip(numbers, rows, strict=True) if codes[row.code] > 1],
        "circles.grade": [(n, text) for n, row, text in zip(numbers, rows, told, strict=True) if not row.grade],
        "circles.empty": [(n, row.code) for n, row in zip(numbers, rows, strict=True) if not any(row.communities)],
    }
    named = [(n, code) for n, row in zip(numbers, rows, strict=True) for code in row.communities if code]
    kinds["circles.community_unknown"] = [(n, code) for n, code in named if code not in known]
    kinds["circles.community_twice"] = [(n, code) for n, code in named if held[code] > 1]
    for kind, bad in kinds.items():
        if bad:
            yield Fault(kind, tuple(bad), {"path": path})
