"""What does not go together in a calendar: what, why, and what could be done about it.

Pure but for the words: occurrences, local limits and the themes that have wording in force go in, conflicts come out.
What is planned for a unit above is heard in every unit below it, so each unit is held against its own and those.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from tungnha.campaign import limits as local
from tungnha.campaign.limits import Limits
from tungnha.campaign.models import Touch
from tungnha.campaign.occurrences import Occurrence, Stopped, expires


class Code(StrEnum):
    """The kinds of conflict."""

    OVERLAP = "overlap"
    QUIET = "quiet"
    WEEKDAY = "weekday"
    LONG = "long"
    MANY = "many"
    GAP = "gap"
    THEME = "theme"
    WORDING = "wording"
    BODIES = "bodies"
    VISIT_GAP = "visit-gap"


_WHAT = {
    Code.OVERLAP: _("“%(touch)s” is heard while “%(other)s” is still on, until %(until)s."),
    Code.QUIET: _("“%(touch)s” lies in quiet hours (%(quiet)s)."),
    Code.WEEKDAY: _("“%(touch)s” lies on a day of the week on which nothing may be broadcast."),
    Code.LONG: _("The session with “%(touch)s” takes %(minutes)s minutes; %(most)s are allowed."),
    Code.MANY: _("“%(touch)s” is session %(count)s of the day; %(most)s are allowed."),
    Code.GAP: _("Only %(minutes)s minutes lie between “%(other)s” and “%(touch)s”; %(least)s are required."),
    Code.THEME: _("“%(touch)s” lies outside the days on which “%(theme)s” is true: %(start)s to %(end)s."),
    Code.WORDING: _("“%(touch)s” has no wording that may be used: “%(theme)s” has none in force."),
    Code.BODIES: _("%(body)s and %(other_body)s visit the same homes on one day: “%(touch)s”, “%(other)s”."),
    Code.VISIT_GAP: _("%(body)s comes %(days)s days after %(other_body)s; %(least)s are required."),
}
_ADVICE = {
    Code.OVERLAP: _("Let one of them begin at %(until)s or later, or make them one item."),
    Code.QUIET: _("Let it begin at %(fits)s."),
    Code.WEEKDAY: _("Move it to a day on which broadcasting is allowed."),
    Code.LONG: _("Shorten it by %(over)s minutes, or divide it over two sessions."),
    Code.MANY: _("Move it to another day, or join it to an earlier session."),
    Code.GAP: _("Let it begin at %(fits)s or later."),
    Code.THEME: _("Plan it within those days. After the last of them it does not take place."),
    Code.WORDING: _("Have the wording reviewed, signed by its owners and published before the day."),
    Code.BODIES: _("Give the day to one of them, or share out the residential groups."),
    Code.VISIT_GAP: _("Move it to %(fits)s or later, or let one body do both visits."),
}
_REPLACED = _("“%(touch)s” was made from a version of “%(theme)s” that is no longer in force.")
_MAKE_ANEW = _("Make it anew from version %(version)s, which is in force now, then choose that version here.")
_TOO_LONG = _("Shorten it: nothing so long fits between the quiet hours.")


@dataclass
class Conflict:
    """One thing that does not fit, on one day or more: a touch alone, or with another."""

    code: Code
    touch: Touch
    other: Touch | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    days: list[date] = field(default_factory=list)

    @property
    def what(self) -> str:
        """What does not fit, and why."""
        told = _REPLACED if self.facts.get("replaced") else _WHAT[self.code]
        return str(told) % self._words()

    @property
    def advice(self) -> str:
        """What could be done."""
        told = _ADVICE[self.code]
        if self.facts.get("replaced"):
            told = _MAKE_ANEW
        elif self.code is Code.QUIET and self.facts["fits"] is None:
            told = _TOO_LONG
        return str(told) % self._words()

    def _words(self) -> dict[str, Any]:
        words = {"touch": self.touch.title, "other": self.other.title if self.other else ""}
        words |= {"body": self.touch.body, "other_body": self.other.body if self.other else ""}
        if self.touch.theme:
            theme = self.touch.theme
            words |= {"theme": theme.name, "start": _short(theme.start), "end": _short(theme.end)}
        return words | self.facts


@dataclass(frozen=True)
class Alike:
    """The same conflict in one unit or in many, told once."""

    first: Conflict
    units: list[str]
    days: list[date]


def alike(conflicts: Iterable[Conflict]) -> list[Alike]:
    """Conflicts that read the same, put together, in the order in which they were first met."""
    groups: dict[tuple[str, str], list[Conflict]] = {}
    for one in conflicts:
        groups.setdefault((one.what, one.advice), []).append(one)
    return [
        Alike(
            group[0],
            list(dict.fromkeys(one.touch.unit.name for one in group)),
            sorted({day for one in group for day in one.days}),
        )
        for group in groups.values()
    ]


def _short(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


def clock(minute: int) -> str:
    """A minute of the day as it stands on a clock."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


