"""Single trips: routes with their bends and names, searches that equal SciPy, isochrones true to the homes."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from random_towns import Town, points, random_town, scipy_times
from scenes import draw
from sketch import EAST, MINUTE, NORTH, Sketch
from yike.access.isochrone import isochrones
from yike.access.trips import reach, route
from yike.access.walk import Supply, prepare, walk_times
from yike.errors import NetworkError
from yike.network.attach import at_nodes
from yike.network.build import from_links
from yike.network.graph import FAR_MS, Attachment


def rows(at: Attachment, pick) -> Attachment:
    return Attachment(at.link[pick], at.at[pick], at.access_ms[pick], at.why[pick])


def walk(town: Sketch, start: Attachment, goal: Attachment, limit_s: float = 1800.0):
    return route(prepare(town.network, town.walking(), limit_s), town.network, start, goal)


def bends(town: Sketch, found) -> list[tuple[float, float]]:
    """Return the different places of a route one after the other, in steps of the sketch."""
    steps = town.lonlat["unit"]
    xy = [(round(x / steps[0], 6), round(y / steps[1], 6)) for x, y in zip(found.lon, found.lat, strict=True)]
    return [place for k, place in enumerate(xy) if k == 0 or place != xy[k - 1]]


def named_town() -> Sketch:
    """Return North Street over A B C, Hill Lane down C D, an unnamed path D E; A F is one-way towards A."""
    town = Sketch(MINUTE, unit=(1, 1), A=(0, 2), B=(1, 2), C=(2, 2), D=(2, 0), E=(4, 0), F=(0, 0))
    town.way("A B C", highway="residential", name="North Street").way("C D", highway="residential", name="Hill Lane")
    town.way("D E", highway="path").way("F A", highway="footway", oneway__foot="yes", name="Up")
    return town.way("F D", highway="footway", name="Low Road")


def test_a_route_tells_its_bends_its_streets_in_order_and_its_seconds():
    town = named_town()
    home, outlet = town.stand((0.5, 2.5)), town.stand((3, -0.25))
    found = walk(town, home, outlet)
    assert bends(town, found) == [(0.5, 2), (1, 2), (2, 2), (2, 0), (3, 0)]
    assert [name for name, _ in found.streets] == ["North Street", "Hill Lane", ""]
    assert [metres / MINUTE for _, metres in found.streets] == pytest.approx([1.5, 2, 1], abs=1e-6)
    assert found.length_m == pytest.approx(4.5 * MINUTE, rel=1e-6)
    assert found.seconds == pytest.approx(60 * (0.5 + 4.5 + 0.25), abs=0.003)
    assert found.seconds == pytest.approx(town.walk(home, outlet), abs=1e-3)
    back = walk(town, outlet, home)
    assert bends(town, back) == bends(town, found)[::-1]  # by Up it is longer: 3 to F, 2 up, half a step to the home
    assert back.streets == tuple(reversed(found.streets))


def test_streets_that_are_not_walked_are_not_told():
    """From corner to corner: a point on C stands on North Street or Hill Lane, and walks one of them only."""
    town = named_town()
    assert [name for name, _ in walk(town, town.at("C"), town.at("D")).streets] == ["Hill Lane"]
    assert [name for name, _ in walk(town, town.at("B"), town.at("C")).streets] == ["North Street"]
    nowhere = walk(town, town.at("C"), town.at("C"))
    assert (nowhere.seconds, nowhere.length_m, nowhere.streets) == (0.0, 0.0, ())


def test_along_one_link_and_against_a_one_way():
    town = named_town()
    up = walk(town, town.stand((2, 0.5)), town.stand((2, 1.5)))
    assert bends(town, up) == [(2, 0.5), (2, 1.5)]
    assert up.streets == (("Hill Lane", pytest.approx(MINUTE, rel=1e-6)),)
    assert [name for name, _ in walk(town, town.at("F"), town.at("A")).streets] == ["Up"]
    down = walk(town, town.at("A"), town.at("F"))
    assert [name for name, _ in down.streets] == ["North Street", "Hill Lane", "Low Road"]
    assert down.seconds == pytest.approx(60 * 6, abs=0.003)


def test_round_a_compound_and_out_of_one():
    town = Sketch(MINUTE, unit=(1, 1), W=(0, 0), i=(1, 0), j=(2, 0), E=(3, 0), N=(0, 2), O=(3, 2))
    town.way("W N O E", highway="residential", name="Ring").way(
        "W i j E", highway="service", access="private", name="In"
    )
    round_it = walk(town, town.at("W"), town.at("E"))
    assert bends(town, round_it) == [(0, 0), (0, 2), (3, 2), (3, 0)]
    assert [name for name, _ in round_it.streets] == ["Ring"]
    out = walk(town, town.stand((0.5, 0)), town.stand((3, 1)))
    assert bends(town, out) == [(0.5, 0), (1, 0), (2, 0), (3, 0), (3, 1)]
    assert [name for name, _ in out.streets] == ["In", "Ring"]


def test_no_way_beyond_the_limit_and_no_start_off_the_network():
    town = named_town()
    assert walk(town, town.at("A"), town.at("E"), limit_s=300) is None  # 6 minutes
    off = town.stand((0, 50))
    assert walk(town, town.at("A"), off) is None
    with pytest.raises(NetworkError, match=r"access\.unattached"):
        walk(town, off, town.at("A"))


@pytest.mark.parametrize("seed", range(12))
def test_reach_equals_scipy(seed):
    town = random_town(seed)
    routes = prepare(town.network, town.walking, town.limit_s)
    homes = rows(town.homes, np.flatnonzero(town.homes.link >= 0)[:8])
    got = np.stack([reach(routes, rows(homes, [h])).seconds_to(town.outlets) for h in range(len(homes))])
    for o in range(len(town.outlets)):
        alone = Town(town.network, town.walking, homes, rows(town.outlets, [o]), [["a"]], town.limit_s)
        np.testing.assert_allclose(got[:, o], scipy_times(alone)[:, 0], atol=2e-3)
    assert np.isfinite(got).any()


@pytest.mark.parametrize("seed", range(12))
def test_random_routes_take_the_seconds_of_walk_times_and_hang_together(seed):
    town = random_town(seed)
    net, routes = town.network, prepare(town.network, town.walking, town.limit_s)
    for h in np.flatnonzero(town.homes.link >= 0)[:6]:
        home = rows(town.homes, [h])
        for o in range(len(town.outlets)):
            outlet = rows(town.outlets, [o])
            found = route(routes, net, home, outlet)
            seconds = walk_times(routes, home, Supply.of(outlet, [["a"]], ["a"])).seconds[0, 0]
            assert (found.seconds if found else np.inf) == pytest.approx(seconds, abs=1e-3)
            if found:
                ends = [
                    net.lon[net.u[p.link[0]]] * (1 - p.at[0]) + net.lon[net.v[p.link[0]]] * p.at[0]
                    for p in (home, outlet)
                ]
                assert [found.lon[0], found.lon[-1]] == pytest.approx(ends)
                joined = {(net.lon[a], net.lon[b]) for a, b in zip(net.u, net.v, strict=True)}
                inner = list(zip(found.lon[1:-2], found.lon[2:-1], strict=True))
                assert all((a, b) in joined or (b, a) in joined or a == b for a, b in inner)
                assert sum(metres for _, metres in found.streets) == pytest.approx(found.length_m)


def grid_town(seed: int, n: int = 6):
    """Return a crooked grid of n × n crossings, some of it private, one-way or missing, and homes beside it."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(n) * 0.001, np.arange(n) * 0.001)
    lon, lat = x.ravel() + rng.normal(0, 1e-4, n * n), y.ravel() + rng.normal(0, 1e-4, n * n)
    pairs = [(k, k + 1) for k in range(n * n) if (k + 1) % n] + [(k, k + n) for k in range(n * n - n)]
    pairs = [pair for pair in pairs if rng.random() < 0.85]
    links = [(a, b, s := float(rng.uniform(60, 140)), s if rng.random() < 0.85 else np.inf) for a, b in pairs]
    private = np.flatnonzero(rng.random(len(links)) < 0.3).tolist()
    network, walking = from_links(n * n, links, private=private, lon=lon.tolist(), lat=lat.tolist())
    homes = points(rng, len(links), 60)
    link, at = np.maximum(homes.link, 0), homes.at
    place = [axis[network.u[link]] * (1 - at) + axis[network.v[link]] * at for axis in (network.lon, network.lat)]
    return network, walking, homes, place[0] + rng.normal(0, 2e-4, 60), place[1] + rng.normal(0, 2e-4, 60)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), minutes=st.lists(st.integers(1, 15), min_size=1, max_size=3))
