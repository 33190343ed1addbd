"""Every write of places: sources, units, changes of units, streets with their network, premises."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import shapely
from django.db import connection, transaction
from numpy.typing import NDArray

from tungnha.planning.ground import Floats
from tungnha.planning.ground import StreetNetwork as PackedNetwork
from tungnha.territory import network as graph
from tungnha.territory.addresses import Address, parse, street_key
from tungnha.territory.models import (
    Population,
    Premises,
    Source,
    Street,
    StreetNetwork,
    Succession,
    Unit,
    UnitChange,
)
from tungnha.territory.placing import along_street
from tungnha.territory.vietnamese import clean, fold

BATCH = 500


@dataclass(frozen=True)
class UnitRow:
    """One unit as a table of units gives it; `parent` is the parent's code."""

    code: str
    name: str
    kind: str
    parent: str = ""
    latitude: float | None = None
    longitude: float | None = None
    area_km2: float | None = None


@dataclass(frozen=True)
class SuccessionRow:
    """An old unit's code, a new unit's code, and whether the whole old unit went there."""

    old: str
    new: str
    whole: bool


@dataclass(frozen=True, eq=False)
class Way:
    """A street line: its name (may be empty), OpenStreetMap's `highway` kind, longitudes and latitudes (n, 2)."""

    name: str
    highway: str
    lonlat: Floats
    osm_id: int = 0


@dataclass(frozen=True)
class PremisesDraft:
    """Premises as a list describes them. `way` is the street or alley as `Address.way()` writes it."""

    address: str
    kind: str = Premises.Kind.HOUSE
    number: str = ""
    way: str = ""
    group: str = ""
    name: str = ""
    floor: int | None = None
    block: str = ""
    latitude: float | None = None
    longitude: float | None = None


def record_source(
    name: str, *, licence: str = "", attribution: str = "", sha256: str = "", generated: bool = False
) -> Source:
    """The source of that name and content, made where it is new."""
    source, _ = Source.objects.get_or_create(
        name=name,
        sha256=sha256,
        generated=generated,
        defaults={"licence": licence, "attribution": attribution},
    )
    return source


@transaction.atomic
def load_units(
    rows: Iterable[UnitRow], source: Source, *, valid_from: date, valid_to: date | None, scheme: str = "vn"
) -> int:
    """Make or refresh the units of one era. Parents must come before their children. Returns how many there are."""
    have = {unit.code: unit for unit in Unit.objects.filter(scheme=scheme, valid_from=valid_from)}
    count = 0
    levels: dict[int, list[UnitRow]] = {}
    depth: dict[str, int] = {"": -1}
    for row in rows:
        depth[row.code] = depth[row.parent] + 1
        levels.setdefault(depth[row.code], []).append(row)
    for level in sorted(levels):
        fresh: list[Unit] = []
        known: list[Unit] = []
        for row in levels[level]:
            unit = have.get(row.code) or Unit(scheme=scheme, code=row.code, valid_from=valid_from)
            unit.valid_to, unit.kind, unit.name, unit.name_fold = (
                valid_to,
                row.kind,
                clean(row.name),
                fold(row.name),
            )
            unit.latitude, unit.longitude, unit.area_km2 = row.latitude, row.longitude, row.area_km2
            unit.parent, unit.source = have.get(row.parent), source
            (known if unit.pk else fresh).append(unit)
            have[row.code] = unit
            count += 1
        Unit.objects.bulk_create(fresh, batch_size=BATCH)
        for unit in (*fresh, *known):
            unit.path = f"{unit.parent.path if unit.parent else '/'}{unit.pk}/"
        Unit.objects.bulk_update(fresh, ["path"], batch_size=BATCH)
        fields = [
            "valid_to",
            "kind",
            "name",
            "name_fold",
            "latitude",
            "longitude",
            "area_km2",
            "parent",
            "source",
            "path",
        ]
        Unit.objects.bulk_update(known, fields, batch_size=BATCH)
    return count


