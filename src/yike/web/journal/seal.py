"""The seal of the journal: triggers by which the database itself refuses to change, delete or empty it."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "journal_line"
WORDS = "the journal is append-only"

SEAL = {
    "sqlite": (
        f"CREATE TRIGGER journal_no_change BEFORE UPDATE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END",
        f"CREATE TRIGGER journal_no_delete BEFORE DELETE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END",
        f"CREATE TRIGGER journal_no_replace BEFORE INSERT ON {TABLE} "
        f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id OR digest = NEW.digest OR before = NEW.before) "
        f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END",  # INSERT OR REPLACE deletes without a word
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{WORDS}'; END $$",
        f"CREATE TRIGGER journal_no_change BEFORE UPDATE OR DELETE ON {TABLE} "
        "FOR EACH ROW EXECUTE FUNCTION journal_refuse()",
        f"CREATE TRIGGER journal_no_truncate BEFORE TRUNCATE ON {TABLE} "
        "FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()",
    ),
}
UNSEAL = {
    "sqlite": tuple(f"DROP TRIGGER IF EXISTS journal_no_{act}" for act in ("change", "delete", "replace")),
    "postgresql": tuple(f"DROP TRIGGER IF EXISTS journal_no_{act} ON {TABLE}" for act in ("change", "truncate")),
}


def seal(connection: BaseDatabaseWrapper) -> None:
    """Set the triggers."""
    _run(connection, SEAL)


def unseal(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away: for undoing the migration, and for emptying a test's database."""
    _run(connection, UNSEAL)


def _run(connection: BaseDatabaseWrapper, statements: Mapping[str, tuple[str, ...]]) -> None:
    with connection.cursor() as cursor:
        for statement in statements.get(connection.vendor, ()):
            cursor.execute(statement)
