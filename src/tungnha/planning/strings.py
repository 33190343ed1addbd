"""Strings of doors taken out of neighbouring walks and put back where they lengthen a walk least, over and over.

Slack induction by string removals (Christiaens and Vanden Berghe, "Slack Induction by String Removals for Vehicle Routing
Problems", Transportation Science 54, 2020): around one door, a run of each walk nearby is taken out, each door goes back
to the best place (now and then one is overlooked), and simulated annealing says whether that stands. It is the most
patient part of a cut: a dozen turfs or so are taken at a time, all their ways in one table.
"""

# ruff: noqa: C901, PLR0912, PLR0915, PLR0917, NPY002 - compiled code: plain loops, Numba's own generator

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tungnha.planning.ground import Floats, Ints
from tungnha.planning.pairs import Pairs
from tungnha.planning.ring import in_one_piece

TOGETHER, MOST = 1300, 6000  # units of the turfs that are worked on together, usually and at most
NEAR = 24  # units looked at from each
LONGEST = 12  # units of one walk taken out at once, and again so many on either side on the same streets
WHOLE = 0.5  # chance that a string takes the streets it begins and ends in as far as the walk follows them
STRINGS = 4  # walks, at most, that lose some at once
PASSED = 0.2  # chance that a walk nearby loses none
OVERLOOKED = 0.01  # chance that a place is not looked at
SPLIT = 0.5  # chance that a string has a gap, of a few units that stay
GAP = 4
LOW, HIGH = 0.935, 1.04  # of the mean: minutes of a turf; nothing is given to one that is fuller
HOT, COLD = 100.0, 1.0  # metres: temperature at first and in the end
EMPTY = -1

Table = NDArray[np.float32]


class Walks(NamedTuple):
    """The walks of some turfs, unit by unit; units and turfs by local numbers.

    `metres` (units, units) and `near` (units, NEAR) are the ways, `at` positions, `street` the stretch from crossing to
    crossing, `load` (units, 2) minutes, as metres that could be walked in them, and doors. `turf` is the turf of each unit,
    EMPTY while it is in none, `beside` (units, 2) the units before and after it. By turf: `ends` (turfs, 2) and `size`, the
    first, last and number of units; `mean`, metres of walking and visiting it should have; `sums` (turfs, 3), those it has,
    doors, and what unevenness and width count for.
    """

    metres: Table
    near: Ints
    at: Floats
    street: Ints
    load: Floats
    turf: Ints
    beside: Ints
    ends: Ints
    size: Ints
    mean: Floats
    sums: Floats


class Judged(NamedTuple):
    """What walks are judged by: limits in metres of walking and visiting, and in doors; metres of walking that one metre of
    width is worth; the usual walk of a turf.
    """

    cap: float
    doors_cap: float
    span: float
    usual: float


def shorten(turfs: Pairs, passes: int, tries: int) -> None:
    """Shorten the walks of all turfs in a number of passes, with so many tries for each unit every time.

    In each pass turfs are worked on in groups of neighbours, so that their ways fit in a table; groups differ from pass to
    pass while the temperature falls, so that no border between groups lasts.
    """
    heat = np.geomspace(HOT, COLD, passes + 1)
    for hot, cold in pairwise(heat.tolist()):
        for group in _groups(turfs):
            turfs.seed += 1
            _shorten(turfs, group, tries, hot, cold)
        turfs.reckon()


def _groups(turfs: Pairs) -> list[NDArray[np.intp]]:
    """Turfs halved again and again, across a line of random direction, until few enough stand together."""
    size, middle = np.bincount(turfs.turf, minlength=len(turfs.walk)), turfs.middles()
    turn = turfs.draw.random() * np.pi
    groups, whole = [], [(np.flatnonzero(size > 0), turn)]
    while whole:
        group, angle = whole.pop()
        if size[group].sum() <= TOGETHER or len(group) < 4:
            groups.append(group)
            continue
        ranked = group[np.argsort(middle[group] @ (np.cos(angle), np.sin(angle)), kind="stable")]
        whole.extend((part, angle + np.pi / 2) for part in np.array_split(ranked, 2))
    return groups


