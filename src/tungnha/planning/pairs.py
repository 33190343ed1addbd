"""Two neighbouring turfs walked as one and parted anew, over and over: less walking, even minutes, still in one piece.

After the recombination of two districts (DeFord, Duchin and Solomon, "Recombination: a family of Markov chains for
redistricting", 2021), with a walk in place of their random tree: the doors of both turfs lie on one closed walk, which
local search shortens (`order`), and the two places where it is cut are the best among those that part it evenly.
"""

# ruff: noqa: PLR0917 - arrays are the arguments

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tungnha.planning.ground import Floats, Ints
from tungnha.planning.halving import halve
from tungnha.planning.order import improve, nearest_first, path_length
from tungnha.planning.ring import HIGH, LESS, LOW, in_one_piece, recut, weight
from tungnha.planning.walking import walk_turfs
from tungnha.planning.ways import Ways

EVENED = 0.93, 1.05  # of the mean: minutes within which turfs are even enough
SPARE = 1.04  # times the mean: the limit should be no less
UNITS = 2.0  # by how many units two turfs must differ for them to be worth evening out
WALKING = 0.02  # share of its minutes below which a turf's walking is not worth shortening
KICKS = 60  # to the walk of a turf on its own
GAP = 120.0  # metres without a door between two turfs for them to be neighbours
MOST = 600  # units of two turfs together; larger pairs are left as they are


@dataclass(frozen=True)
class Aims:
    """What the parting of two turfs is judged by.

    Parameters
    ----------
    cap, doors_cap
        Limits of a turf in minutes and doors.
    pace
        Metres a minute.
    regions, evenings
        How many tries there are for each turf to deal a few turfs anew (see `regions`); how often at most, after each,
        the pairs that differ are gone through.
    kicks, trees
        How often the walk of a pair is disturbed; how many random trees are tried where two turfs are uneven.
    span
        Metres of walking that one metre of diameter is worth.
    """

    cap: float
    doors_cap: int
    pace: float
    regions: float
    evenings: int
    kicks: int
    trees: int
    span: float

    def of_limit(self, minutes: Floats, doors: NDArray[np.intp]) -> Floats:
        """Share of its limit that each turf has used, of minutes or doors, whichever is more."""
        return np.maximum(minutes / self.cap, doors / self.doors_cap)


