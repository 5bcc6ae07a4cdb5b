"""The list beside the map: what is chosen, in which order, what is told, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from web.cast import LAT, LON, STEP, outlet, person, tree
from yike.errors import Fault, StudyError
from yike.standards.packs import load_types
from yike.web.map.api import CityOut, OutletsOut, TypesOut
from yike.web.map.groups import groups

pytestmark = pytest.mark.django_db


class Streets:
    """A walking network that knows minutes by key, and one place that is off it."""

    def __init__(self, **minutes: float) -> None:
        self.of = minutes

    def minutes(self, lon: float, lat: float, who: str = "") -> dict[str, float]:
        if who == "giant":
            raise StudyError(Fault("study.walker_unknown", values={"walker": who, "known": "adult"}))
        if lat > 35.9:
            values = {"lon": lon, "lat": lat, "why": {"zh": "离路太远", "en": "too far from a street"}, "limit": "150"}
            raise StudyError(Fault("study.point_off", values=values))
        return self.of


@pytest.fixture
def town(monkeypatch) -> dict[str, Any]:
    areas = tree()
    near, far = areas["c1s1a"], areas["c2s2b"]
    outlet(
        near, "repair", key="b", name="乙修理", hours="Mo-Su 08:00-18:00", address="东街1号", verified_at="2026-11-01"
    )
    outlet(far, "breakfast", key="a", name="甲早餐", hours="Mo-Su 05:00-09:30", payments=["cash", "wechat"])
    outlet(far, "community_workshop", "repair", key="c", name="丙工坊")
    outlet(near, "repair", key="p", name="丁歇业", state="paused", hours="24/7")
    outlet(near, "repair", key="no", state="closed", owner=person("merchant", near), phone="13812345678")
    walks = Streets(a=4.26, b=9.0)
    monkeypatch.setattr("yike.web.map.listing.live", lambda city: walks)
    return areas


def listed(client: Any, query: str = "", status: int = 200) -> Any:
    answer = client.get(f"/api/outlets?city=drawn{query}")
    assert answer.status_code == status, answer.content
    return answer.json()


def keys(client: Any, query: str = "") -> list[str]:
    return [each["key"] for each in listed(client, query)["outlets"]]


def test_without_a_place_the_order_is_that_of_names(client, town) -> None:
    found = listed(client)
    assert sorted(each["key"] for each in found["outlets"]) == ["a", "b", "c", "p"]
    assert found["total"] == 4 and found["origin"] is None and found["made_up"] is True
    assert all(each["minutes"] is None for each in found["outlets"])
    assert keys(client, "&limit=2") + keys(client, "&limit=2&offset=2") == keys(client)


def test_with_a_place_the_nearest_on_foot_come_first(client, town) -> None:
    found = listed(client, f"&lon={LON + STEP / 2}&lat={LAT + STEP / 2}")  # where b stands: by air it is the nearest
    assert [(each["key"], each["minutes"]) for each in found["outlets"]][:2] == [("a", 4.3), ("b", 9.0)]
    assert {each["key"]: each["minutes"] for each in found["outlets"]} == {"a": 4.3, "b": 9.0, "c": None, "p": None}
    assert found["origin"]["attached"] is True and found["origin"]["why"] is None


def test_off_the_network_the_reason_is_told_and_no_minutes(client, town) -> None:
    found = listed(client, "&lon=112.8&lat=35.95")
    assert found["origin"]["attached"] is False
    assert "离路太远" in found["origin"]["why"]["zh"] and "too far" in found["origin"]["why"]["en"]
    assert [each["key"] for each in found["outlets"]] == keys(client)
    assert all(each["minutes"] is None for each in found["outlets"])


def test_a_city_without_a_study_says_so(client, town, monkeypatch) -> None:
    from yike.web.studies.live import live

    monkeypatch.setattr("yike.web.map.listing.live", live)
    found = listed(client, "&lon=112.8&lat=35.5")
    assert found["origin"]["attached"] is False and found["origin"]["why"]["zh"]
    assert len(found["outlets"]) == 4


def test_box_group_types_and_hours_choose(client, town) -> None:
    assert set(keys(client, f"&bbox={LON},{LAT},{LON + STEP},{LAT + STEP}")) == {"b", "p"}
    assert set(keys(client, "&group=small_repairs")) == {"b", "c", "p"}
    assert set(keys(client, "&types=community_workshop,breakfast")) == {"a", "c"}
    assert keys(client, "&open=07:00") == ["a"]
    assert keys(client, "&open=2026-11-24T09:00&types=repair") == ["b"]  # paused and unknown ones are not open
    assert keys(client, "&open=23:30") == []


def test_hours_are_told_as_of_the_moment_asked_for(client, town) -> None:
    found = {each["key"]: each for each in listed(client, "&open=2026-11-24T08:30")["outlets"]}
    assert (found["a"]["open"], found["a"]["closes"], found["a"]["opens"]) == (True, "09:30", None)
    now = {each["key"]: each for each in listed(client)["outlets"]}
    assert now["c"]["open"] is None and now["p"]["open"] is False and now["p"]["opens"] is None
    assert now["a"]["cash"] is True and now["b"]["cash"] is None
    assert now["b"]["address"] == "东街1号" and now["b"]["verified_at"] == "2026-11-01"


def test_answers_are_of_the_types_that_openapi_tells(client, town) -> None:
    for path, kind in (("outlets?city=drawn&lon=112.8&lat=35.5", OutletsOut), ("types?city=drawn", TypesOut)):
        answer = client.get(f"/api/{path}").json()
        assert kind(**answer).dict().keys() == answer.keys()
        assert kind.model_validate(answer, strict=False).model_dump(mode="json").keys() == answer.keys()
    assert OutletsOut(**listed(client)).outlets[0].dict().keys() == listed(client)["outlets"][0].keys()
    cities = client.get("/api/cities").json()
    assert [CityOut(**each).dict() for each in cities] == cities and cities[0]["slug"] == "drawn"


def test_nothing_personal_is_told(client, town) -> None:
    text = client.get("/api/outlets?city=drawn").content.decode()
    assert "13812345678" not in text and "owner" not in text and '"no"' not in text


def test_types_and_layers(client, town) -> None:
    found = client.get("/api/types").json()
    codes = {each["code"] for each in found["types"]}
    assert codes == {each.code for each in load_types()} and len(found["groups"]) == 11
    assert {code for group in groups() for code in group.types} <= codes  # no layer asks for what nobody defines
    assert next(each["group"] for each in found["types"] if each["code"] == "repair") == "one_market_one_repair"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("&bbox=1,2,3", "map.bbox_bad"),
        ("&bbox=3,2,1,4", "map.bbox_bad"),
        ("&bbox=nan,2,nan,4", "map.bbox_bad"),
        ("&bbox=1e999,0,1e999,1", "map.bbox_bad"),
        ("&group=nothing", "map.group_unknown"),
        ("&types=repair,nothing", "map.type_unknown"),
        ("&open=24:61", "map.when"),
        ("&open=9999-12-31T00:00", "map.when"),
        ("&lon=112.8", "map.half_point"),
        ("&lon=112.8&lat=35.5&who=giant", "study.walker_unknown"),
    ],
)
def test_wrong_requests_are_refused_with_words_in_both_languages(client, town, query, code) -> None:
    detail = listed(client, query, 422)["detail"]
    assert [each["code"] for each in detail] == [code] and "\n" in detail[0]["msg"]


@pytest.mark.parametrize(
    "query",
    ["&lon=nan&lat=1", "&lon=181&lat=1", "&lon=inf&lat=1", "&limit=0", "&limit=99999999999999999999", "&offset=-1",
     "&types=%00", "&group=%00", "&who=%E2%80%8B", "&open=" + "9" * 60, "&bbox=" + "1," * 200],
)  # fmt: skip
def test_extreme_requests_never_break(client, town, query) -> None:
    assert listed(client, query, 422)["detail"]


def test_unknown_city(client, town) -> None:
    assert client.get("/api/outlets?city=atlantis").status_code == 404
    assert client.get("/api/outlets?city=%00").status_code == 422


def test_an_installation_without_any_city(client) -> None:
    assert client.get("/api/outlets").status_code == 404 and client.get("/api/cities").json() == []
