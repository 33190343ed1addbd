"""How likely somebody opens the door: by hour, day and kind of premises, for each unit, from this campaign's own visits.

Two levels of shrinking. A *cell* is one kind of moment at one kind of door, say a weekday evening at a house. The
campaign's rate in a cell starts from a prior and leaves it as visits come in; a unit's rate starts from the campaign's
and leaves it as that unit's visits come in. How fast a unit may leave is read from how much units differ.
"""

from dataclasses import dataclass

import numpy as np

from tungnha.planning.ground import Floats, Ints

_ALIKE = 1e4
"""Visits that a unit's own figures must weigh against where units do not differ more than chance makes them."""


@dataclass(frozen=True)
class Prior:
    """What was known before the first visit.

    Parameters
    ----------
    rate
        Share of visits at which somebody opened, between 0 and 1.
    visits
        How many visits of this campaign weigh as much as the prior does; above zero.
    foreign
        It comes from another country or another kind of campaign.
    """

    rate: float
    visits: float
    foreign: bool


@dataclass(frozen=True, eq=False)
class ContactRates:
    """Estimated chances of contact, shape (units, cells) each unless said otherwise.

    Parameters
    ----------
    mean, deviation
        Mean and standard deviation of the chance that somebody opens at a first visit.
    campaign
        The campaign's own rate in each cell, shape (cells,).
    from_prior
        How much of the campaign's rate is still the prior, between 0 and 1, shape (cells,).
    unit_visits
        How many visits the campaign's rate weighs as in a unit: large where units are alike.
    """

    mean: Floats
    deviation: Floats
    campaign: Floats
    from_prior: Floats
    unit_visits: float


def estimate(visits: Ints, contacts: Ints, prior: Prior) -> ContactRates:
    """Estimate the chance of contact in each unit and cell by empirical Bayes.

    Parameters
    ----------
    visits, contacts
        First visits made, and those at which somebody opened, shape (units, cells).
    prior
        What was known before.

    Notes
    -----
    Beta-binomial at both levels; the spread between units by moments, pooled over the cells (Kleinman, "Proportions
    with extraneous variance: single and independent samples", JASA 68, 1973). The uncertainty of the campaign's rate
    is not carried into `deviation`.

    Raises
    ------
    ValueError
        If shapes differ, a count is negative or contacts exceed visits, or the prior is not a rate.
    """
    if visits.shape != contacts.shape or visits.ndim != 2:
        raise ValueError("visits and contacts must have one shape, (units, cells)")
    if (contacts < 0).any() or (contacts > visits).any():
        raise ValueError("contacts must lie between nothing and the visits made")
    if not 0 < prior.rate < 1 or prior.visits <= 0:
        raise ValueError("a prior has a rate between 0 and 1 and weighs more than nothing")
    made = visits.sum(axis=0) + prior.visits
    campaign = (contacts.sum(axis=0) + prior.rate * prior.visits) / made
    weight = _unit_visits(visits, contacts)
    mean = (contacts + weight * campaign) / (visits + weight)
    deviation = np.sqrt(mean * (1 - mean) / (visits + weight + 1))
    return ContactRates(mean, deviation, campaign, prior.visits / made, weight)


def _unit_visits(visits: Ints, contacts: Ints) -> float:
    """The visits that the campaign's rate weighs as in a unit, by moments over all cells with two units or more."""
    excess, room = 0.0, 0.0
    for made, opened in zip(visits.T.astype(float), contacts.T.astype(float), strict=True):
        told = made > 0
        n, k = made[told], opened[told]
        if len(n) < 2:
            continue
        rate = k.sum() / n.sum()
        chance = rate * (1 - rate)
        spare = len(n) - 1
        excess += float((n * (k / n - rate) ** 2).sum()) - chance * spare
        room += chance * (n.sum() - (n**2).sum() / n.sum() - spare)
    if room <= 0 or excess <= 0:
        return _ALIKE
    return float(min(room / min(excess, room) - 1 + 1e-9, _ALIKE))


def after_failures(
    chance: Floats, same: Ints, other: Ints, *, visits: float = 4.0, alike: float = 0.5
) -> Floats:
    """The chance at the next visit, once earlier ones found nobody.

    A home where nobody opened is likelier than others to be empty at that hour, and a little likelier at any hour. A
    home's own chance is taken as Beta distributed about its cell's rate, weighing `visits`, so that after n failures
    the mean is chance · visits / (visits + n) (Weinberg and Gladen, "The beta-geometric distribution applied to
    comparative fecundability studies", Biometrics 42, 1986).

    Parameters
    ----------
    chance
        Chance at a first visit, any shape.
    same, other
        Failed visits in the same cell and in other cells, same shape.
    visits
        How many visits a home's cell weighs as: smaller where homes differ more.
    alike
        What a failure in another cell counts, between 0 and 1.
    """
    return chance * visits / (visits + same + alike * other)
