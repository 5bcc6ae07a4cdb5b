"""From one point to every outlet: the same milliseconds as a search over the whole network."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from random_towns import random_town
from sketch import MINUTE, Sketch
from yike.access.buckets import Buckets
from yike.access.trips import reach
from yike.access.walk import prepare
from yike.errors import NetworkError
from yike.network.attach import Standing, attach
from yike.network.graph import FAR_MS, Attachment


def row(at: Attachment, k: int) -> Attachment:
    part = slice(k, k + 1)
    return Attachment(at.link[part], at.at[part], at.access_ms[part], at.why[part])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_buckets_tell_what_a_whole_search_tells(seed):
    town = random_town(seed)
    routes = prepare(town.network, town.walking, town.limit_s)
    shops = Buckets.of(routes, town.outlets)
    for k in np.flatnonzero(town.homes.link >= 0):
        found = shops.ms_from(row(town.homes, k))
        seconds = np.where(found < FAR_MS, found / 1000, np.inf).astype(np.float32)
        assert seconds.tolist() == reach(routes, row(town.homes, k)).seconds_to(town.outlets).tolist()


def test_a_point_off_the_network_is_refused():
    town = random_town(1)
    lost = Attachment(np.array([-1], np.int32), np.zeros(1), np.zeros(1, np.int32), np.array(["far"], object))
    with pytest.raises(NetworkError, match=r"access\.unattached"):
        Buckets.of(prepare(town.network, town.walking, town.limit_s), town.outlets).ms_from(lost)


def test_standing_made_once_places_points_as_attaching_does_for_each_walker():
    town = Sketch(MINUTE, unit=(1, 1), A=(0, 0), B=(4, 0), C=(4, 4), D=(0, 4))
    town.way("A B", highway="residential").way("B C", highway="steps").way("C D", highway="footway")
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(0, 4, 60) * town.lonlat["unit"][0], rng.uniform(0, 4, 60) * town.lonlat["unit"][1]
    adult, chair = town.walking("adult"), town.walking("wheelchair")
    ready = Standing.of(town.network, adult, limit_m=150.0)
    for mine, walker in ((ready, adult), (ready.sharing(town.network, chair), chair)):
        whole, once = attach(town.network, walker, lon, lat), mine.place(lon, lat)
        parts = [mine.place(lon[k : k + 1], lat[k : k + 1]) for k in range(60)]
        for name in ("link", "at", "access_ms", "why"):
            assert getattr(once, name).tolist() == getattr(whole, name).tolist()
            assert [getattr(part, name)[0] for part in parts] == getattr(whole, name).tolist()
