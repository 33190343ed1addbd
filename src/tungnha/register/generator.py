"""Generated people for demonstrations and benchmarks: plausible, seeded, and never real.

Personal numbers only have prefixes that were never assigned. Names are drawn from a short table of common northern
names; frequencies are rounded general knowledge, no copy of a list of persons.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.db import connection, transaction
from django.utils.translation import gettext as _

from tungnha import sealing
from tungnha.register.models import ListFile
from tungnha.register.validation import FIXTURE_PROVINCES
from tungnha.territory import generator as ground
from tungnha.territory.models import Premises, Street, Unit
from tungnha.territory.network import METRES_PER_DEGREE
from tungnha.territory.vietnamese import fold

_SURNAMES = (
    "Nguyễn 38 Trần 11 Lê 9 Phạm 7 Hoàng 5 Vũ 4 Đỗ 3 Bùi 3 Đặng 3 Ngô 2 Dương 2 Đinh 1.5 Đào 1.5 Phan 1.5 Trịnh 1 Lưu 1"
    " Mai 1 Tạ 0.8 Hà 0.8 Chu 0.7 Cao 0.7 Lý 0.5 Quách 0.3 Khuất 0.3 Phùng 0.8 Đoàn 0.8 Nghiêm 0.3 Kiều 0.3"
)
_MIDDLES = {
    "M": "Văn 30 Đức 9 Minh 9 Quang 7 Hữu 6 Xuân 5 Anh 5 Ngọc 4 Mạnh 4 Duy 4 Thanh 4 Tiến 3 Trọng 3 Đình 4 Công 2 Gia 2",
    "F": "Thị 42 Thu 8 Ngọc 8 Thanh 6 Minh 6 Phương 5 Hồng 4 Khánh 4 Thùy 4 Kim 3 Bích 3 Quỳnh 3 Hà 2 Bảo 2",
}
_GIVEN = {
    "M": "Hùng 6 Dũng 6 Anh 6 Tuấn 6 Minh 6 Sơn 5 Hải 4 Nam 5 Long 4 Thắng 4 Cường 4 Hiếu 4 Đức 4 Quang 4 Khoa 3 Việt 3"
    " Bình 3 Hoàng 3 Phúc 3 Kiên 3 Trung 3 Thành 4 Toàn 2 Lâm 2 Khôi 2 Huy 4",
    "F": "Hương 6 Lan 5 Hoa 4 Linh 7 Trang 6 Thảo 5 Hà 5 Hằng 4 Nga 4 Mai 4 Hiền 4 Yến 3 Dung 3 Loan 2 Tuyết 2 Ngọc 4"
    " Anh 6 Chi 4 Nhung 3 Vân 4 Thủy 4 Huyền 4 Nhi 3 Giang 3 Oanh 2",
}
_HOUSEHOLD_SIZES = np.array([0.11, 0.19, 0.22, 0.25, 0.13, 0.07, 0.03])
"""Share of households with one to seven people; the mean is 3.6."""
_STEPS = np.array([0.10, 0.13, 0.09, 0.16, 0.30, 0.12, 0.06, 0.04])
HEADER = (
    "STT", "Mã hộ", "Quan hệ với chủ hộ", "Họ và tên", "Ngày sinh", "Giới tính", "Số định danh cá nhân", "Số điện thoại",
    "Địa chỉ", "Tổ dân phố", "Tòa nhà", "Tầng", "Tình trạng cư trú", "Mức định danh (VNeID)", "Cần hỗ trợ tại nhà",
)  # fmt: skip
_STEP_WORDS = (
    "Chưa có", "Đã thu nhận", "Đã cài", "Mức 1", "Mức 2", "Tài khoản DVC", "Nộp có hỗ trợ", "Tự nộp",
)  # fmt: skip


@dataclass(frozen=True)
class Errors:
    """Share of rows that have each error, as real lists do."""

    stripped_zeros: float = 0.02
    bad_number: float = 0.004
    bad_phone: float = 0.01
    impossible_date: float = 0.004
    repeated_row: float = 0.004
    no_name: float = 0.001
    old_ward: float = 0.05
    no_house_number: float = 0.02


def _table(text: str) -> tuple[list[str], np.ndarray]:
    words = text.split()
    weights = np.array([float(weight) for weight in words[1::2]])
    return words[::2], weights / weights.sum()


def _names(sexes: np.ndarray, rng: np.random.Generator, surnames: Sequence[str]) -> list[str]:
    """Full names of people by sex, with the surnames given."""
    drawn: dict[str, list[str]] = {}
    for sex in "MF":
        middles, middle_share = _table(_MIDDLES[sex])
        given, given_share = _table(_GIVEN[sex])
        pairs = zip(
            rng.choice(middles, len(sexes), p=middle_share),
            rng.choice(given, len(sexes), p=given_share),
            strict=True,
        )
        drawn[sex] = [f"{middle} {name}" for middle, name in pairs]
    return [
        f"{surname} {drawn[sex][index]}"
        for index, (surname, sex) in enumerate(zip(surnames, sexes, strict=True))
    ]


@dataclass(frozen=True)
class _Door:
    address: str
    group: str
    block: str = ""
    floor: int | None = None


def _doors(unit: Unit, count: int, rng: np.random.Generator) -> list[_Door]:
    """Addresses along a unit's streets and alleys, as many on each as its length asks for, in houses and towers."""
    streets = list(unit.streets.select_related("parent__parent").exclude(geometry=None))
    lengths = np.array([_length(street) for street in streets]) * [
        0.4 if street.kind == Street.Kind.STREET else 1.0 for street in streets
    ]
    shares = rng.multinomial(count, lengths / lengths.sum())
    groups = 40
    doors: list[_Door] = []
    for index, (street, share) in enumerate(zip(streets, shares, strict=True)):
        way = street.name
        group = str(1 + index * groups // len(streets))
        if street.parent and street.parent.name not in way and street.kind != Street.Kind.STREET:
            way = f"{way} {street.parent.name}"
        # A house every five metres on both sides; whoever finds no room there lives in a tower.
        in_blocks = max(0, int(share) - int(_length(street) * METRES_PER_DEGREE / 2.5))
        for apartment in range(in_blocks):
            tower, place = divmod(apartment, 160)
            floor, room = divmod(place, 8)
            block = f"Chung cư {chr(65 + tower % 26)}{index}"
            doors.append(_Door(f"P{(floor + 2) * 100 + room + 1} {block}, {way}", group, block, floor + 2))
        doors += [_Door(f"Số {number} {way}", group) for number in range(1, int(share) - in_blocks + 1)]
    return doors


def _length(street: Street) -> float:
    import shapely  # noqa: PLC0415 - only here

    return float(shapely.length(shapely.from_wkb(bytes(street.geometry or b""))))


def rows(unit: Unit, people: int, *, seed: int = 0) -> list[list[str | int]]:
    """About so many people of a unit, a row each in the columns of `HEADER`, clean."""
    rng = np.random.default_rng(seed)
    households = max(1, round(people / float(_HOUSEHOLD_SIZES @ np.arange(1, 8))))
    sizes = rng.choice(np.arange(1, 8), households, p=_HOUSEHOLD_SIZES)
    doors = _doors(unit, households, rng)
    order = rng.permutation(len(doors))
    total = int(sizes.sum())
    family, surname_share = _table(_SURNAMES)
    head_surname = rng.choice(family, households, p=surname_share)
    owner = np.repeat(np.arange(households), sizes)
    place = np.concatenate([np.arange(size) for size in sizes])
    sexes = np.where(rng.random(total) < 0.49, "M", "F")
    sexes = np.where(place == 1, np.where(sexes[np.maximum(np.arange(total) - 1, 0)] == "M", "F", "M"), sexes)
    head_age = rng.integers(26, 82, households)
    age = np.where(
        place <= 1,
        head_age[owner] + rng.integers(-4, 5, total),
        np.maximum(head_age[owner] - rng.integers(22, 36, total), 0),
    )
    surnames = np.where(place == 1, rng.choice(family, total, p=surname_share), head_surname[owner])
    names = _names(sexes, rng, surnames.tolist())
    days = rng.integers(1, 29, total), rng.integers(1, 13, total)
    years = np.clip(2026 - age, 1925, 2025)
    prefixes = rng.choice(sorted(FIXTURE_PROVINCES), total)
    tails = rng.permutation(10**6)[:total] if total <= 10**6 else rng.integers(0, 10**6, total)
    steps = np.where(years <= 2012, rng.choice(8, total, p=_STEPS), 0)
    phones = rng.integers(0, 10**8, total)
    stays = rng.choice(["Thường trú", "Tạm trú", "Lưu trú", "Đi vắng"], total, p=[0.78, 0.15, 0.02, 0.05])
    result: list[list[str | int]] = []
    for index in range(total):
        home = int(owner[index])
        door = doors[int(order[home % len(doors)])]
        sex_code = (int(years[index]) - 1900) // 100 * 2 + (sexes[index] == "F")
        number = f"{prefixes[index]}{sex_code}{years[index] % 100:02d}{tails[index]:06d}"
        adult = years[index] <= 2011
        result.append(
            [
                index + 1, f"H{unit.code}-{home + 1:06d}", _relation(int(place[index])), names[index],
                f"{days[0][index]:02d}/{days[1][index]:02d}/{years[index]}", "Nam" if sexes[index] == "M" else "Nữ", number,
                f"09{phones[index]:08d}" if adult and phones[index] % 10 < 8 else "", door.address, door.group, door.block,
                "" if door.floor is None else door.floor, str(stays[index]), _STEP_WORDS[int(steps[index])] if adult else "",
                "x" if years[index] < 1946 and phones[index] % 5 == 0 else "",
            ]
        )  # fmt: skip
    return result


def _relation(place: int) -> str:
    return ("Chủ hộ", "Vợ/chồng")[place] if place < 2 else "Con"


def spoil(
    clean: list[list[str | int]], unit: Unit, errors: Errors, *, seed: int = 0
) -> list[list[str | int]]:
    """The rows with the errors that real lists have. The clean rows are not changed."""
    rng = np.random.default_rng(seed + 1)
    number, name, birth, phone, address = (HEADER.index(text) for text in (
        "Số định danh cá nhân", "Họ và tên", "Ngày sinh", "Số điện thoại", "Địa chỉ"))  # fmt: skip
    old_names = [link.old.name for link in unit.predecessors.select_related("old")]
    spoiled: list[list[str | int]] = []
    for row in clean:
        mine = list(row)
        draw = dict(zip(Errors.__annotations__, rng.random(len(Errors.__annotations__)), strict=True))
        hit = {kind for kind, value in draw.items() if value < getattr(errors, kind)}
        if "stripped_zeros" in hit:
            mine[number] = str(mine[number]).lstrip("0")
        if "bad_number" in hit:
            mine[number] = str(mine[number])[:8] + "O"
        if "bad_phone" in hit and mine[phone]:
            mine[phone] = str(mine[phone])[:6]
        if "impossible_date" in hit:
            mine[birth] = "31/02/" + str(mine[birth])[-4:]
        elif draw["impossible_date"] > 0.7:
            mine[birth] = "-".join(reversed(str(mine[birth]).split("/")))
        if "no_name" in hit:
            mine[name] = ""
        if "old_ward" in hit and old_names:
            mine[address] = f"{mine[address]}, {old_names[len(spoiled) % len(old_names)]}"
        spoiled.append(mine)
        if "repeated_row" in hit:
            spoiled.append(list(mine))
    return spoiled


def write_list(path: Path, unit: Unit, people: int, *, seed: int = 0, errors: Errors | None = None) -> int:
    """Write a ward's list as its office would keep it (XLSX), with an office's errors. Returns the rows written.

    A title, a merged line that says the people are generated, the header in the fifth row, one sheet a half of the
    residential groups.
    """
    import xlsxwriter  # noqa: PLC0415 - only where a workbook is written

    spoiled = spoil(rows(unit, people, seed=seed), unit, errors or Errors(), seed=seed)
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False}) as book:
        bold = book.add_format({"bold": True, "align": "center"})
        half = len(spoiled) // 2
        for title, part in ((_("Groups A"), spoiled[:half]), (_("Groups B"), spoiled[half:])):
            sheet = book.add_worksheet(title)
            sheet.merge_range(0, 0, 0, len(HEADER) - 1, f"DANH SÁCH NHÂN KHẨU – {unit.name.upper()}", bold)
            sheet.merge_range(1, 0, 1, len(HEADER) - 1, "DỮ LIỆU MÔ PHỎNG – không phải người thật", bold)
            sheet.write_row(4, 0, HEADER, bold)
            for index, row in enumerate(part):
                sheet.write_row(5 + index, 0, row)
    return len(spoiled)


