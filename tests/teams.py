"""Tiny teams built by hand, as the canonical tables that reading would give."""

from datetime import UTC, datetime
from functools import cache
from uuid import uuid4

import ibis
import pandas as pd

from sdrlib.knowledge import read
from sdrlib.records import Checked, Tables
from sdrlib.settings import Settings
from sdrlib.sources.reading import connect

TYPES = {"text": "string", "time": "timestamp('UTC')", "date": "date", "number": "float64", "flag": "boolean"}
NOW = datetime(2026, 4, 1, tzinfo=UTC)


def canonical(table, rows):
    """Rows as an ibis table with every column of the contract; what a row does not say is null."""
    columns = read("contract")["tables"][table]["columns"]
    schema = {name: TYPES[column["type"]] for name, column in columns.items()}
    records = [{name: _value(row.get(name)) for name in schema} for row in rows]
    frame = pd.DataFrame(records, columns=list(schema), dtype=object)
    rows = ibis.memtable(frame, schema=dict.fromkeys(schema, "string")).cast(schema)
    return _database().create_table(f"{table}_{uuid4().hex}", rows, temp=True)


@cache
def _database():
    """One for all tests of a process: a table that is made is asked faster than one that is meant."""
    return connect()


def _value(value):
    return None if value is None else str(value)


def team(*, reps=("ana", "bob"), zone="Europe/Paris", **tables):
    """Checked tables of a hand-made team."""
    people = [
        {"rep_id": r, "name": r.title(), "role": "sdr", "team": "north", "started_on": "2024-01-01"} for r in reps
    ]
    rows = {"reps": people, "activities": [], "meetings": [], **tables}
    frames = {name: canonical(name, found) for name, found in rows.items()}
    return Checked(Tables(frames, zone, uri="test", fingerprint="f" * 64), fatal=(), warnings=())


def call(number, rep, at, outcome="no_answer", prospect=None, **more):
    return {
        "activity_id": f"a{number}",
        "rep_id": rep,
        "prospect_id": prospect or f"p{number}",
        "at": at,
        "channel": "call",
        "direction": "outbound",
        "outcome": outcome,
        **more,
    }


def email(number, rep, at, outcome="no_reply", prospect=None, **more):
    return call(number, rep, at, outcome, prospect, channel="email", **more)


def meeting(number, rep, prospect, booked_at, starts_at, outcome="held", **more):
    return {
        "meeting_id": f"m{number}",
        "rep_id": rep,
        "prospect_id": prospect,
        "booked_at": booked_at,
        "starts_at": starts_at,
        "outcome": outcome,
        **more,
    }


def settings(**said):
    return Settings.gather({"period": "all", **said}, env={})
