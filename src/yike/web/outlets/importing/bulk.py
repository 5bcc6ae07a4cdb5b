"""Tens of thousands of rows at once: one statement made once, its values adapted per column.

Django's ``bulk_create`` compiles every value of every row anew, which takes ten times as long as the database does.
The values go through the fields' own adapters here, too; in the caller's transaction, on every database we run on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import connection, models

AS_THEY_ARE = (
    models.CharField,
    models.TextField,
    models.FloatField,
    models.IntegerField,
    models.BooleanField,
    models.ForeignKey,
)


def _adapter(model: type[models.Model], name: str) -> tuple[str, Callable[[Any], Any] | None]:
    """Return the column of a field and what its values must go through (None: nothing)."""
    field = next(each for each in model._meta.concrete_fields if each.attname == name)
    if isinstance(field, AS_THEY_ARE):
        return str(field.column), None
    return str(field.column), lambda value: field.get_db_prep_save(value, connection=connection)


def _adapted(adapters: Sequence[Callable[[Any], Any] | None], rows: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
    return [
        tuple([value if adapt is None else adapt(value) for adapt, value in zip(adapters, row, strict=True)])
        for row in rows
    ]


def _many(sql: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(sql, rows)


def insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Add rows; ``names`` are the fields' attribute names, all of those that may not be left out."""
    columns, adapters = zip(*(_adapter(model, name) for name in names), strict=True)
    quoted = ", ".join(connection.ops.quote_name(column) for column in columns)
    marks = ", ".join(["%s"] * len(columns))
    table = connection.ops.quote_name(model._meta.db_table)
    _many(f"INSERT INTO {table} ({quoted}) VALUES ({marks})", _adapted(adapters, rows))


def update(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write fields of rows; every row begins with its primary key, its values follow in the order of ``names``."""
    columns, adapters = zip(*(_adapter(model, name) for name in names), strict=True)
    told = ", ".join(f"{connection.ops.quote_name(column)} = %s" for column in columns)
    table, key = (connection.ops.quote_name(str(each)) for each in (model._meta.db_table, model._meta.pk.column))
    values = _adapted((None, *adapters), rows)
    _many(f"UPDATE {table} SET {told} WHERE {key} = %s", [(*row[1:], row[0]) for row in values])


def delete(model: type[models.Model], name: str, keys: Iterable[int]) -> None:
    """Delete the rows whose field holds one of ``keys``; the database refuses where others refer to them."""
    table, column = (connection.ops.quote_name(each) for each in (model._meta.db_table, _adapter(model, name)[0]))
    _many(f"DELETE FROM {table} WHERE {column} = %s", [(key,) for key in keys])
