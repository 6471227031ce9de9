"""Many comparisons at once: which may be believed together."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from sdrlib.stats.arrays import Bools, Floats


def bayes_fdr(local_error: ArrayLike, level: float = 0.10, cap: float = 0.25) -> tuple[Bools, float]:
    """The largest set of claims whose expected share of errors is at most the level, none too doubtful by itself.

    Args:
        local_error: (K,) probability that each claim is wrong; NaN is outside the family.
        level: Most expected share of wrong claims in the set.
        cap: Most probability of error of any one claim.

    Returns:
        (K,) membership, and the expected share of errors of the set (0 when it is empty). Equal errors stand or fall
        together, so that the order of the claims never matters.

    Source: Müller, Parmigiani, Robert & Rousseau (2004), doi:10.1198/016214504000001646; local false discovery rate:
        Storey, J. D. (2003), doi:10.1214/aos/1074290335.

    Example:
        (0.02 + 0.16) / 2 = 0.09; with 0.4 the mean would be 0.19.

        >>> bayes_fdr([0.4, 0.02, 0.16])
        (array([False,  True,  True]), 0.09)
    """
    error = np.asarray(local_error, dtype=np.float64)
    ordered = np.sort(error[~np.isnan(error)])
    means = np.cumsum(ordered) / np.arange(1, len(ordered) + 1)
    last_of_equals = np.append(np.diff(ordered) > 0, True)[: len(ordered)]
    allowed = np.flatnonzero((means <= level) & (ordered <= cap) & last_of_equals)
    if not len(allowed):
        return np.zeros(error.shape, dtype=np.bool_), 0.0
    return np.asarray(error <= ordered[allowed[-1]]), float(means[allowed[-1]])


def adjusted_p(p: ArrayLike, method: Literal["bh", "by"] = "bh") -> Floats:
    """p-values made comparable to a false discovery rate.

    Args:
        p: (K,) p-values; NaN (not testable) is kept out of the family and given back as NaN.
        method: ``bh`` when tests are independent or positively dependent, ``by`` whatever the dependence.

    Returns:
        (K,) adjusted p, never below p.

    Raises:
        ValueError: a p is outside [0, 1].

    Source: Benjamini, Y. & Hochberg, Y. (1995), doi:10.1111/j.2517-6161.1995.tb02031.x; Benjamini & Yekutieli (2001),
        doi:10.1214/aos/1013699998.

    Example:
        >>> adjusted_p([0.02, float("nan"), 0.5])
        array([0.04,  nan, 0.5 ])
    """
    from scipy.stats import false_discovery_control  # scipy.stats takes a second to import

    values = np.asarray(p, dtype=np.float64)
    known = ~np.isnan(values)
    out = np.full(values.shape, np.nan)
    if known.any():
        out[known] = false_discovery_control(values[known], method=method)
    return out


def e_bh(e: ArrayLike, level: float = 0.10) -> Bools:
    """Which claims e-values support together, whatever their dependence.

    Args:
        e: (K,) e-values, not maximised over looks; NaN is outside the family.
        level: Most expected share of wrong claims.

    Returns:
        (K,) membership: the k largest, k the last rank with ``e_(k) * k / K >= 1 / level``.

    Source: Wang, R. & Ramdas, A. (2022), doi:10.1111/rssb.12489.

    Example:
        Of two, the first rank needs 2 / 0.1 = 20.

        >>> e_bh([21, 3])
        array([ True, False])
    """
    values = np.asarray(e, dtype=np.float64)
    ordered = np.sort(values[~np.isnan(values)])[::-1]
    ranks = np.arange(1, len(ordered) + 1)
    enough = np.flatnonzero(ordered * ranks >= len(ordered) / level)
    if not len(enough):
        return np.zeros(values.shape, dtype=np.bool_)
    return np.asarray(values >= ordered[enough[-1]])
