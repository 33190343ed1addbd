"""The walk of each turf: its units in a short order, on street distances."""

# ruff: noqa: PLR0917 - compiled code: plain loops over arrays, no objects, no keywords

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tungnha.planning.ground import Floats, Ints
from tungnha.planning.order import improve, nearest_first, path_length
from tungnha.planning.ways import Net, Room, Ways, between


def walk_turfs(
    ways: Ways,
    turf: Ints,
    count: int,
    *,
    kicks: int,
    seed: int,
    chosen: NDArray[np.bool_] | None = None,
) -> tuple[Ints, Floats, Floats]:
    """The walk of every turf (or only the chosen ones).

    Returns the rank of each unit within its turf (units,), metres walked and metres across, both of shape (count,);
    zeros for turfs that are not chosen.
    """
    result: tuple[Ints, Floats, Floats] = _walk_all(
        ways.net, ways.room, turf.astype(np.int32), count, kicks, seed,
        np.ones(count, np.bool_) if chosen is None else chosen,
    )  # fmt: skip
    return result


@njit(cache=True)
def _walk_all(
    net: Net, room: Room, turf: Ints, count: int, kicks: int, seed: int, chosen: NDArray[np.bool_]
) -> tuple[Ints, Floats, Floats]:
    rank = np.zeros(len(turf), np.int32)
    walk, across = np.zeros(count), np.zeros(count)
    by_turf = np.argsort(turf, kind="mergesort").astype(np.int32)
    first = np.searchsorted(turf[by_turf], np.arange(count + 1))
    for t in range(count):
        members = by_turf[first[t] : first[t + 1]]
        if not chosen[t] or len(members) < 2:
            continue
        metres = between(net, room, members)
        across[t] = metres.max()
        path = improve(metres, nearest_first(metres), kicks, seed)
        walk[t] = path_length(metres, path)
        for i in range(len(path)):
            rank[members[path[i]]] = i
    return rank, walk, across
