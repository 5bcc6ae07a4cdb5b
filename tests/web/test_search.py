"""Search: Chinese words of any length, pinyin, initials, errands, near misses; best match first, then nearest on foot."""

from __future__ import annotations

import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
from django.conf import settings

from web.cast import LAT, LON, outlet, tree
from web.test_listing import Streets
from yike.web.areas.saying import initials, syllables
from yike.web.map.api import SearchOut
from yike.web.map.base_source import Source
from yike.web.map.basemap import write_base
from yike.web.map.errands import _known, errand_of
from yike.web.map.words_index import CLOSE, EXACT, FRONT, INSIDE, NOT, Texts
from yike.web.outlets.models import Outlet, Price

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(monkeypatch) -> dict[str, Any]:
    areas = tree("sought")
    a, b = areas["c1s1a"], areas["c2s2b"]
    outlet(a, "community_workshop", key="xxp", name="新民小修铺")
    outlet(b, "community_workshop", key="keys", name="老李服务部", services=[])
    Price.objects.create(outlet=Outlet.objects.get(key="keys"), item="配钥匙", yuan=5)
    outlet(a, "community_workshop", key="tailor", name="王家裁缝铺", address="朝阳路12号")
    outlet(b, "community_canteen", key="eat", name="阳光社区食堂")
    outlet(a, "breakfast", key="cy", name="朝阳包子铺")
    outlet(b, "pharmacy", key="drug", name="百姓大药房（朝阳路店）", state="paused")
    outlet(a, "convenience_store", key="shop", name="Lawson罗森", services=["print_copy"])
    outlet(a, "repair", key="gone", name="关门小修铺", state="closed")
    names = pd.DataFrame(
        [
            ("street", "朝阳路", LON + 0.001, LAT + 0.001),
            ("compound", "幸福里小区", LON + 0.03, LAT + 0.01),
            ("street", "长治街", LON, LAT),
        ],
        columns=["kind", "name", "lon", "lat"],
    )
    path = Path(settings.HOME) / "cities" / "sought" / "base.mbtiles"
    write_base(path, [], Source((), names), {"name": "s", "attribution": "", "source": ""})
    walks = Streets(keys=3.0, tailor=8.0, xxp=5.0, eat=2.0)
    monkeypatch.setattr("yike.web.map.listing.live", lambda city: walks)
    return areas


def found(client: Any, q: str, **more: Any) -> list[dict[str, Any]]:
    answer = client.get("/api/search", {"city": "sought", "q": q, **more})
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def keys(client: Any, q: str, kind: str = "outlet", **more: Any) -> list[str]:
    return [
        each["key"] if kind in ("outlet", "type") else each["name"]
        for each in found(client, q, **more)
        if each["kind"] == kind
    ]


@pytest.mark.parametrize(
    "q",
    ["新民小修铺", "小修", "修铺", "小修铺", "新民 小修铺", "xinminxiaoxiupu", "xin min xiao xiu pu", "xiaoxiupu", "XiaoXiu",
     "xiǎo xiū pù", "xmxxp", "xxp", "民小修铺"],
)  # fmt: skip
def test_a_name_is_found_in_every_way_people_type_it(client, town, q) -> None:
    assert keys(client, q)[0] == "xxp"


@pytest.mark.parametrize(
    ("q", "key"),
    [("铺", "xxp"), ("食", "eat"), ("食堂", "eat"), ("药房", "drug"), ("ＬＡＷＳＯＮ", "shop"), ("罗森", "shop")],
)
def test_one_and_two_characters(client, town, q, key) -> None:
    assert key in keys(client, q)


def test_what_is_closed_is_not_found(client, town) -> None:
    assert keys(client, "关门") == []


@pytest.mark.parametrize("q", ["chaoyang", "chao yang bao zi pu", "cybzp", "朝阳"])
def test_local_names_are_said_as_they_are_said_there(client, town, q) -> None:
    assert "cy" in keys(client, q)
    assert syllables("长治市太行路单记") == ["chang", "zhi", "shi", "tai", "hang", "lu", "shan", "ji"]


def test_a_match_begins_at_a_syllable(client, town) -> None:
    assert "xxp" not in keys(client, "iaoxiu")  # …x-iao-xiu


