"""Many rows in one statement, on SQLite and PostgreSQL.

The ORM makes one object a row; at fifteen thousand entries a second that alone would take the machine. PostgreSQL
gets all rows as one JSON parameter, which the driver need not look into. SQLite gets them a hundred at a time: a
statement a row costs no more by itself, but after each one the thread may have to wait for another that computes, and
whoever writes the ledger keeps everybody waiting.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import BinaryField, DateTimeField, Field, Model, UUIDField

Row = Sequence[Any]
_PIECES = (100, 20, 5, 1)
"""Rows a statement on SQLite. Few sizes, so that each is prepared once and found again."""


def select(sql: str, *lists: Iterable[Any]) -> list[tuple[Any, ...]]:
    """Rows of a SELECT in which each `IN %s` takes one list, however long.

    On PostgreSQL the list's type follows from what it is compared with.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            text = sql.replace("IN %s", "IN (SELECT value FROM json_each(%s))")
            cursor.execute(text, [_sqlite_json.encode(list(values)).decode() for values in lists])
        else:
            cursor.execute(sql.replace("IN %s", "= ANY(%s)"), [_array(values) for values in lists])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def select_by(
    sql: str, model: type[Model], names: Sequence[str], keys: Collection[Row]
) -> list[tuple[Any, ...]]:
    """Rows of a SELECT that says `FROM {keys}`: a table `wanted` of the model's columns `names`, one row a key."""
    if not keys:
        return []
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            chosen = ", ".join(
                f"value ->> {place} AS {column}" for place, column in enumerate(columns_of(model, names))
            )
            source = f"(SELECT {chosen} FROM json_each(%s)) AS wanted"  # noqa: S608 - names of our own, here and below
            given = _sqlite_json.encode(_for_sqlite(model, names, keys)).decode()
        else:
            typed = ", ".join(_typed(model, names))
            source = f"json_to_recordset(%s::json) AS wanted ({typed})"
            given = _json(names, keys)
        cursor.execute(sql.format(keys=source), [given])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def insert(model: type[Model], names: Sequence[str], rows: Sequence[Row], *, or_keep: bool = False) -> None:
    """Insert rows; with `or_keep`, leave those alone whose key is there. Raises IntegrityError otherwise."""
    _insert(model, names, rows, " ON CONFLICT DO NOTHING" if or_keep else "")


def put(model: type[Model], names: Sequence[str], rows: Sequence[Row], *, key: int) -> None:
    """Insert rows, or overwrite those with the same key: the first `key` names. No key may come twice in `rows`."""
    changes = ", ".join(f"{column} = excluded.{column}" for column in columns_of(model, names[key:]))
    merge(model, names, rows, key=key, changes=changes)


def merge(model: type[Model], names: Sequence[str], rows: Sequence[Row], *, key: int, changes: str) -> None:
    """Insert rows; where the key is there (the first `key` names), set what `changes` says instead.

    `changes` is SQL: a column of the row that stands is `stood.x`, that of the given row `excluded.x`; a WHERE may
    follow. No key may come twice in `rows`.
    """
    columns = ", ".join(columns_of(model, names[:key]))
    _insert(model, names, rows, f" ON CONFLICT ({columns}) DO UPDATE SET {changes}")


def _insert(model: type[Model], names: Sequence[str], rows: Sequence[Row], conflict: str) -> None:
    if not rows:
        return
    columns = columns_of(model, names)
    into = f"INSERT INTO {model._meta.db_table} AS stood ({', '.join(columns)})"  # noqa: SLF001
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            marks = f"({', '.join(['%s'] * len(columns))})"
            ready, at = _for_sqlite(model, names, rows), 0
            for size in _PIECES:
                statement = f"{into} VALUES {', '.join([marks] * size)}{conflict}"
                for start in range(at, len(ready) - size + 1, size):
                    cursor.execute(statement, list(chain.from_iterable(ready[start : start + size])))
                    at = start + size
        else:
            chosen, source = _recordset(model, names)
            # WHERE TRUE, or ON would be read as that of a join.
            cursor.execute(f"{into} SELECT {chosen} FROM {source} WHERE TRUE{conflict}", [_json(names, rows)])  # noqa: S608


