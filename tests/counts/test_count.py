"""The waist: every denominator of the catalogue, counted by hand on a few rows."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from sdrlib.counts import count
from sdrlib.errors import DataUnfitError, Problem, UsageError
from sdrlib.records import Checked
from tests.teams import NOW, call, email, meeting, settings, team


def counted(checked, **said):
    return count(checked, settings(**said), now=NOW)


def total(counts, measure, rep):
    """(trials, successes) of one rep on one measure."""
    own = counts.cells[(counts.cells["measure"] == measure) & (counts.cells["rep_id"] == rep)]
    return own["trials"].sum(), own["successes"].sum()


MONDAY = "2026-03-02T10:00:00Z"
LATER = "2026-03-31T10:00:00Z"  # an activity that sets as-of four weeks on
MARK = call(999, "bob", LATER)


def one_of_each(outcomes, make):
    return [make(i, "ana", MONDAY, outcome) for i, outcome in enumerate(outcomes)]


def test_connect_rate_counts_who_was_reached_among_calls_of_known_outcome():
    outcomes = ["no_answer", "voicemail", "connected", "callback", "not_interested", "gatekeeper", "unknown", "opt_out"]
    counts = counted(team(activities=[*one_of_each(outcomes, call), MARK]))
    assert total(counts, "connect_rate", "ana") == (7, 4)
    assert total(counts, "calls_per_day", "ana") == (1, 8), "an unknown outcome is still a call"


def test_inbound_calls_are_nobodys_dials():
    rows = [call(1, "ana", MONDAY, "connected", direction="inbound"), call(2, "ana", MONDAY), MARK]
    assert total(counted(team(activities=rows)), "connect_rate", "ana") == (1, 0)


def test_bad_contacts_are_wrong_numbers_and_bounces():
    rows = [call(1, "ana", MONDAY, "wrong_number"), email(2, "ana", MONDAY, "bounced"), email(3, "ana", MONDAY), MARK]
    assert total(counted(team(activities=rows)), "bad_contact_rate", "ana") == (3, 2)


def test_replies_count_within_seven_days_of_mails_that_are_seven_days_old():
    rows = [
        email(1, "ana", "2026-03-02T10:00:00Z", "replied", replied_at="2026-03-05T10:00:00Z"),
        email(2, "ana", "2026-03-02T10:00:00Z", "replied", replied_at="2026-03-20T10:00:00Z"),
        email(3, "ana", "2026-03-02T10:00:00Z", "replied_positive"),
        email(4, "ana", "2026-03-02T10:00:00Z", "bounced"),
        email(5, "ana", "2026-03-27T10:00:00Z", "replied", replied_at="2026-03-27T11:00:00Z"),
        MARK,
    ]
    assert total(counted(team(activities=rows)), "reply_rate", "ana") == (3, 2), "late, bounced and young ones are out"


def test_a_meeting_belongs_to_the_last_outbound_activity_with_that_prospect():
    rows = [
        call(1, "ana", "2026-03-02T09:00:00Z", "connected", "acme"),
        call(2, "ana", "2026-03-03T09:00:00Z", "connected", "acme"),
        call(3, "ana", "2026-03-05T09:00:00Z", "connected", "acme"),
        call(4, "bob", "2026-03-03T09:30:00Z", "connected", "acme"),
        MARK,
    ]
    booked = meeting(1, "ana", "acme", "2026-03-03T10:00:00Z", "2026-03-09T10:00:00Z")
    counts = counted(team(activities=rows, meetings=[booked]))
    assert total(counts, "connect_to_meeting", "ana") == (3, 1)
    assert total(counts, "connect_to_meeting", "bob") == (1, 0), (
        "a colleague's call with the same prospect books nothing"
    )


def test_a_confirmation_mail_does_not_take_the_calls_booking():
    rows = [
        call(1, "ana", "2026-03-03T09:00:00Z", "meeting_booked", "acme"),
        email(2, "ana", "2026-03-03T09:05:00Z", "no_reply", "acme"),
        MARK,
    ]
    booked = meeting(1, "ana", "acme", "2026-03-03T09:06:00Z", "2026-03-09T10:00:00Z")
    counts = counted(team(activities=rows, meetings=[booked]))
    assert total(counts, "connect_to_meeting", "ana") == (1, 1)
    assert total(counts, "email_to_meeting", "ana") == (1, 0)


def test_the_channel_that_the_crm_names_decides():
    rows = [
        email(1, "ana", "2026-03-02T09:00:00Z", "replied", "acme"),
        call(2, "ana", "2026-03-03T09:00:00Z", "connected", "acme"),
        MARK,
    ]
    booked = meeting(1, "ana", "acme", "2026-03-03T10:00:00Z", "2026-03-09T10:00:00Z", booked_via="email")
    counts = counted(team(activities=rows, meetings=[booked]))
    assert total(counts, "email_to_meeting", "ana") == (1, 1)
    assert total(counts, "connect_to_meeting", "ana") == (1, 0)


def test_a_meeting_that_came_after_fourteen_days_is_no_success_of_the_mail():
    rows = [email(1, "ana", "2026-03-02T09:00:00Z", "replied", "acme"), MARK]
    booked = meeting(1, "ana", "acme", "2026-03-20T10:00:00Z", "2026-03-24T10:00:00Z")
    assert total(counted(team(activities=rows, meetings=[booked])), "email_to_meeting", "ana") == (1, 0)


def due(outcome, number=1, starts="2026-03-09T10:00:00Z", **more):
    return meeting(number, "ana", f"p{number}", "2026-03-02T10:00:00Z", starts, outcome, **more)


def test_show_rate_leaves_out_what_was_moved_and_what_nobody_logged():
    outcomes = ["held", "accepted", "disqualified", "no_show", "cancelled", "rescheduled", "pending", "unknown"]
    meetings = [due(outcome, i) for i, outcome in enumerate(outcomes)]
    counts = counted(team(activities=[call(1, "ana", MONDAY), MARK], meetings=meetings))
    assert total(counts, "show_rate", "ana") == (4, 3)
    assert counts.unlogged.set_index("rep_id")["meetings"].to_dict() == {"ana": 2}


def test_acceptance_waits_fourteen_days_and_may_come_from_the_opportunity():
    meetings = [
        due("held", 1),
        due("accepted", 2),
        due("accepted", 3, starts="2026-03-25T10:00:00Z"),
        due("no_show", 4),
    ]
    won = {
        "opportunity_id": "o1",
        "meeting_id": "m1",
        "rep_id": "ana",
        "created_at": MONDAY,
        "accepted_at": LATER,
        "status": "open",
    }
    counts = counted(team(activities=[call(1, "ana", MONDAY), MARK], meetings=meetings, opportunities=[won]))
    assert total(counts, "meeting_to_sao", "ana") == (3, 2)


def test_acceptance_that_nobody_records_is_missing_not_zero():
    counts = counted(team(activities=[call(1, "ana", MONDAY), MARK], meetings=[due("held")]))
    assert counts.missing["meeting_to_sao"] == "no_acceptance"
    assert counts.missing["reply_rate"] == "no_rows"
    assert "meeting_to_sao" not in set(counts.cells["measure"])


def test_meetings_ahead_are_those_booked_and_not_yet_due():
    ahead = [
        due("pending", 1, starts="2026-04-09T10:00:00Z"),
        due("cancelled", 2, starts="2026-04-09T10:00:00Z"),
        due("held", 3),
    ]
    counts = counted(team(activities=[call(1, "ana", MONDAY), MARK], meetings=ahead))
    assert counts.ahead.set_index("rep_id")["meetings"].to_dict() == {"ana": 1, "bob": 0}


def test_meetings_ahead_are_unknown_where_bookings_name_no_day():
    booked = meeting(1, "ana", "p1", "2026-03-03T10:00:00Z", None, "unknown")
    assert counted(team(activities=[MARK], meetings=[booked])).ahead.empty


def test_a_day_present_is_a_working_day_with_something_logged():
    rows = [
        call(1, "ana", "2026-03-02T10:00:00Z"),
        call(2, "ana", "2026-03-02T15:00:00Z"),
        call(3, "ana", "2026-03-07T10:00:00Z"),  # a Saturday: counted as calls, no day of presence
        call(4, "ana", "2026-03-08T23:30:00Z"),  # Sunday in London, Monday 9 March in Paris
        MARK,
    ]
    assert total(counted(team(activities=rows)), "calls_per_day", "ana") == (2, 4)


def test_a_day_is_divided_among_the_lists_worked():
    """Meetings per day are expected by list, so time must be told by list too; no day is lost or made up."""
    rows = [
        *(call(i, "ana", MONDAY, list_name="warm") for i in range(3)),
        call(9, "ana", "2026-03-03T10:00:00Z", list_name="cold"),
        MARK,
    ]
    cells = counted(team(activities=rows)).cells
    days = cells[(cells["measure"] == "calls_per_day") & (cells["rep_id"] == "ana")].groupby("list")["trials"].sum()
    assert days.to_dict() == {"warm": pytest.approx(1.5), "cold": pytest.approx(0.5)}


def test_meetings_of_an_unknown_list_are_never_lost():
    """Lists may be told on activities only, or meetings may name no prospect: events follow the rep's days."""
    rows = [
        *(call(i, "ana", MONDAY, list_name="warm") for i in range(3)),
        call(9, "ana", MONDAY, list_name="cold"),
        MARK,
    ]
    booked = [
        meeting(1, "ana", "p1", "2026-03-02T11:00:00Z", "2026-03-04T10:00:00Z"),
        meeting(2, "ana", None, "2026-03-02T12:00:00Z", "2026-03-04T10:00:00Z"),
        meeting(3, "ana", None, "2026-03-14T12:00:00Z", "2026-03-20T10:00:00Z"),  # a week without any activity
    ]
    cells = counted(team(activities=rows, meetings=booked)).cells
    own = cells[(cells["measure"] == "meetings_booked_per_day") & (cells["rep_id"] == "ana")]
    assert own["successes"].sum() == pytest.approx(3)
    assert own[own["trials"] > 0].groupby("list")["successes"].sum().to_dict() == {
        "warm": pytest.approx(1 + 2 * 0.75),
        "cold": pytest.approx(2 * 0.25),
    }


