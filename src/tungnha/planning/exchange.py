"""Exchange of street pieces between neighbouring turfs, every turf staying in one piece.

Simulated annealing (Kirkpatrick, Gelatt and Vecchi 1983) over the units at the borders. A move gives a unit to a turf it
touches, together with whatever its own turf would lose touch with; so a turf that hangs together keeps doing so.
"""

# ruff: noqa: C901, PLR0912, PLR0915, PLR0917 - compiled code: plain loops over arrays, no objects, no keywords

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tungnha.planning.ground import Floats, Ints


@njit(cache=True)
def _flood(
    first: int, own: int, turf: Ints, start: Ints, head: Ints, stamp: NDArray[np.int64], base: int, tick: int, stack: Ints,
    met: Ints, begin: int,
) -> int:  # fmt: skip
    """Meet all units of turf `own` that can be reached from a node; they go to `met`, from `begin` on; returns their end.

    Places may be walked through, other turfs' units not, nor nodes with a stamp of `base` or more. What is met gets `tick`.
    """
    units = len(turf)
    stack[0] = first
    stamp[first] = tick
    size = 1
    while size > 0:
        size -= 1
        w = stack[size]
        if w < units:
            met[begin] = w
            begin += 1
        for k in range(start[w], start[w + 1]):
            x = head[k]
            if stamp[x] >= base:
                continue
            if x >= units or turf[x] == own:
                stamp[x] = tick
                stack[size] = x
                size += 1
    return begin


@njit(cache=True)
def pieces(turf: Ints, units: int, start: Ints, head: Ints) -> Ints:
    """Number the connected pieces of all turfs: places may be walked through, other turfs' units not. Shape (units,)."""
    total = len(start) - 1
    piece = np.full(units, -1, np.int32)
    stamp = np.full(total, -1, np.int64)
    stack, met = np.empty(total + 1, np.int32), np.empty(units, np.int32)
    count = 0
    for u in range(units):
        if piece[u] < 0:
            for k in range(_flood(u, turf[u], turf, start, head, stamp, count, count, stack, met, 0)):
                piece[met[k]] = count
            count += 1
    return piece


@njit(cache=True)
def _cut_off(
    v: int, turf: Ints, units: int, members: int, start: Ints, head: Ints, stamp: NDArray[np.int64], tick: int, stack: Ints,
    load: Floats, gone: Ints,
) -> tuple[int, int]:  # fmt: skip
    """What leaves with unit v: v and all but the heaviest of the pieces its turf falls into without it.

    Writes them to `gone`; returns how many and the stamp used last.
    """
    own = turf[v]
    gone[0] = v
    leaving = 1
    heaviest, kept_from, kept_to = -1.0, 0, 0
    found = 1
    base = tick + 1
    tick = base
    stamp[v] = base
    for outer in range(start[v], start[v + 1]):
        first = head[outer]
        if stamp[first] >= base or (first < units and turf[first] != own):
            continue
        begin = leaving
        tick += 1
        leaving = _flood(first, own, turf, start, head, stamp, base, tick, stack, gone, begin)
        if leaving - begin == members - 1:
            return 1, tick
        found += leaving - begin
        weight = 0.0
        for k in range(begin, leaving):
            weight += load[gone[k]]
        if weight > heaviest:
            heaviest, kept_from, kept_to = weight, begin, leaving
        if found == members:
            break
    if kept_to > kept_from:
        shift = kept_to - kept_from
        for k in range(kept_to, leaving):
            gone[k - shift] = gone[k]
        leaving -= shift
    return leaving, tick


