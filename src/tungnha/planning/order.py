"""The walking order inside one turf: an open path over all its doors.

Iterated local search (2-opt and Or-opt over neighbour lists, small random kicks, better kept), after Johnson and
McGeoch, "The Traveling Salesman Problem: A Case Study in Local Optimization" (1997). An open path is a closed tour
through one more point that is at distance zero from every other.
"""

# ruff: noqa: C901, PLR0912, PLR0915, PLR0917 - compiled code: plain loops over arrays, no objects, no keywords

import numpy as np
from numba import njit

from tungnha.planning.ground import Floats, Ints

KICKS = 1500
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
        Effort: how often the path is disturbed and mended; by default 1,500, fewer for paths of up to eight doors.

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
    effort = kicks if kicks is not None else (KICKS if len(matrix) > 8 else 200)
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
def _two_opt(d: Floats, near: Ints, tour: Ints, where: Ints, a: int) -> float:
    """The first improving 2-opt move at `a`; returns metres saved, 0 if there is none."""
    n = len(tour)
    for side in range(2):
        step = 1 if side == 0 else n - 1
        after_a = tour[(where[a] + step) % n]
        base = d[a, after_a]
        for c in near[a]:
            if d[a, c] >= base:
                break
            after_c = tour[(where[c] + step) % n]
            if c == after_a or after_c == a:
                continue
            gain = base + d[c, after_c] - d[a, c] - d[after_a, after_c]
            if gain > 1e-9:
                if side == 0:
                    _reverse(tour, where, where[after_a], where[c])
                else:
                    _reverse(tour, where, where[c], where[after_a])
                return float(gain)
    return 0.0


@njit(cache=True)
def _or_opt(d: Floats, near: Ints, tour: Ints, where: Ints, a: int) -> float:
    """Move a run of one to three doors that ends at `a` next to a near door; returns metres saved."""
    n = len(tour)
    for size in range(1, min(4, n - 2)):
        for side in range(2):
            # The run goes from a away from `side`; its other end is z.
            sign = 1 if side == 0 else -1
            z = tour[(where[a] + sign * (size - 1)) % n]
            before = tour[(where[a] - sign) % n]
            after = tour[(where[z] + sign) % n]
            freed = d[before, a] + d[z, after] - d[before, after]
            if freed <= 1e-9:
                continue
            for c in near[a]:
                if d[a, c] >= freed:
                    break
                if (sign * (where[c] - where[a])) % n < size:
                    continue
                for way in range(2):
                    e = tour[(where[c] + (1 if way == 0 else n - 1)) % n]
                    if (sign * (where[e] - where[a])) % n < size:
                        continue
                    gain = freed - d[a, c] - d[z, e] + d[c, e]
                    if gain > 1e-9:
                        _splice(tour, where, a, z, c, e, sign)
                        return float(gain)
    return 0.0


@njit(cache=True)
def _splice(tour: Ints, where: Ints, a: int, z: int, c: int, e: int, sign: int) -> None:
    """Take the run a..z (in direction `sign`) out and put it between c and e so that a is next to c."""
    n = len(tour)
    run = np.empty(3, np.int32)
    size = (sign * (where[z] - where[a])) % n + 1
    p = where[a]
    for i in range(size):
        run[i] = tour[(p + sign * i) % n]
    # Shift the shorter way round: walk from the gap towards the pair c, e.
    ahead = min((sign * (where[c] - where[z])) % n, (sign * (where[e] - where[z])) % n)
    behind = min((sign * (where[a] - where[c])) % n, (sign * (where[a] - where[e])) % n)
    if ahead <= behind:
        for i in range(ahead):
            moved = tour[(p + sign * (size + i)) % n]
            at = (p + sign * i) % n
            tour[at] = moved
            where[moved] = at
        first_is_c = tour[(p + sign * (ahead - 1)) % n] == c
        start = p + sign * ahead
    else:
        for i in range(behind):
            moved = tour[(p - sign * (i + 1)) % n]
            at = (p + sign * (size - 1 - i)) % n
            tour[at] = moved
            where[moved] = at
        start = p - sign * behind
        first_is_c = tour[(start - sign) % n] == c
    for i in range(size):
        at = (start + sign * i) % n
        moved = run[i] if first_is_c else run[size - 1 - i]
        tour[at] = moved
        where[moved] = at


