"""Attendance, courses and the switch for position stamps, as people use them."""

from datetime import date, timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tungnha.accounts import services as accounts
from tungnha.field.tests.handling import PASSWORD
from tungnha.field.tests.places import ground
from tungnha.ledger.entries import uuid7
from tungnha.office import upkeep
from tungnha.outreach import training
from tungnha.outreach.models import (
    Attendance,
    PositionConsent,
    PositionDecision,
    PositionStamp,
    Shift,
    TrainingResult,
)
from tungnha.outreach.services import teams
from tungnha.progress.models import ReviewFlag
from tungnha.territory.models import Street

pytestmark = pytest.mark.django_db


def signed_in(name):
    browser = Client()
    assert browser.login(username=name, password=PASSWORD)
    return browser


@pytest.fixture
def place():
    made = ground(3)
    made.officer = accounts.create_user("to-cong-tac", PASSWORD)
    accounts.grant_role(made.officer, "city_office", made.ward.parent)
    return made


@pytest.fixture
def shift(place):
    start = timezone.now().replace(microsecond=0) - timedelta(hours=2)
    return Shift.objects.create(
        team=place.member.team, start=start, end=start + timedelta(hours=1), planned_by=place.leader
    )


def say(browser, shift, member, **said):
    return browser.post(reverse("shift", args=[shift.pk]), {"member": member.pk, "seen": 0} | said)


def test_a_leader_says_who_came_and_a_correction_needs_a_reason(place, shift):
    leader = signed_in("to-truong")
    assert say(leader, shift, place.member, state="absent").status_code == 400
    assert say(leader, shift, place.member, state="absent", reason="Ốm").status_code == 302
    word = Attendance.objects.get()
    assert say(leader, shift, place.member, state="came", reason="Đến bù", seen=word.pk).status_code == 302
    page = leader.get(reverse("shift", args=[shift.pk])).content.decode()
    assert "Đến bù" in page
    assert "Ốm" in page, "what was said before stays readable"


def test_nobody_is_offered_to_speak_about_themselves(place, shift):
    own = teams.add_member(place.member.team, place.leader, leads=True)
    leader = signed_in("to-truong")
    assert (
        f'name="member" value="{own.pk}"'
        not in leader.get(reverse("shift", args=[shift.pk])).content.decode()
    )
    assert say(leader, shift, own, state="came").status_code == 404


def test_a_member_of_another_team_is_refused(place, shift):
    stranger = teams.add_member(teams.make_team(shift.team.campaign, place.ward, "Tổ 2"), place.leader)
    assert say(signed_in("to-cong-tac"), shift, stranger, state="came").status_code == 400


def test_shifts_are_planned_on_the_teams_page(place):
    leader = signed_in("to-truong")
    day = place.member.team.campaign.today() + timedelta(days=1)
    address = reverse("shift-plan", args=[place.member.team_id])
    assert leader.post(address, {"day": day, "start": "18:15", "end": "18:00"}).status_code == 400
    sent = {"day": day, "start": "18:15", "end": "20:45", "until": day + timedelta(days=2)}
    assert leader.post(address, sent).status_code == 302
    assert Shift.objects.count() == 3


def test_a_day_as_a_file_says_what_the_page_says_and_no_formula(place, shift):
    place.member.user.first_name = "=1+1"
    place.member.user.save()
    leader = signed_in("to-truong")
    say(leader, shift, place.member, state="late", reason="Kẹt xe")
    day = shift.team.campaign.day_of(shift.start)
    address = reverse("attendance", args=[place.ward.pk])
    taken = leader.get(address, {"ngay": f"{day:%Y-%m-%d}", "tep": "csv"})
    header, row = taken.content.decode("utf-8-sig").splitlines()
    assert len(header.split(",")) == 8
    assert row.split(",")[1:2] + row.split(",")[3:] == ["Tổ 1", "'=1+1", "Đến muộn", "Kẹt xe", "", ""]
    assert leader.get(address, {"tep": "xlsx"}).status_code == 200
    assert leader.get(address, {"tep": "exe"}).status_code == 404


