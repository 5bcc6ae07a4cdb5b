"""A plan's files: made in memory first, so that a fault leaves nothing half-written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from yike.report.documents.facts import PlanFacts
from yike.report.documents.maps import Ground, Sheet
from yike.report.documents.pictures import draw_pictures
from yike.report.documents.pieces import Document
from yike.report.documents.plan import digest_of, make_plan
from yike.report.documents.templates import Template
from yike.report.documents.to_docx import write_docx
from yike.report.documents.to_pdf import write_pdf
from yike.report.documents.to_xlsx import write_xlsx


@dataclass(frozen=True)
class Made:
    """A plan with its files."""

    document: Document
    digest: str  #: of words and numbers
    files: dict[str, bytes]  #: by suffix


def make_files(facts: PlanFacts, template: Template, ground: Ground, sheet: Sheet) -> Made:
    """Make one plan: pictures, document, and its three files."""
    document = make_plan(facts, template, draw_pictures(facts, ground, sheet))
    files = {"docx": write_docx(document), "pdf": write_pdf(document), "xlsx": write_xlsx(document)}
    return Made(document, digest_of(document, template), files)


def put_files(made: Made, folder: Path, name: str) -> dict[str, Path]:
    """Write a plan's files, each aside first, then swapped in; return them by suffix."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for suffix, data in made.files.items():
        path = folder / f"{name}.{suffix}"
        aside = path.with_name(path.name + ".new")
        aside.write_bytes(data)
        aside.replace(path)
        found[suffix] = path
    return found
