"""A campaign's entries at another time: for a demonstration that begins today, and for a pilot that others repeat."""

from datetime import date, timedelta
from typing import Any

from msgspec import inspect, structs

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


def _moved(entry: Any, moved: Any, *, documents: bool) -> Any:
    kind = inspect.type_info(type(entry))
    assert isinstance(kind, inspect.StructType)
    changes: dict[str, Any] = {}
    for one in kind.fields:
        value = getattr(entry, one.name)
        marked = isinstance(one.type, inspect.Metadata) and (one.type.extra or {}).get("is") == "document"
        if isinstance(value, date):
            if documents or not marked:
                changes[one.name] = moved(value)
        elif isinstance(value, list) and value and hasattr(value[0], "__struct_fields__"):
            changes[one.name] = [_moved(inner, moved, documents=documents) for inner in value]
    return structs.replace(entry, **changes)
