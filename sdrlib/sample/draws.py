"""Draws that several parts of the invented team share: categories by their shares, and short ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from sdrlib.sample.cast import Ints

DAY = 86_400
HOUR = 3_600
NEVER = np.iinfo(np.int64).max  # the time of what did not happen
_DIGITS = np.frombuffer(b"0123456789abcdefghijklmnopqrstuvwxyz", dtype=np.uint8)


def pick(rng: np.random.Generator, shares: Iterable[float], count: int) -> Ints:
    """Indices into ``shares``, drawn in those proportions."""
    edges = np.cumsum(np.fromiter(shares, dtype=np.float64))
    return np.searchsorted(edges[:-1] / edges[-1], rng.random(count), side="right").astype(np.int64)


def pick_code(rng: np.random.Generator, shares: Mapping[str, float], names: list[str], count: int) -> Ints:
    """Indices into ``names``, drawn in the proportions of ``shares``."""
    return np.array([names.index(name) for name in shares])[pick(rng, shares.values(), count)]


def short_ids(prefix: str, count: int) -> npt.NDArray[np.str_]:
    """``prefix`` and a counter in base 36, all of one width: short, and in order when sorted as text."""
    width = 1
    while 36**width < count + 1:
        width += 1
    out = np.empty((count, width + 1), dtype=np.uint8)
    out[:, 0] = ord(prefix)
    rest = np.arange(1, count + 1)
    for column in range(width, 0, -1):
        rest, digit = np.divmod(rest, 36)
        out[:, column] = _DIGITS[digit]
    return out.view(f"S{width + 1}").ravel().astype(f"U{width + 1}")


def to_monday(time: Ints) -> Ints:
    """Times on a weekend move to the same hour of the Monday after it."""
    weekday = (time // DAY + 3) % 7  # 1970-01-01 was a Thursday
    return np.where(weekday >= 5, time + (7 - weekday) * DAY, time)


def to_friday(time: Ints) -> Ints:
    """Times on a weekend move to the same hour of the Friday before it."""
    weekday = (time // DAY + 3) % 7
    return np.where(weekday >= 5, time - (weekday - 4) * DAY, time)
