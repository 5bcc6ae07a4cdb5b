"""A document as DOCX in the layout of official papers, to be edited further in any word processor.

Typefaces are named as offices expect them (方正小标宋, 黑体, 楷体, 仿宋) with the names of wide-spread stand-ins beside
them; none is embedded. Tables are written as XML in one piece: a cell at a time would take most of the time of a plan.
"""

from __future__ import annotations

from html import escape
from io import BytesIO
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from yike.report.documents.figures import Figure
from yike.report.documents.pieces import Document, Heading, Paragraph, Picture, Piece, Run, Table
from yike.report.documents.to_pdf import rasterise
from yike.words import say

TITLE, BLACK, KAI, SONG = "方正小标宋简体", "黑体", "楷体_GB2312", "仿宋_GB2312"
STANDS_IN = {TITLE: "宋体", BLACK: "SimHei", KAI: "楷体", SONG: "仿宋"}  #: what a machine without the typeface may take
LATIN = "Times New Roman"
TEXT_MM = 156  #: width of the text
LINE_PT, BODY_PT, CELL_PT = 28, 16, 9
LEVELS = {1: BLACK, 2: KAI, 3: SONG, 4: SONG}
FORMULAS = (
    "sum #0 0 10800", "prod #0 2 1", "sum 21600 0 @1", "sum 0 0 @2", "sum 21600 0 @3", "if @0 @3 0", "if @0 21600 @1",
    "if @0 0 @2", "if @0 @4 21600", "mid @5 @6", "mid @8 @5", "mid @7 @8", "mid @6 @7", "sum @6 0 @5",
)  #: of the shape that word processors draw a text in (136)  # fmt: skip
MARK = (
    '<w:r {ns} xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office">'
    '<w:rPr><w:noProof/></w:rPr><w:pict><v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" '
    'adj="10800" path="m@7,l@8,m@5,21600l@6,21600e">'
    '<v:formulas>{formulas}</v:formulas><v:path textpathok="t" o:connecttype="custom"/><v:textpath on="t" fitshape="t"/>'
    '</v:shapetype><v:shape id="PowerPlusWaterMarkObject{n}" o:spid="_x0000_s{spid}" type="#_x0000_t136" alt="{words}" '
    'style="position:absolute;'
    "margin-left:0;margin-top:0;width:400pt;height:100pt;rotation:315;z-index:-251658752;mso-position-horizontal:center;"
    'mso-position-horizontal-relative:margin;mso-position-vertical:center;mso-position-vertical-relative:margin" '
    'fillcolor="#d9d9d9" stroked="f"><v:fill opacity=".5"/><v:textpath style="font-family:&quot;SimSun&quot;;font-size:1pt" '
    'string="{words}"/></v:shape></w:pict></w:r>'
)


def write_docx(document: Document) -> bytes:
    """Return the document as DOCX."""
    file = docx.Document()
    _page(file)
    _styles(file)
    _fonts(file)
    _heads_and_feet(file, document)
    writer = _Writer(file, document)
    writer.cover()
    for piece in document.pieces:
        writer.piece(piece)
    writer.signed()
    if document.summary:
        writer.lang = "en"
        first = len(file.paragraphs)
        for piece in document.summary:
            writer.piece(piece)
        file.paragraphs[first].paragraph_format.page_break_before = True
    file.core_properties.title = document.title
    file.core_properties.author = document.office
    file.core_properties.comments = document.trace
    out = BytesIO()
    file.save(out)
    return out.getvalue()


def _page(file: Any) -> None:
    section = file.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(20), Mm(25)
    section.different_first_page_header_footer = True
    section._sectPr.append(parse_xml(f'<w:pgNumType {nsdecls("w")} w:start="0"/>'))  # the title page is not counted
    file.settings.odd_and_even_pages_header_footer = True


def _typeface(style: Any, east: str, points: float) -> None:
    style.font.name, style.font.size = LATIN, Pt(points)
    style.font.color.rgb = RGBColor(0x1D, 0x1D, 0x1F)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), east)
    fonts.set(qn("w:hAnsi"), LATIN)


