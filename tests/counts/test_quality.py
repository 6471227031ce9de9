"""Gaps, doubles and days of hand-made teams, as the rows end."""

from dataclasses import replace

import pandas as pd
import pytest
from babel import Locale

from sdrlib.counts import count, examine, quality
from sdrlib.errors import Problem
from sdrlib.records import Checked
from tests.teams import NOW, call, canonical, email, meeting, settings, team

MONDAY, TUESDAY, SATURDAY = "2026-03-02", "2026-03-03", "2026-03-07"


def at(day, time="10:00:00"):
    return f"{day}T{time}+01:00"


def counted(**tables):
    return examine(team(**tables), settings(), now=NOW)


def cell(frame, **where):
    for column, value in where.items():
        frame = frame[frame[column] == value]
    (row,) = frame.to_dict("records")
    return row


def test_every_column_tells_its_rows_gaps_values_and_complaints():
    checked = team(activities=[call(1, "ana", at(MONDAY)), call(2, "bob", at(MONDAY), prospect="p1")])
    complaints = (
        Problem("unknown-label", "activities", "outcome", 1),
        Problem("wrong-channel", "activities", "outcome", 1),
        Problem("deliberate-unknown", "activities", "outcome", 2),
        Problem("unknown-column", "activities"),
    )
    found = examine(Checked(checked.tables, (), complaints), settings(), now=NOW).columns
    assert cell(found, table="activities", column="prospect_id")["distinct"] == 1
    assert cell(found, table="activities", column="duration_s")["missing"] == 2
    assert cell(found, table="activities", column="outcome") == {
        "table": "activities", "column": "outcome", "rows": 2, "missing": 0, "distinct": 1, "invalid": 2,
    }  # fmt: skip
    assert "meetings" not in set(found["table"]), "a table without rows has no columns to judge"


def test_a_list_is_missing_only_where_neither_the_row_nor_its_prospect_names_one():
    prospects = [{"prospect_id": "p1", "list_name": "warm"}, {"prospect_id": "p2"}]
    rows = [call(n, "ana", at(MONDAY, f"10:0{n}:00"), prospect=f"p{n}") for n in (1, 2, 3)]
    rows.append(call(4, "ana", at(MONDAY), prospect="p2", list_name="own"))
    found = counted(activities=rows, prospects=prospects).gaps
    assert cell(found, rep_id="ana", column="list_name", table="activities")["missing"] == 2
    assert cell(found, rep_id="ana", column="list_name", table="activities")["rows"] == 4


def test_what_a_meeting_lacks_is_counted_for_who_booked_it():
    rows = [meeting(1, "ana", "p1", at(MONDAY), at(TUESDAY)), meeting(2, "ana", None, at(MONDAY), at(TUESDAY))]
    found = counted(activities=[call(1, "ana", at(MONDAY))], meetings=rows).gaps
    assert cell(found, rep_id="ana", column="prospect_id", table="meetings")["missing"] == 1


def test_unknown_outcomes_are_those_of_outbound_rows_and_of_meetings_that_were_due():
    acts = [call(1, "ana", at(MONDAY), "unknown"), call(2, "ana", at(MONDAY)), email(3, "ana", at(MONDAY), "unknown")]
    acts += [call(4, "ana", at(MONDAY), "unknown", direction="inbound"), call(5, "bob", at("2026-03-05"))]
    meets = [
        meeting(n, "ana", f"m{n}", at(MONDAY), at(TUESDAY), outcome)
        for n, outcome in enumerate(("pending", "held", "cancelled", "rescheduled"))
    ]
    found = counted(activities=acts, meetings=meets).outcomes
    assert cell(found, table="activities", rep_id="ana", channel="call")["rows"] == 2
    assert cell(found, table="activities", rep_id="ana", channel="call")["unknown"] == 1
    assert cell(found, table="activities", channel="email")["unknown"] == 1
    assert cell(found, table="meetings", rep_id="ana")["rows"] == 2
    assert cell(found, table="meetings", rep_id="ana")["unknown"] == 1


def test_a_double_is_equal_in_all_but_its_key_or_at_least_in_its_minute():
    rows = [
        call(1, "ana", at(MONDAY), prospect="p1"),
        call(2, "ana", at(MONDAY), prospect="p1"),
        call(3, "ana", at(MONDAY, "10:00:40"), prospect="p1"),
        call(4, "ana", at(MONDAY, "10:01:00"), prospect="p1"),
        call(5, "bob", at(MONDAY), prospect="p1"),
        email(6, "ana", at(MONDAY), prospect="p1"),
    ]
    found = counted(activities=rows)
    assert found.doubles.to_dict("records") == [
        {"table": "activities", "rep_id": "ana", "kind": "exact", "rows": 1},
        {"table": "activities", "rep_id": "ana", "kind": "minute", "rows": 1},
    ]
    assert found.timed == {"activities": 6, "meetings": 0}


