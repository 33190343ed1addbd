"""People as an administrator sees them, and what each person sees of themselves."""

from dataclasses import dataclass

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from tungnha.accounts import scope
from tungnha.accounts.models import Invitation, OutsideIdentity, RoleHeld, Session, User
from tungnha.accounts.roles import Action
from tungnha.accounts.services.identities import value_hash
from tungnha.territory.vietnamese import fold


def roles_seen_by(administrator: User) -> QuerySet[RoleHeld]:
    """Every role in the administrator's units, of today and before; the latest first."""
    units = scope.visible_units(administrator, Action.MANAGE)
    return RoleHeld.objects.filter(unit__in=units).select_related("unit").order_by("-valid_from", "-pk")


def people_seen_by(administrator: User, *, text: str = "", former: bool = False) -> QuerySet[User]:
    """Whoever holds or will hold a role in the administrator's units, with `shown_roles` there; `former`: or held one."""
    shown = roles_seen_by(administrator)
    if not former:
        shown = shown.filter(held_still())
    people = User.objects.filter(pk__in=shown.order_by().values("user"))
    if text.strip():
        people = people.filter(name_fold__contains=fold(text))
    return people.prefetch_related(Prefetch("roles", shown, to_attr="shown_roles")).order_by(
        "name_fold", "pk"
    )


def held_still() -> Q:
    """Roles held today or later."""
    return Q(valid_to=None) | Q(valid_to__gt=timezone.localdate())


def open_invitation(user: User) -> Invitation | None:
    """The link that the person has not used yet."""
    return user.invitations.filter(used_at=None, expires_at__gt=timezone.now()).first()


def open_sessions(user: User) -> QuerySet[Session]:
    """Where the person is signed in; the latest first."""
    return user.sessions.filter(expire_date__gt=timezone.now()).order_by("-began_at")


@dataclass(frozen=True)
class Told:
    """What an identity provider says about who signed in: identifiers to find them by, and a name. Never stored."""

    issuer: str
    identifiers: tuple[tuple[str, str], ...]  # (OutsideIdentity.By, value)
    name: str = ""


def linked(told: Told) -> User | None:
    """Who of ours that is; None for a stranger, and for somebody who was dismissed."""
    known = Q(pk__in=[])
    for by, value in told.identifiers:
        known |= Q(by=by, value_hash=value_hash(by, value))
    found = (
        OutsideIdentity.objects.filter(known, issuer=told.issuer, user__is_active=True)
        .select_related("user")
        .first()
    )
    return found.user if found else None
