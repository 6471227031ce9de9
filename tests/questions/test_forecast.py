"""What is to come: what happened is kept, what cannot come is left out, and nobody on track is asked for more."""

from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sdrlib.questions.forecast import ACCEPTED, BOOKED, HELD, forecast
from sdrlib.questions.forecast_basis import spans
from sdrlib.records import APPOINTMENTS, CALENDARS, TEAM, Counts, Evidence, Window
from tests.teams import settings

FIRST = date(2025, 12, 1)
TARGET = {"scope": "rep", "scope_id": "ana", "measure": HELD, "period": "month", "starts_on": None, "value": 16.0}


def working(start, days):
    return np.busday_offset(np.datetime64(start), days, roll="forward")


def routine(rep, today, *, every=1, until=None):
    """A booking on every so many working days, due three later; four of five held, half of those accepted."""
    rows = []
    last = np.datetime64(until or today)
    for i, day in enumerate(np.arange(np.datetime64(FIRST), last + 1)):
        if not np.is_busday(day) or np.busday_count(np.datetime64(FIRST), day) % every:
            continue
        due, state = working(day, 3), "missed" if i % 5 == 0 else "held"
        given = working(due, 4) if state == "held" and i % 2 else None
        ahead = due > np.datetime64(today)
        given = given if given is not None and given <= np.datetime64(today) and not ahead else None
        rows.append((rep, day, due, "ahead" if ahead else state, given, 1))
    return rows


def person(rep="ana", **said):
    made = {"rep_id": rep, "rest": "56", "free": "", "since": FIRST, "until": None, "seen_on": date(2026, 3, 31)}
    return made | said


def counts(rows, people=None, *, at=datetime(2026, 3, 16, 17, tzinfo=UTC), targets=(), tenure=400):
    found = pd.DataFrame(rows, columns=list(APPOINTMENTS)).astype({"number": int})
    for column in ("booked_on", "due_on", "accepted_on"):
        found[column] = pd.to_datetime(found[column])
    people = people or [person()]
    ids = [p["rep_id"] for p in people]
    calendars = pd.DataFrame(people, columns=list(CALENDARS))
    for column in ("since", "until", "seen_on"):
        calendars[column] = pd.to_datetime(calendars[column])
    nothing = pd.DataFrame()
    return Counts(
        reps=pd.DataFrame({"rep_id": ids, "team": "north", "tenure_days": tenure}),
        cells=nothing, clusters=nothing, mix=nothing, ahead=nothing, unlogged=nothing, coached=nothing,
        targets=pd.DataFrame(list(targets), columns=list(TARGET)),
        missing={}, window=Window("all", FIRST, at.date(), at, "UTC"), fingerprint="f", files=(), problems=(), notes={},
        appointments=found, calendars=calendars,
    )  # fmt: skip


def foreseen(rows, *, calm=(), **said):
    made = counts(rows, **said)
    evidence = Evidence(tuple(SimpleNamespace(rep_id=r) for r in made.reps["rep_id"]), {}, None, made)
    advice = [SimpleNamespace(rep_id=r, unhurried=r in calm) for r in made.reps["rep_id"]]
    return forecast(evidence, advice, settings())


def at(day, hour=17):
    return datetime(2026, *day, hour, tzinfo=UTC)


def own(found, measure=HELD, horizon="month", rep="ana"):
    return found.of(rep).find(measure, horizon)


MID = date(2026, 3, 16)


# ---- what it consists of ------------------------------------------------------------------------------


def test_what_happened_is_the_least_and_what_is_booked_and_to_come_is_added():
    found = own(foreseen(routine("ana", MID)))
    held = sum(r[3] == "held" and date(2026, 3, 1) <= r[2].astype(object) <= MID for r in routine("ana", MID))
    assert (found.so_far, found.booked, found.days_left) == (held, 3, 11)
    assert found.start, found.end == (date(2026, 3, 1), date(2026, 3, 31))
    assert found.so_far < found.low <= found.median <= found.high
    assert found.median - found.so_far == pytest.approx(0.8 * (3 + 8), abs=1.5), "three booked, eight early enough"


def test_a_regular_past_is_continued_by_every_measure():
    found = foreseen(routine("ana", MID))
    assert own(found, BOOKED).median == pytest.approx(22, abs=2), "one a day"
    assert own(found, ACCEPTED).median == pytest.approx(0.4 * 22, abs=3)
    assert own(found, HELD, "quarter").so_far > own(found, HELD).so_far


