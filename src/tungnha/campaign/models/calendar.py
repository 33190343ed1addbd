"""The calendar: everything planned to touch people, the local limits it must keep, and who reads it as a feed."""

from datetime import datetime, timedelta
from datetime import time as clock
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tungnha.accounts.models import User
from tungnha.campaign.models.campaigns import Campaign
from tungnha.campaign.models.organisations import Organisation
from tungnha.campaign.models.themes import Theme, Wording
from tungnha.campaign.touch_kinds import KINDS, Kind
from tungnha.territory.models import Unit


class Touch(models.Model):
    """Something planned that reaches people in a unit: a slot, a letter wave, a clip, a visit phase, an opening.

    Its days and hours are those on the clocks where the campaign runs (`Campaign.time_zone`). What recurs is one row;
    its occurrences are never stored (`campaign.occurrences`).
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="touches")
    uid = models.UUIDField(unique=True, default=uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=20)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="touches", verbose_name=_("unit"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("organisation")
    )
    theme = models.ForeignKey(
        Theme, models.RESTRICT, null=True, blank=True, related_name="touches", verbose_name=_("theme")
    )
    wording = models.ForeignKey(
        Wording,
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="touches",
        verbose_name=_("wording"),
        help_text="The version it was made from; empty where it takes the one in force",
    )
    title = models.CharField(_("title"), max_length=200)
    place = models.CharField(_("place"), max_length=200, blank=True)
    day = models.DateField(_("first day"))
    begins = models.TimeField(_("begins"), null=True, blank=True, help_text="Empty: it takes whole days")
    minutes = models.PositiveIntegerField(_("length, minutes"))
    rule = models.CharField(
        _("repeats"), max_length=200, blank=True, help_text="RFC 5545 RECUR, its UNTIL a day"
    )
    last_day = models.DateField(help_text="On which its last occurrence ends")
    origin = models.CharField(max_length=80, blank=True, help_text="The channel's own key of it")
    planned_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("planned by"))
    planned_at = models.DateTimeField(auto_now_add=True)
    changed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("changed by"))
    changed_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=0, help_text="SEQUENCE of the feed")
    cancelled_from = models.DateTimeField(
        null=True, blank=True, help_text="What begins at this moment or later does not take place"
    )
    cancelled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("touch")
        verbose_name_plural = _("touches")
        ordering = ("day", "begins", "pk")
        indexes = (
            models.Index("campaign", "last_day", "day", name="touch_in_time"),
            models.Index("unit", "last_day", name="touch_of_unit"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("campaign", "origin"), condition=~Q(origin=""), name="touch_origin_once"
            ),
            models.CheckConstraint(condition=Q(minutes__gte=1), name="touch_has_length"),
            models.CheckConstraint(
                condition=Q(begins__isnull=False) | Q(minutes__gte=1440), name="touch_whole_days"
            ),
            models.CheckConstraint(
                condition=Q(last_day__gte=models.F("day")), name="touch_last_day_not_before"
            ),
            models.CheckConstraint(
                condition=Q(cancelled_from=None, cancelled_reason="", cancelled_by=None)
                | Q(cancelled_from__isnull=False, cancelled_by__isnull=False),
                name="touch_cancelled_with_reason",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def what(self) -> Kind:
        """Its kind, with the kind's traits."""
        return KINDS[self.kind]

    @property
    def start(self) -> datetime:
        """When it begins, the first time, on the campaign's clocks."""
        return datetime.combine(self.day, self.begins or clock())

    @property
    def end(self) -> datetime:
        """When its first occurrence ends."""
        return self.start + timedelta(minutes=self.minutes)

    @property
    def body(self) -> str:
        """Who does it: the organisation, else the unit."""
        return self.organisation.name if self.organisation else self.unit.name


class TouchException(models.Model):
    """A day on which a recurring touch does not take place."""

    touch = models.ForeignKey(Touch, models.CASCADE, related_name="exceptions")
    day = models.DateField(_("day"))
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("day left out")
        verbose_name_plural = _("days left out")
        ordering = ("day",)
        constraints = (models.UniqueConstraint("touch", "day", name="touch_exception_once"),)

    def __str__(self) -> str:
        return f"{self.touch}: {self.day}"


class SlotRules(models.Model):
    """Local limits on what is heard, and on visits, in a unit and below it, until a unit below sets its own."""

    unit = models.OneToOneField(Unit, models.PROTECT, related_name="slot_rules")
    source = models.CharField(_("which document says so"), max_length=200, blank=True)
    quiet = models.CharField(
        _("quiet hours"), max_length=100, blank=True, help_text=_("For example 00:00-05:00, 11:30-13:30")
    )
    weekdays = models.CharField(_("days allowed"), max_length=20, blank=True, help_text="RFC 5545 BYDAY")
    sessions_a_day = models.PositiveSmallIntegerField(_("sessions a day at most"), null=True, blank=True)
    minutes_a_session = models.PositiveSmallIntegerField(
        _("minutes a session at most"), null=True, blank=True
    )
    gap_minutes = models.PositiveSmallIntegerField(
        _("minutes between sessions at least"), null=True, blank=True
    )
    visit_gap_days = models.PositiveSmallIntegerField(
        _("days between visits of two bodies at least"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("local rules")
        verbose_name_plural = _("local rules")

    def __str__(self) -> str:
        return str(self.unit)


class Feed(models.Model):
    """An address at which a calendar program reads a unit's touches. Only the hash of its token is kept."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="feeds")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="feeds")
    name = models.CharField(_("for whom"), max_length=120)
    token_hash = models.BinaryField(max_length=32, unique=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")
        ordering = ("made_at", "pk")

    def __str__(self) -> str:
        return self.name
