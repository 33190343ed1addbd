"""Rows of a list into people behind doors, with everything that is wrong with them. Needs no database once it is made.

A list is read in parts, each by itself, so that other processes can read ahead: see `read_part`.
"""

import re
from base64 import b32decode, b32encode
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple, Protocol
from unicodedata import is_normalized

from django.utils.translation import override

from tungnha import sealing
from tungnha.register import validation
from tungnha.register.reading import FORMULA_SIGNS, Cell, Row, text_of
from tungnha.register.validation import Issue, Severity
from tungnha.register.wards import Wards
from tungnha.territory import addresses
from tungnha.territory.addresses import Address
from tungnha.territory.models import Premises
from tungnha.territory.services import PremisesDraft
from tungnha.territory.vietnamese import clean, fold, sort_key

Door = tuple[str, int | None]
"""Folded address and floor, by which rows share their premises."""


class Note(Protocol):
    """Records an issue of the row being read."""

    def __call__(self, name: str, code: str, *, error: bool = False, **words: str) -> None: ...


class Person(NamedTuple):
    """A readable row. From `identity` on the fields are named and stored as the register's columns are.

    `registered` is whether the row itself says that its household is in the register already.
    """

    row: int
    issues: tuple[Issue, ...]
    door: Door
    household: bytes
    registered: bool
    reference: str
    head: str
    identity: bytes
    full_name: str
    name_fold: str
    sort_key: str
    sex: str
    birth_year: int | None
    birth_date: date | None
    number_sealed: bytes | None
    number_index: bytes | None
    phone_sealed: bytes | None
    phone_owner: str
    relation: str
    stay: str
    step: int
    home_support: bool


@dataclass(frozen=True)
class Part:
    """Some rows of a sheet in their order.

    `first` is the number of the first as a spreadsheet shows it, `before` the last row above that had an address.
    """

    reader: "RowReader"
    first: int
    rows: Sequence[Row]
    before: Row | None = None


class Refused(NamedTuple):
    """A row with an error among its issues."""

    row: int
    issues: tuple[Issue, ...]


@dataclass
class PartRead:
    """What some rows say, in their order, and the doors of those that are readable. Rows that hold nothing are left out."""

    rows: list[Person | Refused] = field(default_factory=list)
    doors: dict[Door, PremisesDraft] = field(default_factory=dict)


def read_part(part: Part) -> PartRead:
    """Read the rows of a part. Parts of a list give the same whichever process reads them and however it was cut."""
    with override(part.reader.language):
        return part.reader.read(part)


_DAMAGED = "\ufffd"
_NUMBER_ERRORS = frozenset({"number-form", "number-padding", "masked"})
_FLOOR = re.compile(r"-?\d{1,3}", re.ASCII)
_HEADS = frozenset({"chu ho", "ch", "head"})


@lru_cache(maxsize=1024)
def _is_head(relation: str) -> bool:
    return fold(relation) in _HEADS


@lru_cache(maxsize=65_536)
def _keys(name: str) -> tuple[str, str]:
    """A name as it is searched and as it is sorted. Names repeat: a million people have some twenty thousand."""
    return fold(name), sort_key(name)[:400]


_OWN_PHONE = {
    "chinh chu": "self",
    "self": "self",
    "nguoi than": "relative",
    "con": "relative",
    "relative": "relative",
}


class _Texts(NamedTuple):
    """A row's cells as cleaned texts, by field of `mapping.FIELDS`."""

    reference: str
    relation: str
    head: str
    name: str
    birth: str
    sex: str
    number: str
    phone: str
    phone_owner: str
    address: str
    group: str
    ward: str
    stay: str
    step: str
    home_support: str
    block: str
    floor: str
    latitude: str
    longitude: str


_FIELDS = {name: index for index, name in enumerate(_Texts._fields)}


class Place(NamedTuple):
    """An address as a row's premises needs it."""

    text: str
    key: str
    number: str
    way: str
    group: str
    ward: str


_HOUSE = "Số "
_NUMBERED = re.compile(rf"({_HOUSE}|P)(\d+[A-Za-z]?(?:/\d+[A-Za-z]?)*)( .+)", re.ASCII | re.DOTALL)
_ANY_NUMBER = "98765432"


@lru_cache(maxsize=4096)  # the rows of a household follow one another
def place_of(text: str) -> Place:
    """Where an address is. A list has many doors and few streets, so what follows a door's number is read once.

    Not where reading what was written changes it again, or where something is left over beside a house: which form
    stands, and what is said twice, may depend on the number then.
    """
    numbered = _NUMBERED.fullmatch(text)
    if numbered and _ANY_NUMBER not in text:
        sign, number, rest = numbered.groups()
        place, stands = _read_place(f"{sign}{_ANY_NUMBER}{rest}")
        wanted = (_ANY_NUMBER, False) if sign == _HOUSE else ("", True)
        if stands and (place.number, "," in place.text) == wanted and _ANY_NUMBER not in place.way:
            return Place(
                place.text.replace(_ANY_NUMBER, number),
                place.key.replace(_ANY_NUMBER, number.lower()),
                number if place.number else "",
                place.way,
                place.group,
                place.ward,
            )
    return _read_place(text)[0]


