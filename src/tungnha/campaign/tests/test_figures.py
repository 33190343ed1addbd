"""Figures: versions, sign-off, what may not fall, what is owed, and the table of units by indicators."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError

from tungnha.campaign.models import Campaign, Figure, Indicator
from tungnha.campaign.periods import period_of
from tungnha.campaign.queries import board as boards
from tungnha.campaign.queries import figures as reads
from tungnha.campaign.services import figures, indicators, targets
from tungnha.campaign.services.figures import Entry, Provenance
from tungnha.campaign.tests.conftest import make_officer, make_unit

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 14)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(Campaign, "today", lambda self, now=None: TODAY)


def follow(campaign, code, **how):
    if not Indicator.objects.exists():
        indicators.load()
    return indicators.track(campaign, Indicator.objects.get(code=code), **how)


@pytest.fixture
def activated(plan):
    return follow(plan.campaign, "EID3")


@pytest.fixture
def ward_officer(wards):
    return make_officer("ward", "unit_officer", wards[0])


def whence(by, day=TODAY):
    return Provenance(datetime(day.year, day.month, day.day, 9, tzinfo=UTC), "official", by)


def say(
    tracked,
    unit,
    number,
    by,
    *,
    day=TODAY,
    denominator=None,
    reason="",
    sign=False,
    seen=None,
    published=None,
):
    entry = Entry(unit, number, denominator, published, reason)
    period = period_of(day, tracked.period)
    return figures.report(tracked, entry, period, whence(by, day), sign=sign, seen=seen)


def test_a_correction_is_a_new_version_and_the_first_value_is_kept(activated, wards, ward_officer):
    say(activated, wards[0], 100, ward_officer)
    say(activated, wards[0], 120, ward_officer)
    kept = reads.versions(activated, wards[0]).values_list("version", "numerator", "is_current")
    assert list(kept) == [(2, 120, True), (1, 100, False)]


def test_the_same_figure_again_changes_nothing(activated, wards, ward_officer):
    first = say(activated, wards[0], 100, ward_officer)
    assert say(activated, wards[0], 100, ward_officer).pk == first.pk
    assert Figure.objects.count() == 1


def test_a_cumulative_figure_falls_only_with_a_reason(activated, wards, ward_officer):
    say(activated, wards[0], 100, ward_officer, day=TODAY - timedelta(days=2))
    with pytest.raises(ValidationError) as error:
        say(activated, wards[0], 90, ward_officer)
    assert list(error.value.message_dict) == ["reason"]
    assert "100" in error.value.messages[0]
    assert Figure.objects.count() == 1
    assert say(activated, wards[0], 90, ward_officer, reason="Trừ hồ sơ trùng").reason == "Trừ hồ sơ trùng"


def test_a_late_figure_is_not_above_the_next_one(activated, wards, ward_officer):
    say(activated, wards[0], 100, ward_officer)
    with pytest.raises(ValidationError) as error:
        say(activated, wards[0], 130, ward_officer, day=TODAY - timedelta(days=1))
    assert list(error.value.message_dict) == ["reason"]


def test_what_a_period_brought_may_be_less_than_before(plan, wards, ward_officer):
    online = follow(plan.campaign, "DVC1")
    say(online, wards[0], 50, ward_officer, denominator=80, day=date(2026, 9, 30))
    assert say(online, wards[0], 20, ward_officer, denominator=80, day=date(2026, 10, 1)).numerator == 20


def test_a_ratio_needs_its_denominator_and_may_pass_a_hundred(plan, wards, ward_officer):
    online = follow(plan.campaign, "DVC1")
    with pytest.raises(ValidationError) as error:
        say(online, wards[0], 50, ward_officer)
    assert list(error.value.message_dict) == ["denominator"]
    say(online, wards[0], 12_456, ward_officer, denominator=10_000)
    cell = boards.board(plan.campaign, ward_officer, TODAY).rows[0].cells[0]
    assert cell.value == 12_456


def test_the_level_above_signs_off_and_then_a_correction_takes_a_reason(
    activated, wards, ward_officer, office
):
    figure = say(activated, wards[0], 100, ward_officer)
    assert [each.pk for each in reads.waiting(activated.campaign, office)] == [figure.pk]
    assert list(reads.waiting(activated.campaign, ward_officer)) == []
    assert figures.accept([figure.pk], office) == 1
    assert figures.accept([figure.pk], office) == 0
    with pytest.raises(ValidationError) as error:
        say(activated, wards[0], 110, ward_officer)
    assert list(error.value.message_dict) == ["reason"]
    assert say(activated, wards[0], 110, ward_officer, reason="Bổ sung tổ 5").state == "submitted"


def test_a_returned_correction_lets_the_signed_one_stand(activated, wards, ward_officer, office):
    first = say(activated, wards[0], 100, ward_officer)
    figures.accept([first.pk], office)
    second = say(activated, wards[0], 990, ward_officer, reason="Bổ sung")
    with pytest.raises(ValidationError):
        figures.give_back(second, note=" ", by=office)
    figures.give_back(second, note="Thừa một chữ số?", by=office)
    kept = reads.versions(activated, wards[0]).values_list("version", "state", "is_current")
    assert list(kept) == [(2, "returned", False), (1, "accepted", True)]
    with pytest.raises(ValidationError):
        figures.give_back(second, note="Lần nữa", by=office)


def test_a_returned_figure_is_owed_again_and_counts_nowhere(activated, wards, ward_officer, office):
    figures.give_back(say(activated, wards[0], 100, ward_officer), note="Sai", by=office)
    say(activated, wards[1], 40, office, sign=True)
    owed = reads.owed(activated.campaign, wards[0], TODAY)
    assert [(each.tracked.pk, each.returned.decision_note) for each in owed] == [(activated.pk, "Sai")]
    assert reads.owed(activated.campaign, wards[1], TODAY) == []
    found = boards.board(activated.campaign, office, TODAY)
    assert (found.totals[0].numerator, found.missing) == (40, [2])


def test_two_people_do_not_overwrite_each_other(activated, wards, ward_officer):
    say(activated, wards[0], 100, ward_officer, seen=0)
    with pytest.raises(ValidationError) as error:
        say(activated, wards[0], 105, ward_officer, seen=0)
    assert list(error.value.message_dict) == ["numerator"]


def test_a_period_to_come_a_wrong_one_and_a_cut_off_to_come_are_refused(activated, wards, ward_officer):
    entry = Entry(wards[0], 1)
    future = datetime.now(UTC) + timedelta(days=1)
    cases = (
        (period_of(TODAY + timedelta(days=1), "day"), whence(ward_officer), "period"),
        (period_of(TODAY, "week"), whence(ward_officer), "period"),
        (period_of(TODAY, "day"), Provenance(future, "official", ward_officer), "cut_off"),
        (period_of(TODAY, "day"), whence(ward_officer, TODAY - timedelta(days=3)), "cut_off"),
    )
    for period, provenance, field in cases:
        with pytest.raises(ValidationError) as error:
            figures.report(activated, entry, period, provenance)
        assert list(error.value.message_dict) == [field]


def test_good_entries_go_in_and_bad_ones_are_told_by_their_place(activated, wards, office):
    say(activated, wards[1], 50, office, day=TODAY - timedelta(days=1), sign=True)
    entries = [Entry(wards[0], 10), Entry(wards[1], 40), Entry(wards[2], 30)]
    done = figures.report_many(
        activated, entries, period_of(TODAY, "day"), whence(office), signed={wards[0].pk}
    )
    assert (sorted(done.figures), list(done.refused), list(done.refused[1])) == ([0, 2], [1], ["reason"])
    assert {place: figure.state for place, figure in done.figures.items()} == {0: "accepted", 2: "submitted"}


def test_the_table_ranks_against_the_target_and_shows_what_is_missing(activated, city, wards, office):
    """Hải Phòng's way: percent of the assigned target, over 100 stays, ties share, the unreported is not zero."""
    by_hand = {wards[0].pk: 1000, wards[1].pk: 2000, wards[2].pk: 1000}
    targets.cascade(
        activated, city, 4000, "hand", effective=date(2026, 9, 1), why="KH 20", by=office, fixed=by_hand
    )
    yesterday = TODAY - timedelta(days=1)
    for unit, before, now in ((wards[0], 1000, 1245), (wards[1], 500, 1000)):
        say(activated, unit, before, office, day=yesterday, sign=True)
        say(activated, unit, now, office, sign=True)
    found = boards.board(activated.campaign, office, TODAY)
    told = [
        (row.cells[0].value, row.cells[0].rank, row.cells[0].change, row.cells[0].brought)
        for row in found.rows
    ]
    assert told == [(12450, 1, 2450, 245), (5000, 2, 2500, 500), (None, None, None, None)]
    # Over those that reported: 2,245 of the 3,000 given to them; the city's own target is shown beside.
    total = found.totals[0]
    assert (total.numerator, total.value, total.target.value) == (2245, 7483, 4000)
    assert (found.missing, found.rows[2].score, found.rows[0].rank) == ([1], None, 1)


