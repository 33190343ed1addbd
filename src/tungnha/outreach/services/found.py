"""Settling what became of households that were found."""

from typing import cast, get_args

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tungnha.accounts.models import User
from tungnha.ledger import services as ledger
from tungnha.outreach.found import SETTLED, Finding, FoundSettled
from tungnha.outreach.models import FoundHousehold
from tungnha.territory.models import Unit


def settle_found(found: FoundHousehold, finding: str, *, by: User) -> None:
    """Record what became of a household that was found.

    Raises ValidationError where it is settled already or the finding is none, PermissionDenied where the person may
    not see who lives in the unit.
    """
    if finding not in get_args(Finding):
        raise ValidationError({"finding": _("Say what became of it.")})
    found.refresh_from_db()
    if found.finding != FoundHousehold.Finding.WAITING:
        raise ValidationError(_("Somebody has settled it meanwhile."))
    ledger.record(
        SETTLED.name, FoundSettled(cast("Finding", finding)), actor=by, campaign=found.campaign, unit=Unit.objects.get(pk=found.unit),
        found=found.pk,
    )  # fmt: skip
    found.refresh_from_db()
