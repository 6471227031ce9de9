"""Cells become typed values: what parses, and that nothing which does not is silently lost."""

from datetime import date, datetime
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sdrlib.contract import check
from sdrlib.sources import load
from tests.folders import NOW, SETTINGS, activities, found, meetings, one, only, reps, write

PARIS = 'time_zone = "Europe/Paris"\n'
FRENCH = PARIS + 'decimal = ","\ndates = ["%d/%m/%Y %H:%M", "%d/%m/%Y", "%d/%m/%Y %H:%M %z"]\n'


def at(tmp_path, cell, mapping=""):
    """What one time cell is read as, and the problems."""
    return value(tmp_path, "activities", "at", cell, mapping)


def value(tmp_path, table, column, cell, mapping=""):
    plain = [{**row, "duration_s": ""} for row in activities()]
    rows = {"activities": plain, "reps": reps(), "meetings": meetings()}[table]
    folder = write(tmp_path / "data", **{"activities": plain, table: only(rows, {0: {column: cell}})})
    crm = tmp_path / "how.toml"
    crm.write_text(mapping, encoding="utf-8")
    tables = load(str(folder), crm=str(crm) if mapping else "")
    read = tables.frames[table].filter(tables.frames[table].source_row == 2)[column].execute()[0]
    return (None if pd.isna(read) else read), {p.code: p for p in tables.problems}


@pytest.mark.parametrize(
    "cell",
    ["2026-03-01T09:30:00Z", "2026-03-01 09:30Z", "2026-03-01T10:30+01:00", "2026-03-01T10:30:00.000+0100",
     "2026-03-01 10:30:00 +01", " 2026-03-01T09:30:00Z "],
)  # fmt: skip
def test_iso_times_with_a_zone_are_instants(tmp_path, cell):
    assert at(tmp_path, cell) == (pd.Timestamp("2026-03-01T09:30Z"), {})


@pytest.mark.parametrize("cell", ["2026-03-01T09:30:00", "2026-03-01 09:30", "2026-03-01"])
def test_a_time_without_a_zone_is_never_taken_for_utc(tmp_path, cell):
    read, problems = at(tmp_path, cell)
    assert read is None
    assert problems["naive-time"].examples == (f"#2 {cell}",)
    assert "bad-time" not in problems


@pytest.mark.parametrize(
    ("cell", "utc"),
    [
        ("2026-03-01 09:30", "2026-03-01T08:30Z"),
        ("2026-07-01", "2026-06-30T22:00Z"),
        ("01/07/2026 09:30", "2026-07-01T07:30Z"),
        ("1/7/2026", "2026-06-30T22:00Z"),
        ("01/07/2026 09:30 +0000", "2026-07-01T09:30Z"),
        ("2026-03-01T09:30:00Z", "2026-03-01T09:30Z"),
        ("2026-03-29 02:30", "2026-03-29T01:30Z"),
        ("2026-10-25 02:30", "2026-10-25T01:30Z"),
    ],
    ids=["clock", "day", "French", "French day", "own zone", "ISO", "skipped hour", "repeated hour"],
)
def test_a_mapping_says_the_zone_and_the_formats(tmp_path, cell, utc):
    """A skipped time moves forward by the gap, a repeated one is the later of the two: documented in convert.py."""
    assert at(tmp_path, cell, FRENCH) == (pd.Timestamp(utc), {})


@pytest.mark.parametrize(
    "cell",
    ["13/13/2026 09:30", "01/03/26 09:30", "2026-02-30T09:30:00Z", "0001-01-01T00:00:00Z", "45631", "soon", "9:30"],
)
def test_a_time_that_does_not_parse_is_a_problem_with_its_row(tmp_path, cell):
    """Two-digit years, a tool's year 1 for "never", spreadsheet serials: none is guessed."""
    read, problems = at(tmp_path, cell, FRENCH)
    assert read is None
    assert (problems["bad-time"].rows, problems["bad-time"].examples) == (1, (f"#2 {cell}",))


@pytest.mark.parametrize(
    ("cell", "mapping", "day"),
    [
        ("2026-03-01", "", "2026-03-01"),
        ("2026-03-01T23:30:00", "", "2026-03-01"),
        ("2026-03-01T23:30:00Z", "", "2026-03-01"),
        ("2026-03-01T23:30:00Z", FRENCH, "2026-03-02"),
        ("01/03/2026", FRENCH, "2026-03-01"),
    ],
)
def test_a_date_is_the_day_as_written_and_of_an_instant_the_local_day(tmp_path, cell, mapping, day):
    read, problems = value(tmp_path, "reps", "started_on", cell, mapping)
    assert (pd.Timestamp(read).date().isoformat(), problems) == (day, {})


def test_a_date_that_does_not_parse_is_a_problem(tmp_path):
    assert value(tmp_path, "reps", "started_on", "31/02/2026", FRENCH)[1]["bad-date"].examples == ("#2 31/02/2026",)


