"""A preview tries everything out and keeps nobody waiting."""

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection

from tungnha.campaign.files import trial
from tungnha.campaign.files.imports import bring_in, look, understand
from tungnha.campaign.files.tests.test_round_trip import GOOD
from tungnha.campaign.models import Campaign, Plan
from tungnha.campaign.services import plans


@pytest.fixture
def statements():
    """The statements that reach the database that everybody uses, by their first word."""
    said = []

    def note(execute, sql, params, many, context):
        said.append(sql.split()[0])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield said


@pytest.mark.skipif(
    "connection.vendor != 'sqlite'", reason="elsewhere a writer does not keep the others waiting"
)
def test_a_preview_only_reads_the_database(office, statements):
    bring_in(understand(GOOD.encode()), office)
    statements.clear()
    changed = GOOD.replace("Lập tổ cơ động", "Lập tổ lưu động").replace("Báo cáo", "Báo cáo nhanh")
    outcome = look(understand(changed.encode()), office)
    assert (outcome.problems, len(outcome.differences)) == ([], 1)
    assert set(statements) == {"SELECT"}


def test_a_preview_says_what_bringing_in_says(office):
    bad = GOOD.replace("  - line: 1\n        organisation: Thành đoàn", "  - line: 3")
    assert bad != GOOD
    tried, done = (way(understand(bad.encode()), office).problems for way in (look, bring_in))
    # Of several cycles the message names one, whichever the rows' keys lead to first.
    assert [(one.place, one.path) for one in tried] == [(one.place, one.path) for one in done] != []
    assert not Campaign.objects.exists()


def test_what_is_tried_out_is_gone_whatever_becomes_of_it(office):
    bring_in(understand(GOOD.encode()), office)
    with pytest.raises(IntegrityError), trial.undone():
        Campaign.objects.update(name="khác", unit=None)
    with trial.undone():
        Campaign.objects.update(name="khác")
        assert Campaign.objects.get().name == "khác"
    assert Campaign.objects.get().name == "90 ngày đêm"


def test_a_plan_taken_out_on_trial_keeps_its_scan(office):
    bring_in(understand(GOOD[: GOOD.index("tasks:")].encode()), office)
    plan = Plan.objects.get()
    scan = SimpleUploadedFile("a.pdf", b"%PDF-1.7 scan")
    plans.change_plan(
        plan,
        number=plan.number,
        issued=plan.issued,
        issuer=plan.issuer,
        title=plan.title,
        by=office,
        attachment=scan,
    )
    with trial.undone():
        plans.remove_plan(Plan.objects.get())
        assert not Plan.objects.exists()
    assert default_storage.exists(Plan.objects.get().attachment.path)
