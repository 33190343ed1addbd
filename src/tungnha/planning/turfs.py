"""Cutting a unit into turfs: compact, even, each in one piece along its streets, never across a barrier.

The way there: doors become indivisible units on the street graph (`footing`), one long tour is split evenly (`tour`),
pieces that lost touch are handed to a neighbour and neighbours exchange street pieces (`exchange`), neighbours are parted
anew two by two (`pairs`) and, where turfs are uneven or over a limit, dealt anew a few together (`regions`, `dealing`);
whoever has patience lets strings of doors go from walk to walk (`strings`); last each turf gets its walking order on street
distances (`ways`, `walking`, `order`).

**Connected** means here: the doors of a turf can be joined to each other along the streets without passing a door of
another turf. Stretches and crossings without doors may be shared by any number of turfs; so may the stairs of a tower.
"""

# ruff: noqa: PLC0415, PLR0917 - heavy libraries load when a plan is made, so that Limits costs nothing to import

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tungnha.planning.footing import Footing, stand
from tungnha.planning.ground import Doors, Floats, Ints, StreetNetwork, neighbours

if TYPE_CHECKING:
    from tungnha.planning.ways import Ways

AIMED = 0.965  # of the limit
ROOM = 0.5  # of a usual unit left free below that, since a turf is made of whole units
SAFE = 0.997  # of the limit: the last walk of a turf may be a little longer than the one it was parted by


@dataclass(frozen=True)
class Limits:
    """How large a turf may be.

    Parameters
    ----------
    minutes
        Visits and walking together, None for no limit.
    doors
        Doors, None for no limit.
    metres_per_minute
        Walking pace.
    detour
        Metres walked for each metre of straight line where no street is known.
    """

    minutes: float | None = 150.0
    doors: int | None = None
    metres_per_minute: float = 60.0
    detour: float = 1.4


@dataclass(frozen=True)
class TurfFigures:
    """One turf: doors, minutes of visits and walking, metres from first to last door in walking order, metres between
    its two farthest doors, and whether it is connected (see the module).
    """

    doors: int
    minutes: float
    walk_metres: float
    diameter_metres: float
    connected: bool


@dataclass(frozen=True, eq=False)
class Cut:
    """Turf of each door and position in its walking order, counted from 0, both of shape (doors,); figures by turf."""

    turf: Ints
    position: Ints
    turfs: Sequence[TurfFigures]
    on_streets: bool


@dataclass(frozen=True)
class Effort:
    """How hard to try, and for what.

    Parameters
    ----------
    moves
        Moves tried per unit.
    rounds
        How often at most the true minutes are evened out.
    draft_kicks, kicks
        Effort of the walking order while cutting and at the end.
    even, seam, span
        What unevenness, odd street ends and spread weigh against each other.
    heat
        Temperature the exchange starts at.
    sweeps, pair_kicks, trees, regions, evenings
        How often neighbouring turfs are parted anew, and how hard each time (see `pairs.Aims`).
    diameter
        Metres of walking that one metre of diameter is worth there.
    passes, strings
        How often all walks are shortened by strings of doors that change turfs, and how many are tried for each unit
        every time (see `strings`).
    """

    moves: int = 60
    rounds: int = 2
    draft_kicks: int = 5
    kicks: int = 200
    even: float = 60.0
    seam: float = 0.02
    span: float = 1.2
    heat: float = 0.03
    sweeps: int = 2
    evenings: int = 12
    regions: float = 0.4
    pair_kicks: int = 8
    trees: int = 4
    diameter: float = 1.0
    passes: int = 0
    strings: int = 0


EFFORTS = {
    "usual": Effort(),
    # A minute of one processor for 20,000 doors. Three times as long walks another half of a hundredth less.
    "patient": Effort(passes=60, strings=5, diameter=0.7, kicks=1000),
}


