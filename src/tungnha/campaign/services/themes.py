"""Setting themes up: message, audience, validity, the channels each must reach, the owners of its wording."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tungnha.accounts.models import User
from tungnha.accounts.scope import Action, may
from tungnha.campaign.models import (
    Campaign,
    Organisation,
    Theme,
    ThemeChannel,
    ThemeEvent,
    ThemeOwner,
    Touch,
    Wording,
)
from tungnha.campaign.queries import themes as reads
from tungnha.campaign.touch_kinds import CHANNELS
from tungnha.register.models import Resident
from tungnha.territory.models import Premises, Unit
from tungnha.territory.vietnamese import clean


@dataclass(frozen=True)
class Goal:
    """A channel to be reached at least `times` in every `weeks` weeks; None: while the theme is true."""

    channel: str
    times: int = 1
    weeks: int | None = 1


def create_theme(
    campaign: Campaign,
    *,
    code: str,
    name: str,
    message: str,
    start: date,
    end: date,
    by: User,
    owners: Sequence[Unit | Organisation],
    goals: Iterable[Goal] = (),
    reached: int = Resident.Step.NONE,
    lacks: int | None = None,
    premises_kinds: Collection[str] = (),
) -> Theme:
    """Add a theme to a campaign. `owners` stand in signing order. Raises ValidationError by field, and then adds nothing."""
    theme = Theme(campaign=campaign, code=code)
    _fill(
        theme,
        name=name,
        message=message,
        start=start,
        end=end,
        reached=reached,
        lacks=lacks,
        premises_kinds=premises_kinds,
    )
    channels, bodies = _channels(goals), _owners(campaign, owners)
    with transaction.atomic():
        theme.full_clean()
        theme.save(force_insert=True)
        _keep(theme, channels, bodies)
        ThemeEvent.objects.create(theme=theme, what=ThemeEvent.What.ADDED, by=by)
    return theme


def change_theme(
    theme: Theme,
    *,
    name: str,
    message: str,
    start: date,
    end: date,
    by: User,
    owners: Sequence[Unit | Organisation],
    goals: Iterable[Goal] = (),
    reached: int = Resident.Step.NONE,
    lacks: int | None = None,
    premises_kinds: Collection[str] = (),
    note: str = "",
) -> None:
    """Change a theme, under the rules of `create_theme`; its code stays.

    Moving its days takes a reason, and everything planned with it follows. While wording waits for signatures the
    owners stay as they are. Raises ValidationError by field.
    """
    channels, bodies = _channels(goals), _owners(theme.campaign, owners)
    reason = clean(note)[:500]
    with transaction.atomic():
        kept = Theme.objects.select_for_update().get(pk=theme.pk)
        _fill(
            theme,
            name=name,
            message=message,
            start=start,
            end=end,
            reached=reached,
            lacks=lacks,
            premises_kinds=premises_kinds,
        )
        theme.full_clean()
        if start < kept.start or end > kept.end or theme.message != kept.message:
            _refuse_unless_signed_for(kept, by)
        changed = []
        if (kept.start, kept.end) != (start, end):
            if not reason:
                raise ValidationError({"note": _("Say why its days move.")})
            changed.append(f"{_days(kept)} → {_days(theme)}")
        if kept.message != theme.message:
            changed.append(f"“{kept.message}” → “{theme.message}”")
        old = [(one.unit_id, one.organisation_id) for one in kept.owners.all()]
        new = [(one.unit_id, one.organisation_id) for one in bodies]
        if (
            old != new
            and kept.wordings.filter(state__in=(Wording.State.REVIEWED, Wording.State.APPROVED)).exists()
        ):
            raise ValidationError(
                {"owners": _("Wording is being signed. Send it back to its draft before the owners change.")}
            )
        theme.save()
        _keep(theme, channels, bodies)
        text = ". ".join((*changed, *filter(None, [reason])))[:1000]
        ThemeEvent.objects.create(theme=theme, what=ThemeEvent.What.CHANGED, note=text, by=by)
        if (kept.start, kept.end) != (start, end):
            mark_changed(theme)


def _refuse_unless_signed_for(theme: Theme, by: User) -> None:
    """Wording in force was signed for its days and its message: nobody stretches them who may not sign it."""
    wording = theme.wordings.filter(state=Wording.State.PUBLISHED).first()
    if wording is None:
        return
    last = theme.owners.select_related("unit", "organisation__unit").order_by("position").last()
    if last is None or not may(by, Action.SIGN, last.signs_in) or by.pk in reads.writers(wording):
        raise ValidationError(
            _(
                "Wording is in force that was signed for these days and this message. Publish a new version, or let "
                "somebody change this who signs for its last owner and did not write it."
            )
        )


def mark_changed(theme: Theme) -> None:
    """Tell calendar programs that everything planned with a theme is to be read anew."""
    Touch.objects.filter(theme=theme).update(revision=F("revision") + 1, changed_at=timezone.now())


def _fill(
    theme: Theme,
    *,
    name: str,
    message: str,
    start: date,
    end: date,
    reached: int,
    lacks: int | None,
    premises_kinds: Collection[str],
) -> None:
    theme.name, theme.message = clean(name), message.strip()
    theme.start, theme.end = start, end
    theme.reached, theme.lacks = int(reached), lacks
    theme.premises_kinds = [kind for kind in Premises.Kind.values if kind in premises_kinds]
    unknown = sorted(set(premises_kinds) - set(Premises.Kind.values))
    if unknown:
        raise ValidationError(
            {"premises_kinds": _("There is no kind of premises “%(kind)s”.") % {"kind": unknown[0]}}
        )
    if end < start:
        raise ValidationError({"end": _("The theme would end before it starts.")})
    if lacks is not None and lacks <= reached:
        raise ValidationError({"lacks": _("Nobody who has reached the first step lacks this one.")})


def _days(theme: Theme) -> str:
    start, end = (date_format(day, "SHORT_DATE_FORMAT") for day in (theme.start, theme.end))
    return f"{start} – {end}"


def _channels(goals: Iterable[Goal]) -> list[ThemeChannel]:
    found: dict[str, ThemeChannel] = {}
    for goal in goals:
        if goal.channel not in CHANNELS:
            raise ValidationError(
                {"goals": _("There is no channel “%(channel)s”.") % {"channel": goal.channel}}
            )
        if goal.channel in found:
            label = CHANNELS[goal.channel].label
            raise ValidationError({"goals": _("Channel “%(channel)s” is named twice.") % {"channel": label}})
        row = ThemeChannel(channel=goal.channel, times=goal.times, weeks=goal.weeks)
        try:
            row.full_clean(exclude=("theme",), validate_unique=False)
        except ValidationError as error:
            raise ValidationError({"goals": error.messages}) from error
        found[goal.channel] = row
    return list(found.values())


def _owners(campaign: Campaign, owners: Sequence[Unit | Organisation]) -> list[ThemeOwner]:
    if not owners:
        raise ValidationError({"owners": _("Choose who answers for the wording: one owner at least.")})
    rows, met = [], set()
    for place, owner in enumerate(owners):
        if isinstance(owner, Organisation):
            row = ThemeOwner(position=place, organisation=owner)
        else:
            row = ThemeOwner(position=place, unit=owner)
        facts: dict[str, Any] = {"owner": owner.name, "territory": campaign.unit.name}
        path, territory = row.signs_in.path, campaign.unit.path
        if not (path.startswith(territory) or territory.startswith(path)):
            raise ValidationError(
                {"owners": _("%(owner)s acts neither in %(territory)s nor above it.") % facts}
            )
        if (type(owner), owner.pk) in met:
            raise ValidationError({"owners": _("%(owner)s is named twice.") % facts})
        met.add((type(owner), owner.pk))
        rows.append(row)
    return rows


def _keep(theme: Theme, channels: list[ThemeChannel], owners: list[ThemeOwner]) -> None:
    for channel in channels:
        channel.theme = theme
    for owner in owners:
        owner.theme = theme
    theme.channels.all().delete()
    theme.owners.all().delete()
    ThemeChannel.objects.bulk_create(channels)
    ThemeOwner.objects.bulk_create(owners)
