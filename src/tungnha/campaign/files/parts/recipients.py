"""Who a thing goes to: units and organisations, spread to one each or gathered for reading."""

from collections.abc import Iterable

from tungnha.campaign.files.parts.part import Frame


def spread_units(units: Iterable[str], frame: Frame, *, every_unit: bool) -> list[str]:
    """Every unit that is meant, once, in one order."""
    return sorted(set(units) | set(frame.below() if every_unit else ()))


def gather_units(units: Iterable[str], frame: Frame) -> tuple[bool, list[str]]:
    """Whether every unit below the territory is among them, and those beside."""
    every, given = set(frame.below()), set(units)
    whole = bool(every) and every <= given
    return whole, sorted(given - every if whole else given)
