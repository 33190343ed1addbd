"""YAML as a tree that knows its lines. Only what a campaign file needs: no tags, no anchors, nothing is constructed.

Scalars stay the text that was written, so that a unit's code 00226 is never a number and `no` is never False.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

LARGEST = 2 * 1024**2
"""Bytes. The set-up of a city of 126 units is some hundred thousand."""
DEEPEST = 12
MOST_NODES = 300_000
"""About five seconds of reading on one core."""


@dataclass(frozen=True, order=True)
class Place:
    """A line and column of the file, both from 1, as editors count."""

    line: int
    column: int


START = Place(1, 1)


@dataclass(frozen=True, order=True)
class Problem:
    """What is wrong with a file, where (also as a path such as `phases[2].start`), in the reader's language."""

    place: Place
    path: str
    message: str

    def __str__(self) -> str:
        where = _("line %(line)d, column %(column)d") % {"line": self.place.line, "column": self.place.column}
        return f"{where}: {self.path}: {self.message}" if self.path else f"{where}: {self.message}"


@dataclass(frozen=True)
class Scalar:
    """A text as written. `quoted` where it stood in quotes or as a block, so that it is certainly text."""

    place: Place
    text: str
    quoted: bool

    @property
    def is_empty(self) -> bool:
        return not self.quoted and self.text in {"", "~", "null"}


@dataclass(frozen=True)
class Sequence:
    place: Place
    items: "list[Node]" = field(default_factory=list)


@dataclass(frozen=True)
class Mapping:
    """Keys in their order, each with its own place and its value."""

    place: Place
    entries: "dict[str, tuple[Place, Node]]" = field(default_factory=dict)


Node = Scalar | Sequence | Mapping


class UnreadableError(Exception):
    """The text cannot be read any further; `problem` says where and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def parse(content: bytes, problems: list[Problem]) -> Node:
    """The tree of a file. What can be read past is added to `problems`; else raises UnreadableError."""
    if len(content) > LARGEST:
        raise UnreadableError(
            Problem(START, "", _("The file is larger than %(size)s MB.") % {"size": LARGEST // 1024**2})
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        place = Place(before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        raise UnreadableError(Problem(place, "", _("The file is not UTF-8 text."))) from error
    try:
        return _Builder(YAML(typ="safe", pure=True).parse(text), problems).document()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else START
        reason = error.problem or error.context or ""
        message = _("This is not YAML from here on (%(reason)s).") % {"reason": reason}
        raise UnreadableError(Problem(place, "", message)) from error
    except YAMLError as error:
        reason = str(error).splitlines()[0]
        message = _("This is not YAML from here on (%(reason)s).") % {"reason": reason}
        raise UnreadableError(Problem(START, "", message)) from error


class _Builder:
    """Makes the tree from the parser's events."""

    def __init__(self, events: Iterator[Any], problems: list[Problem]) -> None:
        self._events = events
        self._problems = problems
        self._nodes = 0

    def document(self) -> Node:
        root: Node | None = None
        for event in self._events:
            kind = type(event).__name__
            if kind == "DocumentStartEvent" and root is not None:
                self._note(event, _("A second document begins here; a campaign file is one."))
                break
            if kind not in {"StreamStartEvent", "StreamEndEvent", "DocumentStartEvent", "DocumentEndEvent"}:
                root = self._node(event, 0)
        if root is None:
            raise UnreadableError(Problem(START, "", _("The file is empty.")))
        return root

    def _note(self, event: Any, message: str) -> None:
        self._problems.append(Problem(_place(event), "", message))

    def _node(self, event: Any, depth: int) -> Node:
        place = _place(event)
        self._nodes += 1
        if depth > DEEPEST or self._nodes > MOST_NODES:
            message = _("The file is nested deeper, or holds more, than a campaign file can.")
            raise UnreadableError(Problem(place, "", message))
        kind = type(event).__name__
        if kind == "AliasEvent" or event.anchor is not None:
            self._note(event, _("Anchors (&) and aliases (*) are not read; write the value out."))
        elif event.ctag is not None and str(event.ctag) != "!":
            self._note(event, _("Tags such as %(tag)s are not read.") % {"tag": str(event.ctag)})
        if kind == "MappingStartEvent":
            return self._mapping(place, depth)
        if kind == "SequenceStartEvent":
            return self._sequence(place, depth)
        if kind == "ScalarEvent":
            return Scalar(place, event.value, quoted=event.style is not None)
        return Scalar(place, "", quoted=False)

    def _sequence(self, place: Place, depth: int) -> Sequence:
        found = Sequence(place)
        while type(event := next(self._events)).__name__ != "SequenceEndEvent":
            found.items.append(self._node(event, depth + 1))
        return found

    def _mapping(self, place: Place, depth: int) -> Mapping:
        found = Mapping(place)
        while type(event := next(self._events)).__name__ != "MappingEndEvent":
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if not isinstance(key, Scalar):
                self._problems.append(Problem(key.place, "", _("A key has to be a word.")))
            elif key.text in found.entries:
                first = found.entries[key.text][0].line
                self._problems.append(
                    Problem(
                        key.place,
                        "",
                        _("“%(key)s” is given twice; first in line %(line)d.")
                        % {"key": key.text, "line": first},
                    )
                )
            else:
                found.entries[key.text] = (key.place, value)
        return found


def _place(event: Any) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)
