"""Figures of old units told in new ones, and back. Pure: units are keys, and every total is preserved exactly."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tungnha.campaign.apportion import apportion

_FINE = 10**9
_SURE = 0.999
"""Stated shares that add up to at least this much are taken to be all of the unit."""


@dataclass(frozen=True)
class Link:
    """One way that a unit went: `share` is the part of it, None where no source says."""

    to: int
    share: float | None


@dataclass
class Restated:
    """Values by unit; those of which a part is an estimate; those that could not be told and why the total is open."""

    values: dict[int, int] = field(default_factory=dict)
    estimated: set[int] = field(default_factory=set)
    unknown: set[int] = field(default_factory=set)


def spread(
    values: Mapping[int, int], links: Mapping[int, Iterable[Link]], measure: Mapping[int, int] | None = None
) -> Restated:
    """Hand each unit's value on along its links.

    A unit without links keeps its value. Where a share is not stated, `measure` of the receiving units (people, square
    metres) divides what is left, and the receivers are marked as estimated; without a measure, or where it is not known
    of a receiver, the unit is `unknown` and its value goes nowhere. Parts are rounded by largest remainder.
    """
    told = Restated()
    for unit, value in values.items():
        ways = list(links.get(unit, ()))
        if not ways:
            told.values[unit] = told.values.get(unit, 0) + value
            continue
        weights = _weights(ways, measure)
        if weights is None:
            told.unknown.add(unit)
            continue
        for way, part in zip(ways, apportion(value, weights), strict=True):
            told.values[way.to] = told.values.get(way.to, 0) + part
        told.estimated |= {way.to for way in ways if way.share is None}
    return told


def _weights(ways: list[Link], measure: Mapping[int, int] | None) -> list[int] | None:
    """What divides a unit among its ways, None where nothing that is known does."""
    if len(ways) == 1 and ways[0].share is None:
        return [1]
    stated = sum(way.share or 0.0 for way in ways)
    missing = [way.to for way in ways if way.share is None]
    if not missing:
        return [round((way.share or 0.0) * _FINE) for way in ways] if stated >= _SURE else None
    if measure is None or any(to not in measure for to in missing):
        return None
    whole = sum(measure[to] for to in missing)
    if whole <= 0:
        return None
    left = round(max(1.0 - stated, 0.0) * _FINE)
    return [left * measure[way.to] if way.share is None else round(way.share * _FINE) * whole for way in ways]