@transaction.atomic
def record_change(
    decided_by: str, effective: date, rows: Iterable[SuccessionRow], *, scheme: str = "vn"
) -> list[str]:
    """Record which old units became which new ones on a date.

    Returns the codes that name no unit of the era they should be in, one line each; the other rows are recorded.
    """
    change, _ = UnitChange.objects.get_or_create(decided_by=decided_by, effective=effective)
    ended = dict(Unit.objects.filter(scheme=scheme, valid_to=effective).values_list("code", "pk"))
    begun = dict(Unit.objects.filter(scheme=scheme, valid_from=effective).values_list("code", "pk"))
    have = set(change.successions.values_list("old_id", "new_id"))
    fresh, unknown = [], []
    for row in rows:
        if row.old not in ended or row.new not in begun:
            unknown.append(f"{row.old} → {row.new}")
        elif (ended[row.old], begun[row.new]) not in have:
            have.add((ended[row.old], begun[row.new]))
            share, basis = (1.0, "whole unit") if row.whole else (None, "")
            fresh.append(
                Succession(
                    change=change,
                    old_id=ended[row.old],
                    new_id=begun[row.new],
                    whole=row.whole,
                    share=share,
                    share_basis=basis,
                )
            )
    Succession.objects.bulk_create(fresh, batch_size=BATCH)
    return unknown


@transaction.atomic
def record_populations(rows: Iterable[tuple[Unit, int]], as_of: date, source: Source) -> None:
    """State how many people units had on a date, replacing what the same source said of it before."""
    rows = list(rows)
    Population.objects.filter(as_of=as_of, source=source, unit__in=[unit for unit, _ in rows]).delete()
    Population.objects.bulk_create(
        [Population(unit=unit, people=people, as_of=as_of, source=source) for unit, people in rows],
        batch_size=BATCH,
    )


def set_boundary(unit: Unit, polygon: shapely.Geometry, source: Source) -> None:
    """Give a unit its boundary, WGS84."""
    Unit.objects.filter(pk=unit.pk).update(boundary=shapely.to_wkb(polygon), source=source)
    unit.boundary, unit.source = shapely.to_wkb(polygon), source


_KIND_BY_ALLEY = {"ngo": Street.Kind.NGO, "ngach": Street.Kind.NGACH, "hem": Street.Kind.HEM}


@dataclass(eq=False)
class _Named:
    """Ways of one name that touch: what becomes a `Street`."""

    name: str
    address: Address
    ways: list[int] = field(default_factory=list)

    @property
    def alley(self) -> tuple[str, str] | None:
        return self.address.alleys[-1] if self.address.alleys else None

    @property
    def depth(self) -> int:
        return 0 if self.alley is None else 1 + ("ngo", "ngach", "hem").index(self.alley[0])


def load_streets(unit: Unit, ways: Sequence[Way], source: Source) -> StreetNetwork:
    """Replace a unit's streets and its walkable network by these ways.

    An alley's parent is the street that its name gives, else the least deep named way that it touches.
    """
    lines = [np.asarray(way.lonlat, dtype=float) for way in ways]
    latitude, longitude = _origin(unit, lines)
    projection = graph.Projection(latitude, longitude)
    metres = [projection.to_metres(line[:, 0], line[:, 1]) for line in lines]
    named = _group_by_name(ways, metres)
    touching = _touching(named, metres)
    with transaction.atomic():
        unit.streets.all().delete()
        streets = [
            Street(
                unit=unit,
                kind=_KIND_BY_ALLEY[one.alley[0]] if one.alley else Street.Kind.STREET,
                name=clean(one.name),
                name_fold=fold(one.name),
                number=one.alley[1] if one.alley else "",
                geometry=shapely.to_wkb(
                    shapely.multilinestrings([shapely.linestrings(lines[i]) for i in one.ways])
                ),
                source=source,
            )
            for one in named
        ]
        Street.objects.bulk_create(streets, batch_size=BATCH)
        _hang(named, streets, touching)
        Street.objects.bulk_update(streets, ["parent"], batch_size=BATCH)
        owner = np.full(len(ways), -1, dtype=np.int64)
        for one, street in zip(named, streets, strict=True):
            owner[one.ways] = street.pk
        network = graph.build(metres, owner.tolist())
        stored, _ = StreetNetwork.objects.update_or_create(
            unit=unit,
            defaults={
                "arrays": graph.pack(network),
                "origin_latitude": latitude,
                "origin_longitude": longitude,
                "nodes": len(network.xy),
                "edges": len(network.edges),
                "source": source,
            },
        )
        unit.premises.exclude(edge=None).update(edge=None, edge_offset=None)
    return stored


