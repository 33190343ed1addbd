"""Places from files: Vietnam's tables of units, OpenStreetMap extracts, GeoJSON and GeoPackage."""

import csv
import hashlib
import importlib.util
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import shapely
from django.utils.translation import gettext as _

from tungnha.territory import services
from tungnha.territory.models import BEFORE_RECORDS, Source, Unit
from tungnha.territory.services import SuccessionRow, UnitRow, Way

REFORM = date(2025, 7, 1)
"""The day on which districts ended and 10,040 communes became 3,321 (QĐ 19/2025/QĐ-TTg has the codes)."""

OSM_LICENCE = "ODbL 1.0"
OSM_ATTRIBUTION = "© OpenStreetMap contributors"
WALKABLE = frozenset(
    [
        "trunk",
        "primary",
        "secondary",
        "tertiary",
        "unclassified",
        "residential",
        "living_street",
        "service",
        "pedestrian",
        "footway",
        "path",
        "track",
        "steps",
        "road",
        "trunk_link",
        "primary_link",
        "secondary_link",
        "tertiary_link",
        "corridor",
    ]
)
_KIND = {
    "Phường": Unit.Kind.WARD, "Xã": Unit.Kind.COMMUNE, "Thị trấn": Unit.Kind.TOWNSHIP, "Đặc khu": Unit.Kind.SPECIAL_ZONE,
}  # fmt: skip
_POPULATIONS = Path(__file__).parent / "data" / "hanoi_2025_population.csv"


class PlacesError(Exception):
    """A file of places that cannot be used. The message says which, where and why."""


@dataclass(frozen=True)
class UnitsLoaded:
    """How many units of each era and how many pairs between them were loaded; pairs whose codes are unknown."""

    before: int
    since: int
    pairs: int
    unknown: list[str]


def _tables() -> Path:
    spec = importlib.util.find_spec("vietnamadminunits")
    if spec is None or not spec.submodule_search_locations:
        raise PlacesError(
            _(
                "The tables of Vietnam's units are not installed. Run: pip install --no-deps vietnamadminunits==1.0.4"
            )
        )
    return Path(spec.submodule_search_locations[0]) / "data"


def load_vietnam(provinces: Iterable[str] = ()) -> UnitsLoaded:
    """Load the units of both eras and the change between them, of some provinces (today's codes) or all.

    Only the package's tables are read. It is never imported, since its look-up of addresses asks an outside service.
    """
    folder = _tables()
    wanted = set(provinces)
    with sqlite3.connect(f"file:{folder / 'dataset.db'}?mode=ro", uri=True) as database:
        database.row_factory = sqlite3.Row
        new = [
            row
            for row in database.execute("SELECT * FROM admin_units WHERE wardCode IS NOT NULL")
            if not wanted or row["provinceCode"] in wanted
        ]
        old = list(database.execute("SELECT * FROM admin_units_legacy"))
    converter = json.loads((folder / "converter_2025.json").read_text(encoding="utf-8"))
    keys = {row["provinceKey"] for row in new}
    origins = {key for province in keys for key in converter["DICT_PROVINCE"].get(province, [province])}
    old = [row for row in old if row["provinceKey"] in origins]
    source = services.record_source(
        "vietnamadminunits 1.0.4",
        licence="MIT",
        sha256=hashlib.sha256((folder / "converter_2025.json").read_bytes()).hexdigest(),
    )
    before = services.load_units(_old_rows(old), source, valid_from=BEFORE_RECORDS, valid_to=REFORM)
    since = services.load_units(_new_rows(new), source, valid_from=REFORM, valid_to=None)
    pairs = list(_pairs(converter, keys, old, new))
    unknown = services.record_change("Nghị quyết của UBTVQH về sắp xếp ĐVHC cấp xã 2025", REFORM, pairs)
    _load_populations()
    return UnitsLoaded(before, since, len(pairs) - len(unknown), unknown)


def _province_kind(name: str) -> str:
    return Unit.Kind.CITY if name.startswith("Thành phố") else Unit.Kind.PROVINCE


