"""A share of opened doors far from what the campaign sees at those hours."""

import numpy as np
from django.utils.translation import gettext_lazy as _

from tungnha.progress.checks.shift import Check, Seen, Shift

_LEAST = 15
"""Visits. Fewer say nothing."""


def find(shift: Shift, threshold: float) -> Seen | None:
    """By how many standard deviations the contacts differ from the sum of expected chances (Poisson-binomial)."""
    if len(shift.contact) < _LEAST:
        return None
    expected = float(shift.expected.sum())
    deviation = float(np.sqrt((shift.expected * (1 - shift.expected)).sum()))
    found = int(shift.contact.sum())
    if deviation == 0 or abs(found - expected) / deviation < threshold:
        return None
    return {"contacts": found, "visits": len(shift.contact), "expected": round(expected)}


CHECK = Check(
    "contact_rate",
    _("Contact rate far from the hour's"),
    _(
        "Somebody opened at %(contacts)s of %(visits)s doors; about %(expected)s were to be expected at these hours."
    ),
    _("The group's head had announced the visit, or a holiday emptied the street."),
    threshold=3.5,
    unit=_("standard deviations"),
    find=find,
)
