"""Dividing a unit's target among the units below it: the proposal that is looked at before it is applied."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from tungnha.campaign.apportion import ApportionError, Part, around
from tungnha.campaign.models import TargetDecision, TrackedIndicator
from tungnha.campaign.queries import figures as figure_reads
from tungnha.campaign.queries import targets as target_reads
from tungnha.territory import queries as places
from tungnha.territory.models import Population, Unit

Method = TargetDecision.Method
_NAMED = 10


@dataclass(frozen=True)
class Line:
    """One unit's share: what it was weighed by, how the quota was rounded, and what it has today."""

    unit: Unit
    part: Part
    done: int
    """What it is taken to have reached already; its target is this and its part."""
    fixed: bool
    was: int | None

    @property
    def value(self) -> int:
        return self.done + self.part.value


@dataclass(frozen=True)
class Proposal:
    """A division of a target among units, not yet applied."""

    unit: Unit
    total: int
    method: str
    effective: date
    lines: tuple[Line, ...]
    weights: int
    """The sum of the weights, over which the rests are fractions."""

    @property
    def digest(self) -> str:
        """What a person saw: applying it later asks whether it is still this."""
        told = f"{self.unit.pk}|{self.method}|{self.effective}|" + ",".join(
            f"{line.unit.pk}:{line.value}" for line in self.lines
        )
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def propose(
    tracked: TrackedIndicator,
    unit: Unit,
    total: int,
    method: str,
    *,
    effective: date,
    fixed: Mapping[int, int] | None = None,
) -> Proposal:
    """Divide `total` among the units directly below `unit` that exist on the day `effective`.

    `fixed` are values set by hand, by unit key; the others share the rest. Raises ValidationError by field.
    """
    by_hand = dict(fixed or {})
    below = _below(unit, effective)
    if not below:
        raise ValidationError(
            {"method": _("%(unit)s has no units below it on this day.") % {"unit": unit.name}}
        )
    strangers = set(by_hand) - {each.pk for each in below}
    if strangers:
        raise ValidationError(
            {"by_hand": _("Only units directly below %(unit)s take part.") % {"unit": unit.name}}
        )
    was = target_reads.in_force(tracked, effective)
    if not tracked.indicator.adds_up:
        return _same_for_all(
            tracked, unit, total, method, effective=effective, below=below, by_hand=by_hand, was=was
        )
    weights, done = _weights(tracked, method, effective, below, by_hand)
    free = [each for each in below if each.pk not in by_hand]
    left = total - sum(done[each.pk] for each in free)
    places_of = {i: by_hand[each.pk] for i, each in enumerate(below) if each.pk in by_hand}
    try:
        shares = around(left, [weights[each.pk] for each in below], places_of)
    except ApportionError as error:
        raise ValidationError({"by_hand" if by_hand else "total": _does_not_add_up(error.left)}) from error
    lines = tuple(
        Line(each, part, 0 if each.pk in by_hand else done[each.pk], each.pk in by_hand, was.get(each.pk))
        for each, part in zip(below, shares, strict=True)
    )
    return Proposal(unit, total, method, effective, lines, sum(weights[each.pk] for each in free))


def _below(unit: Unit, day: date) -> list[Unit]:
    """Units directly below, in the order of their codes, which decides between equal rests."""
    return list(unit.children.filter(places.existing(day)).defer("boundary").order_by("code"))


def _does_not_add_up(left: int) -> str:
    number = number_format(abs(left), force_grouping=True)
    if left < 0:
        return _("%(number)s more is given away than there is.") % {"number": number}
    return _("%(number)s is left, and nobody to take it.") % {"number": number}


def _same_for_all(
    tracked: TrackedIndicator,
    unit: Unit,
    total: int,
    method: str,
    *,
    effective: date,
    below: list[Unit],
    by_hand: dict[int, int],
    was: Mapping[int, int],
) -> Proposal:
    """A percentage does not add up: every unit gets the city's, but for those that get their own."""
    if method not in {Method.SAME, Method.HAND}:
        raise ValidationError(
            {
                "method": _("The target of %(code)s is a percentage; it cannot be divided.")
                % {"code": tracked.indicator.code}
            }
        )
    lines = tuple(
        Line(each, Part(0, by_hand.get(each.pk, total), 0, 0), 0, each.pk in by_hand, was.get(each.pk))
        for each in below
    )
    return Proposal(unit, total, method, effective, lines, 0)


def _weights(
    tracked: TrackedIndicator,
    method: str,
    effective: date,
    below: list[Unit],
    by_hand: dict[int, int],
) -> tuple[dict[int, int], dict[int, int]]:
    """By unit: what its share is in proportion to, and what it has reached already."""
    nothing = {each.pk: 0 for each in below}
    if method == Method.EQUAL:
        return {each.pk: 1 for each in below}, nothing
    if method == Method.HAND:
        return nothing, nothing
    if method == Method.POPULATION:
        people = population_of(below, effective)
        _refuse_unknown(below, by_hand, people, _("No source gives the population of: %(units)s."))
        return nothing | people, nothing
    if method == Method.GAP:
        known = figure_reads.latest(tracked, effective, [each.pk for each in below])
        gaps = {
            pk: max(each.denominator - each.numerator, 0)
            for pk, each in known.items()
            if each.denominator is not None
        }
        _refuse_unknown(
            below, by_hand, gaps, _("No figure with a denominator says what is left to do in: %(units)s.")
        )
        done = nothing | {pk: known[pk].numerator for pk in gaps}
        return nothing | gaps, done
    raise ValidationError({"method": _("Targets that add up are not divided in this way.")})


def _refuse_unknown(
    below: list[Unit], by_hand: dict[int, int], known: Mapping[int, int], message: str
) -> None:
    missing = [each.name for each in below if each.pk not in known and each.pk not in by_hand]
    if missing:
        named = ", ".join(missing[:_NAMED]) + (f" … ({len(missing)})" if len(missing) > _NAMED else "")
        hint = _("Set these by hand, or choose another way.")
        raise ValidationError({"method": message % {"units": named} + " " + hint})


def population_of(units: list[Unit], day: date) -> dict[int, int]:
    """The latest stated number of people of each unit by a day (else the first after it), where a source says."""
    rows = Population.objects.filter(unit__in=[each.pk for each in units]).order_by("as_of", "pk")
    found: dict[int, int] = {}
    for unit, as_of, people in rows.values_list("unit", "as_of", "people"):
        if as_of <= day or unit not in found:
            found[unit] = people
    return found
