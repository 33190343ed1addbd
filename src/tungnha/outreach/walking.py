"""One unit's households into walks, without the database, so that another process can do it.

Imports no models: a process that only walks need not know Django.
"""

from dataclasses import dataclass

import numpy as np

from tungnha.planning.ground import Doors, Floats, StreetNetwork
from tungnha.planning.routes import route
from tungnha.planning.turfs import Cut, Effort, Limits, cut


@dataclass(frozen=True, eq=False)
class Ground:
    """What cutting one unit needs."""

    doors: Doors
    network: StreetNetwork | None
    barriers: tuple[Floats, ...]
    limits: Limits
    seed: int
    effort: Effort


@dataclass(frozen=True, eq=False)
class Walks:
    """A cut, and the line of each turf's walk in metres."""

    cut: Cut
    routes: list[Floats]


def walk(ground: Ground) -> Walks:
    """Cut one unit and draw each turf's walk."""
    made = cut(
        ground.doors,
        ground.limits,
        network=ground.network,
        barriers=ground.barriers,
        seed=ground.seed,
        effort=ground.effort,
    )
    order = np.lexsort((made.position, made.turf))
    starts = np.searchsorted(made.turf[order], np.arange(len(made.turfs) + 1))
    routes = [
        route(ground.doors, ground.network, order[starts[turf] : starts[turf + 1]].astype(np.int32))
        for turf in range(len(made.turfs))
    ]
    return Walks(made, routes)