SECOND_HEADER = (
    "TT", "Số hộ", "Họ và tên", "Ngày sinh", "Giới tính", "Địa chỉ", "Tổ dân phố", "Số điện thoại",
)  # fmt: skip


@dataclass(frozen=True)
class Slips:
    """Share of entries in which a second office, writing the same people down by hand, differs from the first."""

    without_marks: float = 0.06
    letter: float = 0.03
    middle_left_out: float = 0.02
    capitals: float = 0.10
    year_only: float = 0.12
    day_month_swapped: float = 0.01
    wrong_digit: float = 0.02
    no_birth: float = 0.01
    no_sex: float = 0.10
    wrong_sex: float = 0.003
    moved: float = 0.04
    number_left_out: float = 0.03
    ward_written: float = 0.30
    no_group: float = 0.20
    no_phone: float = 0.50
    other_phone: float = 0.10
    left_out: float = 0.30
    """People of the first list whom the second does not have."""
    newcomers: float = 0.05
    """People of the second list whom the first does not have, as a share of its size."""


def second_list(
    clean: list[list[str | int]], unit: Unit, slips: Slips | None = None, *, seed: int = 0
) -> tuple[list[list[str | int]], list[int | None]]:
    """The same people as another office would have them, without personal numbers, in the columns of `SECOND_HEADER`.

    Returns
    -------
    The rows in another order, and for each the row of `clean` it stands for, None for a newcomer.
    """
    slips = slips or Slips()
    rng = np.random.default_rng(seed + 2)
    kept = np.flatnonzero(rng.random(len(clean)) >= slips.left_out)
    strangers = rows(unit, max(1, round(len(kept) * slips.newcomers)), seed=seed + 7919)
    drawn: list[tuple[list[str | int], int | None]] = [(clean[index], int(index)) for index in kept]
    drawn += [(row, None) for row in strangers]
    addresses = [str(row[HEADER.index("Địa chỉ")]) for row in clean]
    written: list[list[str | int]] = []
    truth: list[int | None] = []
    for place, index in enumerate(rng.permutation(len(drawn))):
        row, stands_for = drawn[int(index)]
        written.append(_second_row(place + 1, row, stands_for, addresses, unit, slips, rng))
        truth.append(stands_for)
    return written, truth


