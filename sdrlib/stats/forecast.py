"""How many by a certain day? What is settled, what is pending and what is still to begin, as one distribution.

Everything is exact up to a grid of the unknown share: a count's distribution is the inverse Fourier transform of its
characteristic function, and those of independent parts multiply. Nothing is simulated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import betaincinv

from sdrlib.stats.arrays import Floats, amounts, divide
from sdrlib.stats.posterior import LEAST_PRIOR_TRIALS
from sdrlib.stats.shrinkage import Belief

Complexes: TypeAlias = NDArray[np.complex128]

NODES = (np.arange(40) + 0.5) / 40
"""Levels of the unknown share at which its equally likely fortieths are represented."""

SURE = 1e-4
"""A share known better than this is taken as known."""

TAIL = 12.0
"""The grid ends so many standard deviations above the mean: beyond is less than the grid's own rounding."""

MOST_PACE = 10.0
"""A pace that would have to be more than so many times today's is no answer."""


@dataclass(frozen=True)
class Pending:
    """A count of which a part is settled.

    Attributes:
        settled: Events that happened.
        chances: (J,) chance of each kind of pending item, in units of the share; cut so that no product exceeds 1.
        numbers: (J,) how many items there are of each kind.
        share: The share that all items, pending and to come, have in common; a beta distribution with these moments.
        coming: Items still expected to begin in time, before the share.
        spread: Relative standard deviation of ``coming``, since the pace is not known; a gamma distribution.
        excess: By how much the variance of the items to come exceeds a Poisson's, over their mean; 0 for Poisson.
    """

    settled: int
    chances: ArrayLike
    numbers: ArrayLike
    share: Belief
    coming: float
    spread: float = 0.0
    excess: float = 0.0


def in_time(lags: ArrayLike, days: int, last: int) -> Floats:
    """Chance that what begins on each of the coming days ends by the last one.

    Args:
        lags: (L,) probabilities that it takes 0, 1, 2… days; they may sum to less than 1.
        days: On how many days, from the first on, something may begin.
        last: Days from the first to the last one, both counted.

    Returns:
        (min(days, last),) chances, in the order of the days.

    Raises:
        ValueError: a probability is missing or negative, or they sum to more than 1.

    Source: the expected number of completed items of a queue with a given service time; Eick, S. G., Massey, W. A. &
        Whitt, W. (1993), doi:10.1287/opre.41.4.731, theorem 1.

    Example:
        One day or two, three days left: the first is early enough, the third too late.

        >>> in_time([0, 0.5, 0.5], 3, 3)
        array([1. , 0.5, 0. ])
    """
    ended = ended_by(lags)
    left = last - 1 - np.arange(min(max(days, 0), max(last, 0)))
    return np.asarray(ended[np.minimum(left, len(ended) - 1)], dtype=np.float64)


def ended_by(lags: ArrayLike) -> Floats:
    """Chance that it took at most 0, 1, 2… days.

    Args:
        lags: (L,) probabilities of each number of days.

    Returns:
        (max(L, 1),) their running sum.

    Raises:
        ValueError: a probability is missing or negative, or they sum to more than 1.

    Source: the definition.

    Example:
        >>> ended_by([0.25, 0.75])
        array([0.25, 1.  ])
    """
    each = amounts(lags, "lags", 1)
    if each.sum() > 1 + 1e-9:
        raise ValueError("lags: probabilities sum to more than 1")
    return np.cumsum(each) if len(each) else np.zeros(1)


def distribution(pending: Pending) -> Floats:
    """The distribution of the number of events in the end.

    Items pending come true independently, each with its chance times the share; items to come are negative binomial.
    Both are mixed over the share's beta distribution, so what makes one part good makes the other good too.

    Args:
        pending: See ``Pending``.

    Returns:
        (K,) probabilities of 0, 1, 2… events; they sum to 1.

    Raises:
        ValueError: a number is missing or negative, or shapes differ.

    Source: Hong, Y. (2013), doi:10.1016/j.csda.2012.10.006 (sums of unlike trials by Fourier transform); Johnson, N.
        L., Kemp, A. W. & Kotz, S. (2005), Univariate Discrete Distributions, 3rd ed., sec. 5.1 (negative binomial as a
        gamma mixture) and 6.2.2 (beta-binomial); Gelman, A. et al. (2013), Bayesian Data Analysis, 3rd ed., sec. 2.4
        and 2.6 (prediction from a posterior).

    Example:
        One event happened, two more have an even chance each.

        >>> distribution(Pending(1, [1.0], [2], Belief(0.5), coming=0)).round(4)[:4]
        array([0.  , 0.25, 0.5 , 0.25])
    """
    size = _size(pending, _items(pending)[1], pending.coming)
    turn = turns(size)
    return _settle(pending, to_come(pending, shares_of(pending.share), turn) * _known(pending, turn), size)


def quantile(probabilities: ArrayLike, level: float) -> int:
    """The least number that is not exceeded with that probability.

    Args:
        probabilities: (K,) of 0, 1, 2…
        level: Between 0 and 1.

    Returns:
        A whole number; the interval from the 10 % to the 90 % one holds at least 80 %.

    Raises:
        ValueError: a probability is missing or negative.

    Source: Hyndman, R. J. & Fan, Y. (1996), doi:10.2307/2684934, definition 1.

    Example:
        >>> quantile([0.25, 0.5, 0.25], 0.5)
        1
    """
    total = np.cumsum(amounts(probabilities, "probabilities", 1))
    return int(min(np.searchsorted(total, level * total[-1] - 1e-12), len(total) - 1))


