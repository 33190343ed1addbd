"""What is wrong with a file is said with its place, all of it, and nothing is half applied."""

from datetime import date

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from tungnha.campaign.files import nodes
from tungnha.campaign.files.imports import bring_in, look, understand
from tungnha.campaign.files.tests.test_round_trip import GOOD
from tungnha.campaign.models import Campaign, Organisation, Task
from tungnha.campaign.services import plans
from tungnha.campaign.tests.conftest import make_unit


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def said(office, text):
    """(line, path, message) of every problem of a file; nothing of it is stored."""
    content = text if isinstance(text, bytes) else text.encode()
    found = [
        (one.place.line, one.path, one.message) for one in bring_in(understand(content), office).problems
    ]
    assert not Campaign.objects.exists()
    assert not Organisation.objects.exists()
    return found


def line_of(text, part):
    return text[: text.index(part)].count("\n") + 1


def test_every_problem_is_said_at_once_in_the_order_of_its_lines(office):
    bad = (
        GOOD.replace("name: 90 ngày đêm", "nam: 90 ngày đêm")
        .replace("kind: union", "kind: unoin")
        .replace("issued: 2026-08-25", "issued: 2026-02-30")
        .replace("line: 2\n    title", "line: hai\n    title", 1)
    )
    assert [(path, message) for _line, path, message in said(office, bad)] == [
        ("campaign", "The field “name” is missing."),
        ("campaign.nam", "There is no field “nam” here. Did you mean “name”?"),
        (
            "organisations[1].kind",
            "“unoin” is none of company, department, other, press, union. Did you mean “union”?",
        ),
        ("plans[1].issued", "There is no day 2026-02-30."),
        ("tasks[2].line", "“hai” is not a whole number."),
    ]
    assert [line for line, *_ in said(office, bad)] == [
        line_of(bad, "  code:"),
        line_of(bad, "  nam:"),
        line_of(bad, "    kind:"),
        line_of(bad, "    issued:"),
        line_of(bad, "    line: hai"),
    ]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_at_the_ends_of_the_calendar_is_none(office, day):
    bad = GOOD.replace("issued: 2026-08-25", f"issued: {day}")
    assert [told[1:] for told in said(office, bad)] == [("plans[1].issued", f"There is no day {day}.")]


def test_rules_of_the_tables_are_said_with_lines_too(office):
    bad = (
        GOOD.replace("end: 2026-10-10", "end: 2026-12-31")
        .replace("due: 2026-09-05", "due: 2026-08-05")
        .replace("      - 01 Đơn vị 01", "      - 01 Đơn vị 01\n      - 99999")
        .replace("organisation: Thành đoàn", "organisation: Hội Nông dân")
    )
    assert [(path, message.split(";")[0]) for _line, path, message in said(office, bad)] == [
        ("phases[1].end", "The campaign runs from 09/01/2026 to 11/29/2026."),
        ("tasks[1].due", "The task would be due before it starts."),
        ("tasks[3].units[2]", "No unit has the code 99999 on 2026-09-01."),
    ]


def test_a_broken_plan_is_not_complained_of_again_by_each_of_its_tasks(office):
    assert [path for _line, path, _message in said(office, GOOD.replace("title: Cao điểm", "title:"))] == [
        "plans[1].title"
    ]


def test_a_cycle_is_named(office):
    bad = GOOD.replace(
        "    organisations:\n      - Thành đoàn\n",
        "    organisations:\n      - Thành đoàn\n    waits_for:\n      - line: 3\n        unit: 01\n",
    ).replace(
        "      - 01 Đơn vị 01\n",
        "      - 01 Đơn vị 01\n    waits_for:\n      - line: 1\n        organisation: Thành đoàn\n",
    )
    ((_line, path, message),) = said(office, bad)
    assert path == "tasks[3].waits_for"
    assert message.count("Ban hành hướng dẫn") >= 1


