"""Numbers as a page of many shows them. Read once for a page: Django's own formatting is too slow for thousands of cells."""

from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format, get_format
from django.utils.translation import gettext as _

from tungnha.campaign.models import TrackedIndicator
from tungnha.campaign.periods import Length, Period


@dataclass(frozen=True)
class Numbers:
    """The marks of the reader's language: 1.234.567 and 38,49."""

    decimal: str
    thousand: str

    def whole(self, number: int | None) -> str:
        return "" if number is None else f"{number:,}".replace(",", self.thousand).replace("-", "−")

    def percent(self, hundredths: int | None) -> str:
        """A percentage with two digits, without its sign."""
        if hundredths is None:
            return ""
        sign, size = ("−" if hundredths < 0 else ""), abs(hundredths)
        return f"{sign}{self.whole(size // 100)}{self.decimal}{size % 100:02d}"

    def signed(self, number: int | None, *, percent: bool) -> str:
        """A change, with its sign; nothing where it is not known."""
        if number is None:
            return ""
        told = self.percent(abs(number)) if percent else self.whole(abs(number))
        return ("+" if number > 0 else "−" if number < 0 else "±") + told

    def target(self, tracked: TrackedIndicator, value: int | None) -> str:
        """A target as its indicator measures it: a number, or a percentage."""
        if value is None:
            return ""
        return self.whole(value) if tracked.indicator.adds_up else f"{self.percent(value)} %"


def numbers() -> Numbers:
    """For the language in which the page is written."""
    return Numbers(str(get_format("DECIMAL_SEPARATOR")), str(get_format("THOUSAND_SEPARATOR")))


def named(period: Period, length: str) -> str:
    """A reporting period in words: a day, a week with its days, a month, a quarter, a year."""
    if length == Length.DAY:
        return date_format(period.end, "d/m/Y")
    if length == Length.WEEK:
        return f"{_short(period.start)} – {date_format(period.end, 'd/m/Y')}"
    if length == Length.MONTH:
        return date_format(period.end, "m/Y")
    if length == Length.QUARTER:
        return _("quarter %(n)d/%(year)d") % {"n": (period.end.month + 2) // 3, "year": period.end.year}
    return str(period.end.year)


def _short(day: date) -> str:
    return date_format(day, "d/m")