@pytest.mark.parametrize(
    ("day", "days_left", "so_far"), [((3, 2), 21, 1), ((3, 31), 0, 18), ((4, 1), 21, 1), ((2, 28), 0, 16)]
)
def test_first_and_last_days_of_a_month(day, days_left, so_far):
    today = date(2026, *day)
    found = own(foreseen(routine("ana", today), at=at(day)))
    assert (found.days_left, found.so_far) == (days_left, pytest.approx(so_far, abs=2))
    if not days_left:
        assert (found.low, found.median, found.high) == (found.so_far,) * 3, "nothing can be added any more"


def test_in_the_morning_the_day_is_still_to_come():
    evening, morning = (own(foreseen(routine("ana", MID), at=at((3, 16), hour))) for hour in (18, 7))
    assert morning.days_left == evening.days_left + 1


def test_a_month_without_meetings_so_far_is_0_and_goes_on_at_the_pace_of_the_past():
    found = own(foreseen(routine("ana", MID, until=date(2026, 2, 20))))
    assert (found.so_far, found.booked) == (0, 0)
    assert 0 < found.median < own(foreseen(routine("ana", MID))).median


def test_meetings_beyond_the_end_and_those_called_off_or_moved_are_not_counted():
    rows = routine("ana", MID)
    more = [
        ("ana", "2026-03-16", "2026-04-02", "ahead", None, 5),
        ("ana", "2026-03-16", "2026-03-20", "off", None, 1),
        ("ana", "2026-03-16", "2026-03-20", "moved", None, 1),
    ]
    assert own(foreseen([*rows, *more])).booked == own(foreseen(rows)).booked
    assert own(foreseen([*rows, *more]), HELD, "quarter").booked == own(foreseen(rows), HELD, "quarter").booked


def test_a_meeting_booked_for_this_month_counts_in_month_and_quarter():
    rows, more = routine("ana", MID), [("ana", "2026-03-16", "2026-03-25", "ahead", None, 4)]
    for horizon in ("month", "quarter"):
        assert own(foreseen([*rows, *more]), HELD, horizon).booked == own(foreseen(rows), HELD, horizon).booked + 4


def test_the_more_is_called_off_the_less_of_the_calendar_is_counted_on():
    rows, gone = routine("ana", MID), [("ana", "2026-02-02", "2026-02-16", "off", None, 40)]
    steady, shaky = foreseen(rows), foreseen([*rows, *gone])
    assert shaky.kept < steady.kept
    assert own(shaky).median - own(shaky).so_far < 2 * (own(steady).median - own(steady).so_far)


def test_an_outcome_of_yesterday_is_awaited_one_of_last_week_is_not():
    rows = routine("ana", MID)
    for due, more in (("2026-03-15", 3), ("2026-03-09", 0)):
        extra = [("ana", "2026-03-04", due, "open", None, 3)]
        assert own(foreseen([*rows, *extra])).booked - own(foreseen(rows)).booked == more


def test_an_acceptance_counts_on_its_day_whatever_it_came_from():
    loose = [("ana", None, None, "loose", "2026-03-10", 2), ("ana", None, None, "loose", "2026-02-10", 1)]
    rows = routine("ana", MID)
    assert own(foreseen([*rows, *loose]), ACCEPTED).so_far == own(foreseen(rows), ACCEPTED).so_far + 2


# ---- who --------------------------------------------------------------------------------------------


def test_the_teams_numbers_are_everybodys_together():
    rows = [*routine("ana", MID), *routine("bob", MID, every=2)]
    found = foreseen(rows, people=[person("ana"), person("bob")])
    for measure in (HELD, BOOKED, ACCEPTED):
        team, ana, bob = (own(found, measure, rep=rep) for rep in (TEAM, "ana", "bob"))
        assert team.so_far == ana.so_far + bob.so_far
        assert team.booked == ana.booked + bob.booked
        assert team.days_left == ana.days_left + bob.days_left
        assert team.median == pytest.approx(ana.median + bob.median, abs=2)
        assert ana.low + bob.low <= team.low <= team.high <= ana.high + bob.high, "together more is evened out"


def test_one_rep_is_a_team_too():
    found = foreseen(routine("ana", MID))
    assert own(found, rep=TEAM).so_far == own(found).so_far
    assert own(found, rep=TEAM).median == pytest.approx(own(found).median, abs=1)


@pytest.mark.parametrize("gone", [{"until": date(2026, 3, 16)}, {"seen_on": date(2026, 2, 10)}])
def test_who_left_or_fell_silent_books_nothing_more_but_keeps_what_is_booked(gone):
    found = foreseen(routine("ana", MID), people=[person(**gone), person("eve")])
    assert own(found, BOOKED).high == own(found, BOOKED).so_far
    assert own(found).booked == 3
    assert own(found).high <= own(found).so_far + 3