def _shorten(turfs: Pairs, group: NDArray[np.intp], tries: int, hot: float, cold: float) -> None:
    """Shorten the walks of a few turfs, unless they are so large that their ways would fill the memory."""
    aims = turfs.aims
    unit = np.concatenate([turfs.lines[t] for t in group])
    m = len(unit)
    if not NEAR + 1 < m <= MOST:
        return
    metres = turfs.ways.between(unit).astype(np.float32)
    size = np.array([len(turfs.lines[t]) for t in group], np.int32)
    last = np.cumsum(size, dtype=np.int32) - 1
    ends = np.stack([last - size + 1, last], axis=1)
    beside = np.stack([np.arange(-1, m - 1), np.arange(1, m + 1)], axis=1).astype(np.int32)
    beside[ends[:, 0], 0] = beside[last, 1] = EMPTY
    load = np.stack([turfs.footing.minutes[unit] * aims.pace, turfs.footing.doors[unit]], axis=1)
    local = np.repeat(np.arange(len(group), dtype=np.int32), size)
    total, doors = np.bincount(local, load[:, 0]) + turfs.walk[group], np.bincount(local, load[:, 1])
    sums: Floats = np.stack([total, doors, np.zeros(len(group))], axis=1).astype(np.float64)
    walks = Walks(
        metres, _nearest(metres), turfs.footing.at[unit], turfs.footing.edge[unit], load, local, beside, ends, size,
        turfs.mean[group] * aims.pace, sums,
    )  # fmt: skip
    judged = Judged(aims.cap * aims.pace, float(aims.doors_cap), aims.span, turfs.usual)
    _anneal(
        walks, judged, tries * m, hot, cold,
        unit, group.astype(np.int32), turfs.turf, turfs.start, turfs.head, turfs.seed,
    )  # fmt: skip
    turfs.now += 1
    for k, t in enumerate(group):
        line = _line(walks, k)
        turfs.changed[t] = turfs.now
        turfs.take(t, unit[line], metres[np.ix_(line, line)].astype(np.float64))


def _nearest(metres: Table) -> Ints:
    """The nearest others of each unit, the nearest first."""
    near = np.empty((len(metres), NEAR), np.int32)
    for i, row in enumerate(metres):
        found = np.argpartition(row, NEAR)[: NEAR + 1]
        found = found[found != i][:NEAR]
        near[i] = found[np.lexsort((found, row[found]))]
    return near


@njit(cache=True)
def _line(walks: Walks, t: int) -> Ints:
    """The units of a walk in its order."""
    line = np.empty(walks.size[t], np.int32)
    x = walks.ends[t, 0]
    for k in range(len(line)):
        line[k] = x
        x = walks.beside[x, 1]
    return line


@njit(cache=True)
def _across(t: int, ends: Ints, beside: Ints, at: Floats, metres: Table) -> float:
    """Metres between the farthest two among the eight units of a turf that lie outermost, each in one direction."""
    found, most = np.zeros(8, np.int32), np.full(8, -np.inf)
    x = ends[t, 0]
    while x != EMPTY:
        east, north = at[x, 0], at[x, 1]
        for k, far in enumerate((east, north, 0.7071 * (east + north), 0.7071 * (east - north))):
            if far > most[2 * k]:
                most[2 * k], found[2 * k] = far, x
            if -far > most[2 * k + 1]:
                most[2 * k + 1], found[2 * k + 1] = -far, x
        x = beside[x, 1]
    across = 0.0
    for i in range(8):
        for j in range(i):
            across = max(across, metres[found[i], found[j]])
    return across


@njit(cache=True)
def _worth(walks: Walks, judged: Judged, t: int) -> float:
    """Metres that a turf's unevenness and width count for."""
    filled = walks.sums[t, 0] / walks.mean[t]
    beyond = max(0.0, filled - HIGH, LOW - filled)
    across = _across(t, walks.ends, walks.beside, walks.at, walks.metres)
    return float(judged.span * across + judged.usual * (12.0 * beyond + 120.0 * beyond**2))


