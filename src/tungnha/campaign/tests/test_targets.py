"""Targets: divided so that they add up, kept in history, refused whole, staged, and carried over a boundary change."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError

from tungnha.campaign.cascading import propose
from tungnha.campaign.curves import Milestone
from tungnha.campaign.models import Campaign, Curve, Indicator, Target, TargetDecision
from tungnha.campaign.periods import period_of
from tungnha.campaign.queries import board as boards
from tungnha.campaign.queries import figures as reads_of_figures
from tungnha.campaign.queries import targets as reads
from tungnha.campaign.services import figures, indicators, targets
from tungnha.campaign.services.figures import Entry, Provenance
from tungnha.campaign.tests.conftest import make_officer, make_unit
from tungnha.territory import imports
from tungnha.territory import services as places
from tungnha.territory.models import Succession, Unit, UnitChange

pytestmark = pytest.mark.django_db
START, TODAY = date(2026, 9, 1), date(2026, 10, 14)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(Campaign, "today", lambda self, now=None: TODAY)


@pytest.fixture
def activated(plan):
    indicators.load()
    return indicators.track(plan.campaign, Indicator.objects.get(code="EID3"))


def give(tracked, unit, total, method, by, *, effective=START, **more):
    return targets.cascade(
        tracked, unit, total, method, effective=effective, why="KH 20/KH-UBND", by=by, **more
    )


def in_order(tracked, units, day=TODAY):
    standing = reads.in_force(tracked, day)
    return [standing.get(unit.pk) for unit in units]


def people(units, numbers):
    places.record_populations(
        list(zip(units, numbers, strict=True)), date(2025, 7, 1), places.record_source("x")
    )


def test_a_target_is_divided_by_population_and_adds_up(activated, city, wards, office):
    people(wards, [3, 3, 3])
    give(activated, city, 100, "population", office)
    assert in_order(activated, [city, *wards]) == [100, 34, 33, 33]
    kept = Target.objects.filter(unit__in=wards).values_list("weight", flat=True)
    assert list(kept) == [3, 3, 3]


def test_a_population_that_nobody_states_is_not_taken_for_none(activated, city, wards, office):
    people(wards[:2], [3, 3])
    with pytest.raises(ValidationError) as error:
        give(activated, city, 100, "population", office)
    assert wards[2].name in error.value.message_dict["method"][0]
    assert not TargetDecision.objects.exists()
    give(activated, city, 100, "population", office, fixed={wards[2].pk: 10})
    assert in_order(activated, wards) == [45, 45, 10]


def test_a_target_is_divided_by_what_is_left_to_do(activated, city, wards, office):
    whence = Provenance(datetime(2026, 10, 14, 9, tzinfo=UTC), "official", office)
    entries = [Entry(wards[0], 90, 100), Entry(wards[1], 40, 100), Entry(wards[2], 10, 140)]
    figures.report_many(
        activated, entries, period_of(TODAY, "day"), whence, signed={unit.pk for unit in wards}
    )
    give(activated, city, 240, "gap", office, effective=TODAY)
    # 100 more, over gaps of 10, 60 and 130: each gets what it has and its share.
    assert in_order(activated, wards) == [95, 70, 75]


def test_a_hand_made_division_has_to_add_up(activated, city, wards, office):
    for values, words in (([50, 30, 10], "10"), ([50, 30, 40], "20")):
        fixed = {unit.pk: value for unit, value in zip(wards, values, strict=True)}
        with pytest.raises(ValidationError) as error:
            give(activated, city, 100, "hand", office, fixed=fixed)
        assert words in error.value.message_dict["by_hand"][0]
    assert not Target.objects.exists()


def test_lines_by_hand_are_refused_with_line_and_reason(city, wards, plan):
    change = UnitChange.objects.create(decided_by="NQ", effective=date(2026, 1, 1))
    gone = make_unit("00099", city)
    Unit.objects.filter(pk=gone.pk).update(valid_to=date(2026, 1, 1))
    Succession.objects.create(change=change, old=gone, new=wards[1], whole=True)
    rows = [
        (1, wards[0].code, 5),
        (2, "77777", 5),
        (3, "00099", 5),
        (4, wards[0].code, 5),
        (5, wards[1].code, -1),
    ]
    with pytest.raises(ValidationError) as error:
        targets.by_hand(city, rows, START)
    told = error.value.message_dict["by_hand"]
    assert [message.split(":")[0][-1] for message in told] == ["2", "3", "4", "5"]
    assert "77777" in told[0]
    assert wards[1].name in told[1]


def test_a_target_for_an_abolished_unit_is_refused(activated, city, office):
    gone = make_unit("00099", city)
    Unit.objects.filter(pk=gone.pk).update(valid_to=date(2026, 1, 1))
    gone.refresh_from_db()
    stranger = make_unit("9", kind="city")
    for unit in (gone, stranger):
        with pytest.raises(ValidationError) as error:
            targets.assign(activated, unit, 5, effective=START, why="KH", by=office)
        assert unit.code in error.value.message_dict["unit"][0]
    assert not Target.objects.exists()


def test_history_says_who_when_and_why_and_the_day_decides(activated, city, wards, office):
    give(activated, city, 90, "equal", office)
    second = make_officer("second", "city_office", city)
    targets.cascade(activated, city, 120, "equal", effective=date(2026, 10, 1), why="QĐ 5/QĐ-UBND", by=second)
    assert in_order(activated, wards, date(2026, 9, 30)) == [30, 30, 30]
    assert in_order(activated, wards) == [40, 40, 40]
    told = [(each.value, each.decision.why, each.decision.by) for each in reads.history(activated, wards[0])]
    assert told == [(40, "QĐ 5/QĐ-UBND", second), (30, "KH 20/KH-UBND", office)]
    with pytest.raises(ValidationError) as error:
        targets.cascade(activated, city, 120, "equal", effective=START, why=" ", by=office)
    assert list(error.value.message_dict) == ["why"]


def test_what_was_divided_is_not_changed_at_one_end_only(activated, city, wards, office):
    give(activated, city, 90, "equal", office)
    for unit, field in ((city, "value"), (wards[0], "total")):
        with pytest.raises(ValidationError) as error:
            targets.assign(activated, unit, 31, effective=START, why="KH", by=office)
        assert list(error.value.message_dict) == [field]


def test_a_new_division_goes_on_below_in_the_old_proportions(activated, city, wards, office):
    groups = [make_unit(f"g{n}", wards[0]) for n in range(2)]
    give(activated, city, 90, "equal", office)
    give(activated, wards[0], 30, "hand", office, fixed={groups[0].pk: 20, groups[1].pk: 10})
    give(activated, city, 180, "equal", office)
    assert in_order(activated, [wards[0], *groups]) == [60, 40, 20]


def test_a_proposal_that_changed_since_it_was_seen_is_not_applied(activated, city, wards, office):
    people(wards, [3, 3, 3])
    seen = propose(activated, city, 100, "population", effective=START).digest
    places.record_populations([(wards[0], 9)], date(2026, 1, 1), places.record_source("y"))
    with pytest.raises(ValidationError) as error:
        give(activated, city, 100, "population", office, seen=seen)
    assert list(error.value.message_dict) == ["seen"]
    assert not Target.objects.exists()


def test_a_percentage_is_the_same_for_all_but_those_set_by_hand(plan, activated, city, wards, office):
    online = indicators.track(plan.campaign, Indicator.objects.get(code="DVC1"))
    give(online, city, 8000, "same", office, fixed={wards[2].pk: 6000})
    assert in_order(online, [city, *wards]) == [8000, 8000, 8000, 6000]
    with pytest.raises(ValidationError):
        give(online, city, 8000, "equal", office)


def test_stages_are_due_between_the_baseline_and_the_target(activated, city, wards, office):
    give(activated, city, 900, "equal", office)
    targets.set_curve(activated, "linear", step=7, by=office)
    stages = reads.stages([activated], TODAY)[activated.pk]
    assert stages.milestones[-1] == Milestone(date(2026, 11, 29), 10_000)
    assert stages.due(0, 300, date(2026, 11, 29)) == 300
    whence = Provenance(datetime(2026, 10, 14, 9, tzinfo=UTC), "official", office)
    for unit, number in zip(wards, (10, 200, 290), strict=True):
        figures.report(activated, Entry(unit, number), period_of(TODAY, "day"), whence, sign=True)
    found = [row.cells[0].behind for row in boards.board(activated.campaign, office, TODAY).rows]
    assert found == [True, False, False]


def test_milestones_by_hand_rise_and_end_with_the_whole(activated, office):
    good = [Milestone(date(2026, 9, 30), 4000), Milestone(date(2026, 11, 29), 10_000)]
    bad = (
        [],
        good[:1],
        [Milestone(date(2026, 9, 30), 4000), Milestone(date(2026, 9, 20), 10_000)],
        [Milestone(date(2026, 9, 10), 5000), *good],
        [Milestone(date(2026, 8, 1), 100), *good],
    )
    for points in bad:
        with pytest.raises(ValidationError) as error:
            targets.set_curve(activated, "hand", by=office, points=points)
        assert list(error.value.message_dict) == ["points"]
    assert not Curve.objects.exists()
    targets.set_curve(activated, "hand", by=office, points=good)
    assert list(reads.stages([activated], TODAY)[activated.pk].milestones) == good


@pytest.fixture
def hanoi_2024(db):
    """Hanoi as it was: a campaign of the old city, divided over districts and wards."""
    imports.load_vietnam(["01"])
    city = Unit.objects.get(code="01", valid_to=imports.REFORM)
    campaign = Campaign.objects.create(
        code="90", name="90 ngày đêm", unit=city, start=date(2025, 5, 1), deadline=date(2025, 9, 30)
    )
    office = make_officer("hanoi", "city_office", city)
    indicators.load()
    tracked = indicators.track(campaign, Indicator.objects.get(code="EID3"))
    give(tracked, city, 1_167_685, "equal", office, effective=campaign.start)
    for district in city.children.all():
        total = reads.in_force(tracked, campaign.start)[district.pk]
        give(tracked, district, total, "equal", office, effective=campaign.start)
    return tracked, city, office


@pytest.mark.data
def test_hanois_targets_still_sum_after_the_first_of_july_2025(hanoi_2024):
    tracked, _city, office = hanoi_2024
    before = reads.in_force(tracked, date(2025, 6, 30))
    with pytest.raises(ValidationError) as error:
        targets.carry_over(tracked, imports.REFORM, basis="", why="NQ 1656", by=office)
    assert list(error.value.message_dict) == ["basis"]
    decisions = targets.carry_over(tracked, imports.REFORM, basis="population", why="NQ 1656", by=office)
    assert [decision.unit.code for decision in decisions] == ["01"]
    now = Unit.objects.get(code="01", valid_from=imports.REFORM)
    after = reads.in_force(tracked, imports.REFORM)
    wards = list(now.children.values_list("pk", flat=True))
    assert (len(wards), sum(after[pk] for pk in wards), after[now.pk]) == (126, 1_167_685, 1_167_685)
    # The old ones are as they were, and so is the old sum.
    assert reads.in_force(tracked, date(2025, 6, 30)) == before
    assert Target.objects.filter(decision=decisions[0], estimated=True).count() > 60
    whole = Succession.objects.filter(new__in=wards, whole=False).values_list("new", flat=True)
    exact = set(wards) - set(whole)
    assert not Target.objects.filter(decision=decisions[0], estimated=True, unit__in=exact).exists()


@pytest.mark.data
def test_figures_of_old_wards_are_told_in_new_ones_and_back(hanoi_2024):
    tracked, city, office = hanoi_2024
    wards = [
        unit
        for unit in Unit.objects.filter(path__startswith=city.path)
        if unit.kind not in {"city", "district"}
    ]
    whence = Provenance(datetime(2025, 6, 28, 9, tzinfo=UTC), "official", office)
    entries = [Entry(unit, 100 + number) for number, unit in enumerate(wards)]
    figures.report_many(
        tracked, entries, period_of(date(2025, 6, 28), "day"), whence, signed={u.pk for u in wards}
    )
    total = sum(entry.numerator for entry in entries)

    def table(**more):
        return boards.board(tracked.campaign, new_office, date(2025, 7, 1), **more)

    now = Unit.objects.get(code="01", valid_from=imports.REFORM)
    new_office = make_officer("new", "city_office", now)
    plain = table()
    assert (len(plain.rows), plain.elsewhere, plain.totals[0].numerator) == (126, len(wards), None)
    silent = table(shown=boards.Shown(imports.REFORM))
    assert silent.unknown
    told = table(shown=boards.Shown(imports.REFORM, "population"))
    assert (told.totals[0].numerator, told.unknown, len(told.rows)) == (total, set(), 126)
    assert sum(row.cells[0].target.value for row in told.rows) == 1_167_685
    assert any(row.cells[0].estimated for row in told.rows)
    # Backwards: figures of the 126 in the units of the day before.
    whence = Provenance(datetime(2025, 7, 2, 9, tzinfo=UTC), "official", office)
    entries = [Entry(unit, 1000 + number) for number, unit in enumerate(now.children.all())]
    figures.report_many(tracked, entries, period_of(date(2025, 7, 2), "day"), whence)
    # Over the change a merged ward does not count beside what it became.
    sums = [
        numerator
        for _, numerator, _ in reads_of_figures.series(
            tracked, [*(u.pk for u in wards), *(u.pk for u in now.children.all())]
        )
    ]
    assert sums == [total, sum(entry.numerator for entry in entries)]
    ba_dinh = Unit.objects.get(code="001", valid_to=imports.REFORM)
    back = boards.board(
        tracked.campaign,
        office,
        date(2025, 7, 2),
        top=ba_dinh,
        shown=boards.Shown(date(2025, 6, 30), "equal"),
    )
    assert back.top == ba_dinh
    assert len(back.rows) == ba_dinh.children.count()
    # Who reads the new city reads the old one's districts, into which the wards' figures add up.
    districts = boards.board(
        tracked.campaign, office, date(2025, 7, 2), shown=boards.Shown(date(2025, 6, 30), "equal")
    )
    sent = sum(entry.numerator for entry in entries)
    assert (len(districts.rows), districts.totals[0].numerator) == (30, sent)
    assert any(row.cells[0].estimated for row in back.rows)
    assert total_stored(tracked, date(2025, 7, 2)) == sent


@pytest.mark.data
def test_what_a_silent_old_ward_went_into_is_incomplete_not_small(hanoi_2024):
    """One ward of 2024 has not reported: the new ones that it went into are neither ranked nor compared."""
    tracked, city, office = hanoi_2024
    wards = [
        unit
        for unit in Unit.objects.filter(path__startswith=city.path)
        if unit.kind not in {"city", "district"}
    ]
    silent = next(unit for unit in wards if unit.code == "00611")  # Xuân Tảo, divided among three
    whence = Provenance(datetime(2025, 6, 28, 9, tzinfo=UTC), "official", office)
    entries = [Entry(unit, 100) for unit in wards if unit != silent]
    figures.report_many(tracked, entries, period_of(date(2025, 6, 28), "day"), whence)
    now = Unit.objects.get(code="01", valid_from=imports.REFORM)
    reader = make_officer("new", "city_office", now)
    shown = boards.Shown(imports.REFORM, "equal")
    rows = boards.board(tracked.campaign, reader, date(2025, 7, 1), shown=shown).rows
    open_ones = {row.unit.name: row.cells[0].rank for row in rows if row.cells[0].incomplete}
    assert open_ones == {"Phường Nghĩa Đô": None, "Phường Phú Thượng": None, "Phường Xuân Đỉnh": None}
    assert all(row.cells[0].rank for row in rows if not row.cells[0].incomplete)


def total_stored(tracked, day):
    return sum(tracked.figures.filter(until=day, is_current=True).values_list("numerator", flat=True))
