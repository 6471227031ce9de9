"""One rate of each of several groups, shrunk towards the rate of all, with how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtrit

from sdrlib.stats.arrays import Floats, Kind, divide, paired_amounts
from sdrlib.stats.posterior import ratio_posterior


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed of a rate.

    Attributes:
        mean: Posterior mean.
        sd: Posterior standard deviation; 0 when the rate is taken as known.
    """

    mean: float
    sd: float = 0.0


def shrunken(
    trials: ArrayLike, successes: ArrayLike, *, kind: Kind = "rate", inflation: float = 1.0
) -> tuple[Floats, Floats]:
    """Each group's rate, shrunk towards the rate of all by as much as the groups together show to be right.

    Args:
        trials: (R,) trials, or exposure when ``kind`` is ``count``; a group without any gets the rate of all.
        successes: (R,) successes, or events.
        kind: ``rate`` or ``count``.
        inflation: By how many times the data count too much: their dispersion, at least 1.

    Returns:
        (R,) posterior means and (R,) posterior standard deviations. Half a success is added to all together, so that no
        rate is 0. The deviation counts that the common rate is an estimate too; NaN where there are no trials at all.

    Raises:
        ValueError: shapes differ, a value is missing or negative, or successes exceed trials in a rate.

    Source: Morris, C. N. (1983), doi:10.1080/01621459.1983.10477920; the common rate's part: Gelman, A. et al. (2013),
        Bayesian Data Analysis, 3rd ed., sec. 5.4, eq. 5.17 and 5.20 (normal approximation).

    Example:
        One group alone keeps its rate, and its own uncertainty: about sqrt(0.5 * 0.5 / 100).

        >>> mean, sd = shrunken([100], [50])
        >>> round(float(mean[0]), 2), round(float(sd[0]), 3)
        (0.5, 0.05)
    """
    n, x = paired_amounts(trials, successes, kind, 1)
    if not n.sum():
        return np.full(n.shape, np.nan), np.full(n.shape, np.nan)
    common = (x.sum() + 0.5) / (n.sum() + 1) if kind == "rate" else (x.sum() + 0.5) / n.sum()
    expected, there = n * common, n > 0
    spread = ratio_posterior(n, x, expected, np.full(n.shape, inflation), kind=kind).spread
    noise = divide(inflation * (1 - common if kind == "rate" else 1.0), expected)
    weight = np.where(there, divide(noise, noise + spread**2), 1.0)
    ratio = weight + (1 - weight) * np.where(there, divide(x, expected), 1.0)
    of_all = 1 / np.sum(1 / (noise[there] + spread**2))
    own = np.where(there, (1 - weight) * noise, spread**2)
    return common * ratio, common * np.sqrt(own + weight**2 * of_all)


def allowance(degrees: int, level: float = 0.9) -> float:
    """By how much a variance is widened because it was estimated from few periods.

    Args:
        degrees: Degrees of freedom of the estimate, at least 1.
        level: Where the distribution's tail is to be right: the upper end of the range that is shown.

    Returns:
        The squared ratio of the t to the normal quantile, at least 1.

    Source: Student (1908), doi:10.1093/biomet/6.1.1; used as in ``heterogeneity.overall_rate``.

    Example:
        >>> round(allowance(12), 2), round(allowance(1000), 2)
        (1.12, 1.0)
    """
    return float((stdtrit(degrees, level) / ndtri(level)) ** 2)
