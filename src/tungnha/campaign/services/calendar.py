"""Planning touches, moving and cancelling them, and the local rules they are held against.

Channels register what they plan by `plan_touches`, with an `origin` of their own: the same origin again is the same
touch, changed where it differs.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tungnha.accounts.models import User
from tungnha.campaign import limits, recurrence
from tungnha.campaign.models import (
    Campaign,
    Organisation,
    SlotRules,
    Theme,
    Touch,
    TouchException,
    Wording,
)
from tungnha.campaign.touch_kinds import KINDS
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import clean

LONGEST = timedelta(days=366)
_PERSONAL = re.compile(r"(?<!\d)\d(?:[ .-]?\d){8,}")
"""Nine digits and more: a personal number or a phone, which has no place in a title that anybody may read."""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A touch as somebody wants it.

    `start` and `end` are both days (whole days, `end` the last of them), or both moments: with a zone, or without one
    on the campaign's clocks. `rule` is an RFC 5545 recurrence without its name; one without COUNT or UNTIL runs to the
    campaign's last day. `wording` is the version a clip or a recording was made from; without it the touch takes
    whatever is in force.
    """

    kind: str
    unit: Unit
    title: str
    start: date | datetime
    end: date | datetime
    organisation: Organisation | None = None
    theme: Theme | None = None
    wording: Wording | None = None
    place: str = ""
    rule: str = ""
    origin: str = ""


def plan_touch(campaign: Campaign, planned: Planned, *, by: User) -> Touch:
    """Plan one touch. Raises ValidationError by field."""
    return plan_touches(campaign, [planned], by=by)[0]


def plan_touches(campaign: Campaign, planned: Iterable[Planned], *, by: User) -> list[Touch]:
    """Plan many touches, or change those that were planned under the same origin. All of them, or none.

    Raises ValidationError by field for the first that is wrong; its message begins with the touch's title.
    """
    return keep_touches(campaign, [touch_of(campaign, one, by=by) for one in planned])


def keep_touches(campaign: Campaign, wanted: list[Touch]) -> list[Touch]:
    """Store what `touch_of` gave, all at once; where an origin is known, that touch is changed."""
    origins = {touch.origin for touch in wanted} - {""}
    with transaction.atomic():
        kept = {
            touch.origin: touch
            for touch in Touch.objects.select_for_update().filter(campaign=campaign, origin__in=origins)
        }
        new = [touch for touch in wanted if touch.origin not in kept]
        Touch.objects.bulk_create(new, batch_size=500)
        return [_renewed(kept[touch.origin], touch) if touch.origin in kept else touch for touch in wanted]


def change_touch(touch: Touch, planned: Planned, *, by: User, seen: int | None = None) -> None:
    """Change a touch that is not cancelled. `seen` is the revision that the person saw. Raises ValidationError."""
    wanted = touch_of(touch.campaign, planned, by=by)
    wanted.origin = touch.origin
    with transaction.atomic():
        kept = _locked(touch, seen)
        _renewed(kept, wanted)


def cancel_touch(
    touch: Touch, *, reason: str, by: User, day: date | None = None, seen: int | None = None
) -> None:
    """Cancel a touch from now on, or (`day`) leave out one day of one that recurs. Raises ValidationError by field."""
    why = clean(reason)[:500]
    if not why:
        raise ValidationError({"reason": _("Say why.")})
    with transaction.atomic():
        kept = _locked(touch, seen)
        if day is None:
            _cancel(kept, why, by)
        else:
            _leave_out(kept, day, why, by)
        kept.revision += 1
        kept.changed_by, kept.changed_at = by, timezone.now()
        kept.save()
    touch.refresh_from_db()


def cancel_all_with(theme: Theme, *, reason: str, by: User) -> int:
    """Cancel what is still to come of everything that says a theme's wording; returns how many touches that were."""
    worded = [kind.code for kind in KINDS.values() if kind.worded]
    coming = Touch.objects.filter(
        theme=theme, kind__in=worded, cancelled_from=None, last_day__gte=theme.campaign.today()
    )
    return coming.update(cancelled_from=timezone.now(), cancelled_reason=reason[:500], cancelled_by=by)


