"""Plans from a study: numbering, numbers and their sources, repeated heads, watermarks, templates and their faults."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path

import docx
import pytest
from python_calamine import CalamineWorkbook

from conftest import missing
from web import town
from yike.errors import StudyError
from yike.report.documents.facts import PlanFacts
from yike.report.documents.figures import Figure, Origin
from yike.report.documents.files import Made, make_files
from yike.report.documents.hands import make_many
from yike.report.documents.maps import Ground, Sheet, draw_map, ground_of
from yike.report.documents.pieces import Document, Heading, Paragraph, Table
from yike.report.documents.plan import make_plan
from yike.report.documents.study_facts import Proposed, chosen, study_facts, study_sheet
from yike.report.documents.templates import KINDS, load_templates
from yike.report.documents.to_docx import write_docx
from yike.report.documents.to_pdf import draw_pages, page_sources, pages_in, write_pdf
from yike.report.documents.to_xlsx import SOURCES, write_xlsx
from yike.report.scene import Scene, load_scene
from yike.study import Study, run, store
from yike.study.city import study_of

DAY = date(2026, 11, 25)
FILES = ("docx", "pdf", "xlsx")
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """The small demonstration city, measured (演示数据)."""
    study = study_of(town.folder(), tmp_path_factory.mktemp("plan") / "study")
    run(study)
    return load_scene(study)


@pytest.fixture(scope="module")
def ground(scene: Scene) -> Ground:
    return ground_of(scene, store.residents(scene.study).frame["community"].astype(str).to_numpy(object))


def facts_for(scene: Scene, kind: str) -> PlanFacts:
    area = chosen((), scene.study)[0] if kind == "circle_plan" else ""
    return study_facts(scene, kind, area=area, day=DAY, office="某市商务局")


@pytest.fixture(scope="module", params=list(KINDS))
def made(request: pytest.FixtureRequest, scene: Scene, ground: Ground) -> tuple[PlanFacts, Made]:
    facts = facts_for(scene, request.param)
    sheet = study_sheet(scene, facts, area="" if request.param == "city_plan" else facts.code)
    return facts, make_files(facts, load_templates()[request.param], ground, sheet)


def plain_text(document: Document) -> list[tuple[str, bool]]:
    """All text of a plan's body in pieces, each with whether it is a figure."""
    found: list[tuple[str, bool]] = []
    for piece in document.pieces:
        if isinstance(piece, Heading):
            found.append((piece.number + piece.text, False))
        elif isinstance(piece, Paragraph):
            found += [(run.text() if isinstance(run, Figure) else run, isinstance(run, Figure)) for run in piece.runs]
        elif isinstance(piece, Table):
            found += [(cell.text(cell=True), True) for row in piece.rows for cell in row if isinstance(cell, Figure)]
    return found


def docx_text(data: bytes) -> str:
    file = docx.Document(BytesIO(data))
    return "\n".join(
        "".join(node.text or "" for node in paragraph.iter(f"{W}t")) for paragraph in file.element.body.iter(f"{W}p")
    )


def test_every_number_is_a_figure_and_in_the_list(made: tuple[PlanFacts, Made]) -> None:
    facts, plan = made
    document = plan.document
    texts = {text for text, is_figure in plain_text(document) if is_figure}
    listed = {each.text(cell=cell) for each in document.figures.values() for cell in (False, True)}
    assert texts <= listed and len(document.figures) > 100
    free = [text for text, is_figure in plain_text(document) if not is_figure]
    # words of the template and names of the city's own may hold digits, such as 12345 热线 or 1+N: never a measured number
    known = " ".join((load_templates()[facts.kind].text, facts.name, facts.origin.standard, *facts.sources.values()))
    loose = [
        digits
        for text in free
        for digits in re.findall(r"\d[\d.,]*", re.sub(r"^\d\.$|（\d+）", "", text))
        if digits.rstrip(".,") not in known
    ]
    assert loose == []


