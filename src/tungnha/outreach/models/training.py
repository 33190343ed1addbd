"""What volunteers have shown that they know."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tungnha.accounts.models import User


class TrainingResult(models.Model):
    """One try at a course's questions. The newest pass that has not run out counts (`queries.training`)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="training", verbose_name=_("person"))
    course = models.SlugField(_("course"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"))
    right = models.PositiveSmallIntegerField(_("right answers"))
    asked = models.PositiveSmallIntegerField(_("questions"))
    passed = models.BooleanField(_("passed"))
    taken_at = models.DateTimeField(_("taken at"))
    expires_on = models.DateField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("training result")
        verbose_name_plural = _("training results")
        ordering = ("-taken_at",)
        indexes = (models.Index(fields=("user", "course", "-taken_at"), name="training_of_user"),)

    def __str__(self) -> str:
        return f"{self.user}: {self.course} {self.right}/{self.asked}"
