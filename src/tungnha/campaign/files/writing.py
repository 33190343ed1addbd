"""From structs to YAML text. The same content gives the same bytes, whatever library is installed."""

import json
import re
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from typing import Any

from msgspec import NODEFAULT, Struct, structs

# What may stand bare: begins with a letter or digit, holds nothing that YAML or another reader takes for more than text.
_BARE = re.compile(r"^\w[^:#\[\]{}\\\"\n]*$")
_OTHER_THAN_TEXT = re.compile(
    r"^(?:[\d.,_+eExXoO-]+|true|false|yes|no|on|off|y|n|null|nan|inf|\d{4}-\d\d?-\d\d?.*)$", re.IGNORECASE
)


def plain(value: Any) -> Any:
    """Structs as mappings without the fields that are at their defaults, all the way down."""
    if isinstance(value, Struct):
        held = ((one, getattr(value, one.name)) for one in structs.fields(value))
        return {one.encode_name: plain(inner) for one, inner in held if inner != _default(one)}
    return [plain(one) for one in value] if isinstance(value, list) else value


def _default(field: structs.FieldInfo) -> Any:
    return field.default_factory() if field.default_factory is not NODEFAULT else field.default


def written(value: Any, indent: int = 0) -> Iterator[str]:
    """The lines of a mapping or list in block style, without their line ends."""
    space = " " * indent
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _entry(f"{space}{key}:", inner, indent)
        return
    for item in value:
        if isinstance(item, dict) and item:
            lines = list(written(item, indent + 2))
            yield f"{space}- {lines[0].lstrip()}"
            yield from lines[1:]
        else:
            yield from _entry(f"{space}-", item, indent)


def _entry(head: str, value: Any, indent: int) -> Iterator[str]:
    if isinstance(value, dict | list) and value:
        yield head
        yield from written(value, indent + 2)
    elif isinstance(value, str) and "\n" in value:
        yield f"{head} |-"
        yield from (f"{' ' * (indent + 2)}{line}" if line else "" for line in value.split("\n"))
    else:
        yield f"{head} {_scalar(value)}"


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        bare = _BARE.match(value) and not _OTHER_THAN_TEXT.match(value) and value == value.strip()
        return value if bare else json.dumps(value, ensure_ascii=False)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
    if isinstance(value, time):
        return json.dumps(value.strftime("%H:%M"))
    if isinstance(value, date):
        return value.isoformat()
    return "[]" if isinstance(value, list) else "{}" if isinstance(value, dict) else str(value)
