"""The door for table files: what is read, with which rows, and what is refused before it does harm."""

from __future__ import annotations

import gzip
import time
import tracemalloc
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from yike.errors import InputError
from yike.ingest.files import PIECE_BYTES, Sheet, read_sheet


def read(path: Path, content: str | bytes, **choices) -> Sheet:
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return read_sheet(path, **choices)


def refused(path: Path, content: str | bytes, **choices) -> InputError:
    with pytest.raises(InputError) as raised:
        read(path, content, **choices)
    for fault in raised.value.faults:  # the words stand in both languages, with every place filled
        assert "{" not in fault.text("en").split("\n")[0] and "{" not in fault.text("zh").split("\n")[0]
    return raised.value


def test_rows_are_those_of_a_spreadsheet(tmp_path: Path):
    sheet = read(tmp_path / "a.csv", "编号,名称\r\n1,甲\r\n\r\n,\r\n2,乙\r\n   ,  \r\n3,丙")
    assert sheet.frame.to_dict("list") == {"id": ["1", "2", "3"], "name": ["甲", "乙", "丙"]}
    assert sheet.rows.tolist() == [2, 5, 7]


def test_quoted_newlines_and_commas_are_one_cell_of_one_row(tmp_path: Path):
    sheet = read(tmp_path / "a.csv", 'id,name\n1,"甲\n乙,""丙"""\n2,丁\n')
    assert sheet.texts("name") == ['甲\n乙,"丙"', "丁"]
    assert sheet.rows.tolist() == [2, 3]


def test_a_quote_never_closed_does_not_swallow_the_rest(tmp_path: Path):
    error = refused(tmp_path / "a.csv", 'id,name\n1,"甲\n2,乙\n3,丙\n')
    assert error.code == "ingest.broken" and "line 4" in str(error)


def test_blank_rows_above_the_heads_are_passed_over(tmp_path: Path):
    assert read(tmp_path / "a.csv", "\n,\nid,name\n1,a\n").rows.tolist() == [4]
    pd.DataFrame([["", ""], ["编号", "名称"], ["1", "甲"]]).to_excel(tmp_path / "a.xlsx", header=False, index=False)
    sheet = read_sheet(tmp_path / "a.xlsx")
    assert (sheet.texts("id"), sheet.rows.tolist()) == (["1"], [3])


def test_cells_beyond_the_heads_are_told_and_never_shift_columns(tmp_path: Path):
    assert read(tmp_path / "a.csv", "id,name\n1,甲,\n2,乙,,\n3\n").frame.to_numpy().tolist() == [
        ["1", "甲"], ["2", "乙"], ["3", ""],
    ]  # fmt: skip
    fault = refused(tmp_path / "b.csv", "id,name\n1,甲\n\n2,乙,丙\n3,丁,戊\n").faults[0]
    assert (fault.code, [row for row, _ in fault.rows]) == ("ingest.row_long", [4, 5])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_encodings_of_chinese_tables(tmp_path: Path, encoding: str):
    sheet = read(tmp_path / "a.csv", "编号,名称\n1,晋城凤台街\n".encode(encoding))
    assert sheet.frame.to_dict("list") == {"id": ["1"], "name": ["晋城凤台街"]}


def test_columns_are_known_by_heads_or_told(tmp_path: Path):
    text = "序号,店名,type,A,x\n7,甲,便利店,药店,112.85\n"
    known = read(tmp_path / "a.csv", text)
    assert (known.texts("id"), known.texts("name"), known.texts("types")) == (["7"], ["甲"], ["便利店"])
    told = read(tmp_path / "a.csv", text, columns={"types": "A", "name": "A"})
    assert told.texts("types") == told.texts("name") == ["药店"]
    assert known.heads == ("序号", "店名", "type", "A", "x")
    error = refused(tmp_path / "a.csv", text, columns={"types": "类", "lon": "y"})
    assert error.code == "ingest.column_absent" and "类, y" in str(error) and "序号" in str(error)


def test_a_told_column_goes_before_one_that_has_our_name_already(tmp_path: Path):
    sheet = read(tmp_path / "a.csv", "types,真类别\n旧,新\n", columns={"types": "真类别"})
    assert sheet.texts("types") == ["新"]


def test_numbers_with_thousands_and_without_sense(tmp_path: Path):
    sheet = read(tmp_path / "a.csv", 'id,people\n1,"1,234.5"\n2,\n3,三\n4, 7 \n5,nan\n')
    assert sheet.numbers("people")[[0, 3]].tolist() == [1234.5, 7.0]
    assert pd.isna(sheet.numbers("people")[[1, 2, 4]]).all()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"", "ingest.empty"),
        ("a.csv", b"\n\n,,\n", "ingest.empty"),
        ("a.csv", "编号,名称\n\n".encode(), "ingest.empty"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xff", "ingest.broken"),
        ("a.csv", b"id,name\n1,a" + bytes(9000), "ingest.broken"),
        ("a.xlsx", b"", "ingest.empty"),
        ("a.xlsx", b"PK\x03\x04 and then nothing of a workbook", "ingest.broken"),
        ("a.xlsx", "编号,名称\n1,甲\n".encode(), "ingest.broken"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [', "ingest.broken"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": []}', "ingest.empty"),
        ("a.gpkg", b"SQLite format 3\x00 no more", "ingest.broken"),
        ("a.csv.gz", b"id,name\n1,a\n", "ingest.broken"),
        ("a.csv.gz", gzip.compress(b"id,name\n1,a\n" * 99)[:-9], "ingest.broken"),
        ("a.docx", b"PK", "ingest.format"),
    ],
)
def test_what_cannot_be_read_has_a_code(tmp_path: Path, name: str, content: bytes, code: str):
    assert refused(tmp_path / name, content).code == code


def test_no_file_and_a_folder(tmp_path: Path):
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(InputError, match=r"ingest\.missing"):
            read_sheet(path)


def test_a_table_without_shapes_in_a_geopackage_is_told(tmp_path: Path):
    import pyogrio

    pyogrio.write_dataframe(pd.DataFrame({"code": ["1405"]}), tmp_path / "a.gpkg", layer="t")
    with pytest.raises(InputError, match=r"ingest\.broken"):
        read_sheet(tmp_path / "a.gpkg")


def test_honest_gz_is_read(tmp_path: Path):
    sheet = read(tmp_path / "a.csv.gz", gzip.compress("编号,名称\n".encode() + "1,甲\n".encode() * 50_000))
    assert len(sheet.frame) == 50_000 and sheet.rows[-1] == 50_001


def harmless(path: Path) -> None:
    """Hold that a packed file is refused within seconds and within a few pieces of memory."""
    tracemalloc.start()
    begun = time.perf_counter()
    with pytest.raises(InputError) as raised:
        read_sheet(path)
    seconds, peak = time.perf_counter() - begun, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert raised.value.code == "ingest.bomb"
    assert seconds < 10 and peak < 16 * PIECE_BYTES


def test_a_gz_bomb_is_refused_fast_and_fills_no_memory(tmp_path: Path):
    path = tmp_path / "a.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as packed:
        for _ in range(1024):
            packed.write(bytes(1 << 20))
    assert path.stat().st_size < 8_000_000
    harmless(path)


def test_an_xlsx_bomb_is_refused_unopened(tmp_path: Path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed, packed.open("x.xml", "w") as part:
        for _ in range(256):
            part.write(bytes(1 << 20))
    harmless(path)
