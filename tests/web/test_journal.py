"""The journal: one line for what was done, its own for what was refused; a chain that nobody changes unseen."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import threading
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections, transaction
from django.utils.timezone import now

from web.cast import person, tree
from yike.web.accounts import actions, deeds
from yike.web.accounts.models import Grant, Person
from yike.web.accounts.rights import ROLES
from yike.web.journal.chain import FIRST, Deed, digest_of, prove, write_line
from yike.web.journal.models import Line
from yike.web.journal.seal import seal, unseal

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas():
    return tree()


@pytest.fixture
def operator(areas):
    return person("operator", areas["city"])


def invited(by, area, username="li", role="county_officer"):
    return actions.invite(Deed(by, area, actions.KIND, username), username, "李", role)[0]


def lines(n, area, **change):
    return [write_line(f"outlets.{i}", Deed(None, area, "outlets.outlet", str(i), change=change)) for i in range(n)]


def unsealed(sql, *values):
    """What someone with the database's own password could do."""
    unseal(connection)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
    finally:
        seal(connection)


def test_what_is_done_is_one_line(areas, operator):
    invited(operator, areas["c1"])
    line = Line.objects.get()
    assert (line.verb, line.person, line.record, line.area) == ("accounts.invite", operator, "li", areas["c1"].code)
    assert line.roles == "operator" and line.change["role"] == ["", "county_officer"]
    assert line.before == FIRST and line.digest == digest_of(line)


