"""Change since groups were chosen for what they showed: measured from what luck alone would have brought them to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv, ndtri, stdtrit

from sdrlib.stats.arrays import Floats, amounts, divide
from sdrlib.stats.effect import between_groups

POWER_REACH = float(ndtri(0.975) + ndtri(0.8))
"""Standard errors that a true change must measure to be found 8 times in 10 at 95 %."""


@dataclass(frozen=True, slots=True)
class BaselineChange:
    """How each of R groups does in a fresh window against what was to be expected of it.

    Attributes:
        change: (R,) ratio now over the baseline, minus 1 (0.1: ten per cent more); NaN where something is missing,
            nothing is expected, or the baseline is held for certain (an ``sd`` of 0).
        low: (R,) lower 95 % limit, the baseline's own uncertainty included; -1 without an event. Above 0: more
            than luck.
        high: (R,) upper limit.
    """

    change: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class PooledChange:
    """What several groups changed by together, allowing that they differ.

    Attributes:
        change: Mean relative change; NaN without a group.
        low: Lower 95 % limit for the mean of such groups; NaN with fewer than two: one does not say how they differ.
        high: Upper limit; NaN alike.
        between: Standard deviation of the log changes between groups; 0 when chance explains it all; NaN without any.
        groups: How many groups say anything.
    """

    change: float
    low: float
    high: float
    between: float
    groups: int


def change_from_baseline(
    observed: ArrayLike, expected: ArrayLike, baseline: ArrayLike, baseline_sd: ArrayLike, conf: float = 0.95
) -> BaselineChange:
    """Change since the window by which groups were chosen, its luck taken out.

    Those chosen for a low ratio had bad luck too, which evens out by itself: the raw change would show +13 to +33 %
    with no effect at all. The posterior mean of that window has the luck taken out. As its uncertainty is that of a
    gamma distribution, the baseline is worth ``mean² / sd²`` events, and two Poisson rates are compared.

    Args:
        observed: (R,) effective events of the fresh window: successes over ``Comparison.scale``.
        expected: (R,) the same that a typical colleague would have had.
        baseline: (R,) posterior mean ratio of the window by which groups were chosen (``Comparison.posterior_ratio``).
        baseline_sd: (R,) its posterior standard deviation (``Comparison.posterior_sd``).
        conf: Confidence, between 0 and 1.

    Returns:
        See ``BaselineChange``.

    Source: Efron, B. (2011), doi:10.1198/jasa.2011.tm11181 (posterior means need no correction for selection);
        Przyborowski, J. & Wilenski, H. (1940), doi:10.1093/biomet/31.3-4.313 (ratio of two Poisson rates, exact).

    Example:
        36 events where 40 are expected, from a baseline of 0.75 that is worth (0.75 / 0.15)² = 25 events.

        >>> found = change_from_baseline([36], [40], [0.75], [0.15])
        >>> [round(float(x[0]), 3) for x in (found.change, found.low, found.high)]
        [0.2, -0.275, 1.085]
    """
    o, e, mean, sd = (np.asarray(x, dtype=np.float64) for x in (observed, expected, baseline, baseline_sd))
    worth, per_event = divide(mean, sd) ** 2, divide(divide(mean, sd**2), e)
    tail = (1 - conf) / 2
    low = np.where(o == 0, 0.0, betaincinv(np.maximum(o, 1e-300), worth, tail))
    high = betaincinv(o + 1, worth, 1 - tail)
    low, high = (per_event * divide(x, 1 - x) for x in (low, high))
    change = divide(divide(o, e), mean) + 0 * worth
    return BaselineChange(change - 1, low - 1, high - 1)


def least_change(expected: ArrayLike, baseline: ArrayLike, baseline_sd: ArrayLike) -> Floats:
    """The smallest true rise that so much data would tell from luck, 8 times in 10.

    Args:
        expected: (R,) effective events of the fresh window that a typical colleague would have.
        baseline: (R,) as for ``change_from_baseline``.
        baseline_sd: (R,) alike.

    Returns:
        (R,) relative change; NaN where nothing is expected or known.

    Source: normal approximation of the logarithm of a rate ratio, as ``change_from_baseline``.

    Example:
        >>> least_change([100], [1.0], [0.1]).round(2)
        array([0.49])
    """
    return np.asarray(np.expm1(POWER_REACH * np.sqrt(_log_variance(expected, baseline, baseline_sd))))


def events_for_change(rise: float, baseline: ArrayLike, baseline_sd: ArrayLike) -> Floats:
    """How many events must be expected in the fresh window to find a true rise 8 times in 10.

    Args:
        rise: The rise to find (0.3: thirty per cent), above 0.
        baseline: (R,) as for ``change_from_baseline``.
        baseline_sd: (R,) alike.

    Returns:
        (R,) effective events of a typical colleague; infinite where no number would do, because the baseline itself
        is too uncertain; NaN where it is unknown.

    Source: as ``least_change``, solved for the events.

    Example:
        Of a baseline known to 1 %, and of one known to 20 %.

        >>> events_for_change(0.3, [1.0, 1.0], [0.01, 0.2]).round()
        array([115.,  inf])
    """
    mean = np.asarray(baseline, dtype=np.float64)
    room = (np.log1p(rise) / POWER_REACH) ** 2 - divide(baseline_sd, mean) ** 2
    return np.where(room <= 0, np.inf, divide(1.0, room * mean))


def pooled_change(
    observed: ArrayLike, expected: ArrayLike, baseline: ArrayLike, baseline_sd: ArrayLike
) -> PooledChange:
    """Mean change of several groups from their baselines.

    Weights do not depend on what was observed, so that a lucky group does not weigh more. The interval rests on how
    much the groups differ from each other, and is never narrower than the data of each allow.

    Args:
        observed: (R,) as for ``change_from_baseline``; groups with anything missing are left out.
        expected: (R,) alike.
        baseline: (R,) alike.
        baseline_sd: (R,) alike.

    Returns:
        See ``PooledChange``.

    Source: DerSimonian & Laird (1986), doi:10.1016/0197-2456(86)90046-2; Knapp & Hartung (2003),
        doi:10.1002/sim.1482, as modified by Röver et al. (2015), doi:10.1186/s12874-015-0091-1; half an event added as
        Haldane (1956), doi:10.1111/j.1469-1809.1955.tb01285.x.

    Example:
        >>> found = pooled_change([59.5] * 4, [50] * 4, [1.0] * 4, [0.1] * 4)
        >>> round(found.change, 9), found.low < 0 < found.high
        (0.2, True)
    """
    o, e, mean = (np.asarray(x, dtype=np.float64) for x in (observed, expected, baseline))
    variance = _log_variance(e, mean, baseline_sd)
    known = np.isfinite(variance) & np.isfinite(o)
    if not known.any():
        nothing = float("nan")
        return PooledChange(nothing, nothing, nothing, nothing, 0)
    change, variance = np.log(divide(o[known] + 0.5, (e * mean)[known])), variance[known]
    between = between_groups(change, variance)
    weight = 1 / (variance + between)
    centre, groups = float(weight @ change / weight.sum()), int(known.sum())
    spread = max(1.0, float(divide(weight @ (change - centre) ** 2, groups - 1))) / weight.sum()
    reach = float(stdtrit(groups - 1, 0.975)) * np.sqrt(spread) if groups > 1 else np.nan
    low, high = float(np.expm1(centre - reach)), float(np.expm1(centre + reach))
    return PooledChange(float(np.expm1(centre)), low, high, float(np.sqrt(between)), groups)


def _log_variance(expected: ArrayLike, baseline: ArrayLike, baseline_sd: ArrayLike) -> Floats:
    """(R,) variance of the log change under no change; NaN where nothing is expected or known."""
    e = amounts(np.nan_to_num(expected), "expected", 1)
    return np.asarray(divide(1.0, e * np.asarray(baseline)) + divide(baseline_sd, baseline) ** 2)
