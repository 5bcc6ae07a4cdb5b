"""Seeing: every number of the pages against a recount that knows nothing of them, over the register as it is now."""

from __future__ import annotations

import csv
import io
import random

import numpy as np
import pytest

from web.cast import person
from web.recount import from_scratch
from yike.access.walk import Supply, nearest_k, walk_times
from yike.study import Study
from yike.web.areas.models import Area
from yike.web.circles.models import Circle
from yike.web.outlets import actions
from yike.web.outlets.deeds import deed_on
from yike.web.outlets.models import Outlet
from yike.web.seeing import merged, packing
from yike.web.seeing.charts import histogram_svg
from yike.web.seeing.failing import failing, far_seconds, ungated
from yike.web.seeing.hours import week_of
from yike.web.seeing.now import seen
from yike.web.seeing.part import part_of
from yike.web.seeing.places import of_area, of_circle
from yike.web.studies.figures import TEN_FIFTEEN
from yike.web.studies.models import Figure
from yike.web.studies.place import study_folder

pytestmark = pytest.mark.django_db
LEVELS = ("city", "county", "street", "community")


def some_areas(city, number=2):
    """One or two areas of every level in which people live, the same from run to run."""
    chance = random.Random(7)
    found = []
    for level in LEVELS:
        areas = list(Area.objects.filter(city=city, level=level, people__gt=50).order_by("code"))
        found += chance.sample(areas, min(number, len(areas)))
    return found


def told_of(part):
    """People met by requirement, as the page knows them: of the place and of every part."""
    found = {}
    for g, code in enumerate(part.groups.area):
        for k, limits in enumerate(part.served.limits):
            if len(limits) == 1:
                found[part.place.code if g == 0 else code, limits[0].requirement.id] = part.people_met[g, k]
    return found


def check_against_recount(city):
    truth = from_scratch(city)
    checked = 0
    for who in ("adult", "elder"):
        for area in some_areas(city):
            for (code, requirement), people in told_of(part_of(seen(city, who), of_area(area))).items():
                assert people == pytest.approx(truth[code, requirement, who], abs=1e-6), (code, requirement, who)
                checked += 1
    return checked


def test_shares_are_those_of_a_recount_and_stay_so(demo_city, django_capture_on_commit_callbacks):
    assert check_against_recount(demo_city) > 1000
    before = seen(demo_city).stock.through
    planner = person("city_planner", demo_city.root)
    for outlet in random.Random(3).sample(list(Outlet.objects.filter(city=demo_city, state="open").order_by("key")), 4):
        with django_capture_on_commit_callbacks(execute=True):
            actions.close(deed_on(planner, outlet), "关门")
    assert seen(demo_city).stock.through > before
    check_against_recount(demo_city)


def test_ten_fifteen_is_that_of_the_figures(demo_city):
    for area in some_areas(demo_city):
        row = Figure.objects.get(area=area, requirement=TEN_FIFTEEN, walker="adult")
        part = part_of(seen(demo_city), of_area(area))
        assert part.ten_fifteen[0] == pytest.approx(row.people_met / row.people)
        assert part.people[0] == pytest.approx(row.people)


def test_gaps_are_those_of_the_study_while_the_register_is_as_it_was(demo_city):
    table = Study.open(study_folder(demo_city)).table("gaps")
    table = table[table["walker"] == "adult"].set_index(["area", "business_type"])
    checked = 0
    for area in some_areas(demo_city, 3):
        part = part_of(seen(demo_city), of_area(area))
        for row in part.gaps.frame.to_dict("records"):
            code = area.code if row["level"] == "all" else row["area"]
            truth = table.loc[(code, row["business_type"])]
            truth = truth.iloc[0] if truth.ndim > 1 else truth
            told = [row[name] for name in ("state", "lacking", "outlets", "needed", "requirement")]
            assert told == [truth[name] for name in ("state", "lacking", "outlets", "needed", "requirement")], (
                code,
                row,
            )
            assert row["people_uncovered"] == pytest.approx(truth["people_uncovered"])
            checked += 1
    assert checked > 300