@njit(cache=True)
def _out(
    x: int, metres: Table, load: Floats, turf: Ints, beside: Ints, ends: Ints, size: Ints, sums: Floats
) -> None:
    """Take a unit out of its walk; it keeps its neighbours there in mind."""
    t, before, after = turf[x], beside[x, 0], beside[x, 1]
    longer = -load[x, 0]
    if before == EMPTY:
        ends[t, 0] = after
    else:
        beside[before, 1] = after
        longer -= metres[before, x]
    if after == EMPTY:
        ends[t, 1] = before
    else:
        beside[after, 0] = before
        longer -= metres[x, after]
    if EMPTY not in (before, after):
        longer += metres[before, after]
    sums[t, 0] += longer
    sums[t, 1] -= load[x, 1]
    size[t] -= 1
    turf[x] = EMPTY


@njit(cache=True)
def _in(
    x: int, t: int, before: int, after: int,
    metres: Table, load: Floats, turf: Ints, beside: Ints, ends: Ints, size: Ints, sums: Floats,
) -> None:  # fmt: skip
    """Put a unit into a walk between two neighbours there, or before or after them all."""
    longer = load[x, 0]
    beside[x, 0], beside[x, 1] = before, after
    if before == EMPTY:
        ends[t, 0] = x
    else:
        beside[before, 1] = x
        longer += metres[before, x]
    if after == EMPTY:
        ends[t, 1] = x
    else:
        beside[after, 0] = x
        longer += metres[x, after]
    if EMPTY not in (before, after):
        longer -= metres[before, after]
    sums[t, 0] += longer
    sums[t, 1] += load[x, 1]
    size[t] += 1
    turf[x] = t


@njit(cache=True)
def _string(walks: Walks, c: int, gone: Ints, count: int) -> int:
    """Take a string of a walk out, with unit c in it or next to it; adds them to `gone` and returns how many are there.

    Units left on a street draw the others back at no cost, so that half of the strings take streets as a whole.
    """
    street, beside, size = walks.street, walks.beside, walks.size[walks.turf[c]]
    length = 1 + np.random.randint(min(LONGEST, size - 2))
    most, gap_at, x = length, length, c
    for _ in range(np.random.randint(length)):
        if beside[x, 0] != EMPTY:
            x = beside[x, 0]
    if np.random.random() < WHOLE:
        for _ in range(LONGEST):
            if beside[x, 0] == EMPTY or street[beside[x, 0]] != street[x]:
                break
            x = beside[x, 0]
        most = min(length + LONGEST, size - 2)
    elif np.random.random() < SPLIT:
        gap_at = 1 + np.random.randint(length)
    last = EMPTY
    for k in range(most):
        if k == gap_at:
            for _ in range(1 + np.random.randint(GAP)):
                if x != EMPTY:
                    x = beside[x, 1]
        if x == EMPTY or (k >= length and street[x] != street[last]):
            break
        gone[count] = last = x
        count += 1
        x = beside[x, 1]
        _out(last, walks.metres, walks.load, walks.turf, beside, walks.ends, walks.size, walks.sums)
    return count


@njit(cache=True)
def _best_place(
    x: int, doors_cap: float, full: Floats, near: Ints,
    metres: Table, load: Floats, turf: Ints, beside: Ints, sums: Floats,
) -> tuple[int, int]:  # fmt: skip
    """The place that lengthens a walk least among those beside near units: a unit, and 0 for before it, 1 for after it."""
    least, place, side = np.inf, EMPTY, 0
    for k in range(NEAR):
        v = near[x, k]
        t = turf[v]
        if t == EMPTY or sums[t, 1] + load[x, 1] > doors_cap:
            continue
        room, to = full[t] - sums[t, 0] - load[x, 0], metres[x, v]
        for way in range(2):
            w, longer = beside[v, way], to
            if w != EMPTY:
                longer += metres[x, w] - metres[v, w]
            if longer < least and longer <= room and np.random.random() >= OVERLOOKED:
                least, place, side = longer, v, way
    return place, side


