"""The living city: its figures are those of the study, and stay those of a full recomputation whatever the register does."""

from __future__ import annotations

import random

import pytest

from web import town
from web.cast import person
from web.recount import figures_now, from_scratch
from yike.errors import StudyError, YikeError
from yike.study import Study, store
from yike.study.run import Silent
from yike.web.areas.models import Area, City
from yike.web.outlets import actions
from yike.web.outlets.deeds import deed_on
from yike.web.outlets.models import Function, Outlet
from yike.web.studies.adding import add_city
from yike.web.studies.api import QuarterOut, RouteOut
from yike.web.studies.figures import TEN_FIFTEEN
from yike.web.studies.live import live
from yike.web.studies.models import CircleFigure, Figure, SupplyChange
from yike.web.studies.place import study_folder
from yike.web.studies.quarter import quarter

pytestmark = pytest.mark.django_db


def test_the_figures_of_a_new_city_are_those_of_its_study(demo_city):
    table = Study.open(study_folder(demo_city)).table("coverage")
    codes = set(Area.objects.values_list("code", flat=True))
    told = {
        (row.area, row.requirement, row.walker): (row.people, row.people_met)
        for row in table[table["area"].isin(codes)].itertuples()
    }
    mine = {
        (row.area.code, row.requirement, row.walker): (row.people, row.people_met)
        for row in Figure.objects.select_related("area").exclude(requirement=TEN_FIFTEEN)
    }
    assert mine == told and len(mine) > 500
    presence = Study.open(study_folder(demo_city)).table("presence")
    both = presence[(presence["rule"] == TEN_FIFTEEN) & (presence["part"] == "both") & presence["area"].isin(codes)]
    mine = {
        (row.area.code, row.walker): row.people_met
        for row in Figure.objects.select_related("area").filter(requirement=TEN_FIFTEEN)
    }
    assert mine == {(row.area, row.walker): row.people_met for row in both.itertuples()}
    assert all(row.study and row.standard for row in Figure.objects.all())


def test_closing_and_reopening_an_outlet_moves_the_figures_and_back(demo_city, django_capture_on_commit_callbacks):
    planner = person("city_planner", demo_city.root)
    before = figures_now(demo_city)
    # the only outlet of a type: closing it must be felt
    counts = {}
    for code in Function.objects.filter(outlet__state="open").values_list("code", flat=True):
        counts[code] = counts.get(code, 0) + 1
    walked = {each.split(".")[1] for _, each, _ in before}
    rare = next(code for code, number in sorted(counts.items(), key=lambda item: item[1]) if code in walked)
    outlet = Outlet.objects.filter(state="open", functions__code=rare).order_by("-users").first()
    with django_capture_on_commit_callbacks(execute=True):
        actions.close(deed_on(planner, outlet), "搬走了")
    after = figures_now(demo_city)
    assert after != before and after == from_scratch(demo_city)
    change = SupplyChange.objects.get()
    assert change.told and not change.counts and sum(each["people_gained"] for each in change.effect) < 0
    outlet.refresh_from_db()
    Outlet.objects.filter(pk=outlet.pk).update(state="paused")  # a closed outlet does not reopen; a paused one does
    outlet.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        actions.reopen(deed_on(planner, outlet))
    assert figures_now(demo_city) == before
    assert set(Figure.objects.values_list("through", flat=True)) >= {SupplyChange.objects.latest("id").pk}


def test_after_many_changes_the_figures_are_those_of_a_full_recomputation(
    demo_city, django_capture_on_commit_callbacks
):
    planner, chance = person("city_planner", demo_city.root), random.Random(4)
    homes = store.residents(Study.open(study_folder(demo_city)))
    for _ in range(12):
        outlet = chance.choice(list(Outlet.objects.filter(state="open")))
        what = chance.choice(("pause", "place", "types"))
        with django_capture_on_commit_callbacks(execute=True):
            if what == "pause":
                actions.pause(deed_on(planner, outlet), "装修")
            elif what == "place":
                k = chance.randrange(len(homes))
                actions.place(deed_on(planner, outlet), float(homes.lon[k]), float(homes.lat[k]))
            else:
                actions.set_types(deed_on(planner, outlet), ["pharmacy", "laundry"])
    assert SupplyChange.objects.filter(told=True).count() >= 12
    assert figures_now(demo_city) == from_scratch(demo_city)


