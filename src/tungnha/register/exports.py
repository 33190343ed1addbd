"""A unit's people out as a list in the importer's own columns: brought in again, it changes nothing."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from tungnha import sealing
from tungnha.register.mending import escaped
from tungnha.register.models import Household, ListFile, Resident
from tungnha.register.rows import door_key, household_identity, marked, place_of
from tungnha.register.validation import masked
from tungnha.territory.models import Premises, Unit

COLUMNS = {
    "reference": "Mã hộ", "head": "Chủ hộ", "relation": "Quan hệ với chủ hộ", "name": "Họ và tên", "birth": "Ngày sinh",
    "sex": "Giới tính", "number": "Số định danh cá nhân", "phone": "Số điện thoại", "phone_owner": "Chủ số điện thoại",
    "address": "Địa chỉ", "group": "Tổ dân phố", "block": "Tòa nhà", "floor": "Tầng", "stay": "Tình trạng cư trú",
    "step": "Mức định danh (VNeID)", "home_support": "Cần hỗ trợ tại nhà", "latitude": "Vĩ độ", "longitude": "Kinh độ",
}  # fmt: skip
"""Field of `mapping.FIELDS` → heading. Lists are in Vietnamese, whatever the language of whoever takes one out."""
MAX_SHEET_ROWS = 200_000
"""A workbook is made in memory, since it must not lie on disk in clear."""
_SEXES: dict[str, str] = {Resident.Sex.MALE: "Nam", Resident.Sex.FEMALE: "Nữ"}
_STAYS: dict[str, str] = {
    Resident.Stay.PERMANENT: "Thường trú", Resident.Stay.TEMPORARY: "Tạm trú", Resident.Stay.LODGING: "Lưu trú",
    Resident.Stay.AWAY: "Đi vắng", Resident.Stay.UNREGISTERED: "Chưa đăng ký",
}  # fmt: skip
_STEPS = (
    "Chưa có", "Đã thu nhận", "Đã cài", "Mức 1", "Mức 2", "Tài khoản DVC", "Nộp có hỗ trợ", "Tự nộp",
)  # fmt: skip
_OWNERS: dict[str, str] = {Resident.PhoneOwner.SELF: "Chính chủ", Resident.PhoneOwner.RELATIVE: "Người thân"}


class ExportError(Exception):
    """The list cannot be written so. The message says why, and what to do."""


@dataclass(frozen=True)
class Export:
    """Whose list to take out, by whom, and whether personal numbers and phones are wanted in full."""

    unit: Unit
    by: str
    numbers: bool = False

    def watermark(self) -> list[str]:
        """Lines to stand above the table: who took it out, when, and what it may be used for."""
        when = timezone.localtime().strftime("%H:%M %d/%m/%Y")
        lines = [
            _("%(unit)s: people, taken out by %(by)s at %(when)s. For official use only; do not pass on.")
            % {"unit": self.unit.name, "by": self.by, "when": when}
        ]
        if ListFile.objects.filter(unit=self.unit, generated=True).exists():
            lines.append(_("SIMULATED DATA: these are not real people."))
        return lines


def rows(export: Export) -> Iterator[list[str]]:
    """The rows below the headings: households in the order in which they first came in, their people together."""
    people = (
        Resident.objects.filter(household__unit=export.unit)
        .select_related("household__premises__parent")
        .order_by("household_id", "pk")
    )
    for person in people.iterator(chunk_size=2000):
        cells = _person(person, numbers=export.numbers) | _home(person.household, export.unit)
        yield [cells[name] for name in COLUMNS]


def _person(person: Resident, *, numbers: bool) -> dict[str, str]:
    number = sealing.unseal(bytes(person.number_sealed)) if person.number_sealed else ""
    phone = (
        "0" + sealing.unseal(bytes(person.phone_sealed)).removeprefix("+84") if person.phone_sealed else ""
    )
    birth = person.birth_date.strftime("%d/%m/%Y") if person.birth_date else str(person.birth_year or "")
    return {
        "relation": person.relation,
        "name": person.full_name,
        "birth": birth,
        "sex": _SEXES.get(person.sex, ""),
        "number": number if numbers or not number else masked(number),
        "phone": phone if numbers or not phone else masked(phone),
        "phone_owner": _OWNERS.get(person.phone_owner, ""),
        "stay": _STAYS[person.stay],
        "step": _STEPS[person.step],
        "home_support": "x" if person.home_support else "",
    }


def _home(household: Household, unit: Unit) -> dict[str, str]:
    door = household.premises
    place = place_of(door.address)
    given = door.placing == Premises.Placing.GIVEN and door.latitude is not None
    block = door.parent.name if door.parent else ""
    within = household.reference or door_key((place.key, door.floor))
    known = household_identity(unit.code, within) == bytes(household.identity)
    reference = household.reference
    return {
        "reference": reference if known else marked(reference, bytes(household.identity)),
        "head": household.head_name,
        "address": door.address,
        "group": door.group,
        "block": block.removesuffix(f", {place.way}") if place.way else block,
        "floor": "" if door.floor is None else str(door.floor),
        "latitude": str(door.latitude) if given else "",
        "longitude": str(door.longitude) if given else "",
    }


def as_csv(export: Export) -> Iterator[bytes]:
    """The list as CSV that a spreadsheet opens, piece by piece."""
    line = io.StringIO(newline="")
    writer = csv.writer(line)
    writer.writerows([text] for text in export.watermark())
    writer.writerow(COLUMNS.values())
    yield line.getvalue().encode("utf-8-sig")
    for row in rows(export):
        line.seek(0)
        line.truncate()
        writer.writerow(map(escaped, row))
        yield line.getvalue().encode()


def as_workbook(export: Export) -> bytes:
    """The list as XLSX, every cell a text. Raises ExportError where it would be too long."""
    import xlsxwriter  # noqa: PLC0415 - only where a workbook is written

    if Resident.objects.filter(household__unit=export.unit).count() > MAX_SHEET_ROWS:
        raise ExportError(
            _("The list has more than %(limit)d people. Take it out as CSV.") % {"limit": MAX_SHEET_ROWS}
        )
    file = io.BytesIO()
    with xlsxwriter.Workbook(
        file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True})
        sheet = book.add_worksheet(_("People"))
        sheet.set_column(0, len(COLUMNS) - 1, 18, text)
        above = export.watermark()
        for index, line in enumerate(above):
            sheet.write_string(index, 0, line, bold)
        sheet.set_footer(f"&L{above[0].replace('&', '&&')[:200]}&R&P/&N")
        for column, heading in enumerate(COLUMNS.values()):
            sheet.write_string(len(above), column, heading, bold)
        for index, row in enumerate(rows(export), start=len(above) + 1):
            for column, cell in enumerate(row):
                if cell:
                    sheet.write_string(index, column, cell, text)
        sheet.freeze_panes(len(above) + 1, 0)
    return file.getvalue()
