"""Units dealt into turfs of allowed loads, each in one piece, wherever one random tree over them allows it at all.

A tree is cut into connected parts by dynamic programming from its leaves: for each node, the loads that the part which
is still open there can have (after Lukes, "Efficient algorithm for the partitioning of trees", 1974; here places may
belong to several parts, a link between two places to one). Loads are whole steps, and a set of them is a row of bits.
"""

# ruff: noqa: PLR0917 - compiled code: plain loops over arrays, no objects, no keywords

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tungnha.planning.ground import Floats, Ints
from tungnha.planning.halving import grow

STEPS = 256  # that a load of one is counted in, or more where units are smaller than three of them
ARMS = 4  # branches of a place that are grouped in every way; what has more is several places, one behind the other
Bits = NDArray[np.uint64]
ONE, ALL = np.uint64(1), np.uint64(0xFFFFFFFFFFFFFFFF)


@njit(cache=True)
def _has(row: Bits, bit: int) -> bool:
    return bool(row[bit >> 6] >> np.uint64(bit & 63) & ONE)


@njit(cache=True)
def _sums(one: Bits, other: Bits, most: int, into: Bits) -> None:
    """All sums of a member of one set and a member of the other, up to `most`."""
    into[:] = 0
    words = len(into)
    for bit in range(most + 1):
        if _has(other, bit):
            by, shift = bit >> 6, np.uint64(bit & 63)
            for w in range(words - by):
                into[w + by] |= one[w] << shift
                if shift > 0 and w + by + 1 < words:
                    into[w + by + 1] |= one[w] >> (np.uint64(64) - shift)
    into[most >> 6] &= ALL >> np.uint64(63 - (most & 63))


@njit(cache=True)
def _nearest(row: Bits, least: int, most: int, goal: int) -> int:
    """The member of a set, from `least` to `most`, that is nearest to a goal; -1 if there is none."""
    best = -1
    for bit in range(least, most + 1):
        if _has(row, bit) and (best < 0 or abs(bit - goal) < abs(best - goal)):
            best = bit
    return best


@njit(cache=True)
def _split(total: int, rest: Bits, branch: Bits) -> int:
    """One of the members of `branch` that some member of `rest` makes up to a total, at random."""
    found, ways = -1, 0
    for bit in range(total + 1):
        if _has(branch, bit) and _has(rest, total - bit):
            ways += 1
            if np.random.randint(ways) == 0:  # noqa: NPY002
                found = bit
    return found


@njit(cache=True)
def _groups(arm: Ints, arms: int, loads: Bits, least: int, most: int, joint: Bits, left: Bits) -> None:
    """What the branches of a place can weigh, for each choice of them as bits of an index: `joint`, all in one part;
    `left`, the part that stays open when any of them are grouped in closed parts.
    """
    joint[0], left[0] = 0, 0
    joint[0, 0] = left[0, 0] = ONE
    for chosen in range(1, 1 << arms):
        i = 0
        while not chosen >> i & 1:
            i += 1
        _sums(joint[chosen & (chosen - 1)], loads[arm[i]], most, joint[chosen])
        left[chosen] = joint[chosen]
        group = chosen
        while group > 0:
            if _nearest(joint[group], least, most, least) >= 0:
                left[chosen] |= left[chosen ^ group]
            group = (group - 1) & chosen


@njit(cache=True)
def _narrow(
    size: int, units: int, order: Ints, above: Ints, weight: Floats
) -> tuple[Ints, Ints, Floats, Ints, Ints]:
    """The same tree without a place of more than `ARMS` branches: unit (-1 for a place), parent and load from there down
    of each node, how many branches it has and, of a place, which.
    """
    most = 2 * size
    unit, parent, heft = np.full(most, -1, np.int32), np.zeros(most, np.int32), np.zeros(most)
    arms, arm = np.zeros(most, np.int32), np.full((most, ARMS), -1, np.int32)
    now = np.empty(size, np.int32)
    count = 0
    for k in range(size):
        up = now[above[k]] if k > 0 else 0
        if k > 0 and unit[up] < 0:
            if arms[up] == ARMS - 1:
                # One more place behind the full one.
                arm[up, arms[up]], parent[count] = count, up
                arms[up] += 1
                up = now[above[k]] = count
                count += 1
            arm[up, arms[up]] = count
            arms[up] += 1
        unit[count], parent[count], heft[count] = order[k] if order[k] < units else -1, up, weight[k]
        now[k] = count
        count += 1
    return unit[:count], parent[:count], heft[:count], arms[:count], arm[:count]


