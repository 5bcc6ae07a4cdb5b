"""Client programs read the open interface over HTTP: OWSLib, and GDAL's driver (QGIS's provider is by the same hands)."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from web.cast import outlet, tree

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def served(live_server):
    """The drawn city with one shop in every community, served on loopback."""
    areas = tree()
    for short, area in areas.items():
        if area.level == "community":
            outlet(area, "breakfast", key=f"at-{short}", name=f"{area.name}早点铺", verified_at="2026-11-20")
    return live_server.url + "/ogc/"


def test_owslib_reads_collections_pages_and_boxes(served):
    from owslib.ogcapi.features import Features

    client = Features(served)
    assert client.feature_collections() == [f"drawn.{kind}" for kind in ("outlets", "areas", "circles", "coverage")]
    assert any(each.endswith("conf/geojson") for each in client.conformance()["conformsTo"])
    assert "/collections/drawn.outlets/items" in client.api()["paths"]
    assert client.collection("drawn.outlets")["itemType"] == "feature"

    seen: list[str] = []
    for offset in (0, 3, 6):
        page = client.collection_items("drawn.outlets", limit=3, offset=offset)
        assert page["numberMatched"] == 8
        seen += [each["id"] for each in page["features"]]
    assert len(set(seen)) == 8

    inside = client.collection_items("drawn.outlets", bbox=[112.80, 35.50, 112.81, 35.52])
    assert {each["id"] for each in inside["features"]} == {"at-c1s1a", "at-c1s1b"}
    assert client.collection_items("drawn.outlets", types="repair")["numberMatched"] == 0
    assert client.collection_items("drawn.outlets", datetime_="2026-11-20/..")["numberMatched"] == 8
    assert client.collection_item("drawn.outlets", "at-c2s1b")["properties"]["name"] == "21b社区早点铺"


GDAL = """
import json, sys
import pyogrio
source = "OAPIF:" + sys.argv[1]
assert "r" in (pyogrio.list_drivers().get("OAPIF") or ""), "the wheel's GDAL no longer reads OGC API Features"
outlets = pyogrio.read_dataframe(source, layer="drawn.outlets", PAGE_SIZE=3)
boxed = pyogrio.read_dataframe(source, layer="drawn.areas", bbox=(112.802, 35.502, 112.803, 35.503))
print(json.dumps({
    "layers": [str(name) for name, _ in pyogrio.list_layers(source)],
    "names": dict(zip(outlets["key"], outlets["name"])),
    "shapes": sorted(set(outlets.geometry.geom_type)),
    "boxed": sorted(boxed["code"]),
}))
"""


def test_gdal_reads_layers_follows_pages_and_pushes_the_box_down(served):
    # In a process of its own: GDAL keeps Python's lock while it waits for the server that lives in this one.
    done = subprocess.run([sys.executable, "-c", GDAL, served], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)
    assert read["layers"] == [f"drawn.{kind}" for kind in ("outlets", "areas", "circles", "coverage")]
    assert len(read["names"]) == 8 and read["names"]["at-c1s2b"] == "12b社区早点铺"
    assert read["shapes"] == ["Point"]
    assert "990101000001" in read["boxed"] and "990102000001" not in read["boxed"]
