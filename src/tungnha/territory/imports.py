"""Places from files: Vietnam's tables of units, OpenStreetMap extracts, GeoJSON and GeoPackage."""

import csv
import hashlib
import importlib.util
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

import numpy as np
import shapely
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tungnha.planning.ground import Floats
from tungnha.territory import maps, queries, services
from tungnha.territory.models import BEFORE_RECORDS, Source, Succession, Unit
from tungnha.territory.network import METRES_PER_DEGREE, Projection
from tungnha.territory.services import SuccessionRow, UnitRow, Way
from tungnha.territory.statistics import freshen

REFORM = date(2025, 7, 1)
"""The day on which districts ended and 10,040 communes became 3,321 (QĐ 19/2025/QĐ-TTg has the codes)."""

OSM_LICENCE = "ODbL 1.0"
OSM_ATTRIBUTION = "© OpenStreetMap contributors"
MARGIN_METRES = 30.0
"""How far beyond a unit's boundary its streets are kept, for houses whose street is the boundary."""

FAR_KM = 30.0
"""A map that lies farther from a unit than this is not of that unit."""

AREA_TOLERANCE = 0.07
"""The share by which a boundary's area may differ from the stated one before it is doubted."""

_NOT_UTF8 = gettext_lazy("%(file)s is not UTF-8. Save it again as UTF-8 (in a spreadsheet: “CSV UTF-8”).")
_KIND = {
    "Phường": Unit.Kind.WARD, "Xã": Unit.Kind.COMMUNE, "Thị trấn": Unit.Kind.TOWNSHIP, "Đặc khu": Unit.Kind.SPECIAL_ZONE,
}  # fmt: skip
_POPULATIONS = Path(__file__).parent / "data" / "hanoi_2025_population.csv"


Read = TypeVar("Read")


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
    unknown += services.record_change(
        "Nghị quyết 202/2025/QH15 về sắp xếp ĐVHC cấp tỉnh", REFORM, _province_pairs(converter, old, new)
    )
    _load_populations()
    freshen(Unit, Succession)
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


def _province_pairs(
    converter: dict[str, dict[str, dict[str, list[object]]]], old: list[sqlite3.Row], new: list[sqlite3.Row]
) -> Iterator[SuccessionRow]:
    """Old → new provinces, all of them whole: none was divided. Districts have no successor."""
    old_code = {row["provinceKey"]: row["provinceCode"] for row in old}
    for key, code in sorted({(row["provinceKey"], row["provinceCode"]) for row in new}):
        for origin in converter["DICT_PROVINCE"].get(key, [key]):
            yield SuccessionRow(old_code.get(origin, str(origin)), code, whole=True)


def _load_populations() -> None:
    """Hanoi's 126 units as the state publisher gave them for 1 July 2025."""
    with _POPULATIONS.open(encoding="utf-8") as file:
        people = {row["code"]: int(row["people"]) for row in csv.DictReader(file)}
    source = services.record_source(
        "Niêm yết dân số 126 phường, xã Hà Nội, 1/7/2025 (NXB Tài nguyên – Môi trường và Bản đồ)"
    )
    units = Unit.objects.filter(scheme="vn", valid_from=REFORM, code__in=people)
    services.record_populations([(unit, people[unit.code]) for unit in units], REFORM, source)


