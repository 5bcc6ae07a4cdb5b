"""数字: every number of a document is a `Figure`, made by code from a value and carrying where it comes from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from yike.words import say

Value = float | int | str | None


@dataclass(frozen=True)
class Origin:
    """Where a number comes from, so that it can be reckoned again."""

    study: str  #: digest of the study
    standard: str  #: with its version
    table: str  #: coverage, presence, gates, gaps, residents, outlets, circles, needs, spaces, projects, standard
    area: str = ""  #: code of the area or circle
    requirement: str = ""  #: of the standard, or the rule of presence
    walker: str = ""
    through: int = 0  #: the last change of the register it includes; 0 where the study alone tells it


@dataclass(frozen=True)
class Figure:
    """One number of a document.

    Examples
    --------
    >>> made = Figure("people", 648383.0, "people", Origin("ab12", "national 2025", "residents"))
    >>> made.text(), made.text("en"), replace(made, value=None).text()
    ('64.8 万人', '648,383', '无记录')
    """

    id: str  #: unique within its document, such as "coverage.breakfast.share"
    value: Value  #: None = there is no record of it
    unit: str  #: one of `UNITS`
    origin: Origin
    what: Mapping[str, str] = field(default_factory=dict)  #: what it tells, zh and en

    def text(self, lang: str = "zh", *, cell: bool = False) -> str:
        """Return the number as it is read in a sentence, or without its unit in a cell of a table."""
        return told(self.value, self.unit, lang, cell)

    def as_json(self) -> dict[str, Any]:
        """Return the figure for machines, with both texts and its origin in full."""
        return {
            "id": self.id, "value": self.value, "unit": self.unit, "zh": self.text(), "en": self.text("en"),
            "what": dict(self.what), **asdict(self.origin),
        }  # fmt: skip


WALKED = frozenset({"coverage", "presence", "gates", "gaps"})  #: tables whose numbers depend on who walks
UNITS = ("people", "count", "share", "bound", "minutes", "yuan", "m2", "words")


def told(value: Value, unit: str, lang: str, cell: bool = False) -> str:
    """Return a value in words: 万 and 亿 in Chinese sentences, thousands separators in English and in cells.

    Examples
    --------
    >>> told(0.634, "share", "zh"), told(5_200_000, "yuan", "zh"), told(5_200_000, "yuan", "en")
    ('63.4%', '520 万元', '5.2 million yuan')
    >>> told(0.0041, "bound", "zh"), told(0.004, "bound", "zh")
    ('0.5%', '0.4%')
    >>> told(7.26, "minutes", "zh"), told(7.26, "minutes", "zh", cell=True), told(1234.0, "people", "zh", cell=True)
    ('7.3 分钟', '7.3', '1,234')
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "—" if cell else say("documents.no_record", lang)
    if isinstance(value, str):
        return value
    if unit == "bound":  # "no more than": rounded up, never down
        return f"{math.ceil(1000 * value - 1e-9) / 10:.1f}%"
    if unit == "share":
        return f"{100 * value:.1f}%"
    if unit == "minutes":
        number = f"{value:.1f}"
    elif unit == "yuan":
        return _money(float(value), lang, cell)
    elif lang == "zh" and not cell and value >= 10_000:
        number = _shortened(float(value))
    else:
        number = f"{value:,.0f}"
    return number if cell else say(f"documents.unit.{unit}", lang, n=number).strip()


def _shortened(value: float) -> str:
    return f"{value / 1e8:.2f} 亿" if value >= 1e8 else f"{value / 1e4:.1f} 万"


def _money(yuan: float, lang: str, cell: bool) -> str:
    """Money in 万元 in Chinese, in yuan or millions in English."""
    if lang == "zh":
        wan = f"{yuan / 1e4:,.2f}".rstrip("0").rstrip(".")
        return wan if cell else f"{wan} 万元"
    million = f"{yuan / 1e6:,.2f}".rstrip("0").rstrip(".")
    return f"{million} million yuan" if yuan >= 1e6 else f"{yuan:,.0f} yuan"


class Book:
    """The figures of one document by id; the same id twice with another value is a fault of the program."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.figures: dict[str, Figure] = {}

    def put(self, id_: str, value: Value, unit: str, what: Mapping[str, str], **origin: Any) -> Figure:
        """Enter a figure; ``origin`` names what differs from the document's own origin."""
        if unit not in UNITS:
            raise ValueError(f"figure {id_} has a unit that is not known: {unit}")
        told_by = replace(self.origin, **origin)
        if told_by.table not in WALKED:
            told_by = replace(told_by, walker="")
        made = Figure(id_, value, unit, told_by, what)
        known = self.figures.setdefault(id_, made)
        if known != made:
            raise ValueError(f"figure {id_} has two values: {known.value} and {made.value}")
        return made
