"""Why one total is larger than another when both are products: how many began, what share got through, how much each.

A total made of few and very unequal amounts cannot be tested (ten amounts say plus or minus 100 %); its factors can be
estimated, each with what is known of it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from sdrlib.stats.arrays import Floats, amounts, divide
from sdrlib.stats.difference import poisson_ratio
from sdrlib.stats.intervals import clopper_pearson
from sdrlib.stats.maturity import Conversion, conversion_at

RESAMPLES = 1999
BATCH = 250
"""Resamples made at once: memory stays small with thousands of amounts."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and its 95 % interval; NaN where there is nothing to tell it from."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two that are compared.

    Attributes:
        exposure: What the beginnings are counted over (people, days), above 0.
        began: How many began.
        time: (N,) lag of those that got through, else age; see ``conversion_at``.
        event: (N,) got through.
        amounts: (W,) amounts of those that got through and have one.
    """

    exposure: float
    began: float
    time: Floats
    event: ArrayLike
    amounts: Floats


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor of the ratio A over B.

    Attributes:
        ratio: A over B; NaN when a side has no value, or B's is 0.
        low: Lower limit of the 95 % interval; NaN when unknown.
        high: Upper limit.
        part: Its part of the difference of the totals, in their unit; the three parts add up to it. NaN when any factor
            is 0 or unknown.
    """

    ratio: float
    low: float
    high: float
    part: float


@dataclass(frozen=True, slots=True)
class Split:
    """The difference of two totals per exposure, split.

    Attributes:
        a: Total of A per exposure: began x share x amount; NaN when a factor is unknown.
        b: Total of B.
        began, share, amount: The three factors.
        reason: Why it cannot be split: ``none_began``, ``too_young`` (nobody is as old as the horizon),
            ``none_through``, ``no_amounts``; empty when it can.
    """

    a: float
    b: float
    began: Factor
    share: Factor
    amount: Factor
    reason: str


def mean_amount(values: ArrayLike, *, conf: float = 0.95, seed: int = 0) -> Estimate:
    """Mean of skewed amounts with its bootstrap interval.

    Args:
        values: (W,) amounts.
        conf: Confidence, between 0 and 1.
        seed: Of the resamples.

    Returns:
        Missing without amounts; without limits when there is only one, or all are equal.

    Raises:
        ValueError: an amount is missing or negative.

    Source: Efron, B. (1987), BCa, doi:10.1080/01621459.1987.10478410, as scipy.

    Example:
        >>> mean_amount([2.0, 4.0]).value, mean_amount([5.0]).low
        (3.0, nan)
    """
    known = amounts(values, "amounts", 1)

    def mean(sample: Floats, axis: int = -1) -> Floats:
        return np.asarray(sample.mean(axis=axis))

    return Estimate(float(divide(known.sum(), len(known))), *_bootstrap((known,), mean, conf, seed))


def share_through(time: ArrayLike, event: ArrayLike, horizon: float) -> tuple[Estimate, Conversion]:
    """Share that gets through by a horizon, with limits also when none or all did.

    Args:
        time: (N,) as ``conversion_at``.
        event: (N,) got through.
        horizon: Age at which the share is read.

    Returns:
        The estimate, and the whole ``Conversion``. Where log–log limits do not exist (none or all through) they are
        exact ones on those watched up to the horizon. Missing when nobody was, unless all got through before.

    Source: Kaplan & Meier (1958); Clopper & Pearson (1934), doi:10.1093/biomet/26.4.404.

    Example:
        None of four old ones: the upper limit solves (1 - p)⁴ = 2.5 %.

        >>> round(share_through([9, 9, 9, 9], [False] * 4, 5)[0].high, 3)
        0.602
    """
    found = conversion_at(time, event, horizon)
    if np.isnan(_share(found)):
        return Estimate(*[float("nan")] * 3), found
    low, high = found.low, found.high
    if found.conversion in {0.0, 1.0}:
        early = float((np.asarray(event, dtype=np.bool_) & (np.asarray(time) <= horizon)).sum())
        last = float((np.asarray(event, dtype=np.bool_) & (np.asarray(time) == horizon)).sum())  # at risk, and early
        exact = clopper_pearson(early, found.at_risk + early - last)
        low, high = float(exact.low), float(exact.high)
    return Estimate(found.conversion, low, high), found


def _share(found: Conversion) -> float:
    """The share at the horizon; missing while nobody is as old, unless there is nobody left to wait for."""
    return found.conversion if found.mature or found.conversion == 1.0 else float("nan")


