"""city.toml: read back as written, and every fault of it told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from yike.errors import StudyError
from yike.study import InputFile
from yike.study.city import CITY_FILE, CityFile, read_city, settings_of, write_city

CITY = CityFile("some-town", "某镇", "Some town", code="140500000000", made_up=True, reference_date="2026-11-01", seed=4,
                walkers=("adult", "elder"), maps=(InputFile("map.osm.pbf"),),
                outlets=(InputFile("o.csv", datum="gcj02", columns={"name": "店"}, unknown="list"),),
                spaces=(InputFile("s.csv"),))  # fmt: skip


def written(folder: Path, text: str) -> Path:
    (folder / CITY_FILE).write_text(text, encoding="utf-8")
    return folder


def test_a_city_is_read_as_it_was_written(tmp_path: Path):
    for name in ("map.osm.pbf", "o.csv", "s.csv"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    write_city(tmp_path, CITY)
    assert read_city(tmp_path) == CITY


def test_its_study_takes_its_files_and_its_mark(tmp_path: Path):
    found = settings_of(tmp_path, CITY, limit_s=600.0)
    assert found.made_up and found.walkers == ("adult", "elder") and found.limit_s == 600.0
    assert found.outlets[0].path == str(tmp_path / "o.csv") and found.outlets[0].columns == {"name": "店"}


def test_all_faults_are_told_at_once(tmp_path: Path):
    text = """
    colour = 1
    [city]
    slug = "Not Good"
    zh = 7
    reference_date = "soon"
    seed = -1
    flavour = "sweet"
    [[maps]]
    path = "absent.pbf"
    [[outlets]]
    path = "o.csv"
    datum = "mars"
    [[residents]]
    datum = "wgs84"
    """
    with pytest.raises(StudyError) as caught:
        read_city(written(tmp_path, text))
    told = caught.value.args[0]
    assert [fault.code for fault in caught.value.faults] == ["city.setting_bad", "city.file_missing"]
    for line in ("colour", "city.slug = 'Not Good'", "city.zh = 7", "city.en = ?", "city.reference_date", "city.seed",
                 "city.flavour", "outlets.datum = 'mars'", "residents.path = None", "maps: absent.pbf"):  # fmt: skip
        assert line in told, line


def test_no_city_and_a_broken_one(tmp_path: Path):
    with pytest.raises(StudyError, match=r"city\.missing"):
        read_city(tmp_path)
    with pytest.raises(StudyError, match=r"city\.broken"):
        read_city(written(tmp_path, "[city\nslug"))
