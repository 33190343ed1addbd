"""Issuing directives, answering them, giving answers back, reminding, and ending a directive by a later one."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tungnha.accounts.models import User
from tungnha.campaign.models import (
    Campaign,
    Directive,
    DirectiveLine,
    Organisation,
    Plan,
    Recipient,
    RecipientEvent,
    Response,
    Task,
)
from tungnha.campaign.services import plans
from tungnha.campaign.services.addressees import addressed
from tungnha.campaign.services.attachments import stored
from tungnha.territory.models import Unit
from tungnha.territory.queries import existing
from tungnha.territory.vietnamese import clean

if TYPE_CHECKING:
    from django.core.files import File

State, What = Recipient.State, RecipientEvent.What
ONWARD: dict[str, tuple[str, ...]] = {
    State.SENT: (State.SEEN, State.ACKNOWLEDGED, State.ANSWERED, State.CLOSED),
    State.SEEN: (State.ACKNOWLEDGED, State.ANSWERED, State.CLOSED),
    State.ACKNOWLEDGED: (State.ANSWERED, State.CLOSED),
    State.ANSWERED: (State.ANSWERED, State.RETURNED, State.CLOSED),
    State.RETURNED: (State.ANSWERED, State.CLOSED),
    State.CLOSED: (State.RETURNED,),
}
"""From each state, those that a recipient may come to. An answer is added to by another one until it is closed."""

FARTHEST = 60
"""Days from the deadline within which reminders may be set."""


def issue(
    campaign: Campaign,
    *,
    by: User,
    today: date,
    units: Iterable[Unit] = (),
    organisations: Iterable[Organisation] = (),
    replaces: Directive | None = None,
    attachment: "File[bytes] | None" = None,
    **content: Any,
) -> Directive:
    """Enter a directive and send it to its recipients; an earlier one that it `replaces` ends.

    `content` is its number, issued, issuer, subject, action, deadline and remind_days (days from the deadline).
    Raises ValidationError by field.
    """
    to = addressed(campaign, units, organisations)
    directive = Directive(campaign=campaign)
    _write(directive, **content)
    if replaces is not None:
        _check_ends(replaces, directive)
    with stored(attachment, by) as file, transaction.atomic():
        if file is not None:
            file.save(force_insert=True)
        directive.attachment = file
        directive.save(force_insert=True)
        _send(directive, to, by, today)
        if replaces is not None:
            _end(replaces, ended=Directive.Ended.REPLACED, later=directive, note="", by=by, today=today)
    return directive


def correct(
    directive: Directive, *, by: User, attachment: "File[bytes] | None" = None, **content: Any
) -> None:
    """Mend what was mistyped (`content` as in `issue`); without a new file the old one stays.

    Moving the deadline tells every recipient. Raises ValidationError by field.
    """
    was = directive.deadline
    _write(directive, **content)
    with stored(attachment, by) as file, transaction.atomic():
        if file is not None:
            file.save(force_insert=True)
            directive.attachment = file
        directive.save()
        if was != directive.deadline:
            note = _("The deadline moves from %(was)s to %(now)s.") % {
                "was": date_format(was, "SHORT_DATE_FORMAT"),
                "now": date_format(directive.deadline, "SHORT_DATE_FORMAT"),
            }
            _tell(directive.recipients.all(), What.SENT, by, note)


def _write(
    directive: Directive,
    *,
    number: str,
    issued: date,
    issuer: str,
    subject: str,
    action: str,
    deadline: date,
    remind_days: Collection[int],
) -> None:
    directive.number, directive.issued, directive.issuer = plans.read_number(number), issued, clean(issuer)
    directive.subject, directive.action, directive.deadline = clean(subject), action.strip(), deadline
    directive.remind_days = sorted(set(remind_days))
    if deadline < issued:
        raise ValidationError({"deadline": _("The deadline would lie before the day of issue.")})
    if any(abs(day) > FARTHEST for day in directive.remind_days):
        raise ValidationError(
            {"remind_days": _("Reminders lie within %(n)s days of the deadline.") % {"n": FARTHEST}}
        )
    directive.full_clean()


def add_recipients(
    directive: Directive,
    *,
    by: User,
    today: date,
    units: Iterable[Unit] = (),
    organisations: Iterable[Organisation] = (),
) -> int:
    """Send a directive to further recipients; who already has it keeps it. Returns how many are new."""
    _refuse_if_ended(directive)
    to = addressed(directive.campaign, units, organisations)
    with transaction.atomic():
        Directive.objects.select_for_update().get(pk=directive.pk)
        have = set(directive.recipients.values_list("unit", "organisation"))
        fresh = [(unit, body) for unit, body in to if (unit.pk, body.pk if body else None) not in have]
        _send(directive, fresh, by, today)
    return len(fresh)


def _send(
    directive: Directive, to: Iterable[tuple[Unit, Organisation | None]], by: User, today: date
) -> None:
    rows = [Recipient(directive=directive, unit=unit, organisation=body, sent_on=today) for unit, body in to]
    Recipient.objects.bulk_create(rows, batch_size=500)
    _tell(rows, What.SENT, by)


def _tell(recipients: Iterable[Recipient], what: str, by: User | None, note: str = "") -> None:
    RecipientEvent.objects.bulk_create(
        [RecipientEvent(recipient=one, what=what, by=by, note=note[:500]) for one in recipients],
        batch_size=500,
    )


def _refuse_if_ended(directive: Directive) -> None:
    if directive.ended:
        raise ValidationError(
            _("%(number)s is no longer in force: %(how)s.")
            % {"number": directive.number, "how": directive.get_ended_display()}
        )


def _move(
    recipient: Recipient, state: str, *, by: User, note: str = "", seen: str | None = None, **changes: Any
) -> None:
    """Within a transaction: bring a recipient into a state with what else changes, and say so in its history."""
    kept = Recipient.objects.select_for_update().select_related("directive").get(pk=recipient.pk)
    _refuse_if_ended(kept.directive)
    if seen is not None and kept.state != seen:
        raise ValidationError(
            _("Somebody else brought it to “%(state)s” meanwhile.") % {"state": kept.get_state_display()}
        )
    if state not in ONWARD[kept.state]:
        raise ValidationError(
            _("It does not go from “%(was)s” to “%(state)s”.")
            % {"was": kept.get_state_display(), "state": State(state).label}
        )
    for name, value in (changes | {"state": state}).items():
        setattr(recipient, name, value)
    recipient.save(update_fields=("state", *changes))
    _tell([recipient], state, by, clean(note))


def see(recipient: Recipient, *, by: User) -> None:
    """Note that somebody who answers for the recipient opened it; only the first time, and only before anything else."""
    with transaction.atomic():
        first = Recipient.objects.filter(pk=recipient.pk, state=State.SENT).update(state=State.SEEN)
        if first:
            _tell([recipient], What.SEEN, by)
    if first:
        recipient.state = State.SEEN


def acknowledge(recipient: Recipient, *, by: User, seen: str | None = None) -> None:
    """Take a directive on. Raises ValidationError where that is past, or somebody else did meanwhile."""
    with transaction.atomic():
        _move(recipient, State.ACKNOWLEDGED, by=by, seen=seen)


def answer(
    recipient: Recipient,
    *,
    by: User,
    today: date,
    text: str = "",
    number: str = "",
    attachment: "File[bytes] | None" = None,
    seen: str | None = None,
) -> Response:
    """Answer in words, by a document's number, by a file, or several of them.

    What is added to an answer that stands does not change the day on which it was given. Raises ValidationError.
    """
    response = Response(
        recipient=recipient,
        text=text.strip(),
        number=plans.read_number(number) if number.strip() else "",
        by=by,
    )
    if not (response.text or response.number or attachment):
        raise ValidationError({"text": _("Give words, a document's number or a file.")})
    response.clean_fields()
    adds = recipient.state == State.ANSWERED
    changes = (
        {} if adds else {"answered_on": today, "first_answered_on": recipient.first_answered_on or today}
    )
    with stored(attachment, by) as file, transaction.atomic():
        _move(
            recipient,
            State.ANSWERED,
            by=by,
            note=str(response)[:200],
            seen=seen or recipient.state,
            **changes,
        )
        if file is not None:
            file.save(force_insert=True)
        response.attachment = file
        response.save(force_insert=True)
    return response


def give_back(recipient: Recipient, *, by: User, note: str, seen: str | None = None) -> None:
    """Return an answer for more, with what is missing."""
    if not clean(note):
        raise ValidationError({"note": _("Say what is missing.")})
    with transaction.atomic():
        _move(recipient, State.RETURNED, by=by, note=note, seen=seen)


def close(recipient: Recipient, *, by: User, note: str = "", seen: str | None = None) -> None:
    """Accept an answer. Closing without one takes a reason."""
    if recipient.state != State.ANSWERED and not clean(note):
        raise ValidationError({"note": _("Say why nothing more is asked.")})
    with transaction.atomic():
        _move(recipient, State.CLOSED, by=by, note=note, seen=seen or recipient.state)


def _check_ends(directive: Directive, later: Directive | None) -> None:
    _refuse_if_ended(directive)
    if later is None:
        return
    if later.campaign_id != directive.campaign_id or later.pk == directive.pk:
        raise ValidationError({"later": _("Choose another directive of the same campaign.")})
    if later.issued < directive.issued:
        raise ValidationError(
            {
                "later": _("%(later)s is older than %(number)s.")
                % {"later": later.number, "number": directive.number}
            }
        )


def end(
    directive: Directive,
    *,
    ended: str,
    by: User,
    today: date,
    later: Directive | None = None,
    note: str = "",
) -> None:
    """Let a later directive replace this one, or withdraw it, by a later one or for a reason.

    Nobody has to answer it any more; what was answered stays. Raises ValidationError by field.
    """
    if ended not in Directive.Ended.values:
        raise ValidationError({"ended": _("Say whether it is replaced or withdrawn.")})
    if later is None and (ended == Directive.Ended.REPLACED or not clean(note)):
        field = "later" if ended == Directive.Ended.REPLACED else "note"
        raise ValidationError({field: _("Name the later directive, or say why this one is withdrawn.")})
    _check_ends(directive, later)
    if later is not None and later.ended:
        raise ValidationError(
            {"later": _("%(number)s is itself no longer in force.") % {"number": later.number}}
        )
    with transaction.atomic():
        _end(directive, ended=ended, later=later, note=clean(note), by=by, today=today)


def _end(
    directive: Directive, *, ended: str, later: Directive | None, note: str, by: User, today: date
) -> None:
    changed = Directive.objects.filter(pk=directive.pk, ended="").update(
        ended=ended, ended_on=today, ended_by=later, ended_note=note[:500]
    )
    if not changed:
        raise ValidationError(_("Somebody else ended it meanwhile."))
    directive.refresh_from_db(fields=("ended", "ended_on", "ended_by", "ended_note"))
    told = f"{directive.get_ended_display()}: {later.number if later else note}"
    _tell(directive.recipients.filter(state__in=Recipient.WAITING), What.ENDED, by, told)


def record_reminders(directive: Directive, keys: Collection[int], *, by: User, today: date) -> int:
    """Record that recipients were reminded today, by a chat group, a call or a letter. The program sends nothing itself.

    Returns how many of them were still to act and are now down as reminded.
    """
    _refuse_if_ended(directive)
    with transaction.atomic():
        rows = list(
            directive.recipients.select_for_update()
            .filter(pk__in=keys, state__in=Recipient.WAITING)
            .exclude(reminded_on=today)
        )
        Recipient.objects.filter(pk__in=[row.pk for row in rows]).update(reminded_on=today)
        _tell(rows, What.REMINDED, by)
    return len(rows)


def give_task(
    directive: Directive, plan: Plan, *, title: str, start: date, due: date, by: User
) -> list[Task]:
    """Make a line of a plan from a directive: a task for each recipient of today. Raises ValidationError by field."""
    if plan.campaign_id != directive.campaign_id:
        raise ValidationError({"plan": _("That plan belongs to another campaign.")})
    _refuse_if_ended(directive)
    # A unit that was merged away keeps its closed copy; its successor has the task.
    alive = Unit.objects.filter(existing(directive.campaign.today()))
    rows = list(directive.recipients.filter(unit__in=alive).select_related("unit", "organisation__unit"))
    with transaction.atomic():
        tasks = plans.add_tasks(
            plan,
            title=title,
            start=start,
            due=due,
            by=by,
            units=[row.unit for row in rows if row.organisation is None],
            organisations=[row.organisation for row in rows if row.organisation],
        )
        DirectiveLine.objects.create(directive=directive, plan=plan, line=tasks[0].line)
    return tasks
