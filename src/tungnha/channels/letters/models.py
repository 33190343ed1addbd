"""Letter waves: one letter a household, one file a batch in the order it will be handed out."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tungnha.territory.models import Unit


class LetterWave(models.Model):
    """One printing of letters for a unit."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="letter_waves")
    ordered_by = models.CharField(
        _("order"), max_length=60, help_text="What gave the batches, 'turf-plan:12'"
    )
    template = models.CharField(_("template"), max_length=120)
    template_sha256 = models.CharField(max_length=64)
    generated = models.BooleanField(_("generated, not real"), default=False)
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)

    class Meta:
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return f"{self.unit} {self.template}"


class LetterBatch(models.Model):
    """One file of letters, in the order in which they are handed out."""

    wave = models.ForeignKey(LetterWave, models.CASCADE, related_name="batches")
    number = models.PositiveIntegerField(_("number"), help_text=_("The turf's number"))
    file = models.CharField(_("file"), max_length=300, help_text="Below the data folder")
    sha256 = models.CharField(max_length=64)
    letters = models.PositiveIntegerField(_("letters"))
    rejected = models.JSONField(_("letters that could not be set"), default=list)

    class Meta:
        ordering = ("wave", "number")
        constraints = (models.UniqueConstraint("wave", "number", name="letter_batch_once"),)

    def __str__(self) -> str:
        return f"{self.wave_id}/{self.number}"
