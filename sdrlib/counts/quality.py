"""Before rows end: their gaps, their doubles and the days on which none were written. One pass per table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import ibis
import pandas as pd

from sdrlib.counts import people
from sdrlib.counts.rows import kept, within
from sdrlib.knowledge import read
from sdrlib.records import Checked, QualityCounts, Window
from sdrlib.records.clock import local_time

if TYPE_CHECKING:
    from sdrlib.counts.touched import Touched
    from sdrlib.errors import Problem

GAPS = ["table", "rep_id", "column", "rows", "missing"]
OUTCOMES = ["table", "rep_id", "channel", "rows", "unknown"]
DOUBLES = ["table", "rep_id", "kind", "rows"]
PLACE = ["rep_id", "channel", "day"]
EXACT = 100_000  # in larger tables different values are estimated, to about 2 %: exact counting would hold them all
AT_ONCE = 4_000_000
"""Rows among which equal ones are looked for at a time."""
NOT_DUE = ("cancelled", "rescheduled")


def measure(
    checked: Checked,
    team: Mapping[str, Any],
    touched: Touched,
    due: Any,
    window: Window,
) -> QualityCounts:
    """Count what is missing, double or silent.

    Args:
        checked: Tables as they were read, and what the contract complained of: its rows become ``invalid``.
        team: The tables cut to those who are compared.
        touched: What the activities of the window answered.
        due: Meetings of the window by the day they were due, with their flags.
        window: The days looked at.
    """
    by_day = touched.by_day.sort_values(PLACE, ignore_index=True)
    meetings = _in_window(team["meetings"], window)
    reps = people.active(team["reps"], by_day["rep_id"].unique(), window)
    spans = [replace(window, start=first, end=last) for first, last in _spans(by_day)]
    twice = [
        doubles([within(team["activities"], "at", span) for span in spans], "activities", touched.crowded),
        doubles([meetings], "meetings", crowded(meetings, "meetings").execute()),
    ]
    return QualityCounts(
        reps=reps,
        columns=_columns(checked.tables.frames, checked.warnings),
        gaps=pd.concat([_gaps(by_day), _meeting_gaps(meetings)], ignore_index=True),
        outcomes=pd.concat([_outcomes(by_day), _meeting_outcomes(due)], ignore_index=True),
        doubles=pd.concat(twice, ignore_index=True),
        timed={"activities": int(by_day["timed"].sum()), "meetings": _timed(meetings)},
        talk=by_day.groupby("rep_id", as_index=False)[["talk", "brief"]].sum().rename(columns={"talk": "rows"}),
        logged=by_day[[*PLACE, "rows"]].rename(columns={"rows": "activities"}),
        days=_working_days(reps, by_day, people.weekends(team["reps"]), window),
    )


# ---- columns ------------------------------------------------------------------------------------------


def _columns(tables: Mapping[str, Any], problems: Sequence[Problem]) -> pd.DataFrame:
    rows = [row for table, frame in tables.items() for row in _columns_of(table, frame)]
    whole = pd.DataFrame(rows, columns=["table", "column", "rows", "missing", "distinct"])
    bad = _rows_by_place(problems)
    return whole.assign(invalid=[bad.get(place, 0) for place in zip(whole["table"], whole["column"], strict=True)])


def _rows_by_place(problems: Sequence[Problem]) -> dict[tuple[str, str], int]:
    """Rows complained of, by column; a label that a mapping leaves unknown on purpose is no mistake."""
    sums: dict[tuple[str, str], int] = {}
    for p in problems:
        if p.column and p.code != "deliberate-unknown":
            sums[p.table, p.column] = sums.get((p.table, p.column), 0) + p.rows
    return sums


def _columns_of(table: str, frame: Any) -> Iterator[tuple[str, str, int, int, int]]:
    known = [c for c in read("contract")["tables"][table]["columns"] if c in frame.columns]
    exact = int(frame.count().execute()) <= EXACT
    filled = {f"filled_{i}": frame[c].count() for i, c in enumerate(known)}
    kinds = {f"kinds_{i}": frame[c].nunique() if exact else frame[c].approx_nunique() for i, c in enumerate(known)}
    counted = frame.aggregate(rows=frame.count(), **filled, **kinds).execute().iloc[0].astype("int64")
    rows = int(counted["rows"])
    for i, column in enumerate(known if rows else ()):
        there = int(counted[f"filled_{i}"])
        yield table, column, rows, rows - there, min(int(counted[f"kinds_{i}"]), there)


# ---- per rep ------------------------------------------------------------------------------------------


def by_day(touches: Any) -> Any:
    """rep_id, channel, day (and so the tenure) with rows, missing values per column, outcomes and talk: a question."""
    flags = {
        **{f"missing_{c.removeprefix('without_')}": touches[c] for c in touches.columns if c.startswith("without_")},
        "timed": _knows_time(touches),
        "outbound": touches.touch,
        "unknown": touches.silent,
        "talk": touches.spoken,
        "brief": touches.brief,
    }
    sums = {name: touches.count(where=flag) for name, flag in flags.items()}
    return touches.group_by([*PLACE, "tenure"]).aggregate(rows=touches.count(), **sums)


def _gaps(by_day: pd.DataFrame) -> pd.DataFrame:
    missing = [c for c in by_day.columns if c.startswith("missing_")]
    sums = by_day.groupby("rep_id")[["rows", *missing]].sum()
    return _long(sums, "activities")


def _meeting_gaps(meetings: Any) -> pd.DataFrame:
    columns = [c for c in read("contract")["tables"]["meetings"]["columns"] if c in meetings.columns]
    sums = {f"missing_{c}": meetings[c].isnull().sum() for c in columns}
    found = meetings.group_by("rep_id").aggregate(rows=meetings.count(), **sums).execute()
    return _long(found.sort_values("rep_id").set_index("rep_id"), "meetings")


def _long(sums: pd.DataFrame, table: str) -> pd.DataFrame:
    whole = sums.reset_index().melt(["rep_id", "rows"], var_name="column", value_name="missing")
    return whole.assign(table=table, column=whole["column"].str.removeprefix("missing_"))[GAPS]


def _outcomes(by_day: pd.DataFrame) -> pd.DataFrame:
    sums = by_day.groupby(["rep_id", "channel"], as_index=False)[["outbound", "unknown"]].sum()
    return sums.rename(columns={"outbound": "rows"}).query("rows > 0").assign(table="activities")[OUTCOMES]


def _meeting_outcomes(due: Any) -> pd.DataFrame:
    asked = due.filter(~due.outcome.isin(NOT_DUE))
    found: pd.DataFrame = (
        asked.group_by(["rep_id", "channel"]).aggregate(rows=asked.count(), unknown=asked.unlogged.sum()).execute()
    )
    return found.sort_values(["rep_id", "channel"]).assign(table="meetings")[OUTCOMES]


# ---- doubles ------------------------------------------------------------------------------------------


def _in_window(meetings: Any, window: Window) -> Any:
    """Meetings booked, or where that is not known due, on the window's days; ``local`` is when they start."""
    day = local_time(window.time_zone, ibis.coalesce(meetings.booked_at, meetings.starts_at)).date()
    chosen = meetings.filter(day.between(window.start, window.end))
    return chosen.mutate(local=local_time(window.time_zone, chosen.starts_at))