def cut(
    doors: Doors,
    limits: Limits,
    *,
    network: StreetNetwork | None = None,
    barriers: Sequence[Floats] = (),
    seed: int = 0,
    effort: Effort | None = None,
) -> Cut:
    """Cut doors into turfs and put each in walking order.

    Parameters
    ----------
    doors
        Who is to be visited.
    limits
        No turf exceeds them, except a single door that does so alone.
    network
        The streets; without it distances are straight lines times `limits.detour`.
    barriers
        Lines that no turf crosses, each of shape (points, 2), metres.
    seed
        Same seed, same turfs.
    effort
        How hard to try, by default enough for 20,000 doors in three seconds.

    Raises
    ------
    ValueError
        If arrays do not agree, a limit or the pace is not above zero, or the detour is below one.
    """
    _check(limits)
    effort = effort or Effort()
    if len(doors.xy) == 0:
        return Cut(np.zeros(0, np.int32), np.zeros(0, np.int32), (), network is not None)
    minutes_cap = limits.minutes if limits.minutes is not None else np.inf
    doors_cap = limits.doors if limits.doors is not None else len(doors.xy) + 1
    footing = stand(
        doors,
        network,
        barriers,
        detour=limits.detour,
        unit_minutes=minutes_cap / 8,
        unit_doors=max(1, doors_cap // 8),
        join_below=_small(doors, minutes_cap, doors_cap),
    )
    turf, rank, walk, across, connected = _solve(_task(footing, limits, minutes_cap, doors_cap, effort), seed)
    turf, names = _spatial(footing, turf)
    walk, across, connected = walk[names], across[names], connected[names]
    count = len(names)
    of_door = turf[footing.unit]
    ranked = np.lexsort((np.arange(len(of_door)), footing.unit, rank[footing.unit], of_door))
    position = np.empty(len(of_door), np.int32)
    begins = np.searchsorted(of_door[ranked], np.arange(count))
    position[ranked] = np.arange(len(of_door)) - begins[of_door[ranked]]
    held = np.bincount(of_door, minlength=count)
    minutes = np.bincount(of_door, doors.minutes, count) + walk / limits.metres_per_minute
    figures = tuple(
        TurfFigures(int(held[t]), float(minutes[t]), float(walk[t]), float(across[t]), bool(connected[t]))
        for t in range(count)
    )
    return Cut(of_door.astype(np.int32), position, figures, footing.on_streets)


def _check(limits: Limits) -> None:
    if limits.minutes is not None and not limits.minutes > 0:
        raise ValueError("the limit of minutes must be above zero")
    if limits.doors is not None and limits.doors < 1:
        raise ValueError("the limit of doors must be at least one")
    if not limits.metres_per_minute > 0 or not limits.detour >= 1:
        raise ValueError("the walking pace must be above zero and the detour at least one")


def _small(doors: Doors, minutes_cap: float, doors_cap: int) -> float:
    """Minutes below which a loose piece of the network is worth joining to the next: three quarters of a turf."""
    mean = max(float(doors.minutes.mean()), 1e-9)
    return 0.75 * min(minutes_cap, doors_cap * mean)


@dataclass(frozen=True, eq=False)
class _Task:
    """A ground to be cut, with its links by node; the limits (infinite where there is none), and how hard to try."""

    footing: Footing
    ways: "Ways"
    limits: Limits
    minutes_cap: float
    doors_cap: int
    start: Ints
    head: Ints
    effort: Effort


def _task(footing: Footing, limits: Limits, minutes_cap: float, doors_cap: int, effort: Effort) -> _Task:
    from tungnha.planning.ways import Ways

    nodes = len(footing.minutes) + footing.places
    start, head, _ = neighbours(nodes, footing.links, np.zeros(len(footing.links)))
    return _Task(footing, Ways(footing, limits.detour), limits, minutes_cap, doors_cap, start, head, effort)


def _solve(task: _Task, seed: int) -> tuple[Ints, Ints, Floats, Floats, NDArray[np.bool_]]:
    """Turf of each unit, its rank in the walk, and by turf: metres walked, metres across, connected."""
    from tungnha.planning.exchange import pieces
    from tungnha.planning.walking import walk_turfs

    footing, limits, effort = task.footing, task.limits, task.effort
    units = len(footing.minutes)
    turf = _exchanged(task, seed)
    if limits.minutes is not None and effort.sweeps > 0:
        turf = _reparted(task, turf, seed)
    count = int(turf.max()) + 1
    rank, walk, across = walk_turfs(task.ways, turf, count, kicks=effort.kicks, seed=seed)
    turf, rank, walk, across = _within_limits(task, turf, rank, walk, across, seed)
    piece = pieces(turf, units, task.start, task.head)
    parts = np.bincount(np.unique(np.stack([turf, piece]), axis=1)[0], minlength=len(walk))
    return turf, rank, walk, across, parts == 1


def _exchanged(task: _Task, seed: int) -> Ints:
    """Turfs along a tour, aiming a little below the limit, and after the exchange."""
    from tungnha.planning.exchange import anneal, gather
    from tungnha.planning.tour import split, tour

    footing, limits, effort = task.footing, task.limits, task.effort
    units = len(footing.minutes)
    at = footing.at
    # By doors alone, a turf's size is counted in doors.
    by_doors = limits.minutes is None
    load = np.maximum(footing.doors if by_doors else footing.minutes, 1e-6).astype(np.float64)
    route = tour(footing)
    heft = load.copy()
    if not by_doors:
        # Until the walks are known, each unit brings the way from the one before it, at most a street's length.
        stride = np.concatenate([[0.0], np.hypot(*np.diff(at[route], axis=0).T)])
        heft[route] += np.minimum(stride, 60.0) * 1.3 / limits.metres_per_minute
    home = footing.component[footing.node]
    held, doors_held = np.bincount(home, heft), np.bincount(home, footing.doors)
    cap = float(task.doors_cap) if by_doors else task.minutes_cap
    aimed = cap if by_doors else cap * AIMED - ROOM * min(float(heft @ heft / heft.sum()), cap / 8)
    aim = held / np.ceil(np.maximum(held / aimed, doors_held / task.doors_cap)).clip(1)
    turf = np.empty(units, np.int32)
    opens = np.concatenate([[True], np.diff(home[route]) != 0])
    turf[route] = split(heft[route], opens, aim[home[route]], cap)
    turf = gather(turf, heft, units, task.start, task.head)
    count, siblings, piece_of = _siblings(footing, turf)
    target = (np.bincount(piece_of[turf], heft) / siblings)[piece_of]
    turf = anneal(
        turf, count, footing.at, heft, footing.doors, np.zeros(count), target, cap, task.doors_cap, task.start, task.head,
        effort.moves * len(turf), effort.heat, 0.001, effort.even, effort.seam, effort.span, seed,
    )  # fmt: skip
    return turf if by_doors else _evened(task, turf, heft, seed)


def _siblings(footing: Footing, turf: Ints) -> tuple[int, Ints, Ints]:
    """How many turfs there are, how many in each piece of the network, and the piece of each turf."""
    count = int(turf.max()) + 1
    piece_of = np.zeros(count, np.int32)
    piece_of[turf] = footing.component[footing.node]
    return count, np.maximum(np.bincount(piece_of), 1), piece_of


def _evened(task: _Task, turf: Ints, heft: Floats, seed: int) -> Ints:
    """Even out the true minutes, walks included; the evenest seen."""
    from tungnha.planning.exchange import anneal
    from tungnha.planning.walking import walk_turfs

    footing, limits, effort, cap = task.footing, task.limits, task.effort, task.minutes_cap
    count, siblings, piece_of = _siblings(footing, turf)
    best, least = turf, np.inf
    walk, changed = np.zeros(count), np.ones(count, np.bool_)
    for again in range(effort.rounds + 1):
        _, anew, _ = walk_turfs(task.ways, turf, count, kicks=effort.draft_kicks, seed=seed, chosen=changed)
        walk = np.where(changed, anew, walk)
        minutes = np.bincount(turf, footing.minutes, count) + walk / limits.metres_per_minute
        mean = np.maximum((np.bincount(piece_of, minutes) / siblings)[piece_of], 1e-6)
        # What is over the limit weighs most, then the fullest and the emptiest turf.
        excess = float((minutes / cap - 1.0).max())
        uneven = float(np.maximum(minutes / mean - 1.04, 0.95 - minutes / mean).max()) + 10 * max(excess, 0.0)
        if uneven < least:
            best, least = turf, uneven
        if again == effort.rounds or least <= 0:
            break
        late = again >= 1
        before, turf = turf, anneal(
            turf, count, footing.at, heft, footing.doors, minutes - np.bincount(turf, heft, count), mean, cap * 0.99,
            task.doors_cap, task.start, task.head, effort.moves * len(turf) // (12 if late else 6), 0.003, 0.0003,
            2000.0 if late else 500.0, effort.seam, effort.span, seed + 1 + again,
        )  # fmt: skip
        moved = before != turf
        changed[:] = False
        changed[before[moved]] = changed[turf[moved]] = True
    return best


def _reparted(task: _Task, turf: Ints, seed: int) -> Ints:
    """Part neighbours anew, two by two for less walking, then a few together where turfs are uneven."""
    from tungnha.planning.pairs import Aims, Pairs
    from tungnha.planning.regions import even_out
    from tungnha.planning.strings import shorten

    effort = task.effort
    aims = Aims(
        cap=task.minutes_cap * SAFE, doors_cap=task.doors_cap, pace=task.limits.metres_per_minute,
        regions=effort.regions, evenings=effort.evenings, kicks=effort.pair_kicks, trees=effort.trees, span=effort.diameter,
    )  # fmt: skip
    turfs = Pairs(task.ways, turf.astype(np.int32), task.start, task.head, aims, seed)
    for _ in range(effort.sweeps):
        if not turfs.sweep():
            break
    even_out(turfs)
    shorten(turfs, effort.passes, effort.strings)
    return turfs.turf


def _within_limits(
    task: _Task, turf: Ints, rank: Ints, walk: Floats, across: Floats, seed: int
) -> tuple[Ints, Ints, Floats, Floats]:
    """Halve every turf that is still over a limit, until none is but a single unit; each round has more turfs."""
    from tungnha.planning.halving import part
    from tungnha.planning.walking import walk_turfs

    footing, limits, cap, doors_cap = task.footing, task.limits, task.minutes_cap, task.doors_cap
    while True:
        count = len(walk)
        minutes = np.bincount(turf, footing.minutes, count) + walk / limits.metres_per_minute
        held = np.bincount(turf, footing.doors, count)
        members = np.bincount(turf, minlength=count)
        over = np.flatnonzero(((minutes > cap + 1e-9) | (held > doors_cap)) & (members > 1))
        if not len(over):
            return turf, rank, walk, across
        load = np.maximum(footing.minutes / cap, footing.doors / doors_cap)
        turf = part(turf, over, load, task.start, task.head, seed)
        fresh = count + len(over)
        chosen = np.zeros(fresh, np.bool_)
        chosen[over] = chosen[count:] = True
        new_rank, new_walk, new_across = walk_turfs(
            task.ways, turf, fresh, kicks=task.effort.kicks, seed=seed, chosen=chosen
        )
        redone = chosen[turf]
        rank = np.where(redone, new_rank, rank).astype(np.int32)
        walk = np.where(chosen, new_walk, np.concatenate([walk, np.zeros(fresh - count)]))
        across = np.where(chosen, new_across, np.concatenate([across, np.zeros(fresh - count)]))


def _spatial(footing: Footing, turf: Ints) -> tuple[Ints, Ints]:
    """Renumber turfs in rows from north to south, alternately eastwards and westwards; also the old numbers in order."""
    used, dense = np.unique(turf, return_inverse=True)
    dense = dense.reshape(-1)
    at = footing.at
    size = np.bincount(dense)
    x, y = np.bincount(dense, at[:, 0]) / size, np.bincount(dense, at[:, 1]) / size
    rows = max(1, round(len(used) ** 0.5))
    row = np.empty(len(used), np.int32)
    row[np.argsort(-y, kind="stable")] = np.arange(len(used)) * rows // len(used)
    ranked = np.lexsort((np.where(row % 2 == 0, x, -x), row))
    number = np.empty(len(used), np.int32)
    number[ranked] = np.arange(len(used))
    return number[dense].astype(np.int32), used[ranked].astype(np.int32)
