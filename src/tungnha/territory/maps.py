"""What files of map data say: ways to walk, doors with house numbers, and lines that nobody crosses."""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from tungnha.territory.addresses import Address
from tungnha.territory.models import Premises
from tungnha.territory.services import PremisesDraft, Way

WALKABLE = frozenset({
    "trunk", "primary", "secondary", "tertiary", "unclassified", "residential", "living_street", "service", "pedestrian",
    "footway", "path", "track", "steps", "road", "trunk_link", "primary_link", "secondary_link", "tertiary_link", "corridor",
})  # fmt: skip
_CROSSABLE = frozenset({"tunnel", "bridge", "covered"})
_BARRIERS = {
    "waterway": frozenset({"river", "canal"}),
    "railway": frozenset({"rail", "light_rail", "narrow_gauge"}),
    "highway": frozenset({"motorway"}),
    "natural": frozenset({"coastline"}),
}
_KINDS: tuple[tuple[str, frozenset[str], str], ...] = (
    ("building", frozenset({"apartments"}), Premises.Kind.BLOCK),
    ("amenity", frozenset({"school", "kindergarten", "college", "university"}), Premises.Kind.SCHOOL),
    ("tourism", frozenset({"hotel", "hostel", "guest_house", "motel"}), Premises.Kind.LODGING),
    ("amenity", frozenset({"townhall", "police", "courthouse", "post_office"}), Premises.Kind.OFFICE),
    ("office", frozenset({"government"}), Premises.Kind.OFFICE),
    ("office", frozenset({"company"}), Premises.Kind.EMPLOYER),
    ("building", frozenset({"industrial", "office"}), Premises.Kind.EMPLOYER),
)
_BEFORE_NUMBER = re.compile(r"^(?:số nhà|nhà số|số|no\.?)\s+", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Feature:
    """Something on a map, with its tags as OpenStreetMap names them."""

    tags: dict[str, str]
    shape: shapely.Geometry
    osm_id: int


def features(path: Path, keys: Collection[str]) -> Iterator[Feature]:
    """What has one of these tags, from `.osm.pbf`, `.osm` or GeoJSON.

    Raises ValueError, RuntimeError or OSError where the file is broken or of another kind. Multipolygon relations are
    left out: houses and streets are hardly ever drawn so.
    """
    if path.suffix in {".geojson", ".json"}:
        return _from_geojson(path, frozenset(keys))
    return _from_osm(path, keys)


def _from_osm(path: Path, keys: Collection[str]) -> Iterator[Feature]:
    import osmium  # noqa: PLC0415 - slow to load

    processor = osmium.FileProcessor(str(path)).with_locations().with_filter(osmium.filter.KeyFilter(*keys))
    for thing in processor:
        if isinstance(thing, osmium.osm.Node):
            yield Feature(dict(thing.tags), shapely.Point(thing.lon, thing.lat), thing.id)
        elif isinstance(thing, osmium.osm.Way):
            points = [(node.lon, node.lat) for node in thing.nodes if node.location.valid()]
            if len(points) > 1:
                yield Feature(dict(thing.tags), shapely.LineString(points), thing.id)


def _from_geojson(path: Path, keys: frozenset[str]) -> Iterator[Feature]:
    document = json.loads(path.read_text(encoding="utf-8-sig"))
    if not isinstance(document, dict) or not isinstance(document.get("features"), list):
        raise ValueError("not a GeoJSON FeatureCollection")  # noqa: TRY004 - a fault of the file, not of the caller
    for feature in document["features"]:
        tags = {
            str(key): str(value)
            for key, value in (feature.get("properties") or {}).items()
            if value is not None
        }
        if feature.get("geometry") and keys & tags.keys():
            number = tags.get("osm_id", "")
            shape = shapely.force_2d(shapely.from_geojson(json.dumps(feature["geometry"])))
            yield Feature(tags, shape, int(number) if number.isdecimal() else 0)


def ways(path: Path) -> list[Way]:
    """The ways that can be walked."""
    found = []
    for feature in features(path, ["highway"]):
        if feature.tags.get("highway") in WALKABLE:
            for part in shapely.get_parts(feature.shape):
                if shapely.get_type_id(part) == shapely.GeometryType.LINESTRING:
                    lonlat = np.asarray(shapely.get_coordinates(part), dtype=float)
                    name = feature.tags.get("name", "")
                    found.append(Way(name, feature.tags["highway"], lonlat, feature.osm_id))
    return found


def barriers(path: Path) -> list[tuple[str, shapely.Geometry]]:
    """Rivers, canals, railways on the ground, motorways and coasts: name (may be empty) and line."""
    return [
        (feature.tags.get("name", ""), feature.shape)
        for feature in features(path, list(_BARRIERS))
        if any(feature.tags.get(key) in values for key, values in _BARRIERS.items())
        and not any(feature.tags.get(key, "no") != "no" for key in _CROSSABLE)
        and shapely.get_dimensions(feature.shape) == 1
    ]


def doors(path: Path) -> list[PremisesDraft]:
    """Houses with a number, and named schools, lodgings, blocks and offices, at their buildings or points."""
    found: list[tuple[bool, PremisesDraft]] = []
    for feature in features(path, ["addr:housenumber", *sorted({key for key, _, _ in _KINDS})]):
        spot = _middle(feature.shape)
        if spot is not None:
            is_point = shapely.get_dimensions(feature.shape) == 0
            found += [(is_point, draft) for draft in _drafts(feature.tags, spot)]
    found.sort(key=lambda pair: pair[0])  # a building says better where its door is than a shop in it
    return [draft for _, draft in found]


def _middle(shape: shapely.Geometry) -> tuple[float, float] | None:
    """Longitude and latitude of a point or of an area (as a ring, too); None for open lines, which are no doors."""
    if shapely.get_dimensions(shape) == 1:
        if not shapely.is_closed(shape) or shapely.get_num_coordinates(shape) < 4:
            return None
        shape = shapely.polygons(shapely.get_coordinates(shape))
    point = shapely.centroid(shape)
    return (float(shapely.get_x(point)), float(shapely.get_y(point))) if not shapely.is_empty(point) else None


def _drafts(tags: dict[str, str], spot: tuple[float, float]) -> list[PremisesDraft]:
    kind = next((kind for key, values, kind in _KINDS if tags.get(key) in values), Premises.Kind.HOUSE)
    street = tags.get("addr:street", "")
    name = tags.get("name", "") if kind != Premises.Kind.HOUSE else ""
    numbers = [
        _BEFORE_NUMBER.sub("", number.strip())
        for number in re.split(r"[;,]", tags.get("addr:housenumber", ""))
        if number.strip()
    ]
    place = street or tags.get("addr:place", "")
    if numbers:
        texts = [(number, Address(number=number, street=place).text()) for number in numbers]
    else:
        texts = [("", ", ".join(part for part in (name, street) if part))] if name else []
    longitude, latitude = spot
    return [
        PremisesDraft(
            address=text,
            kind=kind,
            number=number,
            way=street,
            name=name,
            latitude=latitude,
            longitude=longitude,
        )
        for number, text in texts
    ]