@pytest.mark.parametrize(
    ("change", "path", "part"),
    [
        (("tungnha-campaign/1", "tungnha-campaign/7"), "format", "version 7"),
        (("format: tungnha-campaign/1", "format: x"), "format", "tungnha-campaign/1"),
        (("format: tungnha-campaign/1\n", ""), "format", "tungnha-campaign/1"),
        (("phases:", "phasses:"), "phasses", "“phases”"),
        (("  start: 2026-09-01\n  dead", "  start: 2026-09-01\n  start: 2026-09-02\n  dead"), "", "twice"),
        (("name: 90 ngày đêm", "name: &a 90"), "", "Anchors"),
        (("name: 90 ngày đêm", "name: !!python/object:os.system x"), "", "Tags"),
        (("name: 90 ngày đêm", "name: [a, b]"), "campaign.name", "One value"),
        (("name: 90 ngày đêm", "name: |\n    " + "x" * 300), "campaign.name", "longer"),
        (("unit: 01 Đơn vị 01", "unit: 01 Đơn vị 02"), "campaign.unit", "called “Đơn vị 01”"),
        (("unit: 01 Đơn vị 01", "unit: 01@2026-02-31"), "campaign.unit", "no day"),
        (("every_unit: true", "every_unit: yes"), "tasks[2].every_unit", "neither true"),
        (("number: 123/KH-UBND", "number: không số"), "plans[1].number", "document's number"),
        (("plan: 123/KH-UBND", "plan: 124/KH-UBND"), "tasks[1].plan", "123/KH-UBND"),
        (("time_zone", "x: 1\n  time_zone"), "campaign.x", "There are: code"),
        (("language: vi", "language: vi\n  time_zone: Asia/Hanoi\n"), "campaign.time_zone", "Asia/Hanoi"),
    ],
)
def test_a_problem_is_told_by_its_path(office, change, path, part):
    bad = GOOD.replace(
        "  deadline: 2026-11-29\n", "  deadline: 2026-11-29\n  language: vi\n  time_zone: UTC\n"
    )
    if "Hanoi" in change[1]:
        bad = bad.replace("  time_zone: UTC\n", "")
    changed = bad.replace(*change, 1)
    assert changed != bad
    found = [(where, message) for _line, where, message in said(office, changed)]
    assert [where for where, _ in found] == [path]
    assert part in found[0][1]


def test_an_entry_that_stands_twice_is_refused(office):
    phase = GOOD[GOOD.index('  - name: "Cao') : GOOD.index("organisations:")].rstrip() + "\n"
    ((line, path, message),) = said(office, GOOD.replace(phase, phase + phase))
    assert (path, "Cao điểm: đợt 1" in message) == ("phases[2]", True)
    assert line == line_of(GOOD, "phases:") + 4


def test_a_code_of_another_era_says_what_became_of_it(office, city):
    from tungnha.territory.models import Succession, Unit, UnitChange

    old = make_unit("00004", city)
    Unit.objects.filter(pk=old.pk).update(valid_to=date(2025, 7, 1))
    new = make_unit("00099", city)
    change = UnitChange.objects.create(decided_by="1656/NQ-UBTVQH15", effective=date(2025, 7, 1))
    Succession.objects.create(change=change, old=old, new=new, whole=True)
    bad = GOOD.replace("      - 01 Đơn vị 01", "      - 00004")
    ((_line, path, message),) = said(office, bad)
    assert (path, "it became 00099 Đơn vị 00099" in message) == ("tasks[3].units[1]", True)
    good = bad.replace("- 00004", "- 00004@2025-06-30")
    assert look(understand(good.encode()), office).problems == []


def test_problems_speak_the_readers_language(office):
    with translation.override("vi"):
        ((_line, _path, message),) = said(office, GOOD.replace("phases:", "phasses:"))
        assert message == "Không có trường “phasses” ở đây. Có phải là “phases”?"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"a: [1\nb",
        b"- " * 100_000,
        b"[" * 100_000,
        b"a: *b",
        b"just words",
        b"a: 1\n---\nb: 2",
        b"\t- x",
        b"a: \x01",
        b"%YAML 9.9\n---\na: 1",
        b"? [x]\n: 1",
        b"#" * (nodes.LARGEST + 1),
    ],
)
def test_no_text_does_more_than_be_refused(office, content):
    assert said(office, content)


def test_a_file_of_very_many_small_things_is_refused_before_it_costs_much(monkeypatch):
    monkeypatch.setattr(nodes, "MOST_NODES", 1000)
    problems = understand(b"[" + b"a," * 2000 + b"]").reader.problems
    assert [problem.place.column for problem in problems] == [2000]


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_whatever_comes_is_understood_or_refused(content):
    document = understand(content)
    assert document.reader.problems


def test_an_entry_that_cannot_be_read_is_not_complained_of_as_taken_out(office):
    """The phase moves onto the day of the one that cannot be read, and that one's plan and tasks have work on them."""
    assert bring_in(understand(GOOD.encode()), office).problems == []
    plans.move_task(Task.objects.filter(line=2).first(), "doing", by=office, today=date(2026, 9, 2))
    bad = (
        GOOD.replace('name: "Cao điểm: đợt 1"', "nam: x")
        .replace(
            "organisations:",
            "  - name: Khác\n    start: 2026-09-10\n    end: 2026-09-12\n\norganisations:",
            1,
        )
        .replace("issuer: UBND Thành phố", "issuer: UBND")
        .replace("line: 2\n    title", "line: hai\n    title", 1)
    )
    problems = look(understand(bad.encode()), office).problems
    assert [one.path for one in problems] == ["phases[1]", "phases[1].nam", "tasks[2].line"]
