"""What a person may send about people: passwords, roles, and what to find in the trail."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tungnha.accounts import oidc
from tungnha.accounts.models import AuditEntry
from tungnha.accounts.roles import Role
from tungnha.office.forms import Day, UnitChoice
from tungnha.territory.models import Unit

_SECRET = {"autocomplete": "new-password"}


class ChosenPassword(forms.Form):
    """A password, typed twice."""

    password = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs=_SECRET),
        help_text=_("At least 12 characters. A few words that only you would put together are best."),
    )
    again = forms.CharField(
        label=_("The same again"), strip=False, max_length=128, widget=forms.PasswordInput(attrs=_SECRET)
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("password") and given.get("again") and given["password"] != given["again"]:
            raise ValidationError({"again": _("The two passwords differ.")})
        return given


class ChangedPassword(ChosenPassword):
    """A new password beside the one in use."""

    current = forms.CharField(
        label=_("Present password"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("current", "password", "again")


class RoleForm(forms.Form):
    """A role for a unit and a period."""

    role = forms.ChoiceField(label=_("Role"))
    unit = UnitChoice(label=_("For the unit, and everything below it"), queryset=Unit.objects.none())
    valid_from = Day(label=_("From"), required=False, help_text=_("Today when left empty"))
    valid_to = Day(
        label=_("Until"), required=False, help_text=_("First day it is no longer held; empty: without an end")
    )

    def __init__(self, *args: Any, roles: list[Role], units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role, unit = self.fields["role"], self.fields["unit"]
        assert isinstance(role, forms.ChoiceField)
        assert isinstance(unit, UnitChoice)
        role.choices = [("", "—"), *((one.value, one.label) for one in roles)]
        unit.queryset = units


class PersonForm(RoleForm):
    """A new person with their first role."""

    full_name = forms.CharField(label=_("Full name"), max_length=150)
    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        help_text=_("Letters, digits and . - _ @ +"),
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    field_order = ("full_name", "username", "role", "unit", "valid_from", "valid_to")


class EndForm(forms.Form):
    """From when on a role is no longer held."""

    on = Day(required=False)


class IdentityForm(forms.Form):
    """Who a person of ours is at the identity provider."""

    by = forms.ChoiceField(
        label=_("Known by"), choices=lambda: [(one.value, one.label) for one in oidc.kinds()]
    )
    value = forms.CharField(
        label=_("Value"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class TrailFilter(forms.Form):
    """What to find in the audit trail."""

    nguoi = forms.CharField(label=_("Person"), max_length=100, required=False)
    loai = forms.ChoiceField(
        label=_("What"), choices=[("", _("everything")), *AuditEntry.Kind.choices], required=False
    )
    don_vi = UnitChoice(
        label=_("Unit"), queryset=Unit.objects.none(), required=False, empty_label=_("every unit of mine")
    )
    tu = Day(label=_("From"), required=False)
    den = Day(label=_("To"), required=False)

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["don_vi"]
        assert isinstance(choice, UnitChoice)
        choice.queryset = units
