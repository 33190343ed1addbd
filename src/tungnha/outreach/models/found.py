"""Households that stand there and are on no list, as the ledger tells it: only `outreach.found` writes this table."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FoundHousehold(models.Model):
    """A household that a volunteer found, and what became of it."""

    class Finding(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ADDED = "added", _("Added to the register")
        KNOWN = "known", _("Known already")
        NONE = "none", _("Not a household")

    entry = models.UUIDField(primary_key=True, help_text="The ledger's entry that reports it")
    campaign = models.CharField(max_length=40)
    unit = models.BigIntegerField()
    address = models.CharField(_("address"), max_length=200)
    people = models.PositiveSmallIntegerField(_("people"))
    happened_at = models.DateTimeField(_("found on"))
    actor = models.BigIntegerField(help_text="The user who found it")
    finding = models.CharField(_("what became of it"), max_length=8, choices=Finding, default=Finding.WAITING)
    settled_by = models.BigIntegerField(null=True, help_text="The user who looked into it")
    settled_at = models.DateTimeField(_("settled at"), null=True)

    class Meta:
        verbose_name = _("household found")
        verbose_name_plural = _("households found")
        ordering = ("happened_at", "entry")
        indexes = (models.Index("unit", "finding", "happened_at", name="found_in_unit"),)

    def __str__(self) -> str:
        return self.address
