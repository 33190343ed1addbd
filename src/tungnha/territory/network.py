"""The walkable graph of a unit: how it is made from street lines, stored, and how points are put onto it."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from tungnha.planning.ground import Floats, Ints, StreetNetwork

METRES_PER_DEGREE = 111_195.08
"""Mean length of a degree of latitude on a sphere of the Earth's mean radius, 6,371.0088 km."""


@dataclass(frozen=True)
class Projection:
    """A flat local map: metres east and north of an origin. Over one ward it errs by centimetres."""

    latitude: float
    longitude: float

    @property
    def _east(self) -> float:
        return METRES_PER_DEGREE * float(np.cos(np.radians(self.latitude)))

    def to_metres(self, longitude: Floats, latitude: Floats) -> Floats:
        """Degrees (n,) and (n,) → metres (n, 2)."""
        east = (np.asarray(longitude, dtype=float) - self.longitude) * self._east
        north = (np.asarray(latitude, dtype=float) - self.latitude) * METRES_PER_DEGREE
        return np.column_stack([east, north])

    def to_degrees(self, xy: Floats) -> tuple[Floats, Floats]:
        """Metres (n, 2) → longitudes (n,) and latitudes (n,)."""
        xy = np.asarray(xy, dtype=float).reshape(-1, 2)
        return self.longitude + xy[:, 0] / self._east, self.latitude + xy[:, 1] / METRES_PER_DEGREE


def pack(network: StreetNetwork) -> bytes:
    """A network as compressed bytes; `unpack` gives the same arrays back."""
    file = io.BytesIO()
    np.savez_compressed(
        file, xy=network.xy, edges=network.edges, length=network.length, street=network.street
    )
    return file.getvalue()


def unpack(data: bytes) -> StreetNetwork:
    """What `pack` made. Raises ValueError where it is something else."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return StreetNetwork(*(arrays[name] for name in ("xy", "edges", "length", "street")))


def build(lines: Sequence[Floats], street: Sequence[int]) -> StreetNetwork:
    """Join lines into a graph: points that coincide to a decimetre are one node.

    Parameters
    ----------
    lines
        Points of each way in metres, shape (points, 2).
    street
        Index of the street each way belongs to.
    """
    kept = [
        (np.asarray(line, dtype=float), index)
        for line, index in zip(lines, street, strict=True)
        if len(line) > 1
    ]
    if not kept:
        return StreetNetwork(np.zeros((0, 2)), np.zeros((0, 2), np.int32), np.zeros(0), np.zeros(0, np.int32))
    points = np.vstack([line for line, _ in kept])
    lengths = np.array([len(line) for line, _ in kept])
    _, first, inverse = np.unique(
        np.round(points * 10).astype(np.int64), axis=0, return_index=True, return_inverse=True
    )
    inverse = inverse.reshape(-1)
    inside = np.ones(len(points) - 1, dtype=bool)
    inside[np.cumsum(lengths)[:-1] - 1] = False
    owner = np.repeat(np.array([index for _, index in kept], dtype=np.int32), lengths)[:-1]
    edges = np.column_stack([inverse[:-1], inverse[1:]])[inside]
    owner = owner[inside]
    proper = edges[:, 0] != edges[:, 1]
    edges, owner = edges[proper], owner[proper]
    _, single = np.unique(np.sort(edges, axis=1), axis=0, return_index=True)
    edges, owner = edges[np.sort(single)], owner[np.sort(single)]
    xy = points[first]
    length = np.hypot(*(xy[edges[:, 0]] - xy[edges[:, 1]]).T)
    return StreetNetwork(xy, edges.astype(np.int32), length, owner.astype(np.int32))


def snap(network: StreetNetwork, xy: Floats) -> tuple[Ints, Floats, Floats]:
    """The nearest place on the network of each point.

    Returns
    -------
    edge (n,), metres along it from its first node (n,), metres from the point to it (n,); edge is -1 and the
    distance infinite where the network is empty.
    """
    points = np.asarray(xy, dtype=float).reshape(-1, 2)
    if len(network.edges) == 0 or len(points) == 0:
        return np.full(len(points), -1, np.int32), np.zeros(len(points)), np.full(len(points), np.inf)
    ends = network.xy[network.edges]
    tree = shapely.STRtree(shapely.linestrings(ends))
    nearest = tree.query_nearest(shapely.points(points), all_matches=False)[1].astype(np.int32)
    start, along = ends[nearest, 0], ends[nearest, 1] - ends[nearest, 0]
    span = np.maximum(np.einsum("ij,ij->i", along, along), 1e-12)
    share = np.clip(np.einsum("ij,ij->i", points - start, along) / span, 0, 1)
    distance = np.hypot(*(points - start - along * share[:, None]).T)
    return nearest, share * network.length[nearest], distance
