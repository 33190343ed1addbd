"""What the forms of every part of the office are made of, and how what they say becomes a change."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

from tungnha.office.address import FIRST, LAST


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
