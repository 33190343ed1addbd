"""Two neighbouring turfs walked as one and parted anew, over and over: less walking, even minutes, still in one piece.

After the recombination of two districts (DeFord, Duchin and Solomon, "Recombination: a family of Markov chains for
redistricting", 2021), with a walk in place of their random tree: the doors of both turfs lie on one closed walk, which
local search shortens (`order`), and the two places where it is cut are the best among those that part it evenly.
"""

# ruff: noqa: C901, PLR0912, PLR0915, PLR0917 - compiled code: plain loops over arrays, no objects, no keywords

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tungnha.planning.footing import Footing
from tungnha.planning.ground import Floats, Ints
from tungnha.planning.order import bridge, nearest, nearest_first, path_length, polish, settle
from tungnha.planning.walking import neighbours, unit_distances, walk_turfs

Bools = NDArray[np.bool_]

HIGH, LOW = 1.03, 0.955  # of the mean: minutes beyond these weigh heavily
TRIED = 4  # ways to part one walk that are looked at more closely
MOST = 600  # units of two turfs together; larger pairs are left as they are


def repart(
    footing: Footing,
    turf: Ints,
    mean: Floats,
    start: Ints,
    head: Ints,
    *,
    cap: float,
    doors_cap: int,
    pace: float,
    detour: float,
    sweeps: int,
    kicks: int,
    trees: int,
    span: float,
    seed: int,
) -> Ints:
    """Part pairs of neighbouring turfs anew; returns the turf of each unit.

    Parameters
    ----------
    turf
        Where to start from, shape (units,).
    mean
        Minutes each turf should have, walking included, shape (turfs,).
    start, head
        The links of `footing` by node.
    cap, doors_cap
        Limits of a turf in minutes and doors.
    pace, detour
        Metres a minute; metres walked for each metre of straight line where no street joins two units.
    sweeps, kicks
        How often all pairs are gone through that changed since, and how often the walk of a pair is disturbed.
    span
        Metres of walking that one metre of diameter is worth.
    """
    count = len(mean)
    rank, walk, across = walk_turfs(footing, turf, count, kicks=20, detour=detour, seed=seed)
    road, far, metres = neighbours(len(footing.xy), footing.ends, footing.length)
    # One kind of array, or all is compiled again.
    at, length, offset, stairs, visits = (
        np.array(column, np.float64)
        for column in (footing.at, footing.length, footing.offset, footing.stairs, footing.minutes)
    )
    ends, edge, node, building, doors = (
        np.array(column, np.int32, order="C")
        for column in (footing.ends, footing.edge, footing.node, footing.building, footing.doors)
    )
    turf = turf.astype(np.int32).copy()
    changed = np.zeros(count, np.int64)
    tried: dict[tuple[int, int], int] = {}
    for sweep in range(sweeps):
        minutes = np.bincount(turf, footing.minutes, count) + walk / pace
        pairs = borders(turf, count, len(turf), start, head)
        due = [(a, b) for a, b in pairs.tolist() if tried.get((a, b), -1) < max(changed[a], changed[b])]
        due.sort(key=lambda pair: (-abs(minutes[pair[0]] - minutes[pair[1]]), pair))
        if not due:
            break
        tried.update((pair, sweep) for pair in due)
        better = _sweep(
            np.array(due, np.int32), turf, rank, walk, across, mean, at, ends, length, edge, offset, node,
            stairs, building, visits, doors, start, head, road, far, metres, cap, doors_cap, pace, detour, kicks, trees, span, seed + sweep,
        )  # fmt: skip
        changed[better] = sweep + 1
    return turf