@njit(cache=True)
def _settle(d: Floats, near: Ints, tour: Ints, where: Ints, queue: Ints, queued: Ints, count: int) -> float:
    """Improve around the doors in `queue` until nothing helps; returns metres saved."""
    n = len(tour)
    saved = 0.0
    head = 0
    while count > 0:
        a = queue[head]
        head = head + 1 if head + 1 < n else 0
        count -= 1
        queued[a] = 0
        gain = _two_opt(d, near, tour, where, a)
        if gain == 0.0:
            gain = _or_opt(d, near, tour, where, a)
        if gain > 0.0:
            saved += gain
            for k in range(-1, 2):
                b = tour[(where[a] + k) % n]
                if not queued[b]:
                    queue[(head + count) % n] = b
                    queued[b] = 1
                    count += 1
    return saved


@njit(cache=True)
def improve(distances: Floats, path: Ints, kicks: int, seed: int) -> Ints:
    """Improve an open path by iterated local search; the result is never longer than `path`."""
    m = len(path)
    if m < 4:
        return _tiny(distances, path)
    n = m + 1
    d = np.zeros((n, n))
    d[:m, :m] = distances
    width = min(8, m - 1)
    # The point that opens the tour is everybody's nearest, at distance zero.
    near = np.empty((n, width + 1), np.int32)
    for i in range(m):
        ranked = np.argsort(distances[i])
        near[i, 0] = m
        k = 1
        for j in ranked:
            if j != i and k <= width:
                near[i, k] = j
                k += 1
    for k in range(width + 1):
        near[m, k] = path[k * (m - 1) // width]
    tour = np.empty(n, np.int32)
    tour[:m] = path
    tour[m] = m
    where = np.empty(n, np.int32)
    for i in range(n):
        where[tour[i]] = i
    queue = tour.copy()
    queued = np.ones(n, np.int32)
    _settle(d, near, tour, where, queue, queued, n)
    np.random.seed(seed)  # noqa: NPY002 - Numba's own generator, seeded for this call
    kept = tour.copy()
    kept_where = where.copy()
    best = tour.copy()
    above = 0.0
    usual = path_length(distances, path) / m
    for step in range(kicks):
        # A double bridge over a short stretch: swap two neighbouring runs.
        span = min(n - 1, 50)
        start = np.random.randint(n)  # noqa: NPY002
        x = 1 + np.random.randint(span - 1)  # noqa: NPY002
        y = 1 + np.random.randint(span - 1)  # noqa: NPY002
        if x == y:
            continue
        if x > y:
            x, y = y, x
        p0, p1 = tour[start], tour[(start + 1) % n]
        q0, q1 = tour[(start + x) % n], tour[(start + x + 1) % n]
        r0, r1 = tour[(start + y) % n], tour[(start + y + 1) % n]
        change = d[p0, q1] + d[r0, p1] + d[q0, r1] - d[p0, p1] - d[q0, q1] - d[r0, r1]
        at = start
        for i in range(x, y):
            at = at + 1 if at + 1 < n else 0
            tour[at] = kept[(start + 1 + i) % n]
            where[tour[at]] = at
        for i in range(x):
            at = at + 1 if at + 1 < n else 0
            tour[at] = kept[(start + 1 + i) % n]
            where[tour[at]] = at
        count = 0
        for b in (p0, p1, q0, q1, r0, r1):
            if not queued[b]:
                queue[count] = b
                queued[b] = 1
                count += 1
        change -= _settle(d, near, tour, where, queue, queued, count)
        # A slightly worse tour is walked on from, ever less so; the best one seen is the answer.
        patience = PATIENCE * usual * (1.0 - step / kicks)
        if change <= -patience * np.log(1.0 - np.random.random()):  # noqa: NPY002
            above += change
            kept[:] = tour
            kept_where[:] = where
            if above < -1e-9:
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
