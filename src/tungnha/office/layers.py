"""The map's own data as GeoJSON: compressed, kept by the browser only, and re-sent only when it changed."""

import gzip
import hashlib
import json
from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.http import require_safe

from tungnha.office import access, geometry, queries
from tungnha.outreach.models import Stop, Turf
from tungnha.territory.models import Premises, Street, Unit


def _answer(request: HttpRequest, content: geometry.Json) -> HttpResponse:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(content_type="application/geo+json")
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, compresslevel=5, mtime=0)
            response["Content-Encoding"] = "gzip"
        response.content = body
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Accept-Encoding", "Cookie"])
    return HttpResponse(response.content, status=response.status_code, headers=response.headers)


def _boundary(unit: Unit) -> geometry.Json:
    """The unit and those directly below it that exist in the same era."""
    shown = [unit, *Unit.objects.filter(parent=unit, valid_to=unit.valid_to)]
    found = []
    for each in shown:
        outline = geometry.from_wkb(each.boundary)
        if outline:
            found.append(geometry.feature(outline, name=each.name, own=each.pk == unit.pk))
    return geometry.collection(found)


def _streets(unit: Unit) -> geometry.Json:
    found = []
    for street in Street.objects.filter(unit=unit).exclude(geometry=None).iterator():
        line = geometry.from_wkb(street.geometry)
        if line:
            found.append(geometry.feature(line, kind=street.kind, name=street.name))
    return geometry.collection(found)


def _doors(unit: Unit) -> geometry.Json:
    """One point a household door that has a position, with its turf's number (-1: in none) and primary key."""
    plan = queries.latest_plan(unit)
    stops = Stop.objects.filter(plan=plan).order_by() if plan else Stop.objects.none()
    turf_of = {
        door: (turf, number)
        for door, turf, number in stops.values_list("household__premises", "turf", "turf__number")
    }
    doors = Premises.objects.filter(unit=unit, households__isnull=False).exclude(longitude=None).distinct()
    found = []
    for pk, longitude, latitude, placing in doors.values_list(
        "pk", "longitude", "latitude", "placing"
    ).iterator():
        turf, number = turf_of.get(pk, (0, -1))
        found.append(
            geometry.feature(
                geometry.point(longitude or 0.0, latitude or 0.0),
                t=number,
                turf=turf,
                exact=placing in {"given", "mapped"},
            )
        )
    return geometry.collection(found)


def _routes(unit: Unit) -> geometry.Json:
    plan = queries.latest_plan(unit)
    found = []
    for turf in Turf.objects.filter(plan=plan) if plan else ():
        line = geometry.from_wkb(turf.route)
        if line:
            facts = {
                "doors": turf.doors,
                "minutes": round(turf.minutes),
                "url": reverse("turf", args=[turf.pk]),
            }
            found.append(geometry.feature(line, turf=turf.pk, t=turf.number, **facts))
    return geometry.collection(found)


LAYERS: dict[str, Callable[[Unit], geometry.Json]] = {
    "ranh-gioi": _boundary,
    "duong": _streets,
    "cua": _doors,
    "lo-trinh": _routes,
}


@require_safe
def layer(request: HttpRequest, unit_id: int, layer: str) -> HttpResponse:
    """One layer of a unit's map."""
    unit = access.unit(request, unit_id)
    if layer not in LAYERS:
        raise Http404
    return _answer(request, LAYERS[layer](unit))


@require_safe
def turf_layer(request: HttpRequest, turf_id: int) -> HttpResponse:
    """The numbered doors of one turf, and its route."""
    turf = access.turf(request, turf_id)
    found = []
    line = geometry.from_wkb(turf.route)
    if line:
        found.append(geometry.feature(line, turf=turf.pk, t=turf.number))
    places = Stop.objects.filter(turf=turf).exclude(household__premises__longitude=None).order_by("position")
    for position, longitude, latitude in places.values_list(
        "position", "household__premises__longitude", "household__premises__latitude"
    ):
        spot = geometry.point(longitude or 0.0, latitude or 0.0)
        found.append(geometry.feature(spot, t=turf.number, turf=turf.pk, n=position + 1))
    return _answer(request, geometry.collection(found))
