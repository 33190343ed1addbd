"""An evening at the doors, played: who opens, how it ends, how long it takes. For demonstrations, load and rehearsal."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from tungnha.planning.ground import Floats, Ints


class End(IntEnum):
    """How a knock ends."""

    NOBODY = 0
    REFUSED = 1
    LATER = 2
    AWAY = 3
    NO_PHONE = 4
    OTHERS_PHONE = 5
    POLICE = 6
    DONE = 7


@dataclass(frozen=True)
class Manners:
    """How a neighbourhood and a volunteer behave.

    Parameters
    ----------
    contact
        Chance that somebody opens, by hour of the day, 24 numbers.
    ends
        How a visit ends once somebody has opened: shares in the order of `End` from `REFUSED` on, 7 numbers that
        sum to 1.
    minutes
        Mean minutes at the door for each `End`, 8 numbers; a visit's own is drawn around it (gamma, shape 4).
    metres_per_minute
        Walking speed.
    """

    contact: tuple[float, ...]
    ends: tuple[float, ...]
    minutes: tuple[float, ...]
    metres_per_minute: float = 60.0


HANOI_EVENING = Manners(
    # No series by hour is public. The level is that of the six canvasses of Green, Gerber and Nickerson (2003), 14 to
    # 45%; the shape is assumed: low by day, high from 18:00 to 21:00.
    contact=(0.05,) * 7
    + (0.2, 0.22, 0.22, 0.22, 0.25, 0.28, 0.22, 0.2, 0.2, 0.24, 0.34, 0.44, 0.47, 0.45, 0.3, 0.12, 0.05),
    ends=(0.08, 0.12, 0.07, 0.05, 0.04, 0.06, 0.58),
    minutes=(0.8, 1.5, 2.0, 2.5, 3.0, 8.0, 5.0, 9.0),
)
"""Assumed until a campaign has measured its own."""


@dataclass(frozen=True, eq=False)
class Evening:
    """What one volunteer did, in order; arrays of shape (doors tried,).

    Parameters
    ----------
    door
        Place on the walk.
    minute
        When the visit ended, minutes after midnight.
    end
        How it ended (`End`).
    """

    door: Ints
    minute: Floats
    end: Ints


def play(
    chance: Floats, metres: Floats, *, start: float, stop: float, manners: Manners, seed: int
) -> Evening:
    """Walk a list from its first door until it is done or the evening is over.

    Parameters
    ----------
    chance
        Each door's own factor on the chance of contact, about 1, shape (doors,); 0 skips the door.
    metres
        Walking to each door from the one before it, shape (doors,).
    start, stop
        Minutes after midnight; no visit begins after `stop`.
    seed
        Same seed, same evening.

    Raises
    ------
    ValueError
        If shapes differ, or the manners are not rates.
    """
    if chance.shape != metres.shape:
        raise ValueError("chance and metres must have one shape, (doors,)")
    if len(manners.contact) != 24 or len(manners.ends) != 7 or abs(sum(manners.ends) - 1) > 1e-9:
        raise ValueError("manners need 24 chances, and 7 shares that sum to 1")
    rng = np.random.default_rng(seed)
    door, minute, end = [], [], []
    now = start
    for place in range(len(chance)):
        now += metres[place] / manners.metres_per_minute
        if now > stop:
            break
        if chance[place] <= 0:
            continue
        opens = rng.random() < min(1.0, chance[place] * manners.contact[int(now // 60) % 24])
        how = End.NOBODY if not opens else End(1 + rng.choice(7, p=manners.ends))
        now += manners.minutes[how] * rng.gamma(4.0) / 4.0
        door.append(place)
        minute.append(now)
        end.append(int(how))
    return Evening(np.array(door, np.int32), np.array(minute, float), np.array(end, np.int32))
