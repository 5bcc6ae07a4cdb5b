"""A document as PDF, set by Typst with fonts that come from PyPI: A4, margins and sizes as official papers have them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import typst

from yike.report.documents.figures import Figure
from yike.report.documents.pieces import Document, Heading, Paragraph, Picture, Piece, Run, Table
from yike.words import say

SANS, SERIF = "Noto Sans SC", "Noto Serif SC"
#: A4 with the margins of GB/T 9704: 37 mm above, 28 mm at the inner side, a text of 156 × 225 mm
HEAD = """
#set page(paper: "a4", margin: (top: 37mm, bottom: 35mm, left: 28mm, right: 26mm))
#set text(font: ("{serif}", "{sans}"), size: 15pt, lang: "zh", region: "cn", fill: rgb("#1d1d1f"))
#set par(leading: 0.78em, spacing: 0.78em, first-line-indent: (amount: 2em, all: true), justify: true)
#let fig(id, shown) = shown
#let h1(body) = heading(level: 1, body)
#show heading: it => block(above: 1.1em, below: 0.8em, sticky: true, width: 100%,
  text(weight: "regular", size: 15pt, font: if it.level == 2 {{ "{serif}" }} else {{ "{sans}" }}, it.body))
#set table(stroke: 0.5pt + rgb("#777"), inset: (x: 3pt, y: 4pt))
#show table: set par(first-line-indent: 0em, justify: false, leading: 0.45em)
#show table: set text(size: 9pt, font: "{sans}")
#let caption(body) = block(above: 0.9em, below: 0.5em, sticky: true, width: 100%,
  align(center, text(size: 11pt, font: "{sans}", body)))
#let note(body) = block(above: 0.4em, below: 1em, par(first-line-indent: 0em, leading: 0.5em,
  text(size: 8.5pt, fill: rgb("#555"), font: "{sans}", body)))
