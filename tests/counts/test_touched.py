"""What was kept is given back, and a file gives no more than is asked of it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdrlib import Settings, load
from sdrlib.contract import check
from sdrlib.counts import count, inside, people, rows
from sdrlib.records import Window

NOW = datetime(2026, 11, 27, tzinfo=UTC)
ZONES = ["Europe/Paris", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "America/Havana", "Asia/Kathmandu"]


@pytest.fixture(scope="module")
def sample():
    settings = Settings.gather(env={})
    return check(load(settings.data), settings, now=NOW), settings


def test_kept_tables_go_when_nothing_asks_them(sample):
    checked, settings = sample
    connection = ibis.get_backend(checked.tables.frames["activities"])
    count(checked, settings, now=NOW)
    import gc

    gc.collect()
    assert not [name for name in connection.list_tables() if name.startswith("kept_")]


def test_a_file_gives_only_the_period_and_the_columns_that_are_asked(tmp_path, sample):
    """The plan says what is read: filters on the instant in the scan, no column that nothing counts."""
    checked, _ = sample
    for name, frame in checked.tables.frames.items():
        frame.to_parquet(tmp_path / f"{name}.parquet")
    tables = load(str(tmp_path))
    window = Window("2026-08", date(2026, 8, 1), date(2026, 8, 31), NOW, "Europe/Paris")
    asked = rows.within(people.sellers_only(dict(tables.frames), "")["activities"], "at", window)
    question = asked.group_by("rep_id").aggregate(calls=asked.count(where=asked.channel == "call"))
    connection = ibis.get_backend(question)
    plan = connection.raw_sql(f"EXPLAIN {connection.compile(question)}").fetchall()[0][1]
    scan = next(part for part in plan.split("READ_PARQUET")[1:] if "channel" in part)
    told = "".join(scan.replace("│", "").split())  # however the plan's boxes break its lines
    assert "Filters:at>='2026-07-3122:00:00+00'" in told, "the column itself, from the first instant of the period"
    assert "at<'2026-08-3122:00:00+00'" in told, "to the first after it"
    for unread in ("outcome_label", "duration_s", "replied_at", "script"):
        assert unread not in plan


# ---- clocks -----------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    start=st.dates(date(2005, 1, 1), date(2026, 12, 1)),
    days=st.integers(0, 400),
    minutes=st.lists(st.integers(-3000, 580_000), min_size=1, max_size=40),
)
def test_local_time_is_that_of_the_zone(zone, start, days, minutes):
    end = start + timedelta(days=days)
    first = datetime(start.year, start.month, start.day, tzinfo=UTC)
    edges = list(inside._changes(ZoneInfo(zone), first, first + timedelta(days=days)))
    instants = [first + timedelta(minutes=m) for m in minutes]
    instants += [edge + timedelta(seconds=s) for edge in edges for s in (-1, 0, 1)]
    window = Window("x", start, end, max(instants), zone)
    table = ibis.memtable(pd.DataFrame({"at": pd.Series(instants, dtype="datetime64[us, UTC]")}))
    kept = table.filter(inside.within(window, table["at"]))
    found = kept.mutate(local=inside.shown_within(window, kept["at"])).execute()
    local = {at: at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for at in instants}
    expected = {at: shown for at, shown in local.items() if start <= shown.date() <= end}
    assert dict(zip(found["at"].dt.to_pydatetime(), found["local"].dt.to_pydatetime(), strict=True)) == expected
