"""The base map: what the city's files hold is in the tiles, in the right ones, and nowhere else."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from mapbox_vector_tile import decode

from yike.ingest.areas import read_areas
from yike.study.folder import Study
from yike.study.ground import read_map
from yike.study.settings import InputFile, Settings
from yike.study.start import start_study
from yike.web.map.base_source import read_source, street_places
from yike.web.map.basemap import HIGHEST, LOWEST, Base, build_base
from yike.web.map.cutting import MARGIN, cut, to_world
from yike.web.map.mvt import EXTENT, LINE, POINT, POLYGON, encode

LAYERS = {"land", "green", "water", "waterways", "buildings", "walls", "rail", "streets", "boundaries", "labels"}


@pytest.fixture(scope="module")
def town(tmp_path_factory) -> Study:
    """The small demonstration city, not run."""
    from yike.demo import study_of, write

    folder = tmp_path_factory.mktemp("town")
    write(folder / "files", "small", 1)
    study_of(folder / "files", folder / "study")
    return Study.open(folder / "study")


@pytest.fixture(scope="module")
def base(town, tmp_path_factory) -> Base:
    path = tmp_path_factory.mktemp("base") / "base.mbtiles"
    build_base(town, path)
    return Base(path)


def tiles(base: Base, zoom: int) -> dict[tuple[int, int], dict[str, Any]]:
    rows = base._base.execute("SELECT tile_column, tile_row FROM tiles WHERE zoom_level = ?", (zoom,)).fetchall()
    at = [(x, (1 << zoom) - 1 - row) for x, row in rows]
    down = {"y_coord_down": True}
    return {(x, y): decode(gzip.decompress(base.tile(zoom, x, y)), default_options=down) for x, y in at}


def shapes(layer: dict[str, Any]) -> list[shapely.Geometry]:
    return [shapely.geometry.shape(each["geometry"]) for each in layer["features"]]


def test_every_building_is_in_the_tile_it_stands_in(town, base) -> None:
    buildings = read_map(town, frozenset({"buildings"})).value.buildings.frame
    inside = to_world(buildings[["lon", "lat"]].to_numpy(float)) * 2**HIGHEST
    found = {
        at: shapely.STRtree(shapes(tile["buildings"]))
        for at, tile in tiles(base, HIGHEST).items()
        if "buildings" in tile
    }
    assert len(buildings) > 100
    for x, y in inside.tolist():
        at = int(x), int(y)
        spot = shapely.Point((x - at[0]) * EXTENT, (y - at[1]) * EXTENT)
        assert len(found[at].query(spot, predicate="dwithin", distance=1.0)), (at, spot)


def test_nothing_reaches_beyond_its_tile_and_its_margin(base) -> None:
    for zoom in range(LOWEST, HIGHEST + 1):
        for at, tile in tiles(base, zoom).items():
            for name, layer in tile.items():
                low, high = (-MARGIN, EXTENT + MARGIN) if name != "labels" else (0, EXTENT - 1)
                assert name in LAYERS
                assert layer["features"], (zoom, at, name)
                xy = np.concatenate([shapely.get_coordinates(form) for form in shapes(layer)])
                assert xy.min() >= low and xy.max() <= high, (zoom, at, name)


def test_the_town_is_told_by_its_layers(base) -> None:
    found: dict[str, set[str]] = {}
    for tile in tiles(base, HIGHEST).values():
        for name, layer in tile.items():
            found.setdefault(name, set()).update(
                each["properties"].get("class") or each["properties"].get("level", "") for each in layer["features"]
            )
    assert {"street", "path"} & found["streets"] and {"street", "community"} <= found["labels"]
    assert {"land", "buildings", "walls", "boundaries"} <= set(found)
    low = tiles(base, LOWEST)
    assert not any("buildings" in tile or "walls" in tile for tile in low.values())


def test_names_hold_streets_and_places(base) -> None:
    names = base.names()
    assert (names["kind"] == "street").any() and (names["kind"] == "compound").any()
    west, south, east, north = base.bounds
    assert names["lon"].between(west, east).all() and names["lat"].between(south, north).all()


def test_the_same_files_give_the_same_bytes(town, tmp_path) -> None:
    first, second = tmp_path / "a.mbtiles", tmp_path / "b.mbtiles"
    assert build_base(town, first) == build_base(town, second)
    assert first.read_bytes() == second.read_bytes()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.mbtiles", "b.mbtiles"]


def test_a_run_study_gives_the_same_map(town, base, tmp_path) -> None:
    """What the study has read already is taken from there, and is the same."""
    import shutil

    from yike.study import run

    again = tmp_path / "run"
    shutil.copytree(town.folder, again)
    study = Study.open(again)
    run(study, "areas")
    assert study.path("ground/buildings").is_file()
    assert build_base(study, tmp_path / "c.mbtiles") == base.told["digest"]


def test_a_real_city(helsinki, tmp_path) -> None:
    start_study(tmp_path / "s", Settings(name="helsinki", maps=(InputFile(str(helsinki)),)))
    build_base(tmp_path / "s", tmp_path / "h.mbtiles")
    found = Base(tmp_path / "h.mbtiles")
    tile = tiles(found, 14)[9327, 4742]
    assert len(tile["buildings"]["features"]) > 300 and {"rail", "green", "streets"} <= set(tile)
    assert "OpenStreetMap" in found.told["attribution"]
    assert max(len(found.tile(14, *at)) for at in tiles(found, 14)) < 200_000


def test_english_names_stand_beside(town) -> None:
    areas = read_areas([town.folder / town.settings.areas[0].path], [None], ["wgs84"]).value.at("county")
    columns = read_source(town, {areas["code"].iloc[0]: "Chengqu"}).layers[-1].columns
    here = columns["name"] == areas["name"].iloc[0]
    assert columns["name_en"][here].tolist() == ["Chengqu"] and not any(columns["name_en"][~here])


def test_two_far_streets_of_one_name_are_two() -> None:
    name = np.array(["人民路", "人民路", "人民路", ""], object)
    found = street_places(name, np.array([112.80, 112.81, 113.4, 1.0]), np.array([35.5, 35.5, 35.5, 1.0]))
    assert found["name"].tolist() == ["人民路", "人民路"] and sorted(found["lon"].round(1)) == [112.8, 113.4]


# --- the encoder against another one's decoder ---


def decoded(data: bytes) -> list[dict[str, Any]]:
    return next(iter(decode(data, default_options={"y_coord_down": True}).values()))["features"]


def test_values_of_every_kind_and_absent_ones() -> None:
    forms = shapely.points([[0.5, 0.5]] * 3)
    columns = {
        "text": np.array(["电", "", "电"], object),
        "truth": np.array([True, False, None], object),
        "whole": np.array([-7, 0, 2**40], object),
        "real": np.array([1.5, None, -0.25], object),
    }
    (data,) = encode("a", cut(forms, POINT, 0), columns).values()
    assert [each["properties"] for each in decoded(data)] == [
        {"text": "电", "truth": True, "whole": -7, "real": 1.5},
        {"truth": False, "whole": 0},
        {"text": "电", "whole": 2**40, "real": -0.25},
    ]


def test_random_forms_come_back_as_they_were() -> None:
    rng = np.random.default_rng(7)
    corners = rng.uniform(0.02, 0.98, (60, 3, 2))
    areas = shapely.convex_hull(shapely.multipoints(corners.reshape(-1, 2), indices=np.repeat(np.arange(60), 3)))
    holes = shapely.difference(
        shapely.buffer(shapely.points(corners[:, 0]), 0.02), shapely.buffer(shapely.points(corners[:, 0]), 0.01)
    )
    for kind, forms in ((POLYGON, areas), (POLYGON, holes), (LINE, shapely.linestrings(corners))):
        pieces = cut(forms, kind, 3)
        total: dict[int, float] = {}
        for tile, data in encode("a", pieces, {"n": np.arange(len(forms)).astype(object)}).items():
            x, y = tile & 7, tile >> 3
            box = shapely.box(0, 0, EXTENT, EXTENT)
            for each in decoded(data):
                form = shapely.geometry.shape(each["geometry"])
                assert kind == LINE or shapely.is_valid(form)
                measure = shapely.area if kind == POLYGON else shapely.length
                n = each["properties"]["n"]
                total[n] = total.get(n, 0) + measure(shapely.intersection(form, box))
                assert shapely.intersects(shapely.box(x / 8 - 0.01, y / 8 - 0.01, x / 8 + 0.14, y / 8 + 0.14), forms[n])
        for n, form in enumerate(forms):
            wanted = form.area * (8 * EXTENT) ** 2 if kind == POLYGON else form.length * 8 * EXTENT
            room = form.length * 8 * EXTENT if kind == POLYGON else 20
            assert total.get(n, 0) == pytest.approx(wanted, abs=room)


def test_what_has_no_area_left_is_dropped() -> None:
    tiny = shapely.box(0.5, 0.5, 0.5 + 1e-6, 0.5 + 1e-6)
    assert encode("a", cut(np.array([tiny], object), POLYGON, 1), {}) == {}
    dot = shapely.LineString([(0.5, 0.5), (0.5 + 1e-6, 0.5)])
    assert encode("a", cut(np.array([dot], object), LINE, 1), {}) == {}


# --- over HTTP ---


@pytest.mark.django_db
def test_the_base_over_http(client, town, base, monkeypatch) -> None:
    from django.conf import settings

    from web.cast import tree

    tree("based", "98")
    path = Path(settings.HOME) / "cities" / "based" / "base.mbtiles"
    path.parent.mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr("yike.web.map.tiles.BASE_LOOK_S", -1.0)
    build_base(town, path)
    (x, y), _ = next(iter(tiles(base, 14).items()))
    address = f"/tiles/based/base/14/{x}/{y}.mvt"
    answer = client.get(address, HTTP_ACCEPT_ENCODING="gzip, br")
    assert answer["Content-Encoding"] == "gzip" and answer.content == base.tile(14, x, y)
    assert decode(client.get(address).content)  # for those who cannot unpack
    assert client.get(address, HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304
    assert client.get(f"/tiles/based/base/14/{x + 900}/{y}.mvt").status_code == 204
    told = client.get("/tiles/based/meta.json").json()["base"]
    assert told["digest"] == base.told["digest"] and "演示数据" in told["attribution"] and told["maxzoom"] == 14
    versioned = client.get(told["tiles"].format(z=14, x=x, y=y))
    assert "immutable" in versioned["Cache-Control"] and "immutable" not in answer["Cache-Control"]
    os.remove(path)
    assert client.get(address).status_code == 404