def _styles(file: Any) -> None:
    normal = file.styles["Normal"]
    _typeface(normal, SONG, BODY_PT)
    normal.paragraph_format.line_spacing = Pt(LINE_PT)
    normal.paragraph_format.space_after = Pt(0)
    for level, east in LEVELS.items():
        style = file.styles[f"Heading {level}"]
        _typeface(style, east, BODY_PT)
        style.font.bold = level == 3
        style.font.italic = False
        style.paragraph_format.line_spacing = Pt(LINE_PT)
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
        style.paragraph_format.first_line_indent = Pt(2 * BODY_PT)
        style.paragraph_format.keep_with_next = True


def _fonts(file: Any) -> None:
    """Tell in the table of fonts which stand-in may be taken for each typeface."""
    for part in file.part.package.iter_parts():
        if str(part.partname) == "/word/fontTable.xml":
            entries = "".join(f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
                              for name, other in STANDS_IN.items())  # fmt: skip
            part._blob = part.blob.replace(b"</w:fonts>", entries.encode() + b"</w:fonts>")


def _heads_and_feet(file: Any, document: Document) -> None:
    section = file.sections[0]
    both = f"{say('documents.made_up', 'zh')} · {say('documents.made_up', 'en')}"
    for n, header in enumerate((section.header, section.even_page_header, section.first_page_header)):
        line = header.paragraphs[0]
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        if document.made_up:
            formulas = "".join(f'<v:f eqn="{each}"/>' for each in FORMULAS)
            words = say("documents.made_up", "zh")
            line._p.append(parse_xml(MARK.format(ns=nsdecls("w"), formulas=formulas, n=n, spid=2049 + n, words=words)))
            run = line.add_run(both)
            run.font.size, run.font.bold, run.font.color.rgb = Pt(9), True, RGBColor(0xC8, 0x55, 0x3D)
    for footer, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        line = footer.paragraphs[0]
        line.alignment = side
        shown = '<w:rPr><w:sz w:val="28"/></w:rPr><w:t xml:space="preserve">{}</w:t>'
        names = nsdecls("w")
        line._p.append(parse_xml(f"<w:r {names}>{shown.format('— ')}</w:r>"))
        line._p.append(parse_xml(f'<w:fldSimple {names} w:instr=" PAGE "><w:r>{shown.format(1)}</w:r></w:fldSimple>'))
        line._p.append(parse_xml(f"<w:r {names}>{shown.format(' —')}</w:r>"))


