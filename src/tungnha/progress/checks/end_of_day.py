"""A whole evening recorded in a few minutes."""

from django.utils.translation import gettext_lazy as _

from tungnha.progress.checks.shift import Check, Seen, Shift

_LEAST = 12
"""Visits."""
_SHORTEST = 1.0
"""Minutes that even a knock at an empty house takes, with the walk to it."""


def find(shift: Shift, threshold: float) -> Seen | None:
    """The share of the time that the visits must have taken at least in which all of them were recorded."""
    if len(shift.minute) < _LEAST:
        return None
    took = float(shift.minute[-1] - shift.minute[0])
    least = _SHORTEST * (len(shift.minute) - 1)
    if took > threshold * least:
        return None
    return {"visits": len(shift.minute), "minutes": round(took)}


CHECK = Check(
    "end_of_day",
    _("Entered in one batch"),
    _("All %(visits)s visits of the day were recorded within %(minutes)s minutes."),
    _(
        "The volunteer walked with the paper list and entered it afterwards, as one does without a phone at hand."
    ),
    threshold=0.5,
    unit=_("of a minute a visit"),
    find=find,
)
