"""Whether a campaign stamps visits with an alley."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tungnha.accounts.models import User
from tungnha.campaign.models import Campaign
from tungnha.campaign.models.history import OnlyAdded


class PositionDecision(OnlyAdded):
    """That a campaign stamps visits, or no longer does. The newest stands; without one nothing is stamped."""

    LONGEST = 90

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="position_decisions")
    on = models.BooleanField(_("stamps visits"))
    days = models.PositiveSmallIntegerField(
        _("days a stamp is kept"), null=True, blank=True, help_text=_("From 1 to 90; empty when switched off")
    )
    document = models.CharField(_("number of the document"), max_length=60)
    reason = models.CharField(_("reason"), max_length=500)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided at"), default=timezone.now)

    class Meta:
        verbose_name = _("decision on position stamps")
        verbose_name_plural = _("decisions on position stamps")
        ordering = ("-decided_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(on=True, days__gte=1, days__lte=90) | Q(on=False, days=None),
                name="position_stamps_kept_for_days",
            ),
        )

    def __str__(self) -> str:
        return f"{self.campaign} {self.decided_at:%Y-%m-%d}: {self.on}"
