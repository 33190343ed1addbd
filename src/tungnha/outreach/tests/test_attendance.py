"""Shifts: planned, called off, and who came, by the phone and by word."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from tungnha.accounts import services as accounts
from tungnha.field.tests.handling import PASSWORD
from tungnha.field.tests.places import ground, unit
from tungnha.ledger import services as ledger
from tungnha.outreach.models import Attendance, Shift
from tungnha.outreach.queries.attendance import of_shifts
from tungnha.outreach.services import attendance, teams
from tungnha.outreach.visits import VISIT, Outcome, Visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return ground()


@pytest.fixture
def shift(place):
    """A shift that began six hours ago."""
    start = timezone.now().replace(microsecond=0) - timedelta(hours=6)
    return Shift.objects.create(
        team=place.member.team, start=start, end=start + timedelta(hours=1), planned_by=place.leader
    )


def knock(place, at, actor=None, home=0):
    """A visit by the team's volunteer, as if a phone had sent it."""
    person = actor or place.member.user
    accounts.grant_role(person, "city_office", place.ward.parent)
    ledger.record(
        VISIT.name, Visit(Outcome.NOBODY_HOME), actor=person, campaign="90-ngay", unit=place.ward, occurred_at=at,
        household=place.households[home].pk,
    )  # fmt: skip
    person.roles.filter(role="city_office").delete()


def presence(shift):
    (one,) = of_shifts([shift])[shift.pk]
    return one


def given_before(place, shift):
    place.assignment.given_at = shift.start - timedelta(hours=1)
    place.assignment.save()


@pytest.mark.parametrize(("minutes", "state"), [(-10, "came"), (30, "came"), (31, "late"), (130, "late")])
def test_the_first_door_says_whether_somebody_came_in_time(place, shift, minutes, state):
    given_before(place, shift)
    knock(place, shift.start + timedelta(minutes=minutes))
    assert presence(shift).state == state


def test_first_and_last_door_of_the_shift_and_no_other(place, shift):
    given_before(place, shift)
    for number, minutes in enumerate((-90, 5, 20, 40, 200)):
        knock(place, shift.start + timedelta(minutes=minutes), home=number)
    first, last = presence(shift).heard
    assert (first, last) == (shift.start + timedelta(minutes=5), shift.start + timedelta(minutes=40))


def test_people_come_in_the_order_of_vietnamese_names(place, shift):
    for username, name in (("a", "Trần Văn Ân"), ("b", "Lê Đức"), ("c", "Phạm Văn An"), ("d", "Vũ Dũng")):
        person = accounts.create_user(username, PASSWORD, full_name=name)
        accounts.grant_role(person, "volunteer", place.ward)
        teams.add_member(place.member.team, person, joined=place.member.joined)
    names = [one.member.user.first_name for one in of_shifts([shift])[shift.pk]]
    assert names == ["Phạm Văn An", "Trần Văn Ân", "Vũ Dũng", "Lê Đức", "Nguyễn Lan"]


def test_silence_is_no_absence(shift):
    assert (presence(shift).heard, presence(shift).state) == (None, None)


def test_what_somebody_else_recorded_at_the_same_doors_is_not_theirs(place, shift):
    given_before(place, shift)
    knock(place, shift.start + timedelta(minutes=5), actor=place.leader)
    assert presence(shift).state is None


def test_the_newest_word_stands_against_the_phone_and_what_was_said_stays(place, shift):
    given_before(place, shift)
    knock(place, shift.start + timedelta(minutes=50))
    first = attendance.mark(shift, place.member, state="came", reason="Trực thư ngỏ ở cổng", by=place.leader)
    attendance.mark(shift, place.member, state="absent", reason="Nhầm người", seen=first.pk, by=place.leader)
    assert presence(shift).state == "absent"
    assert [one.state for one in Attendance.objects.all()] == ["absent", "came"]
    with pytest.raises(TypeError):
        first.delete()


@pytest.mark.parametrize(
    ("state", "heard", "needed"),
    [
        ("came", None, False),
        ("late", None, True),
        ("absent", None, True),
        ("came", 50, True),
        ("came", 5, False),
    ],
)
def test_a_reason_is_needed_where_something_is_amiss_or_corrected(place, shift, state, heard, needed):
    given_before(place, shift)
    if heard is not None:
        knock(place, shift.start + timedelta(minutes=heard))
    if needed:
        with pytest.raises(ValidationError) as refused:
            attendance.mark(shift, place.member, state=state, by=place.leader)
        assert list(refused.value.message_dict) == ["reason"]
    attendance.mark(shift, place.member, state=state, reason="Đón con" if needed else "", by=place.leader)
    assert presence(shift).state == state


