"""Switching position stamps on and off, taking them in, and forgetting them."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from tungnha.accounts.models import User
from tungnha.accounts.scope import Action, may
from tungnha.campaign.models import Campaign
from tungnha.ledger import stored
from tungnha.outreach.models import PositionDecision, PositionStamp
from tungnha.outreach.queries import positions as reads
from tungnha.outreach.visits import VISIT
from tungnha.territory.models import Street
from tungnha.territory.vietnamese import clean

_AT_ONCE = 100
"""People: each is a condition of the statement, and databases bound its depth."""
ELSEWHERE = 0
"""What a phone says where none of the walk's streets is near."""


def decide(
    campaign: Campaign, *, on: bool, reason: str, document: str, days: int | None = None, by: User
) -> PositionDecision:
    """Switch a campaign's position stamps on for so many days each, or off. Every decision stays in the history.

    Each begins anew: volunteers are asked again, and what was stamped under the one before is no longer shown.
    Raises ValidationError by field, PermissionDenied where the person does not plan the campaign.
    """
    if not may(by, Action.PLAN, campaign.unit):
        raise PermissionDenied
    made = PositionDecision(
        campaign=campaign,
        on=on,
        days=days if on else None,
        reason=clean(reason),
        document=clean(document),
        decided_by=by,
    )
    if on and (days is None or not 1 <= days <= PositionDecision.LONGEST):
        raise ValidationError(
            {
                "days": _("Say for how many days a stamp is kept, from 1 to %(most)d.")
                % {"most": PositionDecision.LONGEST}
            }
        )
    made.full_clean()
    with transaction.atomic():
        made.save(force_insert=True)
    return made


def keep_stamps(user: int, code: str, stamps: Mapping[UUID, int]) -> int:
    """Keep near which street (`ELSEWHERE` for none) a person recorded their own visits. Returns how many are kept.

    Passed over without a word, since a phone could do nothing about it: visits that the ledger does not have from this
    person, streets of other units, and everything while stamps are off or the person does not agree.
    """
    campaign = Campaign.objects.filter(code=code).first()
    from_ = reads.since(campaign, [user]).get(user) if campaign else None
    if campaign is None or from_ is None:
        return 0
    visits = [
        entry
        for entry in stored.with_ids(stamps)
        if (entry.kind, entry.actor, entry.campaign) == (VISIT.name, user, code) and entry.when >= from_
    ]
    streets = Street.objects.filter(pk__in=set(stamps.values()), unit__in={entry.unit for entry in visits})
    known = dict(streets.values_list("pk", "unit"))
    rows = [
        PositionStamp(
            entry=entry.uuid, campaign=campaign, user_id=user, street_id=stamps[entry.uuid] or None, recorded_at=entry.when
        )
        for entry in visits
        if stamps[entry.uuid] == ELSEWHERE or known.get(stamps[entry.uuid]) == entry.unit
    ]  # fmt: skip
    with transaction.atomic():
        PositionStamp.objects.bulk_create(rows, batch_size=100, ignore_conflicts=True)
    return len(rows)


def forget(now: datetime | None = None) -> int:
    """Delete every stamp that may no longer be kept: too old, taken back, or switched off. Returns how many went."""
    gone = 0
    for campaign in Campaign.objects.filter(pk__in=PositionStamp.objects.values("campaign")):
        stamped = PositionStamp.objects.filter(campaign=campaign)
        users = sorted(set(stamped.values_list("user", flat=True)))
        for begin in range(0, len(users), _AT_ONCE):
            some = users[begin : begin + _AT_ONCE]
            kept = reads.standing(campaign, some, now=now).values("pk")
            with transaction.atomic():
                gone += stamped.filter(user__in=some).exclude(pk__in=kept).delete()[0]
    return gone
