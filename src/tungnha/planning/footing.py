"""What a cut stands on: doors gathered into indivisible units, and who is next to whom along the streets.

Without a network the doors themselves are the nodes, joined by a Delaunay triangulation whose edges are straight lines
times the detour factor, so that everything after this module is the same with and without streets.
"""

# ruff: noqa: PLC0415, PLR0917 - SciPy loads when a plan is made; arrays are the arguments

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tungnha.planning.ground import Doors, Floats, Ints, StreetNetwork, neighbours

Bools = NDArray[np.bool_]

STAIRS = 4.0  # metres of street walking that one storey is counted as


@dataclass(frozen=True, eq=False)
class Footing:
    """Doors as units on a graph of nodes.

    Parameters
    ----------
    xy, ends, length, component
        Nodes (nodes, 2); edges as node pairs (edges, 2) and metres (edges,); connected piece of each node (nodes,).
    unit
        Unit of each door, shape (doors,).
    edge, offset
        Edge each unit stands on and metres from its first node; -1 and 0 for one that stands on a node.
    node, at
        Nearest node (units,) and position (units, 2) of each unit.
    stairs
        Metres up to each unit inside its building, shape (units,).
    building
        Building of each unit or -1, shape (units,).
    minutes, doors
        Visit minutes and number of doors of each unit, shape (units,).
    links
        Pairs that are next to each other on the ground; a number below `len(minutes)` is a unit, the others are
        places that anyone may walk through. Shape (links, 2).
    places
        How many such places there are.
    on_streets
        Whether distances are along streets.
    """

    xy: Floats
    ends: Ints
    length: Floats
    component: Ints
    unit: Ints
    edge: Ints
    offset: Floats
    node: Ints
    at: Floats
    stairs: Floats
    building: Ints
    minutes: Floats
    doors: Ints
    links: Ints
    places: int
    on_streets: bool


def stand(
    doors: Doors,
    network: StreetNetwork | None,
    barriers: Sequence[Floats],
    *,
    detour: float,
    unit_minutes: float,
    unit_doors: int,
    join_below: float = 0.0,
) -> Footing:
    """Put the doors on the ground.

    Doors of one position make one unit until they exceed `unit_minutes` or `unit_doors`; doors of one floor likewise
    up to a quarter more.
    Edges that cross a barrier are cut there. A piece of the network that holds less than `join_below` minutes is
    joined to the nearest other piece by a straight line times `detour`, unless that line crosses a barrier.

    Raises
    ------
    ValueError
        If array shapes do not agree or a value is not finite.
    """
    _check(doors, network)
    walls = _segments(barriers)
    on_streets = network is not None and len(network.edges) > 0
    if on_streets and network is not None:
        xy, ends, length, edge, offset = _on_network(doors, network, walls, detour)
        node = _nearer_end(ends, length, edge, offset)
    else:
        xy, which = np.unique(doors.xy, axis=0, return_inverse=True)
        node = which.reshape(-1).astype(np.int32)
        ends = _triangulate(xy)
        ends = ends[~crosses(xy[ends[:, 0]], xy[ends[:, 1]], walls)]
        length = np.hypot(*(xy[ends[:, 0]] - xy[ends[:, 1]]).T) * detour
        edge, offset = np.full(len(doors.xy), -1, np.int32), np.zeros(len(doors.xy))
    ends, length, component = _join(xy, ends, length, node, doors.minutes, walls, detour, join_below)
    if on_streets:
        ends, length, edge, offset = _without_bends(len(xy), ends, length, edge, offset)
        used, inside = np.unique(ends, return_inverse=True)
        xy, component, ends = xy[used], component[used], inside.reshape(-1, 2).astype(np.int32)
        node = _nearer_end(ends, length, edge, offset)
    unit, first = _units(doors, edge, offset, node, unit_minutes, unit_doors)
    count = len(first)
    links, places = _links(xy, ends, first, edge, offset, node, doors, on_streets=on_streets)
    # One kind of array whatever the ground, or everything is compiled again for another.
    return Footing(
        xy=_floats(xy),
        ends=_ints(ends),
        length=_floats(length),
        component=_ints(component),
        unit=_ints(unit),
        edge=_ints(edge[first]),
        offset=_floats(offset[first]),
        node=_ints(node[first]),
        at=_floats(doors.xy[first]),
        stairs=_floats(np.where(doors.building[first] >= 0, doors.floor[first] * STAIRS, 0.0)),
        building=_ints(doors.building[first]),
        minutes=_floats(np.bincount(unit, doors.minutes, count)),
        doors=_ints(np.bincount(unit, minlength=count)),
        links=_ints(links),
        places=places,
        on_streets=on_streets,
    )


