"""What no honest form sends: NUL, NaN, numbers without end, areas that are not there; refused or cleaned, never a 500.

PostgreSQL refuses NUL in any text and NaN in any JSON; SQLite would take the first. So the pages are asked on both.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.http import QueryDict
from django.test import Client, RequestFactory

from web.cast import person, tree
from web.lists_scene import need, space
from yike.web import map as map_app
from yike.web.accounts.guard import Guard
from yike.web.circles.models import Circle
from yike.web.circling import actions as circling
from yike.web.journal.verbs import Deed
from yike.web.proposals.models import Proposal
from yike.web.queue.models import Job
from yike.web.scenarios.asked import kept_changes
from yike.web.spaces.models import Space

pytestmark = pytest.mark.django_db
ENTRIES = Path(map_app.__file__).parents[1] / "frontend/src/entries"
DESK = (
    "/desk/spaces/?q=%00&area=%00", "/desk/needs/?q=%00&city=%00", "/desk/projects/?q=a%00b",
    "/desk/projects/needs-vs-gaps/?area=%00&kind=%00",
    "/desk/proposals/?city=%00", "/desk/documents/?q=%00&city=%00", "/desk/circles/?q=%00&area=%00", "/desk/studies/?city=%00",
    "/desk/studies/compare/?run=%00&walker=%00", "/desk/jobs/?state=%00", "/desk/plan/compare/?ids=%00", "/desk/area/%00/",
    "/desk/circles/%00/", "/desk/spaces/%00/", "/desk/needs/%00/", "/desk/projects/%00/", "/desk/documents/1/figures/%00/",
    "/desk/circles/communities.json?within=%00", "/desk/circles/new/?within=%00", "/desk/proposals/match/?space=%00&type=%00",
    "/desk/stress/?area=%00&road=%00&way=road", "/desk/plan/?area=%00&city=%00",
)  # fmt: skip
API = (
    "/api/spaces?city=%00", "/api/needs?city=%00&area=%00", "/api/projects?city=%00&type=%00", "/api/seeing/%00",
    "/api/scenarios?city=%00", "/api/scenarios/gates?who=%00",
)  # fmt: skip


@pytest.fixture
def areas(settings, tmp_path):
    settings.MEDIA_ROOT, settings.BUILT = tmp_path / "media", tmp_path
    entries = [each.name for each in ENTRIES.iterdir() if each.suffix in (".js", ".css")]
    told = {
        f"src/entries/{name}": {"file": f"x-{name}"} for name in entries
    }  # pages name built files: no build is needed
    (tmp_path / "manifest.json").write_text(json.dumps(told), encoding="utf-8")
    return tree()


@pytest.fixture
def client(areas):
    found = Client(raise_request_exception=False)
    found.force_login(person("city_planner", areas["city"]))
    return found


def test_nul_in_an_address_is_no_fault_of_the_server(client):
    told = {path: client.get(path).status_code for path in (*DESK, *API)}
    assert {path: status for path, status in told.items() if status >= 500} == {}
    assert told["/desk/spaces/%00/"] == told["/desk/area/%00/"] == 404


def test_nul_in_a_form_is_taken_out(areas, client):
    form = {
        "name": "底商\x00一号",
        "kind": "shop",
        "area_m2": "40",
        "lon": "112.805",
        "lat": "35.505",
        "address\x00": "x",
    }
    assert client.post("/desk/spaces/new/", form).status_code == 302
    assert Space.objects.get().name == "底商一号"


def test_what_holds_no_nul_is_left_as_it_is():
    request = RequestFactory().get("/desk/x/?a=1&a=2")
    before = request.GET
    Guard(lambda _: None).process_view(request, None, (), {})  # type: ignore[arg-type,return-value]
    assert request.GET is before
    request = RequestFactory().get("/desk/x/?a=1%00&a=%002&b%00=3")
    Guard(lambda _: None).process_view(request, None, (), {})  # type: ignore[arg-type,return-value]
    assert QueryDict("a=1&a=2&b=3") == request.GET


BODIES = (
    '{"city": "drawn", "settings": {"budget_yuan": NaN}}', '{"city": "drawn", "settings": {"budget_yuan": -Infinity}}',
    '{"city": "drawn", "settings": {"budget_yuan": 1' + "0" * 400 + "}}", '{"city": "drawn", "settings": {"seconds": 1e400}}',
    '{"city": "drawn", "name": "a\\u0000b\\ud800", "settings": {"walker": "\\u0000"}}',
    '{"city": "drawn", "settings": {"weights": {"\\u0000": 1}, "types": ["\\u0000"]}}',
    '{"city": "drawn", "settings": {"locked": [["\\u0000", "\\u0000"]]}}', '{"city": ' + "[" * 5000 + "]" * 5000 + "}",
)  # fmt: skip


@pytest.mark.parametrize("body", BODIES)
def test_odd_settings_are_refused_or_cleaned(areas, client, body):
    space(areas["c1s1a"])
    told = client.post("/api/proposals", body, content_type="application/json")
    assert told.status_code in (202, 400, 422), told.content
    for made in Proposal.objects.all():
        assert "\x00" not in json.dumps(made.settings) + made.name and "\\u0000" not in json.dumps(made.settings)


def test_a_scenario_keeps_of_a_change_only_what_was_checked():
    odd = {"verb": "close", "outlet": "n1", "lon": float("nan"), "types": ["\x00"] * 3, "points": {"a": 1}, "kind": "x"}
    assert kept_changes([odd]) == [{"verb": "close", "outlet": "n1", "on": True}]
    gate = {"verb": "gate", "lon": 1.0, "lat": 2.0, "kind": "compound", "on": False, "yuan": 3.0}
    assert kept_changes([gate]) == [gate]


def test_an_area_that_is_not_there_is_never_another_one(areas, client):
    space(areas["c1s1a"])
    assert client.get("/desk/proposals/?area=999999999999").status_code == 404
    assert client.post("/desk/proposals/", {"area": "999999999999", "budget": "100"}).status_code == 404
    assert not Proposal.objects.exists()


def test_a_city_is_that_of_the_area_asked_for(areas, client):
    """A planner of one city learns nothing of another one's spaces, whatever city the address names."""
    other = tree("elsewhere", "88")
    other["city"].city.is_default = False
    other["city"].city.save()
    space(other["c1s1a"], "SECRET", name="别城空间")
    for query in ("?city=elsewhere", f"?city=elsewhere&area={other['city'].code}", "?city=elsewhere&type=breakfast"):
        told = client.get(f"/desk/proposals/match/{query}")
        assert told.status_code == 404 and "别城" not in told.content.decode(), query
    assert client.get("/desk/documents/templates/city_plan.toml?city=elsewhere").status_code == 404
    own = client.get(f"/desk/proposals/?city=elsewhere&area={areas['c1'].code}")
    assert own.status_code == 200 and "画城" in own.content.decode()


