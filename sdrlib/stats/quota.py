"""What chance alone does to attainment: the share that reaches a quota when all are alike."""

from __future__ import annotations

import math

from scipy.special import gammainc


def share_reaching(mean: float, quota: float) -> float:
    """The share of equal people whose events in a period reach a quota.

    Args:
        mean: Events expected of each in the period, not negative.
        quota: Events asked for, above 0; what is not whole is rounded up, since events are whole.

    Returns:
        P(Poisson(mean) >= quota). For one quota per event expected, it falls with the length of the period when the
        quota is above the mean, and rises when it is below: that is why months, quarters and years show different
        attainment of the same people.

    Raises:
        ValueError: the mean is missing or negative, or the quota not above 0.

    Source: the Poisson tail as regularised gamma function: Johnson, N. L., Kemp, A. W. & Kotz, S. (2005), Univariate
        Discrete Distributions, 3rd ed., eq. 4.89, doi:10.1002/0471715816.

    Example:
        At least one of a mean of one: 1 - 1/e.

        >>> round(share_reaching(1.0, 0.4), 4)
        0.6321
    """
    if not (math.isfinite(mean) and mean >= 0 and quota > 0 and math.isfinite(quota)):
        raise ValueError(f"mean {mean} and quota {quota}: the mean must not be negative, the quota above 0")
    return float(gammainc(math.ceil(quota), mean)) if mean > 0 else 0.0
