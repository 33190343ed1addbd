"""Taking in what residents say about visitors, and settling it."""

import json

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tungnha.accounts.models import User
from tungnha.outreach.models import Assignment, VisitorReport
from tungnha.sealing import seal, unseal
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import clean

LONGEST_TEXT = 1000


def report_visitor(
    unit: Unit, what: str, text: str, *, phone: str = "", assignment: Assignment | None = None
) -> VisitorReport:
    """Keep a resident's report; the words are encrypted, since they may say who lives where. Raises ValidationError."""
    words = clean(text)[:LONGEST_TEXT]
    if what not in VisitorReport.What.values:
        raise ValidationError({"what": _("Say what happened.")})
    sealed = seal(json.dumps({"text": words, "phone": clean(phone)[:30]}, ensure_ascii=False))
    with transaction.atomic():
        return VisitorReport.objects.create(unit=unit, what=what, sealed=sealed, assignment=assignment)


def words_of(report: VisitorReport) -> dict[str, str]:
    """The resident's own words, and the phone if one was left."""
    told: dict[str, str] = json.loads(unseal(bytes(report.sealed)))
    return told


def settle_report(report: VisitorReport, finding: str, *, by: User) -> bool:
    """Record what was found out. False when somebody settled it meanwhile; the first finding stands."""
    words = clean(finding)
    if not words:
        raise ValidationError({"finding": _("Say what was found out.")})
    with transaction.atomic():
        changed = VisitorReport.objects.filter(pk=report.pk, settled_at=None).update(
            settled_by=by, settled_at=timezone.now(), finding=words[:500]
        )
    return bool(changed)
