"""Many rows at once, past the object layer: for tables that are written whole by the program itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import connection, models


def insert(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of plain values into a model's table, in the caller's transaction.

    ``fields`` are names of fields without choices of their own (no defaults are filled in, no signal is sent).
    """
    meta, quote = model._meta, connection.ops.quote_name
    columns = ", ".join(_column(model, name) for name in fields)
    marks = ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES ({marks})", list(rows))


def update(model: type[models.Model], key: str, field: str, values: Iterable[tuple[Any, Any]]) -> None:
    """Set one field of many rows: ``values`` are pairs of a key and the field's new value."""
    meta, quote = model._meta, connection.ops.quote_name
    column, by = _column(model, field), _column(model, key)
    pairs = [(value, which) for which, value in values]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {quote(meta.db_table)} SET {column} = %s WHERE {by} = %s", pairs)


def _column(model: type[models.Model], name: str) -> str:
    """Return the quoted column of a field."""
    field = model._meta.get_field(name)
    if not isinstance(field, models.Field) or field.column is None:
        raise FieldDoesNotExist(name)
    return str(connection.ops.quote_name(field.column))