def test_no_home_beyond_the_limit_lies_in_the_polygon(seed, minutes):
    network, walking, homes, lon, lat = grid_town(seed)
    found = reach(prepare(network, walking, 900), rows(homes, [int(homes.link.argmax())]))
    seconds = found.seconds_to(homes)
    limits = [60.0 * m for m in minutes]
    for limit, drawn in zip(limits, isochrones(found, network, limits, homes, lon, lat), strict=True):
        inside = shapely.intersects(drawn.area, shapely.points(lon, lat))
        assert drawn.area.is_valid
        assert (seconds[inside] <= limit).all()
        assert drawn.homes_within == (seconds <= limit).sum() >= 1
        assert drawn.limit_s == limit


NOBODY = Attachment(np.zeros(0, np.int32), np.zeros(0), np.zeros(0, np.int32), np.zeros(0, object))


@pytest.mark.parametrize("over", ["W A E", "W E"])  # cut at the start, or one long link
def test_the_polygon_covers_what_is_walked_and_stops_where_the_walk_stops(over):
    """A street of twelve minutes and a start 4 minutes from its west end: the polygon is 25 m wide on each side."""
    town = Sketch(MINUTE, W=(-4, 0), A=(0, 0), E=(8, 0)).way(over, highway="residential")
    found = reach(prepare(town.network, town.walking()), town.stand((0, 0)))
    nowhere = np.zeros(0)
    near, far = isochrones(found, town.network, [180, 300], NOBODY, nowhere, nowhere)
    minutes = np.array([-4.1, -3.6, -2.9, 0, 2.9, 3.6, 4.9, 5.6])
    places = shapely.points(minutes * MINUTE / EAST, 0)
    assert shapely.intersects(near.area, places).tolist() == [False, False, True, True, True, False, False, False]
    assert shapely.intersects(far.area, places).tolist() == [True] * 7 + [False]  # -4.1 is within the 25 m
    beside = [shapely.intersects(far.area, shapely.Point(0, metres / NORTH)) for metres in (24, 26)]
    assert beside == [True, False]