def set_rules(unit: Unit, **rules: Any) -> SlotRules:
    """Set the local rules of a unit; those of the unit above no longer count in it. Raises ValidationError by field."""
    try:
        limits.quiet_spans(rules.get("quiet", ""))
    except limits.NotHoursError as error:
        raise ValidationError(
            {"quiet": _("“%(text)s” is not a span of hours, such as 11:30-13:30.") % {"text": error.args[0]}}
        ) from error
    unknown = set(filter(None, rules.get("weekdays", "").split(","))) - set(recurrence.WEEKDAYS)
    if unknown:
        raise ValidationError({"weekdays": _("There is no day “%(day)s”.") % {"day": min(unknown)}})
    with transaction.atomic():
        kept = SlotRules.objects.select_for_update().filter(unit=unit).first() or SlotRules(unit=unit)
        for field, value in rules.items():
            setattr(kept, field, value)
        kept.full_clean()
        kept.save()
    return kept


def remove_rules(unit: Unit) -> None:
    """Take a unit's own rules away, so that those of the unit above count in it."""
    with transaction.atomic():
        SlotRules.objects.filter(unit=unit).delete()


def touch_of(campaign: Campaign, planned: Planned, *, by: User) -> Touch:
    """The touch that is meant, checked and not yet stored. Raises ValidationError by field."""
    touch = Touch(
        campaign=campaign,
        kind=planned.kind,
        unit=planned.unit,
        organisation=planned.organisation,
        theme=planned.theme,
        wording=planned.wording,
        title=clean(planned.title),
        place=clean(planned.place),
        origin=planned.origin,
        planned_by=by,
        changed_by=by,
        changed_at=timezone.now(),
    )
    _refuse_strangers(touch)
    _place_in_time(touch, planned)
    touch.clean_fields(
        exclude=(
            "campaign",
            "unit",
            "organisation",
            "theme",
            "wording",
            "planned_by",
            "changed_by",
            "cancelled_by",
        )
    )
    return touch


def _refuse_strangers(touch: Touch) -> None:
    """Raise ValidationError for a kind, unit, organisation, theme or wording that does not belong to the campaign."""
    territory = touch.campaign.unit
    if touch.kind not in KINDS:
        raise ValidationError({"kind": _("There is no kind “%(kind)s”.") % {"kind": touch.kind}})
    body = touch.organisation
    if body is not None and not (_below(body.unit, territory) or _below(territory, body.unit)):
        raise _stranger("organisation", body.unit, territory)
    if not _below(touch.unit, territory):
        raise _stranger("unit", touch.unit, territory)
    if touch.theme is None and touch.what.worded:
        raise ValidationError({"theme": _("Choose the theme whose wording it uses.")})
    if touch.theme is not None and touch.theme.campaign_id != touch.campaign.pk:
        raise ValidationError({"theme": _("The theme belongs to another campaign.")})
    if touch.wording is not None and touch.wording.theme_id != touch.theme_id:
        raise ValidationError({"wording": _("The version belongs to another theme.")})
    if touch.wording is not None and touch.wording.state == Wording.State.WITHDRAWN:
        raise ValidationError({"wording": _("The version was withdrawn.")})
    for field in ("title", "place"):
        if _PERSONAL.search(getattr(touch, field)):
            raise ValidationError({field: _("Leave out phone and personal numbers: anybody may read this.")})


def _below(unit: Unit, top: Unit) -> bool:
    return unit.path.startswith(top.path)


def _stranger(field: str, unit: Unit, territory: Unit) -> ValidationError:
    facts = {"units": unit.name, "territory": territory.name}
    return ValidationError({field: _("%(units)s: not in the campaign's territory, %(territory)s.") % facts})


