"""A against B, whole: interval, ratio, p, anytime-valid limits and plan, all at one variance inflation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtri

from sdrlib.stats.arrays import Floats, Kind, divide, paired_amounts
from sdrlib.stats.difference import miettinen_nurminen, mover_difference, mover_ratio, poisson_ratio, rate_ratio
from sdrlib.stats.intervals import Interval, poisson, wilson
from sdrlib.stats.plan import detectable_difference, more_trials, sample_size
from sdrlib.stats.sequential import AlwaysValid, asymptotic_cs
from sdrlib.stats.stratified import mantel_haenszel
from sdrlib.stats.stratified_events import mantel_haenszel_events
from sdrlib.stats.two_rates import least_expected, two_rate_p

NARROWEST = 1000.0
"""Trials at which anytime-valid limits are narrowest: fixed before anybody looks; 200 or 100,000 lose little."""

NAN = float("nan")


class Limits(NamedTuple):
    """An estimate and its limits; NaN when missing."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class TwoSides:
    """Two rates, or two counts per exposure, at one variance inflation. Everything is NaN that cannot be told.

    Attributes:
        rates: (2, 3) rate of A and of B with limits: Wilson, or exact for events.
        difference: A minus B: Miettinen–Nurminen; for events, from the two exact intervals.
        simple: The same by Newcombe; for events as ``difference``.
        ratio: A over B by the score method; exact for events.
        simple_ratio: The same by MOVER-R.
        p: Of no difference, two-sided: N - 1 chi-square, mid-P when few are expected; exact for events.
        expected: Smallest effective count that equal rates would make one expect.
        needed: Further trials a side until the relative gap asked for would be found 8 times in 10.
        detectable: (2,) smallest difference from the common rate that would be found 8 times in 10, down and up.
    """

    rates: Floats
    difference: Limits
    simple: Limits
    ratio: Limits
    simple_ratio: Limits
    p: float
    expected: float
    needed: float
    detectable: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Alike:
    """A against B with everything else alike: only strata in which both have trials.

    Attributes:
        difference: Mantel–Haenszel difference, A minus B, with limits; NaN without a shared stratum.
        se: Its standard error, widened; NaN alike.
        p: Cochran–Mantel–Haenszel p, widened; NaN alike or when nothing varies.
        same_p: Tarone's p of equal odds ratios in all strata, widened; NaN with fewer than two, or for events.
        strata: Shared strata.
        trials: (2,) trials in them.
    """

    difference: Limits
    se: float
    p: float
    same_p: float
    strata: int
    trials: Floats


def compare_sides(
    successes: ArrayLike, trials: ArrayLike, factor: float, *, gap: float, kind: Kind = "rate"
) -> TwoSides:
    """Compare A with B after dividing all counts by the variance inflation.

    Args:
        successes: (2,) successes, or events, of A and B.
        trials: (2,) trials, or exposure.
        factor: Variance inflation, at least 1.
        gap: Relative gap, in (0, 1), that the plan refers to.
        kind: ``rate`` or ``count``.

    Returns:
        See ``TwoSides``.

    Raises:
        ValueError: a value is missing or negative, or successes exceed trials in a rate.

    Source: see each method; dividing counts by a design effect: Rao & Scott (1992), doi:10.2307/2532311.

    Example:
        >>> found = compare_sides([56, 48], [70, 80], 1.0, gap=0.3)
        >>> round(found.difference.low, 4), round(found.difference.high, 4)
        (0.0528, 0.3382)
    """
    n, x = (v / factor for v in paired_amounts(trials, successes, kind, 1))
    x = np.minimum(x, n) if kind == "rate" else x
    sides = _of_rates(x, n) if kind == "rate" else _of_events(x, n)
    shown, difference, simple, ratio, simple_ratio, p, expected = sides
    mean = float(divide(x.sum(), n.sum()))
    planned = NAN
    if n.all() and 0 < mean < (1 if kind == "rate" else np.inf):
        planned = sample_size(mean, mean * (1 - gap), deff=factor, kind=kind)
    size = float(divide(2.0, divide(1.0, n).sum()))
    found = detectable_difference(mean, size, kind=kind) if np.isfinite(planned) else (NAN, NAN)
    needed = more_trials(float(n[0] * factor), float(n[1] * factor), planned)
    return TwoSides(shown, difference, simple, ratio, simple_ratio, p, expected, needed, found)


_Parts = tuple[Floats, Limits, Limits, Limits, Limits, float, float]


