"""Many rows in one statement, on SQLite and PostgreSQL.

The ORM makes one object a row; at fifteen thousand entries a second that alone would take the machine. PostgreSQL
gets each column as one array, and rows that can meet nothing by COPY; statements stay prepared, because planning one
costs as much as running it. SQLite gets rows a hundred at a time: a statement a row costs no more by itself, but after
each one the thread may have to wait for another that computes, and whoever writes the ledger keeps everybody waiting.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import (
    CharField,
    DateField,
    DateTimeField,
    Field,
    Model,
    TextField,
    UUIDField,
)

Row = Sequence[Any]
_PIECES = (100, 20, 5, 1)
"""Rows a statement on SQLite. Few sizes, so that each is prepared once and found again."""


def cursor() -> CursorWrapper:
    """A cursor whose statements the database keeps prepared: for what is asked with each batch.

    Django's own puts the values into the text on PostgreSQL, so that each statement is a new one.
    """
    if connection.vendor == "sqlite":
        return connection.cursor()
    from psycopg import Cursor  # noqa: PLC0415 - only beside PostgreSQL

    connection.ensure_connection()
    made: CursorWrapper = connection._prepare_cursor(Cursor(connection.connection))  # type: ignore[attr-defined]  # noqa: SLF001
    return made


def select(sql: str, *lists: Iterable[Any]) -> list[tuple[Any, ...]]:
    """Rows of a SELECT in which each `IN %s` takes one list, however long.

    On PostgreSQL the list's type follows from what it is compared with.
    """
    with cursor() as asking:
        if connection.vendor == "sqlite":
            text = sql.replace("IN %s", "IN (SELECT value FROM json_each(%s))")
            asking.execute(text, [_sqlite_json.encode(list(values)).decode() for values in lists])
        else:
            asking.execute(sql.replace("IN %s", "= ANY(%s)"), [_array(list(values)) for values in lists])
        rows: list[tuple[Any, ...]] = asking.fetchall()
    return rows


def select_by(
    sql: str, model: type[Model], names: Sequence[str], keys: Sequence[Row]
) -> list[tuple[Any, ...]]:
    """Rows of a SELECT that says `FROM {keys}`: a table `wanted` of the model's columns `names`, one row a key."""
    rows: list[tuple[Any, ...]] = []
    if not keys:
        return rows
    columns = columns_of(model, names)
    with cursor() as asking:
        if connection.vendor == "sqlite":
            named = ", ".join(f"column{place} AS {column}" for place, column in enumerate(columns, 1))
            for values, given in _pieces(model, names, keys):
                source = f"(SELECT {named} FROM ({values})) AS wanted"  # noqa: S608 - names of our own, here and below
                asking.execute(sql.format(keys=source), given)
                rows += asking.fetchall()
        else:
            source = f"{_unnested(model, names)} AS wanted ({', '.join(columns)})"
            asking.execute(sql.format(keys=source), _arrays(keys))
            rows = asking.fetchall()
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
    into = f"{model._meta.db_table} AS stood ({', '.join(columns_of(model, names))})"  # noqa: SLF001
    with cursor() as writing:
        if connection.vendor == "sqlite":
            for values, given in _pieces(model, names, rows):
                writing.execute(f"INSERT INTO {into} {values}{conflict}", given)
        elif conflict:
            source = f"SELECT * FROM {_unnested(model, names)}"  # noqa: S608
            writing.execute(f"INSERT INTO {into} {source}{conflict}", _arrays(rows))
        else:
            _copy(writing, model, names, rows)


