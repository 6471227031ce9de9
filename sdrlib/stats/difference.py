"""A against B: intervals for the difference and the ratio of two rates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaincc, ndtri

from sdrlib.stats.arrays import Floats, divide, paired_amounts
from sdrlib.stats.intervals import Interval, clopper_pearson, wilson

HALVINGS = 60
"""Bisection steps: an interval of length 2 shrinks below the precision of a float."""


def newcombe(x1: ArrayLike, n1: ArrayLike, x2: ArrayLike, n2: ArrayLike, conf: float = 0.95) -> Interval:
    """Difference of two rates, simple and good: built from the two Wilson intervals.

    Args:
        x1: Successes of A, any shape, whole or not.
        n1: Trials of A.
        x2: Successes of B.
        n2: Trials of B.
        conf: Confidence, between 0 and 1.

    Returns:
        A minus B; with no trials on a side the estimate is missing and the limits are -1 and 1.

    Raises:
        ValueError: a value is missing or negative, or successes exceed trials.

    Source: Newcombe, R. G. (1998), method 10, doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I.

    Example:
        The published 56/70 against 48/80.

        >>> found = newcombe(56, 70, 48, 80)
        >>> float(found.low.round(4)), float(found.high.round(4))
        (0.0524, 0.3339)
    """
    found = mover_difference(wilson(x1, n1, conf), wilson(x2, n2, conf))
    return _bounded(found.estimate, found.low, found.high, -1.0, 1.0)


def mover_difference(a: Interval, b: Interval) -> Interval:
    """Difference of two independent estimates, from the interval of each.

    Args:
        a: Estimate of A with its limits, any shape.
        b: Estimate of B.

    Returns:
        A minus B; NaN where an estimate is missing.

    Source: Newcombe (1998), method 10, for rates; any two estimates: Zou & Donner (2008), doi:10.1002/sim.3095.

    Example:
        Reaches of 3 below A and 4 above B make one of 5.

        >>> of = lambda *ends: Interval(*(np.array(float(end)) for end in ends))
        >>> float(mover_difference(of(10, 7, 11), of(2, 1, 6)).low)
        3.0
    """
    estimate = a.estimate - b.estimate
    low = estimate - np.hypot(a.estimate - a.low, b.high - b.estimate)
    return Interval(estimate, low, estimate + np.hypot(a.high - a.estimate, b.estimate - b.low))


def mover_ratio(a: Interval, b: Interval) -> Interval:
    """Ratio of two independent, non-negative estimates, from the interval of each: Newcombe's way for ratios.

    Args:
        a: Estimate of A with its limits, any shape.
        b: Estimate of B.

    Returns:
        A over B; the estimate is missing when B's is 0, and the upper limit is infinite when B's lower limit is 0;
        missing estimates have limits 0 and infinity.

    Source: Donner, A. & Zou, G. Y. (2012), eq. 9, doi:10.1177/0962280210383082 (MOVER-R); with Wilson limits:
        Fagerland & Newcombe (2013), doi:10.1002/sim.5714. The lower limit is written without its removable 0 / 0.

    Example:
        >>> found = mover_ratio(wilson(7, 34), wilson(1, 34))
        >>> float(found.low.round(2)), float(found.high.round(1))
        (1.15, 42.0)
    """
    product = a.estimate * b.estimate
    least, most = a.low * (2 * a.estimate - a.low), a.high * (2 * a.estimate - a.high)
    small, large = b.low * (2 * b.estimate - b.low), b.high * (2 * b.estimate - b.high)
    low = divide(least, product + np.sqrt(np.maximum(product**2 - least * large, 0.0)))
    high = divide(product + np.sqrt(np.maximum(product**2 - most * small, 0.0)), small)
    return _bounded(divide(a.estimate, b.estimate), low, high, 0.0, np.inf)


def miettinen_nurminen(x1: ArrayLike, n1: ArrayLike, x2: ArrayLike, n2: ArrayLike, conf: float = 0.95) -> Interval:
    """Difference of two rates by the score method: the interval to use when counts are small or rates extreme.

    Args:
        x1: Successes of A, any shape, whole or not (successes over an inflation).
        n1: Trials of A.
        x2: Successes of B.
        n2: Trials of B.
        conf: Confidence, between 0 and 1.

    Returns:
        A minus B; with no trials on a side the estimate is missing and the limits are -1 and 1.

    Raises:
        ValueError: a value is missing or negative, or successes exceed trials.

    Source: Miettinen, O. & Nurminen, M. (1985), doi:10.1002/sim.4780040211, eq. 8–10 and appendix I (the cubic). Not
        statsmodels 0.15 ``confint_proportions_2indep(method="score")``, which is wrong (its issue 10269).

    Example:
        >>> found = miettinen_nurminen(56, 70, 48, 80)
        >>> float(found.low.round(4)), float(found.high.round(4))
        (0.0528, 0.3382)
    """
    a, b, m, n = _quadruple(x1, n1, x2, n2)
    estimate = divide(a, m) - divide(b, n)
    z2 = float(ndtri(0.5 + conf / 2)) ** 2

    def outside(d: Floats) -> Floats:
        return np.asarray((estimate - d) ** 2 - z2 * difference_variance(a, m, b, n, d))

    low, high = crossings(outside, (-1.0, 1.0), estimate)
    return _bounded(estimate, low, high, -1.0, 1.0)


def difference_variance(x1: Floats, n1: Floats, x0: Floats, n0: Floats, d: Floats) -> Floats:
    """Variance of the observed difference if the true one is ``d``, the rest being as likely as possible.

    Args:
        x1: Successes of A.
        n1: Trials of A; NaN is returned where 0.
        x0: Successes of B.
        n0: Trials of B; NaN is returned where 0.
        d: Difference supposed, in [-1, 1].

    Returns:
        Variance with Miettinen and Nurminen's factor N / (N - 1), same shape.

    Source: Miettinen & Nurminen (1985), appendix I, doi:10.1002/sim.4780040211.

    Example:
        No difference, 1 of 2 each: 1/4 / 2 + 1/4 / 2 = 1/4, times 4/3.

        >>> one, two = np.array(1.0), np.array(2.0)
        >>> float(difference_variance(one, two, one, two, np.array(0.0)).round(9))
        0.333333333
    """
    total, c = n1 + n0, x1 + x0
    b2 = divide((n1 + 2 * n0) * d - total - c, 3 * total)
    b1 = divide((n0 * d - total - 2 * x0) * d + c, total)
    b0 = divide(x0 * d * (1 - d), total)
    q = b2**3 - b1 * b2 / 2 + b0 / 2
    p = np.where(q < 0, -1.0, 1.0) * np.sqrt(np.maximum(b2**2 - b1 / 3, 0.0))
    angle = (np.pi + np.arccos(np.clip(np.nan_to_num(divide(q, p**3)), -1.0, 1.0))) / 3
    p0 = np.clip(2 * p * np.cos(angle) - b2, np.maximum(0.0, -d), np.minimum(1.0, 1 - d))
    p1 = p0 + d
    return (divide(p1 * (1 - p1), n1) + divide(p0 * (1 - p0), n0)) * divide(total, total - 1)


def rate_ratio(x1: ArrayLike, n1: ArrayLike, x2: ArrayLike, n2: ArrayLike, conf: float = 0.95) -> Interval:
    """Ratio of two rates by the score method.

    Args:
        x1: Successes of A, any shape, whole or not.
        n1: Trials of A.
        x2: Successes of B.
        n2: Trials of B.
        conf: Confidence, between 0 and 1.

    Returns:
        A over B; the estimate is missing when B has no success, and the upper limit is then infinite.

    Raises:
        ValueError: a value is missing or negative, or successes exceed trials.

    Source: Miettinen & Nurminen (1985), eq. 11–13, doi:10.1002/sim.4780040211.

    Example:
        >>> found = rate_ratio(0, 20, 5, 25)
        >>> float(found.low), float(found.high.round(4))
        (0.0, 0.8801)
    """
    a, b, m, n = _quadruple(x1, n1, x2, n2)
    p1, p2 = divide(a, m), divide(b, n)
    z2 = float(ndtri(0.5 + conf / 2)) ** 2

    def outside(u: Floats) -> Floats:
        """Score of the ratio u / (1 - u), times (1 - u) ** 2, so that an infinite ratio is a number."""
        middle = u * (m + b) + (1 - u) * (a + n)
        root = np.sqrt(np.maximum(middle**2 - 4 * (m + n) * u * (1 - u) * (a + b), 0.0))
        r2 = np.clip(divide(2 * (1 - u) * (a + b), middle + root), 0.0, 1.0)
        r1 = np.clip(divide(u * r2, 1 - u), 0.0, 1.0)
        variance = (1 - u) ** 2 * divide(r1 * (1 - r1), m) + u**2 * divide(r2 * (1 - r2), n)
        return np.asarray(((1 - u) * p1 - u * p2) ** 2 - z2 * variance * divide(m + n, m + n - 1))

    share = divide(p1, p1 + p2)
    limits = crossings(outside, (0.0, 1.0), share)
    low, high = (np.where(u == 1, np.inf, divide(u, 1 - u)) for u in limits)
    return _bounded(divide(p1, p2), low, high, 0.0, np.inf)


def poisson_ratio(
    x1: ArrayLike, t1: ArrayLike, x2: ArrayLike, t2: ArrayLike, conf: float = 0.95
) -> tuple[Interval, Floats]:
    """Ratio of events per exposure, exact.

    Args:
        x1: Events of A, any shape; whole or not (events over an inflation).
        t1: Exposure of A, above 0.
        x2: Events of B.
        t2: Exposure of B, above 0.
        conf: Confidence, between 0 and 1.

    Returns:
        A over B (estimate missing when B has no event; without any event the limits are 0 and infinity), and the
        two-sided p of ratio = 1; with events that are not whole, twice the smaller tail, which agrees with the limits.

    Raises:
        ValueError: a value is missing or negative.

    Source: Przyborowski & Wilenski (1940), doi:10.1093/biomet/31.3-4.313 (conditional binomial); as R ``poisson.test``.

    Example:
        Without events anything is possible.

        >>> found, p = poisson_ratio(0, 10, 0, 12)
        >>> float(found.low), float(found.high), float(p)
        (0.0, inf, 1.0)
    """
    from scipy.stats import binomtest  # scipy.stats takes a second to import

    arrays = np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in (t1, t2, x1, x2)))
    t, x = paired_amounts(np.stack(arrays[:2]), np.stack(arrays[2:]), "count")
    share = clopper_pearson(x[0], x[0] + x[1], conf)
    exposure = divide(t[1], t[0])
    low, high = (np.where(u == 1, np.inf, divide(u, 1 - u)) * exposure for u in (share.low, share.high))
    fair = divide(t[0], t[0] + t[1])

    def exact_p(events: float, total: float, probability: float) -> float:
        if float(events).is_integer() and float(total).is_integer():
            return float(binomtest(int(events), int(total), probability).pvalue) if total else 1.0
        at_least = betainc(events, total - events + 1, probability) if events else 1.0
        at_most = betaincc(events + 1, total - events, probability) if events < total else 1.0
        return float(min(1.0, 2 * min(at_least, at_most)))

    p = np.vectorize(exact_p, otypes=[np.float64])(x[0], x[0] + x[1], fair)
    return Interval(divide(x[0], x[1]) * exposure, low, high), np.asarray(p)


def crossings(outside: Callable[[Floats], Floats], ends: tuple[float, float], inside: Floats) -> tuple[Floats, Floats]:
    """Where a function turns from positive to negative, from either end, by halving: both limits of an interval.

    Args:
        outside: Function of an array with the two sides first, positive outside the interval.
        ends: The ends of what is possible, lower and upper.
        inside: Any shape; a point inside the interval.

    Returns:
        The lower and the upper crossing, same shape; an end where the function is nowhere positive on its side.

    Source: bisection, to the last digit.

    Example:
        >>> low, high = crossings(lambda x: x**2 - 0.25, (-1.0, 1.0), np.array(0.0))
        >>> float(low.round(9)), float(high.round(9))
        (-0.5, 0.5)
    """
    near = np.stack([inside, inside])
    far = np.stack([np.full(inside.shape, end) for end in ends])
    for _ in range(HALVINGS):
        middle = (far + near) / 2
        is_out = outside(middle) > 0
        far, near = np.where(is_out, middle, far), np.where(is_out, near, middle)
    return far[0], far[1]


def _bounded(estimate: Floats, low: Floats, high: Floats, least: float, most: float) -> Interval:
    """An interval whose limits are all that is possible where they are not known."""
    return Interval(
        estimate,
        np.where(np.isnan(low), least, np.maximum(low, least)),
        np.where(np.isnan(high), most, np.minimum(high, most)),
    )


def _quadruple(x1: ArrayLike, n1: ArrayLike, x2: ArrayLike, n2: ArrayLike) -> tuple[Floats, Floats, Floats, Floats]:
    """Successes of A and B, trials of A and B, of one shape, checked."""
    a, b, m, n = np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in (x1, x2, n1, n2)))
    trials, successes = paired_amounts(np.stack([m, n]), np.stack([a, b]), "rate")
    return successes[0], successes[1], trials[0], trials[1]
