"""Reads of support models: which units have which kind on a day, their share, and which lack one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from tungnha.accounts.models import User
from tungnha.accounts.scope import Action, visible_units
from tungnha.campaign.models import Campaign, SupportKind, SupportModel, SupportRequirement
from tungnha.territory.models import Unit
from tungnha.territory.queries import existing


def models_seen_by(user: User | AnonymousUser) -> QuerySet[SupportModel]:
    """Models in units whose figures the person may read."""
    seen = SupportModel.objects.filter(unit__in=visible_units(user, Action.FIGURES))
    return seen.select_related("unit", "kind")


def models_of(campaign: Campaign, user: User | AnonymousUser) -> QuerySet[SupportModel]:
    """Those of the campaign's territory."""
    return models_seen_by(user).filter(unit__path__startswith=campaign.unit.path)


def units_of(campaign: Campaign, user: User | AnonymousUser, unit_kinds: Iterable[str]) -> QuerySet[Unit]:
    """Units of some categories in the campaign's territory, of every era, that the person sees."""
    below = visible_units(user, Action.FIGURES).filter(path__startswith=campaign.unit.path)
    return below.filter(kind__in=list(unit_kinds)).order_by("name_fold", "pk")


def categories(campaign: Campaign, user: User | AnonymousUser, day: date) -> list[str]:
    """The categories of unit below the territory on a day, widest first; residential groups have no models."""
    below = visible_units(user, Action.FIGURES).filter(existing(day), path__startswith=campaign.unit.path)
    below = below.exclude(pk=campaign.unit_id).exclude(kind=Unit.Kind.GROUP)
    found = set(below.values_list("kind", flat=True))
    return [kind for kind in Unit.Kind.values if kind in found]


def on_day(day: date) -> Q:
    """The condition that a model is open on a day. `SupportModel.is_open` is the same rule."""
    return Q(opened__lte=day) & (Q(closed=None) | Q(closed__gte=day))


@dataclass(frozen=True)
class Row:
    """One unit, with how many open models it has of each kind, in the kinds' order."""

    unit: Unit
    counts: list[int]


@dataclass(frozen=True)
class Share:
    """How many of some units have a model of a kind (of any kind where it is None)."""

    kind: SupportKind | None
    have: int
    units: int

    @property
    def percent(self) -> float | None:
        """None where there is no unit."""
        return 100 * self.have / self.units if self.units else None


@dataclass(frozen=True)
class Coverage:
    """Units by kinds on a day, with the share of units that have each, and any."""

    kinds: list[SupportKind]
    rows: list[Row]
    shares: list[Share]
    any: Share


def _counts(
    units: Sequence[Unit], placed: Iterable[tuple[str, int]], kinds: Sequence[SupportKind]
) -> list[list[int]]:
    """For each unit, the models of each kind in it or below it; `placed` gives each model's path and kind."""
    column = {kind.pk: n for n, kind in enumerate(kinds)}
    row = {unit.pk: n for n, unit in enumerate(units)}
    counts = [[0] * len(kinds) for _unit in units]
    for path, kind in placed:
        for step in path.strip("/").split("/"):
            if int(step) in row:
                counts[row[int(step)]][column[kind]] += 1
    return counts


def coverage(models: QuerySet[SupportModel], units: QuerySet[Unit], day: date) -> Coverage:
    """Which units have which kinds on a day. A model counts for its unit and for every unit above. Three queries."""
    kinds = list(SupportKind.objects.all())
    there = list(units.filter(existing(day)))
    placed = models.filter(on_day(day)).order_by().values_list("unit__path", "kind")
    counts = _counts(there, placed, kinds)
    shares = [Share(kind, sum(row[n] > 0 for row in counts), len(there)) for n, kind in enumerate(kinds)]
    anyone = Share(None, sum(any(row) for row in counts), len(there))
    return Coverage(kinds, [Row(*pair) for pair in zip(there, counts, strict=True)], shares, anyone)


@dataclass(frozen=True)
class Lack:
    """A requirement, and the units that do not meet it on a day."""

    requirement: SupportRequirement
    units: int
    lacking: list[Unit]

    @property
    def have(self) -> int:
        return self.units - len(self.lacking)


def lacks(campaign: Campaign, user: User | AnonymousUser, day: date) -> list[Lack]:
    """What the campaign requires, and who lacks it. Three queries for each category of unit."""
    required = list(campaign.support_requirements.select_related("kind"))
    found = []
    by_category: dict[str, Coverage] = {}
    for one in required:
        if one.unit_kind not in by_category:
            units = units_of(campaign, user, [one.unit_kind])
            by_category[one.unit_kind] = coverage(models_of(campaign, user), units, day)
        table = by_category[one.unit_kind]
        place = {kind.pk: n for n, kind in enumerate(table.kinds)}
        lacking = [
            row.unit
            for row in table.rows
            if not (any(row.counts) if one.kind_id is None else row.counts[place[one.kind_id]])
        ]
        found.append(Lack(one, len(table.rows), lacking))
    return found


@dataclass(frozen=True)
class TrendDay:
    """The share of units that have any model, in per cent, on a day; None where no unit existed."""

    day: date
    percent: float | None


def trend(
    models: QuerySet[SupportModel], units: QuerySet[Unit], first: date, last: date, kind: int | None = None
) -> list[TrendDay]:
    """Day by day, the share of units that have a model of a kind (any kind where None). Two queries, whatever the days."""
    there = list(units.values_list("pk", "valid_from", "valid_to"))
    chosen = models.order_by() if kind is None else models.filter(kind=kind).order_by()
    spans: dict[int, list[tuple[date, date]]] = {}
    for path, opened, closed in chosen.values_list("unit__path", "opened", "closed"):
        for step in path.strip("/").split("/"):
            spans.setdefault(int(step), []).append((opened, closed or date.max))
    found = []
    for shift in range((last - first).days + 1):
        day = first + timedelta(days=shift)
        alive = [pk for pk, start, end in there if start <= day and (end is None or day < end)]
        have = sum(any(start <= day <= end for start, end in spans.get(pk, ())) for pk in alive)
        found.append(TrendDay(day, 100 * have / len(alive) if alive else None))
    return found