def _of_rates(x: Floats, n: Floats) -> _Parts:
    each, four = wilson(x, n), (x[0], n[0], x[1], n[1])
    a, b = _split(each)
    return (
        _stacked(each),
        _limits(miettinen_nurminen(*four)),
        _limits(mover_difference(a, b)),
        _limits(rate_ratio(*four)),
        _limits(mover_ratio(a, b)),
        two_rate_p(*map(float, four)) if n.all() else NAN,
        least_expected(*map(float, four)),
    )


def _of_events(x: Floats, t: Floats) -> _Parts:
    each = poisson(x, t)
    a, b = _split(each)
    if not t.all():
        none = Limits(NAN, NAN, NAN)
        return _stacked(each), none, none, none, none, NAN, NAN
    ratio, p = poisson_ratio(x[0], t[0], x[1], t[1])
    difference = _limits(mover_difference(a, b))
    expected = float(x.sum() * t.min() / t.sum())
    return _stacked(each), difference, difference, _limits(ratio), _limits(mover_ratio(a, b)), float(p), expected


def compare_alike(successes: ArrayLike, trials: ArrayLike, factor: float, *, kind: Kind = "rate") -> Alike:
    """Compare A with B stratum by stratum; the inflation widens the variance, as sparse strata cannot be divided.

    Args:
        successes: (2, S) successes, or events, of A and B by stratum.
        trials: (2, S) trials, or exposure.
        factor: Variance inflation, at least 1.
        kind: ``rate`` or ``count``.

    Returns:
        See ``Alike``.

    Raises:
        ValueError: shapes differ, a value is missing or negative, or successes exceed trials in a rate.

    Source: ``stratified``, ``stratified_events``; chi-square over a design effect: Rao & Scott (1981),
        doi:10.1080/01621459.1981.10477633.

    Example:
        >>> found = compare_alike([[81, 192], [234, 55]], [[87, 263], [270, 80]], 1.0)
        >>> round(found.difference.estimate, 4), found.strata
        (0.0538, 2)
    """
    n, x = paired_amounts(trials, successes, kind, 2)
    both = (n > 0).all(axis=0)
    n, x = n[:, both], x[:, both]
    z = float(ndtri(0.975))
    if kind == "rate":
        found = mantel_haenszel(x[0], n[0], x[1], n[1])
        spread, informative = found.tarone / factor, int(((x.sum(axis=0) > 0) & (x.sum(axis=0) < n.sum(axis=0))).sum())
        same_p = float(chdtrc(informative - 1, spread)) if informative > 1 else NAN
        estimate, se, chi_square = found.difference, found.difference_se, found.chi_square
    else:
        events, same_p = mantel_haenszel_events(x[0], n[0], x[1], n[1]), NAN
        estimate, se, chi_square = events.difference, events.difference_se, events.chi_square
    se *= float(np.sqrt(factor))
    least, most = (-1.0, 1.0) if kind == "rate" else (-np.inf, np.inf)
    limits = Limits(estimate, float(np.fmax(estimate - z * se, least)), float(np.fmin(estimate + z * se, most)))
    limits = limits if n.size else Limits(NAN, NAN, NAN)
    return Alike(limits, se, float(chdtrc(1, chi_square / factor)), same_p, int(n.shape[1]), n.sum(axis=1))


def anytime(difference: float, se: float, trials: float) -> AlwaysValid:
    """Limits of a difference that hold however often one looks.

    Args:
        difference: A minus B.
        se: Its standard error, clusters included.
        trials: Trials of both sides.

    Returns:
        See ``AlwaysValid``; NaN when the error is missing or 0 (nothing varies, which is no certainty).

    Source: ``sequential.asymptotic_cs``, narrowest at ``NARROWEST`` trials whatever the data.

    Example:
        >>> anytime(0.1, 0.0, 50).p
        nan
    """
    if not se > 0:
        return AlwaysValid(NAN, NAN, NAN)
    return asymptotic_cs(difference, se, trials, n_star=NARROWEST)


def _limits(found: Interval) -> Limits:
    return Limits(float(found.estimate), float(found.low), float(found.high))


def _split(both: Interval) -> tuple[Interval, Interval]:
    a, b = (Interval(both.estimate[i], both.low[i], both.high[i]) for i in (0, 1))
    return a, b


def _stacked(both: Interval) -> Floats:
    return np.stack([both.estimate, both.low, both.high], axis=1)
