"""The ground that planning stands on: a street network and the doors along it, in metres.

Positions are in a local flat projection whose origin the caller keeps; over one ward it is exact to centimetres.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class StreetNetwork:
    """A walkable graph. Every edge may be walked both ways.

    Parameters
    ----------
    xy
        Node positions in metres, shape (nodes, 2).
    edges
        Node indices at both ends, shape (edges, 2).
    length
        Metres along each edge, shape (edges,), never less than the straight line.
    street
        Index of the street each edge belongs to, -1 where it has none, shape (edges,).
    """

    xy: Floats
    edges: Ints
    length: Floats
    street: Ints


@dataclass(frozen=True, eq=False)
class Doors:
    """Doors to be visited, one a household, in any order; several may share one position.

    Parameters
    ----------
    xy
        Positions in metres, shape (doors, 2).
    edge
        Edge of the network each stands on, -1 where it is on none, shape (doors,).
    offset
        Metres along that edge from its first node, shape (doors,).
    minutes
        Expected minutes of one visit, shape (doors,).
    building
        Index of the apartment block or lodging a door is in, -1 for a house, shape (doors,).
    floor
        Floor within that building, 0 for the ground, shape (doors,).
    """

    xy: Floats
    edge: Ints
    offset: Floats
    minutes: Floats
    building: Ints
    floor: Ints


def neighbours(nodes: int, ends: Ints, length: Floats) -> tuple[Ints, Ints, Floats]:
    """The graph by node: starts (nodes + 1,), the node at the other end and metres of each half-edge."""
    tail = np.concatenate([ends[:, 0], ends[:, 1]])
    ranked = np.argsort(tail, kind="stable")
    start = np.zeros(nodes + 1, np.int32)
    np.cumsum(np.bincount(tail, minlength=nodes), out=start[1:])
    head = np.concatenate([ends[:, 1], ends[:, 0]])[ranked]
    return start, head.astype(np.int32), np.concatenate([length, length])[ranked].astype(np.float64)
