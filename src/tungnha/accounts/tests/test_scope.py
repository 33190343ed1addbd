from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tungnha.accounts import scope, services
from tungnha.accounts.models import RoleHeld, User
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
    Succession.objects.create(change=change, old=old, new=new, whole=False, share=0.8)
    Succession.objects.create(change=change, old=old, new=other, whole=False, share=0.2)
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


DAY = date(2030, 1, 1)
SPANS = st.tuples(st.integers(0, 20), st.integers(1, 10) | st.none()).map(
    lambda drawn: (
        DAY + timedelta(days=drawn[0]),
        None if drawn[1] is None else DAY + timedelta(days=drawn[0] + drawn[1]),
    )
)


@given(first=SPANS, second=SPANS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_a_role_is_refused_exactly_when_a_day_would_be_held_twice(places, person, first, second):
    RoleHeld.objects.all().delete()
    services.grant_role(person, "analyst", places["new"], valid_from=first[0], valid_to=first[1])
    day, last = DAY, DAY + timedelta(days=60)
    days = [set(), set()]
    while day < last:
        for held, (start, end) in zip(days, (first, second), strict=True):
            if start <= day and (end is None or day < end):
                held.add(day)
        day += timedelta(days=1)
    if days[0] & days[1]:
        with pytest.raises(ValidationError, match="Xuân Đỉnh"):
            services.grant_role(person, "analyst", places["new"], valid_from=second[0], valid_to=second[1])
    else:
        services.grant_role(person, "analyst", places["new"], valid_from=second[0], valid_to=second[1])
    services.grant_role(person, "analyst", places["other"], valid_from=second[0], valid_to=second[1])
    services.grant_role(person, "team_leader", places["new"], valid_from=second[0], valid_to=second[1])


def test_an_ended_role_may_be_given_again_the_same_day(places, person):
    services.end_role(services.grant_role(person, "unit_officer", places["new"]))
    services.grant_role(person, "unit_officer", places["new"])
    assert list(scope.visible_units(person)) == [places["new"]]


@pytest.mark.parametrize(
    ("steps", "followed"),
    [
        ([(True, 1.0)], [True]),
        ([(True, None)], [True]),
        ([(False, 0.6), (False, 0.4)], [True, False]),
        ([(False, 0.5), (False, 0.5)], [False, False]),
        ([(False, None), (False, None)], [False, False]),  # no source says how much: an administrator decides
        ([(False, 0.4), (False, 0.35)], [False, False]),
    ],
)
def test_a_role_follows_only_into_the_greater_part(person, steps, followed):
    old = make_unit("1", "Cũ", valid_to=MERGER)
    change = UnitChange.objects.create(decided_by="1656", effective=MERGER)
    heirs = [make_unit(f"2{n}", f"Mới {n}", valid_from=MERGER) for n in range(len(steps))]
    for heir, (whole, share) in zip(heirs, steps, strict=True):
        Succession.objects.create(change=change, old=old, new=heir, whole=whole, share=share)
    services.grant_role(person, "unit_officer", old)
    assert [scope.may(person, "people", heir) for heir in heirs] == followed


def test_a_role_follows_through_several_changes_each_from_its_day(person):
    names = ["a", "b", "c"]
    days = [MERGER, timezone.localdate() + timedelta(days=3)]
    units = [make_unit(name, name) for name in names]
    for old, new, day in zip(units, units[1:], days, strict=False):
        change = UnitChange.objects.create(decided_by=str(day), effective=day)
        Succession.objects.create(change=change, old=old, new=new, whole=True, share=1.0)
    services.grant_role(person, "unit_officer", units[0])
    assert [scope.may(person, "people", unit) for unit in units] == [True, True, False]
    assert [scope.may(person, "people", unit, on=days[1]) for unit in units] == [True, True, True]


def test_units_that_succeed_each_other_in_a_ring_do_not_hang(person):
    units = [make_unit(name, name) for name in "ab"]
    change = UnitChange.objects.create(decided_by="?", effective=MERGER)
    for old, new in (units, units[::-1]):
        Succession.objects.create(change=change, old=old, new=new, whole=True)
    services.grant_role(person, "unit_officer", units[0])
    assert set(scope.visible_units(person)) == set(units)


def test_however_often_a_page_asks_the_rule_adds_one_query(places, person, django_assert_num_queries):
    services.grant_role(person, "unit_officer", places["old"])
    services.grant_role(person, "analyst", places["city"])
    asked = User.objects.get(pk=person.pk)
    with django_assert_num_queries(1):
        assert scope.may(asked, "people", places["new"])
        assert not scope.may(asked, "people", places["other"])
        assert scope.may(asked, "figures", places["other"])
        visible = scope.visible_units(asked, "people")
    with django_assert_num_queries(1):
        assert {unit.pk for unit in visible} == {places["old"].pk, places["new"].pk}


def test_what_was_read_is_forgotten_when_a_role_is_written(places, person):
    assert not scope.may(person, "look", places["new"])
    held = services.grant_role(User.objects.get(pk=person.pk), "unit_officer", places["new"])
    assert scope.may(person, "look", places["new"])
    services.end_role(held)
    assert not scope.may(person, "look", places["new"])


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
