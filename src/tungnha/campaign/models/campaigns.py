"""A campaign: who runs what, where and until when, and the phases it goes through."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tungnha.territory.models import Unit


class Campaign(models.Model):
    """A drive with a start and a deadline in one territory: a city, or one unit of it as a pilot."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=200)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="campaigns", verbose_name=_("territory"))
    start = models.DateField(_("start"))
    deadline = models.DateField(_("deadline"), help_text=_("The last day"))
    language = models.CharField(_("language"), max_length=10, default="vi")
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Ho_Chi_Minh")

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ("-start", "code")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(deadline__gte=models.F("start")), name="campaign_ends_after_it_starts"
            ),
        )

    def __str__(self) -> str:
        return self.name

    def today(self, now: datetime | None = None) -> date:
        """The calendar day where the campaign runs, which is not always the server's."""
        return self.day_of(now)

    def day_of(self, moment: datetime | None = None) -> date:
        """The calendar day, where the campaign runs, of a moment (now)."""
        return timezone.localtime(moment, ZoneInfo(self.time_zone)).date()


class Phase(models.Model):
    """A stretch of a campaign with a name: preparation, the peak, the review. Phases never share a day."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="phases")
    name = models.CharField(_("name"), max_length=120)
    start = models.DateField(_("start"))
    end = models.DateField(_("end"), help_text=_("The last day"))

    class Meta:
        verbose_name = _("phase")
        verbose_name_plural = _("phases")
        ordering = ("start",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(end__gte=models.F("start")), name="phase_ends_after_it_starts"
            ),
            models.UniqueConstraint("campaign", "name", name="phase_name_once"),
        )

    def __str__(self) -> str:
        return self.name
