"""Limits of the funnel-shaped picture: how far from the target chance alone carries rates of so many trials.

A picture, not the decision: the additive over-dispersion here swallows true differences.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtrik, betaincc

from sdrlib.stats.arrays import Floats, amounts, divide, paired_amounts

DEVIATES = (1.959964, 3.090232)
"""Normal deviates of 95 % and 99.8 % limits, rounded as FunnelPlotR rounds them."""


@dataclass(frozen=True, slots=True)
class SpreadLimits:
    """Limits about a common rate, widened by the spread between groups.

    Attributes:
        target: Overall rate; NaN without trials.
        z: (R,) standardised deviations on the arcsine scale; NaN without trials.
        dispersion_raw: Mean squared ``z``; NaN without groups.
        dispersion: The same after winsorising; NaN alike.
        between: Variance between groups on the arcsine scale (tau squared), 0 at least; NaN alike.
        low: (R, L) lower limits, one column per deviate.
        high: (R, L) upper limits.
    """

    target: float
    z: Floats
    dispersion_raw: float
    dispersion: float
    between: float
    low: Floats
    high: Floats


def funnel_exact(target: float, trials: ArrayLike, levels: ArrayLike = (0.001, 0.025, 0.975, 0.999)) -> Floats:
    """Exact binomial limits, interpolated so that they are smooth.

    Args:
        target: Common rate, in (0, 1).
        trials: (R,) trials, whole and at least 1.
        levels: (L,) probabilities below the limits.

    Returns:
        (R, L) limits; with few trials the interpolation leaves [0, 1]: clip them for drawing.

    Raises:
        ValueError: a number of trials is missing or negative.

    Source: Spiegelhalter, D. J. (2005), doi:10.1002/sim.1970, appendix A.1.1.

    Example:
        One trial, rate 1/2, level 1/4: r = 0 and half of its probability is to be taken off: (0 - 1/2) / 1.

        >>> funnel_exact(0.5, [1], [0.25]).round(9)
        array([[-0.5]])
    """
    n, p = amounts(trials, "trials", 1)[:, None], np.asarray(levels, dtype=np.float64)
    r = np.ceil(bdtrik(p, n, target))
    r -= _at_most(r - 1, n, target) >= p  # the search ends a hair above a whole number at times
    below, up_to = _at_most(r - 1, n, target), _at_most(r, n, target)
    return divide(r - divide(up_to - p, up_to - below), n)


def _at_most(successes: Floats, trials: Floats, rate: float) -> Floats:
    """Probability of so many successes or fewer: ``scipy.stats.binom.cdf`` without the second its import takes."""
    return np.asarray(betaincc(successes + 1, trials - successes, rate))


def funnel_od(
    successes: ArrayLike, trials: ArrayLike, *, winsorise: float = 0.1, deviates: tuple[float, ...] = DEVIATES
) -> SpreadLimits:
    """Limits widened by the spread that groups ordinarily have.

    Args:
        successes: (R,) successes.
        trials: (R,) trials.
        winsorise: Share of groups at each end drawn in to the rest before the spread is measured.
        deviates: (L,) half-widths of the limits, in standard deviations.

    Returns:
        See ``SpreadLimits``.

    Raises:
        ValueError: shapes differ, a value is missing or negative, or successes exceed trials.

    Source: Spiegelhalter, D. J. (2005), doi:10.1002/sim.1970, eq. 6–9 and appendix A.3 (arcsine scale, additive tau²);
        tau²: DerSimonian & Laird (1986), doi:10.1016/0197-2456(86)90046-2; as FunnelPlotR 0.6.0, except that
        a sine is never taken of a negative angle.

    Example:
        Equal rates: no spread, and the arcsine limits of 1/2 ± 1.96 / 20: sin(pi / 4 + 0.098) ** 2.

        >>> found = funnel_od([50, 50], [100, 100])
        >>> found.between, float(found.high[0, 0].round(4))
        (0.0, 0.5974)
    """
    n, x = paired_amounts(trials, successes, "rate", 1)
    target = float(divide(x.sum(), n.sum()))
    center, variance = float(np.arcsin(np.sqrt(target))), divide(0.25, n)
    z = (np.arcsin(np.sqrt(divide(x, n))) - center) / np.sqrt(variance)
    known = z[~np.isnan(z)]
    pulled = np.clip(known, *np.quantile(known, [winsorise, 1 - winsorise])) if len(known) else known
    dispersion = float(divide((pulled**2).sum(), len(known)))
    between = _between(dispersion, n[n > 0])
    reach = np.asarray(deviates) * np.sqrt(variance + between)[:, None]
    return SpreadLimits(
        target=target,
        z=z,
        dispersion_raw=float(divide((known**2).sum(), len(known))),
        dispersion=dispersion,
        between=between,
        low=np.sin(np.clip(center - reach, 0.0, np.pi / 2)) ** 2,
        high=np.sin(np.clip(center + reach, 0.0, np.pi / 2)) ** 2,
    )


def _between(dispersion: float, trials: Floats) -> float:
    """DerSimonian–Laird variance between groups, weights 4 n; NaN with fewer than two, 0 when chance explains all."""
    weight = 4 * trials
    spare = weight.sum() - divide((weight**2).sum(), weight.sum())
    excess = len(trials) * dispersion - (len(trials) - 1)
    return float(divide(max(excess, 0.0) if excess == excess else np.nan, spare))
