"""A pilot repeated in other units: the template, in which order, who decided that, and what came differently."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tungnha.accounts.models import User
from tungnha.campaign.models.campaigns import Campaign
from tungnha.territory.models import Unit


class Template(models.Model):
    """A campaign's set-up as it was when somebody made it the template of others: its file, word for word."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="templates")
    version = models.PositiveSmallIntegerField(_("version"))
    content = models.TextField(_("campaign file"))
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("campaign template")
        verbose_name_plural = _("campaign templates")
        ordering = ("campaign", "version")
        constraints = (models.UniqueConstraint("campaign", "version", name="template_version_once"),)

    def __str__(self) -> str:
        return f"{self.campaign} ({self.version})"


class Replication(models.Model):
    """A template repeated in the units of a territory, step by step. Once begun, its order stands."""

    class Method(models.TextChoices):
        HAND = "hand", _("By hand")
        NEED = "need", _("By need")
        RANDOM = "random", _("At random")

    template = models.ForeignKey(Template, models.PROTECT, related_name="replications")
    name = models.CharField(_("name"), max_length=160)
    territory = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("territory"))
    units = models.ManyToManyField(Unit, related_name="+", verbose_name=_("units"))
    steps = models.PositiveSmallIntegerField(_("steps"))
    first_day = models.DateField(_("first step begins"))
    step_days = models.PositiveSmallIntegerField(_("days between steps"))
    scale = models.FloatField(
        _("length"), default=1.0, help_text=_("1 takes as long as the pilot, 0.5 half as long")
    )
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    begun_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    begun_at = models.DateTimeField(_("begun at"), null=True, blank=True)

    class Meta:
        verbose_name = _("replication")
        verbose_name_plural = _("replications")
        ordering = ("-made_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(steps__gt=0, step_days__gt=0, scale__gt=0), name="replication_has_steps"
            ),
        )

    def __str__(self) -> str:
        return self.name


class OrderDraw(models.Model):
    """An order that was chosen or drawn. All are kept: whoever draws again is seen to, and says why. The last counts."""

    replication = models.ForeignKey(Replication, models.CASCADE, related_name="draws")
    number = models.PositiveSmallIntegerField(_("number"))
    method = models.CharField(_("method"), max_length=8, choices=Replication.Method)
    seed = models.BigIntegerField(_("seed"), null=True, blank=True)
    settings = models.JSONField(
        default=dict, help_text="What it was drawn from: units, needs, strata, covariates"
    )
    steps = models.JSONField(help_text="Keys of the units of each step, in their order")
    balance = models.JSONField(default=dict)
    reason = models.CharField(_("why again"), max_length=300, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint("replication", "number", name="draw_number_once"),
            models.CheckConstraint(condition=Q(number=1) | ~Q(reason=""), name="drawn_again_for_a_reason"),
            models.CheckConstraint(
                condition=Q(method="random", seed__isnull=False) | (~Q(method="random") & Q(seed=None)),
                name="random_has_a_seed",
            ),
        )

    def __str__(self) -> str:
        return f"{self.replication}: {self.number}"


class ReplicationUnit(models.Model):
    """When one unit begins; its campaign once that has been set up. `start` is None for a unit that was left out."""

    replication = models.ForeignKey(Replication, models.CASCADE, related_name="rows")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    step = models.PositiveSmallIntegerField(_("step"), help_text=_("From 1, as it was decided"))
    rank = models.PositiveSmallIntegerField()
    start = models.DateField(_("begins"), null=True, blank=True)
    campaign = models.OneToOneField(
        Campaign, models.PROTECT, null=True, blank=True, related_name="replicated_by"
    )

    class Meta:
        verbose_name = _("unit of a replication")
        verbose_name_plural = _("units of a replication")
        ordering = ("rank",)
        constraints = (models.UniqueConstraint("replication", "unit", name="unit_once_in_replication"),)

    def __str__(self) -> str:
        return f"{self.replication}: {self.unit}"


class Deviation(models.Model):
    """A unit that began on another day than decided, or not at all, and why. The analysis reads the decided step."""

    row = models.ForeignKey(ReplicationUnit, models.CASCADE, related_name="deviations")
    was = models.DateField(_("was"), null=True, blank=True)
    became = models.DateField(_("became"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("deviation")
        verbose_name_plural = _("deviations")
        ordering = ("at",)
        constraints = (models.CheckConstraint(condition=~Q(reason=""), name="deviation_has_a_reason"),)

    def __str__(self) -> str:
        return f"{self.row}: {self.was} → {self.became}"
