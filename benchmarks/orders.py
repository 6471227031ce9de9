"""Is the forecast of orders as sure as it says, and is it better than a simple one?

``python -m benchmarks.orders [--teams N] [--seed N] [--out FILE]`` does for orders and revenue what
``benchmarks.forecast`` does for meetings: invented teams, eight days of each, seen with what was known on that day. A
full run writes ``benchmarks/orders.md``; a smaller one prints it. It ends with 1 when a required line is missed by more
than two Monte-Carlo errors.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from scipy.stats import poisson

from benchmarks import forecast as sister
from benchmarks.forecast import BINS, LEVELS, ZONE, asked_for, before, coverage, histogram, judged, rivals, spread
from sdrlib.counts.deals import deals, recorded
from sdrlib.counts.pursued import deal_days, pursued
from sdrlib.counts.rows import kept
from sdrlib.questions.orders import ORDERS, Basis, Shape, foresee, learn
from sdrlib.records import SalesCounts, Window
from sdrlib.sample import make_team
from sdrlib.stats.compound import compound
from sdrlib.stats.forecast import distribution

REPORT = Path(__file__).with_name("orders.md")
WEEKS = 52
FULL = 24
"""So many teams make a run full."""
LEAST_WON = 1
"""With fewer deals won until then nothing is forecast."""


class Past(NamedTuple):
    """A day of the past as the data shows it, and everything that was won in the end."""

    found: SalesCounts
    ended: pd.DataFrame


def seen(tables: dict[str, pd.DataFrame], origin: date) -> SalesCounts:
    """The counts of that day; nothing dated later is read."""
    at = datetime.combine(origin, time(18), ZoneInfo(ZONE)).astimezone(UTC)
    window = Window("all", origin, origin, at, ZONE)
    found = sister.frames(tables, tables["activities"][["rep_id", "at"]].head(1), tables["meetings"].head(1))
    found["stage_changes"] = sister.table(tables["stage_changes"])
    sold = kept(deals(found, window, {}))
    steps = tuple(recorded(sold, has_changes=True))
    return SalesCounts(
        pursued=pursued(sold, steps, window),
        deal_days=deal_days(sold, window),
        recorded=steps,
        first_day=tables["opportunities"]["accepted_at"].min().date(),
        currency="EUR",
        currencies=("EUR",),
    )


def judge(seed: int) -> Iterator[dict[str, Any]]:
    """Every forecast of one team on every origin, beside what happened and what the rivals said."""
    tables = make_team(reps=sister.REPS, weeks=WEEKS, seed=seed, end=sister.END).tables
    ended = won(tables["opportunities"])
    for origin in sister.ORIGINS:
        found = seen(tables, origin)
        if (found.pursued["end"] == "won").sum() < LEAST_WON:
            continue
        basis = learn(found, date.fromordinal(origin.toordinal() + 1))
        for outlook, shape in foresee(basis, origin, date.fromordinal(origin.toordinal() + 1)):
            what = "number" if outlook.measure == ORDERS else "amount"
            truth, last = (
                float(ended.loc[ended["day"].between(*period), what].sum())
                for period in ((outlook.start, outlook.end), before(outlook.horizon, outlook.start))
            )
            rival = outlook.so_far + rate(basis) * float(worth(basis, what).sum())
            about = {"team": seed, "who": "team", "measure": outlook.measure, "horizon": outlook.horizon}
            yield (
                about
                | {"covered": float(outlook.low <= truth <= outlook.high)}
                | scores(
                    shape, truth, (outlook.low, outlook.median, outlook.high), (last, rival), float(basis.sizes.mean())
                )
            )


def won(opportunities: pd.DataFrame) -> pd.DataFrame:
    """Day, number and amount of every order."""
    rows = opportunities[opportunities["status"] == "won"]
    return pd.DataFrame({"day": rows["closed_at"].dt.tz_convert(ZONE).dt.date, "number": 1.0, "amount": rows["amount"]})


def rate(basis: Basis) -> float:
    """Of the deals decided so far, the share won."""
    begun = basis.past.since <= 0
    return float(basis.past.won[begun].sum() / max((~basis.past.open[begun]).sum(), 1))


def worth(basis: Basis, what: str) -> Any:
    """What each open deal counts for."""
    size = float(basis.sizes.mean())
    return np.ones(len(basis.age)) if what == "number" else np.nan_to_num(basis.amount, nan=size)


def scores(
    shape: Shape, truth: float, said: tuple[int, int, int], simple: tuple[float, float], size: float
) -> dict[str, float]:
    """As ``benchmarks.forecast.scores``; amounts are scored in thousands, and a rival's spread is that of orders of
    one size.
    """
    pending, sums = shape
    if sums is None:
        return sister.scores(distribution(pending), int(truth), said, simple)
    money = compound(pending, sums)
    total = np.concatenate([[0.0], np.cumsum(money.probabilities), [1.0]])
    cell = int(np.clip(round((truth - money.start) / money.unit), 0, len(money.probabilities)))
    ends = (total[cell], total[min(cell + 1, len(total) - 1)])
    found = {f"pit{i}": spread(ends, i / BINS, (i + 1) / BINS) for i in range(BINS)}
    found |= {"fair": spread(ends, LEVELS[0], LEVELS[-1]), "error": abs(said[1] - truth) / 1e3}
    found["loss"] = sister.pinball(np.array(said) / 1e3, truth / 1e3)
    for name, point in zip(("last", "pipeline"), simple, strict=True):
        found[f"{name}_error"] = abs(point - truth) / 1e3
        found[f"{name}_loss"] = sister.pinball(poisson.ppf(LEVELS, point / size) * size / 1e3, truth / 1e3)
    return found


def page(lines: pd.DataFrame, teams: int, seed: int) -> str:
    """The tables in Markdown."""
    return "\n".join([
        "# The forecast of orders, seen from days of the past", "",
        f"`python -m benchmarks.orders --teams {teams} --seed {seed}`: {teams} invented teams of {sister.REPS}, eight",
        "days each, with the deals and stages that were known on that day. Revenue is in thousands.", "",
        *coverage(lines), "", *rivals(lines), "", *histogram(lines),
    ]) + "\n"  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Run it."""
    return judged(judge, page, REPORT, asked_for("benchmarks.orders", FULL, arguments), FULL)


if __name__ == "__main__":
    sys.exit(main())
