"""A against B: is there a difference at all?"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import chdtrc

from sdrlib.stats.arrays import divide, paired_amounts

LEAST_EXPECTED = 5.0
"""With a smaller expected count the chi-square law is not to be trusted."""


def two_rate_p(x1: float, n1: float, x2: float, n2: float) -> float:
    """The two-sided p to report for two rates: N - 1 chi-square, or mid-P when an expected count is below 5.

    Args:
        x1: Successes of A, whole or not (successes over an inflation).
        n1: Trials of A.
        x2: Successes of B.
        n2: Trials of B.

    Returns:
        p of equal rates; NaN with no trials on a side; 1 when there is no success, or no failure, at all. Mid-P needs
        whole numbers: trials are cut to whole ones, and successes rounded towards equal rates, so that p is never too
        small for it; 1 when less than one whole trial is left on a side.

    Raises:
        ValueError: a value is missing or negative, or successes exceed trials.

    Source: Campbell, I. (2007), doi:10.1002/sim.2832; Lydersen, Fagerland & Laake (2009), doi:10.1002/sim.3531.

    Example:
        Expected counts are 1/2: mid-P.

        >>> two_rate_p(1, 1, 0, 1), two_rate_p(1.5, 1.5, 0, 1.5)
        (0.5, 0.5)
    """
    if least_expected(x1, n1, x2, n2) >= LEAST_EXPECTED:
        return n1_chi_square_p(x1, n1, x2, n2)
    whole = _towards_equality(x1, n1, x2, n2)
    return mid_p(*whole) if whole else 1.0


def least_expected(x1: float, n1: float, x2: float, n2: float) -> float:
    """The smallest of the four counts that equal rates would make one expect.

    Args:
        x1: Successes of A, whole or not.
        n1: Trials of A.
        x2: Successes of B.
        n2: Trials of B.

    Returns:
        Expected successes or failures of the side with fewer trials; NaN without trials.

    Source: Cochran, W. G. (1954), doi:10.2307/3001616.

    Example:
        >>> float(least_expected(3, 10, 5, 30))
        2.0
    """
    return float(divide(min(n1, n2) * min(x1 + x2, n1 + n2 - x1 - x2), n1 + n2))


def _towards_equality(x1: float, n1: float, x2: float, n2: float) -> tuple[int, int, int, int] | None:
    """Whole counts no more different than these; None when nothing is left, or left in the same order."""
    if all(float(v).is_integer() for v in (x1, n1, x2, n2)):
        return int(x1), int(n1), int(x2), int(n2)
    m, n = math.floor(n1), math.floor(n2)
    if not (m and n):
        return None
    p, q = x1 / n1, x2 / n2
    up, down = (math.floor, math.ceil) if p > q else (math.ceil, math.floor)
    a, b = min(up(p * m), m), min(down(q * n), n)
    crossed = (a / m - b / n) * (p - q) < 0
    return None if crossed else (a, m, b, n)


def n1_chi_square_p(x1: float, n1: float, x2: float, n2: float) -> float:
    """Pearson's chi-square times (N - 1) / N: right unless counts are very small.

    Args:
        x1: Successes of A, whole or not.
        n1: Trials of A.
        x2: Successes of B.
        n2: Trials of B.

    Returns:
        Two-sided p; NaN with no trials on a side; 1 when there is no success, or no failure, at all.

    Raises:
        ValueError: a value is missing or negative, or successes exceed trials.

    Source: Campbell, I. (2007), doi:10.1002/sim.2832.

    Example:
        1 of 1 against 0 of 1: chi-square 2, times 1/2 = 1, whose p is 0.3173.

        >>> round(n1_chi_square_p(1, 1, 0, 1), 4)
        0.3173
    """
    n, x = paired_amounts([n1, n2], [x1, x2], "rate", 1)
    if not n.all():
        return float("nan")
    total, hits = n.sum(), x.sum()
    cross = x[0] * (n[1] - x[1]) - x[1] * (n[0] - x[0])
    chi2 = divide((total - 1) * cross**2, n[0] * n[1] * hits * (total - hits))
    return float(chdtrc(1, np.nan_to_num(chi2)))


def mid_p(x1: int, n1: int, x2: int, n2: int) -> float:
    """Fisher's test, counting only half of what was observed: nearly exact and not timid.

    Args:
        x1: Successes of A.
        n1: Trials of A.
        x2: Successes of B.
        n2: Trials of B.

    Returns:
        Two-sided p (twice the smaller tail, at most 1); NaN with no trials on a side.

    Raises:
        ValueError: a value is missing or negative, or successes exceed trials.

    Source: Lancaster, H. O. (1961), doi:10.1080/01621459.1961.10482105; Hirji, Tan & Elashoff (1991),
        doi:10.1002/sim.4780100714.

    Example:
        1 of 1 against 0 of 1: half of one half on the upper side.

        >>> mid_p(1, 1, 0, 1)
        0.5
    """
    from scipy.stats import hypergeom  # scipy.stats takes a second to import

    paired_amounts([n1, n2], [x1, x2], "rate", 1)
    if not (n1 and n2):
        return float("nan")
    law = hypergeom(n1 + n2, x1 + x2, n1)
    half = law.pmf(x1) / 2
    return float(min(1.0, 2 * min(law.cdf(x1) - half, law.sf(x1) + half)))


def fisher_p(x1: int, n1: int, x2: int, n2: int) -> float:
    """Fisher's exact test, for those who ask for it: never too small, often much too large.

    Args:
        x1: Successes of A.
        n1: Trials of A.
        x2: Successes of B.
        n2: Trials of B.

    Returns:
        Two-sided p (tables no likelier than the one observed); NaN with no trials on a side.

    Raises:
        ValueError: a value is missing or negative, or successes exceed trials.

    Source: Fisher, R. A. (1922), doi:10.2307/2340521.

    Example:
        >>> fisher_p(1, 1, 0, 1)
        1.0
    """
    from scipy.stats import fisher_exact  # scipy.stats takes a second to import

    paired_amounts([n1, n2], [x1, x2], "rate", 1)
    if not (n1 and n2):
        return float("nan")
    return float(fisher_exact(np.array([[x1, n1 - x1], [x2, n2 - x2]])).pvalue)


def boschloo_p(x1: int, n1: int, x2: int, n2: int) -> float:
    """Boschloo's unconditional test, on request only: minutes at 2,000 trials.

    Args:
        x1: Successes of A.
        n1: Trials of A.
        x2: Successes of B.
        n2: Trials of B.

    Returns:
        Two-sided p (twice the smaller side, at most 1); NaN with no trials on a side; 1 when there is no success, or no
        failure, at all.

    Raises:
        ValueError: a value is missing or negative, or successes exceed trials.

    Source: Boschloo, R. D. (1970), doi:10.1111/j.1467-9574.1970.tb00104.x.

    Example:
        >>> round(boschloo_p(1, 1, 0, 1), 6)
        0.5
    """
    from scipy.stats import boschloo_exact  # scipy.stats takes a second to import

    paired_amounts([n1, n2], [x1, x2], "rate", 1)
    if not (n1 and n2):
        return float("nan")
    if x1 + x2 in (0, n1 + n2):
        return 1.0
    return float(boschloo_exact([[x1, x2], [n1 - x1, n2 - x2]]).pvalue)