def split_gap(a: Side, b: Side, horizon: float, *, conf: float = 0.95, seed: int = 0) -> Split:
    """Split the difference of two totals per exposure into how many began, what share gets through, and how much each.

    ``ln(A / B)`` is the sum of the factors' logarithms; each factor's part of ``A - B`` is its logarithm times the
    logarithmic mean ``(A - B) / ln(A / B)``, so that the parts add up exactly and A against B is B against A reversed.
    A total is what those that began are expected to bring by the horizon, not what was banked meanwhile.

    Intervals are each factor's own (conditional binomial for the numbers; Greenwood's on the logarithm for the shares;
    BCa for the amounts): of the whole there is none, and nothing here is a test.

    Args:
        a: One side.
        b: What it is set beside.
        horizon: Age at which the share is read, in the unit of ``time``.
        conf: Confidence, between 0 and 1.
        seed: Of the bootstrap.

    Returns:
        See ``Split``.

    Raises:
        ValueError: an exposure, number or amount is missing or negative.

    Source: Ang, B. W. (2005), doi:10.1016/j.enpol.2003.10.010, eq. 3–5 (logarithmic mean Divisia index, additive);
        Efron (1987), doi:10.1080/01621459.1987.10478410; Kaplan & Meier (1958), doi:10.1080/01621459.1958.10501452.

    Example:
        Twice as many begin; all else is alike, so the whole difference is theirs.

        >>> time, event = np.array([1.0, 1.0, 9.0, 9.0]), [True, True, False, False]
        >>> one, two = (Side(1, began, time, event, np.array([10.0, 30.0])) for began in (4, 8))
        >>> found = split_gap(two, one, 5)
        >>> round(found.a - found.b, 6), round(found.began.part, 6), round(found.share.part, 6)
        (40.0, 40.0, 0.0)
    """
    per = [divide(side.began, side.exposure) for side in (a, b)]
    through = [conversion_at(side.time, side.event, horizon) for side in (a, b)]
    size = [float(divide(side.amounts.sum(), len(side.amounts))) for side in (a, b)]
    values = np.array([per, [_share(c) for c in through], size], dtype=np.float64)
    ratios = divide(values[:, 0], values[:, 1])
    totals = values.prod(axis=0)
    z = float(ndtri(0.5 + conf / 2))
    limits = [
        _number_limits(a, b, conf),
        _share_limits(through, z),
        _bootstrap((a.amounts, b.amounts), _ratio_of_means, conf, seed),
    ]
    parts = _parts(ratios, totals)
    began, share, amount = (
        Factor(float(r), *lim, float(part)) for r, lim, part in zip(ratios, limits, parts, strict=True)
    )
    young = any(len(side.time) and np.isnan(_share(c)) for side, c in zip((a, b), through, strict=True))
    return Split(float(totals[0]), float(totals[1]), began, share, amount, _reason(values, young))


def _parts(ratios: Floats, totals: Floats) -> Floats:
    """(3,) parts of the difference of the totals; when these are equal their logarithmic mean is the total itself."""
    if not (np.nan_to_num(ratios) > 0).all():
        return np.full(3, np.nan)
    whole = np.log(ratios).sum()
    mean = (totals[0] - totals[1]) / whole if abs(whole) > 1e-12 else totals[0]
    return np.asarray(np.log(ratios) * mean)


def _reason(values: Floats, young: bool) -> str:
    """The first factor that one of the sides lacks."""
    lacking = [not (np.nan_to_num(factor) > 0).all() for factor in values]
    names = ("none_began", "too_young" if young else "none_through", "no_amounts")
    return next((name for name, lacks in zip(names, lacking, strict=True) if lacks), "")


def _number_limits(a: Side, b: Side, conf: float) -> tuple[float, float]:
    found, _ = poisson_ratio(a.began, a.exposure, b.began, b.exposure, conf)
    return float(found.low), float(found.high)


def _share_limits(through: list[Conversion], z: float) -> tuple[float, float]:
    """Limits of the ratio of two shares, from the sum of the variances of their logarithms."""
    a, b = through
    variance = float(divide(a.se, a.conversion) ** 2 + divide(b.se, b.conversion) ** 2)
    ratio = float(divide(_share(a), _share(b)))
    reach = float(np.exp(z * np.sqrt(variance))) if variance > 0 else float("nan")
    return ratio / reach, ratio * reach


def _ratio_of_means(a: Floats, b: Floats, axis: int = -1) -> Floats:
    return divide(a.mean(axis=axis), b.mean(axis=axis))


def _bootstrap(
    samples: tuple[Floats, ...], statistic: Callable[..., Floats], conf: float, seed: int
) -> tuple[float, float]:
    """BCa limits; missing with fewer than two amounts on a side, or when nothing varies."""
    if min(len(s) for s in samples) < 2 or all(np.ptp(s) == 0 for s in samples):
        return float("nan"), float("nan")
    from scipy.stats import DegenerateDataWarning, bootstrap  # scipy.stats takes a second to import

    with warnings.catch_warnings(), np.errstate(invalid="ignore"):
        warnings.simplefilter("ignore", DegenerateDataWarning)  # its limits are NaN then, which says it all
        limits = bootstrap(
            samples,
            statistic,
            n_resamples=RESAMPLES,
            batch=BATCH,
            confidence_level=conf,
            method="BCa",
            rng=np.random.default_rng(seed),
        ).confidence_interval
    return float(limits.low), float(limits.high)
