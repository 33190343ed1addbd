from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "tungnha.accounts"
    label = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from tungnha.accounts import (  # noqa: PLC0415 - apps are only now ready
            following,
            trail,  # noqa: F401 - hears the signals of signing in
        )

        following.register()
