"""A turf's walk list on paper: a map with numbered doors, the doors in order, and a QR that names the list."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

import numpy as np
import shapely
from django.conf import settings
from django.utils.translation import gettext as _

from tungnha.engine.progress import silent
from tungnha.outreach.models import Turf, TurfPlan
from tungnha.outreach.queries.turfs import Visit, visits
from tungnha.planning.ground import Floats
from tungnha.sealing import blind
from tungnha.territory import queries as places
from tungnha.territory.network import Projection

TEMPLATE = Path(__file__).parent / "templates" / "outreach" / "walk_list.typ"
FONTS = Path(__file__).parents[1] / "vendor"
MAP_MARGIN_METRES = 25.0
LEAST_MAP_METRES = 70.0


@dataclass(frozen=True)
class MapDrawing:
    """What the map of a turf shows, in metres east and south of the drawing's north-west corner."""

    width: float
    height: float
    streets: list[list[list[float]]]
    names: list[tuple[str, float, float, float]]
    route: list[list[float]]
    doors: list[tuple[int, float, float]]
    attribution: str


def list_mark(turf: Turf) -> str:
    """What the QR of a paper list says: where it can be opened, and a mark that only this installation can make."""
    mark = blind(f"{turf.plan_id}/{turf.number}", "walk list").hex()[:20]
    return f"{settings.TUNGNHA_PUBLIC_URL}/l/{turf.pk}/{mark}"


def pdf(turf: Turf, *, large: bool = False) -> bytes:
    """The walk list of a turf, A4; `large` sets it in type for tired eyes."""
    import typst  # noqa: PLC0415 - heavy

    compiler = typst.Compiler(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        font_paths=[str(FONTS / "noto-sans")],
        ignore_system_fonts=True,
        sys_inputs={"list": json.dumps(_content(turf, large=large), ensure_ascii=False)},
    )
    return cast("bytes", compiler.compile(format="pdf"))


def write_all(
    plan: TurfPlan,
    folder: Path | None = None,
    *,
    large: bool = False,
    advance: Callable[[int], None] = silent,
) -> Path:
    """Write every turf's walk list into a folder, a file a turf. Returns the folder."""
    target = folder or Path(settings.TUNGNHA_DATA) / "files" / "walklists" / str(plan.pk)
    target.mkdir(parents=True, exist_ok=True)
    for turf in plan.turfs.select_related("plan__unit"):
        (target / f"{turf.number + 1:04d}.pdf").write_bytes(pdf(turf, large=large))
        advance(1)
    return target


def _content(turf: Turf, *, large: bool) -> dict[str, object]:
    import segno  # noqa: PLC0415 - only for paper

    found = visits(turf)
    drawing = draw(turf, found)
    matrix = [
        [int(cell) for cell in row] for row in segno.make(list_mark(turf), error="m", micro=False).matrix
    ]
    return {
        "large": large,
        "generated": turf.plan.generated,
        "unit": turf.plan.unit.name,
        "number": turf.number + 1,
        "date": turf.shift_date.strftime("%d/%m/%Y") if turf.shift_date else "",
        "team": turf.shift_team or 0,
        "doors": turf.doors,
        "minutes": round(turf.minutes),
        "walk": round(turf.walk_metres),
        "visits": [_line(visit) for visit in found],
        "map": asdict(drawing) if drawing else None,
        "qr": matrix,
        "words": {
            "title": _("Walk list"),
            "turf": _("Turf"),
            "day": _("Day"),
            "team": _("Team"),
            "doors": _("doors"),
            "minutes": _("min"),
            "walk": _("m walking"),
            "order": _("No."),
            "address": _("Address"),
            "head": _("Household"),
            "people": _("People"),
            "needs": _("To guide"),
            "code": _("Door code"),
            "outcome": _("Outcome"),
            "outcomes": [_("Done"), _("Nobody home"), _("Call again"), _("Does not want it"), _("Moved")],
            "home": _("help at home"),
            "astray": _("position not known"),
            "floor": _("floor"),
            "generated": _("GENERATED DATA – not real people"),
            "never": _(
                "Never ask for a one-time code, a password, money or a photo of a card. Say the door code first."
            ),
            "keep": _("Personal data: hand this list back at the end of the shift."),
            "no_map": _("These households have no known position. Ask the head of the residential group."),
        },
    }


