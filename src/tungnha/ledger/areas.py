"""Parts of a unit that a phone may be bound to, such as one walk. Rooms that draw them say what they hold.

An area is named `kind:number`, for instance `turf:17`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

Around = Callable[[Iterable[int]], Iterable[tuple[int, int]]]
"""Takes numbers of households; gives each with the number of each area in which it lies."""
Households = Callable[[list[int]], list[int]]
"""Takes numbers of areas; gives every household in them."""

_kinds: dict[str, tuple[Around, Households]] = {}


class UnknownAreaError(ValueError):
    """No room draws areas of this kind, or the name is not one."""


def register(kind: str, around: Around, households: Households) -> None:
    """Make a kind of area known."""
    _kinds[kind] = (around, households)


def around(households: Iterable[int]) -> Mapping[int, set[str]]:
    """The areas in which each of the households lies; none for one that lies in none."""
    asked = set(households)
    found: dict[int, set[str]] = defaultdict(set)
    for kind, (areas_of, _) in _kinds.items():
        for household, number in areas_of(asked) if asked else ():
            found[household].add(f"{kind}:{number}")
    return found


def households(areas: Iterable[str]) -> list[int]:
    """Every household of the areas."""
    return [one for kind, numbers in _sorted(areas).items() for one in _kinds[kind][1](numbers)]


def check(areas: Iterable[str]) -> None:
    """Raises UnknownAreaError unless all are names of areas that some room draws."""
    _sorted(areas)


def _sorted(areas: Iterable[str]) -> dict[str, list[int]]:
    by_kind: dict[str, list[int]] = {}
    for area in areas:
        kind, _, number = area.partition(":")
        if kind not in _kinds or not number.isdecimal() or str(int(number)) != number:
            raise UnknownAreaError(area)
        by_kind.setdefault(kind, []).append(int(number))
    return by_kind
