"""Dividing a whole number among many by weight so that the parts add up: the method of largest remainders.

Every part is its exact quota rounded down, and the units that are then left over go, one each, to the largest rests
(Hamilton's method; M. L. Balinski and H. P. Young, *Fair Representation*, 1982). Integers throughout, so that nothing is
lost to binary fractions. A part never differs from its quota by one or more, and a larger weight never gets a smaller
part. What the method does not promise: when the *total* grows, one part may fall by one (the Alabama paradox), so two
allocations are compared as wholes and never part by part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


class ApportionError(ValueError):
    """The total cannot be divided so. `left` is what would remain, negative where too much was given away."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


@dataclass(frozen=True)
class Part:
    """One part: its quota is `whole + rest / sum of weights`; `extra` is 1 where the rest won one more."""

    weight: int
    whole: int
    rest: int
    extra: int

    @property
    def value(self) -> int:
        return self.whole + self.extra


def parts(total: int, weights: Sequence[int]) -> list[Part]:
    """Divide `total` (at least 0) by `weights` (each at least 0); equal rests are won by the earlier.

    Raises ApportionError when there is something to divide and no weight.
    """
    if total < 0 or any(weight < 0 for weight in weights):
        raise ValueError("neither a total nor a weight is negative")
    whole = sum(weights)
    if whole == 0:
        if total:
            raise ApportionError(total)
        return [Part(0, 0, 0, 0) for _ in weights]
    quotas = [divmod(total * weight, whole) for weight in weights]
    over = total - sum(quota for quota, _ in quotas)
    winners = set(sorted(range(len(quotas)), key=lambda i: (-quotas[i][1], i))[:over])
    return [
        Part(weight, quota, rest, int(i in winners))
        for i, (weight, (quota, rest)) in enumerate(zip(weights, quotas, strict=True))
    ]


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """The values of `parts`."""
    return [part.value for part in parts(total, weights)]


def around(total: int, weights: Sequence[int], fixed: Mapping[int, int]) -> list[Part]:
    """As `parts`, where some places have a value set by hand and the others share what is left.

    Raises ApportionError when more was set by hand than there is, or nobody is left to take the rest.
    """
    left = total - sum(fixed.values())
    if left < 0:
        raise ApportionError(left)
    free = [i for i in range(len(weights)) if i not in fixed]
    shared = iter(parts(left, [weights[i] for i in free])) if free or not left else None
    if shared is None:
        raise ApportionError(left)
    return [Part(weights[i], fixed[i], 0, 0) if i in fixed else next(shared) for i in range(len(weights))]