def test_doubles_of_many_rows_are_looked_for_some_days_at_a_time(monkeypatch):
    days = [f"2026-03-{day:02d}" for day in (2, 3, 5, 6)]
    rows = [call(n, "ana", at(day), prospect="p1") for n, day in enumerate(sorted(days * 2))]
    rows += [call(20 + n, "bob", at(day), prospect="p2") for n, day in enumerate(sorted(days * 3))]
    whole = counted(activities=rows).doubles
    monkeypatch.setattr(quality, "AT_ONCE", 8)
    parts, looked = [], quality.doubles
    monkeypatch.setattr(quality, "doubles", lambda *given: parts.append(given[0]) or looked(*given))
    pd.testing.assert_frame_equal(counted(activities=rows).doubles, whole)
    assert len(parts[0]) == 2, "in parts"
    assert whole["rows"].sum() == 4 + 8


def test_rows_without_a_prospect_are_doubles_only_when_equal():
    def anonymous(number, outcome):
        return {**call(number, "ana", at(MONDAY), outcome), "prospect_id": None}

    rows = [anonymous(1, "busy"), anonymous(2, "busy"), anonymous(3, "no_answer")]
    assert [(d["kind"], d["rows"]) for d in counted(activities=rows).doubles.to_dict("records")] == [("exact", 1)]


def test_rows_that_know_only_their_day_are_not_asked():
    rows = [call(n, "ana", f"{MONDAY}T00:00:00+01:00", prospect="p1") for n in (1, 2)]
    found = counted(activities=rows)
    assert found.doubles.empty
    assert found.timed["activities"] == 0


def test_brief_talks_are_calls_connected_with_a_known_duration():
    rows = [
        call(1, "ana", at(MONDAY), "connected", duration_s=9),
        call(2, "ana", at(MONDAY), "connected", duration_s=10),
        call(3, "ana", at(MONDAY), "connected"),
        call(4, "ana", at(MONDAY), "no_answer", duration_s=3),
    ]
    assert cell(counted(activities=rows).talk, rep_id="ana") == {"rep_id": "ana", "rows": 2, "brief": 1}


@pytest.fixture
def days():
    people = [
        {"rep_id": "ana", "name": "Ana", "role": "sdr", "started_on": "2026-03-04", "ended_on": "2026-03-09"},
        {"rep_id": "bob", "name": "Bob", "role": "sdr"},
        {"rep_id": "eve", "name": "Eve", "role": "sdr", "country": "AE"},
    ]
    acts = [call(1, "ana", at("2026-03-04")), call(2, "bob", at("2026-03-03")), call(3, "eve", at(MONDAY))]
    acts.append(call(4, "bob", at("2026-03-11")))
    checked = team(activities=acts)
    frames = {**checked.tables.frames, "reps": canonical("reps", people)}
    found = examine(Checked(replace(checked.tables, frames=frames), (), ()), settings(), now=NOW)
    return {rep: [d.date().isoformat()[8:] for d in own] for rep, own in found.days.groupby("rep_id")["day"]}


def test_working_days_run_from_the_first_to_the_last_day_of_the_rep(days):
    assert days["ana"] == ["04", "05", "06", "09"]


def test_without_a_first_day_they_begin_with_the_first_that_was_logged_and_as_of_is_not_over(days):
    assert days["bob"] == ["03", "04", "05", "06", "09", "10"]


def test_rest_days_are_those_of_the_country(days):
    """In the Emirates Saturday and Sunday rest; Unicode's data say so since 2022."""
    locale = Locale.parse("und_AE")
    off = range(locale.weekend_start, locale.weekend_end + 1)
    assert all(pd.Timestamp(f"2026-03-{day}").day_of_week not in off for day in days["eve"])


def test_counts_carry_the_quality_of_their_window():
    rows = [call(1, "ana", at("2026-01-05"), "unknown"), call(2, "ana", at(MONDAY)), call(3, "bob", at(MONDAY))]
    found = count(team(activities=rows), settings(period="2026-03"), now=NOW).quality
    assert found.outcomes["unknown"].sum() == 0
    assert cell(found.columns, table="activities", column="outcome")["rows"] == 3, "columns are of the whole table"
