"""The table of units by indicators, as on a day: what each has, its rank, its change, and what is not reported."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, DateField, OuterRef, Q, Subquery, Value, When

from tungnha.accounts.models import User
from tungnha.accounts.scope import Action, may, visible_units
from tungnha.campaign import curves, measures, periods
from tungnha.campaign.models import Campaign, Figure, Indicator, TrackedIndicator
from tungnha.campaign.periods import Period
from tungnha.campaign.queries import figures as reads
from tungnha.campaign.queries import targets as target_reads
from tungnha.campaign.queries import territories
from tungnha.campaign.queries.targets import Standing
from tungnha.campaign.restating import Restated
from tungnha.territory.models import Unit

RETURNED = Figure.State.RETURNED


class Stored(NamedTuple):
    """What the table needs of a figure."""

    tracked: int
    unit: int
    until: date
    numerator: int
    denominator: int | None
    state: str
    published: int | None
    estimated: bool = False
    incomplete: bool = False


@dataclass(frozen=True)
class Column:
    """One indicator in the table: its period, the one before, and what its cells measure."""

    tracked: TrackedIndicator
    period: Period
    previous: Period
    measure: str
    """`attained`: percent of the target; `ratio`: percent of its denominator; `count`: the number itself."""

    @property
    def is_percent(self) -> bool:
        return self.measure != "count"


class Cell(NamedTuple):
    """What one unit has for one indicator. Without a figure it is not reported, which is not zero."""

    numerator: int | None = None
    denominator: int | None = None
    target: Standing | None = None
    value: int | None = None
    """Hundredths of a percent, or the number, as the column measures."""
    previous: int | None = None
    brought: int | None = None
    """What this period added to a cumulative figure."""
    rank: int | None = None
    state: str = ""
    behind: bool = False
    """Whether it is short of what its stages ask for by the end of the period."""
    differs: bool = False
    """Whether the percentage that its source printed is not that of its figures."""
    estimated: bool = False
    """Whether a part of it was divided by an estimate after a boundary change."""
    incomplete: bool = False
    """Whether a unit of another time that went into it has not reported: then it is neither ranked nor compared."""

    @property
    def change(self) -> int | None:
        return None if self.value is None or self.previous is None else self.value - self.previous


@dataclass
class Row:
    """One unit across the indicators; `score` is the weighted mean, missing while a figure that counts is missing."""

    unit: Unit
    cells: list[Cell]
    score: int | None = None
    rank: int | None = None


@dataclass
class Board:
    """Units by indicators as on a day. Ranks are among all units, also where only some rows may be seen."""

    day: date
    top: Unit
    columns: list[Column]
    rows: list[Row]
    units: int
    totals: list[Cell] | None
    """Over the units that reported; None for those who do not see them all."""
    missing: list[int] = field(default_factory=list)
    """For each column, how many units have not reported."""
    elsewhere: int = 0
    """How many figures are of units of another time and not shown."""
    unknown: set[int] = field(default_factory=set)
    """Units whose figures could not be told in these units."""


@dataclass(frozen=True)
class Shown:
    """In the units of which day figures are told, and what divides those whose parts no source gives."""

    day: date
    basis: str = ""


def board(
    campaign: Campaign,
    user: User | AnonymousUser,
    day: date,
    *,
    top: Unit | None = None,
    only: Sequence[TrackedIndicator] | None = None,
    shown: Shown | None = None,
) -> Board:
    """The table of a campaign on a day, for the units that the person may read.

    With `shown`, figures and targets of units of another time are told in the units of that day; stored ones stay as
    they are. Without, they are counted as being elsewhere.
    """
    tracked = list(only) if only is not None else reads.tracked_by(campaign)
    on = shown.day if shown else day
    above = territories.on(top or campaign.unit, on)
    units = territories.below(above, on)
    facts = _Facts(tracked, [unit.pk for unit in units], day, on)
    if shown:
        facts.retell(shown)
    by_column = [_cells(column, facts) for column in facts.columns]
    rows = [Row(unit, [cells[i] for cells in by_column]) for i, unit in enumerate(units)]
    weights = [column.tracked.weight if column.is_percent else 0 for column in facts.columns]
    for row in rows:
        row.score = measures.score(
            [
                (weight, None if cell.incomplete else cell.value)
                for weight, cell in zip(weights, row.cells, strict=True)
            ]
        )
    for row, rank in zip(rows, measures.ranks([row.score for row in rows]), strict=True):
        row.rank = rank
    found = Board(
        day, above, facts.columns, rows, len(units), None, elsewhere=facts.elsewhere, unknown=facts.unknown
    )
    found.missing = [sum(cell.numerator is None for cell in cells) for cells in by_column]
    # Who reads the territory reads what it was: a role does not reach backwards by itself.
    if may(user, Action.FIGURES, above) or may(user, Action.FIGURES, campaign.unit):
        found.totals = [
            _total(column, cells, facts.targets.get((column.tracked.pk, above.pk)))
            for column, cells in zip(facts.columns, by_column, strict=True)
        ]
    else:
        seen = set(
            visible_units(user, Action.FIGURES).filter(pk__in=facts.units).values_list("pk", flat=True)
        )
        found.rows = [row for row in rows if row.unit.pk in seen]
    return found


class _Facts:
    """Everything the table reads, in a handful of queries whatever its size."""

    def __init__(self, tracked: Sequence[TrackedIndicator], units: list[int], day: date, on: date) -> None:
        self.units, self.day = units, day
        self._members = set(units)
        self._tracked = tracked
        ends = _last_ends(tracked, day)
        columns = [_column(each, periods.period_of(ends.get(each.pk, day), each.period)) for each in tracked]
        self.figures: dict[tuple[int, int, date], Stored] = {}
        self._strangers: list[Stored] = []
        self._read(columns)
        others = {each.unit for each in self._strangers}
        # City and district figures of this time are no strangers: they are totals, shown elsewhere.
        gone = {
            pk
            for pk, unit in Unit.objects.defer("boundary").in_bulk(list(others)).items()
            if not territories.exists(unit, on)
        }
        self._strangers = [each for each in self._strangers if each.unit in gone]
        self.elsewhere = len([each for each in self._strangers if each.state != RETURNED])
        self.unknown: set[int] = set()
        self.targets = target_reads.of_all(tracked, day)
        self.columns = [self._measured(column) for column in columns]
        self.stages = target_reads.stages(tracked, day)
        self.baselines = reads.baselines(tracked, units) if self.stages else {}

    def _read(self, columns: Sequence[Column]) -> None:
        """The current figures of both periods of every column. One query."""
        # By pairs: a day of one indicator may be the end of another's month.
        alike: dict[tuple[date, date], list[int]] = defaultdict(list)
        for column in columns:
            alike[column.period.end, column.previous.end].append(column.tracked.pk)
        wanted = Q(pk__in=[])
        for ends, keys in alike.items():
            # `is_current` stands in each branch, where the planner looks for the index.
            wanted |= Q(tracked__in=keys, until__in=ends, is_current=True)
        rows = Figure.objects.filter(wanted).order_by()
        for row in rows.values_list(*Stored._fields[:-2]):
            each = Stored(*row)
            if each.unit in self._members:
                self.figures[each.tracked, each.unit, each.until] = each
            else:
                self._strangers.append(each)

    def _measured(self, column: Column) -> Column:
        """What it measures: percent of the target as soon as one unit has a target that adds up."""
        tracked = column.tracked
        if not tracked.indicator.adds_up:
            return replace(column, measure="ratio")
        if any((tracked.pk, unit) in self.targets for unit in self.units):
            return replace(column, measure="attained")
        coverage = tracked.indicator.kind == Indicator.Kind.COVERAGE
        return replace(column, measure="ratio") if coverage else column

    def retell(self, shown: Shown) -> None:
        """Tell figures and targets of units of another time in these. A unit's own figure and target win."""
        strangers = {each.unit for each in self._strangers}
        beside = _level_of(strangers)
        foreign = {unit for _tracked, unit in self.targets} - self._members
        everybody = strangers | foreign | {unit.pk for unit in beside}
        way = territories.Retelling(everybody, shown.day, shown.basis)
        groups: dict[tuple[int, date], dict[int, Stored]] = defaultdict(dict)
        for each in self._strangers:
            if each.state != RETURNED:
                groups[each.tracked, each.until][each.unit] = each
        for (tracked, until), rows in groups.items():
            silent = [u.pk for u in beside if u.pk not in rows and territories.exists(u, until)]
            self._retell_figures(tracked, until, rows, way, silent=silent)
        for followed in self._tracked:
            key = followed.pk
            theirs = {unit: target.value for (pk, unit), target in self.targets.items() if pk == key}
            if followed.indicator.adds_up and not self._members & set(theirs):
                told = self._rolled_up(way.tell(territories.lowest(theirs)))
                self.unknown |= told.unknown
                for unit in self._members & set(told.values):
                    self.targets[key, unit] = Standing(told.values[unit], unit in told.estimated)
        self.columns = [self._measured(column) for column in self.columns]
        self.elsewhere = 0

    def _rolled_up(self, told: Restated) -> Restated:
        """Values of units below those shown, added to the one above: wards of 2024 where its districts are shown."""
        below = set(told.values) - self._members
        paths = dict(Unit.objects.filter(pk__in=below).values_list("pk", "path")) if below else {}
        above = {
            pk: next((int(key) for key in path.split("/")[-3:0:-1] if int(key) in self._members), pk)
            for pk, path in paths.items()
        }
        values: dict[int, int] = defaultdict(int)
        for unit, value in told.values.items():
            values[above.get(unit, unit)] += value
        return Restated(dict(values), {above.get(unit, unit) for unit in told.estimated}, told.unknown)

    def _retell_figures(
        self,
        tracked: int,
        until: date,
        rows: Mapping[int, Stored],
        way: territories.Retelling,
        *,
        silent: list[int],
    ) -> None:
        """Tell the figures of one period; what a `silent` unit, which has not reported, goes into is incomplete."""
        lowest = territories.lowest({unit: each.numerator for unit, each in rows.items()})
        numerators = self._rolled_up(way.tell(lowest))
        over = {unit: rows[unit].denominator for unit in lowest}
        whole = {unit: value for unit, value in over.items() if value is not None}
        denominators = self._rolled_up(way.tell(whole)).values if len(whole) == len(over) else {}
        self.unknown |= numerators.unknown
        # So much that every part of a silent unit is seen, however small its share.
        lacking = self._rolled_up(way.tell(dict.fromkeys(silent, 10**9))).values
        state = (
            Figure.State.ACCEPTED
            if all(each.state == Figure.State.ACCEPTED for each in rows.values())
            else Figure.State.SUBMITTED
        )
        for unit in self._members & set(numerators.values):
            told = Stored(
                tracked,
                unit,
                until,
                numerators.values[unit],
                denominators.get(unit),
                state,
                None,
                estimated=unit in numerators.estimated,
                incomplete=lacking.get(unit, 0) > 0,
            )
            self.figures.setdefault((tracked, unit, until), told)


