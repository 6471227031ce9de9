"""Limits that hold at every look, for those who look every week."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, xlog1py, xlogy

from sdrlib.stats.arrays import Floats, amounts, divide, paired_amounts
from sdrlib.stats.difference import crossings


@dataclass(frozen=True, slots=True)
class AlwaysValid:
    """Limits that contain the truth at all looks at once.

    Attributes:
        low: Lower limit; NaN when the standard error is missing.
        high: Upper limit; NaN alike.
        p: p of no difference, valid whenever one stops; NaN alike.
    """

    low: float
    high: float
    p: float


def beta_binomial_cs(x: float, n: float, *, a: float = 1.0, b: float = 1.0, alpha: float = 0.05) -> tuple[float, float]:
    """Limits of one rate that hold at every look.

    Args:
        x: Successes so far.
        n: Trials so far.
        a: Prior successes of the mixture; mass where the rate is thought to be makes the limits narrow there.
        b: Prior failures.
        alpha: Chance allowed that the truth is ever outside.

    Returns:
        Lower and upper limit; 0 and 1 without trials.

    Raises:
        ValueError: a value is missing or negative, or successes exceed trials.

    Source: Robbins, H. (1970), doi:10.1214/aoms/1177696786; Howard, Ramdas, McAuliffe & Sekhon (2021),
        doi:10.1214/20-AOS1991.

    Example:
        12 of 12 with a flat prior: 1/13 = p**12 / 0.05 has the root 0.6291.

        >>> low, high = beta_binomial_cs(12, 12)
        >>> round(low, 4), high
        (0.6291, 1.0)
    """
    paired_amounts([n], [x], "rate")
    evidence = betaln(a + x, b + n - x) - betaln(a, b) + np.log(alpha)

    def outside(p: Floats) -> Floats:
        return np.asarray(evidence - xlogy(x, p) - xlog1py(n - x, -p))

    best = np.array(np.nan_to_num(divide(x, n)))
    low, high = crossings(outside, (0.0, 1.0), best)
    return (float(low), float(high)) if n else (0.0, 1.0)


def asymptotic_cs(estimate: float, se: float, n: float, *, n_star: float, alpha: float = 0.05) -> AlwaysValid:
    """Limits of any estimate with a standard error, that hold at every look (once data are not few).

    Args:
        estimate: A difference, or any mean.
        se: Its standard error; the cluster-robust one when trials come in clusters.
        n: Trials it rests on, both sides together.
        n_star: Trials at which the limits shall be narrowest.
        alpha: Chance allowed that the truth is ever outside.

    Returns:
        See ``AlwaysValid``.

    Raises:
        ValueError: a number of trials is missing or negative.

    Source: Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2024), arXiv:2103.06476, eq. 9 and appendix B.2 (tuning);
        as gbstats.

    Example:
        >>> found = asymptotic_cs(0.0, 0.01, 1000, n_star=1000)
        >>> found.low == -found.high, found.high > 1.96 * 0.01, found.p
        (True, True, 1.0)
    """
    amounts([n, n_star], "trials")
    tuned = n / n_star * (-2 * np.log(alpha) + np.log(-2 * np.log(alpha) + 1))
    reach = se * np.sqrt(2 * divide(tuned + 1, tuned) * np.log(np.sqrt(tuned + 1) / alpha))
    z2 = divide(estimate, se) ** 2
    p = np.minimum(1.0, np.sqrt(tuned + 1) * np.exp(-z2 / 2 * divide(tuned, tuned + 1)))
    return AlwaysValid(float(estimate - reach), float(estimate + reach), float(p))
