"""Quotas by cadence, newcomers left out by name, and credits that nobody is compared on."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from sdrlib.questions.attainment import attainment, credit
from tests.questions.test_conversion import counts
from tests.sales_rows import WINDOW, sales_counts, targets

OLD, NEW = date(2020, 1, 1), date(2026, 2, 1)


def people(*rows, wanted=()):
    made = counts([("ana", "calls_per_day", "warm", 50, 900)])
    frame = pd.DataFrame(rows, columns=["rep_id", "name", "role", "started_on"])
    return replace(made, reps=frame, window=WINDOW, targets=targets(*wanted))


TEAM = (("a", "Ana", "sdr", OLD), ("b", "Bob", "sdr", OLD), ("z", "Zoé", "sdr", OLD), ("n", "Noé", "sdr", NEW),
        ("u", "Uma", "sdr", None))  # fmt: skip


def sold(*rows):
    return [
        ("accepted", seller, seller, "sdr", None, date(2026, month, 1), number, 0.0) for seller, month, number in rows
    ]


Q1 = sold(("a", 1, 10), ("a", 2, 14), ("a", 3, 6), ("b", 1, 5), ("b", 2, 5), ("b", 3, 5), ("n", 3, 90), ("u", 3, 90))


def test_productivity_times_one_point_two_is_the_proposed_quota_of_ramped_sellers():
    """Ana 30, Bob 15, Zoé nothing over 64 working days: 15 each, by month of 21 days 4.92, times 1.2."""
    found = attainment(sales_counts(selling=Q1, first_day=date(2026, 1, 1)), people(*TEAM))[0]
    assert found.ramped == 3
    assert found.productivity == pytest.approx(15 / 64 * 21)
    assert found.quota == pytest.approx(15 / 64 * 21 * 1.2)
    assert (found.ramping, found.unknown) == (("Noé",), ("Uma",))


def test_month_quarter_and_year_stand_side_by_side():
    found = attainment(sales_counts(selling=Q1, first_day=date(2026, 1, 1)), people(*TEAM))[0]
    month, quarter, year = found.attained
    assert [a.starts_on for a in found.attained] == [date(2026, 3, 1), date(2026, 1, 1), None]
    assert month.quota == pytest.approx(found.quota / 21 * 22)
    assert (month.sellers, month.at_80, month.at_100) == (3, 2, 0)
    assert (quarter.quota, quarter.at_80, quarter.at_100) == (pytest.approx(18), 2, 1)
    assert 0 < quarter.chance_100 < quarter.chance_80 < 1
    assert year.quota is None


def test_a_target_of_the_team_is_its_quota():
    wanted = [("team", "north", "accepted_per_day", "month", date(2026, 1, 1), 6.0)]
    found = attainment(sales_counts(selling=Q1), people(*TEAM, wanted=wanted))[0]
    assert found.attained[0].given
    assert found.attained[0].quota == pytest.approx(6 / 21 * 22)


def test_account_executives_are_known_by_their_deals_and_without_a_start_left_out():
    rows = [("won", s, n, "ae", start, date(2026, m, 1), 1, 500.0)
            for s, n, start in (("x", "Xia", OLD), ("y", "Yves", None)) for m in (1, 2, 3)]  # fmt: skip
    found = attainment(sales_counts(selling=rows, first_day=date(2026, 1, 1)), people(*TEAM))[1]
    assert (found.ramped, found.unknown) == (1, ("Yves",))
    assert found.productivity == pytest.approx(1500 / 64 * 21)
    assert found.attained[0].chance_100 is None, "amounts are not counts"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"absent": ("opportunities",)}, "no_opportunities"),
        ({"first_day": date(2026, 3, 25)}, "no_period"),
        ({"first_day": None}, "no_period"),
    ],
)
def test_what_is_missing_is_said(change, reason):
    assert attainment(sales_counts(selling=Q1, **change), people(*TEAM))[0].reason == reason


def test_nobody_ramped_and_nobody_named_are_two_things():
    found = attainment(sales_counts(selling=Q1), people(("n", "Noé", "sdr", NEW)))
    assert [f.reason for f in found] == ["nobody_ramped", "no_owner"]
    assert found[0].ramping == ("Noé",)


def test_several_currencies_close_the_amounts_only():
    found = attainment(sales_counts(selling=Q1, currencies=("EUR", "USD"), currency=""), people(*TEAM))
    assert [f.reason for f in found] == ["", "mixed_currencies"]


CREDITS = [("a", 10, 4.5, 900.0, 1.5, 1.5, 300.0, 1), ("b", 20, 2.5, 100.0, 0.5, 0.0, 0.0, 1)]


def test_credits_stand_in_alphabetical_order_after_the_teams_sum():
    lines, reason = credit(sales_counts(credits=CREDITS), people(*reversed(TEAM)))
    assert ([c.name for c in lines], reason) == (["", "Ana", "Bob"], "")
    assert (lines[0].meetings, lines[0].opportunities, lines[0].won, lines[0].shared) == (30, 7, 2, 1)
    assert lines[1].deal_size == 200
    assert lines[1].meetings_per_deal == pytest.approx(10 / 1.5)
    assert lines[1].a_year == pytest.approx(300 * 365 / 31)


def test_what_is_not_known_is_missing_and_no_zero():
    _, _, bob = credit(sales_counts(credits=CREDITS), people(*TEAM))[0]
    assert (bob.deal_size, bob.a_year) == (None, None)


def test_without_opportunities_or_with_two_currencies_there_is_a_reason():
    assert credit(sales_counts(absent=("opportunities",)), people(*TEAM)) == ((), "no_opportunities")
    assert credit(sales_counts(credits=CREDITS, currencies=("EUR", "USD")), people(*TEAM))[1] == "mixed_currencies"
