"""What a person may send about a campaign itself. Rules that need the database are the services'."""

from collections.abc import Callable
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from tungnha.office.address import FIRST, LAST
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import fold


def accepted(form: forms.Form, use_case: Callable[..., Any], **fixed: Any) -> bool:
    """Run a use case on what a valid form says. What the use case refuses becomes the form's errors, by field."""
    if not form.is_valid():
        return False
    try:
        use_case(**fixed, **form.cleaned_data)
    except ValidationError as error:
        by_field = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
        for field, errors in by_field.items():
            form.add_error(field if field in form.fields else None, errors)
        return False
    return True


class DayInput(forms.DateInput):
    """A browser's own date picker, which speaks ISO dates whatever the page's language."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class Day(forms.DateField):
    widget = DayInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            input_formats=["%Y-%m-%d", "%d/%m/%Y"],
            validators=[MinValueValidator(FIRST), MaxValueValidator(LAST)],
            **kwargs,
        )


class UnitChoice(forms.ModelChoiceField):  # type: ignore[type-arg] # it cannot be indexed when it runs
    """Units by name, each under the one above it."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} · {obj.get_kind_display()} · {obj.code}"


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
