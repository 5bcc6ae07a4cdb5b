"""What tests of the platform share. They run on SQLite, or on the database that ``YIKE_DATABASE`` names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import TransactionTestCase

from yike.web.journal.seal import seal, unseal
from yike.web.translations import compile_all

compile_all()  # pages in English need the catalogues compiled; nothing is written when they are

_empty = TransactionTestCase._fixture_teardown


def _empty_with_journal(case: TransactionTestCase) -> None:
    """Empty the database after a test with its own transactions; for that moment alone the journal's seal is broken."""
    unseal(connection)
    try:
        _empty(case)
    finally:
        seal(connection)


TransactionTestCase._fixture_teardown = _empty_with_journal


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of an empty PostgreSQL of this session's own; skips with a reason where there is none (in CI: fails)."""
    from web.cluster import cluster, programs

    if programs() is None:
        from conftest import missing

        missing("PostgreSQL: initdb is not installed (apt-get install postgresql)")
    with cluster() as address:
        yield address


@pytest.fixture(autouse=True)
def nobody_has_asked_yet() -> None:
    """Every test begins with full buckets: how often one may ask is tested in test_keys.py."""
    from yike.web.open.limits import BUCKETS

    BUCKETS.clear()


@pytest.fixture
def demo_city(db: None) -> Iterator[object]:
    """The small demonstration city in the database, with its study, figures and register (演示数据)."""
    from web import town

    yield town.load()
    town.forget()


@pytest.fixture(scope="session")
def served() -> Iterator[object]:
    """The platform served over the small demonstration city, in a process and a database of its own (`web.served`)."""
    from web.served import serving

    with serving() as found:
        yield found
