"""What the pages read that no single room owns: turfs beside doors, letters beside turfs, and what is generated."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from tungnha.channels.letters.models import LetterBatch
from tungnha.outreach.models import Stop, Turf, TurfPlan
from tungnha.register.models import Household, ListFile, MatchCandidate
from tungnha.territory.models import Premises, Street, Unit
from tungnha.territory.vietnamese import fold

_FOUND_AT_MOST = 12


@dataclass(frozen=True)
class Found:
    """One answer to a search: where it is, and the turf that goes there, if any."""

    kind: str  # "street", "household", "premises"
    title: str
    note: str
    longitude: float | None
    latitude: float | None
    turfs: tuple[tuple[int, int], ...]  # (primary key, number)


def latest_plan(unit: Unit) -> TurfPlan | None:
    """The plan in use: the last one made."""
    return TurfPlan.objects.filter(unit=unit).order_by("-made_at", "-pk").first()


def is_generated(unit: Unit) -> bool:
    """Whether anything shown of this unit was made by a generator rather than recorded."""
    return (
        ListFile.objects.filter(unit=unit, generated=True).exists()
        or TurfPlan.objects.filter(unit=unit, generated=True).exists()
        or Premises.objects.filter(unit=unit, source__generated=True).exists()
        or Street.objects.filter(unit=unit, source__generated=True).exists()
    )


def with_counts(units: QuerySet[Unit]) -> QuerySet[Unit]:
    """The units with `household_count` and `turf_count` (of the plan in use)."""
    households = (
        Household.objects.filter(unit=OuterRef("pk"))
        .order_by()
        .values("unit")
        .annotate(n=Count("pk"))
        .values("n")
    )
    turfs = Turf.objects.filter(plan__unit=OuterRef("pk")).order_by().values("plan").annotate(n=Count("pk"))
    return units.annotate(
        household_count=Subquery(households),
        turf_count=Subquery(turfs.order_by("-plan__made_at").values("n")[:1]),
    )


def turf_numbers(plan: TurfPlan | None, households: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Household → (turf's primary key, number) under the plan."""
    if plan is None:
        return {}
    stops = Stop.objects.filter(plan=plan, household__in=list(households)).order_by()
    return {home: (pk, number) for home, pk, number in stops.values_list("household", "turf", "turf__number")}


def household_table(unit: Unit, text: str) -> QuerySet[Household]:
    """Households of the unit, filtered by name of head, address, alley number or residential group."""
    rows = Household.objects.filter(unit=unit).select_related("premises")
    rows = rows.annotate(people=Count("residents"))
    wanted = fold(text)
    if wanted:
        rows = rows.filter(
            Q(head_fold__contains=wanted)
            | Q(premises__address_fold__contains=wanted)
            | Q(premises__group__iexact=text.strip())
            | Q(reference__iexact=text.strip())
        )
    return rows.order_by("premises__street__name_fold", "premises__address_fold", "pk")


def _turfs_of_street(plan: TurfPlan | None, street: Street) -> tuple[tuple[int, int], ...]:
    if plan is None:
        return ()
    turfs = Turf.objects.filter(plan=plan, stops__household__premises__street=street).distinct()
    return tuple(turfs.order_by("number").values_list("pk", "number")[:8])


def find(unit: Unit, text: str, *, people: bool) -> list[Found]:
    """Streets, alleys and doors of the unit that match; names of heads only when `people` is true."""
    from tungnha.office.geometry import middle  # noqa: PLC0415 - Shapely, only when something was asked for

    wanted = fold(text)
    if len(wanted) < 1:
        return []
    plan = latest_plan(unit)
    answers = []
    streets = Street.objects.filter(Q(name_fold__contains=wanted) | Q(number=wanted), unit=unit)
    # An exact or leading match first: "ngo 5" before "ngo 50".
    ranked = sorted(
        streets.exclude(name="")[:200],
        key=lambda s: (s.name_fold != wanted, not s.name_fold.startswith(wanted), len(s.name_fold)),
    )
    for street in ranked[:_FOUND_AT_MOST]:
        at = middle(street.geometry)
        answers.append(
            Found(
                "street", street.name, street.get_kind_display(), at[0], at[1], _turfs_of_street(plan, street)
            )
        )
    homes = Household.objects.filter(unit=unit).select_related("premises")
    by_door = Q(premises__address_fold__contains=wanted)
    rows = list(homes.filter(by_door | Q(head_fold__contains=wanted) if people else by_door)[:_FOUND_AT_MOST])
    places = turf_numbers(plan, [row.pk for row in rows])
    for row in rows:
        door = row.premises
        turf = (places[row.pk],) if row.pk in places else ()
        title = row.head_name if people and row.head_name else door.address
        note = door.address if people and row.head_name else door.get_kind_display()
        answers.append(Found("household", title, note, door.longitude, door.latitude, turf))
    return answers


def stops(turf: Turf) -> QuerySet[Stop]:
    """The turf's households in walking order, with premises and head count."""
    rows = Stop.objects.filter(turf=turf).select_related("household__premises")
    return rows.annotate(people=Count("household__residents")).order_by("position")


def letter_batch(turf: Turf) -> LetterBatch | None:
    """The turf's file of letters from the last wave that was made for its plan."""
    waves = LetterBatch.objects.filter(
        wave__unit=turf.plan.unit, wave__ordered_by=f"turf-plan:{turf.plan_id}", number=turf.number + 1
    )
    return waves.select_related("wave").order_by("-wave__made_at", "-pk").first()


def open_matches(unit: Unit) -> QuerySet[MatchCandidate]:
    """Pairs that wait for a decision, both of this unit, likeliest first."""
    pairs = MatchCandidate.objects.filter(
        state=MatchCandidate.State.OPEN, left__household__unit=unit, right__household__unit=unit
    )
    return pairs.select_related(
        "left__household__premises", "right__household__premises", "left__list_file", "right__list_file"
    )


def plan_facts(plan: TurfPlan) -> dict[str, Any]:
    """Totals of a plan for the head of its table: turfs, doors, minutes (least, mean, most), walking in km."""
    rows = list(Turf.objects.filter(plan=plan).values_list("doors", "minutes", "walk_metres", "connected"))
    minutes = [row[1] for row in rows] or [0.0]
    return {
        "turfs": len(rows),
        "doors": sum(row[0] for row in rows),
        "least": min(minutes),
        "mean": sum(minutes) / len(minutes),
        "most": max(minutes),
        "walk_km": sum(row[2] for row in rows) / 1000,
        "apart": sum(not row[3] for row in rows),
    }
