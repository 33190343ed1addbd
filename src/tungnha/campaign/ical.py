"""A calendar as calendar programs read it: iCalendar, RFC 5545. Nothing of a person goes in.

What a program has to see is in the events themselves: a cancelled touch stays, as CANCELLED; one whose wording is not
in force is TENTATIVE; one that stops early (cancelled half way, or its theme no longer true) ends where it stops.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar

from tungnha.campaign import occurrences, recurrence
from tungnha.campaign.models import Touch
from tungnha.campaign.vtimezone import vtimezone

PRODUCT = "-//Tung Nha//Campaign calendar//VI"
REFRESH = timedelta(hours=1)


def calendar(
    name: str, time_zone: str, touches: Iterable[Touch], in_force: Mapping[int, tuple[int, int]]
) -> bytes:
    """The touches as an iCalendar object. The same touches give the same bytes, whenever they are asked for."""
    zone = ZoneInfo(time_zone)
    made = icalendar.Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("name", name)  # RFC 7986; older programs read the one below
    made.add("x-wr-calname", name)
    made.add("x-wr-timezone", time_zone)
    made.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    told = list(touches)
    if any(touch.begins is not None for touch in told):
        days = [day for touch in told for day in (touch.day, touch.last_day)]
        made.add_component(vtimezone(zone, min(days), max(days)))
    for touch in told:
        made.add_component(_event(touch, zone, in_force))
    return bytes(made.to_ical())


def _event(touch: Touch, zone: ZoneInfo, in_force: Mapping[int, tuple[int, int]]) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", f"urn:uuid:{touch.uid}")
    changed = touch.changed_at.astimezone(UTC)
    # Without a METHOD, DTSTAMP is when the event was last changed (RFC 5545, 3.8.7.2).
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("created", touch.planned_at.astimezone(UTC))
    event.add("sequence", touch.revision)
    event.add("summary", touch.title)
    event.add("location", touch.place or touch.unit.name)
    event.add("description", _description(touch))
    event.add("categories", [touch.what.label])
    event.add("transp", "TRANSPARENT")  # it takes up nobody's own time
    _add_time(event, touch, zone)
    if "status" not in event:
        event.add("status", "CONFIRMED" if _is_worded(touch, in_force) else "TENTATIVE")
    return event


def _is_worded(touch: Touch, in_force: Mapping[int, tuple[int, int]]) -> bool:
    if touch.theme_id is None or not touch.what.worded:
        return True
    wording, _number = in_force.get(touch.theme_id, (None, None))
    return wording is not None and touch.wording_id in {None, wording}


def _description(touch: Touch) -> str:
    lines = [f"{touch.what.label} · {touch.body}"]
    if touch.theme:
        lines.append(touch.theme.name)
    if touch.cancelled_reason:
        lines.append(touch.cancelled_reason)
    return "\n".join(lines)


def _add_time(event: icalendar.Event, touch: Touch, zone: ZoneInfo) -> None:
    """When it takes place, ended where it stops; STATUS:CANCELLED where nothing is left of it."""
    begins, end = touch.start.time(), touch.end
    days = recurrence.days(touch.rule, touch.day)
    stop = occurrences.stops(touch, zone)
    kept = (
        len(days) if stop is None else bisect_left(days, stop, key=lambda day: datetime.combine(day, begins))
    )
    left_out = [one.day for one in touch.exceptions.all()] if touch.rule else []
    left = set(days[:kept]) - set(left_out)
    if not left:
        event.add("status", "CANCELLED")
    elif stop is not None and not touch.rule:
        end = min(end, stop)
    if touch.begins is None:
        event.add("dtstart", touch.day)
        event.add("dtend", _day_after(end))
    else:
        event.add("dtstart", touch.start.replace(tzinfo=zone))
        event.add("dtend", end.replace(tzinfo=zone))
    if touch.rule:
        rule = touch.rule if not left or kept == len(days) else recurrence.shortened(touch.rule, kept)
        event.add("rrule", icalendar.vRecur.from_ical(_rule(rule, touch, zone)))
        if left_out and touch.begins is None:
            event.add("exdate", sorted(left_out), parameters={"value": "DATE"})
        elif left_out:
            event.add("exdate", [datetime.combine(day, begins, zone) for day in sorted(left_out)])


def _day_after(end: datetime) -> date:
    """The end of whole days, which iCalendar names by the day after."""
    return end.date() if end == occurrences.midnight(end.date()) else end.date() + timedelta(days=1)


def _rule(rule: str, touch: Touch, zone: ZoneInfo) -> str:
    """A rule with its UNTIL as RFC 5545 wants it: a day for whole days, else the moment in UTC."""
    parts = recurrence.parts(rule)
    if "UNTIL" in parts and touch.begins is not None:
        last = datetime.strptime(parts["UNTIL"], "%Y%m%d").replace(hour=23, minute=59, second=59, tzinfo=zone)
        parts["UNTIL"] = f"{last.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return recurrence.written(parts)
