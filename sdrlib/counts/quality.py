"""Before rows end: their gaps, their doubles and the days on which none were written. One pass per table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import ibis
import pandas as pd

from sdrlib.counts import people
from sdrlib.counts.rows import UNKNOWN, all_of, kept
from sdrlib.knowledge import read
from sdrlib.records import Checked, QualityCounts, Window
from sdrlib.records.clock import local_time

if TYPE_CHECKING:
    from sdrlib.errors import Problem

GAPS = ["table", "rep_id", "column", "rows", "missing"]
OUTCOMES = ["table", "rep_id", "channel", "rows", "unknown"]
DOUBLES = ["table", "rep_id", "kind", "rows"]
PLACE = ["rep_id", "channel", "day"]
EXACT = 100_000  # in larger tables different values are estimated, to about 2 %: exact counting would hold them all
NOT_DUE = ("cancelled", "rescheduled")


def measure(checked: Checked, team: Mapping[str, Any], touches: Any, due: Any, window: Window) -> QualityCounts:
    """Count what is missing, double or silent.

    Args:
        checked: Tables as they were read, and what the contract complained of: its rows become ``invalid``.
        team: The tables cut to those who are compared.
        touches: Activities of the window with their flags.
        due: Meetings of the window by the day they were due, with their flags.
        window: The days looked at.
    """
    by_day = _by_day(touches)
    meetings = _in_window(team["meetings"], window)
    reps = people.active(team["reps"], touches, window)
    found = {"activities": touches, "meetings": meetings}
    return QualityCounts(
        reps=reps,
        columns=_columns(checked.tables.frames, checked.warnings),
        gaps=pd.concat([_gaps(by_day), _meeting_gaps(meetings)], ignore_index=True),
        outcomes=pd.concat([_outcomes(by_day), _meeting_outcomes(due)], ignore_index=True),
        doubles=pd.concat([_doubles(rows, table) for table, rows in found.items()], ignore_index=True),
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


def _by_day(touches: Any) -> pd.DataFrame:
    """rep_id, channel, day with rows, missing values per column, outcomes and talk: one pass over the activities."""
    columns = read("contract")["tables"]["activities"]["columns"]
    missing = {f"missing_{c}": touches[c].isnull() for c in columns if c in touches.columns and c not in PLACE}
    spoken = all_of(touches.outcome == "connected", touches.duration_s.notnull())
    flags = {
        **missing,
        "missing_list_name": touches["list"] == UNKNOWN,
        "timed": _knows_time(touches),
        "outbound": touches.touch,
        "unknown": all_of(touches.touch, touches.outcome == UNKNOWN),
        "talk": spoken,
        "brief": all_of(spoken, touches.duration_s < read("quality")["least"]["talk_seconds"]),
    }
    sums = {name: flag.sum() for name, flag in flags.items()}
    found: pd.DataFrame = touches.group_by(PLACE).aggregate(rows=touches.count(), **sums).execute()
    return found.sort_values(PLACE, ignore_index=True)


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


def _doubles(rows: Any, table: str) -> pd.DataFrame:
    """Rows too many per rep: those of one rep, prospect, channel and minute, and among them those equal in all."""
    known = read("contract")["tables"][table]
    columns = [c for c in known["columns"] if c in rows.columns and c != known["key"]]
    rows = rows.filter(_knows_time(rows)).mutate(minute=rows.local.truncate("m")).select(*columns, "minute")
    place = ["rep_id", "prospect_id", "minute", *(["channel"] if "channel" in columns else [])]
    crowded = kept(rows.group_by(place).aggregate(n=rows.count()).filter(lambda t: t.n > 1))
    if not crowded.count().execute():
        return pd.DataFrame(columns=DOUBLES)
    same = [rows[c].identical_to(crowded[c]) for c in place]
    equal = rows.semi_join(crowded, same).group_by(columns).aggregate(n=ibis._.count()).filter(lambda t: t.n > 1)
    exact = _too_many(equal, table, "exact")
    near = _too_many(crowded.filter(crowded.prospect_id.notnull()), table, "minute")
    copies = _too_many(equal.filter(equal.prospect_id.notnull()), table, "minute").set_index("rep_id")["rows"]
    left = near["rows"] - near["rep_id"].map(copies).fillna(0).astype("int64")
    return pd.concat([exact, near.assign(rows=left).query("rows > 0")], ignore_index=True)


def _too_many(groups: Any, table: str, kind: str) -> pd.DataFrame:
    found: pd.DataFrame = groups.group_by("rep_id").aggregate(rows=(groups.n - 1).sum()).execute()
    return found.sort_values("rep_id", ignore_index=True).assign(table=table, kind=kind)[DOUBLES]


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
