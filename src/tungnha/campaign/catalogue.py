"""The catalogue as files: indicators, lists of essential services, the services, and who answers for them.

What ships with the program is in `data/`. A city that has more keeps its own folder with any of the same files.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from tungnha.campaign.models import EssentialService, Indicator, ServiceList, ServiceOwner
from tungnha.territory.vietnamese import clean

Row = TypeVar("Row", bound=models.Model)
SHIPPED = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Problem:
    """Something to mend in a file: which, the row (the header is row 1), the column, and a sentence about it."""

    file: str
    row: int
    column: str
    message: str

    def __str__(self) -> str:
        place = _("%(file)s, row %(row)d") % {"file": self.file, "row": self.row}
        return f"{place}, {self.column}: {self.message}" if self.column else f"{place}: {self.message}"


class CatalogueError(Exception):
    """A catalogue that was not loaded, with everything that is to be mended."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass
class Catalogue:
    """What the files of a folder say. Links between rows are codes until they are stored."""

    indicators: list[Indicator] = field(default_factory=list)
    lists: list[tuple[ServiceList, str]] = field(default_factory=list)
    services: list[tuple[EssentialService, str]] = field(default_factory=list)
    owners: list[tuple[ServiceOwner, str]] = field(default_factory=list)


INDICATORS, LISTS, SERVICES, OWNERS = (
    "indicators.csv",
    "service_lists.csv",
    "services.csv",
    "service_owners.csv",
)
_COLUMNS = {
    INDICATORS: (
        "code", "name_vi", "name_en", "counted_in_vi", "counted_in_en", "kind", "numerator_vi", "numerator_en",
        "denominator_vi", "denominator_en", "source", "direction", "cumulative", "period", "owner", "note",
    ),
    LISTS: ("code", "size", "valid_from", "document", "extends", "source", "note"),
    SERVICES: ("code", "list", "number", "name_vi", "name_en", "source"),
    OWNERS: ("service", "owner", "since", "source"),
}  # fmt: skip
_YES = {"yes": True, "có": True, "1": True, "no": False, "không": False, "0": False}


def read(folder: Path) -> Catalogue:
    """Read a folder that holds any of the four files. Raises CatalogueError with every fault of every file."""
    found, problems = Catalogue(), list[Problem]()
    keep: dict[str, Callable[[dict[str, str]], None]] = {
        INDICATORS: lambda row: found.indicators.append(_indicator(row)),
        LISTS: lambda row: found.lists.append(
            (_checked(ServiceList(**_without(row, "extends"))), row["extends"])
        ),
        SERVICES: lambda row: found.services.append((_service(row), row["list"])),
        OWNERS: lambda row: found.owners.append(
            (_checked(ServiceOwner(**_without(row, "service"))), row["service"])
        ),
    }
    present = [name for name in keep if (folder / name).is_file()]
    if not present:
        missing = _("There is none of %(names)s in this folder.") % {"names": ", ".join(keep)}
        raise CatalogueError([Problem(str(folder), 0, "", missing)])
    for name in present:
        keys: dict[tuple[str, ...], int] = {}
        for number, row in _rows(folder / name, problems):
            key = (row["service"], row["since"]) if name == OWNERS else (row["code"],)
            if key in keys:
                twice = _("It is already in row %(row)d.") % {"row": keys[key]}
                problems.append(Problem(name, number, _COLUMNS[name][0], twice))
                continue
            keys[key] = number
            try:
                keep[name](row)
            except ValidationError as error:
                problems += [
                    Problem(name, number, column, message)
                    for column, messages in error.message_dict.items()
                    for message in messages
                ]
    if problems:
        raise CatalogueError(problems)
    return found


def _rows(path: Path, problems: list[Problem]) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a file with their numbers; a file without the right columns gives a problem and no rows."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file))
    except UnicodeDecodeError:
        problems.append(Problem(path.name, 1, "", _("The file is not UTF-8.")))
        return
    columns = _COLUMNS[path.name]
    header = lines[0] if lines else []
    lacking = [name for name in columns if name not in header]
    if lacking:
        message = _("These columns are missing: %(names)s.") % {"names": ", ".join(lacking)}
        problems.append(Problem(path.name, 1, "", message))
        return
    for number, cells in enumerate(lines[1:], start=2):
        row = {name: clean(cell) for name, cell in zip(header, cells, strict=False) if name in columns}
        if len(row) < len(columns):
            problems.append(Problem(path.name, number, "", _("The row has too few cells.")))
        elif any(row.values()):
            yield number, row


def _without(row: dict[str, str], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def _checked(made: Row) -> Row:
    """The row with its values turned into what the table holds, or ValidationError by column."""
    links = [each.name for each in made._meta.get_fields() if each.is_relation]  # noqa: SLF001 - Django's documented way
    made.clean_fields(exclude=links)
    return made


def _indicator(row: dict[str, str]) -> Indicator:
    said = row["cumulative"].casefold()
    if said not in _YES:
        raise ValidationError({"cumulative": _("“%(value)s” is neither yes nor no.") % {"value": said}})
    made = _checked(Indicator(**row | {"cumulative": _YES[said]}))
    if made.kind != Indicator.Kind.COUNT and not made.denominator_vi:
        raise ValidationError({"denominator_vi": _("A ratio or a coverage needs a denominator.")})
    return made


def _service(row: dict[str, str]) -> EssentialService:
    number = row["number"] or None
    if bool(number) != bool(row["list"]):
        raise ValidationError({"number": _("A list and a number in it go together.")})
    return _checked(EssentialService(**_without(row, "list", "number"), number=number))
