"""Quality of the cut against METIS and plain route-first-then-split, same doors, same number of turfs, same walks.

Connected means for all three: the doors of a turf can be joined along the streets without passing another turf's door.
Minutes are 2.5 a visit and 60 m a minute. METIS gets the street graph with each door as a vertex of weight one on its
street; the split gets a tree preorder and dynamic programming. The forest is a minimum spanning forest of as many trees as there are
turfs, on street distances; `bound.py` has a sharper bound. Beside the balance stands what no cut can better (`forced.py`).
With --patient ours is cut with that effort, some minutes a ground.
"""

import sys
import time
from collections.abc import Sequence

import numpy as np
from forced import attainable
from grounds import doors_along, hanoi, maze

from tungnha.planning.exchange import pieces
from tungnha.planning.footing import Footing, stand
from tungnha.planning.ground import Doors, Floats, Ints, StreetNetwork, neighbours
from tungnha.planning.tour import split, tour
from tungnha.planning.turfs import EFFORTS, Limits, cut
from tungnha.planning.walking import walk_turfs
from tungnha.planning.ways import Ways

PACE, MINUTES = 60.0, 2.5
EVEN = 0.92, 1.06  # of the mean: minutes that a turf should have
REPORTED = (4, 5, 6)  # door seeds; the weights were chosen on 1 to 3


def single(doors: Doors, network: StreetNetwork) -> Footing:
    """Every door a unit of its own."""
    return stand(doors, network, (), detour=1.4, unit_minutes=1e-9, unit_doors=1)


def door_graph(footing: Footing) -> tuple[Ints, Floats]:
    """Streets with doors as vertices: doors first, then the nodes; pairs and metres between them."""
    count = len(footing.minutes)
    ranked = np.lexsort((footing.offset, footing.edge))
    pairs, metres = [], []
    seen = np.zeros(len(footing.ends), bool)
    for i, u in enumerate(ranked):
        e = footing.edge[u]
        seen[e] = True
        first = i == 0 or footing.edge[ranked[i - 1]] != e
        pairs.append((count + footing.ends[e, 0] if first else ranked[i - 1], u))
        metres.append(footing.offset[u] - (0 if first else footing.offset[ranked[i - 1]]))
        if i + 1 == count or footing.edge[ranked[i + 1]] != e:
            pairs.append((u, count + footing.ends[e, 1]))
            metres.append(footing.length[e] - footing.offset[u])
    empty = np.flatnonzero(~seen)
    return (
        np.concatenate([np.array(pairs), count + footing.ends[empty]]).astype(np.int32),
        np.concatenate([np.array(metres), footing.length[empty]]),
    )