def _second_row(  # noqa: PLR0917 - one call, beside it
    number: int,
    row: list[str | int],
    stands_for: int | None,
    addresses: list[str],
    unit: Unit,
    slips: Slips,
    rng: np.random.Generator,
) -> list[str | int]:
    cells = dict(zip(HEADER, map(str, row), strict=True))
    names = list(Slips.__annotations__)
    hit = {
        name
        for name, value in zip(names, rng.random(len(names)), strict=True)
        if value < getattr(slips, name)
    }
    name = _second_name(cells["Họ và tên"], hit, rng)
    birth = _second_birth(cells["Ngày sinh"], hit, rng)
    sex = "" if "no_sex" in hit else cells["Giới tính"]
    if "wrong_sex" in hit and sex:
        sex = "Nữ" if sex == "Nam" else "Nam"
    address = addresses[int(rng.integers(len(addresses)))] if "moved" in hit else cells["Địa chỉ"]
    if "number_left_out" in hit and address.startswith("Số "):
        address = address.split(" ", 2)[2]
    if "ward_written" in hit:
        address = f"{address}, {unit.name}"
    phone = "" if "no_phone" in hit else cells["Số điện thoại"]
    if phone and "other_phone" in hit:
        phone = f"09{rng.integers(0, 10**8):08d}"
    home = cells["Mã hộ"].rsplit("-", 1)[1]
    reference = f"B{home}" if stands_for is not None else f"N{home}"
    return [
        number, reference, name, birth, sex, address, "" if "no_group" in hit else f"TDP {cells['Tổ dân phố']}", phone,
    ]  # fmt: skip