class Pairs:
    """The turfs while they are parted: how many there were first; the units of each in walking order, metres walked, minutes
    it should have; when each was changed last and each pair tried, in sweeps. Some numbers may be nobody's.

    Parameters
    ----------
    ways
        The ground.
    turf
        Turf of each unit to start from, shape (units,).
    start, head
        The links of the footing by node.
    """

    def __init__(self, ways: Ways, turf: Ints, start: Ints, head: Ints, aims: Aims, seed: int) -> None:
        self.ways, self.footing, self.turf, self.aims, self.seed = ways, ways.footing, turf, aims, seed
        self.start, self.head = start, head
        count = self.first = int(turf.max()) + 1
        rank, self.walk, _ = walk_turfs(ways, turf, count, kicks=KICKS, seed=seed)
        ranked = np.lexsort((rank, turf)).astype(np.int32)
        self.lines = np.split(ranked, np.searchsorted(turf[ranked], np.arange(1, count)))
        self.usual = max(float(self.walk.mean()), 100.0)
        self.stamp, self.tick = np.zeros(len(start), np.int64), 0
        self.stack = np.empty(len(start) + len(head), np.int32)
        self.draw = np.random.default_rng(seed)
        self.now, self.changed, self.tried = 0, np.zeros(count, np.int64), dict[tuple[int, int], int]()
        self.reckon()

    def minutes(self) -> Floats:
        """Minutes of each turf, walking included."""
        visits = np.bincount(self.turf, self.footing.minutes, len(self.walk))
        minutes: Floats = visits + self.walk / self.aims.pace
        return minutes

    def reckon(self) -> None:
        """Set the minutes each turf should have: the mean of its piece of the network, of more turfs where some are over
        the limit and the mean is too near to it.
        """
        held, minutes = np.array([len(line) > 0 for line in self.lines]), self.minutes()
        piece = np.zeros(len(held), np.int64)
        piece[self.turf] = self.footing.component[self.footing.node]
        total, over = np.bincount(piece, minutes), np.bincount(piece, minutes > self.aims.cap)
        count = np.maximum(
            np.bincount(piece, held), np.where(over > 0, np.ceil(total * SPARE / self.aims.cap), 1)
        )
        self.mean: Floats = np.maximum((total / count)[piece], 1e-6)

    def sweep(self, *, apart: float = 0.0, since: int = 0, most: int | None = None) -> int:
        """Go once through the pairs that changed since they were tried; returns how many these were.

        They end: a change is taken only if more of the two turfs are in one piece, or what they are worth falls by
        `LESS`.

        Parameters
        ----------
        apart
            Share of the mean by which two turfs must differ.
        since
            Only pairs that changed in that sweep or later.
        most
            Pairs at most, those that differ most first.
        """
        minutes = self.minutes()
        self.now += 1
        due = [
            (a, b)
            for a, b in self.borders().tolist()
            if max(self.tried.get((a, b), -1), since - 1) < self.changed[[a, b]].max()
            and abs(minutes[a] - minutes[b]) >= apart * self.mean[a]
            and self.may_gain(a, b, minutes)
        ]
        due.sort(key=lambda pair: (-abs(minutes[pair[0]] - minutes[pair[1]]), pair))
        due = due[:most]
        self.tried.update((pair, self.now - 1) for pair in due)
        for a, b in due:
            if self.part(a, b):
                self.changed[[a, b]] = self.now
        return len(due)

    def borders(self) -> Ints:
        """Pairs of turfs that touch (see `borders`), without those that streets without doors join from afar."""
        met = borders(self.turf, len(self.walk), len(self.turf), self.start, self.head)
        middle, at = self.middles(), self.footing.at
        radius = np.zeros(len(self.walk))
        np.maximum.at(radius, self.turf, np.hypot(*(at - middle[self.turf]).T))
        apart = np.hypot(*(middle[met[:, 0]] - middle[met[:, 1]]).T)
        near: Ints = met[apart <= radius[met].sum(axis=1) + GAP]
        return near

    def middles(self) -> Floats:
        """The mean position of each turf's units, shape (turfs, 2)."""
        count = len(self.walk)
        size = np.maximum(np.bincount(self.turf, minlength=count), 1)[:, None]
        sums = [np.bincount(self.turf, self.footing.at[:, k], count) for k in (0, 1)]
        middles: Floats = np.stack(sums, axis=1) / size
        return middles

    def may_gain(self, a: int, b: int, minutes: Floats) -> bool:
        """Whether parting two turfs anew can be worth its time: they walk much, are in pieces, or uneven beyond a unit."""
        more, less = (a, b) if minutes[a] > minutes[b] else (b, a)
        if (self.walk[a] + self.walk[b]) / self.aims.pace > WALKING * (minutes[a] + minutes[b]):
            return True
        if self._in_one_piece(self.lines[a]) + self._in_one_piece(self.lines[b]) < 2:
            return True
        if minutes[more] <= HIGH * self.mean[a] and minutes[less] >= LOW * self.mean[a]:
            return False
        # Half of the difference would have to go over.
        unit = (minutes[more] - self.walk[more] / self.aims.pace) / max(len(self.lines[more]), 1)
        return bool(minutes[more] - minutes[less] > UNITS * unit)

    def missing(self) -> Floats:
        """How far each turf lies beyond what is even enough (see `missing`)."""
        minutes = self.minutes()
        doors = np.bincount(self.turf, self.footing.doors, len(self.walk))
        return missing(minutes, self.mean, self.aims.of_limit(minutes, doors))

    def keep(self) -> tuple[Any, ...]:
        """The turfs as they are, for `put_back`."""
        return (
            self.turf.copy(), self.lines.copy(), self.walk.copy(), self.mean.copy(),
            self.changed.copy(), self.tried.copy(),
        )  # fmt: skip

    def put_back(self, kept: tuple[Any, ...]) -> None:
        """Let the turfs be again what they were."""
        self.turf, self.lines, self.walk, self.mean, self.changed, self.tried = kept

    def give(self, parts: list[Ints], group: list[int]) -> None:
        """Give each part's units to a turf of the group, or to a new one where there are more parts than turfs."""
        self.now += 1
        for _ in range(len(parts) - len(group)):
            group = [*group, len(self.walk)]
            self.lines.append(parts[0][:0])
            self.walk = np.append(self.walk, 0.0)
            self.changed = np.append(self.changed, 0)
        for k, t in enumerate(group):
            line = parts[k] if k < len(parts) else parts[0][:0]
            self.changed[t] = self.now
            self.turf[line] = t
            d = self.ways.between(line)
            path = nearest_first(d) if len(line) else line
            self.take(t, line[path], d[np.ix_(path, path)])
        self.reckon()

    def part(self, a: int, b: int) -> bool:
        """Part two neighbours anew if that is better; whether it was."""
        aims, members = self.aims, np.concatenate([self.lines[a], self.lines[b]])
        m, one = len(members), len(self.lines[a])
        if not (3 <= m <= MOST and 0 < one < m):
            return False
        self.seed += 1
        d = self.ways.between(members)
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
            self.take(a, members[:one], d[:one, :one])
            self.take(b, members[one:], d[one:, one:])
        return better

    def take(self, t: int, line: Ints, d: Floats) -> None:
        """Let units be a turf, in that order or a shorter one: a part of one walk around two turfs may be longer than need be."""
        path = improve(d, np.arange(len(line), dtype=np.int32), KICKS, self.seed)
        self.lines[t] = line[path]
        self.walk[t] = path_length(d, path)

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


