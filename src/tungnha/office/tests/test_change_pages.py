"""Changes of units through the pages: recording, what it moves, moving it, deciding the rest, and taking it back."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tungnha.campaign.models import Task
from tungnha.office import upkeep
from tungnha.office.tests.test_plan_pages import campaign, city, line, office, person, surroundings, wards
from tungnha.office.tests.test_plan_pages import unit as make_unit
from tungnha.territory.models import Unit, UnitChange

__all__ = ["campaign", "city", "office", "surroundings", "wards"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def tasks(campaign, office, wards):
    return line(campaign, office, wards, campaign.deadline)


def which(kind, *units):
    query = "&".join([f"loai={kind}", *(f"don_vi={unit.pk}" for unit in units)])
    return f"{reverse('change-new')}?{query}"


def day(shift):
    return (timezone.localdate() + timedelta(days=shift)).isoformat()


def new(**more):
    return {"decided_by": "9/NQ-HĐND", "name_1": "Phường Mới", "code_1": "00009", "kind_1": "ward"} | more


def test_a_merger_to_come_is_previewed_and_taken_back(client, office, tasks, wards):
    client.force_login(office)
    made = client.post(which("sap-nhap", *wards[:2]), new(effective=day(30)))
    change = UnitChange.objects.get()
    assert made["Location"] == reverse("change", args=[change.pk])
    page = client.get(made["Location"])
    assert (page.context["follows"], page.context["waits"], page.context["future"]) == (2, 0, True)
    client.post(reverse("change-apply", args=[change.pk]))
    assert {task.unit for task in Task.objects.all()} == set(wards)
    client.post(reverse("change-cancel", args=[change.pk]))
    assert not UnitChange.objects.exists()
    assert not Unit.objects.exclude(valid_to=None).exists()


def test_a_merger_in_effect_moves_what_is_open_when_told(client, office, tasks, wards):
    client.force_login(office)
    client.post(which("sap-nhap", *wards[:2]), new(effective=day(0)))
    change = UnitChange.objects.get()
    client.post(reverse("change-apply", args=[change.pk]))
    merged = Unit.objects.get(code="00009")
    assert Task.objects.filter(unit=merged, state="open").count() == 1
    page = client.get(reverse("change", args=[change.pk]))
    assert (page.context["follows"], page.context["moved_count"]) == (0, 2)


def test_what_cannot_follow_is_decided_by_hand(client, office, tasks, wards):
    client.force_login(office)
    halves = new(effective=day(-1), name_2="Phường Hai", code_2="00010", kind_2="ward")
    client.post(which("chia-tach", wards[0]), halves)
    waiting = client.get(reverse("undecided"))
    assert (waiting.context["total"], wards[0].name in waiting.content.decode()) == (1, True)
    here = reverse("undecided-unit", args=[wards[0].pk])
    assert client.post(here, {"items": [f"task.{tasks[0].pk}"], "heir": wards[1].pk}).status_code == 400
    heir = Unit.objects.get(code="00010")
    client.post(here, {"items": [f"task.{tasks[0].pk}"], "heir": heir.pk})
    assert Task.objects.get(pk=tasks[0].pk).unit == heir
    assert client.get(reverse("undecided")).context["total"] == 0


def test_or_by_saying_how_large_the_parts_are(client, office, tasks, wards):
    client.force_login(office)
    halves = new(effective=day(-1), name_2="Phường Hai", code_2="00010", kind_2="ward")
    client.post(which("chia-tach", wards[0]), halves)
    first, second = Unit.objects.filter(code__in=["00009", "00010"]).order_by("code")
    here = reverse("undecided-shares", args=[wards[0].pk])
    shares = {"basis": "số hộ", f"share_{first.pk}": "30", f"share_{second.pk}": "60"}
    assert client.post(here, shares).status_code == 400
    client.post(here, shares | {f"share_{second.pk}": "70"})
    assert Task.objects.get(pk=tasks[0].pk).unit == second


def test_a_split_with_shares_in_per_cent(client, office, tasks, wards):
    client.force_login(office)
    halves = new(effective=day(-1), name_2="Phường Hai", code_2="00010", kind_2="ward", basis="dân số")
    bad = client.post(which("chia-tach", wards[0]), halves | {"share_1": "61,5", "share_2": "39"})
    assert (bad.status_code, list(bad.context["form"].errors)) == (400, ["share_1"])
    assert not UnitChange.objects.exists()
    client.post(which("chia-tach", wards[0]), halves | {"share_1": "61,5", "share_2": "38,5"})
    assert set(UnitChange.objects.get().successions.values_list("share", flat=True)) == {0.615, 0.385}


def test_a_code_in_use_is_refused_at_its_field(client, office, wards):
    client.force_login(office)
    page = client.post(which("doi-ten", wards[0]), new(effective=day(0), code_1=wards[1].code))
    assert list(page.context["form"].errors) == ["code_1"]
    assert wards[1].name in str(page.context["form"].errors)


def test_the_wrong_number_of_units_is_asked_for_again(client, office, wards):
    client.force_login(office)
    for kind, units in (("sap-nhap", wards[:1]), ("doi-ten", wards[:2]), ("chia-tach", wards[:2])):
        page = client.get(which(kind, *units))
        assert (page.status_code, list(page.context["form"].errors)) == (400, ["don_vi"])


def test_nobody_changes_their_own_unit_and_an_administrator_above_does(client, wards, city):
    client.force_login(person("phuong", "administrator", wards[0]))
    assert client.post(which("doi-ten", wards[0]), new(effective=day(0))).status_code == 400
    assert not UnitChange.objects.exists()
    client.force_login(person("quan-tri", "administrator", city))
    assert client.post(which("doi-ten", wards[0]), new(effective=day(0))).status_code == 302


def test_a_serving_installation_lets_open_work_follow_on_the_day(client, office, tasks, wards):
    client.force_login(office)
    client.post(which("sap-nhap", *wards[:2]), new(effective=day(1)))
    assert upkeep.settle().moved == {}
    UnitChange.objects.update(effective=day(0))
    Unit.objects.exclude(valid_to=None).update(valid_to=day(0))
    Unit.objects.filter(code="00009").update(valid_from=day(0))
    assert upkeep.settle().moved == {"task": 2}


def test_a_change_is_not_taken_back_from_below(client, office, wards):
    """Groups go along with their ward, and stand below the ward's own administrator."""
    make_unit("00000.1", wards[0], "group")
    client.force_login(office)
    client.post(which("doi-ten", wards[0]), new(effective=day(9)))
    change = UnitChange.objects.get()
    client.force_login(person("phuong", "administrator", wards[0]))
    client.post(reverse("change-cancel", args=[change.pk]))
    assert UnitChange.objects.filter(pk=change.pk).exists()
