"""The permission matrix, made from the tables of verbs: every verb × every role × every place, and every function behind a verb.

The table's meaning is computed here a second time, from the rows alone and the areas' codes, never by `rights`.
"""

from __future__ import annotations

import csv
import inspect
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

import yike.web
from web.cast import person, tree
from yike.web.accounts import deeds
from yike.web.accounts.models import Grant
from yike.web.accounts.rights import APPS, ROLES, may, reach_of, within_reach
from yike.web.areas.models import Area
from yike.web.journal.verbs import ACTIONS, Deed

pytestmark = pytest.mark.django_db
TABLES = [Path(yike.web.__path__[0]) / app / "verbs.csv" for app in APPS]
ROWS = [row for table in TABLES if table.is_file() for row in csv.DictReader(table.open(encoding="utf-8"))]
OUTSIDE = {"": "own", "tree": "sibling", "here": "child", "owner": "own", "any": "other city"}  # where each reach ends
PLACES = ("own", "parent", "child", "grandchild", "sibling", "cousin", "other city")

for app in APPS:
    if find_spec(f"yike.web.{app}.actions"):
        import_module(f"yike.web.{app}.actions")


@pytest.fixture
def places():
    here, there = tree(), tree("other", "98")
    return {
        "own": here["c1"], "parent": here["city"], "child": here["c1s1"], "grandchild": here["c1s1a"],
        "sibling": here["c2"], "cousin": here["c2s1"], "other city": there["c1"],
    }  # fmt: skip


@pytest.fixture
def cast(places):
    """For every role someone with that role in a county, someone stopped, and someone whose grant ran out yesterday."""
    people = {}
    for role in ROLES:
        people[role] = person(role, places["own"])
        people[f"{role}, stopped"] = person(role, places["own"], is_active=False)
        people[f"{role}, expired"] = someone = person()
        Grant.objects.create(person=someone, role=role, area=places["own"], until=localdate() - timedelta(days=1))
    people["stranger"] = person()
    people["superuser"] = person(is_superuser=True, is_staff=True)
    return people


def meaning(cell, place, owns):
    """What a cell says of a person whose grant is in "own", about a record in ``place``."""
    if cell == "tree":
        return place in ("own", "child", "grandchild")
    if cell == "here":
        return place == "own"
    if cell == "owner":
        return owns and place != "other city"
    if cell == "any":
        return place != "other city"
    assert cell == "", cell
    return False


def test_every_verb_every_role_every_place(places, cast):
    leaks, denials, asked = [], [], 0
    for row in ROWS:
        public = row["anyone"] == "any"
        for name, someone in cast.items():
            for place in PLACES:
                for owns in (True, False):
                    right = meaning(row.get(name, ""), place, owns) if name in ROLES else False
                    right = right or (public and "stopped" not in name)
                    got = may(someone, row["verb"], places[place], someone.pk if owns else someone.pk + 1000)
                    asked += 1
                    if got is not right:
                        (leaks if got else denials).append((row["verb"], name, place, owns))
        for place in PLACES:
            if may(None, row["verb"], places[place], None) is not public:
                leaks.append((row["verb"], "anyone", place))
    assert not leaks, f"{len(leaks)} leaks: {leaks[:10]}"
    assert not denials, f"{len(denials)} wrongly refused: {denials[:10]}"
    assert asked == len(ROWS) * len(cast) * len(PLACES) * 2


def test_a_record_of_nobody_is_owned_by_nobody(places, cast):
    owned = [row for row in ROWS if "owner" in (row["merchant"], row["resident"]) and row["anyone"] != "any"]
    assert owned
    for row in owned:
        for role in ("merchant", "resident"):
            assert not may(cast[role], row["verb"], places["own"], None)