def _line(visit: Visit) -> dict[str, object]:
    return {
        "order": visit.position + 1,
        "address": visit.address,
        "head": visit.head,
        "people": visit.residents,
        "needs": visit.needs,
        "code": visit.door_code,
        "home": visit.home_support,
        "block": visit.block,
        "floor": visit.floor,
        "astray": visit.longitude is None,
    }


def draw(turf: Turf, found: list[Visit]) -> MapDrawing | None:
    """The turf on its streets, None where no door has a position."""
    placed = [visit for visit in found if visit.longitude is not None and visit.latitude is not None]
    if not placed:
        return None
    lonlat = np.array([(visit.longitude, visit.latitude) for visit in placed], dtype=float)
    projection = Projection(float(lonlat[:, 1].mean()), float(lonlat[:, 0].mean()))
    doors = projection.to_metres(lonlat[:, 0], lonlat[:, 1])
    walk = _metres(projection, bytes(turf.route)) if turf.route else np.zeros((0, 2))
    low, high = _frame(np.vstack([doors, walk]))
    box = shapely.box(*low, *high)

    def place(points: Floats) -> list[list[float]]:
        return [[round(float(x - low[0]), 1), round(float(high[1] - y), 1)] for x, y in points]

    streets: list[list[list[float]]] = []
    names: list[tuple[str, float, float, float]] = []
    for street in turf.plan.unit.streets.exclude(geometry=None):
        for part in _lines_within(projection, bytes(street.geometry or b""), box):
            streets.append(place(part))
            if street.name and not any(name == street.name for name, *_ in names):
                names.append(_label(street.name, np.array(streets[-1])))
    loaded = places.network_of(turf.plan.unit)
    if loaded:
        network, ground = loaded
        ends = network.xy[network.edges[network.street < 0]]
        shift = projection.to_metres(*(value for value in ground.to_degrees(np.zeros((1, 2)))))[0]
        inside = ((ends + shift >= low - 20) & (ends + shift <= high + 20)).all(axis=(1, 2))
        streets += [place(pair) for pair in ends[inside] + shift]
    size = high - low
    return MapDrawing(
        width=float(size[0]),
        height=float(size[1]),
        streets=streets,
        names=names,
        route=place(walk),
        doors=[(visit.position + 1, at[0], at[1]) for visit, at in zip(placed, place(doors), strict=True)],
        attribution=", ".join(places.attributions(turf.plan.unit)),
    )


def _metres(projection: Projection, wkb: bytes) -> Floats:
    coordinates = shapely.get_coordinates(shapely.from_wkb(wkb))
    return projection.to_metres(coordinates[:, 0], coordinates[:, 1])


def _frame(points: Floats) -> tuple[Floats, Floats]:
    """The corners of a map that holds all points, with a margin, twice as wide as high or higher."""
    low, high = points.min(axis=0) - MAP_MARGIN_METRES, points.max(axis=0) + MAP_MARGIN_METRES
    size = np.maximum(high - low, LEAST_MAP_METRES)
    size = np.array([max(size[0], size[1] * 1.6), max(size[1], size[0] / 2.4)])
    middle = (low + high) / 2
    return middle - size / 2, middle + size / 2


def _lines_within(projection: Projection, wkb: bytes, box: shapely.Geometry) -> list[Floats]:
    """The parts of a street's lines that lie in the map, in metres."""
    kept = []
    for line in shapely.get_parts(shapely.from_wkb(wkb)):
        coordinates = shapely.get_coordinates(line)
        metres = shapely.linestrings(projection.to_metres(coordinates[:, 0], coordinates[:, 1]))
        if shapely.intersects(metres, box):
            clipped = shapely.get_parts(shapely.intersection(metres, box))
            kept += [
                shapely.get_coordinates(part) for part in clipped if shapely.get_num_coordinates(part) > 1
            ]
    return kept


def _label(name: str, points: Floats) -> tuple[str, float, float, float]:
    """Where a street's name goes: the middle of its line, turned along it so that it reads from left to right."""
    middle = len(points) // 2
    first, second = points[max(middle - 1, 0)], points[middle]
    angle = float(np.degrees(np.arctan2(second[1] - first[1], second[0] - first[0])))
    angle = angle - 180 if angle > 90 else angle + 180 if angle < -90 else angle
    return (
        name,
        round(float(first[0] + second[0]) / 2, 1),
        round(float(first[1] + second[1]) / 2, 1),
        round(angle, 1),
    )
