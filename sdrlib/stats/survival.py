"""How long something takes when many are not through with it: the median, and the mean up to a moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from sdrlib.stats.arrays import Bools, Floats, amounts, divide


@dataclass(frozen=True, slots=True)
class Median:
    """The time by which half are through.

    Attributes:
        value: NaN when fewer than half are known to have got through.
        low: Lower limit; NaN when the upper confidence curve never falls that far.
        high: Upper limit; NaN alike.
        through: How many got through.
        total: How many were watched.
    """

    value: float
    low: float
    high: float
    through: int
    total: int


@dataclass(frozen=True, slots=True)
class RestrictedMean:
    """Mean time spent up to a moment, whoever is still there counted as there until then.

    Attributes:
        value: NaN without anybody, or when nobody was watched up to ``moment`` while some were still there.
        se: Its standard error; NaN alike.
        moment: Up to when.
    """

    value: float
    se: float
    moment: float


@dataclass(frozen=True, slots=True)
class _Curve:
    """The Kaplan–Meier curve: at each moment that something happened, the share still there just after it."""

    moments: Floats
    survival: Floats
    happened: Floats
    watched: Floats


def median_time(time: ArrayLike, event: ArrayLike, conf: float = 0.95) -> Median:
    """The time by which half are through, those who are not counted for as long as they have been watched.

    Args:
        time: (N,) time until through if through; else the age now, any unit.
        event: (N,) through or not.
        conf: Confidence, between 0 and 1.

    Returns:
        See ``Median``.

    Raises:
        ValueError: shapes differ, or a time is missing or negative.

    Source: Kaplan, E. L. & Meier, P. (1958), doi:10.1080/01621459.1958.10501452; limits: Brookmeyer, R. & Crowley, J.
        (1982), doi:10.2307/2530286, on the log–log scale as R ``survfit(conf.type = "log-log")``.

    Example:
        Two of four are through at 1 and 3: from 3 on half are; with one more watched it is less than half.

        >>> median_time([1, 3, 5, 5], [True, True, False, False]).value
        3.0
        >>> median_time([1, 3, 5, 5, 5], [True, True, False, False, False]).value
        nan
    """
    t, through = _checked(time, event)
    curve = _curve(t, through)
    low, high = _limits(curve, conf)
    return Median(
        value=_first_at_half(curve.moments, curve.survival),
        low=_first_at_half(curve.moments, low),
        high=_first_at_half(curve.moments, high),
        through=int(through.sum()),
        total=len(t),
    )


def restricted_mean(time: ArrayLike, event: ArrayLike, moment: float) -> RestrictedMean:
    """Mean time spent up to a moment: comparable where a median is unknown on one side.

    Args:
        time: (N,) as ``median_time``.
        event: (N,) through or not.
        moment: Up to when, same unit, above 0.

    Returns:
        See ``RestrictedMean``.

    Raises:
        ValueError: shapes differ, or a time is missing or negative.

    Source: Irwin, J. O. (1949), doi:10.1017/S0022172400014443; Royston, P. & Parmar, M. K. B. (2013),
        doi:10.1186/1471-2288-13-152; variance: Klein & Moeschberger (2003), eq. 4.5.2, without small-sample factor.

    Example:
        One of two is through at 1, the other still there at 3: (1 + 3) / 2.

        >>> restricted_mean([1, 3], [True, False], 3).value
        2.0
    """
    t, through = _checked(time, event)
    curve = _curve(t, through & (t <= moment))
    edges = np.concatenate([[0.0], curve.moments, [moment]])
    levels = np.concatenate([[1.0], curve.survival])
    parts = np.diff(edges) * levels
    known = len(t) > 0 and (bool((t >= moment).any()) or levels[-1] == 0)
    if not known:
        return RestrictedMean(float("nan"), float("nan"), moment)
    left = np.cumsum(parts[::-1])[::-1][1:]
    greenwood = divide(curve.happened, curve.watched * (curve.watched - curve.happened))
    variance = float(np.nansum(left**2 * greenwood))
    return RestrictedMean(float(parts.sum()), float(np.sqrt(variance)), moment)


def _checked(time: ArrayLike, event: ArrayLike) -> tuple[Floats, Bools]:
    t, through = amounts(time, "time", 1), np.asarray(event, dtype=np.bool_)
    if t.shape != through.shape:
        raise ValueError(f"time has shape {t.shape}, event {through.shape}")
    return t, through


def _curve(t: Floats, through: Bools) -> _Curve:
    moments, happened = np.unique(t[through], return_counts=True)
    watched = len(t) - np.searchsorted(np.sort(t), moments, side="left")
    return _Curve(
        moments, np.asarray(np.cumprod(1 - happened / watched), float), happened.astype(float), watched.astype(float)
    )


def _limits(curve: _Curve, conf: float) -> tuple[Floats, Floats]:
    """Both confidence curves; at a level of 0 or 1 the log–log limits do not exist."""
    spread = np.sqrt(np.cumsum(divide(curve.happened, curve.watched * (curve.watched - curve.happened))))
    inside = (curve.survival > 0) & (curve.survival < 1)
    log_survival = np.log(np.where(inside, curve.survival, np.nan))
    reach = np.exp(float(ndtri(0.5 + conf / 2)) * spread / -log_survival)
    return np.exp(log_survival * reach), np.exp(log_survival / reach)


def _first_at_half(moments: Floats, level: Floats) -> float:
    """The first moment at which a curve is at or below one half; what is unknown is not below it."""
    low = np.flatnonzero(np.nan_to_num(level, nan=1.0) <= 0.5)
    return float(moments[low[0]]) if len(low) else float("nan")
