"""People: households behind doors, their residents, the lists they came from and what was made of each list."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tungnha.territory.models import Premises, Unit


class ListFile(models.Model):
    """A household or resident list as an office sent it."""

    class State(models.TextChoices):
        PREVIEWED = "previewed", _("Previewed")
        IMPORTED = "imported", _("Imported")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="lists")
    name = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(max_length=64)
    generated = models.BooleanField(_("generated, not real"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PREVIEWED)
    mapping = models.JSONField(_("column mapping"), default=dict)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    accepted = models.PositiveIntegerField(_("rows accepted"), default=0)
    rejected = models.PositiveIntegerField(_("rows rejected"), default=0)
    warned = models.PositiveIntegerField(_("rows with warnings"), default=0)
    uploaded_by = models.CharField(_("uploaded by"), max_length=150, blank=True)
    uploaded_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)

    class Meta:
        ordering = ("-uploaded_at",)

    def __str__(self) -> str:
        return self.name


class SavedMapping(models.Model):
    """The column mapping a person confirmed for a header, offered again when the same header returns."""

    header_key = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the folded header cells")
    mapping = models.JSONField()
    saved_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.header_key


class Household(models.Model):
    """The people behind one door (hộ địa bàn), which need not be the household of the law."""

    premises = models.ForeignKey(Premises, models.PROTECT, related_name="households")
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="households", help_text="The unit of its premises"
    )
    reference = models.CharField(_("reference in the list"), max_length=60, blank=True)
    identity = models.BinaryField(
        max_length=16, unique=True, help_text="Keyed hash by which a re-import finds it"
    )
    head_name = models.CharField(_("head"), max_length=160, blank=True)
    head_fold = models.CharField(max_length=160, editable=False)
    list_file = models.ForeignKey(ListFile, models.PROTECT, related_name="households")

    def __str__(self) -> str:
        return self.head_name


class Resident(models.Model):
    """A person of a household, as the lists say. Numbers and phones are encrypted; look-ups go by keyed hash.

    `identity` is a keyed hash of the personal number where there is one, so it alone is indexed. An index with random
    keys costs an import more than everything else about a row.
    """

    class Sex(models.TextChoices):
        MALE = "M", _("Male")
        FEMALE = "F", _("Female")

    class Stay(models.TextChoices):
        PERMANENT = "permanent", _("Permanent (thường trú)")
        TEMPORARY = "temporary", _("Temporary (tạm trú)")
        LODGING = "lodging", _("Lodging (lưu trú)")
        AWAY = "away", _("Registered here, living elsewhere")
        UNREGISTERED = "unregistered", _("Living here, not registered")

    class Step(models.IntegerChoices):
        """How far along the funnel the list says the person is. The ledger takes over from there."""

        NONE = 0, _("Nothing yet")
        RECORD = 1, _("e-ID record taken")
        INSTALLED = 2, _("VNeID installed")
        LEVEL1 = 3, _("Activated, level 1")
        LEVEL2 = 4, _("Activated, level 2")
        PORTAL = 5, _("Portal account")
        ASSISTED = 6, _("Filed with help")
        ALONE = 7, _("Filed alone")

    class PhoneOwner(models.TextChoices):
        SELF = "self", _("Own phone")
        RELATIVE = "relative", _("A relative's phone")
        UNKNOWN = "unknown", _("Not known")

    household = models.ForeignKey(Household, models.CASCADE, related_name="residents")
    identity = models.BinaryField(
        max_length=16, unique=True, help_text="Keyed hash by which a re-import finds the person"
    )
    full_name = models.CharField(_("full name"), max_length=160)
    name_fold = models.CharField(max_length=160, editable=False)
    sort_key = models.CharField(max_length=400, editable=False)
    sex = models.CharField(_("sex"), max_length=1, choices=Sex, blank=True)
    birth_year = models.PositiveSmallIntegerField(_("year of birth"), null=True, blank=True)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    number_sealed = models.BinaryField(null=True, blank=True, help_text="Personal number, encrypted")
    number_index = models.BinaryField(max_length=16, null=True, blank=True, help_text="Its keyed hash")
    phone_sealed = models.BinaryField(null=True, blank=True, help_text="Phone in E.164, encrypted")
    phone_owner = models.CharField(
        _("whose phone"), max_length=8, choices=PhoneOwner, default=PhoneOwner.UNKNOWN
    )
    relation = models.CharField(_("relation to the head"), max_length=40, blank=True)
    stay = models.CharField(_("residence"), max_length=12, choices=Stay, default=Stay.PERMANENT)
    step = models.PositiveSmallIntegerField(_("step reached"), choices=Step, default=Step.NONE)
    home_support = models.BooleanField(_("needs help at home"), default=False)
    list_file = models.ForeignKey(ListFile, models.PROTECT, related_name="residents")

    def __str__(self) -> str:
        return self.full_name


class MatchCandidate(models.Model):
    """Two residents who may be one person, waiting for somebody to decide. Nothing merges by itself."""

    class State(models.TextChoices):
        OPEN = "open", _("To be decided")
        SAME = "same", _("The same person")
        DIFFERENT = "different", _("Two people")

    left = models.ForeignKey(Resident, models.CASCADE, related_name="+")
    right = models.ForeignKey(Resident, models.CASCADE, related_name="+")
    probability = models.FloatField(_("probability"))
    reasons = models.JSONField(default=list, help_text="Codes of the comparisons that agreed or disagreed")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        ordering = ("-probability",)
        constraints = (models.UniqueConstraint("left", "right", name="match_pair_once"),)

    def __str__(self) -> str:
        return f"{self.left_id} ~ {self.right_id}"
