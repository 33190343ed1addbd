"""One telephone for many households that were helped."""

import numpy as np
from django.utils.translation import gettext_lazy as _

from tungnha.progress.checks.shift import Check, Seen, Shift


def find(shift: Shift, threshold: float) -> Seen | None:
    """The most households done on one day whose residents have the same telephone."""
    known = shift.phone[shift.done & (shift.phone >= 0)]
    if not len(known):
        return None
    most = int(np.unique(known, return_counts=True)[1].max())
    return {"households": most} if most >= threshold else None


CHECK = Check(
    "shared_phone",
    _("One phone for many households"),
    _("%(households)s households done that day have one telephone number."),
    _(
        "Old parents in several houses whose child's number is given for all; then the account is on the child's phone."
    ),
    threshold=4,
    unit=_("households"),
    find=find,
)
