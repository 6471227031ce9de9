"""How does the month look? Beside the month before and the target; a change is one only where it is established."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd

from sdrlib.knowledge import read
from sdrlib.questions.dashboard_months import Months
from sdrlib.records import Dashboard, Figure, Orders, SalesCounts, SalesPath, Window
from sdrlib.stats.arrays import Floats
from sdrlib.stats.difference import miettinen_nurminen, poisson_ratio
from sdrlib.stats.factors import mean_amount
from sdrlib.stats.intervals import poisson, wilson
from sdrlib.stats.typical import typical_ratio

Line = Callable[[float], Figure]
"""A figure, its change judged at a confidence."""
NO_TABLE = {"contacts": "prospects", "leads": "prospects", "orders": "opportunities"}
PLAIN = 0.95
TO_COME: tuple[tuple[str, str, Literal["count", "money"]], ...] = (
    ("orders_to_come", "orders", "count"), ("revenue_to_come", "revenue", "money"),
)  # fmt: skip
"""Line -> the measure of the forecast."""


def dashboard(
    found: SalesCounts, path: SalesPath, targets: pd.DataFrame, window: Window, coming: Orders | None = None
) -> Dashboard:
    """The month of as-of, or in its first days the one before, beside the month before it.

    Months of unequal length are compared by working day, counts with the dispersion of their weeks. All changes
    together are wrong in at most 5 % of dashboards on which nothing changed: each is judged at 1 − 5 % / their number.

    Args:
        found: The counts.
        path: The sales path, for the sales cycle and lead → customer.
        targets: The table of targets; a measure is called like the figure (``orders``, ``revenue``, ``leads`` …) and is
            the whole company's or team's.
        window: The as-of.
        coming: The forecast of orders; its lines are of the month that holds as-of.
    """
    months = Months(found, targets, window)
    lines = list(_lines(months, path, coming or Orders()))
    tests = sum(line(PLAIN).changed is not None for line in lines)
    conf = 1 - (1 - read("path")["dashboard"]["confidence"]) / max(tests, 1)
    return Dashboard(
        figures=tuple(line(conf) for line in lines),
        month=months.this,
        before=months.before,
        days=months.days[0],
        days_before=months.days[1],
        tests=tests,
        currency=found.currency,
    )


def _lines(months: Months, path: SalesPath, coming: Orders) -> Iterator[Line]:
    for key in ("leads", "contacts", "accepted", "orders"):
        yield _count(months, key)
    yield _revenue(months)
    yield _order_value(months)
    for key, measure, kind in TO_COME:
        yield from _to_come(coming, key, measure, kind)
    for step in (p.step for p in path.steps if p.unit != "customer"):
        yield _leak(months, step)
    yield _share(months, "repeat", "again", "orders")
    yield _share(months, "referrals", "referrals", "contacts")
    yield _fixed(_cycle(path))
    yield _cost_per_lead(months)
    yield _fixed(_lead_to_customer(path))


def _to_come(coming: Orders, key: str, measure: str, kind: Literal["count", "money"]) -> Iterator[Line]:
    """By the end of the month of as-of, a range that holds 8 cases of 10; nothing where no forecast was asked for."""
    if (found := coming.find(measure, "month")) is not None:
        yield _fixed(Figure(key, kind, found.so_far, found.booked, found.median, found.low, found.high,
                            target=found.quota))  # fmt: skip
    elif reason := coming.missing.get(measure):
        yield _fixed(Figure(key, kind, reason=reason))


def _fixed(figure: Figure) -> Line:
    """What no month can be compared on."""
    return lambda conf: figure


def _count(months: Months, key: str) -> Line:
    needed = NO_TABLE.get(key, "opportunities")
    if needed in months.found.absent:
        return _fixed(Figure(key, "count", reason=needed))
    (now, then), (days, before) = months.numbers(key), months.days
    spread = months.dispersion(key)
    if not now + then:
        return _fixed(Figure(key, "count", reason="none"))

    def line(conf: float) -> Figure:
        own = poisson(now / spread, 1.0)
        change = _by_day((now, days), (then, before), spread, conf) if months.whole() else {}
        return Figure(key, "count", now, days, float(now), float(own.low) * spread, float(own.high) * spread,
                      float(then) if months.whole() else None, target=months.target(key, whole=True),
                      **change)  # fmt: skip

    return line


def _by_day(a: tuple[float, int], b: tuple[float, int], spread: float, conf: float) -> dict[str, Any]:
    """Ratio of the rates per working day; nothing without a working day or anything to compare with."""
    if not (a[1] and b[1] and a[0] + b[0]):
        return {}
    found, _ = poisson_ratio(a[0] / spread, a[1], b[0] / spread, b[1], conf)
    return _change(float(found.estimate), float(found.low), float(found.high), 1.0)


def _change(value: float, low: float, high: float, none: float) -> dict[str, Any]:
    """A change is established when its interval leaves out that there is none."""
    return {
        "change": _known(value), "change_low": _known(low), "change_high": _known(high),
        "changed": bool(low > none or high < none),
    }  # fmt: skip


def _revenue(months: Months) -> Line:
    """Sums of few, unequal amounts are not tested: their number and their size are, each in its own line."""
    if (reason := _no_money(months.found)) is not None:
        return _fixed(Figure("revenue", "money", reason=reason))
    now, then = (float(part["value"].sum()) for part in months.of("orders"))
    number = months.numbers("orders")[0]
    return _fixed(Figure("revenue", "money", now, number, now, before=then if months.whole() else None,
                         target=months.target("revenue", whole=True)))  # fmt: skip


def _no_money(found: SalesCounts) -> str | None:
    if "opportunities" in found.absent:
        return "opportunities"
    if len(found.currencies) > 1:
        return "mixed_currencies"
    return "none" if found.orders.empty else None


def _order_value(months: Months) -> Line:
    key = "average_order_value"
    if (reason := _no_money(months.found)) is not None:
        return _fixed(Figure(key, "money", reason=reason))
    now, then = (_amounts(months.found.orders, month) for month in ("this", "before"))
    if not len(now):
        return _fixed(Figure(key, "money", reason="none"))
    own, earlier = mean_amount(now), mean_amount(then)

    def line(conf: float) -> Figure:
        change = _typical(now, then, conf) if months.whole() else {}
        return Figure(key, "money", float(now.sum()), float(len(now)), own.value, _known(own.low), _known(own.high),
                      _known(earlier.value) if months.whole() else None, target=months.target(key, whole=False),
                      **change)  # fmt: skip

    return line


def _amounts(orders: pd.DataFrame, month: str) -> Floats:
    rows = orders[(orders["month"] == month) & orders["amount"].notna()]
    return np.repeat(rows["amount"].to_numpy(float), rows["number"].to_numpy(int))


def _typical(now: Floats, then: Floats, conf: float) -> dict[str, Any]:
    """Amounts are skewed: their logarithms are compared (Welch), which is the typical order, not the largest."""
    found = typical_ratio(now, then, conf)
    return _change(found.value, found.low, found.high, 1.0) if np.isfinite(found.low) else {}


def _leak(months: Months, step: str) -> Line:
    """Of those who left a step in the month, the share that was lost."""
    lost, moved = months.numbers(f"lost:{step}"), months.numbers(f"moved:{step}")
    return _of(months, f"lost:{step}", (lost[0], lost[0] + moved[0]), (lost[1], lost[1] + moved[1]))


def _share(months: Months, key: str, part: str, whole: str) -> Line:
    if NO_TABLE[whole] in months.found.absent:
        return _fixed(Figure(key, "share", reason=NO_TABLE[whole]))
    some, every = months.numbers(part), months.numbers(whole)
    if key == "referrals" and not sum(some):  # nobody says where people come from, most likely
        return _fixed(Figure(key, "share", reason="none"))
    return _of(months, key, (some[0], every[0]), (some[1], every[1]))


def _of(months: Months, key: str, now: tuple[int, int], then: tuple[int, int]) -> Line:
    if not now[1]:
        return _fixed(Figure(key, "share", reason="none"))
    own = wilson(*now)
    comparable = months.whole() and then[1] > 0

    def line(conf: float) -> Figure:
        change: Mapping[str, Any] = {}
        if comparable:
            found = miettinen_nurminen(*now, *then, conf)
            change = _change(float(found.estimate), float(found.low), float(found.high), 0.0)
        return Figure(key, "share", now[0], now[1], now[0] / now[1], float(own.low), float(own.high),
                      then[0] / then[1] if comparable else None, target=months.target(key, whole=False),
                      **change)  # fmt: skip

    return line


def _cycle(path: SalesPath) -> Figure:
    """Median days until an opportunity is decided, open ones counted for as long as they have been watched."""
    deal = next((m for m in path.marks if m.step == "deal"), None)
    if deal is None:
        return Figure("sales_cycle", "days", reason="opportunities" if "opportunities" in path.absent else "none")
    decided = deal.moved + deal.lost
    return Figure("sales_cycle", "days", decided, deal.entered, deal.days, deal.days_low, deal.days_high,
                  reason="" if deal.days is not None else "half_open")  # fmt: skip


def _lead_to_customer(path: SalesPath) -> Figure:
    lead = next((m for m in path.marks if m.step == "lead"), None)
    if lead is None or lead.rate is None:
        reason = "prospects" if "prospects" in path.absent else "none"
        return Figure("lead_to_customer", "share", reason=reason)
    return Figure("lead_to_customer", "share", lead.moved, lead.entered, lead.rate, lead.low, lead.high)


def _cost_per_lead(months: Months) -> Line:
    """Leads per amount spent, turned round: what is counted is leads, what is known is the cost."""
    key, rows = "cost_per_lead", months.found.campaigns
    if "campaigns" in months.found.absent:
        return _fixed(Figure(key, "money", reason="campaigns"))
    if rows.empty:
        return _fixed(Figure(key, "money", reason="shared_campaigns"))
    known = rows[pd.to_numeric(rows["cost"]).notna()]
    sums = {m: (float(part["cost"].sum()), int(part["leads"].sum())) for m, part in known.groupby("month")}
    cost, leads = sums.get("this", (0.0, 0))
    if not (cost and leads):
        return _fixed(Figure(key, "money", reason="none"))
    before, earlier = sums.get("before", (0.0, 0))
    spread = months.dispersion("contacts")
    limits = poisson(leads / spread, cost / spread)

    def line(conf: float) -> Figure:
        change: Mapping[str, Any] = {}
        if before and earlier and not months.running:  # the cost of a running month may be that of all of it
            found, _ = poisson_ratio(earlier / spread, before, leads / spread, cost, conf)
            change = _change(float(found.estimate), float(found.low), float(found.high), 1.0)
        return Figure(key, "money", cost, leads, cost / leads, 1 / float(limits.high), 1 / float(limits.low),
                      before / earlier if before and earlier else None, target=months.target(key, whole=False),
                      **change)  # fmt: skip

    return line


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
