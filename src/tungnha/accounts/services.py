"""Adding people and giving or ending their roles."""

from datetime import date

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from tungnha.accounts import scope
from tungnha.accounts.models import RoleHeld, User
from tungnha.accounts.roles import Role
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
    user: User,
    role: str,
    unit: Unit,
    *,
    valid_from: date | None = None,
    valid_to: date | None = None,
    by: str = "",
) -> RoleHeld:
    """Give `user` a role for `unit` and everything below it, from today or `valid_from`, until `valid_to` (excluded).

    Raises ValidationError for an unknown role, a period that ends before it begins, or one that overlaps a period
    in which the person holds the same role for the same unit.
    """
    start = valid_from or timezone.localdate()
    if valid_to is not None and valid_to <= start:
        raise ValidationError(_("The role would end before it begins."))
    if role not in Role.values:
        raise ValidationError(
            _("There is no role “%(role)s”; known are %(known)s.")
            % {"role": role, "known": ", ".join(Role.values)}
        )
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # two at once would each see no overlap
        _refuse_overlap(user, role, unit, start, valid_to)
        held = RoleHeld.objects.create(
            user=user, role=role, unit=unit, valid_from=start, valid_to=valid_to, granted_by=by
        )
    scope.forget()
    return held


def _refuse_overlap(user: User, role: str, unit: Unit, start: date, end: date | None) -> None:
    same = RoleHeld.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=start) & Q(valid_to__gt=F("valid_from")),
        user=user,
        role=role,
        unit=unit,
    )
    if end is not None:
        same = same.filter(valid_from__lt=end)
    held = same.order_by("valid_from").first()
    if held is None:
        return
    facts = {
        "username": user.username,
        "role": held.get_role_display(),
        "unit": unit.name,
        "from": formats.date_format(held.valid_from),
        "until": formats.date_format(held.valid_to) if held.valid_to else "",
    }
    if held.valid_to is None:
        raise ValidationError(
            _(
                "%(username)s already holds the role “%(role)s” for %(unit)s since %(from)s, without an end. "
                "End that one first."
            )
            % facts
        )
    raise ValidationError(
        _(
            "%(username)s already holds the role “%(role)s” for %(unit)s from %(from)s until %(until)s. "
            "Choose a period that does not overlap it."
        )
        % facts
    )


def end_role(held: RoleHeld, *, on: date | None = None) -> None:
    """End a role: `on` (today) is the first day it is no longer held."""
    day = on or timezone.localdate()
    with transaction.atomic():
        RoleHeld.objects.filter(pk=held.pk).update(valid_to=max(day, held.valid_from))
    scope.forget()
