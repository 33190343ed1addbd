"""A campaign goes out as a file and comes in again."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from ruamel.yaml import YAML

from tungnha.campaign.files.exports import export
from tungnha.campaign.files.imports import ChangedMeanwhileError, bring_in, look, understand
from tungnha.campaign.models import Campaign, Organisation, Plan, Task, TaskDependency
from tungnha.campaign.services import campaigns, parameters, plans
from tungnha.campaign.tests.conftest import make_officer, make_unit

START = date(2026, 9, 1)
GOOD = """\
# A campaign of Từng Nhà. docs/campaign-file.md says what may stand here.
format: tungnha-campaign/1

campaign:
  code: 90-ngay
  name: 90 ngày đêm
  unit: 01 Đơn vị 01
  start: 2026-09-01
  deadline: 2026-11-29

phases:
  - name: "Cao điểm: đợt 1"
    start: 2026-09-10
    end: 2026-10-10

organisations:
  - name: Thành đoàn
    kind: union

plans:
  - number: 123/KH-UBND
    issued: 2026-08-25
    issuer: UBND Thành phố
    title: Cao điểm

tasks:
  - plan: 123/KH-UBND
    line: 1
    title: Ban hành hướng dẫn
    start: 2026-09-01
    due: 2026-09-05
    organisations:
      - Thành đoàn
  - plan: 123/KH-UBND
    line: 2
    title: Lập tổ cơ động
    start: 2026-09-05
    due: 2026-09-12
    every_unit: true
    waits_for:
      - line: 1
        organisation: Thành đoàn
  - plan: 123/KH-UBND
    line: 3
    title: Báo cáo
    start: 2026-09-12
    due: 2026-09-20
    units:
      - 01 Đơn vị 01
  - plan: 123/KH-UBND
    line: 3
    title: Báo cáo
    start: 2026-09-12
    due: 2026-09-20
    every_unit: true
    waits_for:
      - line: 2

rosters:
  - name: Buổi tối
    weekdays: "12345"
    starts: "18:30"
    ends: "20:30"
    teams: 12
    people: 2

parameters:
  - kind: contact_rate
    hour: 18
    value: 0.52
    low: 0.47
    high: 0.57
    n: 400
    since: 2026-09-15
    until: 2026-09-30
    source: measured
  - kind: doors_per_hour
    value: 12
    source: entered
    origin: Phường Xuân Tảo
"""


def written(campaign):
    """The campaign's file without the parts that hold nothing."""
    return re.sub(r"\n\w+: \[\]\n", "", export(campaign))


def _in(office, text):
    outcome = bring_in(understand(text.encode()), office)
    assert [str(problem) for problem in outcome.problems] == []
    return outcome


def test_a_file_sets_a_campaign_up_and_comes_out_as_it_went_in(office, wards):
    assert _in(office, GOOD).is_new
    campaign = Campaign.objects.get()
    assert (campaign.code, campaign.unit.code) == ("90-ngay", "01")
    assert Task.objects.count() == 1 + 3 + 3 + 1
    assert TaskDependency.objects.filter(task__unit=wards[0], needs__unit=wards[0]).count() == 1
    assert written(campaign) == GOOD


def test_importing_again_changes_nothing(office):
    _in(office, GOOD)
    before = list(Task.objects.values_list("pk", flat=True))
    assert _in(office, GOOD).differences == []
    assert list(Task.objects.values_list("pk", flat=True)) == before


