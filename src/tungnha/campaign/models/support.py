"""Support models: the places and teams where a unit helps its people, by kind, and which kinds it is asked to have."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from tungnha.accounts.models import User
from tungnha.campaign.models.attachments import Attachment
from tungnha.campaign.models.campaigns import Campaign
from tungnha.campaign.models.history import OnlyAdded
from tungnha.territory.models import Unit


class SupportKind(models.Model):
    """A kind of support model. Those that are shipped stand in `data/support_kinds.csv`; a city adds its own."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=100)

    class Meta:
        verbose_name = _("kind of support model")
        verbose_name_plural = _("kinds of support models")
        ordering = ("position", "name")

    def __str__(self) -> str:
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name


class SupportModel(models.Model):
    """One model in one unit: a reception office, a team, a point, a recurring day."""

    kind = models.ForeignKey(SupportKind, models.PROTECT, related_name="models", verbose_name=_("kind"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="support_models", verbose_name=_("unit"))
    name = models.CharField(_("name"), max_length=200)
    place = models.CharField(_("place"), max_length=300)
    opened = models.DateField(_("opened"), help_text=_("The first day"))
    closed = models.DateField(
        pgettext_lazy("day", "closed"), null=True, blank=True, help_text=_("The last day")
    )
    body = models.CharField(_("responsible body"), max_length=160)
    hours = models.CharField(_("hours"), max_length=160, blank=True)
    contact = models.CharField(
        _("public contact"),
        max_length=160,
        blank=True,
        help_text=_("A hotline or counter, nobody's own number"),
    )
    continues = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="continued_by",
        help_text=_("The same model in the unit that this one's unit came from"),
    )

    class Meta:
        verbose_name = _("support model")
        verbose_name_plural = _("support models")
        ordering = ("unit__name_fold", "kind__position", "pk")
        indexes = (models.Index("unit", "kind", name="support_model_of_unit"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(closed=None) | Q(closed__gte=F("opened")), name="support_closes_after_opening"
            ),
        )

    def __str__(self) -> str:
        return self.name

    def is_open(self, day: date) -> bool:
        """Whether it serves on a day."""
        return self.opened <= day and (self.closed is None or self.closed >= day)


class SupportEvent(OnlyAdded):
    """What happened with a support model. Only ever added to."""

    class What(models.TextChoices):
        OPENED = "opened", _("Opened")
        CHANGED = "changed", _("Changed")
        CLOSED = "closed", _("Closed")
        EVIDENCE = "evidence", _("Evidence")
        MOVED = "moved", _("Went to another unit")

    model = models.ForeignKey(SupportModel, models.CASCADE, related_name="events")
    what = models.CharField(_("what"), max_length=10, choices=What)
    note = models.CharField(_("note"), max_length=500, blank=True)
    by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", help_text=_("Empty where a rule did it")
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("support model's history")
        verbose_name_plural = _("support models' history")
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.model}: {self.get_what_display()}"


class SupportEvidence(models.Model):
    """What shows that a support model is there: words, the number of the decision that set it up, a photograph."""

    model = models.ForeignKey(SupportModel, models.CASCADE, related_name="evidence")
    text = models.CharField(_("text"), max_length=1000, blank=True)
    number = models.CharField(_("document number"), max_length=60, blank=True)
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("support model's evidence")
        verbose_name_plural = _("support models' evidence")
        ordering = ("at", "pk")
        constraints = (
            models.CheckConstraint(
                condition=~Q(text="", number="", attachment=None), name="support_evidence_says_something"
            ),
        )

    def __str__(self) -> str:
        return self.text or self.number or str(self.attachment)


class SupportRequirement(models.Model):
    """Every unit of a category is to have a model of a kind, or one of any kind: "100% of districts have a model"."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="support_requirements")
    unit_kind = models.CharField(_("units of the category"), max_length=20, choices=Unit.Kind)
    kind = models.ForeignKey(
        SupportKind,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("kind"),
        help_text=_("Empty: a model of any kind"),
    )

    class Meta:
        verbose_name = _("required support model")
        verbose_name_plural = _("required support models")
        ordering = ("unit_kind", "kind__position", "pk")
        constraints = (
            models.UniqueConstraint("campaign", "unit_kind", "kind", name="requirement_once"),
            models.UniqueConstraint(
                fields=("campaign", "unit_kind"), condition=Q(kind=None), name="requirement_of_any_once"
            ),
        )

    def __str__(self) -> str:
        kind = self.kind or _("any kind")
        return f"{self.get_unit_kind_display()}: {kind}"
