"""A rule of recurrence between what a person chooses in a form, what is stored, and words."""

from dataclasses import dataclass
from datetime import date

from django.utils.dates import WEEKDAYS as DAY_NAMES
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tungnha.campaign.recurrence import WEEKDAYS, parts, until, written


@dataclass(frozen=True)
class Choice:
    """What a form says: how often, on which days of the week, until when; or (`other`) a rule in full."""

    often: str = ""
    weekdays: tuple[str, ...] = ()
    until: date | None = None
    other: str = ""


def rule_of(choice: Choice) -> str:
    """The rule that a choice means."""
    if choice.often in {"", "other"}:
        return choice.other if choice.often else ""
    made = {"FREQ": choice.often}
    if choice.until:
        made["UNTIL"] = f"{choice.until:%Y%m%d}"
    if choice.often == "WEEKLY" and choice.weekdays:
        made["BYDAY"] = ",".join(day for day in WEEKDAYS if day in choice.weekdays)
    return written(made)


def choice_of(rule: str) -> Choice:
    """The choice that means a rule; the rule in full where no simpler choice does."""
    if not rule:
        return Choice()
    given = parts(rule)
    weekdays = tuple(given["BYDAY"].split(",")) if "BYDAY" in given else ()
    simple = Choice(given["FREQ"], weekdays, until(given))
    if simple.often in {"DAILY", "WEEKLY"} and rule_of(simple) == rule:
        return simple
    return Choice("other", other=rule)


def in_words(rule: str) -> str:
    """A rule as a person says it; as it stands where it is no simple one."""
    given = parts(rule) if rule else {}
    simple = given.keys() <= {"FREQ", "BYDAY", "UNTIL", "COUNT"} and given.get("FREQ") in {"DAILY", "WEEKLY"}
    if not simple:
        return rule
    if "BYDAY" in given:
        names = [str(DAY_NAMES[WEEKDAYS.index(day)]) for day in given["BYDAY"].split(",")]
        words = _("every %(days)s") % {"days": ", ".join(names)}
    else:
        words = _("every day") if given["FREQ"] == "DAILY" else _("every week")
    last = until(given)
    if last is None:
        return _("%(often)s, %(count)s times") % {"often": words, "count": given["COUNT"]}
    return _("%(often)s until %(day)s") % {"often": words, "day": date_format(last, "d/m/Y")}
