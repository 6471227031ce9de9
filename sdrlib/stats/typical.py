"""Is the typical amount of one group larger than another's? Skewed amounts are compared by their logarithms."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from sdrlib.stats.arrays import amounts
from sdrlib.stats.factors import Estimate


def typical_ratio(a: ArrayLike, b: ArrayLike, conf: float = 0.95) -> Estimate:
    """Ratio of the geometric means of two groups of amounts.

    Args:
        a: (N,) amounts of A; those that are 0 say nothing of a size and are left out.
        b: (M,) amounts of B.
        conf: Confidence, between 0 and 1.

    Returns:
        A over B and its limits; missing with fewer than two amounts on a side, or when nothing varies.

    Raises:
        ValueError: an amount is missing or negative.

    Source: Welch, B. L. (1947), doi:10.1093/biomet/34.1-2.28, on logarithms.

    Example:
        >>> found = typical_ratio([1, 4], [1, 1.0])
        >>> found.value, round(found.low, 6), found.high > 1000
        (2.0, 0.000299, True)
    """
    logs = [np.log(group[group > 0]) for group in (amounts(a, "a", 1), amounts(b, "b", 1))]
    if min(len(group) for group in logs) < 2 or sum(np.ptp(group) for group in logs) == 0:
        return Estimate(*[float("nan")] * 3)
    squared = np.array([group.var(ddof=1) / len(group) for group in logs])
    less_one = np.array([len(group) - 1 for group in logs])
    degrees = squared.sum() ** 2 / (squared**2 / less_one).sum()
    reach = float(stdtrit(degrees, 0.5 + conf / 2) * np.sqrt(squared.sum()))
    gap = float(logs[0].mean() - logs[1].mean())
    return Estimate(*(float(np.exp(gap + side)) for side in (0.0, -reach, reach)))
