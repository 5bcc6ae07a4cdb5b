"""How sure the register is: numbers reckoned by hand, the weekly checks, the published share."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from web.cast import outlet, tree
from yike.web.outlets.choices import business_types, table
from yike.web.outlets.confidence import checks, confidence, confidence_of, half_life_days, verified_share
from yike.web.outlets.models import Outlet, Report

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("days", "life", "reports", "by_hand"),
    [
        (0, 100, [], 0.98),
        (100, 100, [], 0.49),
        (200, 100, [], 0.245),
        (-3, 100, [], 0.98),  # a date in the future is today
        (None, 100, [], 0.7),
        (0, 100, ["closed"], 0.98 / 0.02 / 20 / (1 + 0.98 / 0.02 / 20)),  # odds 49 : 1 become 2.45 : 1 = 0.71
        (100, 100, ["wrong"], (0.49 / 0.51 / 5) / (1 + 0.49 / 0.51 / 5)),  # 0.161
        (0, 100, ["closed", "closed"], (49 / 400) / (1 + 49 / 400)),  # 0.109
        (0, 100, ["unheard of"], 0.98),
    ],
)
def test_confidence_by_hand(days, life, reports, by_hand):
    assert confidence(days, life, reports) == pytest.approx(by_hand, abs=1e-12)


def test_every_row_of_decay_is_a_type_a_category_or_all_and_says_where_it_comes_from():
    known = {*business_types(), "basic", "quality", "*"}
    rows = table("decay")
    assert {row["of"] for row in rows} <= known and len({row["of"] for row in rows}) == len(rows)
    assert all(float(row["half_life_days"]) > 0 and row["grade"] and row["note"] for row in rows)


def test_half_lives():
    assert half_life_days(["pharmacy"]) == 1095
    assert half_life_days(["convenience_store"]) == 540  # no row of its own: basic
    assert half_life_days(["pharmacy", "breakfast"]) == 240  # the shortest
    assert half_life_days(["repair"], mobile=True) == 60


@pytest.mark.django_db
def test_the_few_checks_that_matter_most():
    areas = tree()
    place, long_ago = areas["c1s1a"], TODAY - timedelta(days=540)
    fresh = outlet(place, "convenience_store", users=1000, verified_at=TODAY)  # (1 - 0.98) * 1000 = 20
    stale = outlet(place, "convenience_store", users=100, verified_at=long_ago)  # (1 - 0.49) * 100 = 51
    told = outlet(place, "convenience_store", users=200, verified_at=TODAY)  # (1 - 0.710) * 200 = 58
    Report.objects.create(outlet=told, kind="closed")
    Report.objects.create(outlet=fresh, kind="closed", outcome="refuted")  # an answered report weighs nothing
    unused = outlet(place, "convenience_store", users=0, verified_at=long_ago)
    outlet(place, "convenience_store", users=10**6, state="closed")
    found = checks(Outlet.objects.filter(area=place), 4, TODAY)
    assert [check.outlet for check in found] == [told, stale, fresh, unused]
    assert [round(check.worth, 1) for check in found] == [58.0, 51.0, 20.0, 0.0] and found[0].reports == ("closed",)
    assert [check.outlet for check in checks(Outlet.objects.filter(area=place), 2, TODAY)] == [told, stale]
    assert confidence_of(stale, TODAY) == pytest.approx(0.49)


@pytest.mark.django_db
def test_the_published_share():
    areas = tree()
    for k, days in enumerate((0, 90, 91, None)):
        outlet(
            areas["c1s1a" if k < 2 else "c2s1a"],
            "repair",
            verified_at=None if days is None else TODAY - timedelta(days=days),
        )
    outlet(areas["c1s1a"], "repair", state="paused", verified_at=TODAY)
    city = areas["city"].city
    assert (verified_share(city, today=TODAY).verified, verified_share(city, today=TODAY).open) == (2, 4)
    assert (
        verified_share(areas["c1"], today=TODAY).share == 1.0 and verified_share(areas["c2"], today=TODAY).share == 0.0
    )
    assert verified_share(areas["c1s2"], today=TODAY).share is None and verified_share(city, 91, TODAY).verified == 3
