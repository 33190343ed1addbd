"""Ground to measure on: real streets of central Hanoi, and synthetic alleys."""

import json
import os
from itertools import pairwise
from pathlib import Path

import numpy as np

from tungnha.planning.ground import Doors, Floats, Ints, StreetNetwork

DATA = Path(os.environ.get("TUNGNHA_TEST_DATA", Path(__file__).parent.parent.parent / "shared" / "data"))
WALKED = frozenset(
    {"residential", "living_street", "service", "pedestrian", "footway", "unclassified", "path"}
    | {"tertiary", "secondary", "primary"}
)


def largest_piece(xy: Floats, edges: Ints, length: Floats) -> StreetNetwork:
    """The connected piece with most metres."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    graph = coo_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(len(xy), len(xy)))
    piece = connected_components(graph, directed=False)[1][edges[:, 0]]
    kept = piece == np.bincount(piece, length).argmax()
    used, inside = np.unique(edges[kept], return_inverse=True)
    return StreetNetwork(
        xy[used],
        inside.reshape(-1, 2).astype(np.int32),
        length[kept],
        np.full(int(kept.sum()), -1, np.int32),
    )


def hanoi(half_side: float | None = None) -> StreetNetwork:
    """Central Hanoi (OpenStreetMap 2023-12-13, ODbL), all of it or a square of twice `half_side` metres in the middle.

    Vertices that ways share are crossings. Only the largest connected piece is kept.
    """
    ways = json.loads((DATA / "osm" / "central_hanoi_ways_2023-12-13.geojson").read_text())["features"]
    number: dict[tuple[float, float], int] = {}
    pairs = []
    for way in ways:
        if way["properties"].get("highway") not in WALKED or way["geometry"]["type"] != "LineString":
            continue
        line = [number.setdefault((lon, lat), len(number)) for lon, lat, *_ in way["geometry"]["coordinates"]]
        pairs.extend((a, b) for a, b in pairwise(line) if a != b)
    degrees = np.array(list(number))
    centre = np.median(degrees, axis=0)
    xy = (degrees - centre) * (111_320 * np.cos(np.radians(centre[1])), 110_574)
    edges = np.unique(np.sort(np.array(pairs, np.int32), axis=1), axis=0)
    if half_side is not None:
        edges = edges[(np.abs(xy[edges].mean(axis=1)) < half_side).all(axis=1)]
    return largest_piece(xy, edges, np.hypot(*(xy[edges[:, 0]] - xy[edges[:, 1]]).T))


def maze(side: int, seed: int = 0, step: float = 25.0) -> StreetNetwork:
    """Synthetic alleys: a random spanning tree of a grid of `side` by `side`, one wall in twelve opened again."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import minimum_spanning_tree

    draw = np.random.default_rng(seed)
    xy = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2) * step
    index = np.arange(side * side).reshape(side, side)
    edges = np.concatenate(
        [
            np.stack([index[:, :-1].ravel(), index[:, 1:].ravel()], axis=1),
            np.stack([index[:-1].ravel(), index[1:].ravel()], axis=1),
        ]
    )
    weight = draw.random(len(edges)) + 0.1
    weight[draw.random(len(edges)) < 0.02] = 0.01
    tree = minimum_spanning_tree(
        coo_matrix((weight, (edges[:, 0], edges[:, 1])), shape=(len(xy), len(xy)))
    ).tocoo()
    kept = set(zip(tree.row.tolist(), tree.col.tolist(), strict=True))
    opened = draw.random(len(edges)) < 1 / 12
    chosen = [bool(o) or (int(a), int(b)) in kept for (a, b), o in zip(edges, opened, strict=True)]
    edges = edges[np.array(chosen)].astype(np.int32)
    return largest_piece(xy, edges, np.hypot(*(xy[edges[:, 0]] - xy[edges[:, 1]]).T))


def doors_along(network: StreetNetwork, count: int, seed: int = 0, minutes: float = 2.5) -> Doors:
    """Doors evenly at random along all streets."""
    draw = np.random.default_rng(seed)
    ends = np.cumsum(network.length)
    at = draw.random(count) * ends[-1]
    edge = np.searchsorted(ends, at).clip(0, len(ends) - 1).astype(np.int32)
    offset = (at - (ends[edge] - network.length[edge])).clip(0, network.length[edge])
    start, end = network.xy[network.edges[edge, 0]], network.xy[network.edges[edge, 1]]
    none = np.full(count, -1, np.int32)
    xy = start + (offset / network.length[edge])[:, None] * (end - start)
    return Doors(xy, edge, offset, np.full(count, minutes), none, np.zeros(count, np.int32))
