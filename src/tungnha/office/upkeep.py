"""What a serving installation does by itself: let what is open follow its units when they change, forget position stamps."""

import logging
import multiprocessing
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from django.db import DatabaseError, connection
from django.utils import timezone

from tungnha.engine.beside import beside

if TYPE_CHECKING:
    from tungnha.territory import following

EVERY_SECONDS = 3600
"""How long after midnight a change takes hold at the latest. A run with nothing to do reads a few tables."""

_log = logging.getLogger(__name__)


def settle() -> "following.Followings":
    """One run, for today."""
    from tungnha.outreach.services import positions  # noqa: PLC0415 - a new process comes here before Django is set up
    from tungnha.territory import following  # noqa: PLC0415

    done = following.follow(timezone.localdate())
    gone = positions.forget()
    if gone:
        _log.info("%d position stamps were forgotten", gone)
    if done.moved:
        _log.warning("Units changed; what followed them: %s; waiting: %s", done.moved, done.waiting)
    return done


def keep_settling() -> None:
    """Settle every hour, until the process that started this one ends."""
    import django  # noqa: PLC0415 - heavy, and for this process alone

    django.setup()
    server = multiprocessing.parent_process()
    assert server is not None
    while True:
        try:
            settle()
        except DatabaseError:
            _log.exception("What is open could not follow its units; trying again in an hour")
        finally:
            connection.close()
        if wait([server.sentinel], EVERY_SECONDS):
            return


def start() -> None:
    """Keep an installation up for as long as this process lives."""
    beside(keep_settling)
