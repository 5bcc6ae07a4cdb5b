"""The register of idle spaces: its verbs, its table and pages, its JSON; and that the city's own file fills it."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from PIL import Image

from web.cast import person, tree
from web.lists_scene import lines, pages_built, place, space
from yike.siting.joint.spaces import Spaces
from yike.web.areas.models import Area
from yike.web.journal.models import Line
from yike.web.lists.choices import labels, table
from yike.web.lists.states import ListError, ways
from yike.web.projects.models import Project
from yike.web.spaces import actions
from yike.web.spaces.fields import ROOM, kind_uses
from yike.web.spaces.models import LAND_USE, STATES, Space, SpacePhoto
from yike.web.spaces.reading import siting_rows, spaces_in

pytestmark = pytest.mark.django_db
GIVEN = {
    "name": "旧粮站",
    "kind": "旧厂房",
    "area_m2": "420㎡",
    "uses": ["菜市场", "gym"],
    "rent_yuan": "3.6万",
    "owner": "国有企业",
}


@pytest.fixture(autouse=True)
def built(settings: Any, tmp_path: Any) -> None:
    pages_built(settings, tmp_path)


@pytest.fixture
def areas() -> dict[str, Area]:
    return tree()


def entered(areas: dict[str, Area], **more: Any) -> Space:
    officer = person("street_officer", areas["c1s1"])
    return actions.add(actions.deed_at(officer, areas["c1s1"]), areas["city"].city, *place(0), {**GIVEN, **more})


def test_a_space_is_entered_where_it_lies_with_the_words_people_write(areas):
    made = entered(areas)
    assert (made.kind, made.area_m2, made.uses, str(made.rent_yuan)) == (
        "factory",
        420.0,
        ["wet_market", "gym"],
        "36000.00",
    )
    assert made.area == areas["c1s1a"] and made.state == "free" and made.land_use == "needed", (
        "a factory needs a change"
    )
    assert made.made_up, "the drawn city is made up"
    (line,) = lines("spaces.add")
    assert line.record == made.key and line.change["name"] == ["", "旧粮站"]


def test_all_faults_of_a_form_are_told_at_once(areas):
    officer = person("city_planner", areas["city"])
    with pytest.raises(ListError) as told:
        actions.add(
            actions.deed_at(officer, areas["c1"]), areas["city"].city, *place(0),
            {"name": "", "kind": "城堡", "area_m2": "-3", "uses": ["飞船"], "owner": "老王13812345678", "rent_yuan": "很贵",
             "free_from": "明年"},
        )  # fmt: skip
    assert {fault.code for fault in told.value.faults} == {
        "lists.field_needed", "spaces.kind_unknown", "lists.number_bad", "spaces.use_unknown", "spaces.owner_phone",
        "lists.yuan_bad", "lists.date_bad",
    }  # fmt: skip
    assert not Space.objects.exists() and not lines("spaces.add")


@pytest.mark.parametrize(("role", "where", "may"), [
    ("community_worker", "c1s1a", True), ("community_worker", "c1s1b", False), ("street_officer", "c1s2", False),
    ("auditor", "city", False), ("merchant", "city", False),
])  # fmt: skip
def test_who_may_enter_a_space(areas, role, where, may):
    who = person(role, areas[where])
    deed = actions.deed_at(who, areas["c1s1a"])
    if may:
        assert actions.add(deed, areas["city"].city, *place(0), GIVEN).pk
    else:
        with pytest.raises(PermissionDenied):
            actions.add(deed, areas["city"].city, *place(0), GIVEN)
        assert not Space.objects.exists()


def test_a_point_outside_the_deeds_area_is_refused(areas):
    officer = person("street_officer", areas["c1s1"])
    with pytest.raises(ListError, match=r"lists\.elsewhere"):
        actions.add(actions.deed_at(officer, areas["c1s1"]), areas["city"].city, *place(2), GIVEN)
    with pytest.raises(ListError, match=r"lists\.point_outside"):
        actions.add(actions.deed_at(officer, areas["c1s1"]), areas["city"].city, 100.0, 20.0, GIVEN)


def test_editing_moves_a_space_and_tells_what_changed(areas):
    made, planner = entered(areas), person("county_officer", areas["c1"])
    deed = actions.deed_on(planner, made)
    actions.edit(deed, {"name": "旧粮站东库", "kind": "warehouse", "area_m2": "400"}, place(1))
    made.refresh_from_db()
    assert (made.name, made.kind, made.area_m2, made.area) == ("旧粮站东库", "warehouse", 400.0, areas["c1s2a"])
    assert set(lines("spaces.edit")[0].change) == {"name", "kind", "area_m2", "point"}
    street = person("street_officer", areas["c1s2"])
    with pytest.raises(ListError, match=r"lists\.elsewhere"):
        actions.edit(actions.deed_on(street, made), {"name": "x", "kind": "shop", "area_m2": "9"}, place(3))
    with pytest.raises(ListError, match=r"lists\.changed_since"):
        actions.edit(deed, {"name": "y", "kind": "shop", "area_m2": "9"})  # the deed is of the area it has left


def test_the_change_of_land_use_goes_by_its_steps(areas):
    made, officer = entered(areas), person("street_officer", areas["c1s1"])
    for status in ("applied", "granted"):
        actions.set_land_use(actions.deed_on(officer, made), status, "文号 1")
    made.refresh_from_db()
    assert made.land_use == "granted"
    with pytest.raises(ListError, match=r"spaces\.land_use_step"):
        actions.set_land_use(actions.deed_on(officer, made), "refused")
    told = [line.change["land_use"] for line in lines("spaces.set_land_use")]
    assert told == [["needed", "applied"], ["applied", "granted"]]
    worker = person("community_worker", areas["c1s1a"])
    with pytest.raises(PermissionDenied):
        actions.set_land_use(actions.deed_on(worker, made), "needed")


def test_states_follow_the_table_and_a_projects_space_is_held(areas):
    made, officer = entered(areas), person("street_officer", areas["c1s1"])
    deed = actions.deed_on(officer, made)
    actions.set_state(deed, "reserved")
    actions.set_state(actions.deed_on(officer, made), "free")
    with pytest.raises(ListError, match=r"lists\.state"):
        actions.set_state(actions.deed_on(officer, made), "withdrawn")
    with pytest.raises(ListError, match=r"lists\.reason_needed"):
        actions.withdraw(actions.deed_on(officer, made), " ")
    Project.objects.create(city=made.city, area=made.area, key="p1", name="早餐店", space=made)
    for act in (lambda: actions.withdraw(actions.deed_on(officer, made), "卖了"),
                lambda: actions.set_state(actions.deed_on(officer, made), "used")):  # fmt: skip
        with pytest.raises(ListError, match=r"spaces\.held"):
            act()
    Project.objects.update(state="dropped")
    actions.withdraw(actions.deed_on(officer, made), "卖了")
    made.refresh_from_db()
    assert made.state == "withdrawn" and lines("spaces.withdraw")[0].change["reason"] == ["", "卖了"]


def test_tables_of_states_and_kinds_are_whole():
    told = {row["verb"] for row in table(ROOM, "states")}
    from yike.web.accounts.rights import verbs

    assert told <= set(verbs())
    assert {state for begin, end, _ in ways(ROOM) for state in (begin, end)} == {"", *STATES}
    assert set(labels(ROOM, "state_names")) == set(STATES) and set(labels(ROOM, "land_use")) == set(LAND_USE)
    for code in labels(ROOM, "kinds"):
        assert kind_uses(code), code


def picture(width: int = 2400) -> io.BytesIO:
    out = io.BytesIO()
    photo = Image.new("RGB", (width, 1200), "grey")
    exif = photo.getexif()
    exif[0x010E] = "home of somebody"
    photo.save(out, "JPEG", exif=exif)
    out.seek(0)
    out.size = len(out.getvalue())  # type: ignore[attr-defined]
    return out


def test_pictures_are_stripped_shown_to_staff_only_and_removed(areas, client, django_capture_on_commit_callbacks):
    made, worker = entered(areas), person("community_worker", areas["c1s1a"])
    photo = actions.add_photo(actions.deed_on(worker, made), picture())
    with Image.open(photo.file.open()) as kept:
        assert max(kept.size) == 1600 and not dict(kept.getexif())
    address = f"/desk/spaces/photos/{photo.pk}/"
    assert client.get(address).status_code == 404
    client.force_login(person("community_worker", areas["c1s1b"]))
    assert client.get(address).status_code == 404
    client.force_login(worker)
    assert client.get(address).status_code == 200
    broken = io.BytesIO(b"<svg onload=alert(1)>")
    broken.size = 20  # type: ignore[attr-defined]
    with pytest.raises(ListError, match=r"lists\.picture"):
        actions.add_photo(actions.deed_on(worker, made), broken)
    with django_capture_on_commit_callbacks(execute=True):
        actions.remove_photo(actions.deed_on(person("street_officer", areas["c1s1"]), made), photo.pk)
    assert not SpacePhoto.objects.exists() and not photo.file.storage.exists(photo.file.name)
    assert len(lines("spaces.add_photo")) == len(lines("spaces.remove_photo")) == 1


# --- pages and JSON ---


def test_the_table_filters_sorts_and_shows_only_ones_own_tree(areas, client):
    for k, (where, kind, m2) in enumerate([("c1s1a", "kiosk", 8), ("c1s1b", "shop", 80), ("c2s1a", "shop", 200)]):
        space(areas[where], f"K{k}", name=f"处{k}", kind=kind, area_m2=m2)
    client.force_login(person("county_officer", areas["c1"]))
    page = client.get("/desk/spaces/").content.decode()
    assert "处0" in page and "处1" in page and "处2" not in page
    assert "处0" not in client.get("/desk/spaces/?least=20").content.decode()
    assert "处1" not in client.get("/desk/spaces/?use=repair&kind=kiosk").content.decode()
    client.force_login(person("city_planner", areas["city"]))
    text = client.get("/desk/spaces/?sort=-area_m2").content.decode()
    assert text.index("处2") < text.index("处1") < text.index("处0")
    assert "没有符合条件的空间" in client.get("/desk/spaces/?least=99999").content.decode()
    for odd in ("?sort=owner&page=999", "?least=nan&area=x&kind=..", "?q=%00"):
        assert client.get(f"/desk/spaces/{odd}").status_code == 200


def test_strangers_see_nothing(areas, client):
    space(areas["c1s1a"], "K1", name="密处")
    for who in (None, person(), person("merchant", areas["city"])):
        client.logout()
        if who:
            client.force_login(who)
        for path in ("/desk/spaces/", "/desk/spaces/K1/", "/desk/spaces/new/", "/desk/spaces/import/", "/desk/spaces/export.csv",
                     "/api/spaces"):  # fmt: skip
            answer = client.get(path)
            assert answer.status_code in (302, 401, 403, 404) or answer.json() == [], (who, path)
            assert "密处" not in answer.content.decode()


def test_the_page_of_a_space_does_what_its_forms_say(areas, client):
    made = space(areas["c1s1a"], "K1", kind="land")
    project = Project.objects.create(
        city=made.city, area=made.area, key="p1", name="菜市场项目", space=made, state="dropped"
    )
    client.force_login(person("city_planner", areas["city"]))
    page = client.get("/desk/spaces/K1/").content.decode()
    assert "闲置土地" in page and f"/desk/projects/{project.key}/" in page and "演示数据" in page
    for form in ({"do": "land_use", "status": "needed", "reason": "函"}, {"do": "state", "state": "used"}):
        assert client.post("/desk/spaces/K1/", form).status_code == 302
    made.refresh_from_db()
    assert (made.land_use, made.state) == ("needed", "used")
    edit = {"do": "edit", "name": "新名", "kind": "land", "area_m2": "70", "lon": place(0, 1)[0], "lat": place(0, 1)[1]}
    client.post("/desk/spaces/K1/", edit)
    made.refresh_from_db()
    assert made.name == "新名" and made.area == areas["c1s1b"]
    assert "需变更" in client.get("/desk/spaces/K1/").content.decode(), "history in words"
    assert client.post("/desk/spaces/K1/", {"do": "nonsense"}).status_code == 404
    assert client.get("/desk/spaces/none/").status_code == 404


def test_a_new_space_by_its_form(areas, client):
    client.force_login(person("community_worker", areas["c1s1a"]))
    form = {"name": "车棚", "kind": "bicycle_shed", "area_m2": "40", "lon": str(place(0)[0]), "lat": str(place(0)[1])}
    answer = client.post("/desk/spaces/new/", form)
    assert answer.status_code == 302 and Space.objects.get().area == areas["c1s1a"]
    refused = client.post("/desk/spaces/new/", {**form, "kind": "", "area_m2": "0"})
    assert refused.status_code == 400 and "车棚" in refused.content.decode(), "what was typed stays"
    assert Space.objects.count() == 1 and client.post("/desk/spaces/new/", {**form, "lon": ""}).status_code == 400


def test_exports_carry_the_mark_and_come_back_as_they_are(areas, client):
    space(areas["c1s1a"], "K1", name="=cmd()", uses=["gym"], rent_yuan=1200)
    client.force_login(person("city_planner", areas["city"]))
    answer = client.get("/desk/spaces/export.csv")
    text = answer.content.decode("utf-8-sig")
    assert "demonstration-data" in answer["Content-Disposition"] and "'=cmd()" in text and "演示数据" in text
    found = json.loads(client.get("/desk/spaces/export.geojson").content)["features"]
    assert found[0]["geometry"]["coordinates"] == [areas["c1s1a"].lon, areas["c1s1a"].lat]
    assert client.get("/desk/spaces/export.xlsx").content[:2] == b"PK"
    assert client.get("/desk/spaces/export.exe").status_code == 404
    from django.core.files.uploadedfile import SimpleUploadedFile

    back = SimpleUploadedFile("back.csv", answer.content)
    job = client.post("/desk/spaces/import/", {"file": back, "area": areas["city"].code, "datum": "wgs84"})
    page = client.get(job["Location"]).content.decode()
    assert 'data-count="same">1' in page, "our own download changes nothing"


def test_the_json_tells_what_a_space_may_become(areas, client):
    space(areas["c1s1a"], "K1", kind="kiosk")
    space(areas["c2s1a"], "K2", state="used")
    client.force_login(person("county_officer", areas["c1"]))
    (told,) = client.get(f"/api/spaces?city=drawn&area={areas['c1'].code}").json()
    assert told["key"] == "K1" and "repair" in told["uses"] and told["conversion_yuan"] is None and told["made_up"]
    assert client.get("/api/spaces?state=").json() == [told], "K2 is not in this officer's tree"
    assert client.get("/api/spaces?city=" + "x" * 60).status_code == 422
    assert Client().get("/api/spaces").status_code == 401


# --- siting and the city's own file ---


def test_siting_takes_every_kind_of_space(areas):
    for k, kind in enumerate(labels(ROOM, "kinds")):
        space(areas["c1s1a"], f"K{k:02}", kind=kind)
    space(areas["c1s1a"], "K99", kind="shop", uses=["gym"], state="reserved")
    rows = siting_rows(spaces_in(areas["city"].city))
    assert len(Spaces.of(rows)) == len(labels(ROOM, "kinds")) == len(rows)
    assert all(row["uses"] for row in rows)
    assert [row["uses"] for row in siting_rows(spaces_in(areas["city"].city, states=("reserved",)))] == [("gym",)]
    assert not spaces_in(areas["city"].city, areas["c2"]).exists()


def test_the_demonstration_city_brings_its_spaces(demo_city):
    spaces = Space.objects.filter(city=demo_city)
    assert spaces.count() == 12 and all(each.made_up and each.state == "free" for each in spaces)
    assert {each.area.level for each in spaces} == {"community"} and {each.kind for each in spaces} > {"shop", "kiosk"}
    assert Line.objects.filter(verb="spaces.import_apply", record=demo_city.slug).count() == 1
