"""Distances along the streets between the units of one turf, and its walk."""

# ruff: noqa: C901, PLR0912, PLR0917 - compiled code: plain loops over arrays, no objects, no keywords

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tungnha.planning.footing import Footing
from tungnha.planning.ground import Floats, Ints
from tungnha.planning.order import improve, nearest_first, path_length


def neighbours(nodes: int, ends: Ints, length: Floats) -> tuple[Ints, Ints, Floats]:
    """The graph by node: starts (nodes + 1,), the node at the other end and metres of each half-edge."""
    tail = np.concatenate([ends[:, 0], ends[:, 1]])
    ranked = np.argsort(tail, kind="stable")
    start = np.zeros(nodes + 1, np.int32)
    np.cumsum(np.bincount(tail, minlength=nodes), out=start[1:])
    head = np.concatenate([ends[:, 1], ends[:, 0]])[ranked]
    return start, head.astype(np.int32), np.concatenate([length, length])[ranked].astype(np.float64)


@njit(cache=True)
def reach(
    start: Ints,
    head: Ints,
    metres: Floats,
    source: int,
    slot: Ints,
    left: int,
    result: Floats,
    far: Floats,
    heap_key: Floats,
    heap_node: Ints,
    touched: Ints,
) -> None:
    """Metres from `source` to the nodes that have a slot in `result`, `left` of them (Dijkstra, stopped when all are found).

    `far` must be infinite everywhere and is so again afterwards; the other three are room to work in.
    """
    far[source] = 0.0
    touched[0] = source
    marks = 1
    heap_key[0], heap_node[0] = 0.0, source
    size = 1
    while size > 0 and left > 0:
        key, node = heap_key[0], heap_node[0]
        size -= 1
        last_key, last_node = heap_key[size], heap_node[size]
        i = 0
        while True:
            child = 2 * i + 1
            if child >= size:
                break
            if child + 1 < size and heap_key[child + 1] < heap_key[child]:
                child += 1
            if heap_key[child] >= last_key:
                break
            heap_key[i], heap_node[i] = heap_key[child], heap_node[child]
            i = child
        heap_key[i], heap_node[i] = last_key, last_node
        if key > far[node]:
            continue
        if slot[node] >= 0 and result[slot[node]] == np.inf:
            result[slot[node]] = key
            left -= 1
        for k in range(start[node], start[node + 1]):
            other = head[k]
            value = key + metres[k]
            if value < far[other] and size < len(heap_key):
                if far[other] == np.inf:
                    touched[marks] = other
                    marks += 1
                far[other] = value
                i = size
                size += 1
                while i > 0 and heap_key[(i - 1) // 2] > value:
                    heap_key[i], heap_node[i] = heap_key[(i - 1) // 2], heap_node[(i - 1) // 2]
                    i = (i - 1) // 2
                heap_key[i], heap_node[i] = value, other
    for i in range(marks):
        far[touched[i]] = np.inf


@njit(cache=True)
def unit_distances(
    members: Ints,
    ends: Ints,
    length: Floats,
    edge: Ints,
    offset: Floats,
    node: Ints,
    stairs: Floats,
    building: Ints,
    start: Ints,
    head: Ints,
    metres: Floats,
    slot: Ints,
    far: Floats,
    heap_key: Floats,
    heap_node: Ints,
    touched: Ints,
) -> Floats:
    """Metres between units, shape (members, members); infinite where there is no way."""
    m = len(members)
    gates, lead = np.empty((m, 2), np.int32), np.zeros((m, 2))
    for i in range(m):
        u = members[i]
        if edge[u] < 0:
            gates[i] = node[u]
            continue
        gates[i] = ends[edge[u]]
        lead[i, 0], lead[i, 1] = offset[u], length[edge[u]] - offset[u]
        # Nobody leaves by a dead end.
        if start[gates[i, 0] + 1] - start[gates[i, 0]] == 1:
            gates[i, 0], lead[i, 0] = gates[i, 1], lead[i, 1]
        elif start[gates[i, 1] + 1] - start[gates[i, 1]] == 1:
            gates[i, 1], lead[i, 1] = gates[i, 0], lead[i, 0]
    wanted = np.unique(gates)
    table = np.full((len(wanted), len(wanted)), np.inf)
    for k in range(len(wanted)):
        slot[wanted[k]] = k
    for k in range(len(wanted)):
        reach(start, head, metres, wanted[k], slot, len(wanted), table[k], far, heap_key, heap_node, touched)
    gate = np.empty((m, 2), np.int32)
    for i in range(m):
        gate[i, 0], gate[i, 1] = slot[gates[i, 0]], slot[gates[i, 1]]
    for k in range(len(wanted)):
        slot[wanted[k]] = -1
    d = np.zeros((m, m))
    for i in range(m):
        u = members[i]
        for j in range(i):
            v = members[j]
            best = np.inf
            for p in range(2):
                for q in range(2):
                    value = lead[i, p] + table[gate[i, p], gate[j, q]] + lead[j, q]
                    best = min(best, value)
            if edge[u] >= 0 and edge[u] == edge[v]:
                best = min(best, abs(offset[u] - offset[v]))
            if building[u] >= 0 and building[u] == building[v]:
                best += abs(stairs[u] - stairs[v])
            else:
                best += stairs[u] + stairs[v]
            d[i, j] = d[j, i] = best
    return d


class Ways:
    """The streets as `unit_distances` wants them, with its room to work in, for many questions about one ground."""

    def __init__(self, footing: Footing) -> None:
        self.footing = footing
        self.start, self.head, self.length = neighbours(len(footing.xy), footing.ends, footing.length)
        nodes, room = len(footing.xy), 2 * len(self.head) + 2
        self.slot, self.far = np.full(nodes, -1, np.int32), np.full(nodes, np.inf)
        self.heap_key, self.heap_node = np.empty(room), np.empty(room, np.int32)
        self.touched = np.empty(nodes + 1, np.int32)

    def metres(self, members: Ints, detour: float) -> Floats:
        """Metres between units, shape (members, members); as the crow flies times `detour` where there is no way."""
        on = self.footing
        d: Floats = unit_distances(
            members, on.ends, on.length, on.edge, on.offset, on.node, on.stairs, on.building, self.start, self.head,
            self.length, self.slot, self.far, self.heap_key, self.heap_node, self.touched,
        )  # fmt: skip
        lost = np.isinf(d)
        if lost.any():
            at = on.at[members]
            d[lost] = detour * np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))[lost]
        return d


