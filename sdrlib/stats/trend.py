"""One series in time: which points are news, and which are only noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sdrlib.stats.arrays import Bools, Floats, divide, paired_amounts

LIMIT_FACTOR, RANGE_FACTOR = 2.66, 3.267
"""3 / d2 and D4 for ranges of two (d2 = 1.128), as Wheeler rounds them; points on a limit are not outside it."""

D2 = 1.128

RUN = 8
"""So many values in a row on one side of the centre are a signal, though each alone is inside the limits."""


@dataclass(frozen=True, slots=True)
class XmrChart:
    """Individual values with the limits of their natural variation.

    Attributes:
        mean: Mean of the values; NaN without one.
        range_mean: Mean moving range; NaN with fewer than two values.
        low: Lower natural limit; NaN alike.
        high: Upper natural limit; NaN alike.
        range_high: Upper limit of a moving range; NaN alike.
        range_mean_screened: Mean moving range without those at or over ``range_high`` (dropped once); NaN when none
            is left.
        low_screened: Lower limit from it; NaN alike. The limits to use: one freak value does not widen them.
        high_screened: Upper limit from it; NaN alike.
        outside: (N,) value beyond the screened limits (all false while they are missing): something happened.
        shifted: (N,) value in a long run on one side of the mean: something has changed for good.
    """

    mean: float
    range_mean: float
    low: float
    high: float
    range_high: float
    range_mean_screened: float
    low_screened: float
    high_screened: float
    outside: Bools
    shifted: Bools


def xmr(values: ArrayLike) -> XmrChart:
    """Natural limits of a series of single values, from how much neighbours differ.

    Args:
        values: (N,) values in order of time, any unit, none missing.

    Returns:
        See ``XmrChart``.

    Source: Wheeler, D. J. (2000), Understanding Variation, 2nd ed., ch. 3; screening as NHSRplotthedots ``ptd_spc``.

    Example:
        Moving ranges 2 and 2, mean 3: the upper limit is 3 + 2.66 * 2.

        >>> xmr([2, 4, 3 - 1 + 0]).range_mean, round(xmr([2, 4, 2]).high, 3)
        (2.0, 7.987)
    """
    y = np.asarray(values, dtype=np.float64)
    ranges = np.abs(np.diff(y))
    mean, range_mean = _mean(y), _mean(ranges)
    screened = _mean(ranges[ranges < RANGE_FACTOR * range_mean])
    low, high = mean - LIMIT_FACTOR * screened, mean + LIMIT_FACTOR * screened
    return XmrChart(
        mean=mean,
        range_mean=range_mean,
        low=mean - LIMIT_FACTOR * range_mean,
        high=mean + LIMIT_FACTOR * range_mean,
        range_high=RANGE_FACTOR * range_mean,
        range_mean_screened=screened,
        low_screened=low,
        high_screened=high,
        outside=(y < low) | (y > high),
        shifted=long_run(y, mean),
    )


def long_run(values: ArrayLike, center: float, length: int = RUN) -> Bools:
    """Values that belong to a long run on one side of the centre.

    Args:
        values: (N,) values in order of time; missing ones, and those on the centre, neither end a run nor belong to it.
        center: What the sides are sides of; NaN gives no run.
        length: Values that make a run long.

    Returns:
        (N,) whether each value belongs to such a run.

    Source: Wheeler, D. J. (2000), Understanding Variation, 2nd ed., ch. 3 (detection rule two: eight successive values
        on the same side); Western Electric (1956), rule 4.

    Example:
        >>> long_run([1, 1, 1, -1], 0.0, length=3)
        array([ True,  True,  True, False])
    """
    side = np.sign(np.asarray(values, dtype=np.float64) - center)
    decided = np.flatnonzero(np.nan_to_num(side) != 0)
    start = np.flatnonzero(np.diff(side[decided], prepend=0.0) != 0)
    lengths = np.diff(np.append(start, len(decided)))
    found = np.zeros(side.shape, dtype=np.bool_)
    found[decided] = np.repeat(lengths >= length, lengths)
    return found


@dataclass(frozen=True, slots=True)
class RateChart:
    """A rate in time, with limits that know how many trials each period had.

    Attributes:
        center: Overall rate; NaN without trials.
        sigma_z: How many times the periods vary more than trials alone make them; NaN with fewer than two periods.
        low: (N,) lower limits, cut at 0; NaN where ``sigma_z`` is, or without trials.
        high: (N,) upper limits, cut at 1; NaN alike.
        low_binomial: (N,) lower limits if trials alone made periods vary (the plain p chart).
        high_binomial: (N,) upper ones.
        outside: (N,) rate beyond ``low`` or ``high`` (false where they are missing): something happened.
        shifted: (N,) rate in a long run on one side of the centre: something has changed for good.
    """

    center: float
    sigma_z: float
    low: Floats
    high: Floats
    low_binomial: Floats
    high_binomial: Floats
    outside: Bools
    shifted: Bools


def laney_p(successes: ArrayLike, trials: ArrayLike) -> RateChart:
    """Natural limits of a rate whose number of trials changes from period to period.

    Args:
        successes: (N,) successes of each period, in order of time.
        trials: (N,) trials of each period.

    Returns:
        See ``RateChart``.

    Raises:
        ValueError: shapes differ, a value is missing or negative, or successes exceed trials.

    Source: Laney, D. B. (2002), Improved control charts for attributes, doi:10.1081/QEN-120006555.

    Example:
        Two standard deviations apart: sigma_z = 2 / 1.128.

        >>> chart = laney_p([40, 60], [100, 100])
        >>> chart.center, round(chart.sigma_z * 1.128, 3)
        (0.5, 4.0)
    """
    n, x = paired_amounts(trials, successes, "rate", 1)
    center = float(divide(x.sum(), n.sum()))
    deviation = np.sqrt(divide(center * (1 - center), n))
    rate = divide(x, n)
    z = divide(rate - center, deviation)
    sigma_z = _mean(np.abs(np.diff(z[n > 0]))) / D2
    plain, wide = 3 * deviation, 3 * deviation * sigma_z
    low, high = np.clip(center - wide, 0.0, 1.0), np.clip(center + wide, 0.0, 1.0)
    return RateChart(
        center=center,
        sigma_z=sigma_z,
        low=low,
        high=high,
        low_binomial=np.clip(center - plain, 0.0, 1.0),
        high_binomial=np.clip(center + plain, 0.0, 1.0),
        outside=(rate < low) | (rate > high),
        shifted=long_run(rate, center),
    )


def _mean(values: Floats) -> float:
    """The mean, missing rather than a warning when there is nothing."""
    return float(divide(values.sum(), len(values)))
