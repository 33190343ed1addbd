"""Ratios as reports print them, and ranks. Percentages are whole hundredths: 3849 is 38.49 %. Nothing is clamped."""

from collections.abc import Sequence


def hundredths(numerator: int, denominator: int | None) -> int | None:
    """The percentage with two digits, halves rounded up; None where there is no denominator to divide by."""
    if not denominator or denominator < 0:
        return None
    return (20_000 * numerator + denominator) // (2 * denominator)


def differs(published: int | None, numerator: int, denominator: int | None) -> bool:
    """Whether a published percentage is not the one of its own figures.

    One hundredth is forgiven, since some round halves down or cut off. A ministry's report printed 70.54 % for
    3,384,759 of 5,456,818, which is 62.03 %.
    """
    computed = hundredths(numerator, denominator)
    return published is not None and computed is not None and abs(published - computed) > 1


def ranks(values: Sequence[int | None], *, higher_is_better: bool = True) -> list[int | None]:
    """Each value's rank, the best first; ties share the rank and the next one is skipped. No value, no rank."""
    known = sorted((value for value in values if value is not None), reverse=higher_is_better)
    first: dict[int, int] = {}
    for place, value in enumerate(known, start=1):
        first.setdefault(value, place)
    return [None if value is None else first[value] for value in values]


def score(attained: Sequence[tuple[int, int | None]]) -> int | None:
    """The weighted mean of percentages, from pairs of weight and hundredths; None while one that counts is missing."""
    counted = [(weight, value) for weight, value in attained if weight]
    if not counted or any(value is None for _, value in counted):
        return None
    whole = sum(weight for weight, _ in counted)
    return (2 * sum(weight * (value or 0) for weight, value in counted) + whole) // (2 * whole)