def test_somebody_elses_newer_word_is_not_written_over_unseen(place, shift):
    attendance.mark(shift, place.member, state="came", by=place.leader)
    with pytest.raises(ValidationError):
        attendance.mark(shift, place.member, state="absent", reason="Không thấy", seen=0, by=place.leader)
    assert presence(shift).state == "came"


def test_nobody_speaks_about_themselves_or_another_ward(place, shift):
    leads = teams.add_member(place.member.team, place.leader, leads=True)
    stranger = accounts.create_user("la", PASSWORD)
    accounts.grant_role(stranger, "team_leader", unit("00229", "Phường Cửa Nam", place.ward.parent))
    for member, by in ((leads, place.leader), (place.member, stranger), (place.member, place.member.user)):
        with pytest.raises(PermissionDenied):
            attendance.mark(shift, member, state="came", by=by)
    assert Attendance.objects.count() == 0


def test_who_joined_later_or_had_left_was_not_expected(place, shift):
    day = timezone.localdate(shift.start)
    for joined, left, expected in (
        (day, None, 1),
        (day + timedelta(days=1), None, 0),
        (day - timedelta(days=9), day, 0),
    ):
        place.member.joined, place.member.left = joined, left
        place.member.save()
        assert len(of_shifts([shift])[shift.pk]) == expected
    with pytest.raises(ValidationError):
        attendance.mark(shift, place.member, state="came", by=place.leader)


def test_before_it_begins_only_an_absence_can_be_known(place):
    later = timezone.now() + timedelta(hours=1)
    shift = Shift.objects.create(
        team=place.member.team, start=later, end=later + timedelta(hours=1), planned_by=place.leader
    )
    with pytest.raises(ValidationError):
        attendance.mark(shift, place.member, state="came", by=place.leader)
    attendance.mark(shift, place.member, state="absent", reason="Ốm, đã báo", by=place.leader)
    attendance.call_off(shift, "Mưa to", by=place.leader)
    with pytest.raises(ValidationError):
        attendance.mark(shift, place.member, state="absent", reason="x", seen=0, by=place.leader)


def planned(place, day, until=None, start=time(18, 15), end=time(20, 45)):
    return attendance.plan_shifts(
        place.member.team, day=day, start=start, end=end, until=until, by=place.leader
    )


def test_shifts_of_many_days_stand_at_the_campaigns_hours(place):
    made = planned(place, date(2026, 12, 1), until=date(2026, 12, 3))
    assert [one.start.astimezone(UTC) for one in made] == [
        datetime(2026, 12, day, 11, 15, tzinfo=UTC) for day in (1, 2, 3)
    ]


def test_a_team_is_not_in_two_places_and_nothing_is_planned_by_half(place):
    planned(place, date(2026, 12, 2))
    with pytest.raises(ValidationError):
        planned(place, date(2026, 12, 1), until=date(2026, 12, 4), start=time(20), end=time(21))
    assert Shift.objects.count() == 1
    planned(place, date(2026, 12, 2), start=time(20, 45), end=time(21))
    assert Shift.objects.count() == 2


def test_what_was_called_off_can_be_planned_again(place):
    (first,) = planned(place, date(2026, 12, 2))
    attendance.call_off(first, "Bão", by=place.leader)
    (again,) = planned(place, date(2026, 12, 2), end=time(20))
    assert (again.pk, again.called_off, Shift.objects.count()) == (first.pk, "", 1)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"end": time(18)}, "end"),
        ({"until": date(2026, 11, 30)}, "until"),
        ({"day": date(2026, 8, 31)}, "day"),
        ({"day": date(2027, 11, 29), "until": date(2027, 11, 30)}, "until"),
        ({"until": date(2027, 6, 1)}, "until"),
    ],
)
def test_bad_plans_say_which_field(place, facts, field):
    with pytest.raises(ValidationError) as refused:
        planned(place, **({"day": date(2026, 12, 1)} | facts))
    assert list(refused.value.message_dict) == [field]
