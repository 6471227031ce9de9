"""Workbooks as people save them: types kept, digits told as lost, one sheet found, and nothing that breaks the run."""

import sys
from datetime import date, datetime, timedelta

import pandas as pd
import pytest
import xlsxwriter

from sdrlib.sources import load
from tests.folders import activities, found, one, plain, reps, write


def workbook(path, sheets, *, top=0):
    """Sheets by name, each a list of rows; dates, times of day and durations get their formats, ("=", x) a formula."""
    with xlsxwriter.Workbook(path) as book:
        day, clock, span = (book.add_format({"num_format": f}) for f in ("dd/mm/yyyy", "dd/mm/yyyy hh:mm", "[h]:mm:ss"))
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for r, row in enumerate(rows, start=top):
                for c, cell in enumerate(row):
                    if isinstance(cell, tuple):
                        sheet.write_formula(r, c, cell[0], None, cell[1])
                    elif isinstance(cell, datetime):
                        sheet.write_datetime(r, c, cell, clock)
                    elif isinstance(cell, date):
                        sheet.write_datetime(r, c, cell, day)
                    elif isinstance(cell, timedelta):
                        sheet.write_datetime(r, c, cell, span)
                    elif isinstance(cell, str):
                        sheet.write_string(r, c, cell)
                    else:
                        sheet.write(r, c, cell)


def cells(rows):
    columns = list(dict.fromkeys(column for row in rows for column in row))
    return [columns, *([row.get(c, "") for c in columns] for row in rows)]


def people(folder, *rows, header=("rep_id", "name", "role"), **more):
    workbook(write(folder, reps=None) / "reps.xlsx", {"reps": [list(header), *map(list, rows)], **more})
    return folder


def test_a_workbook_gives_the_same_tables_as_the_same_cells_in_text(tmp_path):
    folder = write(tmp_path / "book", reps=None, activities=None)
    workbook(folder / "reps.xlsx", {"Sheet1": cells(reps())})
    workbook(folder / "activities.xlsx", {"Sheet1": cells(activities())})
    assert found(folder) == {}
    assert plain(load(str(folder)), rows=True) == plain(load(str(write(tmp_path / "text"))), rows=True)


def test_typed_cells_keep_their_types_whatever_the_mapping_says_of_text(tmp_path):
    """A date cell shown as 03/02/2026 is no question of order; 1.5 is one and a half where commas mark decimals."""
    rows = [
        ["activity_id", "rep_id", "at", "channel", "direction", "outcome", "duration_s", "reply_is_positive"],
        ["a1", 7.0, datetime(2026, 2, 3, 9, 30), "call", "outbound", "connected", 1.5, True],
        ["a2", 7.0, date(2026, 2, 4), "call", "outbound", "connected", "1 234,5", False],
    ]
    workbook(tmp_path / "activities.xlsx", {"activities": rows})
    (tmp_path / "how.toml").write_text('time_zone = "Europe/Paris"\ndecimal = ","\ndates = ["%d/%m/%Y"]\n')
    tables = load(str(tmp_path / "activities.xlsx"), crm=str(tmp_path / "how.toml"))
    frame = tables.frames["activities"].order_by("activity_id").execute()
    assert tables.problems == ()
    assert list(frame["at"]) == [pd.Timestamp("2026-02-03T08:30Z"), pd.Timestamp("2026-02-03T23:00Z")]
    assert list(frame.duration_s) == [1.5, 1234.5]
    assert list(frame.rep_id) == ["7", "7"]
    assert list(frame.reply_is_positive) == [True, False]


def test_durations_of_a_workbook_are_read_as_durations(tmp_path):
    mapping = '[[activities]]\nfrom = "calls"\ncolumns = { duration_s = { column = "Dur", unit = "duration" } }\n'
    (tmp_path / "m.toml").write_text(mapping)
    workbook(tmp_path / "calls.xlsx", {"calls": [["Dur"], [timedelta(hours=26, minutes=5, seconds=7)]]})
    frame = load(str(tmp_path), crm=str(tmp_path / "m.toml")).frames["activities"]
    assert list(frame.duration_s.execute()) == [26 * 3600 + 5 * 60 + 7]