class _Found:
    """Conflicts as they are met; the same one on another day only adds the day."""

    def __init__(self) -> None:
        self.by_key: dict[tuple[Any, ...], Conflict] = {}

    def add(self, code: Code, day: date, touch: Touch, other: Touch | None = None, **facts: Any) -> None:
        key = (code, touch.pk, other.pk if other else None)
        met = self.by_key.get(key)
        if met is None:
            met = self.by_key[key] = Conflict(code, touch, other, facts)
        if not met.days or met.days[-1] != day:
            met.days.append(day)


def find(
    occurrences: Sequence[Occurrence], rules: dict[int, Limits], in_force: Mapping[int, tuple[int, int]]
) -> list[Conflict]:
    """Every conflict among occurrences, in the order of their first days.

    `rules` are limits by the primary key of the unit that set them, `in_force` the wording (its key and number) that
    is in force by the primary key of its theme.
    """
    found = _Found()
    audible: dict[int, list[Occurrence]] = defaultdict(list)
    visiting: dict[int, list[Occurrence]] = defaultdict(list)
    for one in occurrences:
        _check_theme(one, in_force, found)
        if one.stopped is None:
            if one.touch.what.audible:
                audible[one.touch.unit_id].append(one)
            if one.touch.what.visiting:
                visiting[one.touch.unit_id].append(one)
    for heard, check in ((audible, _check_heard), (visiting, _check_visits)):
        for unit_id, own in heard.items():
            path = own[0].touch.unit.path
            above = [one for key in local.keys(path)[1:] for one in heard.get(key, ())]
            together = sorted((*own, *above), key=lambda one: one.start) if above else own
            check(unit_id, together, local.nearest(rules, path), found)
    return sorted(found.by_key.values(), key=lambda one: (one.days[0], one.touch.unit_id, one.touch.pk))


def _check_theme(one: Occurrence, in_force: Mapping[int, tuple[int, int]], found: _Found) -> None:
    touch, day = one.touch, one.start.date()
    if touch.theme is None or one.stopped in {Stopped.CANCELLED, Stopped.LEFT_OUT}:
        return
    expired = one.start + timedelta(minutes=touch.minutes) > expires(touch.theme)
    if expired or day < touch.theme.start:
        found.add(Code.THEME, day, touch)
    elif touch.what.worded:
        wording, version = in_force.get(touch.theme.pk, (None, None))
        if wording is None or (touch.wording_id is not None and touch.wording_id != wording):
            found.add(Code.WORDING, day, touch, replaced=wording is not None, version=version)


