"""Metres along the streets between units, asked for one group of units after another on the same ground.

Neighbouring turfs, and the same turf a little later, ask for much the same ways. So each gate (a crossing by which a
unit's stretch of street is left) remembers the gates nearest to it, as far as anybody has asked.
"""

# ruff: noqa: C901, PLR0917 - compiled code: plain loops over arrays, no objects, no keywords

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tungnha.planning.footing import Footing
from tungnha.planning.ground import Floats, Ints, neighbours

NEAR = 512  # gates found at first: about what two neighbouring turfs have around them
WIDE = 4096  # gates remembered at most; what is farther is searched for each time

# Compiled code that is kept between runs refers to these three classes by name and is read before it is found to be old:
# whoever renames one breaks installations that are upgraded in place, until `__pycache__` is emptied.


class Graph(NamedTuple):
    """The streets by node: `start`, `head` and `metres` of `neighbours`; the node of each gate, the gate of each node or -1."""

    start: Ints
    head: Ints
    metres: Floats
    node: Ints
    gate: Ints


class Net(NamedTuple):
    """Units on a graph, as compiled code reads them.

    A unit has two gates, by number, and metres to each, both of shape (units, 2). `piece` is the connected piece each
    gate is in; `near` and `far` are the nearest gates of each gate and the metres to them, shape (gates, WIDE), of which
    the first `known` (gates,) have been found. The rest is as in `Footing`; `detour` as in `Ways`.
    """

    graph: Graph
    gates: Ints
    lead: Floats
    piece: Ints
    near: Ints
    far: Floats
    known: Ints
    edge: Ints
    offset: Floats
    stairs: Floats
    building: Ints
    at: Floats
    detour: float


class Room(NamedTuple):
    """What a search works in: metres found so far by node (infinite between searches), a heap, the nodes touched, the
    gates met and metres to them; the place of each gate in a table (-1 between searches).
    """

    found: Floats
    heap_key: Floats
    heap_node: Ints
    touched: Ints
    met: Ints
    reached: Floats
    slot: Ints


class Ways:
    """The ways between the units of a ground; `detour` metres for each metre of straight line where there is none."""

    def __init__(self, footing: Footing, detour: float) -> None:
        start, head, metres = neighbours(len(footing.xy), footing.ends, footing.length)
        corners, lead = _corners(footing, np.diff(start))
        node, inverse = np.unique(corners, return_inverse=True)
        gates: Ints = np.asarray(inverse, np.int32).reshape(corners.shape)
        gate = np.full(len(footing.xy), -1, np.int32)
        gate[node] = np.arange(len(node))
        graph = Graph(start, head, metres, node.astype(np.int32), gate)
        nodes, heap = len(footing.xy), len(head) + 1
        self.footing = footing
        self.room = Room(
            np.full(nodes, np.inf), np.empty(heap), np.empty(heap, np.int32), np.empty(nodes, np.int32),
            np.empty(len(node), np.int32), np.empty(len(node)), np.full(len(node), -1, np.int32),
        )  # fmt: skip
        rows = len(node), min(WIDE, len(node))  # only what is written takes memory
        self.net = Net(
            graph, gates, lead, footing.component[node],
            np.empty(rows, np.int32), np.empty(rows), np.zeros(len(node), np.int32),
            footing.edge, footing.offset, footing.stairs, footing.building, footing.at, detour,
        )  # fmt: skip

    def between(self, units: Ints) -> Floats:
        """Metres between units, symmetric, shape (units, units)."""
        metres: Floats = between(self.net, self.room, units)
        return metres


def _corners(footing: Footing, streets: NDArray[np.int32]) -> tuple[Ints, Floats]:
    """The two nodes by which each unit's stretch is left, and metres to them; `streets` are how many meet at each node."""
    on = np.flatnonzero(footing.edge >= 0)
    edge, offset = footing.edge[on], footing.offset[on]
    corners = np.stack([footing.node, footing.node], axis=1)
    corners[on] = footing.ends[edge]
    lead = np.zeros(corners.shape)
    lead[on] = np.stack([offset, footing.length[edge] - offset], axis=1)
    # Nobody leaves by a dead end.
    for one, other in ((0, 1), (1, 0)):
        dead = on[streets[corners[on, one]] == 1]
        corners[dead, one], lead[dead, one] = corners[dead, other], lead[dead, other]
    return corners, lead


