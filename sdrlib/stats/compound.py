"""How much by a certain day? The number of events, each with its amount, as one distribution of their sum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincinv

from sdrlib.stats.arrays import Floats, amounts
from sdrlib.stats.forecast import TAIL, Complexes, Pending, chance_of, shares_of, to_come, turns

CELLS = 4096
"""Steps of the grid of amounts; ranges move by less than a hundredth of their width with more."""

SCALES = (np.arange(5) + 0.5) / 5
"""Levels of the unknown mean amount at which its equally likely fifths are represented."""


@dataclass(frozen=True)
class Worth:
    """What the events of a ``Pending`` bring.

    Attributes:
        settled: Known amounts of what happened.
        unsized: How many events happened whose amount is unknown.
        each: (J,) amount of each kind of pending item; NaN where unknown.
        sizes: (W,) amounts seen, of which unknown ones will be like; at least one.
    """

    settled: float
    unsized: int
    each: ArrayLike
    sizes: ArrayLike


@dataclass(frozen=True)
class Sum:
    """A distribution on a grid: ``probabilities`` of ``start``, ``start + unit``, ``start + 2 unit``…"""

    start: float
    unit: float
    probabilities: Floats

    def quantile(self, level: float) -> float:
        """The least amount of the grid that is not exceeded with that probability."""
        total = np.cumsum(self.probabilities)
        cell = int(min(np.searchsorted(total, level * total[-1] - 1e-12), len(total) - 1))
        return self.start + cell * self.unit

    def chance(self, goal: float) -> float:
        """The probability of at least that much; what lies within one cell of the goal meets it."""
        return chance_of(self.probabilities, max((goal - self.start) / self.unit - 1, 0.0))


def compound(pending: Pending, worth: Worth) -> Sum:
    """The distribution of the sum of amounts in the end.

    Pending items bring their own amount, or one of those seen; what is to come one of those seen. How large these are
    on average is known from so few: their mean is mixed over a gamma distribution of its Bayesian bootstrap's variance.

    Args:
        pending: How many; see ``Pending``.
        worth: How much; see ``Worth``.

    Returns:
        See ``Sum``; exact up to its grid.

    Raises:
        ValueError: a number is negative, shapes differ, or no amount was seen.

    Source: Panjer, H. H. & Willmot, G. E. (1992), Insurance Risk Models, ch. 6 (compound distributions); Embrechts, P.
        & Frei, M. (2009), doi:10.1007/s00186-008-0249-2 (by Fourier transform on a grid); Rubin, D. B. (1981),
        doi:10.1214/aos/1176345338 (Bayesian bootstrap: the mean's variance is s² / (W + 1)).

    Example:
        One item of 100 with an even chance, on top of 50.

        >>> from sdrlib.stats.shrinkage import Belief
        >>> found = compound(Pending(1, [0.5], [1], Belief(1.0), coming=0), Worth(50, 0, [100], [80]))
        >>> round(found.chance(150), 3), found.quantile(0.4), round(found.quantile(0.9))
        (0.5, 50.0, 150)
    """
    sizes, each = amounts(worth.sizes, "sizes", 1), np.asarray(worth.each, dtype=np.float64)
    chances, numbers = amounts(pending.chances, "chances", 1), amounts(pending.numbers, "numbers", 1)
    if not len(sizes):
        raise ValueError("sizes: at least one amount")
    if not each.shape == chances.shape == numbers.shape:
        raise ValueError("each: one amount for each chance")
    known = amounts(np.nan_to_num(each, nan=0.0), "each", 1)
    deviation = _relative_deviation(sizes)
    filled = np.where(np.isnan(each), sizes.mean(), known)
    unit = max(_top(pending, worth.unsized, sizes, filled, deviation) / CELLS, 1e-9)
    turn, shares = turns(CELLS), shares_of(pending.share)
    own = ~np.isnan(each)
    certain = _items(shares, chances[own], numbers[own], [_at(amount / unit, turn) for amount in known[own]], turn)
    mixed = np.zeros(len(turn), dtype=np.complex128)
    scales = _scales(deviation)
    for scale in scales:
        mark = _mixture(sizes * scale / unit, turn)
        unknown = _items(shares, chances[~own], numbers[~own], [mark] * int((~own).sum()), turn)
        mixed += (certain * unknown * to_come(pending, shares, mark)).mean(axis=0) * mark**worth.unsized
    found = np.clip(np.fft.irfft(mixed / len(scales), CELLS), 0, None)
    return Sum(worth.settled, unit, np.asarray(found / found.sum()))


def _items(shares: Floats, chances: Floats, numbers: Floats, marks: list[Complexes], turn: Complexes) -> Complexes:
    """(nodes, turns) characteristic function of pending items, each with the mark of its amount."""
    product = np.ones((len(shares), len(turn)), dtype=np.complex128)
    for chance, number, mark in zip(chances, numbers, marks, strict=True):
        one = 1 + np.minimum(shares * chance, 1.0)[:, None] * (mark - 1)
        product *= one if number == 1 else one**number  # a complex power takes ten times as long
    return product


def _at(cell: float, turn: Complexes) -> Complexes:
    """Of one amount between two cells: shared by them, so that its mean is right."""
    low = np.floor(cell)
    angle = np.arange(len(turn)) * (-2j * np.pi / CELLS)
    found: Complexes = np.exp(angle * low) * (1 + (cell - low) * (turn - 1))
    return found


def _mixture(cells: Floats, turn: Complexes) -> Complexes:
    """Of an amount that is any of these, equally likely."""
    low = np.floor(cells).astype(int)
    part = cells - low
    grid = np.bincount(low % CELLS, 1 - part, CELLS) + np.bincount((low + 1) % CELLS, part, CELLS)
    found: Complexes = np.fft.rfft(grid / len(cells))[: len(turn)]
    return found


def _relative_deviation(sizes: Floats) -> float:
    """Of the mean amount; a single amount is taken to vary as much as it is large."""
    mean = sizes.mean()
    if not mean:
        return 0.0
    return float((sizes.std(ddof=1) / mean if len(sizes) > 1 else 1.0) / np.sqrt(len(sizes) + 1))


def _scales(deviation: float) -> Floats:
    if deviation < 1e-3:
        return np.ones(1)
    shape = 1 / deviation**2
    found = gammaincinv(shape, SCALES)
    return np.asarray(found / found.mean())


def _top(pending: Pending, unsized: int, sizes: Floats, each: Floats, deviation: float) -> float:
    """Where the grid ends, counted from what is settled: beyond the largest sum that may happen."""
    share, mean = pending.share, float(sizes.mean())
    chances, numbers = np.asarray(pending.chances, float), np.asarray(pending.numbers, float)
    items, coming = numbers * np.minimum(chances * share.mean, 1.0), share.mean * pending.coming
    total = float(items @ each) + (coming + unsized) * mean
    own = float(items @ each**2) + (coming + unsized) * float((sizes**2).mean()) * (1 + pending.excess)
    alike = (share.sd / max(share.mean, 1e-9)) ** 2 + pending.spread**2 + deviation**2
    largest = max(float(sizes.max()), float(each.max(initial=0.0)))
    return total + TAIL * float(np.sqrt(own + alike * total**2)) + largest