def test_the_spread_is_that_of_every_single_person(demo_city):
    """Mean, median, worst tenth and Gini by writing every resident down once."""
    now = seen(demo_city)
    for area in some_areas(demo_city, 1):
        part = part_of(now, of_area(area))
        row = part.spread("breakfast").iloc[0]
        limit = now.ground.routes.limit_s / 60
        people = np.repeat(
            now.seconds_to("breakfast")[part.rows].astype(float) / 60, np.rint(part.residents.people).astype(int)
        )
        if len(people) < 20 or not np.allclose(part.residents.people, np.rint(part.residents.people)):
            continue
        people.sort()
        reached, capped = people[np.isfinite(people)], np.minimum(people, limit)
        assert row["people_reached"] == len(reached)
        assert row["mean_min"] == pytest.approx(reached.mean())
        middle = people[int(np.ceil(len(people) / 2)) - 1]
        assert row["median_min"] == pytest.approx(middle) if np.isfinite(middle) else np.isnan(row["median_min"])
        n = len(capped)
        gini = 2 * (np.arange(1, n + 1) * capped).sum() / (n * capped.sum()) - (n + 1) / n
        assert row["gini"] == pytest.approx(gini, abs=1e-3)  # points are spread as one, persons one by one
        bins = part.bins("breakfast", tuple(float(k) for k in range(int(limit) + 1)))
        assert bins["people"].sum() == pytest.approx(len(people))
        assert bins["people"].iloc[-1] == pytest.approx(len(people) - len(reached))


def test_failing_homes_are_those_that_fail_and_name_their_nearest_outlet(demo_city):
    now = seen(demo_city)
    part = part_of(now, of_area(demo_city.root))
    found = failing(part, "laundry")
    limit = found.limit_ms / 1000
    assert set(found.order.tolist()) == set(
        np.flatnonzero((now.seconds_to("laundry") > limit) & (now.weight > 0)).tolist()
    )
    far = far_seconds(now, "laundry")[found.order]
    lost = now.homes.link[found.order] < 0
    assert (np.diff(lost.astype(int)) <= 0).all() and (np.diff(far[~lost][np.isfinite(far[~lost])]) <= 0).all()
    rows = now.serving(("laundry",))
    supply = Supply.of(now.at, now.stock.types, ("laundry",), now.stock.counts)
    homes = found.page(0, 12) + found.page(len(found) - 12, 12)
    order = [*found.order[:12].tolist(), *found.order[-12:].tolist()]
    some = type(now.homes)(*(column[order] for column in vars(now.homes).values()))
    truth = nearest_k(now.far, some, supply, 1, bands_s=())
    for k, home in enumerate(homes):
        outlet = int(truth.outlet[k, 0, 0])
        assert (home.minutes is None) == (outlet < 0)
        if outlet >= 0:
            assert home.minutes == pytest.approx(float(truth.seconds[k, 0, 0]) / 60)
            assert home.outlet in [now.stock.key[row] for row in rows] and home.minutes > home.limit_min
        assert home.reason in ("too_far", "gate", "far", "wall", "scrap")
    assert (ungated(now, "laundry") <= now.seconds_to("laundry")).all(), "an open gate lengthens no walk"


def test_a_home_says_why(demo_city):
    """No outlet of the type in the city; none open at that hour; not on the network."""
    now = seen(demo_city)
    part = part_of(now, of_area(demo_city.root))
    at_night = [home for home in failing(part, "breakfast", 2).page(0, 400) if home.reason == "shut"]
    assert at_night and all(home.minutes <= home.limit_min for home in at_night)
    now.homes.link[found := int(failing(part, "laundry").order[-1])] = -1
    now.homes.why[found] = "wall"
    now.kept.clear()
    first = failing(part_of(now, of_area(demo_city.root)), "laundry").page(0, 1)[0]
    assert first.reason == "wall" and first.minutes is None
    now.stock.counts[now.serving(("swimming_pool",))] = False
    now.kept.clear()
    assert {home.reason for home in failing(part_of(now, of_area(demo_city.root)), "gym").page(0, 3)} <= {
        "wall",
        "too_far",
        "gate",
    }
    with_none = [
        home
        for home in failing(part_of(now, of_area(demo_city.root)), "swimming_pool").page(0, 5)
        if home.reason != "wall"
    ]
    assert not with_none or {home.reason for home in with_none} == {"none"}


