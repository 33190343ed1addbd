"""One row of a list into a person behind a door, with everything that is wrong with it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Protocol

from tungnha import sealing
from tungnha.register import validation
from tungnha.register.reading import Cell, text_of
from tungnha.register.validation import Issue, Severity
from tungnha.territory import addresses, queries
from tungnha.territory.addresses import Address
from tungnha.territory.models import Premises, Unit
from tungnha.territory.services import PremisesDraft
from tungnha.territory.vietnamese import clean, fold


class Note(Protocol):
    """Records an issue of the row being read."""

    def __call__(self, name: str, code: str, *, error: bool = False, **words: str) -> None: ...


@dataclass
class Person:
    """A readable row. `door` is the key of its premises in `RowReader.doors`."""

    row: int
    door: tuple[str, int | None]
    household: bytes
    reference: str
    head: str
    name: str
    sex: str
    born: date | None
    year: int | None
    number: str
    phone: str
    phone_owner: str
    relation: str
    stay: str
    step: int
    home_support: bool
    identity: bytes
    issues: list[Issue] = field(default_factory=list)


_parse = lru_cache(maxsize=262_144)(addresses.parse)
_fold = lru_cache(maxsize=262_144)(fold)
_clean = lru_cache(maxsize=262_144)(clean)
_FLOOR = re.compile(r"-?\d{1,3}", re.ASCII)
_HEADS = frozenset({"chu ho", "ch", "head"})
_OWN_PHONE = {
    "chinh chu": "self",
    "self": "self",
    "nguoi than": "relative",
    "con": "relative",
    "relative": "relative",
}


class RowReader:
    """Reads the rows of one sheet; a household that spans rows may give its address only in the first."""

    def __init__(self, unit: Unit, columns: dict[str, int], *, confirm_padding: bool = False) -> None:
        self.unit = unit
        self.columns = columns
        self.confirm_padding = confirm_padding
        self.doors: dict[tuple[str, int | None], PremisesDraft] = {}
        self._wards: dict[str, tuple[str, bool, dict[str, str]] | None] = {}
        self._previous: tuple[str, str, str] = ("", "", "")

    def _text(self, row: Sequence[Cell], name: str) -> str:
        column = self.columns.get(name)
        return _clean(text_of(row[column])) if column is not None and column < len(row) else ""

    def _cell(self, row: Sequence[Cell], name: str) -> Cell:
        column = self.columns.get(name)
        return row[column] if column is not None and column < len(row) else None

    def read(self, number: int, row: Sequence[Cell]) -> tuple[Person | None, list[Issue]]:
        """The person in a row and the row's issues; None where an issue is an error."""
        issues: list[Issue] = []

        def note(name: str, code: str, *, error: bool = False, **words: str) -> None:
            issues.append(
                validation.issue(number, name, code, text_of(self._cell(row, name)), error=error, **words)
            )

        name = self._text(row, "name")
        if not name:
            note("name", "name-missing", error=True)
        reference, address_text, head = (
            self._text(row, column) for column in ("reference", "address", "head")
        )
        relation = self._text(row, "relation")
        if not address_text and self._previous[1] and reference in {"", self._previous[0]}:
            reference, address_text, head = self._previous[0], self._previous[1], head or self._previous[2]
        if not address_text:
            note("address", "address-missing", error=True)
        if not head and _fold(relation) in _HEADS:
            head = name
        address = _parse(address_text)
        self._check_ward(address.ward or self._text(row, "ward"), "address" if address.ward else "ward", note)
        personal, odd = validation.read_number(
            self._cell(row, "number"), confirm_padding=self.confirm_padding
        )
        for code, words in odd:
            note("number", code, error=code in {"number-form", "number-padding"}, **words)
        (born, year), odd = validation.read_birth(self._cell(row, "birth"))
        for code, words in odd:
            note("birth", code, error=True, **words)
        sex, odd_sex = validation.read_sex(self._text(row, "sex"))
        phone, odd_phone = validation.read_phone(text_of(self._cell(row, "phone")))
        step, odd_step = validation.read_step(self._text(row, "step"))
        for field_name, found in (("sex", odd_sex), ("phone", odd_phone), ("step", odd_step)):
            for code, words in found:
                note(field_name, code, error=False, **words)
        if personal:
            sex, year = self._agree(personal, sex, year, note)
        if any(found.severity is Severity.ERROR for found in issues):
            return None, issues
        self._previous = (reference, address_text, head)
        door, draft = self._door(row, address, note)
        self.doors.setdefault(door, draft)
        within = reference or f"{door[0]}|{door[1]}"
        household = sealing.blind(f"{self.unit.code}|{_fold(within)}", "household")
        key = personal or f"{household.hex()}|{_fold(name)}|{born or year or ''}"
        person = Person(
            row=number, door=door, household=household, reference=reference[:60], head=head[:160], name=name[:160], sex=sex,
            born=born, year=year, number=personal, phone=phone,
            phone_owner=_OWN_PHONE.get(_fold(self._text(row, "phone_owner")), "unknown"),
            relation=relation[:40], stay=validation.read_stay(self._text(row, "stay")), step=step,
            home_support=validation.read_yes(self._text(row, "home_support")),
            identity=sealing.blind(key, "resident"), issues=issues,
        )  # fmt: skip
        return person, issues

    def _agree(self, personal: str, sex: str, year: int | None, note: Note) -> tuple[str, int | None]:
        """Sex and year, filled from the personal number where the list is silent, warned about where they differ."""
        if sex and sex != validation.sex_of(personal):
            note("number", "number-sex")
        if year and year != validation.birth_year_of(personal):
            note("number", "number-year")
        return sex or validation.sex_of(personal), year or validation.birth_year_of(personal)

    def _door(
        self, row: Sequence[Cell], address: Address, note: Note
    ) -> tuple[tuple[str, int | None], PremisesDraft]:
        """The premises that a row's address describes, and the key under which rows share it."""
        here = replace(address, ward="", district="", province="", group="")
        block, floor_text = self._text(row, "block"), self._text(row, "floor")
        floor = int(floor_text) if _FLOOR.fullmatch(floor_text) else None
        text = here.text() or address.text()
        latitude, longitude = self._position(row, note)
        draft = PremisesDraft(
            address=text,
            kind=Premises.Kind.APARTMENT if block else Premises.Kind.HOUSE,
            number=address.number,
            way=here.way(),
            group=self._text(row, "group") or address.group,
            floor=floor,
            block=f"{block}, {here.way()}" if block and here.way() else block,
            latitude=latitude,
            longitude=longitude,
        )
        return (_fold(text), floor), draft

    def _position(self, row: Sequence[Cell], note: Note) -> tuple[float | None, float | None]:
        """Latitude and longitude, put right where they were swapped, none where they cannot be."""
        given = self._text(row, "latitude"), self._text(row, "longitude")
        if not any(given):
            return None, None
        try:
            latitude, longitude = (float(text.replace(",", ".")) for text in given)
        except ValueError:
            note("latitude", "position-form")
            return None, None
        if abs(latitude) > 90 >= abs(longitude) and abs(latitude) <= 180:
            note("latitude", "position-swapped")
            latitude, longitude = longitude, latitude
        if abs(latitude) > 90 or abs(longitude) > 180:
            note("latitude", "position-form")
            return None, None
        return latitude, longitude

    def _check_ward(self, ward: str, name: str, note: Note) -> None:
        """Warn about a ward that no longer exists, refuse one that is not this list's."""
        if not ward:
            return
        if ward not in self._wards:
            self._wards[ward] = self._judge_ward(ward)
        verdict = self._wards[ward]
        if verdict is not None:
            code, error, words = verdict
            note(name, code, error=error, **words)

    def _judge_ward(self, ward: str) -> tuple[str, bool, dict[str, str]] | None:
        if (
            ward == self.unit.code
            or _fold(ward) in self.unit.name_fold
            or self.unit.name_fold.endswith(_fold(ward))
        ):
            return None
        named = [*queries.units_named(ward), *Unit.objects.filter(scheme=self.unit.scheme, code=ward)]
        became = {new.pk: new for old in named for new in queries.successors(old) if old.valid_to is not None}
        if self.unit.pk in became:
            return (
                "unit-abolished",
                False,
                {"unit": ward, "now": ", ".join(new.name for new in became.values())},
            )
        return "unit-other", True, {"unit": ward}
