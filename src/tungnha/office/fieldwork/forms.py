"""What a person may send about teams, walks and reviews."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tungnha.accounts.models import User
from tungnha.campaign.models import Campaign
from tungnha.office.forms import Day
from tungnha.outreach.models import Attendance, FoundHousehold, Member, PositionDecision, Team, Turf


class TimeInput(forms.TimeInput):
    """A browser's own clock."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class PersonChoice(forms.ModelChoiceField):  # type: ignore[type-arg] # it cannot be indexed when it runs
    """People by name."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.get_full_name() or obj.get_username())


class TurfChoice(forms.ModelChoiceField):  # type: ignore[type-arg] # as PersonChoice
    """Walks by number."""

    def label_from_instance(self, obj: Any) -> str:
        return _("Turf %(number)s · %(doors)s doors · %(minutes)s min") % {
            "number": obj.number + 1,
            "doors": obj.doors,
            "minutes": round(obj.minutes),
        }


class TeamForm(forms.Form):
    """A team for one campaign."""

    campaign = forms.ModelChoiceField(label=_("Campaign"), queryset=Campaign.objects.none(), empty_label=None)
    name = forms.CharField(label=_("The team's name"), max_length=120)

    def __init__(self, *args: Any, campaigns: QuerySet[Campaign], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["campaign"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = campaigns


class MemberForm(forms.Form):
    """A person joins a team."""

    user = PersonChoice(label=_("Person"), queryset=User.objects.none())
    leads = forms.BooleanField(label=_("Leads the team"), required=False)
    skills = forms.MultipleChoiceField(
        label=_("Skills"), choices=Member.Skill.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["user"]
        assert isinstance(choice, PersonChoice)
        choice.queryset = people


class GiveForm(forms.Form):
    """A walk for a member."""

    turf = TurfChoice(label=_("Walk"), queryset=Turf.objects.none(), empty_label=None)

    def __init__(self, *args: Any, turfs: QuerySet[Turf], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["turf"]
        assert isinstance(choice, TurfChoice)
        choice.queryset = turfs


class SettleForm(forms.Form):
    """What was found out."""

    reason = forms.CharField(label=_("What did you find out?"), max_length=500)


class HeldForm(SettleForm):
    """Whether a held entry counts, and why."""

    decision = forms.ChoiceField(choices=[("release", _("Let it count")), ("refuse", _("Do not count it"))])


class ShiftForm(forms.Form):
    """When a team goes out."""

    day = Day(label=_("Day"))
    start = forms.TimeField(label=_("Begins at"), widget=TimeInput, initial="18:15")
    end = forms.TimeField(label=_("Ends at"), widget=TimeInput, initial="20:45")
    until = Day(label=_("Each day until"), required=False, help_text=_("Empty: this one day"))


class AttendanceForm(forms.Form):
    """How a member's shift was."""

    member = forms.ModelChoiceField(queryset=Member.objects.none())
    state = forms.ChoiceField(choices=Attendance.State.choices)
    reason = forms.CharField(max_length=300, required=False)
    seen = forms.IntegerField(min_value=0)

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["member"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = Member.objects.filter(team=team).select_related("user")


class DayForm(forms.Form):
    """The day that a table is about."""

    ngay = Day(label=_("Day"))


class PositionForm(forms.Form):
    """A decision on position stamps."""

    on = forms.TypedChoiceField(
        label=_("Visits are stamped with the nearest alley"),
        choices=[("0", _("No, nobody's")), ("1", _("Yes, of volunteers who agree"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )
    days = forms.IntegerField(
        label=_("Days a stamp is kept"),
        min_value=1,
        max_value=PositionDecision.LONGEST,
        required=False,
        help_text=_("From 1 to 90; then it is deleted. Needed when switched on"),
    )
    document = forms.CharField(label=_("Number of the document"), max_length=60)
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class FoundForm(forms.Form):
    """What became of a household that was found."""

    finding = forms.ChoiceField(choices=FoundHousehold.Finding.choices[1:])