def _origin(unit: Unit, lines: Sequence[Floats]) -> tuple[float, float]:
    if lines:
        middle = np.vstack(lines).mean(axis=0)
        return float(middle[1]), float(middle[0])
    return unit.latitude or 0.0, unit.longitude or 0.0


def _group_by_name(ways: Sequence[Way], metres: Sequence[Floats]) -> list[_Named]:
    """Ways that bear one name, apart where a bare alley name ("Ngõ 12") returns elsewhere in the unit."""
    by_name: dict[str, _Named] = {}
    for index, way in enumerate(ways):
        if not clean(way.name):
            continue
        address = parse(way.name)
        spot = (
            ""
            if address.street or not address.alleys
            else str(np.round(metres[index].mean(axis=0) / 400).astype(int))
        )
        one = by_name.setdefault(f"{fold(way.name)}|{spot}", _Named(way.name, address))
        one.ways.append(index)
    return list(by_name.values())


def _touching(named: Sequence[_Named], metres: Sequence[Floats]) -> list[set[int]]:
    """For each named street, the others that share a point with it."""
    at: dict[tuple[int, int], set[int]] = {}
    points = [
        {tuple(point) for way in one.ways for point in np.round(metres[way]).astype(int).tolist()}
        for one in named
    ]
    for index, own in enumerate(points):
        for point in own:
            at.setdefault(point, set()).add(index)
    return [
        set().union(*(at[point] for point in own)) - {index} if own else set()
        for index, own in enumerate(points)
    ]


def _hang(named: Sequence[_Named], streets: Sequence[Street], touching: Sequence[set[int]]) -> None:
    """Set each alley's parent."""
    by_key: dict[str, int] = {}
    for index, one in enumerate(named):
        if not one.alley:
            by_key.setdefault(street_key(one.name), index)
    for index, one in enumerate(named):
        if not one.alley:
            continue
        shallower = [other for other in touching[index] if named[other].depth < one.depth]
        named_root = (
            by_key.get(street_key(one.address.street)) if one.address.street and one.depth == 1 else None
        )
        if named_root is not None:
            streets[index].parent = streets[named_root]
        elif shallower:
            begins = one.alley[1].rsplit("/", 1)[0]
            best = max(shallower, key=lambda other: (streets[other].number == begins, named[other].depth))
            streets[index].parent = streets[best]
        elif one.address.street and street_key(one.address.street) in by_key:
            streets[index].parent = streets[by_key[street_key(one.address.street)]]


