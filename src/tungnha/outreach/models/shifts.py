"""When a team goes out."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tungnha.accounts.models import User
from tungnha.outreach.models.teams import Team


class Shift(models.Model):
    """An evening or a morning on which a team goes out together."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="shifts")
    start = models.DateTimeField(_("start"))
    end = models.DateTimeField(_("end"))
    planned_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("planned by"))
    called_off = models.CharField(_("called off because"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        ordering = ("start", "team")
        constraints = (
            models.UniqueConstraint("team", "start", name="shift_of_team_once"),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="shift_ends_after_it_starts"),
        )

    def __str__(self) -> str:
        return f"{self.team} {self.start:%Y-%m-%d %H:%M}"