def test_the_drawing_shows_no_street_behind_a_compound():
    """A trip may end in the compound A--B, so the street B--C behind it is not reached through it."""
    town = draw("D>>>A:::B---C", market="A")
    found = reach(prepare(town.network, town.walking, 600), at_nodes(town.network, [town.node_of["D"]]))
    lon, lat = town.network.lon, town.network.lat
    homes = at_nodes(town.network, [town.node_of["D"]])
    node = town.node_of
    [drawn] = isochrones(found, town.network, [600], homes, lon[[node["D"]]], lat[[node["D"]]], half_width_m=5)
    middle = {x + y: (lon[node[x]] + lon[node[y]]) / 2 for x, y in ("DA", "AB", "BC")}
    seen = {name: bool(shapely.intersects(drawn.area, shapely.Point(x, 0))) for name, x in middle.items()}
    assert seen == {"DA": True, "AB": True, "BC": False}


def test_the_drawing_shows_nothing_against_a_one_way():
    town = draw("D>>>A---B")
    lon, node = town.network.lon, town.node_of
    found = reach(prepare(town.network, town.walking, 600), at_nodes(town.network, [node["B"]]))
    assert found.state_ms[node["A"]] == 60_000
    assert found.state_ms[node["D"]] == FAR_MS
    [drawn] = isochrones(found, town.network, [600], NOBODY, np.zeros(0), np.zeros(0), half_width_m=5)
    seen = [
        shapely.intersects(drawn.area, shapely.Point((lon[node[x]] + lon[node[y]]) / 2, 0)) for x, y in ("DA", "AB")
    ]
    assert seen == [False, True]