def _second_name(name: str, hit: set[str], rng: np.random.Generator) -> str:
    words = name.split()
    if "middle_left_out" in hit and len(words) > 2:
        words = [words[0], words[-1]]
    name = " ".join(words)
    if "letter" in hit:
        at = int(rng.integers(len(name)))
        letter = "aeiouhnctg"[int(rng.integers(10))]
        # Left out, doubled, or another letter.
        name = name[:at] + ("", name[at] * 2, letter)[int(rng.integers(3))] + name[at + 1 :]
    if "without_marks" in hit:
        name = fold(name).title()
    return name.upper() if "capitals" in hit else name


def _second_birth(birth: str, hit: set[str], rng: np.random.Generator) -> str:
    day, month, year = birth.split("/")
    if "no_birth" in hit:
        return ""
    if "year_only" in hit:
        return year
    if "day_month_swapped" in hit and int(day) <= 12:
        day, month = month, day
    if "wrong_digit" in hit:
        if rng.random() < 0.5:
            year = f"{year[:3]}{rng.integers(10)}"
        else:
            day = f"{rng.integers(1, 29):02d}"
    return f"{day}/{month}/{year}"


_HOUSEHOLD_COLUMNS = (
    "premises_id",
    "unit_id",
    "reference",
    "identity",
    "head_name",
    "head_fold",
    "list_file_id",
)


