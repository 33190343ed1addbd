"""Tables as files. In a workbook text stays text; in CSV nothing begins like a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from django.http import Http404, HttpResponse

from tungnha.register.mending import escaped

Value = str | int | float | None
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def download(rows: Iterable[Sequence[Value]], name: str, ending: str) -> HttpResponse:
    """Rows as a file to keep, `csv` or `xlsx`; Http404 for another ending."""
    if ending not in _TYPES:
        raise Http404
    content = _csv(rows) if ending == "csv" else _xlsx(rows)
    response = HttpResponse(content, content_type=_TYPES[ending])
    response["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _csv(rows: Iterable[Sequence[Value]]) -> bytes:
    with io.StringIO(newline="") as file:
        writer = csv.writer(file)
        for row in rows:
            # A change below zero is a number, not a formula; only text can be one.
            writer.writerow([escaped(cell) if isinstance(cell, str) else cell for cell in row])
        return file.getvalue().encode("utf-8-sig")


def _xlsx(rows: Iterable[Sequence[Value]]) -> bytes:
    import xlsxwriter  # noqa: PLC0415 - heavy

    with io.BytesIO() as file:
        plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(file, plain) as book:
            sheet = book.add_worksheet()
            sheet.freeze_panes(1, 0)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, ["" if cell is None else cell for cell in row])
        return file.getvalue()