@pytest.mark.parametrize(
    ("cell", "mapping", "number"),
    [
        ("61.5", "", 61.5), ("-3", "", -3), ("1e3", "", 1000), (".5", "", 0.5), ("", "", None),
        ("1 234,5", FRENCH, 1234.5), ("1\u202f234,50 €", FRENCH, 1234.5), ("1.234.567,8", FRENCH, 1234567.8),
        ("12", FRENCH, 12), ("-0,5", FRENCH, -0.5), ("€1.234", FRENCH, 1234),
        ("1,234.5", PARIS + 'decimal = "."', 1234.5), ("$1,000", PARIS + 'decimal = "."', 1000),
    ],
)  # fmt: skip
def test_numbers_are_read_as_declared(tmp_path, cell, mapping, number):
    assert value(tmp_path, "activities", "duration_s", cell, mapping) == (number, {})


@pytest.mark.parametrize(
    ("cell", "mapping"),
    [
        ("1,5", ""), ("1 234", ""), ("nan", ""), ("inf", ""), ("1e999", ""), ("12 %", ""), ("0x10", ""),
        ("12.5", FRENCH), ("1.2345", FRENCH), ("1 2 3", FRENCH), ("1,2,3", FRENCH), ("1,5 kg", FRENCH),
        ("1,5", PARIS + 'decimal = "."'),
    ],
)  # fmt: skip
def test_a_number_that_could_mean_two_things_is_a_problem(tmp_path, cell, mapping):
    """12.5 in a file with decimal commas would be 125, were dots just dropped."""
    read, problems = value(tmp_path, "activities", "duration_s", cell, mapping)
    assert read is None
    assert problems["bad-number"].examples == (f"#2 {cell}",)


@pytest.mark.parametrize(
    ("cell", "flag"), [("true", True), ("Oui", True), ("1", True), ("FAUX", False), ("no", False), ("0", False)]
)
def test_flags_are_words_of_both_languages(tmp_path, cell, flag):
    assert value(tmp_path, "activities", "reply_is_positive", cell) == (flag, {})


def test_a_flag_that_is_neither_is_a_problem(tmp_path):
    assert value(tmp_path, "activities", "reply_is_positive", "maybe")[1]["bad-flag"].examples == ("#2 maybe",)


def test_blanks_around_text_go_and_an_empty_cell_is_missing(tmp_path):
    assert value(tmp_path, "reps", "team", "\u00a0 north\t")[0] == "north"
    assert value(tmp_path, "reps", "team", " \u00a0")[0] is None


def test_every_fault_of_every_column_is_reported_at_once(tmp_path):
    rows = only(
        activities(), {0: {"at": "soon"}, 1: {"duration_s": "long"}, 2: {"at": "2026-03-03 10:00"}, 3: {"at": "?"}}
    )
    problems = found(write(tmp_path, activities=rows, reps=only(reps(), {1: {"started_on": "May"}})))
    assert set(problems) == {"bad-time", "bad-number", "naive-time", "bad-date"}
    assert one(problems, "bad-time").examples == ("#2 soon", "#5 ?")


# ---- Parquet, whose columns have types already --------------------------------------------------------


def parquet(tmp_path, table="activities", **columns):
    """A folder whose activities (or reps) are Parquet with these columns in place of the text ones."""
    rows = {"activities": activities(), "reps": reps()}[table]
    frame = pa.Table.from_pylist(rows)
    for name, array in columns.items():
        position = frame.schema.get_field_index(name)
        frame = frame.append_column(name, array) if position < 0 else frame.set_column(position, name, array)
    folder = write(tmp_path, **{table: None})
    pq.write_table(frame, folder / f"{table}.parquet")
    return folder


def instants(count=8, zone="UTC", unit="us"):
    return pa.array([datetime(2026, 3, 1, 9, n) for n in range(count)], pa.timestamp(unit, zone))


def test_typed_columns_keep_their_values(tmp_path):
    words = pa.array(["call", "call", "email", "call"] * 2).dictionary_encode()
    durations = pa.array([Decimal("61.50")] * 8)
    folder = parquet(
        tmp_path, at=instants(unit="ns"), channel=words, duration_s=durations, prospect_id=pa.array([7] * 8),
        reply_is_positive=pa.array([True, None] * 4), opened_at=instants(zone="Europe/Paris"),
    )  # fmt: skip
    assert found(folder) == {}
    row = load(str(folder)).frames["activities"].order_by("activity_id").execute().iloc[0]
    assert (row["at"], row["channel"], row["duration_s"]) == (pd.Timestamp("2026-03-01T09:00Z"), "call", 61.5)
    assert (row["prospect_id"], row["reply_is_positive"], row["source_row"]) == ("7", True, 1)
    assert row["opened_at"] == pd.Timestamp("2026-03-01T09:00Z")


