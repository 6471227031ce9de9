"""Orders to come: by hand where all is known, closed with its reason where nothing can be said, and of nobody."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from sdrlib.questions.orders import orders
from sdrlib.records import TEAM, Orders
from tests.sales_rows import WINDOW, sales_counts, targets

ON = replace(WINDOW, as_of=datetime(2026, 3, 10, 17, tzinfo=UTC))
NAN = float("nan")


def lived(decided, end, number=1, *, age=300, step="discover"):
    """A deal's only step."""
    return (step, 0, decided, decided, age, end, False, NAN, number)


def open_deal(age, amount=1000.0, number=1):
    return ("discover", 0, age, age, age, "open", True, amount, number)


PAST = [lived(20, "won", 20), lived(30, "lost", 20)]
WON = [("won", date(2026, 1, day), 1000.0, 2) for day in range(5, 15)]


def asked(pursued, days=WON, *wanted, on=ON, **more):
    found = sales_counts(pursued=pursued, deal_days=days, recorded=("discover",), **more)
    return orders(found, targets(*wanted), on)


def test_with_one_stage_and_everything_known_half_of_the_open_deals_are_won():
    """Twenty won on day 20, twenty lost on day 30: a deal of 5 days has 1/2 in the 21 days left of March."""
    month = asked([*PAST, open_deal(5, number=40)]).find("orders", "month")
    assert (month.so_far, month.booked, month.days_left) == (0, 40, 21)
    assert month.median == pytest.approx(20, abs=1)
    assert 10 <= month.low < 16
    assert 24 < month.high <= 31


def test_a_deal_too_young_to_be_decided_in_time_brings_nothing():
    """On day 2 of those 20 it takes: none before the end of the month, on the last days of it."""
    late = replace(ON, as_of=datetime(2026, 3, 26, 17, tzinfo=UTC))
    month = asked([*PAST, open_deal(2, number=40)], on=late).find("orders", "month")
    assert (month.low, month.high) == (0, 0)


def test_what_was_won_in_the_period_is_counted_with_its_amount():
    days = [*WON, ("won", date(2026, 3, 3), 7000.0, 1), ("won", date(2026, 2, 3), 100.0, 2)]
    found = asked(PAST, days)
    assert [(o.measure, o.horizon, o.so_far) for o in found.outlooks] == [
        ("orders", "month", 1), ("revenue", "month", 7000), ("orders", "quarter", 23), ("revenue", "quarter", 27_200),
    ]  # fmt: skip
    assert all(o.low >= o.so_far for o in found.outlooks)


def test_an_open_deal_brings_its_own_amount():
    found = asked([*PAST, open_deal(5, 50_000.0, number=40)])
    assert found.find("revenue", "month").median == pytest.approx(1_000_000, rel=0.1)
    assert (found.sized, found.unsized) == (20, 0)
    unknown = asked([*PAST, open_deal(5, NAN, number=40)])
    assert unknown.find("revenue", "month").median == pytest.approx(20_000, rel=0.1), "like those won"
    assert unknown.unsized == 40


def test_deals_still_to_begin_are_added_where_time_is_left():
    """Thirteen weeks of seven: they take 20 days, so that some of the quarter's first days still count."""
    begun = [("began", date.fromordinal(ON.as_of.date().toordinal() - ago), NAN, 1) for ago in range(91)]
    early = replace(ON, as_of=datetime(2026, 1, 5, 17, tzinfo=UTC))
    past = [("began", date.fromordinal(early.as_of.date().toordinal() - ago), NAN, 1) for ago in range(91)]
    found = asked(PAST, [("won", date(2025, 12, 1), 1000.0, 20), *past], on=early)
    assert (round(found.weekly, 1), found.learned) == (7.0, 13)
    assert found.find("orders", "month").median <= 4
    assert found.find("orders", "quarter").median == pytest.approx(0.5 * (85 - 20), abs=4)
    assert asked(PAST, [*WON, *begun]).find("orders", "month").low == 0


def test_a_target_of_the_whole_gives_the_chance_of_it_by_month_and_quarter():
    found = asked([*PAST, open_deal(5, number=40)], WON,
                  ("team", "nord", "orders", "month", None, 15.0), ("rep", "ana", "revenue", "month", None, 1.0),
                  ("company", None, "orders", "month", date(2026, 6, 1), 99.0))  # fmt: skip
    month, quarter = found.find("orders", "month"), found.find("orders", "quarter")
    assert (month.quota, quarter.quota) == (15.0, 45.0)
    assert 0.8 < month.chance < 1
    assert found.find("revenue", "month").quota is None, "a single rep's is not the team's"


def test_an_empty_pipeline_still_says_what_happened():
    found = asked(PAST)
    assert (found.still, found.find("orders", "month").booked) == (0, 0)
    assert found.find("orders", "month").high <= 1


def test_one_deal_won_and_one_open_say_little_but_say_it():
    found = asked([lived(20, "won"), open_deal(5)], [("won", date(2026, 1, 5), 1000.0, 1)],
                  ("company", None, "orders", "month", None, 1.0))  # fmt: skip
    month = found.find("orders", "month")
    assert (found.won, month.high) == (1, 1)
    assert 0.5 < month.chance < 0.95, "one that was won makes no certainty"


@pytest.mark.parametrize(
    ("pursued", "more", "reason"),
    [([], {}, "no_opportunities"), (PAST, {"absent": ("opportunities",)}, "no_opportunities"),
     (PAST, {"currencies": ("EUR", "USD"), "currency": ""}, "mixed_currencies"),
     ([open_deal(5), lived(9, "lost")], {}, "none_won")],
)  # fmt: skip
def test_what_closes_it_is_named(pursued, more, reason):
    found = asked(pursued, **more)
    assert found.outlooks == ()
    assert dict(found.missing) == {"orders": reason, "revenue": reason}


def test_without_amounts_only_the_number_is_forecast():
    found = asked([*PAST, open_deal(5, NAN)], [("won", date(2026, 1, 5), NAN, 20)])
    assert {o.measure for o in found.outlooks} == {"orders"}
    assert dict(found.missing) == {"revenue": "no_amounts"}


def test_it_is_the_teams_and_nobodys():
    found = asked([*PAST, open_deal(5)])
    assert {o.rep_id for o in found.outlooks} == {TEAM}
    assert len(found.to_frame()) == 4
    assert repr(found) == "Orders(4 outlooks, seen from 2026-03-10)"
    assert found._repr_html_().count("<tr") == 5
    assert np.isfinite([[o.low, o.median, o.high] for o in found.outlooks]).all()
    assert Orders().find("orders", "month") is None
