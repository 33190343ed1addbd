"""Reads of directives: what a person sees and has to answer, who has not acted, and whom to remind."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tungnha.accounts.models import User
from tungnha.accounts.scope import Action, reach_of, visible_units
from tungnha.campaign.models import Campaign, Directive, Recipient
from tungnha.territory.vietnamese import fold

TURN = Q(state__in=Recipient.WAITING, directive__ended="")
"""The condition that it is a recipient's turn: `Recipient.waits` is the same rule."""


def recipients_seen_by(user: User | AnonymousUser) -> QuerySet[Recipient]:
    """Recipients in units whose figures the person may read."""
    seen = Recipient.objects.filter(unit__in=visible_units(user, Action.FIGURES))
    return seen.select_related("unit", "organisation", "directive")


def directives_of(campaign: Campaign, user: User | AnonymousUser) -> QuerySet[Directive]:
    """The campaign's directives that went to somebody whom the person sees, newest first."""
    theirs = recipients_seen_by(user).filter(directive=OuterRef("pk"))
    return Directive.objects.filter(Exists(theirs), campaign=campaign).select_related(
        "attachment", "ended_by"
    )


@dataclass(frozen=True)
class Standing:
    """Where the recipients of a directive stand, over those that the person sees."""

    sent: int
    untaken: int
    waiting: int
    """Its turn, acknowledged or not."""
    answered: int
    """Answered, and to be read by whoever sent it."""
    closed: int


_NOBODY = Standing(0, 0, 0, 0, 0)


def standings(recipients: QuerySet[Recipient], directives: Iterable[Directive]) -> dict[int, Standing]:
    """Directive → where its recipients stand. One query."""
    keys = [one.pk for one in directives]
    rows = (
        recipients.filter(directive__in=keys)
        .order_by()
        .values("directive")
        .annotate(
            sent=Count("pk"),
            not_taken=Count("pk", filter=Q(state__in=Recipient.UNTAKEN)),
            waiting=Count("pk", filter=Q(state__in=Recipient.WAITING)),
            answered=Count("pk", filter=Q(state=Recipient.State.ANSWERED)),
            closed=Count("pk", filter=Q(state=Recipient.State.CLOSED)),
        )
    )
    words = ("sent", "not_taken", "waiting", "answered", "closed")
    found = {key: Standing(*counts) for key, *counts in rows.values_list("directive", *words)}
    return {key: found.get(key, _NOBODY) for key in keys}


def to_answer(user: User | AnonymousUser, *, below: bool = False) -> QuerySet[Recipient]:
    """What waits for the person: in the units for which they answer themselves, or also in those `below`."""
    if below:
        theirs = Q(unit__in=visible_units(user, Action.REPORT))
    else:
        theirs = Q(unit__path__in=reach_of(user).paths(Action.REPORT))
    rows = Recipient.objects.filter(TURN, theirs)
    return rows.select_related("unit", "organisation", "directive__campaign").order_by(
        "directive__deadline", "directive", "unit__name_fold", "pk"
    )


@dataclass(frozen=True)
class Waiting:
    """How much waits for a person's own units: in all, of it not acknowledged, and over the deadline."""

    total: int
    untaken: int
    overdue: int


def waiting(user: User | AnonymousUser, today: date) -> Waiting:
    """What their home page tells a person. One query."""
    counts = (
        to_answer(user)
        .order_by()
        .aggregate(
            total=Count("pk"),
            untaken=Count("pk", filter=Q(state__in=Recipient.UNTAKEN)),
            overdue=Count("pk", filter=Q(directive__deadline__lt=today)),
        )
    )
    return Waiting(**counts)


@dataclass(frozen=True)
class Idle:
    """A unit or organisation that has not acted on some directives; `cells` follows the table's directives."""

    whose: str
    unit_id: int
    cells: list[Recipient | None]
    overdue: int
    """Days that the one longest overdue is over; 0 where none is."""


@dataclass(frozen=True)
class NotActed:
    """Who has not acted: a column for each directive, a row for each unit or organisation, longest overdue first."""

    directives: list[Directive]
    rows: list[Idle]
    recipients: list[Recipient]


OVERDUE, UNTAKEN, DUE_TODAY = "qua-han", "chua-tiep-nhan", "hom-nay"
"""Words of the filter: over their deadline, not acknowledged, and to be answered today."""