@njit(cache=True)
def _open(
    unit: Ints, parent: Ints, heft: Floats, arms: Ints, arm: Ints, steps: float, least: int, most: int
) -> tuple[Bits, Bits, Ints]:
    """For each node, from the leaves up: the loads that the part open there can have from there down, none if all parts
    are closed; those of its parent before it joined, where that is a unit; and what the node weighs alone.
    """
    size, words = len(unit), (most >> 6) + 1
    loads, before = np.zeros((size, words), np.uint64), np.zeros((size, words), np.uint64)
    joint, left = np.zeros((1 << ARMS, words), np.uint64), np.zeros((1 << ARMS, words), np.uint64)
    own, below, alone = np.zeros(size, np.int32), np.zeros(size, np.int32), np.zeros(words, np.uint64)
    loads[:, 0] = ONE
    for k in range(size - 1, -1, -1):
        if unit[k] >= 0:
            # Exact to a step from the top down: a unit makes up for what was rounded off below it.
            own[k] = max(int(heft[k] * steps) - below[k], 1)
            alone[:] = 0
            if own[k] <= most:
                alone[own[k] >> 6] = ONE << np.uint64(own[k] & 63)
            before[k] = loads[k]
            _sums(before[k], alone, most, loads[k])
            if _nearest(loads[k], least, most, least) >= 0:
                loads[k, 0] |= ONE
        else:
            _groups(arm[k], arms[k], loads, least, most, joint, left)
            loads[k] = left[(1 << arms[k]) - 1]
        if k > 0:
            up = parent[k]
            below[up] += below[k] + own[k]
            if unit[up] >= 0:
                before[k] = loads[up]
                _sums(before[k], loads[k], most, loads[up])
    return loads, before, own


@njit(cache=True)
def _close(
    unit: Ints, parent: Ints, arms: Ints, arm: Ints, loads: Bits, before: Bits, own: Ints, least: int, most: int, goal: int
) -> Ints:  # fmt: skip
    """The part of each node, from the root down: one of the ways that the sets of loads allow, at random.

    Parts are closed as near to `goal` as can be.
    """
    size, words = loads.shape
    joint, left = np.zeros((1 << ARMS, words), np.uint64), np.zeros((1 << ARMS, words), np.uint64)
    value, part, fresh = np.zeros(size, np.int64), np.zeros(size, np.int32), 0
    for k in range(size):
        up = parent[k]
        if k > 0 and unit[up] >= 0:
            value[k], part[k] = _split(value[up], before[k], loads[k]), part[up]
            value[up] -= value[k]
        if unit[k] >= 0:
            if value[k] == 0:
                value[k], part[k] = _nearest(loads[k], least, most, goal), fresh
                fresh += 1
            value[k] -= own[k]
            continue
        _groups(arm[k], arms[k], loads, least, most, joint, left)
        rest = (1 << arms[k]) - 1
        while rest > 0:
            group, total, name = rest, value[k], part[k]
            if not _has(joint[group], total):
                # Some branches are a part of their own.
                ways, some = 0, rest
                while some > 0:
                    if _has(left[rest ^ some], total) and _nearest(joint[some], least, most, goal) >= 0:
                        ways += 1
                        if np.random.randint(ways) == 0:  # noqa: NPY002
                            group = some
                    some = (some - 1) & rest
                total, name = _nearest(joint[group], least, most, goal), fresh
                fresh += 1
            rest ^= group
            for i in range(arms[k]):
                if group >> i & 1:
                    group ^= 1 << i
                    c = arm[k, i]
                    value[c], part[c] = _split(total, joint[group], loads[c]), name
                    total -= value[c]
    return part


@njit(cache=True)
def deal(
    members: Ints, load: Floats, low: float, high: float, units: int, start: Ints, head: Ints, seed: int
) -> Ints:
    """Deal units that hang together into parts of `low` to `high`, each in one piece, along one random tree.

    Loads are rounded, by one step for each part that hangs on another.

    Parameters
    ----------
    members, load
        The units and what each weighs, above zero, one being a usual turf; both of shape (members,).
    low, high
        What a part may weigh, both above zero.
    units, start, head
        How many units there are in all; who is next to whom (`Footing.links`) by node.

    Returns
    -------
    The part of each member, numbered from 0; all -1 if the tree does not allow it or the members do not hang together.
    """
    np.random.seed(seed)  # noqa: NPY002 - Numba's own generator, seeded for this call
    nodes = len(start) - 1
    local, part_of = np.full(units, -1, np.int32), np.full(len(members), -1, np.int32)
    for i in range(len(members)):
        local[members[i]] = i
    order, above, weight = np.empty(nodes, np.int32), np.empty(nodes, np.int32), np.empty(nodes)
    size = grow(members, local, load, start, head, order, above, weight)
    held = 0
    for k in range(size):
        held += order[k] < units
    if held < len(members):
        return part_of
    unit, parent, heft, arms, arm = _narrow(size, units, order, above, weight)
    steps = max(float(STEPS), 3.0 * len(members) / heft[0])
    least, most = int(np.ceil(low * steps)), int(high * steps)
    goal = int(heft[0] * steps / max(1.0, np.round(heft[0])))
    loads, before, own = _open(unit, parent, heft, arms, arm, steps, least, most)
    if _has(loads[0], 0):
        part = _close(unit, parent, arms, arm, loads, before, own, least, most, goal)
        for k in range(len(unit)):
            if unit[k] >= 0:
                part_of[local[unit[k]]] = part[k]
    return part_of
