"""Who came to a shift."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tungnha.accounts.models import User
from tungnha.campaign.models.history import OnlyAdded
from tungnha.outreach.models.shifts import Shift
from tungnha.outreach.models.teams import Member


class Attendance(OnlyAdded):
    """What somebody says about a member's shift. The newest word stands, also against what the phone let see."""

    class State(models.TextChoices):
        CAME = "came", _("Came")
        LATE = "late", _("Came late")
        ABSENT = "absent", _("Did not come")

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="attendance")
    member = models.ForeignKey(Member, models.CASCADE, related_name="attendance", verbose_name=_("member"))
    state = models.CharField(_("attendance"), max_length=6, choices=State)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    marked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("said by"))
    marked_at = models.DateTimeField(_("said at"), default=timezone.now)

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendance")
        ordering = ("-pk",)
        indexes = (models.Index("shift", "member", name="attendance_of_shift"),)

    def __str__(self) -> str:
        return f"{self.shift} {self.member}: {self.state}"