def change(model: type[Model], key: str, names: Sequence[str], rows: Mapping[Any, Row]) -> None:
    """Set columns of the rows with these keys."""
    if not rows:
        return
    table, columns = model._meta.db_table, columns_of(model, (*names, key))  # noqa: SLF001
    given = [(*values, one) for one, values in rows.items()]
    with cursor() as writing:
        if connection.vendor == "sqlite":
            settings = ", ".join(f"{column} = %s" for column in columns[:-1])
            writing.executemany(
                f"UPDATE {table} SET {settings} WHERE {columns[-1]} = %s",  # noqa: S608
                _for_sqlite(model, (*names, key), given),
            )
        else:
            settings = ", ".join(f"{column} = new.{column}" for column in columns[:-1])
            source = f"{_unnested(model, (*names, key))} AS new ({', '.join(columns)})"
            writing.execute(
                f"UPDATE {table} SET {settings} FROM {source} WHERE {table}.{columns[-1]} = new.{columns[-1]}",  # noqa: S608
                _arrays(given),
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


def _pieces(model: type[Model], names: Sequence[str], rows: Sequence[Row]) -> Iterator[tuple[str, list[Any]]]:
    """For SQLite: `VALUES …` and what it takes, a piece at a time."""
    ready, at = _for_sqlite(model, names, rows), 0
    # SQLite's own mark, or Django would rewrite every one; its log of queries knows only its own.
    mark = "%s" if connection.queries_logged else "?"
    for size in _PIECES:
        values = _values(mark, len(names), size)
        for start in range(at, len(ready) - size + 1, size):
            yield values, list(chain.from_iterable(ready[start : start + size]))
            at = start + size


@lru_cache
def _values(mark: str, columns: int, rows: int) -> str:
    row = f"({', '.join([mark] * columns)})"
    return f"VALUES {', '.join([row] * rows)}"


def _for_sqlite(model: type[Model], names: Sequence[str], rows: Sequence[Row]) -> list[Row]:
    """Rows as SQLite takes them: it has neither times nor UUIDs of its own. Column by column, which is much faster."""
    columns: list[Iterable[Any]] = []
    for field, values in zip(_fields(model, names), zip(*rows, strict=True), strict=True):
        if isinstance(field, DateTimeField):
            columns.append(_times(values))
        elif isinstance(field, (DateField, UUIDField)):
            columns.append(_read_texts(_sqlite_json.encode(values)))
        else:
            columns.append(values)
    return list(zip(*columns, strict=True))


def _times(values: Iterable[datetime | None]) -> list[str | None]:
    """Times in UTC as Django writes them: `2026-11-25 16:45:00.5`."""
    utc = [one if one is None or one.tzinfo is UTC else one.astimezone(UTC) for one in values]
    return _read_texts(_sqlite_json.encode(utc).replace(b"T", b" ").replace(b"Z", b""))


_sqlite_json = msgspec.json.Encoder(uuid_format="hex")
_read_texts = msgspec.json.Decoder(list[str | None]).decode


def _unnested(model: type[Model], names: Sequence[str]) -> str:
    """For PostgreSQL: a table made of arrays, one a column."""
    return f"unnest({', '.join(f'%s::{_type(field)}[]' for field in _fields(model, names))})"


def _type(field: "Field[Any, Any]") -> str:
    name: str = "text" if isinstance(field, (CharField, TextField)) else field.rel_db_type(connection)  # type: ignore[assignment]
    return name


def _arrays(rows: Sequence[Row]) -> list[str]:
    return [_array(values) for values in zip(*rows, strict=True)]


def _array(values: Sequence[Any]) -> str:
    """A PostgreSQL array as text: the driver would look at each item."""
    if isinstance(next((one for one in values if one is not None), None), bytes):
        return "{" + ",".join("NULL" if one is None else rf'"\\x{one.hex()}"' for one in values) + "}"
    text = msgspec.json.encode(values).decode()[1:-1]
    if "\\" in text:  # an array knows no \n, only \\ and \"
        text = ",".join(map(_quoted, values))
    return "{" + text + "}"


def _quoted(one: str | None) -> str:
    return "NULL" if one is None else '"' + one.replace("\\", r"\\").replace('"', r"\"") + '"'


def _copy(writing: CursorWrapper, model: type[Model], names: Sequence[str], rows: Sequence[Row]) -> None:
    """Into PostgreSQL by its quickest way, which knows no `ON CONFLICT`."""
    columns = ", ".join(columns_of(model, names))
    with (
        connection.wrap_database_errors,
        writing.copy(f"COPY {model._meta.db_table} ({columns}) FROM STDIN (FORMAT BINARY)") as copy,  # noqa: SLF001
    ):
        copy.set_types([_type(field) for field in _fields(model, names)])
        for row in rows:
            copy.write_row(row)


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