def bound(footing: Footing, turfs: int) -> float:
    """Metres of the minimum spanning forest of `turfs` trees over the doors, on street distances (Mehlhorn 1988)."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import dijkstra, minimum_spanning_tree

    pairs, metres = door_graph(footing)
    count, total = len(footing.minutes), len(footing.minutes) + len(footing.xy)
    graph = coo_matrix((metres + 1e-9, (pairs[:, 0], pairs[:, 1])), shape=(total, total)).tocsr()
    far, _, source = dijkstra(
        graph, directed=False, indices=np.arange(count), min_only=True, return_predecessors=True
    )
    a, b = source[pairs[:, 0]], source[pairs[:, 1]]
    value = far[pairs[:, 0]] + metres + far[pairs[:, 1]] + 1e-9
    lo, hi = np.minimum(a, b), np.maximum(a, b)
    ranked = np.lexsort((value, hi, lo))
    ranked = ranked[(lo[ranked] != hi[ranked])]
    fresh = np.concatenate([[True], (np.diff(lo[ranked]) != 0) | (np.diff(hi[ranked]) != 0)])
    kept = ranked[fresh]
    forest = minimum_spanning_tree(coo_matrix((value[kept], (lo[kept], hi[kept])), shape=(count, count)))
    return float(np.sort(forest.data)[: count - turfs].sum())


def figures(footing: Footing, turf: Ints, walked: tuple[Floats, Floats] | None = None) -> dict[str, float]:
    """What a cut is worth; the walks are found anew unless given."""
    count = int(turf.max()) + 1
    if walked is None:
        _, walk, across = walk_turfs(Ways(footing, 1.4), turf, count, kicks=1000, seed=0)
    else:
        walk, across = walked
    start, head, _ = neighbours(
        len(footing.minutes) + footing.places, footing.links, np.zeros(len(footing.links))
    )
    piece = pieces(turf.astype(np.int32), len(turf), start, head)
    parts = np.bincount(np.unique(np.stack([turf, piece]), axis=1)[0], minlength=count)
    minutes = np.bincount(turf, footing.minutes, count) + walk / PACE
    return {
        "turfs": count,
        "connected %": 100 * float((parts == 1).mean()),
        "max/mean": minutes.max() / minutes.mean(),
        "min/mean": minutes.min() / minutes.mean(),
        "diameter mean": across.mean(),
        "diameter max": across.max(),
        "m/door": walk.sum() / len(turf),
    }


def metis(footing: Footing, turfs: int) -> dict[str, Ints]:
    """METIS on the street graph, recursive and k-way in one piece, each with several tolerances.

    Two of its cuts: the one that walks least, however uneven, and the one with the evenest minutes.
    """
    import pymetis

    ways = Ways(footing, 1.4)
    pairs, _ = door_graph(footing)
    count, total = len(footing.minutes), len(footing.minutes) + len(footing.xy)
    start, head, _ = neighbours(total, pairs, np.zeros(len(pairs)))
    weights = np.concatenate([np.ones(count, int), np.zeros(len(footing.xy), int)]).tolist()
    graph = pymetis.CSRAdjacency(start.tolist(), head.tolist())
    tried = []
    for recursive in (True, False):
        for ufactor in (1, 10, 30):
            options = pymetis.Options(contig=0 if recursive else 1, seed=0, ufactor=ufactor, ncuts=4)
            _, part = pymetis.part_graph(turfs, graph, vweights=weights, recursive=recursive, options=options)
            turf = np.unique(np.array(part[:count]), return_inverse=True)[1].astype(np.int32)
            walk = walk_turfs(ways, turf, int(turf.max()) + 1, kicks=100, seed=0)[1]
            minutes = np.bincount(turf, footing.minutes) + walk / PACE
            tried.append((walk.sum(), minutes.max() - minutes.min(), turf))
    return {
        "METIS, shortest": min(tried, key=lambda one: one[0])[2],
        "METIS, evenest": min(tried, key=lambda one: one[1])[2],
    }


def route_first(footing: Footing, turfs: int) -> Ints:
    """Tree preorder, then the evenest split."""
    route = tour(footing)
    load = np.ones(len(route))
    aim = len(route) / turfs
    opens = np.zeros(len(route), bool)
    opens[0] = True
    turf = np.empty(len(route), np.int32)
    turf[route] = split(load, opens, np.full(len(route), aim), aim * 1.5)
    return turf


def compare(
    name: str,
    network: StreetNetwork,
    count: int,
    limit: float,
    seeds: Sequence[int],
    *,
    effort: str = "usual",
) -> None:
    """Mean over door seeds; for balance the worst; for metres a door also the smallest and largest."""
    rows: dict[str, list[dict[str, float]]] = {}
    forced = []
    for seed in seeds:
        doors = doors_along(network, count, seed=seed, minutes=MINUTES)
        footing = single(doors, network)
        began = time.process_time()
        ours = cut(doors, Limits(limit, metres_per_minute=PACE), network=network, effort=EFFORTS[effort])
        spent = time.process_time() - began
        of_unit = np.empty(len(footing.minutes), np.int32)
        of_unit[footing.unit] = ours.turf
        walked = (
            np.array([t.walk_metres for t in ours.turfs]),
            np.array([t.diameter_metres for t in ours.turfs]),
        )
        forced.append(attainable(footing, len(ours.turfs), *EVEN))
        least = bound(footing, len(ours.turfs))
        cuts = {"ours": of_unit, **metis(footing, len(ours.turfs))}
        cuts["route first"] = route_first(footing, len(ours.turfs))
        for label, turf in cuts.items():
            row = figures(footing, turf, walked if label == "ours" else None)
            row["to forest"] = row["m/door"] * count / least
            row["CPU s"] = spent if label == "ours" else np.nan
            rows.setdefault(label, []).append(row)
    print(
        f"\n{name}: {count:,} doors, {network.length.sum() / 1000:.0f} km of streets, door seeds {list(seeds)}"
    )
    head = list(rows["ours"][0])
    print(f"{'':16}" + "".join(f"{column:>14}" for column in head) + f"{'m/door, range':>16}")
    for label, found in rows.items():
        table = {column: np.array([row[column] for row in found]) for column in head}
        table["max/mean"], table["min/mean"] = table["max/mean"].max(), table["min/mean"].min()
        cells = "".join(f"{np.mean(table[column]):14.3f}" for column in head)
        print(f"{label:16}{cells}{table['m/door'].min():8.2f}{table['m/door'].max():8.2f}", flush=True)
    for seed, (regions, low) in zip(seeds, forced, strict=True):
        if regions:
            print(
                f"door seed {seed}: regions that no cut can part so: {regions}; min/mean is {low:.3f} at best",
                flush=True,
            )


def main() -> None:
    warm = maze(12)
    cut(doors_along(warm, 300), Limits(100), network=warm)
    whole, middle = hanoi(), hanoi(1200)
    seeds = REPORTED[:1] if "--quick" in sys.argv else REPORTED
    if "--patient" in sys.argv:
        compare("Central Hanoi, middle", middle, 20_000, 270, seeds, effort="patient")
        compare("Central Hanoi, the whole extract", whole, 20_000, 300, seeds, effort="patient")
        compare("Synthetic alleys", maze(64), 20_000, 270, seeds, effort="patient")
        return
    compare("Central Hanoi, the whole extract", whole, 20_000, 300, seeds)
    compare("Central Hanoi, middle", middle, 20_000, 270, seeds)
    compare("Synthetic alleys", maze(64), 20_000, 270, seeds)
    if "--quick" in sys.argv:
        return
    for count in (2_000, 5_000, 10_000, 40_000):
        compare("Central Hanoi, middle", middle, count, 270, seeds)
        compare("Synthetic alleys", maze(int((count * 0.2) ** 0.5)), count, 270, seeds)


if __name__ == "__main__":
    main()
