"""What was found in a table: one finding per row and kind, its words from the messages, gathered into faults."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from yike.errors import Fault, Row, messages
from yike.web.outlets.importing.columns import fields, weight


@dataclass(frozen=True)
class Finding:
    """One doubt about one row: the row as its spreadsheet counts, the code, the field and what stands there."""

    row: int
    code: str
    field: str = ""
    value: str = ""

    @property
    def weight(self) -> str:
        """``fault``, ``question`` or ``note``."""
        return weight(self.code)

    def words(self, lang: str) -> tuple[str, str]:
        """Return what is wrong and what to do."""
        message = messages()[self.code]
        return (message.zh, message.remedy_zh) if lang == "zh" else (message.en, message.remedy_en)

    def column(self, lang: str) -> str:
        """Return the field's name for people, "" where the whole row is meant."""
        field = fields().get(self.field)
        return "" if field is None else field.zh if lang == "zh" else field.en

    def as_list(self) -> list[Any]:
        return [self.row, self.code, self.field, self.value]


def faults_of(findings: Iterable[Finding]) -> list[Fault]:
    """Gather findings into one fault per code, in the order of their first rows."""
    rows: dict[str, list[Row]] = {}
    for finding in findings:
        rows.setdefault(finding.code, []).append((finding.row, finding.value))
    return [Fault(code, tuple(each)) for code, each in rows.items()]