def test_data_that_ended_weeks_ago_says_nothing_of_what_is_to_come():
    found = foreseen(routine("ana", MID), people=[person(seen_on=date(2026, 2, 20))])
    assert found.outlooks == ()
    assert set(found.missing.values()) == {"stale"}


def test_a_quarter_that_the_data_joins_late_is_left_out_and_never_counted_in_part():
    late = [row for row in routine("ana", MID) if row[1] >= np.datetime64("2026-02-20")]
    found = foreseen(late)
    assert {o.horizon for o in found.outlooks} == {"month"}
    assert found.missing == {"quarter": "begins_later"}


def test_the_teams_quota_is_held_against_those_who_have_one():
    rows, people = [*routine("ana", MID), *routine("eve", MID)], [person("ana"), person("eve")]
    found = foreseen(rows, people=people, targets=[TARGET])
    team, ana = own(found, rep=TEAM), own(found)
    assert team.quota == ana.quota == 16
    assert team.low > 16, "with eve's meetings it is reached for certain"
    assert team.chance == pytest.approx(ana.chance, abs=0.15), "what eve brings is asked of nobody"


def test_holidays_and_weekends_are_no_working_days():
    plain = own(foreseen(routine("ana", MID)))
    shorter = own(foreseen(routine("ana", MID), people=[person(free="2026-03-17 2026-03-21")]))
    assert shorter.days_left == plain.days_left - 1, "one of the two is a Saturday"
    assert own(foreseen(routine("ana", MID), people=[person(rest="456")])).days_left == plain.days_left - 2


def test_somebody_new_is_expected_to_book_like_the_team_only_less_surely():
    people = [person("ana"), person("eve"), person("new", since=date(2026, 3, 16))]
    found = foreseen([*routine("ana", MID), *routine("eve", MID)], people=people)
    new, ana = (own(found, BOOKED, rep=rep) for rep in ("new", "ana"))
    assert new.pace == pytest.approx(ana.pace, rel=0.15)
    assert new.so_far == 0 < new.low


# ---- quotas -----------------------------------------------------------------------------------------


def test_without_targets_there_is_no_chance():
    assert {(o.quota, o.chance, o.pace_even) for o in foreseen(routine("ana", MID)).outlooks} == {(None, None, None)}


def test_a_quota_of_the_month_is_three_times_as_much_in_the_quarter_and_the_teams_is_the_sum():
    people, rows = [person("ana"), person("bob")], [*routine("ana", MID), *routine("bob", MID)]
    targets = [TARGET, {**TARGET, "scope": "team", "scope_id": "north", "value": 10.0}]
    found = foreseen(rows, people=people, targets=targets)
    assert [own(found, rep=r).quota for r in ("ana", "bob", TEAM)] == [16, 10, 26]
    assert own(found, HELD, "quarter").quota == 48
    assert 0 < own(found).chance < own(found, rep="bob").chance <= 1


def test_a_quota_of_the_company_holds_for_everybody_and_one_that_has_not_begun_for_nobody():
    company = {**TARGET, "scope": "company", "scope_id": ""}
    assert own(foreseen(routine("ana", MID), targets=[company])).quota == 16
    later = {**company, "starts_on": pd.Timestamp("2026-03-20")}
    assert own(foreseen(routine("ana", MID), targets=[later])).quota is None


def test_a_new_hire_has_no_quota_but_one_of_their_own():
    team = {**TARGET, "scope": "team", "scope_id": "north"}
    assert own(foreseen(routine("ana", MID), targets=[team], tenure=40)).quota is None
    assert own(foreseen(routine("ana", MID), targets=[TARGET], tenure=40)).quota == 16


def test_who_is_behind_is_told_what_pace_would_do_and_who_is_on_track_is_not():
    behind = own(foreseen(routine("ana", MID), targets=[{**TARGET, "value": 19.0}]))
    assert behind.chance < 0.5
    assert behind.pace < behind.pace_even < 2 * behind.pace
    ahead = own(foreseen(routine("ana", MID), targets=[{**TARGET, "value": 14.0}]))
    assert ahead.chance > 0.5
    assert (ahead.pace_even, ahead.pace_likely) == (None, None)


def test_an_own_rhythm_is_never_asked_for_more():
    found = own(foreseen(routine("ana", MID), targets=[{**TARGET, "value": 19.0}], calm=("ana",)))
    assert (found.pace_even, found.pace_likely) == (None, None)
    assert found.chance is not None


