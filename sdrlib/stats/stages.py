"""Chances of an end when what is under way passes stages, and most of it has not ended yet.

A stage is left to be won, to be lost, or for a later stage, each at a rate that depends on how long the stage has
lasted. What is still there counts for the days it has been watched, and is not taken for lost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sdrlib.stats.arrays import Floats, Ints, amounts

OPEN, LOST, WON = -1, -2, -3
"""How a stay ended, if not by a later stage."""

PER_BAND, MOST_BANDS = 10, 6
"""A band of ages has so many stays that ended in it, and there are no more bands than that."""

PRIOR = 1.0
"""A rate counts as many events as a prior: a band's is drawn to its stage's, a stage's to that of all stages."""

HALF_A_DAY = 0.5
"""Days are counted whole: on average half a day more has passed."""


@dataclass(frozen=True)
class Stays:
    """Stays in stages, alike ones once.

    Attributes:
        stage: (N,) from 0.
        days: (N,) whole days it lasted, so far if it is open.
        end: (N,) ``OPEN``, ``LOST``, ``WON``, or the later stage.
        number: (N,) how many.
    """

    stage: Ints
    days: Floats
    end: Ints
    number: Floats


@dataclass(frozen=True)
class Rates:
    """Events a day, by stage and band of days since it was entered.

    Attributes:
        starts: Of each stage, the days at which its bands begin; the last one has no end.
        won, lost, moved: Of each stage, the rate in each band.
        to: (S, S) of those that move on from a stage, the share that enters each later one.
    """

    starts: tuple[Floats, ...]
    won: tuple[Floats, ...]
    lost: tuple[Floats, ...]
    moved: tuple[Floats, ...]
    to: Floats


def rates_of(stays: Stays, stages: int) -> Rates:
    """Rates at which each stage is left, by age: events over days watched.

    Args:
        stays: See ``Stays``.
        stages: How many stages there are.

    Returns:
        See ``Rates``; a gamma posterior's mean with a prior of one event at the rate of the whole.

    Raises:
        ValueError: a number or a length is missing or negative, shapes differ, or nothing was watched.

    Source: Aalen, O. O., Borgan, Ø. & Gjessing, H. K. (2008), doi:10.1007/978-0-387-68560-1, sec. 5.1
        (occurrence/exposure rates, piecewise constant); Gelman, A. et al. (2013), Bayesian Data Analysis, 3rd ed.,
        sec. 2.6 (gamma posterior of a rate).

    Example:
        Two won and two lost within ten days each: one in ten days of either.

        >>> one = Stays(np.zeros(2, int), np.array([4.5, 4.5]), np.array([WON, LOST]), np.array([2.0, 2.0]))
        >>> rates_of(one, 1).won[0].round(3)
        array([0.1])
    """
    days, number = amounts(stays.days, "days", 1) + HALF_A_DAY, amounts(stays.number, "number", 1)
    if not days.shape == number.shape == stays.stage.shape == stays.end.shape:
        raise ValueError("stage, days, end and number: one of each for every stay")
    if not number.sum():
        raise ValueError("stays: nothing was watched")
    kinds = [stays.end == WON, stays.end == LOST, stays.end >= 0]
    exposure = (days * number).sum()
    overall = [max(number[kind].sum(), PRIOR / 2) / exposure for kind in kinds]
    starts, found = [], []
    for stage in range(stages):
        own = stays.stage == stage
        begin = _bands(days[own], number[own], stays.end[own] != OPEN)
        last = stage == stages - 1
        each = [_rate(days[own], number[own], k[own], begin, r) for k, r in zip(kinds, overall, strict=True)]
        starts.append(begin)
        found.append((each[0], each[1], np.zeros(len(begin)) if last else each[2]))
    won, lost, moved = (tuple(part) for part in zip(*found, strict=True))
    return Rates(tuple(starts), won, lost, moved, _destinations(stays, number, stages))


