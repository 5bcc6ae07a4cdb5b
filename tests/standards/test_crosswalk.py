"""Crosswalks: every type exists, none of ours is not unmapped, and nothing is dropped silently."""

from __future__ import annotations

import csv
import re
from importlib import resources
from pathlib import Path

import pytest

from yike.errors import StandardError
from yike.standards.crosswalk import SHIPPED, load_crosswalk, map_categories
from yike.standards.packs import load_types

OSM, AMAP, WORDS = (load_crosswalk(name) for name in ("osm", "amap", "words"))


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_crosswalks_name_types_that_exist(name: str) -> None:
    codes = {each.code for each in load_types()}
    walk = load_crosswalk(name)
    assert {code for rule in walk.rules for code in rule.types} <= codes
    assert any(not rule.types for rule in walk.rules)


def test_none_of_ours_is_not_unmapped() -> None:
    found, unknown = map_categories(AMAP, ["150700", "999999", "060200", ""])
    assert found == [(), (), ("convenience_store",), ()]
    assert dict(unknown) == {"999999": 1, '""': 1}
    assert AMAP.types_of("150700") == () and AMAP.types_of("999999") is None


@pytest.mark.parametrize(
    ("category", "types"),
    [
        ("050118", ("snack_meal", "special_catering")),
        ("50118", ("snack_meal", "special_catering")),
        ("50118.0", ("snack_meal", "special_catering")),
        ("0601", ("community_mall",)),
        ("10", ("lodging",)),
        ("生活服务;洗衣店;洗衣店", ("laundry",)),
        ("生活服务；洗衣店；洗衣店", ("laundry",)),
        ("生活服务;洗衣店", ("laundry",)),
        ("060200|050304", ("convenience_store", "snack_meal", "breakfast")),
        ("060200;050800", ("convenience_store", "bakery")),
        ("购物服务;便民商店/便利店;便民商店/便利店|050800", ("convenience_store", "bakery")),
        ("010500", ("car_wash",)),
        ("060703", ("wet_market",)),
        ("061205", ("bookstore",)),
        ("080110", ("swimming_pool",)),
        ("080111", ("gym",)),
        ("090601", ("pharmacy",)),
        ("141203", ()),
        ("141400", ("training",)),
        ("160105", ("finance_payment",)),
        ("160305", ("finance_payment",)),
        ("160400", ()),
    ],
)
def test_codes_are_found_by_digits_names_and_classes(category: str, types: tuple[str, ...]) -> None:
    assert AMAP.types_of(category) == types


def test_every_code_of_the_map_provider_is_decided(shared_data: Path) -> None:
    calamine = pytest.importorskip("python_calamine")
    book = calamine.CalamineWorkbook.from_path(str(shared_data / "amap" / "amap_poicode.xlsx"))
    head, *rows = book.get_sheet_by_name("POI分类与编码（中英文）").to_python()
    at = {name: k for k, name in enumerate(head)}
    codes = [str(row[at["NEW_TYPE"]]) for row in rows]
    names = [";".join(str(row[at[level]]) for level in ("大类", "中类", "小类")) for row in rows]
    assert len(codes) == len(set(codes)) == 869
    by_code, unknown = map_categories(AMAP, codes)
    by_name, unnamed = map_categories(AMAP, names)
    assert not unknown and not unnamed
    assert by_code == by_name


@pytest.mark.parametrize(
    ("tags", "types"),
    [
        ({"shop": "supermarket", "name": "x"}, ("supermarket",)),
        ({"shop": "convenience", "amenity": "post_office"}, ("convenience_store", "express_station")),
        ({"amenity": "restaurant"}, ("snack_meal",)),
        ({"amenity": "restaurant", "cuisine": "chinese"}, ("snack_meal",)),
        ({"amenity": "restaurant", "cuisine": "japanese"}, ("special_catering",)),
        ({"amenity": "restaurant", "cuisine": "chinese;sichuan"}, ("snack_meal", "special_catering")),
        ({"amenity": "fast_food", "cuisine": "breakfast"}, ("snack_meal", "breakfast")),
        ({"amenity": "vending_machine"}, ("smart_retail",)),
        ({"amenity": "vending_machine", "vending": "parking_tickets"}, ()),
        ({"amenity": "vending_machine", "vending": "parcel_pickup;parcel_mail_in"}, ("parcel_locker",)),
        ({"leisure": "swimming_pool"}, ("swimming_pool",)),
        ({"leisure": "swimming_pool", "access": "private"}, ()),
        ({"amenity": "social_facility", "social_facility": "nursing_home"}, ("elderly_care",)),
        ({"social_facility": "day_care", "social_facility:for": "child"}, ("childcare",)),
        ({"amenity": "clinic", "healthcare": "clinic"}, ("clinic",)),
        ({"tourism": "information"}, ()),
        ({"tourism": "information", "information": "office"}, ("travel_service",)),
        ({"shop": "bicycle", "service:bicycle:repair": "yes"}, ("specialty_retail", "repair")),
    ],
)
def test_tags_and_further_tags(tags: dict[str, str], types: tuple[str, ...]) -> None:
    assert OSM.types_of(tags) == types


