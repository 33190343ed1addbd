"""Where visits were recorded, at the level of an alley: only while a campaign has it on and the volunteer agrees.

A place somebody was at is sensitive personal data, so it must be possible to forget it. The ledger forgets nothing:
stamps stand beside it, in a table of their own, and only the consent is an entry.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tungnha.accounts.models import User
from tungnha.campaign.models import Campaign
from tungnha.territory.models import Street


class PositionConsent(models.Model):
    """What a volunteer answered, each time. Follows from the ledger; a person's newest answer stands."""

    entry = models.UUIDField(primary_key=True)
    campaign = models.CharField(max_length=40)
    user = models.BigIntegerField()
    given = models.BooleanField(_("agreed"))
    wording = models.PositiveSmallIntegerField(_("version of the wording"))
    answered_at = models.DateTimeField(_("answered at"))

    class Meta:
        verbose_name = _("consent to position stamps")
        verbose_name_plural = _("consents to position stamps")
        ordering = ("-answered_at", "-entry")
        indexes = (models.Index("campaign", "user", name="position_consent_of_user"),)

    def __str__(self) -> str:
        return f"{self.user} {self.answered_at:%Y-%m-%d}: {self.given}"


class PositionStamp(models.Model):
    """The street or alley of the walk nearest to the phone when a visit was recorded."""

    entry = models.UUIDField(primary_key=True, help_text="The visit")
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    street = models.ForeignKey(
        Street, models.CASCADE, null=True, related_name="+", help_text=_("Empty: none of the walk's")
    )
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("position stamp")
        verbose_name_plural = _("position stamps")
        indexes = (models.Index("campaign", "user", "recorded_at", name="position_stamp_of_user"),)

    def __str__(self) -> str:
        return f"{self.user} {self.recorded_at:%Y-%m-%d}"
