"""One closed walk over the units of two turfs, and the best two places to cut it."""

# ruff: noqa: C901, PLR0912, PLR0915, PLR0917 - compiled code: plain loops over arrays, no objects, no keywords

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tungnha.planning.ground import Floats, Ints
from tungnha.planning.order import bridge, nearest, settle

HIGH, LOW = 1.03, 0.955  # of the mean: minutes beyond these weigh heavily
LESS = 1e-6  # metres by which a parting must be better
TRIED = 4  # ways to part one walk that are looked at more closely


@njit(cache=True)
def weight(minutes: float, doors: int, mean: float, cap: float, doors_cap: int, scale: float) -> float:
    """Metres that a turf's unevenness counts for; `scale` is the usual walk of a turf."""
    r = minutes / mean
    beyond = max(0.0, r - HIGH, LOW - r)
    # More than in proportion: so what one turf lacks is shared with its neighbour, and passed on from there.
    value = 6.0 * (r - 1.0) ** 2 + 60.0 * beyond + 600.0 * beyond**2
    value += 1000.0 * (max(0.0, minutes / cap - 1.0) + max(0.0, doors / doors_cap - 1.0))
    return value * scale


@njit(cache=True)
def in_one_piece(u: int, size: int, turf: Ints, start: Ints, head: Ints, stamp: NDArray[np.int64], tick: int, stack: Ints) -> bool:  # fmt: skip
    """Whether the turf of unit u, of that many units, is in one piece."""
    units, own = len(turf), turf[u]
    stack[0] = u
    stamp[u] = tick
    depth, met = 1, 1
    while depth > 0:
        depth -= 1
        v = stack[depth]
        for k in range(start[v], start[v + 1]):
            w = head[k]
            if stamp[w] != tick and (w >= units or turf[w] == own):
                stamp[w] = tick
                stack[depth] = w
                depth += 1
                if w < units:
                    met += 1
                    if met == size:
                        return True
    return met == size


@njit(cache=True)
def _diameter(d: Floats, ring: Ints, begin: int, size: int) -> float:
    m = len(ring)
    most = 0.0
    for i in range(size):
        a = ring[(begin + i) % m]
        for j in range(i):
            most = max(most, d[a, ring[(begin + j) % m]])
    return most


@njit(cache=True)
def _parting(
    ring: Ints, d: Floats, visit: Floats, doors: Ints, mean: float, cap: float, doors_cap: int, pace: float, scale: float,
    most: float, top: float, bottom: float, first: Ints, second: Ints, value: Floats,
) -> None:  # fmt: skip
    """The best ways to cut a closed walk in two parts of `bottom` to `top` minutes, and what each is worth.

    The cuts are after the positions `first` and `second`.
    """
    m = len(ring)
    minutes, held, gap = np.zeros(2 * m + 1), np.zeros(2 * m + 1, np.int64), np.empty(2 * m)
    walked = np.zeros(2 * m + 1)
    for k in range(2 * m):
        u = ring[k % m]
        gap[k] = d[u, ring[(k + 1) % m]]
        minutes[k + 1] = minutes[k] + visit[u]
        held[k + 1] = held[k] + doors[u]
        walked[k + 1] = walked[k] + gap[k]
    value[:] = most
    j = 1
    half = 0.5 * (minutes[m] + walked[m] / pace)
    for i in range(m):
        # One part is i+1 .. j, the other j+1 .. i+m.
        j = max(j, i + 1)
        while j < i + m - 1 and minutes[j + 1] - minutes[i + 1] + (walked[j] - walked[i + 1]) / pace < half:
            j += 1
        for c in range(max(i + 1, j - 3), min(i + m - 1, j + 3, m)):
            if walked[m] - gap[i] - gap[c] >= value[TRIED - 1]:
                continue
            one, other = walked[c] - walked[i + 1], walked[i + m] - walked[c + 1]
            load = minutes[c + 1] - minutes[i + 1] + one / pace
            rest = minutes[i + m + 1] - minutes[c + 1] + other / pace
            if max(load, rest) > top or min(load, rest) < bottom:
                continue
            worth = (
                one + other
                + weight(load, held[c + 1] - held[i + 1], mean, cap, doors_cap, scale)
                + weight(rest, held[i + m + 1] - held[c + 1], mean, cap, doors_cap, scale)
            )  # fmt: skip
            if worth < value[TRIED - 1]:
                k = TRIED - 1
                while k > 0 and value[k - 1] > worth:
                    value[k], first[k], second[k] = value[k - 1], first[k - 1], second[k - 1]
                    k -= 1
                value[k], first[k], second[k] = worth, i, c


@njit(cache=True)
def _lay(tour: Ints, where: Ints, ring: Ints, begin: int, one: int) -> None:
    """The first part, a free point, the second part, the other free point."""
    m = len(ring)
    for q in range(m):
        tour[q if q < one else q + 1] = ring[(begin + q) % m]
    tour[one], tour[m + 1] = m, m + 1
    for q in range(m + 2):
        where[tour[q]] = q


