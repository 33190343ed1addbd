"""Vietnamese addresses: read as people write them, written one way, and carried over a change of units."""

import re
from dataclasses import dataclass, replace
from datetime import date

from tungnha.territory.vietnamese import clean, fold

# Longer words first: "tổ dân phố" must not be read as "phố", nor "thị xã" as "xã".
_WORDS: tuple[tuple[str, str], ...] = (
    ("group", r"tổ dân phố(?: số)?|khu dân cư(?: số)?|tdp\.?|khu phố|cụm|thôn|xóm|tổ"),
    ("province", r"thành phố|tp\.|tỉnh"),
    ("district", r"thị xã|tx\.|quận|q\.|huyện|h\."),
    ("ward", r"thị trấn|tt\.|phường|p\.|xã|x\."),
    ("number", r"số nhà|nhà số|sn\.?|số|nhà(?=\s\d[\w/]*(?:$|\s(?:hẻm|ngách|ngõ|kiệt|đường|phố)\s))"),
    ("hem", r"hẻm"),
    ("ngach", r"ngách"),
    ("ngo", r"ngõ|kiệt"),
    ("street", r"đường phố|đường|phố|đại lộ|đ\."),
)
_MARK = re.compile(
    r"(?<![\w/])(?:" + "|".join(f"(?P<{kind}>{words})" for kind, words in _WORDS) + r")(?=[\s\d]|(?<=\.))",
    re.IGNORECASE,
)
_STARTS_WITH_NUMBER = re.compile(r"(\d[\w/.-]*)\s*(.*)", re.DOTALL)
_KIET = re.compile(r"K(\d+\w*)/(\d[\w/.-]*)\s+(\D.*)", re.IGNORECASE | re.DOTALL)
_KIND_OF_STREET = re.compile(r"^(?:duong pho|duong|pho|dai lo)\s+(?=\S)")
_UNIT_WORD = {
    "p.": "Phường", "phường": "Phường", "x.": "Xã", "xã": "Xã", "tt.": "Thị trấn", "thị trấn": "Thị trấn",
    "q.": "Quận", "quận": "Quận", "h.": "Huyện", "huyện": "Huyện", "tx.": "Thị xã", "thị xã": "Thị xã",
    "tp.": "Thành phố", "thành phố": "Thành phố", "tỉnh": "Tỉnh",
}  # fmt: skip
_UNIT_KINDS = frozenset({"ward", "district", "province"})
_WAY_KINDS = frozenset({"number", "ngo", "ngach", "hem", "street"})
_ALLEY_WORD = {"ngo": "ngõ", "ngach": "ngách", "hem": "hẻm"}


@dataclass(frozen=True)
class Address:
    """The parts of an address, each as written but cleaned. `alleys` go from the street inwards.

    `group` holds every group that is named (“Tổ dân phố 5, Thôn Đông”).
    """

    number: str = ""
    alleys: tuple[tuple[str, str], ...] = ()
    street: str = ""
    group: str = ""
    ward: str = ""
    district: str = ""
    province: str = ""
    rest: str = ""

    def text(self) -> str:
        """The address in its usual order, from the house outwards.

        `parse(address.text())` is the address where no part was given twice.
        """
        inner = [f"Số {self.number}"] if self.number else []
        inner += [f"{_ALLEY_WORD[kind]} {number}" for kind, number in reversed(self.alleys)]
        inner += [self.street] if self.street else []
        line = " ".join(inner)
        parts = [self.rest, line, self.group, self.ward, self.district, self.province]
        return ", ".join(part for part in parts if part)

    def way(self) -> str:
        """The alley or street that the door is on, “ngách 34/5 ngõ 34 đường Xuân La”; empty where none is given."""
        return replace(self, number="", group="", ward="", district="", province="", rest="").text()


def parse(text: str) -> Address:
    """Read an address. What no rule understands is kept in `rest`; nothing is lost or guessed."""
    found: dict[str, str] = {}
    alleys: list[tuple[str, str]] = []
    rest: list[str] = []
    after_unit = 0
    for chunk in (part.strip() for part in clean(text).split(",")):
        marks = _marks(chunk)
        lead = chunk[: marks[0].start()].strip() if marks else chunk
        if lead:
            _lead(lead, found=found, alleys=alleys, rest=rest)
        ends = [mark.start() for mark in marks[1:]] + [len(chunk)]
        for mark, end in zip(marks, ends, strict=False):
            value = chunk[mark.end() : end].strip(" .-")
            _part(str(mark.lastgroup), mark.group(), value, found=found, alleys=alleys, rest=rest)
        if not found.keys() & {"ward", "district"}:
            after_unit = len(rest)
    if "province" not in found and len(rest) > after_unit:
        found["province"] = rest.pop()
    inwards = {"ngo": 0, "ngach": 1, "hem": 2}
    alleys.reverse()  # written from the house outwards
    ordered = tuple(sorted(alleys, key=lambda alley: inwards[alley[0]]))
    return Address(alleys=ordered, rest=", ".join(rest), **found)


