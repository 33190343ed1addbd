"""A campaign's entries at another time or place: a demonstration that begins today, a pilot that other units repeat."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from msgspec import Struct, inspect, structs

Entries = dict[str, list[Any]]


def begun_on(
    entries: Entries, was: date, start: date, *, scale: float = 1.0, documents: bool = True
) -> Entries:
    """All entries with the campaign's first day moved from `was` to `start`.

    Days are counted from the first day and multiplied by `scale`, to the nearest whole day (2.0 takes twice as long).
    The dates on documents stay unless `documents`.
    """

    def moved(day: date) -> date:
        return start + timedelta(days=round((day - was).days * scale))

    return {name: [_moved(one, moved, documents=documents) for one in many] for name, many in entries.items()}


def _moved(entry: Any, moved: Callable[[date], date], *, documents: bool) -> Any:
    def change(value: Any, marked: str) -> Any:
        return moved(value) if isinstance(value, date) and (documents or marked != "document") else value

    return _changed(entry, change)


class ElsewhereError(ValueError):
    """An entry names a unit other than the one whose campaign it is, so nobody can say what it means elsewhere."""


def transplanted(entries: Entries, home: str, to: str) -> Entries:
    """All entries with the campaign's own unit replaced by another, both as a file names them.

    An organisation of the campaign's own unit becomes the one of the same name in the other. Raises ElsewhereError,
    whose text is the unit that is named, where an entry names any other unit.
    """

    def change(value: Any, marked: str) -> Any:
        if marked == "unit" and value is not None:
            if value != home:
                raise ElsewhereError(value)
            return to
        if marked == "body" and value is not None and " @ " in value:
            raise ElsewhereError(value)
        return value

    return {name: [_changed(one, change) for one in many] for name, many in entries.items()}


def _changed(value: Any, change: Callable[[Any, str], Any], kind: Any = None) -> Any:
    """A value with every leaf changed; `change` is told how the leaf's type is marked (`extra={"is": …}`)."""
    marked = ""
    if isinstance(kind, inspect.UnionType):
        kind = next((one for one in kind.types if not isinstance(one, inspect.NoneType)), kind)
    if isinstance(kind, inspect.Metadata):
        marked, kind = (kind.extra or {}).get("is", ""), kind.type
    if isinstance(value, Struct):
        described = inspect.type_info(type(value))
        assert isinstance(described, inspect.StructType)
        leaves = {one.name: _changed(getattr(value, one.name), change, one.type) for one in described.fields}
        return structs.replace(value, **leaves)
    if isinstance(value, list):
        inner = kind.item_type if isinstance(kind, inspect.ListType) else None
        return [_changed(one, change, inner) for one in value]
    return change(value, marked)
