"""Many rows in one statement, on SQLite and PostgreSQL.

The ORM makes one object a row; at fifteen thousand entries a second that alone would take the machine.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model

Row = Sequence[Any]


def to_database(value: Any) -> Any:
    """A value as raw SQL takes it: SQLite has neither times nor UUIDs of its own."""
    if connection.vendor != "sqlite":
        return value
    if type(value) is UUID:
        return value.hex
    if type(value) is datetime:
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    return value


def from_database_time(value: Any) -> datetime:
    """A time as raw SQL gives it; SQLite's are in UTC and do not say so."""
    moment: datetime = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def from_database_uuid(value: Any) -> UUID | None:
    """An UUID as raw SQL gives it."""
    return UUID(hex=value) if isinstance(value, str) else value


def select(sql: str, *lists: Iterable[Any]) -> list[tuple[Any, ...]]:
    """Rows of a SELECT in which each `IN %s` takes one list, however long.

    SQLite gets it as one JSON parameter. On PostgreSQL the list's type follows from what it is compared with.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            text = sql.replace("IN %s", "IN (SELECT value FROM json_each(%s))")
            cursor.execute(text, [json.dumps([_to_json(one) for one in values]) for values in lists])
        else:
            cursor.execute(sql.replace("IN %s", "= ANY(%s)"), [list(values) for values in lists])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def insert(model: type[Model], names: Sequence[str], rows: Sequence[Row], *, or_keep: bool = False) -> None:
    """Insert rows; with `or_keep`, leave those alone whose key is there. Raises IntegrityError otherwise."""
    _write(model, names, rows, " ON CONFLICT DO NOTHING" if or_keep else "")


def put(model: type[Model], names: Sequence[str], rows: Sequence[Row], *, key: int) -> None:
    """Insert rows, or overwrite those with the same key: the first `key` names. No key may come twice in `rows`."""
    columns = columns_of(model, names)
    changes = ", ".join(f"{column} = excluded.{column}" for column in columns[key:])
    _write(model, names, rows, f" ON CONFLICT ({', '.join(columns[:key])}) DO UPDATE SET {changes}")


def remove(model: type[Model], names: Sequence[str], keys: Sequence[Row]) -> None:
    """Delete the rows with these keys."""
    if not keys:
        return
    table, condition = model._meta.db_table, " AND ".join(f"{one} = %s" for one in columns_of(model, names))  # noqa: SLF001
    with connection.cursor() as cursor:
        cursor.executemany(
            f"DELETE FROM {table} WHERE {condition}",  # noqa: S608 - names of our own tables
            [[to_database(value) for value in key] for key in keys],
        )


def _write(model: type[Model], names: Sequence[str], rows: Sequence[Row], conflict: str) -> None:
    if not rows:
        return
    columns = columns_of(model, names)
    into = f"INSERT INTO {model._meta.db_table} ({', '.join(columns)})"  # noqa: SLF001
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(
                f"{into} VALUES ({marks}){conflict}", [[to_database(value) for value in row] for row in rows]
            )
        else:
            # One statement with an array a column: the server plans once and reads no text.
            arrays = ", ".join(f"%s::{_array_of(model, name)}" for name in names)
            cursor.execute(
                f"{into} SELECT * FROM unnest({arrays}){conflict}",  # noqa: S608
                [list(column) for column in zip(*rows, strict=True)],
            )


def _array_of(model: type[Model], name: str) -> str:
    field = model._meta.get_field(name)  # noqa: SLF001
    return f"{field.rel_db_type(connection) if field.primary_key else field.db_type(connection)}[]"  # type: ignore[union-attr]


def columns_of(model: type[Model], names: Iterable[str]) -> list[str]:
    """What the database calls these fields."""
    return [str(model._meta.get_field(name).column) for name in names]  # type: ignore[union-attr]  # noqa: SLF001


def _to_json(value: Any) -> Any:
    value = to_database(value)
    return value.isoformat() if type(value) is date else value


def from_database_json(value: Any) -> Any:
    """A JSON column as raw SQL gives it."""
    return json.loads(value) if isinstance(value, str) else value


def change(model: type[Model], key: str, names: Sequence[str], rows: Mapping[Any, Row]) -> None:
    """Set columns of the rows with these keys."""
    if not rows:
        return
    table, (key_column, *columns) = model._meta.db_table, columns_of(model, (key, *names))  # noqa: SLF001
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            settings = ", ".join(f"{column} = %s" for column in columns)
            cursor.executemany(
                f"UPDATE {table} SET {settings} WHERE {key_column} = %s",  # noqa: S608
                [[*map(to_database, values), one] for one, values in rows.items()],
            )
        else:
            settings = ", ".join(f"{column} = new.{column}" for column in columns)
            arrays = ", ".join(f"%s::{_array_of(model, name)}" for name in (key, *names))
            cursor.execute(
                f"UPDATE {table} SET {settings} FROM unnest({arrays}) AS new ({', '.join((key_column, *columns))})"  # noqa: S608
                f" WHERE {table}.{key_column} = new.{key_column}",
                [list(rows), *map(list, zip(*rows.values(), strict=True))],
            )
