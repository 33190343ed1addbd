"""Courses as files: lessons to read, questions to answer, who is to take them, a pass mark and how long a pass holds.

A course is a folder, `data/training/<course>/`: `course.toml` holds its rules, and one file a language (`vi.toml`,
`en.toml`) its words. A city puts its own beside ours; a changed course gets a higher version, and who passed an older one
learns what is new before the next walk.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

import msgspec
from django.utils.translation import get_language

from tungnha.accounts.roles import Role

FOLDER = Path(__file__).parent / "data" / "training"
DOORSTEP = "doorstep"
"""The course without which nobody gets a walk, whatever their role."""
_FALLBACK = "vi"


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


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A course in one language."""

    title: str
    lessons: list[Lesson]
    questions: list[Question]


class _Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What holds for a course in every language. `pass_mark` is the share of right answers needed."""

    version: int
    pass_mark: Annotated[float, msgspec.Meta(gt=0, le=1)]
    valid_days: Annotated[int, msgspec.Meta(ge=1)]
    roles: list[Role]
    """Whose course it is: they are told to take it."""


@dataclass(frozen=True)
class Course:
    """A course as one person reads it. `valid_days` is how long a pass holds."""

    name: str
    version: int
    pass_mark: float
    valid_days: int
    roles: frozenset[Role]
    title: str
    lessons: list[Lesson]
    questions: list[Question]


class UnknownCourseError(LookupError):
    """There is no folder of this course."""


@cache
def names() -> tuple[str, ...]:
    """Every course, the one for the doorstep first."""
    found = sorted(path.parent.name for path in FOLDER.glob("*/course.toml"))
    return tuple(sorted(found, key=lambda name: name != DOORSTEP))


def course(name: str) -> Course:
    """A course in the language in use, or in Vietnamese.

    Raises UnknownCourseError, ValueError where its languages do not have the same questions, or
    msgspec.ValidationError for a file that is not a course.
    """
    rules, words = _read(name)
    told = words.get((get_language() or _FALLBACK)[:2], words[_FALLBACK])
    return Course(
        name, rules.version, rules.pass_mark, rules.valid_days, frozenset(rules.roles), told.title, told.lessons,
        told.questions,
    )  # fmt: skip


@cache
def _read(name: str) -> tuple[_Rules, dict[str, _Words]]:
    if name not in names():
        raise UnknownCourseError(name)
    folder = FOLDER / name
    rules = msgspec.convert(_toml(folder / "course.toml"), _Rules)
    words = {
        path.stem: msgspec.convert(_toml(path), _Words)
        for path in sorted(folder.glob("*.toml"))
        if path.stem != "course"
    }
    if len({len(one.questions) for one in words.values()}) != 1:
        raise ValueError(f"{folder}: each language needs the same questions")
    return rules, words


def _toml(path: Path) -> dict[str, object]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def courses_for(roles: Iterable[str]) -> list[Course]:
    """The courses that somebody with these roles is to take."""
    held = set(roles)
    return [one for one in map(course, names()) if not held.isdisjoint(one.roles)]


def right_answers(asked: Course, given: Mapping[int, str]) -> int:
    """How many of the answers, by the question's place in the course, are right, in whichever language they were read."""
    _rules, words = _read(asked.name)
    return sum(
        given.get(place) in {one.questions[place].right for one in words.values()}
        for place in range(len(asked.questions))
    )


def passes(asked: Course, right: int) -> bool:
    """Whether so many right answers are enough."""
    return right >= asked.pass_mark * len(asked.questions)
