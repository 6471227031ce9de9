"""Outcomes that take months: status as seen at as-of, lags of the won, ages of the rest; no ids."""

import pytest

from sdrlib.counts import count
from tests.teams import NOW, call, settings, team

ROWS = [call(1, "ana", "2026-03-02T10:00:00Z", prospect="acme"), call(2, "bob", "2026-03-30T10:00:00Z")]


def deal(number, status="open", began="2026-03-05T10:00:00Z", closed=None, amount=None, rep="ana", **more):
    return {
        "opportunity_id": f"o{number}", "rep_id": rep, "created_at": began, "accepted_at": began, "status": status,
        "closed_at": closed, "amount": amount, "currency": "EUR", "stage": "x", **more,
    }  # fmt: skip


def waited(deals=(), period="2026-03", **tables):
    checked = team(activities=ROWS, opportunities=list(deals), **tables)
    return count(checked, settings(period=period), now=NOW).waits


def one(deals, **more):
    return waited(deals, **more).iloc[0]


def test_a_won_deal_waits_from_acceptance_to_closing_and_keeps_its_amount():
    row = one([deal(1, "won", closed="2026-03-15T11:00:00Z", amount=900)])
    assert (row["measure"], row["rep_id"], row["period"], row["status"]) == ("sao_to_won", "ana", "this", "won")
    assert (row["days"], row["amount"], row["currency"], row["number"]) == (10, 900, "EUR", 1)


def test_a_lost_deal_keeps_its_age_and_no_amount():
    """Leaving it at its rejection would make the share won far too high."""
    row = one([deal(1, "lost", closed="2026-03-06T10:00:00Z", amount=900)])
    assert (row["status"], row["days"]) == ("lost", 25)
    assert row["amount"] != row["amount"]


def test_what_closes_after_as_of_is_still_open():
    assert one([deal(1, "won", closed="2026-03-31T10:00:00Z", amount=900)])["status"] == "open"


def test_a_won_deal_without_a_date_is_won_and_undated():
    row = one([deal(1, "won", amount=900)])
    assert (row["status"], row["amount"]) == ("undated", 900)


def test_without_any_acceptance_the_wait_begins_with_the_creation():
    row = one([deal(1, accepted_at=None)])
    assert (row["measure"], row["days"]) == ("opportunity_to_won", 25)


def test_with_acceptance_recorded_what_nobody_accepted_has_not_begun():
    assert waited([deal(1), deal(2, accepted_at=None)])["number"].sum() == 1


@pytest.mark.parametrize(
    ("began", "period"),
    [
        ("2026-03-01T10:00:00Z", "this"),
        ("2026-02-28T10:00:00Z", "before"),
        ("2026-01-30T10:00:00Z", "before"),
        ("2026-01-28T10:00:00Z", "earlier"),
    ],
)
def test_the_period_before_is_as_long_as_the_period(began, period):
    assert one([deal(1, began=began)])["period"] == period


def test_deals_of_people_who_are_not_compared_are_left_out():
    assert waited([deal(1, rep="an account executive")]).empty


def test_leads_wait_from_sql_to_customer_and_are_nobodys():
    leads = [
        {"prospect_id": "acme", "sql_at": "2026-03-02T10:00:00Z", "customer_at": "2026-03-12T10:00:00Z"},
        {"prospect_id": "never touched", "sql_at": "2026-03-02T10:00:00Z"},
    ]
    row = one([], prospects=leads)
    assert (row["measure"], row["rep_id"], row["status"], row["days"]) == ("sql_to_customer", "", "won", 10)
    assert len(waited([], prospects=leads)) == 1


def test_no_id_leaves_the_counts():
    assert not {"opportunity_id", "prospect_id", "account_id"} & set(waited([deal(1)]).columns)


def test_equal_ones_are_counted_together():
    assert waited([deal(1), deal(2)])["number"].tolist() == [2]