def test_the_whole_name_before_its_beginning_before_its_middle(client, town) -> None:
    outlet(town["c1s1a"], "laundry", key="m", name="好小修")
    outlet(town["c1s1a"], "laundry", key="e", name="小修")
    outlet(town["c1s1a"], "laundry", key="f", name="小修之家")
    assert [key for key in keys(client, "小修") if key in "mef"] == ["e", "f", "m"]
    assert [key for key in keys(client, "xiaoxiu") if key in "mef"] == ["e", "f", "m"]


@pytest.mark.parametrize(
    "q", ["配钥匙", "我要配钥匙", "附近哪里能配钥匙？", "key cutting", "where can I find key cutting near me"]
)
def test_an_errand_finds_who_does_it_nearest_on_foot_first(client, town, q) -> None:
    results = found(client, q, lon=LON, lat=LAT)
    assert (results[0]["kind"], results[0]["key"]) == ("type", "community_workshop")
    assert [(each["key"], each["minutes"]) for each in results if each["kind"] == "outlet"][:3] == [
        ("keys", 3.0), ("xxp", 5.0), ("tailor", 8.0),
    ]  # fmt: skip
    assert client.get("/api/search", {"city": "sought", "q": q}).json()["types"] == ["community_workshop"]


def test_who_posts_the_price_comes_before_who_might_do_it(client, town) -> None:
    Price.objects.create(outlet=Outlet.objects.get(key="tailor"), item="修拉链", yuan=8)
    assert keys(client, "修拉链", lon=LON, lat=LAT)[:2] == ["tailor", "keys"]


def test_services_do_errands_too(client, town) -> None:
    assert keys(client, "打印") == ["shop"] and keys(client, "photocopy") == ["shop"]


def test_types_by_any_of_their_names(client, town) -> None:
    assert keys(client, "药店", "type") == ["pharmacy"] and "drug" in keys(client, "药店")
    for q in ("pharmacy", "yaodian"):
        assert "pharmacy" in keys(client, q, "type")
    assert keys(client, "母婴用品", "type")[0] == "mother_baby_store"


def test_areas_streets_and_compounds(client, town) -> None:
    assert keys(client, "11街道", "area") == ["11街道"]
    street = next(each for each in found(client, "朝阳路") if each["kind"] == "street")
    assert street["name"] == "朝阳路" and street["lon"] == pytest.approx(LON + 0.001) and "11a社区" in street["detail"]
    assert found(client, "朝阳路")[0]["kind"] == "street"
    assert keys(client, "xingfuli", "place") == ["幸福里小区"] and keys(client, "changzhi", "street") == ["长治街"]
    assert "tailor" in keys(client, "朝阳路12号")


@pytest.mark.parametrize(
    "q", ["新民小秀铺", "新民小铺", "新民小小修铺", "新明小修铺", "xinminxiaoxiubu", "xinminxiaxiupu"]
)
def test_one_wrong_missing_or_extra_character(client, town, q) -> None:
    assert "xxp" in keys(client, q)


def test_a_near_miss_never_stands_beside_a_hit(client, town) -> None:
    outlet(town["c1s1a"], "laundry", key="other", name="新民大修铺")
    assert keys(client, "新民小修铺") == ["xxp"]


def test_off_the_network_by_name_and_the_reason(client, town) -> None:
    answer = client.get("/api/search", {"city": "sought", "q": "铺", "lon": LON, "lat": 35.95}).json()
    assert answer["origin"]["attached"] is False and answer["origin"]["why"]["en"]
    assert {each["minutes"] for each in answer["results"]} == {None}
    assert SearchOut(**answer).dict().keys() == answer.keys()


def test_the_index_follows_the_register(client, town) -> None:
    assert keys(client, "新民") == ["xxp"]
    shop = Outlet.objects.get(key="xxp")
    shop.name = "万家小修铺"
    shop.save()
    assert keys(client, "新民") == [] and keys(client, "wanjia") == ["xxp"]
    shop.state = "closed"
    shop.save()
    assert keys(client, "万家") == []


class AtOnce:
    """A thread that runs when it is started."""

    started: ClassVar[list[str]] = []

    def __init__(self, target: Any, name: str, args: tuple[Any, ...] = (), daemon: bool = False) -> None:
        self.run = lambda: (AtOnce.started.append(name), target(*args))

    def start(self) -> None:
        self.run()


