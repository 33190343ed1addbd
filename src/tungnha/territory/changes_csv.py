"""A decision on units as a table: a row for each old unit, or part of one, and the new unit that it goes into."""

from datetime import date, timedelta
from pathlib import Path

from django.utils.translation import gettext as _

from tungnha.territory import imports, queries
from tungnha.territory.changes import Draft, NewUnit, Part
from tungnha.territory.models import Unit
from tungnha.territory.premises_csv import csv_rows
from tungnha.territory.vietnamese import clean, fold

_HEADER = {
    "old": {"ma cu", "old"},
    "new": {"ma moi", "new"},
    "name": {"ten moi", "name"},
    "kind": {"loai moi", "loai", "kind"},
    "share": {"ty le", "share"},
}
_KINDS = {
    "phuong": Unit.Kind.WARD, "xa": Unit.Kind.COMMUNE, "thi tran": Unit.Kind.TOWNSHIP, "dac khu": Unit.Kind.SPECIAL_ZONE,
    "quan": Unit.Kind.DISTRICT, "huyen": Unit.Kind.DISTRICT, "thi xa": Unit.Kind.DISTRICT,
    **{kind.value: kind for kind in Unit.Kind},
}  # fmt: skip


def read_draft(path: Path, *, decided_by: str, effective: date, basis: str = "", scheme: str = "vn") -> Draft:
    """A change from CSV, to be recorded by `changes.record`: it is one act, so a wrong row refuses all of it.

    The first row names the columns, in Vietnamese or English: mã cũ, mã mới, tên mới, loại mới, tỷ lệ. The share is in
    per cent of the old unit; an old unit that has one row goes over whole. Raises PlacesError with the row.
    """
    rows = imports.read(path, csv_rows)
    columns = {
        name: index
        for index, title in enumerate(rows[0] if rows else [])
        for name, titles in _HEADER.items()
        if fold(title) in titles
    }
    missing = [name for name in ("old", "new", "name", "kind") if name not in columns]
    if missing:
        raise imports.PlacesError(
            _("%(file)s needs the columns mã cũ, mã mới, tên mới, loại mới; missing: %(missing)s.")
            % {"file": path.name, "missing": ", ".join(missing)}
        )
    cells = [
        (number, {name: clean(row[at]) if at < len(row) else "" for name, at in columns.items()})
        for number, row in enumerate(rows[1:], start=2)
        if any(cell.strip() for cell in row)
    ]
    often = [row["old"] for _number, row in cells]
    new: dict[str, NewUnit] = {}
    parts = []
    for number, row in cells:
        _add_new(new, number, row)
        share = _share(number, row.get("share", ""))
        whole = share is None and often.count(row["old"]) == 1
        parts.append(Part(_old(number, row["old"], effective, scheme), row["new"], 1.0 if whole else share))
    return Draft(decided_by, effective, list(new.values()), parts, basis)


def _refuse(number: int, message: str) -> imports.PlacesError:
    return imports.PlacesError(_("Row %(row)s: %(message)s") % {"row": number, "message": message})


def _old(number: int, code: str, effective: date, scheme: str) -> Unit:
    try:
        return queries.unit(code, effective - timedelta(days=1), scheme)
    except queries.UnknownUnitError as error:
        raise _refuse(
            number, _("No unit has the code “%(code)s” before that day.") % {"code": code}
        ) from error


def _add_new(new: dict[str, NewUnit], number: int, row: dict[str, str]) -> None:
    """A new unit is named in its first row; further rows repeat it or leave it empty."""
    known = new.get(row["new"])
    kind = _KINDS.get(fold(row["kind"])) if row["kind"] else known and known.kind
    if not kind:
        raise _refuse(number, _("“%(kind)s” is no kind of unit.") % {"kind": row["kind"]})
    one = NewUnit(row["new"], row["name"] or (known.name if known else ""), kind)
    if known is not None and known != one:
        raise _refuse(number, _("%(code)s has another name or kind above.") % {"code": row["new"]})
    new[row["new"]] = one


def _share(number: int, text: str) -> float | None:
    bare = text.removesuffix("%").strip().replace(",", ".")
    if not bare:
        return None
    try:
        return float(bare) / 100
    except ValueError as error:
        raise _refuse(number, _("“%(text)s” is no share in per cent.") % {"text": text}) from error
