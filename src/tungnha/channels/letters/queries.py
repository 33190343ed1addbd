"""Reading letters: the waves that were made, and what a household's letter must say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from tungnha.channels.letters.models import LetterWave
from tungnha.register.doorcodes import door_code
from tungnha.register.models import Household
from tungnha.territory.vietnamese import clean, fold

if TYPE_CHECKING:
    from django.db.models import QuerySet

_AT_ONCE = 500  # rows a query; SQLite limits the parameters of one


@dataclass(frozen=True)
class WaveSummary:
    """One wave for a list."""

    number: int
    unit: str
    made_at: datetime
    files: int
    letters: int
    rejected: int
    folder: Path


def files_folder() -> Path:
    """The folder of made files."""
    return Path(settings.TUNGNHA_DATA) / "files"


def wave_folder(wave: LetterWave) -> Path:
    """Where a wave's files are."""
    return files_folder() / "letters" / str(wave.pk)


def waves(of: "QuerySet[LetterWave] | None" = None) -> list[WaveSummary]:
    """All waves, or those of a query, newest first."""
    found = (
        (LetterWave.objects.all() if of is None else of).select_related("unit").prefetch_related("batches")
    )
    return [
        WaveSummary(
            wave.pk,
            wave.unit.name,
            wave.made_at,
            len(batches := wave.batches.all()),
            sum(batch.letters for batch in batches),
            sum(len(batch.rejected) for batch in batches),
            wave_folder(wave),
        )
        for wave in found
    ]


def printed_texts(households: Sequence[int]) -> dict[int, tuple[str, str, str]]:
    """Household → the name, address and door code that its letter carries; those not in the register are absent."""
    found: dict[int, tuple[str, str, str]] = {}
    for start in range(0, len(households), _AT_ONCE):
        some = [int(key) for key in households[start : start + _AT_ONCE]]
        rows = Household.objects.filter(pk__in=some).values_list(
            "pk", "identity", "head_name", "premises__address", "premises__group"
        )
        for key, identity, name, address, group in rows:
            found[key] = addressee(name), _address(address, group), door_code(bytes(identity))
    return found


def addressee(name: str) -> str:
    """How a letter names the head of a household; the letter is in Vietnamese whatever the user's language."""
    return clean(name) or "chủ hộ"


def _address(address: str, group: str) -> str:
    text, part = clean(address), clean(group)
    return text if not part or fold(part) in fold(text) else f"{text}, {part}"


def problem_text(code: str) -> str:
    """What a problem found by `checking` means, for a person."""
    return {
        "missing": _("the file is missing"),
        "checksum": _("the file was changed since it was made"),
        "not-listed": _("the file is not in the manifest"),
        "unreadable": _("the file cannot be read"),
        "page-count": _("the number of pages is wrong"),
        "page-size": _("the size of the page is wrong"),
        "picture": _("the printed page does not look like the template"),
        "static-text": _("part of the template's text is missing"),
        "qr-unreadable": _("the QR code cannot be read"),
        "token": _("the QR code is not genuine"),
        "other-wave": _("the letter belongs to another wave"),
        "unknown-household": _("the household is not in the register"),
        "twice": _("the household has two letters"),
        "name": _("the name is not the register's"),
        "address": _("the address is not the register's"),
        "code": _("the door code is not the household's"),
    }[code]
