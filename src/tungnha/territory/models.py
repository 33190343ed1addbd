"""Places: administrative units through time, streets and alleys, premises, and where each came from."""

from datetime import date

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

BEFORE_RECORDS = date(1900, 1, 1)
"""`valid_from` of a unit that is older than the tables it was loaded from."""


class Source(models.Model):
    """Where a set of places came from: file, package or generator, with its licence and attribution."""

    name = models.CharField(_("name"), max_length=200)
    licence = models.CharField(_("licence"), max_length=200, blank=True)
    attribution = models.CharField(_("attribution"), max_length=300, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    generated = models.BooleanField(_("generated, not real"), default=False)
    loaded_at = models.DateTimeField(_("loaded at"), auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """An administrative unit during one era. Codes are reused between eras: the key is code and start."""

    class Kind(models.TextChoices):
        PROVINCE = "province", _("Province")
        CITY = "city", _("City")
        DISTRICT = "district", _("District")
        WARD = "ward", _("Ward")
        COMMUNE = "commune", _("Commune")
        TOWNSHIP = "township", _("Township")
        SPECIAL_ZONE = "special_zone", _("Special zone")
        GROUP = "group", _("Residential group")

    scheme = models.CharField(
        _("code list"), max_length=20, default="vn", help_text=_("Who issues the codes")
    )
    code = models.CharField(_("code"), max_length=20)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    name = models.CharField(_("name"), max_length=120)
    name_fold = models.CharField(max_length=120, db_index=True, editable=False)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=120, db_index=True, help_text="Primary keys from the root, '/1/17/'")
    valid_from = models.DateField(_("valid from"), default=BEFORE_RECORDS)
    valid_to = models.DateField(
        _("valid to"), null=True, blank=True, help_text=_("First day it no longer exists")
    )
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    area_km2 = models.FloatField(_("area, km²"), null=True, blank=True)
    boundary = models.BinaryField(
        null=True, blank=True, help_text="WKB polygon, WGS84 longitude and latitude"
    )
    source = models.ForeignKey(Source, models.PROTECT, null=True, blank=True)

    class Meta:
        ordering = ("code", "valid_from")
        constraints = (
            models.UniqueConstraint("scheme", "code", "valid_from", name="unit_code_in_era"),
            models.CheckConstraint(
                condition=models.Q(valid_to=None) | models.Q(valid_to__gt=models.F("valid_from")),
                name="unit_era_has_length",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Population(models.Model):
    """How many people a unit had on a date, by one source."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="populations")
    people = models.PositiveIntegerField(_("people"))
    as_of = models.DateField(_("as of"))
    source = models.ForeignKey(Source, models.PROTECT)

    class Meta:
        constraints = (models.UniqueConstraint("unit", "as_of", "source", name="population_once"),)

    def __str__(self) -> str:
        return f"{self.unit}: {self.people}"


class UnitChange(models.Model):
    """A dated merge, split or rename, by a legal document."""

    decided_by = models.CharField(_("document"), max_length=120)
    effective = models.DateField(_("effective"), help_text=_("The first day of the new units"))
    recorded_by = models.CharField(_("recorded by"), max_length=150, blank=True, editable=False)
    recorded_at = models.DateTimeField(_("recorded at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("change of units")
        verbose_name_plural = _("changes of units")
        ordering = ("-effective", "-pk")

    def __str__(self) -> str:
        return f"{self.decided_by} ({self.effective})"


class Succession(models.Model):
    """Part of a change: all or some of an old unit became part of a new one."""

    change = models.ForeignKey(UnitChange, models.CASCADE, related_name="successions")
    old = models.ForeignKey(Unit, models.PROTECT, related_name="successors")
    new = models.ForeignKey(Unit, models.PROTECT, related_name="predecessors")
    whole = models.BooleanField(_("the whole old unit"))
    share = models.FloatField(
        _("share of the old unit"), null=True, blank=True, help_text=_("0 to 1; empty where no source says")
    )
    share_basis = models.CharField(_("what the share was measured on"), max_length=60, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint("change", "old", "new", name="succession_once"),)

    def __str__(self) -> str:
        return f"{self.old} → {self.new}"


class Followed(models.Model):
    """Something that was open in a unit when that ended, and the unit it went on in. Only ever added to."""

    kind = models.CharField(
        _("kind"), max_length=40, help_text="As its room registered it: `territory.following`"
    )
    key = models.BigIntegerField(help_text="Its primary key in its room")
    label = models.CharField(_("what"), max_length=300)
    old = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("from"))
    heir = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("to"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    by = models.CharField(
        _("decided by"), max_length=150, blank=True, help_text="Empty where the rule decided"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("what followed a unit")
        verbose_name_plural = _("what followed units")
        ordering = ("at", "pk")
        indexes = (models.Index("old", "kind", name="followed_from_unit"),)

    def __str__(self) -> str:
        return f"{self.label}: {self.old} → {self.heir}"


class Street(models.Model):
    """A street or alley within a unit. An alley hangs off a street or another alley (đường, ngõ, ngách, hẻm)."""

    class Kind(models.TextChoices):
        STREET = "street", _("Street (đường, phố)")
        NGO = "ngo", _("Alley (ngõ, kiệt)")
        NGACH = "ngach", _("Branch alley (ngách)")
        HEM = "hem", _("Lane (hẻm)")
        PATH = "path", _("Unnamed way")

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="streets")
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="branches")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    name = models.CharField(_("name"), max_length=160, blank=True)
    name_fold = models.CharField(max_length=160, db_index=True, editable=False)
    number = models.CharField(_("alley number"), max_length=40, blank=True, help_text=_("As written, “34/5”"))
    geometry = models.BinaryField(null=True, blank=True, help_text="WKB multi-line, WGS84")
    source = models.ForeignKey(Source, models.PROTECT)

    def __str__(self) -> str:
        return self.name


class Barrier(models.Model):
    """A line that no turf may cross: a river, a railway, an avenue."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="barriers")
    name = models.CharField(_("name"), max_length=160)
    geometry = models.BinaryField(help_text="WKB line or multi-line, WGS84")
    source = models.ForeignKey(Source, models.PROTECT)

    def __str__(self) -> str:
        return self.name


class StreetNetwork(models.Model):
    """The walkable graph of one unit, stored whole because it is only ever read whole.

    `arrays` is what `territory.network.pack()` makes; `origin_*` is the point at which its metres begin.
    """

    unit = models.OneToOneField(Unit, models.CASCADE, related_name="network")
    arrays = models.BinaryField()
    origin_latitude = models.FloatField()
    origin_longitude = models.FloatField()
    nodes = models.PositiveIntegerField()
    edges = models.PositiveIntegerField()
    source = models.ForeignKey(Source, models.PROTECT)

    def __str__(self) -> str:
        return f"{self.unit}: {self.edges}"


class Premises(models.Model):
    """A building or part of one with a door of its own."""

    class Kind(models.TextChoices):
        HOUSE = "house", _("House")
        BLOCK = "block", _("Apartment block")
        APARTMENT = "apartment", _("Apartment")
        LODGING = "lodging", _("Hotel or lodging")
        EMPLOYER = "employer", _("Employer")
        SCHOOL = "school", _("School")
        OFFICE = "office", pgettext_lazy("premises", "Office")

    class Placing(models.TextChoices):
        GIVEN = "given", _("Position given by the list")
        MAPPED = "mapped", _("House number found on the map")
        ALLEY = "alley", _("Placed on its alley")
        UNIT = "unit", _("Only the unit is known")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="premises")
    group = models.CharField(_("residential group"), max_length=60, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.HOUSE)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    street = models.ForeignKey(Street, models.SET_NULL, null=True, blank=True, related_name="premises")
    number = models.CharField(_("house number"), max_length=40, blank=True)
    name = models.CharField(_("name"), max_length=160, blank=True)
    floor = models.SmallIntegerField(_("floor"), null=True, blank=True)
    address = models.CharField(_("address"), max_length=300)
    address_fold = models.CharField(max_length=300, editable=False)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    placing = models.CharField(_("how it was placed"), max_length=8, choices=Placing, default=Placing.UNIT)
    edge = models.IntegerField(
        null=True, blank=True, help_text="Edge of the unit's street network it stands on"
    )
    edge_offset = models.FloatField(
        null=True, blank=True, help_text="Metres along that edge from its first node"
    )
    source = models.ForeignKey(Source, models.PROTECT)

    class Meta:
        verbose_name_plural = _("premises")
        indexes = (models.Index("unit", "kind", name="premises_unit_kind"),)

    def __str__(self) -> str:
        return self.address
