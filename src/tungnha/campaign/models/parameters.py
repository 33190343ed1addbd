"""What a campaign measured about its own work, and how its people were rostered: what others plan with."""

from typing import NamedTuple

from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tungnha.accounts.models import User
from tungnha.campaign.models.campaigns import Campaign


class Measure(NamedTuple):
    """In what a kind of parameter is counted, whether it is a share from 0 to 1, and whether it goes by the hour."""

    unit: str | Promise
    is_share: bool = False
    by_hour: bool = False


class Parameter(models.Model):
    """A figure that planning needs: measured here, entered by somebody, or taken over from another campaign."""

    class Kind(models.TextChoices):
        DOORS = "doors_per_hour", _("Doors a team visits")
        CONTACT = "contact_rate", _("Doors where somebody answers")
        ACTIVATION = "minutes_per_activation", _("Time for one activation")
        RETURNED = "letters_returned", _("Letters that come back")

    class Source(models.TextChoices):
        MEASURED = "measured", _("Measured in this campaign")
        ENTERED = "entered", _("Entered, not measured")
        PRIOR = "prior", _("Taken over from a pilot")

    MEASURES: dict[str, Measure] = {
        Kind.DOORS: Measure(_("doors an hour")),
        Kind.CONTACT: Measure(_("share"), is_share=True, by_hour=True),
        Kind.ACTIVATION: Measure(_("minutes")),
        Kind.RETURNED: Measure(_("share"), is_share=True),
    }

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="parameters")
    kind = models.CharField(_("what"), max_length=24, choices=Kind)
    hour = models.PositiveSmallIntegerField(
        _("hour of the day"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(23)],
        help_text=_("17 is from 17:00 to 18:00"),
    )
    value = models.FloatField(_("value"))
    low = models.FloatField(_("interval from"), null=True, blank=True)
    high = models.FloatField(_("interval to"), null=True, blank=True)
    n = models.PositiveIntegerField(_("observations"), null=True, blank=True)
    since = models.DateField(_("period from"), null=True, blank=True)
    until = models.DateField(_("period until"), null=True, blank=True, help_text=_("The last day"))
    source = models.CharField(_("source"), max_length=8, choices=Source)
    origin = models.CharField(_("where it comes from"), max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("parameter")
        verbose_name_plural = _("parameters")
        ordering = ("kind", "hour")
        constraints = (
            models.UniqueConstraint("campaign", "kind", "hour", name="parameter_once_an_hour"),
            models.UniqueConstraint(
                fields=("campaign", "kind"), condition=Q(hour=None), name="parameter_once"
            ),
            models.CheckConstraint(condition=Q(value__gte=0), name="parameter_not_negative"),
            models.CheckConstraint(
                condition=Q(low=None, high=None) | Q(low__lte=F("value"), high__gte=F("value")),
                name="parameter_within_its_interval",
            ),
            models.CheckConstraint(
                condition=~Q(source="measured") | Q(n__gt=0, since__isnull=False, until__gte=F("since")),
                name="parameter_measured_on_something",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.value}"

    @property
    def measure(self) -> Measure:
        return self.MEASURES[self.kind]


class RosterShape(models.Model):
    """How a kind of shift is staffed: on which weekdays, from when to when, how many teams of how many people."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="rosters")
    name = models.CharField(_("shift"), max_length=120)
    weekdays = models.CharField(
        _("weekdays"),
        max_length=7,
        validators=[RegexValidator(r"^1?2?3?4?5?6?7?\Z")],
        help_text=_("1 is Monday, 7 is Sunday: 67 is every weekend"),
    )
    starts = models.TimeField(_("begins at"))
    ends = models.TimeField(_("ends at"))
    teams = models.PositiveSmallIntegerField(_("number of teams"))
    people = models.PositiveSmallIntegerField(_("people in a team"))

    class Meta:
        verbose_name = _("shape of a roster")
        verbose_name_plural = _("shapes of rosters")
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint("campaign", "name", name="roster_once_in_campaign"),
            models.CheckConstraint(
                condition=Q(teams__gt=0, people__gt=0) & ~Q(weekdays="") & ~Q(starts=F("ends")),
                name="roster_has_people_and_time",
            ),
        )

    def __str__(self) -> str:
        return self.name