def test_figures_equal_the_study(scene: Scene, made: tuple[PlanFacts, Made]) -> None:
    facts, plan = made
    figures, headline = plan.document.figures, scene.headline
    assert {each.origin.study for each in figures.values()} == {scene.study.receipts()["headline"]["digest"]}
    coverage = scene.study.table("coverage")
    mine = coverage[(coverage["walker"] == scene.walker) & (coverage["area"] == facts.code)].sort_values("limit_s")
    for row in mine.drop_duplicates("business_type").itertuples():
        found = figures[f"type.{row.business_type}.share"]
        assert found.value == pytest.approx(row.share) and found.origin.requirement == row.requirement
        assert found.text(cell=True) == f"{100 * row.share:.1f}%"
    if facts.kind == "city_plan":
        assert figures["people"].value == pytest.approx(headline["people"])
        assert figures["ten_fifteen"].value == pytest.approx(headline["walkers"][scene.walker]["ten_fifteen_share"])
        gates = {each["part"]: each for each in headline["walkers"][scene.walker]["gates"] if each["how"] == "reached"}
        assert figures["quality_at_least"].value == gates["quality"]["at_least"]


def test_headings_are_numbered_as_official_papers_are(made: tuple[PlanFacts, Made]) -> None:
    headings = [each for each in made[1].document.pieces if isinstance(each, Heading)]
    tops = [each for each in headings if each.level == 1]
    assert [each.number for each in tops] == [
        f"{n}、" for n in ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一"]
    ]
    wanted = {
        "city_plan": "现状 目标 空间布局 业态补建 数字化 治理 项目清单与资金 进度 分工 考核",
        "circle_plan": "基本情况 边界与人口 “有没有”清单 需求清单 缺口 项目清单 资金 时间 责任人 预期星级",
    }[made[0].kind]
    assert [each.text for each in tops][:10] == wanted.split()
    last, seen = 0, 0
    for each in headings:
        seen = 0 if each.level == 1 else seen + 1 if each.level == 2 else seen
        assert each.level <= last + 1, "no level is left out"
        assert each.level != 2 or each.number == f"（{'一二三四五六七八九'[seen - 1]}）"
        last = each.level


def test_docx_opens_and_its_heads_are_repeated(made: tuple[PlanFacts, Made]) -> None:
    document, data = made[1].document, made[1].files["docx"]
    file = docx.Document(BytesIO(data))
    assert len(file.tables) == len(document.tables) and len(file.inline_shapes) == len(document.pictures) > 1
    for table, given in zip(file.tables, document.tables, strict=True):
        rows = table._tbl.findall(f"{W}tr")
        assert [row.find(f"{W}trPr/{W}tblHeader") is not None for row in rows] == [True] + [False] * len(given.rows)
        assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows), "a row is not cut by a page"
    assert document.title in docx_text(data)
    marked = {node.get(f"{W}name").partition(".")[2] for node in file.element.body.iter(f"{W}bookmarkStart")}
    assert marked == {each[: len(each)] for each in marked} and {"people", "basic_share"} <= marked
    section = file.sections[0]
    assert [
        round(each.mm) for each in (section.page_width, section.top_margin, section.left_margin, section.right_margin)
    ] == [210, 37, 28, 26]
    fonts = zipfile.ZipFile(BytesIO(data)).read("word/styles.xml").decode()
    assert 'w:eastAsia="仿宋_GB2312"' in fonts and 'w:eastAsia="黑体"' in fonts
    assert "方正小标宋简体" in zipfile.ZipFile(BytesIO(data)).read("word/document.xml").decode()


def test_made_up_data_is_marked_in_all_three_files(made: tuple[PlanFacts, Made]) -> None:
    files = made[1].files
    package = zipfile.ZipFile(BytesIO(files["docx"]))
    headers = [package.read(name).decode() for name in package.namelist() if name.startswith("word/header")]
    assert len(headers) == 3 and all("v:textpath" in each and "演示数据" in each for each in headers), (
        "title, odd and even pages"
    )
    book = zipfile.ZipFile(BytesIO(files["xlsx"]))
    sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
    assert all("演示数据" in each.partition("<oddHeader>")[2] for each in sheets), "on every printed page"
    for name in CalamineWorkbook.from_filelike(BytesIO(files["xlsx"])).sheet_names:
        rows = CalamineWorkbook.from_filelike(BytesIO(files["xlsx"])).get_sheet_by_name(name).to_python()
        assert "演示数据" in rows[2][0]
    source = page_sources(made[1].document)["main"].decode()
    assert "foreground: rotate" in source and all(
        "演示数据" in each.svg for each in made[1].document.pictures if each.id.startswith("map")
    )


def pdf_pages(data: bytes, folder: Path) -> list[str]:
    if shutil.which("pdftotext") is None:
        missing("PDF text: pdftotext is not installed (apt-get install poppler-utils)")
    path = folder / "plan.pdf"
    path.write_bytes(data)
    text = subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True).stdout.decode()
    return text.split("\f")[:-1]


