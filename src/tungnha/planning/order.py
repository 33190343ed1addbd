"""The walking order inside one turf: an open path over all its doors.

Iterated local search (moves of two and three edges over neighbour lists, a queue of doors to look at, small double
bridges as kicks, better kept), after Johnson and McGeoch, "The Traveling Salesman Problem: A Case Study in Local
Optimization" (1997). An open path is a closed tour
through one more point that is at distance zero from every other.
"""

# ruff: noqa: C901, PLR0912, PLR0915, PLR0917 - compiled code: plain loops over arrays, no objects, no keywords

import numpy as np
from numba import njit

from tungnha.planning.ground import Floats, Ints

KICKS = 700
KICKS_A_DOOR = 7  # for walks of more than a hundred doors
NEAR = 5  # doors looked at from each
STRETCH = 30  # longest of the three runs that a kick turns round
PATIENCE = 0.2  # of the usual step: how much worse a walk may get for a while


def order(distances: Floats, *, seed: int = 0, kicks: int | None = None) -> Ints:
    """Order doors so that walking from the first to the last is short.

    Parameters
    ----------
    distances
        Metres between doors, symmetric, shape (n, n).
    seed
        Same seed, same order.
    kicks
        Effort: how often the path is disturbed and mended; by default 700, or seven a door where that is more.

    Returns
    -------
    The indices 0..n-1 in walking order, shape (n,). The walk may be read from either end; it starts at the end with
    the smaller index.

    Raises
    ------
    ValueError
        If `distances` is not square or not finite.
    """
    matrix = np.ascontiguousarray(distances, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError("distances must be a square array")
    if not np.isfinite(matrix).all():
        raise ValueError("distances must be finite")
    if len(matrix) <= 1:
        return np.arange(len(matrix), dtype=np.int32)
    effort = kicks if kicks is not None else max(KICKS, KICKS_A_DOOR * len(matrix))
    path: Ints = improve(matrix, nearest_first(matrix), effort, seed)
    return path


@njit(cache=True)
def path_length(distances: Floats, path: Ints) -> float:
    """Metres of a walk along `path`."""
    total = 0.0
    for i in range(1, len(path)):
        total += distances[path[i - 1], path[i]]
    return total


@njit(cache=True)
def nearest_first(distances: Floats) -> Ints:
    """Start at the door farthest from the first one, then always go to the nearest left."""
    n = len(distances)
    path = np.empty(n, np.int32)
    left = np.ones(n, np.bool_)
    here = int(np.argmax(distances[0]))
    for i in range(n):
        path[i] = here
        left[here] = False
        best, found = np.inf, -1
        for j in range(n):
            if left[j] and distances[here, j] < best:
                best, found = distances[here, j], j
        here = found
    return path


@njit(cache=True)
def _reverse(tour: Ints, where: Ints, i: int, j: int) -> None:
    """Reverse the tour from position i to position j, going round the end, or the other part if that is shorter."""
    n = len(tour)
    inside = (j - i) % n + 1
    if 2 * inside > n:
        i, j = (j + 1) % n, (i - 1) % n
        inside = n - inside
    for _ in range(inside // 2):
        tour[i], tour[j] = tour[j], tour[i]
        where[tour[i]] = i
        where[tour[j]] = j
        i = i + 1 if i + 1 < n else 0
        j = j - 1 if j > 0 else n - 1


@njit(cache=True)
def _beside(tour: Ints, at: int, way: int) -> int:
    """The door before (-1) or after (1) position `at` of a closed tour."""
    at += way
    if at == len(tour):
        at = 0
    return int(tour[at])


@njit(cache=True)
def _ahead(start: int, end: int, way: int, n: int) -> int:
    """Steps from one position to another in a direction."""
    steps = (end - start) * way
    return steps if steps >= 0 else steps + n


@njit(cache=True)
def _swap(tour: Ints, where: Ints, a: int, b: int, c: int) -> None:
    """Turn the run b..c round, so that c comes next to a: b is beside a, in the direction of c (a 2-opt move)."""
    if tour[(where[a] + 1) % len(tour)] == b:
        _reverse(tour, where, where[b], where[c])
    else:
        _reverse(tour, where, where[c], where[b])


@njit(cache=True)
def _three_opt(d: Floats, near: Ints, tour: Ints, where: Ints, a: int, ends: Ints) -> float:
    """Make the best move of two or three edges of which one is at `a`, over near doors; returns metres saved.

    Each door joined is nearer than what was gained so far (Lin and Kernighan's gain criterion). The doors at the ends
    of the edges go to `ends`.
    """
    n = len(tour)
    best, kind = 1e-7, 0
    c3, c4, c5, c6, c2 = 0, 0, 0, 0, 0
    for side in range(2):
        way = 1 if side == 0 else -1
        t2 = _beside(tour, where[a], way)
        base = d[a, t2]
        for t3 in near[t2]:
            first = base - d[t2, t3]
            if first <= 1e-7:
                break
            # Going back from t3 a move of two edges is complete; a third may follow.
            t4 = _beside(tour, where[t3], -way)
            if t3 != a and t4 != t2:
                open_gain = first + d[t3, t4]
                if open_gain - d[t4, a] > best:
                    best, kind = open_gain - d[t4, a], 1
                    c2, c3, c4 = t2, t3, t4
                span = _ahead(where[t2], where[t4], way, n)
                for t5 in near[t4]:
                    second = open_gain - d[t4, t5]
                    if second <= 1e-7:
                        break
                    if t5 in (t3, t4):
                        continue
                    inside = _ahead(where[t2], where[t5], way, n) <= span
                    t6 = _beside(tour, where[t5], way if inside else -way)
                    value = second + d[t5, t6] - d[t6, a]
                    if value > best:
                        best, kind = value, 2
                        c2, c3, c4, c5, c6 = t2, t3, t4, t5, t6
            # Going on from t3 only a third edge, between t2 and t3, closes the tour.
            t4 = _beside(tour, where[t3], way)
            if t3 != a:
                open_gain = first + d[t3, t4]
                span = _ahead(where[t2], where[t3], way, n)
                for t5 in near[t4]:
                    second = open_gain - d[t4, t5]
                    if second <= 1e-7:
                        break
                    if _ahead(where[t2], where[t5], way, n) > span:
                        continue
                    if t5 != t3:
                        t6 = _beside(tour, where[t5], way)
                        value = second + d[t5, t6] - d[t6, a]
                        if value > best:
                            best, kind = value, 3
                            c2, c3, c4, c5, c6 = t2, t3, t4, t5, t6
                    if t5 != t2:
                        t6 = _beside(tour, where[t5], -way)
                        value = second + d[t5, t6] - d[t6, a]
                        if value > best:
                            best, kind = value, 4
                            c2, c3, c4, c5, c6 = t2, t3, t4, t5, t6
    if kind == 0:
        return 0.0
    if kind == 1:
        _swap(tour, where, a, c2, c4)
        c5, c6 = c3, c4
    elif kind == 2:
        _swap(tour, where, a, c2, c4)
        _swap(tour, where, a, c4, c6)
    elif kind == 3:
        _swap(tour, where, a, c2, c3)
        _swap(tour, where, a, c3, c6)
        _swap(tour, where, c3, c5, c2)
    else:
        _swap(tour, where, a, c2, c6)
        _swap(tour, where, c2, c5, c3)
    ends[0], ends[1], ends[2], ends[3], ends[4], ends[5] = a, c2, c3, c4, c5, c6
    return float(best)


@njit(cache=True)
def settle(d: Floats, near: Ints, tour: Ints, where: Ints, queue: Ints, queued: Ints, count: int) -> float:
    """Improve around the doors in `queue` until nothing helps; returns metres saved."""
    n = len(tour)
    saved = 0.0
    head = 0
    ends = np.empty(6, np.int32)
    while count > 0:
        a = queue[head]
        head = head + 1 if head + 1 < n else 0
        count -= 1
        queued[a] = 0
        gain = _three_opt(d, near, tour, where, a, ends)
        if gain > 0.0:
            saved += gain
            for b in ends:
                if not queued[b]:
                    queue[(head + count) % n] = b
                    queued[b] = 1
                    count += 1
    return saved


@njit(cache=True)
def bridge(d: Floats, near: Ints, tour: Ints, where: Ints, kept: Ints, queue: Ints, queued: Ints) -> float:
    """Kick a tour and settle it again; returns metres more than before.

    The kick is a double bridge over a short stretch: three neighbouring runs in the opposite order. `kept` is the same
    tour as `tour`; `queue` and `queued` are room to work in, the latter all zero.
    """
    n = len(tour)
    most = min(STRETCH, (n - 1) // 3)
    start = np.random.randint(n)  # noqa: NPY002
    x = 1 + np.random.randint(most)  # noqa: NPY002
    y = x + 1 + np.random.randint(most)  # noqa: NPY002
    z = y + 1 + np.random.randint(most)  # noqa: NPY002
    a, b = tour[start], tour[(start + 1) % n]
    c, e = tour[(start + x) % n], tour[(start + x + 1) % n]
    f, g = tour[(start + y) % n], tour[(start + y + 1) % n]
    h, i = tour[(start + z) % n], tour[(start + z + 1) % n]
    change = d[a, g] + d[h, e] + d[f, b] + d[c, i] - d[a, b] - d[c, e] - d[f, g] - d[h, i]
    at = start
    for lo, hi in ((y, z), (x, y), (0, x)):
        for k in range(lo, hi):
            at = at + 1 if at + 1 < n else 0
            tour[at] = kept[(start + 1 + k) % n]
            where[tour[at]] = at
    count = 0
    for v in (a, b, c, e, f, g, h, i):
        if not queued[v]:
            queue[count] = v
            queued[v] = 1
            count += 1
    return float(change - settle(d, near, tour, where, queue, queued, count))


@njit(cache=True)
def nearest(d: Floats, m: int, width: int, free: int) -> Ints:
    """The nearest others of each of the first m points, after `free` points that are at no distance from anywhere.

    Shape (m + free, free + width); the free points, numbered from m, are near to some points all along the tour.
    """
    width = min(width, m - 1)
    near = np.empty((m + free, free + width), np.int32)
    for i in range(m):
        for k in range(free):
            near[i, k] = m + k
        found = 0
        for j in range(m):
            if j == i or (found == width and d[i, j] >= d[i, near[i, free + width - 1]]):
                continue
            k = min(found, width - 1)
            while k > 0 and d[i, near[i, free + k - 1]] > d[i, j]:
                near[i, free + k] = near[i, free + k - 1]
                k -= 1
            near[i, free + k] = j
            found = min(found + 1, width)
    for i in range(m, m + free):
        for k in range(free + width):
            near[i, k] = k * (m - 1) // (free + width - 1)
    return near


@njit(cache=True)
def improve(distances: Floats, path: Ints, kicks: int, seed: int) -> Ints:
    """Improve an open path by iterated local search; the result is never longer than `path`."""
    np.random.seed(seed)  # noqa: NPY002 - Numba's own generator, seeded for this call
    return polish(distances, path, kicks)


@njit(cache=True)
def polish(distances: Floats, path: Ints, kicks: int) -> Ints:
    """The same as `improve`, going on with Numba's generator as it stands."""
    m = len(path)
    if m < 4:
        return _tiny(distances, path)
    n = m + 1
    d = np.zeros((n, n))
    d[:m, :m] = distances
    # The point that opens the tour is everybody's nearest, at distance zero.
    near = nearest(d, m, NEAR, 1)
    tour = np.empty(n, np.int32)
    tour[:m] = path
    tour[m] = m
    where = np.empty(n, np.int32)
    for i in range(n):
        where[tour[i]] = i
    queue = tour.copy()
    queued = np.ones(n, np.int32)
    settle(d, near, tour, where, queue, queued, n)
    kept = tour.copy()
    kept_where = where.copy()
    best = tour.copy()
    above = 0.0
    usual = path_length(distances, path) / m
    for step in range(kicks):
        change = bridge(d, near, tour, where, kept, queue, queued)
        # A slightly worse tour is walked on from, ever less so; the best one seen is the answer.
        patience = PATIENCE * usual * (1.0 - step / kicks)
        if change <= -patience * np.log(1.0 - np.random.random()):  # noqa: NPY002
            above += change
            kept[:] = tour
            kept_where[:] = where
            if above < -1e-7:
                above = 0.0
                best[:] = tour
        else:
            tour[:] = kept
            where[:] = kept_where
    opening = 0
    while best[opening] != m:
        opening += 1
    result = np.empty(m, np.int32)
    for i in range(m):
        result[i] = best[(opening + 1 + i) % n]
    if result[0] > result[m - 1]:
        result = result[::-1].copy()
    return result


@njit(cache=True)
def _tiny(distances: Floats, path: Ints) -> Ints:
    """Two or three doors: try every middle."""
    m = len(path)
    best = np.sort(path)
    if m == 3:
        a, b, c = best[0], best[1], best[2]
        least = distances[a, b] + distances[b, c]
        if distances[a, c] + distances[c, b] < least:
            least = distances[a, c] + distances[c, b]
            best = np.array([a, c, b], np.int32)
        if distances[b, a] + distances[a, c] < least:
            best = np.array([b, a, c], np.int32)
    return best.astype(np.int32)