def digest(path: Path) -> str:
    """A file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class Problem:
    """What a person can mend in a file of places: where it is (a row or a code), what it is, and a sentence about it."""

    where: str
    code: str
    value: str
    message: str


def read(path: Path, reader: Callable[[Path], Read]) -> Read:
    """What a reader of maps makes of a file. Raises PlacesError where the file is missing, empty or broken."""
    if not path.is_file() or path.stat().st_size == 0:
        raise PlacesError(_("%(file)s is missing or empty.") % {"file": path.name})
    try:
        return reader(path)
    except UnicodeDecodeError as error:
        raise PlacesError(_NOT_UTF8 % {"file": path.name}) from error
    except (RuntimeError, ValueError, OSError, shapely.errors.ShapelyError) as error:
        raise PlacesError(
            _("%(file)s cannot be read as a map: %(reason)s") % {"file": path.name, "reason": error}
        ) from error


def read_ways(path: Path) -> list[Way]:
    """Walkable ways of an OpenStreetMap extract (`.osm.pbf`, `.osm`) or of a GeoJSON made from one.

    Raises PlacesError where the file is missing, empty, of another kind, or holds no street.
    """
    ways = read(path, maps.ways)
    if not ways:
        raise PlacesError(_("%(file)s holds no street that can be walked.") % {"file": path.name})
    return ways


def import_streets(
    unit: Unit,
    path: Path,
    *,
    margin_metres: float = MARGIN_METRES,
    licence: str = OSM_LICENCE,
    attribution: str = OSM_ATTRIBUTION,
) -> int:
    """Load a unit's streets from a map, cut to its boundary and a margin. Returns the edges of its network.

    A unit without a boundary takes every way of the file. Raises PlacesError, also where none lies in the unit.
    """
    ways = read_ways(path)
    _check_where(unit, np.vstack([way.lonlat for way in ways]), path)
    area = _area(unit, margin_metres)
    if area is not None:
        ways = [
            Way(way.name, way.highway, shapely.get_coordinates(part), way.osm_id)
            for way in ways
            for part in _cut(shapely.linestrings(way.lonlat), area)
        ]
        if not ways:
            raise PlacesError(
                _("%(file)s has no street inside %(unit)s.") % {"file": path.name, "unit": unit.name}
            )
    return services.load_streets(unit, ways, _map_source(path, licence, attribution)).edges


def import_doors(
    unit: Unit, path: Path, *, licence: str = OSM_LICENCE, attribution: str = OSM_ATTRIBUTION
) -> tuple[int, int]:
    """Record the numbered houses and the named schools, lodgings, blocks and offices of a map inside a unit.

    Returns how many are new, and how many that a list had brought got their position from the map. Raises PlacesError.
    """
    doors = read(path, maps.doors)
    if not doors:
        return 0, 0
    longitude = np.array([door.longitude for door in doors], dtype=float)
    latitude = np.array([door.latitude for door in doors], dtype=float)
    _check_where(unit, np.column_stack([longitude, latitude]), path)
    area = _area(unit, 0.0)
    inside = (
        np.ones(len(doors), dtype=bool) if area is None else shapely.contains_xy(area, longitude, latitude)
    )
    own = [door for door, keep in zip(doors, inside, strict=True) if keep]
    return services.record_mapped(unit, own, _map_source(path, licence, attribution))


def import_barriers(
    unit: Unit, path: Path, *, licence: str = OSM_LICENCE, attribution: str = OSM_ATTRIBUTION
) -> int:
    """Load the rivers, railways, motorways and coasts of a map that cross a unit. Returns their number."""
    area = _area(unit, MARGIN_METRES)
    lines = [
        (name, part)
        for name, line in read(path, maps.barriers)
        for part in ([line] if area is None else _cut(line, area))
    ]
    return services.load_barriers(unit, lines, _map_source(path, licence, attribution))


def _map_source(path: Path, licence: str, attribution: str) -> Source:
    return services.record_source(path.name, licence=licence, attribution=attribution, sha256=digest(path))


def _area(unit: Unit, margin_metres: float) -> shapely.Geometry | None:
    """A unit's boundary and a margin, None where it has none."""
    if not unit.boundary:
        return None
    area = shapely.from_wkb(bytes(unit.boundary)).buffer(margin_metres / METRES_PER_DEGREE)
    shapely.prepare(area)
    return area


def _cut(line: shapely.Geometry, area: shapely.Geometry) -> list[shapely.Geometry]:
    """The parts of a line inside an area."""
    if not shapely.intersects(area, line):
        return []
    kept = line if shapely.contains(area, line) else shapely.intersection(line, area)
    return [
        part
        for part in shapely.get_parts(kept)
        if shapely.get_type_id(part) == shapely.GeometryType.LINESTRING
    ]


def _check_where(unit: Unit, lonlat: Floats, path: Path) -> None:
    """Raise PlacesError where a map's positions are swapped, or all far from the unit."""
    if unit.latitude is None or unit.longitude is None:
        return
    here = (unit.longitude, unit.latitude)
    far = _kilometres(here, lonlat)
    if far <= FAR_KM:
        return
    if _kilometres(here, lonlat[:, ::-1]) <= FAR_KM:
        raise PlacesError(
            _("%(file)s has latitude and longitude swapped: longitude comes first.") % {"file": path.name}
        )
    raise PlacesError(
        _("%(file)s is the map of another place: it lies %(far)d km from %(unit)s.")
        % {"file": path.name, "far": far, "unit": unit.name}
    )


def _kilometres(here: tuple[float, float], lonlat: Floats) -> float:
    """From a place to the nearest of others."""
    east = (lonlat[:, 0] - here[0]) * np.cos(np.radians(here[1]))
    return float(np.hypot(east, lonlat[:, 1] - here[1]).min()) * METRES_PER_DEGREE / 1000


@dataclass(frozen=True)
class BoundariesLoaded:
    """How many units got their boundary; what was wrong with the others; what looks odd about some that did."""

    count: int
    problems: list[Problem]
    doubts: list[Problem]


