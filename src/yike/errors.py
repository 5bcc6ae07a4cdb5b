"""Faults of input and of use, told all at once: what, where, why, what to do.

A *fault* is one kind of trouble with the rows it was found in. It has a stable
code; the words for the code, in Chinese and English, are rows of
``messages/<room>.csv`` so that page, command line and document say the same.
A door gathers every fault of a file and raises once. Findings that do not stop
the work (duplicates, unmapped categories …) are the same values, returned as notes.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Generic, TypeVar

Row = tuple[int | None, str]  #: (row number as the reader of the file sees it, the offending value)
SHOWN_ROWS = 20  #: how many rows the text of a fault lists before it says "and n more"

T = TypeVar("T")


@dataclass(frozen=True)
class Message:
    """The words of one fault code in two languages."""

    en: str
    remedy_en: str
    zh: str
    remedy_zh: str


@cache
def messages() -> dict[str, Message]:
    """Return the words of every fault code, read once from ``messages/*.csv``."""
    found: dict[str, Message] = {}
    for table in sorted(resources.files("yike").joinpath("messages").iterdir(), key=lambda p: p.name):
        if not table.name.endswith(".csv"):
            continue
        for row in csv.DictReader(table.read_text(encoding="utf-8").splitlines()):
            found[row["code"]] = Message(row["en"], row["remedy_en"], row["zh"], row["remedy_zh"])
    return found


@dataclass(frozen=True)
class Fault:
    """One kind of trouble: a stable code, the rows it was found in, and values for its words.

    Examples
    --------
    >>> fault = Fault("study.missing", values={"path": "x"})
    >>> print(fault.text())
    study.missing: there is no study in "x".
      Make one with `yike init`, or name the folder that holds study.toml.
    """

    code: str
    rows: tuple[Row, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)

    def text(self, lang: str = "en") -> str:
        """Return the fault as several lines: what, where (rows), what to do."""
        words = messages()[self.code]
        what, remedy = (words.zh, words.remedy_zh) if lang == "zh" else (words.en, words.remedy_en)
        values = {"n": len(self.rows), **{key: _in(value, lang) for key, value in self.values.items()}}
        row_word, more_word = ("第 {} 行  {}", "另有 {} 行") if lang == "zh" else ("row {}  {}", "and {} more rows")
        lines = [f"{self.code}: {what.format(**values)}"]
        lines += [
            "  " + (row_word.format(number, value) if number is not None else value)
            for number, value in self.rows[:SHOWN_ROWS]
        ]
        if len(self.rows) > SHOWN_ROWS:
            lines.append("  " + more_word.format(len(self.rows) - SHOWN_ROWS))
        lines.append("  " + remedy.format(**values))
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """Return the fault for machines: code, all rows, values and both languages."""
        return {
            "code": self.code,
            "rows": [list(row) for row in self.rows],
            "values": {key: str(_in(value, "en")) for key, value in self.values.items()},
            "en": self.text("en"),
            "zh": self.text("zh"),
        }


def _in(value: Any, lang: str) -> Any:
    """Return a value in one language: words come as {"zh": …, "en": …}, all else as it is."""
    return value["zh" if lang == "zh" else "en"] if isinstance(value, dict) else value


class YikeError(ValueError):
    """Something a person can mend; carries every fault found, never only the first."""

    def __init__(self, faults: Fault | Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("\n".join(fault.text() for fault in self.faults))

    @property
    def code(self) -> str:
        """The code of the first fault."""
        return self.faults[0].code


class InputError(YikeError):
    """A file or table from outside cannot be used as it is."""


class NetworkError(YikeError):
    """A walking network, a walker or a point on the network cannot be used."""


class StandardError(YikeError):
    """A standards pack, a crosswalk or a name in them cannot be used."""


class StudyError(YikeError):
    """A study folder or a request to it cannot be used."""


@dataclass(frozen=True)
class Loaded(Generic[T]):
    """A value that passed its door, with the findings that did not stop it."""

    value: T
    notes: tuple[Fault, ...] = ()


def raise_all(kind: type[YikeError], faults: Sequence[Fault]) -> None:
    """Raise one error of ``kind`` with all ``faults``; do nothing when there are none."""
    if faults:
        raise kind(faults)
