"""Courses as files: lessons to read, questions to answer, a pass mark and how long a pass holds.

A city puts its own course beside ours (`data/training/<course>.toml`); a changed course gets a higher version, and who
passed an older one learns what is new before the next walk.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

FOLDER = Path(__file__).parent / "data" / "training"
DOORSTEP = "doorstep"
"""The course without which nobody gets a walk."""


class Lesson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something to read, a paragraph each, or to watch at `clip`."""

    title: str
    text: list[str]
    clip: str = ""


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question with one right answer. Shown in another order to everybody."""

    text: str
    right: str
    wrong: list[str]
    why: str


class Course(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A course. `pass_mark` is the share of right answers needed; `valid_days` how long a pass holds."""

    version: int
    title: str
    pass_mark: float
    valid_days: int
    lessons: list[Lesson]
    questions: list[Question]


class UnknownCourseError(LookupError):
    """There is no file of this course."""


@cache
def course(name: str) -> Course:
    """A course by its name. Raises UnknownCourseError, or msgspec.ValidationError for a file that is not a course."""
    path = FOLDER / f"{name}.toml"
    if path.parent != FOLDER or not path.is_file():
        raise UnknownCourseError(name)
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Course)


def right_answers(asked: Course, given: Mapping[int, str]) -> int:
    """How many of the answers, by the question's place in the course, are right."""
    return sum(given.get(place) == question.right for place, question in enumerate(asked.questions))


def passes(asked: Course, right: int) -> bool:
    """Whether so many right answers are enough."""
    return right >= asked.pass_mark * len(asked.questions)
