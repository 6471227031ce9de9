"""Meetings by booking, due and acceptance day as seen at as-of; what came later is not known, and no id is kept."""

from dataclasses import replace
from datetime import date

import pandas as pd

from sdrlib.counts import count
from tests.teams import NOW, call, canonical, meeting, settings, team

ROWS = [call(1, "ana", "2026-03-02T10:00:00Z"), call(2, "bob", "2026-03-09T10:00:00Z")]


def counted(meetings=(), *, as_of="2026-03-20T12:00:00Z", zone="Europe/Paris", reps=("ana", "bob"), **tables):
    checked = team(activities=ROWS, meetings=list(meetings), zone=zone, reps=reps, **tables)
    return count(checked, settings(as_of=as_of), now=NOW)


def seen(*args, **more):
    found = counted(*args, **more).appointments
    return [
        tuple(v.date().isoformat() if isinstance(v, pd.Timestamp) else None if v is pd.NaT else v for v in row)
        for row in found.itertuples(index=False, name=None)
    ]


def accepted(at, meeting_id="m1", rep="ana", number=1):
    return {
        "opportunity_id": f"o{number}", "meeting_id": meeting_id, "rep_id": rep, "created_at": at, "accepted_at": at,
        "status": "open", "stage": "x",
    }  # fmt: skip


KNOWN = (
    ("held", "2026-03-18T10:00:00Z", "held"),
    ("accepted", "2026-03-18T10:00:00Z", "held"),
    ("disqualified", "2026-03-18T10:00:00Z", "held"),
    ("no_show", "2026-03-18T10:00:00Z", "missed"),
    ("pending", "2026-03-18T10:00:00Z", "open"),
    (None, "2026-03-18T10:00:00Z", "open"),
    ("pending", "2026-03-25T10:00:00Z", "ahead"),
    ("held", "2026-03-25T10:00:00Z", "ahead"),  # known only later: from the past it is still to come
    ("cancelled", "2026-03-25T10:00:00Z", "off"),
    ("cancelled", "2026-03-18T10:00:00Z", "off"),
    ("rescheduled", "2026-03-25T10:00:00Z", "moved"),
)
"""Outcome, start, what it is on the as-of."""


def test_a_meeting_is_what_was_known_of_it():
    """Each is booked on a day of its own, by which it is told apart."""
    made = [
        meeting(day, "ana", f"p{day}", f"2026-03-{day:02}T10:00:00Z", starts, outcome)
        for day, (outcome, starts, _) in enumerate(KNOWN, 1)
    ]
    expected = [
        ("ana", f"2026-03-{day:02}", starts[:10], state, None, 1) for day, (_, starts, state) in enumerate(KNOWN, 1)
    ]
    assert sorted(seen(made), key=lambda row: row[1]) == expected


def test_meetings_of_the_same_days_are_one_line_and_nobodys_id_is_left():
    made = [meeting(i, "ana", f"p{i}", "2026-03-10T10:00:00Z", "2026-03-18T10:00:00Z") for i in range(3)]
    assert seen(made) == [("ana", "2026-03-10", "2026-03-18", "held", None, 3)]


def test_days_are_the_teams_own():
    late = meeting(1, "ana", "p1", "2026-03-10T23:30:00Z", "2026-03-18T10:00:00Z")
    assert seen([late])[0][1] == "2026-03-11"
    assert seen([late], zone="America/New_York")[0][1] == "2026-03-10"


def test_what_was_booked_after_as_of_or_long_before_is_not_there():
    later = meeting(1, "ana", "p1", "2026-03-21T10:00:00Z", "2026-03-25T10:00:00Z")
    old = meeting(2, "ana", "p2", "2025-06-01T10:00:00Z", "2025-06-05T10:00:00Z")
    undated = meeting(3, "ana", "p3", "2026-03-10T10:00:00Z", None, "pending")
    assert seen([later, old, undated]) == [("ana", "2026-03-10", None, "open", None, 1)]


def test_an_acceptance_counts_from_its_day_and_only_once_it_is_given():
    made = meeting(1, "ana", "p1", "2026-03-05T10:00:00Z", "2026-03-10T10:00:00Z", "accepted")
    for given, day in (("2026-03-16T10:00:00Z", "2026-03-16"), ("2026-03-25T10:00:00Z", None)):
        assert seen([made], opportunities=[accepted(given)]) == [("ana", "2026-03-05", "2026-03-10", "held", day, 1)]


def test_two_opportunities_of_one_meeting_are_one_acceptance_the_earlier():
    made = meeting(1, "ana", "p1", "2026-03-05T10:00:00Z", "2026-03-10T10:00:00Z")
    both = [accepted("2026-03-16T10:00:00Z"), accepted("2026-03-13T10:00:00Z", number=2)]
    assert seen([made], opportunities=both) == [("ana", "2026-03-05", "2026-03-10", "held", "2026-03-13", 1)]


def test_an_accepted_opportunity_without_a_meeting_counts_and_a_strangers_does_not():
    loose = [
        accepted("2026-03-16T10:00:00Z", None),
        accepted("2026-03-16T11:00:00Z", "gone", number=2),
        accepted("2026-03-16T11:00:00Z", None, rep="zed", number=3),
    ]
    assert seen(opportunities=loose) == [("ana", None, None, "loose", "2026-03-16", 2)]


def test_a_calendar_begins_with_service_or_the_data_and_says_when_somebody_was_last_seen():
    people = [
        {"rep_id": "ana", "name": "Ana", "role": "sdr", "started_on": "2024-01-01", "country": "FR"},
        {"rep_id": "bob", "name": "Bob", "role": "sdr", "started_on": "2026-03-09", "ended_on": "2026-03-13",
         "country": "SA"},
        {"rep_id": "eve", "name": "Eve", "role": "sdr"},
    ]  # fmt: skip
    checked = team(activities=ROWS)
    frames = {**checked.tables.frames, "reps": canonical("reps", people)}
    made = replace(checked, tables=replace(checked.tables, frames=frames))
    rows = count(made, settings(as_of="2026-03-20T12:00:00Z"), now=NOW).calendars.to_dict("records")
    assert [(r["rep_id"], r["rest"], r["since"].date(), r["seen_on"].date()) for r in rows] == [
        ("ana", "56", date(2026, 3, 2), date(2026, 3, 2)),
        ("bob", "45", date(2026, 3, 9), date(2026, 3, 9)),
    ]
    assert "2026-05-01" in rows[0]["free"].split(), "Labour Day, in France"
    assert "2026-05-01" not in rows[1]["free"]
    assert rows[1]["until"].date() == date(2026, 3, 13)
    assert rows[0]["until"] is pd.NaT
