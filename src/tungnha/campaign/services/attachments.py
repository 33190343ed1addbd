"""Taking in files: bounded, of known kinds, under names of our own."""

import hashlib
import secrets
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from tungnha.accounts.models import User
from tungnha.campaign.models import Attachment
from tungnha.territory.vietnamese import clean

if TYPE_CHECKING:
    from django.core.files import File

LARGEST = 20 * 1024**2
"""Bytes. A scanned plan of fifty pages fits."""
_PACKED = b"PK\x03\x04"
KINDS: dict[str, bytes] = {
    ".pdf": b"%PDF-",
    ".png": b"\x89PNG\r\n\x1a\n",
    ".jpg": b"\xff\xd8\xff",
    ".jpeg": b"\xff\xd8\xff",
    ".docx": _PACKED,
    ".xlsx": _PACKED,
    ".odt": _PACKED,
    ".ods": _PACKED,
}
"""Allowed endings, each with the bytes that such a file begins with."""
_MARKER = {".docx": "word/", ".xlsx": "xl/", ".odt": "mimetype", ".ods": "mimetype"}


def _refuse_unless_allowed(sent: "File[bytes]") -> str:
    """The file's ending. Raises ValidationError for a file that is too large, empty, or not what its name says."""
    ending = Path(sent.name or "").suffix.lower()
    if ending not in KINDS:
        raise ValidationError(
            _("Files of the kind “%(ending)s” are not taken; these are: %(kinds)s.")
            % {"ending": ending or "?", "kinds": ", ".join(sorted(KINDS))}
        )
    if sent.size > LARGEST:
        raise ValidationError(_("The file is larger than %(size)s MB.") % {"size": LARGEST // 1024**2})
    sent.seek(0)
    if sent.read(len(KINDS[ending])) != KINDS[ending] or not _holds_what_it_says(sent, ending):
        raise ValidationError(
            _("The file's content is not what its name “%(name)s” says.") % {"name": sent.name}
        )
    return ending


def _holds_what_it_says(sent: "File[bytes]", ending: str) -> bool:
    if KINDS[ending] != _PACKED:
        return True
    sent.seek(0)
    try:
        names = zipfile.ZipFile(sent).namelist()
    except zipfile.BadZipFile:
        return False
    # Programs inside documents are refused under any name.
    return any(name.startswith(_MARKER[ending]) for name in names) and not any(
        "vbaProject" in n for n in names
    )


@contextmanager
def stored(sent: "File[bytes] | None", by: User) -> Iterator[Attachment | None]:
    """Keep a file on disk while the body stores what it hangs on; the body saves the yielded row.

    Raises ValidationError at the field `attachment`. When the body fails, the file is removed again.
    """
    if sent is None:
        yield None
        return
    try:
        ending = _refuse_unless_allowed(sent)
    except ValidationError as error:
        raise ValidationError({"attachment": error.messages}) from error
    sent.seek(0)
    digest = hashlib.sha256()
    for chunk in sent.chunks():
        digest.update(chunk)
    sent.seek(0)
    kept = default_storage.save(f"campaign/{secrets.token_hex(16)}{ending}", sent)
    name = clean(Path(sent.name or "").name)
    attachment = Attachment(
        path=kept,
        name=name[: 200 - len(ending)].removesuffix(ending) + ending,
        size=sent.size,
        sha256=digest.hexdigest(),
        sent_by=by,
    )
    try:
        yield attachment
    except BaseException:
        default_storage.delete(kept)
        raise