def _knows_time(rows: Any) -> Any:
    """Exports of bare days become midnights, and two calls of one day are no double."""
    return rows.local != rows.local.truncate("D")


def _timed(rows: Any) -> int:
    return int(rows.filter(_knows_time(rows)).count().execute())


def crowded(rows: Any, table: str) -> Any:
    """rep_id, groups, rows too many (of known prospects): what shares rep, prospect, minute and channel, a question."""
    return _too_many(_crowded(rows, table))


def _crowded(rows: Any, table: str) -> Any:
    rows = rows.filter(_knows_time(rows)).mutate(minute=rows.local.truncate("m"))
    return _several(rows.group_by(_place(table)).aggregate(n=rows.count()))


def doubles(parts: Sequence[Any], table: str, near: pd.DataFrame) -> pd.DataFrame:
    """Rows too many per rep: those of one rep, prospect, channel and minute, and among them those equal in all.

    Args:
        parts: The window's rows, with all their columns; of many, those of some days at a time, to be looked through
            one after another: what is equal is of one minute.
        table: Their table of the contract.
        near: The answer to ``crowded``.
    """
    if not len(near):
        return pd.DataFrame(columns=DOUBLES)
    found = pd.concat([_too_many(_equal(part, table)).execute() for part in parts], ignore_index=True)
    equal = found.groupby("rep_id", as_index=False).sum()
    copies = equal.set_index("rep_id")["rows"]
    left = near["rows"] - near["rep_id"].map(copies).fillna(0).astype("int64")
    kinds = {"exact": equal.assign(rows=equal["all_rows"]), "minute": near.assign(rows=left)}
    found = [frame.sort_values("rep_id").assign(table=table, kind=kind) for kind, frame in kinds.items()]
    told: pd.DataFrame = pd.concat(found, ignore_index=True)[DOUBLES]
    return told[told["rows"] > 0].reset_index(drop=True)


