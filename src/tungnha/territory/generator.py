"""A plausible alley network for a unit without a map: streets, ngõ off them, ngách off those, many of them dead ends."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
import shapely
from django.db import connection, transaction

from tungnha.planning.ground import Floats, Ints
from tungnha.planning.ground import StreetNetwork as PackedNetwork
from tungnha.territory import network as graph
from tungnha.territory import services
from tungnha.territory.models import Premises, Source, Street, StreetNetwork, Unit
from tungnha.territory.network import Projection
from tungnha.territory.placing import SETBACK_METRES
from tungnha.territory.services import Way
from tungnha.territory.vietnamese import fold

STREET_SPACING_METRES = 260.0
ALLEY_SPACING_METRES = 45.0
MOST_ALLEYS = 4000
METRES_A_HOUSE = 2.5
"""Street length for each house, both sides counted; whoever finds no room lives in a tower."""
FLATS_A_FLOOR, FLOORS = 8, 20
_PREMISES = (
    "unit_id", "group", "kind", "parent_id", "street_id", "number", "name", "floor", "address", "address_fold", "latitude",
    "longitude", "placing", "edge", "edge_offset", "source_id",
)  # fmt: skip
_CHUNK = 20_000


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


def share_out(total: int, units: Sequence[Unit]) -> dict[int, int]:
    """So many doors over units as their people, or where a population is unknown their area, ask for; sums to `total`.

    Whole numbers by largest remainder. Keys are the units' primary keys.
    """
    people = [unit.populations.order_by("-as_of").values_list("people", flat=True).first() for unit in units]
    if all(people):
        weight = np.array(people, dtype=float)
    else:
        weight = np.array([unit.area_km2 or 1.0 for unit in units])
    exact = total * weight / weight.sum()
    whole = np.floor(exact).astype(int)
    whole[np.argsort(whole - exact, kind="stable")[: total - int(whole.sum())]] += 1
    return {unit.pk: int(count) for unit, count in zip(units, whole, strict=True)}


def make_premises(unit: Unit, doors: int, *, seed: int = 0) -> int:
    """Invent a unit's doors and write them straight to the tables, placed on its network. Returns how many.

    Streets are invented first where the unit has none. This is for benchmarks of whole cities: what it writes is what
    an import of a list with these addresses would have written, marked as generated. Doors it had stay.
    """
    if not StreetNetwork.objects.filter(unit=unit).exists():
        make_streets(unit, seed=seed)
    stored = StreetNetwork.objects.get(unit=unit)
    network = graph.unpack(bytes(stored.arrays))
    streets = {one.pk: one for one in unit.streets.all()}
    rng = np.random.default_rng([seed, unit.pk])
    source = services.record_source(f"generated doors, seed {seed}", generated=True)
    usable = np.flatnonzero(np.isin(network.street, list(streets)))
    if len(usable) == 0:
        raise ValueError(f"{unit} has no street to put doors on")
    main = np.array([streets[pk].kind == Street.Kind.STREET for pk in network.street[usable].tolist()])
    room = network.length[usable] * np.where(main, 0.4, 1.0)
    houses = min(doors, int(network.length[usable].sum() / METRES_A_HOUSE))
    edge = np.sort(rng.choice(usable, houses, p=room / room.sum()))
    offset = rng.random(houses) * network.length[edge]
    flats = doors - houses
    towers = -(-flats // (FLATS_A_FLOOR * FLOORS))
    at = rng.choice(usable, towers, p=room / room.sum())
    site = rng.random(towers) * network.length[at]
    projection = Projection(stored.origin_latitude, stored.origin_longitude)
    writer = _PremisesWriter(unit, streets, network, projection, source)
    with transaction.atomic():
        writer.houses(edge, offset, rng)
        writer.towers(at, site, flats)
    return doors


class _PremisesWriter:
    """Rows of generated premises, and how they reach the table."""

    def __init__(
        self,
        unit: Unit,
        streets: Mapping[int, Street],
        network: PackedNetwork,
        projection: Projection,
        source: Source,
    ) -> None:
        self.unit, self.streets, self.network, self.source = unit, streets, network, source
        self.projection = projection

    def houses(self, edge: Ints, offset: Floats, rng: np.random.Generator) -> None:
        """Houses along their edges, numbered along each street, odd on one side and even on the other."""
        street = self.network.street[edge]
        order = np.lexsort((offset, edge, street))
        edge, offset, street = edge[order], offset[order], street[order]
        first = np.flatnonzero(np.diff(street, prepend=-1))
        number = np.arange(len(street)) - np.repeat(first, np.diff(first, append=len(street))) + 1
        side = np.where(number % 2 == 1, 1.0, -1.0)
        latitude, longitude = self._positions(edge, offset, side)
        groups = self._groups(street, rng)
        named = {pk: (one.name, one.name_fold) for pk, one in self.streets.items()}
        self._insert(
            (
                self.unit.pk, groups[road], Premises.Kind.HOUSE.value, None, road, str(house), "", None,
                f"Số {house} {named[road][0]}"[:300], f"so {house} {named[road][1]}"[:300], north, east,
                Premises.Placing.ALLEY.value, along, metres, self.source.pk,
            )
            for road, house, north, east, along, metres in zip(
                *(each.tolist() for each in (street, number, latitude, longitude, edge, offset)), strict=True
            )
        )  # fmt: skip

    def towers(self, edge: Ints, offset: Floats, flats: int) -> None:
        """Apartment blocks, each with its flats by floor, as many as there are flats to house."""
        if flats == 0:
            return
        latitude, longitude = self._positions(edge, offset, np.ones(len(edge)))
        spots = list(zip(*(each.tolist() for each in (latitude, longitude, edge, offset)), strict=True))
        roads = [self.streets[pk] for pk in self.network.street[edge].tolist()]
        # Unlike any block that the unit has, so that its primary key is found again by its address.
        titles = [f"Chung cư mô phỏng {self.source.pk}.{index + 1}" for index in range(len(spots))]
        folded = [fold(title) for title in titles]
        placing = Premises.Placing.ALLEY.value
        self._insert(
            (
                self.unit.pk, "", Premises.Kind.BLOCK.value, None, road.pk, "", title, None, f"{title}, {road.name}"[:300],
                fold(f"{title}, {road.name}")[:300], north, east, placing, along, metres, self.source.pk,
            )
            for title, road, (north, east, along, metres) in zip(titles, roads, spots, strict=True)
        )  # fmt: skip
        blocks = dict(
            Premises.objects.filter(unit=self.unit, source=self.source, kind=Premises.Kind.BLOCK).values_list(
                "name", "pk"
            )
        )
        a_tower = FLATS_A_FLOOR * FLOORS
        self._insert(
            (
                self.unit.pk, "", Premises.Kind.APARTMENT.value, blocks[titles[tower]], roads[tower].pk, room, "", floor,
                f"P{room} {titles[tower]}, {roads[tower].name}"[:300],
                f"p{room} {folded[tower]}, {roads[tower].name_fold}"[:300],
                *spots[tower][:2], placing, *spots[tower][2:], self.source.pk,
            )
            for tower, floor, room in (
                (flat // a_tower, 2 + flat % a_tower // FLATS_A_FLOOR,
                 f"{2 + flat % a_tower // FLATS_A_FLOOR}{flat % FLATS_A_FLOOR + 1:02d}")
                for flat in range(flats)
            )
        )  # fmt: skip

    def _positions(self, edge: Ints, offset: Floats, side: Floats) -> tuple[Floats, Floats]:
        """Latitudes and longitudes of doors beside their edges."""
        head, tail = (
            self.network.xy[self.network.edges[edge, 0]],
            self.network.xy[self.network.edges[edge, 1]],
        )
        length = np.maximum(self.network.length[edge], 1e-9)[:, None]
        along = (tail - head) / length
        across = np.column_stack([-along[:, 1], along[:, 0]])
        xy = head + along * offset[:, None] + across * (side * SETBACK_METRES)[:, None]
        longitude, latitude = self.projection.to_degrees(xy)
        return latitude, longitude

    def _groups(self, street: Ints, rng: np.random.Generator) -> dict[int, str]:
        """A residential group for each street, some 250 doors a group."""
        roads, doors = np.unique(street, return_counts=True)
        order = rng.permutation(len(roads))
        group = np.cumsum(doors[order]) // 250 + 1
        return dict(zip(roads[order].tolist(), map(str, group.tolist()), strict=True))

    def _insert(self, rows: Iterable[tuple[Any, ...]]) -> None:
        quote = connection.ops.quote_name
        statement = (  # the names are the constants above
            f"INSERT INTO {quote(Premises._meta.db_table)} ({', '.join(map(quote, _PREMISES))})"  # noqa: S608, SLF001
            f" VALUES ({', '.join(['%s'] * len(_PREMISES))})"
        )
        waiting = iter(rows)
        with connection.cursor() as cursor:
            while chunk := list(islice(waiting, _CHUNK)):
                cursor.executemany(statement, chunk)
