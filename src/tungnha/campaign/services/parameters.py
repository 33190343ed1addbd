"""Entering what a campaign measured, and how its people are rostered."""

from datetime import date, time
from math import sqrt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from tungnha.accounts.models import User
from tungnha.campaign.models import Campaign, Parameter, RosterShape
from tungnha.territory.vietnamese import clean

LARGEST = 1_000_000
"""Nothing that is measured of a door, an hour or a letter is larger."""
_DECIMALS = 6
_NORMAL_95 = 1.959964


def interval_of_share(share: float, n: int) -> tuple[float, float]:
    """The 95% interval of a share of n observations (Wilson, "Probable inference", JASA 22, 1927)."""
    z = _NORMAL_95**2 / n
    middle = (share + z / 2) / (1 + z)
    half = sqrt(z * (share * (1 - share) + z / 4)) / (1 + z)
    return min(max(0.0, middle - half), share), max(min(1.0, middle + half), share)


def set_parameter(
    campaign: Campaign,
    *,
    kind: str,
    value: float,
    source: str,
    by: User,
    hour: int | None = None,
    n: int | None = None,
    low: float | None = None,
    high: float | None = None,
    since: date | None = None,
    until: date | None = None,
    origin: str = "",
) -> Parameter:
    """Enter a parameter, or put another value in its place.

    A measured one says on how many observations and in which period. A share of n observations is given its interval
    where none is. Raises ValidationError by field.
    """
    found = Parameter.objects.filter(campaign=campaign, kind=kind, hour=hour).first()
    parameter = found or Parameter(campaign=campaign, kind=kind, hour=hour)
    parameter.value, parameter.n, parameter.low, parameter.high = value, n, low, high
    parameter.since, parameter.until, parameter.source = since, until, source
    parameter.origin, parameter.by = clean(origin), by
    parameter.clean_fields()
    _check(parameter)
    if parameter.measure.is_share and n and low is None and high is None:
        parameter.low, parameter.high = interval_of_share(value, n)
    for name in ("value", "low", "high"):
        given = getattr(parameter, name)
        setattr(parameter, name, None if given is None else round(given, _DECIMALS))
    with transaction.atomic():
        parameter.validate_constraints()
        parameter.save()
    return parameter


def _check(parameter: Parameter) -> None:
    said: dict[str, str] = {}
    measure = parameter.measure
    if measure.by_hour != (parameter.hour is not None):
        said["hour"] = (
            _("Say for which hour of the day.") if measure.by_hour else _("This does not go by the hour.")
        )
    if not 0 <= parameter.value <= (1 if measure.is_share else LARGEST):
        said["value"] = (
            _("A share lies between 0 and 1.")
            if measure.is_share
            else _("It lies between 0 and %(most)d.") % {"most": LARGEST}
        )
    ends = (parameter.low, parameter.high)
    if (None in ends and ends != (None, None)) or not _around(parameter.value, *ends):
        said["low"] = _("The interval has to have two ends, with the value between them.")
    if parameter.source == Parameter.Source.MEASURED:
        if not parameter.n:
            said["n"] = _("A measured value says on how many observations it rests.")
        if parameter.since is None or parameter.until is None:
            said["since"] = _("A measured value says in which period it was measured.")
    if parameter.since and parameter.until and parameter.until < parameter.since:
        said["until"] = _("The period would end before it starts.")
    if said:
        raise ValidationError(said)


def _around(value: float, low: float | None, high: float | None) -> bool:
    return low is None or high is None or 0 <= low <= value <= high <= LARGEST


def remove_parameter(parameter: Parameter) -> None:
    with transaction.atomic():
        parameter.delete()


def set_roster(
    campaign: Campaign, *, name: str, weekdays: str, starts: time, ends: time, teams: int, people: int
) -> RosterShape:
    """Enter the shape of a roster, or change the one with its name. Raises ValidationError by field."""
    found = RosterShape.objects.filter(campaign=campaign, name=clean(name)).first()
    shape = found or RosterShape(campaign=campaign, name=clean(name))
    shape.weekdays, shape.starts, shape.ends = "".join(sorted(set(weekdays))), starts, ends
    shape.teams, shape.people = teams, people
    shape.clean_fields()
    if starts == ends:
        raise ValidationError({"ends": _("The shift would have no length.")})
    if not teams or not people:
        raise ValidationError({"teams" if not teams else "people": _("It takes at least one.")})
    with transaction.atomic():
        shape.save()
    return shape


def remove_roster(shape: RosterShape) -> None:
    with transaction.atomic():
        shape.delete()