@lru_cache(maxsize=16_384)
def _read_place(text: str) -> tuple[Place, bool]:
    """Where an address is, and whether it is written in the form that stands."""
    address = addresses.parse(text)
    here = _within_ward(address)
    first = here.text() or address.text()
    stands = _read_again(first) == first
    written = first if stands else _settled(first)
    return Place(written, fold(written), address.number, here.way(), address.group, address.ward), stands


def _within_ward(address: Address) -> Address:
    return replace(address, ward="", district="", province="", group="")


def _read_again(text: str) -> str:
    again = addresses.parse(text)
    return _within_ward(again).text() or again.text()


def _settled(text: str) -> str:
    """An address in the form that stays as it is when it is read again: where parts came twice, they may change places."""
    seen = [text]
    for _turn in range(8):
        text = _read_again(text)
        if text in seen:
            return min(seen[seen.index(text) :])
        seen.append(text)
    return text


def household_identity(unit: str, within: str) -> bytes:
    """The identity of the household that a reference, or else a door's key, stands for in the unit with a code."""
    return sealing.blind(f"{unit}|{fold(within)}", "household")


def door_key(door: Door) -> str:
    """What stands for a household that has no reference."""
    return f"{door[0]}|{door[1]}"


_MARK = re.compile(r"(.*?) ?\[TN-([A-Z2-7]{26})\]", re.DOTALL)


def marked(reference: str, identity: bytes) -> str:
    """A reference that says which household of the register is meant, for where it cannot be told otherwise."""
    return f"{reference} [TN-{b32encode(identity).decode().rstrip('=')}]".strip()


def _mark_in(reference: str) -> tuple[str, bytes | None]:
    """A reference without its mark, and the identity that the mark gives."""
    found = _MARK.fullmatch(reference) if reference.endswith("]") else None
    return (found[1], b32decode(found[2] + "======")) if found else (reference, None)


def _text(cell: Cell) -> str:
    """A cell's text, cleaned."""
    return clean(text_of(cell)) if cell not in {"", None} else ""


_BETWEEN = "\u241f"
_SPACE_AFTER, _SPACE_BEFORE, _SIGN_BEFORE = f" {_BETWEEN}", f"{_BETWEEN} ", f"{_BETWEEN}'"
_ESCAPED = tuple(f"'{sign}" for sign in FORMULA_SIGNS)


def _cleaned(cells: Sequence[Cell]) -> Sequence[str]:
    """The cells' texts, cleaned: all at once where they are clean as they are, as most are."""
    texts = [cell if isinstance(cell, str) else text_of(cell) for cell in cells]
    line = f"{_BETWEEN}{_BETWEEN.join(texts)}{_BETWEEN}"
    untidy = "  " in line or _SPACE_AFTER in line or _SPACE_BEFORE in line or _SIGN_BEFORE in line
    if not untidy and line.isprintable() and is_normalized("NFC", line):
        return texts
    return [clean(text[text.startswith(_ESCAPED) :]) for text in texts]


@dataclass(frozen=True)
class RowReader:
    """Reads the rows of one sheet. `header` are the folded cells by which a repeated header is known again."""

    unit: str
    wards: Wards
    columns: dict[str, int]
    header: tuple[str, ...]
    today: date
    language: str
    confirm_padding: bool = False

    def holds_anything(self, row: Row) -> bool:
        """Whether a row below the header is one of the list's."""
        if len(row) - row.count("") - row.count(None) < 2:
            return False
        for cell, words in zip(row, self.header, strict=False):
            if fold(text_of(cell)) != words:
                return True
        return len(row) < len(self.header)

    def names_address(self, row: Row) -> bool:
        """Whether a row is one of the list's and gives its address itself, rather than leave that to the row above."""
        column = self.columns["address"]
        return column < len(row) and bool(_text(row[column])) and self.holds_anything(row)

    def read(self, part: Part) -> PartRead:
        reading = _Reading(self)
        if part.before is not None:
            reading.follow(part.before)
        for number, row in enumerate(part.rows, start=part.first):
            if self.holds_anything(row):
                reading.take(number, row)
        return reading.found


