"""What a person may send about a pilot and its replication."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from tungnha.campaign.models import Parameter, Replication
from tungnha.office.campaigns.plan_forms import UnitsChoice
from tungnha.office.forms import Day, UnitChoice
from tungnha.territory.models import Unit

_NUMBER = re.compile(r"^\d{1,15}(?:[.,]\d{1,6})?$")


class ParameterForm(forms.Form):
    """A figure that planning needs, and what it rests on."""

    kind = forms.ChoiceField(label=_("What"), choices=Parameter.Kind.choices)
    hour = forms.IntegerField(
        label=_("Hour of the day"),
        required=False,
        min_value=0,
        max_value=23,
        help_text=_("Only where it goes by the hour: 17 is from 17:00 to 18:00"),
    )
    value = forms.FloatField(
        label=_("Value"), localize=True, help_text=_("Shares from 0 to 1; doors an hour; minutes")
    )
    n = forms.IntegerField(label=_("Observations"), required=False, min_value=1, max_value=2_000_000_000)
    low = forms.FloatField(
        label=_("Interval from"),
        required=False,
        localize=True,
        help_text=_("95%; of a share it is worked out from the observations"),
    )
    high = forms.FloatField(label=_("Interval to"), required=False, localize=True)
    since = Day(label=_("Measured from"), required=False)
    until = Day(label=_("Measured until"), required=False)
    source = forms.ChoiceField(label=_("Source"), choices=Parameter.Source.choices)
    origin = forms.CharField(label=_("Where it comes from"), required=False, max_length=200)


class _Weekdays(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def clean(self, value: Any) -> str:
        return "".join(sorted(super().clean(value)))


class RosterForm(forms.Form):
    """How a kind of shift is staffed."""

    name = forms.CharField(label=_("Shift"), max_length=120)
    weekdays = _Weekdays(
        label=_("Weekdays"),
        choices=[
            ("1", _("Monday")), ("2", _("Tuesday")), ("3", _("Wednesday")), ("4", _("Thursday")),
            ("5", _("Friday")), ("6", _("Saturday")), ("7", _("Sunday")),
        ],
    )  # fmt: skip
    starts = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(label=_("To"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    teams = forms.IntegerField(label=_("Teams"), min_value=1, max_value=32767)
    people = forms.IntegerField(label=_("People in a team"), min_value=1, max_value=32767)


class ReplicationForm(forms.Form):
    """Which units repeat a template, in how many steps and from when."""

    name = forms.CharField(label=_("Name"), max_length=160)
    territory = UnitChoice(label=_("Territory"), queryset=Unit.objects.none())
    first_day = Day(label=_("First step begins"))
    steps = forms.IntegerField(label=_("Steps"), min_value=1, max_value=366)
    step_days = forms.IntegerField(label=_("Days between steps"), min_value=1, max_value=366, initial=14)
    scale = forms.FloatField(
        label=_("Length"),
        initial=1.0,
        localize=True,
        help_text=_("1 takes as long as the pilot, 0.5 half as long"),
    )
    units = UnitsChoice(label=_("Units"), queryset=Unit.objects.none())

    def __init__(self, *args: Any, territories: QuerySet[Unit], units: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keys = [unit.pk for unit in units]
        rows = {"territory": territories, "units": Unit.objects.filter(pk__in=keys).order_by("name_fold")}
        for name, queryset in rows.items():
            choice = self.fields[name]
            assert isinstance(choice, forms.ModelChoiceField)
            choice.queryset = queryset
        self.fields["units"].initial = keys


@dataclass(frozen=True)
class Line:
    """A unit in the order that somebody wrote, and its need where one stands after it."""

    unit: Unit
    need: float | None


class OrderForm(forms.Form):
    """How the order is found. `lines` is the units, one on a line, as the order or with their needs."""

    method = forms.ChoiceField(label=_("How the order is found"), choices=Replication.Method.choices)
    by_kind = forms.BooleanField(
        label=_("At random: each step gets its share of wards and of communes"), required=False, initial=True
    )
    by_people = forms.BooleanField(
        label=_("At random: steps alike in how many people their units have"), required=False, initial=True
    )
    order = forms.CharField(
        label=_("Units"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "code-text"}),
        help_text=_(
            "By hand: the order of the lines. By need: a number after a semicolon, the greatest comes first. "
            "At random: not read"
        ),
    )
    reason = forms.CharField(label=_("Why another order"), required=False, max_length=300)

    def __init__(self, *args: Any, units: Sequence[Unit], again: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._units = {unit.code: unit for unit in units}
        if not again:
            del self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        method = given.get("method")
        if method == Replication.Method.RANDOM:
            given["lines"] = [Line(unit, None) for unit in self._units.values()]
        elif method is not None:
            given["lines"] = self._lines(given.get("order", ""), needs=method == Replication.Method.NEED)
        return given

    def _lines(self, text: str, *, needs: bool) -> list[Line]:
        """The lines of a text. Raises ValidationError at `order` that names every line that cannot be read."""
        found: dict[str, Line] = {}
        wrong = []
        for number, line in enumerate(text.splitlines(), start=1):
            if not line.strip():
                continue
            name, _semicolon, need = line.partition(";")
            code = name.split()[0] if name.split() else ""
            if code not in self._units:
                wrong.append(
                    _at(
                        number,
                        gettext("no unit of this replication has the code “%(text)s”.") % {"text": code},
                    )
                )
            elif code in found:
                wrong.append(
                    _at(number, gettext("%(unit)s stands here a second time.") % {"unit": self._units[code]})
                )
            elif needs and need.strip() and not _NUMBER.match(need.strip()):
                wrong.append(_at(number, gettext("“%(text)s” is not a number.") % {"text": need.strip()}))
            else:
                value = float(need.strip().replace(",", ".")) if needs and need.strip() else None
                found[code] = Line(self._units[code], value)
        missing = [unit.name for code, unit in self._units.items() if code not in found]
        if missing and not wrong:
            wrong.append(gettext("Missing: %(units)s.") % {"units": ", ".join(missing)})
        if wrong:
            raise ValidationError({"order": wrong})
        return list(found.values())


def _at(line: int, message: str) -> str:
    return gettext("Line %(line)d: %(message)s") % {"line": line, "message": message}


class DeviationForm(forms.Form):
    """A unit that begins on another day, or not at all."""

    start = Day(label=_("Begins on"), required=False, help_text=_("Empty leaves the unit out"))
    reason = forms.CharField(label=_("Reason"), max_length=300)


class AssumptionsForm(forms.Form):
    """What the expected error of an effect is worked out from, in percentage points."""

    between = forms.FloatField(
        label=gettext_lazy("Units differ from each other by"), min_value=0, max_value=100, localize=True
    )
    within = forms.FloatField(
        label=gettext_lazy("A unit's figure varies from step to step by"),
        min_value=0.01,
        max_value=100,
        localize=True,
    )
