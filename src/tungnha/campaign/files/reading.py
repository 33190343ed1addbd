"""From the tree of a file to structs: every value checked against its type, every problem found, none raised.

The types are msgspec structs, the same from which the published schema is made. msgspec's own decoder stops at the
first error and knows no lines, so the tree is walked here along msgspec's description of the types.
"""

import difflib
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from msgspec import NODEFAULT, inspect

from tungnha.campaign.files.nodes import Mapping, Node, Place, Problem, Scalar, Sequence
from tungnha.territory.vietnamese import clean

Path = tuple[str | int, ...]
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_YEARS = (1900, 2199)
"""Pages reckon with weeks and months around a day; at the calendar's ends there are none."""
_TIME = re.compile(r"^(\d{1,2}):(\d{2})$")
_WHOLE = re.compile(r"^-?\d{1,18}$")
_NUMBER = re.compile(r"^-?\d{1,18}(\.\d{1,18})?$")


class _Missing:
    """Stands where a value could not be read; the problem has been noted."""


MISSING = _Missing()


def spelled(path: Path) -> str:
    """A path as people read it: `tasks[3].units[1]`, counted from 1."""
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return text


@dataclass
class Reader:
    """Reads one file. `translate` makes of a text marked in its type (`extra={"is": "unit"}`) its canonical form.

    `places` tells afterwards where each value stood; `problems` what was wrong.
    """

    problems: list[Problem] = field(default_factory=list)
    places: dict[Path, Place] = field(default_factory=dict)
    translate: dict[str, Callable[[str], str]] = field(default_factory=dict)
    kept: dict[str, list[int]] = field(default_factory=dict)
    """Of each part that is a list, the numbers of the entries that could be read."""

    def note(self, path: Path, message: str) -> None:
        """Add a problem at a path, or where the nearest thing around it stands."""
        known = next(path[:n] for n in range(len(path), -1, -1) if path[:n] in self.places or n == 0)
        self.problems.append(Problem(self.places.get(known, Place(1, 1)), spelled(path), message))

    def unknown(self, path: Path, known: Iterable[str]) -> None:
        """Add the problem that a field's name is none of the known ones."""
        facts = {"key": path[-1], "known": ", ".join(known), "near": _nearest(str(path[-1]), known)}
        if facts["near"]:
            self.note(path, _("There is no field “%(key)s” here. Did you mean “%(near)s”?") % facts)
        else:
            self.note(path, _("There is no field “%(key)s” here. There are: %(known)s.") % facts)

    def path_of(self, part: str, number: int) -> Path:
        """The path of the n-th entry that could be read; those that could not stand between them in the file."""
        kept = self.kept.get(part)
        return (part, kept[number] if kept else number)

    def read(self, node: Node, kind: Any, path: Path) -> Any:
        """The value of a node as a type described by `msgspec.inspect`, or MISSING."""
        self.places[path] = node.place
        if not isinstance(kind, inspect.Type):
            kind = inspect.type_info(kind)
        marked = ""
        if isinstance(kind, inspect.Metadata):
            marked = (kind.extra or {}).get("is", "")
            kind = kind.type
        if isinstance(kind, inspect.UnionType):
            if isinstance(node, Scalar) and node.is_empty and kind.includes_none:
                return None
            (kind,) = (one for one in kind.types if not isinstance(one, inspect.NoneType))
            return self.read(node, kind, path)
        if isinstance(kind, inspect.StructType):
            return self._struct(node, kind, path)
        if isinstance(kind, inspect.ListType):
            return self._list(node, kind, path)
        return self._scalar(node, kind, path, marked)

    def _scalar(self, node: Node, kind: Any, path: Path, marked: str) -> Any:
        if not isinstance(node, Scalar):
            return self._refuse(path, _("One value belongs here, not a list or a group of fields."))
        try:
            if isinstance(kind, inspect.StrType):
                text = _text(node, kind, lines=marked == "lines")
                return self.translate[marked](text) if marked in self.translate else text
            return _PLAIN[type(kind)](clean(node.text), kind)
        except ValueError as error:
            return self._refuse(path, str(error))

    def _refuse(self, path: Path, message: str) -> _Missing:
        self.note(path, message)
        return MISSING

    def _struct(self, node: Node, kind: inspect.StructType, path: Path) -> Any:
        if not isinstance(node, Mapping):
            names = ", ".join(one.encode_name for one in kind.fields if one.required)
            return self._refuse(path, _("Fields with values belong here: %(names)s.") % {"names": names})
        known = {one.encode_name: one for one in kind.fields}
        for key, (place, _value) in node.entries.items():
            self.places[(*path, key)] = place
            if key not in known:
                self.unknown((*path, key), known)
        values: dict[str, Any] = {}
        for key, one in known.items():
            if key in node.entries:
                value = node.entries[key][1]
                empty = isinstance(value, Scalar) and value.is_empty
                if empty and one.default is not NODEFAULT and not isinstance(one.type, inspect.UnionType):
                    continue  # `notes:` with nothing after it is as good as left out
                values[one.name] = self.read(value, one.type, (*path, key))
            elif one.required:
                self.note(path, _("The field “%(key)s” is missing.") % {"key": key})
                values[one.name] = MISSING
        return MISSING if MISSING in values.values() else kind.cls(**values)

    def _list(self, node: Node, kind: inspect.ListType, path: Path) -> Any:
        if isinstance(node, Scalar) and node.is_empty:
            return []
        if not isinstance(node, Sequence):
            return self._refuse(path, _("A list belongs here, each item on a line that begins with “- ”."))
        found = [self.read(item, kind.item_type, (*path, n)) for n, item in enumerate(node.items)]
        kept = [n for n, one in enumerate(found) if one is not MISSING]
        if len(path) == 1:
            # A part keeps the entries that can be read, so that all of its problems are found in one go.
            self.kept[str(path[0])] = kept
            return [found[n] for n in kept]
        return found if len(kept) == len(found) else MISSING


