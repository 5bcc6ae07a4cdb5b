"""Datums: the way back is exact, published pairs hold, and outside the rectangle nothing moves."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from yike.errors import InputError
from yike.ingest.datum import DATUMS, from_wgs84, to_wgs84, to_wgs84_shapes

SHIFTED = ("gcj02", "bd09")
CITIES = {"Beijing": (116.391, 39.907), "Shanghai": (121.474, 31.230), "Jincheng": (112.850, 35.490),
          "Guangzhou": (113.264, 23.129), "Chengdu": (104.066, 30.572)}  # fmt: skip
ABROAD = [(139.69, 35.69), (-9.14, 38.72), (24.94, 60.17), (151.2, -33.87), (0.0, 0.0), (180.0, 90.0)]


def metres(lon: np.ndarray, lat: np.ndarray, lon_2: np.ndarray, lat_2: np.ndarray) -> np.ndarray:
    """Return how far points lie from others (haversine; exact for millimetres where arccos is not)."""
    a, b, c, d = (np.radians(x) for x in (lon, lat, lon_2, lat_2))
    half = np.sin((d - b) / 2) ** 2 + np.cos(b) * np.cos(d) * np.sin((c - a) / 2) ** 2
    return np.asarray(2 * 6_371_008.8 * np.arcsin(np.sqrt(half)))


def china() -> tuple[np.ndarray, np.ndarray]:
    """A grid over the whole country, about 9 km a step, on odd decimals so that no sine is asked at its zero."""
    lon, lat = np.meshgrid(np.arange(73.503137, 135.1, 0.0931), np.arange(3.801731, 53.6, 0.0897))
    return lon.ravel(), lat.ravel()


@pytest.mark.parametrize("datum", SHIFTED)
def test_there_and_back_is_within_a_millimetre_everywhere(datum: str):
    lon, lat = china()
    assert len(lon) > 300_000
    there = from_wgs84(lon, lat, datum)
    assert metres(*to_wgs84(*there, datum), lon, lat).max() < 1e-3
    back = to_wgs84(lon, lat, datum)
    assert metres(*from_wgs84(*back, datum), lon, lat).max() < 1e-3


def test_published_pairs_hold():
    """The examples that the widely used public converters print (coordtransform, gcoord)."""
    wgs, gcj = (116.404, 39.915), (116.41024449916938, 39.91640428150164)
    assert np.allclose(from_wgs84(*wgs, "gcj02"), gcj, rtol=0, atol=1e-9)
    assert np.allclose(to_wgs84(*gcj, "gcj02"), wgs, rtol=0, atol=1e-9)
    bd = (116.41036949371029, 39.92133699351021)  # of GCJ-02 116.404, 39.915
    assert np.allclose(to_wgs84(*bd, "bd09"), to_wgs84(*wgs, "gcj02"), rtol=0, atol=1e-9)
    assert np.allclose(from_wgs84(116.403988, 39.914266, "bd09"), (116.41661560068297, 39.92196580126834), atol=1e-9)


@pytest.mark.parametrize("city", CITIES)
def test_shifts_have_the_known_size(city: str):
    lon, lat = CITIES[city]
    assert 300 < metres(lon, lat, *from_wgs84(lon, lat, "gcj02")) < 750
    assert 600 < metres(lon, lat, *from_wgs84(lon, lat, "bd09")) < 1800


def test_the_shift_varies_slowly_so_towns_keep_their_form():
    lon, lat = np.array([112.85, 112.86]), np.array([35.49, 35.49])
    east, north = from_wgs84(lon, lat, "gcj02")
    assert metres(east[0], north[0], east[1], north[1]) == pytest.approx(
        metres(lon[0], lat[0], lon[1], lat[1]), rel=2e-3
    )


def test_outside_the_rectangle_nothing_is_shifted():
    lon, lat = np.array(ABROAD).T
    assert [a.tolist() for a in from_wgs84(lon, lat, "gcj02")] == [lon.tolist(), lat.tolist()]
    assert [a.tolist() for a in to_wgs84(lon, lat, "gcj02")] == [lon.tolist(), lat.tolist()]
    bd = from_wgs84(lon, lat, "bd09")  # Baidu's own step is taken everywhere, and undone
    assert metres(*to_wgs84(*bd, "bd09"), lon, lat).max() < 1e-3


def test_cgcs2000_is_wgs84_and_results_are_copies():
    lon, lat = np.array([112.85]), np.array([35.49])
    for datum in ("wgs84", "cgcs2000"):
        for found in (to_wgs84(lon, lat, datum), from_wgs84(lon, lat, datum)):
            assert (found[0], found[1]) == (lon, lat)
            assert not np.shares_memory(found[0], lon) and not np.shares_memory(found[1], lat)


@pytest.mark.parametrize("turn", [to_wgs84, from_wgs84])
def test_an_unknown_datum_is_a_fault(turn):
    with pytest.raises(InputError) as raised:
        turn([112.85], [35.49], "GCJ02")
    assert raised.value.code == "ingest.datum_unknown"
    assert "gcj02" in str(raised.value) and "GCJ02" in str(raised.value)


@pytest.mark.parametrize("datum", DATUMS)
def test_what_is_no_number_stays_none_and_harms_no_neighbour(datum: str):
    lon, lat = [112.85, np.nan, np.inf, 112.85, 112.85], [35.49, 35.49, 35.49, -np.inf, np.nan]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for turn in (to_wgs84, from_wgs84):
            east, north = turn(lon, lat, datum)
            assert np.isfinite(east + north).tolist() == [True, False, False, False, False]
            alone = turn([112.85], [35.49], datum)
            assert (east[0], north[0]) == (alone[0][0], alone[1][0])


def test_no_points_and_single_points():
    assert to_wgs84([], [], "bd09")[0].shape == (0,)
    assert float(to_wgs84(112.85, 35.49, "gcj02")[0]) == to_wgs84([112.85], [35.49], "gcj02")[0][0]


def test_shapes_turn_corner_by_corner():
    square = shapely.box(112.80, 35.40, 112.90, 35.50)
    shifted = shapely.transform(square, lambda xy: np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], "bd09")))
    back = to_wgs84_shapes(np.array([shifted, None], dtype=object), "bd09")
    assert shapely.hausdorff_distance(back[0], square) < 1e-9 and back[1] is None
    assert shapely.hausdorff_distance(shifted, square) > 1e-3


@given(st.sampled_from(SHIFTED), st.floats(74, 135), st.floats(4, 53))
def test_any_point_comes_back(datum: str, lon: float, lat: float):
    assert metres(lon, lat, *to_wgs84(*from_wgs84(lon, lat, datum), datum)) < 1e-3