def test_ids_of_nineteen_digits_survive_as_text_and_are_told_as_lost_as_numbers(tmp_path):
    long = "5805028000000001234"
    problems = found(people(tmp_path, [long, "A", "sdr"], [float(long), "B", "sdr"], [123456789012345678, "C", "sdr"]))
    assert one(problems, "lossy-id").rows == 2
    assert long in set(load(str(tmp_path)).frames["reps"].rep_id.execute())


def test_formulas_count_by_their_last_value_and_errors_are_told_by_their_cell(tmp_path):
    folder = people(tmp_path, [("=1+6", 7), ("=A1&B1", "Ana"), "sdr"], ["008", ("=NA()", "#N/A"), "sdr"])
    assert one(found(folder), "formula-error").examples == ("B3",)
    frame = load(str(folder)).frames["reps"].order_by("source_row").execute()
    assert (frame.rep_id[0], frame.name[0]) == ("7", "Ana")


def test_the_sheet_of_the_tables_name_is_read_or_the_only_one(tmp_path):
    folder = people(tmp_path, ["007", "NA", "sdr"], ["008", "B", "sdr"], Notes=[["x"], ["y"]])
    assert set(found(folder)) == set()
    workbook(folder / "reps.xlsx", {"a": [["rep_id"]], "b": [["rep_id"]]})
    assert one(found(folder), "which-sheet").values == {"sheets": "a, b", "wanted": "reps"}


def test_rows_above_the_header_and_between_keep_the_numbers_of_the_spreadsheet(tmp_path):
    rows = [["rep_id", "name", "role"], ["007", "A", "sdr"], ["", "", ""], ["008", "B", "boss"]]
    folder = write(tmp_path, reps=None)
    workbook(folder / "reps.xlsx", {"reps": rows}, top=3)
    assert one(found(folder), "unknown-word").examples == ("#7 boss",)
    (file,) = [f for f in load(str(folder)).files if f.name == "reps.xlsx"]
    assert (file.rows, file.kept) == (2, 2)


def test_merged_cells_and_columns_without_a_name_are_told(tmp_path):
    folder = write(tmp_path, reps=None)
    with xlsxwriter.Workbook(folder / "reps.xlsx") as book:
        sheet = book.add_worksheet("reps")
        for number, row in enumerate((["rep_id", "name", "role"], ["007", "A", "sdr", "?"], ["008", "B", "sdr"])):
            sheet.write_row(number, 0, row)
        sheet.merge_range(3, 0, 4, 0, "009")
    problems = found(folder)
    assert one(problems, "nameless-column").values == {"columns": "D", "row": "1"}
    assert one(problems, "merged-cells").examples == ("#4 A–A",)


def test_a_sheet_with_cells_at_far_ends_is_refused_before_it_fills_the_memory(tmp_path):
    """Two cells make a table of ten billion: the reader itself would abort the process."""
    folder = write(tmp_path, reps=None)
    with xlsxwriter.Workbook(folder / "reps.xlsx") as book:
        sheet = book.add_worksheet("reps")
        sheet.write(0, 0, "rep_id")
        sheet.write(1_000_000, 10_000, "x")
    assert "1000001 rows and 10001 columns" in one(found(folder), "unreadable-file").values["reason"]


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04" + b"x" * 100, b"<html>", b"\xd0\xcf\x11\xe0" * 9])
def test_what_is_no_workbook_is_a_problem(tmp_path, content):
    """Old tools write HTML or the older format under the new ending."""
    (write(tmp_path, reps=None) / "reps.xlsx").write_bytes(content)
    problems = found(tmp_path)
    assert one(problems, "unreadable-file").table == "reps.xlsx"
    assert "missing-table" not in problems


def test_an_empty_workbook_is_empty(tmp_path):
    workbook(write(tmp_path, reps=None) / "reps.xlsx", {"reps": []})
    assert one(found(tmp_path), "empty-file").table == "reps.xlsx"


def test_without_the_extra_one_line_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    assert one(found(people(tmp_path, ["007", "A", "sdr"])), "missing-extra").values == {"extra": "xlsx"}