def test_lower_is_better_turns_the_ranks(plan, wards, office):
    complaints = follow(plan.campaign, "C8.1")
    day = date(2026, 10, 11)
    fixed = {unit.pk: 100 for unit in wards}
    targets.cascade(
        complaints,
        plan.campaign.unit,
        300,
        "hand",
        effective=plan.campaign.start,
        why="KH",
        by=office,
        fixed=fixed,
    )
    for unit, number in zip(wards, (50, 20, 50), strict=True):
        say(complaints, unit, number, office, day=day, sign=True)
    ranks = [row.cells[0].rank for row in boards.board(plan.campaign, office, TODAY).rows]
    assert ranks == [2, 1, 2]


def test_a_ward_sees_its_own_row_with_its_rank_and_no_total(activated, wards, ward_officer, office):
    online = follow(activated.campaign, "DVC1")
    for unit, number in zip(wards, (40, 60, 50), strict=True):
        say(online, unit, number, office, denominator=100, sign=True)
    found = boards.board(activated.campaign, ward_officer, TODAY)
    assert [row.unit for row in found.rows] == [wards[0]]
    assert (found.rows[0].cells[1].rank, found.totals, found.units) == (3, None, 3)
    assert boards.board(activated.campaign, AnonymousUser(), TODAY).rows == []


def test_a_misprinted_percentage_is_marked_not_taken_over(plan, wards, office):
    """70.54 % was printed for 3,384,759 of 5,456,818."""
    online = follow(plan.campaign, "DVC1")
    say(online, wards[0], 3_384_759, office, denominator=5_456_818, published=7054, sign=True)
    say(online, wards[1], 449_470, office, denominator=1_167_685, published=3849, sign=True)
    cells = [row.cells[0] for row in boards.board(plan.campaign, office, TODAY).rows]
    assert [(cell.value, cell.differs) for cell in cells] == [(6203, True), (3849, False), (None, False)]


def test_a_wide_campaign_is_read_in_few_queries(plan, city, office, django_assert_max_num_queries):
    for number in range(10, 40):
        make_unit(f"9{number}", city)
    followed = [follow(plan.campaign, code) for code in ("EID1", "EID2.1", "EID2.2", "EID3", "DVC1")]
    assert followed
    with django_assert_max_num_queries(14):
        boards.board(plan.campaign, office, TODAY)