def _place_in_time(touch: Touch, planned: Planned) -> None:
    """Fill a touch's days and hours. Raises ValidationError by field."""
    campaign = touch.campaign
    zone = ZoneInfo(campaign.time_zone)
    start, end = planned.start, planned.end
    if isinstance(start, datetime) and isinstance(end, datetime):
        start, end = (_on_clocks(moment, zone) for moment in (start, end))
        touch.day, touch.begins = start.date(), start.time().replace(second=0, microsecond=0, fold=0)
        length = end - datetime.combine(touch.day, touch.begins)
    elif isinstance(start, datetime) or isinstance(end, datetime):
        raise ValidationError({"end": _("Give hours for both its beginning and its end, or for neither.")})
    else:
        touch.day, touch.begins = start, None
        length = end - start + timedelta(days=1)
    if length < timedelta(minutes=1):
        raise ValidationError({"end": _("It would end before it starts.")})
    if length > LONGEST:
        raise ValidationError({"end": _("It would last longer than a year.")})
    touch.minutes = int(length / timedelta(minutes=1))
    if not campaign.start <= touch.day <= campaign.deadline:
        days = {"start": campaign.start, "end": campaign.deadline}
        told = {name: date_format(day, "SHORT_DATE_FORMAT") for name, day in days.items()}
        raise ValidationError({"start": _("The campaign runs from %(start)s to %(end)s.") % told})
    last = touch.day
    if planned.rule:
        touch.rule, touch.day = _bounded(planned.rule, touch.day, campaign.deadline)
        last = recurrence.days(touch.rule, touch.day)[-1]
    touch.last_day = (datetime.combine(last, touch.begins or time()) + length - timedelta(minutes=1)).date()


def _on_clocks(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None) if moment.tzinfo else moment


def _bounded(rule: str, start: date, last: date) -> tuple[str, date]:
    try:
        return recurrence.bounded(rule, start, last)
    except recurrence.NotARuleError as error:
        if error.part:
            reason = _("“%(part)s” cannot be repeated by.") % {"part": error.part}
        else:
            reason = _("It would take place on no day before the campaign ends.")
        raise ValidationError({"rule": reason}) from error


_KEPT = (
    "kind", "unit_id", "organisation_id", "theme_id", "wording_id", "title", "place", "day", "begins", "minutes", "rule",
    "last_day",
)  # fmt: skip


def _renewed(kept: Touch, wanted: Touch) -> Touch:
    """Bring a stored touch to what is wanted; one that is already so stays untouched, its revision too."""
    differing = [name for name in _KEPT if getattr(kept, name) != getattr(wanted, name)]
    if differing:
        for name in differing:
            setattr(kept, name, getattr(wanted, name))
        kept.revision += 1
        kept.changed_by, kept.changed_at = wanted.changed_by, wanted.changed_at
        kept.save()
    return kept


def _locked(touch: Touch, seen: int | None) -> Touch:
    kept = Touch.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=touch.pk)
    if seen is not None and kept.revision != seen:
        raise ValidationError(_("Somebody else changed it meanwhile. Look at it again before you go on."))
    if kept.cancelled_from is not None:
        raise ValidationError(_("It has been cancelled."))
    return kept


def _cancel(touch: Touch, reason: str, by: User) -> None:
    if touch.last_day < touch.campaign.today():
        raise ValidationError({"reason": _("It is over.")})
    touch.cancelled_from, touch.cancelled_reason, touch.cancelled_by = timezone.now(), reason, by


def _leave_out(touch: Touch, day: date, reason: str, by: User) -> None:
    if not touch.rule or day not in recurrence.days(touch.rule, touch.day):
        raise ValidationError({"day": _("It does not take place on that day anyway.")})
    _kept, new = TouchException.objects.get_or_create(
        touch=touch, day=day, defaults={"reason": reason, "by": by}
    )
    if not new:
        raise ValidationError({"day": _("It does not take place on that day anyway.")})
