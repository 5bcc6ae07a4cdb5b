"""Map files: our decoder agrees with pyosmium; tiny maps mean what they say; broken ones are refused whole."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import osmium
import pytest

from yike.errors import InputError
from yike.ingest.merge import read_maps
from yike.ingest.osm import read_streets
from yike.ingest.pbf import read_pbf

TINY = """<?xml version="1.0"?><osm version="0.6">
<node id="1" lat="35.5000" lon="112.8500"/><node id="2" lat="35.5010" lon="112.8500"/>
<node id="3" lat="35.5010" lon="112.8510"><tag k="barrier" v="gate"/><tag k="access" v="private"/></node>
<node id="4" lat="35.5000" lon="112.8510"/>
<node id="5" lat="35.5002" lon="112.8502"><tag k="shop" v="convenience"/><tag k="name" v="A"/><tag k="name:zh" v="甲"/>
  <tag k="opening_hours" v="Mo-Su 07:00-22:00"/></node>
<node id="6" lat="35.5004" lon="112.8504"/><node id="7" lat="35.5006" lon="112.8504"/>
<node id="8" lat="35.5006" lon="112.8506"/><node id="9" lat="35.5004" lon="112.8506"><tag k="entrance" v="yes"/></node>
<way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/><tag k="name" v="凤台街"/></way>
<way id="11"><nd ref="3"/><nd ref="4"/><nd ref="99"/><tag k="highway" v="footway"/></way>
<way id="12"><nd ref="6"/><nd ref="7"/><nd ref="8"/><nd ref="9"/><nd ref="6"/>
  <tag k="building" v="apartments"/><tag k="building:levels" v="6"/></way>
<way id="13"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/><tag k="barrier" v="wall"/></way>
<relation id="20"><member type="way" ref="12" role="outer"/><tag k="type" v="multipolygon"/>
  <tag k="amenity" v="pharmacy"/></relation>
</osm>"""


def oracle(path: Path) -> tuple[dict[int, tuple[float, float]], dict[int, tuple[int, ...]]]:
    """All nodes and ways of a file as pyosmium reads them."""
    nodes, ways = {}, {}
    for thing in osmium.FileProcessor(str(path)):
        if thing.is_node():
            nodes[thing.id] = (thing.location.lon, thing.location.lat)
        elif thing.is_way():
            ways[thing.id] = tuple(ref.ref for ref in thing.nodes)
    return nodes, ways


def agrees(path: Path) -> None:
    raw, (nodes, ways) = read_pbf(path), oracle(path)
    assert raw.node_id.tolist() == list(nodes)
    there = np.array(list(nodes.values()))
    assert np.abs(raw.node_lon - there[:, 0]).max() < 1e-9 and np.abs(raw.node_lat - there[:, 1]).max() < 1e-9
    assert raw.ways.id.tolist() == list(ways)
    assert raw.way_ref.tolist() == [ref for refs in ways.values() for ref in refs]


def test_helsinki_is_read_as_pyosmium_reads_it(helsinki: Path):
    agrees(helsinki)


@pytest.mark.parametrize("name", ["oslo-east-filtered", "porto", "andorra-latest-2025"])
def test_larger_maps_are_read_as_pyosmium_reads_them(shared_data: Path, name: str):
    agrees(shared_data / "osm-walk" / f"{name}.osm.pbf")


@pytest.fixture(params=["map.osm", "map.osm.gz"])
def tiny(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / request.param
    path.write_bytes(gzip.compress(TINY.encode()) if path.suffix == ".gz" else TINY.encode())
    return path


def test_a_tiny_map_means_what_it_says(tiny: Path):
    found = read_streets(tiny)
    streets = found.value
    assert streets.ways.way_id.tolist() == [10, 11]
    assert list(streets.ways.tags["name"]) == ["凤台街", ""]
    homes = streets.buildings.frame
    assert homes["levels"].tolist() == [6] and homes["residential"].tolist() == [True]
    assert homes["footprint_m2"].iloc[0] == pytest.approx(22.19 * 18.14, rel=0.01)
    places = streets.places.set_index("id")
    assert sorted(places["name"]) == ["", "甲"] and "Mo-Su 07:00-22:00" in places["hours"].tolist()
    assert {"shop", "amenity"} <= {key for tags in places["tags"] for key in tags}
    assert sorted(streets.doors.frame["kind"]) == ["entrance", "gate"]
    assert streets.walls.frame["closed"].tolist() == [True]
    assert [note.code for note in found.notes] == ["osm.refs_missing"]


def test_two_extracts_that_overlap_are_one_map(tiny: Path, tmp_path: Path):
    other = tmp_path / "other.osm"
    other.write_text(TINY.replace('id="10"', 'id="30"'), encoding="utf-8")
    assert sorted(read_maps([tiny, other]).value.ways.way_id.tolist()) == [10, 11, 30]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.osm.pbf", b"", "osm.empty"),
        ("a.osm.pbf", b"<html><body>404</body></html>", "osm.not_osm"),
        ("a.osm.pbf", b"PK\x03\x04 not a map at all" * 50, "osm.not_osm"),
        ("a.osm.gz", gzip.compress(TINY.encode())[:300], "osm.xml_broken"),
        ("a.osm.gz", gzip.compress(bytes(1 << 27)), "osm."),
        ("a.osm", TINY.replace("</osm>", "").encode()[:900], "osm.xml_broken"),
    ],
)
def test_what_is_no_map_is_refused_with_a_code(tmp_path: Path, name: str, content: bytes, code: str):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as told:
        read_streets(path)
    assert told.value.code.startswith(code)
    assert all(fault.text("zh") and fault.text("en") for fault in told.value.faults)


def test_a_file_cut_off_anywhere_is_refused_or_whole(helsinki: Path, tmp_path: Path):
    whole = helsinki.read_bytes()
    for part in (0.1, 0.5, 0.9, 0.999):
        path = tmp_path / "cut.osm.pbf"
        path.write_bytes(whole[: int(len(whole) * part)])
        with pytest.raises(InputError) as told:
            read_streets(path)
        assert told.value.code.startswith("osm.")
