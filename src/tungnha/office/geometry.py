"""Stored geometry → GeoJSON for the map. Longitude first, six decimals (11 cm), nothing that names a person."""

from collections.abc import Iterable
from typing import Any

import shapely

Json = dict[str, Any]


def feature(geometry: Json, **properties: Any) -> Json:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def collection(features: Iterable[Json]) -> Json:
    return {"type": "FeatureCollection", "features": list(features)}


def point(longitude: float, latitude: float) -> Json:
    return {"type": "Point", "coordinates": [round(longitude, 6), round(latitude, 6)]}


def from_wkb(stored: bytes | memoryview | None) -> Json | None:
    """A geometry as GeoJSON, or None when nothing is stored."""
    if not stored:
        return None
    shape = shapely.set_precision(shapely.from_wkb(bytes(stored)), 1e-6, mode="pointwise")
    answer: Json = shapely.geometry.mapping(shape)
    return None if shape.is_empty else answer


def middle(stored: bytes | memoryview | None) -> tuple[float | None, float | None]:
    """A point on the geometry near its middle: longitude, latitude."""
    if not stored:
        return None, None
    spot = shapely.point_on_surface(shapely.from_wkb(bytes(stored)))
    return (None, None) if spot.is_empty else (spot.x, spot.y)
