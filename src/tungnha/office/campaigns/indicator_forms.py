"""What a person may send about indicators, figures and targets."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from tungnha.campaign import curves
from tungnha.campaign.curves import Milestone
from tungnha.campaign.figure_table import percentage, whole
from tungnha.campaign.models import Basis, Curve, Figure, Indicator, TargetDecision, TrackedIndicator
from tungnha.campaign.models.indicators import Length
from tungnha.office.forms import Day

LARGEST_TABLE = 5 * 1024**2
"""Bytes."""
Method = TargetDecision.Method


class WholeField(forms.CharField):
    """A whole number as people write it: 1.234.567 or 1,234,567."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(max_length=30, widget=widget, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return whole(text)
        except ValueError as error:
            raise ValidationError(_now("“%(value)s” is not a whole number.") % {"value": text}) from error


class PercentField(forms.CharField):
    """A percentage with a decimal comma or point; cleaned, it is in hundredths."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_length=30, widget=widget, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return percentage(text)
        except ValueError as error:
            raise ValidationError(_now("“%(value)s” is not a percentage.") % {"value": text}) from error


class Moment(forms.DateTimeField):
    """A day and a time in the browser's own picker."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M"]
        super().__init__(widget=widget, input_formats=formats, **kwargs)


class ProvenanceForm(forms.Form):
    """Where figures come from."""

    cut_off = Moment(label=_("As of (cut-off)"))
    source = forms.ChoiceField(
        label=_("Whose figure"),
        choices=[
            (Figure.Source.UNIT.value, Figure.Source.UNIT.label),
            (Figure.Source.OFFICIAL.value, Figure.Source.OFFICIAL.label),
        ],
    )
    source_text = forms.CharField(
        label=_("Where it was read"),
        max_length=200,
        required=False,
        help_text=_("Report, letter, message, screen"),
    )


