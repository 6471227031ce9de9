"""How much more results vary than independent trials would: from period to period, and within clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

from sdrlib.stats.arrays import Floats, Kind, amounts, divide, paired_amounts


@dataclass(frozen=True, slots=True)
class ClusterMoments:
    """All that is needed of the clusters (prospects) of R groups, so that rows need not travel.

    Attributes:
        clusters: (R,) number of clusters.
        sum_num: (R,) successes summed over clusters.
        sum_den: (R,) trials summed over clusters.
        sum_num2: (R,) squared successes of a cluster, summed.
        sum_numden: (R,) successes times trials of a cluster, summed.
        sum_den2: (R,) squared trials of a cluster, summed.
    """

    clusters: Floats
    sum_num: Floats
    sum_den: Floats
    sum_num2: Floats
    sum_numden: Floats
    sum_den2: Floats

    @classmethod
    def of(cls, numerator: ArrayLike, denominator: ArrayLike) -> ClusterMoments:
        """The moments of one group.

        Args:
            numerator: (K,) successes of each cluster.
            denominator: (K,) trials of each cluster.

        Returns:
            Moments with R = 1.

        Raises:
            ValueError: the shapes differ or a value is missing or negative.

        Example:
            >>> ClusterMoments.of([0, 2], [1, 3]).sum_numden
            array([6.])
        """
        y, x = paired_amounts(denominator, numerator, "count", 1)[::-1]
        sums = (len(y), y.sum(), x.sum(), (y * y).sum(), (y * x).sum(), (x * x).sum())
        return cls(*(np.array([float(s)]) for s in sums))


@dataclass(frozen=True, slots=True)
class QuasiPoissonRatio:
    """Events per period of A over B, when periods vary more (or less) than Poisson.

    Attributes:
        ratio: Mean of A over mean of B; NaN when either has no event.
        low: Lower limit; NaN when ``ratio`` or ``dispersion`` is.
        high: Upper limit; NaN alike.
        dispersion: Pearson chi-square over its degrees of freedom; NaN with fewer than three periods.
        p: Two-sided p of ratio = 1; NaN alike.
    """

    ratio: float
    low: float
    high: float
    dispersion: float
    p: float


def pearson_dispersion(trials: ArrayLike, successes: ArrayLike, kind: Kind = "rate") -> float:
    """How much more a group's periods differ from each other than chance alone makes them.

    Pools, over groups, the Pearson chi-square of the periods about the group's own rate. Groups whose rate is 0
    (or 1) say nothing; periods without trials are not there. ``(N - 1) / N`` makes the mean exactly 1 under chance,
    however sparse the periods are (the periods are then hypergeometric given the group's total).

    Args:
        trials: (R, W) trials of group and period, or exposure.
        successes: (R, W) successes, or events.
        kind: ``rate`` (binomial variance) or ``count`` (Poisson variance, no such factor).

    Returns:
        Chi-square over degrees of freedom, 1 under chance; NaN without a degree of freedom.

    Raises:
        ValueError: shapes differ, a value is missing or negative, or successes exceed trials in a rate.

    Source: McCullagh, P. & Nelder, J. A. (1989), Generalized Linear Models, 2nd ed., sec. 4.5.2, eq. 4.23,
        doi:10.1007/978-1-4899-3242-6; the factor: Haldane, J. B. S. (1937), doi:10.1093/biomet/29.1-2.133.

    Example:
        2 and 6 events where 4 and 4 are the mean: chi-square 1 + 1 on one degree of freedom.

        >>> pearson_dispersion([[1, 1]], [[2, 6]], "count")
        2.0
    """
    n, o = paired_amounts(trials, successes, kind, 2)
    o = np.where(n > 0, o, 0.0)
    total = n.sum(axis=1, keepdims=True)
    rate = divide(o.sum(axis=1, keepdims=True), total)
    fair = 1 - rate if kind == "rate" else np.ones_like(rate)
    squared = (o - n * rate) ** 2
    chi2 = divide(squared, n * rate * fair)
    if kind == "rate":
        chi2 *= (total - 1) / np.maximum(total, 1)
    usable = ((n > 0).sum(axis=1) >= 2) & (np.nan_to_num(rate * fair)[:, 0] > 0)
    df = ((n > 0).sum(axis=1) - 1)[usable].sum()
    return float(divide(np.nansum(chi2[usable]), df))


def stratified_dispersion(
    trials: ArrayLike, successes: ArrayLike, strata_rates: ArrayLike, kind: Kind = "rate"
) -> float:
    """The same, when a group's periods are known by stratum: a change of lists is then not taken for a change of
    results.

    Each period is set against what the group's own effect and the strata's rates make of its trials.

    Args:
        trials: (R, W, S) trials of group, period and stratum, or exposure.
        successes: (R, W, S) successes, or events.
        strata_rates: (S,) successes per trial of the average colleague (``Expected.strata_rates``); strata where it is
            missing are left out.
        kind: ``rate`` or ``count``.

    Returns:
        Chi-square over degrees of freedom, 1 under chance; NaN without a degree of freedom.

    Raises:
        ValueError: shapes differ, a value is missing or negative, or successes exceed trials in a rate.

    Source: as ``pearson_dispersion``, with fitted cell probabilities.

    Example:
        The group does as colleagues do, on an easy list first and on a hard one then.

        >>> stratified_dispersion([[[10, 0], [0, 10]]], [[[4, 0], [0, 1]]], [0.4, 0.1])
        0.0
        >>> pearson_dispersion([[10, 10]], [[4, 1]]) > 2
        True
    """
    n, o = paired_amounts(trials, successes, kind, 3)
    rates = np.asarray(strata_rates, dtype=np.float64)
    n, o = (np.where(np.isfinite(rates) & (n > 0), cells, 0.0) for cells in (n, o))
    rates = np.nan_to_num(rates)
    effect = divide(o.sum(axis=(1, 2)), (n @ rates).sum(axis=1))[:, None, None]
    p = np.minimum(effect * rates, 1.0) if kind == "rate" else effect * rates
    fitted, variance = (n * p).sum(axis=2), (n * p * (1 - p if kind == "rate" else 1)).sum(axis=2)
    usable = np.nan_to_num(variance) > 0
    df = np.maximum(usable.sum(axis=1) - 1, 0)
    chi2 = np.where(usable & (df > 0)[:, None], divide((o.sum(axis=2) - fitted) ** 2, variance), 0.0)
    return float(divide(chi2.sum(), df.sum()))


def combined_dispersion(by_period: float, by_cluster: float, by_cluster_in_period: float = 1.0) -> float:
    """How much results vary in all, from what periods and what clusters show.

    Periods see everything that happens within one of them. Clusters that last longer (a prospect called again next
    week) add what ties different periods: their design effect less that of the same clusters cut at the periods. When
    the latter is unknown nothing is taken off, which is too much rather than too little. The larger of the two alone,
    the usual rule, misses part of the variance: in this project's simulation, one accusation in twelve reports of
    ordinary teams instead of one in twenty, and intervals that cover 94 % instead of 95 %.

    Args:
        by_period: Dispersion between periods; NaN when unknown.
        by_cluster: Design effect of the clusters; NaN when unknown.
        by_cluster_in_period: Design effect of the clusters cut at the periods; 1 when unknown or NaN.

    Returns:
        Dispersion, at least 1.

    Source: variance of a sum as the sum of covariances, within periods and between; as ``cluster_design_effect``.

    Example:
        >>> combined_dispersion(1.25, 1.5, 1.375), combined_dispersion(float("nan"), 1.5), combined_dispersion(0.5, 0.5)
        (1.375, 1.5, 1.0)
    """
    known = np.nan_to_num([by_period, by_cluster, by_cluster_in_period], nan=1.0)
    period, cluster, cut = np.maximum(known, 1.0)
    between = max(cluster - cut, 0.0) if np.isfinite(by_period) else cluster - 1
    return float(period + between)


def ratio_delta(numerator: ArrayLike, denominator: ArrayLike) -> tuple[float, float, float]:
    """A rate whose trials come in clusters, with the standard error the clusters allow.

    Args:
        numerator: (K,) successes of each cluster.
        denominator: (K,) trials of each cluster.

    Returns:
        Ratio (NaN without trials), its standard error (NaN with one cluster; 0 without success, which is no
        certainty: use the pooled design effect), and the design effect, the squared standard error over that of
        independent trials (NaN with one cluster, or a ratio of 0 or 1).

    Raises:
        ValueError: the shapes differ or a value is missing or negative.

    Source: Deng, A., Knoblich, U. & Lu, J. (2018), Applying the delta method in metric analytics, eq. 3,
        doi:10.1145/3219819.3219919; equal to the cluster-robust error: Deng, Lu & Qin (2021), arXiv:2105.14705.

    Example:
        >>> ratio, se, deff = ratio_delta([1, 0], [1, 1])
        >>> ratio, se, deff
        (0.5, 0.5, 2.0)
    """
    m = ClusterMoments.of(numerator, denominator)
    ratio = divide(m.sum_num, m.sum_den)
    variance = divide(_squared_residuals(m, ratio), m.sum_den**2)
    deff = divide(variance * m.sum_den, ratio * (1 - ratio))
    return float(ratio[0]), float(np.sqrt(variance[0])), float(deff[0])


def cluster_design_effect(moments: ClusterMoments, kind: Kind = "rate") -> float:
    """How many times more the clustered trials vary than independent ones, pooled over groups.

    Args:
        moments: Moments of R groups; groups with fewer than two clusters or a rate of 0 (or 1) say nothing.
        kind: ``rate`` (binomial variance) or ``count`` (Poisson variance).

    Returns:
        Sum over groups of the clustered variance over the sum of the independent one; NaN when no group can say.

    Raises:
        ValueError: a moment is missing or negative.

    Source: as ``ratio_delta``; pooling by ratio of sums: Kish, L. (1965), Survey Sampling, sec. 8.2 (design effect).

    Example:
        Four prospects called twice, always with the same answer: two calls are worth one (4/3 for 4 clusters).

        >>> cluster_design_effect(ClusterMoments.of([2, 0, 2, 0], [2, 2, 2, 2])).__round__(6)
        2.666667
    """
    for name in ClusterMoments.__slots__:
        amounts(getattr(moments, name), name, 1)
    ratio = divide(moments.sum_num, moments.sum_den)
    fair = 1 - ratio if kind == "rate" else np.ones_like(ratio)
    independent = moments.sum_den * ratio * fair
    usable = (moments.clusters >= 2) & (np.nan_to_num(independent) > 0)
    clustered = _squared_residuals(moments, ratio)
    return float(divide(clustered[usable].sum(), independent[usable].sum()))


def _squared_residuals(m: ClusterMoments, ratio: Floats) -> Floats:
    """(R,) sum over clusters of (successes - ratio * trials) ** 2, times k / (k - 1); NaN for one cluster."""
    squares = m.sum_num2 - 2 * ratio * m.sum_numden + ratio**2 * m.sum_den2
    return np.maximum(squares, 0.0) * divide(m.clusters, m.clusters - 1)


def quasi_poisson_ratio(a: ArrayLike, b: ArrayLike, conf: float = 0.95) -> QuasiPoissonRatio:
    """Compare events per period of two groups, letting the periods say how much they vary.

    Args:
        a: (W1,) events of A in each period.
        b: (W2,) events of B in each period.
        conf: Confidence of the interval.

    Returns:
        See ``QuasiPoissonRatio``. A dispersion below 1 is kept: it is this sample's own.

    Raises:
        ValueError: a value is missing or negative.

    Source: McCullagh, P. & Nelder, J. A. (1989), sec. 6.2.3, doi:10.1007/978-1-4899-3242-6.

    Example:
        >>> quasi_poisson_ratio([8, 12], [18, 22]).ratio
        0.5
    """
    y1, y2 = amounts(a, "a", 1), amounts(b, "b", 1)
    o = np.array([y1.sum(), y2.sum()])
    mean = divide(o, [len(y1), len(y2)])
    df = len(y1) + len(y2) - 2
    chi2 = sum(float(divide((y - m) ** 2, m).sum()) for y, m in ((y1, mean[0]), (y2, mean[1])))
    dispersion = float(divide(chi2, df if df > 0 else 0))
    ratio = float(divide(mean[0] if o[0] else np.nan, mean[1]))
    se = float(np.sqrt(dispersion * divide(1.0, o).sum()))
    reach = float(stdtrit(max(df, 1), 0.5 + conf / 2)) * se
    p = 2 * float(stdtr(max(df, 1), -abs(float(divide(np.log(ratio), se)))))
    return QuasiPoissonRatio(ratio, ratio * np.exp(-reach), ratio * np.exp(reach), dispersion, p)