def test_without_prospects_a_label_that_says_so_books_the_meeting():
    rows = [
        {**call(1, "ana", MONDAY, "meeting_booked"), "prospect_id": None},
        {**call(2, "ana", MONDAY), "prospect_id": None},
        MARK,
    ]
    booked = [meeting(1, "ana", None, "2026-03-02T11:00:00Z", "2026-03-04T10:00:00Z")]
    assert total(counted(team(activities=rows, meetings=booked)), "call_to_meeting", "ana") == (2, 1)


def test_a_booking_that_nothing_links_to_an_activity_is_missing_not_zero():
    rows = [call(1, "ana", MONDAY, "connected"), MARK]
    booked = [meeting(1, "ana", "elsewhere", "2026-03-02T11:00:00Z", "2026-03-04T10:00:00Z")]
    missing = counted(team(activities=rows, meetings=booked)).missing
    assert {m for m, why in missing.items() if why == "no_link"} == {
        "connect_to_meeting",
        "call_to_meeting",
        "activity_to_meeting",
    }


def test_rest_days_are_those_of_the_reps_country():
    people = [
        {"rep_id": "ana", "name": "Ana", "role": "sdr", "country": "EG"},
        {"rep_id": "bob", "name": "Bob", "role": "sdr"},
    ]
    friday = "2026-03-06T10:00:00Z"
    rows = [call(1, "ana", friday), call(2, "ana", MONDAY), call(3, "bob", friday), call(4, "bob", MONDAY)]
    counts = counted(with_people(people, rows))
    assert total(counts, "calls_per_day", "ana")[0] == 1, "Friday is a rest day in Egypt"
    assert total(counts, "calls_per_day", "bob")[0] == 2