@pytest.mark.parametrize("asked", ["", "hôm nay", "2026-02-30", "0000-00-00"])
def test_a_day_that_is_none_is_said(place, asked):
    response = signed_in("to-truong").get(
        reverse("attendance", args=[place.ward.pk]) + f"?ngay={quote(asked)}"
    )
    assert response.status_code == 400


def test_a_course_is_marked_at_once_and_an_unknown_one_is_not_there(place):
    browser = signed_in("to-truong")
    address = reverse("course", args=["team-leader"])
    asked = training.course("team-leader").questions
    browser.post(address, {f"q{number}": one.wrong[0] for number, one in enumerate(asked)})
    assert asked[0].why in browser.get(address).content.decode()
    browser.post(address, {f"q{number}": one.right for number, one in enumerate(asked)})
    assert [one.passed for one in TrainingResult.objects.filter(course="team-leader")] == [True, False]
    assert browser.get(reverse("course", args=["khong-co"])).status_code == 404
    held = {one.name: bool(kept) for one, kept in browser.get(reverse("training")).context["mine"]}
    assert held == {"doorstep": False, "team-leader": True}


def test_a_volunteer_finds_their_course_and_sees_nobody_elses_state(place):
    lan = signed_in("lan")
    assert [one.name for one, _ in lan.get(reverse("training")).context["mine"]] == ["doorstep"]
    assert lan.get(reverse("unit-training", args=[place.ward.pk])).status_code == 404
    rows = signed_in("to-truong").get(reverse("unit-training", args=[place.ward.pk])).context["rows"]
    told = {row["person"].username: [(one.name, bool(kept)) for one, kept in row["courses"]] for row in rows}
    assert told == {"lan": [("doorstep", True)], "to-truong": [("doorstep", False), ("team-leader", False)]}


def test_the_switch_is_decided_by_who_plans_the_campaign(place):
    address = reverse("position-stamps", args=[place.member.team.campaign_id])
    sent = {"on": "1", "days": "30", "document": "12/QĐ-UBND", "reason": "Có phản ánh"}
    assert signed_in("to-truong").post(address, sent).status_code == 404
    officer = signed_in("to-cong-tac")
    assert officer.post(address, sent | {"days": ""}).status_code == 400
    assert officer.post(address, sent).status_code == 302
    assert (
        officer.post(address, {"on": "0", "document": "13/QĐ-UBND", "reason": "Hết việc"}).status_code == 302
    )
    assert [(one.on, one.days) for one in PositionDecision.objects.all()] == [(False, None), (True, 30)]
    assert "12/QĐ-UBND" in officer.get(address).content.decode()


def test_stamps_are_shown_with_a_flag_to_who_reviews(place):
    campaign, person = place.member.team.campaign, place.member.user
    PositionDecision.objects.create(
        campaign=campaign, on=True, days=9, document="1", reason="x", decided_by=place.officer
    )
    PositionConsent.objects.create(
        entry=uuid7(),
        campaign=campaign.code,
        user=person.pk,
        given=True,
        wording=1,
        answered_at=timezone.now(),
    )
    for street in (Street.objects.get(), None, None):
        PositionStamp.objects.create(
            entry=uuid7(), campaign=campaign, user=person, street=street, recorded_at=timezone.now()
        )
    for day in (campaign.today(), date(2026, 10, 1)):
        ReviewFlag.objects.create(
            campaign=campaign, unit=place.ward, person=person, day=day, check_name="too_fast", share=0.1,
            facts={"visits": 6, "seconds": 40, "first": 2},
        )  # fmt: skip
    flags = signed_in("to-truong").get(reverse("review", args=[place.ward.pk])).context["flags"]
    assert [row["places"] for row in flags] == [[("", 2), ("Ngõ 34/5", 1)], None]


def test_upkeep_forgets_stamps_that_nobody_agreed_to(place):
    PositionStamp.objects.create(
        entry=uuid7(), campaign=place.member.team.campaign, user=place.member.user, recorded_at=timezone.now()
    )
    upkeep.settle()
    assert PositionStamp.objects.count() == 0
