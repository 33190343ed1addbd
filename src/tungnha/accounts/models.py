"""Who signs in, and which part of the territory each may see."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from tungnha.territory.models import Unit


class User(AbstractUser):
    """A person with a sign-in. What they may see comes from their roles, never from staff or superuser flags."""


class RoleHeld(models.Model):
    """A role held for a unit, and everything below it, during a period."""

    class Role(models.TextChoices):
        ADMINISTRATOR = "administrator", _("Administrator")
        CITY_OFFICE = "city_office", _("City office")
        UNIT_OFFICER = "unit_officer", _("Unit officer")
        TEAM_LEADER = "team_leader", _("Team leader")
        VOLUNTEER = "volunteer", _("Volunteer")
        POINT_STAFF = "point_staff", _("Support point staff")
        ANALYST = "analyst", _("Analyst")
        AUDITOR = "auditor", _("Auditor")

    user = models.ForeignKey(User, models.CASCADE, related_name="roles")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(
        _("until"), null=True, blank=True, help_text=_("First day it is no longer held")
    )

    class Meta:
        verbose_name = _("role held")
        verbose_name_plural = _("roles held")

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}, {self.unit}"
