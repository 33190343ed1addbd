"""Adding people, inviting them, and letting them choose a password."""

import secrets
from datetime import date, timedelta

from axes.utils import reset as forget_failures
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tungnha import sealing
from tungnha.accounts.models import Invitation, Session, User
from tungnha.accounts.services.roles import grant_role, refuse_beyond
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import clean, fold

INVITATION_DAYS = 7
"""Days a link may be used."""


def _new_user(username: str, full_name: str) -> User:
    user = User(username=User.normalize_username(username))
    _name(user, full_name)
    return user


def _name(user: User, full_name: str) -> None:
    user.first_name = clean(full_name)[:150]
    user.name_fold = fold(f"{user.username} {user.first_name}")


def rename(user: User, full_name: str) -> None:
    """Write a person's full name."""
    _name(user, full_name)
    with transaction.atomic():
        user.save(update_fields=["first_name", "name_fold"])


def create_user(username: str, password: str, *, full_name: str = "") -> User:
    """Add a person who may sign in, with no role yet.

    Raises ValidationError when the name is taken or malformed, or the password too weak.
    """
    user = _new_user(username, full_name)
    validate_password(password, user)
    user.set_password(password)
    user.full_clean()
    with transaction.atomic():
        user.save(force_insert=True)
    return user


def invite(
    *,
    username: str,
    full_name: str = "",
    role: str,
    unit: Unit,
    valid_from: date | None = None,
    valid_to: date | None = None,
    by: User | None = None,
) -> tuple[User, str]:
    """Add a person with their first role. Returns the person and the token of the link that lets them in once.

    `by` is the administrator who does; without one it is the installation's own command line.
    Raises ValidationError by field, as `create_user` and `grant_role` do.
    """
    if by is not None:
        refuse_beyond(by, role, unit)
    giver = by.username if by else ""
    user = _new_user(username, full_name)
    user.set_unusable_password()
    user.full_clean(exclude=["password"])
    with transaction.atomic():
        user.save(force_insert=True)
        grant_role(user, role, unit, valid_from=valid_from, valid_to=valid_to, by=giver)
        return user, new_link(user, by=giver)


def new_link(user: User, *, by: str = "") -> str:
    """A fresh token with which the person chooses a password; links given earlier no longer work."""
    token = secrets.token_urlsafe(24)
    now = timezone.now()
    with transaction.atomic():
        user.invitations.filter(used_at=None, expires_at__gt=now).update(expires_at=now)
        Invitation.objects.create(
            user=user,
            token_hash=sealing.blind(token, "invitation"),
            made_by=by,
            expires_at=now + timedelta(days=INVITATION_DAYS),
        )
    return token


def invited(token: str) -> User | None:
    """Whom a link lets in; None when it was used, has expired or never was."""
    found = _waiting(token).select_related("user").first()
    return found.user if found else None


def _waiting(token: str) -> QuerySet[Invitation]:
    return Invitation.objects.filter(
        token_hash=sealing.blind(token, "invitation"), used_at=None, expires_at__gt=timezone.now()
    )


def accept(token: str, password: str) -> User:
    """Set the invited person's password and use the link up. Whoever was signed in as them no longer is.

    Raises ValidationError when the link is no longer good or the password too weak.
    """
    user = invited(token)
    if user is None:
        raise ValidationError(_("This link was used or has expired. Ask your administrator for a new one."))
    validate_password(password, user)
    user.set_password(password)
    with transaction.atomic():
        use_up(token)
        user.save(update_fields=["password"])
        Session.objects.filter(user=user).delete()
    return user


def use_up(token: str) -> None:
    """Mark a link as used. Raises ValidationError when somebody else was quicker."""
    if not _waiting(token).update(used_at=timezone.now()):
        raise ValidationError(_("This link was used or has expired. Ask your administrator for a new one."))


def change_password(user: User, password: str) -> None:
    """Set a password that the person chose. Raises ValidationError by field when it is too weak."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValidationError({"password": error.error_list}) from error
    user.set_password(password)
    with transaction.atomic():
        user.save(update_fields=["password"])


def unlock(user: User) -> None:
    """Let a person try again who typed too many wrong passwords or codes."""
    forget_failures(username=user.username)
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(factor_tries=0)


def end_sessions(user: User, *, but: str | None) -> int:
    """End every session of the person but the one whose key is given. Returns how many ended."""
    with transaction.atomic():
        return user.sessions.exclude(session_key=but).delete()[0]


def forget_ended_sessions(user: User) -> None:
    """Remove the person's sessions that have run out."""
    with transaction.atomic():
        user.sessions.filter(expire_date__lt=timezone.now()).delete()
