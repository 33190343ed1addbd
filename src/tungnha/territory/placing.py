"""Where a door stands when only its address is known: spread along its alley in the order of house numbers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from tungnha.planning.ground import Floats, Ints, StreetNetwork

SETBACK_METRES = 3.0
"""How far a door is drawn from the middle of its alley."""

_RUN = re.compile(r"\d+|\D+")


def number_key(number: str) -> tuple[tuple[int, str], ...]:
    """Sorts house numbers as a street does: 2, 2A, 10, 10/3."""
    return tuple((int(run), "") if run.isdecimal() else (-1, run.casefold()) for run in _RUN.findall(number))


@dataclass(frozen=True, eq=False)
class Spot:
    """Places on a network: edge (n,), metres along it (n,), and the door's position in metres (n, 2)."""

    edge: Ints
    offset: Floats
    xy: Floats


def along_street(
    network: StreetNetwork, street: int, numbers: Sequence[str], entrance: Floats | None = None
) -> Spot | None:
    """Spread houses evenly along one street, odd numbers on one side and even on the other.

    Parameters
    ----------
    network, street
        The graph and the index of the street in it.
    numbers
        House numbers, any order; the result is in the same order.
    entrance
        Where the street begins, metres (2,); its end nearest to that point is number one. Without it, the end
        where it meets most other streets.

    Returns
    -------
    None where the network has no edge of that street.
    """
    own = np.flatnonzero(network.street == street)
    if len(own) == 0:
        return None
    nodes, local = np.unique(network.edges[own], return_inverse=True)
    local = local.reshape(-1, 2)
    weight = np.maximum(network.length[own], 1e-3)
    matrix = coo_array((weight, (local[:, 0], local[:, 1])), shape=(len(nodes), len(nodes))).tocsr()
    if entrance is not None:
        start = int(np.argmin(np.hypot(*(network.xy[nodes] - entrance).T)))
    else:
        degree = np.bincount(network.edges.ravel(), minlength=len(network.xy))[nodes]
        start = int(np.argmax(degree - np.bincount(local.ravel(), minlength=len(nodes))))
    depth = dijkstra(matrix, directed=False, indices=start)
    finite = depth[np.isfinite(depth)]
    depth = np.where(np.isfinite(depth), depth, finite.max() + 1)
    first_is_near = depth[local[:, 0]] <= depth[local[:, 1]]
    sequence = np.argsort(np.minimum(depth[local[:, 0]], depth[local[:, 1]]), kind="stable")
    ends = np.cumsum(weight[sequence])
    rank = np.empty(len(numbers))
    rank[sorted(range(len(numbers)), key=lambda index: number_key(numbers[index]))] = np.arange(len(numbers))
    reach = (rank + 0.5) / len(numbers) * ends[-1]
    slot = np.minimum(np.searchsorted(ends, reach, side="right"), len(sequence) - 1)
    picked = sequence[slot]
    inside = np.clip(reach - (ends[slot] - weight[picked]), 0, weight[picked])
    offset = np.where(first_is_near[picked], inside, weight[picked] - inside)
    edge = own[picked].astype(np.int32)
    head, tail = network.xy[network.edges[edge, 0]], network.xy[network.edges[edge, 1]]
    along = (tail - head) / np.maximum(np.hypot(*(tail - head).T), 1e-9)[:, None]
    odd = np.array(
        [any(key[0] % 2 == 1 for key in number_key(number)[-1:] if key[0] >= 0) for number in numbers]
    )
    side = np.where(odd, 1.0, -1.0) * np.where(first_is_near[picked], 1.0, -1.0)
    share = (offset / weight[picked])[:, None]
    xy = (
        head
        + (tail - head) * share
        + np.column_stack([-along[:, 1], along[:, 0]]) * (side * SETBACK_METRES)[:, None]
    )
    return Spot(edge, np.minimum(offset, network.length[edge]), xy)