def narrowed(rows: QuerySet[Recipient], today: date, what: str = "", text: str = "") -> list[Recipient]:
    """Recipients by a word of the filter and by the name of the unit or organisation, with or without marks."""
    if what == OVERDUE:
        rows = rows.filter(directive__deadline__lt=today)
    elif what == UNTAKEN:
        rows = rows.filter(state__in=Recipient.UNTAKEN)
    elif what == DUE_TODAY:
        rows = rows.filter(directive__deadline=today)
    wanted = fold(text)
    return [one for one in rows if wanted in fold(one.responsible)]


def not_acted(recipients: QuerySet[Recipient], today: date, what: str = "", text: str = "") -> NotActed:
    """The table over recipients whose turn it is. One query."""
    rows = recipients.filter(TURN).order_by("directive__deadline", "directive", "unit__name_fold", "pk")
    chosen = narrowed(rows, today, what, text)
    directives = list({one.directive_id: one.directive for one in chosen}.values())
    place = {directive.pk: n for n, directive in enumerate(directives)}
    grouped: dict[tuple[int, int | None], list[Recipient]] = {}
    for one in chosen:
        grouped.setdefault((one.unit_id, one.organisation_id), []).append(one)
    idle = []
    for theirs in grouped.values():
        cells: list[Recipient | None] = [None] * len(directives)
        for one in theirs:
            cells[place[one.directive_id]] = one
        overdue = max(one.overdue(today) for one in theirs)
        idle.append(Idle(theirs[0].responsible, theirs[0].unit_id, cells, overdue))
    idle.sort(key=lambda row: (-row.overdue, -sum(cell is not None for cell in row.cells), fold(row.whose)))
    return NotActed(directives, idle, chosen)


@dataclass(frozen=True)
class Due:
    """Recipients of one directive that are to be reminded now; `day` is the day on which the rule put it."""

    directive: Directive
    day: date
    recipients: list[Recipient]


def to_remind(recipients: QuerySet[Recipient], today: date) -> list[Due]:
    """Whom to remind today, a group for each directive, most urgent first. One query.

    A reminder is due from its day on until it is recorded; days on which the directive had not been sent yet do not count.
    """
    grouped: dict[int, list[Recipient]] = {}
    days: dict[int, date] = {}
    for one in recipients.filter(TURN).order_by("directive__deadline", "directive", "unit__name_fold", "pk"):
        past = [
            one.directive.deadline + timedelta(days=shift)
            for shift in one.directive.remind_days
            if one.directive.deadline + timedelta(days=shift) <= today
        ]
        if past and max(past) > max(one.sent_on, one.reminded_on or one.sent_on):
            grouped.setdefault(one.directive_id, []).append(one)
            days[one.directive_id] = max(past)
    return [Due(theirs[0].directive, days[key], theirs) for key, theirs in grouped.items()]


def reminder_text(due: Due, today: date) -> str:
    """A reminder to paste into the chat group where the recipients are, in the campaign's language; no names of people."""
    directive = due.directive
    with translation.override(directive.campaign.language):
        left = (directive.deadline - today).days
        if left > 0:
            when = ngettext("%(n)s day left", "%(n)s days left", left) % {"n": left}
        elif left == 0:
            when = _("today is the last day")
        else:
            when = ngettext("%(n)s day overdue", "%(n)s days overdue", -left) % {"n": -left}
        lines = [
            _("REMINDER: %(number)s of %(day)s, %(issuer)s")
            % {
                "number": directive.number,
                "day": date_format(directive.issued, "d/m/Y"),
                "issuer": directive.issuer,
            },
            _("About: %(subject)s") % {"subject": directive.subject},
            _("Deadline: %(day)s (%(when)s)")
            % {"day": date_format(directive.deadline, "d/m/Y"), "when": when},
        ]
        untaken = [one.responsible for one in due.recipients if one.untaken]
        others = [one.responsible for one in due.recipients if not one.untaken]
        if untaken:
            lines.append(_("Not acknowledged yet: %(names)s.") % {"names": "; ".join(untaken)})
        if others:
            lines.append(_("Not answered yet: %(names)s.") % {"names": "; ".join(others)})
        lines.append(_("Please: %(action)s") % {"action": directive.action})
        return "\n".join(lines)


@dataclass(frozen=True)
class Qualities:
    """How many recipients are in each official class, and how many of them the class is still open for."""

    on_time: int
    partly: int
    late: int
    open: int


def qualities(recipients: Iterable[Recipient], today: date) -> Qualities:
    """Counts of the official classes over recipients."""
    found = [one.quality(today) for one in recipients]
    return Qualities(
        found.count(Recipient.Quality.ON_TIME),
        found.count(Recipient.Quality.PARTLY_LATE),
        found.count(Recipient.Quality.LATE),
        found.count(None),
    )
