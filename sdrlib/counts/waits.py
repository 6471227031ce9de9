"""Outcomes that take months: how old each open one is, how long each won one took and what it brought.

Survival asks for single ages and a bootstrap for single amounts; ids and dates stay behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import ibis
import pandas as pd

from sdrlib.counts.rows import LARGEST
from sdrlib.records import WAITS, Window
from sdrlib.records.clock import local_time, moment

DAY = 86_400.0
PROSPECTS_TOUCHED = "activities"


def waits(frames: Mapping[str, Any], window: Window) -> pd.DataFrame:
    """One record per measure, rep, period, status, age and amount, with how many there are.

    ``sao_to_won`` begins with the acceptance; where the data names no acceptance at all it is ``opportunity_to_won``
    and begins with the creation. ``sql_to_customer`` begins with the day a prospect that the team touched became an
    SQL. ``period`` is that of the beginning: the window, as many days before it, earlier, or later. Everything is as
    seen at as-of: what closed after it is open.

    Args:
        frames: Canonical tables, activities and reps cut to the team.
        window: The period.

    Returns:
        The columns of ``WAITS``. ``days`` is the lag of what was won, else the age, in days. A won one without a
        closing date is ``undated``: won, but nobody knows when. Amounts are those of won ones.
    """
    parts = [part for part in (_opportunities(frames, window), _leads(frames, window)) if part is not None]
    found = [_counted(part, window) for part in parts]
    if not any(len(frame) for frame in found):
        return pd.DataFrame(columns=list(WAITS))
    whole: pd.DataFrame = pd.concat(found, ignore_index=True)[list(WAITS)]
    return whole.sort_values(list(WAITS), ignore_index=True)


def _opportunities(frames: Mapping[str, Any], window: Window) -> Any:
    """measure, rep_id, began, ended, status, amount, currency of the team's opportunities."""
    if "opportunities" not in frames:
        return None
    rows = frames["opportunities"].semi_join(frames["reps"], "rep_id")
    accepts = bool(rows.accepted_at.notnull().any().fill_null(False).execute())
    rows = rows.mutate(began=rows.accepted_at if accepts else rows.created_at)
    closed = rows.closed_at <= moment(window.as_of)
    won = rows.status == "won"
    status = ibis.cases(
        (won & rows.closed_at.isnull(), "undated"), (closed.fill_null(False), rows.status), else_="open"
    )
    return rows.mutate(status=status).select(
        "rep_id",
        "began",
        "status",
        "amount",
        "currency",
        measure=ibis.literal("sao_to_won" if accepts else "opportunity_to_won"),
        ended=rows.closed_at,
    )


def _leads(frames: Mapping[str, Any], window: Window) -> Any:
    """The same of prospects that became SQLs and that the team touched; nobody's in particular."""
    if "prospects" not in frames:
        return None
    rows = frames["prospects"].semi_join(frames[PROSPECTS_TOUCHED], "prospect_id")
    bought = (rows.customer_at <= moment(window.as_of)).fill_null(False)
    return rows.select(
        rep_id=ibis.literal(""),
        began="sql_at",
        status=bought.ifelse("won", "open"),
        amount=ibis.null("float64"),
        currency=ibis.null("string"),
        measure=ibis.literal("sql_to_customer"),
        ended="customer_at",
    )


def _counted(rows: Any, window: Window) -> pd.DataFrame:
    known = rows.filter(rows.began.notnull(), rows.began <= moment(window.as_of))
    won = known.status == "won"
    end = won.ifelse(known.ended, moment(window.as_of))
    days = ((end.epoch_seconds() - known.began.epoch_seconds()) / DAY).floor()
    bought = known.status.isin(["won", "undated"])
    placed = known.mutate(
        period=_period(local_time(window.time_zone, known.began).date(), window),
        days=ibis.greatest(days, 0.0).cast("float64"),
        amount=(bought & known.amount.between(0, LARGEST)).ifelse(known.amount, ibis.null("float64")),
        currency=bought.ifelse(known.currency, ibis.null("string")),
    )
    keys = [column for column in WAITS if column != "number"]
    counted: pd.DataFrame = placed.group_by(keys).aggregate(number=placed.count()).execute()
    return counted


def _period(day: Any, window: Window) -> Any:
    """``this``, ``before`` (as many days, just before) or ``earlier``; what began after the window is ``later``."""
    before = window.start - ((window.end - window.start) + timedelta(days=1))
    return ibis.cases(
        (day > window.end, "later"), (day >= window.start, "this"), (day >= before, "before"), else_="earlier"
    )
