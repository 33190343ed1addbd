"""Parts of a unit that a phone may be bound to, such as one walk. Rooms that draw them say what they hold.

An area is named `kind:number`, for instance `turf:17`.
"""

from collections.abc import Callable, Iterable

Within = Callable[[list[int], list[int]], set[int]]
"""Takes numbers of areas and of households; gives the households that lie in any of these areas."""
Households = Callable[[list[int]], list[int]]
"""Takes numbers of areas; gives every household in them."""

_kinds: dict[str, tuple[Within, Households]] = {}


class UnknownAreaError(ValueError):
    """No room draws areas of this kind, or the name is not one."""


def register(kind: str, within: Within, households: Households) -> None:
    """Make a kind of area known."""
    _kinds[kind] = (within, households)


def within(areas: Iterable[str], households: Iterable[int]) -> set[int]:
    """Those of the households that lie in any of the areas."""
    asked = list(households)
    return set().union(*(_kinds[kind][0](numbers, asked) for kind, numbers in _sorted(areas).items()))


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
        if kind not in _kinds or not number.isdecimal():
            raise UnknownAreaError(area)
        by_kind.setdefault(kind, []).append(int(number))
    return by_kind
