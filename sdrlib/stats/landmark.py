"""Chance of an end within so many days, of what stands in a stage at an age: from those who stood there at that age.

No stage is chained to the next: whoever was slow so far is compared with others who were as slow. What is still open
counts for as long as it has been watched, and is not taken for lost. All of a comparison are looked at from one age:
looking at each from the last day that it stood in the stage would be looking from just before it moved on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sdrlib.stats.arrays import Bools, Floats, Ints, amounts
from sdrlib.stats.maturity import conversion_at

LEAST = 10
"""So many decided ones must have stood in the stage at an age; else the nearest age at which as many did is taken."""

PRIOR = 1.0
"""A chance counts as many trials at the chance of all as a prior, so that what has not been seen is not never."""


@dataclass(frozen=True)
class Stays:
    """Stays in stages, one entry per stay; ages are days since the beginning of the whole.

    Attributes:
        stage: (N,) which.
        since, until: (N,) ages at which it was entered and left; now, if it has not been.
        decided: (N,) age at which the whole was decided; now, if it is open.
        now: (N,) age now, whatever became of it.
        won, open: (N,) what became of it; neither is lost.
    """

    stage: Ints
    since: Floats
    until: Floats
    decided: Floats
    now: Floats
    won: Bools
    open: Bools

    @property
    def watched(self) -> Floats:
        """Age up to which a win would have been seen: lost ones keep their age, since they are watched and not won."""
        return np.where(self.won, self.decided, self.now)


def won_within(stays: Stays, stage: ArrayLike, age: ArrayLike, days: int) -> Floats:
    """Chance that what is in a stage, at that age, is won within so many days more.

    Args:
        stays: The past; see ``Stays``.
        stage: (J,) where each is.
        age: (J,) days since its beginning.
        days: Within how many.

    Returns:
        (J,) chances: survival estimates of those in that stage at that age (or at the nearest age at which ten that
            are decided were), drawn by one trial to the chance of all, which is drawn by one to an even one.

    Raises:
        ValueError: an age is missing or negative, or there is no past.

    Source: van Houwelingen, H. C. (2007), doi:10.1111/j.1467-9469.2006.00529.x (landmarking); Putter, H. & Spitoni, C.
        (2018), doi:10.1177/0962280216674497 (stages that remember); Kaplan & Meier (1958) within, as ``maturity``.

    Example:
        Three of four that were there at age 5 are lost, the other one is won ten days later; of all, one in four.

        >>> flat = np.zeros(4)
        >>> past = Stays(flat.astype(int), flat, flat + 15, flat + 15, flat + 90, np.arange(4) == 0, flat > 0)
        >>> won_within(past, [0], [5], 30).round(2)
        array([0.26])
    """
    ages, stages = amounts(age, "age", 1), np.asarray(stage, dtype=np.int64)
    if not len(stays.stage):
        raise ValueError("stays: there is no past")
    first = stays.since <= 0
    every = first if first.any() else np.ones(len(first), dtype=np.bool_)
    share = conversion_at(stays.watched[every], stays.won[every], max(days, 1)).conversion
    common = (every.sum() * share + PRIOR / 2) / (every.sum() + PRIOR)  # one deal that was won makes no certainty
    pairs = np.column_stack([stages, ages])
    kinds, place = np.unique(pairs, axis=0, return_inverse=True)
    found = [_chance(stays, int(s), float(a), days, common) for s, a in kinds]
    return np.asarray(found, dtype=np.float64)[place.reshape(-1)] if days > 0 else np.zeros(len(ages))


def won_curve(time: ArrayLike, event: ArrayLike, days: int) -> Floats:
    """Chance that what begins now is won within 0, 1, 2… days.

    Args:
        time: (N,) days until won if won; else the age now, of lost ones too.
        event: (N,) won or not.
        days: Up to when.

    Returns:
        (days + 1,) chances; beyond the oldest age what the oldest shows.

    Raises:
        ValueError: shapes differ, or a time is missing or negative.

    Source: Kaplan & Meier (1958), as ``maturity.conversion_at``.

    Example:
        >>> won_curve([1, 2, 3, 5], [True, False, True, False], 4)
        array([0.   , 0.25 , 0.25 , 0.625, 0.625])
    """
    return np.array([0.0, *(conversion_at(time, event, day).conversion for day in range(1, days + 1))])


def won_error(stays: Stays, stage: ArrayLike, age: ArrayLike, days: int, pace: float = 0.0) -> float:
    """Standard deviation of the expected number of wins, because the past that it is learned from is small.

    Every stay of the past is asked how much the sum would change without it; what it says of several ages is added up
    first, since neighbours share their past.

    Args:
        stays: The past; see ``Stays``.
        stage: (J,) where each open one is.
        age: (J,) days since its beginning.
        days: Within how many.
        pace: How many more begin a day.

    Returns:
        In wins; 0 where nothing of the past was watched for so long.

    Raises:
        ValueError: shapes differ.

    Source: Hampel, F. R. (1974), doi:10.1080/01621459.1974.10482962 (influence curve, squared and summed).

    Example:
        Four open ones with a chance of a half each, known from eight: 4 x sqrt(8 x 0.25) / (8 + 1).

        >>> flat = np.zeros(8)
        >>> past = Stays(flat.astype(int), flat, flat + 9, flat + 9, flat + 90, np.arange(8) < 4, flat > 0)
        >>> round(won_error(past, [0] * 4, [5] * 4, 30), 3)
        0.629
    """
    kinds, numbers = np.unique(np.column_stack([stage, age]), axis=0, return_counts=True)
    pull = np.zeros(len(stays.stage))
    for (s, a), number in zip(kinds, numbers, strict=True):
        there, at = _there(stays, int(s), float(a))
        own, told = _told(stays, there, at, days)
        pull[own] += number * (told - told.mean()) / (len(own) + PRIOR) if len(own) else 0.0
    own, _ = _told(stays, np.flatnonzero(stays.since <= 0), 0.0, days)
    left = np.where(stays.won[own], np.maximum(days - stays.watched[own], 0.0), 0.0)  # days on which it began in time
    pull[own] += pace * (left - left.mean()) / len(own) if len(own) else 0.0
    return float(np.sqrt((pull**2).sum()))


def _chance(stays: Stays, stage: int, age: float, days: int, common: float) -> float:
    """Of one stage and age."""
    there, at = _there(stays, stage, age)
    trials = float((~stays.open[there]).sum())
    if not trials:
        return common
    time = np.maximum(stays.watched[there] - at, 0.0)
    found = conversion_at(time, stays.won[there], days).conversion
    return float((trials * found + PRIOR * common) / (trials + PRIOR))


def _there(stays: Stays, stage: int, age: float) -> tuple[Ints, float]:
    """Who stood in a stage at an age, and that age: the nearest at which enough were there, or the most that ever."""
    own = np.flatnonzero(stays.stage == stage)
    since, until = stays.since[own], np.maximum(stays.until[own], stays.since[own] + 1)
    decided = ~stays.open[own]
    ages = np.unique(np.concatenate([[age], since, until - 1]))
    begun, ended = np.sort(since[decided]), np.sort(until[decided])
    number = np.searchsorted(begun, ages, "right") - np.searchsorted(ended, ages, "right")
    enough = ages[number >= min(LEAST, number.max())]
    at = float(enough[np.argmin(np.abs(enough - age))])
    return own[(since <= at) & (at < until)], at


def _told(stays: Stays, which: Ints, at: float, days: int) -> tuple[Ints, Floats]:
    """Those of whom it is known whether they were won within so many days from an age, and whether they were."""
    time = np.maximum(stays.watched[which] - at, 0.0)
    won = stays.won[which] & (time <= days)
    known = won | (time >= days)
    return which[known], won[known].astype(np.float64)
