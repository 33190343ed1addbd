"""Running the checks over a day, tuning them, and settling what they found."""

from collections import Counter
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tungnha.accounts.models import User
from tungnha.accounts.scope import Action, may
from tungnha.campaign.models import Campaign
from tungnha.progress.checks import CHECKS
from tungnha.progress.models import CheckSetting, ReviewFlag
from tungnha.progress.queries import shifts
from tungnha.territory.vietnamese import clean


def review(campaign: Campaign, day: date) -> int:
    """Look at everybody's visits of a day. Returns how many flags are new; running it again adds none."""
    tuned = {one.check_name: one for one in CheckSetting.objects.filter(campaign=campaign)}
    looked_at = shifts(campaign, day)
    found: list[ReviewFlag] = []
    for name, check in CHECKS.items():
        setting = tuned.get(name)
        if setting is not None and not setting.on:
            continue
        own = setting.threshold if setting is not None else None
        threshold = check.threshold if own is None else own
        for one in looked_at:
            facts = check.find(one.shift, threshold)
            if facts is not None:
                found.append(
                    ReviewFlag(
                        campaign=campaign,
                        unit_id=one.unit,
                        person_id=one.person,
                        day=day,
                        check_name=name,
                        facts=facts,
                        share=0.0,
                    )
                )
    showing = Counter(flag.check_name for flag in found)
    for flag in found:
        flag.share = showing[flag.check_name] / len(looked_at)
    before = ReviewFlag.objects.filter(campaign=campaign, day=day).count()
    with transaction.atomic():
        ReviewFlag.objects.bulk_create(found, batch_size=90, ignore_conflicts=True)
    return ReviewFlag.objects.filter(campaign=campaign, day=day).count() - before


def settle(flag: ReviewFlag, reason: str, *, by: User) -> bool:
    """Record what a supervisor found out. False when somebody settled it meanwhile; the first reason stands.

    Raises ValidationError without a reason, PermissionDenied where the person may not, or would settle their own.
    """
    words = clean(reason)[:500]
    if not words:
        raise ValidationError({"reason": _("Say what you found out.")})
    if by.pk == flag.person_id or not may(by, Action.PEOPLE, flag.unit):
        raise PermissionDenied
    with transaction.atomic():
        changed = ReviewFlag.objects.filter(pk=flag.pk, settled_at=None).update(
            settled_by=by, settled_at=timezone.now(), reason=words
        )
    return bool(changed)


def tune(campaign: Campaign, check_name: str, *, on: bool, threshold: float | None) -> CheckSetting:
    """Switch a check on or off for a campaign, or give it another threshold (None: as it comes). Raises ValidationError."""
    if check_name not in CHECKS:
        raise ValidationError({"check_name": _("There is no check “%(name)s”.") % {"name": check_name}})
    if threshold is not None and threshold <= 0:
        raise ValidationError({"threshold": _("A threshold is above zero.")})
    with transaction.atomic():
        setting, _made = CheckSetting.objects.update_or_create(
            campaign=campaign, check_name=check_name, defaults={"on": on, "threshold": threshold}
        )
    return setting
