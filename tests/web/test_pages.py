"""Public pages without a browser: the dial, hours in words, cards, areas, switches, what a page weighs, what no page tells."""

from __future__ import annotations

import gzip
import json
import math
import re
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from web.cast import outlet, person, tree
from yike.web.circles.models import Circle
from yike.web.map import dial, hours, picture
from yike.web.map.marks import chips, marks
from yike.web.map.templatetags import assets
from yike.web.outlets.models import Outlet, Price
from yike.web.studies.models import CircleFigure, Figure

SVG = "{http://www.w3.org/2000/svg}"
BUILT = (Path(settings.BUILT) / "manifest.json").is_file()


@pytest.fixture
def built() -> None:
    if not BUILT:
        from conftest import missing

        missing("the pages' scripts: run `make frontend`")


def spokes(lacking: int, met: int = 20) -> list[dial.Spoke]:
    """So many types without a way, then so many near ones, alternating basic and quality."""
    names = [f"缺的业态{k}" for k in range(lacking)] + [f"有的业态{k}" for k in range(met)]
    return [
        dial.Spoke(f"t{k}", name, "basic" if k % 2 else "quality", None if k < lacking else 1.0 + k % 9, 10.0)
        for k, name in enumerate(names)
    ]


def drawn(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


# --- the dial ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [dial.ICON, dial.PAGE, dial.LARGE, dial.SHEET])
@pytest.mark.parametrize("lacking", [0, 1, 12, 60])
def test_names_of_a_dial_never_collide_nor_leave_the_picture(size: dial.Size, lacking: int) -> None:
    root = drawn(dial.draw_dial(spokes(lacking), "一句话", "zh", size))
    names = [each for each in root.iter(f"{SVG}text") if each.get("text-anchor") == "start"]
    heights = sorted(float(each.get("y", "0")) for each in names)
    assert all(b - a >= size.letter for a, b in pairwise(heights))
    for each in names:
        right = float(each.get("x", "0")) + picture.width_of(each.text or "") * size.letter
        assert right <= size.width + 1 and 0 < float(each.get("y", "0")) <= size.height
        assert float(each.get("y", "0")) - size.letter >= -0.35 * size.letter


def test_a_dial_tells_lacking_by_form_and_by_name() -> None:
    root = drawn(dial.draw_dial(spokes(3, 5), "一句话", "zh"))
    assert len(list(root.iter(f"{SVG}circle"))) == 3, "an open dot for each missing one"
    assert len([each for each in root.iter(f"{SVG}line") if each.get("stroke-dasharray")]) == 3
    told = [each.text for each in root.iter(f"{SVG}text") if each.get("text-anchor") == "start"]
    assert {f"缺的业态{k}" for k in range(3)} == set(told), "named, and nothing else"
    assert root.find(f"{SVG}title").text == "一句话"  # type: ignore[union-attr]
    assert "style=" not in dial.draw_dial(spokes(3), "x"), "the strict policy would drop it"


def test_the_length_of_a_spoke_is_its_minutes() -> None:
    near, far = dial.Spoke("a", "a", "basic", 5.0, 10.0), dial.Spoke("b", "b", "basic", 10.0, 10.0)
    root = drawn(dial.draw_dial([near, far], "x"))
    reach = []
    for each in root.iter(f"{SVG}polygon"):
        (ox, oy), (ax, ay), _ = ([float(n) for n in pair.split(",")] for pair in (each.get("points") or "").split())
        reach.append(math.hypot(ax - ox, ay - oy))
    assert sorted(reach)[1] == pytest.approx(2 * sorted(reach)[0], rel=0.01)


def test_over_many_names_those_lacking_are_told_first() -> None:
    root = drawn(dial.draw_dial(spokes(10, 60), "x", "zh", dial.SHEET))
    told = {(each.text or "").removesuffix(" —") for each in root.iter(f"{SVG}text")}
    assert {f"缺的业态{k}" for k in range(10)} <= told and any("还有" in each for each in told)


def test_a_dial_escapes_what_it_is_told() -> None:
    svg = dial.draw_dial([dial.Spoke("x", "<b>&", "basic", None, 10.0)], 'a "<script>"')
    assert "<script>" not in svg and "<b>" not in svg and drawn(svg) is not None


def test_the_shared_picture_carries_sentence_code_trace_and_mark() -> None:
    svg = picture.share_picture(
        "题",
        "从这里步行",
        dial.draw_dial(spokes(2), "x", "zh", dial.SHEET),
        "https://example.org/near/",
        ["老年人", "摘要 abc"],
        True,
    )
    text = "".join(drawn(svg).itertext())
    assert all(
        each in text for each in ("题", "从这里步行", "老年人", "摘要 abc", "演示数据", "https://example.org/near/")
    )
    assert "演示数据" not in "".join(drawn(picture.share_picture("题", "句", "<svg/>", "x", [], False)).itertext())


# --- hours ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "at", "told"),
    [
        ("Mo-Fr 08:00-18:00", "2026-11-24T09:00", "营业中，至 18:00"),
        ("Mo-Fr 08:00-18:00", "2026-11-24T07:00", "现在不营业，08:00 开门"),
        ("Mo-Fr 08:00-18:00", "2026-11-24T19:00", "现在不营业，明天 08:00 开门"),
        ("Mo-Fr 08:00-18:00", "2026-11-27T19:00", "现在不营业，11-30 08:00 开门"),
        ("24/7", "2026-11-24T03:00", "营业中"),
        ("", "2026-11-24T03:00", "营业时间没有登记"),
        ("Mo-Su 18:00-02:00", "2026-11-24T23:00", "营业中，至 02:00"),
    ],
)
def test_hours_are_told_in_words(text: str, at: str, told: str) -> None:
    assert hours.now_of(text, datetime.fromisoformat(at)).told == told