class _Reading:
    """A part while it is read: what was found so far, and what a row leaves to those below it.

    A household that spans rows may give its address only in the first, even where that row itself is refused.
    """

    def __init__(self, reader: RowReader) -> None:
        self.found = PartRead()
        self._reader = reader
        self._above = ("", "", "")
        self._keys: dict[str, bytes] = {}
        self._width = 1 + max(reader.columns.values(), default=-1)
        # A field that the list does not have is read from an empty cell after the last.
        self._pick = itemgetter(*(reader.columns.get(name, self._width) for name in _FIELDS))

    def _cells(self, row: Row) -> tuple[Cell, ...]:
        """A row's cells in the order of `_FIELDS`."""
        missing = self._width - len(row)
        whole = [*row, *[""] * missing] if missing > 0 else row[: self._width]
        cells: tuple[Cell, ...] = self._pick([*whole, ""])
        return cells

    def follow(self, row: Row) -> None:
        """Take what a row leaves to the rows below it, and nothing else."""
        self._whose(_Texts(*_cleaned(self._cells(row))))

    def _whose(self, said: _Texts) -> tuple[str, str, str]:
        """A row's reference, address and head: its own, or those of the row above in its household."""
        reference, address, head = said.reference, said.address, said.head
        if not head and _is_head(said.relation):
            head = said.name
        if address:
            self._above = (reference, address, head)
        elif self._above[1] and reference in {"", self._above[0]}:
            reference, address, head = self._above[0], self._above[1], head or self._above[2]
        return reference, address, head

    def take(self, number: int, row: Row) -> None:
        """Read one row into a person, or refuse it."""
        cells = self._cells(row)
        said = _Texts(*_cleaned(cells))
        issues: list[Issue] = []

        def note(name: str, code: str, *, error: bool = False, **words: str) -> None:
            value = text_of(cells[_FIELDS[name]])
            issues.append(validation.issue(number, name, code, value, error=error, **words))

        reference, address, head = self._whose(said)
        for field_name, text in (("name", said.name), ("address", address)):
            if not text:
                note(field_name, f"{field_name}-missing", error=True)
            elif _DAMAGED in text:
                note(field_name, "text-damaged", error=True)
        place = place_of(address)
        self._check_ward(place, said, note)
        personal, odd = validation.read_number(
            cells[_FIELDS["number"]], self._reader.today, confirm_padding=self._reader.confirm_padding
        )
        for code, words in odd:
            note("number", code, error=code in _NUMBER_ERRORS, **words)
        (born, year), odd = validation.read_birth(cells[_FIELDS["birth"]], self._reader.today)
        for code, words in odd:
            note("birth", code, error=True, **words)
        sex, odd_sex = validation.read_sex(said.sex)
        phone, odd_phone = validation.read_phone(text_of(cells[_FIELDS["phone"]]))
        step, odd_step = validation.read_step(said.step)
        for field_name, found in (("sex", odd_sex), ("phone", odd_phone), ("step", odd_step)):
            for code, words in found:
                note(field_name, code, error=code == "masked", **words)
        if personal:
            sex, year = _agree(personal, sex, year, note)
        if issues and any(found.severity is Severity.ERROR for found in issues):
            self.found.rows.append(Refused(number, tuple(issues)))
            return
        door = self._door(place, said, note)
        reference, household = _mark_in(reference)
        reference = reference[:60].strip()
        registered = household is not None
        if household is None:
            household = self._household(reference or door_key(door))
        name = said.name[:160]
        folded, sorted_by = _keys(name)
        key = personal or f"{household.hex()}|{folded}|{born or year or ''}"
        self.found.rows.append(Person(
            number, tuple(issues), door, household, registered, reference, head[:160], sealing.blind(key, "resident"), name,
            folded, sorted_by, sex, year, born, sealing.seal(personal) if personal else None,
            sealing.blind(personal, "number") if personal else None, sealing.seal(phone) if phone else None,
            _OWN_PHONE.get(fold(said.phone_owner), "unknown"), said.relation[:40], validation.read_stay(said.stay), step,
            validation.read_yes(said.home_support),
        ))  # fmt: skip

    def _check_ward(self, place: Place, said: _Texts, note: Note) -> None:
        """Warn about a ward that no longer exists, refuse one that is not this list's."""
        ward = place.ward or said.ward
        verdict = self._reader.wards.judge(ward) if ward else None
        if verdict is not None:
            note(
                "address" if place.ward else "ward",
                verdict.code,
                error=verdict.code == "unit-other",
                **verdict.words,
            )

    def _door(self, place: Place, said: _Texts, note: Note) -> Door:
        """The premises that a row's address describes, kept as the first row describes it."""
        floor = int(said.floor) if _FLOOR.fullmatch(said.floor) else None
        door = (place.key, floor)
        latitude, longitude = _position(said, note)
        if door not in self.found.doors:
            block = said.block
            self.found.doors[door] = PremisesDraft(
                address=place.text,
                kind=Premises.Kind.APARTMENT.value if block else Premises.Kind.HOUSE.value,
                number=place.number,
                way=place.way,
                group=said.group or place.group,
                floor=floor,
                block=f"{block}, {place.way}" if block and place.way else block,
                latitude=latitude,
                longitude=longitude,
            )
        return door

    def _household(self, within: str) -> bytes:
        """The identity of the household that a reference, or else a door, stands for within the unit."""
        key = self._keys.get(within)
        if key is None:
            key = self._keys[within] = household_identity(self._reader.unit, within)
        return key


def _agree(personal: str, sex: str, year: int | None, note: Note) -> tuple[str, int | None]:
    """Sex and year, filled from the personal number where the list is silent, warned about where they differ."""
    own_year, own_sex = validation.born(personal)
    if sex and sex != own_sex:
        note("number", "number-sex")
    if year and year != own_year:
        note("number", "number-year")
    return sex or own_sex, year or own_year


def _position(said: _Texts, note: Note) -> tuple[float | None, float | None]:
    """Latitude and longitude, put right where they were swapped, none where they cannot be."""
    given = said.latitude, said.longitude
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
