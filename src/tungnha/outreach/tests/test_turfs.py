"""From the register to walks: every household in exactly one turf and one position, and on paper."""

import subprocess
from datetime import date

import pytest

from tungnha.outreach import walklists
from tungnha.outreach.models import Stop, Turf
from tungnha.outreach.queries import turfs as queries
from tungnha.outreach.services import turfs as services
from tungnha.planning.turfs import Limits
from tungnha.register import generator, imports
from tungnha.register.models import Household, Resident
from tungnha.territory import generator as alleys
from tungnha.territory import queries as places
from tungnha.territory.imports import load_vietnam


@pytest.fixture
def ward(db, tmp_path, settings):
    settings.TUNGNHA_DATA = tmp_path
    load_vietnam(["01"])
    unit = places.unit("00226")
    alleys.make_streets(unit, seed=2)
    generator.write_list(tmp_path / "list.xlsx", unit, 1500, seed=3)
    imports.run(tmp_path / "list.xlsx", unit, generated=True)
    return unit


def test_every_household_is_in_one_turf_at_one_position_and_the_same_seed_gives_the_same_walks(ward):
    unplaced = Household.objects.order_by("pk").last()
    ward.premises.filter(pk=unplaced.premises_id).update(latitude=None, longitude=None, edge=None)
    first, second = (services.make_turfs(ward, Limits(minutes=120), seed=5) for _ in range(2))
    walks = [
        list(
            Stop.objects.filter(plan=plan)
            .order_by("household_id")
            .values_list("household_id", "turf__number", "position")
        )
        for plan in (first, second)
    ]
    assert walks[0] == walks[1]
    assert [household for household, _, _ in walks[0]] == sorted(
        Household.objects.values_list("pk", flat=True)
    )
    for _, households in queries.walking_order(first):
        assert len(set(households.tolist())) == len(households)
    placed = Turf.objects.filter(plan=first, route__isnull=False)
    assert max(turf.minutes for turf in placed if turf.doors > 1) <= 120 + 1e-6
    assert Stop.objects.get(plan=first, household=unplaced).turf.connected is False
    assert first.generated


def test_units_cut_side_by_side_by_processes_without_django_come_out_as_one_by_one(ward):
    other = ward.parent.children.exclude(pk=ward.pk).filter(area_km2__gt=0).order_by("area_km2").first()
    alleys.make_streets(other, seed=2)
    generator.populate([other], 300)
    plans = {
        engine: services.plan_units([ward, other], Limits(minutes=120), seed=5, engine=engine)
        for engine in ("sequential", "local")
    }
    walks = [
        [
            list(plan.turfs.order_by("number").values_list("number", "route", "stops__household"))
            for plan in made
        ]
        for made in plans.values()
    ]
    assert walks[0] == walks[1]
    assert [len(one) > 0 for one in walks[0]] == [True, True]


def test_turfs_with_most_people_to_guide_a_minute_go_out_first_and_the_deadline_holds(ward):
    plan = services.make_turfs(ward, Limits(minutes=120), seed=5)
    turfs = list(plan.turfs.all())
    Resident.objects.update(step=Resident.Step.ALONE, birth_year=1980)
    urgent = turfs[-1]
    Resident.objects.filter(household__stops__turf=urgent).update(step=Resident.Step.NONE)
    left = services.date_shifts(plan, teams=1, days=2, start=date(2026, 1, 5), minutes_per_shift=125)
    dated = {turf.pk: turf.shift_date for turf in plan.turfs.exclude(shift_date=None)}
    assert dated[urgent.pk] == date(2026, 1, 5)
    assert max(dated.values()) == date(2026, 1, 6)
    assert left == len(turfs) - len(dated) > 0


def test_a_unit_without_households_says_what_to_do(db):
    load_vietnam(["01"])
    with pytest.raises(services.NothingToPlanError, match="Phường Ba Đình"):
        services.make_turfs(places.unit("00004"))


@pytest.mark.parametrize("large", [False, True])
def test_a_walk_list_shows_its_doors_and_no_personal_number(ward, tmp_path, large):
    plan = services.make_turfs(ward, Limits(doors=12), seed=5)
    turf = plan.turfs.first()
    (tmp_path / "list.pdf").write_bytes(walklists.pdf(turf, large=large))
    text = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "list.pdf"), "-"], capture_output=True, text=True, check=True
    ).stdout
    flat = " ".join(text.split())
    for visit in queries.visits(turf):
        assert visit.door_code in flat
    assert "MÔ PHỎNG" in flat or "GENERATED" in flat
    assert "00308" not in flat
