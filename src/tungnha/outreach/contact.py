"""Kinds of moments at kinds of doors, and what was known of them before the first visit."""

import tomllib
from datetime import datetime
from functools import cache
from pathlib import Path
from statistics import mean, variance

from tungnha.planning.contact import Prior
from tungnha.territory.models import Premises

_PRIOR = Path(__file__).parent / "data" / "contact_prior.toml"
_HOURS = (11, 14, 17, 19, 24)
"""Ends of the stretches of a day: morning, midday, afternoon, early evening, evening."""
_DAYS = 3
"""Working days, Saturday, Sunday."""
_KINDS = 2
"""Houses; flats and lodgings, where one knocks at an inner door."""
CELLS = len(_HOURS) * _DAYS * _KINDS
_INNER = frozenset({Premises.Kind.APARTMENT, Premises.Kind.BLOCK, Premises.Kind.LODGING})


def cell(local: datetime, premises_kind: str) -> int:
    """The number of the cell of a local time and a kind of premises, below `CELLS`."""
    stretch = next(place for place, end in enumerate(_HOURS) if local.hour < end)
    day = max(local.weekday() - 4, 0)
    return (stretch * _DAYS + day) * _KINDS + (premises_kind in _INNER)


@cache
def prior() -> Prior:
    """What was known before, from elsewhere: the mean of its cities, weighing as much as they agree with each other."""
    told = tomllib.loads(_PRIOR.read_text(encoding="utf-8"))
    rates = [reached / assigned for assigned, reached in told["cities"].values()]
    rate = mean(rates)
    return Prior(rate, rate * (1 - rate) / variance(rates) - 1, told["foreign"])