def populate(
    units: Sequence[Unit],
    doors: int | Mapping[int, int],
    *,
    seed: int = 0,
    advance: Callable[[int], None] = lambda _count: None,
) -> int:
    """Generated doors and a household behind each, written straight to the tables. Returns how many households.

    For benchmarks of whole cities: the importer would do the same in an hour that this does in minutes. Households have
    a head's name and no residents.

    Parameters
    ----------
    doors
        How many in all, shared out by population (`territory.generator.share_out`), or by unit's primary key.
    advance
        Called with 1 as each unit is done.
    """
    counts = ground.share_out(doors, units) if isinstance(doors, int) else doors
    written = 0
    for unit in units:
        if counts.get(unit.pk, 0):
            before = unit.premises.order_by("-pk").values_list("pk", flat=True).first() or 0
            ground.make_premises(unit, counts[unit.pk], seed=seed)
            written += _households_behind(unit, before, seed)
        advance(1)
    return written


def _households_behind(unit: Unit, after: int, seed: int) -> int:
    """A household for each door of a unit whose primary key is above `after`."""
    rng = np.random.default_rng([seed, unit.pk, 1])
    homes = list(
        unit.premises.filter(pk__gt=after)
        .exclude(kind=Premises.Kind.BLOCK)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    sexes = np.where(rng.random(len(homes)) < 0.6, "M", "F")
    family, share = _table(_SURNAMES)
    names = _names(sexes, rng, rng.choice(family, len(homes), p=share).tolist())
    folds = {name: fold(name) for name in set(names)}
    with transaction.atomic():
        list_file = ListFile.objects.create(
            unit=unit, name=f"generated households, seed {seed}", sha256="", generated=True,
            state=ListFile.State.IMPORTED, rows=len(homes), accepted=len(homes),
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO register_household ({', '.join(_HOUSEHOLD_COLUMNS)})"  # noqa: S608 - the names are above
                f" VALUES ({', '.join(['%s'] * len(_HOUSEHOLD_COLUMNS))})",
                [
                    (home, unit.pk, "", sealing.blind(f"generated|{home}", "household"), name, folds[name], list_file.pk)
                    for home, name in zip(homes, names, strict=True)
                ],
            )  # fmt: skip
    return len(homes)