def test_a_process_that_opens_the_city_after_the_change_tells_the_types_it_dropped_too(
    demo_city, django_capture_on_commit_callbacks
):
    planner = person("city_planner", demo_city.root)
    rare = Outlet.objects.filter(state="open", functions__code="wet_market").order_by("-users").first()
    before = figures_now(demo_city)
    town.forget()  # as a command on the console: nothing is open yet
    with django_capture_on_commit_callbacks(execute=True):
        actions.set_types(deed_on(planner, rare), ["pharmacy"])
    assert figures_now(demo_city) == from_scratch(demo_city) != before


def test_another_process_sees_the_change_within_its_half_second(demo_city):
    other = live(demo_city)
    home = store.residents(other.study).frame.iloc[0]
    near = min(other.minutes(home.lon, home.lat).items(), key=lambda item: item[1])
    outlet = Outlet.objects.get(key=near[0])
    Outlet.objects.filter(pk=outlet.pk).update(state="closed")
    SupplyChange.objects.create(
        city=demo_city, outlet=outlet.key, counts=False, types=[], lon=outlet.lon, lat=outlet.lat
    )
    other._looked = 0.0  # half a second has gone by
    assert outlet.key not in other.minutes(home.lon, home.lat)


def test_minutes_and_ways_are_those_of_the_study(demo_city):
    engine = live(demo_city)
    study, people = engine.study, store.residents(engine.study).frame
    seconds, nearest = study.table("walk_times.adult"), study.table("nearest.adult")
    for k in range(0, len(people), max(1, len(people) // 12)):
        walks = engine.walks(people.lon[k], people.lat[k])
        by_key = dict(zip(walks.stock.key, walks.ms.tolist(), strict=True))
        for code in ("convenience_store", "pharmacy", "wet_market"):
            if nearest[code].notna()[k]:
                assert by_key[nearest[code][k]] / 1000 == pytest.approx(seconds[code][k], abs=1e-3)
                way = engine.route(people.lon[k], people.lat[k], nearest[code][k])
                assert way is not None and way.seconds == pytest.approx(seconds[code][k], abs=1e-3)


def test_who_cannot_climb_steps_walks_at_least_as_long_or_not_at_all(demo_city):
    engine = live(demo_city)
    people = store.residents(engine.study).frame
    longer = 0
    for k in range(0, len(people), max(1, len(people) // 15)):
        adult = engine.minutes(people.lon[k], people.lat[k], "adult")
        try:
            chair = engine.minutes(people.lon[k], people.lat[k], "wheelchair")
        except StudyError:
            continue  # nothing near that a wheelchair can use
        both = set(adult) & set(chair)
        longer += sum(chair[key] > adult[key] * 1.05 for key in both)
    assert longer


def test_the_quarter_hour_passes_over_what_is_shut_and_tells_what_it_does_not_know(demo_city):
    from datetime import datetime

    engine = live(demo_city)
    home = store.residents(engine.study).frame.iloc[0]
    always = quarter(engine, home.lon, home.lat)
    night = quarter(engine, home.lon, home.lat, when=datetime(2026, 11, 25, 3, 30))
    assert night.met("basic") < always.met("basic")
    for kept, shut in zip(always.types, night.types, strict=True):
        assert shut.minutes is None or (kept.minutes is not None and shut.minutes >= kept.minutes)
        assert shut.open in (True, None)
    stock = night.walks.stock
    assert all(stock.counts[each.row] for each in always.types if each.row >= 0)


def test_what_the_sources_cannot_tell_is_not_called_missing(demo_city):
    engine = live(demo_city)
    home = store.residents(engine.study).frame.iloc[0]
    served = set(engine.stock().serving[0])
    told = {each.kind.code for each in quarter(engine, home.lon, home.lat).types}
    engine.unseen = frozenset({"laundry", "swimming_pool"}) if "swimming_pool" not in served else frozenset()
    answer = quarter(engine, home.lon, home.lat)
    assert "swimming_pool" not in served and answer.unseen == ("swimming_pool",)  # a laundry is in the register
    assert {each.kind.code for each in answer.types} == told - {"swimming_pool"}


def test_the_api_tells_the_quarter_the_way_and_faults_in_words(demo_city, client):
    home = store.residents(live(demo_city).study).frame.iloc[0]
    asked = {"lon": home.lon, "lat": home.lat, "when": "any"}
    found = client.get("/api/quarter", asked).json()
    assert found["made_up"] and found["study"]["digest"] and "步行" in found["sentence"]["zh"]
    near = next(each["outlet"] for each in found["types"] if each["outlet"])
    minutes = next(each["minutes"] for each in found["types"] if each["outlet"])
    way = client.get("/api/route", {**asked, "to": near["key"]}).json()
    assert way["minutes"] == pytest.approx(minutes, abs=1e-4) and len(way["line"]["coordinates"]) >= 2
    QuarterOut.model_validate(found)  # what the description of the interface promises
    RouteOut.model_validate(way)
    off = client.get("/api/quarter", {"lon": 100, "lat": 20})
    assert off.status_code == 422 and "步行网络" in off.json()["detail"]
    for bad in ({"lon": "nan", "lat": 20}, {"lon": 200, "lat": 20}, {**asked, "when": "昨天"}, {**asked, "who": "cat"}):
        assert client.get("/api/quarter", bad).status_code == 422
    assert client.get("/api/route", {**asked, "to": "nothing"}).status_code == 422
    assert client.get("/api/quarter", {**asked, "city": "atlantis"}).status_code == 404


def test_nothing_is_told_of_fewer_than_five_people(demo_city, client):
    few = Figure.objects.filter(area__level="community").first()
    Figure.objects.filter(pk=few.pk).update(people=4, people_met=2)
    told = {row["requirement"]: row for row in client.get(f"/api/areas/{few.area.code}/figures").json()
            if row["walker"] == few.walker}  # fmt: skip
    assert told[few.requirement]["people"] is None and told[few.requirement]["share"] is None
    assert any(row["share"] is not None for row in told.values())


def test_circles_have_figures_of_their_own(demo_city):
    row = CircleFigure.objects.exclude(requirement=TEN_FIFTEEN).filter(walker="adult").first()
    members = row.circle.communities.all()
    parts = Figure.objects.filter(area__in=members, requirement=row.requirement, walker="adult")
    assert row.people_met == pytest.approx(sum(parts.values_list("people_met", flat=True)))


def test_a_city_read_anew_keeps_the_rights_of_its_people(demo_city):
    worker = person("community_worker", Area.objects.filter(level="community").first())
    Outlet.objects.filter(city=demo_city).update(name="改过的名")
    again = add_city(town.folder(), again=True, progress=Silent(), tell=lambda key: None)
    assert again.is_default and not Outlet.objects.filter(name="改过的名").exists()
    assert worker.grants.get().area.city == again


def test_a_city_is_added_once_whole_or_not_at_all(demo_city, tmp_path):
    same = add_city(town.folder(), progress=Silent(), tell=lambda key: None)
    assert same.pk == demo_city.pk and City.objects.count() == 1
    import shutil

    other = tmp_path / "city"
    shutil.copytree(town.folder(), other)
    circles = other / "circles.csv"
    circles.write_text(circles.read_text(encoding="utf-8-sig").replace("提升型", "顶级型"), encoding="utf-8")
    with pytest.raises(StudyError, match=r"city\.exists"):
        add_city(other, progress=Silent(), tell=lambda key: None)
    with pytest.raises(YikeError, match=r"circles\.grade"):
        add_city(other, again=True, progress=Silent(), tell=lambda key: None)
    assert City.objects.get().pk == demo_city.pk and Outlet.objects.count() > 100  # the old one is untouched
