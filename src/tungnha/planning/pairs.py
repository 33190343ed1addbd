"""Two neighbouring turfs walked as one and parted anew, over and over: less walking, even minutes, still in one piece.

After the recombination of two districts (DeFord, Duchin and Solomon, "Recombination: a family of Markov chains for
redistricting", 2021), with a walk in place of their random tree: the doors of both turfs lie on one closed walk, which
local search shortens (`order`), and the two places where it is cut are the best among those that part it evenly.
"""

# ruff: noqa: PLR0917 - arrays are the arguments

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tungnha.planning.footing import Footing
from tungnha.planning.ground import Floats, Ints
from tungnha.planning.halving import halve
from tungnha.planning.order import improve, nearest_first
from tungnha.planning.ring import HIGH, LESS, LOW, in_one_piece, recut, weight
from tungnha.planning.walking import Ways, walk_turfs

MOST = 600  # units of two turfs together; larger pairs are left as they are


@dataclass(frozen=True)
class Aims:
    """What the parting of two turfs is judged by.

    Parameters
    ----------
    cap, doors_cap
        Limits of a turf in minutes and doors.
    pace, detour
        Metres a minute; metres walked for each metre of straight line where no street joins two units.
    sweeps, kicks, trees
        How often all pairs are gone through that changed since; how often the walk of a pair is disturbed; how many
        random trees are tried where two turfs are uneven.
    span
        Metres of walking that one metre of diameter is worth.
    """

    cap: float
    doors_cap: int
    pace: float
    detour: float
    sweeps: int
    kicks: int
    trees: int
    span: float


def repart(
    footing: Footing, turf: Ints, mean: Floats, start: Ints, head: Ints, aims: Aims, *, seed: int
) -> Ints:
    """Part pairs of neighbouring turfs anew; returns the turf of each unit.

    It ends: there are `sweeps` rounds at most, each goes through the pairs once, and a pair is tried a fixed number of
    times; a change is taken only if more of the two turfs are in one piece, or what they are worth falls by `LESS`.

    Parameters
    ----------
    turf
        Where to start from, shape (units,).
    mean
        Minutes each turf should have, walking included, shape (turfs,).
    start, head
        The links of `footing` by node.
    """
    count, turf = len(mean), turf.astype(np.int32)
    state = _Pairs(footing, turf, mean, start, head, aims, seed)
    changed = np.zeros(count, np.int64)
    tried: dict[tuple[int, int], int] = {}
    for sweep in range(aims.sweeps):
        minutes = np.bincount(turf, footing.minutes, count) + state.walk / aims.pace
        pairs = borders(turf, count, len(turf), start, head)
        due = [(a, b) for a, b in pairs.tolist() if tried.get((a, b), -1) < max(changed[a], changed[b])]
        due.sort(key=lambda pair: (-abs(minutes[pair[0]] - minutes[pair[1]]), pair))
        tried.update((pair, sweep) for pair in due)
        for a, b in due:
            if state.part(a, b):
                changed[[a, b]] = sweep + 1
    return turf


