"""The month: a change is one only where it is established; money has a currency; what is absent says so."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from sdrlib.questions.dashboard import dashboard
from sdrlib.questions.path import sales_path
from sdrlib.records import Orders, Outlook
from tests.sales_rows import WINDOW, entry, sales_counts, targets
from tests.teams import settings


def spread(figure, month, number, value=0.0):
    """So many events, one after another on the working days of a month."""
    first = date(2026, month, 1)
    days = [d for d in (first + timedelta(days=i) for i in range(31)) if d.month == month and d.weekday() < 5]
    counts = np.bincount(np.arange(number) % len(days), minlength=len(days))
    return [(figure, d, int(n), value * n) for d, n in zip(days, counts, strict=True) if n]


def looked_at(figures=(), wanted=(), **more):
    found = sales_counts(figures=list(figures), **more)
    path = sales_path(found, targets(), settings())
    made = dashboard(found, path, targets(*wanted), WINDOW)
    return made, {f.key: f for f in made.figures}


def test_months_are_compared_by_working_day():
    """22 working days in March, 20 in February: 220 and 200 events are the same number a day."""
    made, found = looked_at([*spread("contacts", 3, 220), *spread("contacts", 2, 200)])
    assert (made.days, made.days_before) == (22, 20)
    assert (found["contacts"].value, found["contacts"].before) == (220, 200)
    assert found["contacts"].change == pytest.approx(1)
    assert found["contacts"].changed is False


def test_a_large_change_is_established_and_a_small_one_is_not():
    made, found = looked_at([*spread("contacts", 3, 440), *spread("contacts", 2, 200),
                             *spread("leads", 3, 12), *spread("leads", 2, 8)])  # fmt: skip
    assert (found["contacts"].changed, found["leads"].changed) == (True, False)
    assert found["contacts"].change_low > 1
    assert made.tests == 2


def test_of_months_in_which_nothing_changes_at_most_five_in_a_hundred_show_a_change():
    rng, wrong = np.random.default_rng(5), []
    orders = [("this", a, False, 1) for a in (900.0, 1100.0)] + [("before", a, False, 1) for a in (950.0, 1000.0)]
    for _ in range(60):
        rows = [row for figure in ("contacts", "leads", "accepted", "orders")
                for month, mean in ((3, 66), (2, 60)) for row in spread(figure, month, rng.poisson(mean))]  # fmt: skip
        made, _ = looked_at(rows, orders=orders)
        wrong.append(any(f.changed for f in made.figures))
    assert np.mean(wrong) <= 0.05


def test_weeks_that_vary_widen_what_is_said():
    calm = spread("contacts", 3, 220) + spread("contacts", 2, 200)
    wild = [(f, d, n * (3 if d.day <= 14 else 1) // 2, v) for f, d, n, v in calm]
    (_, quiet), (_, loud) = looked_at(calm), looked_at(wild)
    widths = [np.log(f["contacts"].change_high / f["contacts"].change_low) for f in (quiet, loud)]
    assert widths[1] > 2 * widths[0]


def test_data_that_does_not_reach_back_has_no_month_before():
    _, found = looked_at(spread("contacts", 3, 22), first_day=date(2026, 2, 10))
    assert (found["contacts"].value, found["contacts"].before, found["contacts"].changed) == (22, None, None)


def test_orders_revenue_and_average_order_each_have_their_line():
    orders = [
        ("this", 100.0, False, 3),
        ("this", 700.0, True, 1),
        ("this", None, False, 1),
        ("before", 200.0, False, 2),
    ]
    days = [*spread("orders", 3, 5, 200.0), *spread("orders", 2, 2, 200.0), *spread("again", 3, 1)]
    _, found = looked_at(days, orders=orders)
    assert (found["revenue"].value, found["revenue"].total) == (1000, 5)
    assert (found["average_order_value"].value, found["average_order_value"].total) == (250, 4)
    assert found["revenue"].changed is None, "sums of few amounts are not tested"
    assert (found["repeat"].value, found["repeat"].number, found["repeat"].total) == (0.2, 1, 5)


def test_targets_are_spread_over_the_working_days_gone_by():
    """A complete month is held against its whole target, and against its days of a quarter's."""
    wanted = [("company", None, "orders", "month", date(2026, 1, 1), 42.0),
              ("rep", "ana", "orders", "month", date(2026, 1, 1), 9.0),
              ("company", None, "average_order_value", "month", None, 300.0)]  # fmt: skip
    _, found = looked_at(spread("orders", 3, 5), wanted, orders=[("this", 100.0, False, 5)])
    assert found["orders"].target == pytest.approx(42)
    assert found["average_order_value"].target == 300
    quarterly = [("company", None, "orders", "quarter", date(2026, 1, 1), 126.0)]
    _, found = looked_at(spread("orders", 3, 5), quarterly, orders=[("this", 100.0, False, 5)])
    assert found["orders"].target == pytest.approx(126 * 22 / 63)


