"""Deals as a forecast of orders needs them: how long each stayed where, what became of it, and the days that count.

Ids and instants stay behind; nobody's name comes along.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import ibis
import pandas as pd

from sdrlib.counts.deals import day_of, instant, least
from sdrlib.records import DEAL_DAYS, PURSUED, Window

DAY = 86_400.0


def pursued(deals: Any, steps: Sequence[str], window: Window) -> pd.DataFrame:
    """The columns of ``PURSUED``: every stay of a deal in a step, doubles left out.

    A deal that was decided nobody knows when is taken to have been so half-way between entering its step and as-of.

    Args:
        deals: What ``deals`` gave.
        steps: Deal steps that the data records.
        window: As-of.
    """
    rows = deals.filter(~deals.duplicate)
    times = [rows.began if step == "discover" else rows[f"at_{step}"] for step in steps]
    stays = [_stay(rows, n, steps, times, window) for n in range(len(steps))]
    told = reduce(lambda a, b: a.union(b), stays)
    told = told.mutate(amount=(told.end == "open").ifelse(told.amount, ibis.null("float64")))
    found = told.group_by(["step", "end", "days", "amount"]).aggregate(number=told.count()).execute()
    tidy: pd.DataFrame = found.astype({"number": int, "days": float, "amount": float})[list(PURSUED)]
    return tidy.sort_values(list(PURSUED), ignore_index=True)


def _stay(rows: Any, number: int, steps: Sequence[str], times: Sequence[Any], window: Window) -> Any:
    """Of one step: entered before any later one; it ends with the next one entered, or with the deal."""
    entered, later = times[number], times[number + 1 :]
    now = instant(window)
    moved = least([*later, rows.at_won])
    onward = [(times[m] == moved, steps[m]) for m in range(len(steps) - 1, number, -1)]
    over = rows.won | rows.lost
    end = ibis.cases(
        ((rows.at_won == moved).fill_null(False), "won"), *((c.fill_null(False), s) for c, s in onward),
        (rows.won, "won"), (rows.lost, "lost"), else_="open",
    )  # fmt: skip
    age = _days(entered, now)
    spent = _days(entered, ibis.coalesce(moved, rows.at_lost))
    kept = entered.notnull() & (entered <= now) & (moved.isnull() | (entered <= moved))
    days = ibis.coalesce(spent, over.ifelse((age / 2).floor(), age))
    return rows.filter(kept.fill_null(False)).select(step=ibis.literal(steps[number]), end=end, days=days,
                                                     amount="amount")  # fmt: skip


def _days(start: Any, end: Any) -> Any:
    return ibis.greatest(((end.epoch_seconds() - start.epoch_seconds()) / DAY).floor(), 0.0).cast("float64")


def deal_days(deals: Any, window: Window) -> pd.DataFrame:
    """The columns of ``DEAL_DAYS``: local days on which deals began or were won, the latter with their amounts."""
    rows = deals.filter(~deals.duplicate)
    parts = [
        rows.select(kind=ibis.literal("began"), at="began", amount=ibis.null("float64")),
        rows.select(kind=ibis.literal("won"), at="at_won", amount="amount"),
    ]
    both = ibis.union(*parts)
    both = both.filter(both["at"].notnull(), both["at"] <= instant(window)).mutate(day=day_of(both["at"], window))
    found = both.group_by(["kind", "day", "amount"]).aggregate(number=both.count()).execute()
    found = found.assign(day=pd.to_datetime(found["day"]).dt.date)
    tidy: pd.DataFrame = found.astype({"number": int, "amount": float})[list(DEAL_DAYS)]
    return tidy.sort_values(list(DEAL_DAYS), ignore_index=True)