class _Writer:
    """Pieces as paragraphs, tables and pictures of a file."""

    def __init__(self, file: Any, document: Document) -> None:
        self.file, self.document, self.lang = file, document, "zh"
        self.body = file.element.body
        self.tables = self.pictures = self.marks = 0
        images = rasterise([each.svg for each in document.pictures])
        self.images = dict(zip([each.id for each in document.pictures], images, strict=True))

    def line(self, text: str, east: str, points: float, *, before: float = 0, grey: bool = False) -> Any:
        """Add a line in the middle."""
        paragraph = self.file.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.space_before = Pt(before)
        paragraph.paragraph_format.line_spacing = Pt(max(1.35 * points, 12))
        run = paragraph.add_run(text)
        run.font.size = Pt(points)
        run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), east)
        if grey:
            run.font.color.rgb = RGBColor(0x77, 0x77, 0x77)
        return paragraph

    def day(self) -> str:
        day = self.document.day
        return say("documents.date", "zh", y=day.year, m=day.month, d=day.day)

    def cover(self) -> None:
        """The title page."""
        document = self.document
        self.line(document.title, TITLE, 26, before=150)
        self.line(say("documents.draft", "zh"), KAI, 14, before=14, grey=True)
        self.line(document.office, SONG, 18, before=230)
        self.line(self.day(), SONG, 16, before=6)
        if document.made_up:
            self.line(say("documents.made_up_band", "zh"), BLACK, 9, before=24, grey=True)
        last = self.line(document.trace, BLACK, 9, before=4, grey=True)
        last.add_run().add_break(WD_BREAK.PAGE)

    def signed(self) -> None:
        """Office and date at the right, below the text."""
        for k, text in enumerate(each for each in (self.document.office, self.day()) if each):
            paragraph = self.file.add_paragraph(text)
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            paragraph.paragraph_format.right_indent = Pt(4 * BODY_PT)
            paragraph.paragraph_format.space_before = Pt(2 * LINE_PT if k == 0 else 0)

    def piece(self, piece: Piece) -> None:
        if isinstance(piece, Heading):
            self.file.add_paragraph(piece.number + piece.text, style=f"Heading {piece.level}")
        elif isinstance(piece, Paragraph):
            self.paragraph(piece)
        elif isinstance(piece, Table):
            self.table(piece)
        else:
            self.picture(piece)

    def paragraph(self, piece: Paragraph) -> None:
        indent = '<w:ind w:firstLine="640" w:firstLineChars="200"/>' if self.lang == "zh" else ""
        runs = "".join(self.run(run, BODY_PT if self.lang == "zh" else 11) for run in piece.runs)
        number = self.run(piece.number, BODY_PT) if piece.number else ""
        self.add(f'<w:p {nsdecls("w")}><w:pPr>{indent}<w:jc w:val="both"/></w:pPr>{number}{runs}</w:p>')

    def add(self, xml: str) -> None:
        """Put an element at the end of the text, before the section's settings."""
        self.body.insert(len(self.body) - 1, parse_xml(xml))

    def run(self, run: Run, points: float, *, cell: bool = False, bold: bool = False) -> str:
        """Return a run; that of a figure stands between bookmarks with the figure's id."""
        text = run.text(self.lang, cell=cell) if isinstance(run, Figure) else run
        look = f'<w:rPr>{"<w:b/>" if bold else ""}<w:sz w:val="{2 * points:g}"/></w:rPr>'
        made = f'<w:r>{look}<w:t xml:space="preserve">{escape(text, quote=False)}</w:t></w:r>'
        if not isinstance(run, Figure):
            return made
        self.marks += 1
        name = escape(f"n{self.marks}.{run.id}"[:40])
        return f'<w:bookmarkStart w:id="{self.marks}" w:name="{name}"/>{made}<w:bookmarkEnd w:id="{self.marks}"/>'

    def table(self, table: Table) -> None:
        self.tables += 1
        caption = self.line(say("documents.table_n", self.lang, n=self.tables, title=table.title), BLACK, 12, before=8)
        caption.paragraph_format.keep_with_next = True
        twips = [round(TEXT_MM * 56.7 * width) for width in table.widths]
        grid = "".join(f'<w:gridCol w:w="{each}"/>' for each in twips)
        sides = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="777777"/>'
                        for side in ("top", "left", "bottom", "right", "insideH", "insideV"))  # fmt: skip
        rows = [self.row(table.heads, twips, head=True), *(self.row(row, twips) for row in table.rows)]
        self.add(
            f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(twips)}" w:type="dxa"/><w:jc w:val="center"/>'
            f'<w:tblBorders>{sides}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="60" w:type="dxa"/>'
            f'<w:right w:w="60" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{"".join(rows)}</w:tbl>'
        )
        self.line(table.note, KAI, 9, grey=True) if table.note else self.line("", SONG, 6)

    def row(self, cells: tuple[Run, ...], twips: list[int], *, head: bool = False) -> str:
        """Return a row; the heads are marked to be repeated on every page, and no row is cut by one."""
        shade = '<w:shd w:val="clear" w:color="auto" w:fill="F0F0F0"/>' if head else ""
        made = "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="{wide}" w:type="dxa"/>{shade}<w:vAlign w:val="center"/></w:tcPr><w:p><w:pPr>'
            '<w:spacing w:before="20" w:after="20" w:line="240" w:lineRule="auto"/><w:jc w:val="center"/></w:pPr>'
            f"{self.run(cell, CELL_PT, cell=True, bold=head)}</w:p></w:tc>"
            for cell, wide in zip(cells, twips, strict=True)
        )
        again = "<w:tblHeader/>" if head else ""
        return f"<w:tr><w:trPr><w:cantSplit/>{again}</w:trPr>{made}</w:tr>"

    def picture(self, picture: Picture) -> None:
        self.pictures += 1
        held = self.file.add_paragraph()
        held.add_run().add_picture(BytesIO(self.images[picture.id]), width=Mm(TEXT_MM * picture.width))
        held.alignment = WD_ALIGN_PARAGRAPH.CENTER
        held.paragraph_format.line_spacing = 1.0
        held.paragraph_format.keep_with_next = True
        self.line(say("documents.figure_n", self.lang, n=self.pictures, title=picture.title), BLACK, 12)
