"""A against B within strata, so that a different mix of lists is not taken for a difference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtri

from sdrlib.stats.arrays import Floats, divide, paired_amounts
from sdrlib.stats.difference import crossings, difference_variance


@dataclass(frozen=True, slots=True)
class Stratified:
    """A against B over strata in which both have trials. Missing: no such stratum, or nothing varies in any.

    Attributes:
        difference: Mantel–Haenszel difference of rates, A minus B; NaN without a usable stratum.
        difference_se: Its standard error (Sato); NaN alike.
        difference_low: Lower limit, difference ± z times that error; NaN alike.
        difference_high: Upper limit.
        score_low: Lower limit by the stratified score method, the better one when counts are small; -1 when unknown.
        score_high: Upper limit; 1 when unknown.
        odds_ratio: Mantel–Haenszel odds ratio; NaN when 0 / 0 or x / 0.
        odds_low: Lower limit (Robins, Breslow and Greenland); NaN alike, or when the ratio is 0.
        odds_high: Upper limit.
        chi_square: Cochran–Mantel–Haenszel statistic, 1 degree of freedom; NaN when nothing varies.
        p: Its p.
        chi_square_corrected: The same with the continuity correction.
        p_corrected: Its p.
        breslow_day: Heterogeneity of the odds ratio between strata; 0 with one informative stratum, NaN with none.
        tarone: The same with Tarone's correction.
        tarone_p: p of equal odds ratios; NaN with fewer than two informative strata.
    """

    difference: float
    difference_se: float
    difference_low: float
    difference_high: float
    score_low: float
    score_high: float
    odds_ratio: float
    odds_low: float
    odds_high: float
    chi_square: float
    p: float
    chi_square_corrected: float
    p_corrected: float
    breslow_day: float
    tarone: float
    tarone_p: float


@dataclass(frozen=True, slots=True)
class _Tables:
    """(S,) cells of the 2 x 2 tables: A's and B's successes and trials, and totals."""

    a: Floats
    b: Floats
    m: Floats
    n: Floats

    @property
    def total(self) -> Floats:
        return self.m + self.n

    @property
    def hits(self) -> Floats:
        return self.a + self.b

    @property
    def weight(self) -> Floats:
        return self.m * self.n / self.total


def mantel_haenszel(x1: ArrayLike, n1: ArrayLike, x2: ArrayLike, n2: ArrayLike, conf: float = 0.95) -> Stratified:
    """Compare A with B stratum by stratum, and put the answers together.

    Args:
        x1: (S,) successes of A by stratum.
        n1: (S,) trials of A.
        x2: (S,) successes of B.
        n2: (S,) trials of B.
        conf: Confidence, between 0 and 1.

    Returns:
        See ``Stratified``. Strata in which one side has no trials say nothing and are left out.

    Raises:
        ValueError: shapes differ, a value is missing or negative, or successes exceed trials.

    Source: Mantel & Haenszel (1959), doi:10.1093/jnci/22.4.719; Sato, Greenland & Robins (1989), doi:10.2307/2531783
        (error of the difference); Robins, Breslow & Greenland (1986), doi:10.2307/2531052 (of the odds ratio);
        Breslow & Day (1980); Tarone (1985), doi:10.1093/biomet/72.1.91; score limits: Miettinen & Nurminen (1985),
        doi:10.1002/sim.4780040211.

    Example:
        Kidney stones: treatment A is better for small and for large ones, and worse in the pooled table.

        >>> found = mantel_haenszel([81, 192], [87, 263], [234, 55], [270, 80])
        >>> round(found.difference, 4), 273 / 350 < 289 / 350
        (0.0538, True)
    """
    trials, successes = paired_amounts(np.stack([np.asarray(n1), np.asarray(n2)]), np.stack([x1, x2]), "rate", 2)
    both = (trials > 0).all(axis=0)
    t = _Tables(*successes[:, both], *trials[:, both])
    z = float(ndtri(0.5 + conf / 2))
    difference, se = _risk_difference(t)
    odds, log_se = _odds_ratio(t)
    chi_square, corrected = _cochran(t)
    breslow_day, tarone, df = _heterogeneity(t, odds)
    score_low, score_high = _score_limits(t, z)
    return Stratified(
        difference=difference,
        difference_se=se,
        difference_low=difference - z * se,
        difference_high=difference + z * se,
        score_low=score_low,
        score_high=score_high,
        odds_ratio=odds,
        odds_low=odds * float(np.exp(-z * log_se)),
        odds_high=odds * float(np.exp(z * log_se)),
        chi_square=chi_square,
        p=float(chdtrc(1, chi_square)),
        chi_square_corrected=corrected,
        p_corrected=float(chdtrc(1, corrected)),
        breslow_day=breslow_day,
        tarone=tarone,
        tarone_p=float(chdtrc(df, tarone)) if df > 0 else float("nan"),
    )


def _risk_difference(t: _Tables) -> tuple[float, float]:
    """Mantel–Haenszel difference and Sato's standard error."""
    a, b, m, n, total, weight = t.a, t.b, t.m, t.n, t.total, t.weight.sum()
    difference = float(divide(((a * n - b * m) / total).sum(), weight))
    p_part = (b * (m / total) ** 2 - a * (n / total) ** 2 + (m / total) * (n / total) * (n - m) / 2).sum()
    q_part = (a * (n - b) / total + b * (m - a) / total).sum() / 2
    variance = divide(difference * p_part + q_part, weight**2)
    return difference, float(np.sqrt(np.maximum(variance, 0.0)))


