"""What residents tell about a visitor."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tungnha.accounts.models import User
from tungnha.outreach.models.teams import Assignment
from tungnha.territory.models import Unit


class VisitorReport(models.Model):
    """A resident says that somebody came who should not have, or who asked for what nobody may ask for."""

    class What(models.TextChoices):
        CODE = "code", _("Asked for a one-time code or password")
        MONEY = "money", _("Asked for money")
        CARD = "card", _("Wanted to photograph a card")
        NO_PASS = "no_pass", _("Had no valid pass or did not know the door code")
        OTHER = "other", _("Something else")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="visitor_reports", verbose_name=_("unit"))
    assignment = models.ForeignKey(
        Assignment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        help_text=_("Whose pass was shown, where one was"),
    )
    what = models.CharField(_("what happened"), max_length=8, choices=What)
    sealed = models.BinaryField(
        help_text="Where, when, and a phone if one was left: the resident's own words, encrypted"
    )
    at = models.DateTimeField(_("received at"), auto_now_add=True)
    settled_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("settled by")
    )
    settled_at = models.DateTimeField(_("settled at"), null=True)
    finding = models.CharField(_("finding"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("report of a visitor")
        verbose_name_plural = _("reports of visitors")
        ordering = ("-at",)
        indexes = (models.Index(fields=("unit", "settled_at"), name="visitor_report_of_unit"),)

    def __str__(self) -> str:
        return f"{self.unit} {self.at:%Y-%m-%d %H:%M}"
