"""Two doors further apart than there was time to walk."""

import numpy as np
from django.utils.translation import gettext_lazy as _

from tungnha.progress.checks.shift import Check, Seen, Shift

_NEAR_METRES = 60.0
"""Positions of doors are only so good."""


def find(shift: Shift, threshold: float) -> Seen | None:
    """How many steps were faster than `threshold` metres a minute, and the worst of them."""
    metres = np.hypot(*np.diff(shift.xy, axis=0).T)
    minutes = np.maximum(np.diff(shift.minute), 1 / 60)
    with np.errstate(invalid="ignore"):
        far = (metres > _NEAR_METRES) & (metres / minutes > threshold)
    if not far.any():
        return None
    worst = int(np.argmax(np.where(far, metres / minutes, -1)))
    return {
        "steps": int(far.sum()),
        "metres": round(float(metres[worst])),
        "seconds": round(float(minutes[worst]) * 60),
    }


CHECK = Check(
    "impossible_travel",
    _("Impossible travel"),
    _("%(steps)s times faster than a walk; once %(metres)s m in %(seconds)s seconds."),
    _(
        "A door's position in the register is wrong, the volunteer rode a motorbike, or recorded a door later than it was visited."
    ),
    threshold=250,
    unit=_("metres a minute"),
    find=find,
)
