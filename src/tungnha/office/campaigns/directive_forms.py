"""What a person may send about directives and answers to them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tungnha.campaign.models import Directive, Plan
from tungnha.campaign.models.directives import usual_remind_days
from tungnha.office.campaigns.plan_forms import FileField, RecipientsForm
from tungnha.office.forms import Day


class RemindDays(forms.CharField):
    """Days from the deadline, as "-3, 0, 1": three days before, on the day, the day after."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(str(day) for day in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[int]:
        text = super().clean(value)
        try:
            return [int(part) for part in text.replace(";", ",").replace("−", "-").split(",") if part.strip()]
        except ValueError as error:
            raise ValidationError(
                _("Write whole numbers with commas between them, such as -3, 0, 1.")
            ) from error


class ContentForm(forms.Form):
    """A directive as it was issued."""

    number = forms.CharField(label=_("Number"), max_length=60, help_text=_("As on the paper: 123/CV-BCĐ"))
    issued = Day(label=_("Date"))
    issuer = forms.CharField(label=_("Issued by"), max_length=160)
    subject = forms.CharField(label=_("About"), max_length=300)
    action = forms.CharField(
        label=_("Required action"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    deadline = Day(label=_("Deadline"), help_text=_("The last day"))
    remind_days = RemindDays(
        label=_("Reminders, days from the deadline"),
        required=False,
        max_length=120,
        help_text=_(
            "Before it with a minus sign: -3, 0, 1. The program lists whom to remind; it sends nothing."
        ),
        initial=usual_remind_days,
    )
    attachment = FileField(label=_("Scan of the directive"))


class DirectiveChoice(forms.ModelChoiceField):  # type: ignore[type-arg] # it cannot be indexed when it runs
    """Directives by number, date and subject."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.number} · {obj.issued:%d/%m/%Y} · {obj.subject[:80]}"


class DirectiveForm(RecipientsForm, ContentForm):
    """A directive and those it goes to."""

    replaces = DirectiveChoice(
        label=_("Replaces"),
        queryset=Directive.objects.none(),
        required=False,
        empty_label=_("no earlier one"),
    )
    field_order = (
        "number", "issued", "issuer", "subject", "action", "deadline", "remind_days", "attachment", "replaces",
    )  # fmt: skip

    def __init__(self, *args: Any, earlier: QuerySet[Directive], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["replaces"]
        assert isinstance(choice, DirectiveChoice)
        choice.queryset = earlier


class EndForm(forms.Form):
    """Replacing or withdrawing a directive."""

    ended = forms.ChoiceField(label=_("It is"), choices=Directive.Ended.choices)
    later = DirectiveChoice(
        label=_("By the later directive"),
        queryset=Directive.objects.none(),
        required=False,
        empty_label=_("none; it is withdrawn for the reason below"),
    )
    note = forms.CharField(label=_("Reason"), max_length=500, required=False)

    def __init__(self, *args: Any, later: QuerySet[Directive], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["later"]
        assert isinstance(choice, DirectiveChoice)
        choice.queryset = later


class PlanChoice(forms.ModelChoiceField):  # type: ignore[type-arg] # as DirectiveChoice
    """Plans by number and title."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.number} · {obj.title[:80]}"


class GivenTaskForm(forms.Form):
    """A line of a plan for everybody to whom the directive went."""

    plan = PlanChoice(label=_("In the plan"), queryset=Plan.objects.none())
    title = forms.CharField(label=_("Task"), max_length=300)
    start = Day(label=_("First day"))
    due = Day(label=_("Due"), help_text=_("The last day"))

    def __init__(self, *args: Any, plans: QuerySet[Plan], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["plan"]
        assert isinstance(choice, PlanChoice)
        choice.queryset = plans


class _Seen(forms.Form):
    """What the person saw, so that nobody undoes what somebody else did meanwhile."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=10)


class TakeForm(_Seen):
    """Taking a directive on."""


class AnswerForm(_Seen):
    """An answer."""

    text = forms.CharField(
        label=_("In words"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    number = forms.CharField(label=_("The answering document's number"), max_length=60, required=False)
    attachment = FileField(label=_("A file"))


class ReturnForm(_Seen):
    """Giving an answer back."""

    note = forms.CharField(label=_("What is missing"), max_length=500)


class CloseForm(_Seen):
    """Accepting an answer, or asking no more."""

    note = forms.CharField(
        label=_("Note; a reason where it was not answered"), max_length=500, required=False
    )
