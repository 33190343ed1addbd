"""The promises of a cut: every door once, limits kept, turfs whole, barriers never crossed, same seed same plan."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tungnha.planning.exchange import anneal, pieces
from tungnha.planning.footing import crosses, stand
from tungnha.planning.ground import Doors, StreetNetwork, neighbours
from tungnha.planning.halving import halve
from tungnha.planning.order import order, path_length
from tungnha.planning.pairs import Aims, Pairs
from tungnha.planning.regions import even_out
from tungnha.planning.routes import route
from tungnha.planning.turfs import EFFORTS, Effort, Limits, cut
from tungnha.planning.ways import Ways


def grid(side: int, step: float = 60.0) -> StreetNetwork:
    at = np.arange(side) * step
    xy = np.stack(np.meshgrid(at, at), axis=-1).reshape(-1, 2)
    index = np.arange(side * side).reshape(side, side)
    edges = np.concatenate(
        [
            np.stack([index[:, :-1].ravel(), index[:, 1:].ravel()], axis=1),
            np.stack([index[:-1].ravel(), index[1:].ravel()], axis=1),
        ]
    ).astype(np.int32)
    length = np.hypot(*(xy[edges[:, 0]] - xy[edges[:, 1]]).T)
    return StreetNetwork(xy, edges, length, np.full(len(edges), -1, np.int32))


def along(network: StreetNetwork, count: int, seed: int = 0, minutes: float = 3.0) -> Doors:
    draw = np.random.default_rng(seed)
    edge = draw.integers(0, len(network.edges), count).astype(np.int32)
    offset = draw.random(count) * network.length[edge]
    start, end = network.xy[network.edges[edge, 0]], network.xy[network.edges[edge, 1]]
    xy = start + (offset / network.length[edge])[:, None] * (end - start)
    none = np.full(count, -1, np.int32)
    return Doors(xy, edge, offset, np.full(count, minutes), none, np.zeros(count, np.int32))


def check(doors: Doors, limits: Limits, plan) -> None:
    """Every door in one turf at one position, and no turf over a limit but a single door."""
    count = len(plan.turfs)
    assert plan.turf.shape == plan.position.shape == (len(doors.xy),)
    for t in range(count):
        mine = np.flatnonzero(plan.turf == t)
        figures = plan.turfs[t]
        assert len(mine) == figures.doors > 0
        assert sorted(plan.position[mine]) == list(range(len(mine)))
        assert figures.minutes == pytest.approx(
            doors.minutes[mine].sum() + figures.walk_metres / limits.metres_per_minute
        )
        if len(mine) > 1:
            assert limits.minutes is None or figures.minutes <= limits.minutes + 1e-6
            assert limits.doors is None or figures.doors <= limits.doors
    assert (plan.turf < count).all()
    assert (plan.turf >= 0).all()


@settings(deadline=None, max_examples=40)
@example(seed=314, count=293, minutes=None, most=1, streets=False, off=0.0)
@given(
    seed=st.integers(0, 10_000),
    count=st.integers(1, 300),
    minutes=st.sampled_from([None, 5.0, 40.0, 150.0]),
    most=st.sampled_from([None, 1, 7, 40]),
    streets=st.booleans(),
    off=st.floats(0, 1),
)
def test_every_door_is_in_exactly_one_turf_and_position_and_no_turf_is_over_its_limit(
    *, seed, count, minutes, most, streets, off
):
    network = grid(5)
    doors = along(network, count, seed)
    draw = np.random.default_rng(seed)
    doors.minutes[:] = draw.uniform(0, 10, count)
    lost = draw.random(count) < off
    doors.edge[lost] = -1
    doors.xy[lost] += 7.0
    twins = draw.integers(0, count, count // 3)
    for column in (doors.xy, doors.edge, doors.offset):
        column[: len(twins)] = column[twins]
    blocks = draw.random(count) < 0.2
    doors.building[blocks] = draw.integers(0, 4, blocks.sum())
    doors.floor[blocks] = draw.integers(0, 9, blocks.sum())
    limits = Limits(minutes, most)
    plan = cut(doors, limits, network=network if streets else None, seed=seed)
    check(doors, limits, plan)
    assert plan.on_streets == streets


@pytest.mark.parametrize("streets", [True, False])
def test_same_seed_same_plan(streets):
    network = grid(8)
    doors = along(network, 900)
    first, second = (cut(doors, Limits(90), network=network if streets else None, seed=7) for _ in range(2))
    assert (first.turf == second.turf).all()
    assert (first.position == second.position).all()
    assert first.turfs == second.turfs


def test_turfs_on_whole_streets_are_even_and_in_one_piece():
    network = grid(12)
    doors = along(network, 2000)
    plan = cut(doors, Limits(150), network=network)
    minutes = np.array([turf.minutes for turf in plan.turfs])
    assert all(turf.connected for turf in plan.turfs)
    assert minutes.max() / minutes.mean() <= 1.06
    assert minutes.min() / minutes.mean() >= 0.92


@pytest.mark.parametrize("streets", [True, False])
def test_no_turf_crosses_a_barrier(streets):
    network = grid(8)
    doors = along(network, 600, 3)
    river = np.array([[-50.0, 205.0], [160.0, 215.0], [500.0, 195.0]])
    plan = cut(doors, Limits(100), network=network if streets else None, barriers=[river])
    south = doors.xy[:, 1] < np.interp(doors.xy[:, 0], river[:, 0], river[:, 1])
    for t in range(len(plan.turfs)):
        assert len(np.unique(south[plan.turf == t])) == 1


def test_a_line_touching_a_wall_crosses_it():
    walls = np.array([[[0.0, 0.0], [10.0, 0.0]]])
    start = np.array([[5.0, -1.0], [5.0, 1.0], [20.0, -1.0]])
    end = np.array([[5.0, 1.0], [5.0, 3.0], [20.0, 1.0]])
    assert crosses(start, end, walls).tolist() == [True, False, False]


def test_a_tower_is_cut_between_floors():
    network = grid(2)
    doors = along(network, 400, minutes=2.0)
    doors.edge[:], doors.offset[:], doors.xy[:] = 0, 30.0, (30.0, 0.0)
    doors.building[:], doors.floor[:] = 0, np.arange(400) // 10
    plan = cut(doors, Limits(140), network=network)
    assert len(plan.turfs) > 1
    for floor in range(40):
        assert len(np.unique(plan.turf[doors.floor == floor])) == 1
    for t in range(len(plan.turfs)):
        walked = doors.floor[plan.turf == t][np.argsort(plan.position[plan.turf == t])]
        assert (np.abs(np.diff(walked)) <= 1).all()


def test_back_to_back_houses_of_two_dead_ends_are_not_mixed():
    """Two long alleys side by side, joined only at their mouths: each turf lies in one of them."""
    xy = np.array([[0.0, 0.0], [600.0, 0.0], [0.0, 20.0], [600.0, 20.0]])
    edges = np.array([[0, 1], [2, 3], [0, 2]], np.int32)
    network = StreetNetwork(xy, edges, np.array([600.0, 600.0, 20.0]), np.full(3, -1, np.int32))
    doors = along(network, 300, 1)
    doors.edge[:] = np.arange(300) % 2
    doors.offset[:] = np.arange(300) // 2 * 4.0
    doors.xy[:] = np.stack([doors.offset, np.where(doors.edge == 0, 0.0, 20.0)], axis=1)
    plan = cut(doors, Limits(100), network=network)
    assert all(turf.connected for turf in plan.turfs)
    assert sum(len(np.unique(doors.edge[plan.turf == t])) > 1 for t in range(len(plan.turfs))) <= 1


def test_impossible_input_is_refused():
    doors = along(grid(3), 5)
    with pytest.raises(ValueError, match="minutes"):
        cut(doors, Limits(0))
    with pytest.raises(ValueError, match="edge"):
        cut(along(grid(5), 50), Limits(), network=grid(2))
    assert len(cut(along(grid(3), 0), Limits()).turfs) == 0


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10_000), count=st.integers(0, 7))
def test_order_of_few_doors_is_the_shortest(seed, count):
    xy = np.random.default_rng(seed).integers(0, 20, (count, 2)).astype(float)
    distances = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    path = order(distances, seed=seed)
    assert sorted(path) == list(range(count))
    best = min(
        (path_length(distances, np.array(way, np.int32)) for way in permutations(range(count))), default=0.0
    )
    assert path_length(distances, path) == pytest.approx(best)


def test_order_is_as_good_as_a_known_walk():
    """Doors along one long alley, shuffled: the walk goes from end to end."""
    at = np.random.default_rng(0).permutation(150) * 5.0
    assert path_length(np.abs(at[:, None] - at), order(np.abs(at[:, None] - at))) == pytest.approx(149 * 5.0)


def test_the_drawn_walk_is_as_long_as_the_figures_say():
    network = grid(6)
    doors = along(network, 200)
    plan = cut(doors, Limits(200), network=network)
    for t, figures in enumerate(plan.turfs):
        mine = np.flatnonzero(plan.turf == t)
        line = route(doors, network, mine[np.argsort(plan.position[mine])])
        drawn = np.hypot(*np.diff(line, axis=0).T).sum()
        assert drawn == pytest.approx(figures.walk_metres, rel=1e-6, abs=0.1)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 200))
def test_a_half_is_in_one_piece(seed, count):
    network = grid(6)
    ground = stand(along(network, count, seed), network, (), detour=1.4, unit_minutes=1.0, unit_doors=1)
    units = len(ground.minutes)
    start, head, _ = neighbours(units + ground.places, ground.links, np.zeros(len(ground.links)))
    piece = pieces(np.zeros(units, np.int32), units, start, head)
    members = np.flatnonzero(piece == piece[0]).astype(np.int32)
    side = halve(members, ground.minutes[members], units, start, head, seed)
    turf = np.full(units, 2, np.int32)
    turf[members] = side
    found = pieces(turf, units, start, head)
    wanted = [0, 1] if len(members) > 1 else [0]
    assert np.unique(side).tolist() == wanted
    assert [len(np.unique(found[turf == half])) for half in wanted] == [1] * len(wanted)


@pytest.mark.parametrize("seed", range(4))
def test_parting_pairs_anew_walks_less_and_keeps_turfs_in_one_piece(seed):
    network = grid(12)
    doors = along(network, 1500, seed)
    kept, better = (
        cut(doors, Limits(120), network=network, seed=seed, effort=Effort(sweeps=n)) for n in (0, 2)
    )
    assert all(turf.connected for turf in better.turfs)
    check(doors, Limits(120), better)
    assert sum(turf.walk_metres for turf in better.turfs) < sum(turf.walk_metres for turf in kept.turfs)


def test_patience_walks_less():
    network = grid(8)
    doors = along(network, 600)
    usual, patient = (
        sum(turf.walk_metres for turf in cut(doors, Limits(120), network=network, effort=EFFORTS[name]).turfs)
        for name in ("usual", "patient")
    )
    assert patient < usual


@pytest.mark.parametrize("seed", range(4))
def test_strings_of_doors_change_turfs_for_less_walking_and_each_turf_stays_even_and_in_one_piece(seed):
    network, limits = grid(12), Limits(120)
    doors = along(network, 1500, seed)
    kept, better, again = (
        cut(doors, limits, network=network, seed=seed, effort=Effort(passes=n, strings=10)) for n in (0, 2, 2)
    )
    check(doors, limits, better)
    assert all(turf.connected for turf in better.turfs)
    assert sum(turf.walk_metres for turf in better.turfs) < 0.97 * sum(
        turf.walk_metres for turf in kept.turfs
    )
    minutes = np.array([turf.minutes for turf in better.turfs]) / np.mean(
        [turf.minutes for turf in better.turfs]
    )
    assert minutes.min() > 0.92
    assert minutes.max() < 1.06
    assert (better.turf == again.turf).all()
    assert (better.position == again.position).all()


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10_000), count=st.integers(30, 300), most=st.sampled_from([None, 7, 40]))
def test_strings_keep_every_limit_on_any_ground(seed, count, most):
    network = grid(5)
    doors, limits = along(network, count, seed), Limits(40.0, most)
    plan = cut(doors, limits, network=network, seed=seed, effort=Effort(passes=1, strings=5))
    check(doors, limits, plan)
    assert all(turf.connected for turf in plan.turfs)


def test_no_turf_is_torn_where_the_way_leads_over_several_crossings_without_doors():
    """One alley: door 1, door 0, two crossings, door 2; the other turf, at door 0, would like it but must not have it."""
    links = np.array([[1, 0], [0, 4], [4, 5], [5, 2], [0, 3]], np.int32)
    start, head, _ = neighbours(6, links, np.zeros(len(links)))
    turf = anneal(
        np.array([0, 0, 0, 1], np.int32), 2, np.zeros((4, 2)), np.ones(4), np.ones(4, np.int32), np.zeros(2), np.full(2, 2.0),
        10.0, 10, start, head, 200, 0.03, 0.001, 60.0, 0.0, 0.0, 1,
    )  # fmt: skip
    assert len(np.unique(pieces(turf, 4, start, head))) == 2


def test_uneven_turfs_are_dealt_anew_each_in_one_piece():
    """Eight dead ends of one crossing, of which four turfs have three, three, one and one: two each is even."""
    round_about = np.arange(8) * np.pi / 4
    xy = np.concatenate([[[0.0, 0.0]], 210 * np.stack([np.cos(round_about), np.sin(round_about)], axis=1)])
    edges = np.array([[0, k + 1] for k in range(8)], np.int32)
    network = StreetNetwork(xy, edges, np.full(8, 210.0), np.full(8, -1, np.int32))
    edge, offset = np.repeat(np.arange(8, dtype=np.int32), 20), np.tile(np.arange(1, 21) * 10.0, 8)
    none = np.full(160, -1, np.int32)
    at = offset[:, None] / 210 * xy[edge + 1]
    doors = Doors(at, edge, offset, np.full(160, 3.0), none, np.zeros(160, np.int32))
    ground = stand(doors, network, (), detour=1.4, unit_minutes=1e-9, unit_doors=1)
    start, head, _ = neighbours(160 + ground.places, ground.links, np.zeros(len(ground.links)))
    aims = Aims(cap=400, doors_cap=160, pace=60, regions=5, evenings=0, kicks=1, trees=1, span=1)  # fmt: skip
    uneven = np.array([0, 0, 0, 1, 1, 1, 2, 3], np.int32)[ground.edge]
    turfs = Pairs(Ways(ground, 1.4), uneven, start, head, aims, seed=0)
    even_out(turfs)
    turf = turfs.turf
    assert np.bincount(turf).tolist() == [40, 40, 40, 40]
    assert len(np.unique(pieces(turf, 160, start, head))) == 4


def test_a_knot_behind_one_narrow_way_takes_a_turf_more_and_stays_in_one_piece():
    """Dead ends on one alley: what is too much for one turf is halved there, never torn."""
    xy = np.array([[0.0, 0.0]] + [[60.0 * i, 60.0 * j] for i in range(1, 6) for j in (0, 1)])
    edges = [[0, 1], *([1 + 2 * i, 2 + 2 * i] for i in range(5)), *([1 + 2 * i, 3 + 2 * i] for i in range(4))]
    network = StreetNetwork(xy, np.array(edges, np.int32), np.full(10, 60.0), np.full(10, -1, np.int32))
    for seed in range(5):
        plan = cut(along(network, 400, seed), Limits(130), network=network, seed=seed)
        assert all(turf.connected for turf in plan.turfs)


@pytest.mark.parametrize(("cap", "wanted"), [(83.0, 4), (80.0, 5)])
def test_where_a_turf_is_over_its_limit_the_mean_leaves_room_for_more_turfs(cap, wanted):
    """One alley of 100 doors, 10 metres apart, in four turfs of 79 minutes in the mean, the largest of 82."""
    network = StreetNetwork(
        np.array([[0.0, 0.0], [1010.0, 0.0]]),
        np.array([[0, 1]], np.int32),
        np.array([1010.0]),
        np.array([-1]),
    )
    offset, none = np.arange(1, 101) * 10.0, np.full(100, -1, np.int32)
    at = np.stack([offset, np.zeros(100)], axis=1)
    doors = Doors(at, np.zeros(100, np.int32), offset, np.full(100, 3.0), none, np.zeros(100, np.int32))
    ground = stand(doors, network, (), detour=1.4, unit_minutes=1e-9, unit_doors=1)
    start, head, _ = neighbours(100 + ground.places, ground.links, np.zeros(len(ground.links)))
    aims = Aims(cap=cap, doors_cap=100, pace=60, regions=0, evenings=0, kicks=1, trees=1, span=1)
    turfs = Pairs(
        Ways(ground, 1.4),
        np.repeat(np.arange(4, dtype=np.int32), [26, 25, 25, 24]),
        start,
        head,
        aims,
        seed=0,
    )
    assert turfs.mean == pytest.approx(4 * 79 / wanted)
