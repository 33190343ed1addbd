"""What checks found and how it was settled, and how a campaign has tuned them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tungnha.accounts.models import User
from tungnha.campaign.models import Campaign
from tungnha.territory.models import Unit


class CheckSetting(models.Model):
    """A campaign's own threshold for a check, or that it is off."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="check_settings")
    check_name = models.CharField(_("check"), max_length=30)
    on = models.BooleanField(_("on"), default=True)
    threshold = models.FloatField(
        _("threshold"), null=True, blank=True, help_text=_("Empty: as the check comes")
    )

    class Meta:
        verbose_name = _("setting of a check")
        verbose_name_plural = _("settings of checks")
        constraints = (models.UniqueConstraint("campaign", "check_name", name="check_setting_once"),)

    def __str__(self) -> str:
        return f"{self.campaign}: {self.check_name}"


class ReviewFlag(models.Model):
    """Something about one person's day that a supervisor should look at. Seen once a day and check; settled with a reason."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="review_flags")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="review_flags", verbose_name=_("unit"))
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person"))
    day = models.DateField(_("day"))
    check_name = models.CharField(_("check"), max_length=30)
    facts = models.JSONField(_("what was seen"))
    share = models.FloatField(_("share of all shifts that show the same"))
    seen_at = models.DateTimeField(_("seen at"), auto_now_add=True)
    settled_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("settled by")
    )
    settled_at = models.DateTimeField(_("settled at"), null=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("review flag")
        verbose_name_plural = _("review flags")
        ordering = ("-day", "check_name", "pk")
        indexes = (models.Index(fields=("unit", "settled_at"), name="review_flag_of_unit"),)
        constraints = (
            models.UniqueConstraint("campaign", "person", "day", "check_name", name="review_flag_once"),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.person} {self.check_name}"