@njit(cache=True)
def _anneal(
    walks: Walks, judged: Judged, tries: int, hot: float, cold: float,
    unit: Ints, group: Ints, turf_of: Ints, start: Ints, head: Ints, seed: int,
) -> None:  # fmt: skip
    """Take strings out and put their units back, `tries` times over; temperatures in metres.

    `unit` and `group` are the numbers of units and turfs on the ground, `turf_of` the turf of every unit there, changed in
    place. A change stands only if every turf it touches is in one piece.
    """
    np.random.seed(seed)
    metres, near, _, _, load, turf, beside, ends, size, mean, sums = walks
    m, count = len(unit), len(group)
    full = np.minimum(judged.cap, HIGH * mean)
    for t in range(count):
        sums[t, 2] = _worth(walks, judged, t)
    stamp, tick = np.zeros(len(start), np.int64), 0
    stack = np.empty(len(start) + len(head), np.int32)
    gone, order, was = np.empty(m, np.int32), np.empty(m, np.int32), np.empty((m, 3), np.int32)
    touched, touched_in, kept = np.empty(count, np.int32), np.full(count, -1, np.int64), np.empty((count, 3))
    for step in range(tries):
        out, moved, strings, c = 0, 0, 1 + np.random.randint(STRINGS), np.random.randint(m)
        for k in range(-1, NEAR):
            x = c if k < 0 else near[c, k]
            t = turf[x]
            if t == EMPTY or touched_in[t] == step or size[t] < 4 or (k >= 0 and np.random.random() < PASSED):
                continue
            touched_in[t], touched[moved] = step, t
            for i in range(3):
                kept[moved, i] = sums[t, i]
            moved += 1
            first, out = out, _string(walks, x, gone, out)
            for i in range(first, out):
                was[i, 0], was[i, 1], was[i, 2] = t, beside[gone[i], 0], beside[gone[i], 1]
            strings -= 1
            if strings == 0:
                break
        turned = np.random.randint(3)
        for i in range(out):
            order[i] = gone[out - 1 - i] if turned == 1 else gone[i]
        if turned == 2:
            for i in range(out - 1, 0, -1):
                j = np.random.randint(i + 1)
                order[i], order[j] = order[j], order[i]
        done = 0
        while done < out:
            x = order[done]
            v, side = _best_place(x, judged.doors_cap, full, near, metres, load, turf, beside, sums)
            if v == EMPTY:
                break
            t, w = turf[v], beside[v, side]
            if touched_in[t] != step:
                touched_in[t], touched[moved] = step, t
                for i in range(3):
                    kept[moved, i] = sums[t, i]
                moved += 1
            _in(x, t, v if side else w, w if side else v, metres, load, turf, beside, ends, size, sums)
            done += 1
        stands = done == out
        if stands:
            worse = 0.0
            for i in range(moved):
                t = touched[i]
                sums[t, 2] = _worth(walks, judged, t)
                worse += sums[t, 0] + sums[t, 2] - kept[i, 0] - kept[i, 2]
            stands = worse <= -hot * (cold / hot) ** (step / tries) * np.log(1.0 - np.random.random())
        if stands:
            for i in range(out):
                turf_of[unit[gone[i]]] = group[turf[gone[i]]]
            for i in range(moved):
                tick += 1
                t = touched[i]
                if not in_one_piece(unit[ends[t, 0]], size[t], turf_of, start, head, stamp, tick, stack):
                    stands = False
                    break
        if not stands:
            for i in range(done - 1, -1, -1):
                _out(order[i], metres, load, turf, beside, ends, size, sums)
            for i in range(out - 1, -1, -1):
                x = gone[i]
                turf_of[unit[x]] = group[was[i, 0]]
                _in(x, was[i, 0], was[i, 1], was[i, 2], metres, load, turf, beside, ends, size, sums)
            for i in range(moved):
                for k in range(3):
                    sums[touched[i], k] = kept[i, k]
