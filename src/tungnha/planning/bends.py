"""Streets without their bends: what lies between two crossings becomes one edge, so that searches have less to pass."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tungnha.planning.ground import Floats, Ints

Bools = NDArray[np.bool_]


@njit(cache=True)
def straighten(
    ends: Ints, length: Floats, start: Ints, half: Ints
) -> tuple[Ints, Floats, Ints, Floats, Bools]:
    """Join edges at every node that has just two of them.

    Parameters
    ----------
    ends, length
        Edges as node pairs (edges, 2) and metres (edges,).
    start, half
        The edges at each node, by node: starts (nodes + 1,) and edge numbers (2 edges,).

    Returns
    -------
    The joined edges and their metres; and for each old edge the joined edge it lies in, the metres along that to the
    end of it that comes first, and whether it runs against it. Nodes keep their numbers.
    """
    edges = len(ends)
    into, shift, against = np.full(edges, -1, np.int32), np.zeros(edges), np.zeros(edges, np.bool_)
    pairs, metres = np.empty((edges, 2), np.int32), np.empty(edges)
    count = 0
    # Rings without any crossing come last and open at whichever node is met first.
    for rings in range(2):
        for e in range(edges):
            for side in range(2):
                first = ends[e, side]
                if into[e] >= 0 or (rings == 0 and start[first + 1] - start[first] == 2):
                    continue
                node, edge, along = first, e, 0.0
                while True:
                    into[edge], shift[edge], against[edge] = count, along, ends[edge, 0] != node
                    along += length[edge]
                    node = ends[edge, 0] + ends[edge, 1] - node
                    if node == first or start[node + 1] - start[node] != 2:
                        break
                    other = half[start[node]] + half[start[node] + 1] - edge
                    if into[other] >= 0:
                        break
                    edge = other
                pairs[count, 0], pairs[count, 1], metres[count] = first, node, along
                count += 1
    return pairs[:count], metres[:count], into, shift, against
