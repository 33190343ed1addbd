"""Setting a campaign up: its dates and territory, its phases, the organisations that act in it."""

from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tungnha.campaign.models import Campaign, Organisation, Phase
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import clean


def create_campaign(
    *,
    code: str,
    name: str,
    unit: Unit,
    start: date,
    deadline: date,
    language: str = "vi",
    time_zone: str = "Asia/Ho_Chi_Minh",
) -> Campaign:
    """Begin a campaign in a territory. Raises ValidationError that names the field and the reason."""
    campaign = Campaign(
        code=code,
        name=clean(name),
        unit=unit,
        start=start,
        deadline=deadline,
        language=language,
        time_zone=time_zone,
    )
    with transaction.atomic():
        _check_campaign(campaign)
        campaign.save(force_insert=True)
    return campaign


def change_campaign(campaign: Campaign, **changes: Any) -> None:
    """Change fields of a campaign. Raises ValidationError when a phase would fall outside its dates."""
    for field, value in changes.items():
        setattr(campaign, field, clean(value) if field == "name" else value)
    with transaction.atomic():
        _check_campaign(campaign)
        outside = campaign.phases.exclude(start__gte=campaign.start, end__lte=campaign.deadline).first()
        if outside is not None:
            raise ValidationError(
                {
                    "start" if outside.start < campaign.start else "deadline": _(
                        "Phase “%(phase)s” (%(start)s to %(end)s) would lie outside the campaign."
                    )
                    % _facts(outside)
                }
            )
        campaign.save()


def _check_campaign(campaign: Campaign) -> None:
    campaign.full_clean(validate_constraints=False)
    if campaign.deadline < campaign.start:
        raise ValidationError({"deadline": _("The campaign would end before it starts.")})
    if campaign.time_zone not in available_timezones():
        raise ValidationError(
            {"time_zone": _("There is no time zone “%(zone)s”.") % {"zone": campaign.time_zone}}
        )
    campaign.validate_constraints()


def _facts(phase: Phase) -> dict[str, str]:
    return {
        "phase": phase.name,
        "start": date_format(phase.start, "SHORT_DATE_FORMAT"),
        "end": date_format(phase.end, "SHORT_DATE_FORMAT"),
    }


def add_phase(campaign: Campaign, *, name: str, start: date, end: date) -> Phase:
    """Add a phase. Raises ValidationError when it lies outside the campaign or shares a day with another phase."""
    phase = Phase(campaign=campaign, name=clean(name), start=start, end=end)
    with transaction.atomic():
        _check_phase(phase)
        phase.save(force_insert=True)
    return phase


def change_phase(phase: Phase, *, name: str, start: date, end: date) -> None:
    """Rename or move a phase, under the rules of `add_phase`."""
    phase.name, phase.start, phase.end = clean(name), start, end
    with transaction.atomic():
        _check_phase(phase)
        phase.save()


def remove_phase(phase: Phase) -> None:
    """Take a phase out; nothing else hangs on it."""
    with transaction.atomic():
        phase.delete()


def _check_phase(phase: Phase) -> None:
    """Within a transaction: the campaign's row is locked, so that two people cannot add phases that overlap."""
    campaign = Campaign.objects.select_for_update().get(pk=phase.campaign_id)
    if phase.end < phase.start:
        raise ValidationError({"end": _("The phase would end before it starts.")})
    for field, day in (("start", phase.start), ("end", phase.end)):
        if not campaign.start <= day <= campaign.deadline:
            raise ValidationError(
                {
                    field: _("The campaign runs from %(start)s to %(end)s.")
                    % {
                        "start": date_format(campaign.start, "SHORT_DATE_FORMAT"),
                        "end": date_format(campaign.deadline, "SHORT_DATE_FORMAT"),
                    }
                }
            )
    others = Phase.objects.filter(campaign=campaign).exclude(pk=phase.pk)
    shared = others.filter(start__lte=phase.end, end__gte=phase.start).first()
    if shared is not None:
        raise ValidationError(
            {"start": _("It shares days with phase “%(phase)s” (%(start)s to %(end)s).") % _facts(shared)}
        )
    phase.full_clean()


def add_organisation(*, unit: Unit, kind: str, name: str) -> Organisation:
    """Add an organisation, or return the one that the unit already has under this name."""
    found = Organisation.objects.filter(unit=unit, name=clean(name)).first()
    if found is not None:
        return found
    organisation = Organisation(unit=unit, kind=kind, name=clean(name))
    with transaction.atomic():
        organisation.full_clean()
        organisation.save(force_insert=True)
    return organisation


def change_organisation(organisation: Organisation, *, kind: str) -> None:
    """Correct what kind an organisation is."""
    organisation.kind = kind
    with transaction.atomic():
        organisation.full_clean()
        organisation.save()
