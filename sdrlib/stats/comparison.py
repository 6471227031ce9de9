"""Compare groups with their colleagues on the same strata, fairly, and decide what may be said of each.

Everything rests on three numbers per group: observed ``O``, expected ``E`` and the variance inflation ``v``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv

from sdrlib.stats.arrays import Bools, Floats, Ints, Kind, divide, paired_amounts
from sdrlib.stats.dispersion import (
    ClusterMoments,
    cluster_design_effect,
    combined_dispersion,
    pearson_dispersion,
    stratified_dispersion,
)
from sdrlib.stats.evalue import ratio_evalues
from sdrlib.stats.expected import Expected, fit_expected
from sdrlib.stats.multiplicity import bayes_fdr
from sdrlib.stats.posterior import local_errors, ratio_posterior

__all__ = ["ClusterMoments", "Comparison", "compare_groups", "decide"]

TYPICAL_RANGE = (0.8, 1.25)
"""The typical colleague is sought no further than this from the average one."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """R groups compared on one measure. Arrays are (R,); missing is NaN: no trials, not separable, or nothing expected.

    Attributes:
        trials: All trials (exposure) given, shared strata or not.
        successes: All successes (events) given.
        compared_trials: Trials in strata that another group worked too; every figure below is about these only.
        compared_successes: Successes among them (``O``).
        expected: Successes the average colleague would have had on the compared trials (``E``).
        inflation: How many times the successes vary more than independent trials, and expectations known for certain,
            would (``v``).
        scale: Variance of the successes over their expected number (``s``).
        effective_events: ``E / s``: expected events of the Poisson experiment that would tell as much.
        information: ``E / v``.
        dispersion: Part of ``v`` that comes from how results vary; one number for the measure, at least 1.
        typical: Ratio of the typical colleague to the average one (``t``); one number.
        ratio: ``O / (t E)``.
        low: Lower limit of the 95 % interval of the ratio; 0 without a success.
        high: Upper limit.
        expected_rate: ``t E`` per compared trial; compare it with compared successes over compared trials.
        posterior_ratio: Ratio shrunken towards 1, for planning; never a statement of how sure.
        posterior_sd: How uncertain that is, as a baseline to measure a change from; no interval to show either.
        local_below: Probability that "below" would be wrong (true ratio of 0.95 or more).
        local_above: Probability that "above" would be wrong (true ratio of 1.05 or less).
        e_below: Evidence for "below" that holds at every look (10 is needed).
        e_above: Evidence for "above".
        separable: The group shares a stratum with another; it can be told from the list it worked.
        strata: Number of shared strata it worked.
    """

    trials: Floats
    successes: Floats
    compared_trials: Floats
    compared_successes: Floats
    expected: Floats
    inflation: Floats
    scale: Floats
    effective_events: Floats
    information: Floats
    dispersion: float
    typical: float
    ratio: Floats
    low: Floats
    high: Floats
    expected_rate: Floats
    posterior_ratio: Floats
    posterior_sd: Floats
    local_below: Floats
    local_above: Floats
    e_below: Floats
    e_above: Floats
    separable: Bools
    strata: Ints


def compare_groups(
    trials: ArrayLike,
    successes: ArrayLike,
    *,
    kind: Kind = "rate",
    weekly_trials: ArrayLike | None = None,
    weekly_successes: ArrayLike | None = None,
    clusters: ClusterMoments | None = None,
    weekly_clusters: ClusterMoments | None = None,
) -> Comparison:
    """Compare each group with what colleagues would have achieved on the same strata.

    Args:
        trials: (R, S) trials of group and stratum; exposure when ``kind`` is ``count``.
        successes: (R, S) successes; events when ``kind`` is ``count``. Events in a cell without exposure are not
            compared.
        kind: ``rate`` (binomial) or ``count`` (Poisson; ``v`` has no ``1 - p``, the prior of the ratio is gamma).
        weekly_trials: (R, W) trials by period, from which results are seen to vary; None if unknown. Better (R, W,
            S), by period and stratum: groups that change lists from week to week then do not seem erratic.
        weekly_successes: Successes by period, same shape.
        clusters: Moments of the (R,) groups' clusters, if trials come in clusters (calls to one prospect).
        weekly_clusters: The same with clusters cut at the periods (calls to one prospect in one week), so that what
            both weeks and prospects show is not counted twice.

    Returns:
        See ``Comparison``.

    Raises:
        ValueError: shapes differ, a value is missing or negative, or successes exceed trials in a rate.

    Source: Spiegelhalter, D. J. (2005), doi:10.1002/sim.1970 (observed over expected, over-dispersion); Spiegelhalter
        et al. (2012), doi:10.1111/j.1467-985X.2011.01010.x; interval: Garwood (1936), doi:10.1093/biomet/28.3-4.437,
        on O / s.

    Example:
        Half as good as the colleague on either list, which is two thirds of the average of the two.

        >>> found = compare_groups([[100, 100], [100, 100]], [[40, 20], [20, 10]])
        >>> found.ratio.round(3)
        array([1.333, 0.667])
    """
    n, o = paired_amounts(trials, successes, kind, 2)
    fit = fit_expected(n, o)
    weeks = _between_weeks(fit, kind, weekly_trials, weekly_successes)
    within = (cluster_design_effect(c, kind) if c is not None else float("nan") for c in (clusters, weekly_clusters))
    dispersion = combined_dispersion(weeks, *within)
    return _compared(fit, dispersion, kind, (n.sum(axis=1), o.sum(axis=1)))


def _compared(fit: Expected, dispersion: float, kind: Kind, totals: tuple[Floats, Floats]) -> Comparison:
    """Everything that follows from observed, expected and how much results vary."""
    inflation, scale = _inflation(fit, dispersion, kind)
    typical = _typical(fit, divide(fit.expected, inflation))
    target = typical * fit.expected
    observed = np.where(fit.separable, fit.compared_successes, np.nan)
    scaled, scaled_target = divide(observed, scale), divide(target, scale)
    belief = ratio_posterior(fit.compared_trials, fit.compared_successes, target, inflation, kind=kind)
    local_below, local_above = local_errors(belief)
    e_below, e_above = ratio_evalues(scaled, scaled_target)
    low, high = _limits(scaled, scaled_target)
    return Comparison(
        trials=totals[0],
        successes=totals[1],
        compared_trials=fit.compared_trials,
        compared_successes=fit.compared_successes,
        expected=fit.expected,
        inflation=inflation,
        scale=scale,
        effective_events=divide(fit.expected, scale),
        information=divide(fit.expected, inflation),
        dispersion=dispersion,
        typical=typical,
        ratio=divide(observed, target),
        low=low,
        high=high,
        expected_rate=divide(target, fit.compared_trials),
        posterior_ratio=belief.mean,
        posterior_sd=belief.sd,
        local_below=local_below,
        local_above=local_above,
        e_below=e_below,
        e_above=e_above,
        separable=fit.separable,
        strata=fit.strata,
    )


def decide(
    comparisons: Sequence[Comparison],
    *,
    fdr: float = 0.10,
    cap: float = 0.25,
    watch_fdr: float = 0.25,
    watch_cap: float = 0.5,
    min_e: float = 10.0,
    min_information: float = 4.0,
) -> list[NDArray[np.str_]]:
    """What may be said of each group on each measure, judged over the whole report at once.

    Two keys open "below" and "above": the claim belongs to the largest set of claims, over all groups and measures,
    whose expected share of errors is at most ``fdr`` and of which none is wrong with probability over ``cap``; and
    its evidence, which holds however often one looks, is at least ``min_e``.

    Args:
        comparisons: Every measure of the report.
        fdr: Most expected share of wrong claims.
        cap: Most probability of error of one claim.
        watch_fdr: The same share for "watch".
        watch_cap: The same probability for "watch".
        min_e: Least evidence.
        min_information: Least ``information`` to say anything.

    Returns:
        One (R,) array of codes per comparison: ``below`` (both keys), ``watch`` (low, but short of that: listen, say
        nothing), ``above`` (both keys on the other side), ``as_expected``, ``too_little_data`` or ``not_separable``.

    Source: Müller et al. (2004), doi:10.1198/016214504000001646 (first key); Ville's inequality (second key);
        joint use and defaults: this project's simulation.

    Example:
        >>> trials, made = [[1000]] * 5 + [[0]], [[30], [80], [82], [78], [80], [0]]
        >>> decide([compare_groups(trials, made)])[0].tolist()
        ['below', 'as_expected', 'as_expected', 'as_expected', 'as_expected', 'too_little_data']
    """
    if not comparisons:
        return []
    separable = _joined(comparisons, "separable") > 0
    enough = separable & (_joined(comparisons, "information") >= min_information)
    below = np.where(enough, _joined(comparisons, "local_below"), np.nan)
    above = np.where(enough, _joined(comparisons, "local_above"), np.nan)
    low = bayes_fdr(below, fdr, cap)[0]
    rules = {
        "not_separable": ~separable & (_joined(comparisons, "trials") > 0),
        "too_little_data": ~enough,
        "below": low & (_joined(comparisons, "e_below") >= min_e),
        "above": bayes_fdr(above, fdr, cap)[0] & (_joined(comparisons, "e_above") >= min_e),
        "watch": low | bayes_fdr(below, watch_fdr, watch_cap)[0],
    }
    codes = np.select(list(rules.values()), [np.array(code) for code in rules], np.array("as_expected"))
    return np.split(codes, np.cumsum([len(c.trials) for c in comparisons])[:-1])


def _joined(comparisons: Sequence[Comparison], field: str) -> Floats:
    """One field of all measures in a row: the family of the report."""
    return np.concatenate([np.asarray(getattr(c, field), dtype=np.float64) for c in comparisons])


def _between_weeks(fit: Expected, kind: Kind, trials: ArrayLike | None, successes: ArrayLike | None) -> float:
    """Dispersion between periods, by stratum where they are given so; NaN when they are not given."""
    if trials is None or successes is None:
        return float("nan")
    if np.ndim(trials) == 3:
        return stratified_dispersion(trials, successes, fit.strata_rates, kind)
    return pearson_dispersion(trials, successes, kind)


def _inflation(fit: Expected, dispersion: float, kind: Kind) -> tuple[Floats, Floats]:
    """(R,) ``v = phi + E var(log E) / (1 - p)`` and ``s = v (1 - p)``; without ``1 - p`` for counts.

    The multiplicative model may expect more than one success per trial; ``p`` is kept half a failure short of 1.
    """
    fair: Floats = np.ones_like(fit.expected)
    if kind == "rate":
        fair = 1 - np.minimum(divide(fit.expected, fit.compared_trials), 1 - 0.5 / (fit.compared_trials + 1))
    uncertain = np.nan_to_num(fit.expected * fit.log_variance) * dispersion
    inflation = np.where(fit.separable, dispersion + uncertain / fair, np.nan)
    return inflation, inflation * fair


def _typical(fit: Expected, information: Floats) -> float:
    """Information-weighted median of the ratios, so that a few stars do not turn everyone else into "below"."""
    known = np.nan_to_num(information) > 0
    if known.sum() <= 2:
        return 1.0
    ratio = (fit.compared_successes[known] + 0.5) / (fit.expected[known] + 0.5)
    order = np.argsort(ratio)
    share = np.cumsum(information[known][order]) / information[known].sum()
    first, after = np.searchsorted(share, [0.5 - 1e-12, 0.5 + 1e-12])  # two of them when a share ends on one half
    median = ratio[order][[first, after]].mean()
    return float(np.clip(median, *TYPICAL_RANGE))


def _limits(observed: Floats, expected: Floats, conf: float = 0.95) -> tuple[Floats, Floats]:
    """(R,) exact Poisson limits of observed over expected, both scaled to Poisson; the lower is 0 without a success."""
    tail = (1 - conf) / 2
    low = np.where(observed == 0, 0.0, gammaincinv(np.maximum(observed, 1e-300), tail))
    return divide(low, expected), divide(gammaincinv(observed + 1, 1 - tail), expected)
