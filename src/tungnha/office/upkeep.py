"""What a serving installation does by itself: on the day of a change of units, let what is open follow them."""

import logging
import threading
import time

from django.db import DatabaseError, connection
from django.utils import timezone

from tungnha.territory import following

EVERY_SECONDS = 3600
"""How long after midnight a change takes hold at the latest. A run with nothing to do reads a few tables."""

_log = logging.getLogger(__name__)


def settle() -> following.Followings:
    """One run, for today."""
    done = following.follow(timezone.localdate())
    if done.moved:
        _log.warning("Units changed; what followed them: %s; waiting: %s", done.moved, done.waiting)
    return done


def _keep_settling() -> None:
    while True:
        try:
            settle()
        except DatabaseError:
            _log.exception("What is open could not follow its units; trying again in an hour")
        finally:
            connection.close()
        time.sleep(EVERY_SECONDS)


def start() -> None:
    """Keep an installation up for as long as this process lives."""
    threading.Thread(target=_keep_settling, name="upkeep", daemon=True).start()
