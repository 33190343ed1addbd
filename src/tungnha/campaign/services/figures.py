"""Reporting figures: typed or from a table, every version kept, signed off or returned by the level above."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from tungnha.accounts.models import User
from tungnha.campaign.models import Campaign, Figure, FigureTable, Indicator, TrackedIndicator
from tungnha.campaign.periods import Period, period_of
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import clean

_LARGEST = 10**15
State = Figure.State
Refusal = dict[str, str]
"""Field → what is wrong with it."""


@dataclass(frozen=True)
class Entry:
    """One unit's figure as it was given. `published` is the percentage the source printed, in hundredths."""

    unit: Unit
    numerator: int
    denominator: int | None = None
    published: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Provenance:
    """Where figures come from: as of when, whose count, read where, how brought in, by whom."""

    cut_off: datetime
    source: str
    by: User
    source_text: str = ""
    method: str = Figure.Method.FORM


@dataclass
class Reported:
    """What became of entries: those taken (also those that were there already), and those refused, by place."""

    figures: dict[int, Figure]
    refused: dict[int, Refusal]


def report(
    tracked: TrackedIndicator,
    entry: Entry,
    period: Period,
    provenance: Provenance,
    *,
    sign: bool = False,
    seen: int | None = None,
) -> Figure:
    """Report one figure. `sign` accepts it at once: whoever enters it stands above the unit.

    `seen` is the version that the person saw (0 for none). Raises ValidationError by field.
    """
    signed = {entry.unit.pk} if sign else set()
    seen_of = {} if seen is None else {entry.unit.pk: seen}
    done = report_many(tracked, [entry], period, provenance, signed=signed, seen=seen_of)
    if done.refused:
        raise ValidationError(dict(done.refused[0]))
    return done.figures[0]


def report_many(
    tracked: TrackedIndicator,
    entries: Sequence[Entry],
    period: Period,
    provenance: Provenance,
    *,
    signed: Collection[int] = (),
    seen: dict[int, int] | None = None,
    table: FigureTable | None = None,
) -> Reported:
    """Report figures of one indicator for one period; good ones are taken, the others told apart by their place.

    What is reported again unchanged stays as it is. `signed` are keys of units whose figures are accepted at once.
    """
    _check_period(tracked, period, provenance)
    done = Reported({}, {})
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=tracked.campaign_id)
        history = _History(tracked, period, [entry.unit for entry in entries])
        fresh: dict[int, Figure] = {}
        for place, entry in enumerate(entries):
            refusal = history.refusal(entry, (seen or {}).get(entry.unit.pk))
            same = history.unchanged(entry)
            if refusal:
                done.refused[place] = refusal
            elif same is not None:
                done.figures[place] = same
            else:
                fresh[place] = history.version(entry, provenance, signed=entry.unit.pk in signed, table=table)
        Figure.objects.filter(
            tracked=tracked,
            until=period.end,
            is_current=True,
            unit__in=[each.unit_id for each in fresh.values()],
        ).update(is_current=False)
        Figure.objects.bulk_create(fresh.values(), batch_size=200)
    done.figures |= fresh
    return done


def _check_period(tracked: TrackedIndicator, period: Period, provenance: Provenance) -> None:
    campaign = tracked.campaign
    today = campaign.today()
    if period != period_of(period.end, tracked.period):
        raise ValidationError(
            {
                "period": _("This indicator is reported by the %(period)s.")
                % {"period": tracked.get_period_display()}
            }
        )
    if period.start > today:
        raise ValidationError({"period": _("This period has not begun yet.")})
    if provenance.cut_off > timezone.now():
        raise ValidationError({"cut_off": _("The cut-off lies in the future.")})
    if campaign.day_of(provenance.cut_off) < period.start:
        raise ValidationError({"cut_off": _("The cut-off lies before the period.")})