def test_pdf_says_the_same_on_every_page(made: tuple[PlanFacts, Made], tmp_path: Path) -> None:
    plan = made[1]
    pages = pdf_pages(plan.files["pdf"], tmp_path)
    assert len(pages) == pages_in(plan.files["pdf"]) > 5
    assert plan.document.title in pages[0].replace("\n", "").replace(" ", "")
    assert all("演示数据" in each or "演" in each for each in pages)
    bare = [each.replace(" ", "") for each in pages]
    assert "—1—" in bare[1] and "—1—" not in bare[0], "the title page has no number"
    types = next(each for each in plan.document.tables if each.id == "types")
    heads = [
        each for each in pages if all(head in each for head in ("有没有", "时限", "等级", "网点数")) and "类别" in each
    ]
    assert len(heads) >= 2 and len(types.rows) > 40, "the heads stand on every page the table crosses"
    together = "".join(pages)
    for each in ("people", "ten_fifteen", "basic_share", "quality_share"):
        assert plan.document.figures[each].text().replace(" ", "") in together.replace(" ", "").replace("\n", "")


def test_xlsx_holds_each_table_and_every_source(made: tuple[PlanFacts, Made]) -> None:
    document = made[1].document
    book = CalamineWorkbook.from_filelike(BytesIO(made[1].files["xlsx"]))
    assert len(book.sheet_names) == len(document.tables) + 1 and book.sheet_names[-1] == SOURCES
    rows = book.get_sheet_by_name(SOURCES).to_python()[4:]
    assert [row[0] for row in rows] == list(document.figures)
    for row, each in zip(rows, document.figures.values(), strict=True):
        assert row[5] == each.origin.study and row[6] == each.origin.standard
        assert (
            row[2] == pytest.approx(each.value) if isinstance(each.value, int | float) else row[2] in ("", each.value)
        )
    types = next(each for each in document.tables if each.id == "types")
    sheet = book.get_sheet_by_name(types.title).to_python()
    assert list(sheet[3]) == list(types.heads) and len(sheet) >= 4 + len(types.rows)
    shares = [
        cell.value for cell in (row[7] for row in types.rows) if isinstance(cell, Figure) and cell.value is not None
    ]
    assert [row[7] for row in sheet[4 : 4 + len(types.rows)] if isinstance(row[7], float)] == pytest.approx(shares), (
        "numbers, not words"
    )


def test_no_placeholder_is_left_and_the_plan_is_the_same_again(
    made: tuple[PlanFacts, Made], scene: Scene, ground: Ground
) -> None:
    facts, plan = made
    assert not re.search(r"\{\w+:|\{\}", docx_text(plan.files["docx"]))
    sheet = study_sheet(scene, facts, area="" if facts.kind == "city_plan" else facts.code)
    again = make_files(facts, load_templates()[facts.kind], ground, sheet)
    assert again.digest == plan.digest
    assert all(len(again.files[each]) > 1000 for each in FILES)


def test_a_plan_of_real_data_is_not_marked(scene: Scene) -> None:
    from dataclasses import replace

    real = replace(facts_for(scene, "circle_plan"), made_up=False, sources={"zh": "数据", "en": "data"}, name="某圈")
    document = make_plan(real, load_templates()["circle_plan"], {})
    assert "演示数据" not in docx_text(write_docx(document))
    package = zipfile.ZipFile(BytesIO(write_docx(document)))
    assert not any(
        "textpath" in package.read(name).decode() for name in package.namelist() if name.startswith("word/header")
    )
    assert "演示数据" not in str(
        CalamineWorkbook.from_filelike(BytesIO(write_xlsx(document))).get_sheet_by_index(0).to_python()
    )
    assert "foreground" not in page_sources(document)["main"].decode() and write_pdf(document)[:5] == b"%PDF-"


