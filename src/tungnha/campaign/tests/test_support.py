"""Support models: which units have which kind on a day, which lack one, and what the register keeps."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from tungnha.campaign.models import SupportKind, SupportModel
from tungnha.campaign.queries import support as reads
from tungnha.campaign.services import support
from tungnha.campaign.tests.conftest import make_officer, make_unit

DAY = date(2026, 9, 10)
POINT, TEAM = "diem-24-24", "to-co-dong"


def facts(kind=POINT, **more):
    return {
        "kind": SupportKind.objects.get(code=kind), "name": "Điểm 24/24", "place": "Nhà văn hóa tổ 5", "opened": DAY,
        "body": "UBND phường",
    } | more  # fmt: skip


def refused(field, call, *args, **words):
    with pytest.raises(ValidationError) as caught:
        call(*args, **words)
    assert list(caught.value.message_dict) == [field]


@pytest.fixture
def point(wards, office):
    return support.open_model(wards[0], by=office, **facts())


def coverage(plan, office, day, kinds=("ward",)):
    units = reads.units_of(plan.campaign, office, kinds)
    return reads.coverage(reads.models_of(plan.campaign, office), units, day)


def test_seven_kinds_are_there_and_a_city_adds_its_own_which_an_upgrade_leaves_alone(db):
    assert SupportKind.objects.count() == 7
    support.add_kind(name="Xe lưu động")
    SupportKind.objects.filter(code=POINT).update(name="Điểm hỗ trợ suốt ngày đêm")
    support.ensure_kinds()
    assert SupportKind.objects.count() == 8
    assert SupportKind.objects.get(code=POINT).name == "Điểm hỗ trợ suốt ngày đêm"
    refused("name", support.add_kind, name="XE LƯU ĐỘNG")


def test_a_unit_has_a_kind_from_the_first_day_to_the_last(point, plan, office, wards):
    support.close_model(point, closed=DAY + timedelta(days=2), note="Hết chiến dịch", by=office)

    def having(day):
        return [row.unit for row in coverage(plan, office, day).rows if any(row.counts)]

    shown = [having(DAY + timedelta(days=shift)) for shift in (-1, 0, 2, 3)]
    assert shown == [[], [wards[0]], [wards[0]], []]


def test_the_share_counts_units_and_not_models(point, plan, office, wards):
    support.open_model(wards[0], by=office, **facts(name="Điểm thứ hai"))
    support.open_model(wards[1], by=office, **facts(TEAM))
    table = coverage(plan, office, DAY)
    shares = {share.kind.code: (share.have, share.units) for share in table.shares if share.have}
    assert shares == {POINT: (1, 3), TEAM: (1, 3)}
    assert (table.any.have, round(table.any.percent, 1)) == (2, 66.7)


def test_a_wards_model_is_its_districts_too(plan, office, city):
    district = make_unit("021", city, kind="district")
    support.open_model(make_unit("00611", district), by=office, **facts())
    table = coverage(plan, office, DAY, ["district"])
    assert [(row.unit, sum(row.counts)) for row in table.rows] == [(district, 1)]


def test_who_lacks_what_is_required_of_the_category(point, plan, office, wards):
    support.require(plan.campaign, unit_kind="ward")
    support.require(plan.campaign, unit_kind="ward")
    support.require(plan.campaign, unit_kind="ward", kind=SupportKind.objects.get(code=TEAM))
    support.require(plan.campaign, unit_kind="district")
    found = {
        (one.requirement.unit_kind, one.requirement.kind and one.requirement.kind.code): (
            one.have,
            one.units,
            one.lacking,
        )
        for one in reads.lacks(plan.campaign, office, DAY)
    }
    assert found == {
        ("ward", None): (1, 3, wards[1:]),
        ("ward", TEAM): (0, 3, wards),
        ("district", None): (0, 0, []),
    }


def test_the_trend_follows_models_and_units_from_day_to_day(point, plan, office, wards):
    support.open_model(wards[1], by=office, **facts(TEAM, opened=DAY + timedelta(days=1)))
    units = reads.units_of(plan.campaign, office, ["ward"])
    days = reads.trend(
        reads.models_of(plan.campaign, office), units, DAY - timedelta(days=1), DAY + timedelta(days=1)
    )
    assert [round(day.percent) for day in days] == [0, 33, 67]


def test_an_officer_sees_the_models_of_their_ward_alone(point, plan, office, wards):
    other = make_officer("khac", "unit_officer", wards[1])
    assert list(reads.models_of(plan.campaign, other)) == []
    assert list(reads.models_of(plan.campaign, make_officer("o", "unit_officer", wards[0]))) == [point]


def test_bad_dates_are_refused_where_they_stand(point, wards, office):
    wards[1].valid_from = DAY
    wards[1].save()
    early = facts(opened=DAY - timedelta(days=1))
    refused("opened", support.open_model, wards[1], by=office, **early)
    refused("closed", support.close_model, point, closed=DAY - timedelta(days=1), note="x", by=office)
    refused("note", support.close_model, point, closed=DAY, note="", by=office)
    support.close_model(point, closed=DAY, note="Xong", by=office)
    refused("closed", support.close_model, point, closed=DAY, note="x", by=office)
    refused("opened", support.change_model, point, by=office, **facts(opened=DAY + timedelta(days=1)))
    assert SupportModel.objects.count() == 1


def test_history_keeps_what_a_model_was(point, office):
    support.change_model(point, by=office, **facts(hours="0-24h"))
    support.change_model(point, by=office, **facts(hours="0-24h"))
    support.add_evidence(point, by=office, number="7 / QĐ-UBND")
    refused("text", support.add_evidence, point, by=office)
    assert [(event.what, event.note) for event in point.events.all()] == [
        ("opened", ""),
        ("changed", "– → 0-24h"),
        ("evidence", "07/QĐ-UBND"),
    ]
