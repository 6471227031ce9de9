"""Coached first or later by lot: the one comparison that may say effect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from sdrlib.knowledge import read
from sdrlib.questions.conversion import SAME, compare_measure
from sdrlib.records import Counts, LotEffect
from sdrlib.stats.effect import lot_effect

LEAST_A_SIDE = 2
SURE = 0.05
"""Largest share of the ways the lot could have fallen, for a claim."""


def lot_effects(counts: Counts) -> tuple[LotEffect, ...]:
    """What each lot shows, while the first wave was coached and the later one was not.

    Everybody counts on the side the lot gave them, coached or not: who skips the coaching is not like the others.
    Rates are relative to what is expected on the same lists, with half an event added, so that none is 0.

    Args:
        counts: The whole team; ``lots`` as ``contract.toml`` has them.

    Returns:
        One record per lot, in the order of the catalogue and of the days; lots drawn after their start are none.
    """
    known = [m for m in read("measures") if m not in counts.missing]
    return tuple(sorted(_results(counts), key=lambda r: (known.index(r.measure), r.starts_on, r.later_on)))


def _results(counts: Counts) -> Iterator[LotEffect]:
    if counts.lots.empty:
        return
    dates = {c: pd.to_datetime(counts.lots[c], errors="coerce") for c in ("starts_on", "drawn_on")}
    lots = counts.lots.assign(**dates).dropna(subset=["rep_id", "measure", "wave", "starts_on", "drawn_on"])
    lots = lots[lots["rep_id"].isin(counts.reps["rep_id"])].drop_duplicates(["rep_id", "measure"])
    for (measure, drawn_on, _), drawn in lots.groupby(["measure", "drawn_on", "seed"], dropna=False):
        starts = drawn.groupby("wave")["starts_on"].min()
        drawn = drawn[drawn["starts_on"] == drawn["wave"].map(starts)]  # another day is another lot
        measured = measure in read("measures") and measure not in counts.missing
        if measured and {"first", "later"} <= set(starts.index) and drawn_on <= starts["first"] < starts["later"]:
            yield _result(str(measure), drawn, (starts["first"].date(), starts["later"].date()), counts)


def _result(measure: str, drawn: pd.DataFrame, starts: tuple[date, date], counts: Counts) -> LotEffect:
    first, later = (pd.Timestamp(day - timedelta(days=day.weekday())) for day in starts)
    weeks = pd.to_datetime(counts.cells["week"])
    between = (weeks > first) & (weeks < later)
    before, after = (_ratios(measure, counts, rows) for rows in (weeks < first, between))
    known = drawn[drawn["rep_id"].isin(before.dropna().index) & drawn["rep_id"].isin(after.dropna().index)]
    sent = (known["wave"] == "first").to_numpy()
    about = (measure, *starts, int(weeks[between & (counts.cells["measure"] == measure)].nunique()))
    sides = int(sent.sum()), int((~sent).sum())
    if pd.Timestamp(counts.window.end) < later - timedelta(days=1):  # an early look would be one look too many
        return LotEffect(*about, *sides, "too_early", None, None, None, None)
    if min(sides) < LEAST_A_SIDE:
        return LotEffect(*about, *sides, "cannot_tell", None, None, None, None)
    found = lot_effect(before[known["rep_id"]], after[known["rep_id"]], sent)
    sure = found.p_permutation <= SURE
    answer = "better" if sure and found.low > 0 else "worse" if sure and found.high < 0 else "cannot_tell"
    shown: Any = (_known(x) for x in (found.effect, found.low, found.high, found.p_permutation))
    return LotEffect(*about, *sides, answer, *shown)  # type: ignore[arg-type]


def _ratios(measure: str, counts: Counts, weeks: pd.Series[bool]) -> pd.Series[float]:
    """Rep -> ratio to colleagues on the same lists in some weeks; missing where there is none."""
    reps = list(counts.reps["rep_id"])
    cells = counts.cells[weeks & (counts.cells["measure"] == measure)]
    found = compare_measure(replace(counts, cells=cells), reps, measure, read("measures")[measure]["kind"], SAME)
    ratio = (found.compared_successes + 0.5) / (found.typical * found.expected + 0.5)
    return pd.Series(np.where(found.separable & (found.compared_trials > 0), ratio, np.nan), index=reps)


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