def test_faults_of_all_templates_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "city_plan.toml").write_text(
        'title = "{figure:nobody}"\ntitle_en = "x"\nextra = 1\n[[part]]\ntext = "{text:name} {figure:first_people} {open"\n'
        '[[part]]\ntable = "nothing"\nmap = "basic"\n[[part]]\neach = "ghosts"\ntext = "{item:type}"\n'
        '[[part]]\nhead = "a"\nwhen = "never"\n',
        "utf-8",
    )
    (tmp_path / "circle_plan.toml").write_bytes("title = 一".encode("gbk"))
    with pytest.raises(StudyError) as found:
        load_templates(tmp_path)
    assert [each.code for each in found.value.faults] == ["documents.template_bad", "documents.template_broken"]
    told = " ".join(text for _, text in found.value.faults[0].rows)
    for each in (
        "{figure:nobody}",
        "extra",
        "{figure:first_people}",
        "{open",
        "table + map",
        "ghosts",
        "{item:type}",
        "never",
    ):
        assert each in told, each


def test_a_template_cannot_run_anything(tmp_path: Path, scene: Scene) -> None:
    for words in ("{figure:people.__class__}", "{0}", "{text:name!r}", "{{7*7}}", "{figure:people:>9}"):
        (tmp_path / "circle_plan.toml").write_text(
            f'title = "{words}"\ntitle_en = "x"\n[[part]]\nhead = "a"\n', "utf-8"
        )
        with pytest.raises(StudyError, match=r"documents\.template_bad"):
            load_templates(tmp_path)
    sharp = '#read("/etc/passwd") <x> & "q" \\ $x$'
    (tmp_path / "circle_plan.toml").write_text(f"title = 't'\ntitle_en = 'x'\n[[part]]\ntext = '{sharp}'\n", "utf-8")
    document = make_plan(facts_for(scene, "circle_plan"), load_templates(tmp_path)["circle_plan"], {})
    assert sharp in docx_text(write_docx(document)), "words are words in every writer"
    assert write_pdf(document)[:5] == b"%PDF-"


