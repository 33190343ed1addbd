"""How a person comes in: an invitation, an identity kept elsewhere, and the sessions that are open."""

from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tungnha.accounts.models.people import User


class Invitation(models.Model):
    """A link with which a person sets their own password. Only the token's keyed hash is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="invitations")
    token_hash = models.BinaryField(max_length=16, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.CharField(max_length=150, blank=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.user} {self.made_at:%Y-%m-%d}"


class OutsideIdentity(models.Model):
    """That a person of ours is a certain one of an identity provider. Neither subject nor personal number is kept
    in clear: a keyed hash is enough to find the person again.
    """

    class By(models.TextChoices):
        SUBJECT = "subject", _("subject identifier")
        NUMBER = "number", _("personal number")

    user = models.ForeignKey(User, models.CASCADE, related_name="outside_identities")
    issuer = models.CharField(max_length=200)
    by = models.CharField(max_length=10, choices=By)
    value_hash = models.BinaryField(max_length=16)
    linked_at = models.DateTimeField(default=timezone.now)
    linked_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "by", "value_hash"], name="outside_identity_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} @ {self.issuer}"


class Session(AbstractBaseSession):
    """An open session, with whose it is and from where it began, so that a person can see and end their own."""

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")
    began_at = models.DateTimeField(null=True)
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=150, blank=True)

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        from tungnha.accounts.sessions import SessionStore  # noqa: PLC0415 - the store needs this table

        return SessionStore

    def tell(self, data: dict[str, Any]) -> None:
        """Copy out of the session's data what the page of open sessions shows."""
        user_id = data.get("_auth_user_id")
        self.user_id = int(user_id) if user_id else None
        facts = data.get("began", {})
        self.began_at, self.address = facts.get("at"), facts.get("address")
        self.agent = facts.get("agent", "")
