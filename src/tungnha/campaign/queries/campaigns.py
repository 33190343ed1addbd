"""Which campaigns a person sees."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from tungnha.accounts.models import User
from tungnha.accounts.scope import Action, visible_units
from tungnha.campaign.models import Campaign


def seen_by(user: User | AnonymousUser) -> QuerySet[Campaign]:
    """Campaigns in whose territory the person may read figures, wholly or in one unit of it.

    Seeing a campaign opens its frame; what hangs in it is narrowed again to the person's own units.
    """
    reading = visible_units(user, Action.FIGURES)
    part_of_it = reading.filter(path__startswith=OuterRef("unit__path"))
    return Campaign.objects.filter(Q(unit__in=reading) | Exists(part_of_it)).select_related("unit")
