"""The audit trail: who read or changed what, when, from where."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tungnha.accounts.models.people import User
from tungnha.territory.models import Unit


class AuditEntry(models.Model):
    """One thing that somebody did. Never changed, and not deleted within twelve months: triggers refuse both.

    What it names may go; the entry stays. Hence no constraint to users and units, and the name is written out.
    """

    class Kind(models.TextChoices):
        READ = "read", _("read")
        CHANGE = "change", _("changed")
        DOWNLOAD = "download", _("downloaded")
        SIGN_IN = "sign_in", _("signed in")
        SIGN_OUT = "sign_out", _("signed out")
        FAILURE = "failure", _("failed to sign in")
        REFUSAL = "refusal", _("was refused")
        COMMAND = "command", _("ran a command")

    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    actor = models.ForeignKey(User, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    actor_name = models.CharField(_("who"), max_length=150, blank=True)
    unit = models.ForeignKey(Unit, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    route = models.CharField(_("page or command"), max_length=100, blank=True)
    path = models.CharField(_("record"), max_length=300, blank=True)
    led_to = models.CharField(max_length=300, blank=True)
    """Where a change sent the person: the page of what was made."""
    status = models.PositiveSmallIntegerField(default=0)
    address = models.GenericIPAddressField(_("from where"), null=True)
    agent = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["unit", "-id"], name="audit_unit"),
            models.Index(fields=["actor", "-id"], name="audit_actor"),
            models.Index(fields=["kind", "-id"], name="audit_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.kind} {self.path}"