def _level_of(units: Collection[int]) -> list[Unit]:
    """Every unit, of any time, that stands as deep in the same territories as one of these."""
    paths = list(Unit.objects.filter(pk__in=units).values_list("path", flat=True))
    depths = {path.count("/") for path in paths}
    inside = Q(pk__in=[])
    for root in {path.split("/")[1] for path in paths}:
        inside |= Q(path__startswith=f"/{root}/")
    return [unit for unit in Unit.objects.filter(inside).defer("boundary") if unit.path.count("/") in depths]


def _last_ends(tracked: Sequence[TrackedIndicator], day: date) -> dict[int, date]:
    """For each indicator the last period, up to the one that holds the day, in which anybody reported.

    A look-up in the index for each: the greatest of each group would be looked for among all figures.
    """
    ends = [When(period=length, then=Value(periods.period_of(day, length).end)) for length in periods.Length]
    told = Figure.objects.filter(tracked=OuterRef("pk"), until__lte=OuterRef("end"), is_current=True)
    last = told.exclude(state=RETURNED).order_by("-until").values("until")[:1]
    rows = TrackedIndicator.objects.filter(pk__in=[each.pk for each in tracked]).order_by()
    found = rows.annotate(end=Case(*ends, output_field=DateField())).annotate(last=Subquery(last))
    return {pk: until for pk, until in found.values_list("pk", "last") if until is not None}