@pytest.mark.parametrize("form", [pa.timestamp("us"), pa.date32()])
def test_typed_times_without_a_zone_need_one_too(tmp_path, form):
    folder = parquet(tmp_path / "data", at=pa.array([date(2026, 3, 1)] * 8).cast(form))
    assert one(found(folder), "naive-time").rows == 8
    (tmp_path / "how.toml").write_text(PARIS)
    tables = load(str(folder), crm=str(tmp_path / "how.toml"))
    assert set(tables.frames["activities"]["at"].execute()) == {pd.Timestamp("2026-02-28T23:00Z")}


@pytest.mark.parametrize(
    "days",
    [pa.array([date(2026, 3, 1)] * 2), pa.array([datetime(2026, 3, 1, 9)] * 2), instants(2, "Europe/Paris")],
    ids=["date", "timestamp", "instant"],
)
def test_typed_dates(tmp_path, days):
    started = load(str(parquet(tmp_path, "reps", started_on=days))).frames["reps"].started_on.execute()
    assert {pd.Timestamp(day).date() for day in started} == {date(2026, 3, 1)}


def test_ids_that_a_data_frame_made_floats_are_whole_again_or_refused(tmp_path):
    ids = pa.array([7.0, None, float("nan"), 8.0, 8.5, 1e17, 9.0, 9.0])
    folder = parquet(tmp_path, prospect_id=ids)
    assert one(found(folder), "lossy-id").examples == ("#5 8.5", "#6 1e+17")
    read = load(str(folder)).frames["activities"].order_by("source_row").prospect_id.execute()
    assert [None if pd.isna(v) else v for v in read] == ["7", None, None, "8", None, None, "9", "9"]


def test_infinity_is_no_duration_and_nan_is_missing(tmp_path):
    folder = parquet(tmp_path, duration_s=pa.array([1.0, float("inf"), float("nan"), None] * 2))
    assert one(found(folder), "bad-number").rows == 2


@pytest.mark.parametrize(
    ("column", "array"),
    [
        ("at", pa.array([1] * 8)), ("duration_s", pa.array([True] * 8)), ("reply_is_positive", pa.array([1.5] * 8)),
        ("prospect_id", pa.array([["a"]] * 8)), ("opened_at", pa.array([{"x": 1}] * 8)),
    ],
)  # fmt: skip
def test_a_column_of_the_wrong_kind_is_said(tmp_path, column, array):
    problems = found(parquet(tmp_path, **{column: array}))
    assert {p.column for p in problems.get("wrong-type", problems.get("bad-time"))} == {column}


def test_parquet_is_looked_through_and_text_in_it_is_cleaned_where_needed(tmp_path):
    """Large tables are not copied into memory; blanks and labels are mended all the same."""
    rows = only(activities(), {0: {"activity_id": " 0000", "prospect_id": ""}, 1: {"outcome": "Voice mail "}})
    folder = write(tmp_path, activities=None)
    pq.write_table(pa.Table.from_pylist(rows).set_column(3, "at", instants()), folder / "activities.parquet")
    tables = load(str(folder))
    frame = tables.frames["activities"]
    views = frame.get_backend().raw_sql("select view_name from duckdb_views() where not internal").fetchall()
    assert ("activities",) in views
    first = frame.filter(frame.source_row == 1).execute().iloc[0]
    assert (first.activity_id, pd.isna(first.prospect_id)) == ("0000", True)
    assert {p.code for p in tables.problems} == {"unknown-label"}
    assert frame.outcome.value_counts(name="n").filter(lambda t: t.outcome == "unknown").n.execute()[0] == 1


def test_typed_columns_without_any_text_are_looked_through_too(tmp_path):
    pq.write_table(pa.table({"at": instants()}), write(tmp_path, activities=None) / "activities.parquet")
    assert load(str(tmp_path)).frames["activities"].count().execute() == 8


def test_a_folder_of_parts_is_one_table(tmp_path):
    folder = write(tmp_path, activities=None)
    parts = folder / "activities"
    parts.mkdir()
    rows = pa.Table.from_pylist(activities())
    pq.write_table(rows.slice(0, 3), parts / "part-0.parquet")
    pq.write_table(rows.slice(3), parts / "part-1.parquet")
    (parts / "_SUCCESS").touch()
    tables = load(str(folder))
    assert tables.frames["activities"].count().execute() == 8
    assert ("activities/", 8) in {(f.name, f.rows) for f in tables.files}
    again = tmp_path / "again"
    write(again, activities=None)
    (again / "activities").mkdir()
    pq.write_table(rows.slice(3), again / "activities" / "a.parquet")
    pq.write_table(rows.slice(0, 3), again / "activities" / "b.parquet")
    assert load(str(again)).fingerprint == tables.fingerprint, "names and order of parts do not matter"


def test_a_parquet_file_that_is_gone_before_the_check_is_a_problem(tmp_path):
    """Parquet is not copied: who moves it away under a running analysis is told so."""
    folder = parquet(tmp_path, at=instants())
    tables = load(str(folder))
    (folder / "activities.parquet").unlink()
    checked = check(tables, SETTINGS, now=NOW)
    assert [p.code for p in checked.fatal] == ["unreadable-file"]
