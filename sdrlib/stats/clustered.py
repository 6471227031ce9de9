"""How sure a difference of two rates is when trials come in clusters that may lie on both sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtrit

from sdrlib.stats.arrays import Floats, Kind, divide, paired_amounts


@dataclass(frozen=True, slots=True)
class SideMoments:
    """All that is needed of clusters (prospects, weeks) that have trials on side A, on side B, or on both.

    Attributes:
        clusters: (3,) clusters with a trial on A, on B, on both.
        totals: (4,) sums over clusters of (successes A, trials A, successes B, trials B).
        products: (4, 4) sums over clusters of the products of these four.
    """

    clusters: Floats
    totals: Floats
    products: Floats

    @classmethod
    def of(cls, x1: ArrayLike, n1: ArrayLike, x2: ArrayLike, n2: ArrayLike) -> SideMoments:
        """The moments of clusters, from what each has on either side.

        Args:
            x1: (K,) successes of each cluster on side A.
            n1: (K,) its trials, or exposure, on side A.
            x2: (K,) successes on side B.
            n2: (K,) trials on side B.

        Returns:
            The moments.

        Raises:
            ValueError: shapes differ, or a value is missing or negative.

        Example:
            One cluster on both sides, one on B alone.

            >>> SideMoments.of([1, 0], [2, 0], [0, 1], [1, 1]).clusters
            array([1., 2., 1.])
        """
        n, x = paired_amounts(np.stack([np.asarray(n1), np.asarray(n2)]), np.stack([x1, x2]), "count", 2)
        rows, there = np.stack([x[0], n[0], x[1], n[1]]), n > 0
        clusters = np.array([*there.sum(axis=1), there.all(axis=0).sum()], dtype=np.float64)
        return cls(clusters, rows.sum(axis=1), rows @ rows.T)


@dataclass(frozen=True, slots=True)
class Inflation:
    """How many times more a difference varies than independent trials would make it.

    Attributes:
        factor: What counts are divided by: the clustered variance over the independent one, at least 1, times the
            squared ratio of the t to the normal quantile, so that few clusters widen every interval; 1 when no part
            is known.
        variance: Clustered variance of the difference, never below the independent one; NaN without trials on a side.
        independent: Variance of the difference if trials were independent; NaN alike.
        degrees: Degrees of freedom of that variance, from the number of clusters; infinite when no part is known.
        by_prospect: Whether the clusters of one way entered.
        by_block: Whether those of the other did.
    """

    factor: float
    variance: float
    independent: float
    degrees: float
    by_prospect: bool
    by_block: bool


def clustered_variance(moments: SideMoments) -> float:
    """Variance of the difference of two ratios, cluster by cluster (delta method).

    Args:
        moments: Of the clusters; one that lies on both sides counts with its covariance.

    Returns:
        Variance of successes A / trials A - successes B / trials B, each side's residuals scaled by k / (k - 1); NaN
        when a side has fewer than two clusters.

    Source: Deng, A., Knoblich, U. & Lu, J. (2018), eq. 3, doi:10.1145/3219819.3219919; as the cluster-robust error of a
        regression on the side: Liang & Zeger (1986), doi:10.1093/biomet/73.1.13.

    Example:
        Two clusters a side, (1, 0) of 1 against (1, 0) of 1: a half each, doubled by k / (k - 1) = 2, over 4.

        >>> round(clustered_variance(SideMoments.of([1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 1])), 9)
        0.5
    """
    sides = moments.clusters[:2]
    if (sides < 2).any():
        return float("nan")
    x, n = moments.totals[::2], moments.totals[1::2]
    scale = np.sqrt(sides / (sides - 1)) / n
    weights = np.array([1.0, -x[0] / n[0], -1.0, x[1] / n[1]]) * np.repeat(scale, 2)
    return max(float(weights @ moments.products @ weights), 0.0)


def two_way_inflation(
    successes: ArrayLike,
    trials: ArrayLike,
    *,
    prospects: SideMoments | None,
    blocks: SideMoments | None,
    both: SideMoments | None,
    kind: Kind = "rate",
    conf: float = 0.95,
) -> Inflation:
    """What trials that share a prospect, or a block of time, take away from how sure a difference is.

    Args:
        successes: (2,) successes of A and of B.
        trials: (2,) trials, or exposure.
        prospects: Clusters of the first way; None when unknown.
        blocks: Clusters of the other way.
        both: Clusters of the first way cut by the other, so that what both see is not counted twice.
        kind: ``rate`` or ``count``.
        conf: Confidence at which the t quantile is taken.

    Returns:
        See ``Inflation``. V = V_prospects + V_blocks - V_both; a way with fewer than two clusters on a side is left
        out, and so is what it shares with the other.

    Raises:
        ValueError: a value is missing or negative, or successes exceed trials in a rate.

    Source: Cameron, Gelbach & Miller (2011), eq. 2.11, doi:10.1198/jbes.2010.07136; degrees of freedom of two sides:
        Welch, B. L. (1947), doi:10.1093/biomet/34.1-2.28, never more than clusters less one (Cameron & Miller 2015,
        doi:10.3368/jhr.50.2.317).

    Example:
        Nothing known of clusters: trials count as independent.

        >>> two_way_inflation([1, 3], [10, 10], prospects=None, blocks=None, both=None).factor
        1.0
    """
    n, x = paired_amounts(trials, successes, kind, 1)
    independent = _independent(x, n, kind)
    first, second, shared = (
        clustered_variance(m) if m is not None else float("nan") for m in (prospects, blocks, both)
    )
    ways = np.isfinite([first, second])
    parts = [first if ways[0] else 0.0, second if ways[1] else 0.0, -shared if ways.all() else 0.0]
    variance = max(float(np.nansum(parts)), float(independent.sum()))
    known = [m for m, is_known in zip((prospects, blocks), ways, strict=True) if is_known and m is not None]
    degrees = min((_degrees(m, independent) for m in known), default=float("inf"))
    few = 1.0 if np.isinf(degrees) else float((stdtrit(degrees, 0.5 + conf / 2) / ndtri(0.5 + conf / 2)) ** 2)
    effect = divide(variance, independent.sum())
    return Inflation(
        factor=few * (max(1.0, float(effect)) if np.isfinite(effect) else 1.0),
        variance=variance if n.all() else float("nan"),
        independent=float(independent.sum()),
        degrees=degrees,
        by_prospect=bool(ways[0]),
        by_block=bool(ways[1]),
    )


def _independent(x: Floats, n: Floats, kind: Kind) -> Floats:
    """(2,) variance of each side's rate if its trials were independent."""
    rate = divide(x, n)
    return divide(rate * (1 - rate if kind == "rate" else 1.0), n)


def _degrees(moments: SideMoments, independent: Floats) -> float:
    """Welch's degrees of freedom: the less sure side has the larger say; a cluster on both sides is one cluster."""
    a, b, shared = moments.clusters
    less_one = np.array([a - 1, b - 1])
    welch = divide(independent.sum() ** 2, (independent**2 / less_one).sum())
    return float(np.fmin(welch if np.isfinite(welch) else less_one.min(), a + b - shared - 1))