def test_a_preview_says_what_would_change_and_changes_nothing(office):
    _in(office, GOOD)
    changed = GOOD.replace("due: 2026-09-20\n    every", "due: 2026-09-25\n    every").replace(
        '"Cao điểm: đợt 1"', "Đợt 1"
    )
    outcome = look(understand(changed.encode()), office)
    by_part = {part.name: difference for part, difference in outcome.differences}
    assert set(by_part) == {"phases", "tasks"}
    assert [one.entry.name for one in by_part["phases"].added] == ["Đợt 1"]
    assert [one.name for one in by_part["phases"].removed] == ["Cao điểm: đợt 1"]
    assert {(was.due, now.entry.due) for was, now in by_part["tasks"].changed} == {
        (date(2026, 9, 20), date(2026, 9, 25))
    }
    assert written(Campaign.objects.get()) == GOOD
    _in(office, changed)
    assert written(Campaign.objects.get()) == changed
    moved = Task.objects.filter(line=3, due=date(2026, 9, 25)).first()
    assert moved.events.filter(what="due").count() == 1


def test_a_preview_that_is_out_of_date_is_not_applied(office):
    seen = look(understand(GOOD.encode()), office).seen
    _in(office, GOOD)
    with pytest.raises(ChangedMeanwhileError):
        bring_in(understand(GOOD.encode()), office, seen=seen)
    assert look(understand(GOOD.encode()), office).seen not in {seen, ""}


def test_two_phases_change_places(office):
    two = GOOD.replace(
        "    end: 2026-10-10\n",
        "    end: 2026-10-10\n  - name: Tổng kết\n    start: 2026-11-01\n    end: 2026-11-29\n",
    )
    _in(office, two)
    swapped = (
        two.replace("Cao điểm: đợt 1", "@").replace("Tổng kết", "Cao điểm: đợt 1").replace('"@"', "Tổng kết")
    )
    swapped = swapped.replace("name: Cao điểm: đợt 1", 'name: "Cao điểm: đợt 1"')
    _in(office, swapped)
    assert written(Campaign.objects.get()) == swapped


def test_what_a_file_leaves_out_stays_and_what_it_empties_goes(office):
    _in(office, GOOD)
    head = GOOD[: GOOD.index("phases:")]
    assert _in(office, head).differences == []
    _in(office, head + "phases: []\ntasks: []\nparameters: []\n")
    campaign = Campaign.objects.get()
    assert (campaign.phases.count(), Task.objects.count(), campaign.plans.count()) == (0, 0, 1)


def test_a_task_on_which_work_is_recorded_is_not_taken_out(office):
    _in(office, GOOD)
    task = Task.objects.filter(line=2).first()
    plans.move_task(task, "doing", by=office, today=START)
    outcome = bring_in(understand((GOOD[: GOOD.index("tasks:")] + "tasks: []\n").encode()), office)
    (problem,) = outcome.problems
    assert task.title in problem.message
    assert problem.path == "tasks"
    assert Task.objects.count() == 8


def test_a_file_begins_on_another_day(office):
    document = understand(GOOD.encode())
    document.begin_on(START + timedelta(days=10))
    outcome = bring_in(document, office)
    assert outcome.problems == []
    campaign = Campaign.objects.get()
    assert (campaign.start, campaign.deadline) == (date(2026, 9, 11), date(2026, 12, 9))
    assert Task.objects.filter(line=2).first().due == date(2026, 9, 22)


def test_who_does_not_plan_there_sets_nothing_up(wards):
    officer = make_officer("ward", "unit_officer", wards[0])
    (problem,) = bring_in(understand(GOOD.encode()), officer).problems
    assert problem.path == "campaign.unit"
    assert not Campaign.objects.exists()
    _in(make_officer("office", "city_office", wards[0].parent), GOOD)
    (problem,) = look(understand(GOOD.encode()), officer).problems
    assert problem.path == "campaign.code"


TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30).filter(lambda text: text.strip())


@st.composite
def campaigns_at_random(draw):
    return {
        "name": draw(TEXT),
        "phases": draw(st.lists(TEXT, max_size=3, unique=True)),
        "bodies": draw(st.lists(TEXT, max_size=3, unique=True)),
        "issuers": draw(st.lists(TEXT, min_size=1, max_size=2, unique=True)),
        "rates": draw(st.dictionaries(st.integers(0, 23), st.floats(0, 1), max_size=4)),
        "minutes": draw(st.none() | st.floats(0, 1e6)),
        "tasks": draw(
            st.lists(
                st.tuples(TEXT, st.integers(0, 1), st.sets(st.integers(0, 3)), st.integers(0, 20)), max_size=5
            )
        ),
        "waits": draw(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=6)),
        "moved": draw(st.lists(st.integers(0, 12), max_size=3)),
    }