def _spans(by_day: pd.DataFrame) -> list[tuple[date, date]]:
    """First and last day of parts with about as many rows as are looked through at once."""
    daily = by_day.groupby("day")["rows"].sum()
    part = (daily.cumsum() - daily) // AT_ONCE
    return [(days.min().date(), days.max().date()) for _, days in daily.index.to_series().groupby(part.to_numpy())]


def _place(table: str) -> list[str]:
    columns = read("contract")["tables"][table]["columns"]
    return ["rep_id", "prospect_id", "minute", *(["channel"] if "channel" in columns else [])]


def _equal(rows: Any, table: str) -> Any:
    """Groups of rows that are equal in all their columns; only the crowded are compared."""
    known = read("contract")["tables"][table]
    columns = [c for c in known["columns"] if c in rows.columns and c != known["key"]]
    places = kept(_crowded(rows, table))
    rows = rows.filter(_knows_time(rows)).mutate(minute=rows.local.truncate("m")).select(*columns, "minute")
    same = [rows[c].identical_to(places[c]) for c in _place(table)]
    return _several(rows.semi_join(places, same).group_by([*columns, "minute"]).aggregate(n=ibis._.count()))


def _several(groups: Any) -> Any:
    return groups.filter(groups.n > 1)


def _too_many(groups: Any) -> Any:
    known = groups.prospect_id.notnull()
    sums = {"rows": (groups.n - 1).sum(where=known).fill_null(0), "all_rows": (groups.n - 1).sum()}
    return groups.group_by("rep_id").aggregate(**{name: total.cast("int64") for name, total in sums.items()})


# ---- days ---------------------------------------------------------------------------------------------


def _working_days(reps: pd.DataFrame, by_day: pd.DataFrame, weekends: pd.DataFrame, window: Window) -> pd.DataFrame:
    """rep_id, day: without the rep's first day, days begin with the first that was logged."""
    first_logged = by_day.groupby("rep_id")["day"].min()
    every = pd.DataFrame({"day": pd.date_range(window.start, window.end)})
    frame = reps[["rep_id", "started_on", "ended_on"]].merge(every, how="cross")
    start = pd.to_datetime(frame["started_on"]).fillna(pd.to_datetime(frame["rep_id"].map(first_logged)))
    end = pd.to_datetime(frame["ended_on"]).fillna(pd.Timestamp(window.end))
    over = pd.Timestamp(_today(window))
    frame = frame[(frame["day"] >= start) & (frame["day"] <= end) & (frame["day"] < over)]
    frame = frame.assign(weekday=frame["day"].dt.day_of_week)[["rep_id", "day", "weekday"]]
    frame = frame.merge(weekends.assign(off=True), on=["rep_id", "weekday"], how="left")
    return frame[frame["off"].isna()][["rep_id", "day"]].reset_index(drop=True)


def _today(window: Window) -> date:
    """The local day of as-of, which is not over; an as-of at the very end of a day belongs to the next."""
    return (window.as_of + timedelta(microseconds=1)).astimezone(ZoneInfo(window.time_zone)).date()