def test_a_space_of_no_community_is_the_citys(areas):
    from yike.web.spaces.importing import _within

    loose = Space.objects.create(
        city=areas["city"].city, key="L", name="无社区", kind="shop", lon=0, lat=0, area_m2=10, area=None
    )
    assert _within(loose, areas["city"]) and not _within(loose, areas["c1s1"])


def test_proposed_circles_are_picked_by_whole_numbers(areas, client):
    job = Job.objects.create(
        kind="circling.propose", city=areas["city"].city, area=areas["city"], state="done", result={"circles": []}
    )
    assert client.post(f"/desk/circles/proposed/{job.pk}/", {"pick": "²"}).status_code < 500


def test_a_boundary_is_changed_from_what_the_circle_is_now(areas):
    """Somebody else renamed the circle after this one was read: changing the boundary does not give the old name back."""
    planner = person("city_planner", areas["city"])
    made = circling.draw(
        Deed(planner, areas["c1s1"]), areas["city"].city, "旧名生活圈", "basic", [areas["c1s1a"].code], ""
    )
    read_before = Circle.objects.get(pk=made.pk)
    circling.rename(Deed(planner, areas["c1s1"]), made, "新名生活圈")
    circling.revise(Deed(planner, areas["c1s1"]), read_before, [areas["c1s1a"].code, areas["c1s1b"].code], "加")
    assert Circle.objects.get(pk=made.pk).name == "新名生活圈"


def test_needs_of_a_community_are_seen_only_there(areas):
    one = need(areas["c2s1a"])
    client = Client()
    client.force_login(person("street_officer", areas["c1s1"]))
    assert client.get(f"/desk/needs/{one.key}/").status_code == 404


def test_a_name_that_looks_like_a_formula_stays_a_text_in_the_sites(areas, client):
    city = areas["city"].city
    made = Proposal.objects.create(city=city, area=areas["city"], name="x", state="solved", answer={"sites": []})
    odd = space(areas["c1s1a"], name="=HYPERLINK(1)")
    made.sites.create(
        space=odd, business_type="repair", cost_yuan=1, area_m2=10, people_gained=0, minutes_saved=0, order=1
    )
    told = client.get(f"/desk/proposals/{made.pk}/sites.csv")
    assert ",'=HYPERLINK(1)," in told.content.decode() and "demonstration-data" in told["Content-Disposition"]


def test_a_key_that_may_only_read_public_data_sees_no_jobs(areas):
    """Not even its own person's: what a key may see is what it was made for."""
    from django.http import HttpRequest

    from yike.web.queue.api import _job

    class Narrow:
        def __init__(self, *verbs: str) -> None:
            self.verbs = verbs

        def allows(self, verb: str, path: str) -> bool:
            return verb in self.verbs

    planner = person("city_planner", areas["city"])
    job = Job.objects.create(kind="proposals.solve", city=areas["city"].city, area=areas["city"], person=planner)
    request = HttpRequest()
    request.user = planner
    assert _job(request, job.pk) == job
    planner.narrowing = Narrow()
    assert _job(request, job.pk) is None
    planner.narrowing = Narrow("queue.see")
    assert _job(request, job.pk) == job