def test_the_unknown_part_of_a_known_place_is_listed() -> None:
    tags = [
        {"shop": "convenience;star_maps"},
        {"shop": "star_maps", "craft": "orrery"},
        {"shop": "star_maps", "craft": "orrery"},
    ]
    found, unknown = map_categories(OSM, tags)
    assert found == [("convenience_store",), (), ()]
    assert dict(unknown) == {"shop=star_maps": 1, "shop=star_maps, craft=orrery": 2}


def test_a_further_tag_that_differs_is_not_taken_from_the_memory_of_another_place() -> None:
    tags = [
        {"amenity": "restaurant"},
        {"amenity": "restaurant", "cuisine": "japanese"},
        {"amenity": "restaurant", "name": "x"},
    ]
    assert map_categories(OSM, tags)[0] == [("snack_meal",), ("special_catering",), ("snack_meal",)]


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("便利店", "convenience_store"), ("修鞋", "community_workshop"), ("配钥匙", "community_workshop"),
        ("菜市场", "wet_market"), ("理发", "hair_beauty"), ("裁缝", "community_workshop"), ("开锁", "community_workshop"),
        ("家电维修", "repair"), ("早点", "breakfast"), ("社区食堂", "community_canteen"), ("托育", "childcare"),
        ("智能快件箱", "parcel_locker"), ("再生资源回收点", "recycling"), ("洗车", "car_wash"), ("社区护理站", "nursing_station"),
        ("生鲜超市（菜店）", "fresh_food_store"), (" KTV ", "culture_venue"), ("ktv", "culture_venue"),
    ],
)  # fmt: skip
def test_words_that_officials_write(word: str, code: str) -> None:
    assert WORDS.types_of(word) == (code,)


def test_every_type_has_words_of_its_own_name() -> None:
    for each in load_types():
        for name in (each.zh, each.en, each.code):
            assert each.code in (WORDS.types_of(name) or ()), name


def test_words_of_a_published_breakdown() -> None:
    """The 13 classes of 南昌's list of 1,073 outlets (S60); 其他 says nothing and must be listed."""
    told = "社区商业中心 连锁便利店 综合超市 标准化菜场 生鲜店 家政店 维修点 早餐店 智能信包箱 养老站点 运动健身房 新式书店"
    words = [*re.split(" ", told), "其他"]
    assert dict(map_categories(WORDS, words)[1]) == {"其他": 1}


def test_several_words_in_one_cell() -> None:
    cells = ["早餐店、打印复印", "便利店+早餐", "便利店,快递/飞碟维护", "理发 美容"]
    found, unknown = map_categories(WORDS, cells)
    assert found == [
        ("breakfast", "photo_print"),
        ("convenience_store", "breakfast"),
        ("convenience_store", "express_station"),
        ("hair_beauty",),
    ]
    assert dict(unknown) == {"飞碟维护": 1}


def test_own_rows_stand_before_the_shipped_ones(tmp_path: Path) -> None:
    own = tmp_path / "ours.csv"
    own.write_text("category,types\n便利店,convenience_store|breakfast\n冰场,ice_rink\n", encoding="utf-8")
    with pytest.raises(StandardError, match="ice_rink"):
        load_crosswalk("words", own)
    walk = load_crosswalk("words", own, codes=("ice_rink",))
    assert walk.types_of("便利店") == ("convenience_store", "breakfast")
    assert (walk.types_of("冰场"), walk.types_of("修鞋")) == (("ice_rink",), ("community_workshop",))
    assert load_crosswalk(own, codes=("ice_rink",)).types_of("修鞋") is None
    with pytest.raises(StandardError, match="lacks the columns"):
        load_crosswalk("osm", own, codes=("ice_rink",))


def test_all_faults_of_a_crosswalk_at_once(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("category,types\n甲,nothing\n乙,\n丙,-\n丙,pharmacy\n丁,pharmacy|zoo\n", encoding="utf-8")
    with pytest.raises(StandardError) as error:
        load_crosswalk(file)
    found = {fault.code: [row for row, _ in fault.rows] for fault in error.value.faults}
    assert found == {"standards.crosswalk_bad": [2, 3, 6], "standards.crosswalk_twice": [5]}
    file.write_text("category\n甲\n", encoding="utf-8")
    with pytest.raises(StandardError, match="types"):
        load_crosswalk(file)
    with pytest.raises(StandardError, match="osm, amap, words"):
        load_crosswalk(tmp_path / "absent.csv")


def test_the_page_of_the_method_counts_the_rows_as_they_are() -> None:
    """docs/method/standards.md must not drift from the tables."""
    page = Path(__file__).resolve().parents[2].joinpath("docs", "method", "standards.md").read_text(encoding="utf-8")
    folder = resources.files("yike.standards").joinpath("crosswalks")
    for name in SHIPPED:
        rows = list(csv.DictReader(folder.joinpath(f"{name}.csv").read_text(encoding="utf-8").splitlines()))
        none = sum(row["types"] == "-" for row in rows)
        assert re.search(rf"\| `{name}` \|.*\| {len(rows):,} \| {none:,} \|", page), (name, len(rows), none)


def test_the_page_names_every_type_a_source_cannot_know() -> None:
    codes = {each.code for each in load_types()}
    absent = {walk.name: codes - {code for rule in walk.rules for code in rule.types} for walk in (OSM, AMAP, WORDS)}
    assert {name: len(found) for name, found in absent.items()} == {"osm": 7, "amap": 19, "words": 0}
