"""To whom something may go: the units of a campaign's territory, and organisations."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tungnha.campaign.models import Campaign, Organisation
from tungnha.territory.models import Unit


def addressed(
    campaign: Campaign, units: Iterable[Unit], organisations: Iterable[Organisation]
) -> list[tuple[Unit, Organisation | None]]:
    """Each addressee as the unit where it answers, and the organisation if it is one.

    Raises ValidationError at the field `units` for a unit outside the territory, and where there is nobody.
    """
    to_units, to_bodies = list(units), list(organisations)
    territory = campaign.unit
    strangers = [unit.name for unit in to_units if not unit.path.startswith(territory.path)]
    if strangers:
        raise ValidationError(
            {
                "units": _("%(units)s: not in the campaign's territory, %(territory)s.")
                % {"units": ", ".join(strangers), "territory": territory.name}
            }
        )
    if not to_units and not to_bodies:
        raise ValidationError({"units": _("Choose a unit or an organisation that is responsible.")})
    return [*((unit, None) for unit in to_units), *((body.unit, body) for body in to_bodies)]
