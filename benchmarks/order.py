"""The walking order against fast-tsp and plain 2-opt: random doors, alley doors, and TSPLIB cities.

Gap is to the best of all solvers in the run, one of which has a hundred times the effort. Walks are open.
"""

import time

import numpy as np
from grounds import DATA, doors_along, hanoi, maze

from tungnha.planning.footing import stand
from tungnha.planning.ground import Floats, Ints
from tungnha.planning.order import nearest_first, order, path_length
from tungnha.planning.turfs import Limits, cut
from tungnha.planning.ways import Ways


def straight(xy: Floats) -> Floats:
    return np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))


def two_opt(distances: Floats) -> Ints:
    """Plain 2-opt with best of all moves at each door, from the nearest-neighbour walk."""
    path = nearest_first(distances)
    n = len(path)
    better = True
    while better:
        better = False
        for i in range(n - 1):
            before = distances[path[i - 1], path[i]] if i else 0.0
            last = np.append(distances[path[i + 1 : -1], path[i + 2 :]], 0.0)
            joined = distances[path[i - 1], path[i + 1 :]] if i else np.zeros(n - i - 1)
            tail = np.append(distances[path[i], path[i + 2 :]], 0.0)
            gain = before + last - joined - tail
            k = int(gain.argmax())
            if gain[k] > 1e-9:
                path[i : i + k + 2] = path[i : i + k + 2][::-1]
                better = True
    return path


def fast(distances: Floats, seconds: float) -> Ints:
    import fast_tsp

    n = len(distances)
    # It wants whole numbers below 65,536.
    whole = np.zeros((n + 1, n + 1), int)
    whole[:n, :n] = np.rint(distances * (60_000 / max(distances.max(), 1e-9)))
    tour = fast_tsp.find_tour(whole, seconds)
    at = tour.index(n)
    return np.array(tour[at + 1 :] + tour[:at], np.int32)


def alley_turfs(network, count: int, seed: int) -> list[Floats]:
    """Street distances within turfs of about 100 doors."""
    doors = doors_along(network, count, seed)
    footing = stand(doors, network, (), detour=1.4, unit_minutes=1e-9, unit_doors=1)
    plan = cut(doors, Limits(None, 100), network=network)
    of_unit = np.empty(len(footing.minutes), np.int32)
    of_unit[footing.unit] = plan.turf
    ways = Ways(footing, 1.4)
    return [
        ways.between(np.flatnonzero(of_unit == t).astype(np.int32)) for t in range(min(10, len(plan.turfs)))
    ]


def tsplib(most: int) -> dict[str, Floats]:
    found = {}
    for file in sorted((DATA / "routing" / "tsp").iterdir()):
        lines = file.read_text(errors="replace").split("NODE_COORD_SECTION")
        if len(lines) < 2:
            continue
        rows = [line.split() for line in lines[1].splitlines()]
        points = [(float(row[1]), float(row[2])) for row in rows if len(row) == 3 and row[0].isdigit()]
        if len(points) <= most:
            found[file.name] = straight(np.array(points))
    return found


def main() -> None:
    order(straight(np.random.default_rng(0).random((20, 2))))
    draw = np.random.default_rng(1)
    grounds = {
        f"random, {n}": [straight(draw.random((n, 2)) * 1000) for _ in range(10)] for n in (50, 100, 200)
    }
    grounds["synthetic alleys, 100"] = alley_turfs(maze(16), 1000, 0)
    grounds["Hanoi streets, 100"] = alley_turfs(hanoi(500), 3000, 0)
    grounds |= {f"TSPLIB {name}": [matrix] for name, matrix in tsplib(1500).items()}
    solvers = {
        "ours": lambda d: order(d, seed=0),
        "fast-tsp 0.02 s": lambda d: fast(d, 0.02),
        "fast-tsp 0.2 s": lambda d: fast(d, 0.2),
        "2-opt": two_opt,
        "ours x100": lambda d: order(d, seed=1, kicks=200_000),
    }
    print(f"{'ground':30}{'solver':>18}{'mean gap %':>12}{'worst gap %':>12}{'ms':>10}")
    for ground, matrices in grounds.items():
        lengths, spent = {}, {}
        for name, solve in solvers.items():
            solve(matrices[0][:12, :12].copy())
            began = time.perf_counter()
            lengths[name] = np.array([path_length(d, solve(d).astype(np.int32)) for d in matrices])
            spent[name] = (time.perf_counter() - began) / len(matrices)
        best = np.min(list(lengths.values()), axis=0)
        for name, metres in lengths.items():
            gap = 100 * (metres / best - 1)
            print(
                f"{ground:30}{name:>18}{gap.mean():12.3f}{gap.max():12.3f}{1000 * spent[name]:10.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
