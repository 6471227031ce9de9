"""How much data a question needs, before anybody asks it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from sdrlib.stats.arrays import Floats, Kind, divide

EVENTS_FACTOR = 6.3
"""Evidence (in nats, times expected events) at which both keys turn 8 times in 10; found by simulation."""


def events_needed(decline: ArrayLike) -> Floats:
    """Effective expected events with which a true decline is found 8 times in 10.

    Args:
        decline: Share by which the rate is lower, between 0 and 1, any shape.

    Returns:
        Effective expected events (``E / s``), same shape; NaN outside (0, 1).

    Source: Chernoff, H. (1952), doi:10.1214/aoms/1177729330: evidence grows by (1 - d) ln(1 - d) + d per expected
        event (the Kullback–Leibler divergence of two Poisson laws); the factor 6.3 is from this project's own
        simulation.

    Example:
        >>> events_needed([0.5, 0.3, 0.2]).round()
        array([ 41., 125., 293.])
    """
    d = np.asarray(decline, dtype=np.float64)
    d = np.where((d > 0) & (d < 1), d, np.nan)
    return np.asarray(EVENTS_FACTOR / ((1 - d) * np.log1p(-d) + d))


def trials_needed(decline: ArrayLike, rate: ArrayLike, scale: ArrayLike) -> Floats:
    """Trials with which a true decline is found 8 times in 10.

    Args:
        decline: Share by which the rate is lower, between 0 and 1.
        rate: Rate expected of a typical colleague, successes per trial (or events per unit of exposure).
        scale: Variance of the successes over their number (``Comparison.scale``); 1 - rate for independent trials.

    Returns:
        Trials, or exposure; NaN where the rate is 0 or an input is missing.

    Source: as ``events_needed``; trials = events * scale / rate.

    Example:
        >>> float(trials_needed(0.5, 0.1, 0.9).round())
        370.0
    """
    return np.asarray(events_needed(decline) * divide(scale, rate))


def sample_size(
    p1: float, p2: float, *, alpha: float = 0.05, power: float = 0.8, deff: float = 1.0, kind: Kind = "rate"
) -> float:
    """Trials each of two groups needs, so that a two-sided test tells their rates apart.

    Args:
        p1: Rate of one group, in (0, 1), or events per unit of exposure.
        p2: Rate of the other.
        alpha: Two-sided error allowed under equal rates.
        power: Chance to find the difference.
        deff: Design effect of clustered trials.
        kind: ``rate``, or ``count`` for events per exposure (Poisson variance).

    Returns:
        Trials (exposure) per group, not rounded; infinite when the rates are equal.

    Source: Fleiss, J. L., Levin, B. & Paik, M. C. (2003), Statistical Methods for Rates and Proportions, 3rd ed., eq.
        4.14, doi:10.1002/0471445428 (as R ``power.prop.test``).

    Example:
        >>> round(sample_size(0.10, 0.12), 2)
        3840.85
    """
    null, alternative = _deviations(p1, p2, kind)
    reach = float(ndtri(1 - alpha / 2)) * null + float(ndtri(power)) * alternative
    return float(deff * np.square(reach / abs(p1 - p2))) if p1 != p2 else float("inf")


def more_trials(n1: float, n2: float, per_group: float) -> float:
    """Further trials on each side until two unequal groups are worth two of the size that is needed.

    Args:
        n1: Trials of A so far.
        n2: Trials of B so far.
        per_group: Trials each of two equal groups would need (``sample_size``).

    Returns:
        Further trials per side, 0 when reached; infinite, or NaN, as ``per_group`` is.

    Source: the variance of a difference goes with 1 / n1 + 1 / n2; solved for k in 1 / (n1 + k) + 1 / (n2 + k) =
        2 / per_group.

    Example:
        1 / 6 + 1 / 12 = 2 / 8.

        >>> more_trials(5, 11, 8), more_trials(9, 9, 8)
        (1.0, 0.0)
    """
    if not np.isfinite(per_group):
        return float(per_group)
    return max(0.0, float((per_group - n1 - n2 + np.hypot(per_group, n1 - n2)) / 2))


def power_two_rates(p1: float, p2: float, n: float, *, alpha: float = 0.05, deff: float = 1.0) -> float:
    """Chance that a two-sided test tells two rates apart.

    Args:
        p1: Rate of one group, in (0, 1).
        p2: Rate of the other.
        n: Trials in each group.
        alpha: Two-sided error allowed under equal rates.
        deff: Design effect of clustered trials.

    Returns:
        Power, both tails counted; ``alpha`` when the rates are equal.

    Source: as ``sample_size`` (R ``power.prop.test(strict = TRUE)``).

    Example:
        >>> round(power_two_rates(0.3, 0.3, 100), 9)
        0.05
    """
    null, alternative = _deviations(p1, p2)
    shift, reach = np.sqrt(n / deff) * abs(p1 - p2), float(ndtri(1 - alpha / 2)) * null
    return float(ndtr((shift - reach) / alternative) + ndtr((-shift - reach) / alternative))


def detectable_difference(
    p1: float, n: float, *, alpha: float = 0.05, power: float = 0.8, deff: float = 1.0, kind: Kind = "rate"
) -> tuple[float, float]:
    """Smallest difference from a rate that so many trials find.

    Args:
        p1: Rate of one group, in (0, 1), or events per unit of exposure.
        n: Trials in each group.
        alpha: Two-sided error allowed under equal rates.
        power: Chance to find the difference.
        deff: Design effect of clustered trials.
        kind: ``rate``, or ``count`` for events per exposure.

    Returns:
        Difference downwards and upwards, both positive; NaN when even a rate of 0 (or 1, or for events a thousand
        times as many) would not be found.

    Source: as ``sample_size``, solved for the other rate.

    Example:
        >>> down, up = detectable_difference(0.10, 1000)
        >>> round(sample_size(0.10, 0.10 - down)), round(sample_size(0.10, 0.10 + up))
        (1000, 1000)
    """
    from scipy.optimize import brentq  # not needed by the comparison itself

    def missing_trials(p2: float) -> float:
        return sample_size(p1, p2, alpha=alpha, power=power, deff=deff, kind=kind) - n

    def solve(extreme: float) -> float:
        near = p1 + (extreme - p1) * 1e-9
        if missing_trials(extreme) > 0:
            return float("nan")
        return abs(p1 - float(brentq(missing_trials, near, extreme, xtol=1e-12)))

    return solve(0.0), solve(1.0 if kind == "rate" else 1000 * p1)


def _deviations(p1: float, p2: float, kind: Kind = "rate") -> tuple[float, float]:
    """Standard deviation of one trial's difference if rates are equal, and as they are."""
    mean, fair = (p1 + p2) / 2, 1.0 if kind == "rate" else 0.0
    return float(np.sqrt(2 * mean * (1 - fair * mean))), float(np.sqrt(p1 * (1 - fair * p1) + p2 * (1 - fair * p2)))
