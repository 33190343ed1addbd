"""Two parts of about equal load, each in one piece, along a random spanning tree (DeFord, Duchin and Solomon 2021)."""

# ruff: noqa: PLR0917 - compiled code: plain loops over arrays, no objects, no keywords

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tungnha.planning.exchange import pieces
from tungnha.planning.ground import Floats, Ints

TREES = 20  # tried for each turf that is halved
DEEP = 0.9  # share of steps that go on from where the tree was last: long paths can be cut anywhere, bushes cannot
ARMS = 8  # branches of one crossing that are tried together in every way


@njit(cache=True)
def grow(members: Ints, local: Ints, load: Floats, start: Ints, head: Ints, order: Ints, above: Ints, weight: Floats) -> int:  # fmt: skip
    """A random tree over the members and the places between them, from a random member; returns how many it has.

    `order` gets the nodes as met, `above` the position of each one's parent and `weight` the load from each one down.
    `local` is each unit's index in `members`, -1 for units of others. A node is met once and brings each of its links
    once, so this ends.
    """
    units = len(local)
    met = np.zeros(len(start) - 1, np.bool_)
    waiting, parent = np.empty(len(head) + 1, np.int32), np.empty(len(head) + 1, np.int32)
    waiting[0], parent[0] = members[np.random.randint(len(members))], 0  # noqa: NPY002
    left, size = 1, 0
    while left > 0:
        k = left - 1 if np.random.random() < DEEP else np.random.randint(left)  # noqa: NPY002
        v, up = waiting[k], parent[k]
        left -= 1
        waiting[k], parent[k] = waiting[left], parent[left]
        if met[v]:
            continue
        met[v] = True
        order[size], above[size] = v, up
        weight[size] = load[local[v]] if v < units else 0.0
        for e in range(start[v], start[v + 1]):
            w = head[e]
            if not met[w] and (w >= units or local[w] >= 0):
                waiting[left], parent[left] = w, size
                left += 1
        size += 1
    for k in range(size - 1, 0, -1):
        weight[above[k]] += weight[k]
    return size


@njit(cache=True)
def _nearest(size: int, units: int, order: Ints, above: Ints, weight: Floats) -> tuple[int, int, Ints]:
    """Where to cut a tree in two as evenly as can be: below one node (group 0), or some of the
    branches of a place, as bits of group.
    """
    half = weight[0] / 2
    best, at, group = np.inf, 0, 0
    branch, arms = np.empty((size, ARMS), np.int32), np.zeros(size, np.int32)
    for k in range(1, size):
        off = abs(weight[k] - half)
        if 0.0 < weight[k] < weight[0] and off < best:
            best, at, group = off, k, 0
        up = above[k]
        if order[up] >= units and weight[k] > 0 and arms[up] < ARMS:
            branch[up, arms[up]] = k
            arms[up] += 1
    for k in range(size):
        if arms[k] > 1:
            for chosen in range(1, 1 << arms[k]):
                heft = 0.0
                for i in range(arms[k]):
                    if chosen >> i & 1:
                        heft += weight[branch[k, i]]
                off = abs(heft - half)
                if 0.0 < heft < weight[0] and off < best - 1e-9:
                    best, at, group = off, k, chosen
    return at, group, branch[at]


@njit(cache=True)
def halve(members: Ints, load: Floats, units: int, start: Ints, head: Ints, seed: int) -> Ints:
    """Part units that hang together into two such parts, as even as one random tree allows.

    Parameters
    ----------
    members, load
        The units and what each weighs, above zero; both of shape (members,).
    units, start, head
        How many units there are in all; who is next to whom (`Footing.links`) by node.

    Returns
    -------
    0 or 1 for each member; all 0 if the members do not hang together.
    """
    np.random.seed(seed)  # noqa: NPY002 - Numba's own generator, seeded for this call
    nodes = len(start) - 1
    local = np.full(units, -1, np.int32)
    for i in range(len(members)):
        local[members[i]] = i
    order, above, weight = np.empty(nodes, np.int32), np.empty(nodes, np.int32), np.empty(nodes)
    size = grow(members, local, load, start, head, order, above, weight)
    side = np.zeros(len(members), np.int32)
    held = 0
    for k in range(size):
        held += order[k] < units
    if held < len(members) or len(members) < 2:
        return side
    at, group, branch = _nearest(size, units, order, above, weight)
    below = np.zeros(size, np.int32)
    if group == 0:
        below[at] = 1
    for i in range(ARMS):
        if group >> i & 1:
            below[branch[i]] = 1
    for k in range(size):
        if k > 0 and below[above[k]]:
            below[k] = 1
        if order[k] < units:
            side[local[order[k]]] = below[k]
    return side


def part(turf: Ints, over: NDArray[np.intp], load: Floats, start: Ints, head: Ints, seed: int) -> Ints:
    """Halve some turfs of two or more units, each half in one piece; new turfs are numbered on from the last."""
    units, turf, fresh = len(turf), turf.copy(), int(turf.max()) + 1
    for t in over.tolist():
        members = np.flatnonzero(turf == t).astype(np.int32)
        heft = np.maximum(load[members], 1e-9)
        sides = (halve(members, heft, units, start, head, seed + k) for k in range(TREES))
        side = min(sides, key=lambda one: abs(heft @ one - heft.sum() / 2))
        if not side.any():  # Not in one piece: what hangs together with the first unit parts from the rest.
            piece = pieces(turf, units, start, head)[members]
            side = piece != piece[0]
        turf[members[side > 0]] = fresh
        fresh += 1
    return turf