def _old_rows(rows: list[sqlite3.Row]) -> Iterator[UnitRow]:
    """Provinces, districts and wards until 30 June 2025; five island districts had no wards."""
    seen: set[str] = set()
    for row in rows:
        province, district = row["provinceCode"], row["districtCode"]
        if province not in seen:
            seen.add(province)
            yield UnitRow(
                province,
                row["province"],
                _province_kind(row["province"]),
                "",
                row["provinceLat"],
                row["provinceLon"],
            )
        if district not in seen:
            seen.add(district)
            yield UnitRow(
                district,
                row["district"],
                Unit.Kind.DISTRICT,
                province,
                row["districtLat"],
                row["districtLon"],
            )
        if row["wardCode"]:
            kind = _KIND.get(row["wardType"], Unit.Kind.COMMUNE)
            yield UnitRow(row["wardCode"], row["ward"], kind, district, row["wardLat"], row["wardLon"])


def _new_rows(rows: list[sqlite3.Row]) -> Iterator[UnitRow]:
    """Provinces and wards since 1 July 2025."""
    seen: set[str] = set()
    for row in rows:
        province = row["provinceCode"]
        if province not in seen:
            seen.add(province)
            yield UnitRow(
                province,
                row["province"],
                _province_kind(row["province"]),
                "",
                row["provinceLat"],
                row["provinceLon"],
            )
        kind = _KIND.get(row["wardType"], Unit.Kind.COMMUNE)
        yield UnitRow(
            row["wardCode"], row["ward"], kind, province, row["wardLat"], row["wardLon"], row["wardAreaKm2"]
        )


def _pairs(
    converter: dict[str, dict[str, dict[str, list[object]]]],
    provinces: set[str],
    old: list[sqlite3.Row],
    new: list[sqlite3.Row],
) -> Iterator[SuccessionRow]:
    """Old → new pairs: whole ones, then those of old units that were divided."""
    old_code = {
        f"{row['provinceKey']}_{row['districtKey']}_{row['wardKey'] or ''}": row["wardCode"]
        or row["districtCode"]
        for row in old
    }
    new_code = {(row["provinceKey"], row["wardKey"]): row["wardCode"] for row in new}
    for province in sorted(provinces):
        for ward, origins in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].get(province, {}).items():
            for key in origins:
                yield SuccessionRow(
                    old_code.get(str(key), str(key)), new_code.get((province, ward), ward), whole=True
                )
        for key, parts in converter["DICT_PROVINCE_WARD_DIVIDED"].get(province, {}).items():
            for part in parts:
                assert isinstance(part, dict)
                ward = str(part["newWardKey"])
                yield SuccessionRow(old_code.get(key, key), new_code.get((province, ward), ward), whole=False)


def _load_populations() -> None:
    """Hanoi's 126 units as the state publisher gave them for 1 July 2025."""
    with _POPULATIONS.open(encoding="utf-8") as file:
        people = {row["code"]: int(row["people"]) for row in csv.DictReader(file)}
    source = services.record_source(
        "Niêm yết dân số 126 phường, xã Hà Nội, 1/7/2025 (NXB Tài nguyên – Môi trường và Bản đồ)"
    )
    units = Unit.objects.filter(scheme="vn", valid_from=REFORM, code__in=people)
    services.record_populations([(unit, people[unit.code]) for unit in units], REFORM, source)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _osm_source(path: Path) -> Source:
    return services.record_source(
        path.name, licence=OSM_LICENCE, attribution=OSM_ATTRIBUTION, sha256=_digest(path)
    )


def read_ways(path: Path) -> list[Way]:
    """Walkable ways of an OpenStreetMap extract (`.osm.pbf`, `.osm`) or of a GeoJSON made from one.

    Raises PlacesError where the file is missing, empty, of another kind, or holds no street.
    """
    if not path.is_file() or path.stat().st_size == 0:
        raise PlacesError(_("%(file)s is missing or empty.") % {"file": path.name})
    try:
        ways = _ways_from_geojson(path) if path.suffix in {".geojson", ".json"} else _ways_from_osm(path)
    except (RuntimeError, ValueError, KeyError, OSError) as error:
        raise PlacesError(
            _("%(file)s cannot be read as a map: %(reason)s") % {"file": path.name, "reason": error}
        ) from error
    if not ways:
        raise PlacesError(_("%(file)s holds no street that can be walked.") % {"file": path.name})
    return ways


