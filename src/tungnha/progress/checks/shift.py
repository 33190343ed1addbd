"""What a check looks at: one person's visits of one day."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.functional import Promise
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Shift:
    """One person's visits of one day, in the order in which they happened; arrays of shape (visits,) unless said otherwise.

    Parameters
    ----------
    minute
        When each was recorded, minutes after midnight by the corrected clock.
    contact, done
        Whether somebody opened, and whether it ended as done.
    expected
        The chance of contact to be expected there at that hour, from the whole campaign's visits.
    xy
        Where the door is, metres, not a number where it is not known, shape (visits, 2).
    building
        Number of the block a door is in, -1 for a house.
    phone
        Number of the telephone that the register has for the residents helped at each door, -1 where it has none.
    earlier
        How many visits the same person made on each of the working days before, newest first, shape (days,).
    """

    minute: Floats
    contact: Flags
    done: Flags
    expected: Floats
    xy: Floats
    building: Ints
    phone: Ints
    earlier: Ints


Seen = dict[str, Any]
"""What was seen, as the facts that a check's sentence names."""


@dataclass(frozen=True)
class Check:
    """Something worth a supervisor's look. It accuses nobody: `innocent` says how it comes about in good faith.

    Parameters
    ----------
    name
        Stored with what it finds; never changed.
    label
        What it is called.
    words
        A sentence with the facts that `find` gives, as `%(name)s`.
    innocent
        When this happens although all is well.
    threshold
        Where it begins to speak, unless a campaign sets another; its unit is in `unit`.
    find
        Takes a shift and the threshold; gives the facts, or None where there is nothing to see.
    """

    name: str
    label: str | Promise
    words: str | Promise
    innocent: str | Promise
    threshold: float
    unit: str | Promise
    find: Callable[[Shift, float], Seen | None]
