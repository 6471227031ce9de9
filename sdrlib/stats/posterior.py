"""What to believe of a group's ratio to its colleagues, when groups differ by an unknown, usually small, amount."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaln, gammainc, gammaln, xlogy

from sdrlib.stats.arrays import Floats, Kind

LOW_RATIO, HIGH_RATIO = 0.95, 1.05
"""Ratios between these are nobody's business: a claim outside them is an error when the truth is inside."""

SPREADS = np.geomspace(0.01, 0.8, 28)
"""Grid of the prior's spread: standard deviation of true ratios between groups."""

LEAST_PRIOR_TRIALS = 1.0
"""A high rate leaves no room for a wide spread of ratios: the prior then weighs at least one trial."""


@dataclass(frozen=True, slots=True)
class RatioPosterior:
    """Beliefs about R ratios (a group's rate over the rate expected of it), all from one common prior spread.

    Attributes:
        mean: (R,) posterior mean of the ratio; NaN where nothing is expected or known.
        sd: (R,) its posterior standard deviation; NaN alike.
        below: (R,) probability that the ratio is under 0.95; NaN alike.
        above: (R,) probability that the ratio is over 1.05; NaN alike.
        spread: Posterior mean of the spread between groups; NaN when no group says anything.
    """

    mean: Floats
    sd: Floats
    below: Floats
    above: Floats
    spread: float


def ratio_posterior(
    trials: ArrayLike,
    successes: ArrayLike,
    expected: ArrayLike,
    inflation: ArrayLike,
    *,
    kind: Kind = "rate",
    spread_scale: float = 0.25,
) -> RatioPosterior:
    """Shrink each ratio towards 1 by as much as the groups together show to be right.

    True rates are ``Beta(m M, (1 - m) M)`` about the expected rate ``m = expected / trials``, with
    ``M = (1 - m) / (m c**2) - 1``, so that ratios have mean 1 and standard deviation ``c``; for counts the ratio is
    gamma with the same two moments. ``c`` is half-normal a priori, on a grid; data are divided by the inflation.

    Args:
        trials: (R,) compared trials, or exposure.
        successes: (R,) compared successes, or events.
        expected: (R,) successes expected of a typical colleague; NaN or 0 leaves the group out.
        inflation: (R,) by how many times the group's data count too much.
        kind: ``rate`` or ``count``.
        spread_scale: Scale of the half-normal prior of the spread.

    Returns:
        See ``RatioPosterior``. Its spread of uncertainty is not an interval to show: it covers far too little for those
        who truly differ.

    Source: Morris, C. N. (1983), doi:10.1080/01621459.1983.10477920 (the model); Gelman, A. (2006),
        doi:10.1214/06-BA117A (half-normal on the spread, integrated rather than estimated).

    Example:
        Ten of forty expected, from 400 trials: shrunken, but clearly below.

        >>> belief = ratio_posterior([400], [10], [40], [1.0])
        >>> bool(0.25 < belief.mean[0] < 0.6), bool(belief.below[0] > 0.99)
        (True, True)
    """
    n, o, e, v = (np.asarray(x, dtype=np.float64) for x in (trials, successes, expected, inflation))
    mean, square, below, above = (np.full(n.shape, np.nan) for _ in range(4))
    known = np.flatnonzero(np.isfinite(v) & (np.nan_to_num(e) > 0) & (n > 0))
    if not len(known):
        return RatioPosterior(mean, square, below, above, float("nan"))
    n, o, e, v = n[known], o[known], e[known], v[known]
    model = _beta_ratios if kind == "rate" else _gamma_ratios
    log_likelihood, *beliefs = model(n, o, e, v, SPREADS[:, None])
    weight = _spread_weights(log_likelihood.sum(axis=1), spread_scale)
    for target, belief in zip((mean, square, below, above), beliefs, strict=True):
        target[known] = weight @ belief
    return RatioPosterior(mean, np.sqrt(np.maximum(square - mean**2, 0)), below, above, float(weight @ SPREADS))


def _spread_weights(log_likelihood: Floats, scale: float) -> Floats:
    """(28,) posterior weights of the spreads; on a logarithmic grid each stands for a width proportional to itself."""
    log_weight = log_likelihood - 0.5 * (SPREADS / scale) ** 2 + np.log(SPREADS)
    weight = np.exp(log_weight - log_weight.max())
    return np.asarray(weight / weight.sum())


def _beta_ratios(n: Floats, o: Floats, e: Floats, v: Floats, spread: Floats) -> tuple[Floats, ...]:
    """Log likelihood, mean, mean square, P(< 0.95), P(> 1.05), each (28, R), for successes out of trials."""
    m = np.minimum(e / n, 1 - 0.5 / (n + 1))
    prior = np.maximum((1 - m) / (m * spread**2) - 1, LEAST_PRIOR_TRIALS)
    a, b = m * prior, (1 - m) * prior
    hits, misses = o / v, (n - o) / v
    log_likelihood = betaln(a + hits, b + misses) - betaln(a, b)
    weight = prior + n / v
    mean = (a + hits) / weight / m
    square = mean * (a + hits + 1) / (weight + 1) / m
    below = betainc(a + hits, b + misses, LOW_RATIO * m)
    above = 1 - betainc(a + hits, b + misses, np.minimum(HIGH_RATIO * m, 1.0))
    return log_likelihood, mean, square, np.asarray(below), np.asarray(above)


def _gamma_ratios(n: Floats, o: Floats, e: Floats, v: Floats, spread: Floats) -> tuple[Floats, ...]:
    """The same for events over an exposure: the ratio is Gamma(1 / c**2, 1 / c**2)."""
    a = 1 / spread**2
    shape, rate = a + o / v, a + e / v
    log_likelihood = a * np.log(a) - gammaln(a) + gammaln(shape) - xlogy(shape, rate)
    below, above = gammainc(shape, LOW_RATIO * rate), 1 - gammainc(shape, HIGH_RATIO * rate)
    return log_likelihood, shape / rate, shape * (shape + 1) / rate**2, below, above


def local_errors(posterior: RatioPosterior) -> tuple[Floats, Floats]:
    """How likely a claim "below" (and "above") would be wrong.

    Args:
        posterior: Beliefs about R ratios.

    Returns:
        Two (R,) arrays: probability that the ratio is at least 0.95, and at most 1.05; NaN where unknown.

    Source: Storey, J. D. (2003), doi:10.1214/aos/1074290335 (posterior error of one claim).

    Example:
        >>> belief = RatioPosterior(np.array([0.8]), np.array([0.1]), np.array([0.75]), np.array([0.125]), 0.2)
        >>> [float(x[0]) for x in local_errors(belief)]
        [0.25, 0.875]
    """
    return 1 - posterior.below, 1 - posterior.above
