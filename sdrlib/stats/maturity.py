"""Outcomes that take their time: what share converts by a fixed age, when many are younger than that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from sdrlib.stats.arrays import amounts, divide


@dataclass(frozen=True, slots=True)
class Conversion:
    """Share converted by a horizon.

    Attributes:
        conversion: One minus the survival at the horizon; NaN without data. When not ``mature``, what the oldest ages
            show.
        se: Greenwood's standard error; NaN when all converted, or without data.
        low: Lower limit (log–log); NaN when none or all converted: use ``clopper_pearson`` on those old enough.
        high: Upper limit; NaN alike.
        at_risk: Number known up to the horizon, neither converted before nor younger.
        naive: Share converted so far, whatever the age: too low while many are young. NaN without data.
        mature: Somebody is as old as the horizon.
    """

    conversion: float
    se: float
    low: float
    high: float
    at_risk: int
    naive: float
    mature: bool


def conversion_at(time: ArrayLike, event: ArrayLike, horizon: float, conf: float = 0.95) -> Conversion:
    """Share converted by a horizon, the young ones counted for as long as they have been watched.

    Args:
        time: (N,) lag from start to conversion if converted; else the age now, any unit. Rejected ones too keep their
            age, never the lag to the rejection: they can no longer convert, and leaving them out makes 40 % read 93 %.
        event: (N,) converted or not.
        horizon: Age at which the share is read, same unit.
        conf: Confidence, between 0 and 1.

    Returns:
        See ``Conversion``.

    Raises:
        ValueError: shapes differ, or a time is missing or negative.

    Source: Kaplan, E. L. & Meier, P. (1958), doi:10.1080/01621459.1958.10501452; limits: Kalbfleisch & Prentice (2002),
        sec. 1.4, doi:10.1002/9781118032985 (log–log), as R ``survival``.

    Example:
        One of four converts at 1; of the three left one is too young to tell, one of the other two converts at 3.

        >>> conversion_at([1, 2, 3, 5], [True, False, True, False], 4).conversion
        0.625
    """
    t, happened = amounts(time, "time", 1), np.asarray(event, dtype=np.bool_)
    if t.shape != happened.shape:
        raise ValueError(f"time has shape {t.shape}, event {happened.shape}")
    moments, converted = np.unique(t[happened & (t <= horizon)], return_counts=True)
    watched = (t[:, None] >= moments).sum(axis=0)
    survival = float(np.prod(1 - converted / watched)) if len(t) else float("nan")
    spread = float(np.sqrt(divide(converted, watched * (watched - converted)).sum()))
    log_survival = np.log(survival if 0 < survival < 1 else np.nan)
    reach = np.exp(ndtri(0.5 + conf / 2) * spread / -log_survival)
    at_risk = int((t >= horizon).sum())
    return Conversion(
        conversion=1 - survival,
        se=survival * spread,
        low=1 - float(np.exp(log_survival / reach)),
        high=1 - float(np.exp(log_survival * reach)),
        at_risk=at_risk,
        naive=float(divide(converted.sum(), len(t))),
        mature=at_risk > 0,
    )
