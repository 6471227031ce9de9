"""What may enter a formula: finite, non-negative numbers of the promised shape."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]

Kind: TypeAlias = Literal["rate", "count"]
"""``rate``: successes out of trials (binomial). ``count``: events over an exposure (Poisson)."""


def amounts(values: ArrayLike, name: str, dimensions: int | None = None) -> Floats:
    """The values as floats, once they are known to be amounts.

    Args:
        values: Numbers, any shape.
        name: What they are, for the message.
        dimensions: How many axes they must have; None takes any.

    Returns:
        A float array of the same shape.

    Raises:
        ValueError: a value is missing, infinite or negative, or the number of axes is wrong.

    Example:
        >>> amounts([1, 2], "trials")
        array([1., 2.])
    """
    array = np.asarray(values, dtype=np.float64)
    if not np.isfinite(array).all() or (array < 0).any():
        raise ValueError(f"{name}: every value must be finite and not negative")
    if dimensions is not None and array.ndim != dimensions:
        raise ValueError(f"{name}: {dimensions} axes expected, {array.ndim} given")
    return array


def paired_amounts(
    trials: ArrayLike, successes: ArrayLike, kind: Kind, dimensions: int | None = None
) -> tuple[Floats, Floats]:
    """Trials and successes that belong together, cell by cell.

    Args:
        trials: Trials, or exposure when ``kind`` is ``count``.
        successes: Successes, or events; same shape.
        kind: ``rate`` forbids more successes than trials.
        dimensions: How many axes both must have; None takes any.

    Returns:
        Both as float arrays.

    Raises:
        ValueError: shapes differ, a value is missing or negative, or successes exceed trials.

    Example:
        >>> paired_amounts([[4.0]], [[1.0]], "rate", 2)[1]
        array([[1.]])
    """
    n, o = amounts(trials, "trials", dimensions), amounts(successes, "successes", dimensions)
    if n.shape != o.shape:
        raise ValueError(f"trials have shape {n.shape}, successes {o.shape}")
    if kind == "rate" and (o > n).any():
        raise ValueError("more successes than trials in a cell")
    return n, o


def divide(numerator: ArrayLike, denominator: ArrayLike) -> Floats:
    """A quotient that is missing, not an error and not infinite, where the denominator is 0.

    Args:
        numerator: Any shape.
        denominator: Any shape that fits.

    Returns:
        The quotient; NaN where the denominator is 0 or something is missing.

    Example:
        >>> divide([1.0, 1.0], [4.0, 0.0])
        array([0.25,  nan])
    """
    top, bottom = np.broadcast_arrays(np.asarray(numerator, float), np.asarray(denominator, float))
    return np.asarray(np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom != 0))
