"""A walk as a phone holds it: masked names, no personal number, no telephone, nothing that is not needed at the door."""

import hashlib
from datetime import date, datetime
from typing import Any

import msgspec

from tungnha.ledger import queries as ledger
from tungnha.outreach import passes, walklists
from tungnha.outreach.models import Assignment, Callback, HouseholdOutcome, Turf
from tungnha.outreach.queries import positions
from tungnha.outreach.queries.turfs import Visit, visits
from tungnha.register.models import Resident
from tungnha.territory.models import Premises


def masked(name: str) -> str:
    """A name as a phone may hold it: the given name, and initials of the rest ("N. V. Hùng")."""
    *before, given = name.split(" ")
    return " ".join([*(f"{word[0]}." for word in before if word), given])


def walk(assignment: Assignment, *, today: date | None = None) -> dict[str, Any]:
    """The walk, its doors in order, the map as a drawing, and today's pass. `version` changes when anything does but `seen`."""
    turf = assignment.turf
    campaign = assignment.member.team.campaign
    found = visits(turf)
    people = _people([visit.household for visit in found])
    seen = {
        row.household: row
        for row in HouseholdOutcome.objects.filter(
            campaign=campaign.code, household__in=[visit.household for visit in found]
        )
    }
    again = {
        one.household_id: one.start
        for one in Callback.objects.filter(campaign=campaign, household__in=list(seen))
    }
    day = today or campaign.today()
    token = passes.issue(assignment.pk, day)
    facts: dict[str, Any] = {
        "id": turf.pk,
        "number": turf.number + 1,
        "campaign": campaign.code,
        "unit": {"id": turf.plan.unit_id, "name": turf.plan.unit.name},
        "day": turf.shift_date.isoformat() if turf.shift_date else "",
        "until": assignment.until.isoformat(),
        "minutes": round(turf.minutes),
        "generated": turf.plan.generated,
        "map": _drawing(turf, found),
        "pass": {"day": day.isoformat(), "modules": passes.modules(token)},
        "doors": [
            _door(
                visit, people.get(visit.household, []), seen.get(visit.household), again.get(visit.household)
            )
            for visit in found
        ],
    }
    stamped = positions.decision(campaign)
    if stamped is not None and stamped.on:
        facts["streets"] = _streets([visit.premises for visit in found])
    # How a door stands changes with every visit and is told door by door; the version is that of all the rest.
    rest = facts | {"doors": [door | {"seen": None} for door in facts["doors"]]}
    return facts | {"version": hashlib.sha256(msgspec.json.encode(rest)).hexdigest()[:16]}


def news(known: dict[str, Any], after: int) -> dict[int, Any]:
    """How those doors of a walk stand about which the ledger has an entry after a position, by household."""
    homes = [door["h"] for door in known["doors"]]
    spoken = ledger.households_after(after, homes)
    return {door["h"]: door["seen"] for door in known["doors"] if door["h"] in spoken}


def _door(
    visit: Visit, people: list[dict[str, Any]], seen: HouseholdOutcome | None, again: datetime | None
) -> dict[str, Any]:
    return {
        "n": visit.position + 1,
        "h": visit.household,
        "p": visit.premises,
        "address": visit.address,
        "name": masked(visit.head),
        "code": visit.door_code,
        "block": visit.block,
        "floor": visit.floor,
        "home": visit.home_support,
        "needs": visit.needs,
        "people": people,
        "again": again.isoformat() if again else None,
        "seen": {"outcome": seen.outcome, "at": seen.happened_at.isoformat(), "attempts": seen.attempts}
        if seen
        else None,
    }


def _people(households: list[int]) -> dict[int, list[dict[str, Any]]]:
    """Who lives behind each door, masked, with the step each has reached."""
    found: dict[int, list[dict[str, Any]]] = {}
    rows = Resident.objects.filter(household__in=households).order_by("household", "pk")
    for pk, home, name, step in rows.values_list("pk", "household", "full_name", "step"):
        found.setdefault(home, []).append({"r": pk, "name": masked(name), "step": step})
    return found


def _streets(premises: list[int]) -> list[dict[str, Any]]:
    """The walk's streets and alleys with the places of their doors, to some ten metres: by them a phone names the nearest."""
    found: dict[int, set[tuple[float, float]]] = {}
    rows = Premises.objects.filter(pk__in=premises, street__isnull=False)
    for street, latitude, longitude in rows.values_list("street", "latitude", "longitude"):
        if latitude is not None and longitude is not None:
            found.setdefault(street, set()).add((round(latitude, 4), round(longitude, 4)))
    return [{"s": street, "at": sorted(found[street])} for street in sorted(found)]


def _drawing(turf: Turf, found: list[Visit]) -> dict[str, Any] | None:
    drawing = walklists.draw(turf, found)
    return msgspec.to_builtins(drawing) if drawing else None