def test_the_week_is_that_of_the_study(demo_city):
    table = Study.open(study_folder(demo_city)).table("by_hour")
    for area in some_areas(demo_city, 1)[:3]:
        for code in ("breakfast", "pharmacy"):
            part = part_of(seen(demo_city), of_area(area))
            week = week_of(part, code)
            rows = table[(table["area"] == area.code) & (table["business_type"] == code)].sort_values("hour")
            assert len(rows) == 168
            assert week.sure == pytest.approx(rows["share"].to_numpy(), abs=1e-9)
            assert week.maybe == pytest.approx((rows["share"] + rows["share_unknown"]).to_numpy(), abs=1e-9)


def test_the_map_at_an_hour_counts_what_is_open_then(demo_city):
    now = seen(demo_city)
    supply = Supply.of(now.at, now.stock.types, ("breakfast",), now.stock.counts & now.week.maybe_at(15))
    truth = walk_times(now.ground.routes, now.homes, supply).seconds[:, 0]
    assert np.array_equal(now.seconds_to("breakfast", 15), truth)
    assert (truth >= now.seconds_to("breakfast")).all() and (truth > now.seconds_to("breakfast")).any()


def test_packed_homes_are_where_they_are(demo_city):
    now = seen(demo_city)
    part = part_of(now, of_area(some_areas(demo_city, 1)[1]))
    octets = packing.places(part)
    west, south, step_x, step_y = np.frombuffer(octets[:32], "<f8")
    x, y, people = np.frombuffer(octets[32:], "<u2").reshape(3, -1).astype(float)
    assert (
        np.abs(west + step_x * x - part.residents.lon).max()
        < 1e-5
        > np.abs(south + step_y * y - part.residents.lat).max()
    )
    assert (people == np.ceil(part.residents.people)).all()
    values = np.frombuffer(packing.minutes(part, "breakfast", -1), "<u2")
    seconds = now.seconds_to("breakfast")[part.rows]
    assert ((values == packing.NONE) == ~np.isfinite(seconds)).all()
    assert np.abs(values[np.isfinite(seconds)] / 10 - seconds[np.isfinite(seconds)]).max() <= 0.051


def test_sub_circles_and_loops_of_an_area(demo_city):
    now = seen(demo_city)
    part = part_of(now, of_area(demo_city.root))
    rows = merged.table(part, "zh")
    whole = rows[0]["shares"]
    types = [each.code for each in now.engine.catalogue.types if "快递服务圈" in each.groups and each.walked]
    near = np.all([now.seconds_to(code) <= 900 for code in types], axis=0)
    assert whole[3] == pytest.approx(now.weight[near].sum() / now.weight.sum())
    assert 0 < whole[-2] <= whole[-1] < 1, "any order is never longer than the given one"
    parts = {row["code"]: row for row in rows[1:]}
    people = sum(row["people"] for row in parts.values())
    assert sum(row["shares"][-2] * row["people"] for row in parts.values()) / people == pytest.approx(whole[-2])
    rule, walks = merged.looped(now)
    assert walks.who == rule.walker == "elder"
    found = merged.rounds_of(now)
    for row in np.flatnonzero(found.whole)[:40]:
        for k, errand in enumerate(rule.errands):
            assert set(walks.stock.types[found.stop[row, k]]) & set(errand.types)


# --- pages ---


@pytest.fixture
def planner(demo_city, client):
    someone = person("city_planner", demo_city.root)
    client.force_login(someone)
    return someone


def test_my_area_leads_to_the_widest_i_may_see(demo_city, client):
    street = some_areas(demo_city, 1)[2]
    client.force_login(person("street_officer", street))
    assert client.get("/desk/area/")["Location"] == f"/desk/area/{street.code}/"


def test_the_page_tells_what_it_rests_on(demo_city, client, planner):
    now = seen(demo_city)
    for area in some_areas(demo_city, 1):
        text = client.get(f"/desk/area/{area.code}/").content.decode()
        assert now.engine.digest[:12] in text and now.standard in text and "演示数据" in text
        assert f"/desk/plan/?area={area.code}" in text and f"/desk/proposals/?area={area.code}" in text
        for child in area.children.all():
            assert f"/desk/area/{child.code}/homes/?type=convenience_store" in text
    english = client.get(f"/desk/area/{area.code}/", headers={"accept-language": "en"}).content.decode()
    assert "Residents out of reach" in english and "走不到的居民" not in english