def missing(minutes: Floats, mean: Floats | float, of_limit: Floats) -> Floats:
    """How far each turf lies beyond what is even enough, as a share of the mean; numbers that are nobody's miss nothing.

    What is over a limit (`of_limit` above 1) will be halved in the end: it misses as much as half a turf does.
    """
    filled = minutes / mean
    far = np.maximum(np.maximum(filled - EVENED[1], EVENED[0] - filled), 0.0)
    far = np.where(of_limit > 1, np.maximum(far, EVENED[0] - 0.5) + of_limit - 1.0, far)
    return np.where(minutes > 0, far, 0.0)


def borders(turf: Ints, count: int, units: int, start: Ints, head: Ints) -> Ints:
    """Pairs of turfs that touch, also across a place, the smaller number first, shape (pairs, 2)."""
    met = np.unique(_met(turf, count, units, start, head))
    return np.stack([met // count, met % count], axis=1).astype(np.int32)


@njit(cache=True)
def _met(turf: Ints, count: int, units: int, start: Ints, head: Ints) -> NDArray[np.int64]:
    room = 1024
    found = np.empty(room, np.int64)
    size = 0
    kinds = np.empty(len(head) + 1, np.int32)
    for v in range(len(start) - 1):
        held = 0
        for k in range(start[v] - 1, start[v + 1]):
            u = v if k < start[v] else head[k]
            if u >= units:
                continue
            t = turf[u]
            i = 0
            while i < held and kinds[i] != t:
                i += 1
            if i < held:
                continue
            kinds[held] = t
            held += 1
            for i in range(held - 1):
                if size == room:
                    grown = np.empty(2 * room, np.int64)
                    grown[:room] = found
                    found, room = grown, 2 * room
                found[size] = min(t, kinds[i]) * count + max(t, kinds[i])
                size += 1
    return found[:size]
