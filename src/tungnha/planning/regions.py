"""A few neighbouring turfs dealt anew together, where no parting of two helps.

Where a turf stands behind one place, no parting of two turfs may make it even, but one of three or four can; and where
neighbours are all too empty, or too full, the number of turfs is wrong there: the same doors make one more, or one less.
"""

import numpy as np

from tungnha.planning.halving import deal
from tungnha.planning.pairs import Pairs, missing

GROUPS = 3, 4, 5, 6, 8  # turfs dealt anew together, in this order
DEALS = 50  # tried for each
STEP = 0.03  # of the mean: difference of two neighbours that is worth sharing
TRIES = 4  # pairs that sharing may part for each turf in all
FINE = 24  # units a turf: with fewer, sharing between two neighbours moves too much or nothing


def even_out(turfs: Pairs) -> None:
    """Deal neighbours anew around the turf that misses most, as long as that helps somewhere.

    It ends: there are `Aims.regions` tries for each turf, and each turf is the middle of a few. A try that does not make
    what all turfs miss less is taken back.
    """
    left = TRIES * len(turfs.walk) if len(turfs.turf) >= FINE * len(turfs.walk) else 0
    tries = dict[int, int]()
    far = turfs.missing()
    for _ in range(int(turfs.aims.regions * len(turfs.walk))):
        open_to = far.copy()
        open_to[[t for t, times in tries.items() if times >= len(GROUPS)]] = 0.0
        t = int(open_to.argmax())
        if open_to[t] <= 0:
            break
        size = GROUPS[tries.get(t, 0)]
        tries[t] = tries.get(t, 0) + 1
        kept = turfs.keep()
        if _deal(turfs, _around(turfs, t, size)):
            left -= _share(turfs, left)
        now = turfs.missing()
        if _total(now) < _total(far):
            far = now
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


def _around(turfs: Pairs, t: int, size: int) -> list[int]:
    """A turf and others that hang on it, chosen to be even in the mean."""
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


def _deal(turfs: Pairs, group: list[int]) -> bool:
    """Deal the units of some turfs anew into as many turfs as is evenest; whether that can be."""
    mean, aims = float(turfs.mean[group[0]]), turfs.aims
    minutes = turfs.minutes()[group]
    # Rounded at random: what lies between two numbers is tried both ways, and one more where the limit asks for it.
    more = 0.5 if minutes[0] > aims.cap else 0.0
    parts = max(1, int(float(minutes.sum()) / mean + turfs.draw.random() + more))
    members = np.concatenate([turfs.lines[t] for t in group])
    load = turfs.footing.minutes[members] + turfs.walk[group].sum() / len(members) / aims.pace
    best, least = None, np.inf
    for _ in range(DEALS):
        turfs.seed += parts
        part_of = deal(members, load, parts, len(turfs.turf), turfs.start, turfs.head, turfs.seed)
        if part_of is None:
            continue
        minutes = np.bincount(part_of, load, parts).astype(np.float64)
        doors = np.bincount(part_of, turfs.footing.doors[members], parts)
        value = _total(missing(minutes, mean, aims.of_limit(minutes, doors)))
        if value < least:
            best, least = part_of, value
            if value <= 0:
                break
    if best is None:
        return False
    turfs.give([members[best == k] for k in range(parts)], group)
    return True


def _total(far: np.ndarray) -> float:
    """What several turfs miss, as one number: the worst counts most."""
    return float(10 * far.max() + (far + 10 * far**2).sum())