@njit(cache=True)
def walk_all(
    turf: Ints,
    count: int,
    at: Floats,
    ends: Ints,
    length: Floats,
    edge: Ints,
    offset: Floats,
    node: Ints,
    stairs: Floats,
    building: Ints,
    start: Ints,
    head: Ints,
    metres: Floats,
    kicks: int,
    detour: float,
    seed: int,
    chosen: NDArray[np.bool_],
) -> tuple[Ints, Floats, Floats]:
    """Order the units of each chosen turf.

    Returns the rank of each unit within its turf (units,), metres walked and metres across (both of shape (count,)).
    """
    nodes = len(start) - 1
    slot, far = np.full(nodes, -1, np.int32), np.full(nodes, np.inf)
    room = 2 * len(head) + 2
    heap_key, heap_node = np.empty(room), np.empty(room, np.int32)
    touched = np.empty(nodes + 1, np.int32)
    rank = np.zeros(len(turf), np.int32)
    walk, across = np.zeros(count), np.zeros(count)
    by_turf = np.argsort(turf, kind="mergesort").astype(np.int32)
    first = np.searchsorted(turf[by_turf], np.arange(count + 1))
    for t in range(count):
        if not chosen[t]:
            continue
        members = by_turf[first[t] : first[t + 1]]
        if len(members) < 2:
            continue
        d = unit_distances(
            members, ends, length, edge, offset, node, stairs, building,
            start, head, metres, slot, far, heap_key, heap_node, touched,
        )  # fmt: skip
        for i in range(len(members)):
            for j in range(i):
                if d[i, j] == np.inf:
                    a, b = at[members[i]], at[members[j]]
                    d[i, j] = d[j, i] = detour * np.hypot(a[0] - b[0], a[1] - b[1])
        across[t] = d.max()
        path = improve(d, nearest_first(d), kicks, seed)
        walk[t] = path_length(d, path)
        for i in range(len(path)):
            rank[members[path[i]]] = i
    return rank, walk, across


def walk_turfs(
    footing: Footing,
    turf: Ints,
    count: int,
    *,
    kicks: int,
    detour: float,
    seed: int,
    chosen: NDArray[np.bool_] | None = None,
) -> tuple[Ints, Floats, Floats]:
    """The walk of every turf (or only the chosen ones): rank of each unit, metres walked, metres across."""
    start, head, metres = neighbours(len(footing.xy), footing.ends, footing.length)
    result: tuple[Ints, Floats, Floats] = walk_all(
        turf.astype(np.int32), count, footing.at, footing.ends, footing.length, footing.edge, footing.offset,
        footing.node, footing.stairs, footing.building, start, head, metres, kicks, detour, seed,
        np.ones(count, np.bool_) if chosen is None else chosen,
    )  # fmt: skip
    return result
