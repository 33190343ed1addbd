"""In which order a pilot is repeated in other units, and what that order allows one to say afterwards.

The units are divided into steps that begin one after another, until all are in: a stepped wedge (Hussey and Hughes,
"Design and analysis of stepped wedge cluster randomized trials", Contemporary Clinical Trials 28, 2007; Hemming et al.,
"The stepped wedge cluster randomised trial", BMJ 350:h391, 2015).

Only an order drawn at random lets one read the difference between units that have begun and units that have not as the
campaign's effect, and then only with the calendar in the model, because late steps are also later in time. An order by
hand or by need is a sensible way to work and no evidence: who came first differs from who came last.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Balance:
    """How alike the steps are.

    spread : for each covariate, the standard deviation of the steps' means, in standard deviations of the units
    candidates, kept : how many orders were drawn and how many of them were good enough to choose from; 1 and 1 where
        nothing was to be balanced
    always, never : pairs of units that share a step in all, or in none, of the kept orders. Many of them mean that the
        restriction has decided what chance should have (Moulton, "Covariate-based constrained randomization of
        group-randomized trials", Clinical Trials 1, 2004).
    """

    spread: Floats
    candidates: int
    kept: int
    always: int
    never: int


@dataclass(frozen=True)
class Order:
    """steps : for each unit the step in which it begins, from 0; ranks : its place in the order, from 0."""

    steps: Ints
    ranks: Ints
    balance: Balance


def step_sizes(units: int, steps: int) -> Ints:
    """How many units begin in each step: they differ by at most one, the larger ones first.

    Raises ValueError where there are no units, no steps, or more steps than units.
    """
    if not 1 <= steps <= units:
        raise ValueError(f"{units} units cannot be divided into {steps} steps")
    return np.full(steps, units // steps, dtype=np.int64) + (np.arange(steps) < units % steps)


def by_hand(order: Ints, steps: int, covariates: Floats | None = None) -> Order:
    """Units in a given order: `order` holds each unit's index once. Raises ValueError where it does not."""
    order = np.asarray(order, dtype=np.int64)
    if not np.array_equal(np.sort(order), np.arange(len(order))):
        raise ValueError("each unit has to stand in the order exactly once")
    return _settled(np.repeat(np.arange(steps), step_sizes(len(order), steps)), order, covariates)


def by_need(need: Floats, steps: int, covariates: Floats | None = None) -> Order:
    """Units with the greatest need first; among equals, and where need is not a number, in the order given."""
    need = np.asarray(need, dtype=np.float64)
    return by_hand(np.argsort(-np.nan_to_num(need, nan=-np.inf), kind="stable"), steps, covariates)


def randomised(
    units: int,
    steps: int,
    *,
    seed: int,
    strata: Ints | None = None,
    covariates: Floats | None = None,
    candidates: int = 1000,
    keep: float = 0.1,
) -> Order:
    """Units in an order drawn at random; the same arguments give the same order.

    Parameters
    ----------
    strata : a number for each unit; each step then gets its share of every stratum, to within one unit
    covariates : units × covariates; of `candidates` orders the share `keep` whose steps have the most similar means is
        kept, and one of those is drawn (constrained randomisation: Raab and Butcher, "Balance in cluster randomized
        trials", Statistics in Medicine 20, 2001). A column without spread, or with a missing value, balances nothing.

    Raises ValueError as `step_sizes`.
    """
    step_sizes(units, steps)
    random = np.random.default_rng(seed)
    groups = np.zeros(units, dtype=np.int64) if strata is None else np.asarray(strata, dtype=np.int64)
    scaled = _scaled(covariates, units)
    drawn = 1 if scaled.shape[1] == 0 else candidates
    steps_of = np.empty((drawn, units), dtype=np.int64)
    order_of = np.empty((drawn, units), dtype=np.int64)
    for one in range(drawn):
        steps_of[one], order_of[one] = _dealt(groups, steps, random)
    scores = np.array([np.square(_means(row, scaled, steps)).sum() for row in steps_of])
    kept = np.argsort(scores, kind="stable")[: max(1, round(drawn * keep))]
    chosen = kept[random.integers(len(kept))]
    always, never = _forced_pairs(steps_of[kept], steps)
    order = order_of[chosen]
    balance = Balance(_spread(steps_of[chosen], scaled, steps), drawn, len(kept), always, never)
    return Order(steps_of[chosen], np.argsort(order), balance)


def _dealt(groups: Ints, steps: int, random: np.random.Generator) -> tuple[Ints, Ints]:
    """One order: the units of each stratum shuffled and dealt out to the steps like cards, going on from where the last
    stratum ended. Which step is dealt to first is chance too, so that no step is the larger one by its number.
    """
    names = random.permutation(np.unique(groups))
    line = np.concatenate([random.permutation(np.flatnonzero(groups == name)) for name in names])
    places = random.permutation(steps)
    step = np.empty(len(groups), dtype=np.int64)
    step[line] = places[np.arange(len(line)) % steps]
    return step, np.lexsort((random.permutation(len(groups)), step))


def _settled(step_of_rank: Ints, order: Ints, covariates: Floats | None) -> Order:
    step = np.empty(len(order), dtype=np.int64)
    step[order] = step_of_rank
    scaled = _scaled(covariates, len(order))
    spread = _spread(step, scaled, int(step_of_rank[-1]) + 1)
    return Order(step, np.argsort(order), Balance(spread, 1, 1, 0, 0))


def _scaled(covariates: Floats | None, units: int) -> Floats:
    """Covariates with mean 0 and deviation 1; those that say nothing are left out."""
    if covariates is None:
        return np.empty((units, 0))
    columns = np.asarray(covariates, dtype=np.float64).reshape(units, -1)
    columns = columns[:, np.isfinite(columns).all(axis=0)]
    deviation = columns.std(axis=0)
    told = deviation > 1e-12 * np.abs(columns).max(axis=0, initial=0.0)
    return np.asarray((columns[:, told] - columns[:, told].mean(axis=0)) / deviation[told])


def _means(step: Ints, scaled: Floats, steps: int) -> Floats:
    """Steps × covariates: each step's mean."""
    share = np.zeros((steps, len(step)))
    share[step, np.arange(len(step))] = 1.0
    return np.asarray(share @ scaled / share.sum(axis=1, keepdims=True))


def _spread(step: Ints, scaled: Floats, steps: int) -> Floats:
    return np.asarray(_means(step, scaled, steps).std(axis=0))


def _forced_pairs(steps_of: Ints, steps: int) -> tuple[int, int]:
    """How many pairs of units share a step always and never. Of a single order, which forces nothing, none."""
    if len(steps_of) == 1:
        return 0, 0
    together = sum(one.astype(np.float64).T @ one for one in (steps_of == step for step in range(steps)))
    above = np.asarray(together)[np.triu_indices(steps_of.shape[1], 1)]
    return int((above == len(steps_of)).sum()), int((above == 0).sum())


def exposure(steps: Ints, periods: int | None = None) -> Floats:
    """Units × periods: 1 from the period on in which a unit has begun, else 0.

    Period 0 is before the first step, so that every unit is seen without the campaign; `periods` is one more than the
    steps where not given. This is the matrix X of Hussey and Hughes, and of the regression that estimates the effect:
    outcome = unit + period + effect × X.
    """
    columns = int(steps.max()) + 2 if periods is None else periods
    return (np.arange(columns)[None, :] > steps[:, None]).astype(np.float64)


def effect_error(steps: Ints, *, between: float, within: float, periods: int | None = None) -> float:
    """The standard error that the effect's estimate would have (the closed form of Hussey and Hughes 2007).

    `between` is the standard deviation of the units' true levels, `within` that of one unit's figure in one period about
    its level, in the outcome's own measure. Holds for complete data and an effect that begins at once and stays. Raises
    ValueError where the order allows no estimate: with one step only, effect and calendar are the same.
    """
    x = exposure(steps, periods)
    units, columns = x.shape
    total, by_period, by_unit = x.sum(), np.square(x.sum(axis=0)).sum(), np.square(x.sum(axis=1)).sum()
    noise, level = within**2, between**2
    below = (units * total - by_period) * noise
    below += (total**2 + units * columns * total - columns * by_period - units * by_unit) * level
    if below <= 1e-9 * max(noise, level):
        raise ValueError("with one step the effect cannot be told from the calendar")
    return float(np.sqrt(units * noise * (noise + columns * level) / below))