def test_a_leak_is_of_those_who_left_the_step_in_the_month():
    days = [*spread("lost:propose", 3, 6), *spread("moved:propose", 3, 18), *spread("lost:propose", 2, 5),
            *spread("moved:propose", 2, 5)]  # fmt: skip
    _, found = looked_at(days)
    line = found["lost:propose"]
    assert (line.value, line.number, line.total, line.before) == (0.25, 6, 24, 0.5)
    assert line.change == pytest.approx(-0.25)
    assert line.changed is False


def test_cost_per_lead_has_limits_by_its_leads_and_no_change_while_the_month_runs():
    campaigns = [("this", "a", 900, 50, 1000.0, 50), ("before", "a", 900, 50, 1000.0, 100)]
    _, found = looked_at(spread("contacts", 3, 40), campaigns=campaigns)
    line = found["cost_per_lead"]
    assert (line.value, line.before, line.change) == (20, 10, pytest.approx(2))
    assert line.low < 20 < line.high
    running = replace(WINDOW, as_of=WINDOW.as_of - timedelta(days=8))
    counts = sales_counts(campaigns=campaigns, month=(date(2026, 3, 1), date(2026, 3, 23)))
    made = dashboard(counts, sales_path(counts, targets(), settings()), targets(), running)
    assert next(f for f in made.figures if f.key == "cost_per_lead").changed is None
    assert looked_at(spread("contacts", 3, 40))[1]["cost_per_lead"].reason == "shared_campaigns"


def test_the_cycle_and_the_way_from_lead_to_customer_come_from_all_history():
    rows = [entry("deal", "moved", 20.0, 6, period="earlier"), entry("deal", "open", 10.0, 3),
            entry("lead", "moved", 30.0, 2), entry("lead", "open", 60.0, 8)]  # fmt: skip
    _, found = looked_at(passages=rows)
    assert (found["sales_cycle"].value, found["sales_cycle"].number, found["sales_cycle"].total) == (20, 6, 9)
    assert found["lead_to_customer"].value == pytest.approx(0.2)


def test_absent_tables_and_currencies_close_their_own_lines():
    _, found = looked_at(absent=("prospects", "campaigns"), currencies=("EUR", "USD"), currency="",
                         orders=[("this", 1.0, False, 1)], figures=spread("orders", 3, 5))  # fmt: skip
    reasons = {k: f.reason for k, f in found.items()}
    assert (reasons["contacts"], reasons["referrals"], reasons["cost_per_lead"]) == (
        "prospects",
        "prospects",
        "campaigns",
    )
    assert (reasons["revenue"], reasons["average_order_value"]) == ("mixed_currencies", "mixed_currencies")
    assert reasons["orders"] == ""


def test_the_forecast_of_orders_stands_beside_the_target_of_the_whole_month():
    month = (date(2026, 3, 1), date(2026, 3, 31))
    to_come = Outlook("", "orders", "month", *month, so_far=3, booked=40, days_left=9, low=8, median=11, high=15,
                      pace=1.0, quota=12.0, chance=0.4)  # fmt: skip
    coming = Orders(outlooks=(to_come,), missing={"revenue": "no_amounts"})
    counts = sales_counts()
    lines = dashboard(counts, sales_path(counts, targets(), settings()), targets(), WINDOW, coming).figures
    found = {line.key: line for line in lines}
    orders, revenue = found["orders_to_come"], found["revenue_to_come"]
    assert (orders.number, orders.total, orders.value, orders.low, orders.high) == (3, 40, 11, 8, 15)
    assert (orders.target, orders.changed) == (12.0, None), "a forecast is no change"
    assert (revenue.value, revenue.reason) == (None, "no_amounts")


def test_without_a_forecast_no_line_speaks_of_one():
    counts = sales_counts()
    made = dashboard(counts, sales_path(counts, targets(), settings()), targets(), WINDOW)
    assert not [line for line in made.figures if line.key.endswith("to_come")]
