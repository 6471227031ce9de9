"""The order of day and month: proved by the column, declared, or asked about; never guessed."""

import pandas as pd
import pytest

from sdrlib.sources import load
from tests.folders import activities, found, one, write

PARIS = 'time_zone = "Europe/Paris"\n'


def dated(tmp_path, cells, mapping=PARIS):
    """A folder whose activities have these times, and its mapping."""
    rows = [{**row, "at": cell} for row, cell in zip(activities() * 9, cells, strict=False)]
    rows = [{**row, "activity_id": str(n)} for n, row in enumerate(rows)]
    folder = write(tmp_path / "data", activities=rows)
    (tmp_path / "how.toml").write_text(mapping)
    return folder, tmp_path / "how.toml"


def times(folder, crm):
    frame = load(str(folder), crm=str(crm)).frames["activities"].order_by("source_row").execute()
    return [None if pd.isna(t) else t.isoformat()[:16] for t in frame["at"]]


def test_a_column_that_fits_both_orders_is_asked_about(tmp_path):
    folder, crm = dated(tmp_path, ["03/02/2026 10:00", "04/02/2026 10:00"])
    problems = found(folder, crm)
    problem = one(problems, "ambiguous-dates")
    assert (problem.rows, problem.column) == (2, "at")
    assert problem.values["line"] == 'dates = ["%d/%m/%Y %H:%M"]'
    assert problem.values["others"] == 'dates = ["%m/%d/%Y %H:%M"]'
    assert "bad-time" not in problems, "one mistake is reported once"
    assert times(folder, crm) == [None, None]


@pytest.mark.parametrize(
    ("line", "first"), [('"%d/%m/%Y %H:%M"', "2026-02-03T09:00"), ('"%m/%d/%Y %H:%M"', "2026-03-02T09:00")]
)
def test_the_line_that_answers_the_question_is_enough(tmp_path, line, first):
    folder, crm = dated(tmp_path, ["03/02/2026 10:00", "04/02/2026 10:00"], PARIS + f"dates = [{line}]\n")
    assert "ambiguous-dates" not in found(folder, crm)
    assert times(folder, crm)[0] == first


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["03/02/2026", "13/02/2026"], "2026-02-02T23:00"),
        (["03/02/2026", "02/13/2026"], "2026-03-01T23:00"),
        (["27.06.2023 11:28", "01.02.2023 9:05"], "2023-06-27T09:28"),
        (["2/3/2026 9:30 PM", "1/31/2026 12:05 AM"], "2026-02-03T20:30"),
        (["20-10-16", "20-11-30"], "2020-10-15T22:00"),
        (["2025/12/04 07:57"], "2025-12-04T06:57"),
    ],
    ids=["day first", "month first", "dotted", "twelve hours", "year first", "slashed year"],
)
def test_one_cell_proves_the_order_of_its_column(tmp_path, cells, first):
    folder, crm = dated(tmp_path, cells if cells != ["20-10-16", "20-11-30"] else ["20-10-16", "20-11-30", "32-01-02"])
    assert times(folder, crm)[0] == first
    assert found(folder, crm).keys() <= {"future"}


def test_what_was_proved_is_told_to_readers_in_both_languages(tmp_path):
    folder, crm = dated(tmp_path, ["03/02/2026", "13/02/2026"])
    notes = load(str(folder), crm=str(crm)).notes
    assert notes["en"] == ("at of activities was read as %d/%m/%Y: 13/02/2026 fits no other order.",)
    assert "13/02/2026" in notes["fr"][0]


def test_a_column_that_contradicts_itself_is_a_problem_with_both_proofs(tmp_path):
    problems = found(*dated(tmp_path, ["13/02/2026", "02/13/2026", "01/02/2026"]))
    problem = one(problems, "mixed-dates")
    assert (problem.rows, problem.examples) == (3, ("13/02/2026", "02/13/2026"))
    assert "bad-time" not in problems


def test_an_order_that_makes_no_difference_is_no_question(tmp_path):
    folder, crm = dated(tmp_path, ["01/01/2026", "02/02/2026"])
    assert found(folder, crm) == {}
    assert times(folder, crm) == ["2025-12-31T23:00", "2026-02-01T23:00"]


def test_cells_that_are_no_dates_are_told_beside_the_question(tmp_path):
    problems = found(*dated(tmp_path, ["03/02/2026", "soon", "2026-03-01", "45/45/2026"]))
    assert one(problems, "ambiguous-dates").rows == 1
    assert one(problems, "bad-time").examples == ("#3 soon", "#5 45/45/2026")


def test_a_proved_look_is_read_beside_an_open_one(tmp_path):
    folder, crm = dated(tmp_path, ["27.06.2023 11:28", "20-10-11"])
    assert one(found(folder, crm), "ambiguous-dates").rows == 1
    assert times(folder, crm) == ["2023-06-27T09:28", None]


def test_a_proved_order_still_needs_a_zone(tmp_path):
    folder, _ = dated(tmp_path, ["13/02/2026", "14/02/2026"])
    assert one(found(folder), "naive-time").rows == 2


@pytest.mark.parametrize(
    ("cell", "form", "utc"),
    [
        ("45631", "excel", "2024-12-04T23:00"), ("45631.5", "excel", "2024-12-05T11:00"),
        ("1760000000", "unix", "2025-10-09T08:53"), ("1760000000123", "unix_ms", "2025-10-09T08:53"),
        ("3 févr. 2026", "%d %b %Y", "2026-02-02T23:00"), ("15 août 2026", "%d %B %Y", "2026-08-14T22:00"),
        ("3 Feb 2026", "%d %b %Y", "2026-02-02T23:00"), ("Sep 2, 2026", "%b %d, %Y", "2026-09-01T22:00"),
    ],
)  # fmt: skip
def test_counted_times_and_names_of_months_are_read_where_declared(tmp_path, cell, form, utc):
    folder, crm = dated(tmp_path, [cell], PARIS + f'dates = ["{form}"]\n')
    assert times(folder, crm) == [utc]


@pytest.mark.parametrize("cell", ["45631", "1760000000"])
def test_a_number_is_never_taken_for_a_time_unasked(tmp_path, cell):
    assert one(found(*dated(tmp_path, [cell])), "bad-time").examples == (f"#2 {cell}",)
