"""Cells into values: personal numbers, phones, dates, sexes, steps; and what is wrong with them, in words.

Only the form of a personal number is an error. Everything else that is odd about one is a warning, since a sex or a
date of birth can be corrected by law after the number was given (DOMAIN section 3).
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tungnha.register.models import Resident
from tungnha.register.reading import Cell, text_of
from tungnha.territory.vietnamese import fold


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Issue:
    """What is wrong with one cell: row as the sheet numbers it, field, a code for machines, a sentence for people."""

    row: int
    field: str
    code: str
    severity: Severity
    value: str
    message: str


MESSAGES = {
    "name-missing": gettext_lazy("There is no name."),
    "text-damaged": gettext_lazy("Some letters were lost on the way (wrong encoding). Write the text again."),
    "address-missing": gettext_lazy("There is no address."),
    "number-form": gettext_lazy("A personal number has 12 digits; this has another form."),
    "number-padding": gettext_lazy(
        "A spreadsheet seems to have removed leading zeros. Meant may be %(proposed)s; confirm it."
    ),
    "number-padded": gettext_lazy("Leading zeros put back, as confirmed."),
    "number-legacy": gettext_lazy("This is an old 9-digit number, no longer valid. It was left out."),
    "number-province": gettext_lazy("The number starts with a province code that was never assigned."),
    "number-sex": gettext_lazy("Sex does not agree with the personal number."),
    "number-year": gettext_lazy("Year of birth does not agree with the personal number."),
    "number-future": gettext_lazy("The personal number says a birth in the future."),
    "masked": gettext_lazy("This is masked. Take the list out with personal numbers to send it again."),
    "number-repeated": gettext_lazy("The same personal number stands in another row with another name."),
    "household-unknown": gettext_lazy(
        "The household's mark is not of this unit's register. Remove the mark."
    ),
    "phone-form": gettext_lazy("This is no Vietnamese phone number. It was left out."),
    "date-form": gettext_lazy("This is no date of birth that can be read."),
    "date-impossible": gettext_lazy("There is no such day."),
    "date-future": gettext_lazy("The date of birth lies in the future, or more than 125 years ago."),
    "sex-unknown": gettext_lazy("Sex is not understood. It was left out."),
    "step-unknown": gettext_lazy("The e-ID status is not understood. Taken as nothing yet."),
    "position-form": gettext_lazy(
        "The position is no latitude and longitude. The household is placed on its alley."
    ),
    "position-swapped": gettext_lazy("Latitude and longitude were swapped. They were put right."),
    "position-outside": gettext_lazy(
        "The position lies outside the unit, perhaps in the sea. The household is placed on its alley."
    ),
    "unit-other": gettext_lazy("The address names another ward than the one the list is for: %(unit)s."),
    "unit-abolished": gettext_lazy("The ward %(unit)s no longer exists; since then it is %(now)s."),
    "row-repeated": gettext_lazy("The same row came before. It was taken once."),
}
"""Every problem a row can have. Codes are for machines and tests, sentences for people."""


def issue(row: int, field: str, code: str, value: str, *, error: bool = False, **words: str) -> Issue:
    """An issue with its sentence in the language of the moment."""
    message = str(MESSAGES[code]) % words if words else str(MESSAGES[code])
    return Issue(row, field, code, Severity.ERROR if error else Severity.WARNING, value, message)


# Birth registration codes in use until 2025; numbers given then never change (DOMAIN section 3.1).
PROVINCES = frozenset(
    [
        "001",
        "002",
        "004",
        "006",
        "008",
        "010",
        "011",
        "012",
        "014",
        "015",
        "017",
        "019",
        "020",
        "022",
        "024",
        "025",
        "026",
        "027",
        "030",
        "031",
        "033",
        "034",
        "035",
        "036",
        "037",
        "038",
        "040",
        "042",
        "044",
        "045",
        "046",
        "048",
        "049",
        "051",
        "052",
        "054",
        "056",
        "058",
        "060",
        "062",
        "064",
        "066",
        "067",
        "068",
        "070",
        "072",
        "074",
        "075",
        "077",
        "079",
        "080",
        "082",
        "083",
        "084",
        "086",
        "087",
        "089",
        "091",
        "092",
        "093",
        "094",
        "095",
        "096",
    ]
)
FIXTURE_PROVINCES = frozenset({"003", "005", "007", "009"})
"""Never assigned: generated people have them, so that none can be real."""
_GIVEN = PROVINCES | FIXTURE_PROVINCES


MASK = "•"
_SPACERS = re.compile(r"[\s.\-']+")
_NUMBER = re.compile(r"\d{12}", re.ASCII)
Found = list[tuple[str, dict[str, str]]]


def read_number(cell: Cell, today: date, *, confirm_padding: bool = False) -> tuple[str, Found]:
    """A personal number (12 digits, or empty) and the codes of what is odd about it."""
    text = text_of(cell)
    if not _NUMBER.fullmatch(text):
        text = _SPACERS.sub("", text)
    if not text:
        return "", []
    if _NUMBER.fullmatch(text):
        return text, _number_oddities(text, today)
    if text.isdecimal() and len(text) in {10, 11}:
        padded = text.zfill(12)
        if confirm_padding:
            return padded, [("number-padded", {}), *_number_oddities(padded, today)]
        return "", [("number-padding", {"proposed": masked(padded)})]
    if text.isdecimal() and len(text) == 9:
        return "", [("number-legacy", {})]
    return "", [("masked" if MASK in text else "number-form", {})]


def _number_oddities(number: str, today: date) -> Found:
    odd: Found = []
    if number[:3] not in _GIVEN and number[:3] < "100":
        odd.append(("number-province", {}))
    if born(number)[0] > today.year:
        odd.append(("number-future", {}))
    return odd


def masked(number: str) -> str:
    """A personal number or phone as it may be shown: “001•••••1234”."""
    return f"{number[:3]}{MASK * 5}{number[-4:]}"


def born(number: str) -> tuple[int, str]:
    """Year of birth and sex in a personal number."""
    return _BORN[number[3:6]]


_BORN = {
    f"{era}{year:02}": (
        1900 + era // 2 * 100 + year,
        (Resident.Sex.FEMALE if era % 2 else Resident.Sex.MALE).value,
    )
    for era in range(10)
    for year in range(100)
}
"""Year of birth and sex, by the digits of a personal number after the province's."""


