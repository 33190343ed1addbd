"""Field work: what was done, teams and walks, what waits for a supervisor, the course."""

from datetime import date, timedelta

from django.utils import timezone

from tungnha.accounts import services as accounts
from tungnha.accounts.roles import Action, Role
from tungnha.ledger import services as ledger
from tungnha.ledger.entries import uuid7
from tungnha.ledger.models import Held
from tungnha.office.tests import doors_unit
from tungnha.office.tests.doors import CITY, WARD, Door, Need
from tungnha.outreach.models import Assignment, FoundHousehold, Member, Shift, Team, VisitorReport
from tungnha.progress.models import ReviewFlag
from tungnha.sealing import seal

PEOPLE = Need(Action.PEOPLE, WARD)


def decides(answer=302, **sent):
    return Need(Action.PEOPLE, WARD, answer, sent)


DOORS = {
    "fieldwork": Door(("unit",), get=Need(Action.LOOK, WARD)),
    "teams": Door(("unit",), get=PEOPLE, post=decides(400)),
    "team": Door(("team",), get=PEOPLE, post=decides(400)),
    "member-let-go": Door(("member",), post=decides()),
    "walk-give": Door(("member",), post=decides(400)),
    "walk-take-back": Door(("assignment",), post=decides()),
    "device-revoke": Door(("device",), post=decides()),
    "callbacks": Door(("unit",), get=PEOPLE, post=decides(400)),
    "review": Door(("unit",), get=PEOPLE),
    "flag-settle": Door(("flag",), post=decides(reason="Đã hỏi")),
    "report-settle": Door(("report",), post=decides(reason="Đã hỏi")),
    "held-settle": Door(("held",), post=decides(reason="Đã hỏi", decision="refuse")),
    "found": Door(("unit",), get=PEOPLE),
    "found-settle": Door(("found",), post=decides(finding="known")),
    "shift-plan": Door(("team",), post=decides(400)),
    "shift": Door(("shift",), get=PEOPLE, post=decides(400)),
    "shift-call-off": Door(("shift",), post=decides(reason="Mưa to")),
    "attendance": Door(("unit",), get=PEOPLE),
    "position-stamps": Door(("campaign",), get=Need(Action.PLAN, CITY), post=Need(Action.PLAN, CITY, 400)),
    "unit-training": Door(("unit",), get=PEOPLE),
    "training": Door(get=Need(None)),
    "course": Door(("course",), get=Need(None), post=Need(None, answer=302)),
}


def objects(world):
    things = doors_unit.objects(world)
    volunteer = accounts.create_user("tinh-nguyen-vien", "mật khẩu thật dài 9")
    accounts.grant_role(volunteer, Role.VOLUNTEER, world.ward, valid_from=date(2026, 1, 1))
    team = Team.objects.create(campaign=world.campaign, unit=world.ward, name="Tổ 1")
    member = Member.objects.create(team=team, user=volunteer)
    now = timezone.now()
    device, _token = ledger.enrol(volunteer, campaign=world.campaign.code, unit=world.ward)
    held = Held.objects.create(
        digest=b"d" * 32,
        reason="malformed",
        sealed=seal("{}"),
        device=device,
        received_at=now,
        clock_offset=0,
    )
    return {
        "unit": world.ward,
        "team": team,
        "shift": Shift.objects.create(
            team=team, start=now + timedelta(hours=1), end=now + timedelta(hours=3), planned_by=world.author
        ),
        "campaign": world.campaign,
        "course": "team-leader",
        "member": member,
        "assignment": Assignment.objects.create(
            turf=things["turf"], member=member, given_by=world.author, given_at=now, until=now + timedelta(hours=3)
        ),
        "device": device,
        "flag": ReviewFlag.objects.create(
            campaign=world.campaign, unit=world.ward, person=volunteer, day=date(2026, 10, 1), check_name="too_fast", share=0.1,
            facts={"visits": 6, "seconds": 40, "first": 2},
        ),
        "report": VisitorReport.objects.create(unit=world.ward, what="code", sealed=seal('{"text": "", "phone": ""}')),
        "held": bytes(held.digest).hex(),
        "found": str(
            FoundHousehold.objects.create(
                entry=uuid7(), campaign=world.campaign.code, unit=world.ward.pk, address="Số 7B", people=2, happened_at=now,
                actor=volunteer.pk,
            ).pk
        ),
    }  # fmt: skip
