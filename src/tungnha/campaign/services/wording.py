"""Writing a theme's wording, and taking it from draft to in force and out of force again. The moves are `signing`."""

import re

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tungnha.accounts.models import User
from tungnha.accounts.scope import Action, may
from tungnha.campaign import signing
from tungnha.campaign.models import Theme, ThemeEvent, ThemeOwner, Wording, WordingText
from tungnha.campaign.queries import themes as reads
from tungnha.campaign.services.calendar import cancel_all_with
from tungnha.campaign.services.themes import mark_changed
from tungnha.campaign.signing import Standing, Step
from tungnha.campaign.touch_kinds import CHANNELS
from tungnha.territory.vietnamese import clean

What = ThemeEvent.What
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_EVENT = {
    Step.REVIEW: What.REVIEWED,
    Step.SIGN: What.SIGNED,
    Step.PUBLISH: What.PUBLISHED,
    Step.RETURN: What.RETURNED,
    Step.WITHDRAW: What.WITHDRAWN,
}


def write_text(
    theme: Theme, *, language: str, text: str, by: User, channel: str = "", seen: int | None = None
) -> Wording:
    """Write what the draft says in a language, for one channel or (empty) for all; empty text takes it out.

    Where no version is under way a new one begins, with the texts of the one in force. `seen` is the revision of the
    draft that the person saw (0 for none); when somebody wrote or moved it since, ValidationError.
    """
    language, body = language.strip(), clean_text(text)
    if not _LANGUAGE.fullmatch(language):
        raise ValidationError(
            {"language": _("“%(code)s” is not a language's code, such as vi or en.") % {"code": language}}
        )
    if channel and channel not in CHANNELS:
        raise ValidationError({"channel": _("There is no channel “%(channel)s”.") % {"channel": channel}})
    with transaction.atomic():
        Theme.objects.select_for_update().get(pk=theme.pk)
        wording = theme.wordings.filter(state__in=Wording.UNDER_WAY).first()
        _refuse_if_moved(wording.revision if wording else 0, seen, "text")
        if wording is None:
            wording = _next_version(theme)
        elif wording.state != Wording.State.DRAFT:
            raise ValidationError(
                {
                    "text": _("Version %(version)s is being signed. Send it back to write on.")
                    % {"version": wording.number}
                }
            )
        kept = wording.texts.filter(language=language, channel=channel)
        if body:
            row = kept.first() or WordingText(wording=wording, language=language, channel=channel)
            row.text = body
            row.full_clean()
            row.save()
        else:
            kept.delete()
        wording.revision += 1
        wording.save()
        where = ", ".join(filter(None, (language, CHANNELS[channel].label if channel else "")))
        ThemeEvent.objects.create(theme=theme, wording=wording, what=What.WRITTEN, note=where, by=by)
    return wording


def clean_text(text: str) -> str:
    """Text in NFC, line by line, without blanks at the ends."""
    return "\n".join(clean(line) for line in text.strip().splitlines())


def _next_version(theme: Theme) -> Wording:
    last = theme.wordings.aggregate(last=Max("number"))["last"] or 0
    wording = Wording.objects.create(theme=theme, number=last + 1)
    in_force = theme.wordings.filter(state=Wording.State.PUBLISHED).first()
    copies = in_force.texts.all() if in_force else ()
    WordingText.objects.bulk_create(
        [
            WordingText(wording=wording, language=one.language, channel=one.channel, text=one.text)
            for one in copies
        ]
    )
    return wording


def take_step(wording: Wording, step: Step, *, by: User, note: str = "", seen: int | None = None) -> None:
    """Take a wording one step on, or out of the way.

    `seen` is the revision that the person saw; when somebody else took a step since, nothing happens and it raises
    ValidationError, as it does for a step that is not due, not this person's, or without its reason.

    Publishing replaces the version in force. Withdrawing the version in force cancels everything planned with it.
    """
    reason = clean(note)[:1000]
    theme = wording.theme
    with transaction.atomic():
        Theme.objects.select_for_update().get(pk=theme.pk)
        kept = Wording.objects.get(pk=wording.pk)
        _refuse_if_moved(kept.revision, seen, "step")
        owners = list(theme.owners.select_related("unit", "organisation__unit"))
        standing = Standing(kept.state, kept.signed)
        try:
            after = signing.after(standing, step, len(owners))
        except signing.NotNowError as error:
            raise ValidationError(
                {
                    "step": _("That cannot be done now: the wording is “%(state)s”.")
                    % {"state": kept.get_state_display()}
                }
            ) from error
        signer = _signer(kept, standing, step, owners, by)
        if step in signing.EXPLAINED and not reason:
            raise ValidationError({"note": _("Say why.")})
        _refuse_if_unready(kept, theme, step)
        if step is Step.PUBLISH:
            _replace(theme, kept, by)
        wording.state, wording.signed, wording.revision = after.state, after.signed, kept.revision + 1
        wording.save()
        ThemeEvent.objects.create(
            theme=theme, wording=wording, what=_EVENT[step], owner=str(signer)[:160], note=reason, by=by
        )
        if step is Step.WITHDRAW and kept.state == Wording.State.PUBLISHED:
            told = _("Version %(version)s of “%(theme)s” was withdrawn: %(reason)s")
            facts = {"version": wording.number, "theme": theme.name, "reason": reason}
            cancel_all_with(theme, reason=told % facts, by=by)
        if Wording.State.PUBLISHED in {kept.state, after.state}:
            mark_changed(theme)


def _refuse_if_moved(revision: int, seen: int | None, field: str) -> None:
    if seen is not None and seen != revision:
        raise ValidationError(
            {field: _("Somebody else changed the wording meanwhile. Read it again before you go on.")}
        )


def _signer(
    wording: Wording, standing: Standing, step: Step, owners: list[ThemeOwner], by: User
) -> ThemeOwner:
    """For which owner the person takes the step. Raises ValidationError where it is not theirs to take."""
    due = [owners[place] for place in signing.signers(standing, step, len(owners))]
    mine = [owner for owner in due if may(by, Action.SIGN, owner.signs_in)]
    if not mine:
        names = ", ".join(str(owner) for owner in due)
        raise ValidationError({"step": _("It is for %(owners)s to do this.") % {"owners": names}})
    if step in signing.NOT_BY_ITS_WRITER and by.pk in reads.writers(wording):
        raise ValidationError({"step": _("You wrote this wording; somebody else has to review and sign it.")})
    return mine[0]


def _refuse_if_unready(wording: Wording, theme: Theme, step: Step) -> None:
    language = theme.campaign.language
    if step is Step.REVIEW and not wording.texts.filter(language=language).exists():
        raise ValidationError(
            {
                "step": _("It has no text in the campaign's language (%(language)s) yet.")
                % {"language": language}
            }
        )
    if step is Step.PUBLISH and theme.campaign.today() > theme.end:
        ended = date_format(theme.end, "SHORT_DATE_FORMAT")
        raise ValidationError({"step": _("The theme was true until %(end)s only.") % {"end": ended}})


def _replace(theme: Theme, by_version: Wording, by: User) -> None:
    """Take the version in force out of force. What was made from it shows as needing the new one."""
    for old in theme.wordings.filter(state=Wording.State.PUBLISHED):
        old.state = Wording.State.REPLACED
        old.revision += 1
        old.save()
        note = _("By version %(version)s.") % {"version": by_version.number}
        ThemeEvent.objects.create(theme=theme, wording=old, what=What.REPLACED, note=note, by=by)
