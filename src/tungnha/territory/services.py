"""Every write of places: sources, units, changes of units, streets with their network, premises."""

import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import shapely
from django.db import connection, transaction
from django.db.models import Max
from numpy.typing import NDArray

from tungnha.planning.ground import Floats
from tungnha.planning.ground import StreetNetwork as PackedNetwork
from tungnha.territory import alleys
from tungnha.territory import network as graph
from tungnha.territory.models import (
    Barrier,
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


class PremisesDraft(NamedTuple):
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
    """Make the units of one era, or refresh those of which the rows say something else.

    Parents must come before their children. Returns how many there are.
    """
    have = {unit.code: unit for unit in Unit.objects.filter(scheme=scheme, valid_from=valid_from)}
    count = 0
    levels: dict[int, list[UnitRow]] = {}
    depth: dict[str, int] = {"": -1}
    for row in rows:
        depth[row.code] = depth[row.parent] + 1
        levels.setdefault(depth[row.code], []).append(row)
    for level in sorted(levels):
        fresh: list[Unit] = []
        changed: list[Unit] = []
        for row in levels[level]:
            unit = have.setdefault(row.code, Unit(scheme=scheme, code=row.code, valid_from=valid_from))
            parent = have[row.parent] if row.parent else None
            said = {
                "valid_to": valid_to,
                "kind": row.kind,
                "name": clean(row.name),
                "name_fold": fold(row.name),
                "latitude": row.latitude,
                "longitude": row.longitude,
                "area_km2": row.area_km2,
            }
            if unit.pk is None:
                fresh.append(unit)
            elif unit.path != _path(parent, unit) or any(
                getattr(unit, name) != value for name, value in said.items()
            ):
                changed.append(unit)
            else:
                continue
            for name, value in said.items():
                setattr(unit, name, value)
            unit.parent, unit.source = parent, source
        Unit.objects.bulk_create(fresh, batch_size=BATCH)
        for unit in (*fresh, *changed):
            unit.path = _path(unit.parent, unit)
        Unit.objects.bulk_update(fresh, ["path"], batch_size=BATCH)
        Unit.objects.bulk_update(changed, [*said, "parent", "source", "path"], batch_size=BATCH)
        count += len(levels[level])
    return count


def _path(parent: Unit | None, unit: Unit) -> str:
    return f"{parent.path if parent else '/'}{unit.pk}/"


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


def load_streets(unit: Unit, ways: Sequence[Way], source: Source) -> StreetNetwork:
    """Replace a unit's streets and its walkable network by these ways.

    Premises keep the positions that a list or a map gave them; those that were only placed on an alley lose theirs
    until `place_premises` places them on the new ones.
    """
    lines = [np.asarray(way.lonlat, dtype=float) for way in ways]
    latitude, longitude = _origin(unit, lines)
    projection = graph.Projection(latitude, longitude)
    metres = [projection.to_metres(line[:, 0], line[:, 1]) for line in lines]
    named = alleys.group_by_name([way.name for way in ways], metres)
    owner = np.full(len(ways), -1, dtype=np.int64)
    for index, one in enumerate(named):
        owner[one.ways] = index
    network = graph.build(metres, owner.tolist())
    parents = alleys.hang(named, network)
    with transaction.atomic():
        unit.streets.all().delete()
        streets = [
            Street(
                unit=unit,
                kind=_KIND_BY_ALLEY[one.alley[0]] if one.alley else Street.Kind.STREET,
                name=one.name,
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
        for street, parent in zip(streets, parents, strict=True):
            street.parent = streets[parent] if parent is not None else None
        Street.objects.bulk_update(streets, ["parent"], batch_size=BATCH)
        key = np.array([street.pk for street in streets] + [-1], dtype=np.int32)
        stored, _ = StreetNetwork.objects.update_or_create(
            unit=unit,
            defaults={
                "arrays": graph.pack(replace(network, street=key[network.street])),
                "origin_latitude": latitude,
                "origin_longitude": longitude,
                "nodes": len(network.xy),
                "edges": len(network.edges),
                "source": source,
            },
        )
        unit.premises.exclude(edge=None).update(edge=None, edge_offset=None)
        unit.premises.filter(placing=Premises.Placing.ALLEY).update(
            latitude=None, longitude=None, placing=Premises.Placing.UNIT
        )
    _find_streets_again(unit)
    return stored


def _origin(unit: Unit, lines: Sequence[Floats]) -> tuple[float, float]:
    if lines:
        middle = np.vstack(lines).mean(axis=0)
        return float(middle[1]), float(middle[0])
    return unit.latitude or 0.0, unit.longitude or 0.0


def _way_index(unit: Unit) -> alleys.WayIndex:
    return alleys.WayIndex(unit.streets.order_by("pk").values_list("pk", "name", "parent_id"))


def _find_streets_again(unit: Unit) -> None:
    """Look up the street of premises that have none, since streets may be loaded after the premises.

    A block whose own address names no street is on the street of its apartments.
    """
    ways = _way_index(unit)
    found: dict[int, int] = {}
    lost = unit.premises.filter(street=None).order_by("pk")
    for pk, address, number, parent in lost.values_list("pk", "address", "number", "parent_id"):
        street = ways.find(address, number)
        if street is not None:
            found[pk] = street
            if parent is not None:
                found.setdefault(parent, street)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE territory_premises SET street_id=%s WHERE id=%s",
            [(street, pk) for pk, street in found.items()],
        )


def ensure_premises(unit: Unit, drafts: Sequence[PremisesDraft], source: Source) -> list[int]:
    """Find or make the premises that each draft describes. Returns their ids in the order of the drafts."""
    return PremisesOf(unit, source).ensure(drafts)


class PremisesOf:
    """A unit's premises while a list comes in part by part.

    Two drafts are one premises when their folded addresses and floors agree; a house whose street and number are on
    the map is the map's premises. A draft's `block` is made first, as the premises that its apartments are part of.
    """

    def __init__(self, unit: Unit, source: Source) -> None:
        self._unit = unit
        self._source = source
        self._ways = _way_index(unit)
        self._mapped: dict[tuple[int | None, str], int] = {}
        self._ids: dict[tuple[str, int | None], int] = {}
        fields = ("pk", "address_fold", "floor", "placing", "street_id", "number")
        for pk, address, floor, placing, street, number in unit.premises.values_list(*fields).iterator(
            chunk_size=5000
        ):
            self._ids[address, floor] = pk
            if placing == Premises.Placing.MAPPED and number:
                self._mapped.setdefault((street, fold(number)), pk)

    def ensure(self, drafts: Sequence[PremisesDraft]) -> list[int]:
        """Find or make the premises that each draft describes. Returns their ids in the order of the drafts."""
        blocks = _blocks(drafts)
        parents = dict(zip(blocks, self._ensure(list(blocks.values()), {}), strict=True))
        return self._ensure(drafts, parents)

    def _ensure(self, drafts: Sequence[PremisesDraft], parents: Mapping[str, int]) -> list[int]:
        keys = [(fold(draft.address)[:300], draft.floor) for draft in drafts]
        fresh: dict[tuple[str, int | None], tuple[Any, ...]] = {}
        groups: dict[int, str] = {}
        for key, draft in zip(keys, drafts, strict=True):
            if key in self._ids or key in fresh:
                continue
            said = _said(self._unit, draft, self._ways, self._source)
            street = said["street_id"]
            found = self._mapped.get((street, fold(draft.number))) if self._mapped and draft.number else None
            if found is not None and street and not draft.block and draft.floor is None:
                self._ids[key] = found
                if said["group"]:
                    groups.setdefault(found, said["group"])
            else:
                fresh[key] = _premises_row(said | {"parent_id": parents.get(draft.block)})
        self._store(list(fresh.values()), groups)
        return [self._ids[key] for key in keys]

    def _store(self, rows: Sequence[tuple[Any, ...]], groups: Mapping[int, str]) -> None:
        """Write new premises, note their ids, and give groups to premises of the map that have none."""
        if not rows and not groups:
            return
        last = Premises.objects.aggregate(last=Max("pk"))["last"] or 0
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(_PREMISES, rows)
            cursor.executemany(
                'UPDATE territory_premises SET "group"=%s WHERE id=%s AND "group"=%s',
                [(group, pk, "") for pk, group in groups.items()],
            )
        made = self._unit.premises.filter(pk__gt=last).values_list("pk", "address_fold", "floor")
        for pk, address, floor in made.iterator(chunk_size=5000):
            self._ids.setdefault((address, floor), pk)


_COLUMNS = [column for column in Premises._meta.concrete_fields if not column.primary_key]  # noqa: SLF001
_EMPTY = {column.attname: column.get_default() for column in _COLUMNS}
_PICK = operator.itemgetter(*_EMPTY)
_NAMES = ", ".join(f'"{column.column}"' for column in _COLUMNS)
_PREMISES = f"INSERT INTO territory_premises ({_NAMES}) VALUES ({', '.join(['%s'] * len(_COLUMNS))})"  # noqa: S608
"""Storing a hundred thousand premises takes half as long with this as with bulk_create."""


def _premises_row(said: Mapping[str, Any]) -> tuple[Any, ...]:
    row: tuple[Any, ...] = _PICK({**_EMPTY, **said})
    return row


def _blocks(drafts: Iterable[PremisesDraft]) -> dict[str, PremisesDraft]:
    """The blocks that drafts are in, by name, each as the first of its apartments describes it."""
    found: dict[str, PremisesDraft] = {}
    for one in drafts:
        if one.block and one.block not in found:
            found[one.block] = PremisesDraft(
                address=one.block,
                kind=Premises.Kind.BLOCK,
                number=one.number,
                way=one.way or one.address,
                group=one.group,
                name=one.block,
            )
    return found


def _said(
    unit: Unit,
    draft: PremisesDraft,
    ways: alleys.WayIndex,
    source: Source,
    placing: str = Premises.Placing.GIVEN,
) -> dict[str, Any]:
    """What a draft says of a premises, by column; `placing` says where its position comes from if it has one."""
    positioned = draft.latitude is not None and draft.longitude is not None
    address = clean(draft.address)
    return {
        "unit_id": unit.pk,
        "group": draft.group[:60],
        "kind": str(draft.kind),
        "street_id": ways.find(draft.way or draft.address, draft.number),
        "number": draft.number[:40],
        "name": draft.name[:160],
        "floor": draft.floor,
        "address": address[:300],
        "address_fold": fold(address)[:300],
        "latitude": draft.latitude if positioned else None,
        "longitude": draft.longitude if positioned else None,
        "placing": str(placing if positioned else Premises.Placing.UNIT),
        "source_id": source.pk,
    }


def record_mapped(unit: Unit, drafts: Iterable[PremisesDraft], source: Source) -> tuple[int, int]:
    """Record the premises that a map shows, each with its position, found again by address or by street and number.

    Those that a list brought before get the map's position, unless the list gave one. Returns how many are new, and
    how many of those that were there got their position from the map.
    """
    ways = _way_index(unit)
    known: dict[tuple[int, str] | str, Premises] = {}
    for one in unit.premises.filter(parent=None, floor=None).order_by("pk"):
        known.setdefault(one.address_fold, one)
        if one.street_id and one.number:
            known.setdefault((one.street_id, fold(one.number)), one)
    fresh: list[Premises] = []
    moved: dict[int, Premises] = {}
    shown: set[int] = set()
    for draft in drafts:
        made = Premises(**_said(unit, draft, ways, source, Premises.Placing.MAPPED))
        by_number = (
            (made.street_id, fold(made.number)) if made.street_id and made.number else made.address_fold
        )
        found = known.get(made.address_fold) or known.get(by_number)
        if found is None:
            fresh.append(made)
            known[made.address_fold] = known[by_number] = made
        elif found.pk and found.pk not in shown and _moves(found, made):
            found.latitude, found.longitude, found.placing = made.latitude, made.longitude, made.placing
            found.edge = found.edge_offset = None
            moved[found.pk] = found
        if found is not None and found.pk:
            shown.add(found.pk)  # what a map shows twice stands where it shows it first
    with transaction.atomic():
        Premises.objects.bulk_create(fresh, batch_size=BATCH)
        Premises.objects.bulk_update(
            moved.values(), ["latitude", "longitude", "placing", "edge", "edge_offset"], batch_size=BATCH
        )
    return len(fresh), len(moved)


def _moves(found: Premises, made: Premises) -> bool:
    """Whether the map's position is better than the one that is known."""
    same = (found.latitude, found.longitude) == (made.latitude, made.longitude)
    return found.placing != Premises.Placing.GIVEN and not (found.placing == made.placing and same)


def load_barriers(unit: Unit, lines: Iterable[tuple[str, shapely.Geometry]], source: Source) -> int:
    """Replace the lines that no turf of a unit may cross. Returns how many there are."""
    barriers = [
        Barrier(unit=unit, name=clean(name)[:160], geometry=shapely.to_wkb(line), source=source)
        for name, line in lines
    ]
    with transaction.atomic():
        unit.barriers.all().delete()
        Barrier.objects.bulk_create(barriers, batch_size=BATCH)
    return len(barriers)


@dataclass
class PlacingReport:
    """What became of the premises of a unit: how many were placed how, and ids whose given position was not believed."""

    given: int = 0
    on_alley: int = 0
    unplaced: int = 0
    outside: list[int] = field(default_factory=list)


_Update = tuple[float | None, float | None, int | None, float | None, str, int]
_House = tuple[int, str, int, float]
"""Id, number within its alley, edge it stands on (-1: to be placed), metres along that edge."""


def place_premises(unit: Unit) -> PlacingReport:
    """Put every premises that has no place on the network yet onto it.

    A given or mapped position goes to the nearest street; one outside the unit's boundary (swapped, in the sea, a
    typing error) is reported and dropped. The rest go along their alley, between the house numbers that already stand
    there; apartments stand where their block does. Premises on no known alley keep no position.
    """
    report = PlacingReport()
    stored = StreetNetwork.objects.filter(unit=unit).first()
    if stored is None:
        report.unplaced = unit.premises.filter(latitude=None).count()
        return report
    network = graph.unpack(bytes(stored.arrays))
    projection = graph.Projection(stored.origin_latitude, stored.origin_longitude)
    fields = ("pk", "latitude", "longitude", "street_id", "number", "parent_id", "placing")
    rows = list(unit.premises.filter(edge=None).values_list(*fields))
    positioned = [row for row in rows if row[1] is not None and row[6] in _POSITIONED]
    updates = _snap_given(unit, positioned, network, projection, report)
    done = {update[-1] for update in updates if update[2] is not None}
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
    updates += _spread(unit, by_street, updates, network=network, projection=projection, report=report)
    updates += _with_their_block(unit, inside, updates, report)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            'UPDATE territory_premises SET latitude=%s, longitude=%s, edge=%s, edge_offset=%s, "placing"=%s WHERE id=%s',
            updates,
        )
    return report


_POSITIONED = frozenset({Premises.Placing.GIVEN.value, Premises.Placing.MAPPED.value})


def _snap_given(
    unit: Unit,
    rows: Sequence[tuple[int, float, float, int | None, str, int | None, str]],
    network: PackedNetwork,
    projection: graph.Projection,
    report: PlacingReport,
) -> list[_Update]:
    """Updates for premises that came with a position: onto the network, or without position where it is not believed."""
    if not rows:
        return []
    latitude, longitude = (np.array([row[column] for row in rows], dtype=float) for column in (1, 2))
    inside = believable(unit, latitude, longitude)
    report.outside = [row[0] for row, good in zip(rows, inside, strict=True) if not good]
    edge, offset, _ = graph.snap(network, projection.to_metres(longitude, latitude))
    report.given = int(inside.sum())
    return [
        (row[1], row[2], int(on), float(at), row[6], row[0])
        if good
        else (None, None, None, None, Premises.Placing.UNIT.value, row[0])
        for row, on, at, good in zip(rows, edge, offset, inside, strict=True)
    ]


def believable(unit: Unit, latitude: Floats, longitude: Floats) -> NDArray[np.bool_]:
    """Whether positions lie within the unit's boundary and 200 m round it, or within 30 km where it has none."""
    if unit.boundary:
        return np.asarray(
            shapely.contains_xy(shapely.from_wkb(bytes(unit.boundary)).buffer(0.002), longitude, latitude)
        )
    if unit.latitude is None or unit.longitude is None:
        return np.ones(len(latitude), dtype=bool)
    return np.hypot(latitude - unit.latitude, longitude - unit.longitude) < 0.3


def _spread(
    unit: Unit,
    by_street: dict[int, list[tuple[int, str]]],
    snapped: Sequence[_Update],
    *,
    network: PackedNetwork,
    projection: graph.Projection,
    report: PlacingReport,
) -> list[_Update]:
    """Updates for premises that go along their street or alley, among those that already stand on it."""
    kinds = {pk: (kind, number) for pk, kind, number in unit.streets.values_list("pk", "kind", "number")}
    standing = _standing(unit, by_street.keys(), snapped)
    updates: list[_Update] = []
    for street, fresh in by_street.items():
        kind, alley = kinds[street]
        houses: list[_House] = [(pk, number, -1, 0.0) for pk, number in fresh] + standing.get(street, [])
        spot = along_street(
            network,
            street,
            [number.removeprefix(f"{alley}/") if alley else number for _, number, _, _ in houses],
            standing=(np.array([house[2] for house in houses]), np.array([house[3] for house in houses])),
            by_side=kind == Street.Kind.STREET,
        )
        if spot is None:
            report.unplaced += len(fresh)
            continue
        longitude, latitude = projection.to_degrees(spot.xy)
        updates += [
            (float(lat), float(lon), int(edge), float(offset), Premises.Placing.ALLEY.value, pk)
            for (pk, _), lat, lon, edge, offset in zip(
                fresh, latitude, longitude, spot.edge, spot.offset, strict=False
            )
        ]
        report.on_alley += len(fresh)
    return updates


def _standing(unit: Unit, streets: Iterable[int], snapped: Sequence[_Update]) -> dict[int, list[_House]]:
    """The numbered premises of streets that already stand on the network, just now or before, by street."""
    wanted = set(streets)
    if not wanted:
        return {}
    now = {update[-1]: (update[2], update[3]) for update in snapped}
    numbered = unit.premises.filter(parent=None).exclude(street=None).exclude(number="").order_by("pk")
    if not now:
        numbered = numbered.exclude(edge=None)
    found: dict[int, list[_House]] = {}
    for pk, street, number, edge, offset in numbered.values_list(
        "pk", "street_id", "number", "edge", "edge_offset"
    ).iterator(chunk_size=5000):
        on, at = now.get(pk, (edge, offset))
        if street in wanted and on is not None and at is not None:
            found.setdefault(street, []).append((pk, number, on, at))
    return found


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
