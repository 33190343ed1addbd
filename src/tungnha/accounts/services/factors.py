"""Second factors: adding them, checking them, and taking them away."""

import secrets
import time
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from tungnha import sealing
from tungnha.accounts import passkeys, signals, totp
from tungnha.accounts.models import Passkey, RecoveryCode, Session, TotpSecret, User
from tungnha.territory.vietnamese import clean

TRIES = 5
PAUSE = timedelta(minutes=15)
"""After so many wrong codes nothing is taken for so long: 480 guesses a day at six digits, after the password."""

CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def _wrong() -> ValidationError:
    return ValidationError({"code": _("This code is not right, or was used already. Wait for the next one.")})


def add_totp(user: User, secret: bytes, code: str) -> None:
    """Keep an authenticator app's secret, once a code shows that the app has it; an earlier app no longer counts."""
    step = totp.step_of(secret, code, time.time())
    if step is None:
        raise ValidationError({"code": _("This code is not right. Check that the phone's clock is.")})
    with transaction.atomic():
        TotpSecret.objects.update_or_create(
            user=user, defaults={"secret_sealed": sealing.seal(secret.hex()), "last_step": step}
        )
        _begin(user)


def add_passkey(
    user: User, host: str, state: dict[str, Any] | None, response: dict[str, Any], *, name: str
) -> None:
    """Keep a passkey that the browser made for a question we asked."""
    try:
        credential, count = passkeys.added(host, state, response)
    except passkeys.RefusedError as error:
        raise ValidationError(_("The passkey could not be taken. Try once more.")) from error
    if Passkey.objects.filter(credential_id=credential.credential_id).exists():
        raise ValidationError(_("This passkey is in use already."))
    with transaction.atomic():
        Passkey.objects.create(
            user=user,
            name=clean(name)[:60] or _("Passkey"),
            credential_id=credential.credential_id,
            credential=bytes(credential),
            sign_count=count,
        )
        _begin(user)


def _begin(user: User) -> None:
    if user.second_factor_at is None:
        user.second_factor_at = timezone.now()
        user.save(update_fields=["second_factor_at"])


def new_recovery_codes(user: User) -> list[str]:
    """Ten codes in place of whatever there was. They are shown now and never again."""
    codes = [
        "-".join("".join(secrets.choice(_LETTERS) for _n in range(4)) for _g in range(3))
        for _c in range(CODES)
    ]
    with transaction.atomic():
        user.recovery_codes.all().delete()
        RecoveryCode.objects.bulk_create(
            [RecoveryCode(user=user, code_hash=_code_hash(code)) for code in codes], batch_size=CODES
        )
    return codes


def _code_hash(code: str) -> bytes:
    return sealing.blind("".join(sign for sign in code.lower() if sign in _LETTERS), "recovery code")


def check_code(user: User, code: str) -> None:
    """Take a code of the authenticator app, or a recovery code, once. Raises ValidationError by field.

    A try is counted before it is judged, so that guesses sent at the same time count too.
    """
    _count_a_try(user)
    taken = _take_totp(user, code) if len(code.replace(" ", "")) == 6 else _take_recovery_code(user, code)
    if not taken:
        raise _wrong()
    _forget_tries(user)


def check_passkey(user: User, host: str, state: dict[str, Any] | None, response: dict[str, Any]) -> None:
    """Take a passkey's answer to our question. Raises ValidationError.

    A count of uses that does not grow means that the passkey was copied (Web Authentication, section 6.1.1).
    """
    refused = ValidationError(_("The passkey was not accepted. Try once more."))
    try:
        answer = passkeys.answered(user, host, state, response)
    except passkeys.RefusedError as error:
        raise refused from error
    grown = Q(sign_count__lt=answer.sign_count)
    if answer.sign_count == 0:  # many passkeys never count
        grown |= Q(sign_count=0)
    with transaction.atomic():
        counted = Passkey.objects.filter(grown, pk=answer.passkey.pk).update(
            sign_count=answer.sign_count, used_at=timezone.now()
        )
    if not counted:
        raise refused


def _count_a_try(user: User) -> None:
    now = timezone.now()
    with transaction.atomic():
        people = User.objects.filter(pk=user.pk)
        people.filter(factor_tried_at__lt=now - PAUSE).update(factor_tries=0)
        if not people.filter(factor_tries__lt=TRIES).update(
            factor_tries=F("factor_tries") + 1, factor_tried_at=now
        ):
            told = _("Too many wrong codes. Wait 15 minutes, or ask your administrator.")
            raise ValidationError({"code": ValidationError(told, code="paused")})


def _forget_tries(user: User) -> None:
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(factor_tries=0)


def _take_totp(user: User, code: str) -> bool:
    kept = TotpSecret.objects.filter(user=user).first()
    if kept is None:
        return False
    step = totp.step_of(bytes.fromhex(sealing.unseal(bytes(kept.secret_sealed))), code, time.time())
    if step is None:
        return False
    with transaction.atomic():
        return bool(TotpSecret.objects.filter(pk=kept.pk, last_step__lt=step).update(last_step=step))


def _take_recovery_code(user: User, code: str) -> bool:
    with transaction.atomic():
        left = user.recovery_codes.filter(code_hash=_code_hash(code), used_at=None)
        return bool(left.update(used_at=timezone.now()))


def remove_passkey(user: User, passkey_id: int) -> None:
    """Take one passkey away. Raises ValidationError when it is the last factor."""
    with transaction.atomic():
        _refuse_last(user, user.passkeys.exclude(pk=passkey_id).exists() or _has_totp(user))
        user.passkeys.filter(pk=passkey_id).delete()


def remove_totp(user: User) -> None:
    """Take the authenticator app away. Raises ValidationError when it is the last factor."""
    with transaction.atomic():
        _refuse_last(user, user.passkeys.exists())
        TotpSecret.objects.filter(user=user).delete()


def _has_totp(user: User) -> bool:
    return TotpSecret.objects.filter(user=user).exists()


def _refuse_last(user: User, another: bool) -> None:  # noqa: FBT001 - reads as a sentence
    User.objects.select_for_update().get(pk=user.pk)  # two at once would each see the other
    if not another:
        raise ValidationError(_("This is your only second factor. Add another one before you remove it."))


def reset(user: User) -> None:
    """Take every second factor away and end every session, phones' too: the person lost their phone, or it was stolen."""
    with transaction.atomic():
        TotpSecret.objects.filter(user=user).delete()
        user.passkeys.all().delete()
        user.recovery_codes.all().delete()
        Session.objects.filter(user=user).delete()
        User.objects.filter(pk=user.pk).update(second_factor_at=None, factor_tries=0)
        signals.access_reset.send(sender=User, user=user)
