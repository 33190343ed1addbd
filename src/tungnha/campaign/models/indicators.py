"""What is counted: the catalogue of indicators, which of them a campaign follows, and the lists of essential services."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tungnha.campaign.models.campaigns import Campaign


class Length(models.TextChoices):
    """How often a figure is due; `campaign.periods` reckons with these words."""

    DAY = "day", _("day")
    WEEK = "week", _("week")
    MONTH = "month", _("month")
    QUARTER = "quarter", _("quarter")
    YEAR = "year", _("year")


class Indicator(models.Model):
    """Something that is counted, as reports name it. Its stages (taken, issued, activated, used) are indicators each."""

    class Kind(models.TextChoices):
        COUNT = "count", _("Count")
        RATIO = "ratio", _("Ratio")
        COVERAGE = "coverage", _("Coverage")

    class Source(models.TextChoices):
        LEDGER = "ledger", _("Counted here")
        OFFICIAL = "official", _("Official figure")
        EITHER = "either", _("Either")

    class Direction(models.TextChoices):
        UP = "up", _("Higher is better")
        DOWN = "down", _("Lower is better")

    code = models.CharField(
        _("code"), max_length=20, unique=True, validators=[RegexValidator(r"^[A-Z][A-Z0-9.]*\Z")]
    )
    name_vi = models.CharField(_("name in Vietnamese"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    counted_in_vi = models.CharField(_("counted in, Vietnamese"), max_length=40)
    counted_in_en = models.CharField(_("counted in, English"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    numerator_vi = models.CharField(_("numerator in Vietnamese"), max_length=200)
    numerator_en = models.CharField(_("numerator in English"), max_length=200, blank=True)
    denominator_vi = models.CharField(_("denominator in Vietnamese"), max_length=200, blank=True)
    denominator_en = models.CharField(_("denominator in English"), max_length=200, blank=True)
    source = models.CharField(_("source"), max_length=8, choices=Source)
    direction = models.CharField(_("direction"), max_length=4, choices=Direction, default=Direction.UP)
    cumulative = models.BooleanField(
        _("cumulative"), help_text=_("Each figure holds all before it; else only what the period brought")
    )
    period = models.CharField(_("reporting period"), max_length=8, choices=Length)
    owner = models.CharField(_("owner"), max_length=160, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind="count") | ~models.Q(denominator_vi=""),
                name="indicator_ratio_has_denominator",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def _spoken(self, field: str) -> str:
        """A text in the reader's language, else in Vietnamese, in which all are written."""
        vietnamese: str = getattr(self, f"{field}_vi")
        if (get_language() or "vi").startswith("vi"):
            return vietnamese
        return getattr(self, f"{field}_en") or vietnamese

    @property
    def name(self) -> str:
        return self._spoken("name")

    @property
    def counted_in(self) -> str:
        return self._spoken("counted_in")

    @property
    def numerator(self) -> str:
        return self._spoken("numerator")

    @property
    def denominator(self) -> str:
        return self._spoken("denominator")

    @property
    def adds_up(self) -> bool:
        """Whether its targets are numbers that sum over units. A ratio's target is a percentage, which does not."""
        return self.kind != self.Kind.RATIO

    @property
    def higher_is_better(self) -> bool:
        return self.direction == self.Direction.UP


class TrackedIndicator(models.Model):
    """An indicator that a campaign follows, how often, and how much it weighs in the campaign's ranking."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="tracked")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="tracked")
    position = models.PositiveSmallIntegerField(_("position"))
    weight = models.PositiveSmallIntegerField(
        _("weight"), default=1, help_text=_("In the ranking of units; 0 leaves it out")
    )
    period = models.CharField(_("reporting period"), max_length=8, choices=Length)

    class Meta:
        verbose_name = _("indicator of a campaign")
        verbose_name_plural = _("indicators of campaigns")
        ordering = ("position", "pk")
        constraints = (models.UniqueConstraint("campaign", "indicator", name="indicator_once_in_campaign"),)

    def __str__(self) -> str:
        return str(self.indicator)


class ServiceList(models.Model):
    """A list of essential services as a decision gave it. Later lists hold the earlier ones (`extends`)."""

    code = models.CharField(_("list"), max_length=20, unique=True)
    size = models.PositiveSmallIntegerField(
        _("how many services"), help_text=_("As the decision says, also where not every title is known here")
    )
    valid_from = models.DateField(_("valid from"))
    document = models.CharField(_("document"), max_length=120, blank=True)
    extends = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    source = models.CharField(_("source"), max_length=200)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("list of essential services")
        verbose_name_plural = _("lists of essential services")
        ordering = ("valid_from", "size")

    def __str__(self) -> str:
        return self.code


class EssentialService(models.Model):
    """A service that people need most. `first_in` is the list that brought it, empty where no source says which."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    first_in = models.ForeignKey(
        ServiceList, models.PROTECT, null=True, blank=True, related_name="services", verbose_name=_("list")
    )
    number = models.PositiveSmallIntegerField(_("number"), null=True, blank=True)
    name_vi = models.CharField(_("name in Vietnamese"), max_length=300)
    name_en = models.CharField(_("name in English"), max_length=300, blank=True)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("essential service")
        verbose_name_plural = _("essential services")
        ordering = ("first_in__valid_from", "number", "code")
        constraints = (models.UniqueConstraint("first_in", "number", name="service_number_once_in_list"),)

    def __str__(self) -> str:
        return self.name_vi

    @property
    def name(self) -> str:
        """Its name in the reader's language, else in Vietnamese."""
        return self.name_vi if (get_language() or "vi").startswith("vi") else self.name_en or self.name_vi


class ServiceOwner(models.Model):
    """Which ministry answers for a service, and since when."""

    service = models.ForeignKey(EssentialService, models.CASCADE, related_name="owners")
    owner = models.CharField(_("owner"), max_length=160)
    since = models.DateField(_("since"))
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("owner of a service")
        verbose_name_plural = _("owners of services")
        ordering = ("since",)
        constraints = (models.UniqueConstraint("service", "since", name="service_owner_once_a_day"),)

    def __str__(self) -> str:
        return self.owner