def test_maps_have_what_a_map_sheet_needs(scene: Scene, ground: Ground) -> None:
    facts = facts_for(scene, "circle_plan")
    sheet = study_sheet(scene, facts, area=facts.code)
    for what in ("basic", facts.gaps[0].kind.code):
        svg = draw_map(ground, sheet, what)
        assert ">N</text>" in svg and re.search(r">[\d,.]+ k?m</text>", svg) and "map.osm.pbf" in svg
        assert facts.origin.study[:12] in svg and "演示数据" in svg
        shares = [int(each) for each in re.findall(r"  (\d+)%</text>", svg)]
        assert len(shares) == 4 and 98 <= sum(shares) <= 102, "the legend tells everybody of the place"
    svg = draw_map(ground, sheet, "basic").partition("<g clip-path")[2].partition("</g>")[0]  # without the legend
    dots = [
        d
        for d, colour in re.findall(r'<path d="(M[^"]*)" fill="none" stroke="(#\w+)"[^>]*linecap', svg)
        if colour != "#d8d8d8"
    ]
    crosses = re.findall(r'<path d="(M[^"]*M[^"]*)" fill="none" stroke="#c8553d"', svg)
    drawn = sum(each.count("h.01") for each in dots) + sum(each.count("M") // 2 for each in crosses)
    assert 0 < drawn == int(sheet.homes.sum()), "every home of the place is drawn once"


def test_preview_draws_every_page(made: tuple[PlanFacts, Made]) -> None:
    pages = draw_pages(page_sources(made[1].document), ppi=20)
    assert len(pages) == pages_in(made[1].files["pdf"]) and all(each[:4] == b"\x89PNG" for each in pages)


def test_a_proposal_becomes_the_project_list(scene: Scene, ground: Ground) -> None:
    from yike.siting.joint import Spaces

    homes = scene.homes.iloc[:2]
    rows = [
        {"key": f"s{n}", "name": f"空间{n}", "kind": "厂房", "lon": home.lon, "lat": home.lat, "area_m2": 100.0, "uses": (),
         "rent_yuan": 1e4, "conversion_yuan": 2e4, "community": ""}
        for n, home in enumerate(homes.itertuples())
    ]  # fmt: skip
    answer = {
        "gap": 0.004,
        "sites": [
            {"space": "s1", "business_type": "repair", "cost_yuan": 123_400.0, "people_gained": 321.0, "area_m2": 100.0}
        ],
    }
    proposal = Proposed(answer, Spaces.of(rows).frame)
    facts = study_facts(scene, "circle_plan", day=DAY, proposal=proposal)
    sheet = study_sheet(scene, facts, proposal=proposal)
    plan = make_files(facts, load_templates()["circle_plan"], ground, sheet)
    figures = plan.document.figures
    assert figures["projects"].value == 1 and figures["projects_yuan"].text() == "12.34 万元"
    assert figures["proof_gap"].text() == "0.4%" and figures["projects_people"].value == 321
    assert "map.sites" in {each.id for each in plan.document.pictures} and "无记录" in docx_text(plan.files["docx"])
    with pytest.raises(StudyError, match=r"documents\.space_unknown"):
        Proposed(answer | {"sites": [{"space": "lost"}]}, Spaces.of(rows).frame)


def test_an_area_nobody_lives_in_is_refused(scene: Scene) -> None:
    with pytest.raises(StudyError, match=r"documents\.area_unknown"):
        study_facts(scene, "circle_plan", area="nowhere", day=DAY)


def test_the_command_line_makes_plans(scene: Scene, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from yike.cli.main import app

    area = chosen((), scene.study)[0]
    done = CliRunner().invoke(
        app,
        [
            "plan",
            str(scene.study.folder),
            "--circle",
            area,
            "--out",
            str(tmp_path),
            "--office",
            "某局",
            "--day",
            "2026-01-02",
        ],
    )
    assert done.exit_code == 0, done.output
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(
        f"{kind}.{suffix}" for kind in ("city_plan-all", f"circle_plan-{area}") for suffix in FILES
    )
    assert "2026 年 1 月 2 日" in docx_text((tmp_path / f"circle_plan-{area}.docx").read_bytes())


EXTRACT = "bjtu"


def test_real_extract_gets_a_circle_plan(shared_data: Path, tmp_path: Path) -> None:
    from yike.study import InputFile, Settings, start_study

    source = shared_data / "osm-china" / f"{EXTRACT}_map.osm.gz"
    if not source.is_file():
        pytest.skip(f"real data: {source} is not there")
    maps = (InputFile(str(source)),)
    study: Study = start_study(
        tmp_path / "s", Settings(name="北京交通大学一带", maps=maps, outlets=maps, spread_people=20_000)
    )
    run(study)
    scene = load_scene(study)
    ground = ground_of(scene, store.residents(study).frame["community"].astype(str).to_numpy(object))
    facts = study_facts(scene, "circle_plan", day=DAY)
    plan = make_files(facts, load_templates()["circle_plan"], ground, Sheet(scene.homes["people"].to_numpy() >= 0))
    text = docx_text(plan.files["docx"])
    assert "北京交通大学一带" in text and "OpenStreetMap" in text and "演示数据" not in text and "无记录" in text


def test_origin_is_required_once_per_value() -> None:
    from yike.report.documents.figures import Book

    book = Book(Origin("d", "s", "coverage"))
    book.put("a", 1, "count", {})
    assert book.put("a", 1, "count", {}) == book.figures["a"]
    with pytest.raises(ValueError, match="two values"):
        book.put("a", 2, "count", {})


ORPHANS = """
import os, pickle, signal, sys
from yike.report.documents import hands

if __name__ == "__main__":
    with open(sys.argv[1], "wb") as file:
        pickle.dump({}, file)
    pool = hands.ProcessPoolExecutor(
        1, mp_context=hands.multiprocessing.get_context("spawn"), initializer=hands._begin, initargs=(sys.argv[1],)
    )
    print(pool.submit(os.getpid).result(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_job_leaves_no_process_behind(tmp_path: Path) -> None:
    script = tmp_path / "orphans.py"
    script.write_text(ORPHANS, "utf-8")
    done = subprocess.run([sys.executable, str(script), str(tmp_path / "ground")], capture_output=True, timeout=120)
    child = int(done.stdout)
    for _ in range(100):
        if not Path(f"/proc/{child}/cmdline").exists() or not Path(f"/proc/{child}/cmdline").read_bytes():
            return
        time.sleep(0.1)
    pytest.fail(f"process {child} is still there")


def test_many_plans_at_once_are_those_made_one_by_one(scene: Scene, ground: Ground) -> None:
    areas = chosen((), scene.study)[:2]
    templates = load_templates()

    def gather(area: str) -> tuple[PlanFacts, Sheet]:
        facts = study_facts(scene, "circle_plan", area=area, day=DAY)
        return facts, study_sheet(scene, facts, area=area)

    alone = {area: plan.digest for area, _, plan, _ in make_many(areas, gather, ground, templates)}
    together = {area: plan.digest for area, _, plan, _ in make_many(areas, gather, ground, templates, processes=2)}
    assert list(alone) == areas and alone == together and len(set(alone.values())) == 2
