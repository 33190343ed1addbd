"""What a person has beside their password: an app that counts, passkeys, and recovery codes on paper."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tungnha.accounts.models.people import User


class TotpSecret(models.Model):
    """The secret an authenticator app shares with us (RFC 6238), sealed."""

    user = models.OneToOneField(User, models.CASCADE, related_name="totp")
    secret_sealed = models.BinaryField()
    last_step = models.BigIntegerField(default=0)
    """The 30-second step of the last code taken; that code and earlier ones are refused."""

    def __str__(self) -> str:
        return str(self.user)


class Passkey(models.Model):
    """A credential of one device (Web Authentication): we keep only what is public of it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="passkeys")
    name = models.CharField(_("name"), max_length=60)
    credential_id = models.BinaryField(max_length=1023, unique=True)
    credential = models.BinaryField()
    sign_count = models.PositiveBigIntegerField(default=0)
    added_at = models.DateTimeField(pgettext_lazy("when", "added"), default=timezone.now)
    used_at = models.DateTimeField(_("last used"), null=True)

    def __str__(self) -> str:
        return self.name


class RecoveryCode(models.Model):
    """A code that opens once. Only its keyed hash is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes")
    code_hash = models.BinaryField(max_length=16)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "code_hash"], name="recovery_code_once")]

    def __str__(self) -> str:
        return f"{self.user} {self.pk}"
