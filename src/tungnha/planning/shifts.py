"""Turfs to teams and days before a deadline."""

from dataclasses import dataclass

import numpy as np

from tungnha.planning.ground import Floats, Ints


@dataclass(frozen=True, eq=False)
class Shifts:
    """Who walks each turf when.

    Parameters
    ----------
    day
        Working day counted from 0, -1 where the turf does not fit before the deadline, shape (turfs,).
    team
        Team counted from 0, -1 likewise, shape (turfs,).
    """

    day: Ints
    team: Ints


def schedule(
    turf_minutes: Floats, turf_priority: Floats, *, teams: int, days: int, minutes_per_shift: float
) -> Shifts:
    """Give every turf a team and a day; the more urgent go first and the longer among equals.

    Each turf goes to the earliest day that still has room, and there to the team with least to do (longest processing
    time first: Graham, "Bounds on Multiprocessing Timing Anomalies", 1969). A turf longer than a whole shift takes an
    empty shift of its own: a team that starts it finishes it.

    Parameters
    ----------
    turf_minutes, turf_priority
        Minutes and urgency (larger is earlier) of each turf, both of shape (turfs,).
    teams, days
        How many teams go out, and on how many days.
    minutes_per_shift
        Minutes one team works on one day.

    Raises
    ------
    ValueError
        If a number is negative, or `minutes_per_shift` is not above zero.
    """
    if teams < 0 or days < 0 or minutes_per_shift <= 0:
        raise ValueError("teams and days must not be negative, minutes_per_shift must be above zero")
    count = len(turf_minutes)
    day, team = np.full(count, -1, np.int32), np.full(count, -1, np.int32)
    if teams == 0 or days == 0:
        return Shifts(day, team)
    load = np.zeros((days, teams))
    for turf in np.lexsort((np.arange(count), -turf_minutes, -turf_priority)):
        fits = (load + turf_minutes[turf] <= minutes_per_shift + 1e-9) | (load == 0)
        open_days = np.flatnonzero(fits.any(axis=1))
        if len(open_days) == 0:
            continue
        first = open_days[0]
        free = np.flatnonzero(fits[first])
        chosen = free[np.argmin(load[first, free])]
        load[first, chosen] += turf_minutes[turf]
        day[turf], team[turf] = first, chosen
    return Shifts(day, team)