def _ints(column: NDArray[Any]) -> Ints:
    return np.ascontiguousarray(column, np.int32)


def _floats(column: NDArray[Any]) -> Floats:
    return np.ascontiguousarray(column, np.float64)


def crosses(start: Floats, end: Floats, walls: Floats) -> Bools:
    """Which of the lines start-end (lines, 2) cross or touch a wall (walls, 2, 2); shape (lines,)."""
    hit = np.zeros(len(start), np.bool_)
    for a, b in walls:
        t, inside = _crossing(start, end, a, b)
        hit |= inside & (t >= 0) & (t <= 1)
    return hit


def _crossing(start: Floats, end: Floats, a: Floats, b: Floats) -> tuple[Floats, Bools]:
    """Where along start-end (0 to 1) each line meets the line a-b, and whether that lies between a and b."""
    d, e = end - start, b - a
    cross = d[:, 0] * e[1] - d[:, 1] * e[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        t = ((a[0] - start[:, 0]) * e[1] - (a[1] - start[:, 1]) * e[0]) / cross
        u = ((a[0] - start[:, 0]) * d[:, 1] - (a[1] - start[:, 1]) * d[:, 0]) / cross
    good = np.isfinite(t) & np.isfinite(u)
    return np.where(good, t, -1.0), good & (u >= 0) & (u <= 1)


def _check(doors: Doors, network: StreetNetwork | None) -> None:
    n = len(doors.xy)
    columns = (doors.edge, doors.offset, doors.minutes, doors.building, doors.floor)
    if doors.xy.shape != (n, 2) or any(len(column) != n for column in columns):
        raise ValueError("every column of doors must have one value a door")
    if not (np.isfinite(doors.xy).all() and np.isfinite(doors.minutes).all() and (doors.minutes >= 0).all()):
        raise ValueError("positions and minutes must be finite, minutes not negative")
    if network is not None and n and doors.edge.max() >= len(network.edges):
        raise ValueError("a door stands on an edge that the network does not have")


def _segments(barriers: Sequence[Floats]) -> Floats:
    parts = [np.stack([line[:-1], line[1:]], axis=1) for line in barriers if len(line) > 1]
    return np.concatenate(parts).astype(np.float64) if parts else np.empty((0, 2, 2))


def _on_network(
    doors: Doors, network: StreetNetwork, walls: Floats, detour: float
) -> tuple[Floats, Ints, Floats, Ints, Floats]:
    """The network cut at the walls, and every door on one of its edges."""
    xy, ends = network.xy.astype(np.float64), network.edges.astype(np.int32)
    length = np.maximum(network.length, 0.0)
    edge = doors.edge.astype(np.int32).copy()
    offset = np.where(edge >= 0, np.clip(doors.offset, 0, length[edge]), 0.0)
    xy, ends, length = _cut_at_walls(xy, ends, length, edge, offset, walls)
    lost = np.flatnonzero(edge < 0)
    if len(lost):
        xy, ends, length = _reach(doors.xy, lost, xy, ends, length, edge, walls, detour)
    return xy, ends, length, edge, offset


def _nearer_end(ends: Ints, length: Floats, edge: Ints, offset: Floats) -> Ints:
    """The nearer end of the edge that each door stands on."""
    nearer: Ints = np.where(offset * 2 <= length[edge], ends[edge, 0], ends[edge, 1])
    return nearer


def _without_bends(
    nodes: int, ends: Ints, length: Floats, edge: Ints, offset: Floats
) -> tuple[Ints, Floats, Ints, Floats]:
    """The network with one edge from crossing to crossing, and every door on it."""
    from tungnha.planning.bends import straighten

    start, _, half = neighbours(nodes, ends, np.arange(len(ends)).astype(np.float64))
    ends, metres, into, shift, against = straighten(ends, length, start, half.astype(np.int32))
    along = shift[edge] + np.where(against[edge], length[edge] - offset, offset)
    return ends, metres, into[edge], along


def _cut_at_walls(
    xy: Floats, ends: Ints, length: Floats, edge: Ints, offset: Floats, walls: Floats
) -> tuple[Floats, Ints, Floats]:
    """Cut every edge where it meets a wall; moves the doors on it (in place) onto the piece they stand on."""
    if not len(walls):
        return xy, ends, length
    start, end = xy[ends[:, 0]], xy[ends[:, 1]]
    meets: dict[int, set[float]] = {}
    for a, b in walls:
        t, inside = _crossing(start, end, a, b)
        for hit in np.flatnonzero(inside & (t >= 0) & (t <= 1)):
            meets.setdefault(int(hit), set()).add(float(t[hit]))
    nodes, pairs, metres = list(xy), [list(pair) for pair in ends], list(length)
    for e, where in meets.items():
        a, b = ends[e]
        stops = [0.0, *sorted(where), 1.0]
        mine = np.flatnonzero(edge == e)
        along = offset[mine].copy()
        for i, (low, high) in enumerate(pairwise(stops)):
            # A wall parts what it touches, so each piece gets its own node at the wall.
            left, right = int(a), int(b)
            if i > 0:
                left = len(nodes)
                nodes.append(start[e] + low * (end[e] - start[e]))
            if i < len(stops) - 2:
                right = len(nodes)
                nodes.append(start[e] + high * (end[e] - start[e]))
            number = e if i == 0 else len(pairs)
            if i == 0:
                pairs[e], metres[e] = [left, right], high * length[e]
            else:
                pairs.append([left, right])
                metres.append((high - low) * length[e])
            here = (along >= low * length[e]) & ((along < high * length[e]) | (high == 1.0))
            edge[mine[here]] = number
            offset[mine[here]] = np.clip(along[here] - low * length[e], 0, metres[number])
    return np.array(nodes), np.array(pairs, np.int32), np.array(metres)


def _reach(
    at: Floats,
    lost: NDArray[np.intp],
    xy: Floats,
    ends: Ints,
    length: Floats,
    edge: Ints,
    walls: Floats,
    detour: float,
) -> tuple[Floats, Ints, Floats]:
    """Give every door that is on no edge a path of its own to a near node; sets `edge` in place."""
    from scipy.spatial import cKDTree

    spots, which = np.unique(at[lost], axis=0, return_inverse=True)
    used = np.unique(ends)
    near = min(8, len(used))
    _, ranked = cKDTree(xy[used]).query(spots, k=near)
    ranked = used[np.asarray(ranked).reshape(len(spots), near)]
    chosen = np.full(len(spots), -1, np.int32)
    for k in range(near):
        clear = (chosen < 0) & ~crosses(spots, xy[ranked[:, k]], walls)
        chosen[clear] = ranked[clear, k]
    fresh = np.arange(len(spots), dtype=np.int32) + len(xy)
    # A spot walled in on all sides hangs on a path of its own to nowhere.
    walled = np.flatnonzero(chosen < 0)
    ghosts = np.arange(len(walled), dtype=np.int32) + len(xy) + len(spots)
    chosen[walled] = ghosts
    edge[lost] = len(ends) + which.reshape(-1)
    nodes = np.concatenate([xy, spots, spots[walled]])
    paths = np.stack([fresh, chosen], axis=1)
    metres = np.hypot(*(nodes[paths[:, 0]] - nodes[paths[:, 1]]).T) * detour
    return nodes, np.concatenate([ends, paths]).astype(np.int32), np.concatenate([length, metres])


def _triangulate(xy: Floats) -> Ints:
    from scipy.spatial import Delaunay, QhullError

    n = len(xy)
    if n > 3:
        try:
            corners = Delaunay(xy - xy.mean(axis=0)).simplices
            pairs = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
            found = np.unique(np.sort(pairs, axis=1), axis=0)
            if len(np.unique(found)) == n:
                return found.astype(np.int32)
        except QhullError:
            pass  # All in one line: a chain is its triangulation.
    chain = np.lexsort((xy[:, 1], xy[:, 0]))
    return np.stack([chain[:-1], chain[1:]], axis=1).astype(np.int32)


def _join(
    xy: Floats,
    ends: Ints,
    length: Floats,
    node: Ints,
    minutes: Floats,
    walls: Floats,
    detour: float,
    below: float,
) -> tuple[Ints, Floats, Ints]:
    """Join small pieces to their nearest neighbours; returns edges, lengths and the piece of every node."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    for _ in range(6):
        graph = coo_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(xy), len(xy)))
        count, component = connected_components(graph, directed=False)
        held = np.bincount(component[node], minutes, count) if len(node) else np.zeros(count)
        busy = np.bincount(component[node], minlength=count) > 0
        small = np.flatnonzero(busy & (held < below))
        if len(small) == 0 or busy.sum() < 2:
            break
        live = np.flatnonzero(busy[component])
        added: list[tuple[int, int]] = []
        by_piece = np.argsort(component[live], kind="stable")
        edges_of = np.searchsorted(component[live][by_piece], np.arange(count + 1))
        for piece in small:
            inside = live[by_piece[edges_of[piece] : edges_of[piece + 1]]]
            centre = xy[inside].mean(axis=0)
            others = live[component[live] != piece]
            away = np.hypot(*(xy[others] - centre).T)
            others = others[np.argsort(away, kind="stable")[:64]]
            gap, nearest = cKDTree(xy[inside]).query(xy[others])
            for k in np.argsort(gap, kind="stable"):
                a, b = int(inside[nearest[k]]), int(others[k])
                if not crosses(xy[[a]], xy[[b]], walls)[0]:
                    added.append((a, b))
                    break
        if not added:
            break
        fresh = np.unique(np.sort(np.array(added, np.int32), axis=1), axis=0)
        ends = np.concatenate([ends, fresh])
        length = np.concatenate([length, np.hypot(*(xy[fresh[:, 0]] - xy[fresh[:, 1]]).T) * detour])
    graph = coo_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(xy), len(xy)))
    return ends.astype(np.int32), length, connected_components(graph, directed=False)[1].astype(np.int32)


def _units(
    doors: Doors, edge: Ints, offset: Floats, node: Ints, unit_minutes: float, unit_doors: int
) -> tuple[Ints, NDArray[np.intp]]:
    """The unit of each door, and one door of each unit; units are numbered along edges and up buildings."""
    n = len(edge)
    place = np.where(edge >= 0, edge, -1)
    at = np.round(offset, 2)
    floor = np.where(doors.building >= 0, doors.floor, 0)
    ranked = np.lexsort((np.arange(n), floor, doors.building, at, np.where(edge >= 0, 0, node), place))
    unit = np.empty(n, np.int32)
    first: list[int] = []
    last, minutes, held = (-2, -1, -1.0, -1, -1), 0.0, 0
    columns = (place, np.where(edge >= 0, 0, node), at, doors.building, floor)
    keys = zip(*(column[ranked].tolist() for column in columns), strict=True)
    for door, visit, key in zip(ranked.tolist(), doors.minutes[ranked].tolist(), keys, strict=True):
        # A storey is kept together more readily than a street, but never beyond a small limit of doors.
        room = 1.25 if key[3] >= 0 and unit_doors > 1 else 1
        if key != last or minutes + visit > room * unit_minutes or held >= room * unit_doors:
            first.append(door)
            last, minutes, held = key, 0.0, 0
        unit[door] = len(first) - 1
        minutes, held = minutes + visit, held + 1
    return unit, np.array(first, np.intp)


def _links(
    xy: Floats,
    ends: Ints,
    first: NDArray[np.intp],
    edge: Ints,
    offset: Floats,
    node: Ints,
    doors: Doors,
    *,
    on_streets: bool,
) -> tuple[Ints, int]:
    """Who is next to whom. Nodes that only empty edges part are one place."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    count = len(first)
    pairs: list[tuple[int, int]] = []
    standing = np.arange(count)
    if not on_streets:
        spot = node[first]
        opens = np.concatenate([[True], spot[1:] != spot[:-1]]) if count else np.zeros(0, np.bool_)
        head = np.full(len(xy), -1, np.int32)
        head[spot[opens]] = standing[opens]
        inner = standing[~opens]
        chain = np.stack([inner - 1, inner], axis=1)
        return np.concatenate([head[ends], chain]).astype(np.int32), 0
    busy = np.zeros(len(ends), np.bool_)
    busy[edge[first]] = True
    empty = ends[~busy]
    graph = coo_matrix((np.ones(len(empty)), (empty[:, 0], empty[:, 1])), shape=(len(xy), len(xy)))
    places, place = connected_components(graph, directed=False)
    street, along, tower = (
        edge[first].tolist(),
        np.round(offset[first], 2).tolist(),
        doors.building[first].tolist(),
    )
    before, i = -1, 0
    here = -1
    while i < count:
        if street[i] != before:
            if before >= 0:
                pairs.append((here, count + place[ends[before, 1]]))
            before = street[i]
            here = count + place[ends[before, 0]]
        j = i
        while j + 1 < count and (street[j + 1], along[j + 1], tower[j + 1]) == (
            street[i],
            along[i],
            tower[i],
        ):
            j += 1
        if tower[i] >= 0 and j > i:
            # A tower opens on the street at its stairs, which are everybody's; its storeys hang on them in a row, so
            # that nobody gets the lowest and the highest.
            stairs = count + places
            places += 1
            pairs.append((here, stairs))
            pairs.extend((k, k + 1) for k in range(i, j))
            pairs.append((stairs, i))
            here = stairs
        else:
            pairs.append((here, i))
            pairs.extend((k, k + 1) for k in range(i, j))
            here = j
        i = j + 1
    if before >= 0:
        pairs.append((here, count + place[ends[before, 1]]))
    return np.array(pairs, np.int32).reshape(-1, 2), places
