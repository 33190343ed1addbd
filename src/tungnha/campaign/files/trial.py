"""Where a campaign file is tried out: the services run, and nothing of it stays."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, transaction

from tungnha.accounts.models import RoleHeld, User
from tungnha.territory.models import Population, Source, Succession, Unit, UnitChange

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.utils import CursorWrapper
    from django.db.models import Model


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written inside is gone afterwards.

    On SQLite a writer keeps every other waiting, phones too, so it is tried on a copy in memory of what a set-up
    touches; the database itself is only read. On PostgreSQL others wait at most for the same campaign, so there it
    is a transaction that is rolled back.
    """
    real = connections[DEFAULT_DB_ALIAS]
    if real.vendor != "sqlite":
        with _rolled_back():
            yield
        return
    copy = real.copy()
    copy.settings_dict["NAME"] = ":memory:"
    copy.connect()
    try:
        _fill(copy, real)
        connections[DEFAULT_DB_ALIAS] = copy
        # Rolled back here as well, so that nothing that waits for a commit, such as deleting a file, ever comes about.
        with _rolled_back():
            yield
    finally:
        connections[DEFAULT_DB_ALIAS] = real
        copy.connection.close()  # Django's own `close` leaves a database in memory open


@contextmanager
def _rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _fill(copy: "BaseDatabaseWrapper", real: "BaseDatabaseWrapper") -> None:
    """Every table, and the rows of those that setting a campaign up reads or writes."""
    models = [*apps.get_app_config("campaign").get_models(include_auto_created=True)]
    models += [User, RoleHeld, Source, Unit, UnitChange, Succession, Population]
    with real.cursor() as cursor:
        # One picture of all tables. A transaction that only reads waits for nobody and keeps nobody waiting.
        own = not real.in_atomic_block
        if own:
            cursor.execute("BEGIN DEFERRED")
        try:
            cursor.execute(
                "SELECT sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL"
                " AND name NOT LIKE 'sqlite_%%' ORDER BY type DESC"
            )
            # Rows of higher rooms are not copied, so keys are not held to be whole.
            copy.connection.executescript(
                ";\n".join(["PRAGMA foreign_keys = OFF", *(sql for (sql,) in cursor)])
            )
            for model in models:
                _copy_rows(model, cursor, copy)
        finally:
            if own:
                cursor.execute("COMMIT")


def _copy_rows(model: "type[Model]", cursor: "CursorWrapper", copy: "BaseDatabaseWrapper") -> None:
    """All rows of a table; the boundary of a unit, which is large and asked for by nobody here, stays behind."""
    facts = model._meta  # noqa: SLF001 - Django's documented interface
    columns = [f'"{field.column}"' for field in facts.local_concrete_fields]
    # The plus sign keeps the driver from turning dates and the like into Python's: they go on as they are stored.
    read = ", ".join("NULL" if column == '"boundary"' else f"+{column}" for column in columns)
    cursor.execute(f'SELECT {read} FROM "{facts.db_table}"')  # noqa: S608 - names of our own tables
    into = f'INSERT INTO "{facts.db_table}" ({", ".join(columns)}) VALUES ({", ".join("?" * len(columns))})'  # noqa: S608 - as above
    copy.connection.executemany(into, cursor)
