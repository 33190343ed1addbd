"""The ledger's tables: entries, what is held back, the phones that write, and the daily counts."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tungnha.accounts.models import User
from tungnha.territory.models import Unit


class Device(models.Model):
    """A phone's session: one person, one campaign, one unit or some walks in it, for a time. A phone may have had many.

    The token is 128 random bits, of which only the SHA-256 is kept (OWASP ASVS 5, 11.5.1).
    """

    token_hash = models.BinaryField(max_length=32, unique=True)
    installation = models.UUIDField(
        _("installation"), default=uuid.uuid4, help_text=_("The same for all sessions of one phone")
    )
    user = models.ForeignKey(User, models.PROTECT, related_name="devices", verbose_name=_("person"))
    campaign = models.CharField(_("campaign"), max_length=40)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    areas = models.JSONField(
        _("areas"), default=list, blank=True, help_text=_("Walks it is bound to; none: the whole unit")
    )
    issued_at = models.DateTimeField(_("issued at"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    first_issued_at = models.DateTimeField(
        help_text="When this phone's first session began; nothing it tells can be older"
    )
    seen_at = models.DateTimeField(_("last seen"), null=True, blank=True)
    clock_offset = models.BigIntegerField(
        _("clock offset, ms"), default=0, help_text=_("To be added to the phone's clock")
    )

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        indexes = (models.Index("user", "campaign", name="device_of_user"),)

    def __str__(self) -> str:
        return f"{self.user} {self.campaign} {self.pk}"


class Entry(models.Model):
    """One thing that happened. Never changed and never deleted: the database itself refuses (`migrations/`).

    Subjects, device and actor are plain numbers without a constraint in the database: an entry stays true when what
    it speaks of is gone, may come before it, and one check a row less is a sixth of the time to write it.
    """

    position = models.BigAutoField(primary_key=True, help_text="1, 2, 3 … without a gap")
    uuid = models.UUIDField(unique=True, help_text="Made where it happened (version 7)")
    kind = models.CharField(max_length=40)
    version = models.PositiveSmallIntegerField()
    occurred_at = models.DateTimeField(help_text="By the device's clock")
    received_at = models.DateTimeField()
    clock_offset = models.BigIntegerField(help_text="Milliseconds to add to the device's clock")
    device = models.ForeignKey(
        Device, models.PROTECT, null=True, related_name="entries", db_constraint=False, db_index=False
    )
    actor = models.ForeignKey(
        User, models.PROTECT, related_name="entries", db_constraint=False, db_index=False
    )
    campaign = models.CharField(max_length=40)
    unit = models.BigIntegerField(null=True)
    premises = models.BigIntegerField(null=True)
    household = models.BigIntegerField(null=True)
    resident = models.BigIntegerField(null=True)
    found = models.UUIDField(null=True)
    corrects = models.UUIDField(null=True)
    body = models.TextField()
    hash = models.BinaryField(max_length=32, help_text="SHA-256 over the hash before it and this row")

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        ordering = ("position",)
        indexes = (
            models.Index(
                "household", "position", name="entry_of_household", condition=Q(household__isnull=False)
            ),
            models.Index("corrects", name="entry_correcting", condition=Q(corrects__isnull=False)),
        )

    def __str__(self) -> str:
        return f"{self.position} {self.kind} {self.uuid}"


class Held(models.Model):
    """What was sent but not taken into the ledger, with the reason, until somebody decides. Never dropped."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RELEASED = "released", _("Taken into the ledger")
        REFUSED = "refused", _("Refused")

    digest = models.BinaryField(
        primary_key=True, max_length=32, help_text="SHA-256 of device and text: sent twice, it is held once"
    )
    uuid = models.UUIDField(null=True, db_index=True)
    reason = models.CharField(_("reason"), max_length=20)
    detail = models.CharField(_("what exactly"), max_length=300, blank=True)
    sealed = models.BinaryField(help_text="The text as sent, encrypted: it may hold what nobody should read")
    device = models.ForeignKey(Device, models.PROTECT, related_name="held", verbose_name=_("device"))
    received_at = models.DateTimeField(_("received at"))
    clock_offset = models.BigIntegerField()
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    settled_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("settled by")
    )
    settled_at = models.DateTimeField(_("settled at"), null=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("held entry")
        verbose_name_plural = _("held entries")
        ordering = ("received_at", "digest")
        indexes = (models.Index("state", "received_at", name="held_by_state"),)

    def __str__(self) -> str:
        return f"{self.uuid} {self.reason}"


class HouseholdDay(models.Model):
    """How often something was counted for a household on a day in a unit. Rows with zero do not exist."""

    pk = models.CompositePrimaryKey("household", "campaign", "measure", "day", "unit")
    household = models.BigIntegerField()
    campaign = models.CharField(max_length=40)
    measure = models.CharField(max_length=40)
    day = models.DateField()
    unit = models.BigIntegerField()
    times = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.household} {self.day} {self.measure}: {self.times}"


class DailyCount(models.Model):
    """What one unit counted on one day. Units are the entries' own: sum over the units below for a district or city.

    `times` counts entries (lượt). `households` counts distinct households of that day: never sum it over days.
    `first_households` counts those for whom it was the first time in the campaign: its sum over days is how many
    distinct households there were so far.
    """

    pk = models.CompositePrimaryKey("campaign", "measure", "day", "unit")
    campaign = models.CharField(max_length=40)
    measure = models.CharField(max_length=40)
    day = models.DateField()
    unit = models.BigIntegerField(help_text="0 where the entry names none")
    times = models.PositiveIntegerField(_("times"))
    households = models.PositiveIntegerField(pgettext_lazy("how many", "households"))
    first_households = models.PositiveIntegerField(_("households for the first time"))

    def __str__(self) -> str:
        return f"{self.unit} {self.day} {self.measure}: {self.times}"
