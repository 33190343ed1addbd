"""Tables as files that spreadsheets open."""

import csv
import io
from collections.abc import Iterable, Sequence

from django.http import HttpResponse


def harmless(value: object) -> str:
    """A cell as text that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r", "\n"} else text


def csv_download(name: str, header: Sequence[object], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A table as CSV to download, UTF-8 with its mark so that a spreadsheet reads the Vietnamese."""
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow([harmless(cell) for cell in header])
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    response = HttpResponse(sheet.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
