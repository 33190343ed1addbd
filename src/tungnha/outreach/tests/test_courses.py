"""Courses by role, in two languages."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from tungnha.accounts import services as accounts
from tungnha.accounts.roles import Role
from tungnha.outreach import training
from tungnha.outreach.queries.training import passed, passes
from tungnha.outreach.services.training import sit

NAMES = ["doorstep", "point-staff", "team-leader", "unit-officer"]


def all_right(name):
    return {place: one.right for place, one in enumerate(training.course(name).questions)}


def test_each_working_role_has_a_course_and_the_doorstep_comes_first():
    assert list(training.names()) == NAMES
    assert {role: [one.name for one in training.courses_for([role])] for role in Role} == {
        Role.ADMINISTRATOR: [],
        Role.CITY_OFFICE: [],
        Role.UNIT_OFFICER: ["unit-officer"],
        Role.TEAM_LEADER: ["doorstep", "team-leader"],
        Role.VOLUNTEER: ["doorstep"],
        Role.POINT_STAFF: ["point-staff"],
        Role.ANALYST: [],
        Role.AUDITOR: [],
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_course_can_be_read_in_both_languages(name):
    shapes = []
    for language in ("vi", "en"):
        with translation.override(language):
            one = training.course(name)
            shapes.append(
                [len(lesson.text) for lesson in one.lessons] + [len(asked.wrong) for asked in one.questions]
            )
            for asked in one.questions:
                assert len({asked.right, *asked.wrong}) == 1 + len(asked.wrong)
                assert asked.why
    assert shapes[0] == shapes[1]
    with translation.override("vi"):
        vi = training.course(name).title
    with translation.override("en"):
        assert training.course(name).title != vi


def test_other_languages_read_the_vietnamese():
    with translation.override("fr"):
        assert training.course("doorstep").title == "Trước khi gõ cửa"


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_counts_in_whichever_language_it_was_read(name):
    with translation.override("en"):
        given = all_right(name)
    with translation.override("vi"):
        asked = training.course(name)
        assert training.right_answers(asked, given) == len(asked.questions)
        assert (
            training.right_answers(asked, {place: one.wrong[0] for place, one in enumerate(asked.questions)})
            == 0
        )


@pytest.mark.parametrize("name", ["../doorstep", "doorstep/vi", "", "khong-co"])
def test_an_unknown_course_is_refused(name):
    with pytest.raises(training.UnknownCourseError):
        training.course(name)


@pytest.mark.django_db
def test_a_pass_of_one_course_is_no_pass_of_another_and_runs_out_by_itself():
    person = accounts.create_user("hoa", "mật khẩu thật dài 9")
    sit(person, "team-leader", all_right("team-leader"))
    sit(person, "unit-officer", all_right("unit-officer"))
    sit(person, "point-staff", {})
    every = [training.course(name) for name in NAMES]
    assert passed([person]) == set()
    assert {course for _user, course in passes([person], every)} == {"team-leader", "unit-officer"}
    later = timezone.localdate() + timedelta(days=200)  # 180 days for one, 365 for the other
    assert {course for _user, course in passes([person], every, on=later)} == {"unit-officer"}


def test_languages_that_ask_different_questions_are_refused(tmp_path, monkeypatch):
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "course.toml").write_text(
        "version = 1\npass_mark = 1.0\nvalid_days = 1\nroles = []\n", encoding="utf-8"
    )
    asked = '[[questions]]\ntext = "?"\nright = "a"\nwrong = ["b"]\nwhy = "c"\n'
    for language, times in (("vi", 2), ("en", 1)):
        text = 'title = "T"\n[[lessons]]\ntitle = "L"\ntext = []\n' + asked * times
        (folder / f"{language}.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(training, "FOLDER", tmp_path)
    for cached in (training.names, training._read):
        cached.cache_clear()
    try:
        with pytest.raises(ValueError, match="same questions"):
            training.course("own")
    finally:
        monkeypatch.undo()
        for cached in (training.names, training._read):
            cached.cache_clear()