"""


@cache
def font_folder() -> str:
    """Return the folder of the Chinese fonts; no font of the system is used, so every machine sets the same page."""
    from pylopdf_fonts_zh_cn import sans_path

    return str(Path(str(sans_path())).parent)


def write_pdf(document: Document) -> bytes:
    """Return the document as PDF."""
    return bytes(_set(_files(document)))


def _set(files: dict[str, bytes], **how: Any) -> Any:
    """Have Typst set ``files["main"]``; the files beside it are found by their names."""
    setter: Any = typst.compile  # its stub does not know that several files can be given
    return setter(files, font_paths=[font_folder()], ignore_system_fonts=True, **how)


def pages_in(pdf: bytes) -> int:
    """Return how many pages a PDF of `write_pdf` has.

    >>> pages_in(b"<< /Type /Pages /Count 2 >> << /Type /Page >> << /Type /Page >>")
    2
    """
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def page_sources(document: Document) -> dict[str, bytes]:
    """Return what the pages are set from: Typst text and SVG by name, for `draw_pages` at any later time."""
    return _files(document)


def draw_pages(sources: dict[str, bytes], ppi: int = 96) -> list[bytes]:
    """Return the pages of `page_sources` as PNG, for the preview."""
    return _pngs(sources, ppi)


def rasterise(pictures: list[str], width_mm: float = 156, ppi: int = 140) -> list[bytes]:
    """Return SVG pictures as PNG, all of one width."""
    if not pictures:
        return []
    files: dict[str, bytes] = {f"{k}.svg": svg.encode() for k, svg in enumerate(pictures)}
    images = "#pagebreak()\n".join(f'#image("{k}.svg", width: 100%)\n' for k in range(len(pictures)))
    files["main"] = f"#set page(width: {width_mm}mm, height: auto, margin: 0pt)\n{images}".encode()
    return _pngs(files, ppi)


def _pngs(files: dict[str, bytes], ppi: int) -> list[bytes]:
    found = _set(files, format="png", ppi=ppi)
    return [bytes(each) for each in found] if isinstance(found, list) else [bytes(found)]


def _files(document: Document) -> dict[str, bytes]:
    files = {f"{each.id}.svg": each.svg.encode() for each in document.pictures}
    files["main"] = _source(document).encode()
    return files


def _source(document: Document) -> str:
    writer = _Writer()
    body = [HEAD.format(sans=SANS, serif=SERIF), *_page_frame(document), _cover(document)]
    body += [writer.piece(each) for each in document.pieces]
    if document.office:
        signed = f"{_word(document.office)}#linebreak(){_word(_day(document))}"
        body.append(f"#v(2em)#align(right, block(width: 70%, par(first-line-indent: 0em, align(center, [{signed}]))))")
    if document.summary:
        body.append('#pagebreak()\n#set text(lang: "en", size: 10.5pt)\n#set par(first-line-indent: 0em, spacing: 1em)')
        writer.lang = "en"
        body += [writer.piece(each) for each in document.summary]
    return "\n".join(body)


def _day(document: Document) -> str:
    day = document.day
    return say("documents.date", "zh", y=day.year, m=day.month, d=day.day)


def _page_frame(document: Document) -> list[str]:
    """Header with title and 演示数据, page numbers at the outer side, the watermark over every page."""
    band = f"{say('documents.made_up', 'zh')} · {say('documents.made_up', 'en')}　" if document.made_up else ""
    header = (
        '#set page(header: context if counter(page).get().first() > 0 { set text(size: 9pt, fill: rgb("#777"), font: "'
        + SANS + f'"); set par(first-line-indent: 0em); [{_word(band)}#h(1fr){_word(document.title)}] }})'
    )  # fmt: skip
    footer = (
        "#set page(footer: context { let n = counter(page).get().first(); set text(size: 12pt); set par(first-line-indent: 0em); "
        "if n > 0 { align(if calc.odd(n) { right } else { left }, [— #n —]) } })"
    )
    mark = (
        f'#set page(foreground: rotate(-35deg, text(size: 64pt, font: "{SANS}", fill: rgb(29, 29, 31, 26), '
        f"{_quoted(say('documents.made_up', 'zh'))})))"
        if document.made_up else ""
    )  # fmt: skip
    return [header, footer, mark]


def _cover(document: Document) -> str:
    """The title page."""
    band = _word(say("documents.made_up_band", "zh")) if document.made_up else ""
    return (
        "#counter(page).update(0)\n#page[#set par(first-line-indent: 0em, justify: false, leading: 0.9em)\n#set align(center)\n"
        f'#v(46mm)#text(size: 26pt, stroke: 0.35pt)[{_word(document.title)}]\n#v(8mm)#text(size: 12pt, fill: rgb("#555"))'
        f"[{_word(say('documents.draft', 'zh'))}]\n#v(1fr)#text(size: 17pt)[{_word(document.office)}]\n#v(3mm)#text(size: 15pt)"
        f'[{_word(_day(document))}]\n#v(18mm)#text(size: 9pt, fill: rgb("#777"), font: "{SANS}")'
        f"[{_word(document.trace)}#linebreak(){band}]]\n"
        "#counter(page).update(1)"
    )


class _Writer:
    """Pieces as Typst; counts tables and pictures."""

    def __init__(self) -> None:
        self.tables = self.pictures = 0
        self.lang = "zh"

    def piece(self, piece: Piece) -> str:
        if isinstance(piece, Heading):
            return f"#heading(level: {piece.level}, {_quoted(piece.number + piece.text)})"
        if isinstance(piece, Paragraph):
            number = _word(piece.number + " ") if piece.number else ""
            return f"#par[{number}{''.join(_run(run, self.lang) for run in piece.runs)}]"
        return self.table(piece) if isinstance(piece, Table) else self.picture(piece)

    def table(self, table: Table) -> str:
        self.tables += 1
        columns = ", ".join(f"{100 * width:.2f}fr" for width in table.widths)
        heads = ", ".join(f"[#strong({_quoted(head)})]" for head in table.heads)
        cells = ",\n".join(f"[{_run(cell, self.lang, cell=True)}]" for row in table.rows for cell in row)
        title = say("documents.table_n", self.lang, n=self.tables, title=table.title)
        note = f"#note({_quoted(table.note)})" if table.note else "#v(0.8em)"
        return (
            f"#caption({_quoted(title)})\n#table(columns: ({columns},), align: center + horizon, fill: (_, y) => if y == 0 "
            f'{{ rgb("#f0f0f0") }}, table.header({heads}),\n{cells})\n{note}'
        )

    def picture(self, picture: Picture) -> str:
        self.pictures += 1
        title = say("documents.figure_n", self.lang, n=self.pictures, title=picture.title)
        return (
            "#block(breakable: false, above: 1em, below: 1em, width: 100%)[#set par(first-line-indent: 0em)\n"
            f'#align(center, image("{picture.id}.svg", width: {100 * picture.width:.0f}%))\n#caption({_quoted(title)})]'
        )


def _run(run: Run, lang: str, *, cell: bool = False) -> str:
    return _word(run.text(lang, cell=cell) if isinstance(run, Figure) else run)


def _quoted(text: str) -> str:
    """Return text as a string of Typst: nothing in it is markup.

    >>> _quoted('a "b" #c')
    '"a \\\\"b\\\\" #c"'
    """
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def _word(text: str) -> str:
    return f"#{_quoted(text)};" if text else ""
