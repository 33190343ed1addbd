"""What a person may send to bring a campaign in."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tungnha.campaign.files.nodes import LARGEST
from tungnha.office.forms import Day


class CampaignFileForm(forms.Form):
    """A campaign file, sent or pasted; `seen` and `looked_at` say what a preview rested on."""

    file = forms.FileField(
        label=_("Campaign file (YAML)"),
        required=False,
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml,.txt"}),
    )
    text = forms.CharField(
        label=_("Or its text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false", "class": "code-text"}),
    )
    start = Day(
        label=_("Begin on another day"),
        required=False,
        help_text=_("Every day of the file moves along; empty leaves them as they are"),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    looked_at = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        sent = given.get("file")
        if sent is not None:
            if sent.size > LARGEST:
                raise ValidationError(
                    {"file": _("The file is larger than %(size)s MB.") % {"size": LARGEST // 1024**2}}
                )
            try:
                given["text"] = sent.read().decode("utf-8-sig")
            except UnicodeDecodeError as error:
                raise ValidationError({"file": _("The file is not UTF-8 text.")}) from error
        # A browser sends its own line ends; a file's lines stay the file's lines.
        given["text"] = (given.get("text") or "").replace("\r\n", "\n")
        if not given["text"].strip():
            raise ValidationError({"file": _("Choose a file, or paste its text.")})
        return given
