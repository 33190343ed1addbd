"""Departments, unions, press agencies: those who are asked to act and are not units."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tungnha.territory.models import Unit


class Organisation(models.Model):
    """A body that acts in a unit's territory. Whoever may answer for the unit answers for it."""

    class Kind(models.TextChoices):
        DEPARTMENT = "department", _("Department or agency")
        UNION = "union", _("Union or association")
        PRESS = "press", _("Press agency")
        COMPANY = "company", _("Company")
        OTHER = "other", _("Other organisation")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="organisations", verbose_name=_("answers in"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    name = models.CharField(_("name"), max_length=160)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ("name",)
        constraints = (models.UniqueConstraint("unit", "name", name="organisation_once_in_unit"),)

    def __str__(self) -> str:
        return self.name