def _column(tracked: TrackedIndicator, period: Period) -> Column:
    return Column(tracked, period, periods.before(period, tracked.period), "count")


def _value(measure: str, figure: Stored | None, target: Standing | None) -> int | None:
    if figure is None or figure.state == RETURNED:
        return None
    if measure == "count":
        return figure.numerator
    if measure == "ratio":
        return measures.hundredths(figure.numerator, figure.denominator)
    return measures.hundredths(figure.numerator, target.value if target else None)


def _cells(column: Column, facts: _Facts) -> list[Cell]:
    key, indicator = column.tracked.pk, column.tracked.indicator
    stages = facts.stages.get(key)
    share = stages.share(column.period.end) if stages else None
    figures = [facts.figures.get((key, unit, column.period.end)) for unit in facts.units]
    targets = [facts.targets.get((key, unit)) for unit in facts.units]
    values = [_value(column.measure, *each) for each in zip(figures, targets, strict=True)]
    ranks: list[int | None] = [None] * len(values)
    if column.is_percent:
        whole = [
            None if figure is None or figure.incomplete else value
            for figure, value in zip(figures, values, strict=True)
        ]
        ranks = measures.ranks(whole, higher_is_better=indicator.higher_is_better)
    cells = []
    for unit, figure, target, value, rank in zip(facts.units, figures, targets, values, ranks, strict=True):
        if figure is None or figure.state == RETURNED:
            cells.append(Cell(target=target, state=figure.state if figure else ""))
            continue
        old = facts.figures.get((key, unit, column.previous.end))
        if figure.incomplete or (old is not None and old.incomplete):
            old = None
        baseline = facts.baselines.get((key, unit), 0)
        cells.append(
            Cell(
                numerator=figure.numerator,
                denominator=figure.denominator,
                target=target,
                value=value,
                previous=_value(column.measure, old, target),
                brought=_brought(indicator, figure, old),
                rank=rank,
                state=figure.state,
                behind=target is not None
                and not figure.incomplete
                and _behind(column, figure, target, share, baseline),
                differs=figure.published is not None and _misprinted(figure, target),
                estimated=figure.estimated or (target is not None and target.estimated),
                incomplete=figure.incomplete,
            )
        )
    return cells


