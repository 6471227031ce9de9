"""Did it work? Change after coaching, without mistaking luck that evens out for an effect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from sdrlib.stats.arrays import Floats, amounts, divide, paired_amounts


@dataclass(frozen=True, slots=True)
class RateChange:
    """Change of a treated rate beyond the change of the others.

    Attributes:
        difference: (treated after - before) - (others after - before), in points of rate; NaN when a cell has no
            trials.
        se: Standard error, trials being independent; NaN alike.
        low: Lower 95 % limit; NaN alike.
        high: Upper limit; NaN alike.
    """

    difference: float
    se: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LotEffect:
    """Effect of coaching some and not others.

    Attributes:
        effect: Relative change of the coached beyond that of the others (0.1: ten per cent more); NaN when a side is
            empty.
        low: Lower 95 % limit (Welch); NaN with fewer than two on a side: one person cannot say how much people differ.
        high: Upper limit; NaN alike.
        p: Two-sided p (Welch); NaN alike.
        df: Welch's degrees of freedom; NaN alike.
        p_permutation: p over all ways the lot could have fallen (or 9,999 of them); NaN alike.
    """

    effect: float
    low: float
    high: float
    p: float
    df: float
    p_permutation: float


@dataclass(frozen=True, slots=True)
class NextPeriod:
    """What each group would show next period if nothing were done.

    Attributes:
        mean: Mean rate over groups; NaN without trials.
        between: Variance of true rates between groups; 0 when chance explains everything.
        expected: (R,) rate to expect next; NaN without trials.
        change: (R,) ``expected`` minus the rate just seen: regression to the mean; NaN alike.
    """

    mean: float
    between: float
    expected: Floats
    change: Floats


def difference_in_differences(
    treated_before: tuple[float, float],
    treated_after: tuple[float, float],
    others_before: tuple[float, float],
    others_after: tuple[float, float],
    conf: float = 0.95,
) -> RateChange:
    """How much more the treated rate changed than the others'.

    Only on windows not used to choose whom to treat: on the selection window it reports +17 to +42 % with no effect
    at all.

    Args:
        treated_before: Successes and trials.
        treated_after: Successes and trials.
        others_before: Successes and trials.
        others_after: Successes and trials.
        conf: Confidence, between 0 and 1.

    Returns:
        See ``RateChange``.

    Raises:
        ValueError: a value is missing or negative, or successes exceed trials.

    Source: Card, D. & Krueger, A. B. (1994), table 3, doi:10.3386/w4509; error: four independent binomials.

    Example:
        The treated gain 10 points, the others 4.

        >>> found = difference_in_differences((10, 100), (20, 100), (10, 100), (14, 100))
        >>> round(found.difference, 9)
        0.06
    """
    cells = np.array([treated_after, treated_before, others_after, others_before], dtype=np.float64)
    n, x = paired_amounts(cells[:, 1], cells[:, 0], "rate", 1)
    p = divide(x, n)
    difference = float(p @ [1, -1, -1, 1])
    se = float(np.sqrt(divide(p * (1 - p), n).sum()))
    reach = float(ndtri(0.5 + conf / 2)) * se
    return RateChange(difference, se, difference - reach, difference + reach)


def lot_effect(
    before: ArrayLike, after: ArrayLike, coached: ArrayLike, *, conf: float = 0.95, seed: int = 0
) -> LotEffect:
    """Compare the relative change of those drawn by lot for coaching with that of the others.

    Args:
        before: (R,) rates before, above 0.
        after: (R,) rates after, above 0.
        coached: (R,) drawn or not.
        conf: Confidence, between 0 and 1.
        seed: For the draws, when there are too many ways to go through all.

    Returns:
        See ``LotEffect``. "Three coached: cannot tell" is an answer.

    Raises:
        ValueError: a value is missing or negative.

    Source: Welch, B. L. (1947), doi:10.1093/biomet/34.1-2.28, on log(after / before); permutation: Fisher (1935), as
        scipy.

    Example:
        Both coached doubled, both others stayed.

        >>> lot_effect([0.1, 0.2, 0.1, 0.2], [0.2, 0.4, 0.1, 0.2], [True, True, False, False]).effect.__round__(9)
        1.0
    """
    pre, post, drawn = amounts(before, "before", 1), amounts(after, "after", 1), np.asarray(coached, dtype=np.bool_)
    with np.errstate(divide="ignore"):
        change = np.log(divide(post, pre))
    change, drawn = change[np.isfinite(change)], drawn[np.isfinite(change)]
    treated, others = change[drawn], change[~drawn]
    sides = [float(divide(side.sum(), len(side))) for side in (treated, others)]
    effect = float(np.expm1(sides[0] - sides[1]))
    if min(len(treated), len(others)) < 2 or np.ptp(treated) + np.ptp(others) == 0:
        return LotEffect(effect, *[float("nan")] * 5)
    return LotEffect(effect, *_welch(treated, others, conf), _permutation_p(treated, others, seed))


def _welch(treated: Floats, others: Floats, conf: float) -> tuple[float, float, float, float]:
    """Limits of the relative effect, p and degrees of freedom."""
    from scipy.stats import ttest_ind  # scipy.stats takes a second to import

    test = ttest_ind(treated, others, equal_var=False)
    limits = test.confidence_interval(conf)
    return float(np.expm1(limits.low)), float(np.expm1(limits.high)), float(test.pvalue), float(test.df)


def _permutation_p(treated: Floats, others: Floats, seed: int) -> float:
    """Share of lots with a difference of means at least as large."""
    from scipy.stats import permutation_test  # scipy.stats takes a second to import

    def gap(a: Floats, b: Floats, axis: int) -> Floats:
        return np.asarray(a.mean(axis=axis) - b.mean(axis=axis))

    found = permutation_test((treated, others), gap, vectorized=True, rng=np.random.default_rng(seed))
    return float(found.pvalue)


def next_period(successes: ArrayLike, trials: ArrayLike) -> NextPeriod:
    """What each group would show next period with nothing done: the baseline an effect is measured from.

    Args:
        successes: (R,) successes of the window by which groups were chosen.
        trials: (R,) trials.

    Returns:
        See ``NextPeriod``.

    Raises:
        ValueError: shapes differ, a value is missing or negative, or successes exceed trials.

    Source: DerSimonian & Laird (1986), doi:10.1016/0197-2456(86)90046-2 (spread between groups, binomial variance at
        the pooled rate); Robinson, G. K. (1991), doi:10.1214/ss/1177011926 (best linear prediction), as R ``metafor``
        ``blup``.

    Example:
        Chance alone makes 9, 10 and 11 of 100: all are expected at 10 %.

        >>> next_period([9, 10, 11], [100, 100, 100]).expected.round(9)
        array([0.1, 0.1, 0.1])
    """
    n, x = paired_amounts(trials, successes, "rate", 1)
    pooled, rate = divide(x.sum(), n.sum()), divide(x, n)
    variance = divide(pooled * (1 - pooled), n)
    between = between_groups(rate[n > 0], variance[n > 0])
    weight = np.where(n > 0, divide(1.0, variance + between), 0.0)
    varied = np.nansum(weight) > 0
    mean = float(divide(np.nansum(weight * np.nan_to_num(rate)), weight.sum()) if varied else pooled)
    keep = np.nan_to_num(divide(between, variance + between))
    expected = np.where(n > 0, mean + keep * (rate - mean), np.nan)
    return NextPeriod(mean, between, expected, expected - rate)


def between_groups(values: Floats, variance: Floats) -> float:
    """Variance between groups beyond that of each value.

    Args:
        values: (R,) one estimate per group.
        variance: (R,) its variance.

    Returns:
        The variance; 0 when chance explains all of it, or nothing varies.

    Source: DerSimonian & Laird (1986), doi:10.1016/0197-2456(86)90046-2.

    Example:
        Twice the variance that chance explains: as much again lies between the groups.

        >>> between_groups(np.array([-1.0, 1.0]), np.array([1.0, 1.0]))
        1.0
    """
    weight = np.nan_to_num(divide(1.0, variance))
    mean = divide((weight * values).sum(), weight.sum())
    excess = (weight * (values - mean) ** 2).sum() - (len(values) - 1)
    return float(np.maximum(np.nan_to_num(divide(excess, weight.sum() - divide((weight**2).sum(), weight.sum()))), 0.0))
