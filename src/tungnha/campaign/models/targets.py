"""Targets: dated decisions that give units their numbers, and the curve by which they are due. Only ever added to."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tungnha.accounts.models import User
from tungnha.campaign.models.indicators import TrackedIndicator
from tungnha.territory.models import Unit


class Basis(models.TextChoices):
    """What divides a unit of which no source says how large its parts are. Everything it touches is an estimate."""

    POPULATION = "population", _("the population of the receiving units")
    AREA = "area", _("the area of the receiving units")
    EQUAL = "equal", _("equal parts")


class TargetDecision(models.Model):
    """Somebody set a target for a unit, and perhaps divided it among the units below, for a reason."""

    class Method(models.TextChoices):
        ASSIGNED = "assigned", _("Assigned, not divided")
        POPULATION = "population", _("In proportion to population")
        GAP = "gap", _("In proportion to what is left to do")
        EQUAL = "equal", _("In equal parts")
        SAME = "same", _("The same percentage for all")
        HAND = "hand", _("By hand")
        RESTATED = "restated", _("Carried over a boundary change")

    tracked = models.ForeignKey(TrackedIndicator, models.CASCADE, related_name="decisions")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    method = models.CharField(_("how it was divided"), max_length=10, choices=Method)
    basis = models.CharField(
        _("what the estimate rests on"),
        max_length=10,
        choices=Basis,
        blank=True,
        help_text="Of carried targets",
    )
    effective = models.DateField(_("in force from"))
    why = models.CharField(_("reason or document"), max_length=300)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("decision on a target")
        verbose_name_plural = _("decisions on targets")
        ordering = ("effective", "pk")

    def __str__(self) -> str:
        return f"{self.tracked}, {self.unit}, {self.effective}"


class Target(models.Model):
    """What one unit has to reach by the deadline, by one decision. The latest decision in force counts.

    The value of an indicator that adds up is a number; of a ratio, a percentage in hundredths.
    """

    decision = models.ForeignKey(TargetDecision, models.CASCADE, related_name="targets")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="targets")
    value = models.BigIntegerField(_("target"))
    weight = models.BigIntegerField(null=True, blank=True, help_text="What its share was in proportion to")
    fixed = models.BooleanField(_("set by hand"), default=False)
    estimated = models.BooleanField(_("estimate"), default=False)

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        constraints = (
            models.UniqueConstraint("decision", "unit", name="target_once_in_decision"),
            models.CheckConstraint(condition=Q(value__gte=0), name="target_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.unit}: {self.value}"


class Curve(models.Model):
    """By which day which share of an indicator's targets is due."""

    class Shape(models.TextChoices):
        LINEAR = "linear", _("Every day the same")
        FRONT = "front", _("Most at first")
        HAND = "hand", _("By hand")

    tracked = models.ForeignKey(TrackedIndicator, models.CASCADE, related_name="curves")
    shape = models.CharField(_("shape"), max_length=8, choices=Shape)
    effective = models.DateField(_("in force from"))
    why = models.CharField(_("reason or document"), max_length=300, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("stages of a target")
        verbose_name_plural = _("stages of targets")
        ordering = ("effective", "pk")

    def __str__(self) -> str:
        return f"{self.tracked}: {self.get_shape_display()}"


class CurvePoint(models.Model):
    """A milestone: by the evening of a day, a share (hundredths of a percent) of the way is due."""

    curve = models.ForeignKey(Curve, models.CASCADE, related_name="points")
    day = models.DateField(_("day"))
    share = models.PositiveSmallIntegerField(_("share"))

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ("day",)
        constraints = (
            models.UniqueConstraint("curve", "day", name="milestone_once_a_day"),
            models.CheckConstraint(condition=Q(share__lte=10_000), name="milestone_at_most_all"),
        )

    def __str__(self) -> str:
        return f"{self.day}: {self.share}"