def _brought(indicator: Indicator, figure: Stored, old: Stored | None) -> int | None:
    if not indicator.cumulative or old is None or old.state == RETURNED:
        return None
    return figure.numerator - old.numerator


def _misprinted(figure: Stored, target: Standing | None) -> bool:
    """Whether the printed percentage fits neither the figure's own denominator nor the unit's target."""
    over = [each for each in (figure.denominator, target.value if target else None) if each]
    return bool(over) and all(measures.differs(figure.published, figure.numerator, each) for each in over)


def _behind(column: Column, figure: Stored, target: Standing, share: int | None, baseline: int) -> bool:
    """Whether it is short of what is due when `share` of the way is, or of the target once the deadline has come."""
    tracked = column.tracked
    if share is None and column.period.end < tracked.campaign.deadline:
        return False
    reached: int | None = figure.numerator
    if not tracked.indicator.adds_up:
        reached = measures.hundredths(figure.numerator, figure.denominator)
    if reached is None:
        return False
    wanted = target.value if share is None else curves.due(baseline, target.value, share)
    return reached < wanted if tracked.indicator.higher_is_better else reached > wanted


def _total(column: Column, cells: Sequence[Cell], own: Standing | None) -> Cell:
    """Over the units that reported, numerators with their own denominators and targets, and no others."""
    told = [cell for cell in cells if cell.numerator is not None]
    if not told:
        return Cell(target=own)
    came = [cell.brought for cell in told if cell.brought is not None]
    brought = sum(came) if len(came) == len(told) else None
    numerator = sum(cell.numerator or 0 for cell in told)
    over = [cell.denominator for cell in told if cell.denominator is not None]
    denominator = sum(over) if len(over) == len(told) else None
    if column.measure == "count":
        return Cell(numerator, denominator, own, numerator, brought=brought)
    if column.measure == "ratio":
        return Cell(numerator, denominator, own, measures.hundredths(numerator, denominator), brought=brought)
    measured = [cell for cell in told if cell.target is not None and not cell.incomplete]
    target = sum(cell.target.value for cell in measured if cell.target)
    value = measures.hundredths(sum(cell.numerator or 0 for cell in measured), target)
    return Cell(numerator, denominator, own, value, brought=brought)
