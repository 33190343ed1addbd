"""Teams, who is in them, and which walk each person holds."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tungnha.accounts.models import User
from tungnha.campaign.models import Campaign, Organisation
from tungnha.outreach.models.turfs import Turf
from tungnha.territory.models import Unit


class Team(models.Model):
    """Volunteers who go out together in one unit, for one campaign."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="teams")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="teams", verbose_name=_("unit"))
    name = models.CharField(_("name"), max_length=120)
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="teams",
        verbose_name=_("organisation"),
    )

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ("unit", "name")
        constraints = (models.UniqueConstraint("campaign", "unit", "name", name="team_name_once"),)

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """A person in a team, from when until when, and what they bring."""

    class Skill(models.TextChoices):
        PHONES = "phones", _("Phones and apps")
        ELDERLY = "elderly", _("Older people")
        SIGN = "sign", _("Sign language")
        POLICE = "police", _("Police officer")

    team = models.ForeignKey(Team, models.CASCADE, related_name="members")
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name=_("person"))
    leads = models.BooleanField(_("leads the team"), default=False)
    skills = models.JSONField(_("skills"), default=list, blank=True)
    languages = models.JSONField(_("languages"), default=list, blank=True, help_text="ISO 639 codes")
    joined = models.DateField(_("joined"), default=timezone.localdate)
    left = models.DateField(_("left"), null=True, blank=True, help_text=_("First day no longer in the team"))

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ("team", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("team", "user"), condition=Q(left=None), name="member_once_in_team"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} · {self.team}"


class Assignment(models.Model):
    """A walk in one person's hands. While it is held nobody else gets it: two phones never hold the same doors.

    `until` ends it by itself, so that a walk on a lost phone comes free. What that phone saved before may still come
    in afterwards: the ledger decides about entries, not this row.
    """

    turf = models.ForeignKey(Turf, models.PROTECT, related_name="assignments", verbose_name=_("walk"))
    member = models.ForeignKey(Member, models.PROTECT, related_name="assignments", verbose_name=_("member"))
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("given by"))
    given_at = models.DateTimeField(_("given at"), default=timezone.now)
    until = models.DateTimeField(_("until"))
    returned_at = models.DateTimeField(_("returned at"), null=True, blank=True)

    class Meta:
        verbose_name = _("walk given")
        verbose_name_plural = _("walks given")
        ordering = ("given_at", "pk")
        constraints = (
            models.UniqueConstraint(fields=("turf",), condition=Q(returned_at=None), name="walk_in_one_hand"),
            models.CheckConstraint(condition=Q(until__gt=models.F("given_at")), name="walk_given_for_a_time"),
        )

    def __str__(self) -> str:
        return f"{self.turf} → {self.member}"

    def is_held(self, now: datetime) -> bool:
        """Whether the walk is in this person's hands at a moment. `queries.teams.held()` is the same rule."""
        return self.returned_at is None and self.given_at <= now < self.until
