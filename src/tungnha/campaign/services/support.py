"""Opening, changing and closing support models, proving them, and saying which kinds are required of whom."""

import csv
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from tungnha.accounts.models import User
from tungnha.campaign.models import (
    Campaign,
    SupportEvent,
    SupportEvidence,
    SupportKind,
    SupportModel,
    SupportRequirement,
)
from tungnha.campaign.services.attachments import stored
from tungnha.campaign.services.plans import read_number
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import clean, fold

if TYPE_CHECKING:
    from django.core.files import File

_KINDS = Path(__file__).parents[1] / "data" / "support_kinds.csv"
What = SupportEvent.What


def ensure_kinds(**_signal: Any) -> None:
    """Add the shipped kinds that are missing; a kind that the city renamed keeps its name. Runs after every migration.

    They are those that Hanoi's campaign reported in March 2023 (thanglong.chinhphu.vn, 103230307143615521).
    """
    have = set(SupportKind.objects.values_list("code", flat=True))
    with _KINDS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    SupportKind.objects.bulk_create(
        [SupportKind(position=n, **row) for n, row in enumerate(rows) if row["code"] not in have]
    )


def add_kind(*, name: str, name_en: str = "") -> SupportKind:
    """Add a kind of a city's own. Raises ValidationError where there is one of that name."""
    kind = SupportKind(name=clean(name), name_en=clean(name_en), code=slugify(fold(name))[:40].strip("-"))
    if SupportKind.objects.filter(code=kind.code).exists():
        raise ValidationError({"name": _("There is a kind of this name.")})
    with transaction.atomic():
        kind.full_clean()
        kind.save(force_insert=True)
    return kind


def open_model(unit: Unit, *, by: User, **facts: Any) -> SupportModel:
    """Register a model in a unit: its kind, name, place, opened, body, hours and contact. ValidationError by field."""
    model = SupportModel(unit=unit)
    _write(model, **facts)
    with transaction.atomic():
        model.save(force_insert=True)
        SupportEvent.objects.create(model=model, what=What.OPENED, by=by)
    return model


def change_model(model: SupportModel, *, by: User, **facts: Any) -> None:
    """Correct what is known of a model (`facts` as in `open_model`); its history keeps what it was."""
    was = _told(model)
    _write(model, **facts)
    changed = [f"{was[field]} → {value}" for field, value in _told(model).items() if was[field] != value]
    if not changed:
        return
    with transaction.atomic():
        model.save()
        SupportEvent.objects.create(model=model, what=What.CHANGED, note="; ".join(changed)[:500], by=by)


def _told(model: SupportModel) -> dict[str, str]:
    names = ("kind", "name", "place", "opened", "body", "hours", "contact")
    return {name: str(getattr(model, name) or "–") for name in names}


def _write(
    model: SupportModel,
    *,
    kind: SupportKind,
    name: str,
    place: str,
    opened: date,
    body: str,
    hours: str = "",
    contact: str = "",
) -> None:
    model.kind, model.name, model.place, model.opened = kind, clean(name), clean(place), opened
    model.body, model.hours, model.contact = clean(body), clean(hours), clean(contact)
    if model.closed is not None and model.closed < opened:
        raise ValidationError({"opened": _("It would open after it closed.")})
    unit = model.unit
    if opened < unit.valid_from or (unit.valid_to is not None and opened >= unit.valid_to):
        raise ValidationError({"opened": _("%(unit)s does not exist on that day.") % {"unit": unit.name}})
    model.full_clean()


def close_model(model: SupportModel, *, closed: date, note: str, by: User) -> None:
    """Close a model, `closed` being its last day, with a reason. Raises ValidationError."""
    if not clean(note):
        raise ValidationError({"note": _("Say why it closes.")})
    if closed < model.opened:
        raise ValidationError({"closed": _("It would close before it opens.")})
    with transaction.atomic():
        done = SupportModel.objects.filter(pk=model.pk, closed=None).update(closed=closed)
        if not done:
            raise ValidationError({"closed": _("It is closed already.")})
        model.closed = closed
        SupportEvent.objects.create(model=model, what=What.CLOSED, note=clean(note)[:500], by=by)


def add_evidence(
    model: SupportModel,
    *,
    by: User,
    text: str = "",
    number: str = "",
    attachment: "File[bytes] | None" = None,
) -> SupportEvidence:
    """Add what shows that a model is there: words, a document's number, a file, or several of them."""
    evidence = SupportEvidence(
        model=model, text=clean(text), number=read_number(number) if number.strip() else "", by=by
    )
    if not (evidence.text or evidence.number or attachment):
        raise ValidationError({"text": _("Give words, a document's number or a file.")})
    evidence.clean_fields()
    with stored(attachment, by) as file, transaction.atomic():
        if file is not None:
            file.save(force_insert=True)
        evidence.attachment = file
        evidence.save(force_insert=True)
        SupportEvent.objects.create(model=model, what=What.EVIDENCE, note=str(evidence)[:300], by=by)
    return evidence


def require(campaign: Campaign, *, unit_kind: str, kind: SupportKind | None = None) -> SupportRequirement:
    """Ask every unit of a category for a model of a kind, or of any kind; asking twice changes nothing."""
    requirement = SupportRequirement(campaign=campaign, unit_kind=unit_kind, kind=kind)
    requirement.clean_fields()
    with transaction.atomic():
        found, _made = SupportRequirement.objects.get_or_create(
            campaign=campaign, unit_kind=unit_kind, kind=kind
        )
    return found


def require_no_longer(requirement: SupportRequirement) -> None:
    with transaction.atomic():
        requirement.delete()
