from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    name = "tungnha.ledger"
    label = "ledger"
    verbose_name = _("Ledger")

    def ready(self) -> None:
        from tungnha.ledger import checks, counts, kinds, projections  # noqa: F401, PLC0415 - apps are loaded only now

        kinds.register(kinds.WITHDRAWAL)
        projections.register(counts.DAILY_COUNTS)
