"""Several groups at once: do they share one rate, and how sure is a rate whose periods vary?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtri, stdtrit

from sdrlib.stats.arrays import Kind, divide, paired_amounts
from sdrlib.stats.dispersion import pearson_dispersion
from sdrlib.stats.intervals import poisson, wilson


@dataclass(frozen=True, slots=True)
class SameRate:
    """A test of one common rate within every stratum.

    Attributes:
        chi_square: The statistic; NaN where nothing can be compared.
        degrees: Its degrees of freedom; 0 alike.
        p: p of equal rates; NaN alike.
        least: Smallest number of successes, or of failures, that any group with trials is expected to have; NaN without
            trials. Under 5 the p is rough.
    """

    chi_square: float
    degrees: int
    p: float
    least: float


def same_rate(successes: ArrayLike, trials: ArrayLike) -> SameRate:
    """Do groups differ within strata? All groups at once, none singled out.

    Args:
        successes: (K, S) successes of each group in each stratum.
        trials: (K, S) trials.

    Returns:
        See ``SameRate``. Without strata (S = 1) this is Pearson's chi-square times (N - 1) / N; with two groups it is
        the Cochran–Mantel–Haenszel statistic.

    Raises:
        ValueError: shapes differ, a value is missing or negative, or successes exceed trials.

    Source: Landis, J. R., Heyman, E. R. & Koch, G. G. (1978), doi:10.2307/1402373 (general association; Birch 1965).

    Example:
        1 and 3 of 4: Pearson's chi-square is 2, times 7 / 8.

        >>> round(same_rate([[1], [3]], [[4], [4]]).chi_square, 3)
        1.75
    """
    n, x = paired_amounts(trials, successes, "rate", 2)
    total, hits = n.sum(axis=0), x.sum(axis=0)
    expected = n * np.nan_to_num(divide(hits, total))
    scale = np.nan_to_num(divide(hits * (total - hits), total**2 * (total - 1)))
    spread = np.diag((scale * total * n).sum(axis=1)) - (scale * n) @ n.T
    excess = (x - expected).sum(axis=1)
    there = n.sum(axis=1) > 0
    least = np.minimum(expected.sum(axis=1), (n - expected).sum(axis=1))[there].min(initial=np.inf)
    degrees = int(np.linalg.matrix_rank(spread, hermitian=True))
    statistic = float(excess @ np.linalg.pinv(spread, hermitian=True) @ excess) if degrees else float("nan")
    p = float(chdtrc(degrees, statistic)) if degrees else float("nan")
    return SameRate(statistic, degrees, p, float(least) if there.any() else float("nan"))


@dataclass(frozen=True, slots=True)
class Overall:
    """A rate over several periods.

    Attributes:
        rate: The rate; NaN without trials.
        low: Lower limit; NaN with fewer than two periods that have trials.
        high: Upper limit; NaN alike.
        factor: What counts were divided by; NaN alike.
    """

    rate: float
    low: float
    high: float
    factor: float


def overall_rate(successes: ArrayLike, trials: ArrayLike, kind: Kind = "rate", conf: float = 0.95) -> Overall:
    """One group's rate, its interval as wide as its periods vary.

    Args:
        successes: (W,) successes, or events, of each period.
        trials: (W,) trials, or exposure.
        kind: ``rate`` or ``count``.
        conf: Confidence, between 0 and 1.

    Returns:
        See ``Overall``: Wilson's (Garwood's) interval on counts over the dispersion between periods, at least 1, times
        the squared ratio of the t to the normal quantile, since few periods tell little about it.

    Raises:
        ValueError: shapes differ, a value is missing or negative, or successes exceed trials in a rate.

    Source: McCullagh, P. & Nelder, J. A. (1989), Generalized Linear Models, 2nd ed., sec. 4.5.

    Example:
        Two equal periods: no dispersion, and the t quantile of one degree of freedom, 12.7062 / 1.96 squared.

        >>> round(overall_rate([5, 5], [10, 10]).factor, 2)
        42.03
    """
    n, x = paired_amounts(trials, successes, kind, 1)
    periods = int((n > 0).sum())
    rate = float(divide(x.sum(), n.sum()))
    if periods < 2:
        return Overall(rate, float("nan"), float("nan"), float("nan"))
    dispersion = pearson_dispersion(n[None], x[None], kind)
    few = float((stdtrit(periods - 1, 0.5 + conf / 2) / ndtri(0.5 + conf / 2)) ** 2)
    factor = few * (max(1.0, dispersion) if np.isfinite(dispersion) else 1.0)
    found = (wilson if kind == "rate" else poisson)(x.sum() / factor, n.sum() / factor, conf)
    return Overall(rate, float(found.low), float(found.high), factor)
