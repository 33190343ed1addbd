"""Units through time, as campaigns need them: the territory on a day, and figures told in the units of another day."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tungnha.campaign.models import Basis, TrackedIndicator
from tungnha.campaign.queries import targets as target_reads
from tungnha.campaign.restating import Link, Restated, spread
from tungnha.territory import queries as places
from tungnha.territory.models import Population, Succession, Unit

_STEPS = 20
"""More changes after each other than any unit has seen."""
_NAMED = 10


def exists(unit: Unit, day: date) -> bool:
    """Whether a unit exists on a day; the same rule as `territory.queries.existing`."""
    return unit.valid_from <= day and (unit.valid_to is None or day < unit.valid_to)


def on(unit: Unit, day: date) -> Unit:
    """A territory as it stands on a day: itself, or the province or city of the same code and name after or before it.

    Codes of wards are given to other wards again, so that only what stands at the top is followed by its code.
    """
    if exists(unit, day) or unit.parent_id is not None:
        return unit
    same = Unit.objects.filter(
        places.existing(day),
        scheme=unit.scheme,
        code=unit.code,
        kind=unit.kind,
        name_fold=unit.name_fold,
        parent=None,
    )
    return same.first() or unit


def roots(unit: Unit, day: date) -> list[Unit]:
    """What makes up a territory on a day: itself, or what it became or was made of."""
    here = on(unit, day)
    if exists(here, day):
        return [here]
    around = [*places.successors(unit, day), *places.predecessors(unit)]
    return [each for each in around if exists(each, day)]


def below(top: Unit, day: date) -> list[Unit]:
    """The units that report side by side: those directly below a unit on a day, or it alone where there are none."""
    here = on(top, day)
    children = here.children.filter(places.existing(day)).exclude(kind=Unit.Kind.GROUP)
    return list(children.defer("boundary").order_by("name_fold", "code")) or [here]


def stranger(code: str, territory: Unit, day: date, unit: Unit | None = None) -> str:
    """Why a unit, or whatever bears a code, cannot be given a target below a territory on a day."""
    found = unit or _bearing(code, territory)
    if found is not None and exists(found, day):
        return _("%(unit)s (%(code)s) does not stand directly below %(territory)s.") % {
            "unit": found.name,
            "code": code,
            "territory": territory.name,
        }
    return _missing(code, found, day)


def absent(code: str, territory: Unit, day: date) -> str:
    """Why no unit of a territory bears a code on a day."""
    found = _bearing(code, territory)
    if found is not None and exists(found, day):
        return _("There is no unit with the code %(code)s in %(territory)s.") % {
            "code": code,
            "territory": territory.name,
        }
    return _missing(code, found, day)


def _bearing(code: str, territory: Unit) -> Unit | None:
    return Unit.objects.filter(scheme=territory.scheme, code=code).order_by("-valid_from").first()


def _missing(code: str, found: Unit | None, day: date) -> str:
    if found is None:
        return _("There is no unit with the code %(code)s.") % {"code": code}
    facts = {"unit": found.name, "code": code}
    if found.valid_from > day:
        facts["day"] = date_format(found.valid_from, "SHORT_DATE_FORMAT")
        return _("%(unit)s (%(code)s) exists only since %(day)s.") % facts
    facts["day"] = date_format(found.valid_to or day, "SHORT_DATE_FORMAT")
    gone = _("%(unit)s (%(code)s) was abolished on %(day)s.") % facts
    heirs = [each for each in places.successors(found, day) if each.pk != found.pk]
    became = ", ".join(f"{each.name} ({each.code})" for each in heirs)
    return gone + (" " + _("It became %(units)s.") % {"units": became} if became else "")


def named(units: Collection[int]) -> str:
    """The names of units for a sentence, the first few and how many there are."""
    names = list(Unit.objects.filter(pk__in=list(units)).order_by("name_fold").values_list("name", flat=True))
    return ", ".join(names[:_NAMED]) + (f" … ({len(names)})" if len(names) > _NAMED else "")


class Retelling:
    """The way of units to another day, forwards or backwards through every change between, read once for many values.

    Without a basis, a unit of which no source says the parts is `unknown`, and so is one whose successor nobody knows.
    """

    def __init__(self, units: Collection[int], day: date, basis: str = "") -> None:
        self._steps: list[tuple[dict[int, list[Link]], dict[int, int] | None, set[int]]] = []
        here = set(units)
        for _step in range(_STEPS):
            moving = [
                unit
                for unit in Unit.objects.defer("boundary").in_bulk(list(here)).values()
                if not exists(unit, day)
            ]
            if not moving:
                break
            links = _links(moving, day)
            guessed = {link.to for ways in links.values() for link in ways if link.share is None}
            measure = _measure(guessed, basis) if basis else None
            keys = {unit.pk for unit in moving}
            self._steps.append((links, measure, keys - set(links)))
            here = (here - keys) | {link.to for ways in links.values() for link in ways}

    def tell(self, values: Mapping[int, int]) -> Restated:
        """Values by unit told in the units of the other day; every total is kept, but for what is unknown."""
        told = Restated(dict(values))
        for links, measure, lost in self._steps:
            known = {pk: value for pk, value in told.values.items() if pk not in lost}
            step = spread(known, links, measure)
            onward = {link.to for pk in told.estimated & set(links) for link in links[pk]}
            told = Restated(
                step.values,
                step.estimated | onward | (told.estimated - set(links)),
                told.unknown | step.unknown | (lost & set(told.values)),
            )
        return told


def _links(units: Iterable[Unit], day: date) -> dict[int, list[Link]]:
    """One step from each unit towards a day. A territory that was only reissued goes whole into its successor."""
    listed = list(units)
    ended = [unit.pk for unit in listed if unit.valid_to is not None and unit.valid_to <= day]
    later = [unit.pk for unit in listed if unit.pk not in set(ended)]
    found: dict[int, list[Link]] = defaultdict(list)
    steps = Succession.objects.filter(Q(old__in=ended) | Q(new__in=later)).order_by("new__code", "old__code")
    ended_keys = set(ended)
    for old, new, whole, share in steps.values_list("old", "new", "whole", "share"):
        if old in ended_keys:
            found[old].append(Link(new, 1.0 if whole else share))
        else:
            found[new].append(Link(old, None))
    for pk in set(later) & set(found):
        if len(found[pk]) == 1:
            found[pk] = [Link(found[pk][0].to, 1.0)]
    for unit in listed:
        if unit.pk not in found:
            same = on(unit, day)
            if same.pk != unit.pk:
                found[unit.pk].append(Link(same.pk, 1.0))
    return dict(found)


def _measure(units: Collection[int], basis: str) -> dict[int, int]:
    """How large each receiving unit is, where a source says."""
    if basis == Basis.EQUAL:
        return dict.fromkeys(units, 1)
    if basis == Basis.AREA:
        rows = Unit.objects.filter(pk__in=list(units))
        return {pk: round(area * 1_000_000) for pk, area in rows.values_list("pk", "area_km2") if area}
    people = Population.objects.filter(unit__in=list(units)).order_by("as_of", "pk")
    return dict(people.values_list("unit", "people"))


@dataclass(frozen=True)
class Carried:
    """A unit's target after a boundary change, and whether a part of it is an estimate."""

    unit: Unit
    value: int
    estimated: bool