def test_a_paused_outlet_is_not_open_whatever_its_hours() -> None:
    assert hours.now_of("24/7", datetime(2026, 11, 24, 12), paused=True).open is False


def test_the_week_as_rows_and_for_machines() -> None:
    days = hours.week_of("Mo-Fr 08:00-12:00,14:00-18:00; Sa 09:00-24:00", datetime(2026, 11, 24))
    assert [day.told for day in days][4:] == ["08:00–12:00、14:00–18:00", "09:00–24:00", "休息"]
    assert [day.today for day in days].index(True) == 1
    machine = hours.schema_hours(days)
    assert len(machine) == 11 and machine[-1] == {
        "@type": "OpeningHoursSpecification", "dayOfWeek": "https://schema.org/Saturday", "opens": "09:00", "closes": "23:59",
    }  # fmt: skip
    assert hours.week_of("", datetime(2026, 11, 24)) == ()


# --- marks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_layer_has_a_mark_of_its_own_shape_and_letter(lang: str) -> None:
    from yike.web.map.groups import group_codes

    found = marks(lang)
    assert [mark.group for mark in found] == [*group_codes(), "other"]
    assert len({mark.path for mark in found}) == len({mark.letter for mark in found}) == len(found)


def test_chips_choose_known_layers_and_types() -> None:
    from yike.web.map.groups import group_codes
    from yike.web.outlets.choices import business_types

    for chip in chips("zh"):
        assert bool(chip.group) != bool(chip.types)
        assert not chip.group or chip.group in group_codes()
        assert all(code in business_types() for code in chip.types.split(",") if code)


