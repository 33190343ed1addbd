from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from tungnha.accounts.models import User


class LedgerConfig(AppConfig):
    name = "tungnha.ledger"
    label = "ledger"
    verbose_name = _("Ledger")

    def ready(self) -> None:
        from tungnha.accounts import signals  # noqa: PLC0415 - apps are loaded only now
        from tungnha.ledger import checks, counts, kinds, projections  # noqa: F401, PLC0415 - apps are loaded only now

        kinds.register(kinds.WITHDRAWAL)
        projections.register(counts.DAILY_COUNTS)
        signals.access_reset.connect(_end_phones, dispatch_uid="phones")


def _end_phones(user: "User", **_sent: object) -> None:
    """A thief's sign-in and a lost phone end together."""
    from tungnha.ledger import services  # noqa: PLC0415 - as above

    services.revoke_all(user)
