from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutreachConfig(AppConfig):
    name = "tungnha.outreach"
    label = "outreach"
    verbose_name = _("Outreach")

    def ready(self) -> None:
        from tungnha.ledger import areas, kinds, projections  # noqa: PLC0415 - apps are loaded only now
        from tungnha.outreach import doors, found, outcomes, positions, visits  # noqa: PLC0415

        kinds.register(visits.VISIT)
        kinds.register(found.FOUND)
        kinds.register(found.SETTLED)
        kinds.register(positions.CONSENT)
        projections.register(outcomes.OUTCOMES)
        projections.register(found.HOUSEHOLDS_FOUND)
        projections.register(positions.CONSENTS)
        areas.register("turf", doors.around, doors.of)
