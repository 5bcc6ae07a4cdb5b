"""A template and the facts of a place become a `Document`: the only place where words and numbers meet."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from yike.report.documents.facts import PlanFacts
from yike.report.documents.figures import Figure
from yike.report.documents.numbering import Counter, number_of
from yike.report.documents.pieces import Document, Heading, Paragraph, Picture, Piece, Run, figures_in
from yike.report.documents.tables import table_of
from yike.report.documents.templates import HEADS, HOLDER, Part, Template
from yike.report.documents.values import Item, Values
from yike.words import say

WIDE, DIAL = 1.0, 1.0  #: shares of the width of the text


def make_plan(facts: PlanFacts, template: Template, pictures: Mapping[str, str]) -> Document:
    """Return a plan.

    Parameters
    ----------
    template
        Its words, see `load_templates`.
    pictures
        SVG of maps ("map.basic", "map.gap", "map.sites") and of the dial ("dial.types"); a part whose picture is not
        there is left out.
    """
    values = Values(facts)
    pieces = _Composer(values, "zh", pictures).all(template.parts)
    summary = _Composer(values, "en", {}).all(template.summary)
    if summary:
        summary = (Heading(1, "", _words(template.title_en, values, "en")), *summary)
    origin = facts.origin
    trace = say("documents.trace" if origin.through else "documents.trace_study", "zh", study=origin.study[:12],
                standard=origin.standard, through=origin.through)  # fmt: skip
    placed = {each.id: each for each in figures_in((*pieces, *summary))}
    title = _words(template.title, values, "zh")
    return Document(
        facts.kind, "zh", title, facts.office.get("zh", ""), facts.day, facts.made_up, trace, pieces, summary, placed
    )


def digest_of(document: Document, template: Template) -> str:
    """Return the SHA-256 of a plan's words and numbers: the same again means that nothing changed."""
    total = hashlib.sha256(template.text.encode())
    for each in document.figures.values():
        total.update(f"{each.id}={each.value!r}|{each.origin}\n".encode())
    for piece in (*document.pieces, *document.summary):
        total.update(repr(piece).encode())
    return total.hexdigest()


def filled(text: str, values: Values, lang: str, item: Item | None = None) -> list[Run]:
    """Return a template's text as runs: words, and figures where it names them."""
    runs: list[Run] = []
    at = 0
    for found in HOLDER.finditer(text):
        runs.append(text[at : found.start()])
        sort, name = found.groups()
        if sort == "figure":
            runs.append(values.figure(name))
        elif sort == "text":
            runs.append(values.text(name, lang))
        else:
            given = (item or {})[name]
            runs.append(given if isinstance(given, str | Figure) else given.get(lang, "") or "—")
        at = found.end()
    runs.append(text[at:])
    return [run for run in runs if run != ""]


def _words(text: str, values: Values, lang: str) -> str:
    """Return a template's text as words alone: for titles and headings."""
    return "".join(run if isinstance(run, str) else run.text(lang) for run in filled(text, values, lang))


class _Composer:
    """Turns parts into pieces, counting headings on the way."""

    def __init__(self, values: Values, lang: str, pictures: Mapping[str, str]) -> None:
        self.values, self.lang, self.pictures = values, lang, pictures
        self.counter = Counter()

    def all(self, parts: tuple[Part, ...]) -> tuple[Piece, ...]:
        found: list[Piece] = []
        for part in parts:
            if self._wanted(part):
                found += self._pieces(part)
        return tuple(found)

    def _wanted(self, part: Part) -> bool:
        holds = self.values.holds
        return (not part.when or holds(part.when)) and not (part.unless and holds(part.unless))

    def _pieces(self, part: Part) -> list[Piece]:
        if part.sort in HEADS:
            level = HEADS[part.sort]
            number = self.counter.next(level) if self.lang == "zh" else ""
            return [Heading(level, number, _words(part.value, self.values, self.lang))]
        if part.sort == "text" and part.each:
            return [
                Paragraph(tuple(filled(part.value, self.values, self.lang, item)), number_of(3, n))
                for n, item in enumerate(self.values.items(part.each), start=1)
            ]
        if part.sort == "text":
            return [Paragraph(tuple(filled(part.value, self.values, self.lang)))]
        if part.sort == "table":
            return [table_of(part.value, self.values, self.lang)]
        return self._picture(f"{part.sort}.{part.value}")

    def _picture(self, name: str) -> list[Piece]:
        if name not in self.pictures:
            return []
        facts = self.values.facts
        if name == "map.basic":
            key = "documents.map.basic"
        elif name == "map.sites":
            key = "documents.map.sites"
        elif name == "map.gap":
            return [Picture(name, say("documents.map.gap", self.lang, name=gap_type(facts)), self.pictures[name], WIDE)]
        else:
            key = "documents.dial"
        return [Picture(name, say(key, self.lang), self.pictures[name], DIAL if name.startswith("dial") else WIDE)]


def gap_type(facts: PlanFacts) -> str:
    """Return the name of the type with the largest gap, "" where there is none."""
    return facts.gaps[0].kind.zh if facts.gaps else ""
