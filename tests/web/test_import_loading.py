"""The first filling of a register: all of a table or nothing, one line in the journal."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from web.cast import LAT, LON, STEP, outlet, tree
from yike.errors import InputError
from yike.web.journal.models import Line
from yike.web.outlets.importing.loading import load_outlets
from yike.web.outlets.models import Outlet

pytestmark = pytest.mark.django_db
HEADS = "编号,名称,业态,经度,纬度,营业时间,价目,支付方式"


def table(folder: Path, *rows: str, heads: str = HEADS) -> Path:
    path = folder / "outlets.csv"
    path.write_text("\n".join((heads, *rows)), encoding="utf-8")
    return path


def test_a_city_is_filled_from_its_table(tmp_path: Path):
    city = tree()["city"].city
    rows = (
        f"a1,凤台便利店,便利店、打印,{LON + STEP / 2},{LAT + STEP / 2},8:00-22:00,,现金、微信",
        f",老王修鞋,修鞋,{LON + STEP * 1.5},{LAT + STEP / 2},,修鞋 10元;配钥匙 5元/把,",
        f"a3,飞碟铺,飞碟维护,{LON + STEP / 2},{LAT + STEP / 2},,,",
    )
    assert load_outlets(city, table(tmp_path, *rows)) == {"rows": 3, "add": 2, "skip": 1, "unplaced": 0}
    shop = Outlet.objects.get(key="a1")
    assert (shop.area.name, shop.state, shop.hours, shop.payments) == (
        "11a社区",
        "open",
        "08:00-22:00",
        ["cash", "wechat"],
    )
    assert {each.code for each in shop.functions.all()} == {"convenience_store", "photo_print"}
    assert (shop.initials, shop.made_up) == ("ftbld", True)
    stall = Outlet.objects.get(name="老王修鞋")
    assert [(each.item, each.yuan, each.unit) for each in stall.prices.order_by("pk")] == [
        ("修鞋", Decimal("10.00"), ""), ("配钥匙", Decimal("5.00"), "把"),
    ]  # fmt: skip
    line = Line.objects.get()
    assert (line.verb, line.change["counts"]["add"], line.person) == ("outlets.import_apply", 2, None)


def test_a_fault_leaves_the_register_empty_and_is_told_with_its_row(tmp_path: Path):
    city = tree()["city"].city
    good = f"a1,凤台便利店,便利店,{LON + STEP / 2},{LAT + STEP / 2},,,"
    with pytest.raises(InputError) as raised:
        load_outlets(city, table(tmp_path, good, f"a2,甲店,便利店,{LON},不知道,,,", f"a3,,便利店,{LON},{LAT},25:70,,"))
    assert {(fault.code, row) for fault in raised.value.faults for row, _ in fault.rows} == {
        ("import.place_number", 3), ("import.name_empty", 4), ("import.hours_impossible", 4),
    }  # fmt: skip
    assert (Outlet.objects.count(), Line.objects.count()) == (0, 0)


def test_an_id_that_another_city_has_gets_the_citys_name_before_it(tmp_path: Path):
    outlet(tree("other", "98")["c1s1a"], key="a1")
    city = tree()["city"].city
    row = f"a1,凤台便利店,便利店,{LON + STEP / 2},{LAT + STEP / 2},,,"
    load_outlets(city, table(tmp_path, row))
    assert Outlet.objects.get(city=city).key == f"{city.slug}-a1"
    with pytest.raises(InputError) as raised:  # the same file once more: now the city's own id is taken
        load_outlets(city, table(tmp_path, row))
    assert raised.value.code == "import.id_elsewhere"


def test_an_outlet_between_the_outlines_has_no_area(tmp_path: Path):
    city = tree()["city"].city
    counts = load_outlets(city, table(tmp_path, f"a1,桥头店,便利店,{LON - STEP / 10},{LAT},,,"))
    assert counts["unplaced"] == 1 and Outlet.objects.get().area is None
