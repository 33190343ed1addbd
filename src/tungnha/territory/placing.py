"""Where a door stands when only its address is known: along its alley, between the house numbers beside it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from tungnha.planning.ground import Floats, Ints, StreetNetwork

SETBACK_METRES = 3.0
"""How far a door is drawn from the middle of its alley."""

_RUN = re.compile(r"\d+|\D+")


def number_key(number: str) -> tuple[tuple[int, str], ...]:
    """Sorts house numbers as a street does: 2, 2A, 10, 10/3."""
    return tuple((int(run), "") if run.isdecimal() else (-1, run.casefold()) for run in _RUN.findall(number))


def is_odd(number: str) -> bool:
    """Whether a house number is on the odd side: 5, 5A, 4/5."""
    digits = [value for value, _ in number_key(number) if value >= 0]
    return bool(digits) and digits[-1] % 2 == 1


@dataclass(frozen=True, eq=False)
class Spot:
    """Places on a network: edge (n,), metres along it (n,), and the door's position in metres (n, 2)."""

    edge: Ints
    offset: Floats
    xy: Floats


def along_street(
    network: StreetNetwork,
    street: int,
    numbers: Sequence[str],
    *,
    standing: tuple[Ints, Floats] | None = None,
    by_side: bool = False,
) -> Spot | None:
    """Place houses along one street in the order of their numbers, odd ones on one side and even on the other.

    A house goes between the nearest lower and higher numbers that already stand, so that a later list fits into an
    earlier one; where none stands, they are spread evenly from the end where the street meets most others.

    Parameters
    ----------
    network, street
        The graph and the index of the street in it.
    numbers
        House numbers, any order; the result is in the same order.
    standing
        Edge and metres along it of the houses that already stand, edge -1 for those to be placed, each (n,). The
        result gives the standing ones too, drawn as the others are.
    by_side
        Whether each side counts for itself, as on a street; in an alley the numbers run on across both sides.

    Returns
    -------
    None where the network has no edge of that street.
    """
    own = np.flatnonzero(network.street == street)
    if len(own) == 0:
        return None
    line = _lay_out(network, own)
    odd = np.array([is_odd(number) for number in numbers], dtype=bool)
    known = np.full(len(numbers), np.nan) if standing is None else line.reach(*standing)
    reach = np.empty(len(numbers))
    for side in (odd, ~odd) if by_side else (np.ones(len(numbers), dtype=bool),):
        members = np.flatnonzero(side)
        reach[members] = _between(
            [numbers[index] for index in members.tolist()], known[members], line.ends[-1]
        )
    return line.spot(network, reach, odd)


@dataclass(frozen=True, eq=False)
class _Line:
    """A street's edges one after the other, from where its numbers begin: `ends` are metres to each one's far end."""

    edges: Ints
    weight: Floats
    ends: Floats
    forward: NDArray[np.bool_]

    def reach(self, edge: Ints, offset: Floats) -> Floats:
        """Metres from the beginning, NaN for what is not on this line."""
        by_edge = np.argsort(self.edges)
        found = np.minimum(np.searchsorted(self.edges, edge, sorter=by_edge), len(self.edges) - 1)
        slot = by_edge[found]
        inside = np.where(self.forward[slot], offset, self.weight[slot] - offset)
        reach = self.ends[slot] - self.weight[slot] + np.clip(inside, 0, self.weight[slot])
        return np.asarray(np.where(self.edges[slot] == edge, reach, np.nan), dtype=float)

    def spot(self, network: StreetNetwork, reach: Floats, odd: NDArray[np.bool_]) -> Spot:
        """The places so many metres from the beginning, each on its side."""
        slot = np.minimum(np.searchsorted(self.ends, reach, side="right"), len(self.ends) - 1)
        inside = np.clip(reach - (self.ends[slot] - self.weight[slot]), 0, self.weight[slot])
        offset = np.where(self.forward[slot], inside, self.weight[slot] - inside)
        edge = self.edges[slot]
        head, tail = network.xy[network.edges[edge, 0]], network.xy[network.edges[edge, 1]]
        along = (tail - head) / np.maximum(np.hypot(*(tail - head).T), 1e-9)[:, None]
        side = np.where(odd, 1.0, -1.0) * np.where(self.forward[slot], 1.0, -1.0)
        xy = (
            head
            + (tail - head) * (offset / self.weight[slot])[:, None]
            + np.column_stack([-along[:, 1], along[:, 0]]) * (side * SETBACK_METRES)[:, None]
        )
        return Spot(edge, np.minimum(offset, network.length[edge]), xy)


def _lay_out(network: StreetNetwork, own: NDArray[np.intp]) -> _Line:
    """The edges of a street in the order of their distance from the end where it meets most others."""
    nodes, local = np.unique(network.edges[own], return_inverse=True)
    local = local.reshape(-1, 2)
    weight = np.maximum(network.length[own], 1e-3)
    matrix = coo_array((weight, (local[:, 0], local[:, 1])), shape=(len(nodes), len(nodes))).tocsr()
    degree = np.bincount(network.edges.ravel(), minlength=len(network.xy))[nodes]
    start = int(np.argmax(degree - np.bincount(local.ravel(), minlength=len(nodes))))
    depth = dijkstra(matrix, directed=False, indices=start)
    finite = depth[np.isfinite(depth)]
    depth = np.where(np.isfinite(depth), depth, finite.max() + 1)
    sequence = np.argsort(np.minimum(depth[local[:, 0]], depth[local[:, 1]]), kind="stable")
    return _Line(
        edges=own[sequence].astype(np.int32),
        weight=weight[sequence],
        ends=np.cumsum(weight[sequence]),
        forward=(depth[local[:, 0]] <= depth[local[:, 1]])[sequence],
    )


def _between(numbers: Sequence[str], known: Floats, total: float) -> Floats:
    """Metres from the beginning for each number: as known, else evenly between the numbers beside it that are."""
    order = sorted(range(len(numbers)), key=lambda index: number_key(numbers[index]))
    rank = np.empty(len(numbers))
    rank[order] = np.arange(len(numbers))
    ordered = known[order]
    fixed = np.flatnonzero(np.isfinite(ordered))
    falling = len(fixed) > 1 and np.cov(fixed, ordered[fixed])[0, 1] < 0
    ends = (total, 0.0) if falling else (0.0, total)
    at = np.concatenate([[-0.5], fixed, [len(numbers) - 0.5]])
    return np.asarray(
        np.interp(rank, at, np.concatenate([[ends[0]], ordered[fixed], [ends[1]]])), dtype=float
    )
