"""OGC API - Features: the pages, their links, their filters, and what must never be in them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from web.cast import outlet, person, tree
from yike.web.circles.models import Circle
from yike.web.open.tables import kinds
from yike.web.studies.models import Figure

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> dict[str, Any]:
    """The drawn city with outlets, a circle, figures, and a community where hardly anyone lives."""
    areas = tree()
    few = areas["c2s2b"]
    few.people = 3
    few.save()
    shop = outlet(
        areas["c1s1a"],
        "convenience_store",
        "breakfast",
        key="shop",
        name="早点铺",
        verified_at="2026-11-01",
        phone="0356-1234567",
    )
    stall = outlet(
        areas["c1s2a"], "repair", key="stall", name="修鞋摊", licence_free=True, phone="13800000000", verified_at="2026-11-20",
        owner=person("merchant", areas["city"]),
    )  # fmt: skip
    planned = outlet(areas["c1s1a"], "laundry", key="planned", state="planned")
    circle = Circle.objects.create(
        city=areas["city"].city, code="q1", name="一圈", boundary=areas["c1s1a"].boundary, people=100
    )
    circle.communities.set([areas["c1s1a"]])
    for short in ("c1s1a", "c2s2b"):
        area = areas[short]
        Figure.objects.create(
            city=area.city, area=area, requirement="drawn.breakfast.walk_min", business_type="breakfast", walker="adult",
            limit_s=600, people=area.people, people_met=area.people / 2, people_met_first=area.people / 2,
            study="d1", standard="drawn 1", through=7,
        )  # fmt: skip
    return areas | {"shop": shop, "stall": stall, "planned": planned, "circle": circle}


def ask(client: Any, path: str, status: int = 200, **query: Any) -> dict[str, Any]:
    response = client.get(f"/ogc/{path}", query, headers={"accept": "application/geo+json, application/json"})
    assert response.status_code == status, response.content
    return json.loads(response.content)


def ids(page: dict[str, Any]) -> list[str]:
    return [each["id"] for each in page["features"]]


def link(page: dict[str, Any], rel: str, type: str | None = None) -> str:
    return next(each["href"] for each in page["links"] if each["rel"] == rel and type in (None, each["type"]))


def test_the_landing_page_leads_everywhere(client, town):
    page = ask(client, "")
    for rel, type in [
        ("service-desc", "application/vnd.oai.openapi+json;version=3.0"), ("data", "application/json"),
        ("conformance", "application/json"), ("service-doc", "text/html"), ("alternate", "text/html"),
    ]:  # fmt: skip
        assert link(page, rel, type).startswith("http://testserver/")
    assert client.get(link(page, "service-desc")).status_code == 200
    assert any(each.endswith("/conf/oas30") for each in ask(client, "conformance")["conformsTo"])


def test_every_city_has_four_collections(client, town):
    tree("other", "98")
    page = ask(client, "collections")
    assert [each["id"] for each in page["collections"]] == [
        f"{city}.{kind}" for city in ("drawn", "other") for kind in ("outlets", "areas", "circles", "coverage")
    ]
    one = ask(client, "collections/drawn.coverage")
    assert one["extent"]["spatial"]["bbox"] == [pytest.approx([112.80, 35.50, 112.84, 35.52])]
    assert link(one, "items", "application/geo+json").endswith("/ogc/collections/drawn.coverage/items")
    assert one["origin"]["study"] == ["d1"] and "演示数据" in one["description"]


def test_items_are_public_fields_of_public_records(client, town):
    page = ask(client, "collections/drawn.outlets/items")
    assert page["numberMatched"] == page["numberReturned"] == 2 and page["timeStamp"].endswith("Z")
    assert ids(page) == ["shop", "stall"]  # a planned outlet is not there yet
    shop, stall = (each["properties"] for each in page["features"])
    assert shop["types"] == ["breakfast", "convenience_store"] and shop["phone"] == "0356-1234567"
    assert stall["phone"] == ""  # of a person
    assert not {"owner", "uscc", "permit", "verified_by", "draft_key"} & set(shop)
    assert town["stall"].owner.username not in json.dumps(page)


def test_few_people_give_no_figures(client, town):
    page = ask(client, "collections/drawn.coverage/items")
    told = {each["properties"]["area"]: each["properties"] for each in page["features"]}
    full, few = told[town["c1s1a"].code], told[town["c2s2b"].code]
    assert (full["people"], full["people_met"], full["share"], full["through"]) == (100, 50, 0.5, 7)
    assert (few["people"], few["people_met"], few["share"]) == (None, None, None)
    assert full["study"] == "d1" and full["standard"] == "drawn 1"
    assert ask(client, f"collections/drawn.areas/items/{town['c2s2b'].code}")["properties"]["people"] is None
    assert (
        ask(client, f"collections/drawn.coverage/items/{page['features'][0]['id']}")["id"] == page["features"][0]["id"]
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"types": "breakfast"}, ["shop"]),
        ({"licence_free": "true"}, ["stall"]),
        ({"area": "990100000000"}, ["shop", "stall"]),
        ({"area": "990102000000"}, ["stall"]),
        ({"area": "nowhere"}, []),
        ({"datetime": "2026-11-01"}, ["shop"]),
        ({"datetime": "2026-11-10T00:00:00Z/.."}, ["stall"]),
        ({"datetime": "../2026-11-10"}, ["shop"]),
        ({"bbox": "112.80,35.50,112.81,35.51"}, ["shop"]),
        ({"bbox": "112.80,35.50,-1,112.81,35.51,1"}, ["shop"]),
        ({"bbox": "170,35,-170,36"}, []),
        ({"bbox": "112.815,35,-170,36"}, ["stall"]),
    ],
)
def test_filters(client, town, query, expected):
    assert ids(ask(client, "collections/drawn.outlets/items", **query)) == expected


def test_a_box_finds_areas_circles_and_figures_that_it_touches(client, town):
    inside = "112.802,35.502,112.803,35.503"
    code = town["c1s1a"].code
    assert ids(ask(client, "collections/drawn.areas/items", bbox=inside)) == [code]
    assert ids(ask(client, "collections/drawn.circles/items", bbox=inside)) == ["q1"]
    assert [each.split(".")[0] for each in ids(ask(client, "collections/drawn.coverage/items", bbox=inside))] == [code]
    assert ids(ask(client, "collections/drawn.circles/items", bbox="112.83,35.50,112.84,35.51")) == []
    assert ids(ask(client, "collections/drawn.circles/items", communities=code)) == ["q1"]


def test_pages_follow_each_other_and_keep_the_filters(client, town):
    address, seen, back = "http://testserver/ogc/collections/drawn.areas/items?limit=3&level=community&f=json", [], None
    while address:
        page = json.loads(client.get(address).content)
        assert page["numberMatched"] == 8 and page["numberReturned"] == len(page["features"]) <= 3
        seen += ids(page)
        rels = {each["rel"]: each for each in page["links"]}
        back = rels.get("prev", {}).get("href")
        address = rels.get("next", {}).get("href")
        assert address is None or rels["next"]["type"] == "application/geo+json"
    assert seen == sorted(seen) and len(set(seen)) == 8
    assert ids(json.loads(client.get(back).content)) == seen[3:6]


@pytest.mark.parametrize(
    "query",
    [
        {"colour": "red"}, {"bbox": "1,2,3"}, {"bbox": "1,2,3,nan"}, {"bbox": "1,9,3,2"}, {"limit": "0"}, {"limit": "many"},
        {"offset": "-1"}, {"offset": "9" * 30}, {"datetime": "yesterday"}, {"datetime": "../.."}, {"datetime": "2026-02-30"},
        {"datetime": "2026-11-10/2026-11-01"}, {"licence_free": "yes"}, {"name": "a\x00b"}, {"f": "xml"},
    ],
)  # fmt: skip
def test_a_bad_question_is_told_what_is_wrong(client, town, query):
    page = ask(client, "collections/drawn.outlets/items", 400, **query)
    assert page["code"] == "InvalidParameterValue" and next(iter(query)) in page["description"] + "f"


def test_all_faults_are_told_at_once(client, town):
    page = ask(client, "collections/drawn.outlets/items", 400, bbox="1", limit="x", datetime="y")
    assert all(word in page["description"] for word in ("bbox", "limit", "datetime"))


@pytest.mark.parametrize(
    "path",
    [
        "collections/nowhere.outlets", "collections/drawn.people/items", "collections/drawn.outlets/items/none",
        "collections/drawn.outlets/items/planned", "collections/drawn.coverage/items/x",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(client, town, path):
    assert ask(client, path, 404)["code"] == "NotFound"


def test_nothing_is_written_here(client, town):
    assert client.post("/ogc/collections/drawn.outlets/items", {}).status_code in (403, 405)


def test_a_page_too_long_is_cut_to_the_longest(client, town):
    assert ask(client, "collections/drawn.areas/items", limit=99_999)["numberReturned"] == 15


@pytest.mark.parametrize("path", ["", "conformance", "collections", "collections/drawn.areas", "collections/drawn.areas/items",
                                  "collections/drawn.outlets/items/shop", "collections/drawn.coverage/items"])  # fmt: skip
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_people_get_pages(client, town, path, language):
    response = client.get(f"/ogc/{path}", headers={"accept": "text/html,*/*", "accept-language": language})
    assert response.status_code == 200 and response["Content-Type"].startswith("text/html")
    assert 'rel="self"; type="text/html"' in response["Link"] or path == "conformance"
    assert b"</main>" in response.content
    assert b"style=" not in response.content and b"onclick" not in response.content


def test_a_list_for_people_shows_few_columns_and_an_item_all(client, town):
    listed = client.get("/ogc/collections/drawn.outlets/items?f=html").content.decode()
    assert "breakfast · convenience_store" in listed and "2026-11-01" in listed and listed.count('scope="col"') == 8
    whole = client.get("/ogc/collections/drawn.outlets/items/shop?f=html").content.decode()
    assert whole.count('scope="row"') == len(kinds()["outlets"].fields) + 1 and ">是<" in whole and ">否<" in whole
    for kind in kinds().values():
        assert len(kind.columns) == len(kind.shown)


def test_the_description_names_every_collection_and_field(client, town):
    api = ask(client, "api")
    assert api["openapi"].startswith("3.0") and api["servers"] == [{"url": "http://testserver/ogc"}]
    limit = api["components"]["parameters"]["limit"]["schema"]
    assert (limit["default"], limit["maximum"]) == (100, 1000)
    asked = {each.get("name") for each in api["paths"]["/collections/drawn.coverage/items"]["get"]["parameters"]}
    assert {"business_type", "walker", "level"} <= asked
    for parameter in api["paths"]["/collections/drawn.outlets/items"]["get"]["parameters"]:
        if "name" in parameter:  # what QGIS needs to filter on the server
            assert parameter["style"] == "form" and parameter["explode"] is False and parameter["schema"]["type"]
    shown = ask(client, "collections/drawn.outlets/items")["features"][0]["properties"]
    assert list(shown) == list(api["components"]["schemas"]["outlets"]["properties"]["properties"]["properties"])


def test_other_sites_may_read_it(client, town):
    response = client.get("/ogc/collections")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in response