class TheFileIsTheCampaign(TestCase):
    @settings(max_examples=30)
    @given(campaigns_at_random())
    def test_out_in_and_out_again_gives_the_same_bytes(self, drawn):
        city = make_unit("01", kind="city")
        units = [city, *(make_unit(f"0{n:04d}", city) for n in range(3))]
        office = make_officer("office", "city_office", city)
        self._set_up(drawn, city, units, office)
        campaign = Campaign.objects.get()
        text = export(campaign)
        assert look(understand(text.encode()), office).differences == []
        plain = YAML(typ="safe", pure=True).load(text)  # another reader finds the same words
        assert plain["campaign"]["name"] == campaign.name
        assert [one["name"] for one in plain["phases"]] == [one.name for one in campaign.phases.all()]
        for table in (TaskDependency, Task, Plan, Campaign, Organisation):
            table.objects.all().delete()
        outcome = bring_in(understand(text.encode()), office)
        assert [str(problem) for problem in outcome.problems] == []
        assert export(Campaign.objects.get()) == text
        assert bring_in(understand(text.encode()), office).differences == []

    def _set_up(self, drawn, city, units, office):
        from django.core.exceptions import ValidationError

        def tried(call, *args, **words):
            try:
                return call(*args, **words)
            except ValidationError:  # the same name twice after cleaning, say
                return None

        campaign = tried(
            campaigns.create_campaign,
            code="c", name=drawn["name"], unit=city, start=START, deadline=START + timedelta(days=60),
        ) or campaigns.create_campaign(code="c", name="x", unit=city, start=START, deadline=START + timedelta(days=60))  # fmt: skip
        for n, name in enumerate(drawn["phases"]):
            day = START + timedelta(days=n)
            tried(campaigns.add_phase, campaign, name=name, start=day, end=day)
        for n, name in enumerate(drawn["bodies"]):
            tried(campaigns.add_organisation, unit=units[n % 2], kind="union", name=name)
        made = [
            tried(
                plans.add_plan,
                campaign,
                number="5/KH-UBND",
                issued=START,
                issuer=issuer,
                title="x",
                by=office,
            )
            for issuer in drawn["issuers"]
        ]
        made = [one for one in made if one] or [
            plans.add_plan(campaign, number="5/KH-UBND", issued=START, issuer="x", title="x", by=office)
        ]
        for hour, rate in drawn["rates"].items():
            parameters.set_parameter(
                campaign, kind="contact_rate", hour=hour, value=rate, source="measured", n=hour + 1,
                since=START, until=START, by=office,
            )  # fmt: skip
        if drawn["minutes"] is not None:
            parameters.set_parameter(
                campaign, kind="minutes_per_activation", value=drawn["minutes"], source="entered", by=office
            )
        bodies = list(Organisation.objects.order_by("pk"))
        for title, plan, whose, days in drawn["tasks"]:
            tried(
                plans.add_tasks, made[plan % len(made)], title=title, start=START, due=START + timedelta(days=days),
                by=office, units=[units[n] for n in whose], organisations=bodies[: days % 3],
            )  # fmt: skip
        tasks = list(Task.objects.order_by("pk"))
        for n in drawn["moved"]:
            if n < len(tasks):
                plans.change_task(
                    tasks[n], title=tasks[n].title, start=START, due=START + timedelta(days=30 + n), by=office, note="x"
                )  # fmt: skip
        for one, other in drawn["waits"]:
            if one < len(tasks) and other < len(tasks):
                tried(plans.add_dependency, tasks[one], tasks[other])