def _check_heard(unit_id: int, heard: Sequence[Occurrence], rule: Limits, found: _Found) -> None:
    """What is heard in one unit, in order. Only what concerns the unit's own is told; the rest is told above."""
    for sessions in _by_day(_sessions(unit_id, heard, rule, found)):
        for number, session in enumerate(sessions, 1):
            own = [one for one in session if one.touch.unit_id == unit_id]
            if not own:
                continue
            day = own[0].start.date()
            if rule.sessions is not None and number > rule.sessions:
                found.add(Code.MANY, day, own[0].touch, count=number, most=rule.sessions)
            minutes = (max(one.end for one in session) - session[0].start) // timedelta(minutes=1)
            if rule.minutes is not None and minutes > rule.minutes:
                over = minutes - rule.minutes
                found.add(Code.LONG, day, own[-1].touch, minutes=minutes, most=rule.minutes, over=over)
    for one in heard:
        if one.touch.unit_id != unit_id:
            continue
        if one.start.weekday() not in rule.weekdays:
            found.add(Code.WEEKDAY, one.start.date(), one.touch)
        begins = one.start.hour * 60 + one.start.minute
        fits = local.fitting_start(rule.quiet, begins, one.touch.minutes)
        if fits != begins:
            told = None if fits is None else clock(fits)
            found.add(Code.QUIET, one.start.date(), one.touch, quiet=rule.quiet, fits=told)


def _sessions(
    unit_id: int, heard: Sequence[Occurrence], rule: Limits, found: _Found
) -> list[list[Occurrence]]:
    """Items that follow each other without a pause are one session. Overlaps and short pauses are told on the way."""
    sessions: list[list[Occurrence]] = []
    latest: Occurrence | None = None
    for one in heard:
        if latest is None or one.start > latest.end:
            sessions.append([one])
        else:
            sessions[-1].append(one)
        if latest is not None and unit_id in {one.touch.unit_id, latest.touch.unit_id}:
            pause = (one.start - latest.end) // timedelta(minutes=1)
            if one.start < latest.end:
                found.add(
                    Code.OVERLAP, one.start.date(), one.touch, latest.touch, until=f"{latest.end:%H:%M}"
                )
            elif rule.gap is not None and 0 < pause < rule.gap:
                fits = latest.end + timedelta(minutes=rule.gap)
                facts = {"minutes": pause, "least": rule.gap, "fits": f"{fits:%H:%M}"}
                found.add(Code.GAP, one.start.date(), one.touch, latest.touch, **facts)
        if latest is None or one.end > latest.end:
            latest = one
    return sessions


def _by_day(sessions: Iterable[list[Occurrence]]) -> Collection[list[list[Occurrence]]]:
    days: dict[date, list[list[Occurrence]]] = defaultdict(list)
    for session in sessions:
        days[session[0].start.date()].append(session)
    return days.values()


def _check_visits(unit_id: int, visits: Sequence[Occurrence], rule: Limits, found: _Found) -> None:
    """Bodies that come to the doors of one unit: two on one day, or one too soon after another.

    What has no organisation is done by the units themselves, one body from the city to the ward.
    """
    days: dict[date, dict[int, Touch]] = defaultdict(dict)
    for one in visits:
        for day in one.days(date.min, date.max):
            days[day][one.touch.pk] = one.touch
    before: date | None = None
    for day in sorted(days):
        today = list(days[day].values())
        for place, first in enumerate(today):
            for second in today[place + 1 :]:
                if _two_bodies(unit_id, first, second):
                    found.add(Code.BODIES, day, second, first)
        if before is not None and (day - before).days < rule.visit_gap:
            for earlier in days[before].values():
                for later in today:
                    if (
                        earlier.pk not in days[day]
                        and later.pk not in days[before]
                        and _two_bodies(unit_id, earlier, later)
                    ):
                        fits = _short(before + timedelta(days=rule.visit_gap))
                        facts = {"days": (day - before).days, "least": rule.visit_gap, "fits": fits}
                        found.add(Code.VISIT_GAP, day, later, earlier, **facts)
        before = day


def _two_bodies(unit_id: int, first: Touch, second: Touch) -> bool:
    return first.organisation_id != second.organisation_id and unit_id in {first.unit_id, second.unit_id}
