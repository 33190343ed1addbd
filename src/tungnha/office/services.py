"""What the pages change: a decision about a pair, lists that wait between upload and import, letters for a plan."""

import io
import json
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tungnha import sealing
from tungnha.channels.letters.models import LetterWave
from tungnha.channels.letters.services import LetterOrder, LettersError, make_letters
from tungnha.engine.progress import silent
from tungnha.office import queries
from tungnha.outreach.models import Stop, TurfPlan
from tungnha.outreach.queries.turfs import walking_order
from tungnha.register.models import ListFile, MatchCandidate
from tungnha.register.validation import Issue
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import clean

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

_KEPT_SECONDS = 24 * 3600
_SEALED = "list.sealed"


def decide_match(candidate: MatchCandidate, state: str, *, by: str) -> bool:
    """Record whether a pair is one person. False when somebody else decided meanwhile; the first decision stands."""
    with transaction.atomic():
        changed = MatchCandidate.objects.filter(pk=candidate.pk, state=MatchCandidate.State.OPEN).update(
            state=state, decided_by=by, decided_at=timezone.now()
        )
    return bool(changed)


@dataclass(frozen=True)
class Waiting:
    """A list that was uploaded and not yet imported. On disk it is sealed, since it holds personal numbers."""

    token: str
    path: Path
    name: str
    unit_id: int
    user_id: int
    generated: bool


def _waiting_folder() -> Path:
    return Path(settings.TUNGNHA_DATA) / "uploads"


def keep_upload(sent: "UploadedFile[bytes]", unit: Unit, user_id: int, *, generated: bool) -> Waiting:
    """Keep an upload until its mapping is confirmed, for a day. Only the sender finds it again."""
    root = _waiting_folder()
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    for old in root.iterdir():
        if time.time() - old.stat().st_mtime > _KEPT_SECONDS:
            shutil.rmtree(old, ignore_errors=True)
    name = clean(Path(sent.name or "").name)[:200]
    folder = root / secrets.token_hex(16)
    folder.mkdir(mode=0o700)
    # The name a person chose is only shown; on disk the file has one of ours.
    (folder / _SEALED).write_bytes(sealing.seal_bytes(sent.read()))
    facts = {"name": name, "unit_id": unit.pk, "user_id": user_id, "generated": generated}
    (folder / "about.json").write_text(json.dumps(facts), encoding="utf-8")
    return Waiting(folder.name, folder / _SEALED, name, unit.pk, user_id, generated)


def open_upload(waiting: Waiting) -> io.BytesIO:
    """The list that waits, as it was sent."""
    return io.BytesIO(sealing.unseal_bytes(waiting.path.read_bytes()))


def waiting_upload(token: str, unit: Unit, user_id: int) -> Waiting | None:
    """The upload that this person sent for this unit, or None."""
    if len(token) != 32 or not set(token) <= set("0123456789abcdef"):
        return None
    folder = _waiting_folder() / token
    try:
        facts = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if facts["unit_id"] != unit.pk or facts["user_id"] != user_id:
        return None
    return Waiting(token, folder / _SEALED, facts["name"], unit.pk, user_id, facts["generated"])


def forget_upload(waiting: Waiting) -> None:
    """Remove an upload that was imported or given up."""
    shutil.rmtree(waiting.path.parent, ignore_errors=True)


_SECRET = frozenset({"number", "phone"})


def _report_path(list_file: ListFile) -> Path:
    return Path(settings.TUNGNHA_DATA) / "files" / "imports" / f"{list_file.pk}.json"


def keep_report(list_file: ListFile, issues: Iterable[Issue], mend_file: Path | None) -> None:
    """Keep what an import found beside the register, so that the report can be opened again.

    Personal numbers and phones are encrypted in the register, so their cells are left out here.
    """
    rows = [
        {
            "row": one.row,
            "field": one.field,
            "message": str(one.message),
            "value": "" if one.field in _SECRET else one.value,
        }
        for one in issues
    ]
    path = _report_path(list_file)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"issues": rows, "mend": str(mend_file) if mend_file else None}
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _report(list_file: ListFile) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(_report_path(list_file).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {"issues": [], "mend": None}
    return found


def report_issues(list_file: ListFile) -> list[dict[str, Any]]:
    """The issues an import through the pages found, row by row; none for lists that came another way."""
    issues: list[dict[str, Any]] = _report(list_file)["issues"]
    return issues


def report_mend_file(list_file: ListFile) -> Path | None:
    """The rejected rows as a file to mend, or None."""
    kept = _report(list_file)["mend"]
    return Path(kept) if kept and Path(kept).is_file() else None


def write_letters(
    plan: TurfPlan,
    facts: Mapping[str, str],
    *,
    template: str | Path = "open_letter_vi",
    at_most: int | None = None,
    engine: str = "sequential",
    advance: Callable[[int], None] = silent,
) -> LetterWave:
    """A letter for every household of a plan, a file a turf in walking order.

    Parameters are as of `make_letters`; `at_most` is how many letters may be made. Raises LettersError.
    """
    stops = Stop.objects.filter(plan=plan).count()
    if at_most is not None and stops > at_most:
        raise LettersError(
            _("These are %(count)d letters, more than %(limit)d. Run: tungnha letters make --unit %(code)s")
            % {"count": stops, "limit": at_most, "code": plan.unit.code}
        )
    # Letters carry the turf's number as people see it on its walk list, counted from one.
    orders = [LetterOrder(number + 1, homes) for number, homes in walking_order(plan)] if stops else []
    return make_letters(
        plan.unit,
        orders,
        template,
        ordered_by=f"turf-plan:{plan.pk}",
        generated=queries.is_generated(plan.unit),
        engine=engine,
        advance=advance,
        facts={name: value for name, value in facts.items() if value},
    )
