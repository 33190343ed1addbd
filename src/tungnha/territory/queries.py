"""Reads of places: units on a day, what is below them, what they became, search, and shapes for a map."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import shapely
from django.db.models import Q, QuerySet
from django.utils import timezone

from tungnha.planning.ground import StreetNetwork as Network
from tungnha.territory import network as graph
from tungnha.territory.models import Premises, Source, Street, StreetNetwork, Succession, Unit
from tungnha.territory.vietnamese import fold


class UnknownUnitError(LookupError):
    """No unit has that code on that day; `successors` are what it became, where it existed before."""

    def __init__(self, code: str, successors: list[Unit]) -> None:
        super().__init__(code)
        self.code = code
        self.successors = successors


GREATER_PART = Q(whole=True) | Q(share__gt=0.5)
"""The condition that a succession hands on all, or more than half, of a unit. `accounts.reach` follows the same."""


def existing(on: date | None = None) -> Q:
    """The condition that a unit exists on a day (today where none is given; a merge of next month counts then)."""
    day = on or timezone.localdate()
    return Q(valid_from__lte=day) & (Q(valid_to=None) | Q(valid_to__gt=day))


def unit(code: str, on: date | None = None, scheme: str = "vn") -> Unit:
    """The unit with a code on a day. Raises UnknownUnitError, which says what an abolished one became."""
    found = Unit.objects.filter(existing(on), scheme=scheme, code=code).order_by("-valid_from").first()
    if found is not None:
        return found
    old = Unit.objects.filter(scheme=scheme, code=code).order_by("-valid_from").first()
    raise UnknownUnitError(code, successors(old) if old else [])


def within(top: Unit) -> QuerySet[Unit]:
    """A unit and every unit below it."""
    return Unit.objects.filter(path__startswith=top.path)


def current_units(under: Unit | None = None, kinds: Iterable[str] = ()) -> QuerySet[Unit]:
    """Today's units below one, or all, of some kinds or all, by name."""
    units = (within(under) if under else Unit.objects.all()).filter(existing())
    return (units.filter(kind__in=list(kinds)) if kinds else units).order_by("name_fold")


def successors(old: Unit, on: date | None = None) -> list[Unit]:
    """What a unit became by a day (today), through every change since; itself where it still exists."""
    return _follow(old, on or timezone.localdate(), forward=True)


def predecessors(new: Unit) -> list[Unit]:
    """The units that one was made of, through every change before."""
    return _follow(new, None, forward=False)


def heirs(units: Iterable[Unit], on: date) -> dict[int, Unit | None]:
    """Unit → the one that carries on for it on a day: itself, else what took all or more than half of it, and so on.

    None where it was cut up so that no part is more than half, no source says how large the parts are, or it ended
    without a successor.
    """
    at: dict[int, Unit] = Unit.objects.in_bulk({one.pk for one in units})
    ends: dict[int, Unit | None] = {}
    for _step in range(_STEPS):
        ended = {}
        for start, here in at.items():
            if here.valid_to is None or here.valid_to > on:
                ends[start] = here
            else:
                ended[start] = here
        if not ended:
            break
        links = Succession.objects.filter(
            GREATER_PART, old__in={here.pk for here in ended.values()}, change__effective__lte=on
        )
        onward: dict[int, set[Unit]] = {}
        for link in links.select_related("new"):
            onward.setdefault(link.old_id, set()).add(link.new)
        at = {}
        for start, here in ended.items():
            found = onward.get(here.pk, set())
            ends[start] = None
            if len(found) == 1:
                at[start] = next(iter(found))
    return ends


_STEPS = 50
"""More changes than any unit has gone through; a ring of successions ends here."""


def levels_above(units: Iterable[Unit], on: date) -> dict[int, Unit | None]:
    """Unit, of any era → the one that stands above it on a day: its parent or a unit farther up, or what carries on
    for that; None at the top. As many queries for many as for one.
    """
    lineage = {one.pk: [int(step) for step in one.path.strip("/").split("/")][:-1] for one in units}
    above = Unit.objects.filter(pk__in={step for steps in lineage.values() for step in steps})
    carrying = heirs(above, on)
    return {
        pk: next((heir for step in reversed(steps) if (heir := carrying.get(step))), None)
        for pk, steps in lineage.items()
    }


def _follow(start: Unit, on: date | None, *, forward: bool) -> list[Unit]:
    """One query for each step in time, however many units there are side by side."""
    near, far = ("old", "new") if forward else ("new", "old")
    reached: dict[int, Unit] = {}
    level, seen = {start.pk: start}, {start.pk}
    while level:
        left = {pk for pk, one in level.items() if not forward or _ended(one, on)}
        links = Succession.objects.filter(**{f"{near}__in": left}).select_related(far, f"{far}__parent")
        onward: dict[int, Unit] = {}
        passed = set()
        for link in links.defer(f"{far}__boundary", f"{far}__parent__boundary"):
            passed.add(getattr(link, f"{near}_id"))
            onward[getattr(link, f"{far}_id")] = getattr(link, far)
        reached |= {pk: one for pk, one in level.items() if (pk not in passed if forward else pk != start.pk)}
        level = {pk: one for pk, one in onward.items() if pk not in seen}
        seen |= level.keys()
    return sorted(reached.values(), key=lambda found: found.name_fold)


