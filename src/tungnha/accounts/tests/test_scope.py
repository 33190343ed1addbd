from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.utils import timezone

from tungnha.accounts import scope, services
from tungnha.territory.models import BEFORE_RECORDS, Succession, Unit, UnitChange

pytestmark = pytest.mark.django_db
MERGER = date(2025, 7, 1)


def make_unit(code, name, parent=None, *, valid_from=BEFORE_RECORDS, valid_to=None, kind="ward"):
    unit = Unit.objects.create(
        code=code, name=name, name_fold=name.lower(), parent=parent, kind=kind, path="",
        valid_from=valid_from, valid_to=valid_to,
    )  # fmt: skip
    unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
    unit.save()
    return unit


@pytest.fixture
def places():
    city = make_unit("01", "Hà Nội", kind="city")
    district = make_unit("021", "Bắc Từ Liêm", city, valid_to=MERGER, kind="district")
    old = make_unit("00611", "Xuân Tảo", district, valid_to=MERGER)
    new = make_unit("00611", "Xuân Đỉnh", city, valid_from=MERGER)
    other = make_unit("00226", "Văn Miếu", city, valid_from=MERGER)
    change = UnitChange.objects.create(decided_by="1656/NQ-UBTVQH15", effective=MERGER)
    Succession.objects.create(change=change, old=old, new=new, whole=False)
    return {"city": city, "district": district, "old": old, "new": new, "other": other}


@pytest.fixture
def person():
    return services.create_user("huong", "mật khẩu thật dài 9")


def test_a_role_reaches_everything_below_its_unit(places, person):
    services.grant_role(person, "city_office", places["city"])
    assert set(scope.visible_units(person)) == set(places.values())


def test_a_ward_officer_sees_the_ward_and_nothing_beside_or_above_it(places, person):
    services.grant_role(person, "unit_officer", places["other"])
    assert list(scope.visible_units(person)) == [places["other"]]


@pytest.mark.parametrize("held", ["old", "district"])
def test_a_role_follows_the_unit_into_its_successors(places, person, held):
    services.grant_role(person, "unit_officer", places[held])
    assert scope.may(person, "people", places["new"])
    assert not scope.may(person, "people", places["other"])


def test_a_role_counts_only_during_its_period(places, person):
    today = timezone.localdate()
    services.grant_role(
        person, "unit_officer", places["new"], valid_from=today, valid_to=today + timedelta(days=2)
    )
    answers = [
        scope.may(person, "look", places["new"], on=today + timedelta(days=shift)) for shift in (-1, 0, 1, 2)
    ]
    assert answers == [False, True, True, False]


def test_an_administrator_sees_no_people(places, person):
    services.grant_role(person, "administrator", places["city"])
    assert scope.may(person, "manage", places["other"])
    assert not scope.may(person, "people", places["other"])


def test_flags_open_nothing(places, person):
    person.is_superuser = person.is_staff = True
    person.save()
    assert list(scope.visible_units(person)) == []


def test_nobody_and_the_dismissed_see_nothing(places, person):
    services.grant_role(person, "city_office", places["city"])
    person.is_active = False
    assert list(scope.visible_units(person)) == []
    assert list(scope.visible_units(AnonymousUser())) == []


def test_path_prefix_does_not_reach_a_unit_with_a_longer_number(places, person):
    """/1/1/ must not cover /1/12/."""
    Unit.objects.filter(pk=places["other"].pk).update(path=places["new"].path.rstrip("/") + "9/")
    services.grant_role(person, "unit_officer", places["new"])
    assert list(scope.visible_units(person)) == [places["new"]]


def test_an_unknown_action_is_an_error(places, person):
    with pytest.raises(ValueError, match="dance"):
        scope.may(person, "dance", places["city"])


def test_granting_twice_changes_nothing(places, person):
    first = services.grant_role(person, "unit_officer", places["new"])
    assert services.grant_role(person, "unit_officer", places["new"]) == first


def test_ending_a_role_takes_effect_that_day(places, person):
    services.end_role(services.grant_role(person, "unit_officer", places["new"]))
    assert list(scope.visible_units(person)) == []


def test_a_role_that_ends_before_it_begins_is_refused(places, person):
    with pytest.raises(ValidationError):
        services.grant_role(
            person, "unit_officer", places["new"], valid_from=MERGER, valid_to=MERGER - timedelta(days=1)
        )


def test_a_weak_password_is_refused():
    with pytest.raises(ValidationError):
        services.create_user("lan", "ngan")
