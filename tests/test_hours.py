"""Opening hours: what is read, what stays not known, and what is refused."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yike.errors import InputError, messages
from yike.hours import clock, from_chinese, hour_of_week, open_week, week_of
from yike.hours.week import CLOSED, OPEN, UNKNOWN


@pytest.mark.parametrize(
    ("text", "osm"),
    [
        ("周一至周五 8:00-18:00", "Mo-Fr 08:00-18:00"),
        ("周一至五8：00－18：00", "Mo-Fr 08:00-18:00"),
        ("每周一到周五 8:00~18:00", "Mo-Fr 08:00-18:00"),
        ("星期一至星期日07:00—21:00", "Mo-Su 07:00-21:00"),
        ("全天", "24/7"),
        ("24小时营业", "24/7"),
        ("每天 00:00-24:00", "24/7"),
        ("营业时间：每日 06:00-09:30，16:30-19:00", "Mo-Su 06:00-09:30,16:30-19:00"),
        ("周一至周五：8:30-12:00，14:00-18:00；周六、周日休息", "Mo-Fr 08:30-12:00,14:00-18:00; Sa,Su off"),
        ("工作日9:00-18:00 周末10:00-17:00", "Mo-Fr 09:00-18:00; Sa-Su 10:00-17:00"),
        ("周一三五 9:00-17:00", "Mo,We,Fr 09:00-17:00"),
        ("周六日 9-12点", "Sa,Su 09:00-12:00"),
        ("早8点到晚6点", "08:00-18:00"),
        ("早6点半至晚9点半", "06:30-21:30"),
        ("上午9:00-12:00 下午2:00-5:00", "09:00-12:00,14:00-17:00"),
        ("中午11点-下午2点", "11:00-14:00"),
        ("晚上6点-凌晨2点", "18:00-02:00"),
        ("8点半至次日2点", "08:30-02:00"),
        ("18:00-晚上12点", "18:00-24:00"),
        ("周一休息，9:00-17:00", "09:00-17:00; Mo off"),
        ("全年无休 9:00-21:00", "Mo-Su 09:00-21:00"),
        ("7:00-21:00 全年无休", "Mo-Su 07:00-21:00"),
        ("早上六点到晚上十点", "06:00-22:00"),
        ("周一到周五八点到十八点三十分", "Mo-Fr 08:00-18:30"),
        ("周三三点半-五点", "We 03:30-05:00"),
        ("早7晚9", "07:00-21:00"),
        ("全天24小时", "24/7"),
        ("周二闭馆 9:00-17:00", "09:00-17:00; Tu off"),
        ("周一至周五9:00-17:30，法定节假日除外", "Mo-Fr 09:00-17:30; PH off"),
        ("9:00-21:00（节假日照常营业）", "09:00-21:00"),
    ],
)
def test_simple_chinese_is_translated(text: str, osm: str) -> None:
    assert from_chinese(text) == osm
    assert week_of(osm) is not None


@pytest.mark.parametrize(
    "text",
    [
        "看情况",
        "周一休息",
        "全年无休",
        "9:00",
        "除周一外 9:00-17:00",
        "8:00-18:00，12:00-14:00休息",
        "上午14:00-16:00",
        "周一8:00-25:00",
        "",
        "预约",
    ],
)
def test_what_would_be_a_guess_is_refused(text: str) -> None:
    assert from_chinese(text) is None
    assert week_of(text) is None


def hours_open(text: str) -> int:
    week = week_of(text)
    assert week is not None
    return int((week == OPEN).sum())


def test_a_week_has_168_hours() -> None:
    assert hours_open("24/7") == 168
    assert hours_open("Mo-Fr 08:00-18:00") == 50
    assert hours_open("周末全天") == 48


def test_an_hour_is_the_moment_asked() -> None:
    half = week_of("06:30-07:00", minute=30)
    assert week_of("06:30-07:00") is not None and half is not None
    assert hours_open("06:30-07:00") == 0
    assert np.flatnonzero(half == OPEN)[:2].tolist() == [6, 30]


def test_the_moment_of_closing_is_closed_and_nights_run_over() -> None:
    week = week_of("Su 22:00-02:00")
    assert week is not None
    assert np.flatnonzero(week == OPEN).tolist() == [0, 1, 166, 167]


@pytest.mark.parametrize("text", ['"by appointment"', "Mo-Su 00:00-24:00 unknown", '24/7 "ask the owner"'])
def test_conditions_are_not_known_and_never_silently_open(text: str) -> None:
    week = week_of(text)
    assert week is not None and (week == UNKNOWN).all()


def test_an_open_end_is_not_known() -> None:
    week = week_of("Mo 18:00+")
    assert week is not None and week[17] == CLOSED and (week[18:24] == UNKNOWN).all()


def test_seasons_follow_the_week_asked() -> None:
    summer, winter = week_of("Apr-Oct 06:00-22:00"), week_of("Apr-Oct 06:00-22:00", monday=date(2026, 12, 7))
    assert summer is not None and winter is not None
    assert (summer == OPEN).any() and not (winter == OPEN).any()


def test_unknown_hours_are_told_with_rows_and_stay_unknown() -> None:
    loaded = open_week(["24/7", "", "看情况", "8am-9pm"])
    assert loaded.value.known.tolist() == [True, False, False, False]
    assert (loaded.value.state[1:] == UNKNOWN).all()
    assert [note.code for note in loaded.notes] == ["hours.unreadable", "hours.unknown"]
    assert loaded.notes[0].rows == ((3, "看情况"), (4, "8am-9pm"))
    assert loaded.notes[1].values == {"silent": 1, "outlets": 4}
    assert all("{" not in note.text(lang) for note in loaded.notes for lang in ("en", "zh"))


def test_unknown_may_be_counted_as_open_and_says_so() -> None:
    week = open_week(["", "Mo 08:00-09:00"]).value
    assert not week.open_at(8)[0] and week.maybe_at(8).tolist() == [True, True]
    chosen = week.with_unknown_open()
    assert chosen.open_at(8).tolist() == [True, True] and chosen.open_at(9).tolist() == [True, False]
    assert (week.unknown_as, chosen.unknown_as) == ("apart", "open")


def test_no_outlets_no_week() -> None:
    assert open_week([]).value.state.shape == (0, 168)


def test_faults_of_use() -> None:
    with pytest.raises(InputError) as raised:
        open_week([], minute=60, monday=date(2026, 5, 12))
    assert [fault.code for fault in raised.value.faults] == ["hours.minute", "hours.monday"]
    with pytest.raises(InputError, match=r"hours\.hour"):
        hour_of_week("Mo", 24)
    assert {code for code in messages() if code.startswith("hours.")} >= {
        "hours.hour",
        "hours.unknown",
        "hours.unreadable",
    }


@given(st.integers(0, 167))
def test_clock_and_hour_are_inverse(hour: int) -> None:
    day, time = clock(hour).split()
    assert hour_of_week(day, int(time[:2])) == hour


@given(st.integers(0, 23), st.integers(1, 24))
def test_a_chinese_span_means_the_same_as_the_osm_one(begin: int, end: int) -> None:
    if begin < end:
        chinese, osm = week_of(f"每天{begin}点至{end}点"), week_of(f"Mo-Su {begin:02d}:00-{end:02d}:00")
        assert chinese is not None and osm is not None and (chinese == osm).all()
        assert int((osm == OPEN).sum()) == 7 * (end - begin)


@given(st.text(alphabet="周一二三四五六日至到、，0123456789:点半-休息全天每早晚 ", max_size=20))
def test_any_text_is_read_or_refused_but_never_breaks(text: str) -> None:
    osm = from_chinese(text)
    if osm is not None:
        assert week_of(osm) is not None, f"{text!r} -> {osm!r}"
