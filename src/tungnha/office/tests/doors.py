"""Every address of the signed-in pages, and what a person must be able to do, and where, to be let through.

A part of the pages declares its addresses in a module `doors_<part>.py` beside this one:

    DOORS = {"task": Door(("task",), get=Need(Action.FIGURES, WARD)), …}     # name of the address → its door

    def objects(world: World) -> dict[str, Model | str]:                     # what the addresses' arguments name
        …

`test_doors.py` walks every door as every role, held in the object's own ward, in the city above it and in another ward
of that city, and as nobody. `docs/addresses.md` is the same table for people; `python -m tungnha.office.tests.doors`
writes it anew.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Any

from tungnha.accounts.roles import Action

DOCS = Path(__file__).parents[4] / "docs" / "addresses.md"


class Where(StrEnum):
    """Where the action must be allowed."""

    WARD = "its unit"
    CITY = "the whole territory"
    ANYWHERE = "any unit of the territory"
    SOMEWHERE = "any unit at all"


WARD, CITY, ANYWHERE, SOMEWHERE = Where


@dataclass(frozen=True)
class Need:
    """What one method asks for, and what it answers when that is given (`answer`); otherwise it is 404.

    `action` None lets in anybody who signed in. `sent` is the body of a POST.
    """

    action: Action | None
    where: Where = SOMEWHERE
    answer: int = 200
    sent: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"`{self.action}` in {self.where}" if self.action else "signed in"


@dataclass(frozen=True)
class Door:
    """An address: the objects its arguments name, and what each method needs. A method without a need answers 405."""

    arguments: tuple[str, ...] = ()
    get: Need | None = None
    post: Need | None = None
    public: bool = False
    """Open to those who have not signed in."""

    def needs(self) -> dict[str, Need | None]:
        return {"get": self.get, "post": self.post}


@dataclass(frozen=True)
class World:
    """A city with two wards, a campaign of the city, and somebody who wrote what is there.

    Objects stand in `ward`; nothing stands in `other`.
    """

    city: Any
    ward: Any
    other: Any
    campaign: Any
    author: Any


def parts() -> dict[str, ModuleType]:
    """The modules that declare doors, by the part's name."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("doors_*.py"))
    return {name.removeprefix("doors_"): importlib.import_module(f"{__package__}.{name}") for name in names}


def doors() -> dict[str, Door]:
    """Every declared door."""
    return {name: door for part in parts().values() for name, door in part.DOORS.items()}


def table(route: Callable[[str], str]) -> str:
    """The documented table; `route` gives the written form of an address."""
    lines = [
        "# Who may open which address",
        "",
        "Written by `python -m tungnha.office.tests.doors`; a test walks every address as every role and holds this page equal.",
        "What each action opens, and which role has it, stands in [roles.md](roles.md). Whoever may not is answered 404.",
        "“Its unit” is the unit of what is shown; a role held above it counts.",
    ]
    for part, module in parts().items():
        lines += [
            "",
            f"## {part.replace('_', ' ').capitalize()}",
            "",
            "| address | read | change |",
            "|---|---|---|",
        ]
        lines += [
            f"| `{route(name)}` | {'anybody' if door.public else door.get or ''} | {door.post or ''} |"
            for name, door in module.DOORS.items()
        ]
    return "\n".join(lines) + "\n"


def written(name: str) -> str:
    """The pattern of an address as `urls.py` has it."""
    from django.urls import get_resolver

    return next(
        f"/{pattern.pattern}"
        for pattern in get_resolver("tungnha.office.urls").url_patterns
        if pattern.name == name
    )


if __name__ == "__main__":
    import os

    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "tungnha.config.test_settings"
    django.setup()
    DOCS.write_text(table(written), encoding="utf-8")
