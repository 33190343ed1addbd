"""Files that were sent in: the scan of a plan, a directive, a photograph that proves a task."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tungnha.accounts.models import User


class Attachment(models.Model):
    """One file in the data folder. Whoever may see what it hangs on may take it; it has no address of its own."""

    path = models.CharField(
        max_length=120, unique=True, help_text="Below the files folder; a name of our making"
    )
    name = models.CharField(_("file"), max_length=200, help_text=_("As its sender called it"))
    size = models.PositiveIntegerField(_("size, bytes"))
    sha256 = models.CharField(max_length=64)
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")

    def __str__(self) -> str:
        return self.name
