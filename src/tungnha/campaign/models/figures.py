"""Figures as units report them: every version kept, each signed off or returned by the level above."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tungnha.accounts.models import User
from tungnha.campaign.models.campaigns import Campaign
from tungnha.campaign.models.indicators import TrackedIndicator
from tungnha.territory.models import Unit


class FigureTable(models.Model):
    """A table of figures that was sent in: what went in, what to look at, and the rows to mend."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="figure_tables")
    name = models.CharField(_("file"), max_length=200)
    accepted = models.PositiveIntegerField(_("rows taken"))
    empty = models.PositiveIntegerField(_("rows without a figure"))
    header = models.JSONField(default=list)
    rejected = models.JSONField(default=list, help_text="For each row to mend: number, cells, what to mend")
    doubts = models.JSONField(
        default=list, help_text="For each row taken with a doubt: number, what to look at"
    )
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("table of figures")
        verbose_name_plural = _("tables of figures")
        ordering = ("-at",)

    def __str__(self) -> str:
        return self.name


class Figure(models.Model):
    """One version of one figure: unit, indicator, period. The values of a row never change; a correction is a new row.

    No row means "not yet reported", which is not zero.
    """

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("Awaits sign-off")
        ACCEPTED = "accepted", _("Signed off")
        RETURNED = "returned", _("Returned")

    class Source(models.TextChoices):
        OFFICIAL = "official", _("Official figure")
        LEDGER = "ledger", _("Counted here")
        UNIT = "unit", _("The unit's own count")

    class Method(models.TextChoices):
        FORM = "form", _("Typed in")
        TABLE = "table", _("From a table")
        COUNTED = "counted", _("Counted by the program")

    # No index of its own: those below begin with it, and a planner that has the choice takes the poorer one.
    tracked = models.ForeignKey(TrackedIndicator, models.CASCADE, related_name="figures", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="figures", verbose_name=_("unit"))
    since = models.DateField(_("period from"))
    until = models.DateField(_("period until"), help_text=_("The last day"))
    version = models.PositiveSmallIntegerField(_("version"))
    is_current = models.BooleanField(default=True)
    numerator = models.BigIntegerField(_("numerator"))
    denominator = models.BigIntegerField(_("denominator"), null=True, blank=True)
    published = models.BigIntegerField(
        null=True, blank=True, help_text="The percentage that the source printed, in hundredths"
    )
    cut_off = models.DateTimeField(_("cut-off"))
    source = models.CharField(_("source"), max_length=8, choices=Source)
    source_text = models.CharField(_("where it was read"), max_length=200, blank=True)
    method = models.CharField(_("method"), max_length=8, choices=Method)
    table = models.ForeignKey(FigureTable, models.PROTECT, null=True, blank=True, related_name="figures")
    reason = models.CharField(_("reason of the adjustment"), max_length=300, blank=True)
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.SUBMITTED)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.CharField(_("why it was returned"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("figure")
        verbose_name_plural = _("figures")
        ordering = ("until", "version")
        # The table of units reads two periods out of a campaign's ninety days; few figures await sign-off.
        indexes = (
            models.Index("tracked", "until", condition=Q(is_current=True), name="figure_of_period"),
            models.Index(
                "tracked", "unit", condition=Q(is_current=True, state="submitted"), name="figure_waiting"
            ),
        )
        constraints = (
            models.UniqueConstraint("tracked", "unit", "until", "version", name="figure_version_once"),
            models.UniqueConstraint(
                fields=("tracked", "unit", "until"), condition=Q(is_current=True), name="figure_current_once"
            ),
            models.CheckConstraint(condition=Q(numerator__gte=0), name="figure_not_negative"),
            models.CheckConstraint(
                condition=Q(denominator=None) | Q(denominator__gte=0), name="figure_denominator_not_negative"
            ),
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="figure_period_has_length"),
            models.CheckConstraint(
                condition=Q(state="submitted", decided_by=None)
                | Q(state="accepted", decided_by__isnull=False)
                | (Q(state="returned", decided_by__isnull=False) & ~Q(decision_note="")),
                name="figure_decided_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.tracked}, {self.unit}, {self.until}: {self.numerator}"