def chance_of(probabilities: ArrayLike, goal: float) -> float:
    """The probability of at least that many.

    Args:
        probabilities: (K,) of 0, 1, 2…
        goal: A number, not necessarily whole.

    Returns:
        Between 0 and 1.

    Raises:
        ValueError: a probability is missing or negative.

    Source: the definition.

    Example:
        >>> chance_of([0.25, 0.5, 0.25], 1.5)
        0.25
    """
    each = amounts(probabilities, "probabilities", 1)
    least = max(int(np.ceil(goal - 1e-9)), 0)
    return float(min(each[least:].sum(), 1.0))


def pace_for(pending: Pending, goal: float, chance: float) -> float:
    """How many times today's pace makes a goal as likely as that.

    Args:
        pending: See ``Pending``; its ``coming`` is what today's pace brings.
        goal: A number of events, not necessarily whole.
        chance: Between 0 and 1.

    Returns:
        A factor; 0 when no more is needed, NaN when it would be more than ten, or when nothing can come in time.

    Raises:
        ValueError: a number is missing or negative, or shapes differ.

    Source: the root of the distribution's upper tail in the pace, which it rises with.

    Example:
        Ten are expected, at exactly known pace: for an even chance of ten or more 9.67 have to be.

        >>> round(pace_for(Pending(0, [], [], Belief(1.0), coming=10), 10, 0.5), 3)
        0.967
    """
    size = _size(pending, _items(pending)[1], MOST_PACE * pending.coming)
    turn = turns(size)
    known, shares = _known(pending, turn), shares_of(pending.share)

    def short(factor: float) -> float:
        faster = _faster(pending, factor)
        return chance_of(_settle(pending, to_come(faster, shares, turn) * known, size), goal) - chance

    if short(0.0) >= 0:
        return 0.0
    if short(MOST_PACE) < 0:
        return float("nan")
    return float(brentq(short, 0.0, MOST_PACE, xtol=1e-4))


def _faster(pending: Pending, factor: float) -> Pending:
    """As many times today's pace; what makes good weeks good then adds as many times more."""
    return replace(pending, coming=factor * pending.coming, excess=factor * pending.excess)


def _items(pending: Pending) -> tuple[Floats, Floats]:
    """Chances and numbers, once they are known to be such."""
    chances, numbers = amounts(pending.chances, "chances", 1), amounts(pending.numbers, "numbers", 1)
    if chances.shape != numbers.shape:
        raise ValueError("chances and numbers: one number for each chance")
    amounts(
        [pending.settled, pending.share.mean, pending.share.sd, pending.coming, pending.spread, pending.excess],
        "settled, share, coming, spread and excess",
    )
    return chances, numbers


def _size(pending: Pending, numbers: Floats, coming: float) -> int:
    """A power of two that holds all that may come true."""
    deviation = np.sqrt(coming * (1 + pending.excess * max(coming / max(pending.coming, 1e-12), 1)))
    most = numbers.sum() + coming + TAIL * (deviation + coming * pending.spread) + TAIL
    return 1 << int(np.ceil(np.log2(most + 2)))


def turns(size: int) -> Complexes:
    """(size / 2 + 1,) points of the unit circle at which a real characteristic function is wanted."""
    turns: Complexes = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    return turns


def shares_of(share: Belief) -> Floats:
    """(40,) equally likely values of the share, or the one that is known."""
    mean = min(max(share.mean, 1e-9), 1 - 1e-9)
    if share.sd < SURE:
        return np.array([min(share.mean, 1.0)])
    weight = max(mean * (1 - mean) / share.sd**2 - 1, LEAST_PRIOR_TRIALS)
    return np.asarray(betaincinv(mean * weight, (1 - mean) * weight, NODES))


def _known(pending: Pending, turn: Complexes) -> Complexes:
    """(nodes, turns) characteristic function of what is pending: a product over its items."""
    chances, numbers = _items(pending)
    each = np.minimum(shares_of(pending.share)[:, None] * chances, 1.0)
    product = np.ones((len(each), len(turn)), dtype=np.complex128)
    for chance, number in zip(each.T, numbers, strict=True):
        product *= (1 + chance[:, None] * (turn - 1)) ** number
    return product


def to_come(pending: Pending, shares: Floats, turn: Complexes) -> Complexes:
    """(nodes, turns) characteristic function of what is to come: negative binomial, Poisson where nothing varies.

    A part of the items shows its part of their excess: thinned by s, an excess e becomes e s.
    """
    mean = shares * pending.coming
    over = shares * pending.excess + mean * pending.spread**2
    step = 1 - turn
    poisson = -mean[:, None] * step
    shape = divide(mean, over)
    mixed = -shape[:, None] * np.log1p(over[:, None] * step)
    found: Complexes = np.exp(np.where(over[:, None] > 1e-9, mixed, poisson))
    return found


def _settle(pending: Pending, characteristic: Complexes, size: int) -> Floats:
    """(settled + size,) probabilities from the characteristic function, averaged over the share."""
    each = np.clip(np.fft.irfft(characteristic.mean(axis=0), size), 0, None)
    return np.concatenate([np.zeros(int(pending.settled)), each / each.sum()])
