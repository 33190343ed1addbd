"""Keeping the audit trail.

An entry is written before the page it is about is sent, so that nothing personal is shown unrecorded. Where the
database is busy for longer than `PATIENCE` (on SQLite one long import holds the only write lock), the page does not
wait for it: the entry goes to a file of its own beside the database, safe on the disk, and is brought in with the next
one. Where even that fails, the page fails.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from tungnha.accounts.models import AuditEntry

PATIENCE = 0.25
"""Seconds a page waits for the write lock."""

_MANY = frozenset({AuditEntry.Kind.READ, AuditEntry.Kind.DOWNLOAD, AuditEntry.Kind.REFUSAL})
"""What is written for pages that change nothing. Such an entry outlives the program at once and the power a moment later;
waiting for the disk would cost each such page more than all the rest of it."""

LEAST_DAYS = 365
"""Nothing younger can be deleted; the triggers know the same number (migration `0004`)."""

_FIELDS = [field.attname for field in AuditEntry._meta.fields if not field.primary_key]  # noqa: SLF001
_BATCH = 1000


def keep(entry: AuditEntry) -> None:
    """Write one entry, at once or by way of a file. Raises OSError when neither can be done."""
    try:
        with _impatient(to_disk=entry.kind not in _MANY):
            entry.save(force_insert=True)
    except OperationalError:
        _set_aside(entry)
    else:
        bring_in()


@contextmanager
def _impatient(*, to_disk: bool = True) -> Iterator[None]:
    """On SQLite, wait only `PATIENCE` for the lock, and for the disk only if `to_disk`.

    Straight on the connection: these are no queries of the page.
    """
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    database = connection.connection
    usual = int(float(connection.settings_dict["OPTIONS"].get("timeout", 5)) * 1000)
    at_ease = not to_disk and not connection.in_atomic_block  # it cannot be changed within a transaction
    database.execute(f"PRAGMA busy_timeout = {int(PATIENCE * 1000)}")
    if at_ease:
        database.execute("PRAGMA synchronous = NORMAL")
    try:
        yield
    finally:
        database.execute(f"PRAGMA busy_timeout = {usual}")
        if at_ease:
            database.execute("PRAGMA synchronous = FULL")


def _folder() -> Path:
    return Path(settings.TUNGNHA_DATA) / "audit-waiting"


def _set_aside(entry: AuditEntry) -> None:
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    facts = {name: getattr(entry, name) for name in _FIELDS}
    written = folder / f".{secrets.token_hex(8)}"
    with written.open("w", encoding="utf-8") as file:
        json.dump(facts, file, cls=DjangoJSONEncoder)
        file.flush()
        os.fsync(file.fileno())
    written.rename(folder / f"{timezone.now():%Y%m%dT%H%M%S%f}{written.name}.json")


def bring_in() -> int:
    """Write the entries that wait in files. Returns how many. Where another process is at it, leaves it to that one.

    A crash between the write and the removal of a file repeats an entry; none is lost.
    """
    folder = _folder()
    if next(folder.glob("*.json"), None) is None:
        return 0
    with suppress(BlockingIOError, OperationalError), (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        waiting = sorted(folder.glob("*.json"))[:_BATCH]
        facts: list[dict[str, Any]] = [json.loads(path.read_text(encoding="utf-8")) for path in waiting]
        with _impatient(), transaction.atomic():
            AuditEntry.objects.bulk_create([AuditEntry(**one) for one in facts], batch_size=_BATCH)
        for path in waiting:
            path.unlink()
        return len(waiting)
    return 0


def forget_old() -> int:
    """Delete what is older than the installation keeps (`audit_days`), a batch at a time. Returns how many."""
    days = max(settings.TUNGNHA_AUDIT_DAYS, LEAST_DAYS)
    old = AuditEntry.objects.filter(at__lt=timezone.now() - timedelta(days=days)).order_by("pk")
    gone = 0
    while batch := list(old.values_list("pk", flat=True)[:_BATCH]):
        with transaction.atomic():
            gone += AuditEntry.objects.filter(pk__in=batch).delete()[0]
    return gone