@njit(cache=True)
def anneal(
    turf: Ints,
    count: int,
    xy: Floats,
    load: Floats,
    doors: Ints,
    extra: Floats,
    target: Floats,
    cap: float,
    door_cap: int,
    start: Ints,
    head: Ints,
    moves: int,
    hot: float,
    cold: float,
    even: float,
    seam: float,
    span: float,
    seed: int,
) -> Ints:
    """Move units between turfs; returns the turf of each unit.

    Parameters
    ----------
    turf
        Where to start from, shape (units,).
    load, extra, target
        Minutes of each unit (units,), minutes a turf has on top, and minutes it should have (both (count,)).
    cap, door_cap
        Limits of a turf. A move that breaks one is refused unless it makes the excess smaller.
    moves, hot, cold
        How many moves are tried per border unit drawn, and the temperature at the start and at the end.
    even, seam, span
        Weights of evenness, of odd ends (see `_odd_ends`), and of spread about the centre.
    """
    units = len(turf)
    total = len(start) - 1
    np.random.seed(seed)  # noqa: NPY002 - Numba's own generator, seeded for this call
    turf = turf.copy()
    weight, held, members = extra.copy(), np.zeros(count, np.int64), np.zeros(count, np.int64)
    mass, sx, sy, sq = np.zeros(count), np.zeros(count), np.zeros(count), np.zeros(count)
    for u in range(units):
        t = turf[u]
        weight[t] += load[u]
        held[t] += doors[u]
        members[t] += 1
        mass[t] += 1.0
        sx[t] += xy[u, 0]
        sy[t] += xy[u, 1]
        sq[t] += xy[u, 0] ** 2 + xy[u, 1] ** 2
    spread = 0.0
    for t in range(count):
        if mass[t] > 0:
            spread += sq[t] - (sx[t] ** 2 + sy[t] ** 2) / mass[t]
    scale = span * count / max(spread, 1.0)
    stamp = np.zeros(total, np.int64)
    tick = 0
    stack = np.empty(total + 1, np.int32)
    gone = np.empty(units + 1, np.int32)
    mark = np.full(total, -1, np.int32)
    for step in range(moves):
        heat = hot * (cold / hot) ** (step / moves)
        firm = even * (0.2 + 0.8 * min(1.0, step / (0.5 * moves)))
        v = np.random.randint(units)  # noqa: NPY002
        if start[v + 1] == start[v]:
            continue
        a = turf[v]
        w = head[start[v] + np.random.randint(start[v + 1] - start[v])]  # noqa: NPY002
        if w >= units:
            w = head[start[w] + np.random.randint(start[w + 1] - start[w])]  # noqa: NPY002
            if w >= units:
                continue
        b = turf[w]
        if a == b or members[a] == 1:
            continue
        leaving, tick = _cut_off(v, turf, units, members[a], start, head, stamp, tick, stack, load, gone)
        if leaving == members[a]:
            continue
        moved, moved_doors, mx, my, mq = 0.0, 0, 0.0, 0.0, 0.0
        for k in range(leaving):
            u = gone[k]
            moved += load[u]
            moved_doors += doors[u]
            mx += xy[u, 0]
            my += xy[u, 1]
            mq += xy[u, 0] ** 2 + xy[u, 1] ** 2
        if moved > 0.5 * target[a]:
            continue
        over = weight[b] + moved
        if over > cap and over > weight[a]:
            continue
        if held[b] + moved_doors > door_cap and held[b] + moved_doors > held[a]:
            continue
        change = firm * (
            ((weight[a] - moved) / target[a] - 1.0) ** 2
            + (over / target[b] - 1.0) ** 2
            - (weight[a] / target[a] - 1.0) ** 2
            - (weight[b] / target[b] - 1.0) ** 2
        )
        before = sq[a] - (sx[a] ** 2 + sy[a] ** 2) / mass[a] + sq[b] - (sx[b] ** 2 + sy[b] ** 2) / mass[b]
        after = (
            sq[a] - mq - ((sx[a] - mx) ** 2 + (sy[a] - my) ** 2) / (mass[a] - leaving)
            + sq[b] + mq - ((sx[b] + mx) ** 2 + (sy[b] + my) ** 2) / (mass[b] + leaving)
        )  # fmt: skip
        change += scale * (after - before)
        for k in range(leaving):
            mark[gone[k]] = step
        change += seam * _odd_ends(gone, leaving, a, b, turf, units, start, head, mark, step)
        if change > 0 and np.random.random() >= np.exp(-change / heat):  # noqa: NPY002
            continue
        for k in range(leaving):
            turf[gone[k]] = b
        weight[a] -= moved
        weight[b] += moved
        held[a] -= moved_doors
        held[b] += moved_doors
        members[a] -= leaving
        members[b] += leaving
        mass[a] -= leaving
        mass[b] += leaving
        sx[a] -= mx
        sx[b] += mx
        sy[a] -= my
        sy[b] += my
        sq[a] -= mq
        sq[b] += mq
    return turf