@njit(cache=True)
def _search(graph: Graph, source: int, most: int, room: Room) -> int:
    """Meet the nearest gates of a gate, itself first: `most` of them, or all there are (Dijkstra 1959); returns how many."""
    start, head, metres, gate = graph.start, graph.head, graph.metres, graph.gate
    found, heap_key, heap_node, touched = room.found, room.heap_key, room.heap_node, room.touched
    heap_key[0], heap_node[0] = 0.0, graph.node[source]
    found[heap_node[0]], touched[0] = 0.0, heap_node[0]
    size, marks, met = 1, 1, 0
    while size > 0 and met < most:
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
        if key > found[node]:
            continue
        if gate[node] >= 0:
            room.met[met], room.reached[met] = gate[node], key
            met += 1
        for k in range(start[node], start[node + 1]):
            other = head[k]
            value = key + metres[k]
            if value < found[other]:
                if found[other] == np.inf:
                    touched[marks] = other
                    marks += 1
                found[other] = value
                i = size
                size += 1
                while i > 0 and heap_key[(i - 1) // 2] > value:
                    heap_key[i], heap_node[i] = heap_key[(i - 1) // 2], heap_node[(i - 1) // 2]
                    i = (i - 1) // 2
                heap_key[i], heap_node[i] = value, other
    for i in range(marks):
        found[touched[i]] = np.inf
    return met


@njit(cache=True)
def _note(met: Ints, reached: Floats, count: int, slot: Ints, row: Floats, left: int) -> int:
    """Put metres to the gates met into a row of a table, where they are not known; returns how many of `left` still lack."""
    for i in range(count):
        if left == 0:
            break
        s = slot[met[i]]
        if s >= 0 and row[s] == np.inf:
            row[s] = reached[i]
            left -= 1
    return left


@njit(cache=True)
def _table(net: Net, room: Room, wanted: Ints) -> Floats:
    """Metres between gates, shape (wanted, wanted); infinite where there is no way."""
    count, slot, piece, known = len(wanted), room.slot, net.piece, net.known
    table = np.full((count, count), np.inf)
    for k in range(count):
        g = wanted[k]
        _note(net.near[g], net.far[g], known[g], slot, table[k], count)
    for k in range(count):
        g, left = wanted[k], 0
        for s in range(count):
            table[k, s] = min(table[k, s], table[s, k])
            left += table[k, s] == np.inf and piece[wanted[s]] == piece[g]
        most = max(NEAR, 4 * known[g])
        while left > 0:
            met = _search(net.graph, g, min(most, len(room.met)), room)
            left = _note(room.met, room.reached, met, slot, table[k], left)
            known[g] = min(met, net.near.shape[1])
            net.near[g, : known[g]] = room.met[: known[g]]
            net.far[g, : known[g]] = room.reached[: known[g]]
            most *= 4
    return table


@njit(cache=True)
def between(net: Net, room: Room, units: Ints) -> Floats:
    """Metres between units, symmetric, shape (units, units); as the crow flies times `detour` where there is no way."""
    m, slot = len(units), room.slot
    gates, lead, edge, offset = net.gates, net.lead, net.edge, net.offset
    stairs, building = net.stairs, net.building
    wanted = np.empty(2 * m, np.int32)
    count = 0
    for i in range(m):
        for p in range(2):
            g = gates[units[i], p]
            if slot[g] < 0:
                slot[g], wanted[count] = count, g
                count += 1
    table = _table(net, room, wanted[:count])
    metres = np.zeros((m, m))
    for i in range(m):
        u = units[i]
        a, b = slot[gates[u, 0]], slot[gates[u, 1]]
        for j in range(i):
            v = units[j]
            c, d = slot[gates[v, 0]], slot[gates[v, 1]]
            best = min(
                lead[u, 0] + min(table[a, c] + lead[v, 0], table[a, d] + lead[v, 1]),
                lead[u, 1] + min(table[b, c] + lead[v, 0], table[b, d] + lead[v, 1]),
            )
            if edge[u] >= 0 and edge[u] == edge[v]:
                best = min(best, abs(offset[u] - offset[v]))
            if best == np.inf:
                x, y = net.at[u, 0] - net.at[v, 0], net.at[u, 1] - net.at[v, 1]
                best = net.detour * np.hypot(x, y)
            elif building[u] >= 0 and building[u] == building[v]:
                best += abs(stairs[u] - stairs[v])
            else:
                best += stairs[u] + stairs[v]
            metres[i, j] = metres[j, i] = best
    for k in range(count):
        slot[wanted[k]] = -1
    return metres
