"""Every write of outreach: cutting a unit into turfs, storing the walks, dating them."""

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from itertools import tee

import numpy as np
import shapely
from django.db import connection, transaction
from django.utils.translation import gettext as _

from tungnha.engine.ahead import ahead
from tungnha.engine.progress import silent
from tungnha.engine.work import work
from tungnha.outreach.models import Turf, TurfPlan
from tungnha.outreach.queries.turfs import Plannable, needs_of, plannable
from tungnha.outreach.walking import Ground, Walks, walk
from tungnha.planning.ground import Floats
from tungnha.planning.shifts import schedule
from tungnha.planning.turfs import EFFORTS, Cut, Limits, TurfFigures
from tungnha.territory.models import Unit

CHUNK = 5_000


class NothingToPlanError(Exception):
    """A unit has no household. The message says what to do first."""


def make_turfs(unit: Unit, limits: Limits | None = None, *, seed: int = 0) -> TurfPlan:
    """Cut a unit into turfs and store the walks. Earlier plans are kept.

    Households without a position make turfs of their own after the others, marked as not connected, in the order of
    their addresses: they are visited like the rest once somebody says where they are.

    Raises NothingToPlanError where the unit has no household.
    """
    return plan_units([unit], limits, seed=seed, engine="sequential")[0]


def plan_units(
    units: Sequence[Unit],
    limits: Limits | None = None,
    *,
    seed: int = 0,
    effort: str = "usual",
    engine: str = "local",
    advance: Callable[[int], None] = silent,
) -> list[TurfPlan]:
    """Cut many units, side by side; each plan is stored as its unit is done. `advance` counts units, `effort` is one of
    `EFFORTS`.
    """
    limits = limits or Limits()
    for unit in units:
        if not unit.households.exists():
            raise NothingToPlanError(
                _("%(unit)s has no household yet. Import a list first.") % {"unit": unit.name}
            )
    # Here a unit is read while others are cut; a cluster is given all of them at once.
    read, kept = tee(map(plannable, units))
    grounds = (
        Ground(found.doors, found.network, found.barriers, limits, seed, EFFORTS[effort]) for found in read
    )
    if engine == "local":
        walked = ahead(walk, grounds, jobs=os.cpu_count() or 1, fewest=2, lying=0)
    else:
        walked = work(walk, list(grounds), engine=engine)
    plans = []
    for unit, walks, found in zip(units, walked, kept, strict=True):
        plans.append(_store(unit, found, walks, limits, seed=seed, effort=effort))
        advance(1)
    return plans


def _store(unit: Unit, found: Plannable, walks: Walks, limits: Limits, *, seed: int, effort: str) -> TurfPlan:
    made, astray = walks.cut, _astray(found, limits)
    figures = [*made.turfs, *(_without_walk(found, group) for group in astray)]
    with transaction.atomic():
        plan = TurfPlan.objects.create(
            unit=unit,
            seed=seed,
            settings={**asdict(limits), "effort": effort},
            on_streets=made.on_streets,
            figures=_summary(made, sum(map(len, astray))),
            generated=found.generated,
        )
        turfs = [
            Turf(plan=plan, number=number, route=_line(found, walks.routes, number), **asdict(one))
            for number, one in enumerate(figures)
        ]
        Turf.objects.bulk_create(turfs, batch_size=500)
        pk = [turf.pk for turf in turfs]
        rows = [
            (plan.pk, pk[turf], position, household)
            for turf, position, household in zip(
                made.turf.tolist(),
                made.position.tolist(),
                found.household[found.placed].tolist(),
                strict=True,
            )
        ]
        for offset, group in enumerate(astray):
            turf = pk[len(made.turfs) + offset]
            rows += [
                (plan.pk, turf, position, household) for position, household in enumerate(group.tolist())
            ]
        with connection.cursor() as cursor:
            for start in range(0, len(rows), CHUNK):
                cursor.executemany(
                    "INSERT INTO outreach_stop (plan_id, turf_id, position, household_id) VALUES (%s, %s, %s, %s)",
                    rows[start : start + CHUNK],
                )
    return plan


def _line(found: Plannable, routes: list[Floats], number: int) -> bytes | None:
    if number >= len(routes) or len(routes[number]) < 2:
        return None
    longitude, latitude = found.projection.to_degrees(routes[number])
    return bytes(shapely.to_wkb(shapely.linestrings(np.column_stack([longitude, latitude]))))


def _astray(found: Plannable, limits: Limits) -> list[np.ndarray]:
    """Households without a position, in turfs of the usual length."""
    lost = found.household[~found.placed]
    if len(lost) == 0:
        return []
    each = limits.doors or max(1, int((limits.minutes or 150.0) / max(float(found.minutes.mean()), 0.1)))
    return np.array_split(lost, -(-len(lost) // each))


def _without_walk(found: Plannable, group: np.ndarray) -> TurfFigures:
    minutes = float(found.minutes[np.isin(found.household, group)].sum())
    return TurfFigures(
        doors=len(group), minutes=minutes, walk_metres=0.0, diameter_metres=0.0, connected=False
    )


def _summary(made: Cut, astray: int) -> dict[str, float]:
    """The quality of a cut in figures that a page and a report show."""
    minutes = np.array([turf.minutes for turf in made.turfs]) if made.turfs else np.zeros(1)
    doors = sum(turf.doors for turf in made.turfs)
    return {
        "turfs": len(made.turfs),
        "doors": doors,
        "without_position": astray,
        "connected": sum(turf.connected for turf in made.turfs),
        "minutes_max_over_mean": round(float(minutes.max() / max(minutes.mean(), 1e-9)), 4),
        "minutes_min_over_mean": round(float(minutes.min() / max(minutes.mean(), 1e-9)), 4),
        "walk_metres_per_door": round(sum(turf.walk_metres for turf in made.turfs) / max(doors, 1), 2),
    }


def date_shifts(plan: TurfPlan, *, teams: int, days: int, start: date, minutes_per_shift: float) -> int:
    """Give turfs a day and a team before a deadline. Returns how many found no place.

    First come the turfs with most people to guide for each minute of walking and visiting, so that whatever does not fit
    before the deadline leaves the fewest people out.
    """
    turfs = list(plan.turfs.all())
    minutes = np.array([turf.minutes for turf in turfs])
    needs = needs_of(plan)
    priority = np.array([needs.get(turf.pk, 0) / max(turf.minutes, 1.0) for turf in turfs])
    planned = schedule(minutes, priority, teams=teams, days=days, minutes_per_shift=minutes_per_shift)
    for turf, day, team in zip(turfs, planned.day.tolist(), planned.team.tolist(), strict=True):
        turf.shift_date = start + timedelta(days=day) if day >= 0 else None
        turf.shift_team = team + 1 if team >= 0 else None
    with transaction.atomic():
        Turf.objects.bulk_update(turfs, ["shift_date", "shift_team"], batch_size=500)
    return int((planned.day < 0).sum())