def carried_targets(
    tracked: TrackedIndicator, effective: date, basis: str = ""
) -> list[tuple[Unit, list[Carried]]]:
    """The lowest targets of the day before, told in the units of a day, with the unit above them.

    Raises ValidationError when a basis is needed and missing, when nothing is known of a unit's successors, and for
    percentages, which cannot be divided.
    """
    if not tracked.indicator.adds_up:
        raise ValidationError(
            _("The target of %(code)s is a percentage; it cannot be divided. Give it to the new units anew.")
            % {"code": tracked.indicator.code}
        )
    before = target_reads.in_force(tracked, effective - timedelta(days=1))
    values = lowest(before)
    told = Retelling(list(values), effective, basis).tell(values)
    if told.unknown:
        raise ValidationError(
            {
                "basis": _(
                    "No source says how these are divided, or what they became: %(units)s. Choose what the estimate rests on."
                )
                % {"units": named(told.unknown)}
            }
        )
    if not told.values:
        raise ValidationError(_("There are no targets to carry over."))
    units = Unit.objects.select_related("parent").in_bulk(list(told.values))
    by_parent: dict[int, list[Carried]] = defaultdict(list)
    above: dict[int, Unit] = {}
    for pk, value in sorted(told.values.items(), key=lambda pair: units[pair[0]].code):
        unit = units[pk]
        parent = unit.parent or unit
        above[parent.pk] = parent
        by_parent[parent.pk].append(Carried(unit, value, pk in told.estimated))
    return [(above[pk], lines) for pk, lines in by_parent.items()]


def lowest(values: Mapping[int, int]) -> dict[int, int]:
    """Of values by unit, those of units below which no other has one, so that each counts once."""
    parents = set(Unit.objects.filter(pk__in=list(values)).values_list("parent", flat=True))
    return {pk: value for pk, value in values.items() if pk not in parents}


def changes(unit: Unit) -> list[date]:
    """The days on which units of a territory changed, the latest first."""
    paths = [
        unit.path,
        *Unit.objects.filter(scheme=unit.scheme, code=unit.code, kind=unit.kind, parent=None).values_list(
            "path", flat=True
        ),
    ]
    inside = Q()
    for path in paths:
        inside |= Q(new__path__startswith=path)
    steps = Succession.objects.filter(inside)
    return list(steps.order_by("-change__effective").values_list("change__effective", flat=True).distinct())
