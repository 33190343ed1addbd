"""What a person may send about support models."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tungnha.campaign.models import SupportKind
from tungnha.office.campaigns.plan_forms import FileField
from tungnha.office.forms import Day, UnitChoice
from tungnha.territory.models import Unit


class KindChoice(forms.ModelChoiceField):  # type: ignore[type-arg] # it cannot be indexed when it runs
    """Kinds of support models, in their order; read anew for each form."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=SupportKind.objects.all(), **kwargs)


class ModelForm(forms.Form):
    """A support model."""

    kind = KindChoice(label=_("Kind"))
    name = forms.CharField(label=_("Name"), max_length=200)
    place = forms.CharField(label=_("Place"), max_length=300, help_text=_("So that a resident finds it"))
    opened = Day(label=_("First day"))
    body = forms.CharField(label=_("Responsible body"), max_length=160)
    hours = forms.CharField(label=_("Hours"), max_length=160, required=False)
    contact = forms.CharField(
        label=_("Public contact"),
        max_length=160,
        required=False,
        help_text=_("A hotline or counter, nobody's own number"),
    )


class NewModelForm(ModelForm):
    """A support model and its unit."""

    unit = UnitChoice(label=_("Unit"), queryset=Unit.objects.none())
    field_order = ("unit",)

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["unit"]
        assert isinstance(choice, UnitChoice)
        choice.queryset = units


class CloseModelForm(forms.Form):
    """Closing a support model."""

    closed = Day(label=_("Last day"))
    note = forms.CharField(label=_("Reason"), max_length=500)


class ModelEvidenceForm(forms.Form):
    """What shows that a support model is there."""

    text = forms.CharField(label=_("In words"), max_length=1000, required=False)
    number = forms.CharField(label=_("A document's number"), max_length=60, required=False)
    attachment = FileField(label=_("A file"))


class KindForm(forms.Form):
    """A kind of a city's own."""

    name = forms.CharField(label=_("Name"), max_length=120)
    name_en = forms.CharField(label=_("Name in English"), max_length=120, required=False)


class RequirementForm(forms.Form):
    """What every unit of a category has to have."""

    unit_kind = forms.ChoiceField(label=_("Every unit of the category"))
    kind = KindChoice(label=_("has a model of the kind"), required=False, empty_label=_("any kind"))

    def __init__(self, *args: Any, categories: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["unit_kind"]
        assert isinstance(choice, forms.ChoiceField)
        names = dict(Unit.Kind.choices)
        choice.choices = [(kind, names[kind]) for kind in categories]