def _odds_ratio(t: _Tables) -> tuple[float, float]:
    """Mantel–Haenszel odds ratio and the standard error of its logarithm."""
    good, bad = t.a * (t.n - t.b) / t.total, t.b * (t.m - t.a) / t.total
    p, q = (t.a + t.n - t.b) / t.total, (t.b + t.m - t.a) / t.total
    r, s = good.sum(), bad.sum()
    parts = (
        divide((p * good).sum(), 2 * r**2),
        divide((p * bad + q * good).sum(), 2 * r * s),
        divide((q * bad).sum(), 2 * s**2),
    )
    return float(divide(r, s)), float(np.sqrt(np.sum(parts)))


def _cochran(t: _Tables) -> tuple[float, float]:
    """The test statistic without and with continuity correction."""
    excess = abs(float((t.a - t.hits * t.m / t.total).sum()))
    variance = (t.hits * (t.total - t.hits) * t.m * t.n / (t.total**2 * (t.total - 1))).sum()
    continuous = excess - 0.5 if excess >= 0.5 else excess
    return float(divide(excess**2, variance)), float(divide(continuous**2, variance))


def _heterogeneity(t: _Tables, odds: float) -> tuple[float, float, int]:
    """Breslow–Day and Tarone statistics, and their degrees of freedom, over strata in which something varies."""
    varied = (t.hits > 0) & (t.hits < t.total)
    a, m, n, hits = t.a[varied], t.m[varied], t.n[varied], t.hits[varied]
    fitted = _fitted(m, n, hits, odds)
    cells = np.stack([fitted, hits - fitted, m - fitted, n - hits + fitted])
    variance = divide(1.0, divide(1.0, cells).sum(axis=0))
    breslow_day = float(((a - fitted) ** 2 / variance).sum()) if len(a) else float("nan")
    correction = divide((a - fitted).sum() ** 2, variance.sum())
    return breslow_day, breslow_day - float(correction), len(a) - 1


def _fitted(m: Floats, n: Floats, hits: Floats, odds: float) -> Floats:
    """(S,) A's successes that give the common odds ratio with the margins kept: the root of a quadratic."""
    square, linear, constant = 1 - odds, n - hits + odds * (m + hits), -odds * m * hits
    root = np.sqrt(np.maximum(linear**2 - 4 * square * constant, 0.0))
    return divide(-2 * constant, linear + root)


def _score_limits(t: _Tables, z: float) -> tuple[float, float]:
    """Differences at which the weighted sum of score differences is z standard errors away."""
    weight = divide(t.weight, t.weight.sum())
    estimate = float((weight * (t.a / t.m - t.b / t.n)).sum()) if len(t.a) else float("nan")

    def outside(d: Floats) -> Floats:
        variance = (weight**2 * difference_variance(t.a, t.m, t.b, t.n, d[:, np.newaxis])).sum(axis=1)
        return np.asarray((estimate - d) ** 2 - z**2 * variance)

    low, high = crossings(outside, (-1.0, 1.0), np.array(estimate))
    return float(low), float(high)
