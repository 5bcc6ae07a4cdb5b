"""A street office's table with every kind of fault, as data: what each kind puts into an otherwise good row."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from web.cast import LAT, LON, STEP, outlet, person, tree
from yike.ingest.datum import from_wgs84
from yike.web.accounts.models import Person
from yike.web.areas.models import Area
from yike.web.outlets.models import Outlet

HEADS = (
    "编号", "名称", "业态", "经度", "纬度", "地址", "营业时间", "营业状态", "经营性质", "联系电话", "营业面积", "附加服务",
    "支付方式", "无障碍", "托育时段", "统一社会信用代码", "名特优新", "价目", "核实日期",
)  # fmt: skip
SHIFTED = tuple(f"{float(each[0]):.6f}" for each in from_wgs84([LON + 3.999 * STEP], [LAT + STEP / 2], "gcj02"))

#: code → what it puts into a good row. ``id_twice`` and ``double_file`` speak of the row before theirs.
FAULTS: dict[str, dict[str, str]] = {
    "import.name_empty": {"名称": ""},
    "import.name_long": {"名称": "店" * 81},
    "import.markup": {"名称": "<script>alert(1)</script>小店"},
    "import.text_long": {"地址": "路" * 201},
    "import.type_empty": {"业态": ""},
    "import.type_unknown": {"业态": "飞碟维护"},
    "import.place_missing": {"经度": "", "纬度": ""},
    "import.place_number": {"经度": "东经112.8"},
    "import.outside_globe": {"经度": "512.8", "纬度": "95"},
    "import.swapped": {"经度": f"{LAT + STEP / 2:.6f}", "纬度": f"{LON + STEP / 2:.6f}"},
    "import.datum_wrong": {"经度": SHIFTED[0], "纬度": SHIFTED[1]},
    "import.outside": {"经度": "110.1"},
    "import.not_yours": {"经度": f"{LON + 2.5 * STEP:.6f}"},
    "import.id_bad": {"编号": "编号/1"},
    "import.id_twice": {"编号": "a0"},
    "import.id_elsewhere": {"编号": "far1"},
    "import.hours_impossible": {"营业时间": "周一至周五 25:00-26:00"},
    "import.uscc_bad": {"统一社会信用代码": "911100006000373411"},
    "import.phone_bad": {"联系电话": "12-34"},
    "import.price_unread": {"价目": "便宜得很"},
    "import.price_negative": {"价目": "修鞋 -5元"},
    "import.price_large": {"价目": "修鞋 99999999元"},
    "import.floor_area_bad": {"营业面积": "很大"},
    "import.floor_area_large": {"营业面积": "9000000"},
    "import.state_unknown": {"营业状态": "飞走了"},
    "import.state_step": {"编号": "gone1"},
    "import.ownership_unknown": {"经营性质": "外星"},
    "import.payment_unknown": {"支付方式": "现金、贝壳"},
    "import.session_unknown": {"托育时段": "半夜"},
    "import.distinction_unknown": {"名特优新": "差"},
    "import.yes_no": {"无障碍": "也许"},
    "import.date_bad": {"核实日期": "2026-13-40"},
    "import.date_future": {"核实日期": "2999-01-01"},
    "import.row_empty": {head: "" for head in HEADS if head != "编号"},
}
#: what is told and goes in all the same, or is asked
NOTES: dict[str, dict[str, str]] = {
    "import.type_part": {"业态": "便利店、飞碟维护"},
    "import.type_none": {"业态": "加油站"},
    "import.hours_unread": {"营业时间": "看老板心情"},
    "import.service_unknown": {"附加服务": "打印、占卜"},
    "import.owned": {"编号": "owned1"},
    "import.double_register": {
        "名称": "老槐树 便利店",
        "经度": f"{LON + STEP / 2:.6f}",
        "纬度": f"{LAT + STEP / 2:.6f}",
    },
    "import.double_file": {"名称": "好店0"},
}
APART = {"import.merged"}  #: only a workbook can have it


@dataclass(frozen=True)
class Scene:
    """The drawn city, its street officer, and what the register holds before any import."""

    areas: dict[str, Area]
    officer: Person
    known: Outlet

    @property
    def street(self) -> Area:
        return self.areas["c1s1"]


def scene(**more: Any) -> Scene:
    """Draw the city: one outlet known to the street, one far away, one gone, one that its owner keeps."""
    areas = tree()
    officer = person("street_officer", areas["c1s1"], **more)
    known = outlet(areas["c1s1a"], "convenience_store", key="known1", name="老槐树便利店")
    outlet(areas["c2s1a"], "pharmacy", key="far1", name="远处药店")
    outlet(areas["c1s1b"], "pharmacy", key="gone1", name="迁走药店", state="revoked")
    outlet(areas["c1s1b"], "pharmacy", key="owned1", name="自管药店", owner=person())
    return Scene(areas, officer, known)


def good(i: int, **other: str) -> dict[str, str]:
    """A row without a fault; ``i`` gives it a place of its own in the officer's street."""
    row = dict.fromkeys(HEADS, "") | {
        "编号": f"a{i}", "名称": f"好店{i}", "业态": "便利店", "经度": f"{LON + STEP * (0.1 + 0.01 * (i % 70)):.6f}",
        "纬度": f"{LAT + STEP * (0.1 + 0.02 * (i // 70)):.6f}", "地址": f"槐树街{i}号",
        "营业时间": "周一至周五 8:00-18:00", "营业状态": "营业", "经营性质": "个体", "联系电话": "0356-2021234",
        "营业面积": "80", "附加服务": "打印复印", "支付方式": "现金、微信", "无障碍": "是",
        "统一社会信用代码": "91110000600037341L", "价目": "修鞋 10元", "核实日期": "2026-05-11",
    }  # fmt: skip
    return row | other


def as_csv(rows: Sequence[dict[str, str]], encoding: str = "utf-8") -> bytes:
    """Rows as a CSV file."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, HEADS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def as_xlsx(rows: Sequence[dict[str, str]], merge: str = "") -> bytes:
    """Rows as a workbook; ``merge`` is a range of cells to merge."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEADS)
    for row in rows:
        sheet.append([row[head] for head in HEADS])
    if merge:
        sheet.merge_cells(merge)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