def ensure_premises(unit: Unit, drafts: Sequence[PremisesDraft], source: Source) -> list[int]:
    """Find or make the premises that each draft describes. Returns their ids in the order of the drafts.

    Two drafts are one premises when their folded addresses and floors agree; a draft's `block` is made first, as
    the premises that its apartments are part of.
    """
    blocks = {draft.block for draft in drafts if draft.block}
    if blocks:
        of_block = {draft.block: draft for draft in drafts if draft.block}
        block_drafts = [
            PremisesDraft(
                block,
                Premises.Kind.BLOCK,
                of_block[block].number,
                of_block[block].way,
                of_block[block].group,
                block,
            )
            for block in sorted(blocks)
        ]
        parents = dict(zip(sorted(blocks), ensure_premises(unit, block_drafts, source), strict=True))
    else:
        parents = {}
    have = {
        (address, floor): pk
        for pk, address, floor in unit.premises.values_list("pk", "address_fold", "floor").iterator(
            chunk_size=5000
        )
    }
    ways = _WayFinder(unit)
    fresh: dict[tuple[str, int | None], Premises] = {}
    keys = []
    for draft in drafts:
        key = (fold(draft.address)[:300], draft.floor)
        keys.append(key)
        if key in have or key in fresh:
            continue
        given = draft.latitude is not None and draft.longitude is not None
        fresh[key] = Premises(
            unit=unit,
            group=draft.group[:60],
            kind=draft.kind,
            parent_id=parents.get(draft.block),
            street_id=ways.find(draft.way),
            number=draft.number[:40],
            name=draft.name[:160],
            floor=draft.floor,
            address=clean(draft.address)[:300],
            address_fold=key[0],
            latitude=draft.latitude if given else None,
            longitude=draft.longitude if given else None,
            placing=Premises.Placing.GIVEN if given else Premises.Placing.UNIT,
            source=source,
        )
    with transaction.atomic():
        Premises.objects.bulk_create(fresh.values(), batch_size=BATCH)
    have.update({key: one.pk for key, one in fresh.items()})
    return [have[key] for key in keys]


class _WayFinder:
    """Finds a unit's street or alley from the text of an address."""

    def __init__(self, unit: Unit) -> None:
        rows = list(unit.streets.values_list("pk", "name", "kind", "number", "parent_id"))
        parent = {pk: up for pk, _, _, _, up in rows}
        name = {pk: text for pk, text, *_ in rows}
        self._by_key: dict[tuple[str, str, str], int] = {}
        self._known: dict[str, int | None] = {}
        for pk, text, kind, number, _ in rows:
            root, seen = pk, {pk}
            while (up := parent.get(root)) is not None and up not in seen:
                root = up
                seen.add(up)
            address = parse(text)
            street = street_key(address.street or (name[root] if root != pk or not number else ""))
            self._by_key.setdefault((kind, number, street), pk)
            if number:
                self._by_key.setdefault((kind, number, ""), pk)

    def find(self, way: str) -> int | None:
        """The street's id: the innermost alley that is known, else the street itself, else None."""
        if way not in self._known:
            self._known[way] = self._search(parse(way))
        return self._known[way]

    def _search(self, address: Address) -> int | None:
        street = street_key(address.street or address.rest)
        for kind, number in reversed(address.alleys):
            for key in ((kind, number, street), (kind, number, "")):
                if key in self._by_key and (key[2] or not street):
                    return self._by_key[key]
        return self._by_key.get((Street.Kind.STREET, "", street)) if street else None


@dataclass
class PlacingReport:
    """What became of the premises of a unit: how many were placed how, and ids whose given position is doubtful."""

    given: int = 0
    on_alley: int = 0
    unplaced: int = 0
    outside: list[int] = field(default_factory=list)


def place_premises(unit: Unit) -> PlacingReport:
    """Put every premises that has no place on the network yet onto it.

    A given position goes to the nearest street; one outside the unit's boundary (swapped, in the sea, a typing
    error) is reported and treated as not given. The rest are spread along their alley by house number; apartments
    stand where their block does. Premises on no known alley keep no position.
    """
    report = PlacingReport()
    stored = StreetNetwork.objects.filter(unit=unit).first()
    if stored is None:
        report.unplaced = unit.premises.filter(latitude=None).count()
        return report
    network = graph.unpack(bytes(stored.arrays))
    projection = graph.Projection(stored.origin_latitude, stored.origin_longitude)
    _find_streets_again(unit)
    fields = ("pk", "latitude", "longitude", "street_id", "number", "parent_id", "placing")
    rows = list(unit.premises.filter(edge=None).values_list(*fields))
    updates = _snap_given(unit, [row for row in rows if row[1] is not None], network, projection, report)
    done = {update[-1] for update in updates}
    by_street: dict[int, list[tuple[int, str]]] = {}
    inside: list[tuple[int, int]] = []
    for pk, _, _, street, number, parent, _ in rows:
        if pk in done:
            continue
        if parent is not None:
            inside.append((pk, parent))
        elif street is not None:
            by_street.setdefault(street, []).append((pk, number))
        else:
            report.unplaced += 1
    updates += _spread(by_street, network, projection, report)
    updates += _with_their_block(unit, inside, updates, report)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE territory_premises SET latitude=%s, longitude=%s, edge=%s, edge_offset=%s, placing=%s WHERE id=%s",
            updates,
        )
    return report


