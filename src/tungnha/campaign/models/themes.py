"""Themes: what people are to know, who is meant, when it is true, and its wording in signed versions."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tungnha.accounts.models import User
from tungnha.campaign.models.campaigns import Campaign
from tungnha.campaign.models.organisations import Organisation
from tungnha.campaign.touch_kinds import CHANNELS
from tungnha.register.models import Resident
from tungnha.territory.models import Unit


class Theme(models.Model):
    """A content group: one message, for those who lack one thing, true during one period."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="themes")
    code = models.SlugField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=200)
    message = models.TextField(_("message"), max_length=1000)
    start = models.DateField(_("true from"))
    end = models.DateField(_("true until"), help_text=_("The last day"))
    reached = models.PositiveSmallIntegerField(
        _("for those who have"), choices=Resident.Step, default=Resident.Step.NONE
    )
    lacks = models.PositiveSmallIntegerField(
        _("and still lack"), choices=Resident.Step.choices[1:], null=True, blank=True
    )
    premises_kinds = models.JSONField(_("kinds of premises"), default=list, blank=True)

    class Meta:
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        ordering = ("start", "code")
        constraints = (
            models.UniqueConstraint("campaign", "code", name="theme_code_once"),
            models.CheckConstraint(condition=Q(end__gte=F("start")), name="theme_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(lacks=None) | Q(lacks__gt=F("reached")), name="theme_lacks_more_than_reached"
            ),
        )

    def __str__(self) -> str:
        return self.name


class ThemeChannel(models.Model):
    """A channel that a theme must reach, and how often at least: so many times in every so many weeks."""

    theme = models.ForeignKey(Theme, models.CASCADE, related_name="channels")
    channel = models.CharField(_("channel"), max_length=20)
    times = models.PositiveSmallIntegerField(_("times"), default=1)
    weeks = models.PositiveSmallIntegerField(
        _("in every so many weeks"), null=True, blank=True, help_text="Empty: while the theme is true"
    )

    class Meta:
        verbose_name = _("channel of a theme")
        verbose_name_plural = _("channels of themes")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint("theme", "channel", name="theme_channel_once"),
            models.CheckConstraint(condition=Q(times__gte=1), name="theme_channel_at_least_once"),
            models.CheckConstraint(
                condition=Q(weeks=None) | Q(weeks__gte=1), name="theme_channel_weeks_positive"
            ),
        )

    def __str__(self) -> str:
        return CHANNELS[self.channel].label if self.channel in CHANNELS else self.channel


class ThemeOwner(models.Model):
    """A unit or organisation that answers for a theme's wording. The first reviews, all sign in order, the last publishes."""

    theme = models.ForeignKey(Theme, models.CASCADE, related_name="owners")
    position = models.PositiveSmallIntegerField(_("place in the order"))
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit")
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("organisation")
    )

    class Meta:
        verbose_name = _("owner of a theme")
        verbose_name_plural = _("owners of themes")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint("theme", "position", name="theme_owner_in_order"),
            models.CheckConstraint(
                condition=Q(unit=None, organisation__isnull=False) | Q(unit__isnull=False, organisation=None),
                name="theme_owner_is_one_body",
            ),
        )

    def __str__(self) -> str:
        return self.body.name

    @property
    def body(self) -> Unit | Organisation:
        """Who it is."""
        body = self.organisation or self.unit
        assert body is not None  # a constraint of the table
        return body

    @property
    def signs_in(self) -> Unit:
        """The unit whose signers sign for it."""
        return self.body.unit if isinstance(self.body, Organisation) else self.body


class Wording(models.Model):
    """One version of a theme's wording, in all its languages. The moves between states are `campaign.signing`."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        REVIEWED = "reviewed", _("Reviewed")
        APPROVED = "approved", _("Approved")
        PUBLISHED = "published", _("In force")
        REPLACED = "replaced", _("Replaced")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    UNDER_WAY = (State.DRAFT, State.REVIEWED, State.APPROVED)

    theme = models.ForeignKey(Theme, models.CASCADE, related_name="wordings")
    number = models.PositiveSmallIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    signed = models.PositiveSmallIntegerField(_("owners who have signed"), default=0)
    revision = models.PositiveIntegerField(
        default=0, help_text="Grows with every step; a step on an older one is refused"
    )

    class Meta:
        verbose_name = _("wording")
        verbose_name_plural = _("wordings")
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint("theme", "number", name="wording_number_once"),
            models.UniqueConstraint(
                fields=("theme",), condition=Q(state="published"), name="one_wording_in_force"
            ),
            models.UniqueConstraint(
                fields=("theme",),
                condition=Q(state__in=("draft", "reviewed", "approved")),
                name="one_wording_under_way",
            ),
        )

    def __str__(self) -> str:
        return f"{self.theme} v{self.number}"


class WordingText(models.Model):
    """What a version says in one language: for every channel, or (where `channel` is given) for that one."""

    wording = models.ForeignKey(Wording, models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=10)
    channel = models.CharField(_("channel"), max_length=20, blank=True)
    text = models.TextField(_("text"), max_length=20_000)

    class Meta:
        verbose_name = _("text")
        verbose_name_plural = _("texts")
        ordering = ("language", "channel")
        constraints = (models.UniqueConstraint("wording", "language", "channel", name="wording_text_once"),)

    def __str__(self) -> str:
        return self.text

    @property
    def channel_name(self) -> str:
        """The channel's name; empty where the text is for every channel."""
        return CHANNELS[self.channel].label if self.channel in CHANNELS else self.channel


class ThemeEvent(models.Model):
    """Who did what to a theme or one of its wordings, and when. Only ever added to."""

    class What(models.TextChoices):
        ADDED = "added", _("Theme added")
        CHANGED = "changed", _("Theme changed")
        WRITTEN = "written", _("Wording written")
        REVIEWED = "reviewed", _("Reviewed")
        SIGNED = "signed", _("Signed")
        PUBLISHED = "published", _("Published")
        RETURNED = "returned", _("Sent back")
        REPLACED = "replaced", _("Replaced")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    theme = models.ForeignKey(Theme, models.CASCADE, related_name="events")
    wording = models.ForeignKey(Wording, models.CASCADE, null=True, blank=True, related_name="events")
    what = models.CharField(_("what"), max_length=10, choices=What)
    owner = models.CharField(_("for"), max_length=160, blank=True, help_text="The owner's name at the time")
    note = models.CharField(_("note"), max_length=1000, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("theme's history")
        verbose_name_plural = _("themes' history")
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.theme}: {self.get_what_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store a new event. Raises TypeError for one that is already stored."""
        if not self._state.adding:
            raise TypeError("a theme's history is only added to")
        super().save(*args, **kwargs)