def test_more_than_twice_the_pace_is_no_advice():
    found = own(foreseen(routine("ana", MID), targets=[{**TARGET, "value": 60.0}]))
    assert (found.pace_even, found.pace_likely) == (None, None)
    assert found.chance < 0.01


# ---- what cannot be said ------------------------------------------------------------------------------


def test_each_measure_that_the_data_cannot_give_is_named_with_its_reason():
    assert foreseen([]).missing == dict.fromkeys((BOOKED, HELD, ACCEPTED), "no_meetings")
    assert foreseen([]).outlooks == ()
    undated = foreseen([(rep, booked, None, "open", None, n) for rep, booked, _, _, _, n in routine("ana", MID)])
    assert undated.missing == {HELD: "no_days", ACCEPTED: "no_days"}
    assert {o.measure for o in undated.outlooks} == {BOOKED}
    assert undated.weeks == ()
    told = foreseen([(*row[:4], None, row[5]) for row in routine("ana", MID)])
    assert told.missing == {ACCEPTED: "no_acceptance_dates"}


def test_one_meeting_is_enough_to_say_little():
    found = own(foreseen([("ana", "2026-03-10", "2026-03-20", "ahead", None, 1)]))
    assert (found.so_far, found.booked) == (0, 1)
    assert found.low == 0 <= found.high


def test_only_meetings_long_ago_leave_nothing_to_expect():
    found = own(foreseen([("ana", "2025-12-01", "2025-12-02", "held", None, 1)]))
    assert found.median == 0


# ---- weeks, axis, spans -------------------------------------------------------------------------------


def test_the_weeks_of_the_month_add_up_to_what_is_held_and_ahead():
    found = foreseen(routine("ana", MID))
    weeks = [w for w in found.weeks if w.rep_id == "ana"]
    assert [w.start for w in weeks] == [date(2026, 2, 23), *(date(2026, 3, d) for d in (2, 9, 16, 23, 30))]
    assert sum(w.held for w in weeks) == own(found).so_far
    assert sum(w.ahead for w in weeks) == own(found).booked


def test_all_reps_share_an_axis_that_is_nobodys_figure():
    rows = [*routine("ana", MID), *routine("bob", MID, every=3)]
    found = foreseen(rows, people=[person("ana"), person("bob")])
    assert found.top % 5 == 0
    assert found.top > max(o.high for o in found.outlooks if (o.rep_id, o.measure, o.horizon) == ("ana", HELD, "month"))
    assert found.of("bob").top == found.top
    assert {o.rep_id for o in found.of("bob").outlooks} == {"bob"}


@pytest.mark.parametrize(
    ("day", "month", "quarter"),
    [
        (date(2026, 1, 1), (date(2026, 1, 1), date(2026, 1, 31)), (date(2026, 1, 1), date(2026, 3, 31))),
        (date(2028, 2, 29), (date(2028, 2, 1), date(2028, 2, 29)), (date(2028, 1, 1), date(2028, 3, 31))),
        (date(2026, 12, 31), (date(2026, 12, 1), date(2026, 12, 31)), (date(2026, 10, 1), date(2026, 12, 31))),
    ],
)
def test_a_day_lies_in_its_month_and_quarter(day, month, quarter):
    assert [s[1:] for s in spans(day)] == [month, quarter]


def test_the_same_data_give_the_same_forecast():
    assert foreseen(routine("ana", MID)) == foreseen(routine("ana", MID))
    shuffled = list(np.random.default_rng(1).permutation(np.array(routine("ana", MID), dtype=object)))
    assert foreseen([tuple(r) for r in shuffled]).outlooks == replace(foreseen(routine("ana", MID))).outlooks


def test_acceptances_wait_by_the_calendar_and_not_by_the_working_days_of_the_rep():
    """Accepted on the Friday after, whichever day of the week the meeting was: a month that ends on one gains by it."""
    from sdrlib.questions.forecast_basis import learn

    rows = []
    for day in np.arange(np.datetime64(FIRST), np.datetime64("2026-03-13")):
        if np.is_busday(day):
            friday = working(day, int((4 - (day.astype("int64") + 3) % 7) % 7))
            rows.append(("ana", day, day, "held", friday, 1))
    made = counts(rows, [person(free="2026-03-12 2026-03-13")])
    basis = learn(made.appointments, made.calendars, today=MID, first=date(2026, 3, 17))
    waits = basis.waits / basis.waits.sum(axis=1, keepdims=True)
    for weekday in range(5):
        assert waits[weekday].argmax() == 4 - weekday
        assert waits[weekday, 4 - weekday] > 0.6, "drawn to the other weekdays while these are few"
