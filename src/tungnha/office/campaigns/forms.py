"""What a person may send about a campaign itself. Rules that need the database are the services'."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from tungnha.office.forms import Day, UnitChoice
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import fold


class CampaignForm(forms.Form):
    """A campaign's name, territory and dates."""

    name = forms.CharField(label=_("Name"), max_length=200)
    code = forms.SlugField(
        label=_("Code"),
        max_length=40,
        required=False,
        help_text=_(
            "Letters, digits and hyphens, for files and commands; made from the name when left empty"
        ),
    )
    unit = UnitChoice(
        label=_("Territory"),
        queryset=Unit.objects.none(),
        help_text=_("The city, or one unit of it as a pilot"),
    )
    start = Day(label=_("First day"))
    deadline = Day(label=_("Last day"))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, initial="vi")
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=[(name, name) for name in sorted(available_timezones())]
    )

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].initial = settings.TIME_ZONE
        choice = self.fields["unit"]
        assert isinstance(choice, UnitChoice)
        choice.queryset = units

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not given.get("code") and "code" not in self.errors:
            given["code"] = slugify(fold(given.get("name", "")))[:40].strip("-")
        return given


class PhaseForm(forms.Form):
    """A stretch of the campaign."""

    name = forms.CharField(label=_("Name"), max_length=120)
    start = Day(label=_("First day"))
    end = Day(label=_("Last day"))
