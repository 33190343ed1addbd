"""What a person may send about the calendar: touches, local rules, feeds."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.dates import WEEKDAYS as DAY_NAMES
from django.utils.translation import gettext_lazy as _

from tungnha.campaign.models import Organisation, Theme, Touch, Wording
from tungnha.campaign.recurrence import WEEKDAYS
from tungnha.campaign.services.calendar import Planned
from tungnha.campaign.touch_kinds import CHANNELS, KINDS
from tungnha.office.campaigns.recurring import Choice, choice_of, rule_of
from tungnha.office.forms import Day, UnitChoice
from tungnha.territory.models import Unit

_LIMIT: dict[str, Any] = {"min_value": 0, "max_value": 1440, "required": False}
_WEEKDAYS = [(code, DAY_NAMES[number]) for number, code in enumerate(WEEKDAYS)]


class ClockInput(forms.TimeInput):
    """A browser's own clock, without seconds."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class WordingChoice(forms.ModelChoiceField):  # type: ignore[type-arg] # it cannot be indexed when it runs
    """Versions by theme."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.theme.name} · {obj.number} · {obj.get_state_display()}"


def _kind_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (channel.label, [(kind.code, kind.label) for kind in KINDS.values() if kind.channel == channel.code])
        for channel in CHANNELS.values()
    ]


class TouchForm(forms.Form):
    """Something planned: what, where, when, with which wording."""

    kind = forms.ChoiceField(label=_("Kind of touch"), choices=_kind_choices)
    title = forms.CharField(label=_("Title"), max_length=200)
    theme = forms.ModelChoiceField(label=_("Theme"), queryset=Theme.objects.none(), required=False)
    wording = WordingChoice(
        label=_("Made from the version"),
        queryset=Wording.objects.none(),
        required=False,
        empty_label=_("whichever is in force"),
        help_text=_("Only for what is recorded or printed beforehand, such as a clip"),
    )
    unit = UnitChoice(label=_("Unit"), queryset=Unit.objects.none())
    organisation = forms.ModelChoiceField(
        label=_("Done by"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=_("the unit itself"),
    )
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    start = Day(label=_("First day"))
    end = Day(label=_("Last day"), required=False, help_text=_("Empty: the same day"))
    from_time = forms.TimeField(
        label=_("Begins at"), required=False, widget=ClockInput, help_text=_("Empty: the whole day")
    )
    to_time = forms.TimeField(label=_("Ends at"), required=False, widget=ClockInput)
    often = forms.ChoiceField(
        label=_("Repeats"),
        required=False,
        choices=[
            ("", _("not")),
            ("DAILY", _("every day")),
            ("WEEKLY", _("every week")),
            ("other", _("by the rule below")),
        ],
    )
    weekdays = forms.MultipleChoiceField(
        label=_("On these days of the week"),
        choices=_WEEKDAYS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    until = Day(label=_("Repeats until"), required=False, help_text=_("Empty: as long as the campaign runs"))
    rule = forms.CharField(
        label=_("Another rule"),
        max_length=200,
        required=False,
        help_text=_("RFC 5545, for example FREQ=MONTHLY;BYDAY=1SA: the first Saturday of each month"),
    )

    def __init__(
        self,
        *args: Any,
        units: QuerySet[Unit],
        organisations: QuerySet[Organisation],
        themes: QuerySet[Theme],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        wordings = (
            Wording.objects.filter(theme__in=themes).select_related("theme").order_by("theme", "-number")
        )
        rows = {"unit": units, "organisation": organisations, "theme": themes, "wording": wordings}
        for name, queryset in rows.items():
            choice = self.fields[name]
            assert isinstance(choice, forms.ModelChoiceField)
            choice.queryset = queryset

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if (given.get("from_time") is None) != (given.get("to_time") is None):
            self.add_error("to_time", _("Give both hours, or neither."))
        return given

    def planned(self) -> Planned:
        """What a valid form wants."""
        given = self.cleaned_data
        start, end = given["start"], given["end"] or given["start"]
        hours = given["from_time"], given["to_time"]
        if None not in hours:
            start, end = datetime.combine(start, hours[0]), datetime.combine(end, hours[1])
        choice = Choice(given["often"], tuple(given["weekdays"]), given["until"], given["rule"])
        facts = {
            name: given[name]
            for name in ("kind", "unit", "title", "organisation", "theme", "wording", "place")
        }
        return Planned(start=start, end=end, rule=rule_of(choice), **facts)


def kept_in(touch: Touch) -> dict[str, Any]:
    """What a form shows of a touch that is there."""
    choice = choice_of(touch.rule)
    names = ("kind", "title", "theme", "wording", "unit", "organisation", "place")
    last = touch.end - timedelta(minutes=1) if touch.begins is None else touch.end
    return {name: getattr(touch, name) for name in names} | {
        "start": touch.day,
        "end": last.date(),
        "from_time": touch.begins,
        "to_time": touch.end.time() if touch.begins else None,
        "often": choice.often,
        "weekdays": choice.weekdays,
        "until": choice.until,
        "rule": choice.other,
    }


class ChangeForm(TouchForm):
    """The same, with the revision that the person saw."""

    seen = forms.IntegerField(widget=forms.HiddenInput)


class CancelForm(forms.Form):
    """Cancelling a touch, or one day of it."""

    reason = forms.CharField(label=_("Reason"), max_length=500)
    day = Day(label=_("Only on this day"), required=False, help_text=_("Empty: from now on"))
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, recurs: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not recurs:
            del self.fields["day"]


class RulesForm(forms.Form):
    """The local rules of a unit."""

    quiet = forms.CharField(
        label=_("Quiet hours"),
        max_length=100,
        required=False,
        help_text=_("For example 00:00-05:00, 11:30-13:30, 20:00-24:00"),
    )
    weekdays = forms.MultipleChoiceField(
        label=_("Broadcasting allowed on"),
        choices=_WEEKDAYS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: on every day"),
    )
    sessions_a_day = forms.IntegerField(label=_("Sessions a day at most"), **_LIMIT)
    minutes_a_session = forms.IntegerField(label=_("Minutes a session at most"), **_LIMIT)
    gap_minutes = forms.IntegerField(label=_("Minutes between two sessions at least"), **_LIMIT)
    visit_gap_days = forms.IntegerField(label=_("Days between visits of two bodies at least"), **_LIMIT)
    source = forms.CharField(label=_("Which document says so"), max_length=200, required=False)

    def clean_weekdays(self) -> str:
        return ",".join(self.cleaned_data["weekdays"])


class FeedForm(forms.Form):
    """A new feed: of which unit, and for whom."""

    unit = UnitChoice(label=_("Unit"), queryset=Unit.objects.none())
    name = forms.CharField(
        label=_("For whom"), max_length=120, help_text=_("So that you know later whose address to close")
    )

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["unit"]
        assert isinstance(choice, UnitChoice)
        choice.queryset = units