class FigureForm(ProvenanceForm):
    """One figure of one unit."""

    day = Day(label=_("Period"), help_text=_("Any day in it"))
    numerator = WholeField(label=_("Figure"))
    denominator = WholeField(label=_("Denominator"), required=False)
    published = PercentField(
        label=_("Percentage as printed, if any"),
        required=False,
        help_text=_("Only to compare; we compute our own"),
    )
    reason = forms.CharField(
        label=_("Reason of the adjustment, where it falls or corrects"), max_length=300, required=False
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=20, required=False)
    field_order = (
        "day",
        "numerator",
        "denominator",
        "published",
        "cut_off",
        "source",
        "source_text",
        "reason",
        "seen",
    )

    def __init__(self, *args: Any, tracked: TrackedIndicator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        indicator = tracked.indicator
        self.fields["numerator"].label = indicator.numerator
        if indicator.kind == Indicator.Kind.COUNT:
            self.fields["denominator"].help_text = indicator.denominator
            if not indicator.denominator_vi:
                del self.fields["denominator"]
        else:
            self.fields["denominator"].required = True
            self.fields["denominator"].label = indicator.denominator


class TableForm(ProvenanceForm):
    """A table of figures, pasted or as a file."""

    indicator = forms.ChoiceField(label=_("Indicator"), required=False)
    day = Day(label=_("Period"), help_text=_("Any day in it"))
    text = forms.CharField(
        label=_("Paste the table with its header"),
        required=False,
        max_length=500_000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=_(
            "A column “Mã” or “Đơn vị”, and one “Kết quả” or “Lũy kế”; “Mẫu số”, “Tỷ lệ” and “Lý do” where there are"
        ),
    )
    file = forms.FileField(
        label=_("Or a file (CSV, XLSX)"),
        required=False,
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx,.xlsm"}),
    )
    field_order = ("indicator", "day", "text", "file", "cut_off", "source", "source_text")

    def __init__(self, *args: Any, tracked: list[TrackedIndicator], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["indicator"]
        assert isinstance(choice, forms.ChoiceField)
        named = [(str(each.pk), f"{each.indicator.code} {each.indicator.name}") for each in tracked]
        choice.choices = [("", _("the column “Mã chỉ tiêu” says it")), *named]

    def clean_file(self) -> Any:
        sent = self.cleaned_data["file"]
        if sent and sent.size > LARGEST_TABLE:
            raise ValidationError(
                _now("The file is larger than %(size)d MB.") % {"size": LARGEST_TABLE // 1024**2}
            )
        if sent and not sent.name.lower().endswith((".csv", ".txt", ".xlsx", ".xlsm")):
            raise ValidationError(_now("This is neither a CSV file nor a workbook."))
        return sent

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not given.get("text", "").strip() and not given.get("file") and "file" not in self.errors:
            self.add_error("text", _now("Paste a table or choose a file."))
        return given


class ReturnForm(forms.Form):
    """Returning a figure for correction."""

    note = forms.CharField(label=_("Why it is returned"), max_length=300)


class TrackForm(forms.Form):
    """How a campaign follows an indicator."""

    period = forms.ChoiceField(label=_("Reported by the"), choices=Length.choices)
    weight = forms.IntegerField(label=_("Weight in the ranking"), min_value=0, max_value=100)


class FollowForm(forms.Form):
    """Indicators of the catalogue that a campaign begins to follow."""

    codes = forms.MultipleChoiceField(label=_("Indicators"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, indicators: list[Indicator], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["codes"]
        assert isinstance(choice, forms.MultipleChoiceField)
        choice.choices = [(each.code, f"{each.code} · {each.name}") for each in indicators]


class CascadeForm(forms.Form):
    """Dividing a target among the units below."""

    total = WholeField(label=_("Target"))
    method = forms.ChoiceField(label=_("Divide it"))
    by_hand = forms.CharField(
        label=_("Units set by hand"),
        required=False,
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=_("A line each: code and value, as pasted from a spreadsheet. The others share the rest."),
    )
    effective = Day(label=_("In force from"))
    why = forms.CharField(label=_("Reason or document"), max_length=300)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=16, required=False)

    def __init__(self, *args: Any, tracked: TrackedIndicator, divisible: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._value = whole if tracked.indicator.adds_up else percentage
        if not tracked.indicator.adds_up:
            self.fields["total"] = PercentField(label=_("Target, %"))
            methods = [Method.SAME]
        elif divisible:
            methods = [Method.POPULATION, Method.GAP, Method.EQUAL, Method.HAND]
        else:
            methods = []
        if not divisible:
            methods = []
            del self.fields["by_hand"]
        choice = self.fields["method"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(each.value, each.label) for each in [*methods, Method.ASSIGNED]]

    def clean_by_hand(self) -> list[tuple[int, str, int]]:
        """Line number, code and value of each line. Every line that does not read is told."""
        rows, faults = [], []
        for number, line in enumerate(self.cleaned_data["by_hand"].splitlines(), start=1):
            words = line.replace(";", "\t").split("\t") if "\t" in line or ";" in line else line.split()
            if not any(word.strip() for word in words):
                continue
            try:
                value = self._value(words[-1]) if len(words) > 1 else None
            except ValueError:
                value = None
            if value is None:
                faults.append(
                    _now("Line %(line)d: “%(text)s” is not a code and a value.")
                    % {"line": number, "text": line[:60]}
                )
            else:
                rows.append((number, words[0].strip(), value))
        if faults:
            raise ValidationError(faults)
        return rows


class CurveForm(forms.Form):
    """Staging a target over the campaign's days."""

    shape = forms.ChoiceField(label=_("Shape"), choices=Curve.Shape.choices)
    step = forms.TypedChoiceField(
        label=_("A milestone each"), choices=[(1, _("day")), (7, _("week"))], coerce=int
    )
    points = forms.CharField(
        label=_("Milestones, by hand"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=_("A line each: day and share of the way in %, such as 30/9/2026 40. The last is 100."),
    )
    effective = Day(label=_("In force from"))
    why = forms.CharField(label=_("Reason or document"), max_length=300, required=False)

    def clean_points(self) -> list[Milestone]:
        day = Day()
        points, faults = [], []
        for number, line in enumerate(self.cleaned_data["points"].splitlines(), start=1):
            words = line.replace("\t", " ").replace(";", " ").split()
            if not words:
                continue
            try:
                share = percentage(words[1]) if len(words) == 2 else None
                when = day.clean(words[0])
            except (ValueError, ValidationError):
                share, when = None, None
            if share is None or when is None or share > curves.ALL:
                faults.append(
                    _now("Line %(line)d: “%(text)s” is not a day and a share up to 100.")
                    % {"line": number, "text": line[:60]}
                )
            else:
                points.append(Milestone(when, share))
        if faults:
            raise ValidationError(faults)
        return points


class CarryForm(forms.Form):
    """Carrying targets over a boundary change."""

    effective = forms.TypedChoiceField(label=_("The change in force from"), coerce=date.fromisoformat)
    basis = forms.ChoiceField(label=_("Where no source says the parts, estimate by"), required=False)
    why = forms.CharField(label=_("Reason or document"), max_length=300)

    def __init__(self, *args: Any, changes: list[date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (
            ("effective", [(day.isoformat(), date_format(day, "SHORT_DATE_FORMAT")) for day in changes]),
            ("basis", [("", _("nothing: refuse")), *Basis.choices]),
        ):
            choice = self.fields[name]
            assert isinstance(choice, forms.ChoiceField)
            choice.choices = choices
