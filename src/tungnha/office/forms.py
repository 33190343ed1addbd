"""What a person may send: a list to import."""

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
