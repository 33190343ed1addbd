"""Day after day a round number of visits."""

from django.utils.translation import gettext_lazy as _

from tungnha.progress.checks.shift import Check, Seen, Shift


def find(shift: Shift, threshold: float) -> Seen | None:
    """How many days in a row, this one included, ended on a full ten. By chance one day in ten does."""
    days = [len(shift.minute), *(int(one) for one in shift.earlier)]
    in_a_row = 0
    for visits in days:
        if visits == 0 or visits % 10:
            break
        in_a_row += 1
    return {"days": in_a_row, "visits": days[0]} if in_a_row >= threshold else None


CHECK = Check(
    "round_figures",
    _("Round figures"),
    _("%(days)s days in a row ended on a full ten; this day on %(visits)s."),
    _("The team leader asks for so many doors an evening, and the team stops there."),
    threshold=3,
    unit=_("days in a row"),
    find=find,
)