def with_people(people, rows):
    from tests.teams import canonical

    checked = team(activities=rows)
    frames = {**checked.tables.frames, "reps": canonical("reps", people)}
    return Checked(checked.tables.__class__(frames, "Europe/Paris", uri="", fingerprint=""), (), ())


def test_nothing_after_as_of_is_read():
    rows = [call(1, "ana", MONDAY), call(2, "ana", "2026-03-20T10:00:00Z", "connected")]
    checked = team(activities=rows)
    counts = counted(checked, as_of=datetime(2026, 3, 10, tzinfo=UTC))
    assert total(counts, "connect_rate", "ana") == (1, 0)
    assert counts.window.as_of == datetime(2026, 3, 10, tzinfo=UTC)


def test_an_as_of_day_includes_that_day_in_the_teams_zone():
    rows = [call(1, "ana", "2026-03-02T10:00:00Z"), call(2, "ana", "2026-03-02T23:30:00Z"), call(3, "ana", LATER)]
    day = counted(team(activities=rows), as_of=datetime(2026, 3, 2))
    assert total(day, "connect_rate", "ana") == (1, 0), "23:30 UTC is the next day in Paris"
    noon = counted(team(activities=rows), as_of=datetime(2026, 3, 2, 12, 30))
    assert noon.window.as_of == datetime(2026, 3, 2, 11, 30, tzinfo=UTC)


