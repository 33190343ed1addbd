"""A lower bound of walking by linear programming: what no cut into that many turfs falls below, however uneven.

python benchmarks/bound.py [DOORS TURFS]     middle of central Hanoi; default 20000 213

The walks of a cut are open paths over the streets. Let x be how often each stretch between two stops is walked and y how
many walks begin or end at each door. Whatever the cut, every set S of places with a door in it is touched by at least
one walk, and each walk that touches S crosses its border or ends in it, twice in all: x(border of S) + y(S) >= 2; and y
sums to twice the number of turfs. Where no turf holds more than `most` doors, at least doors(S) / most walks touch S,
rounded up. Where each holds at least `least`, a set of fewer has no walk to itself: y(S) <= x(border of S). The least
metres under any choice of such rows is a bound (rows as in Laporte, Nobert and Desrochers 1985, on a graph as in
Cornuéjols, Fonlupt and Naddef 1985). Broken rows are looked for among the pieces that hang together by much-walked
stretches, so the bound may not be the best that such rows give.
"""

import sys
import time
from dataclasses import dataclass

import numpy as np

from tungnha.planning.ground import Floats, Ints

JOINED_BY = (1e-6, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99, 1.01, 1.2, 1.5, 1.8, 1.99)
EASY = 30  # rows found at which a look for fewer kinds of them is enough


@dataclass(frozen=True, eq=False)
class Stretches:
    """Doors 0..doors-1 and crossings after them; pairs of neighbours and the metres between."""

    doors: int
    places: int
    pairs: Ints
    metres: Floats


def trimmed(doors: int, places: int, pairs: Ints, metres: Floats) -> Stretches:
    """Without dead ends that hold no door and with crossings of two arms straightened out."""
    arms: list[dict[int, float]] = [{} for _ in range(places)]
    for (a, b), length in zip(pairs.tolist(), metres.tolist(), strict=True):
        if a != b:
            arms[a][b] = arms[b][a] = min(length, arms[a].get(b, np.inf))
    queue = list(range(doors, places))
    while queue:
        v = queue.pop()
        if v < doors or not arms[v] or len(arms[v]) > 2:
            continue
        ends = list(arms[v].items())
        for u, _ in ends:
            del arms[u][v]
        arms[v].clear()
        if len(ends) == 2:
            (a, one), (b, other) = ends
            arms[a][b] = arms[b][a] = min(one + other, arms[a].get(b, np.inf))
        queue.extend(u for u, _ in ends)
    kept = sorted(v for v in range(places) if v < doors or arms[v])
    number = {v: i for i, v in enumerate(kept)}
    table = np.array([(number[a], number[b], far) for a in kept for b, far in arms[a].items() if a < b])
    return Stretches(doors, len(kept), table[:, :2].astype(np.int32), table[:, 2])


