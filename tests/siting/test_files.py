"""Reading siting instances, their faults, and `python bench/siting.py`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from yike.errors import InputError
from yike.siting import Effort, Pairs, Rules, mclp, p_median
from yike.siting.reading import kind_of, read_city, read_listed, read_median

ROOT = Path(__file__).resolve().parents[2]
CITY = """NAME : Small
TYPE : MCLP
EDGE_WEIGHT_TYPE : COORD
DIMENSION : 4
NODE_COORD_SECTION
40.0000 -074.0000
40.0010 -074.0000
40.0030 -074.0000
40.0090 -074.0000
DEMAND_SECTION
5
1
2
4
EOF
"""


def run(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "bench" / "siting.py"), *args],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def codes(read: object, path: Path, text: str) -> set[str]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read(path)  # type: ignore[operator]
    return {fault.code for fault in caught.value.faults}


def test_the_last_of_two_lengths_counts_and_lengths_are_shortest_ways(tmp_path: Path) -> None:
    path = tmp_path / "two.txt"
    path.write_text(" 4 5 1\n 1 2 9\n 2 3 4\n 1 3 10\n 3 4 0\n 2 1 3\n", encoding="utf-8")
    given = read_median(path)
    assert given.p == 1 and kind_of(path) == "median"
    assert given.length.tolist() == [[0, 3, 7, 7], [3, 0, 4, 4], [7, 4, 0, 0], [7, 4, 0, 0]]


def test_every_fault_of_a_median_file_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bad.txt"
    assert codes(read_median, path, "3 4 5\n1 2 x\n1 9 3\n2 3 -1\n") == {
        "siting.file_line",
        "siting.file_count",
        "siting.file_p",
    }
    assert codes(read_median, path, "a b c\n") == {"siting.file_form"}
    assert codes(kind_of, path, "hello\n") == {"siting.file_form"}
    with pytest.raises(InputError, match="file_missing"):
        kind_of(tmp_path / "nothing.txt")


def test_every_fault_of_a_city_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "city.txt"
    bad = CITY.replace("40.0010 -074.0000", "40.0010 west").replace("DIMENSION : 4", "DIMENSION : 5")
    assert codes(read_city, path, bad) == {"siting.file_line", "siting.file_count"}
    assert codes(read_city, path, CITY.split("DEMAND")[0]) == {"siting.file_section"}
    assert codes(read_city, path, CITY.replace("\n2\n", "\n-2\n")) == {"siting.weight_bad"}


def test_degrees_are_great_circles_and_planes_are_planes(tmp_path: Path) -> None:
    path = tmp_path / "Small.txt"
    path.write_text(CITY, encoding="utf-8")
    city = read_city(path)
    step = np.radians(0.001) * 6_378_137.0  # 111.3 m
    assert not city.planar and len(city.within(step * 0.999).site) == 4
    assert city.within(step * 1.001).cost.max() == pytest.approx(step)
    path.write_text(CITY.replace("40.0000 -074", "400000 -074").replace("COORD\n", "COORD\n", 1), encoding="utf-8")
    assert read_city(path).planar
    path.write_text(CITY.replace("WEIGHT_TYPE : COORD", "WEIGHT_TYPE : EUC_2D"), encoding="utf-8")
    flat = read_city(path)
    assert flat.planar and flat.within(0.0011).cost.max() == pytest.approx(0.001)


def test_the_script_solves_what_it_can_and_tells_the_rest(tmp_path: Path) -> None:
    (tmp_path / "Small.txt").write_text(CITY, encoding="utf-8")
    (tmp_path / "Small_1_250.txt").write_text("f: 8\nFacilidade: 1 \n", encoding="utf-8")
    (tmp_path / "bad_2_9.txt").write_text("f: 8\nFacilidade: 1 \n", encoding="utf-8")
    (tmp_path / "graph.txt").write_text("3 2 1\n1 2 5\n2 3 7\n", encoding="utf-8")
    found = run(*(str(tmp_path / name) for name in ("Small.txt", "Small_1_250.txt", "bad_2_9.txt", "graph.txt")))
    assert found.returncode == 1
    lines = [json.loads(line) for line in found.stdout.splitlines()]
    assert [(x["p"], x["radius"], x["value"], x["bound"], x["gap"]) for x in lines] == [
        (1, 250, 8, 8, 0.0), (1, 250, 8, 8, 0.0), (1, None, 12, 12, 0.0),
    ]  # fmt: skip
    assert all(set(x) == {"file", "p", "radius", "value", "bound", "gap", "seconds"} for x in lines)
    assert len(found.stderr.splitlines()) == 1 and "siting.file_missing" in found.stderr
    found = run(str(tmp_path / "Small.txt"), "--p", "2", "--radius", "120")
    assert found.returncode == 0 and json.loads(found.stdout)["value"] == 10


@pytest.fixture(scope="module")
def instances(shared_data: Path) -> Path:
    folder = shared_data / "siting"
    if not folder.is_dir():
        pytest.skip(f"siting instances: {folder} is not there (set YIKE_DATA)")
    return folder


@pytest.mark.parametrize("number", [2, 4, 5, 7, 8, 10, 13, 15, 18, 19])
def test_or_library_values_are_reached_and_proven(instances: Path, number: int) -> None:
    values = dict(line.split() for line in (instances / "pmedopt.txt").read_text().splitlines()[1:])
    given = read_median(instances / f"pmed{number}.txt")
    found = p_median(Pairs.of_matrix(given.length), None, Rules(p=given.p), Effort(seconds=30))
    assert found.objective == found.bound == int(values[f"pmed{number}"])


@pytest.mark.parametrize("city", ["NewYork", "SanFrancisco"])
def test_listed_covers_give_the_value_listed(instances: Path, city: str) -> None:
    town = read_city(instances / f"{city}.txt")
    for path in sorted(instances.glob(f"{city}_*.txt")):
        listed = read_listed(path)
        cover = town.within(listed.radius)
        inside = np.bincount(cover.demand, weights=np.isin(cover.site, listed.nodes), minlength=len(cover)) > 0
        assert town.weight[inside].sum() == listed.value
        assert len(listed.nodes) == listed.p


def test_a_city_is_covered_within_a_gap(instances: Path) -> None:
    listed = read_listed(instances / "NewYork_50_400.txt")
    town = read_city(listed.city)
    found = mclp(town.within(400), town.weight, Rules(p=50), Effort(seconds=20, gap=0.006))
    assert found.objective >= listed.value * 0.995 and found.bound >= listed.value
    assert found.gap <= 0.006