@pytest.mark.parametrize("sort", ["name", "people", "-people", "both", "-laundry", "laundry", "nothing"])
def test_the_matrix_sorts(demo_city, client, planner, sort):
    street = some_areas(demo_city, 1)[2]
    page = client.get(f"/desk/area/{street.code}/?sort={sort}")
    rows = page.context["matrix"]["rows"]
    assert len(rows) == street.children.count() > 1
    at = [head["code"] for head in page.context["matrix"]["columns"]].index("laundry")
    for key, value in (("people", lambda row: row["people"]), ("laundry", lambda row: row["cells"][at]["share"])):
        if sort.lstrip("-") == key:
            values = [v for v in map(value, rows) if np.isfinite(v)]
            assert values == sorted(values, reverse=sort.startswith("-"))


@pytest.mark.parametrize(
    "query", ["type=nothing", "who=nobody", "day=9&clock=99", "cat=x", "type=%00", "page=999", "layer=zzz"]
)
def test_what_cannot_be_read_falls_away(demo_city, client, planner, query):
    community = some_areas(demo_city, 1)[3]
    for page in (
        "",
        "homes/",
        "hours/",
        "merging/",
        "matrix.csv",
        "gaps.csv",
        "spread.csv",
        "homes.csv",
        "merging.csv",
    ):
        assert client.get(f"/desk/area/{community.code}/{page}?{query}").status_code == 200, page
    assert client.get(f"/desk/area/{community.code}/nothing.csv").status_code == 404


def rows_of(response):
    text = response.content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_the_matrix_as_a_file(demo_city, client, planner):
    street, now = some_areas(demo_city, 1)[2], seen(demo_city)
    answer = client.get(f"/desk/area/{street.code}/matrix.csv")
    assert "demonstration-data" in answer["Content-Disposition"]
    head, *rows = rows_of(answer)
    part = part_of(now, of_area(street))
    assert rows[0][0] == street.code and [row[0] for row in rows[1:]] == [
        each.code for each in street.children.order_by("code")
    ]
    assert float(rows[0][4]) == pytest.approx(float(part.shares[0, 0]), abs=1e-4)
    assert head[-5:] == ["测算", "标准", "步行者", "截至变更", "演示数据"]
    assert all(
        row[-5:] == [now.engine.digest, now.standard, "adult", str(now.stock.through), "演示数据"] for row in rows
    )


def test_failing_homes_as_a_file_hold_no_names(demo_city, client, planner):
    community = some_areas(demo_city, 1)[3]
    head, *rows = rows_of(client.get(f"/desk/area/{community.code}/homes.csv?type=swimming_pool"))
    assert len(rows) == len(failing(part_of(seen(demo_city), of_area(community)), "swimming_pool"))
    assert head[:6] == ["居民点", "经度", "纬度", "居民", "社区代码", "业态"]


def test_a_place_without_people_says_what_to_do(demo_city, client, planner):
    parent = Area.objects.filter(city=demo_city, level="street").first()
    empty = Area.objects.create(
        city=demo_city,
        code="149999999999",
        name="空社区",
        level="community",
        parent=parent,
        path=f"{parent.path}149999999999/",
    )
    for page in ("", "homes/", "hours/", "merging/"):
        text = client.get(f"/desk/area/{empty.code}/{page}").content.decode()
        assert "请检查测算的人口数据" in text, page
    assert client.get(f"/desk/area/{empty.code}/matrix.csv").status_code == 404
    assert client.get(f"/api/seeing/{empty.code}").json()["ten_fifteen"] is None
    assert client.get(f"/desk/stress/?area={empty.code}").status_code == 200


def test_a_city_without_a_study_says_what_to_do(client):
    from web.cast import tree

    areas = tree()
    client.force_login(person("city_planner", areas["city"]))
    answer = client.get(f"/desk/area/{areas['c1'].code}/")
    assert answer.status_code == 404 and "/desk/studies/" in answer.content.decode()
    assert client.get(f"/api/seeing/{areas['c1'].code}").status_code == 404


PAGES = ("/desk/area/{}/", "/desk/area/{}/homes/", "/desk/area/{}/hours/", "/desk/area/{}/merging/", "/desk/area/{}/gaps.csv",
         "/desk/stress/?area={}", "/desk/stress/export.csv?area={}&way=top", "/api/seeing/{}", "/api/seeing/{}/matrix",
         "/api/seeing/{}/gaps", "/api/seeing/{}/homes?type=laundry", "/api/seeing/{}/hours?type=laundry", "/api/seeing/{}/places",
         "/api/seeing/{}/values?type=laundry", "/api/seeing/{}/merging", "/api/seeing/{}/stress",
         "/api/seeing/{}/stress/values")  # fmt: skip


