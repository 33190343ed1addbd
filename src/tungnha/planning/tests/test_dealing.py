"""Units dealt into parts of allowed loads: in one piece, within bounds, and found wherever a tree allows it."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tungnha.planning.dealing import ARMS, STEPS, deal
from tungnha.planning.exchange import pieces
from tungnha.planning.footing import stand
from tungnha.planning.ground import neighbours
from tungnha.planning.tests.test_turfs import along, grid


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 10_000), count=st.integers(1, 300), turfs=st.integers(1, 12), streets=st.booleans()
)
def test_what_is_dealt_is_within_bounds_and_in_one_piece(*, seed, count, turfs, streets):
    network = grid(6)
    doors = along(network, count, seed)
    doors.minutes[:] = np.random.default_rng(seed).uniform(1, 4, count)
    ground = stand(doors, network if streets else None, (), detour=1.4, unit_minutes=1e-9, unit_doors=1)
    units = len(ground.minutes)
    start, head, _ = neighbours(units + ground.places, ground.links, np.zeros(len(ground.links)))
    members, load = np.arange(units, dtype=np.int32), ground.minutes * turfs / ground.minutes.sum()
    part_of = deal(members, load, 0.9, 1.1, units, start, head, seed)
    if part_of.max() < 0:
        return
    held = np.bincount(part_of, load)
    piece = pieces(part_of, units, start, head)
    assert [len(np.unique(piece[part_of == k])) for k in range(len(held))] == [1] * len(held)
    rounded = count / STEPS
    assert held.min() >= 0.9 - rounded
    assert held.max() <= 1.1 + rounded


def test_a_grid_is_dealt_closely_by_some_trees():
    network = grid(8)
    ground = stand(along(network, 700), network, (), detour=1.4, unit_minutes=1e-9, unit_doors=1)
    units = len(ground.minutes)
    start, head, _ = neighbours(units + ground.places, ground.links, np.zeros(len(ground.links)))
    members, load = np.arange(units, dtype=np.int32), np.full(units, 7 / units)
    dealt = [deal(members, load, 0.95, 1.05, units, start, head, seed) for seed in range(20)]
    assert sum(part_of.max() == 6 for part_of in dealt) >= 3


def in_one_piece(chosen, units, links) -> bool:
    """Whether units hang together through each other and places alone."""
    near = {v: set() for v in [*range(units), *links.ravel().tolist()]}
    for a, b in links.tolist():
        near[a].add(b)
        near[b].add(a)
    first = min(chosen)
    met, waiting = {first}, [first]
    while waiting:
        for w in near[waiting.pop()] - met:
            if w in chosen or w >= units:
                met.add(w)
                waiting.append(w)
    return chosen <= met


def can_be_dealt(left, load, low, high, units, links) -> bool:
    """Whether units can be parted as is allowed, by trying everything."""
    if not left:
        return True
    first, *others = sorted(left)
    return any(
        low <= load[list(part)].sum() <= high
        and in_one_piece(part, units, links)
        and can_be_dealt(left - part, load, low, high, units, links)
        for size in range(len(others) + 1)
        for part in ({first, *some} for some in combinations(others, size))
    )


@settings(deadline=None, max_examples=300)
@given(data=st.data())
def test_on_a_tree_it_is_dealt_exactly_where_that_is_possible(data):
    """Crossings of up to as many arms as are tried in every way, none next to another."""
    units, places = data.draw(st.integers(1, 7)), data.draw(st.integers(0, 4))
    order = data.draw(st.permutations(range(units + places)))
    arms, links = np.zeros(units + places, int), []
    for k, v in enumerate(order[1:], 1):
        open_to = [w for w in order[:k] if w < units or (v < units and arms[w] < ARMS)]
        if not open_to:
            return
        up = data.draw(st.sampled_from(open_to))
        arms[[up, v]] += 1
        links.append((up, v))
    links = np.array(links, np.int32).reshape(-1, 2)
    load = np.array(data.draw(st.lists(st.integers(1, 12), min_size=units, max_size=units))) / 16
    low, high = data.draw(st.sampled_from([(12 / 16, 20 / 16), (15 / 16, 17 / 16), (6 / 16, 9 / 16)]))
    start, head, _ = neighbours(units + places, links, np.zeros(len(links)))
    part_of = deal(
        np.arange(units, dtype=np.int32), load, low, high, units, start, head, data.draw(st.integers(0, 99))
    )
    assert (part_of.max() >= 0) == can_be_dealt(set(range(units)), load, low, high, units, links)
    if part_of.max() >= 0:
        held = np.bincount(part_of, load)
        assert low <= held.min() <= held.max() <= high


def test_what_does_not_hang_together_is_not_dealt():
    start, head, _ = neighbours(2, np.zeros((0, 2), np.int32), np.zeros(0))
    assert deal(np.arange(2, dtype=np.int32), np.full(2, 0.5), 0.5, 1.0, 2, start, head, 0).tolist() == [
        -1,
        -1,
    ]


@pytest.mark.parametrize("turfs", [2, 5, 20])
def test_a_street_of_equal_doors_is_dealt_into_so_many_turfs(turfs):
    doors = turfs * 30
    links = np.stack([np.arange(doors - 1), np.arange(1, doors)], axis=1).astype(np.int32)
    start, head, _ = neighbours(doors, links, np.zeros(len(links)))
    part_of = deal(
        np.arange(doors, dtype=np.int32), np.full(doors, 1 / 30), 0.98, 1.02, doors, start, head, 3
    )
    assert np.bincount(part_of).tolist() == [30] * turfs
