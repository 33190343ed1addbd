"""Roles follow units by themselves (`reach.py`); here they are only counted, so that nobody is forgotten."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db.models import F, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from tungnha.accounts.models import RoleHeld
from tungnha.territory import following
from tungnha.territory.following import Open
from tungnha.territory.models import Unit


class Roles:
    """Roles held for units that end. One that leads nowhere is given anew by an administrator, who ends this one."""

    kind = "role"
    label: str | Promise = gettext_lazy("people's roles")
    by_itself = True

    def open_in(self, units: QuerySet[Unit], day: date) -> Iterable[Open]:
        held = RoleHeld.objects.filter(
            Q(valid_to=None) | Q(valid_to__gt=day), unit__in=units, user__is_active=True
        )
        held = held.filter(Q(valid_to=None) | Q(valid_to__gt=F("valid_from")))
        return [
            Open(one.pk, one.unit_id, f"{one.user.username}: {one.get_role_display()}")
            for one in held.select_related("user").order_by("unit", "user__username")
        ]

    def move(self, keys: Sequence[int], heir: Unit, *, day: date, by: int | None) -> Mapping[int, str]:
        raise NotImplementedError


def register() -> None:
    """Called once, when the program starts."""
    following.register(Roles())
