"""Events per exposure, A against B within strata: what ``stratified`` is for rates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from sdrlib.stats.arrays import divide, paired_amounts


@dataclass(frozen=True, slots=True)
class StratifiedEvents:
    """A against B over strata in which both have exposure.

    Attributes:
        difference: Mantel–Haenszel difference of events per exposure; NaN without a usable stratum.
        difference_se: Its standard error; NaN alike.
        chi_square: Score statistic of no difference, 1 degree of freedom; NaN when there is no event.
        p: Its p.
    """

    difference: float
    difference_se: float
    chi_square: float
    p: float


def mantel_haenszel_events(x1: ArrayLike, t1: ArrayLike, x2: ArrayLike, t2: ArrayLike) -> StratifiedEvents:
    """Compare the events per exposure of A and B stratum by stratum, and put the answers together.

    Args:
        x1: (S,) events of A by stratum, whole or not.
        t1: (S,) exposure of A.
        x2: (S,) events of B.
        t2: (S,) exposure of B.

    Returns:
        See ``StratifiedEvents``. Strata in which one side has no exposure say nothing and are left out.

    Raises:
        ValueError: shapes differ, or a value is missing or negative.

    Source: Greenland, S. & Robins, J. M. (1985), doi:10.2307/2530643 (difference and error for person-time); test:
        Rothman, Greenland & Lash (2008), Modern Epidemiology, 3rd ed., ch. 15, eq. 15-16.

    Example:
        One stratum: 6 / 2 - 4 / 4, variance 6 / 4 + 4 / 16.

        >>> found = mantel_haenszel_events([6], [2], [4], [4])
        >>> found.difference, round(found.difference_se**2, 9)
        (2.0, 1.75)
    """
    t, x = paired_amounts(np.stack([np.asarray(t1), np.asarray(t2)]), np.stack([x1, x2]), "count", 2)
    both = (t > 0).all(axis=0)
    (a, b), (m, n) = x[:, both], t[:, both]
    total, weight = m + n, m * n / (m + n)
    difference = divide(((a * n - b * m) / total).sum(), weight.sum())
    variance = divide((weight**2 * (a / m**2 + b / n**2)).sum(), weight.sum() ** 2)
    excess, spread = (a - (a + b) * m / total).sum(), ((a + b) * m * n / total**2).sum()
    chi_square = float(divide(excess**2, spread))
    return StratifiedEvents(float(difference), float(np.sqrt(variance)), chi_square, float(chdtrc(1, chi_square)))
