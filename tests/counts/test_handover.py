"""Meetings by account executive and activities by stage: only what is old enough, only what was so at that moment."""

from sdrlib.counts import count
from tests.teams import NOW, call, canonical, meeting, settings, team

HELD = "2026-03-05T10:00:00Z"
PEOPLE = [
    {"rep_id": "ana", "name": "Ana", "role": "sdr"},
    {"rep_id": "bob", "name": "Bob", "role": "sdr"},
    {"rep_id": "ae1", "name": "Zoé", "role": "ae"},
]


def counted(*, meetings=(), calls=None, people=None, **tables):
    rows = calls or [call(1, "ana", "2026-03-02T10:00:00Z"), call(2, "bob", "2026-03-30T10:00:00Z")]
    checked = team(activities=rows, meetings=list(meetings), **tables)
    if people:
        checked.tables.frames["reps"] = canonical("reps", people)
    return count(checked, settings(period="all"), now=NOW)


def booked(number, outcome="held", starts=HELD, rep="ana", **more):
    return meeting(number, rep, f"p{number}", "2026-03-03T10:00:00Z", starts, outcome, **more)


def test_meetings_held_are_counted_by_who_held_them_and_who_booked_them():
    rows = [
        booked(1, "accepted", host_id="ae1"),
        booked(2, host_id="ae1"),
        booked(3, host_id="ae1", rep="bob"),
        booked(4, "no_show", host_id="ae1"),
        booked(5, host_id="ae9"),
        booked(6, "accepted"),
    ]
    found = counted(meetings=rows, people=PEOPLE).hosts
    assert found.values.tolist() == [
        ["", "", "ana", 1, 1],
        ["ae1", "Zoé", "ana", 2, 1],
        ["ae1", "Zoé", "bob", 1, 0],
        ["ae9", "ae9", "ana", 1, 0],
    ]


def test_a_meeting_too_young_to_be_accepted_is_held_against_nobody():
    rows = [booked(1, "accepted", host_id="ae1"), booked(2, starts="2026-03-20T10:00:00Z", host_id="ae1")]
    assert counted(meetings=rows).hosts["held"].sum() == 1


def test_a_prospect_is_what_it_was_when_it_was_called():
    calls = [
        call(1, "ana", "2026-03-02T10:00:00Z", prospect="a"),
        call(2, "ana", "2026-03-06T10:00:00Z", prospect="a"),
        call(3, "ana", "2026-03-10T10:00:00Z", prospect="a"),
        call(4, "bob", "2026-03-10T10:00:00Z", prospect="b"),
        call(5, "bob", "2026-03-30T10:00:00Z", prospect=None) | {"prospect_id": None},
        call(6, "bob", "2026-03-10T11:00:00Z", prospect="b", direction="inbound"),
    ]
    prospects = [
        {"prospect_id": "a", "mql_at": "2026-03-05T10:00:00Z", "sql_at": "2026-03-08T10:00:00Z"},
        {"prospect_id": "b"},
    ]
    found = counted(calls=calls, prospects=prospects).stages
    assert dict(found.itertuples(index=False, name=None)) == {"early": 2, "mql": 1, "sql": 1, "unnamed": 1}


def test_where_nobody_marks_leads_nothing_is_called_early():
    assert counted(prospects=[{"prospect_id": "p1"}]).stages.empty
    assert counted().stages.empty
