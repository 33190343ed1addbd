"""What a person may send about changes of units."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tungnha.office.campaigns.plan_forms import UnitsChoice
from tungnha.office.forms import Day, UnitChoice
from tungnha.territory import changes
from tungnha.territory.changes import Draft, NewUnit
from tungnha.territory.following import Move
from tungnha.territory.models import Succession, Unit

RENAME, MERGE, SPLIT = "doi-ten", "sap-nhap", "chia-tach"
KINDS = [
    (MERGE, _("Merge: several become one")),
    (SPLIT, _("Split: one becomes several")),
    (RENAME, _("Rename: one goes on under another name, code or kind")),
]
MOST_PARTS = 6
"""Into how many units one may be split on the page."""


class WhichForm(forms.Form):
    """The first step: what happens, and to which units."""

    loai = forms.ChoiceField(label=_("What happens"), choices=KINDS)
    don_vi = UnitsChoice(label=_("To which units"), queryset=Unit.objects.none())

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["don_vi"]
        assert isinstance(choice, UnitsChoice)
        choice.queryset = units

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        count = len(given.get("don_vi") or ())
        if given.get("loai") == MERGE and count == 1:
            self.add_error("don_vi", _("Choose two units or more to merge."))
        if given.get("loai") in {RENAME, SPLIT} and count > 1:
            self.add_error("don_vi", _("Choose one unit."))
        return given


class DecisionForm(forms.Form):
    """The second step: by which document, from which day, and what the new units are.

    The fields of the new units are made for what happens; `draft` turns them into a change.
    """

    decided_by = forms.CharField(
        label=_("By which document"), max_length=120, help_text=_("As on the paper: 1656/NQ-UBTVQH15")
    )
    effective = Day(label=_("From which day"), help_text=_("The first day of the new units; a past day too"))

    def __init__(
        self, *args: Any, kind: str, olds: Sequence[Unit], groups: Sequence[Unit], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._kind, self._olds, self._groups = kind, olds, groups if kind == SPLIT else ()
        first = olds[0]
        self._rows = range(1, (MOST_PARTS if kind == SPLIT else 1) + 1)
        for n in self._rows:
            needed = n <= (2 if kind == SPLIT else 1)
            ending = f" {n}" if kind == SPLIT else ""
            initial = first if kind == RENAME else None
            self.fields[f"name_{n}"] = forms.CharField(
                label=_("Name of the new unit") + ending, max_length=120, required=needed,
                initial=initial.name if initial else "",
            )  # fmt: skip
            self.fields[f"code_{n}"] = forms.CharField(
                label=_("Its code") + ending,
                max_length=20,
                required=needed,
                initial=initial.code if initial else "",
            )
            self.fields[f"kind_{n}"] = forms.ChoiceField(
                label=_("Its kind") + ending, choices=Unit.Kind.choices, initial=first.kind, required=needed
            )
            if kind == SPLIT:
                self.fields[f"share_{n}"] = forms.DecimalField(
                    label=_("Share of the old unit, per cent") + ending,
                    min_value=0,
                    max_value=100,
                    max_digits=9,
                    decimal_places=6,
                    required=False,
                    localize=True,
                )
        if kind == SPLIT:
            self.fields["basis"] = forms.CharField(
                label=_("What the shares were measured on"),
                max_length=60,
                required=False,
                help_text=_("People, households or area. Leave every share empty where no source says."),
            )
        for group in self._groups:
            self.fields[f"below_{group.pk}"] = forms.ChoiceField(
                label=_("%(unit)s goes into new unit number") % {"unit": group.name},
                choices=[(str(n), str(n)) for n in self._rows],
            )

    def draft(self, given: dict[str, Any]) -> Draft:
        """The change as the service takes it."""
        rows = [n for n in self._rows if given.get(f"name_{n}") or given.get(f"code_{n}")]
        new = {n: NewUnit(given[f"code_{n}"].strip(), given[f"name_{n}"], given[f"kind_{n}"]) for n in rows}
        if self._kind == SPLIT:
            shares = {n: given[f"share_{n}"] for n in rows}
            parts = changes.splitting(
                self._olds[0],
                [(new[n], None if shares[n] is None else float(shares[n]) / 100) for n in rows],
            )
        else:
            (one,) = new.values()
            parts = changes.merger(self._olds, code=one.code, name=one.name, kind=one.kind)
        places = {group.pk: new.get(int(given[f"below_{group.pk}"])) for group in self._groups}
        below = {pk: place.code for pk, place in places.items() if place}
        return Draft(given["decided_by"], given["effective"], *parts, given.get("basis", ""), below)

    def record(self, by: str, given: dict[str, Any]) -> Any:
        """Record it. What the service refuses stands at the first field that it speaks of."""
        try:
            return changes.record(self.draft(given), by=by)
        except ValidationError as error:
            places = {"new": "code_1", "shares": "share_1"}
            raise ValidationError(
                {places.get(field, field): told for field, told in error.message_dict.items()}
            ) from error


class HeirForm(forms.Form):
    """Where things that cannot follow by the rule go on."""

    items = forms.MultipleChoiceField(label=_("What"), widget=forms.CheckboxSelectMultiple)
    heir = UnitChoice(label=_("Goes on in"), queryset=Unit.objects.none())

    def __init__(self, *args: Any, moves: Sequence[Move], heirs: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        items, heir = self.fields["items"], self.fields["heir"]
        assert isinstance(items, forms.MultipleChoiceField)
        assert isinstance(heir, UnitChoice)
        items.choices = [
            (f"{move.follower.kind}.{move.open.key}", f"{move.open.label} · {move.follower.label}")
            for move in moves
        ]
        items.initial = [value for value, _label in items.choices]
        heir.queryset = heirs


class SharesForm(forms.Form):
    """How large the parts are, in per cent, of a unit that was cut up."""

    basis = forms.CharField(
        label=_("What the shares were measured on"), max_length=60, help_text=_("People, households or area")
    )

    def __init__(self, *args: Any, parts: Sequence[Succession], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._parts = parts
        for part in parts:
            self.fields[f"share_{part.new_id}"] = forms.DecimalField(
                label=part.new.name, min_value=0, max_value=100, max_digits=9, decimal_places=6, localize=True,
                initial=None if part.share is None else 100 * part.share,
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        given["shares"] = {
            part.new_id: float(given.pop(f"share_{part.new_id}")) / 100
            for part in self._parts
            if f"share_{part.new_id}" in given
        }
        return given
