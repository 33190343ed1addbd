"""Giving and ending roles."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from tungnha.accounts import scope
from tungnha.accounts.models import RoleHeld, User
from tungnha.accounts.roles import Role
from tungnha.accounts.services import factors
from tungnha.territory.models import Unit


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
        raise ValidationError({"valid_to": _("The role would end before it begins.")})
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
        _close_ways_of_others(user, role, unit)
    scope.forget()
    return held


def _close_ways_of_others(user: User, role: str, unit: Unit) -> None:
    """End every way by which somebody who could not give this role could come in as `user`.

    A link not yet used and an identity that they linked are such ways. A link that was used is more: whoever made it may
    have opened it, and then knows the password, holds the second factor and has sessions. All of that ends, and the
    person needs a new link from somebody who may give what they now hold.
    """
    identities = user.outside_identities.exclude(linked_by=user.username)
    makers = {
        *user.invitations.values_list("made_by", flat=True),
        *identities.values_list("linked_by", flat=True),
    } - {""}  # the installation's own command line
    entitled = {
        one.username for one in User.objects.filter(username__in=makers) if scope.may_give(one, role, unit)
    }
    lesser = makers - entitled
    links = user.invitations.filter(made_by__in=lesser)
    entered = links.exclude(used_at=None).exists()
    links.delete()
    identities.filter(linked_by__in=lesser).delete()
    if entered:
        user.outside_identities.all().delete()
        factors.reset(user)
        user.set_unusable_password()
        user.save(update_fields=["password"])


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


def give_role(
    administrator: User,
    user: User,
    *,
    role: str,
    unit: Unit,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> RoleHeld:
    """Give a role as an administrator. Raises ValidationError by field, also when it is not theirs to give."""
    if administrator.pk == user.pk:
        raise ValidationError(_("Nobody gives themselves a role. Ask another administrator."))
    refuse_beyond(administrator, role, unit)
    return grant_role(user, role, unit, valid_from=valid_from, valid_to=valid_to, by=administrator.username)


def take_role(administrator: User, held: RoleHeld, *, on: date | None = None) -> None:
    """End a role as an administrator, `on` (today) being the first day without it. Raises ValidationError."""
    if administrator.pk == held.user_id:
        raise ValidationError(_("Nobody ends a role of their own. Ask another administrator."))
    refuse_beyond(administrator, held.role, held.unit)
    if on is not None and on < timezone.localdate():
        raise ValidationError({"on": _("A role cannot be ended in the past.")})
    end_role(held, on=on)


def refuse_beyond(administrator: User, role: str, unit: Unit) -> None:
    """Raise ValidationError when a role is not this administrator's to give or end."""
    if not scope.may_give(administrator, role, unit):
        raise ValidationError(
            {
                "role": _("Only an administrator of a unit above %(unit)s gives this role.")
                % {"unit": unit.name}
            }
        )