_OLD_MOBILE = {
    **{f"016{digit}": f"03{digit}" for digit in range(2, 10)},
    "0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078", "0123": "083", "0124": "084", "0125": "085",
    "0127": "081", "0129": "082", "0186": "056", "0188": "058", "0199": "059",
}  # fmt: skip
"""Mobile prefixes before and after the renumbering of 2018."""
_MOBILE = re.compile(r"0[35789]\d{8}", re.ASCII)
_LANDLINE = re.compile(r"02\d{9}", re.ASCII)


def read_phone(text: str) -> tuple[str, Found]:
    """A phone in E.164 (or empty) and what is odd about it. Zeros that a spreadsheet removed are put back."""
    if _MOBILE.fullmatch(text):
        return "+84" + text[1:], []
    digits = re.sub(r"[^\d+]", "", text)
    if not digits:
        return "", []
    if digits.startswith(("+84", "0084")):
        digits = "0" + digits[3 if digits[0] == "+" else 4 :]
    elif digits.startswith("84") and len(digits) in {11, 12}:
        digits = "0" + digits[2:]
    elif not digits.startswith("0") and len(digits) in {9, 10}:
        digits = "0" + digits
    if len(digits) == 11 and digits[:4] in _OLD_MOBILE:
        digits = _OLD_MOBILE[digits[:4]] + digits[4:]
    if _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits):
        return "+84" + digits[1:], []
    return "", [("masked" if MASK in text else "phone-form", {})]


_DAY_FIRST = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{1,2})")
_YEAR = re.compile(r"(1[89]\d\d|20\d\d)")
_EXCEL_EPOCH = date(1899, 12, 30)
Birth = tuple[date | None, int | None]