def test_lists_hold_exactly_what_may_be_done(places, cast):
    """What `reach_of` and `within_reach` let into a list is what `may` allows there."""
    areas = list(Area.objects.all())
    for row in ROWS:
        if row["anyone"] == "any":
            continue
        for name, someone in cast.items():
            cell = row.get(name, "")
            paths = reach_of(someone, row["verb"])
            listed = {area.pk for area in areas if any(area.path.startswith(path) for path in paths)}
            allowed = {area.pk for area in areas if may(someone, row["verb"], area, None)}
            if cell == "here":  # a list of its one area: the areas below it have no records of that verb of their own
                assert allowed <= listed
            else:
                assert listed == allowed, (row["verb"], name)
    shown = Area.objects.filter(within_reach(cast["county_officer"], "accounts.see_people", "path"))
    assert {area.pk for area in shown} == {area.pk for area in areas if area.path.startswith(places["own"].path)}
    assert not Area.objects.filter(within_reach(cast["stranger"], "accounts.see_people", "path")).exists()
    assert not Area.objects.filter(within_reach(None, "accounts.see_people", "path")).exists()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["verb"])
def test_a_row_is_whole(row):
    assert set(row) == {"verb", "zh", "en", *ROLES, "anyone"}, "columns of verbs.csv"
    assert row["zh"] and row["en"]
    assert None not in row.values(), "a cell is missing"


def test_no_verb_twice():
    names = [row["verb"] for row in ROWS]
    assert len(names) == len(set(names))


def reads(verb):
    return verb.split(".")[-1].startswith("see")


@pytest.mark.parametrize("verb", sorted({row["verb"] for row in ROWS} | set(ACTIONS)))
def test_a_verb_has_its_row_and_its_function(verb):
    rowed = verb in {row["verb"] for row in ROWS}
    assert rowed, f"{verb} is done somewhere but no verbs.csv says who may"
    if reads(verb):
        assert verb not in ACTIONS, f"{verb} is a right to read: rename it if it does something"
    else:
        assert verb in ACTIONS, f"{verb} has a row in verbs.csv but nothing carries it out"


@pytest.fixture
def outsiders(cast, places):
    """People who may do nothing at all where they are sent."""
    return [cast["stranger"], cast["superuser"], cast["city_planner, stopped"], cast["operator, expired"]]


def test_a_refused_act_does_nothing(places, cast, outsiders):
    """Every function behind a verb refuses before it reads its arguments, and nothing is written."""

    class Untouchable:
        def __getattribute__(self, name):
            raise AssertionError(f"the body ran: it asked for .{name}")

    rows, tried = {row["verb"]: row for row in ROWS}, 0
    for verb, act in sorted(ACTIONS.items()):
        row = rows.get(verb)
        if row is None:
            continue  # its own test says so
        attempts = [(each, "child") for each in outsiders if row["anyone"] != "any" or not each.is_active]
        if row["anyone"] != "any":
            attempts += [(None, "child"), *((cast[role], OUTSIDE[row[role]]) for role in ROLES)]
        takes = len(inspect.signature(act.__wrapped__).parameters) - 1
        for someone, place in attempts:
            deed = Deed(someone, places[place], "x", "x", None)
            with CaptureQueriesContext(connection) as asked, pytest.raises(PermissionDenied) as refusal:
                act(deed, *[Untouchable()] * takes)
            assert refusal.value.args == (verb,)
            written = [each["sql"] for each in asked if not each["sql"].lstrip().upper().startswith("SELECT")]
            assert not written and deed.change == {}, (verb, written)
            tried += 1
    assert tried > 10 * len(set(ACTIONS) - {row["verb"] for row in ROWS if row["anyone"] == "any"})
    deeds.forget_refusals()


def test_a_new_verb_without_a_row_is_refused_to_everybody(places, cast):
    ran = []

    @deeds.verb("accounts.not_in_the_table")
    def act(deed):
        ran.append(deed)

    try:
        for someone in (*cast.values(), None):
            with pytest.raises(PermissionDenied):
                act(Deed(someone, places["own"]))
        assert not ran
    finally:
        del ACTIONS["accounts.not_in_the_table"]
        deeds.forget_refusals()


def test_a_verb_is_done_in_one_place_only():
    with pytest.raises(ValueError, match="two places"):
        deeds.verb("accounts.grant")(lambda deed: None)
