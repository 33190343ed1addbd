"""The rejected rows of a list, back as a file to mend and send again."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from tungnha import sealing
from tungnha.register.mapping import Layout
from tungnha.register.models import ListFile
from tungnha.register.reading import FORMULA_SIGNS, Cell, Row, text_of
from tungnha.register.validation import Issue, Severity


def escaped(cell: Cell) -> str:
    """A cell as text that no spreadsheet takes for a formula."""
    text = text_of(cell)
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


class MendFile:
    """Rejected rows with their columns as sent, and before them the reason; sent again, it imports as it is.

    Sealed on disk: rejected rows hold personal numbers too.
    """

    def __init__(self) -> None:
        self._text = io.StringIO(newline="")
        self._rows = csv.writer(self._text)
        self._header: tuple[str, ...] | None = None

    def add(self, sheet: str, layout: Layout, number: int, row: Row, issues: Iterable[Issue]) -> None:
        if layout.header != self._header:
            self._header = layout.header
            self._rows.writerow([_("Sheet"), _("Row"), _("What to mend"), *map(escaped, layout.header)])
        reason = "; ".join(one.message for one in issues if one.severity is Severity.ERROR)
        self._rows.writerow([escaped(sheet), number, escaped(reason), *map(escaped, row)])

    def write(self, list_file: ListFile) -> Path | None:
        """Keep the rows with a list's other files; None where none was rejected."""
        if self._header is None:
            return None
        folder = Path(settings.TUNGNHA_DATA) / "files" / "mend"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{list_file.pk}.csv.sealed"
        path.write_bytes(sealing.seal(self._text.getvalue()))
        return path


def read_mend_file(path: Path) -> bytes:
    """The rows to mend as CSV that a spreadsheet opens (UTF-8 with its mark)."""
    return sealing.unseal(path.read_bytes()).encode("utf-8-sig")
