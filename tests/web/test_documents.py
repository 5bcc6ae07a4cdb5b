"""Plans on the platform: the job makes files, rights hold, numbers are traced back, and making again changes nothing."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Generator
from datetime import date
from io import BytesIO

import docx
import pytest
from django.test import Client

from web.cast import person
from yike.errors import YikeError
from yike.report.documents.plan import make_plan
from yike.report.documents.study_facts import study_facts
from yike.report.documents.tables import MOST_LINES
from yike.report.documents.templates import load_templates
from yike.report.scene import load_scene
from yike.web.areas.models import Area, City
from yike.web.circles.models import Circle
from yike.web.documents import actions, tracing
from yike.web.documents.facts import area_facts, circle_facts
from yike.web.documents.making import Desk, Done
from yike.web.documents.models import Document
from yike.web.documents.places import Place, area_of, circles_in, folder_of, own_templates, path_of, places_of
from yike.web.documents.registers import Registers
from yike.web.journal.models import Line
from yike.web.needs.models import Need
from yike.web.outlets import actions as outlet_actions
from yike.web.outlets.deeds import deed_on
from yike.web.outlets.models import Outlet
from yike.web.projects.models import Project
from yike.web.projects.offices import office_name
from yike.web.queue import run_waiting
from yike.web.queue.limits import limit
from yike.web.queue.models import Job

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 25)


def make(city: City, wanted: str = "city_plan", circle: Circle | None = None, area: Area | None = None) -> Job:
    where = area or (area_of(circle) if circle else city.root)
    planner = person("city_planner", city.root)
    job = actions.make(actions.deed_in(planner, where), wanted, "某市商务局", DAY, circle)
    run_waiting()
    job.refresh_from_db()
    assert job.state == "done", job.faults
    return job


def test_a_city_plan_is_made_with_its_files_and_figures(demo_city: City) -> None:
    job = make(demo_city)
    document = Document.objects.get()
    assert job.result["link"] == f"/desk/documents/{document.pk}/"
    assert document.kind == "city_plan" and document.pages > 5 and "总体方案" in document.title
    data = {suffix: path_of(document, suffix).read_bytes() for suffix in ("docx", "pdf", "xlsx")}
    assert data["pdf"][:5] == b"%PDF-" and all(zipfile.is_zipfile(BytesIO(data[each])) for each in ("docx", "xlsx"))
    assert "演示数据" in zipfile.ZipFile(BytesIO(data["docx"])).read("word/header1.xml").decode()
    assert len({each["id"] for each in document.figures}) == len(document.figures) > 100
    assert all(each["study"] == document.study and each["standard"] == document.standard for each in document.figures)
    assert Line.objects.get(verb="documents.make").record == demo_city.root.code


def test_figures_are_those_of_the_study(demo_city: City) -> None:
    at = Registers(demo_city)
    here = area_facts(at, demo_city.root, DAY, "")
    scene = load_scene(at.live.study)
    alone = study_facts(scene, "city_plan", day=DAY)
    assert here.people == pytest.approx(alone.people)
    assert here.ten_fifteen == pytest.approx(alone.ten_fifteen)
    for mine, theirs in zip(here.types, alone.types, strict=True):
        assert (mine.kind.code, mine.requirement, mine.seen) == (theirs.kind.code, theirs.requirement, theirs.seen)
        assert mine.share == pytest.approx(theirs.share), mine.kind.code
        assert mine.outlets == theirs.outlets or theirs.outlets is None, mine.kind.code
        if mine.median_min is not None and theirs.median_min is not None:
            assert mine.median_min == pytest.approx(theirs.median_min, abs=1e-3), mine.kind.code
    assert [each.kind.code for each in here.gaps] == [each.kind.code for each in alone.gaps]
    assert [each.people_uncovered for each in here.gaps] == pytest.approx(
        [each.people_uncovered for each in alone.gaps]
    )


def test_all_plans_of_a_city_and_making_them_again_changes_nothing(demo_city: City) -> None:
    circles = circles_in(demo_city.root)
    first = make(demo_city, "all")
    assert first.result == {"plans": 1 + len(circles), "new": 1 + len(circles), "link": "/desk/documents/"}
    assert Document.objects.count() == 1 + len(circles)
    before = {
        each.pk: (each.digest, each.made_at, path_of(each, "docx").stat().st_mtime_ns)
        for each in Document.objects.all()
    }
    again = make(demo_city, "all")
    assert again.result["new"] == 0
    after = {
        each.pk: (each.digest, each.made_at, path_of(each, "docx").stat().st_mtime_ns)
        for each in Document.objects.all()
    }
    assert before == after


def test_a_plan_is_for_those_of_its_area_alone(demo_city: City) -> None:
    make(demo_city)
    document = Document.objects.get()
    county = Area.objects.filter(city=demo_city, level="county").first()
    address = f"/desk/documents/{document.pk}/"
    files = [address, f"{address}file/pdf/", f"{address}page/1.png", f"{address}figures/people/"]
    planner, officer, stranger = person("city_planner", demo_city.root), person("county_officer", county), person()
    for who, status in ((planner, 200), (officer, 404), (stranger, 403)):
        client = Client()
        client.force_login(who)
        assert {each: client.get(each).status_code for each in files} == dict.fromkeys(files, status)
    assert Client().get(files[1]).status_code in (302, 403)
    assert Client().get("/media/" + document.files["pdf"]).status_code == 404, "never from public media"
    client = Client()
    client.force_login(officer)
    assert document.title not in client.get("/desk/documents/").content.decode()
    assert client.post(f"{address}drop/").status_code == 404
    with pytest.raises(Exception, match=r"documents\.make"):
        actions.make(actions.deed_in(officer, demo_city.root), "all", "", DAY)


def test_a_number_is_traced_to_its_study_and_told_when_it_changed(demo_city: City) -> None:
    make(demo_city)
    document = Document.objects.get()
    chosen = next(each for each in document.figures if each["id"] == "type.breakfast.share")
    found = tracing.trace(document, chosen)
    assert found.holds and found.recount_agrees and found.changes == 0
    assert found.requirement is not None and found.requirement.id == chosen["requirement"]
    assert found.link == f"/desk/area/{demo_city.root.code}/"
    ten = tracing.trace(document, next(each for each in document.figures if each["id"] == "ten_fifteen"))
    assert ten.holds and ten.recount_agrees
    planner = person("city_planner", demo_city.root)
    for outlet in Outlet.objects.filter(city=demo_city, state="open", functions__code="breakfast"):
        outlet_actions.close(deed_on(planner, outlet), "演示")
    from yike.web.studies.figures import follow

    follow(demo_city)
    later = tracing.trace(document, chosen)
    assert not later.holds and later.recount_agrees and later.changes > 0
    assert later.recounted is not None and later.recounted < chosen["value"]
    client = Client()
    client.force_login(planner)
    text = client.get(f"/desk/documents/{document.pk}/figures/type.breakfast.share/").content.decode()
    assert chosen["zh"] in text and chosen["study"] in text and "已经变化" in text
    assert client.get(f"/desk/documents/{document.pk}/figures/none/").status_code == 404


def test_pages_numbers_and_archive_are_shown(demo_city: City) -> None:
    make(demo_city)
    document = Document.objects.get()
    client = Client()
    client.force_login(person("city_planner", demo_city.root))
    listed = client.get("/desk/documents/").content.decode()
    assert document.title in listed and "开始编制" in listed
    shown = client.get(f"/desk/documents/{document.pk}/?q=早餐").content.decode()
    assert "type.breakfast.share" in shown and "type.pharmacy.share" not in shown
    page = client.get(f"/desk/documents/{document.pk}/page/1.png")
    assert b"".join(page.streaming_content)[:8] == b"\x89PNG\r\n\x1a\n"
    assert client.get(f"/desk/documents/{document.pk}/page/{document.pages}.png").status_code == 200
    assert client.get(f"/desk/documents/{document.pk}/page/{document.pages + 1}.png").status_code == 404
    answer = client.get("/desk/documents/plans.zip?type=pdf")
    names = zipfile.ZipFile(BytesIO(b"".join(answer.streaming_content))).namelist()
    assert len(names) == 1 and names[0].endswith(".pdf") and "演示数据" in names[0]
    assert client.get(f"/desk/documents/{document.pk}/file/exe/").status_code == 404


def test_a_circle_plan_comes_from_the_form(demo_city: City) -> None:
    circle = Circle.objects.filter(city=demo_city).first()
    assert circle is not None
    client = Client()
    client.force_login(person("city_planner", demo_city.root))
    answer = client.post("/desk/documents/make/", {"circle": circle.code, "office": "某办", "day": "2026-01-02"})
    assert answer.status_code == 302
    run_waiting()
    document = Document.objects.get()
    assert document.circle == circle and document.area == area_of(circle) and circle.name in document.title
    zh = {each["id"]: each["zh"] for each in document.figures}
    assert zh["communities"] == str(circle.communities.count())
    document_pk = document.pk
    client.post(f"/desk/documents/{document_pk}/drop/")
    assert not Document.objects.exists() and Line.objects.filter(verb="documents.drop").count() == 1


def test_a_city_may_have_its_own_words_and_their_faults_are_told_at_once(demo_city: City) -> None:
    folder = own_templates(demo_city)
    folder.mkdir(parents=True)
    try:
        (folder / "city_plan.toml").write_text(
            'title = "{text:name}自拟方案"\ntitle_en = "Own"\n[[part]]\nhead = "总则"\n[[part]]\n'
            'text = "人口 {figure:people}。"\n',
            "utf-8",
        )
        make(demo_city)
        document = Document.objects.get()
        assert document.title.endswith("自拟方案") and [each["id"] for each in document.figures] == ["people"]
        (folder / "city_plan.toml").write_text('title = "x{figure:nobody}"\n[[part]]\ntable = "nothing"\n', "utf-8")
        with pytest.raises(YikeError) as fault:
            actions.make(actions.deed_in(person("city_planner", demo_city.root), demo_city.root), "all", "", DAY)
        told = " ".join(text for each in fault.value.faults for _, text in each.rows)
        assert "nobody" in told and "nothing" in told and "title_en" in told
    finally:
        for each in folder.iterdir():
            each.unlink()
        folder.rmdir()


def test_plans_that_cannot_be_asked_for(demo_city: City) -> None:
    planner = person("city_planner", demo_city.root)
    with pytest.raises(YikeError, match=r"documents\.wanted_unknown"):
        actions.make(actions.deed_in(planner, demo_city.root), "everything", "", DAY)
    Circle.objects.filter(city=demo_city).delete()
    with pytest.raises(YikeError, match=r"documents\.no_circles"):
        actions.make(actions.deed_in(planner, demo_city.root), "circle_plans", "", DAY)
    assert places_of(demo_city.root, "all")[0].kind == "city_plan"


def test_needs_projects_money_and_offices_are_told(demo_city: City) -> None:
    circle = Circle.objects.filter(city=demo_city).first()
    assert circle is not None
    community = circle.communities.order_by("code").first()
    need = Need.objects.create(
        city=demo_city, area=community, key="n-1", business_type="repair", people=12, source="hotline", text="想修鞋"
    )
    project = Project.objects.create(
        city=demo_city, area=community, circle=circle, key="p-1", name="便民维修点", business_type="repair",
        cost_yuan=123_400, source="fiscal", lead="commerce", supporting=["finance"], starts_on=date(2026, 12, 1),
        ends_on=date(2027, 3, 31), people_gained=321,
    )  # fmt: skip
    project.needs.add(need)
    make(demo_city, circle=circle)
    document = Document.objects.get()
    zh = {each["id"]: each["zh"] for each in document.figures}
    assert (zh["project.p-1.yuan"], zh["project.p-1.people"], zh["projects"]) == ("12.34 万元", "321人", "1")
    assert zh["need.n-1.people"] == "12人" and zh["basic_after"] >= zh["basic_present"]
    file = docx.Document(BytesIO(path_of(document, "docx").read_bytes()))
    cells = {cell.text for table in file.tables for row in table.rows for cell in row.cells}
    assert {"便民维修点", "财政专项资金", "2027 年第 1 季度", "想修鞋", "12345 热线", "n-1"} <= cells
    assert office_name(demo_city, "commerce") in cells and office_name(demo_city, "finance") in cells
    found = tracing.trace(document, next(each for each in document.figures if each["id"] == "project.p-1.yuan"))
    assert found.holds and found.link == "/desk/projects/"
    Project.objects.update(cost_yuan=200_000)
    assert not tracing.trace(document, found.figure).holds


def test_a_job_that_is_stopped_keeps_what_was_done_and_nothing_half(
    demo_city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Desk.make

    def slowly(desk: Desk, places: list[Place]) -> Generator[Done, None, None]:
        for n, done in enumerate(whole(desk, places)):
            if n == 1:
                Job.objects.filter(kind=actions.MAKE).update(stop_asked=True)
                time.sleep(limit("tell_seconds"))
            yield done

    monkeypatch.setattr(Desk, "make", slowly)
    planner = person("city_planner", demo_city.root)
    job = actions.make(actions.deed_in(planner, demo_city.root), "all", "", DAY)
    run_waiting()
    job.refresh_from_db()
    assert job.state == "cancelled"
    kept = Document.objects.all()
    assert 1 <= len(kept) < 1 + len(circles_in(demo_city.root))
    assert all(path_of(each, suffix) for each in kept for suffix in each.files)
    assert not list(folder_of(demo_city).glob("*.new"))


def test_a_long_list_is_cut_but_counted_whole(demo_city: City) -> None:
    """A city may have more needs and spaces than a plan lists: what the text says is of all of them."""
    circle = circles_in(demo_city.root)[0]
    community = circle.communities.first()
    Need.objects.filter(city=demo_city).delete()
    Need.objects.bulk_create(
        Need(city=demo_city, area=community, key=f"long{k}", business_type="repair", source="hotline", people=2)
        for k in range(MOST_LINES + 5)
    )
    at, templates = Registers(demo_city), load_templates(own_templates(demo_city))
    whole = make_plan(area_facts(at, demo_city.root, DAY, "某市商务局"), templates["city_plan"], {})
    many = MOST_LINES + 5
    assert whole.figures["needs"].value == many and whole.figures["needs_people"].value == 2 * many
    tables = make_plan(circle_facts(at, circle, DAY, "某市商务局"), templates["circle_plan"], {}).tables
    table = next(each for each in tables if each.id == "needs")
    assert len(table.rows) == MOST_LINES and str(many) in table.note
