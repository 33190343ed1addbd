"""Route first, cut second: one long tour over all units, then the best even split of it.

After Beasley, "Route first-cluster second methods for vehicle routing" (1983): the tour goes through a spanning tree of
the streets in preorder, small branches first, and dynamic programming cuts it.
"""

# ruff: noqa: C901, PLR0912, PLR0915, PLR0917, PLC0415 - compiled code: plain loops over arrays, no objects, no keywords

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tungnha.planning.footing import Footing
from tungnha.planning.ground import Floats, Ints, neighbours

Bools = NDArray[np.bool_]


def tour(footing: Footing) -> Ints:
    """All units in the order of a walk through the streets, shape (units,)."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import minimum_spanning_tree

    nodes, edges = len(footing.xy), len(footing.ends)
    # Zero would mean "no edge" to the sparse graph.
    weight = footing.length + 1e-3
    ends = np.sort(footing.ends, axis=1)
    ranked = np.lexsort((weight, ends[:, 1], ends[:, 0]))
    fresh = (
        np.concatenate([[True], (np.diff(ends[ranked], axis=0) != 0).any(axis=1)])
        if edges
        else np.zeros(0, bool)
    )
    kept = ranked[fresh & (ends[ranked, 0] != ends[ranked, 1])] if edges else ranked
    graph = coo_matrix((weight[kept], (ends[kept, 0], ends[kept, 1])), shape=(nodes, nodes)).tocsr()
    tree = minimum_spanning_tree(graph).tocoo()
    number = dict(
        zip(zip(ends[kept, 0].tolist(), ends[kept, 1].tolist(), strict=True), kept.tolist(), strict=True)
    )
    in_tree = np.zeros(edges, np.bool_)
    for a, b in zip(tree.row.tolist(), tree.col.tolist(), strict=True):
        in_tree[number[(min(a, b), max(a, b))]] = True
    start, _, half = neighbours(nodes, footing.ends, np.arange(edges).astype(np.float64))
    place = np.where(footing.edge >= 0, footing.edge, edges + footing.node)
    by_place = np.lexsort((np.arange(len(place)), footing.offset, place)).astype(np.int32)
    first = np.searchsorted(place[by_place], np.arange(edges + nodes + 1)).astype(np.int32)
    # Pieces in a sensible spatial order: from west to east by their first node.
    held = np.bincount(place, footing.minutes, edges + nodes).astype(np.float64)
    lead = np.lexsort((footing.xy[:, 1], footing.xy[:, 0])).astype(np.int32)
    result: Ints = _preorder(lead, start, half.astype(np.int32), footing.ends, in_tree, by_place, first, held)
    return result


@njit(cache=True)
def _preorder(
    lead: Ints, start: Ints, half: Ints, ends: Ints, in_tree: Bools, by_place: Ints, first: Ints, held: Floats
) -> Ints:
    nodes, edges = len(start) - 1, len(ends)
    out = np.empty(len(by_place), np.int32)
    count = 0
    parent = np.full(nodes, -2, np.int32)
    seen = np.zeros(edges, np.bool_)
    stack = np.empty(nodes + 1, np.int32)
    line = np.empty(nodes, np.int32)
    weight = np.zeros(nodes)
    for root in lead:
        if parent[root] != -2:
            continue
        # Weigh the tree from its leaves up.
        parent[root] = -1
        line[0] = root
        size, i = 1, 0
        while i < size:
            a = line[i]
            i += 1
            weight[a] = held[edges + a]
            for k in range(start[a], start[a + 1]):
                e = half[k]
                b = ends[e, 0] + ends[e, 1] - a
                if in_tree[e]:
                    if parent[b] == -2:
                        parent[b] = e
                        line[size] = b
                        size += 1
                elif a == min(ends[e, 0], ends[e, 1]):
                    weight[a] += held[e]
        for i in range(size - 1, 0, -1):
            a = line[i]
            e = parent[a]
            weight[ends[e, 0] + ends[e, 1] - a] += weight[a] + held[e]
        stack[0] = root
        depth = 1
        while depth > 0:
            depth -= 1
            a = stack[depth]
            e = parent[a]
            if e >= 0:
                count = _emit(out, count, by_place, first, e, ends[e, 1] == a)
            count = _emit(out, count, by_place, first, edges + a, True)
            branches = np.empty(start[a + 1] - start[a], np.int32)
            heft = np.empty(len(branches))
            found = 0
            for k in range(start[a], start[a + 1]):
                e = half[k]
                b = ends[e, 0] + ends[e, 1] - a
                if in_tree[e]:
                    if parent[b] == e and b != root:
                        branches[found] = b
                        heft[found] = weight[b] + held[e]
                        found += 1
                elif not seen[e]:
                    seen[e] = True
                    count = _emit(out, count, by_place, first, e, ends[e, 0] == a)
            for k in np.argsort(heft[:found])[::-1]:
                stack[depth] = branches[k]
                depth += 1
    return out[:count]


@njit(cache=True)
def _emit(out: Ints, count: int, by_place: Ints, first: Ints, place: int, forward: bool) -> int:  # noqa: FBT001 - Numba
    size = int(first[place + 1] - first[place])
    for k in range(size):
        out[count + k] = by_place[first[place] + (k if forward else size - 1 - k)]
    return count + size


@njit(cache=True)
def split(load: Floats, breaks: Bools, target: Floats, cap: float) -> Ints:
    """Cut a sequence of loads into runs close to `target`, none above `cap` but a single unit.

    `breaks` marks where a run must start, `target` is the aim at each unit. Returns the run of each unit.
    """
    n = len(load)
    cost = np.full(n + 1, np.inf)
    back = np.zeros(n + 1, np.int32)
    cost[0] = 0.0
    for j in range(1, n + 1):
        total = 0.0
        for i in range(j - 1, -1, -1):
            total += load[i]
            if total > cap and i < j - 1:
                break
            value = cost[i] + (total / target[i] - 1.0) ** 2
            if value < cost[j]:
                cost[j], back[j] = value, i
            if breaks[i]:
                break
    run = np.empty(n, np.int32)
    j, k = n, 0
    while j > 0:
        run[back[j] : j] = k
        k += 1
        j = back[j]
    return k - 1 - run
