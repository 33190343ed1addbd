"""What recurs, by the rules of RFC 5545 section 3.3.10. Pure: a rule and days in, days out.

A rule here repeats by day and never within one; it always ends. UNTIL is a day, on the campaign's clocks.
"""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache

from dateutil.rrule import rrulestr

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST = 1000
"""Occurrences of one rule at most: three years of days."""
_DAY = re.compile(r"(?:[+-]?[1-5])?(?:MO|TU|WE|TH|FR|SA|SU)")
_NUMBER = {
    "INTERVAL": (1, 400),
    "COUNT": (1, MOST),
    "BYMONTHDAY": (-31, 31),
    "BYMONTH": (1, 12),
    "BYSETPOS": (-31, 31),
}
_ORDER = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST")


class NotARuleError(ValueError):
    """The text is no rule that is kept here; `part` is the piece that is wrong."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


def parts(rule: str) -> dict[str, str]:
    """The parts of a rule by name. Raises NotARuleError.

    >>> parts("RRULE:FREQ=WEEKLY;BYDAY=MO,FR")
    {'FREQ': 'WEEKLY', 'BYDAY': 'MO,FR'}
    """
    found: dict[str, str] = {}
    for part in rule.strip().upper().removeprefix("RRULE:").split(";"):
        name, _, value = part.partition("=")
        if name not in _ORDER or name in found or not _fits(name, value):
            raise NotARuleError(part)
        found[name] = value
    if "FREQ" not in found:
        raise NotARuleError("FREQ")
    if "COUNT" in found and "UNTIL" in found:
        raise NotARuleError("COUNT;UNTIL")
    if found["FREQ"] in {"DAILY", "WEEKLY"} and any(
        value[0] in "+-12345" for value in found.get("BYDAY", "MO").split(",")
    ):
        raise NotARuleError("BYDAY")
    if found["FREQ"] == "WEEKLY" and "BYMONTHDAY" in found:
        raise NotARuleError("BYMONTHDAY")
    if "BYSETPOS" in found and not {"BYDAY", "BYMONTH", "BYMONTHDAY"} & set(found):
        raise NotARuleError("BYSETPOS")
    return found


def _fits(name: str, value: str) -> bool:
    if name == "FREQ":
        return value in {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
    if name == "WKST":
        return value in WEEKDAYS
    if name == "UNTIL":
        return bool(re.fullmatch(r"\d{8}", value)) and _day(value) is not None
    values = value.split(",")
    if name == "BYDAY":
        return all(_DAY.fullmatch(one) for one in values)
    lowest, highest = _NUMBER[name]
    single = name in {"INTERVAL", "COUNT"}
    return (len(values) == 1 or not single) and all(
        re.fullmatch(r"[+-]?\d{1,4}", one) and lowest <= int(one) <= highest and int(one) != 0
        for one in values
    )


def _day(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def until(rule: dict[str, str]) -> date | None:
    """The day after which a rule, by its parts, names none; None where it counts instead."""
    return _day(rule["UNTIL"]) if "UNTIL" in rule else None


def written(rule: dict[str, str]) -> str:
    """A rule from its parts, always in the same order."""
    return ";".join(f"{name}={rule[name]}" for name in _ORDER if name in rule)


def bounded(rule: str, start: date, last: date) -> tuple[str, date]:
    """A rule that ends, and its first day: on or after `start`, none after `last`.

    RFC 5545 leaves open what a start means that its own rule does not name; here it moves to the first day that the
    rule names. Raises NotARuleError, with part "" where the rule names no day at all.
    """
    given = parts(rule)
    if "COUNT" not in given:
        given["UNTIL"] = f"{min(until(given) or last, last):%Y%m%d}"
    text = written(given)
    found = _expand(text, start, last)
    if not found:
        raise NotARuleError("")
    if found[0] != start:
        return bounded(text, found[0], last)
    if "COUNT" in given and int(given["COUNT"]) > len(found):
        given["COUNT"] = str(len(found))
    if len(found) > MOST:
        raise NotARuleError("COUNT")
    return written(given), start


@lru_cache(maxsize=8192)
def days(rule: str, start: date) -> tuple[date, ...]:
    """Every day of a bounded rule; the start alone where there is no rule."""
    return _expand(rule, start, date.max) if rule else (start,)


def _expand(rule: str, start: date, last: date) -> tuple[date, ...]:
    given = parts(rule)
    count = int(given.pop("COUNT", MOST + 1))
    end = min(until(given) or last, last)
    # A count alone may name days that never come (30 February): bounded by what it could take at most.
    horizon = min(end, date.max if start.year > 9000 else start + timedelta(days=366 * 100))
    # dateutil takes no UNTIL of another kind than its start, so both are midnights.
    given["UNTIL"] = f"{horizon:%Y%m%d}T000000"
    found = []
    for moment in rrulestr(written(given), dtstart=datetime.combine(start, datetime.min.time())):
        found.append(moment.date())
        if len(found) == count:
            break
    return tuple(found)


def shortened(rule: str, kept: int) -> str:
    """The rule with only its first `kept` occurrences."""
    given = parts(rule)
    given.pop("UNTIL", None)
    return written(given | {"COUNT": str(kept)})