def test_who_may_see(demo_city, client):
    street = some_areas(demo_city, 1)[2]
    inside, outside = street.children.filter(people__gt=50)[:2]
    client.force_login(person("street_officer", street))
    assert {client.get(page.format(each.code)).status_code for page in PAGES for each in (street, inside)} == {200}
    for role in ("community_worker", "department_officer", "reviewer", "auditor"):
        client.force_login(person(role, inside))
        for page in PAGES if role == "community_worker" else PAGES[:1]:
            assert client.get(page.format(inside.code)).status_code == 200, (role, page)
            assert client.get(page.format(outside.code)).status_code == 403, (role, page)
            assert client.get(page.format(street.code)).status_code == 403, (role, page)
            assert client.get(page.format("nothing")).status_code == 404, (role, page)
    for someone in (person(), person("merchant", street), person("resident", street)):
        client.force_login(someone)
        assert {client.get(page.format(street.code)).status_code for page in PAGES} == {403}
    client.logout()
    for page in PAGES:
        assert client.get(page.format(street.code)).status_code == (401 if page.startswith("/api") else 302)


@pytest.mark.parametrize(
    "question",
    ["?who=nobody", "/matrix?who=%00", "/gaps?who=" + "x" * 30, "/homes", "/homes?type=nothing", "/homes?type=front_warehouse",
     "/homes?type=laundry&hour=168", "/homes?type=laundry&limit=0", "/homes?type=laundry&offset=-1", "/hours?type=", "/values",
     "/values?layer=nothing&type=laundry", "/values?type=laundry&hour=x", "/stress?way=nothing", "/stress?number=0"],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(demo_city, client, planner, question):
    assert client.get(f"/api/seeing/{demo_city.root.code}{question}").status_code == 422


def test_a_circle_is_seen_by_who_may_see_all_of_it(demo_city, client):
    circle = next(each for each in Circle.objects.filter(city=demo_city) if each.communities.count() > 1)
    members = list(circle.communities.order_by("code"))
    client.force_login(person("community_worker", members[0]))
    assert client.get(f"/desk/area/circle/{circle.code}/").status_code == 403
    client.force_login(person("city_planner", demo_city.root))
    for page in ("", "homes/", "hours/", "merging/", "matrix.csv"):
        assert client.get(f"/desk/area/circle/{circle.code}/{page}").status_code == 200
    part = part_of(seen(demo_city), of_circle(circle))
    assert part.people[0] == pytest.approx(sum(part_of(seen(demo_city), of_area(each)).people[0] for each in members))
    assert client.get(f"/api/seeing/{circle.code}/matrix").json()["rows"][1]["code"] == members[0].code
    assert client.get("/desk/area/circle/nothing/").status_code == 404
    around = Area.objects.get(code=of_circle(circle).around)
    assert all(each.path.startswith(around.path) for each in members) and around.pk not in {each.pk for each in members}
    assert f"/desk/plan/?area={around.code}" in client.get(f"/desk/area/circle/{circle.code}/").content.decode()


def test_a_gap_becomes_a_need_once(demo_city, client, planner):
    from yike.web.needs.models import Need

    area = some_areas(demo_city, 1)[2]
    gap = next(row for row in client.get(f"/api/seeing/{area.code}").json()["types"] if row["is_gap"])
    for _ in range(2):
        answer = client.post(
            f"/desk/area/{area.code}/need/", {"type": gap["business_type"], "back": "https://elsewhere/"}
        )
        assert answer.status_code == 302 and answer["Location"].startswith(f"/desk/area/{area.code}/")
    need = Need.objects.get(area=area, business_type=gap["business_type"])
    assert need.people == pytest.approx(gap["people_uncovered"]) and need.source == "gap"
    assert need.reference == seen(demo_city).engine.digest
    client.force_login(person("auditor", demo_city.root))
    assert client.post(f"/desk/area/{area.code}/need/", {"type": gap["business_type"]}).status_code == 403
    assert "列为需求" not in client.get(f"/desk/area/{area.code}/").content.decode()


def test_a_chart_holds_no_markup_of_ours_to_break():
    svg = histogram_svg((0, 5, 10), (1.0, 2.0, 0.0), '"><script>', "<b>")
    assert "<script>" not in svg and "<b>" not in svg and 'style="' not in svg
