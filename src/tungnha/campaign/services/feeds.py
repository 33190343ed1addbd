"""Giving out a unit's calendar feed, and taking it back."""

import secrets

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tungnha.accounts.models import User
from tungnha.campaign.models import Campaign, Feed
from tungnha.campaign.queries.calendar import token_hash
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import clean

TOKEN_BYTES = 16  # 128 random bits


def make_feed(campaign: Campaign, *, unit: Unit, name: str, by: User) -> tuple[Feed, str]:
    """A feed of a unit's touches, and its token, which is shown this once and kept nowhere. Raises ValidationError."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    feed = Feed(campaign=campaign, unit=unit, name=clean(name), token_hash=token_hash(token), made_by=by)
    if not unit.path.startswith(campaign.unit.path):
        facts = {"units": unit.name, "territory": campaign.unit.name}
        raise ValidationError(
            {"unit": _("%(units)s: not in the campaign's territory, %(territory)s.") % facts}
        )
    feed.clean_fields()
    with transaction.atomic():
        feed.save(force_insert=True)
    return feed, token


def revoke_feed(feed: Feed) -> None:
    """Close a feed's address for good; closing it again changes nothing."""
    with transaction.atomic():
        Feed.objects.filter(pk=feed.pk, revoked_at=None).update(revoked_at=timezone.now())
