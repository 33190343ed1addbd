"""A rule of recurrence between what a person chooses in a form, what is stored, and words."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.dates import WEEKDAYS as DAY_NAMES
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tungnha.campaign.recurrence import WEEKDAYS, parts, written


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
    until = datetime.strptime(given["UNTIL"], "%Y%m%d").date() if "UNTIL" in given else None  # noqa: DTZ007 - a day
    simple = Choice(
        given["FREQ"], tuple(given.get("BYDAY", "").split(",")) if "BYDAY" in given else (), until
    )
    if simple.often in {"DAILY", "WEEKLY"} and rule_of(simple) == rule:
        return simple
    return Choice("other", other=rule)


def in_words(rule: str) -> str:
    """A rule as a person says it; as it stands where it is no simple one."""
    choice = choice_of(rule)
    if choice.often == "DAILY":
        words = _("every day")
    elif choice.often == "WEEKLY":
        names = [str(DAY_NAMES[WEEKDAYS.index(day)]) for day in choice.weekdays]
        words = _("every %(days)s") % {"days": ", ".join(names)} if names else _("every week")
    else:
        return choice.other
    if choice.until is None:
        return words
    return _("%(often)s until %(day)s") % {"often": words, "day": date_format(choice.until, "d/m/Y")}
