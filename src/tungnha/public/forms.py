"""What a resident may send without signing in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tungnha.outreach.models import VisitorReport
from tungnha.outreach.services.reports import LONGEST_TEXT
from tungnha.territory import queries as places
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import fold


class ReportForm(forms.Form):
    """A report about a visitor. The ward is known from the pass that was scanned, or is written."""

    what = forms.ChoiceField(
        label=_("What happened?"), choices=VisitorReport.What.choices, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=_("When and where was it, and what was said?"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    ward = forms.CharField(label=_("Ward or commune"), max_length=120)
    phone = forms.CharField(
        label=_("Your phone, if the ward may call you back (optional)"), max_length=30, required=False
    )

    def __init__(self, *args: Any, unit: Unit | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit = unit
        if unit is not None:
            del self.fields["ward"]

    def clean_ward(self) -> str:
        """The ward by its name, with or without marks and the word before it."""
        text = str(self.cleaned_data["ward"])
        wanted = _bare(fold(text))
        named = Unit.objects.filter(places.existing(), name_fold__contains=wanted)
        found = [unit for unit in named if _bare(unit.name_fold) == wanted]
        if len(found) != 1:
            raise forms.ValidationError(
                _("We do not know which ward this is. Write its name as on your letter.")
            )
        self.unit = found[0]
        return text


def _bare(folded: str) -> str:
    """A unit's folded name without the word for its kind."""
    return folded.removeprefix("phuong ").removeprefix("xa ")