class _History:
    """What the units have reported so far, in three queries, and whether an entry fits to it."""

    def __init__(self, tracked: TrackedIndicator, period: Period, units: Iterable[Unit]) -> None:
        self.tracked, self.period = tracked, period
        figures = Figure.objects.filter(tracked=tracked, unit__in=[unit.pk for unit in units])
        self.now = {each.unit_id: each for each in figures.filter(until=period.end, is_current=True)}
        self.last: dict[int, int] = defaultdict(int)
        for unit, number in figures.filter(until=period.end).values_list("unit", "version"):
            self.last[unit] = max(self.last[unit], number)
        self.earlier: dict[int, tuple[int, str]] = {}
        self.later: dict[int, tuple[int, str]] = {}
        if tracked.indicator.cumulative:
            standing = figures.filter(is_current=True).exclude(state=State.RETURNED)
            rows = standing.exclude(until=period.end).order_by("until")
            for unit, until, numerator in rows.values_list("unit", "until", "numerator"):
                told = (numerator, date_format(until, "SHORT_DATE_FORMAT"))
                if until < period.end:
                    self.earlier[unit] = told
                else:
                    self.later.setdefault(unit, told)

    def unchanged(self, entry: Entry) -> Figure | None:
        """The standing figure, where the entry says the same."""
        now = self.now.get(entry.unit.pk)
        if now is None or now.state == State.RETURNED:
            return None
        same = (now.numerator, now.denominator) == (entry.numerator, entry.denominator)
        return now if same else None

    def refusal(self, entry: Entry, seen: int | None) -> Refusal:
        """What is wrong with an entry, by field; nothing where it may be taken."""
        kind = self.tracked.indicator.kind
        if not 0 <= entry.numerator <= _LARGEST:
            return {"numerator": _("A figure is not below zero, nor beyond all measure.")}
        if kind != Indicator.Kind.COUNT and entry.denominator is None:
            return {
                "denominator": _("This indicator needs a denominator: %(what)s.")
                % {"what": self.tracked.indicator.denominator}
            }
        if entry.denominator is not None and not 0 <= entry.denominator <= _LARGEST:
            return {"denominator": _("A figure is not below zero, nor beyond all measure.")}
        if seen is not None and seen != self.last[entry.unit.pk]:
            return {"numerator": _("Somebody else reported this figure meanwhile.")}
        if self.unchanged(entry) is None and not entry.reason.strip():
            return self._needs_reason(entry)
        return {}

    def _needs_reason(self, entry: Entry) -> Refusal:
        now = self.now.get(entry.unit.pk)
        if now is not None and now.state == State.ACCEPTED:
            return {"reason": _("This figure was signed off. Say why it is corrected.")}
        if not self.tracked.indicator.cumulative:
            return {}
        number = entry.numerator
        if now is not None and now.state == State.SUBMITTED and number < now.numerator:
            return {
                "reason": _("A cumulative figure falls from %(was)s to %(now)s. Say why it is adjusted.")
                % _pair(now.numerator, number)
            }
        was, day = self.earlier.get(entry.unit.pk, (0, ""))
        if number < was:
            return {
                "reason": _(
                    "A cumulative figure falls from %(was)s (%(day)s) to %(now)s. Say why it is adjusted."
                )
                % (_pair(was, number) | {"day": day})
            }
        follows, day = self.later.get(entry.unit.pk, (_LARGEST, ""))
        if number > follows:
            return {
                "reason": _("It is more than the %(was)s already reported for %(day)s. Say why.")
                % (_pair(follows, number) | {"day": day})
            }
        return {}

    def version(self, entry: Entry, whence: Provenance, *, signed: bool, table: FigureTable | None) -> Figure:
        return Figure(
            tracked=self.tracked,
            unit=entry.unit,
            since=self.period.start,
            until=self.period.end,
            version=self.last[entry.unit.pk] + 1,
            numerator=entry.numerator,
            denominator=entry.denominator,
            published=entry.published,
            cut_off=whence.cut_off,
            source=whence.source,
            source_text=clean(whence.source_text)[:200],
            method=whence.method,
            table=table,
            reason=clean(entry.reason)[:300],
            entered_by=whence.by,
            state=State.ACCEPTED if signed else State.SUBMITTED,
            decided_by=whence.by if signed else None,
            decided_at=timezone.now() if signed else None,
        )


def _pair(was: int, now: int) -> dict[str, str]:
    return {"was": number_format(was, force_grouping=True), "now": number_format(now, force_grouping=True)}


def accept(figures: Iterable[int], by: User) -> int:
    """Sign figures off, by their keys; those that somebody decided or corrected meanwhile are left. How many were."""
    with transaction.atomic():
        waiting = Figure.objects.filter(pk__in=list(figures), is_current=True, state=State.SUBMITTED)
        return waiting.update(state=State.ACCEPTED, decided_by=by, decided_at=timezone.now())


def give_back(figure: Figure, *, note: str, by: User) -> None:
    """Return a figure for correction, with a reason. One that was signed off before it stands again.

    Raises ValidationError when somebody decided or corrected it meanwhile.
    """
    reason = clean(note)[:300]
    if not reason:
        raise ValidationError({"note": _("Say why.")})
    with transaction.atomic():
        decided = Figure.objects.filter(pk=figure.pk, is_current=True, state=State.SUBMITTED).update(
            state=State.RETURNED, decided_by=by, decided_at=timezone.now(), decision_note=reason
        )
        if not decided:
            raise ValidationError({"note": _("Somebody decided on this figure, or corrected it, meanwhile.")})
        same = Figure.objects.filter(tracked=figure.tracked_id, unit=figure.unit_id, until=figure.until)
        stood = same.filter(state=State.ACCEPTED).order_by("-version").first()
        if stood is not None:
            same.filter(is_current=True).update(is_current=False)
            same.filter(pk=stood.pk).update(is_current=True)
