"""A document before it is a file: headings, paragraphs, tables, pictures. Three writers tell the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from yike.report.documents.figures import Figure

Run = str | Figure  #: words of a template, or a number that code placed


@dataclass(frozen=True)
class Heading:
    """A heading with its number by the habit of official papers: 一、 （一） 1. （1）."""

    level: int  #: 1 to 4
    number: str
    text: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; ``number`` is that of an item in a list, "" for plain text."""

    runs: tuple[Run, ...]
    number: str = ""


@dataclass(frozen=True)
class Table:
    """A table that may cross pages: its heads are repeated on each."""

    id: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Run, ...], ...]
    widths: tuple[float, ...]  #: shares of the width of the text, one per column
    note: str = ""

    @property
    def figures(self) -> list[Figure]:
        """The figures in its cells, row by row."""
        return [cell for row in self.rows for cell in row if isinstance(cell, Figure)]


@dataclass(frozen=True)
class Picture:
    """A map or a dial, drawn once as SVG."""

    id: str
    title: str
    svg: str
    width: float  #: share of the width of the text
    told: str = ""  #: the same in words


Piece = Heading | Paragraph | Table | Picture


@dataclass(frozen=True)
class Document:
    """A plan, ready to be written."""

    kind: str
    lang: str
    title: str
    office: str
    day: date
    made_up: bool
    trace: str  #: one line: study, standard, last change
    pieces: tuple[Piece, ...]
    summary: tuple[Piece, ...] = ()  #: the page in English
    figures: dict[str, Figure] = field(default_factory=dict)  #: every one that is placed, by id

    @property
    def tables(self) -> list[Table]:
        return [each for each in (*self.pieces, *self.summary) if isinstance(each, Table)]

    @property
    def pictures(self) -> list[Picture]:
        return [each for each in (*self.pieces, *self.summary) if isinstance(each, Picture)]


def figures_in(pieces: tuple[Piece, ...]) -> list[Figure]:
    """Return the figures placed in some pieces, in their order, each once."""
    found: dict[str, Figure] = {}
    for piece in pieces:
        runs: tuple[Run, ...] = ()
        if isinstance(piece, Paragraph):
            runs = piece.runs
        elif isinstance(piece, Table):
            runs = tuple(cell for row in piece.rows for cell in row)
        found |= {each.id: each for each in runs if isinstance(each, Figure)}
    return list(found.values())
