"""A big invented team as Parquet or CSV files, made by DuckDB from row numbers alone: equal arguments, equal rows."""

from __future__ import annotations

from pathlib import Path

import duckdb

FIRST_DAY, DAYS = "2025-11-03", 364
TOUCHES = 10
"""Activities per prospect."""

_HASH = "(hash(i * 31 + {salt}) % 1000000) / 1e6"


def make(folder: Path, activities: int, reps: int, *, first: int = 0, kind: str = "parquet", days: int = DAYS) -> Path:
    """Write the tables; those of ``first`` and more activities continue where so many others ended.

    Args:
        folder: Where to.
        activities: How many.
        reps: How many people make them.
        first: Number of the first activity, so that two folders share no id.
        kind: ``parquet`` or ``csv``.
        days: Days over which they are spread, in the order of their numbers.
    """
    folder.mkdir(parents=True, exist_ok=True)
    con = duckdb.connect()
    con.execute("SET memory_limit = '3GB'; SET preserve_insertion_order = false; SET TimeZone = 'UTC'")
    con.execute(_AT.format(first_day=FIRST_DAY, days=days, activities=activities, first=first))
    for table, select in _TABLES.items():
        text = select.format(
            reps=reps, activities=activities, first=first, end=first + activities, touches=TOUCHES, step=100
        )
        for salt in range(9):
            text = text.replace(f"@{salt}", _HASH.format(salt=salt))
        form = "FORMAT parquet, COMPRESSION zstd" if kind == "parquet" else "FORMAT csv, HEADER"
        con.execute(f"COPY ({text}) TO '{folder / table}.{kind}' ({form})")
    con.close()
    return folder


_AT = """
CREATE MACRO worked(i) AS TIMESTAMPTZ '{first_day} 08:00:00+00'
    + to_days(CAST(floor((i - {first}) * {days} / {activities}) AS INTEGER))
    + to_seconds(CAST(floor((hash(i) % 36000)) AS INTEGER));
"""
# The rep changes with every row, the prospect stays with a rep; a rep's touches to one prospect lie weeks apart.
_REP = "'r' || lpad(CAST(i % {reps} AS VARCHAR), 4, '0')"
_PROSPECT = "'p' || CAST((i % {reps}) * 100000 + (hash(i * 7 + 5) % greatest(1, {activities} // {reps} // {touches}))"
_PROSPECT += " AS VARCHAR)"

_TABLES = {
    "reps": """
SELECT 'r' || lpad(CAST(i AS VARCHAR), 4, '0') AS rep_id, 'Rep ' || i AS name, 'team ' || (i % 20) AS team,
    'sdr' AS role, DATE '2023-01-01' + CAST(i % 900 AS INTEGER) AS started_on, 'Europe/Paris' AS time_zone,
    'FR' AS country
FROM range({reps}) t(i)""",
    "prospects": """
SELECT 'p' || CAST(r * 100000 + k AS VARCHAR) AS prospect_id,
    'list ' || CAST(hash(r * 100000 + k) % 8 AS VARCHAR) AS list_name,
    ['founder', 'head of sales', 'operations'][1 + CAST(hash(k) % 3 AS INTEGER)] AS persona,
    ['small', 'mid', 'large'][1 + CAST(hash(r + k) % 3 AS INTEGER)] AS segment
FROM range({reps}) a(r), range(greatest(1, {activities} // {reps} // {touches})) b(k)""",
    "activities": f"""
SELECT 'a' || i AS activity_id, {_REP} AS rep_id, {_PROSPECT} AS prospect_id, worked(i) AS at,
    CASE WHEN @1 < 0.6 THEN 'call' WHEN @1 < 0.9 THEN 'email' ELSE 'social' END AS channel,
    'outbound' AS direction,
    CASE WHEN @1 < 0.6 THEN
        CASE WHEN @2 < 0.55 THEN 'no_answer' WHEN @2 < 0.75 THEN 'voicemail' WHEN @2 < 0.8 THEN 'wrong_number'
             WHEN @2 < 0.98 THEN 'connected' ELSE 'meeting_booked' END
    WHEN @2 < 0.85 THEN 'no_reply' WHEN @2 < 0.93 THEN 'bounced' ELSE 'replied' END AS outcome,
    CASE WHEN @1 < 0.6 AND @2 >= 0.8 THEN CAST(20 + floor(@3 * 600) AS DOUBLE) END AS duration_s,
    CASE WHEN @1 >= 0.6 AND @2 >= 0.93 THEN worked(i) + to_seconds(CAST(600 + floor(@3 * 500000) AS INTEGER)) END
        AS replied_at
FROM range({{first}}, {{end}}) t(i)""",
    "meetings": f"""
SELECT 'm' || i AS meeting_id, {_REP} AS rep_id, {_PROSPECT} AS prospect_id, worked(i) + INTERVAL 5 MINUTE AS booked_at,
    worked(i) + INTERVAL 6 DAY AS starts_at, 'call' AS booked_via,
    CASE WHEN @4 < 0.2 THEN 'no_show' WHEN @4 < 0.6 THEN 'accepted' ELSE 'held' END AS outcome
FROM range({{first}}, {{end}}) t(i) WHERE @1 < 0.6 AND @2 >= 0.98""",
}
