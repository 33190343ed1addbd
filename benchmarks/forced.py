"""What no cut can avoid: regions behind one street whose minutes cannot be parted as evenly as one wants.

Whatever hangs on the rest by one link (a bridge) can send one turf out at most. Where a crossing in it has, say, two arms
of 0.8 of a turf and one street out, one of the arms must be a turf of its own: one turf takes both and is too large, or
one takes an arm and the street. A dynamic programme from the ends of the tree of bridges finds for each of them what the
turf that leaves can have; where there is no load at all, the cut is impossible. What has cycles is taken to be as
divisible as sand, so an impossible region is impossible, but not every possible one can be cut. Walking is counted in
proportion to visits.
"""

from collections.abc import Iterator

import numpy as np

from tungnha.planning.footing import Footing
from tungnha.planning.ground import Ints, neighbours

STEPS = 512  # that a turf is counted in
FINE = 0.002  # of a turf: how closely the bound is found
MANY = 7  # arms of a crossing beyond which it is taken to be sand, too


def bridges(start: Ints, head: Ints) -> Iterator[tuple[int, int]]:
    """Links that hang a region on the rest (Tarjan 1974): the end nearer to the first node, the other end."""
    nodes = len(start) - 1
    begin, ends = start.tolist(), head.tolist()
    number, low, count = [-1] * nodes, [0] * nodes, 0
    for first in range(nodes):
        if number[first] >= 0:
            continue
        number[first] = low[first] = count
        count += 1
        path = [[first, begin[first], -1]]
        while path:
            v, e, up = path[-1]
            if e < begin[v + 1]:
                path[-1][1], w = e + 1, ends[e]
                if w == up:
                    path[-1][2] = -1  # once: a second link between the two makes a cycle
                elif number[w] < 0:
                    number[w] = low[w] = count
                    count += 1
                    path.append([w, begin[w], v])
                else:
                    low[v] = min(low[v], number[w])
            else:
                path.pop()
                if path:
                    p = path[-1][0]
                    low[p] = min(low[p], low[v])
                    if low[v] > number[p]:
                        yield p, v


def sums(one: int, other: int) -> int:
    """All sums of a member of one set and a member of the other; sets are the bits of a number."""
    found = 0
    if one.bit_count() < other.bit_count():
        one, other = other, one
    while other:
        bit = other & -other
        found |= one << bit.bit_length() - 1
        other ^= bit
    return found


class Region:
    """The tree of bridges of a ground, rooted in its largest block; minutes of visits by block and from it outwards."""

    def __init__(self, footing: Footing) -> None:
        from scipy.sparse import coo_matrix
        from scipy.sparse.csgraph import breadth_first_order, connected_components

        units = len(footing.minutes)
        nodes = units + footing.places
        start, head, _ = neighbours(nodes, footing.links, np.zeros(len(footing.links)))
        cut = np.array(list(bridges(start, head)), np.int64).reshape(-1, 2)
        hung = set(map(tuple, np.sort(cut, axis=1).tolist()))
        inner = np.array([tuple(pair) not in hung for pair in np.sort(footing.links, axis=1).tolist()])
        kept = footing.links[inner]
        graph = coo_matrix((np.ones(len(kept)), (kept[:, 0], kept[:, 1])), shape=(nodes, nodes))
        count, block = connected_components(graph, directed=False)
        self.load = np.bincount(block[:units], footing.minutes, count)
        single = np.bincount(block) == 1
        self.sand, self.place = ~single, np.zeros(count, bool)
        self.place[block[units:]] = single[block[units:]]
        a, b = block[cut].T
        tree = coo_matrix((np.ones(len(a)), (a, b)), shape=(count, count)).tocsr()
        root = int(np.where(self.sand, self.load, -1.0).argmax())
        self.order, up = breadth_first_order(tree, root, directed=False)
        self.children: list[list[int]] = [[] for _ in range(count)]
        self.outward = self.load.copy()
        for v in self.order[:0:-1].tolist():
            self.children[up[v]].append(v)
            self.outward[up[v]] += self.outward[v]

    def impossible(self, turf: float, low: float, high: float) -> list[int]:
        """Blocks from which outwards turfs of `low` to `high` times `turf` minutes are impossible, the outermost only."""
        # Two steps more than is asked for each way, since loads are rounded.
        least, most = int(low * STEPS) - 2, int(np.ceil(high * STEPS)) + 2
        closed, every = ((1 << most - least + 1) - 1) << least, (1 << most + 1) - 1
        steps = np.round(self.outward / turf * STEPS).astype(int).tolist()
        leaving: dict[int, int] = {}
        found = []
        for v in self.order[:0:-1].tolist():
            sets = [leaving[c] for c in self.children[v]]
            own = max(steps[v] - sum(steps[c] for c in self.children[v]), 0)
            if self.sand[v] or len(sets) > MANY:
                out = self._poured(own, sets, least, most)
            elif self.place[v]:
                out = self._grouped(sets, closed, every)
            else:
                out = 1 << own
                for one in sets:
                    out = sums(out, one) & every
                out |= bool(out & closed)
            if not out:
                found.append(v)
            leaving[v] = out or every
        return found

    @staticmethod
    def _grouped(sets: list[int], closed: int, every: int) -> int:
        """What can leave a crossing when its arms are grouped in every way."""
        joint, left = [1] * (1 << len(sets)), [1] * (1 << len(sets))
        for chosen in range(1, 1 << len(sets)):
            last = chosen.bit_length() - 1
            joint[chosen] = left[chosen] = sums(joint[chosen ^ 1 << last], sets[last]) & every
            group = chosen
            while group:
                if joint[group] & closed:
                    left[chosen] |= left[chosen ^ group]
                group = (group - 1) & chosen
        return left[-1]

    @staticmethod
    def _poured(own: int, sets: list[int], least: int, most: int) -> int:
        """What can leave a block that is parted as one likes."""
        total, out = 1 << own, 0
        for one in sets:
            total = sums(total, one)
        while total:
            bit = total & -total
            total ^= bit
            held = bit.bit_length() - 1
            for turfs in range(held // max(least, 1) + 1):
                fewest, largest = max(0, held - turfs * most), min(most, held - turfs * least)
                if largest >= fewest:
                    out |= ((1 << largest - fewest + 1) - 1) << fewest
        return out


def attainable(footing: Footing, turfs: int, low: float, high: float) -> tuple[int, float]:
    """How many regions make turfs of `low` to `high` times the mean impossible, and the largest `low` that would be possible
    as far as this bound tells, the same `high` given.
    """
    region, mean = Region(footing), float(footing.minutes.sum()) / turfs
    count = len(region.impossible(mean, low, high))
    good, bad = 0.0, low
    while count and bad - good > FINE:
        middle = (good + bad) / 2
        if region.impossible(mean, middle, high):
            bad = middle
        else:
            good = middle
    return count, bad
