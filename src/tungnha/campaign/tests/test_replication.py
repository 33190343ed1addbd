"""A pilot becomes a template; others repeat it in an order that is settled before and kept."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from tungnha.campaign.files.exports import export
from tungnha.campaign.models import (
    Campaign,
    Figure,
    Indicator,
    Organisation,
    Parameter,
    Replication,
    Task,
    TaskDependency,
)
from tungnha.campaign.queries import replication as reads
from tungnha.campaign.services import campaigns, indicators, parameters, plans, replication
from tungnha.campaign.services.replication import Basis
from tungnha.campaign.tests.conftest import make_officer, make_unit

START = date(2026, 9, 1)
FIRST = date(2026, 11, 2)


@pytest.fixture
def office(city):
    return make_officer("office", "city_office", city)


@pytest.fixture
def wards(city):
    return [make_unit(f"0{n:04d}", city) for n in range(7)]


@pytest.fixture
def pilot(wards, office):
    ward = wards[0]
    campaign = campaigns.create_campaign(
        code="thi-diem", name="Thí điểm", unit=ward, start=START, deadline=START + timedelta(days=29)
    )
    campaigns.add_phase(campaign, name="Cao điểm", start=START, end=START + timedelta(days=9))
    union = campaigns.add_organisation(unit=ward, kind="union", name="Đoàn phường")
    plan = plans.add_plan(
        campaign, number="12/KH-UBND", issued=START, issuer="UBND phường", title="Thí điểm", by=office
    )
    days = {"start": START, "by": office}
    (lists,) = plans.add_tasks(
        plan, title="Lập danh sách", due=START + timedelta(days=4), units=[ward], **days
    )
    (doors,) = plans.add_tasks(
        plan, title="Gõ cửa", due=START + timedelta(days=20), organisations=[union], **days
    )
    plans.add_dependency(doors, lists)
    measured = {"source": "measured", "n": 400, "since": START, "until": START, "by": office}
    parameters.set_parameter(campaign, kind="contact_rate", hour=18, value=0.5, **measured)
    parameters.set_parameter(campaign, kind="doors_per_hour", value=11, source="entered", by=office)
    return campaign


@pytest.fixture
def template(pilot, office):
    return replication.make_template(pilot, by=office)


@pytest.fixture
def planned(template, wards, city, office):
    return replication.plan_replication(
        template, name="Cả thành phố", territory=city, units=wards[1:], steps=3, first_day=FIRST, step_days=14, by=office
    )  # fmt: skip


def drawn(planned, wards, office, method="random", **words):
    return replication.draw_order(planned, method, Basis(wards[1:]), by=office, **words)


def refused(call, *args, **words):
    with pytest.raises(ValidationError) as caught:
        call(*args, **words)
    return caught.value.message_dict if hasattr(caught.value, "error_dict") else caught.value.messages


def test_a_template_is_the_set_up_of_its_day(pilot, template, office):
    assert template.content == export(pilot)
    assert replication.make_template(pilot, by=office) == template
    campaigns.add_phase(pilot, name="Tổng kết", start=pilot.deadline, end=pilot.deadline)
    assert replication.make_template(pilot, by=office).version == 2
    assert "Tổng kết" not in template.content


def test_a_campaign_that_names_other_units_is_no_template(city, wards, office):
    campaign = campaigns.create_campaign(code="c", name="c", unit=city, start=START, deadline=START)
    plan = plans.add_plan(campaign, number="1/KH-UBND", issued=START, issuer="x", title="x", by=office)
    plans.add_tasks(plan, title="x", start=START, due=START, units=wards[:1], by=office)
    plans.add_tasks(plan, title="y", start=START, due=START, units=wards, by=office)
    assert wards[0].name in refused(replication.make_template, campaign, by=office)[0]


def test_a_replication_takes_units_of_the_pilots_level_and_steps_that_fit(template, wards, city, office):
    group = make_unit("1", wards[1], kind="group")
    facts = {"name": "x", "territory": city, "first_day": FIRST, "step_days": 14, "by": office}
    assert replication.candidates(template, city, FIRST) == wards[1:]
    for wrong in ([wards[0]], [city], [group], []):
        assert list(refused(replication.plan_replication, template, units=wrong, steps=1, **facts)) == [
            "units"
        ]
    assert list(refused(replication.plan_replication, template, units=wards[1:3], steps=3, **facts)) == [
        "steps"
    ]
    assert not Replication.objects.exists()


def test_the_seed_on_record_gives_the_order_again(planned, wards, office):
    first = drawn(planned, wards, office)
    again = drawn(planned, wards, office, seed=first.seed, reason="Kiểm tra lại")
    assert again.steps == first.steps
    assert sorted(key for step in first.steps for key in step) == sorted(unit.pk for unit in wards[1:])
    assert [len(step) for step in first.steps] == [2, 2, 2]


def test_drawing_again_takes_a_reason_and_stays_on_record(planned, wards, office):
    drawn(planned, wards, office)
    assert list(refused(drawn, planned, wards, office)) == ["reason"]
    drawn(planned, wards, office, reason="Quên một phường")
    assert [(draw.number, draw.reason) for draw in planned.draws.all()] == [(1, ""), (2, "Quên một phường")]


def test_planning_the_same_anew_is_no_way_around_the_reason(pilot, template, planned, wards, city, office):
    drawn(planned, wards, office)
    campaigns.add_phase(pilot, name="Tổng kết", start=pilot.deadline, end=pilot.deadline)
    facts = {"territory": city, "steps": 2, "first_day": FIRST, "step_days": 14, "by": office}
    newer = replication.make_template(pilot, by=office)
    second = replication.plan_replication(newer, name="Lần nữa", units=wards[3:], **facts)
    basis = Basis(wards[3:])
    assert list(refused(replication.draw_order, second, "random", basis, by=office)) == ["reason"]
    draw = replication.draw_order(second, "random", basis, by=office, reason="Thêm một phường")
    assert (draw.number, draw.reason) == (1, "Thêm một phường")


def test_units_that_have_no_order_yet_take_no_reason(template, wards, city, office):
    facts = {"territory": city, "steps": 2, "first_day": FIRST, "step_days": 14, "by": office}
    for units in (wards[1:4], wards[4:]):
        part = replication.plan_replication(template, name="Một phần", units=units, **facts)
        assert replication.draw_order(part, "random", Basis(units), by=office).reason == ""


def test_orders_by_hand_and_by_need(planned, wards, office):
    by_hand = replication.draw_order(planned, "hand", Basis(wards[:0:-1]), by=office)
    assert by_hand.steps == [
        [wards[6].pk, wards[5].pk],
        [wards[4].pk, wards[3].pk],
        [wards[2].pk, wards[1].pk],
    ]
    need = [3.0, None, 9.0, 1.0, 4.0, 5.0]
    by_need = replication.draw_order(planned, "need", Basis(wards[1:], need=need), by=office, reason="x")
    assert by_need.steps[0] == [wards[3].pk, wards[6].pk]
    assert by_need.steps[2] == [wards[4].pk, wards[2].pk]
    assert by_need.seed is None
    for wrong in (wards[1:6], [*wards[1:6], wards[5]], wards):
        assert list(
            refused(replication.draw_order, planned, "hand", Basis(wrong), by=office, reason="x")
        ) == ["order"]


def test_the_order_that_was_drawn_last_is_settled_and_then_stands(planned, wards, office):
    assert refused(replication.begin, planned, by=office)
    drawn(planned, wards, office)
    last = drawn(planned, wards, office, reason="x")
    replication.begin(planned, by=office)
    rows = list(planned.rows.all())
    assert [[row.unit_id for row in rows if row.step == step] for step in (1, 2, 3)] == last.steps
    assert sorted({row.start for row in rows}) == [FIRST, FIRST + timedelta(14), FIRST + timedelta(28)]
    refused(drawn, planned, wards, office, reason="x")
    refused(replication.begin, planned, by=office)


@pytest.fixture
def begun(planned, wards, office):
    replication.draw_order(planned, "hand", Basis(wards[1:]), by=office)
    replication.begin(planned, by=office)
    return planned


def test_a_step_sets_its_units_campaigns_up(begun, pilot, wards, office):
    made = replication.set_up_step(begun, 1, by=office)
    assert [campaign.unit for campaign in made] == wards[1:3]
    child = made[0]
    assert (child.start, child.deadline) == (FIRST, FIRST + timedelta(days=29))
    assert child.phases.get().end == FIRST + timedelta(days=9)
    plan = child.plans.get()
    assert (plan.number, plan.issued) == ("12/KH-UBND", START)
    tasks = Task.objects.filter(plan=plan)
    assert {(task.title, task.unit, task.due) for task in tasks} == {
        ("Lập danh sách", wards[1], FIRST + timedelta(days=4)),
        ("Gõ cửa", wards[1], FIRST + timedelta(days=20)),
    }
    assert Organisation.objects.filter(name="Đoàn phường", unit=wards[1]).exists()
    assert TaskDependency.objects.filter(task__plan=plan).count() == 1
    taken = {(one.kind, one.source): (one.value, one.n, one.origin) for one in child.parameters.all()}
    assert taken == {
        ("contact_rate", "prior"): (0.5, 400, f"Thí điểm, {wards[0].name}"),
        ("doors_per_hour", "entered"): (11, None, ""),
    }
    assert pilot.parameters.get(hour=18).source == "measured"
    refused(replication.set_up_step, begun, 1, by=office)
    assert begun.rows.get(unit=wards[1]).campaign == child


def test_a_campaign_may_take_another_length(template, wards, city, office):
    half = replication.plan_replication(
        template, name="x", territory=city, units=wards[1:2], steps=1, first_day=FIRST, step_days=1, scale=0.5, by=office
    )  # fmt: skip
    replication.draw_order(half, "hand", Basis(wards[1:2]), by=office)
    replication.begin(half, by=office)
    (child,) = replication.set_up_step(half, 1, by=office)
    assert child.deadline == FIRST + timedelta(days=14)
    assert Task.objects.get(plan__campaign=child, title="Gõ cửa").due == FIRST + timedelta(days=10)


def test_a_step_is_set_up_whole_or_not_at_all(begun, wards, office):
    campaigns.create_campaign(
        code=f"thi-diem-{wards[2].code}", name="x", unit=wards[2], start=START, deadline=START
    )
    before = Campaign.objects.count()
    assert wards[2].code in refused(replication.set_up_step, begun, 1, by=office)[0]
    assert Campaign.objects.count() == before
    assert not begun.rows.exclude(campaign=None).exists()


def test_a_change_of_the_settled_order_is_a_deviation(begun, wards, office):
    row = begun.rows.get(unit=wards[1])
    later = FIRST + timedelta(days=3)
    assert list(refused(replication.deviate, row, start=later, reason=" ", by=office)) == ["reason"]
    replication.deviate(row, start=later, reason="Lụt", by=office)
    left_out = begun.rows.get(unit=wards[2])
    replication.deviate(left_out, start=None, reason="Sáp nhập", by=office)
    (child,) = replication.set_up_step(begun, 1, by=office)
    assert (child.unit, child.start) == (wards[1], later)
    row.refresh_from_db()
    assert [(one.was, one.became, one.reason) for one in row.deviations.all()] == [(FIRST, later, "Lụt")]
    assert row.step == 1
    refused(replication.deviate, row, start=FIRST, reason="x", by=office)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "contact_rate"}, "hour"),
        ({"kind": "doors_per_hour", "hour": 3}, "hour"),
        ({"kind": "letters_returned", "value": 1.2}, "value"),
        ({"kind": "doors_per_hour", "value": -1}, "value"),
        ({"kind": "doors_per_hour", "low": 5}, "low"),
        ({"kind": "doors_per_hour", "low": 13, "high": 14}, "low"),
        ({"kind": "doors_per_hour", "source": "measured", "since": START, "until": START}, "n"),
        ({"kind": "doors_per_hour", "source": "measured", "n": 4}, "since"),
        ({"kind": "doors_per_hour", "since": FIRST, "until": START}, "until"),
        ({"kind": "nothing"}, "kind"),
    ],
)
def test_a_parameter_says_what_it_rests_on(pilot, office, wrong, field):
    facts = {"value": 0.5 if "rate" in wrong["kind"] else 12, "source": "entered", "by": office} | wrong
    assert list(refused(parameters.set_parameter, pilot, **facts)) == [field]
    assert Parameter.objects.count() == 2


def test_a_measured_share_is_given_its_interval(pilot):
    rate = pilot.parameters.get(hour=18)
    assert (rate.low, rate.high) == (pytest.approx(0.4512, abs=1e-4), pytest.approx(0.5488, abs=1e-4))
    assert parameters.interval_of_share(0.0, 10) == (0.0, pytest.approx(0.2775, abs=1e-4))


def test_a_roster_has_people_and_time(pilot):
    from datetime import time

    facts = {
        "name": "Buổi tối",
        "weekdays": "31",
        "starts": time(18, 30),
        "ends": time(20, 30),
        "teams": 3,
        "people": 2,
    }
    assert parameters.set_roster(pilot, **facts).weekdays == "13"
    for wrong, field in (
        ({"weekdays": "8"}, "weekdays"),
        ({"ends": time(18, 30)}, "ends"),
        ({"teams": 0}, "teams"),
    ):
        assert list(refused(parameters.set_roster, pilot, **facts | wrong)) == [field]


def test_the_pilot_and_the_others_are_compared_only_at_the_same_cut_off(begun, pilot, wards, office):
    indicators.load()
    tracked = indicators.track(pilot, Indicator.objects.get(code="DVC1"))

    def report(ward, day, numerator, denominator, **facts):
        moment = datetime(2026, 9, day, 16, tzinfo=UTC)
        Figure.objects.create(
            tracked=tracked, unit=ward, since=START, until=moment.date(), version=1, is_current=True,
            numerator=numerator, denominator=denominator, cut_off=moment, source="official", method="form",
            entered_by=office, **facts,
        )  # fmt: skip

    report(wards[0], 10, 50, 100)
    report(wards[0], 17, 90, 100)
    assert reads.comparisons(begun) == []
    report(wards[1], 10, 30, 100)
    report(wards[2], 10, 10, 300)
    report(wards[3], 12, 99, 100)
    report(wards[4], 17, 1, 1, state="returned", decided_by=office, decision_note="x")
    (found,) = reads.comparisons(begun)
    assert (found.cut_off.day, found.pilot.percent, found.rest) == (10, 50.0, reads.Side(2, 40, 400))
    assert (found.rest.percent, found.missing) == (10.0, wards[3:])
