"""The audit trail of the command line: a command that writes, or reads people's names, is recorded, whichever it is."""

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from django.db import connection

from tungnha.accounts.models import AuditEntry
from tungnha.accounts.services.audit import keep

_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
_NAMES = ('"full_name"', '"head_name"')
"""Columns with residents' names; no list, letter or walk list is made without one of them, and no count with one."""


class _Watch:
    """Stands between a command and the database, and remembers which command first wrote or read a name."""

    def __init__(self) -> None:
        self.told: tuple[str, str] | None = None

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - Django's signature
        if self.told is None and (
            sql.lstrip()[:7].upper().startswith(_WRITES) or any(name in sql for name in _NAMES)
        ):
            self.told = _command()
        return execute(sql, params, many, context)


def _command() -> tuple[str, str]:
    """The command that runs and what it was given: arguments, and the switches that are on, such as `--numbers`.

    Options with a value are left out: one of them may be a password.
    """
    here = click.get_current_context(silent=True)
    if here is None:
        return "tungnha", ""
    given = [
        str(here.params.get(p.name or "", "")) for p in here.command.params if isinstance(p, click.Argument)
    ]
    given += [
        p.opts[0]
        for p in here.command.params
        if isinstance(p, click.Option) and p.is_flag and here.params.get(p.name or "") is True
    ]
    command = "tungnha" + here.command_path.removeprefix(here.find_root().command_path)
    return command, " ".join(given)


@contextmanager
def recorded() -> Iterator[None]:
    """Record the command that runs meanwhile if it writes or reads people, also when it fails half-way."""
    watch = _Watch()
    try:
        with connection.execute_wrapper(watch):
            yield
    finally:
        if watch.told is not None:
            command, given = watch.told
            keep(
                AuditEntry(
                    kind=AuditEntry.Kind.COMMAND, actor_name=_account(), route=command[:100], path=given[:300]
                )
            )


def _account() -> str:
    """Whose account of the machine runs the command."""
    try:
        return getpass.getuser()[:150]
    except (KeyError, OSError):  # an account without a name, as in some service units
        return ""
