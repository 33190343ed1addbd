"""A few neighbouring turfs dealt anew together, where no parting of two helps.

Where a turf stands behind one place, no parting of two turfs may make it even, but one of three or of twenty can; and
where neighbours are all too empty, or too full, the number of turfs is wrong there: the same doors make one more, or one
less. What is stuck even so is shaken, and evened out from there (iterated local search).
"""

from collections.abc import Iterator

import numpy as np

from tungnha.planning.dealing import deal
from tungnha.planning.ground import Floats, Ints
from tungnha.planning.pairs import EVENED, Pairs

GROUPS = 3, 4, 6, 8, 12, 16, 20  # turfs dealt anew together, in this order
SLACKS = 0.0, 0.03, 0.07, 0.13, 0.2, 0.3  # of the mean: what turfs may miss then, in this order
TREES = 20  # tried for each
PROBED = 8  # of them, to see whether a group can be dealt better at all
ROUNDS = 2  # tries around a turf
MINOR = 0.004  # of the mean: what a turf may miss; its last walk differs from the one it is dealt by about as much
LESS = 0.002  # by which a try must lessen what all turfs miss
STUCK = 0.01  # of the mean: what a turf must miss to be worth a shake
SHAKES = 16  # in all
VAIN = 2  # around a turf, after which it is left
TRIED = 10  # tries to even out after each
SHAKEN = 0.05  # of the mean, by which turfs may get worse then
LEAST = 0.1  # of the mean, however much is missed
STEP = 0.03  # of the mean: difference of two neighbours that is worth sharing
SHARED = 4  # pairs that sharing may part for each turf in all
FINE = 24  # units a turf: with fewer, sharing between two neighbours moves too much or nothing


def even_out(turfs: Pairs) -> None:
    """Deal neighbours anew around the turfs that miss most, as long as that helps somewhere; shake what is stuck.

    What all turfs miss is never more afterwards.
    """
    _improve(turfs, -1, int(turfs.aims.regions * len(turfs.walk)))
    vain = np.zeros(len(turfs.walk), np.int64)
    for _ in range(SHAKES):
        far, least = turfs.missing(), _total(turfs)
        vain = np.append(vain, np.zeros(len(far) - len(vain), np.int64))
        t = int(np.where(vain < VAIN, far, 0.0).argmax())
        if vain[t] >= VAIN or far[t] <= STUCK:
            break
        kept, before = turfs.keep(), turfs.now
        group = _around(turfs, t, int(turfs.draw.integers(GROUPS[1], GROUPS[4] + 1)))
        parts = next(_dealings(turfs, group, float(far[t]) + SHAKEN, MINOR, PROBED), None)
        if parts is not None:
            turfs.give(parts, group)
            _improve(turfs, before, TRIED)
        if _total(turfs) > least - LESS:
            turfs.put_back(kept)
            vain[t] += 1


def _improve(turfs: Pairs, since: int, most: int) -> None:
    """Deal neighbours anew around the turf that misses most, of those that changed after `since`, as long as that helps.

    There are `most` tries. One that does not make what all turfs miss less is taken back.
    """
    left = SHARED * len(turfs.walk) if len(turfs.turf) >= FINE * len(turfs.walk) else 0
    tries = np.zeros(len(turfs.walk), np.int64)
    far, least = turfs.missing(), _total(turfs)
    for _ in range(most):
        open_to = np.where((tries < ROUNDS) & (turfs.changed > since), far, 0.0)
        t = int(open_to.argmax())
        if open_to[t] <= MINOR:
            break
        tries[t] += 1
        kept, before = turfs.keep(), turfs.now
        if not _deal_around(turfs, t, float(far[t]), int(tries[t])):
            continue
        left -= _share(turfs, left)
        if _total(turfs) < least - LESS:
            far, least = turfs.missing(), _total(turfs)
            tries = np.append(tries, np.zeros(len(far) - len(tries), np.int64))
            tries[turfs.changed > before] = 0
        else:
            turfs.put_back(kept)


