"""Folders of exports, written as tools write them: any delimiter, encoding and line end, or Parquet."""

import csv
import io
from datetime import UTC, datetime

from sdrlib.contract import check
from sdrlib.knowledge import read
from sdrlib.settings import Settings
from sdrlib.sources import load

NOW = datetime(2026, 4, 1, tzinfo=UTC)
SETTINGS = Settings.gather({}, env={})


def reps():
    return [
        {"rep_id": "007", "name": "NA", "role": "sdr", "started_on": "2025-01-06", "time_zone": "Europe/Paris"},
        {"rep_id": "008", "name": "Zoé Lebœuf", "role": "SDR", "started_on": "2025-09-01", "time_zone": "Europe/Paris"},
    ]


def activities():
    kinds = [("call", "connected"), ("call", "No Answer"), ("email", "no_reply"), ("call", "meeting_booked")]
    return [
        {
            "activity_id": f"{number:04}", "rep_id": f"00{7 + number % 2}", "prospect_id": "p1",
            "at": f"2026-03-{number + 1:02}T09:30:00+01:00", "channel": kinds[number % 4][0],
            "direction": "outbound", "outcome": kinds[number % 4][1], "duration_s": "61.5",
        }
        for number in range(8)
    ]  # fmt: skip


def meetings():
    return [
        {
            "meeting_id": "m1", "rep_id": "007", "prospect_id": "p1", "booked_at": "2026-03-04T10:00:00Z",
            "starts_at": "2026-03-06T10:00:00Z", "outcome": "held",
        },
        {
            "meeting_id": "m2", "rep_id": "008", "prospect_id": "p1", "booked_at": "2026-03-05T10:00:00Z",
            "starts_at": "2026-05-06T10:00:00Z", "outcome": "pending",
        },
    ]  # fmt: skip


def text(rows, *, delimiter=",", end="\n", columns=None):
    """Rows as delimited text, the header first."""
    out = io.StringIO(newline="")
    columns = columns or list(dict.fromkeys(column for row in rows for column in row))
    writer = csv.DictWriter(out, columns, delimiter=delimiter, lineterminator=end, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write(folder, *, encoding="utf-8", delimiter=",", end="\n", **tables):
    """Write a team that is fit to count; a table given here replaces its rows, bytes, or (None) the whole file."""
    everything = {"reps": reps(), "activities": activities(), "meetings": meetings(), **tables}
    folder.mkdir(exist_ok=True, parents=True)
    for name, rows in everything.items():
        if isinstance(rows, str | bytes):
            (folder / f"{name}.csv").write_bytes(rows if isinstance(rows, bytes) else rows.encode(encoding))
        elif rows is not None:
            (folder / f"{name}.csv").write_bytes(text(rows, delimiter=delimiter, end=end).encode(encoding))
    return folder


def only(rows, changes):
    """Rows with some cells changed: ``{row: {column: value}}``."""
    return [{**row, **changes.get(number, {})} for number, row in enumerate(rows)]


def found(folder, crm="", now=NOW):
    """Load and check; the problems by code."""
    checked = check(load(str(folder), crm=str(crm)), SETTINGS, now=now)
    problems = (*checked.fatal, *checked.warnings)
    for problem in problems:
        sentences(problem)
    assert {p.code for p in checked.fatal} == {p.code for p in problems if read("problems")[p.code]["stops"]}
    return {code: [p for p in problems if p.code == code] for code in {p.code for p in problems}}


def one(problems, code):
    """The only problem of that code."""
    (problem,) = problems[code]
    return problem


def sentences(problem):
    """Every sentence of a problem; fails when it has a placeholder that the problem does not fill."""
    filled = {"rows": problem.rows, "table": problem.table, "column": problem.column, "examples": problem.examples}
    known = read("problems")[problem.code]
    return [
        known[part][lang].format(**problem.values, **filled)
        for part in ("found", "allowed", "next")
        for lang in ("en", "fr")
    ]


def plain(tables, *, rows=False):
    """The content of tables as sorted text, so that two readings can be compared."""
    out = {}
    for name, frame in tables.frames.items():
        kept = [c for c in frame.columns if rows or c not in {"source_row", "source_file"}]
        data = frame.select(kept).execute().astype(object).map(str)
        out[name] = (tuple(kept), tuple(sorted(data.itertuples(index=False, name=None))))
    return out