def test_rows_of_the_future_do_not_move_as_of():
    rows = [call(1, "ana", MONDAY), call(2, "ana", "2099-01-01T10:00:00Z", "connected")]
    counts = counted(team(activities=rows))
    assert counts.window.as_of == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert total(counts, "connect_rate", "ana") == (1, 0)


def test_a_day_that_has_not_come_cannot_be_asked_for_and_today_can():
    rows = [call(1, "ana", MONDAY)]
    with pytest.raises(UsageError, match="2099-01-01 has not come yet"):
        counted(team(activities=rows), as_of=datetime(2099, 1, 1))
    today = counted(team(activities=rows), as_of=datetime(NOW.year, NOW.month, NOW.day))
    assert today.window.as_of == NOW


def test_activities_that_all_lie_in_the_future_cannot_be_counted():
    booked = meeting(1, "ana", "p1", "2026-03-02T11:00:00Z", "2026-03-04T10:00:00Z")
    with pytest.raises(DataUnfitError) as error:
        counted(team(activities=[call(1, "ana", "2099-01-01T10:00:00Z")], meetings=[booked]))
    assert [(p.code, p.rows) for p in error.value.problems] == [("future", 1)]


def test_a_period_without_any_activity_is_no_empty_success():
    with pytest.raises(UsageError, match="holds no activity"):
        counted(team(activities=[call(1, "ana", MONDAY), MARK]), period="2026-W11")


def test_a_new_hire_is_counted_with_new_hires_on_the_day_of_the_call():
    people = [
        {"rep_id": "ana", "name": "Ana", "role": "sdr", "started_on": "2026-01-01"},
        {"rep_id": "bob", "name": "Bob", "role": "sdr"},
    ]
    rows = [
        call(1, "ana", "2026-03-31T10:00:00Z"),
        call(2, "ana", "2026-04-01T10:00:00Z"),
        call(3, "bob", "2026-03-31T10:00:00Z"),
    ]
    counts = count(with_people(people, rows), settings(), now=datetime(2026, 5, 1, tzinfo=UTC))
    calls = counts.cells[counts.cells["measure"] == "connect_rate"]
    assert calls.groupby("rep_id")["tenure"].apply(set).to_dict() == {"ana": {"30-89", "90-179"}, "bob": {"unknown"}}