class _Pairs:
    """The turfs while they are parted: the units of each in walking order, metres walked and across."""

    def __init__(
        self, footing: Footing, turf: Ints, mean: Floats, start: Ints, head: Ints, aims: Aims, seed: int
    ) -> None:
        self.footing, self.turf, self.mean, self.aims, self.seed = footing, turf, mean, aims, seed
        self.start, self.head = start, head
        rank, self.walk, self.across = walk_turfs(
            footing, turf, len(mean), kicks=20, detour=aims.detour, seed=seed
        )
        ranked = np.lexsort((rank, turf)).astype(np.int32)
        self.lines = np.split(ranked, np.searchsorted(turf[ranked], np.arange(1, len(mean))))
        self.usual = max(float(self.walk.mean()), 100.0)
        self.ways = Ways(footing)
        self.stamp, self.tick = np.zeros(len(start), np.int64), 0
        self.stack = np.empty(len(start) + len(head), np.int32)

    def part(self, a: int, b: int) -> bool:
        """Part two neighbours anew if that is better; whether it was."""
        aims, members = self.aims, np.concatenate([self.lines[a], self.lines[b]])
        m, one = len(members), len(self.lines[a])
        if not (3 <= m <= MOST and 0 < one < m):
            return False
        self.seed += 1
        d = self.ways.metres(members, aims.detour)
        visit, held = self.footing.minutes[members], self.footing.doors[members]
        mean = float(self.mean[a])
        line = np.arange(m, dtype=np.int32)
        whole = self._in_one_piece(members[:one]) + self._in_one_piece(members[one:])
        loads = visit[:one].sum() + self.walk[a] / aims.pace, visit[one:].sum() + self.walk[b] / aims.pace
        worth = self._worth(d, visit, held, mean, line, one)
        better = False
        top, bottom = max(*loads, HIGH * mean), min(*loads, LOW * mean)
        if max(loads) > HIGH * mean or min(loads) < LOW * mean or whole < 2:
            # Random trees find parts in one piece where a walk does not.
            stride = (self.walk[a] + self.walk[b]) / m / aims.pace
            gap = abs(loads[0] - loads[1]) if whole == 2 else np.inf
            for k in range(aims.trees):
                new, size = self._by_tree(members, d, visit + stride, gap, self.seed * aims.trees + k)
                value = self._worth(d, visit, held, mean, new, size) if size else np.inf
                if size and (whole < 2 or value < worth - LESS):
                    line, one, worth, whole, better = new, size, value, 2, True
        if better:
            members, d, visit, held = members[line], d[np.ix_(line, line)], visit[line], held[line]
            self.turf[members] = np.where(np.arange(m) < one, a, b)
        line, size, self.tick = recut(
            d, visit, held, members, one, worth, whole, top, bottom, mean, aims.cap, aims.doors_cap, aims.pace,
            self.usual, aims.span, aims.kicks, self.turf, self.start, self.head, self.stamp, self.tick, self.stack, self.seed,
        )  # fmt: skip
        if size:
            better, one, members, d = True, size, members[line], d[np.ix_(line, line)]
        if better:
            self._take(a, members[:one], d[:one, :one])
            self._take(b, members[one:], d[one:, one:])
        return better

    def _take(self, t: int, line: Ints, d: Floats) -> None:
        self.lines[t] = line
        self.walk[t], self.across[t] = np.trace(d, 1), d.max()

    def _in_one_piece(self, line: Ints) -> int:
        self.tick += 1
        return int(
            in_one_piece(
                line[0], len(line), self.turf, self.start, self.head, self.stamp, self.tick, self.stack
            )
        )

    def _worth(self, d: Floats, visit: Floats, held: Ints, mean: float, line: Ints, one: int) -> float:
        """Metres that a parting counts for, the less the better: walks, diameters, unevenness."""
        value, aims = 0.0, self.aims
        for mine in (line[:one], line[one:]):
            walked = float(d[mine[:-1], mine[1:]].sum())
            value += walked + aims.span * float(d[np.ix_(mine, mine)].max())
            value += weight(
                visit[mine].sum() + walked / aims.pace,
                held[mine].sum(),
                mean,
                aims.cap,
                aims.doors_cap,
                self.usual,
            )
        return value

    def _by_tree(self, members: Ints, d: Floats, load: Floats, gap: float, seed: int) -> tuple[Ints, int]:
        """Members in walking order, part after part, and how many are in the first; 0 if no evener than `gap` minutes."""
        side = halve(members, load, len(self.turf), self.start, self.head, seed)
        if not side.any() or abs(load.sum() - 2 * (load @ side)) >= gap:
            return side, 0
        walks = []
        for which in (0, 1):
            mine = np.flatnonzero(side == which).astype(np.int32)
            near = np.ascontiguousarray(d[np.ix_(mine, mine)])
            walks.append(mine[improve(near, nearest_first(near), 5, seed)])
        return np.concatenate(walks), len(walks[0])


def borders(turf: Ints, count: int, units: int, start: Ints, head: Ints) -> Ints:
    """Pairs of turfs that touch, also across a place, the smaller number first, shape (pairs, 2)."""
    met = np.unique(_met(turf, count, units, start, head))
    return np.stack([met // count, met % count], axis=1).astype(np.int32)


@njit(cache=True)
def _met(turf: Ints, count: int, units: int, start: Ints, head: Ints) -> NDArray[np.int64]:
    room = 1024
    found = np.empty(room, np.int64)
    size = 0
    around = np.empty(len(head) + 1, np.int64)
    for v in range(len(start) - 1):
        held = 0
        if v < units:
            around[0] = turf[v]
            held = 1
        for k in range(start[v], start[v + 1]):
            if head[k] < units:
                around[held] = turf[head[k]]
                held += 1
        kinds = np.unique(around[:held])
        for i in range(len(kinds)):
            for j in range(i):
                if size == room:
                    grown = np.empty(2 * room, np.int64)
                    grown[:room] = found
                    found, room = grown, 2 * room
                found[size] = kinds[j] * count + kinds[i]
                size += 1
    return found[:size]