def import_boundaries(
    path: Path, *, code_field: str = "code", scheme: str = "vn", licence: str = "", attribution: str = ""
) -> BoundariesLoaded:
    """Give today's units their boundaries from a GeoJSON or GeoPackage file, WGS84.

    Raises PlacesError where the file cannot be read, has no such field, or is in another projection.
    """
    shapes = _boundaries(path, code_field)
    units = {
        unit.code: unit for unit in Unit.objects.filter(queries.existing(), scheme=scheme, code__in=shapes)
    }
    source = services.record_source(path.name, licence=licence, attribution=attribution, sha256=digest(path))
    problems, doubts = [], []
    count = 0
    for code, shape in shapes.items():
        unit = units.get(code)
        wrong = unit_problem(code, code, scheme) if unit is None else _boundary_problem(unit, shape)
        if wrong or unit is None:
            problems += [wrong] if wrong else []
            continue
        services.set_boundary(unit, shape, source)
        count += 1
        drawn = _square_kilometres(shape)
        if unit.area_km2 and abs(drawn / unit.area_km2 - 1) > AREA_TOLERANCE:
            message = _(
                "The boundary of %(unit)s holds %(drawn).2f km², but its area is stated as %(said).2f km²."
            )
            words = {"unit": unit.name, "drawn": drawn, "said": unit.area_km2}
            doubts.append(Problem(code, "area-differs", f"{drawn:.2f}", message % words))
    return BoundariesLoaded(count, problems, doubts)


def _boundaries(path: Path, code_field: str) -> dict[str, shapely.Geometry]:
    """Code → valid shape; the parts of a unit that a file gives in several rows are joined."""
    import pyogrio  # noqa: PLC0415 - carries GDAL

    if not path.is_file() or path.stat().st_size == 0:
        raise PlacesError(_("%(file)s is missing or empty.") % {"file": path.name})
    try:
        meta, _index, shapes, columns = pyogrio.raw.read(path, columns=[code_field])
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise PlacesError(
            _("%(file)s cannot be read as a map: %(reason)s") % {"file": path.name, "reason": error}
        ) from error
    if code_field not in meta["fields"]:
        raise PlacesError(_("%(file)s has no field “%(field)s”.") % {"file": path.name, "field": code_field})
    if meta["crs"] not in {None, "EPSG:4326", "OGC:CRS84"}:
        raise PlacesError(
            _("%(file)s is in %(crs)s. Convert it first: ogr2ogr -t_srs EPSG:4326 new.gpkg %(file)s")
            % {"file": path.name, "crs": meta["crs"]}
        )
    parts: dict[str, list[shapely.Geometry]] = {}
    for code, shape in zip(columns[0], shapes, strict=True):
        if shape is not None:
            parts.setdefault(str(code), []).append(shapely.make_valid(shapely.from_wkb(shape)))
    return {code: shapely.union_all(found) for code, found in parts.items()}


def _boundary_problem(unit: Unit, shape: shapely.Geometry) -> Problem | None:
    if shapely.get_dimensions(shape) != 2 or shapely.is_empty(shape):
        message = _("What is drawn for %(unit)s is no area.") % {"unit": unit.name}
        return Problem(unit.code, "boundary-form", shape.geom_type, message)
    if unit.latitude is None or unit.longitude is None:
        return None
    here = shapely.Point(unit.longitude, unit.latitude)
    if shapely.distance(shape, here) * METRES_PER_DEGREE <= FAR_KM * 1000:
        return None
    swapped = shapely.distance(shape, shapely.Point(unit.latitude, unit.longitude))
    if swapped * METRES_PER_DEGREE <= FAR_KM * 1000:
        message = _("The boundary of %(unit)s has latitude and longitude swapped: longitude comes first.")
        return Problem(unit.code, "boundary-swapped", "", message % {"unit": unit.name})
    message = _("The boundary of %(unit)s lies far from where that unit is.") % {"unit": unit.name}
    return Problem(unit.code, "boundary-elsewhere", "", message)


def _square_kilometres(shape: shapely.Geometry) -> float:
    middle = shapely.centroid(shape)
    flat = Projection(float(shapely.get_y(middle)), float(shapely.get_x(middle)))
    metres = shapely.transform(shape, lambda lonlat: flat.to_metres(lonlat[:, 0], lonlat[:, 1]))
    return float(shapely.area(metres)) / 1e6


def unit_problem(where: str, code: str, scheme: str) -> Problem | None:
    """Why a code names no unit of today, and what the unit that had it became; None where it does."""
    try:
        queries.unit(code, scheme=scheme)
    except queries.UnknownUnitError as error:
        if not error.successors:
            return Problem(where, "unit-unknown", code, _("No unit has the code %(code)s.") % {"code": code})
        now = ", ".join(f"{one.code} {one.name}" for one in error.successors)
        message = _("The unit %(code)s no longer exists. It became: %(now)s.") % {"code": code, "now": now}
        return Problem(where, "unit-abolished", code, message)
    return None