# --- pages ------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.usefixtures("built")
class TestPages:
    def get(self, path: str, **more: Any) -> Any:
        return Client().get(path, **more)

    def test_without_a_city_the_first_page_says_what_to_do(self) -> None:
        answer = self.get("/")
        assert answer.status_code == 200 and "yike city add" in answer.content.decode()

    def test_the_map_page_has_all_it_promises(self) -> None:
        tree()
        page = self.get("/").content.decode()
        for words in (
            "我的一刻钟",
            "小修小补",
            "早餐",
            "买菜",
            "一老一小",
            "营业中",
            "更多",
            "地点、店名、要办的事",
            "适老版",
            "EN",
            "演示数据",
            "图例",
        ):
            assert words in page
        assert "style=" not in page and "onclick" not in page and "<style" not in page

    def test_a_card_tells_the_public_what_it_may_and_nobody_s_name(self) -> None:
        areas = tree()
        owner = person("merchant", areas["city"], name="王老板不可见")
        shop = outlet(
            areas["c1s1a"], "community_workshop", name="老李配钥匙", owner=owner, hours="Mo-Su 08:00-18:00",
            payments=["cash", "wechat"],
            barrier_free=True, verified_at=date(2026, 11, 1), phone="0356-1234567", address="画城一街1号",
            permit="不公开的许可号", uscc="91350100M000100Y43",
        )  # fmt: skip
        Price.objects.create(outlet=shop, item="配钥匙", yuan="5.00", unit="把")
        page = self.get(f"/o/{shop.key}/").content.decode()
        for words in (
            "老李配钥匙",
            "社区工坊",
            "收现金",
            "微信支付",
            "无障碍",
            "2026-11-01",
            "0356-1234567",
            "配钥匙",
            "5 元",
            "带我去",
            "信息有误",
            "周一",
        ):
            assert words in page, words
        assert "王老板不可见" not in page and owner.username not in page and "不公开的许可号" not in page
        told = json.loads(re.search(r'ld\+json">(.*?)</script>', page, re.S).group(1))  # type: ignore[union-attr]
        assert told["@type"] == "LocalBusiness" and len(told["openingHoursSpecification"]) == 7

    def test_words_of_a_register_cannot_become_markup(self) -> None:
        areas = tree()
        shop = outlet(areas["c1s1a"], "breakfast", name="</script><script>alert(1)</script>")
        page = self.get(f"/o/{shop.key}/").content.decode()
        assert "<script>alert" not in page and page.count("</script>") == page.count("<script")

    @pytest.mark.parametrize(
        ("state", "status"), [("open", 200), ("paused", 200), ("closed", 410), ("moved", 410), ("planned", 404)]
    )
    def test_only_what_the_public_may_know_has_a_card(self, state: str, status: int) -> None:
        shop = outlet(tree()["c1s1a"], "breakfast", state=state)
        assert self.get(f"/o/{shop.key}/").status_code == status

    def test_a_report_in_two_taps_without_a_script(self) -> None:
        shop = outlet(tree()["c1s1a"], "breakfast")
        client = Client(enforce_csrf_checks=True)
        assert client.post(f"/o/{shop.key}/report/", {"kind": "closed"}).status_code == 403
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)', client.get(f"/o/{shop.key}/").content.decode()).group(
            1
        )  # type: ignore[union-attr]
        answer = client.post(f"/o/{shop.key}/report/", {"kind": "closed", "csrfmiddlewaretoken": token}, follow=True)
        assert "谢谢" in answer.content.decode() and Outlet.objects.get(pk=shop.pk).reports.count() == 1

    def test_an_area_tells_its_figures_and_hides_those_of_few_people(self) -> None:
        areas = tree()
        community = areas["c1s1a"]

        def figure(kind: str, met: float, people: float = 200) -> None:
            Figure.objects.create(
                city=community.city, area=community, requirement=f"r {kind}", business_type=kind, walker="adult", limit_s=600,
                people=people, people_met=met, people_met_first=met, median_s=300, study="f" * 64, standard="画 2026",
            )  # fmt: skip

        figure("breakfast", 150), figure("laundry", 20), figure("repair", 2, people=4)
        page = self.get(f"/area/{community.code}/").content.decode()
        assert "75 %" in page and "10 %" in page and "最缺 洗染店" in page
        assert "维修点" not in page, "four people are too few to tell of"
        assert 'class="dial"' in page and "ffffffffffff" in page

    def test_an_area_without_figures_or_outlets_says_so(self) -> None:
        page = self.get(f"/area/{tree()['c2s2b'].code}/").content.decode()
        assert "还没有测算" in page and "我来登记" in page

    def test_a_circle_has_a_page_and_a_code(self) -> None:
        areas = tree()
        circle = Circle.objects.create(city=areas["city"].city, code="Q9", name="画圈", grade="upgraded", people=200)
        circle.communities.set([areas["c1s1a"], areas["c1s1b"]])
        CircleFigure.objects.create(
            city=circle.city, circle=circle, requirement="r", business_type="breakfast", walker="adult", limit_s=600, people=200,
            people_met=100, people_met_first=100,
            median_s=None, study="e" * 64, standard="画 2026",
        )  # fmt: skip
        page = self.get("/circle/Q9/").content.decode()
        assert "画圈" in page and "提升型" in page and "50 %" in page and "走不到" in page
        assert drawn(self.get("/circle/Q9/qr.svg").content.decode()).tag == f"{SVG}svg"

    def test_the_share_verified_within_90_days_is_public(self) -> None:
        areas = tree()
        for k, days in enumerate((10, 80, 100, None)):
            outlet(
                areas["c1s1a"],
                "breakfast",
                key=f"v{k}",
                verified_at=None if days is None else date.fromordinal(date.today().toordinal() - days),
            )
        from yike.web.map.shown import forget

        forget()
        page = self.get("/about/").content.decode()
        assert "4 家网点" in page and "50 %" in page

    def test_the_large_letters_switch_works_without_scripts_and_goes_nowhere_else(self) -> None:
        tree()
        client = Client()
        answer = client.get("/large/?on=1&next=/about/")
        assert answer.status_code == 302 and answer["Location"] == "/about/"
        assert 'class="large"' in client.get("/about/").content.decode()
        client.get("/large/?on=0")
        assert 'class="large"' not in client.get("/about/").content.decode()
        assert client.get("/large/?next=https://evil.example/")["Location"] == "/"

    def test_language_by_the_browser_and_by_the_switch(self) -> None:
        tree()
        client = Client()
        assert "My quarter hour" in client.get("/about/", headers={"accept-language": "en"}).content.decode()
        client.post("/language/", {"language": "en", "next": "/about/"})
        assert "My quarter hour" in client.get("/about/", headers={"accept-language": "zh-CN"}).content.decode()

    def test_my_quarter_hour_of_a_city_without_a_study_says_why(self) -> None:
        tree()
        page = self.get("/near/?lon=112.81&lat=35.51")
        assert page.status_code == 200 and 'role="alert"' in page.content.decode()
        assert self.get("/near/part/?lon=112.81&lat=35.51").status_code == 422
        assert self.get("/near/part/?lon=nan&lat=x").status_code == 422
        assert self.get("/near/?lon=1e999&lat=35").status_code == 200

    def test_only_the_bare_map_may_stand_in_frames(self) -> None:
        tree()
        assert "frame-ancestors *" in self.get("/?embed=1")["Content-Security-Policy"]
        assert "x-frame-options" not in self.get("/?embed=1").headers
        for path in ("/", "/near/?embed=1", "/about/?embed=1"):
            answer = self.get(path)
            assert "frame-ancestors 'self'" in answer["Content-Security-Policy"] and "x-frame-options" in answer.headers

    def test_the_app_on_a_phone(self) -> None:
        tree()
        told = self.get("/manifest.webmanifest").json()
        assert told["display"] == "standalone" and {each["sizes"] for each in told["icons"]} == {
            "any",
            "192x192",
            "512x512",
        }
        for each in told["icons"]:
            assert self.get(each["src"]).status_code == 200
        worker = self.get("/sw.js").content.decode()
        shell = json.loads(re.match(r"const SHELL = (\[.*?\]);", worker).group(1))  # type: ignore[union-attr]
        names = {
            path.removeprefix(settings.STATIC_URL if settings.STATIC_URL.startswith("/") else "/static/")
            for path in shell
        }
        assert {assets.entry("map.js")["file"], assets.entry("base.css")["file"]} <= names
        assert any("worker" in name for name in names), "MapLibre's worker too, or the map is blank without a network"


