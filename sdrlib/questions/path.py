"""Where does the sales path leak, and where does it take its time? Named only where it is established."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sdrlib.knowledge import read
from sdrlib.records import Extreme, Passage, PathCut, SalesCounts, SalesPath, Standing
from sdrlib.records.sales_path import Unit
from sdrlib.settings import Settings
from sdrlib.stats.arrays import Bools, Floats
from sdrlib.stats.extreme import Largest, adjusted_rate, largest
from sdrlib.stats.factors import share_through
from sdrlib.stats.survival import median_time, restricted_mean

LATEST = 0.90
"""The horizon is the age by which this share of those that moved on had done so."""
ALPHA = 0.05
DIMENSIONS = ("channel", "persona", "segment", "campaign", "month")
MARKS: Mapping[str, Unit] = {"deal": "deal", "mql": "lead", "sql": "lead", "lead": "lead"}
STATES = (("moved", "undated"), ("lost",), ("open",))
COMPARED: tuple[Unit, ...] = ("lead", "deal")


class _Ages(NamedTuple):
    """Time and event of every entry: until it moved on, and until it left."""

    until_moved: Floats
    moved: Bools
    until_left: Floats
    left: Bools


def sales_path(found: SalesCounts, targets: pd.DataFrame, settings: Settings) -> SalesPath:
    """Every step with its counts, its share, what it loses, and how long it takes.

    Args:
        found: The counts.
        targets: The table of targets: a measure ``path_`` and a step asks for a share of it.
        settings: ``path_days`` fixes horizons; else each is the 90th percentile of the lags seen so far.
    """
    rows = found.passages[found.passages["dimension"] == ""]
    horizons = {str(s): _horizon(str(s), part, settings) for s, part in rows.groupby("step")}
    mine = {str(s): part for s, part in rows[rows["period"] == "this"].groupby("step")}
    money, units = bool(found.currency), _units()
    steps = tuple(
        _passage(s, units[s], mine.get(s, rows.iloc[:0]), horizons.get(s), money=money, target=_target(s, targets))
        for s in found.recorded
    )
    every = {str(s): part for s, part in rows.groupby("step")}
    marks = tuple(_passage(m, unit, every[m], horizons.get(m), money=money) for m, unit in MARKS.items() if m in every)
    return SalesPath(
        steps=steps,
        marks=tuple(m for m in marks if m.entered),
        cuts=tuple(_cuts(found, horizons)),
        extremes=tuple(_extremes(found.recorded, mine, horizons)),
        oddities=tuple((str(k), int(n)) for k, n in zip(found.oddities["kind"], found.oddities["number"], strict=True)),
        standing=tuple(_standing(found)),
        unrecorded=tuple(s for s in read("path")["steps"] if s not in found.recorded),
        absent=found.absent,
        currency=found.currency,
        currencies=found.currencies,
        **_reach(found.campaigns),
    )


def _units() -> dict[str, Unit]:
    return {name: step["unit"] for name, step in read("path")["steps"].items()}


def _horizon(step: str, rows: pd.DataFrame, settings: Settings) -> float | None:
    if step in settings.path_days:
        return float(settings.path_days[step])
    moved = rows[rows["status"] == "moved"]
    if moved.empty:
        return None
    lags = np.repeat(moved["days"].to_numpy(float), moved["number"].to_numpy(int))
    return float(np.quantile(lags, LATEST, method="inverted_cdf"))


def _ages(rows: pd.DataFrame) -> _Ages:
    """Who skipped the step, or was won nobody knows when, says nothing of time. Lost ones keep their age."""
    timed = rows[rows["status"].isin(["moved", "lost", "open"])]
    lost = (timed["status"] == "lost").to_numpy()
    days = pd.to_numeric(timed["days"]).to_numpy(float)
    age = np.where(lost, pd.to_numeric(timed["age"]).to_numpy(float), days)
    number = timed["number"].to_numpy(int)
    moved = (timed["status"] == "moved").to_numpy()
    known = np.isfinite(days)
    return _Ages(
        np.repeat(age, number), np.repeat(moved, number),
        np.repeat(days[known], number[known]), np.repeat((moved | lost)[known], number[known]),
    )  # fmt: skip


def _passage(
    step: str, unit: Unit, rows: pd.DataFrame, horizon: float | None, *, money: bool, target: float | None = None
) -> Passage:
    number = rows.groupby("status")["number"].sum()
    ages = _ages(rows)
    through = share_through(ages.until_moved, ages.moved, horizon) if horizon is not None else None
    middle = median_time(ages.until_left, ages.left)
    entered = rows[rows["status"] != "skipped"]
    worth = money and unit != "lead"

    def value(status: str) -> float | None:
        return float(rows.loc[rows["status"] == status, "value"].sum()) if worth else None

    return Passage(
        step=step,
        unit=unit,
        entered=int(entered["number"].sum()),
        moved=int(number.get("moved", 0) + number.get("undated", 0)),
        lost=int(number.get("lost", 0)),
        still=int(number.get("open", 0)),
        skipped=int(number.get("skipped", 0)),
        rate=_known(through[0].value) if through else None,
        low=_known(through[0].low) if through else None,
        high=_known(through[0].high) if through else None,
        horizon=horizon,
        at_risk=through[1].at_risk if through else 0,
        value=float(entered["value"].sum()) if worth else None,
        lost_value=value("lost"),
        still_value=value("open"),
        valued=int(entered["valued"].sum()) if worth else 0,
        days=_known(middle.value),
        days_low=_known(middle.low),
        days_high=_known(middle.high),
        target=target,
    )


def _target(step: str, targets: pd.DataFrame) -> float | None:
    """The newest target of the whole company or team for the share of a step; 60 is read as 60 %."""
    asked = targets[(targets["measure"] == f"path_{step}") & (targets["scope"] != "rep")]
    if asked.empty:
        return None
    value = float(asked.sort_values("starts_on")["value"].iloc[-1])
    return value / 100 if value > 1 else value


def _cuts(found: SalesCounts, horizons: Mapping[str, float | None]) -> Iterator[PathCut]:
    """Levels of each dimension that has more than one; only what is recorded, in the order of the path."""
    rows = found.passages
    for dimension in DIMENSIONS:
        own = rows[(rows["dimension"] == dimension) & rows["step"].isin(found.recorded)]
        if own["level"].nunique() < 2:
            continue
        order = {step: n for n, step in enumerate(found.recorded)}
        parts = (((str(level), str(step)), part) for (level, step), part in own.groupby(["level", "step"]))
        groups = sorted(parts, key=lambda g: (g[0][0], order[g[0][1]]))
        for (level, step), part in groups:
            yield _cut(dimension, level, step, part, horizons.get(step), money=bool(found.currency))


def _cut(dimension: str, level: str, step: str, rows: pd.DataFrame, horizon: float | None, *, money: bool) -> PathCut:
    number = rows.groupby("status")["number"].sum()
    ages = _ages(rows.assign(days=rows["days"].fillna(rows["age"])))
    share = share_through(ages.until_moved, ages.moved, horizon)[0] if horizon is not None else None
    moved, lost, still = (sum(int(number.get(s, 0)) for s in states) for states in STATES)
    worth = money and _units()[step] != "lead"
    return PathCut(
        dimension, level, step, moved + lost + still, moved, lost, still,
        rate=_known(share.value) if share else None,
        low=_known(share.low) if share else None,
        high=_known(share.high) if share else None,
        lost_value=float(rows.loc[rows["status"] == "lost", "value"].sum()) if worth else None,
    )  # fmt: skip


# ---- the leakiest and the slowest -------------------------------------------------------------------


def _extremes(
    recorded: Iterable[str], mine: Mapping[str, pd.DataFrame], horizons: Mapping[str, float | None]
) -> Iterator[Extreme]:
    """Only steps of one unit are compared: people are not deals. What ends the path is no step."""
    units = _units()
    for unit in COMPARED:
        steps = [s for s in recorded if units[s] == unit and s in mine]
        ages = {s: _ages(mine[s]) for s in steps}
        yield _named("leakiest", unit, steps, _leakiest([ages[s] for s in steps], [horizons.get(s) for s in steps]))
        yield _named("slowest", unit, steps, _slowest([ages[s] for s in steps]))


def _leakiest(ages: list[_Ages], horizons: list[float | None]) -> Largest:
    found = []
    for age, horizon in zip(ages, horizons, strict=True):
        if horizon is None:  # nobody moved on: nothing is known of when one could
            found.append((np.nan, np.nan))
            continue
        share, curve = share_through(age.until_moved, age.moved, horizon)
        watched = curve.at_risk + float((age.moved & (age.until_moved < horizon)).sum())
        rate, se = adjusted_rate(share.value, curve.se, watched)
        found.append((1 - float(rate), float(se)))
    return largest([f[0] for f in found], [f[1] for f in found])


def _slowest(ages: list[_Ages]) -> Largest:
    """Mean days up to the longest time that all steps have been watched."""
    longest = [float(a.until_left.max()) for a in ages if len(a.until_left)]
    moment = min(longest, default=0.0)
    if moment <= 0 or len(longest) < len(ages):
        return Largest(-1, float("nan"))
    means = [restricted_mean(a.until_left, a.left, moment) for a in ages]
    return largest([m.value for m in means], [m.se for m in means])


def _named(kind: str, unit: Unit, steps: list[str], found: Largest) -> Extreme:
    candidate = steps[found.index] if found.index >= 0 else ""
    named = candidate if found.established(ALPHA) else ""
    return Extreme(kind, unit, named, candidate, _known(found.p), len(steps))  # type: ignore[arg-type]


# ---- the rest ---------------------------------------------------------------------------------------


def _standing(found: SalesCounts) -> Iterator[Standing]:
    order = [*read("path")["steps"], "unknown"]
    rows = {str(r.step): r for r in found.standing.itertuples(index=False)}
    for step in order:
        if step in rows:
            yield Standing(step, int(str(rows[step].number)), float(str(rows[step].value)))


def _reach(campaigns: pd.DataFrame) -> dict[str, Any]:
    known = campaigns[pd.to_numeric(campaigns["reach"]).notna()] if len(campaigns) else campaigns
    if known.empty:
        return {}
    responses = pd.to_numeric(known["responses"])
    return {
        "reach": float(known["reach"].sum()),
        "responses": float(responses.sum()) if responses.notna().all() else None,
        "campaign_leads": int(known["leads"].sum()),
    }


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
