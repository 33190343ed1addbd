"""How wrong a phone's clock is."""

from datetime import datetime, timedelta

_MILLISECOND = timedelta(milliseconds=1)
TOLERATED = timedelta(seconds=30)
"""Below this the clock counts as right: the difference is as likely the time that sending took."""


def offset(sent_at: datetime, received_at: datetime) -> int:
    """Milliseconds to add to the phone's clock. Too large by as much as the request was under way.

    It corrects a clock that was wrong by the same amount when the entries were made. Where the clock was put right in
    between, their times come out impossible, and they are held (`judging`).
    """
    difference = received_at - sent_at
    return 0 if abs(difference) <= TOLERATED else difference // _MILLISECOND