# --- weight and what is built -----------------------------------------------------------------------


@pytest.mark.usefixtures("built")
def test_the_map_page_weighs_at_most_600_kb() -> None:
    files = {file for name in ("map.js", "page.js") for file in assets.files_of(name)} | {
        assets.entry(f"{n}.css")["file"] for n in ("base", "map")
    }
    weight = sum(len(gzip.compress((Path(settings.BUILT) / file).read_bytes(), 9)) for file in files)
    assert len(files) >= 6 and weight <= 600_000, f"{weight} bytes"
    assert any("worker" in file for file in files), "MapLibre's worker is counted"


def test_a_missing_build_is_told_with_its_remedy(settings: Any, tmp_path: Path) -> None:
    settings.BUILT = tmp_path
    with pytest.raises(ImproperlyConfigured, match="make frontend"):
        assets.entry("map.js")


def test_a_lock_file_without_addresses() -> None:
    lock = json.loads((Path(settings.WEB) / "frontend" / "package-lock.json").read_text(encoding="utf-8"))
    packages = [each for name, each in lock["packages"].items() if name]
    assert packages and all("resolved" not in each and "integrity" in each for each in packages)


@pytest.mark.parametrize(
    "table", sorted((Path(settings.WEB) / "frontend" / "words").glob("*.json")), ids=lambda path: path.name
)
def test_every_word_of_the_scripts_is_there_in_two_languages(table: Path) -> None:
    words = json.loads(table.read_text(encoding="utf-8"))
    for key, each in words.items():
        assert set(each) == {"zh", "en"} and each["zh"] and each["en"], key
        assert sorted(re.findall(r"\{\w+\}", each["zh"])) == sorted(re.findall(r"\{\w+\}", each["en"])), key
        assert not re.search(r"[\u4e00-\u9fff]", each["en"]), key
