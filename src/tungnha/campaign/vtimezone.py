"""A time zone as iCalendar wants it (RFC 5545, 3.6.5): each change of the clocks written out, for the days in question.

The icalendar library's own VTIMEZONE lists changes since 1970 as RDATEs, which vobject 0.9.9 misreads, and has its
summer times begin an hour late.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar

_MINUTE = timedelta(minutes=1)


def vtimezone(zone: ZoneInfo, first: date, last: date) -> icalendar.Timezone:
    """The zone's clocks from one day to another."""
    made = icalendar.Timezone()
    made.add("tzid", zone.key)
    begin = datetime.combine(first - timedelta(days=1), datetime.min.time(), UTC)
    end = datetime.combine(last + timedelta(days=2), datetime.min.time(), UTC)
    made.add_component(_observance(begin, begin, zone))
    for change in _changes(begin, end, zone):
        made.add_component(_observance(change - _MINUTE, change, zone))
    return made


def _changes(begin: datetime, end: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """The moments, to the minute, from which the clocks go otherwise than just before."""
    before = begin
    while before < end:
        after = min(before + timedelta(days=1), end)
        if _offset(before, zone) != _offset(after, zone):
            low, high = before, after
            while high - low > _MINUTE:
                middle = low + (high - low) // 2 // _MINUTE * _MINUTE
                low, high = (
                    (middle, high) if _offset(middle, zone) == _offset(before, zone) else (low, middle)
                )
            yield high
        before = after


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def _observance(before: datetime, moment: datetime, zone: ZoneInfo) -> icalendar.Component:
    """The clocks from a moment on. Its DTSTART is what the clocks showed as they were set before."""
    local = moment.astimezone(zone)
    observance = icalendar.TimezoneDaylight() if local.dst() else icalendar.TimezoneStandard()
    observance.add("dtstart", (moment + _offset(before, zone)).replace(tzinfo=None))
    observance.add("tzoffsetfrom", _offset(before, zone))
    observance.add("tzoffsetto", _offset(moment, zone))
    observance.add("tzname", local.tzname())
    return observance
