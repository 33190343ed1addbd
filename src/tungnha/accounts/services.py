"""Adding people and giving or ending their roles."""

from datetime import date

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from tungnha.accounts.models import RoleHeld, User
from tungnha.territory.models import Unit


def create_user(username: str, password: str, *, full_name: str = "") -> User:
    """Add a person who may sign in, with no role yet.

    Raises ValidationError when the name is taken or malformed, or the password too weak.
    """
    user = User(username=User.normalize_username(username), first_name=full_name[:150])
    validate_password(password, user)
    user.set_password(password)
    user.full_clean()
    with transaction.atomic():
        user.save(force_insert=True)
    return user


def grant_role(
    user: User, role: str, unit: Unit, *, valid_from: date | None = None, valid_to: date | None = None
) -> RoleHeld:
    """Give `user` a role for `unit` and everything below it, from today or `valid_from`, until `valid_to` (excluded).

    A role already held for an open period is returned as it is. Raises ValidationError for an unknown role or
    a period that ends before it begins.
    """
    start = valid_from or timezone.localdate()
    if valid_to is not None and valid_to <= start:
        raise ValidationError(_("The role would end before it begins."))
    if role not in RoleHeld.Role.values:
        raise ValidationError(
            _("There is no role “%(role)s”; known are %(known)s.")
            % {"role": role, "known": ", ".join(RoleHeld.Role.values)}
        )
    same = RoleHeld.objects.filter(
        Q(valid_to=None), user=user, role=role, unit=unit, valid_from__lte=start
    ).first()
    if same is not None and valid_to is None:
        return same
    with transaction.atomic():
        return RoleHeld.objects.create(user=user, role=role, unit=unit, valid_from=start, valid_to=valid_to)


def end_role(held: RoleHeld, *, on: date | None = None) -> None:
    """End a role: `on` (today) is the first day it is no longer held."""
    day = on or timezone.localdate()
    with transaction.atomic():
        RoleHeld.objects.filter(pk=held.pk).update(valid_to=max(day, held.valid_from))