def won_curve(rates: Rates, days: int) -> Floats:
    """Chance that what enters the first stage now is won within 0, 1, 2… days.

    Args:
        rates: See ``Rates``.
        days: Up to when.

    Returns:
        (days + 1,) chances.

    Source: Aalen, Borgan & Gjessing (2008), sec. 3.4 (transition probabilities of a multi-state model), on a grid of
        days; a stage forgets how long the ones before it took.

    Example:
        Half of what is left is won every day.

        >>> half = np.array([np.log(2)])
        >>> won_curve(Rates((np.zeros(1),), (half,), (half * 0,), (half * 0,), np.zeros((1, 1))), 2).round(2)
        array([0.  , 0.5 , 0.75])
    """
    return np.asarray(_fresh(rates, days)[0])


def won_within(rates: Rates, stage: ArrayLike, age: ArrayLike, days: int) -> Floats:
    """Chance that what is in a stage, and has been for so long, is won within so many days more.

    Args:
        rates: See ``Rates``.
        stage: (J,) where each is.
        age: (J,) days since it entered it.
        days: Within how many.

    Returns:
        (J,) chances.

    Raises:
        ValueError: an age is missing or negative.

    Source: As ``won_curve``, conditional on still being there.

    Example:
        >>> half = np.array([np.log(2)])
        >>> won_within(Rates((np.zeros(1),), (half,), (half,), (half * 0,), np.zeros((1, 1))), [0], [9], 1).round(3)
        array([0.375])
    """
    fresh = _fresh(rates, days)
    ages = amounts(age, "age", 1)
    found = [_then(rates, fresh, int(s), float(a))[-1] for s, a in zip(np.asarray(stage), ages, strict=True)]
    return np.asarray(found, dtype=np.float64)


def _fresh(rates: Rates, days: int) -> Floats:
    """(S, days + 1) chance to be won within so many days of entering each stage; the last stage first."""
    fresh = np.zeros((len(rates.starts), days + 1))
    for stage in reversed(range(len(rates.starts))):
        fresh[stage] = _then(rates, fresh, stage, 0.0)
    return fresh


def _then(rates: Rates, fresh: Floats, stage: int, age: float) -> Floats:
    """(days + 1,) chance to be won within 0, 1, 2… days: at once, or by way of a later stage."""
    days = fresh.shape[1] - 1
    band = np.searchsorted(rates.starts[stage], age + np.arange(days) + HALF_A_DAY, side="right") - 1
    won, lost, moved = (kind[stage][band] for kind in (rates.won, rates.lost, rates.moved))
    total = np.maximum(won + lost + moved, 1e-300)
    left = np.exp(-np.concatenate([[0.0], np.cumsum(total)[:-1]]))[:days] * -np.expm1(-total)
    later = rates.to[stage] @ fresh
    middle = (later[1:] + later[:-1]) / 2  # who moves on within a day has half of it left
    through = np.convolve(left * moved / total, middle)[:days] if days else np.zeros(0)
    return np.concatenate([[0.0], np.cumsum(left * won / total) + through])


def _bands(days: Floats, number: Floats, ended: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
    """Days at which bands begin, as many stays ending in each."""
    each = np.sort(np.repeat(days[ended], number[ended].astype(int)))
    count = int(np.clip(len(each) // PER_BAND, 1, MOST_BANDS))
    inner = [each[len(each) * i // count] for i in range(1, count)]
    return np.unique(np.array([0.0, *inner]))


def _rate(days: Floats, number: Floats, event: np.ndarray[tuple[int], np.dtype[np.bool_]], begin: Floats,
          overall: float) -> Floats:  # fmt: skip
    """(B,) rate of one kind of event in each band."""
    width = np.diff(np.append(begin, np.inf))
    watched = (np.clip(days[:, None] - begin, 0, width) * number[:, None]).sum(axis=0)
    band = np.searchsorted(begin, days[event], side="right") - 1
    events = np.bincount(band, number[event], len(begin))
    stage = (events.sum() + PRIOR) / (watched.sum() + PRIOR / overall)
    return np.asarray((events + PRIOR) / (watched + PRIOR / stage))


def _destinations(stays: Stays, number: Floats, stages: int) -> Floats:
    """(S, S) shares; the next stage where none has moved on yet."""
    to = np.zeros((stages, stages))
    on = stays.end >= 0
    np.add.at(to, (stays.stage[on], stays.end[on]), number[on])
    for stage in range(stages - 1):
        to[stage, stage + 1] += 0.0 if to[stage].sum() else 1.0
    total = to.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(to, total, out=np.zeros_like(to), where=total > 0))
