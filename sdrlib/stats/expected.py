"""What each group would have done had it been like its colleagues on the same strata.

Model: successes in group *i* and stratum *l* have mean ``trials * effect[i] * rate[l]``. The expectation ``E`` is
that mean with the effect left out, so a group that worked the hard lists is expected to achieve little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from sdrlib.stats.arrays import Bools, Floats, Ints, divide, paired_amounts

ROUNDS = 500
"""Most rounds of the two-way fit; a well-mixed team needs about 10, a chain of teams that barely touch hundreds."""

SETTLED = 1e-10
"""The fit stops when no expectation moves by more than this share of itself."""

LEAST_EVENTS = 0.5
"""Stands for "colleagues had no success here": the information then given to a stratum's rate, in events."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Expected successes of each of R groups over S strata.

    Only strata that two groups or more worked can be compared: in a stratum of one's own the rate equals one's own
    rate and would pull the expectation towards the observation. Such trials are left out of the group's comparison.

    Attributes:
        expected: (R,) successes expected of colleagues on the compared trials; NaN where not separable.
        strata_rates: (S,) successes per trial of the average colleague; NaN in strata that are not shared.
        log_variance: (R,) variance of ``log(expected)`` in units of the dispersion; NaN where ``expected`` is NaN or 0.
        separable: (R,) has trials in a stratum that another group has trials in too.
        strata: (R,) number of shared strata in which the group has trials.
        compared_trials: (R,) trials in shared strata.
        compared_successes: (R,) successes in shared strata.
    """

    expected: Floats
    strata_rates: Floats
    log_variance: Floats
    separable: Bools
    strata: Ints
    compared_trials: Floats
    compared_successes: Floats


def fit_expected(trials: ArrayLike, successes: ArrayLike) -> Expected:
    """Fit group effects and stratum rates together, and say what colleagues would have achieved.

    Alternates ``effect = (O + 1/2) / (E + 1/2)``, ``rate = o_l / sum(effect * trials)``, ``E = sum(trials * rate)`` and
    scales, so that expectations add up to the successes in each connected part of the group–stratum graph. Without the
    effects in it, the rate of a list worked mostly by strong groups would be too high for the others.

    The variance of ``log(E)`` is ``sum_l share_l ** 2 / (o_l - o_il)``: what the group is compared with is as uncertain
    as its colleagues' successes are few. Where colleagues had none, half a success is put: the stratum then brings
    the group down to "too little data" if it carries much of the expectation, and is harmless if it carries little.

    Args:
        trials: (R, S) trials of group and stratum, or exposure.
        successes: (R, S) successes, or events; those in a cell without trials are left out.

    Returns:
        See ``Expected``.

    Raises:
        ValueError: the shapes differ or a value is missing or negative.

    Source: Breslow, N. E. & Day, N. E. (1987), Statistical Methods in Cancer Research II, ch. 4 (indirect
        standardisation, multiplicative model, eq. 4.5); Deming & Stephan (1940), doi:10.1214/aoms/1177731829 (the fit).

    Example:
        Both lists are worked by both groups; the second does half as well on each, so both are expected the same share.

        >>> fit = fit_expected([[100, 100], [100, 100]], [[40, 20], [20, 10]])
        >>> fit.expected.round(6)
        array([45., 45.])
        >>> fit.strata_rates.round(6)
        array([0.3 , 0.15])
    """
    n, o = paired_amounts(trials, successes, "count", 2)
    shared = (n > 0).sum(axis=0) >= 2
    n = np.where(shared, n, 0.0)
    o = np.where(n > 0, o, 0.0)
    separable = n.sum(axis=1) > 0
    expected, rates = _fit(n, o, _components(n > 0))
    return Expected(
        expected=np.where(separable, expected, np.nan),
        strata_rates=np.where(shared, rates, np.nan),
        log_variance=_log_variance(n * rates, o, expected),
        separable=separable,
        strata=(n > 0).sum(axis=1),
        compared_trials=n.sum(axis=1),
        compared_successes=o.sum(axis=1),
    )


def _fit(n: Floats, o: Floats, components: tuple[Ints, Ints]) -> tuple[Floats, Floats]:
    """Expectations (R,) and rates (S,) of the two-way fit, scaled by connected component."""
    by_group, by_stratum = o.sum(axis=1), o.sum(axis=0)
    effect, expected = np.ones(len(n)), np.full(len(n), np.inf)
    rates = np.zeros(n.shape[1])
    for _ in range(ROUNDS):
        before = expected
        rates = np.nan_to_num(divide(by_stratum, effect @ n))
        rates *= _scale(by_group, n @ rates, *components)
        expected = n @ rates
        if np.allclose(expected, before, rtol=SETTLED, atol=0.0):
            break
        effect = (by_group + 0.5) / (expected + 0.5)
    return expected, rates


def _scale(observed: Floats, expected: Floats, of_group: Ints, of_stratum: Ints) -> Floats:
    """(S,) factors that make expectations add up to observations within each component."""
    size = int(of_stratum.max(initial=0)) + 1
    size = max(size, int(of_group.max(initial=0)) + 1)
    factor = divide(np.bincount(of_group, observed, size), np.bincount(of_group, expected, size))
    return np.nan_to_num(factor)[of_stratum]


def _components(worked: Bools) -> tuple[Ints, Ints]:
    """Connected component of each group and of each stratum, joined by the cells with trials."""
    groups, strata = worked.shape
    rows, columns = np.nonzero(worked)
    size = groups + strata
    links = csr_array((np.ones(len(rows)), (rows, columns + groups)), shape=(size, size))
    labels = connected_components(links, directed=False)[1].astype(np.int64) if size else np.zeros(0, np.int64)
    return labels[:groups], labels[groups:]


def _log_variance(cell_expected: Floats, o: Floats, expected: Floats) -> Floats:
    """(R,) sum over strata of the squared share of the expectation over the colleagues' successes there."""
    share = divide(cell_expected, expected[:, None])
    of_colleagues = np.maximum(o.sum(axis=0) - o, LEAST_EVENTS)
    return np.asarray((share**2 / of_colleagues).sum(axis=1))