def test_what_fails_leaves_no_line_and_no_change(areas, operator, monkeypatch):
    monkeypatch.setattr(actions, "_link", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        invited(operator, areas["c1"])
    assert not Line.objects.exists() and not Person.objects.filter(username="li").exists()


def test_without_a_line_nothing_is_done(areas, operator, monkeypatch):
    def broken(name, deed):
        raise DatabaseError("the journal is full")

    monkeypatch.setitem(deeds._writers, "line", broken)
    with pytest.raises(DatabaseError):
        invited(operator, areas["c1"])
    assert not Person.objects.filter(username="li").exists()


def test_a_long_chain_holds_and_survives_the_database(areas):
    lines(
        30,
        areas["city"],
        name=["旧", "新"],
        yuan=Decimal("12.50"),
        day=date(2026, 1, 2),
        many=1e20,
        odd="\ud800\0",
        yes=True,
    )
    assert prove().lines == 30 and prove().broken is None
    back = Line.objects.first()
    assert back.change["yuan"] == "12.50" and back.change["many"] == 1e20 and back.change["day"] == "2026-01-02"
    assert digest_of(Line.objects.last()) == prove().head


def test_the_digest_does_not_depend_on_the_zone_a_time_is_read_in(areas):
    line = lines(1, areas["city"])[0]
    line.at = line.at.astimezone(timezone(timedelta(hours=8)))
    assert digest_of(line) == line.digest
    line.at = datetime(2026, 1, 1, tzinfo=timezone.utc)  # noqa: UP017
    assert digest_of(line) != line.digest


@pytest.mark.parametrize(
    "act",
    [
        lambda: Line.objects.filter(record="1").update(record="2"),
        lambda: Line.objects.filter(record="1").delete(),
        lambda: Line.objects.all().delete(),
        lambda: Line.objects.get(record="1").save(),
        lambda: Line.objects.all()._raw_delete(using="default"),
    ],
    ids=["update", "delete", "delete all", "save", "raw delete"],
)
def test_the_database_refuses_to_change_a_line(areas, act):
    lines(3, areas["city"])
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        act()
    assert prove().lines == 3


def test_the_database_refuses_to_replace_or_empty(areas):
    lines(3, areas["city"])
    statement = {
        "sqlite": "INSERT OR REPLACE INTO journal_line SELECT * FROM journal_line WHERE record = '1'",
        "postgresql": "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE journal_line",
    }[connection.vendor]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert prove().lines == 3


def test_no_second_line_follows_the_same_line(areas):
    first, second = lines(2, areas["city"])
    fork = Line(at=now(), verb="x", kind="", record="", before=first.digest, digest="f" * 64)
    with pytest.raises(DatabaseError), transaction.atomic():
        fork.save(force_insert=True)
    assert prove().head == second.digest


@pytest.mark.parametrize(
    ("sql", "broken", "why"),
    [
        ("UPDATE journal_line SET record = '7' WHERE record = '2'", 2, "changed"),
        ("UPDATE journal_line SET said = '{\"a\":1}' WHERE record = '2'", 2, "changed"),
        ("UPDATE journal_line SET roles = 'operator' WHERE record = '2'", 2, "changed"),
        ("UPDATE journal_line SET area = '' WHERE record = '2'", 2, "changed"),
        ("DELETE FROM journal_line WHERE record = '2'", 3, "parted"),
        ("DELETE FROM journal_line WHERE record = '0'", 1, "parted"),
    ],
)
def test_the_first_broken_line_is_told(areas, sql, broken, why):
    written = lines(5, areas["city"])
    unsealed(sql)
    proof = prove()
    assert (proof.broken, proof.why) == (written[broken].pk, why)
    with pytest.raises(CommandError, match=str(written[broken].pk)) as told:
        call_command("verify_journal")
    assert told.value.returncode == 1


def test_a_time_moved_by_a_microsecond_shows(areas):
    line = lines(2, areas["city"])[0]
    with transaction.atomic():
        unseal(connection)
        Line.objects.filter(pk=line.pk).update(at=line.at + timedelta(microseconds=1))
        seal(connection)
    assert prove().broken == line.pk


def test_a_cut_end_shows_against_a_head_written_down(areas, capsys):
    head = lines(5, areas["city"])[-1].digest
    call_command("verify_journal", holds=head)
    assert "5" in capsys.readouterr().out
    unsealed("DELETE FROM journal_line WHERE record = '4'")
    call_command("verify_journal")  # by itself the shorter chain holds
    with pytest.raises(CommandError, match=head):
        call_command("verify_journal", holds=head)


# --- refusals ---


def test_a_refusal_by_the_table_is_a_line_of_its_own(areas):
    worker = person("community_worker", areas["c1s1a"])
    with pytest.raises(PermissionDenied):
        invited(worker, areas["c1s1a"], role="community_worker")
    deeds.write_refusals()
    line = Line.objects.get(verb="refused.accounts.invite")
    assert line.person == worker and line.record == "li" and line.area == areas["c1s1a"].code and line.change == {}
    assert prove().broken is None


def test_a_refusal_by_the_body_is_written_once(areas):
    planner = person("city_planner", areas["city"])
    with pytest.raises(PermissionDenied):
        invited(planner, areas["city"], role="operator")
    deeds.write_refusals()
    assert Line.objects.filter(verb="refused.accounts.invite").count() == 1


def test_the_same_refusal_soon_again_is_not_a_new_line(areas):
    stranger = person()
    for n in range(5):
        with pytest.raises(PermissionDenied):
            invited(stranger, areas["c1"], "same" if n < 4 else "another")
        deeds.write_refusals()
    assert Line.objects.filter(verb__startswith="refused.").count() == 2


def test_a_stranger_without_a_login_cannot_fill_the_journal(areas):
    with pytest.raises(PermissionDenied):
        invited(None, areas["c1"])
    deeds.write_refusals()
    assert not Line.objects.exists()


def test_a_page_that_refuses_writes_it_down(areas, client):
    """Through a real request: the guard writes what waits when the page is done."""
    street, target = person("street_officer", areas["c1s1"]), person("community_worker", areas["c1s1a"], is_staff=True)
    client.force_login(street)
    answer = client.post(f"/desk/people/{target.username}/reset_factor/")  # street officers have no such right
    assert answer.status_code == 403
    assert Line.objects.filter(verb="refused.accounts.reset_factor", person=street, record=target.username).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_refusal_outlives_the_transaction_it_ended():
    areas = tree()
    stranger = person()
    with pytest.raises(PermissionDenied), transaction.atomic():
        Grant.objects.create(person=stranger, role="resident", area=areas["city"])
        invited(stranger, areas["c1"])
    assert not Grant.objects.exists()
    deeds.write_refusals()
    assert Line.objects.get().verb == "refused.accounts.invite"
    with pytest.raises(PermissionDenied):
        invited(stranger, areas["c2"], "other")
    assert Line.objects.count() == 2  # outside a transaction it is written at once


# --- together ---


WRITE = """
import sys, django
django.setup()
from yike.web.areas.models import Area
from yike.web.journal.chain import Deed, write_line
from django.db import transaction
area = Area.objects.get(parent=None)
print("ready", flush=True)
sys.stdin.readline()
for i in range(int(sys.argv[2])):
    with transaction.atomic():
        write_line("outlets.x", Deed(None, area, "x", sys.argv[1] + "-" + str(i)))
"""
WRITERS, EACH = 2, 40


def at_once_in_threads(area):
    """Writers with a connection each to the test's own database."""
    failures, gate = [], threading.Barrier(WRITERS)

    def work(n):
        try:
            gate.wait()
            for i in range(EACH):
                with transaction.atomic():
                    write_line("outlets.x", Deed(None, area, "x", f"{n}-{i}"))
        except Exception as problem:
            failures.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(WRITERS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not failures
    return prove()


def at_once_in_processes(folder):
    """Writers in processes of their own on a copy of the test's database as a file, set up as an installation is."""
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM INTO '{folder / 'yike.sqlite3'}'")
    told = {**os.environ, "YIKE_HOME": str(folder), "YIKE_DATABASE": "", "DJANGO_SETTINGS_MODULE": "yike.web.settings"}
    command = [sys.executable, "-c", WRITE]
    running = [
        subprocess.Popen(
            [*command, str(n), str(EACH)], stdin=-1, stdout=-1, stderr=-1, env=told, text=True
        )  # -1: a pipe
        for n in range(WRITERS)
    ]
    for each in running:
        assert each.stdout.readline() == "ready\n", each.stderr.read()
    for each in running:
        each.stdin.write("go\n")
        each.stdin.flush()
    for each in running:
        _, problem = each.communicate(timeout=120)
        assert each.returncode == 0, problem
    proved = subprocess.run(
        [sys.executable, "-m", "django", "verify_journal"], env=told, capture_output=True, text=True, check=False
    )
    assert proved.returncode == 0, proved.stderr
    return proved.stdout


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_never_fork_the_chain(tmp_path):
    area = tree()["city"]
    if connection.vendor == "sqlite":
        assert f"{WRITERS * EACH} lines" in at_once_in_processes(tmp_path)
    else:
        proof = at_once_in_threads(area)
        assert proof.broken is None and proof.lines == WRITERS * EACH


# --- the page ---


@pytest.fixture
def told(areas, operator):
    invited(operator, areas["c1"], "one")
    invited(operator, areas["c2"], "two")
    write_line("session.began", Deed(operator, None, "x", "nowhere"))
    return areas


def records(client, query=""):
    body = b"".join(client.get(f"/desk/journal/journal.csv{query}").streaming_content).decode("utf-8-sig")
    return [row["record"] for row in csv.DictReader(io.StringIO(body))]


def test_the_page_shows_ones_own_tree_only(told, client):
    client.force_login(person("county_officer", told["c1"]))
    page = client.get("/desk/journal/").content.decode()
    assert "邀请人员" in page and "one" in page and "two" not in page
    assert [r for r in records(client) if r in ("one", "two", "nowhere")] == ["one"]
    client.force_login(person("auditor", told["city"]))
    assert [r for r in records(client) if r in ("one", "two", "nowhere")] == ["one", "two"]


def test_another_city_sees_nothing_of_it(told, client):
    there = tree("other", "98")
    client.force_login(person("auditor", there["city"]))
    assert set(records(client)) & {"one", "two"} == set()


def test_the_journal_is_found_by_person_verb_record_area_and_day(told, client, operator):
    client.force_login(person("auditor", told["city"]))
    assert records(client, f"?person={operator.username}") == ["one", "two"]
    assert records(client, "?person=nobody") == []
    assert records(client, "?verb=accounts.invite") == ["one", "two"]
    assert records(client, "?verb=邀请") == ["one", "two"]
    assert records(client, "?record=two") == ["two"]
    assert records(client, f"?area={told['c1'].code}") == ["one"]
    today = date.today()
    assert "one" in records(client, f"?since={today - timedelta(days=1)}&until={today + timedelta(days=1)}")
    assert records(client, f"?until={today - timedelta(days=2)}") == []
    assert client.get("/desk/journal/?since=nonsense").status_code == 200
    assert client.get("/desk/journal/journal.csv?since=nonsense").status_code == 400


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"city_planner", "county_officer", "auditor"}))
def test_others_do_not_see_the_journal(areas, client, role):
    client.force_login(person(role, areas["city"]))
    assert client.get("/desk/journal/").status_code == 403
    assert client.get("/desk/journal/journal.csv").status_code == 403


def test_a_cell_is_never_a_formula(areas, client, operator):
    write_line("x", Deed(operator, areas["city"], "x", '=HYPERLINK("http://x")'))
    client.force_login(person("auditor", areas["city"]))
    assert [r for r in records(client) if "HYPERLINK" in r] == ['\'=HYPERLINK("http://x")']


def test_the_page_of_a_refusal_and_of_the_console_says_so(areas, client, operator):
    write_line("refused.accounts.invite", Deed(operator, areas["city"], "x", "y"))
    write_line("accounts.invite", Deed(None, areas["city"], "x", "z", through="console"))
    client.force_login(person("auditor", areas["city"]))
    page = client.get("/desk/journal/").content.decode()
    assert "被拒：邀请人员" in page and "服务器控制台" in page
