"""Who signs in, and which part of the territory each may see."""

from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tungnha.accounts import roles
from tungnha.accounts.reach import Reach
from tungnha.territory.models import Unit


@dataclass
class Opened:
    """What `scope` let one person do while one page was made. The audit trail reads it when the page is done."""

    actions: set[roles.Action] = field(default_factory=set)
    unit_id: int | None = None


class User(AbstractUser):
    """A person with a sign-in. What they may see comes from their roles, never from staff or superuser flags."""

    name_fold = models.CharField(max_length=310, blank=True, editable=False)
    second_factor_at = models.DateTimeField(
        _("second factor since"),
        null=True,
        editable=False,
        help_text=_("Empty while the person has none. Sessions remember which one they passed."),
    )
    factor_tries = models.PositiveSmallIntegerField(default=0, editable=False)
    factor_tried_at = models.DateTimeField(null=True, editable=False)

    reach: tuple[int, date, Reach] | None = None
    """What `scope` last read about this person: after how many writes, for which day. Not stored."""

    opened: Opened | None = None
    """Set for the person of a request, by the audit trail. Not stored."""


class RoleHeld(models.Model):
    """A role held for a unit, and everything below it, during a period."""

    Role = roles.Role

    user = models.ForeignKey(User, models.CASCADE, related_name="roles")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    valid_from = models.DateField(pgettext_lazy("day", "from"))
    valid_to = models.DateField(
        pgettext_lazy("day", "until"), null=True, blank=True, help_text=_("First day it is no longer held")
    )
    granted_at = models.DateTimeField(_("given at"), default=timezone.now, editable=False)
    granted_by = models.CharField(_("given by"), max_length=150, blank=True, editable=False)

    class Meta:
        verbose_name = _("role held")
        verbose_name_plural = _("roles held")

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}, {self.unit}"
