"""Sessions of phones: a secret of 128 random bits, of which only the hash is kept."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.utils import timezone

from tungnha.accounts import scope
from tungnha.accounts.models import User
from tungnha.accounts.roles import Action, allowing
from tungnha.ledger import bulk
from tungnha.ledger.models import Device

TOKEN_BYTES = 16


class Refusal(StrEnum):
    """Why a session opens nothing."""

    UNKNOWN = "unknown"
    REVOKED = "revoked"
    EXPIRED = "expired"
    NO_ROLE = "no_role"


class RefusedError(Exception):
    """The token opens nothing."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


@dataclass(frozen=True)
class Session:
    """Whom a request comes from, and where they may write."""

    pk: int
    user: int
    campaign: str
    unit: int
    unit_path: str
    areas: tuple[str, ...]
    expires_at: datetime
    first_issued_at: datetime


def new_token() -> str:
    """A secret to be shown to one phone once."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> bytes:
    """What is kept of a token. The token is random, so a plain hash hides it."""
    return hashlib.sha256(token.encode()).digest()


_FIND = """
SELECT d.id, d.user_id, d.campaign, d.unit_id, u.path, d.areas, d.expires_at, d.first_issued_at, d.revoked_at,
       p.is_active, EXISTS (
           SELECT 1 FROM accounts_roleheld held JOIN territory_unit of ON of.id = held.unit_id
           WHERE held.user_id = d.user_id AND held.role IN ({roles}) AND held.valid_from <= %s AND (held.valid_to IS NULL OR held.valid_to > %s)
             AND substr(u.path, 1, length(of.path)) = of.path
       )
FROM ledger_device d JOIN territory_unit u ON u.id = d.unit_id JOIN accounts_user p ON p.id = d.user_id
WHERE d.token_hash = %s
""".format(roles=", ".join(f"'{role}'" for role in allowing(Action.WALK)))  # noqa: S608 - our own names


def find(token: str, *, now: datetime | None = None) -> Session:
    """The session that a token opens, in one query. Raises RefusedError.

    It opens nothing once it is revoked or expired, or its person is inactive or holds no role over the unit any more that goes to doors.
    """
    today = timezone.localdate(now)
    with bulk.cursor() as cursor:
        cursor.execute(_FIND, [today, today, token_hash(token)])
        row = cursor.fetchone()
    if row is None:
        raise RefusedError(Refusal.UNKNOWN)
    pk, user, campaign, unit, path, areas, expires, first, revoked, active, role = row
    session = Session(
        pk, user, campaign, unit, path, tuple(bulk.from_database_json(areas)),
        bulk.from_database_time(expires), bulk.from_database_time(first),
    )  # fmt: skip
    if revoked is not None or not active:
        raise RefusedError(Refusal.REVOKED)
    if session.expires_at <= (now or timezone.now()):
        raise RefusedError(Refusal.EXPIRED)
    if not role and not _role_by_succession(user, path):
        raise RefusedError(Refusal.NO_ROLE)
    return session


def _role_by_succession(user: int, path: str) -> bool:
    """Whether a role reaches the unit only because boundaries moved: the long way, seldom needed."""
    return scope.reach_of(User.objects.get(pk=user)).covers(Action.WALK, path)


def make(
    user: User,
    token: str,
    *,
    campaign: str,
    unit: int,
    areas: list[str],
    days: int,
    installation: UUID | None = None,
) -> Device:
    """An unsaved session; a phone that had one before keeps the day on which its first began."""
    now = timezone.now()
    device = Device(
        token_hash=token_hash(token), user=user, campaign=campaign, unit_id=unit, areas=areas, issued_at=now,
        expires_at=now + timedelta(days=days), first_issued_at=now,
    )  # fmt: skip
    if installation is not None:
        device.installation = installation
        earlier = (
            Device.objects.filter(installation=installation, user=user).order_by("first_issued_at").first()
        )
        device.first_issued_at = earlier.first_issued_at if earlier else now
    return device
