"""A ward with a short walk in a trained volunteer's hands."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from tungnha.accounts import services as accounts
from tungnha.campaign.models import Campaign
from tungnha.field.tests.handling import PASSWORD
from tungnha.outreach import training
from tungnha.outreach.models import Assignment, Member, Stop, Turf, TurfPlan
from tungnha.outreach.services import teams
from tungnha.outreach.services.training import sit
from tungnha.register.models import Household, ListFile, Resident
from tungnha.territory.models import Premises, Source, Street, Unit

HEADS = ["Nguyễn Thị Đào", "Trần Văn Hùng", "Lê Hoàng Lan", "Phạm Minh Tuấn", "Vũ Thu Hà", "Đỗ Quang Vinh",
         "Bùi Ngọc Mai", "Hoàng Đức Long", "Đặng Thị Hoa", "Ngô Bá Khá", "Dương Mỹ Linh", "Lý Quốc Sư"]  # fmt: skip


@dataclass
class Ground:
    ward: Unit
    turf: Turf
    leader: Any
    member: Member
    assignment: Assignment
    households: list[Household]


def unit(code: str, name: str, parent: Unit | None = None) -> Unit:
    made = Unit.objects.create(
        code=code, name=name, name_fold=name.lower(), kind="ward", parent=parent, path="/"
    )
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save()
    return made


def household(ward: Unit, number: int, street: Street, source: Source, sent: ListFile) -> Household:
    head = HEADS[number % len(HEADS)]
    door = Premises.objects.create(
        unit=ward, street=street, address=f"Số {number + 1} ngõ 34/5", address_fold=f"so {number + 1} ngo 34/5",
        source=source, latitude=21.03 + number / 20_000, longitude=105.84 + number / 20_000,
    )  # fmt: skip
    home = Household.objects.create(
        premises=door, unit=ward, identity=number.to_bytes(16, "big"), head_name=head, head_fold=head.lower(), list_file=sent
    )  # fmt: skip
    for place in range(2):
        Resident.objects.create(
            household=home, identity=(1000 * (place + 1) + number).to_bytes(16, "big"), full_name=head, birth_year=1960,
            name_fold=head.lower(), list_file=sent, number_sealed=b"sealed", phone_sealed=b"sealed",
        )  # fmt: skip
    return home


def walk(ward: Unit, homes: list[Household], number: int = 0) -> Turf:
    plan = TurfPlan.objects.create(unit=ward, seed=1, settings={}, on_streets=False, generated=True)
    turf = Turf.objects.create(
        plan=plan, number=number, doors=len(homes), minutes=40.0, walk_metres=120.0, diameter_metres=80.0, connected=True
    )  # fmt: skip
    Stop.objects.bulk_create(
        Stop(plan=plan, turf=turf, position=place, household=home) for place, home in enumerate(homes)
    )
    return turf


def ground(doors: int = 12) -> Ground:
    city = unit("01", "Thành phố Hà Nội")
    ward = unit("00226", "Phường Văn Miếu - Quốc Tử Giám", city)
    campaign = Campaign.objects.create(
        code="90-ngay", name="90 ngày đêm", unit=city, start=date(2026, 9, 1), deadline=date(2027, 11, 29)
    )
    source = Source.objects.create(name="test", generated=True)
    sent = ListFile.objects.create(unit=ward, name="Tổ 5.xlsx", sha256="0" * 64, generated=True)
    street = Street.objects.create(
        unit=ward, kind="ngo", name="Ngõ 34/5", name_fold="ngo 34/5", source=source
    )
    homes = [household(ward, number, street, source, sent) for number in range(doors)]
    turf = walk(ward, homes)
    leader = accounts.create_user("to-truong", PASSWORD)
    accounts.grant_role(leader, "team_leader", ward)
    volunteer = accounts.create_user("lan", PASSWORD, full_name="Nguyễn Lan")
    accounts.grant_role(volunteer, "volunteer", ward)
    # Long ago: a shift may have begun yesterday, where the campaign runs.
    member = teams.add_member(teams.make_team(campaign, ward, "Tổ 1"), volunteer, joined=campaign.start)
    asked = training.course(training.DOORSTEP).questions
    sit(volunteer, training.DOORSTEP, {place: one.right for place, one in enumerate(asked)})
    return Ground(ward, turf, leader, member, teams.give(turf, member, by=leader), homes)