def _ended(one: Unit, on: date | None) -> bool:
    return one.valid_to is not None and (on is None or one.valid_to <= on)


@dataclass(frozen=True)
class Link:
    """A unit on the other side of a change, and how much of the old unit went over; share None where no source says."""

    unit: Unit
    whole: bool
    share: float | None


@dataclass(frozen=True)
class Era:
    """A unit with what it was made of and what it became, one step each way."""

    unit: Unit
    made_of: list[Link]
    became: list[Link]


def history(code: str, scheme: str = "vn") -> list[Era]:
    """Every unit that has had a code, oldest first."""
    units = Unit.objects.filter(scheme=scheme, code=code).select_related("parent").order_by("valid_from")
    return [
        Era(
            one,
            [
                Link(link.old, link.whole, link.share)
                for link in one.predecessors.select_related("old").order_by("old__name_fold")
            ],
            [
                Link(link.new, link.whole, link.share)
                for link in one.successors.select_related("new").order_by("new__name_fold")
            ],
        )
        for one in units
    ]


def units_named(name: str, within: tuple[str, ...] = ()) -> list[Unit]:
    """Units of any era with a name ("Phường Xuân Tảo" or "Xuân Tảo") below units with the other names, if given."""
    bare = fold(name)
    if not bare:
        return []
    named = Unit.objects.select_related("parent__parent").filter(
        Q(name_fold=bare) | Q(name_fold__endswith=f" {bare}")
    )
    wanted = [fold(above) for above in within if above]

    def fits(found: Unit) -> bool:
        above = []
        up = found.parent
        while up is not None:
            above.append(up.name_fold)
            up = up.parent
        return all(any(text == have or have.endswith(f" {text}") for have in above) for text in wanted)

    return [found for found in named if fits(found)]


def search_units(text: str, on: date | None = None) -> QuerySet[Unit]:
    """Units on a day whose name holds a text, marks and case aside."""
    return (
        Unit.objects.filter(existing(on), name_fold__contains=fold(text))
        .select_related("parent")
        .order_by("name_fold")
    )


def search_streets(unit: Unit, text: str) -> QuerySet[Street]:
    """Streets and alleys of a unit whose name or number holds a text ("34/5" too)."""
    wanted = fold(text)
    return unit.streets.filter(Q(name_fold__contains=wanted) | Q(number=wanted)).order_by("name_fold")


def population(unit: Unit) -> int | None:
    """The latest stated number of people, None where no source says."""
    latest = unit.populations.order_by("-as_of").first()
    return latest.people if latest else None


def network_of(unit: Unit) -> tuple[Network, graph.Projection] | None:
    """A unit's walkable network in metres and the projection they are in, None where no streets are loaded."""
    stored = StreetNetwork.objects.filter(unit=unit).first()
    if stored is None or stored.edges == 0:
        return None
    return graph.unpack(bytes(stored.arrays)), graph.Projection(
        stored.origin_latitude, stored.origin_longitude
    )


def attributions(unit: Unit) -> list[str]:
    """What must be written beside a map of a unit: of its boundary, streets, barriers and mapped premises."""
    sources = Source.objects.filter(
        Q(unit=unit)
        | Q(streetnetwork__unit=unit)
        | Q(barrier__unit=unit)
        | Q(pk__in=unit.premises.filter(placing=Premises.Placing.MAPPED).values("source"))
    )
    return sorted(set(sources.exclude(attribution="").values_list("attribution", flat=True)))


def features(rows: Iterable[tuple[Any, dict[str, Any]]]) -> str:
    """GeoJSON of (shape, properties) pairs, six decimals (a decimetre)."""
    pairs = list(rows)
    shapes = shapely.to_geojson(
        shapely.set_precision(np.array([shape for shape, _ in pairs], dtype=object), 1e-6)
    )
    body = ",".join(
        f'{{"type":"Feature","properties":{json.dumps(properties, ensure_ascii=False)},"geometry":{shape}}}'
        for shape, (_, properties) in zip(shapes, pairs, strict=True)
    )
    return f'{{"type":"FeatureCollection","features":[{body}]}}'


def barrier_features(unit: Unit) -> str:
    """GeoJSON of the lines that no turf of a unit may cross."""
    return features(
        (shapely.from_wkb(bytes(one.geometry)), {"id": one.pk, "name": one.name})
        for one in unit.barriers.all()
    )