@njit(cache=True)
def _odd_ends(
    gone: Ints,
    leaving: int,
    a: int,
    b: int,
    turf: Ints,
    units: int,
    start: Ints,
    head: Ints,
    mark: Ints,
    step: int,
) -> int:
    """How many odd ends more two turfs have when `gone` (marked with `step`) passes from a to b.

    A walk over streets covers twice what joins places where a turf has an odd number of street ends (the route
    inspection problem, Guan 1962): a street cut between doors makes two such ends, a crossing passed through none.
    """
    more = 0
    for k in range(leaving):
        u = gone[k]
        for e in range(start[u], start[u + 1]):
            x = head[e]
            if mark[x] == step:
                continue
            if x < units:
                if turf[x] == a:
                    more += 2
                elif turf[x] == b:
                    more -= 2
                continue
            mark[x] = step
            left, moved, there = 0, 0, 0
            for i in range(start[x], start[x + 1]):
                y = head[i]
                if y < units:
                    if mark[y] == step:
                        moved += 1
                    elif turf[y] == a:
                        left += 1
                    elif turf[y] == b:
                        there += 1
            more += left % 2 + (there + moved) % 2 - (left + moved) % 2 - there % 2
    return more


def gather(turf: Ints, load: Floats, units: int, start: Ints, head: Ints) -> Ints:
    """Give every piece that its turf has lost touch with to the lightest turf it touches."""
    turf = turf.copy()
    for _ in range(50):
        piece = pieces(turf, units, start, head)
        count = int(piece.max()) + 1
        weight = np.bincount(piece, load, count).astype(np.float64)
        owner = np.zeros(count, np.int32)
        owner[piece] = turf
        heavy = np.zeros(int(turf.max()) + 1)
        np.maximum.at(heavy, owner, weight)
        main = np.zeros(count, np.bool_)
        seen: set[int] = set()
        for p in np.lexsort((np.arange(count), -weight)):
            if int(owner[p]) not in seen:
                seen.add(int(owner[p]))
                main[p] = True
        loose = np.flatnonzero(~main)
        if not len(loose):
            break
        given = _hand_over(
            piece, main, turf, weight, np.bincount(turf, load).astype(np.float64), units, start, head
        )
        if not given:
            # Pieces with no neighbour at all become turfs of their own.
            fresh = int(turf.max()) + 1
            for p in loose:
                turf[piece == p] = fresh
                fresh += 1
            break
    return turf


@njit(cache=True)
def _hand_over(
    piece: Ints,
    main: NDArray[np.bool_],
    turf: Ints,
    weight: Floats,
    total: Floats,
    units: int,
    start: Ints,
    head: Ints,
) -> int:
    """One round of giving loose pieces away (in place); returns how many went."""
    count = len(weight)
    best = np.full(count, -1, np.int32)
    for u in range(units):
        p = piece[u]
        if main[p]:
            continue
        for k in range(start[u], start[u + 1]):
            w = head[k]
            lo, hi = w, w + 1
            if w >= units:
                lo, hi = start[w], start[w + 1]
            for i in range(lo, hi):
                x = i if w < units else head[i]
                if x >= units or turf[x] == turf[u] or not main[piece[x]]:
                    continue
                if best[p] < 0 or total[turf[x]] < total[best[p]]:
                    best[p] = turf[x]
    given = 0
    for p in range(count):
        if best[p] >= 0:
            given += 1
            total[best[p]] += weight[p]
    for u in range(units):
        if best[piece[u]] >= 0:
            turf[u] = best[piece[u]]
    return given
