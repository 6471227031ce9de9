"""Deals as a forecast of orders needs them: how long each stayed where, what became of it, and the days that count.

Ids and instants stay behind; nobody's name comes along.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis
import pandas as pd

from sdrlib.counts.deals import day_of, least
from sdrlib.records import DEAL_DAYS, PURSUED, Window
from sdrlib.records.clock import moment, stacked

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
    stays = [_stay(rows, step, times[n:], least(times), window) for n, step in enumerate(steps)]
    told = stacked(stays)
    keys = [column for column in PURSUED if column != "number"]
    found = told.group_by(keys).aggregate(number=told.count()).execute()
    days = dict.fromkeys(("since", "until", "decided", "age", "amount"), float)
    tidy: pd.DataFrame = found.astype({"number": int, **days})[list(PURSUED)]
    return tidy.sort_values(list(PURSUED), ignore_index=True)


def _stay(rows: Any, step: str, times: Sequence[Any], start: Any, window: Window) -> Any:
    """In one step, entered before any later one; until the next one is entered, or the deal decided."""
    entered, now = times[0], moment(window.as_of)
    moved = least([*times[1:], rows.at_won])
    end = ibis.cases((rows.won, "won"), (rows.lost, "lost"), else_="open")
    age, since = _days(start, now), _days(start, entered)
    half = since + ((age - since) / 2).floor()
    over = ibis.coalesce(rows.at_won, rows.at_lost)
    decided = ibis.coalesce(_days(start, over), (end == "open").ifelse(age, half))
    kept = entered.notnull() & (entered <= now) & (moved.isnull() | (entered <= moved))
    last = moved.isnull() | (moved == rows.at_won)
    return rows.filter(kept.fill_null(False)).select(
        step=ibis.literal(step),
        since=since,
        until=last.fill_null(False).ifelse(decided, _days(start, moved)),
        decided=decided,
        age=age,
        end=end,
        here=last.fill_null(False) & (end == "open"),
        amount=(end == "open").ifelse(rows.amount, ibis.null("float64")),
    )


def _days(start: Any, end: Any) -> Any:
    """Whole days, missing where an end is: the greatest of nothing and 0 would be 0."""
    days = ibis.greatest(((end.epoch_seconds() - start.epoch_seconds()) / DAY).floor(), 0.0).cast("float64")
    return (start.notnull() & end.notnull()).ifelse(days, ibis.null("float64"))


def deal_days(deals: Any, window: Window) -> pd.DataFrame:
    """The columns of ``DEAL_DAYS``: local days on which deals began or were won, the latter with their amounts."""
    rows = deals.filter(~deals.duplicate)
    parts = [
        rows.select(kind=ibis.literal("began"), at="began", amount=ibis.null("float64")),
        rows.select(kind=ibis.literal("won"), at="at_won", amount="amount"),
    ]
    both = stacked(parts)
    both = both.filter(both["at"].notnull(), both["at"] <= moment(window.as_of)).mutate(day=day_of(both["at"], window))
    found = both.group_by(["kind", "day", "amount"]).aggregate(number=both.count()).execute()
    found = found.assign(day=pd.to_datetime(found["day"]).dt.date)
    tidy: pd.DataFrame = found.astype({"number": int, "amount": float})[list(DEAL_DAYS)]
    return tidy.sort_values(list(DEAL_DAYS), ignore_index=True)
