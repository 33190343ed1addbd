"""The line of a walk along the streets, for maps."""

# ruff: noqa: PLC0415 - heavy libraries load when a route is drawn

from itertools import pairwise

import numpy as np

from tungnha.planning.ground import Doors, Floats, Ints, StreetNetwork, neighbours


def route(doors: Doors, network: StreetNetwork | None, sequence: Ints) -> Floats:
    """Draw the walk from door to door along the streets.

    Parameters
    ----------
    doors
        The doors of the unit.
    network
        The streets, None where there are none: then the line goes straight.
    sequence
        Indices of the doors in walking order, shape (stops,).

    Returns
    -------
    The points of the line in metres, shape (points, 2), doors and corners alike, without repeats. Between two doors
    that no street joins, or of which one is on no street, the line is straight.
    """
    stops = np.asarray(sequence, np.int32)
    if len(stops) == 0:
        return np.empty((0, 2))
    points: list[Floats] = [doors.xy[stops[:1]]]
    if network is None or len(network.edges) == 0:
        points.append(doors.xy[stops[1:]])
    else:
        links = _Streets(network)
        for a, b in pairwise(stops):
            corners = links.between(doors, int(a), int(b))
            points.append(network.xy[corners])
            points.append(doors.xy[[b]])
    line = np.concatenate(points)
    keep = np.concatenate([[True], (np.abs(np.diff(line, axis=0)) > 1e-6).any(axis=1)])
    kept: Floats = line[keep]
    return kept


class _Streets:
    """Shortest ways over a network, searched outwards from one door's ends until the other's are reached."""

    def __init__(self, network: StreetNetwork) -> None:
        self.network = network
        self.start, self.head, self.metres = neighbours(len(network.xy), network.edges, network.length)

    def between(self, doors: Doors, a: int, b: int) -> list[int]:
        """The nodes passed from door a to door b."""
        ends, length = self.network.edges, self.network.length
        first, second = int(doors.edge[a]), int(doors.edge[b])
        if first < 0 or second < 0:
            return []
        direct = abs(float(doors.offset[a] - doors.offset[b])) if first == second else np.inf
        leaving = {int(ends[first, 0]): float(doors.offset[a])}
        back = float(length[first] - doors.offset[a])
        other = int(ends[first, 1])
        leaving[other] = min(back, leaving.get(other, np.inf))
        arriving = {int(ends[second, 0]): float(doors.offset[b])}
        back = float(length[second] - doors.offset[b])
        other = int(ends[second, 1])
        arriving[other] = min(back, arriving.get(other, np.inf))
        return self._search(leaving, arriving, direct)

    def _search(self, leaving: dict[int, float], arriving: dict[int, float], direct: float) -> list[int]:
        import heapq

        far = dict(leaving)
        via: dict[int, int] = {}
        heap = sorted((metres, node) for node, metres in leaving.items())
        best, last = direct, -1
        while heap:
            metres, node = heapq.heappop(heap)
            if metres >= best:
                break
            if metres > far[node]:
                continue
            if node in arriving and metres + arriving[node] < best:
                best, last = metres + arriving[node], node
            for k in range(self.start[node], self.start[node + 1]):
                other, value = int(self.head[k]), metres + float(self.metres[k])
                if value < far.get(other, np.inf):
                    far[other] = value
                    via[other] = node
                    heapq.heappush(heap, (value, other))
        corners = []
        while last >= 0:
            corners.append(last)
            last = via.get(last, -1)
        return corners[::-1]
