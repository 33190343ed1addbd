"""What a person may send: a list to import, how to take one out, and what a letter is to say of the office."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LARGEST_LIST = 100 * 1024**2
"""Bytes. A million rows of CSV are about this long; larger lists come in by the command line."""


class ListUpload(forms.Form):
    """A list as an office sends it: CSV or a workbook."""

    file = forms.FileField(label=_("File (CSV, XLSX, XLS, ODS)"), max_length=200)
    generated = forms.BooleanField(label=_("These people are generated, not real"), required=False)

    def clean_file(self) -> Any:
        sent = self.cleaned_data["file"]
        if sent.size > LARGEST_LIST:
            raise ValidationError(_("The file is larger than 100 MB. Bring it in by the command line."))
        if not sent.name.lower().endswith((".csv", ".txt", ".xlsx", ".xls", ".ods")):
            raise ValidationError(_("This is neither a CSV file nor a workbook."))
        return sent


class ListOut(forms.Form):
    """How to take a unit's people out."""

    kind = forms.ChoiceField(label=_("File"), choices=(("xlsx", _("Workbook (XLSX)")), ("csv", "CSV")))


class LetterFacts(forms.Form):
    """What stands in a letter besides the unit's name; what is left empty is left out."""

    hotline = forms.CharField(label=_("Hotline"), max_length=40, required=False)
    signer_title = forms.CharField(label=_("Signer's title"), max_length=80, required=False)
    signer = forms.CharField(label=_("Signer"), max_length=80, required=False)
