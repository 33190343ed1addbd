"""Reads of outreach: what planning needs of a unit, and what walk lists, letters and pages need of a plan."""

from dataclasses import dataclass

import numpy as np
import shapely
from django.db import connection
from django.db.models import Count, Q
from numpy.typing import NDArray

from tungnha.outreach.models import Stop, Turf, TurfPlan
from tungnha.planning.ground import Doors, Floats, StreetNetwork
from tungnha.register.doorcodes import door_code
from tungnha.register.models import Resident
from tungnha.territory import queries as places
from tungnha.territory.models import Unit
from tungnha.territory.network import Projection

MINUTES_AT_ANY_DOOR = 2.0
MINUTES_A_NEED = 3.0
"""Expected minutes of a visit: greeting and asking at any door, then showing each adult who still lacks the app.
Assumed until a campaign has measured its own."""

_QUERY = """
SELECT h.id, p.id, p.longitude, p.latitude, p.edge, p.edge_offset, COALESCE(p.parent_id, -1), COALESCE(p.floor, 0),
       COALESCE(n.needs, 0), l.generated
FROM register_household h
JOIN territory_premises p ON p.id = h.premises_id
JOIN register_listfile l ON l.id = h.list_file_id
LEFT JOIN (
    SELECT r.household_id, COUNT(*) AS needs FROM register_resident r
    JOIN register_household hh ON hh.id = r.household_id
    WHERE hh.unit_id = %s AND r.step < %s AND (r.birth_year IS NULL OR r.birth_year <= %s)
    GROUP BY r.household_id
) n ON n.household_id = h.id
WHERE h.unit_id = %s
ORDER BY h.id
"""


@dataclass(frozen=True, eq=False)
class Plannable:
    """The households of a unit as arrays; `doors` has only those with a position, in the order of `household[placed]`."""

    household: NDArray[np.int64]
    minutes: Floats
    placed: NDArray[np.bool_]
    doors: Doors
    network: StreetNetwork | None
    projection: Projection
    barriers: tuple[Floats, ...]
    generated: bool


def plannable(unit: Unit, *, adult_until: int = 2010) -> Plannable:
    """Read what planning needs of a unit. `adult_until` is the last year of birth of those whom the campaign guides."""
    with connection.cursor() as cursor:
        cursor.execute(_QUERY, [unit.pk, Resident.Step.LEVEL1, adult_until, unit.pk])
        rows = cursor.fetchall()
    columns = list(zip(*rows, strict=True)) if rows else [()] * 10
    household = np.array(columns[0], dtype=np.int64)
    needs = np.array(columns[8], dtype=float)
    minutes = MINUTES_AT_ANY_DOOR + MINUTES_A_NEED * needs
    longitude, latitude, edge, offset = (np.array(columns[index], dtype=float) for index in (2, 3, 4, 5))
    placed = np.isfinite(longitude) & np.isfinite(latitude)
    loaded = places.network_of(unit)
    if loaded:
        network, projection = loaded
    else:
        network = None
        middle = (
            (float(latitude[placed].mean()), float(longitude[placed].mean())) if placed.any() else (0.0, 0.0)
        )
        projection = Projection(*middle)
    block = np.array(columns[6], dtype=np.int64)[placed] if rows else np.zeros(0, np.int64)
    doors = Doors(
        xy=projection.to_metres(longitude[placed], latitude[placed]),
        edge=np.where(np.isfinite(edge[placed]), edge[placed], -1).astype(np.int32),
        offset=np.nan_to_num(offset[placed]),
        minutes=minutes[placed],
        building=_dense(block),
        floor=np.array(columns[7], dtype=np.int32)[placed] if rows else np.zeros(0, np.int32),
    )
    barriers = tuple(
        projection.to_metres(*np.array(part.coords).T)
        for barrier in unit.barriers.all()
        for part in shapely.get_parts(shapely.from_wkb(bytes(barrier.geometry)))
    )
    return Plannable(
        household, minutes, placed, doors, network, projection, barriers, bool(rows) and any(columns[9])
    )


def _dense(values: NDArray[np.int64]) -> NDArray[np.int32]:
    """Dense indices 0.. of the distinct values that are not negative, -1 for the rest."""
    result = np.full(len(values), -1, dtype=np.int32)
    known = values >= 0
    result[known] = np.unique(values[known], return_inverse=True)[1]
    return result


def needs_of(plan: TurfPlan, *, adult_until: int = 2010) -> dict[int, int]:
    """By turf's primary key, how many people on it the campaign would guide; turfs without any are left out."""
    grown = Q(household__residents__birth_year__isnull=True) | Q(
        household__residents__birth_year__lte=adult_until
    )
    counted = (
        Stop.objects.filter(grown, plan=plan, household__residents__step__lt=Resident.Step.LEVEL1)
        .order_by()
        .values_list("turf")
        .annotate(Count("household__residents"))
    )
    return dict(counted)


def walking_order(plan: TurfPlan) -> list[tuple[int, NDArray[np.int64]]]:
    """For each turf its number and its households in walking order."""
    rows = (
        Stop.objects.filter(plan=plan)
        .order_by("turf__number", "position")
        .values_list("turf__number", "household_id")
    )
    pairs = np.array(list(rows), dtype=np.int64).reshape(-1, 2)
    numbers, starts = np.unique(pairs[:, 0], return_index=True)
    return [
        (int(number), part) for number, part in zip(numbers, np.split(pairs[:, 1], starts[1:]), strict=True)
    ]


@dataclass(frozen=True)
class Visit:
    """One line of a walk list."""

    position: int
    household: int
    premises: int
    address: str
    group: str
    head: str
    residents: int
    needs: int
    home_support: bool
    door_code: str
    block: str
    floor: int | None
    longitude: float | None
    latitude: float | None
    placing: str


def visits(turf: Turf) -> list[Visit]:
    """The walk of a turf in order."""
    stops = list(
        turf.stops.select_related("household__premises__parent")
        .prefetch_related("household__residents")
        .order_by("position")
    )
    found = []
    for stop in stops:
        household, premises = stop.household, stop.household.premises
        people = list(household.residents.all())
        lacking = [one for one in people if one.step < Resident.Step.LEVEL1 and (one.birth_year or 0) <= 2010]
        found.append(
            Visit(
                position=stop.position,
                household=household.pk,
                premises=premises.pk,
                address=premises.address,
                group=premises.group,
                head=household.head_name,
                residents=len(people),
                needs=len(lacking),
                home_support=any(one.home_support for one in people),
                door_code=door_code(bytes(household.identity)),
                block=premises.parent.name if premises.parent else "",
                floor=premises.floor,
                longitude=premises.longitude,
                latitude=premises.latitude,
                placing=premises.placing,
            )
        )
    return found