def _ways_from_osm(path: Path) -> list[Way]:
    import osmium  # noqa: PLC0415 - slow to load

    ways = []
    processor = (
        osmium.FileProcessor(str(path)).with_locations().with_filter(osmium.filter.KeyFilter("highway"))
    )
    for thing in processor:
        if not isinstance(thing, osmium.osm.Way) or thing.tags.get("highway") not in WALKABLE:
            continue
        points = [(node.lon, node.lat) for node in thing.nodes if node.location.valid()]
        if len(points) > 1:
            ways.append(Way(thing.tags.get("name") or "", thing.tags["highway"], np.array(points), thing.id))
    return ways


def _ways_from_geojson(path: Path) -> list[Way]:
    document = json.loads(path.read_text(encoding="utf-8"))
    ways = []
    for feature in document["features"]:
        properties, shape = feature["properties"] or {}, feature["geometry"]
        if shape and shape["type"] == "LineString" and properties.get("highway") in WALKABLE:
            lonlat = np.array([point[:2] for point in shape["coordinates"]], dtype=float)
            if len(lonlat) > 1:
                ways.append(
                    Way(
                        properties.get("name") or "",
                        properties["highway"],
                        lonlat,
                        int(properties.get("osm_id") or 0),
                    )
                )
    return ways


def import_streets(unit: Unit, path: Path, *, margin_metres: float = 30.0) -> int:
    """Load a unit's streets from an extract, cut to its boundary and a margin. Returns the edges of its network.

    A unit without a boundary takes every way of the extract. Raises PlacesError, also where none lies in the unit.
    """
    ways = read_ways(path)
    if unit.boundary:
        area = shapely.from_wkb(bytes(unit.boundary)).buffer(margin_metres / 111_195)
        ways = list(_clip(ways, area))
        if not ways:
            raise PlacesError(
                _("%(file)s has no street inside %(unit)s.") % {"file": path.name, "unit": unit.name}
            )
    return services.load_streets(unit, ways, _osm_source(path)).edges


def _clip(ways: list[Way], area: shapely.Geometry) -> Iterator[Way]:
    shapely.prepare(area)
    for way in ways:
        line = shapely.linestrings(way.lonlat)
        if not shapely.intersects(area, line):
            continue
        kept = line if shapely.contains(area, line) else shapely.intersection(line, area)
        for part in shapely.get_parts(kept):
            if shapely.get_type_id(part) == shapely.GeometryType.LINESTRING:
                yield Way(way.name, way.highway, shapely.get_coordinates(part), way.osm_id)


def import_boundaries(path: Path, *, code_field: str = "code", scheme: str = "vn") -> tuple[int, list[str]]:
    """Give today's units their boundaries from a GeoJSON or GeoPackage file.

    Returns how many were set, and the codes that name no unit of today.
    """
    import pyogrio  # noqa: PLC0415 - carries GDAL

    if not path.is_file():
        raise PlacesError(_("%(file)s is missing or empty.") % {"file": path.name})
    try:
        meta, _index, shapes, columns = pyogrio.raw.read(path, columns=[code_field])
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise PlacesError(
            _("%(file)s cannot be read as a map: %(reason)s") % {"file": path.name, "reason": error}
        ) from error
    if code_field not in meta["fields"]:
        raise PlacesError(_("%(file)s has no field “%(field)s”.") % {"file": path.name, "field": code_field})
    units = {unit.code: unit for unit in Unit.objects.filter(scheme=scheme, valid_to=None)}
    source = services.record_source(path.name, sha256=_digest(path))
    unknown = []
    for code, shape in zip(columns[0], shapes, strict=True):
        if str(code) in units:
            services.set_boundary(units[str(code)], shapely.make_valid(shapely.from_wkb(shape)), source)
        else:
            unknown.append(str(code))
    return len(columns[0]) - len(unknown), unknown
