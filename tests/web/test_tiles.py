"""Tiles over HTTP: what is in them, who may not be in them, and how they follow the register."""

from __future__ import annotations

import gzip
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.utils.timezone import localdate
from mapbox_vector_tile import decode

from web.cast import outlet, person, tree
from yike.web.map.cutting import to_world
from yike.web.outlets.models import Closure, Function, Outlet

pytestmark = pytest.mark.django_db
GZIP = {"HTTP_ACCEPT_ENCODING": "gzip"}


def tile_of(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    x, y = (to_world(np.array([[lon, lat]]))[0] * 2**zoom).astype(int).tolist()
    return x, y


def address(area: Any, zoom: int = 14, query: str = "") -> str:
    x, y = tile_of(area.lon, area.lat, zoom)
    return f"/tiles/{area.city.slug}/outlets/{zoom}/{x}/{y}.mvt{query}"


def seen(client: Any, area: Any, zoom: int = 14, query: str = "") -> dict[str, list[dict[str, Any]]]:
    answer = client.get(address(area, zoom, query), **GZIP)
    if answer.status_code == 204:
        return {}
    assert answer.status_code == 200, answer.content
    assert answer["Content-Encoding"] == "gzip"
    found = decode(gzip.decompress(answer.content))
    return {name: [each["properties"] for each in layer["features"]] for name, layer in found.items()}


def keys(client: Any, area: Any, query: str = "") -> set[str]:
    return {each["key"] for each in seen(client, area, 14, query).get("outlets", [])}


def test_outlets_stand_alone_from_13_and_are_counted_below(client) -> None:
    a = tree()["c1s1a"]
    outlet(a, "repair", key="fix", name="修鞋铺", hours="24/7")
    outlet(a, "breakfast", "snack_meal", key="eat", hours="")
    found = {each["key"]: each for each in seen(client, a)["outlets"]}
    one = {"key": "fix", "name": "修鞋铺", "types": "repair", "group": "one_market_one_repair", "open": True}
    assert found["fix"] == one
    assert found["eat"]["types"] == "breakfast,snack_meal" and "open" not in found["eat"]  # hours not known
    assert seen(client, a, 13)["outlets"]
    assert seen(client, a, 12) == {"cells": [{"count": 2}]}


def test_an_outlet_lies_where_it_is(client) -> None:
    a = tree()["c1s1a"]
    outlet(a, "repair", key="fix")
    x, y = tile_of(a.lon, a.lat, 14)
    data = gzip.decompress(client.get(address(a), **GZIP).content)
    feature = decode(data, default_options={"y_coord_down": True})["outlets"]["features"][0]
    place = (np.array([x, y]) + np.array(feature["geometry"]["coordinates"]) / 4096) / 2**14
    assert np.abs(place - to_world(np.array([[a.lon, a.lat]]))).max() < 1 / 4096 / 2**14
    assert client.get(f"/tiles/drawn/outlets/14/{x + 3}/{y}.mvt").status_code == 204


def test_only_what_is_open_or_paused_is_shown_and_nothing_personal(client) -> None:
    areas = tree()
    a = areas["c1s1a"]
    for state in ("planned", "open", "paused", "closed", "moved", "revoked"):
        outlet(a, "repair", key=state, state=state, hours="24/7", phone="13812345678", owner=person("merchant", a))
    found = {each["key"]: each["open"] for each in seen(client, a)["outlets"]}
    assert found == {"open": True, "paused": False}
    assert {frozenset(each) for each in seen(client, a)["outlets"]} == {
        frozenset({"key", "name", "types", "group", "open"})
    }


def test_groups_types_and_hours_choose(client) -> None:
    a = tree()["c1s1a"]
    outlet(a, "repair", key="fix", hours="Mo-Su 08:00-18:00")
    outlet(a, "mobile_breakfast_cart", key="cart", hours="Mo-Su 05:00-09:00")
    outlet(a, "laundry", key="wash", guarantees_supply=True)
    assert keys(client, a, "?group=small_repairs") == {"fix"}
    assert keys(client, a, "?types=breakfast") == {"cart"}  # a cart counts for breakfast
    assert keys(client, a, "?types=breakfast,laundry") == {"cart", "wash"}
    assert keys(client, a, "?group=supply") == {"wash"}
    assert keys(client, a, "?open=07:00") == {"cart"}
    assert keys(client, a, "?open=2026-11-24T08:30") == {"cart", "fix"}
    assert keys(client, a, "?open=23:00") == set()
    assert seen(client, a, 14, "?group=small_repairs")["outlets"][0]["group"] == "small_repairs"


def test_what_the_register_says_is_seen_at_once(client) -> None:
    a = tree()["c1s1a"]
    shop = outlet(a, "repair", key="fix", name="旧名", hours="24/7")
    before = client.get(address(a))
    assert client.get(address(a), HTTP_IF_NONE_MATCH=before["ETag"]).status_code == 304
    shop.name = "新名"
    shop.save()
    after = client.get(address(a), HTTP_IF_NONE_MATCH=before["ETag"])
    assert after.status_code == 200 and after["ETag"] != before["ETag"]
    assert seen(client, a)["outlets"][0]["name"] == "新名"
    Closure.objects.create(outlet=shop, begins=localdate() - timedelta(days=1), ends=localdate() + timedelta(days=1))
    assert seen(client, a)["outlets"][0]["open"] is False
    Function.objects.create(outlet=shop, code="laundry")
    assert seen(client, a)["outlets"][0]["types"] == "repair,laundry"
    shop.state = "closed"
    shop.save()
    assert seen(client, a) == {}
    shop.state = "open"
    shop.save()
    assert keys(client, a) == {"fix"}
    shop.delete()
    assert seen(client, a) == {}


def test_changes_made_elsewhere_are_seen_within_a_second(client, monkeypatch) -> None:
    a = tree()["c1s1a"]
    outlet(a, "repair", key="fix")
    assert keys(client, a) == {"fix"}
    Outlet.objects.filter(key="fix").delete()
    outlet(a, "repair", key="other")
    monkeypatch.setattr("yike.web.map.shown.LOOK_S", -1.0)
    Outlet.objects.bulk_create(
        [Outlet(city=a.city, area=a, key="bulk", name="b", lon=a.lon, lat=a.lat, h3=1, state="open")]
    )
    assert keys(client, a) == {"other", "bulk"}


@pytest.mark.parametrize(
    "path",
    [
        "/tiles/drawn/outlets/17/0/0.mvt",
        "/tiles/drawn/outlets/2/4/0.mvt",
        "/tiles/drawn/outlets/99999999999999999999/0/0.mvt",
        "/tiles/drawn/base/14/99999999/1.mvt",
        "/tiles/drawn/base/7/0/0.mvt",
        "/tiles/nowhere/outlets/8/0/0.mvt",
        "/tiles/nowhere/meta.json",
        "/tiles/drawn/base/10/0/0.mvt",
    ],
)
def test_no_such_tile(client, path) -> None:
    tree()
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "query", ["?group=x", "?types=repair,x", "?open=25:00", "?open=0001-01-01T00:00", "?open=nan", "?group=%00"]
)
def test_a_tile_asked_for_wrongly_is_refused_with_words(client, query) -> None:
    answer = client.get(address(tree()["c1s1a"], 14, query))
    assert answer.status_code == 400 and answer.json()["detail"][0]["code"].startswith("map.")