def borders(turf: Ints, count: int, units: int, start: Ints, head: Ints) -> Ints:
    """Pairs of turfs that touch, also across a place, the smaller number first, shape (pairs, 2)."""
    met = np.unique(_met(turf, count, units, start, head))
    return np.stack([met // count, met % count], axis=1).astype(np.int32)


@njit(cache=True)
def _met(turf: Ints, count: int, units: int, start: Ints, head: Ints) -> NDArray[np.int64]:
    room = 1024
    found = np.empty(room, np.int64)
    size = 0
    around = np.empty(len(head) + 1, np.int64)
    for v in range(len(start) - 1):
        held = 0
        if v < units:
            around[0] = turf[v]
            held = 1
        for k in range(start[v], start[v + 1]):
            if head[k] < units:
                around[held] = turf[head[k]]
                held += 1
        kinds = np.unique(around[:held])
        for i in range(len(kinds)):
            for j in range(i):
                if size == room:
                    grown = np.empty(2 * room, np.int64)
                    grown[:room] = found
                    found, room = grown, 2 * room
                found[size] = kinds[j] * count + kinds[i]
                size += 1
    return found[:size]


@njit(cache=True)
def _weight(minutes: float, doors: int, mean: float, cap: float, doors_cap: int, scale: float) -> float:
    """Metres that a turf's unevenness counts for; `scale` is the usual walk of a turf."""
    r = minutes / mean
    value = 6.0 * (r - 1.0) ** 2
    value += 60.0 * max(0.0, r - HIGH, LOW - r)
    value += 1000.0 * (max(0.0, minutes / cap - 1.0) + max(0.0, doors / doors_cap - 1.0))
    return value * scale


@njit(cache=True)
def _whole(u: int, size: int, turf: Ints, units: int, start: Ints, head: Ints, stamp: NDArray[np.int64], tick: int, stack: Ints) -> bool:  # fmt: skip
    """Whether the turf of unit u, of that many units, is in one piece."""
    own = turf[u]
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
    most: float, first: Ints, second: Ints, value: Floats,
) -> None:  # fmt: skip
    """The best ways to cut a closed walk in two: after the positions `first` and `second`; what each is worth."""
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
            worth = (
                one + other
                + _weight(minutes[c + 1] - minutes[i + 1] + one / pace, held[c + 1] - held[i + 1], mean, cap, doors_cap, scale)
                + _weight(minutes[i + m + 1] - minutes[c + 1] + other / pace, held[i + m + 1] - held[c + 1], mean, cap, doors_cap, scale)
            )  # fmt: skip
            if worth < value[TRIED - 1]:
                k = TRIED - 1
                while k > 0 and value[k - 1] > worth:
                    value[k], first[k], second[k] = value[k - 1], first[k - 1], second[k - 1]
                    k -= 1
                value[k], first[k], second[k] = worth, i, c


@njit(cache=True)
def _by_tree(
    members: Ints, local: Ints, load: Floats, units: int, start: Ints, head: Ints, stamp: NDArray[np.int64], tick: int,
    order: Ints, above: Ints, weight: Floats, frontier: Ints, side: Ints,
) -> float:  # fmt: skip
    """Part two turfs along a random spanning tree of their links, as evenly as one cut or one crossing allows.

    Both parts hang together. `side` gets 0 or 1 by member; returns by how much the lighter part is below half, infinite
    where the two turfs do not touch. `local` is each member's index in `members` and -1 elsewhere.
    """
    m = len(members)
    total = load.sum()
    size, waiting, met = 0, 1, 0
    frontier[0, 0], frontier[0, 1] = members[np.random.randint(m)], -1  # noqa: NPY002
    while waiting > 0:
        k = np.random.randint(waiting)  # noqa: NPY002
        v, up = frontier[k, 0], frontier[k, 1]
        waiting -= 1
        frontier[k, 0], frontier[k, 1] = frontier[waiting, 0], frontier[waiting, 1]
        if stamp[v] == tick:
            continue
        stamp[v] = tick
        order[size], above[size] = v, up
        weight[size] = load[local[v]] if v < units else 0.0
        met += v < units
        for e in range(start[v], start[v + 1]):
            w = head[e]
            if stamp[w] != tick and (w >= units or local[w] >= 0):
                frontier[waiting, 0], frontier[waiting, 1] = w, size
                waiting += 1
        size += 1
    if met < m:
        return np.inf
    for k in range(size - 1, 0, -1):
        weight[above[k]] += weight[k]
    best, at, group = np.inf, -1, 0
    # Branches of each crossing, at most eight: any of them may go together.
    branch, arms = np.empty((size, 8), np.int32), np.zeros(size, np.int32)
    for k in range(1, size):
        off = abs(weight[k] - 0.5 * total)
        if off < best:
            best, at, group = off, k, 0
        up = above[k]
        if order[up] >= units and weight[k] > 0 and arms[up] < 8:
            branch[up, arms[up]] = k
            arms[up] += 1
    for k in range(size):
        if arms[k] > 1:
            for chosen in range(1, 1 << arms[k]):
                heft = 0.0
                for i in range(arms[k]):
                    if chosen >> i & 1:
                        heft += weight[branch[k, i]]
                if abs(heft - 0.5 * total) < best - 1e-9:
                    best, at, group = abs(heft - 0.5 * total), k, chosen
    mark = np.zeros(size, np.int32)
    if group == 0:
        mark[at] = 1
    else:
        for i in range(arms[at]):
            if group >> i & 1:
                mark[branch[at, i]] = 1
    for k in range(1, size):
        if mark[above[k]]:
            mark[k] = 1
    for k in range(size):
        if order[k] < units:
            side[local[order[k]]] = mark[k]
    return best


@njit(cache=True)
def _some(d: Floats, chosen: Ints) -> Floats:
    """The distances among some of the points."""
    part = np.empty((len(chosen), len(chosen)))
    for i in range(len(chosen)):
        for j in range(len(chosen)):
            part[i, j] = d[chosen[i], chosen[j]]
    return part


@njit(cache=True)
def _best_tree(
    trees: int, d: Floats, members: Ints, local: Ints, visit: Floats, held: Ints, uneven: float, worth: float, stride: float,
    mean: float, cap: float, doors_cap: int, pace: float, span: float, scale: float,
    units: int, start: Ints, head: Ints, stamp: NDArray[np.int64], tick: int,
    order: Ints, above: Ints, weight: Floats, frontier: Ints, side: Ints,
) -> tuple[Ints, int, float, int]:  # fmt: skip
    """The best of some random partings: members in walking order, how many make the first turf, what it is worth.

    None is first (0) if nothing is better than `worth`. `uneven` is by how many minutes the turfs differ now, `stride`
    the usual metres from one member to the next. Last comes the stamp used last.
    """
    m = len(members)
    line, size = np.arange(m).astype(np.int32), 0
    load = visit + stride / pace
    for _ in range(trees):
        tick += 1
        off = _by_tree(
            members, local, load, units, start, head, stamp, tick, order, above, weight, frontier, side
        )
        one, two = np.flatnonzero(side[:m] == 0).astype(np.int32), np.flatnonzero(side[:m]).astype(np.int32)
        if (np.isfinite(worth) and 2 * off >= uneven) or off == np.inf or len(one) == 0 or len(two) == 0:
            continue
        d_one, d_two = _some(d, one), _some(d, two)
        p_one, p_two = polish(d_one, nearest_first(d_one), 5), polish(d_two, nearest_first(d_two), 5)
        w_one, w_two = path_length(d_one, p_one), path_length(d_two, p_two)
        total = (
            w_one + w_two + span * (d_one.max() + d_two.max())
            + _weight(visit[one].sum() + w_one / pace, held[one].sum(), mean, cap, doors_cap, scale)
            + _weight(visit[two].sum() + w_two / pace, held[two].sum(), mean, cap, doors_cap, scale)
        )  # fmt: skip
        if total < worth - 1e-6:
            worth, size = total, len(one)
            line[:size], line[size:] = one[p_one], two[p_two]
    return line, size, worth, tick


@njit(cache=True)
def _sweep(
    pairs: Ints, turf: Ints, rank: Ints, walk: Floats, across: Floats, means: Floats, at: Floats, ends: Ints, length: Floats,
    edge: Ints, offset: Floats, node: Ints, stairs: Floats, building: Ints, visits: Floats, doors: Ints,
    start: Ints, head: Ints, road: Ints, far: Ints, metres: Floats, cap: float, doors_cap: int, pace: float,
    detour: float, kicks: int, trees: int, span: float, seed: int,
) -> Ints:  # fmt: skip
    """Go through the pairs once, changing `turf`, `rank`, `walk` and `across` in place; the turfs that changed."""
    units, count = len(turf), len(walk)
    np.random.seed(seed)  # noqa: NPY002 - Numba's own generator, seeded for this call
    slot, away = np.full(len(road) - 1, -1, np.int32), np.full(len(road) - 1, np.inf)
    heap_key, heap_node = np.empty(2 * len(far) + 2), np.empty(2 * len(far) + 2, np.int32)
    touched = np.empty(len(road), np.int32)
    stamp, tick = np.zeros(len(start), np.int64), 0
    stack = np.empty(len(start) + len(head), np.int32)
    local, side = np.full(units, -1, np.int32), np.zeros(MOST, np.int32)
    order, above, weight = (
        np.empty(len(start), np.int32),
        np.empty(len(start), np.int32),
        np.empty(len(start)),
    )
    frontier = np.empty((len(head) + 1, 2), np.int32)
    better = np.zeros(1, np.bool_)
    touchedturf = np.zeros(count, np.bool_)
    # Members of each turf as a list through `after`.
    lead, after, size_of = np.full(count, -1, np.int32), np.empty(units, np.int32), np.zeros(count, np.int32)
    for u in range(units):
        after[u] = lead[turf[u]]
        lead[turf[u]] = u
        size_of[turf[u]] += 1
    usual = max(walk.mean(), 100.0)
    first, second, value = np.empty(TRIED, np.int32), np.empty(TRIED, np.int32), np.empty(TRIED)
    for p in range(len(pairs)):
        a, b = pairs[p]
        m = size_of[a] + size_of[b]
        if m < 3 or m > MOST or size_of[a] == 0 or size_of[b] == 0:
            continue
        members = np.empty(m, np.int32)
        u = lead[a]
        while u >= 0:
            members[rank[u]] = u
            u = after[u]
        u = lead[b]
        while u >= 0:
            members[size_of[a] + rank[u]] = u
            u = after[u]
        d = np.zeros((m + 2, m + 2))
        d[:m, :m] = unit_distances(
            members, ends, length, edge, offset, node, stairs, building,
            road, far, metres, slot, away, heap_key, heap_node, touched,
        )  # fmt: skip
        for i in range(m):
            for j in range(i):
                if d[i, j] == np.inf:
                    s, t = at[members[i]], at[members[j]]
                    d[i, j] = d[j, i] = detour * np.hypot(s[0] - t[0], s[1] - t[1])
        visit, held = visits[members], doors[members]
        mean = means[a]
        better[0] = False
        whole = 0
        tick += 1
        whole += _whole(lead[a], size_of[a], turf, units, start, head, stamp, tick, stack)
        tick += 1
        whole += _whole(lead[b], size_of[b], turf, units, start, head, stamp, tick, stack)
        load_a, load_b = (
            visit[: size_of[a]].sum() + walk[a] / pace,
            visit[size_of[a] :].sum() + walk[b] / pace,
        )
        worth = (
            walk[a] + walk[b] + span * (across[a] + across[b])
            + _weight(load_a, held[: size_of[a]].sum(), mean, cap, doors_cap, usual)
            + _weight(load_b, held[size_of[a] :].sum(), mean, cap, doors_cap, usual)
        )  # fmt: skip
        uneven = max(load_a, load_b) > HIGH * mean or min(load_a, load_b) < LOW * mean
        if uneven or whole < 2:
            # Random trees find parts in one piece where a walk does not.
            for i in range(m):
                local[members[i]] = i
            line, one, total, tick = _best_tree(
                trees, d[:m, :m], members, local, visit, held, abs(load_a - load_b), worth if whole == 2 else np.inf,
                (walk[a] + walk[b]) / m, mean, cap, doors_cap, pace, span, usual,
                units, start, head, stamp, tick, order, above, weight, frontier, side,
            )  # fmt: skip
            for i in range(m):
                local[members[i]] = -1
            if one > 0:
                better[0] = True
                worth, whole = total, 2
                members, visit, held = members[line], visit[line], held[line]
                d[:m, :m] = _some(d, line)
                size_of[a], size_of[b] = one, m - one
                for i in range(m):
                    turf[members[i]] = a if i < one else b
                    rank[members[i]] = i if i < one else i - one
                first_path = np.arange(one).astype(np.int32)
                other_path = np.arange(one, m).astype(np.int32)
                walk[a], walk[b] = path_length(d, first_path), path_length(d, other_path)
                across[a], across[b] = d[:one, :one].max(), d[one:m, one:m].max()
        # Two points at no distance from anywhere stand between the turfs, so that the ways from one to the other are free.
        n = m + 2
        d[m, m + 1] = d[m + 1, m] = 1e6
        near = nearest(d, m, 6, 2)
        tour, where = np.empty(n, np.int32), np.empty(n, np.int32)
        for i in range(size_of[a]):
            tour[i] = i
        tour[size_of[a]] = m
        for i in range(size_of[b]):
            tour[size_of[a] + 1 + i] = size_of[a] + i
        tour[n - 1] = m + 1
        for i in range(n):
            where[tour[i]] = i
        kept, kept_where = tour.copy(), where.copy()
        queue, queued = tour.copy(), np.ones(n, np.int32)
        kept_metres = walk[a] + walk[b]
        ring = np.empty(m, np.int32)
        for step in range(kicks + 1):
            if step == 0:
                change = -settle(d, near, tour, where, queue, queued, n)
            else:
                change = bridge(d, near, tour, where, kept, queue, queued)
            now = kept_metres + change
            gained = False
            if now < worth - 0.7 * span * (across[a] + across[b]):
                k = 0
                for i in range(n):
                    if tour[i] < m:
                        ring[k] = tour[i]
                        k += 1
                _parting(
                    ring,
                    d,
                    visit,
                    held,
                    mean,
                    cap,
                    doors_cap,
                    pace,
                    usual,
                    worth - 0.7 * span * (across[a] + across[b]),
                    first,
                    second,
                    value,
                )
                for k in range(TRIED):
                    if value[k] >= worth:
                        break
                    i, c = first[k], second[k]
                    one = c - i
                    wide = _diameter(d, ring, i + 1, one), _diameter(d, ring, c + 1, m - one)
                    total = value[k] + span * (wide[0] + wide[1])
                    if total >= worth - 1e-6:
                        continue
                    # The part that holds more of a's old units stays a.
                    mine = 0
                    for q in range(one):
                        mine += ring[(i + 1 + q) % m] < size_of[a]
                    keep_a = 2 * mine >= one
                    t_one, t_two = (a, b) if keep_a else (b, a)
                    old = turf[members]
                    for q in range(m):
                        turf[members[ring[(i + 1 + q) % m]]] = t_one if q < one else t_two
                    good = 0
                    tick += 1
                    good += _whole(
                        members[ring[(i + 1) % m]], one, turf, units, start, head, stamp, tick, stack
                    )
                    tick += 1
                    good += _whole(
                        members[ring[(c + 1) % m]], m - one, turf, units, start, head, stamp, tick, stack
                    )
                    if good < whole:
                        for q in range(m):
                            turf[members[q]] = old[q]
                        continue
                    whole, worth = good, total
                    gained = better[0] = True
                    metres_one, metres_two = 0.0, 0.0
                    for q in range(m):
                        u = members[ring[(i + 1 + q) % m]]
                        rank[u] = q if q < one else q - one
                        if q + 1 < one:
                            metres_one += d[ring[(i + 1 + q) % m], ring[(i + 2 + q) % m]]
                        elif one <= q < m - 1:
                            metres_two += d[ring[(i + 1 + q) % m], ring[(i + 2 + q) % m]]
                    walk[t_one], walk[t_two] = metres_one, metres_two
                    across[t_one], across[t_two] = wide[0], wide[1]
                    kept_metres = metres_one + metres_two
                    for q in range(one):
                        tour[q] = ring[(i + 1 + q) % m]
                    tour[one] = m
                    for q in range(one, m):
                        tour[q + 1] = ring[(i + 1 + q) % m]
                    tour[n - 1] = m + 1
                    for q in range(n):
                        where[tour[q]] = q
                    break
            if gained:
                kept[:] = tour
                kept_where[:] = where
            else:
                tour[:] = kept
                where[:] = kept_where
        if better[0]:
            touchedturf[a] = touchedturf[b] = True
            lead[a] = lead[b] = -1
            size_of[a] = size_of[b] = 0
            for q in range(m):
                u = members[q]
                after[u] = lead[turf[u]]
                lead[turf[u]] = u
                size_of[turf[u]] += 1
    return np.flatnonzero(touchedturf).astype(np.int32)
