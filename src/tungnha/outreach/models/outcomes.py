"""How doors and residents stand, as the ledger tells it. Projections: only `outreach.outcomes` writes these tables."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class HouseholdOutcome(models.Model):
    """How a household stands in a campaign by its visits. A projection of the ledger: only `outcomes` writes it."""

    pk = models.CompositePrimaryKey("household", "campaign")
    household = models.BigIntegerField()
    campaign = models.CharField(max_length=40)
    unit = models.BigIntegerField()
    outcome = models.CharField(_("outcome"), max_length=20)
    attempts = models.PositiveIntegerField(_("attempts"))
    happened_at = models.DateTimeField(_("last visit"))
    entry = models.UUIDField(help_text="The ledger's entry of that visit")
    come_back_at = models.DateTimeField(_("come back at"), null=True)

    class Meta:
        indexes = (models.Index("campaign", "unit", name="outcomes_of_unit"),)

    def __str__(self) -> str:
        return f"{self.household}: {self.outcome}"


class ResidentStep(models.Model):
    """A step of the funnel that a visit says a resident took. A projection of the ledger: only `outcomes` writes it."""

    pk = models.CompositePrimaryKey("household", "campaign", "resident", "step")
    household = models.BigIntegerField()
    campaign = models.CharField(max_length=40)
    resident = models.BigIntegerField()
    step = models.PositiveSmallIntegerField(_("step"))
    hands = models.CharField(_("who did it"), max_length=20)
    happened_at = models.DateTimeField(_("at the visit of"))
    entry = models.UUIDField(help_text="The ledger's entry of that visit")
    actor = models.BigIntegerField(help_text="The user who says so")

    def __str__(self) -> str:
        return f"{self.resident}: {self.step}"
