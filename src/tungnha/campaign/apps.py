from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignConfig(AppConfig):
    name = "tungnha.campaign"
    label = "campaign"
    verbose_name = _("Campaign")

    def ready(self) -> None:
        from django.db.models.signals import post_migrate  # noqa: PLC0415 - apps are only now ready

        from tungnha.campaign import following, following_calendar  # noqa: PLC0415
        from tungnha.campaign.services.support import ensure_kinds  # noqa: PLC0415

        post_migrate.connect(ensure_kinds, sender=self)
        following.register()
        following_calendar.register()
