"""How long a meeting waits for its acceptance: by the calendar, as who accepts has other days off, and by weekday."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

DRAWN = 10.0
"""The waits of one weekday are drawn to those of all by so many acceptances."""
MONDAY = np.datetime64("1970-01-05", "D")

Numbers = NDArray[np.float64]
Days = NDArray[np.datetime64]


def learn_waits(due: Days, accepted: Days, number: Numbers) -> Numbers:
    """Chance that a meeting of a weekday is accepted 0, 1, 2… calendar days later, if it is.

    Args:
        due, accepted: (N,) days; the second is missing while nothing is accepted.
        number: (N,) how many.

    Returns:
        (7, L), Monday first; no columns when none is dated.
    """
    told = ~np.isnat(accepted)
    days = np.maximum((accepted - due)[told].astype(np.int64), 0)
    if not len(days):
        return np.zeros((7, 0))
    found = np.zeros((7, int(days.max()) + 1))
    np.add.at(found, (_weekday(due[told]), days), number[told])
    every = found.sum(axis=0) / found.sum()
    return np.asarray((found + DRAWN * every) / (found.sum(axis=1, keepdims=True) + DRAWN))


def decided(waits: Numbers, due: Days, end: date) -> Numbers:
    """Chance that meetings of those days are accepted by the end, if they ever are; 0 before their day."""
    ended = np.cumsum(waits, axis=1)
    left = (np.datetime64(end) - due).astype(np.int64)
    if not ended.shape[1]:
        return np.zeros(len(due))
    return np.asarray(np.where(left >= 0, ended[_weekday(due), np.clip(left, 0, ended.shape[1] - 1)], 0.0))


def booked_and_decided(waits: Numbers, lags: Numbers, days: Days, end: date) -> Numbers:
    """Of each of the coming working days, the chance that what is booked on it is due and accepted by the end.

    Args:
        waits: See ``learn_waits``.
        lags: Chance that a meeting is due 0, 1, 2… working days after its booking.
        days: Working days up to the end.
        end: The last day that counts.
    """
    by_end = decided(waits, days, end)
    found = [by_end[n : n + len(lags)] @ lags[: len(days) - n] for n in range(len(days))]
    return np.array(found, dtype=np.float64)


def _weekday(days: Days) -> NDArray[np.int64]:
    return np.asarray((days - MONDAY).astype(np.int64) % 7)
