"""Views with real geometry for desktop programs, where the database is PostgreSQL with PostGIS: schema ``gis``, read only.

The columns are those of ``fields.csv`` and the same things stay out: no owner, no telephone of a stall, no figures where few
people live. Unlike the open data, outlets of every state are shown: who may read the schema works for the city.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from yike.web.open.tables import kinds, rules

SCHEMA = "gis"
LISTS = ("services", "payments", "childcare_sessions", "distinctions")

FROM = {
    "outlets": "outlets_outlet r JOIN areas_city c ON c.id = r.city_id LEFT JOIN areas_area a ON a.id = r.area_id",
    "areas": "areas_area r JOIN areas_city c ON c.id = r.city_id LEFT JOIN areas_area p ON p.id = r.parent_id",
    "circles": "circles_circle r JOIN areas_city c ON c.id = r.city_id",
    "coverage": "studies_figure r JOIN areas_city c ON c.id = r.city_id JOIN areas_area a ON a.id = r.area_id",
}
OUTLINE = (
    "(CASE WHEN jsonb_typeof({0}) = 'object' THEN ST_Multi(ST_GeomFromGeoJSON({0})) END)::geometry(MultiPolygon, 4326)"
)
GEOMETRY = {
    "outlets": "ST_SetSRID(ST_MakePoint(r.lon, r.lat), 4326)::geometry(Point, 4326)",
    "areas": OUTLINE.format("r.boundary"),
    "circles": OUTLINE.format("r.boundary"),
    "coverage": OUTLINE.format("a.boundary"),
}
COLUMNS: dict[str, dict[str, str]] = {
    "outlets": {
        "types": "(SELECT string_agg(f.code, '|' ORDER BY f.code) FROM outlets_function f WHERE f.outlet_id = r.id)",
        "area": "a.code",
        "area_name": "a.name",
        "phone": "CASE WHEN r.licence_free THEN '' ELSE r.phone END",
        "changed_at": "r.changed_at::date",
        "made_up": "r.made_up OR c.made_up",
        **{name: f"(SELECT string_agg(each, '|') FROM jsonb_array_elements_text(r.{name}) AS each)" for name in LISTS},
    },
    "areas": {"parent": "p.code", "people": "{people}", "made_up": "c.made_up"},
    "circles": {
        "communities": "(SELECT string_agg(k.code, '|' ORDER BY k.code) FROM circles_circle_communities m "
        "JOIN areas_area k ON k.id = m.area_id WHERE m.circle_id = r.id)",
        "people": "{people}",
        "made_up": "c.made_up",
    },
    "coverage": {
        "id": "concat_ws('.', a.code, r.walker, r.requirement)",
        "area": "a.code",
        "area_name": "a.name",
        "level": "a.level",
        "limit_min": "r.limit_s / 60",
        "median_min": "CASE WHEN r.people >= {few} THEN r.median_s / 60 END",
        "people": "{people}",
        "people_met": "CASE WHEN r.people >= {few} THEN r.people_met END",
        "share": "CASE WHEN r.people >= {few} THEN r.people_met / r.people END",
        "made_up": "c.made_up",
    },
}  #: fields that are not simply a column of the record


class NoGis(Exception):
    """The database cannot have such views; the text says why and what to do."""


def check(connection: BaseDatabaseWrapper) -> None:
    """Make sure that there is PostgreSQL with PostGIS, which is switched on where that is allowed.

    Raises
    ------
    NoGis
        Another database, PostGIS is not installed, or switching it on is not allowed.
    """
    if connection.vendor != "postgresql":
        raise NoGis(
            "几何视图需要 PostgreSQL 和 PostGIS，当前数据库是 "
            f"{connection.display_name}。请设置 YIKE_DATABASE，或改用 /ogc/ 接口和 /export/ 下载。\n"
            f"Views with geometry need PostgreSQL with PostGIS; this database is {connection.display_name}. "
            "Set YIKE_DATABASE, or use /ogc/ and /export/ instead."
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'postgis'")
        if cursor.fetchone():
            return
        cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'")
        if not cursor.fetchone():
            raise NoGis(
                "数据库服务器没有安装 PostGIS。请安装（Debian 12：apt-get install postgresql-15-postgis-3）后重试。\n"
                "The database server has no PostGIS. Install it (Debian 12: apt-get install postgresql-15-postgis-3)."
            )
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            raise NoGis(
                "本数据库尚未启用 PostGIS。请由管理员执行：CREATE EXTENSION postgis;\n"
                "PostGIS is not switched on in this database. Let its administrator run: CREATE EXTENSION postgis;"
            )
        cursor.execute("CREATE EXTENSION postgis")


def create(connection: BaseDatabaseWrapper) -> list[str]:
    """Create the views anew and return their names."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        for kind in kinds():
            cursor.execute(f"DROP VIEW IF EXISTS {SCHEMA}.{kind}")
            cursor.execute(definition(kind))
            for field in kinds()[kind].fields:
                _say(cursor, f"COLUMN {SCHEMA}.{kind}.{field.name}", f"{field.zh} {field.en}")
            _say(cursor, f"VIEW {SCHEMA}.{kind}", f"{kinds()[kind].zh_about} {kinds()[kind].en_about}")
    return [f"{SCHEMA}.{kind}" for kind in kinds()]


def drop(connection: BaseDatabaseWrapper) -> None:
    """Take the views away: before a migration that changes the columns they read."""
    with connection.cursor() as cursor:
        for kind in kinds():
            cursor.execute(f"DROP VIEW IF EXISTS {SCHEMA}.{kind}")


def definition(kind: str) -> str:
    """Return the statement that makes a kind's view; ``fid`` is the whole number that QGIS wants."""
    few = rules()["few_people"]
    words: dict[str, Any] = {"few": few, "people": f"CASE WHEN r.people >= {few} THEN r.people END"}
    special = COLUMNS[kind]
    columns = [
        f"{special[field.name].format(**words) if field.name in special else f'r.{field.name}'} AS {field.name}"
        for field in kinds()[kind].fields
    ]
    columns = ["r.id AS fid", "c.slug AS city", *columns, f"{GEOMETRY[kind]} AS geom"]
    return f"CREATE VIEW {SCHEMA}.{kind} WITH (security_barrier) AS SELECT {', '.join(columns)} FROM {FROM[kind]}"


def let_read(connection: BaseDatabaseWrapper, role: str) -> None:
    """Let a role of the database read the views, and nothing else.

    Raises
    ------
    NoGis
        There is no such role.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if not cursor.fetchone():
            raise NoGis(
                f"数据库没有角色 {role}。请先建立：CREATE ROLE {role} LOGIN PASSWORD '…';\n"
                f"The database has no role {role}. Make it first: CREATE ROLE {role} LOGIN PASSWORD '…';"
            )
        named = connection.ops.quote_name(role)
        cursor.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {named}")
        cursor.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {named}")


def _say(cursor: CursorWrapper, what: str, words: str) -> None:
    cursor.execute(f"COMMENT ON {what} IS '{words.replace(chr(39), chr(39) * 2)}'".replace("%", "%%"))
