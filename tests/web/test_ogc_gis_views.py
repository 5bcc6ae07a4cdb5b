"""Views with geometry in PostgreSQL with PostGIS: the same columns as the open data, readable and not writable."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.db.utils import ConnectionHandler

from conftest import ROOT, missing
from yike.web.open import gis
from yike.web.open.gis import COLUMNS, definition
from yike.web.open.tables import kinds
from yike.web.settings import database as database_of

SCENE = """
from web.cast import outlet, tree
from yike.web.circles.models import Circle
from yike.web.studies.models import Figure
areas = tree()
outlet(areas["c1s1a"], "repair", "breakfast", key="shop", name="早点铺", services=["printing", "parcels"])
outlet(areas["c1s2a"], "repair", key="stall", state="planned", licence_free=True, phone="13800000000")
circle = Circle.objects.create(city=areas["city"].city, code="q1", name="一圈", boundary=areas["c1s1a"].boundary, people=3)
circle.communities.set([areas["c1s1a"], areas["c1s1b"]])
for area, people in ((areas["c1s1a"], 100), (areas["c1s1b"], 4)):
    Figure.objects.create(city=area.city, area=area, requirement="d.b.w", business_type="breakfast", walker="adult",
                          limit_s=600, people=people, people_met=people / 2, people_met_first=people / 2,
                          study="d1", standard="drawn 1", through=7)
"""


def manage(address: str, *words: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"YIKE_DATABASE": address, "PYTHONPATH": f"{ROOT}/src:{ROOT}/tests"}
    return subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=env, capture_output=True, text=True)


@pytest.fixture(scope="module")
def database(postgres):
    """A database with PostGIS, migrated, with a small scene in it; and a way to look into it as the server's owner."""
    import psycopg

    folder = postgres.split("@")[1].split("/")[0].replace("%2F", "/")
    server = f"host={folder} user=yike"
    with psycopg.connect(f"{server} dbname=yike", autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'").fetchone():
            missing("PostGIS: apt-get install postgresql-15-postgis-3")
        for name in ("gis_trial", "plain"):
            connection.execute(f"CREATE DATABASE {name}")
        connection.execute("CREATE ROLE reader")
        connection.execute("CREATE ROLE modest LOGIN")
    address = postgres.rpartition("/")[0] + "/gis_trial"
    scene = "from django.core.management import call_command\ncall_command('migrate', verbosity=0)\n" + SCENE
    done = manage(address, "shell", "-v0", "-c", scene)
    assert done.returncode == 0, done.stderr
    return address, f"{server} dbname=gis_trial"


@pytest.fixture
def connect(django_db_blocker):
    """A function that gives Django's connection to an address."""
    made = []

    def to(address):
        made.append(ConnectionHandler({"default": database_of(address)})["default"])
        return made[-1]

    with django_db_blocker.unblock():
        yield to
        for each in made:
            each.close()


def test_every_field_has_a_column():
    for kind in kinds():
        assert set(COLUMNS[kind]) <= {field.name for field in kinds()[kind].fields}
        assert "phone" not in definition(kind) or "licence_free" in definition(kind)
        assert not {"owner_id", "uscc", "permit", "verified_by"} & set(definition(kind).replace(".", " ").split())


def test_views_with_geometry_that_a_reader_may_read_and_not_write(database):
    import psycopg
    from psycopg import errors

    address, server = database
    done = manage(address, "gis_views", "--role", "reader")
    assert done.returncode == 0, done.stderr
    assert "gis.coverage" in done.stdout
    with psycopg.connect(server) as connection:
        connection.execute("SET ROLE reader")
        said = (
            "SELECT key, state, types, services, phone, ST_AsText(geom, 6), ST_SRID(geom) FROM gis.outlets ORDER BY key"
        )
        shop, stall = connection.execute(said).fetchall()
        assert shop == ("shop", "open", "breakfast|repair", "printing|parcels", "", "POINT(112.805 35.505)", 4326)
        assert stall[1] == "planned" and stall[4] == ""
        kinds_of = "SELECT DISTINCT GeometryType(geom) FROM gis.{} WHERE geom IS NOT NULL"
        for kind in ("areas", "circles", "coverage"):
            assert connection.execute(kinds_of.format(kind)).fetchall() == [("MULTIPOLYGON",)]
        assert connection.execute("SELECT count(*) FROM gis.areas").fetchone() == (15,)
        assert connection.execute("SELECT people, communities FROM gis.circles").fetchone() == (
            None,
            "990101000001|990101000002",
        )
        told = "SELECT people, people_met, share, through, study, limit_min FROM gis.coverage ORDER BY area"
        assert connection.execute(told).fetchall() == [(100, 50, 0.5, 7, "d1", 10), (None, None, None, 7, "d1", 10)]
        for kind in kinds():
            columns = [each.name for each in connection.execute(f"SELECT * FROM gis.{kind} LIMIT 0").description]
            assert columns == ["fid", "city", *(field.name for field in kinds()[kind].fields), "geom"]
        for wrong in ("DELETE FROM gis.areas", "SELECT * FROM accounts_person", "SELECT owner_id FROM outlets_outlet"):
            with (
                pytest.raises((errors.InsufficientPrivilege, errors.ObjectNotInPrerequisiteState)),
                connection.transaction(),
            ):
                connection.execute(wrong)


def test_programs_that_ask_for_geometry_columns_find_them(database, connect):
    import psycopg

    address, server = database
    for _ in range(2):  # made anew over the old ones
        gis.check(connect(address))
        gis.create(connect(address))
    with psycopg.connect(server) as connection:
        listed = "SELECT f_table_name, type, srid FROM geometry_columns WHERE f_table_schema = 'gis' ORDER BY 1"
        found = connection.execute(listed).fetchall()
    assert [name for name, _, _ in found] == sorted(kinds())
    assert {(kind, srid) for _, kind, srid in found} == {("POINT", 4326), ("MULTIPOLYGON", 4326)}


def test_it_refuses_with_a_remedy(database, connect):
    address, _ = database
    with pytest.raises(gis.NoGis, match="CREATE ROLE nobody_at_all"):
        gis.let_read(connect(address), "nobody_at_all")
    with pytest.raises(gis.NoGis, match="CREATE EXTENSION postgis"):
        gis.check(connect(address.replace("yike@", "modest@").replace("gis_trial", "plain")))
    with pytest.raises(gis.NoGis, match=r"SQLite(.|\n)*YIKE_DATABASE"):
        gis.check(connect(""))


def test_views_can_be_taken_away(database, connect):
    import psycopg

    address, server = database
    gis.check(connect(address))
    gis.create(connect(address))
    gis.drop(connect(address))
    with psycopg.connect(server) as connection:
        assert connection.execute("SELECT count(*) FROM pg_views WHERE schemaname = 'gis'").fetchone() == (0,)
