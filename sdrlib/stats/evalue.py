"""Evidence that stays honest however often one looks."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammainc, gammaincc, gammaln

from sdrlib.stats.arrays import Floats

LARGEST_LOG = 690.0
"""An e-value above exp(690) is given as exp(690), so that it stays a number."""


def ratio_evalues(
    observed: ArrayLike, expected: ArrayLike, *, cv: float = 0.25, center_low: float = 0.75, center_high: float = 1.3
) -> tuple[Floats, Floats]:
    """How many times better "does less" (and "does more") explains the events than "does as expected".

    Mixes Poisson likelihood ratios over a gamma prior on the ratio, cut to below 1 (above 1). Under a ratio of 1 (or
    beyond, on the other side) the chance that the value ever exceeds x, at any of any number of looks, is at most 1 /
    x. That is so while data are only added. In a window that moves along, each look has this bound for itself. Report
    the value of the present data: the largest of several looks is no e-value, and must enter neither a mean nor
    ``e_bh``.

    Args:
        observed: Events, any shape; scaled to Poisson if they are not (``O / s``).
        expected: Events expected at ratio 1, same shape, scaled alike.
        cv: Spread of the prior ratio, standard deviation over mean.
        center_low: Mean of the prior ratio on the low side.
        center_high: Mean on the high side.

    Returns:
        Two arrays, low side and high side; NaN where an input is missing.

    Source: Robbins, H. (1970), doi:10.1214/aoms/1177696786 (mixture); Ville (1939) for the bound; Grünwald, de Heide &
        Koolen (2024), doi:10.1093/jrsssb/qkae011. Closed form:
        b^a / G(a) * G(a + O) / (b + E)^(a + O) * exp(E) * P(Gamma(a + O, b + E) < 1) / P(Gamma(a, b) < 1).

    Example:
        Without data the evidence is 1: nothing has been learnt.

        >>> [float(e) for e in ratio_evalues(0, 0)]
        [1.0, 1.0]
    """
    o, e = np.broadcast_arrays(np.asarray(observed, float), np.asarray(expected, float))
    a = 1 / cv**2
    return _mixture(o, e, a, a / center_low, below=True), _mixture(o, e, a, a / center_high, below=False)


def _mixture(o: Floats, e: Floats, a: float, b: float, *, below: bool) -> Floats:
    """The closed form above, in logarithms."""
    mass = gammainc if below else gammaincc
    with np.errstate(divide="ignore"):
        log_e = (
            a * np.log(b) - gammaln(a) + gammaln(a + o) - (a + o) * np.log(b + e) + e
            + np.log(mass(a + o, b + e)) - np.log(mass(a, b))
        )  # fmt: skip
    return np.asarray(np.exp(np.minimum(log_e, LARGEST_LOG)))