def _share(turfs: Pairs, most: int) -> int:
    """Share between neighbours that differ, from the turfs just dealt outwards, until all are even enough.

    Returns how many pairs that took, `most` at most.
    """
    since, spent = turfs.now, 0
    for _ in range(turfs.aims.evenings):
        if spent >= most or not turfs.missing().any():
            break
        tried = turfs.sweep(apart=STEP, since=since, most=most - spent)
        if not tried:
            break
        spent += tried
    return spent


def _deal_around(turfs: Pairs, t: int, far: float, nth: int) -> bool:
    """Deal a turf and some around it anew so that none of them misses as much as it; whether that can be.

    The first time around a turf all are to be nearly even; what was to be just within its limit, and was not, is given
    more room the second time.
    """
    around = _around(turfs, t, max(GROUPS))
    groups = [around[:size] for size in GROUPS if size <= len(around)] or [around]
    slacks = [slack for slack in SLACKS[: 3 * nth] if slack < 0.9 * far]
    margin = MINOR * (2 * nth - 1)
    # What cannot be dealt loosely cannot be dealt closely.
    groups = [one for one in groups if next(_dealings(turfs, one, slacks[-1], margin, PROBED), None)]
    at = turfs.footing.at
    for slack in slacks:
        for group in groups:
            ways = list(_dealings(turfs, group, slack, margin, TREES))
            if ways:
                turfs.give(min(ways, key=lambda parts: _spread(at, parts)), group)
                return True
    return False


def _around(turfs: Pairs, t: int, size: int) -> list[int]:
    """A turf and others that hang on it, one after the other, chosen to be even in the mean."""
    filled = turfs.minutes() / turfs.mean
    one, other = turfs.borders().T
    inside = np.zeros(len(filled), np.bool_)
    inside[t] = True
    group, held = [t], filled[t]
    while len(group) < size:
        near = np.union1d(other[inside[one] & ~inside[other]], one[inside[other] & ~inside[one]])
        if not len(near):
            break
        # Not always the best: each try is to differ.
        ranked = near[np.argsort(np.abs((held + filled[near]) / (len(group) + 1) - 1.0), kind="stable")]
        u = int(ranked[min(int(turfs.draw.geometric(0.7)), len(ranked)) - 1])
        inside[u] = True
        group.append(u)
        held += filled[u]
    return group


def _dealings(
    turfs: Pairs, group: list[int], slack: float, margin: float, trees: int
) -> Iterator[list[Ints]]:
    """Ways to deal the units of some turfs anew so that none misses more than `slack`, nor is nearer to its limit than
    `margin`, both shares of the mean: as many as so many random trees allow.
    """
    mean, aims = float(turfs.mean[group[0]]), turfs.aims
    low, high = max(EVENED[0] - slack, LEAST), min(EVENED[1] + slack, aims.cap / mean - margin)
    members = np.concatenate([turfs.lines[t] for t in group])
    stride = np.concatenate(
        [np.full(len(turfs.lines[t]), turfs.walk[t] / max(len(turfs.lines[t]), 1)) for t in group]
    )
    load = (turfs.footing.minutes[members] + stride / aims.pace) / mean
    if int(load.sum() / low) < load.sum() / high:
        return
    doors = turfs.footing.doors[members]
    for _ in range(trees):
        turfs.seed += 1
        part_of = deal(members, load, low, high, len(turfs.turf), turfs.start, turfs.head, turfs.seed)
        if part_of[0] >= 0 and np.bincount(part_of, doors).max() <= aims.doors_cap:
            yield [members[part_of == k] for k in range(int(part_of.max()) + 1)]


def _spread(at: Floats, parts: list[Ints]) -> float:
    """Square metres that units lie away from the middle of their part, in sum."""
    return float(sum(len(part) * at[part].var(axis=0).sum() for part in parts))


def _total(turfs: Pairs) -> float:
    """What all turfs miss, as one number: the worst counts most, and a turf more counts twice what it makes the worst look
    better by lowering the mean.
    """
    far = turfs.missing()
    more = (turfs.walk > 0).sum() / turfs.first - 1.0
    return float(10 * far.max() + 20 * more + (far + 10 * far**2).sum())