def read_birth(cell: Cell, today: date) -> tuple[Birth, Found]:
    """Date and year of birth, as far as they are given: day/month/year, ISO, a spreadsheet's serial, or a year."""
    if isinstance(cell, date):
        return _believable_birth(cell.date() if isinstance(cell, datetime) else cell, today)
    return _birth_of_text(text_of(cell).strip(), today)


@lru_cache(maxsize=65_536)
def _birth_of_text(text: str, today: date) -> tuple[Birth, Found]:
    if not text:
        return (None, None), []
    if _YEAR.fullmatch(text):
        year = int(text)
        return ((None, year), []) if year <= today.year else ((None, None), [("date-future", {})])
    if text.isdecimal() and len(text) == 5:
        return _believable_birth(_EXCEL_EPOCH + timedelta(days=int(text)), today)
    if match := _DAY_FIRST.fullmatch(text):
        day, month, year = map(int, match.groups())
    elif match := _YEAR_FIRST.match(text):
        year, month, day = map(int, match.groups())
    elif text.isdecimal() and len(text) == 8:
        day, month, year = int(text[:2]), int(text[2:4]), int(text[4:])
    else:
        return (None, None), [("date-form", {})]
    try:
        return _believable_birth(date(year, month, day), today)
    except ValueError:
        return (None, None), [("date-impossible", {})]


def _believable_birth(born: date, today: date) -> tuple[Birth, Found]:
    if born > today or born.year < today.year - 125:
        return (None, None), [("date-future", {})]
    return (born, born.year), []


_SEXES = {
    **dict.fromkeys(("nam", "m", "male", "trai", "ong", "1"), Resident.Sex.MALE.value),
    **dict.fromkeys(("nu", "f", "female", "gai", "ba", "0"), Resident.Sex.FEMALE.value),
}
_STAYS = (
    ("tam tru", Resident.Stay.TEMPORARY), ("luu tru", Resident.Stay.LODGING), ("di vang", Resident.Stay.AWAY),
    ("vang mat", Resident.Stay.AWAY), ("chua dang ky", Resident.Stay.UNREGISTERED), ("thuong tru", Resident.Stay.PERMANENT),
    ("temporary", Resident.Stay.TEMPORARY), ("lodging", Resident.Stay.LODGING), ("away", Resident.Stay.AWAY),
    ("unregistered", Resident.Stay.UNREGISTERED),
)  # fmt: skip
_STEPS = (
    ("tu nop", Resident.Step.ALONE), ("nop co ho tro", Resident.Step.ASSISTED), ("tai khoan dvc", Resident.Step.PORTAL),
    ("muc 2", Resident.Step.LEVEL2), ("muc 1", Resident.Step.LEVEL1), ("da cai", Resident.Step.INSTALLED),
    ("da thu nhan", Resident.Step.RECORD), ("chua", Resident.Step.NONE),
)  # fmt: skip
_YES = frozenset({"x", "co", "1", "yes", "true", "v"})


@lru_cache(maxsize=4096)
def read_sex(text: str) -> tuple[str, Found]:
    """M, F or empty."""
    key = fold(text)
    return ("", []) if not key else (_SEXES[key], []) if key in _SEXES else ("", [("sex-unknown", {})])


@lru_cache(maxsize=4096)
def read_stay(text: str) -> str:
    """How the person lives here; permanent where nothing else is said."""
    key = fold(text)
    return next((stay.value for words, stay in _STAYS if words in key), Resident.Stay.PERMANENT.value)


@lru_cache(maxsize=4096)
def read_step(text: str) -> tuple[int, Found]:
    """How far along the funnel the list says the person is."""
    key = fold(text)
    if not key:
        return 0, []
    if key.isdecimal() and int(key) in Resident.Step.values:
        return int(key), []
    found = next((step.value for words, step in _STEPS if words in key), None)
    return (found, []) if found is not None else (0, [("step-unknown", {})])


@lru_cache(maxsize=1024)
def read_yes(text: str) -> bool:
    return fold(text) in _YES


def describe(found: Issue) -> str:
    """An issue as one line of a report."""
    return _("row %(row)d, %(field)s “%(value)s”: %(message)s") % {
        "row": found.row,
        "field": found.field,
        "value": found.value,
        "message": found.message,
    }
