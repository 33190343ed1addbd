"""A list of premises from CSV: houses, blocks, schools, lodgings, employers, with or without positions."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from django.utils.translation import gettext as _

from tungnha.territory import imports, services
from tungnha.territory.addresses import parse
from tungnha.territory.models import Premises, Unit
from tungnha.territory.services import PremisesDraft
from tungnha.territory.vietnamese import clean, fold


@dataclass(frozen=True)
class PremisesLoaded:
    """How many rows of a list of premises went in, and what was wrong with the others."""

    count: int
    problems: list[imports.Problem]


_HEADER = {
    "address": {"dia chi", "address"},
    "number": {"so nha", "number"},
    "group": {"to dan pho", "to", "thon", "group"},
    "kind": {"loai", "kind"},
    "name": {"ten", "name"},
    "block": {"toa nha", "chung cu", "block"},
    "floor": {"tang", "floor"},
    "latitude": {"vi do", "latitude", "lat"},
    "longitude": {"kinh do", "longitude", "lon", "lng"},
    "unit": {"ma don vi", "ma phuong", "ma xa", "unit"},
}
_PREMISES_KINDS = {
    "nha": Premises.Kind.HOUSE, "nha o": Premises.Kind.HOUSE, "chung cu": Premises.Kind.BLOCK,
    "can ho": Premises.Kind.APARTMENT, "khach san": Premises.Kind.LODGING, "nha nghi": Premises.Kind.LODGING,
    "luu tru": Premises.Kind.LODGING, "doanh nghiep": Premises.Kind.EMPLOYER, "cong ty": Premises.Kind.EMPLOYER,
    "truong": Premises.Kind.SCHOOL, "truong hoc": Premises.Kind.SCHOOL, "co quan": Premises.Kind.OFFICE,
    "tru so": Premises.Kind.OFFICE, **{kind.value: kind for kind in Premises.Kind},
}  # fmt: skip


def import_premises(unit: Unit, path: Path, *, licence: str = "", attribution: str = "") -> PremisesLoaded:
    """Load premises of a unit from CSV: an address, and what else is known.

    The first row names the columns, in Vietnamese or English: địa chỉ, số nhà, tổ dân phố, loại, tên, tòa nhà, tầng,
    vĩ độ, kinh độ, mã đơn vị. Good rows go in; the others come back as problems. Raises PlacesError where the file
    cannot be read at all, or has no column of addresses.
    """
    rows = imports.read(path, csv_rows)
    columns = {
        name: index
        for index, title in enumerate(rows[0] if rows else [])
        for name, titles in _HEADER.items()
        if fold(title) in titles
    }
    if "address" not in columns:
        raise imports.PlacesError(_("%(file)s has no column “địa chỉ”.") % {"file": path.name})
    drafts: list[tuple[str, PremisesDraft]] = []
    problems: list[imports.Problem] = []
    for number, row in enumerate(rows[1:], start=2):
        cells = {name: clean(row[at]) if at < len(row) else "" for name, at in columns.items()}
        if not any(cells.values()):
            continue
        try:
            drafts.append((str(number), _draft(unit, str(number), cells)))
        except _RowError as error:
            problems.append(error.problem)
    inside = _inside(unit, [draft for _, draft in drafts])
    problems += [
        _position_problem(unit, where, draft)
        for (where, draft), keep in zip(drafts, inside, strict=True)
        if not keep
    ]
    good = [draft for (_where, draft), keep in zip(drafts, inside, strict=True) if keep]
    source = services.record_source(
        path.name, licence=licence, attribution=attribution, sha256=imports.digest(path)
    )
    services.ensure_premises(unit, good, source)
    return PremisesLoaded(len(good), sorted(problems, key=lambda problem: int(problem.where)))


def csv_rows(path: Path) -> list[list[str]]:
    """The cells of a CSV file, whichever of the usual separators it uses."""
    text = path.read_text(encoding="utf-8-sig")
    first = text.split("\n", 1)[0]
    return list(csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count)))


class _RowError(Exception):
    def __init__(self, where: str, code: str, value: str, message: str) -> None:
        super().__init__(message)
        self.problem = imports.Problem(where, code, value, message)


def _draft(unit: Unit, where: str, cells: dict[str, str]) -> PremisesDraft:
    """A row as a draft. Raises _RowError."""
    address = cells["address"]
    if not address:
        raise _RowError(where, "address-missing", "", _("The address is missing."))
    code = cells.get("unit", "")
    if code and code != unit.code:
        wrong = imports.unit_problem(where, code, unit.scheme)
        message = _("This row is of another unit: %(code)s.") % {"code": code}
        raise _RowError(
            where, wrong.code if wrong else "unit-other", code, wrong.message if wrong else message
        )
    kind = cells.get("kind", "")
    if kind and fold(kind) not in _PREMISES_KINDS:
        message = _("“%(kind)s” is no known kind of premises.") % {"kind": kind}
        raise _RowError(where, "kind-unknown", kind, message)
    floor = cells.get("floor", "")
    if floor and not re.fullmatch(r"-?\d{1,3}", floor, re.ASCII):
        raise _RowError(where, "floor-form", floor, _("“%(floor)s” is no floor.") % {"floor": floor})
    position = cells.get("latitude", ""), cells.get("longitude", "")
    try:
        latitude, longitude = (
            (float(text.replace(",", ".")) for text in position) if any(position) else (None, None)
        )
    except ValueError as error:
        shown = " ".join(position)
        message = _("“%(position)s” is no position in degrees.") % {"position": shown}
        raise _RowError(where, "position-form", shown, message) from error
    here = replace(parse(address), ward="", district="", province="", group="")
    block = cells.get("block", "")
    return PremisesDraft(
        address=here.text() or address,
        kind=_PREMISES_KINDS[fold(kind)]
        if kind
        else Premises.Kind.APARTMENT
        if block
        else Premises.Kind.HOUSE,
        number=cells.get("number", "") or here.number,
        way=here.way(),
        group=cells.get("group", "") or parse(address).group,
        name=cells.get("name", ""),
        floor=int(floor) if floor else None,
        block=block,
        latitude=latitude,
        longitude=longitude,
    )


def _inside(unit: Unit, drafts: Sequence[PremisesDraft], *, swapped: bool = False) -> list[bool]:
    """Whether each draft's position can be believed; a draft without position can."""
    latitude, longitude = (
        np.array([value if value is not None else np.nan for value in values], dtype=float)
        for values in ([draft.latitude for draft in drafts], [draft.longitude for draft in drafts])
    )
    if swapped:
        latitude, longitude = longitude, latitude
    missing = np.isnan(latitude) | np.isnan(longitude)
    return list((services.believable(unit, latitude, longitude) | missing).tolist())


def _position_problem(unit: Unit, where: str, draft: PremisesDraft) -> imports.Problem:
    shown = f"{draft.latitude} {draft.longitude}"
    if _inside(unit, [draft], swapped=True)[0]:
        message = _("Latitude and longitude are swapped: %(position)s.") % {"position": shown}
        return imports.Problem(where, "position-swapped", shown, message)
    message = _("The position %(position)s is outside %(unit)s.") % {"position": shown, "unit": unit.name}
    return imports.Problem(where, "position-outside", shown, message)
