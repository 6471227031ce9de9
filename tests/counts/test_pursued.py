"""Stays of deals in steps, and days on which deals began or were won: nothing of the future, of doubles, of people."""

from datetime import date

import pytest

from sdrlib.records import DEAL_DAYS, PURSUED
from tests.counts.test_path import AGAIN, STORIES, STRAIGHT, TWICE, WON, at, change, deal, sold

KNOWN = {"step", "since", "until", "decided", "age", "end", "here", "amount", "number"}


def told(**said):
    """(step, since, until, decided, age, end, here) of each stay of one deal."""
    changes = said.pop("changes", ())
    found = sold([deal(**said)], [change(*c) for c in changes])
    rows = found.pursued.drop(columns=["amount", "number"])
    return [tuple(row) for row in rows.sort_values("since").itertuples(index=False)]


def test_a_won_deal_stays_in_each_step_until_the_next_one():
    assert told(**WON, changes=[*STRAIGHT, ("Closed Won", 20)]) == [
        ("discover", 0, 4, 19, 30, "won", False), ("propose", 4, 10, 19, 30, "won", False),
        ("negotiate", 10, 12, 19, 30, "won", False), ("close", 12, 19, 19, 30, "won", False),
    ]  # fmt: skip


def test_an_open_deal_is_in_the_step_it_reached_and_as_old_as_it_is():
    assert told(changes=STRAIGHT[:2]) == [
        ("discover", 0, 4, 30, 30, "open", False), ("propose", 4, 30, 30, 30, "open", True),
    ]  # fmt: skip


def test_a_lost_deal_opened_again_is_open():
    assert [row[-2:] for row in told(changes=AGAIN)] == [("open", False), ("open", True)]


def test_what_was_decided_nobody_knows_when_was_so_half_way():
    assert told(status="lost") == [("discover", 0, 15, 15, 30, "lost", False)]
    assert told(status="won") == [("discover", 0, 15, 15, 30, "won", False)]


def test_a_deal_won_after_as_of_is_open():
    rows = told(status="won", closed_at=at(5, month=4), changes=[("Discovery", 1), ("Proposal", 9)])
    assert [row[-2] for row in rows] == ["open", "open"]


def test_doubles_are_left_out_and_amounts_kept_of_open_deals_only():
    double = deal("two", status="lost", closed=4, accepted=2, **TWICE)
    found = sold([deal("one", **TWICE), double, deal("three", **WON, amount=70)], None)
    assert found.pursued.groupby("end")["number"].sum().to_dict() == {"open": 1, "won": 1}
    assert found.pursued.set_index("end")["amount"].dropna().to_dict() == {"open": 500.0}


def test_days_count_what_began_and_what_was_won_on_the_teams_own_calendar():
    late = {"status": "won", "closed_at": "2026-03-04T23:30:00Z", "amount": None}
    found = sold([deal("a", **WON), deal("b", **late)], None).deal_days
    assert found[["kind", "day", "number"]].values.tolist() == [
        ["began", date(2026, 3, 1), 2], ["won", date(2026, 3, 5), 1], ["won", date(2026, 3, 20), 1],
    ]  # fmt: skip
    assert found["amount"].dropna().tolist() == [1000.0]


@pytest.mark.parametrize("name", STORIES)
def test_every_deal_is_at_one_place_whatever_its_story(name):
    said, changes = STORIES[name]
    rows = sold([deal(**said)], [change(*c) for c in changes if c[1] <= 31]).pursued
    assert rows["here"].sum() == (rows["end"] == "open").any()
    assert (rows["since"] <= rows["until"]).all()
    assert (rows["until"] <= rows["decided"]).all()
    assert (rows["decided"] <= rows["age"]).all()


def test_nothing_of_a_person_is_counted():
    assert set(PURSUED) == KNOWN
    assert set(DEAL_DAYS) == {"kind", "day", "amount", "number"}
    assert sold(None, None).pursued.empty
