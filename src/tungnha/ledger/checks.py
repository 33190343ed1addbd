"""What must be true of the database before anything is promised about it: read back from a connection at start."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's name
from django.db import connections
from django.utils.translation import gettext as _

FIRST_SOUND = (3, 51, 3)
"""From this SQLite on, a WAL file that is begun anew at the wrong moment no longer loses what was committed
(versions 3.7.0 to 3.51.2; sqlite.org/wal.html, "the WAL-reset bug")."""
EXPECTED = {
    "journal_mode": ("wal", "memory"),
    "synchronous": (2, 3),
    "foreign_keys": (1,),
    "recursive_triggers": (1,),
}
"""An in-memory database has no journal file; 2 and 3 are FULL and EXTRA."""


@register(Tags.database)
def sqlite_is_sound(*, databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """Whether SQLite is recent enough and set so that what was acknowledged survives a power cut."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if connection.vendor != "sqlite":
            continue
        version = connection.Database.sqlite_version_info  # type: ignore[attr-defined]
        if version < FIRST_SOUND:
            found.append(
                Warning(
                    _("SQLite %(version)s can lose committed entries when two processes write.")
                    % {"version": ".".join(map(str, version))},
                    hint=_("Install pysqlite3, which brings a newer SQLite, or use PostgreSQL."),
                    id="ledger.W001",
                )
            )
        with connection.cursor() as cursor:
            for pragma, allowed in EXPECTED.items():
                cursor.execute(f"PRAGMA {pragma}")
                (value,) = cursor.fetchone()
                if value not in allowed:
                    found.append(
                        Error(
                            _("SQLite runs with %(pragma)s = %(value)s; the ledger needs %(needed)s.")
                            % {"pragma": pragma, "value": value, "needed": allowed[0]},
                            id="ledger.E001",
                        )
                    )
    return found
