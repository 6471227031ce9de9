"""How much groups truly differ, as a beta law fitted to all of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaincinv, betaln, psi, xlog1py, xlogy

from sdrlib.stats.arrays import Floats, divide, paired_amounts

LEAST_GAIN = 1e-6
"""A spread that explains the data no better than this, in log likelihood, is no spread."""

LARGEST_LOG_SIZE = 16.0
"""alpha + beta beyond exp(15) is no spread."""


@dataclass(frozen=True, slots=True)
class BetaBinomial:
    """Beta law of the true rates of R groups, and what it says of each.

    Attributes:
        boundary: The best spread is none: all groups are taken as equal.
        mean: Mean true rate; NaN without trials.
        rho: Share of the variance of one trial that lies between groups, 1 / (alpha + beta + 1); 0 at the boundary.
        alpha: First parameter; infinite at the boundary.
        beta: Second parameter; infinite at the boundary.
        log_likelihood: At the fit, binomial coefficients included.
        rates: (R,) posterior mean rates; the common mean at the boundary.
        low: (R,) lower 95 % limits of belief; for planning, never shown as how sure.
        high: (R,) upper ones.
    """

    boundary: bool
    mean: float
    rho: float
    alpha: float
    beta: float
    log_likelihood: float
    rates: Floats
    low: Floats
    high: Floats


def fit_betabinomial(successes: ArrayLike, trials: ArrayLike) -> BetaBinomial:
    """Fit the beta law by maximum likelihood, and shrink each group's rate towards its mean.

    Args:
        successes: (R,) successes.
        trials: (R,) trials.

    Returns:
        See ``BetaBinomial``.

    Raises:
        ValueError: shapes differ, a value is missing or negative, or successes exceed trials.

    Source: Skellam, J. G. (1948), doi:10.1111/j.2517-6161.1948.tb00014.x; Morris, C. N. (1983),
        doi:10.1080/01621459.1983.10477920 (empirical Bayes).

    Example:
        >>> found = fit_betabinomial([10, 10, 11, 9], [100, 100, 100, 100])
        >>> found.boundary, found.rates.tolist()
        (True, [0.1, 0.1, 0.1, 0.1])
    """
    n, x = paired_amounts(trials, successes, "rate", 1)
    mean = float(divide(x.sum(), n.sum()))
    ways = float((-betaln(x + 1, n - x + 1) - np.log1p(n)).sum())
    common = ways + float((xlogy(x, mean) + xlog1py(n - x, -mean)).sum())
    a, b = _maximise(n, x, mean) if 0 < mean < 1 else (np.inf, np.inf)
    best = ways + float((betaln(a + x, b + n - x) - betaln(a, b)).sum()) if np.isfinite(a) else common
    if not best > common + LEAST_GAIN:
        rates = np.full(n.shape, mean)
        return BetaBinomial(True, mean, 0.0, np.inf, np.inf, common, rates, rates, rates)
    shapes, rates = (a + x, b + n - x), np.asarray((a + x) / (a + b + n))
    low, high = (np.asarray(betaincinv(*shapes, level), dtype=np.float64) for level in (0.025, 0.975))
    return BetaBinomial(False, a / (a + b), 1 / (a + b + 1), a, b, best, rates, low, high)


def probability_below(fit: BetaBinomial, successes: ArrayLike, trials: ArrayLike, cut: float) -> Floats:
    """How likely each group's true rate is under a cut.

    Args:
        fit: The fitted law.
        successes: (R,) successes.
        trials: (R,) trials.
        cut: Rate.

    Returns:
        (R,) probabilities; 0 or 1 at the boundary.

    Raises:
        ValueError: shapes differ, a value is missing or negative, or successes exceed trials.

    Source: as ``fit_betabinomial``.

    Example:
        >>> fit = fit_betabinomial([10, 10, 11, 9], [100, 100, 100, 100])
        >>> probability_below(fit, [10, 10, 11, 9], [100, 100, 100, 100], 0.2).tolist()
        [1.0, 1.0, 1.0, 1.0]
    """
    n, x = paired_amounts(trials, successes, "rate", 1)
    if fit.boundary:
        return np.full(n.shape, float(fit.mean < cut))
    return np.asarray(betainc(fit.alpha + x, fit.beta + n - x, cut))


def _maximise(n: Floats, x: Floats, mean: float) -> tuple[float, float]:
    """Best alpha and beta, searched over the logit of the mean and the log of their sum; infinite when it runs away."""
    from scipy.optimize import minimize, root  # not needed by the comparison itself

    def parameters(point: Floats) -> tuple[float, float]:
        m, size = 1 / (1 + np.exp(-point[0])), np.exp(point[1])
        return float(m * size), float((1 - m) * size)

    def loss(point: Floats) -> float:
        a, b = parameters(point)
        return -float((betaln(a + x, b + n - x) - betaln(a, b)).sum())

    def slope(point: Floats) -> list[float]:
        a, b = np.exp(point)
        common = psi(a + b) - psi(a + b + n)
        return [float(a * (psi(a + x) - psi(a) + common).sum()), float(b * (psi(b + n - x) - psi(b) + common).sum())]

    start = [float(np.log(mean / (1 - mean))), float(np.log(100.0))]
    near = minimize(loss, start, method="Nelder-Mead", bounds=[(-30, 30), (-10, LARGEST_LOG_SIZE)]).x
    if near[1] > LARGEST_LOG_SIZE - 1:
        return float("inf"), float("inf")
    a, b = np.exp(root(slope, np.log(parameters(near)), tol=1e-13).x)
    return float(a), float(b)
