"""Teams, training, walks in one hand at a time, passes, and reports about visitors."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tungnha.accounts import services as accounts
from tungnha.campaign.models import Campaign
from tungnha.outreach import passes, training
from tungnha.outreach.models import Assignment, Turf, TurfPlan
from tungnha.outreach.queries import teams as reads
from tungnha.outreach.queries import training as trained
from tungnha.outreach.services import reports, teams
from tungnha.outreach.services.training import sit
from tungnha.territory.models import Unit


def unit(code, parent=None):
    made = Unit.objects.create(
        code=code, name=f"Phường {code}", name_fold=code, kind="ward", parent=parent, path="/"
    )
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save()
    return made


def person(name, role, where):
    user = accounts.create_user(name, "mật khẩu thật dài 9")
    accounts.grant_role(user, role, where)
    return user


def answers(right):
    """Answers to the doorstep course of which so many are right."""
    asked = training.course(training.DOORSTEP).questions
    return {place: one.right if place < right else one.wrong[0] for place, one in enumerate(asked)}


@pytest.fixture
def ward(db):
    return unit("00226", unit("01"))


@pytest.fixture
def turf(ward):
    plan = TurfPlan.objects.create(unit=ward, seed=1, settings={}, on_streets=False)
    return Turf.objects.create(
        plan=plan, number=0, doors=1, minutes=9.0, walk_metres=20.0, diameter_metres=0.0, connected=True
    )


@pytest.fixture
def team(ward):
    campaign = Campaign.objects.create(
        code="90-ngay", name="90 ngày", unit=ward.parent, start=date(2026, 9, 1), deadline=date(2026, 11, 29)
    )
    return teams.make_team(campaign, ward, "Tổ 1")


@pytest.fixture
def leader(ward):
    return person("to-truong", "team_leader", ward)


def member(team, name, *, passed=True):
    made = teams.add_member(team, person(name, "volunteer", team.unit))
    if passed:
        sit(made.user, training.DOORSTEP, answers(6))
    return made


def test_nobody_walks_before_passing(team, turf, leader):
    untrained = member(team, "lan", passed=False)
    with pytest.raises(ValidationError, match="lan"):
        teams.give(turf, untrained, by=leader)
    sit(untrained.user, training.DOORSTEP, answers(4))  # 4 of 6 is under the mark of 80%
    with pytest.raises(ValidationError):
        teams.give(turf, untrained, by=leader)
    sit(untrained.user, training.DOORSTEP, answers(5))
    assert teams.give(turf, untrained, by=leader).is_held(timezone.now())


def test_a_pass_of_the_course_runs_out(team):
    learned = member(team, "lan").user
    days = training.course(training.DOORSTEP).valid_days
    today = timezone.localdate()
    assert trained.passed([learned], on=today + timedelta(days=days - 1)) == {learned.pk}
    assert trained.passed([learned], on=today + timedelta(days=days)) == set()


def test_a_walk_is_in_one_hand_until_it_is_handed_over(team, turf, leader):
    one, other = member(team, "lan"), member(team, "hung")
    first = teams.give(turf, one, by=leader)
    with pytest.raises(ValidationError, match="lan"):
        teams.give(turf, other, by=leader)
    teams.hand_over(first, other, by=leader)
    assert list(reads.walks_of(one.user)) == []
    assert [walk.turf for walk in reads.walks_of(other.user)] == [turf]


def test_a_walk_comes_free_by_itself(team, turf, leader):
    one, other = member(team, "lan"), member(team, "hung")
    lost = teams.give(turf, one, by=leader)
    past = timezone.now() - timedelta(hours=80)
    Assignment.objects.filter(pk=lost.pk).update(given_at=past, until=past + timedelta(hours=72))
    assert teams.give(turf, other, by=leader).member == other


def test_a_walk_is_given_for_72_hours_at_most_and_only_by_who_may(team, turf, leader, ward):
    one = member(team, "lan")
    with pytest.raises(ValidationError):
        teams.give(turf, one, by=leader, until=timezone.now() + timedelta(hours=73))
    for role, where in (("point_staff", ward), ("team_leader", unit("00229", ward.parent))):
        with pytest.raises(ValidationError):
            teams.give(turf, one, by=person(f"{role}-{where.code}", role, where))
    assert list(Assignment.objects.all()) == []


def test_who_is_let_go_holds_nothing(team, turf, leader):
    one = member(team, "lan")
    teams.give(turf, one, by=leader)
    teams.let_go(one)
    assert list(reads.walks_of(one.user)) == []
    with pytest.raises(ValidationError):
        teams.give(turf, one, by=leader)


@pytest.mark.django_db
def test_a_person_without_a_role_there_joins_no_team(team):
    stranger = accounts.create_user("la", "mật khẩu thật dài 9")
    with pytest.raises(ValidationError, match="la"):
        teams.add_member(team, stranger)


DAYS = st.dates(date(2026, 1, 1), date(2099, 1, 1))


@given(number=st.integers(0, 2**40 - 1), day=DAYS)
def test_a_pass_says_what_was_signed(number, day):
    token = passes.issue(number, day)
    assert len(token) == passes.LENGTH
    assert passes.read(token) == passes.read(token.lower()) == passes.Pass(number, day)


@given(
    number=st.integers(0, 2**40 - 1),
    day=DAYS,
    place=st.integers(0, passes.LENGTH - 1),
    letter=st.sampled_from("ABC234"),
)
def test_an_altered_pass_is_none(number, day, place, letter):
    token = passes.issue(number, day)
    altered = token[:place] + letter + token[place + 1 :]
    assert (passes.read(altered) is None) == (altered != token)


def test_the_first_finding_about_a_visitor_stands(ward, leader):
    told = reports.report_visitor(
        ward, "code", "Ông tự xưng là cán bộ hỏi mã OTP ở ngõ 34", phone="0912345678"
    )
    assert reports.words_of(told)["text"].startswith("Ông tự xưng")
    assert b"OTP" not in bytes(told.sealed)
    assert [reports.settle_report(told, text, by=leader) for text in ("Kẻ giả danh", "Nhầm")] == [True, False]
    told.refresh_from_db()
    assert told.finding == "Kẻ giả danh"