@njit(cache=True)
def _parts_in_one_piece(
    members: Ints, ring: Ints, begin: int, one: int, a: int, b: int, turf: Ints,
    start: Ints, head: Ints, stamp: NDArray[np.int64], tick: int, stack: Ints,
) -> int:  # fmt: skip
    """Give the two parts to a and b, in `turf`; how many of them are in one piece."""
    m = len(ring)
    for q in range(m):
        turf[members[ring[(begin + q) % m]]] = a if q < one else b
    first, second = members[ring[begin % m]], members[ring[(begin + one) % m]]
    good = 0
    good += in_one_piece(first, one, turf, start, head, stamp, tick + 1, stack)
    good += in_one_piece(second, m - one, turf, start, head, stamp, tick + 2, stack)
    return good


@njit(cache=True)
def recut(
    d: Floats, visit: Floats, held: Ints, members: Ints, one: int, worth: float, whole: int,
    top: float, bottom: float, mean: float, cap: float,
    doors_cap: int, pace: float, usual: float, span: float, kicks: int, turf: Ints,
    start: Ints, head: Ints, stamp: NDArray[np.int64], tick: int, stack: Ints, seed: int,
) -> tuple[Ints, int, int]:  # fmt: skip
    """Walk two turfs as one, shorten that walk and cut it anew, `kicks` times over, while that is better than `worth`.

    Parameters
    ----------
    d, visit, held, members
        Metres between the units of both, their minutes, doors and numbers, turf after turf, each in walking order.
    one
        How many units the first turf has.
    worth, whole
        What the turfs are worth now, and how many of them are in one piece: never fewer.
    top, bottom
        Minutes that neither may be above or below.
    turf
        Turf of each unit, changed in place.
    stamp, tick, stack
        Room for searches; the last stamp used.

    Returns
    -------
    The units (as places in `members`) in walking order, turf after turf; how many the first has now, 0 if nothing is
    better; and the last stamp used.
    """
    np.random.seed(seed)  # noqa: NPY002 - Numba's own generator, seeded for this call
    m, had = len(members), one
    a, b = turf[members[0]], turf[members[one]]
    n = m + 2
    # Two points at no distance from anywhere stand between the turfs, so that the ways from one to the other are free.
    full = np.zeros((n, n))
    full[:m, :m] = d
    full[m, m + 1] = full[m + 1, m] = 1e6
    near = nearest(full, m, 6, 2)
    tour, where = np.empty(n, np.int32), np.empty(n, np.int32)
    ring = np.arange(m).astype(np.int32)
    _lay(tour, where, ring, 0, one)
    kept, kept_where = tour.copy(), where.copy()
    queue, queued = tour.copy(), np.ones(n, np.int32)
    metres = 0.0
    for i in range(n):
        metres += full[tour[i - 1], tour[i]]
    first, second, value = np.empty(TRIED, np.int32), np.empty(TRIED, np.int32), np.empty(TRIED)
    line, size = ring.copy(), 0
    wide = _diameter(d, line, 0, one) + _diameter(d, line, one, m - one)
    for step in range(kicks + 1):
        if step == 0:
            now = metres - settle(full, near, tour, where, queue, queued, n)
        else:
            now = metres + bridge(full, near, tour, where, kept, queue, queued)
        gained = False
        # Diameters shrink by a third at most, else the parting is not looked at.
        most = worth - 0.7 * span * wide
        if now < most:
            k = 0
            for i in range(n):
                if tour[i] < m:
                    ring[k] = tour[i]
                    k += 1
            _parting(
                ring, d, visit, held, mean, cap, doors_cap, pace, usual, most, top, bottom, first, second, value,
            )  # fmt: skip
            for k in range(TRIED):
                if value[k] >= most:
                    break
                begin, count = first[k] + 1, second[k] - first[k]
                across = _diameter(d, ring, begin, count) + _diameter(d, ring, begin + count, m - count)
                total = value[k] + span * across
                if total >= worth - LESS:
                    continue
                # The part that holds more of the first turf's units stays that turf.
                mine = 0
                for q in range(count):
                    mine += ring[(begin + q) % m] < had
                if 2 * mine < count:
                    begin, count = begin + count, m - count
                good = _parts_in_one_piece(
                    members, ring, begin, count, a, b, turf, start, head, stamp, tick, stack
                )
                tick += 2
                if good < whole:
                    continue
                whole, worth, wide, size, gained = good, total, across, count, True
                metres = 0.0
                for q in range(m):
                    line[q] = ring[(begin + q) % m]
                    if q > 0 and q != count:
                        metres += d[line[q - 1], line[q]]
                _lay(tour, where, line, 0, count)
                break
        if gained:
            kept[:] = tour
            kept_where[:] = where
        else:
            tour[:] = kept
            where[:] = kept_where
    split = size if size > 0 else had
    for q in range(m):
        turf[members[line[q]]] = a if q < split else b
    return line, size, tick
