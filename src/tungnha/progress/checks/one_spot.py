"""Many doors that lie apart, recorded from one place in one go."""

import numpy as np
from django.utils.translation import gettext_lazy as _

from tungnha.progress.checks.shift import Check, Seen, Shift

_WINDOW = 10.0
"""Minutes."""


def find(shift: Shift, threshold: float) -> Seen | None:
    """The fullest ten minutes of visits to different houses (a block's flats count as one place)."""
    places = np.where(shift.building >= 0, shift.building, -2 - np.arange(len(shift.building)))
    most, at = 0, 0
    for first in range(len(shift.minute)):
        inside = (shift.minute >= shift.minute[first]) & (shift.minute < shift.minute[first] + _WINDOW)
        here = len(np.unique(places[inside]))
        if here > most:
            most, at = here, first
    if most < threshold:
        return None
    return {"houses": most, "at": f"{int(shift.minute[at] // 60):02d}:{int(shift.minute[at] % 60):02d}"}


CHECK = Check(
    "one_spot",
    _("Too many doors in one spot"),
    _("%(houses)s houses recorded within ten minutes from %(at)s."),
    _("A meeting of the residential group where many households came to one table."),
    threshold=15,
    unit=_("houses in ten minutes"),
    find=find,
)