def _marks(chunk: str) -> list[re.Match[str]]:
    """The marker words of a chunk. A unit's word right after a street's is part of its name: “ngõ Xã Đàn 2”."""
    marks: list[re.Match[str]] = []
    for mark in _MARK.finditer(chunk):
        before = chunk[marks[-1].end() if marks else 0 : mark.start()].strip()
        on_way = marks[-1].lastgroup in _WAY_KINDS if marks else bool(before)
        if (
            mark.lastgroup in _UNIT_KINDS
            and on_way
            and (not before or (before[0].isdecimal() and " " not in before))
        ):
            continue
        marks.append(mark)
    return marks


def _lead(lead: str, *, found: dict[str, str], alleys: list[tuple[str, str]], rest: list[str]) -> None:
    """A chunk's words before its first marker: a bare house number, perhaps with its street, or unknown."""
    numbered, kiet = _STARTS_WITH_NUMBER.fullmatch(lead), _KIET.fullmatch(lead)
    if "number" in found or not (numbered or kiet):
        rest.append(lead)
    elif kiet:
        alleys.append(("ngo", kiet[1]))
        found["number"] = kiet[2]
        _keep("street", kiet[3], kiet[3], found, rest)
    elif numbered:
        found["number"] = numbered[1]
        if numbered[2]:
            _keep("street", numbered[2], numbered[2], found, rest)


def _keep(kind: str, value: str, written: str, found: dict[str, str], rest: list[str]) -> None:
    """The value of a part; one that is already taken by another value is kept as written.

    A street with its kind word and without is one: “ngõ 1 Khâm Thiên phố Khâm Thiên”.
    """
    have = found.setdefault(kind, value)
    if kind == "street" and have != value and street_key(have) == street_key(value):
        found[kind] = max(have, value, key=len)
    elif have != value:
        rest.append(written)


def _part(
    kind: str,
    word: str,
    value: str,
    *,
    found: dict[str, str],
    alleys: list[tuple[str, str]],
    rest: list[str],
) -> None:
    """One marker and what follows it."""
    written = f"{word} {value}".strip()
    lower = word.lower()
    if kind in _ALLEY_WORD or kind == "number":
        numbered = _STARTS_WITH_NUMBER.fullmatch(value)
        number, street = (numbered[1], numbered[2]) if numbered else (value, "")
        if kind == "number":
            _keep("number", number, f"{word} {number}", found, rest)
        else:
            alleys.append((kind, number))
        if street:
            _keep("street", street, street, found, rest)
    elif kind == "group":
        group = f"{'Tổ dân phố' if lower.startswith(('tổ', 'tdp')) else word.capitalize()} {value}".strip()
        found["group"] = f"{found['group']}, {group}" if "group" in found else group
    elif kind == "street":
        _keep("street", f"{'đường' if lower == 'đ.' else lower} {value}", written, found, rest)
    else:
        _keep(kind, f"{_UNIT_WORD[lower]} {value}".strip(), written, found, rest)


def to_current(address: Address, on: date) -> list[Address]:
    """The address in the units of a day: several where its old ward was split, since only a person can tell.

    An address whose ward is unknown, or needs no change, comes back alone as it is.
    """
    from tungnha.territory import queries  # noqa: PLC0415 - queries search by address text

    candidates = queries.units_named(address.ward, within=(address.district, address.province))
    old = [unit for unit in candidates if unit.valid_to is not None and unit.valid_to <= on]
    if not old or any(
        unit.valid_to is None or unit.valid_to > on for unit in candidates if not address.district
    ):
        return [address]
    return [
        replace(
            address, ward=new.name, district="", province=new.parent.name if new.parent else address.province
        )
        for unit in old
        for new in queries.successors(unit, on)
    ]


def street_key(street: str) -> str:
    """A street's folded name without its kind word, so that “Phố Khâm Thiên” and “đường Khâm Thiên” meet."""
    return _KIND_OF_STREET.sub("", fold(street))