class Programme:
    """The linear programme, to which rows are added."""

    def __init__(self, ground: Stretches, turfs: int) -> None:
        import highspy

        self.ground, self.stretches = ground, len(ground.pairs)
        self.columns = self.stretches + ground.doors
        self.solver = highspy.Highs()
        self.solver.setOptionValue("output_flag", False)
        self.no_limit = highspy.kHighsInf
        self.basic = highspy.HighsBasisStatus.kBasic
        upper = np.concatenate([np.full(self.stretches, self.no_limit), np.full(ground.doors, 2.0)])
        self.solver.addVars(self.columns, np.zeros(self.columns), upper)
        cost = np.concatenate([ground.metres, np.zeros(ground.doors)])
        self.solver.changeColsCost(self.columns, np.arange(self.columns, dtype=np.int32), cost)
        ends = np.arange(self.stretches, self.columns, dtype=np.int32)
        total = np.array([2.0 * turfs])
        self.solver.addRows(1, total, total, ground.doors, np.zeros(1, np.int32), ends, np.ones(ground.doors))

    def add(self, piece: Ints, chosen: Ints, least: Floats, ends_sign: float) -> None:
        """For each chosen piece: metres across its border, plus or minus the ends in it, are at least so many."""
        from scipy.sparse import coo_matrix

        row = np.full(int(piece.max()) + 1, -1)
        row[chosen] = np.arange(len(chosen))
        a, b = piece[self.ground.pairs].T
        border = np.flatnonzero(a != b)
        rows = np.concatenate([row[a[border]], row[b[border]], row[piece[: self.ground.doors]]])
        columns = np.concatenate([border, border, np.arange(self.stretches, self.columns)])
        values = np.concatenate([np.ones(2 * len(border)), np.full(self.ground.doors, ends_sign)])
        held = rows >= 0
        table = coo_matrix(
            (values[held], (rows[held], columns[held])), shape=(len(chosen), self.columns)
        ).tocsr()
        self.solver.addRows(
            len(chosen), least, np.full(len(chosen), self.no_limit), table.nnz,
            table.indptr.astype(np.int32), table.indices.astype(np.int32), table.data,
        )  # fmt: skip

    def solve(self) -> tuple[float, Floats, Floats]:
        self.solver.run()
        found = np.array(self.solver.getSolution().col_value)
        return self.solver.getObjectiveValue(), found[: self.stretches], found[self.stretches :]

    def forget_loose_rows(self, first: int) -> None:
        status = self.solver.getBasis().row_status
        loose = np.array([i for i in range(first, len(status)) if status[i] == self.basic], np.int32)
        if len(loose):
            self.solver.deleteRows(len(loose), loose)


def walking_bound(ground: Stretches, turfs: int, *, least: int, most: int, seconds: float) -> float:
    """Metres that all walks of a cut into `turfs` turfs of `least` to `most` doors come to at the least."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    programme = Programme(ground, turfs)
    alone = np.arange(ground.places, dtype=np.int32)
    programme.add(alone, alone[: ground.doors], np.full(ground.doors, 2.0), 1.0)
    programme.add(alone, alone[: ground.doors], np.zeros(ground.doors), -1.0)
    first = 1 + 2 * ground.doors
    a, b = ground.pairs.T
    bound, looks, again, began = 0.0, 1, 0, time.monotonic()
    while time.monotonic() - began < seconds:
        bound, x, y = programme.solve()
        again += 1
        if again % 4 == 0:
            programme.forget_loose_rows(first)
        fresh = 0
        for threshold in JOINED_BY[:looks]:
            joined = x >= threshold
            graph = coo_matrix(
                (np.ones(joined.sum()), (a[joined], b[joined])), shape=(ground.places, ground.places)
            )
            count, piece = connected_components(graph, directed=False)
            held = np.bincount(piece[: ground.doors], minlength=count)
            border = piece[a] != piece[b]
            out = np.bincount(piece[a[border]], x[border], count) + np.bincount(
                piece[b[border]], x[border], count
            )
            ends = np.bincount(piece[: ground.doors], y, count)
            wanted = 2 * np.ceil(held / most - 1e-9)
            for broken, value, sign in (
                (out + ends < wanted - 0.01, wanted, 1.0),
                ((held > 0) & (held < least) & (ends > out + 0.01), np.zeros(count), -1.0),
            ):
                chosen = np.flatnonzero(broken)
                if len(chosen):
                    programme.add(piece, chosen, value[chosen], sign)
                    fresh += len(chosen)
        if fresh == 0 and looks == len(JOINED_BY):
            break
        if fresh < EASY:
            looks = len(JOINED_BY)
    return bound


def main() -> None:
    from cut import door_graph, single
    from grounds import doors_along, hanoi

    count, turfs = (int(text) for text in sys.argv[1:3]) if len(sys.argv) > 2 else (20_000, 213)
    footing = single(doors_along(hanoi(1200), count, seed=1), hanoi(1200))
    pairs, metres = door_graph(footing)
    ground = trimmed(count, count + len(footing.xy), pairs, metres)
    each = count / turfs
    bound = walking_bound(ground, turfs, least=int(0.91 * each), most=int(1.07 * each), seconds=600)
    print(f"{count:,} doors, {turfs} turfs: no even cut walks less than {bound / count:.2f} m a door")


if __name__ == "__main__":
    main()