def test_a_large_city_answers_from_what_is_at_hand_while_the_new_is_made(client, town, monkeypatch) -> None:
    assert keys(client, "新民") == ["xxp"]
    monkeypatch.setattr("yike.web.map.shown.SMALL", 0)
    for room in ("shown", "search"):
        monkeypatch.setattr(f"yike.web.map.{room}.threading.Thread", AtOnce)
        monkeypatch.setattr(f"yike.web.map.{room}.connection", SimpleNamespace(close=lambda: None))
    AtOnce.started.clear()
    Outlet.objects.get(key="xxp").delete()
    outlet(town["c1s1a"], "laundry", key="n", name="新民洗衣")
    assert (
        keys(client, "新民") == []
    )  # the old index knows the one that is gone, which is not told, and not yet the new one
    assert keys(client, "新民") == ["n"]
    assert AtOnce.started == ["map-register", "search-index"]


@pytest.mark.parametrize(
    "q",
    [
        "",
        " ",
        "。，！",
        "\x00",
        "a\x00b",
        "🀄",
        "%",
        "_",
        "'; drop table",
        "长" * 200,
        "x" * 200,
        "İ",
        "ﷺ" * 60,
        "１" * 50,
    ],
)
def test_no_query_breaks_it(client, town, q) -> None:
    found(client, q)
    found(client, q, lon=LON, lat=LAT)


@pytest.mark.parametrize(
    "query", [{"q": "x" * 201}, {}, {"q": "a", "limit": 51}, {"q": "a", "lon": "nan", "lat": 1}, {"q": "a", "lat": 1}]
)
def test_wrong_queries_are_refused(client, town, query) -> None:
    assert client.get("/api/search", {"city": "sought", **query}).status_code == 422


# --- the parts ---


def test_every_errand_asks_for_types_and_services_that_exist() -> None:
    import csv

    from yike.standards.packs import load_types
    from yike.web.outlets import choices

    codes = {each.code for each in load_types()}
    services = {
        row["code"]
        for row in csv.DictReader((Path(choices.__file__).parent / "services.csv").read_text("utf-8").splitlines())
    }
    for word, (types, done) in _known()[0].items():
        assert set(types) <= codes and set(done) <= services and (types or done), word


def test_fillers_do_not_hide_the_errand() -> None:
    assert errand_of("请问附近有没有可以修鞋的地方").whole is True
    assert errand_of("王记修鞋铺").whole is False
    assert errand_of("keyboard") is None and errand_of("shoes repair").whole is True


def test_initials_keep_letters_and_digits() -> None:
    assert initials(syllables("小修铺A1 24小时")) == "xxpa124xs"


def answer_of(text: str, query: str) -> int:
    if text == query:
        return EXACT
    return FRONT if text.startswith(query) else INSIDE if query in text else NOT


def one_error(query: str) -> set[str]:
    cut = {query[:k] + query[k + 1 :] for k in range(len(query))}
    return (
        cut
        | {query[:k] + "?" + query[k + 1 :] for k in range(len(query))}
        | {query[:k] + "?" + query[k:] for k in range(1, len(query))}
    )


def test_answers_are_those_of_plain_python() -> None:
    import re

    rng = random.Random(5)
    texts = ["".join(rng.choices("甲乙丙丁", k=rng.randint(0, 9))) for _ in range(300)]
    record = [rng.randrange(120) for _ in texts]
    index = Texts.of(texts, record)
    for _ in range(200):
        query = "".join(rng.choices("甲乙丙丁", k=rng.randint(1, 6)))
        wanted = np.full(120, NOT)
        near = np.full(120, NOT)
        patterns = [re.compile(each.replace("?", ".")) for each in one_error(query)]
        for text, k in zip(texts, record, strict=True):
            wanted[k] = min(wanted[k], answer_of(text, query))
            if len(query) >= 3 and any(pattern.search(text) for pattern in patterns):
                near[k] = CLOSE
        assert index.answers(query, 120).tolist() == wanted.tolist(), query
        got = index.close(query, 120)
        assert ((got == CLOSE) <= (near == CLOSE)).all() and (
            (near == CLOSE) & (wanted == NOT) <= (got == CLOSE)
        ).all(), query
