"""Intervals for one rate, with any number of trials, none included."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv, gammaincinv, ndtri

from sdrlib.stats.arrays import Floats, Kind, divide, paired_amounts


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and its limits; every field has the shape of the input.

    Attributes:
        estimate: The rate; NaN without trials.
        low: Lower limit.
        high: Upper limit. Without trials the limits are all that is possible: [0, 1], or [0, inf) for events.
    """

    estimate: Floats
    low: Floats
    high: Floats


def wilson(successes: ArrayLike, trials: ArrayLike, conf: float = 0.95) -> Interval:
    """The interval to show beside a rate: right on average, inside [0, 1], never of length 0.

    Args:
        successes: Any shape; need not be whole (successes over an inflation).
        trials: Same shape, or one that fits.
        conf: Confidence, between 0 and 1.

    Returns:
        See ``Interval``; without trials [0, 1] and a missing estimate.

    Raises:
        ValueError: a value is missing or negative, or successes exceed trials.

    Source: Wilson, E. B. (1927), doi:10.1080/01621459.1927.10502953; Newcombe, R. G. (1998), method 3,
        doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E.

    Example:
        With z = 2 and 0 of 4, the upper limit is z² / (n + z²) = 1/2.

        >>> float(wilson(0, 4, conf=0.9544997361036416).high.round(9))
        0.5
    """
    n, x = _pair(successes, trials)
    z2 = float(ndtri(0.5 + conf / 2)) ** 2
    p = divide(x, n)
    middle = (x + z2 / 2) / (n + z2)
    reach = np.sqrt(z2) / (n + z2) * np.sqrt(np.nan_to_num(x * (1 - p)) + z2 / 4)
    low = np.where(x == 0, 0.0, middle - reach)
    high = np.where(x == n, 1.0, middle + reach)
    return Interval(p, np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0))


def clopper_pearson(successes: ArrayLike, trials: ArrayLike, conf: float = 0.95) -> Interval:
    """The exact interval: covers at least what it says, at the price of being wide.

    Args:
        successes: Any shape.
        trials: Same shape, or one that fits.
        conf: Confidence, between 0 and 1.

    Returns:
        See ``Interval``; without trials [0, 1] and a missing estimate.

    Raises:
        ValueError: a value is missing or negative, or successes exceed trials.

    Source: Clopper, C. J. & Pearson, E. S. (1934), doi:10.1093/biomet/26.4.404 (as beta quantiles).

    Example:
        Nothing in one trial: the upper limit solves 1 - p = 2.5 %.

        >>> float(clopper_pearson(0, 1).high)
        0.975
    """
    n, x = _pair(successes, trials)
    tail = (1 - conf) / 2
    with np.errstate(invalid="ignore"):
        low = np.where(x == 0, 0.0, betaincinv(np.maximum(x, 1e-9), n - x + 1, tail))
        high = np.where(x == n, 1.0, betaincinv(x + 1, np.maximum(n - x, 1e-9), 1 - tail))
    return Interval(divide(x, n), low, high)


def poisson(events: ArrayLike, exposure: ArrayLike, conf: float = 0.95) -> Interval:
    """The exact interval of events per unit of exposure.

    Args:
        events: Any shape.
        exposure: Same shape, or one that fits; days, hours, dials.
        conf: Confidence, between 0 and 1.

    Returns:
        See ``Interval``; without exposure [0, inf) and a missing estimate.

    Raises:
        ValueError: a value is missing or negative.

    Source: Garwood, F. (1936), doi:10.1093/biomet/28.3-4.437 (as gamma quantiles).

    Example:
        No event in 10 days: the upper limit is -ln(2.5 %) / 10.

        >>> float(poisson(0, 10).high.round(6))
        0.368888
    """
    t, x = _pair(events, exposure, "count")
    tail = (1 - conf) / 2
    low = np.where(x == 0, 0.0, gammaincinv(np.maximum(x, 1e-9), tail))
    high = gammaincinv(x + 1, 1 - tail)
    some = t > 0
    return Interval(divide(x, t), np.where(some, divide(low, t), 0.0), np.where(some, divide(high, t), np.inf))


def _pair(successes: ArrayLike, trials: ArrayLike, kind: Kind = "rate") -> tuple[Floats, Floats]:
    """Trials and successes of one shape, checked."""
    n, x = np.broadcast_arrays(np.asarray(trials, float), np.asarray(successes, float))
    return paired_amounts(n, x, kind)
