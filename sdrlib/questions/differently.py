"""What do those who are above on a rate do differently? People are compared, not their thousands of activities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sdrlib.errors import UsageError
from sdrlib.knowledge import read
from sdrlib.records import Counts, Difference, Differently, Evidence
from sdrlib.stats.standardised import LEAST_A, LEAST_B, Standardised, contrast

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIX = ("channel", "hour", "weekday", "persona", "segment")
"""Lists are not among them: they are handed out, not chosen."""
HABITS = ("attempts", "follow_up")
SETTLED = frozenset({"below", "watch", "as_expected"})
LEAST_SHARE = 0.01
"""A level that takes less of the average person's activity than this is not asked about: the family stays small."""


def differently(evidence: Evidence) -> Differently:
    """Set the mix and habits of those above on a rate beside those of everybody else with a settled verdict.

    The unit is the person: each weighs the same, whatever their volume. All measures, shares and habits form one
    family, and only what holds within it "differs". New hires and others with too little data are on neither side.

    Args:
        evidence: The whole team, not cut to some reps.

    Raises:
        UsageError: the evidence is cut to some reps.

    Returns:
        Differences of every coached rate on which at least two are above and three others are settled.
    """
    if {f.rep_id for f in evidence.findings} != set(evidence.counts.reps["rep_id"]):
        raise UsageError("What top performers do differently asks for the whole team: leave out --rep.")
    catalogue, said = read("measures"), evidence.facts.settings
    rates = [m for m, d in catalogue.items() if d["kind"] == "rate" and d["coached"] and m in evidence.team_rates]
    sides = {m: _sides(evidence, m) for m in rates}
    values = _values(evidence.counts)
    asked = [m for m, (tops, others) in sides.items() if len(tops) >= LEAST_A and len(others) >= LEAST_B]
    return Differently(
        differences=tuple(_differences(values, {m: sides[m] for m in asked}, float(said.get("fdr", 0.1)))),
        tops={m: len(tops) for m, (tops, _) in sides.items()},
        others={m: len(others) for m, (_, others) in sides.items()},
        least=int(said.get("min_colleagues", 5)),
    )


def _sides(evidence: Evidence, measure: str) -> tuple[list[str], list[str]]:
    """Who is above, and who is settled and is not."""
    found = {f.rep_id: f.verdict for f in evidence.findings if f.measure == measure}
    return [r for r, v in found.items() if v == "above"], [r for r, v in found.items() if v in SETTLED]


def _values(counts: Counts) -> pd.DataFrame:
    """Rep x (dimension, level): shares of the own activity, and means of the habits; NaN where a rep has none."""
    mix = counts.mix[counts.mix["dimension"].isin(MIX)]
    wide = mix.pivot_table(index="rep_id", columns=["dimension", "level"], values="activities", aggfunc="sum")
    whole = mix[mix["dimension"] == "channel"].groupby("rep_id")["activities"].sum()
    shares = wide.fillna(0.0).div(whole, axis=0)
    shares = shares.loc[:, shares.mean() >= LEAST_SHARE]
    habits = counts.habits.assign(level="", value=counts.habits["total"] / counts.habits["n"])
    means = habits.pivot_table(index="rep_id", columns=["habit", "level"], values="value")
    return pd.concat([shares, means], axis=1).reindex(counts.reps["rep_id"])


def _differences(values: pd.DataFrame, sides: dict[str, tuple[list[str], list[str]]], level: float) -> list[Difference]:
    """Every measure's differences, judged as one family: a column per measure and quantity."""
    if not sides:
        return []
    blank = np.full(values.shape, np.nan)
    blocks = [[np.where(values.index.isin(side)[:, None], values, blank) for side in pair] for pair in sides.values()]
    a, b = (np.hstack([block[i] for block in blocks]) for i in (0, 1))
    columns = [(m, str(told[0]), str(told[1])) for m in sides for told in values.columns]
    scales = ["mean" if dimension in HABITS else "share" for _, dimension, _ in columns]
    found = contrast(a, b, scales, level)
    return [_one(column, found, k) for k, column in enumerate(columns)]


def _one(about: tuple[str, str, str], found: Standardised, k: int) -> Difference:
    measure, dimension, level = about
    tops, others = (int(n) for n in found.units[:, k])
    few = tops < LEAST_A or others < LEAST_B
    untold = np.isnan(found.p[k])
    return Difference(
        measure=measure,
        dimension=dimension,
        level=level,
        tops=tops,
        others=others,
        top=_known(found.a, k),
        other=_known(found.b, k),
        difference=_known(found.difference, k),
        low=_known(found.low, k),
        high=_known(found.high, k),
        p=_known(found.p, k),
        adjusted=_known(found.adjusted, k),
        differs=bool(found.differs[k]),
        reason="too_few" if few else "no_spread" if untold else "",
    )


def _known(values: NDArray[np.float64], k: int) -> float | None:
    return float(values[k]) if np.isfinite(values[k]) else None
