"""Doors closer together in time than anybody can knock, wait and walk on."""

import numpy as np
from django.utils.translation import gettext_lazy as _

from tungnha.progress.checks.shift import Check, Seen, Shift

_LEAST = 5
"""Visits in a row. A pair or two is a household that waved from the window."""


def find(shift: Shift, threshold: float) -> Seen | None:
    """The longest run of visits that follow each other within `threshold` seconds."""
    quick = np.diff(shift.minute) * 60 < threshold
    longest = run = end = 0
    for place, one in enumerate(quick):
        run = run + 1 if one else 0
        if run > longest:
            longest, end = run, place + 1
    if longest + 1 < _LEAST:
        return None
    first = end - longest
    return {
        "visits": longest + 1,
        "seconds": round(float(shift.minute[end] - shift.minute[first]) * 60),
        "first": first + 1,
    }


CHECK = Check(
    "too_fast",
    _("Too fast between doors"),
    _("%(visits)s visits in a row within %(seconds)s seconds, from visit %(first)s on."),
    _(
        "Neighbours stand together in the alley and are told at once, or a team records for several doors after walking them."
    ),
    threshold=20,
    unit=_("seconds between two visits"),
    find=find,
)
