"""What a person may send about plans and tasks."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tungnha.campaign.models import Organisation, Task
from tungnha.campaign.services.attachments import KINDS
from tungnha.office import address
from tungnha.office.forms import Day
from tungnha.territory.models import Unit

ACCEPT = ",".join(KINDS)


class FileField(forms.FileField):
    """A file that may be missing. The service decides what is taken; the browser only offers those."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.FileInput(attrs={"accept": ACCEPT})
        super().__init__(required=False, max_length=200, widget=widget, **kwargs)


class PlanForm(forms.Form):
    """A plan as it was issued."""

    number = forms.CharField(label=_("Number"), max_length=60, help_text=_("As on the paper: 123/KH-UBND"))
    issued = Day(label=_("Date"))
    issuer = forms.CharField(label=_("Issued by"), max_length=160)
    title = forms.CharField(label=_("About"), max_length=300)
    attachment = FileField(label=_("Scan of the plan"))


class _Boxes(forms.ModelMultipleChoiceField):  # type: ignore[type-arg] # as TaskChoice
    """Boxes to tick, a row each. What cannot be a row's key counts as not ticked."""

    widget = forms.CheckboxSelectMultiple

    def clean(self, value: Any) -> Any:
        return super().clean([key for key in value or () if address.number(str(key)) is not None])


class UnitsChoice(_Boxes):
    """Boxes to tick, a unit each."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} · {obj.code}"


class OrganisationsChoice(_Boxes):
    """Boxes to tick, an organisation each."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} · {obj.get_kind_display()}"


class RecipientsForm(forms.Form):
    """To whom something goes: chosen units, all units below the territory, organisations."""

    everyone = forms.BooleanField(label=_("Every unit below the campaign's territory"), required=False)
    units = UnitsChoice(label=_("Units"), queryset=Unit.objects.none(), required=False)
    organisations = OrganisationsChoice(
        label=_("Organisations"), queryset=Organisation.objects.none(), required=False
    )

    def __init__(
        self,
        *args: Any,
        units: QuerySet[Unit],
        top: Unit,
        organisations: QuerySet[Organisation],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._below = units.exclude(pk=top.pk)
        for name, rows in (("units", units), ("organisations", organisations)):
            choice = self.fields[name]
            assert isinstance(choice, forms.ModelMultipleChoiceField)
            choice.queryset = rows

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.pop("everyone", False):
            chosen = set(given.get("units") or ())
            given["units"] = sorted(chosen | set(self._below), key=lambda unit: unit.name_fold)
        return given


class TasksForm(RecipientsForm):
    """One line of a plan, for all who have to do it."""

    title = forms.CharField(label=_("Task"), max_length=300)
    start = Day(label=_("First day"))
    due = Day(label=_("Due"), help_text=_("The last day"))
    field_order = ("title", "start", "due")


class TaskForm(forms.Form):
    """Rewording or moving one task."""

    title = forms.CharField(label=_("Task"), max_length=300)
    start = Day(label=_("First day"))
    due = Day(label=_("Due"), help_text=_("The last day"))
    note = forms.CharField(label=_("Reason, where the due date moves"), max_length=500, required=False)


class MoveForm(forms.Form):
    """Bringing a task into another state."""

    state = forms.ChoiceField(label=_("State"))
    note = forms.CharField(label=_("Note"), max_length=500, required=False)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=8)

    def __init__(self, *args: Any, states: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["state"]
        assert isinstance(choice, forms.ChoiceField)
        names = dict(Task.State.choices)
        choice.choices = [(state, names[state]) for state in states]


class EvidenceForm(forms.Form):
    """Proof that a task was done."""

    text = forms.CharField(label=_("In words"), max_length=1000, required=False)
    number = forms.CharField(label=_("A document's number"), max_length=60, required=False)
    link = forms.URLField(label=_("A link"), max_length=500, required=False, assume_scheme="https")
    attachment = FileField(label=_("A file"))


class TaskChoice(forms.ModelChoiceField):  # type: ignore[type-arg] # it cannot be indexed when it runs
    """Tasks by plan, line and whose they are."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.plan.number} · {obj.line}. {obj.title} · {obj.responsible}"


class DependencyForm(forms.Form):
    """Which task has to be done before."""

    needs = TaskChoice(label=_("Waits for"), queryset=Task.objects.none())

    def __init__(self, *args: Any, tasks: QuerySet[Task], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["needs"]
        assert isinstance(choice, TaskChoice)
        choice.queryset = tasks


class OrganisationForm(forms.Form):
    """A department, union or press agency that is asked to act."""

    name = forms.CharField(label=_("Name"), max_length=160)
    kind = forms.ChoiceField(label=_("Kind"), choices=Organisation.Kind.choices)
