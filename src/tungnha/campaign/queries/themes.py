"""Reads of themes: who is meant, which wording may be used on a day, who has to act on one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, QuerySet, Value, When

from tungnha.accounts.models import User
from tungnha.accounts.scope import Action, may
from tungnha.campaign import signing
from tungnha.campaign.models import Campaign, Theme, ThemeEvent, ThemeOwner, Wording, WordingText
from tungnha.campaign.signing import Standing, Step
from tungnha.register.models import Resident


def themes_of(campaign: Campaign) -> QuerySet[Theme]:
    """The campaign's themes in the order of their days, with their wordings and channels at hand."""
    return Theme.objects.filter(campaign=campaign).prefetch_related("wordings", "channels")


def residents_meant(theme: Theme) -> QuerySet[Resident]:
    """Those a theme is for: on the funnel between what they have and what they lack, in its kinds of premises."""
    meant = Resident.objects.filter(step__gte=theme.reached)
    if theme.lacks is not None:
        meant = meant.filter(step__lt=theme.lacks)
    if theme.premises_kinds:
        meant = meant.filter(household__premises__kind__in=theme.premises_kinds)
    return meant


def usable_wording(on: date) -> QuerySet[Wording]:
    """The wording that may be used on a day: in force, of themes that are true on it. Every channel asks here."""
    return Wording.objects.filter(
        state=Wording.State.PUBLISHED, theme__start__lte=on, theme__end__gte=on
    ).select_related("theme")


def usable_text(theme: Theme, on: date, language: str, channel: str = "") -> WordingText | None:
    """What may be said of a theme on a day in a language: the channel's own text, else the one for all channels."""
    own_first = Case(When(channel=channel, then=Value(0)), default=Value(1))
    texts = WordingText.objects.filter(
        wording__in=usable_wording(on).filter(theme=theme), language=language, channel__in={channel, ""}
    )
    return texts.order_by(own_first).first()


def in_force(campaign: Campaign) -> dict[int, tuple[int, int]]:
    """Theme → the key and number of its wording in force."""
    rows = Wording.objects.filter(theme__campaign=campaign, state=Wording.State.PUBLISHED)
    return {theme: (key, number) for theme, key, number in rows.values_list("theme", "pk", "number")}


def writers(wording: Wording) -> set[int]:
    """Keys of those who wrote at a wording."""
    written = ThemeEvent.objects.filter(wording=wording, what=ThemeEvent.What.WRITTEN)
    return set(written.values_list("by", flat=True))


def may_write(user: User | AnonymousUser, theme: Theme, owners: Sequence[ThemeOwner]) -> bool:
    """Whether a person may write wording: who plans the campaign, or for one of the theme's owners."""
    return any(
        may(user, Action.PLAN, unit) for unit in (theme.campaign.unit, *(one.signs_in for one in owners))
    )


@dataclass(frozen=True)
class Open:
    """A step that is due: by which owners, and whether this person takes it."""

    step: Step
    owners: tuple[ThemeOwner, ...]
    mine: bool
    written: bool
    """It would be theirs, but they wrote the wording."""


def open_steps(wording: Wording, owners: Sequence[ThemeOwner], user: User) -> list[Open]:
    """The steps that can be taken on a wording now, each with whose it is."""
    standing = Standing(wording.state, wording.signed)
    wrote = user.pk in writers(wording)
    found = []
    for step in signing.steps(wording.state):
        due = tuple(owners[place] for place in signing.signers(standing, step, len(owners)))
        theirs = any(may(user, Action.SIGN, owner.signs_in) for owner in due)
        written = theirs and wrote and step in signing.NOT_BY_ITS_WRITER
        found.append(Open(step, due, theirs and not written, written))
    return found