def _find_streets_again(unit: Unit) -> None:
    """Look up the street of premises that have none, since streets may have been loaded after the premises."""
    ways = _WayFinder(unit)
    lost = unit.premises.filter(street=None).values_list("pk", "address")
    found = [(ways.find(parse(address).way()), pk) for pk, address in lost]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE territory_premises SET street_id=%s WHERE id=%s",
            [pair for pair in found if pair[0] is not None],
        )


_Update = tuple[float | None, float | None, int | None, float | None, str, int]


def _snap_given(
    unit: Unit,
    rows: Sequence[tuple[int, float, float, int | None, str, int | None, str]],
    network: PackedNetwork,
    projection: graph.Projection,
    report: PlacingReport,
) -> list[_Update]:
    """Updates for premises that came with a position."""
    if not rows:
        return []
    latitude, longitude = (np.array([row[column] for row in rows], dtype=float) for column in (1, 2))
    believable = _believable(unit, latitude, longitude)
    report.outside = [row[0] for row, good in zip(rows, believable, strict=True) if not good]
    edge, offset, _ = graph.snap(network, projection.to_metres(longitude, latitude))
    report.given = int(believable.sum())
    return [
        (row[1], row[2], int(on), float(at), row[6], row[0])
        for row, on, at, good in zip(rows, edge, offset, believable, strict=True)
        if good
    ]


def _believable(unit: Unit, latitude: Floats, longitude: Floats) -> NDArray[np.bool_]:
    """Whether positions lie within the unit's boundary and 200 m round it, or within 30 km where it has none."""
    if unit.boundary:
        return np.asarray(
            shapely.contains_xy(shapely.from_wkb(bytes(unit.boundary)).buffer(0.002), longitude, latitude)
        )
    if unit.latitude is None or unit.longitude is None:
        return np.ones(len(latitude), dtype=bool)
    return np.hypot(latitude - unit.latitude, longitude - unit.longitude) < 0.3


def _spread(
    by_street: dict[int, list[tuple[int, str]]],
    network: PackedNetwork,
    projection: graph.Projection,
    report: PlacingReport,
) -> list[_Update]:
    """Updates for premises that are spread along their street or alley."""
    updates: list[_Update] = []
    for street, houses in by_street.items():
        spot = along_street(network, street, [number for _, number in houses])
        if spot is None:
            report.unplaced += len(houses)
            continue
        longitude, latitude = projection.to_degrees(spot.xy)
        updates += [
            (float(lat), float(lon), int(edge), float(offset), Premises.Placing.ALLEY.value, pk)
            for (pk, _), lat, lon, edge, offset in zip(
                houses, latitude, longitude, spot.edge, spot.offset, strict=True
            )
        ]
        report.on_alley += len(houses)
    return updates


def _with_their_block(
    unit: Unit, inside: Sequence[tuple[int, int]], updates: Sequence[_Update], report: PlacingReport
) -> list[_Update]:
    """Updates for apartments, which stand where their block does."""
    fields = ("pk", "latitude", "longitude", "edge", "edge_offset", "placing")
    blocks = {row[0]: row[1:] for row in unit.premises.filter(kind=Premises.Kind.BLOCK).values_list(*fields)}
    blocks |= {update[-1]: update[:-1] for update in updates}
    placed: list[_Update] = []
    for pk, parent in inside:
        where = blocks.get(parent)
        if where is None or where[2] is None:
            report.unplaced += 1
        else:
            placed.append((*where, pk))
            report.on_alley += 1
    return placed
