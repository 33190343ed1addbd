"""Turfs and walk lists: which doors a team visits together, and in what order."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tungnha.register.models import Household
from tungnha.territory.models import Unit


class TurfPlan(models.Model):
    """One cutting of a unit into turfs, with everything needed to repeat it."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="turf_plans")
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)
    seed = models.PositiveIntegerField(_("seed"))
    settings = models.JSONField(help_text="The planning parameters, by name")
    on_streets = models.BooleanField(
        _("street distances"), help_text=_("Otherwise straight lines times a detour factor")
    )
    figures = models.JSONField(default=dict, help_text="Quality of the cut: balance, walking, connectedness")
    generated = models.BooleanField(_("generated, not real"), default=False)

    class Meta:
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return f"{self.unit} {self.made_at:%Y-%m-%d %H:%M}"


class Turf(models.Model):
    """The doors that one team walks in one go."""

    plan = models.ForeignKey(TurfPlan, models.CASCADE, related_name="turfs")
    number = models.PositiveIntegerField(_("number"))
    doors = models.PositiveIntegerField(_("doors"))
    minutes = models.FloatField(_("minutes"))
    walk_metres = models.FloatField(_("walking, m"))
    diameter_metres = models.FloatField(_("diameter, m"))
    connected = models.BooleanField(_("connected on the street network"))
    shift_date = models.DateField(_("planned day"), null=True, blank=True)
    shift_team = models.PositiveSmallIntegerField(_("planned team"), null=True, blank=True)
    route = models.BinaryField(null=True, blank=True, help_text="WKB line of the walk, WGS84")

    class Meta:
        ordering = ("plan", "number")
        constraints = (models.UniqueConstraint("plan", "number", name="turf_number_in_plan"),)

    def __str__(self) -> str:
        return f"{self.plan.unit} {self.number}"


class Stop(models.Model):
    """A household's place on a walk list. One row a household and plan."""

    plan = models.ForeignKey(TurfPlan, models.CASCADE, related_name="+", db_index=False)
    turf = models.ForeignKey(Turf, models.CASCADE, related_name="stops", db_index=False)
    position = models.PositiveIntegerField(_("position"))
    household = models.ForeignKey(Household, models.PROTECT, related_name="stops")

    class Meta:
        ordering = ("turf", "position")
        constraints = (
            models.UniqueConstraint("turf", "position", name="stop_position_in_turf"),
            models.UniqueConstraint("plan", "household", name="stop_household_in_plan"),
        )

    def __str__(self) -> str:
        return f"{self.turf_id}/{self.position}"