def change(model: type[Model], key: str, names: Sequence[str], rows: Mapping[Any, Row]) -> None:
    """Set columns of the rows with these keys."""
    if not rows:
        return
    table, (key_column, *columns) = model._meta.db_table, columns_of(model, (key, *names))  # noqa: SLF001
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            settings = ", ".join(f"{column} = %s" for column in columns)
            cursor.executemany(
                f"UPDATE {table} SET {settings} WHERE {key_column} = %s",  # noqa: S608 - names of our own, here and below
                _for_sqlite(model, (*names, key), [(*values, one) for one, values in rows.items()]),
            )
        else:
            chosen, source = _recordset(model, (key, *names))
            settings = ", ".join(f"{column} = new.{column}" for column in columns)
            named = ", ".join((key_column, *columns))
            cursor.execute(
                f"UPDATE {table} SET {settings} FROM (SELECT {chosen} FROM {source}) AS new ({named})"  # noqa: S608
                f" WHERE {table}.{key_column} = new.{key_column}",
                [_json((key, *names), [(one, *values) for one, values in rows.items()])],
            )


def remove(model: type[Model], names: Sequence[str], keys: Sequence[Row]) -> None:
    """Delete the rows with these keys."""
    if not keys:
        return
    condition = " AND ".join(f"{column} = %s" for column in columns_of(model, names))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"DELETE FROM {model._meta.db_table} WHERE {condition}",  # noqa: S608, SLF001
            _for_sqlite(model, names, keys) if connection.vendor == "sqlite" else keys,
        )


def columns_of(model: type[Model], names: Iterable[str]) -> list[str]:
    """What the database calls these fields, quoted ("group" is a word of SQL)."""
    return [f'"{field.column}"' for field in _fields(model, names)]


def _fields(model: type[Model], names: Iterable[str]) -> "list[Field[Any, Any]]":
    return [model._meta.get_field(name) for name in names]  # type: ignore[misc]  # noqa: SLF001


def _for_sqlite(model: type[Model], names: Sequence[str], rows: Sequence[Row]) -> list[Row]:
    """Rows as SQLite takes them: it has neither times nor UUIDs of its own. Column by column, which is much faster."""
    columns: list[Iterable[Any]] = []
    for field, values in zip(_fields(model, names), zip(*rows, strict=True), strict=True):
        if isinstance(field, DateTimeField):
            columns.append([None if one is None else _time(one) for one in values])
        elif isinstance(field, UUIDField):
            columns.append([None if one is None else one.hex for one in values])
        else:
            columns.append(values)
    return list(zip(*columns, strict=True))


def _time(moment: datetime) -> str:
    return (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).isoformat(" ")[: -len("+00:00")]


_sqlite_json = msgspec.json.Encoder(uuid_format="hex")


def _json(names: Sequence[str], rows: Iterable[Row]) -> str:
    return msgspec.json.encode([dict(zip(names, row, strict=True)) for row in rows]).decode()


def _recordset(model: type[Model], names: Sequence[str]) -> tuple[str, str]:
    """What to select of the JSON parameter, and the parameter as a table. JSON has no bytes: they come in base64."""
    chosen = [
        f"decode(given.\"{name}\", 'base64')" if isinstance(field, BinaryField) else f'given."{name}"'
        for name, field in zip(names, _fields(model, names), strict=True)
    ]
    typed = ", ".join(_typed(model, names))
    return ", ".join(chosen), f"json_to_recordset(%s::json) AS given ({typed})"


def _typed(model: type[Model], names: Sequence[str]) -> list[str]:
    return [
        f'"{name}" {"text" if isinstance(field, BinaryField) else field.rel_db_type(connection)}'
        for name, field in zip(names, _fields(model, names), strict=True)
    ]


def _array(values: Iterable[Any]) -> str:
    """A PostgreSQL array as text: the driver would look at each item."""
    return "{" + ",".join(_quoted(one) if isinstance(one, str) else str(one) for one in values) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", r"\\").replace('"', r"\"") + '"'


def from_database_time(value: Any) -> datetime:
    """A time as raw SQL gives it; SQLite's are in UTC and do not say so."""
    moment: datetime = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def from_database_uuid(value: Any) -> UUID | None:
    """An UUID as raw SQL gives it."""
    return UUID(hex=value) if isinstance(value, str) else value


def from_database_json(value: Any) -> Any:
    """A JSON column as raw SQL gives it."""
    return json.loads(value) if isinstance(value, str) else value
