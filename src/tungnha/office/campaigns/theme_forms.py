"""What a person may send about themes and their wording."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tungnha.campaign.models import Organisation, Theme
from tungnha.campaign.services.themes import Goal
from tungnha.campaign.signing import EXPLAINED, Step
from tungnha.campaign.touch_kinds import CHANNELS
from tungnha.office.forms import Day
from tungnha.register.models import Resident
from tungnha.territory.models import Premises, Unit

OWNERS = 5
"""Owners that the form offers places for."""
_EVERY: list[tuple[str, str | Promise]] = [
    ("1", _("every week")),
    ("2", _("every two weeks")),
    ("4", _("every four weeks")),
    ("", _("while the theme is true")),
]
STEP_NAMES: dict[Step, str | Promise] = {
    Step.REVIEW: _("Pass the review"),
    Step.SIGN: _("Sign"),
    Step.PUBLISH: _("Publish"),
    Step.RETURN: _("Send back"),
    Step.WITHDRAW: _("Withdraw"),
}


def _owner_key(owner: Unit | Organisation) -> str:
    return f"{'o' if isinstance(owner, Organisation) else 'u'}{owner.pk}"


class ThemeForm(forms.Form):
    """A theme: message, audience, days, channels, owners."""

    name = forms.CharField(label=_("Name"), max_length=200)
    code = forms.SlugField(
        label=_("Code"),
        max_length=40,
        help_text=_("Letters, digits and hyphens; it names the theme in files"),
    )
    message = forms.CharField(
        label=_("What people are to know"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("In a sentence or two. The wording itself is written and signed afterwards."),
    )
    start = Day(label=_("True from"))
    end = Day(label=_("True until"), help_text=_("The last day. After it the message stops by itself."))
    reached = forms.TypedChoiceField(
        label=_("For those who already have"),
        choices=Resident.Step.choices,
        coerce=int,
        initial=Resident.Step.NONE,
    )
    lacks = forms.TypedChoiceField(
        label=_("and still lack"),
        choices=[("", _("nothing: it is for everybody")), *Resident.Step.choices[1:]],
        coerce=int,
        empty_value=None,
        required=False,
    )
    premises_kinds = forms.MultipleChoiceField(
        label=_("Only in these premises"),
        choices=Premises.Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: in all"),
    )

    def __init__(
        self,
        *args: Any,
        units: QuerySet[Unit],
        organisations: QuerySet[Organisation],
        theme: Theme | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        owners: list[Unit | Organisation] = [*organisations.select_related("unit"), *units]
        self._owners = {_owner_key(one): one for one in owners}
        choices = [("", "–"), *((key, one.name) for key, one in self._owners.items())]
        kept = [_owner_key(one.body) for one in theme.owners.all()] if theme else []
        for place in range(OWNERS):
            self.fields[f"owner{place}"] = forms.ChoiceField(
                label=_("Owner"),
                choices=choices,
                required=place == 0,
                initial=kept[place] if place < len(kept) else "",
            )
        goals = {goal.channel: goal for goal in theme.channels.all()} if theme else {}
        for code, channel in CHANNELS.items():
            goal = goals.get(code)
            self.fields[f"times-{code}"] = forms.IntegerField(
                label=channel.label,
                min_value=0,
                max_value=99,
                required=False,
                initial=goal.times if goal else None,
            )
            self.fields[f"weeks-{code}"] = forms.ChoiceField(
                label=channel.label,
                choices=_EVERY,
                required=False,
                initial=(goal.weeks or "") if goal else "1",
            )
        if theme is not None:
            del self.fields["code"]
            self.fields["note"] = forms.CharField(
                label=_("Reason, where its days move"), max_length=500, required=False
            )

    def owner_fields(self) -> list[forms.BoundField]:
        """The places for owners, in signing order."""
        return [self[f"owner{place}"] for place in range(OWNERS)]

    def channel_fields(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """For each channel, how many times and in every how many weeks."""
        return [(self[f"times-{code}"], self[f"weeks-{code}"]) for code in CHANNELS]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        chosen = [given.pop(f"owner{place}", "") for place in range(OWNERS)]
        given["owners"] = [self._owners[key] for key in chosen if key in self._owners]
        goals = []
        for code in CHANNELS:
            times, weeks = given.pop(f"times-{code}", None), given.pop(f"weeks-{code}", "")
            if times:
                goals.append(Goal(code, times, int(weeks) if weeks else None))
        given["goals"] = goals
        return given


class TextForm(forms.Form):
    """What a version says in one language."""

    language = forms.CharField(
        label=_("Language"), max_length=10, help_text=_("Its code: vi, en, or that of another language")
    )
    channel = forms.ChoiceField(label=_("For the channel"), required=False)
    text = forms.CharField(
        label=_("Wording"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_("Left empty, this text is taken out of the version."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["channel"]
        assert isinstance(choice, forms.ChoiceField)
        channels = [(code, channel.label) for code, channel in CHANNELS.items()]
        choice.choices = [("", _("every channel that has none of its own")), *channels]


class StepForm(forms.Form):
    """Taking a wording one step on."""

    note = forms.CharField(label=_("Note"), max_length=1000, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, step: Step, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"auto_id": f"{step}-%s"})
        self.step = step
        if step in EXPLAINED:
            self.fields["note"].label = _("Reason")
            self.fields["note"].required = True

    @property
    def label(self) -> str:
        """What its button says."""
        return str(STEP_NAMES[self.step])
