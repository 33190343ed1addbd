"""Call-backs: when to knock again where nobody opened, so that most people are found for the hours there are."""

from dataclasses import dataclass

import numpy as np

from tungnha.planning.ground import Floats, Ints

_PATIENCE = 0.75
"""At first, a household takes no slot that offers less than so much of the best chance it has."""


@dataclass(frozen=True, eq=False)
class Callbacks:
    """The next round of call-backs.

    Parameters
    ----------
    slot
        The slot in which each household is tried again, -1 where it is not this time, shape (households,).
    expected
        How many of them are expected to open.
    minutes
        Team-minutes taken of each slot, shape (slots,).
    """

    slot: Ints
    expected: float
    minutes: Floats


def choose(
    chance: Floats, turf: Ints, *, visit_minutes: Floats, turf_minutes: Floats, slot_minutes: Floats
) -> Callbacks:
    """Choose the slot of each household's next attempt, turf by turf, so that walking stays short.

    A *round* is one turf walked in one slot: its walking is paid once, so going back for one door is dear and going
    back for twenty is cheap. Rounds are opened by expected contacts a minute while the slot has time; then each
    household moves to the best round that its turf has and that still has time for it.

    Parameters
    ----------
    chance
        Chance that somebody opens, shape (households, slots); 0 where a household must not be tried (its attempts are
        used up, it asked for another time, the slot is before it may be asked again).
    turf
        Turf of each household, shape (households,).
    visit_minutes
        Minutes of one attempt at each household, shape (households,).
    turf_minutes
        Minutes of going to each turf and walking through it once, shape (turfs,).
    slot_minutes
        Team-minutes there are in each slot, shape (slots,).

    Notes
    -----
    Greedy, deterministic, about households · slots · log(turfs · slots) operations. The problem holds knapsack, so an
    optimum is not to be had at a city's size; the tests compare with every choice on small cases.

    Raises
    ------
    ValueError
        If shapes do not fit, a chance is not between 0 and 1, or a time is negative.
    """
    _refuse_misfits(chance, turf, visit_minutes, turf_minutes, slot_minutes)
    board = _Board(chance, turf, visit_minutes, turf_minutes, slot_minutes.astype(float))
    rounds = board.ranked()
    for patience in (_PATIENCE, 0.0):
        for t, s in rounds:
            board.open(t, s, patience)
    board.improve()
    tried = np.flatnonzero(board.slot >= 0)
    return Callbacks(
        board.slot, float(chance[tried, board.slot[tried]].sum()), slot_minutes - board.minutes_left()
    )


def _refuse_misfits(
    chance: Floats, turf: Ints, visit_minutes: Floats, turf_minutes: Floats, slot_minutes: Floats
) -> None:
    if chance.shape != (len(turf), len(slot_minutes)) or len(visit_minutes) != len(turf):
        raise ValueError("chance must be (households, slots), with a turf and minutes for each household")
    if len(turf) and not 0 <= turf.min() <= turf.max() < len(turf_minutes):
        raise ValueError("a household lies in a turf that has no minutes")
    if ((chance < 0) | (chance > 1)).any():
        raise ValueError("a chance lies between 0 and 1")
    if any((times < 0).any() for times in (visit_minutes, turf_minutes, slot_minutes)):
        raise ValueError("no time is negative")


@dataclass(eq=False)
class _Board:
    """Households being given slots, and the time left in each."""

    chance: Floats
    turf: Ints
    visit_minutes: Floats
    turf_minutes: Floats
    left: Floats

    def __post_init__(self) -> None:
        self.slot = np.full(len(self.turf), -1, np.int32)
        self.opened = np.zeros((len(self.turf_minutes), len(self.left)), bool)
        order = np.argsort(self.turf, kind="stable")
        self.members = np.split(
            order, np.searchsorted(self.turf[order], np.arange(1, len(self.turf_minutes)))
        )

    def ranked(self) -> list[tuple[int, int]]:
        """Rounds by expected contacts a minute, were all of a turf tried in them; those that find nobody left out."""
        value = np.array([self.chance[who].sum(axis=0) for who in self.members])
        value = value.reshape(len(self.members), len(self.left))
        cost = np.array([self.visit_minutes[who].sum() for who in self.members]) + self.turf_minutes
        order = np.argsort(-value / np.maximum(cost, 1e-9)[:, None], axis=None, kind="stable")
        turfs, slots = np.unravel_index(order, value.shape)
        return [(int(t), int(s)) for t, s in zip(turfs, slots, strict=True) if value[t, s] > 0]

    def open(self, turf: int, slot: int, patience: float) -> None:
        """Walk a turf in a slot with as many of its waiting households as there is time for, likeliest first.

        A household for which another slot with time left is much better does not join: `patience` is the least share
        of its best chance that it takes.
        """
        who = self.members[turf][self.slot[self.members[turf]] < 0]
        here = self.chance[who, slot]
        best = np.where(self.left > 0, self.chance[who], 0.0).max(axis=1, initial=0.0)
        joining = np.flatnonzero((here > 0) & (here >= patience * best))
        who = who[joining[np.argsort(-here[joining], kind="stable")]]
        walking = 0.0 if self.opened[turf, slot] else self.turf_minutes[turf]
        going = who[np.cumsum(self.visit_minutes[who]) <= self.left[slot] - walking + 1e-9]
        if len(going):
            self.slot[going] = slot
            self.opened[turf, slot] = True
            self.left[slot] -= walking + self.visit_minutes[going].sum()

    def improve(self) -> None:
        """Move each household, and take in those left out, where a round of its turf offers more and has the time."""
        offered = np.where(self.opened[self.turf], self.chance, 0.0)
        for who in np.argsort(-offered.max(axis=1, initial=0.0), kind="stable"):
            now, minutes = self.slot[who], self.visit_minutes[who]
            possible = np.where(self.left >= minutes - 1e-9, offered[who], 0.0)
            best = int(possible.argmax()) if len(possible) else -1
            if best >= 0 and possible[best] > (self.chance[who, now] if now >= 0 else 0.0):
                if now >= 0:
                    self.left[now] += minutes
                self.left[best] -= minutes
                self.slot[who] = best

    def minutes_left(self) -> Floats:
        """The time left in each slot; a round that everybody has left is not walked."""
        walked = np.zeros_like(self.opened)
        tried = self.slot >= 0
        walked[self.turf[tried], self.slot[tried]] = True
        unused: Floats = self.left + ((self.opened & ~walked) * self.turf_minutes[:, None]).sum(axis=0)
        return unused
