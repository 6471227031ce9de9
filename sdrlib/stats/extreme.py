"""Which of several is the largest, when it may be said at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from sdrlib.stats.arrays import Floats, divide


@dataclass(frozen=True, slots=True)
class Largest:
    """The one with the largest estimate.

    Attributes:
        index: Its place; -1 with fewer than two known estimates, or when two are the largest together.
        p: p that it is not larger than all others, adjusted for having been picked out of all of them; NaN when there
            is no such one.
    """

    index: int
    p: float

    def established(self, alpha: float = 0.05) -> bool:
        """Whether it may be named."""
        return bool(self.p <= alpha)


def largest(estimate: ArrayLike, se: ArrayLike) -> Largest:
    """Is the largest of several estimates larger than every other one?

    One-sided z-tests of the candidate against each of the others; the largest of their p must be small
    (intersection–union), times the number that could have been picked (Bonferroni). If two or more share the largest
    true value, one of them is named in at most ``alpha`` of cases; the others may have any value.

    Args:
        estimate: (K,) estimates; NaN is left out of the family.
        se: (K,) their standard errors; estimates are independent or positively correlated. NaN alike.

    Returns:
        See ``Largest``.

    Raises:
        ValueError: shapes differ.

    Source: Berger, R. L. (1982), doi:10.1080/00401706.1982.10487790 (intersection–union); selection: Gutmann, S. &
        Maymin, Z. (1987), doi:10.1214/aos/1176350611, here with Bonferroni's bound.

    Example:
        4 against 1 and 0, each with standard error 1: z = 3 / sqrt(2), times three.

        >>> found = largest([1, 4, 0], [1, 1, 1])
        >>> found.index, round(found.p, 4), found.established()
        (1, 0.0508, False)
    """
    value, error = np.asarray(estimate, dtype=np.float64), np.asarray(se, dtype=np.float64)
    if value.shape != error.shape:
        raise ValueError(f"estimates have shape {value.shape}, standard errors {error.shape}")
    known = np.flatnonzero(np.isfinite(value) & np.isfinite(error))
    if len(known) < 2:
        return Largest(-1, float("nan"))
    first = int(known[np.argmax(value[known])])
    others = known[known != first]
    if (value[others] == value[first]).any():
        return Largest(-1, float("nan"))
    z = divide(value[first] - value[others], np.sqrt(error[first] ** 2 + error[others] ** 2))
    return Largest(first, min(1.0, len(known) * float(np.nan_to_num(ndtr(-z)).max())))


def adjusted_rate(rate: ArrayLike, se: ArrayLike, watched: ArrayLike) -> tuple[Floats, Floats]:
    """A survival rate and its standard error with one success and one failure more: fit for z-tests of few.

    Args:
        rate: Any shape; a share between 0 and 1.
        se: Greenwood's standard error; 0 or NaN where none or all are through.
        watched: How many are behind the rate where ``se`` says nothing.

    Returns:
        Rate and standard error; NaN without anybody.

    Source: Agresti, A. & Caffo, B. (2000), doi:10.1080/00031305.2000.10474560, on the effective number of trials
        ``rate (1 - rate) / se²``.

    Example:
        None of 8: 1 of 10, with sqrt(0.1 x 0.9 / 10).

        >>> rate, se = adjusted_rate(0.0, 0.0, 8)
        >>> float(rate), round(float(se), 4)
        (0.1, 0.0949)
    """
    p, spread, n = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (rate, se, watched)))
    trials = np.where((p > 0) & (p < 1) & (np.nan_to_num(spread) > 0), divide(p * (1 - p), spread**2), n)
    trials = np.where(trials > 0, trials, np.nan)
    moved = (p * trials + 1) / (trials + 2)
    return moved, np.sqrt(moved * (1 - moved) / (trials + 2))
