"""When to knock again."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tungnha.campaign.models import Campaign
from tungnha.outreach.models.turfs import Turf
from tungnha.register.models import Household


class Callback(models.Model):
    """The next attempt at a household, as last planned: planning a unit anew replaces its rows."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="callbacks")
    household = models.ForeignKey(Household, models.CASCADE, related_name="callbacks")
    turf = models.ForeignKey(Turf, models.CASCADE, related_name="callbacks", verbose_name=_("walk"))
    start = models.DateTimeField(_("from"))
    end = models.DateTimeField(_("until"))
    attempt = models.PositiveSmallIntegerField(_("attempt"))
    chance = models.FloatField(_("chance that somebody opens"))

    class Meta:
        verbose_name = _("call-back")
        verbose_name_plural = _("call-backs")
        ordering = ("start", "turf", "pk")
        constraints = (models.UniqueConstraint("campaign", "household", name="callback_once"),)

    def __str__(self) -> str:
        return f"{self.household_id} {self.start:%Y-%m-%d %H:%M}"