def _text(node: Scalar, kind: inspect.StrType, *, lines: bool) -> str:
    """A text in its one form: NFC, single spaces; with its lines where they mean something."""
    raw = "" if node.is_empty else node.text.strip()
    text = "\n".join(clean(line) for line in raw.split("\n")) if lines else clean(raw)
    facts = {"text": text, "most": kind.max_length, "length": len(text)}
    if len(text) < (kind.min_length or 0):
        raise ValueError(_("It must not be empty."))
    if kind.max_length is not None and len(text) > kind.max_length:
        raise ValueError(_("It is longer than %(most)d characters (%(length)d).") % facts)
    if kind.pattern and not re.search(kind.pattern, text):
        raise ValueError(_("“%(text)s” is not written as it has to be here.") % facts)
    return text


def _day(text: str, kind: inspect.DateType) -> date:
    del kind
    if not _DAY.match(text):
        raise ValueError(_("“%(text)s” is not a day; write it as 2026-09-30.") % {"text": text})
    with suppress(ValueError):
        day = date.fromisoformat(text)
        if _YEARS[0] <= day.year <= _YEARS[1]:
            return day
    raise ValueError(_("There is no day %(text)s.") % {"text": text})


def _time(text: str, kind: inspect.TimeType) -> time:
    del kind
    match = _TIME.match(text)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise ValueError(_("“%(text)s” is not a time of day; write it as 17:30.") % {"text": text})
    return time(int(match[1]), int(match[2]))


def _truth(text: str, kind: inspect.BoolType) -> bool:
    del kind
    if text not in {"true", "false"}:
        raise ValueError(_("“%(text)s” is neither true nor false.") % {"text": text})
    return text == "true"


def _whole(text: str, kind: inspect.IntType) -> int:
    if not _WHOLE.match(text):
        raise ValueError(_("“%(text)s” is not a whole number.") % {"text": text})
    return _within(int(text), kind)


def _number(text: str, kind: inspect.FloatType) -> float:
    if not _NUMBER.match(text):
        raise ValueError(_("“%(text)s” is not a number such as 12.5.") % {"text": text})
    return _within(float(text), kind)


N = TypeVar("N", int, float)


def _within(number: N, kind: inspect.IntType | inspect.FloatType) -> N:
    if (kind.ge is not None and number < kind.ge) or (kind.gt is not None and number <= kind.gt):
        raise ValueError(_("It is too small: %(number)s.") % {"number": number})
    if (kind.le is not None and number > kind.le) or (kind.lt is not None and number >= kind.lt):
        raise ValueError(_("It is too large: %(number)s.") % {"number": number})
    return number


def _word(text: str, kind: inspect.LiteralType) -> str:
    words = [str(word) for word in kind.values]
    if text in words:
        return text
    facts = {"text": text, "words": ", ".join(words), "near": _nearest(text, words)}
    if facts["near"]:
        raise ValueError(_("“%(text)s” is none of %(words)s. Did you mean “%(near)s”?") % facts)
    raise ValueError(_("“%(text)s” is none of %(words)s.") % facts)


_PLAIN: dict[type, Callable[[str, Any], Any]] = {
    inspect.DateType: _day,
    inspect.TimeType: _time,
    inspect.BoolType: _truth,
    inspect.IntType: _whole,
    inspect.FloatType: _number,
    inspect.LiteralType: _word,
}


def _nearest(word: str, known: Iterable[str]) -> str:
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)), "")
