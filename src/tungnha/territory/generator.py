"""A plausible alley network for a unit without a map: streets, ngõ off them, ngách off those, many of them dead ends."""

import numpy as np
import shapely

from tungnha.territory import services
from tungnha.territory.models import Unit
from tungnha.territory.network import Projection
from tungnha.territory.services import Way

STREET_SPACING_METRES = 260.0
ALLEY_SPACING_METRES = 45.0
MOST_ALLEYS = 4000


def make_streets(unit: Unit, *, seed: int = 0) -> int:
    """Invent a unit's streets and alleys and store them, marked as generated. Returns the stretches of its network."""
    source = services.record_source(f"generated alleys, seed {seed}", generated=True)
    return services.load_streets(unit, ways(unit, seed=seed), source).edges


def ways(unit: Unit, *, seed: int = 0) -> list[Way]:
    """The lines of an invented network within a unit's boundary, or within a square of its area at its position."""
    rng = np.random.default_rng(seed)
    projection = Projection(unit.latitude or 0.0, unit.longitude or 0.0)
    area = _area(unit, projection)
    low_x, low_y, high_x, high_y = area.bounds
    lines: list[tuple[str, str, shapely.Geometry]] = []
    number = 0
    for vertical in (False, True):
        low, high = (low_x, high_x) if vertical else (low_y, high_y)
        for at in np.arange(low + STREET_SPACING_METRES / 2, high, STREET_SPACING_METRES):
            number += 1
            bend = rng.normal(0, 12, 5)
            along = np.linspace(low_y if vertical else low_x, high_y if vertical else high_x, 5)
            points = np.column_stack([at + bend, along] if vertical else [along, at + bend])
            name = f"Phố Mẫu {number}"
            lines.append((name, "residential", shapely.linestrings(points)))
    streets = list(lines)
    for street_name, _, street in streets:
        lines += _alleys(street_name, street, rng)
        if len(lines) > MOST_ALLEYS:
            break
    kept = []
    for name, highway, line in _noded(lines):
        for part in shapely.get_parts(shapely.intersection(line, area)):
            if shapely.get_num_coordinates(part) > 1:
                longitude, latitude = projection.to_degrees(shapely.get_coordinates(part))
                kept.append(Way(name, highway, np.column_stack([longitude, latitude])))
    return kept


def _area(unit: Unit, projection: Projection) -> shapely.Geometry:
    if unit.boundary:
        boundary = shapely.from_wkb(bytes(unit.boundary))
        return shapely.transform(boundary, lambda lonlat: projection.to_metres(lonlat[:, 0], lonlat[:, 1]))
    half = 500.0 * float(np.sqrt(unit.area_km2 or 1.0))
    return shapely.box(-half, -half, half, half)


def _alleys(
    street_name: str, street: shapely.Geometry, rng: np.random.Generator
) -> list[tuple[str, str, shapely.Geometry]]:
    """Dead-end ngõ on both sides of a street, half of them with ngách of their own."""
    made = []
    short = street_name.removeprefix("Phố ")
    for order, at in enumerate(np.arange(30.0, shapely.length(street) - 30.0, ALLEY_SPACING_METRES)):
        foot, ahead = (
            shapely.get_coordinates(shapely.line_interpolate_point(street, at + step))[0]
            for step in (0.0, 1.0)
        )
        across = np.array([-(ahead - foot)[1], (ahead - foot)[0]]) * (1 if order % 2 else -1)
        number, length = 2 * order + 1, rng.uniform(40, STREET_SPACING_METRES * 0.48)
        head = foot + across * length
        made.append((f"Ngõ {number} {short}", "living_street", shapely.linestrings([foot, head])))
        if rng.random() < 0.5:
            middle = foot + across * length * 0.6
            side = np.array([-across[1], across[0]]) * (ALLEY_SPACING_METRES * 0.4)
            made.append(
                (
                    f"Ngách {number}/{2 * order + 2} Ngõ {number} {short}",
                    "footway",
                    shapely.linestrings([middle, middle + side]),
                )
            )
    return made


def _noded(lines: list[tuple[str, str, shapely.Geometry]]) -> list[tuple[str, str, shapely.Geometry]]:
    """The lines with a shared point wherever two of them meet, so that the graph is joined there."""
    shapes = [line for _, _, line in lines]
    tree = shapely.STRtree(shapes)
    noded = []
    for index, (name, highway, line) in enumerate(lines):
        near = [other for other in tree.query(line, predicate="dwithin", distance=0.01) if other != index]
        meeting = [point for other in near for point in shapely.get_coordinates(_meet(line, shapes[other]))]
        reach = sorted(
            {
                0.0,
                shapely.length(line),
                *(shapely.line_locate_point(line, shapely.points(p)) for p in meeting),
                *shapely.line_locate_point(line, shapely.points(shapely.get_coordinates(line))).tolist(),
            }
        )
        points = [shapely.get_coordinates(shapely.line_interpolate_point(line, at))[0] for at in reach]
        noded.append((name, highway, shapely.linestrings(points)))
    return noded


def _meet(line: shapely.Geometry, other: shapely.Geometry) -> shapely.Geometry:
    """Where two lines touch or cross, as points."""
    crossing = shapely.intersection(line, other)
    if not shapely.is_empty(crossing):
        return crossing
    return shapely.shortest_line(line, other)