def test_meta_tells_where_tiles_come_from(client) -> None:
    tree()
    found = client.get("/tiles/drawn/meta.json").json()
    assert found["made_up"] is True and found["base"] is None
    assert found["outlets"]["single_from"] == 13


def test_no_tile_asks_for_a_session(client, django_assert_num_queries) -> None:
    a = tree()["c1s1a"]
    outlet(a, "repair", key="fix")
    client.get(address(a))
    with django_assert_num_queries(0):
        assert not client.get(address(a)).cookies


def test_the_short_way_and_the_long_way_answer_the_same(client, settings) -> None:
    a = tree()["c1s1a"]
    outlet(a, "repair", key="fix")
    lanes = ["yike.web.map.lane.TileLane", "yike.web.map.lane.PublicLane"]
    usual = [each for each in settings.MIDDLEWARE if each not in lanes]
    answers = []
    for chain in (usual, [lanes[0], *usual[:1], lanes[1], *usual[1:]]):
        settings.MIDDLEWARE = chain
        one = type(client)()
        paths = (
            address(a),
            "/tiles/drawn/meta.json",
            "/tiles/nothing",
            "/api/types?city=drawn",
            "/api/search?q=x&city=drawn",
        )
        answers.append(
            [(got.status_code, got.content if got.status_code == 200 else b"") for got in map(one.get, paths)]
        )
        assert one.post("/api/types").status_code == 405
    assert answers[0] == answers[1] and [status for status, _ in answers[0]] == [200, 200, 404, 200, 200]
