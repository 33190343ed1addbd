"""Linking people of ours to an identity provider's."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from tungnha import sealing
from tungnha.accounts.models import OutsideIdentity, User
from tungnha.accounts.services.people import rename, use_up


def value_hash(by: str, value: str) -> bytes:
    """The keyed hash under which a subject or personal number is found again."""
    return sealing.blind(f"{by}|{value.strip()}", "outside identity")


def link(
    user: User, *, issuer: str, by: str, value: str, linked_by: str, token: str = "", name: str = ""
) -> None:
    """Let the person of an identity provider in as `user`; `token` is the invitation that is used up by it.

    A name that the provider says is taken where we have none.

    Raises ValidationError when that person is already somebody of ours.
    """
    with transaction.atomic():
        if token:
            use_up(token)
        kept, new = OutsideIdentity.objects.get_or_create(
            issuer=issuer,
            by=by,
            value_hash=value_hash(by, value),
            defaults={"user": user, "linked_by": linked_by},
        )
        if not new and kept.user_id != user.pk:
            raise ValidationError({"value": _("This identity is already linked to somebody else.")})
        if name and not user.first_name:
            rename(user, name)


def unlink(user: User) -> None:
    """Forget every identity elsewhere of a person."""
    with transaction.atomic():
        user.outside_identities.all().delete()