def test_a_list_comes_from_the_activity_then_from_the_prospect():
    prospects = [{"prospect_id": "acme", "list_name": "warm"}, {"prospect_id": "beta", "segment": "smb"}]
    rows = [
        call(1, "ana", MONDAY, prospect="acme"),
        call(2, "ana", MONDAY, prospect="acme", list_name="cold"),
        call(3, "ana", MONDAY, prospect="beta"),
        call(4, "bob", MONDAY, prospect="nowhere"),
    ]
    counts = counted(team(activities=rows, prospects=prospects))
    calls = counts.cells[counts.cells["measure"] == "connect_rate"]
    assert sorted(calls["list"]) == ["cold", "smb", "unknown", "warm"]


def test_account_executives_are_not_compared_with_sdrs():
    people = [{"rep_id": "ana", "name": "Ana", "role": "sdr"}, {"rep_id": "eve", "name": "Eve", "role": "ae"}]
    counts = counted(with_people(people, [call(1, "ana", MONDAY), call(2, "eve", MONDAY)]))
    assert list(counts.reps["rep_id"]) == ["ana"]
    assert set(counts.cells["rep_id"]) == {"ana"}


def test_a_team_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(UsageError, match=r"--team 'south' is not in the data\. Teams found: north\."):
        counted(team(activities=[MARK]), team="south")


def test_unfit_tables_are_never_counted():
    checked = team(activities=[MARK])
    unfit = Checked(checked.tables, fatal=(Problem("x"),), warnings=())
    with pytest.raises(ValueError, match="fatal"):
        counted(unfit)


def test_counting_two_halves_gives_the_sum_of_the_whole():
    """The waist loses nothing: count(A) + count(B) == count(A and B) on rows that share no prospect."""
    first = [
        call(i, "ana", f"2026-03-{2 + i % 20:02d}T10:00:00Z", "connected" if i % 3 else "no_answer") for i in range(30)
    ]
    second = [
        email(100 + i, "bob", f"2026-03-{2 + i % 20:02d}T11:00:00Z", "replied" if i % 4 else "no_reply")
        for i in range(30)
    ]
    as_of = datetime(2026, 3, 31, tzinfo=UTC)
    keys = ["measure", "rep_id", "list", "channel", "tenure", "week"]

    def cells(rows):
        found = counted(team(activities=rows), as_of=as_of).cells
        return found[~found["measure"].str.endswith("_day")].astype(dict.fromkeys(keys[:-1], "str"))

    parts = pd.concat([cells(first), cells(second)]).groupby(keys, as_index=False).sum()
    whole = cells(first + second).groupby(keys, as_index=False).sum()
    pd.testing.assert_frame_equal(parts, whole)


def test_moments_over_prospects_are_sums_over_each_prospects_own_calls():
    rows = [
        call(1, "ana", MONDAY, "connected", "acme"),
        call(2, "ana", "2026-03-09T10:00:00Z", "no_answer", "acme"),
        call(3, "ana", MONDAY, "connected", "beta"),
        call(4, "ana", MONDAY, "no_answer", "gamma"),
        MARK,
    ]
    found = counted(team(activities=rows)).clusters.set_index(["measure", "rep_id", "by_week"])
    sums = ["clusters", "sum_num", "sum_den", "sum_num2", "sum_numden", "sum_den2"]
    assert list(found.loc[("connect_rate", "ana", False), sums]) == [3, 2, 4, 2, 3, 6]
    assert list(found.loc[("connect_rate", "ana", True), sums]) == [4, 2, 4, 2, 2, 4], "two weeks are two clusters"


def test_warnings_travel_without_their_examples():
    checked = team(activities=[MARK])
    warned = Checked(checked.tables, (), (Problem("unknown-prospect", rows=2, examples=("line 3: Zoé",)),))
    assert counted(warned).problems == (Problem("unknown-prospect", rows=2),)
