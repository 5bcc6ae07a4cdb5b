"""Open now: holidays, make-up workdays, days shut, mobile stalls; one outlet and many at once say the same."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from web.cast import outlet, tree
from yike.web.outlets.calendar_days import calendar_known, day_of
from yike.web.outlets.hours_now import OpenTable, hours_at, open_at, open_table, spans_of, state_at
from yike.web.outlets.hours_text import osm_of

CN = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CN)


@pytest.mark.parametrize(
    ("hours", "moment", "is_open", "until"),
    [
        ("Mo-Fr 09:00-17:00", "2026-11-24T10:00", True, "2026-11-24T17:00"),  # a Tuesday
        ("Mo-Fr 09:00-17:00", "2026-11-28T10:00", False, "2026-11-30T09:00"),  # a Saturday
        ("Mo-Fr 09:00-17:00", "2026-10-10T10:00", True, "2026-10-10T17:00"),  # 调休: a Saturday on which people work
        ("Mo-Fr 09:00-17:00; Sa-Su off", "2026-09-20T10:00", True, "2026-09-20T17:00"),  # 调休: a Sunday
        ("Sa-Su 10:00-12:00", "2026-10-10T11:00", False, "2026-10-11T10:00"),  # weekend hours do not hold on it
        (
            "Mo-Fr 09:00-17:00; PH off",
            "2026-10-01T10:00",
            False,
            "2026-10-08T09:00",
        ),  # closed on the holiday, until after it
        (
            "Mo-Fr 09:00-17:00",
            "2026-10-01T10:00",
            True,
            "2026-10-01T17:00",
        ),  # says nothing of holidays: as on a Thursday
        ("Mo-Su 09:00-17:00; PH 10:00-12:00", "2026-02-17T09:30", False, "2026-02-17T10:00"),
        ("Mo-Su,PH 09:00-17:00", "2026-02-17T09:30", True, "2026-02-17T17:00"),
        (
            "Mo-Fr 09:00-17:00; PH off",
            "2026-02-14T20:00",
            False,
            "2026-02-24T09:00",
        ),  # over the nine days of Spring Festival
        ("Mo-Su 18:00-02:00", "2026-11-24T01:30", True, "2026-11-24T02:00"),  # since yesterday
        ("Mo-Su 18:00-02:00", "2026-11-24T23:30", True, "2026-11-25T02:00"),  # over midnight
        ("24/7", "2026-11-24T03:00", True, None),
        ("Apr-Oct 08:00-20:00; Nov-Mar 08:00-18:00", "2026-11-24T19:00", False, "2026-11-25T08:00"),
        ("Apr-Oct 08:00-20:00; Nov-Mar 08:00-18:00", "2026-07-01T19:00", True, "2026-07-01T20:00"),
        ("", "2026-11-24T10:00", None, None),
        ("not hours at all", "2026-11-24T10:00", None, None),
        ('Mo-Fr "by appointment"', "2026-11-24T10:00", None, "2026-11-28T00:00"),
    ],
)
def test_open_at_a_moment(hours, moment, is_open, until):
    state = hours_at(hours, at(moment))
    assert state.open is is_open
    assert state.until == (at(until) if until else None)


def test_working_days_are_shut_on_holidays_and_open_on_make_up_days():
    hours = osm_of("工作日 9:00-17:00")
    assert hours and hours_at(hours, at("2026-10-01T10:00")).open is False
    assert (
        hours_at(hours, at("2026-10-10T10:00")).open is True and hours_at(hours, at("2026-10-17T10:00")).open is False
    )


def test_the_calendar_of_2026_is_as_the_notice_says_and_2027_is_not_known():
    off = [day for n in range(365) if day_of(day := date(2026, 1, 1) + timedelta(n)).holiday]
    work = [
        day for n in range(365) if (day := date(2026, 1, 1) + timedelta(n)).weekday() >= 5 and day_of(day).weekday < 5
    ]
    assert len(off) == 3 + 9 + 3 + 5 + 3 + 3 + 7
    assert work == [
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    ]
    assert calendar_known(2026) and not calendar_known(2027) and not day_of(date(2027, 1, 1)).holiday


def test_spans_have_no_gap_and_no_overlap():
    for text in ("Mo-Fr 09:00-12:00,14:00-18:00; PH off", "Mo-Su 18:00-02:00", "24/7"):
        spans = spans_of(text, date(2026, 9, 28)) or []
        assert spans[0][0] == 0 and spans[-1][1] == 11 * 1440
        assert all(a[1] == b[0] and a[2] != b[2] for a, b in pairwise(spans))


@pytest.mark.django_db
def test_many_at_once_say_what_one_by_one_says():
    areas = tree()
    texts = [
        "Mo-Fr 09:00-17:00",
        "Mo-Fr 09:00-17:00; PH off",
        "Mo-Su 18:00-02:00",
        "24/7",
        "",
        "Sa-Su 10:00-12:00",
        "Mo-Su 06:30-09:30",
    ]
    made = {one.key: one for one in (outlet(areas["c1s1a"], "breakfast", hours=text) for text in texts)}
    shut = next(iter(made.values()))
    shut.closures.create(begins=date(2026, 10, 9), ends=date(2026, 10, 10))
    table = OpenTable.of_city(areas["city"].city)
    for moment in (
        "2026-10-01T10:00",
        "2026-10-10T10:00",
        "2026-11-24T01:30",
        "2026-11-24T06:30",
        "2026-11-28T11:55",
        "2026-11-29T23:55",
    ):
        states, ends = table.at(at(moment))
        for key, one in made.items():
            alone, row = state_at(one, at(moment)), table.row[key]
            assert {0: False, 1: True, 2: None}[int(states[row])] is alone.open, (moment, one.hours)
            if key == shut.key and moment == "2026-10-10T10:00":
                assert alone.open is False and ends[row] == -1
                continue
            midnight = at(moment).replace(hour=0, minute=0)
            assert (midnight + timedelta(minutes=int(ends[row])) if ends[row] >= 0 else None) == alone.until, (
                moment,
                one.hours,
            )


@pytest.mark.django_db
def test_state_days_shut_and_mobile_schedules():
    areas = tree()
    paused = outlet(areas["c1s1a"], "breakfast", hours="24/7", state="paused")
    assert open_at(paused, at("2026-11-24T10:00")) is False
    cart = outlet(areas["c1s1a"], "mobile_breakfast_cart", mobile=True, schedule="Mo,We,Fr 06:30-09:00")
    assert open_at(cart, at("2026-11-25T07:00")) is True and open_at(cart, at("2026-11-24T07:00")) is False
    away = outlet(areas["c1s1a"], "repair", hours="Mo-Su 09:00-17:00")
    away.closures.create(begins=date(2026, 11, 24), ends=date(2026, 11, 26))
    assert state_at(away, at("2026-11-24T10:00")).until == at("2026-11-27T09:00")
    table = open_table(areas["city"].city)
    assert open_table(areas["city"].city) is table, "kept while nothing changes"
    away.hours = "Mo-Su 08:00-17:00"
    away.save()
    assert open_table(areas["city"].city) is not table
