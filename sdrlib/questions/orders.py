"""How many orders, and how much, by the end of the month and of the quarter? Open deals, and those still to begin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from sdrlib.knowledge import read
from sdrlib.questions.forecast_basis import WEEKS, spans
from sdrlib.records import TEAM, Orders, Outlook, SalesCounts, Window
from sdrlib.records.targets import shared_target
from sdrlib.stats.arrays import Floats, Ints
from sdrlib.stats.compound import Worth, compound
from sdrlib.stats.dispersion import pearson_dispersion
from sdrlib.stats.forecast import Pending, chance_of, distribution, in_time, quantile
from sdrlib.stats.landmark import Stays, won_curve, won_error, won_within
from sdrlib.stats.shrinkage import Belief, allowance

ORDERS, REVENUE = "orders", "revenue"
LEVELS = (0.1, 0.5, 0.9)
WEEK = 7


class Basis(NamedTuple):
    """What orders are forecast from.

    Attributes:
        past: Stays of all deals, won, lost and open.
        wins: Deals won, which the chances are learned from.
        stage, age, amount: Open deals, one entry each; the amount is missing where unknown.
        pace: Deals that begin a day; ``spread`` its relative deviation, ``excess`` that of weeks over Poisson's.
        won: Days, amounts and numbers of what was won.
    """

    past: Stays
    wins: int
    stage: Ints
    age: Floats
    amount: Floats
    pace: float
    spread: float
    excess: float
    won: pd.DataFrame

    @property
    def sizes(self) -> Floats:
        """Amounts won, one by one."""
        known = self.won[self.won["amount"].notna()]
        return np.repeat(known["amount"].to_numpy(float), known["number"].to_numpy(int))


def orders(found: SalesCounts, targets: pd.DataFrame, window: Window) -> Orders:
    """What is to come of the team's deals, as a range for the month and the quarter that hold as-of.

    Args:
        found: The counts.
        targets: The table of targets; ``orders`` and ``revenue`` of the whole company or team give a chance.
        window: As-of.

    Returns:
        See ``Orders``; what cannot be said is in ``missing``, with its reason.
    """
    as_of = window.as_of.astimezone(ZoneInfo(window.time_zone))
    today = as_of.date()
    closed = _closed(found)
    if closed:
        return Orders(on=today, missing={ORDERS: closed, REVENUE: closed})
    first = today if as_of.hour < 12 else today + timedelta(days=1)
    weeks = _weeks(found, first)
    basis = learn(found, first)
    number = _decided(found)
    asked = {m: shared_target(targets, m, today) for m in (ORDERS, REVENUE)}
    missing = {} if len(basis.sizes) else {REVENUE: "no_amounts"}
    outlooks = [
        _asked(outlook, chance, asked[outlook.measure])
        for outlook, chance in foresee(basis, today, first)
        if outlook.measure not in missing
    ]
    return Orders(
        outlooks=tuple(outlooks),
        on=today,
        won=number["won"],
        lost=number["lost"],
        still=number["open"],
        steps=_steps(found),
        weekly=basis.pace * WEEK,
        learned=weeks,
        sized=len(basis.sizes),
        unsized=int(np.isnan(basis.amount).sum()),
        currency=found.currency,
        missing=missing,
    )


def _closed(found: SalesCounts) -> str:
    """Why nothing can be said; empty otherwise."""
    if "opportunities" in found.absent or found.pursued.empty:
        return "no_opportunities"
    if len(found.currencies) > 1:
        return "mixed_currencies"
    return "" if (found.pursued["end"] == "won").any() else "none_won"


def _steps(found: SalesCounts) -> tuple[str, ...]:
    """Steps that the deals were seen in, in the order of the path."""
    seen = set(found.pursued["step"])
    return tuple(step for step in found.recorded if step in seen)


def _weeks(found: SalesCounts, first: date) -> int:
    """Whole weeks of the past that the data holds, at most so many."""
    known = (first - found.first_day).days // WEEK if found.first_day else WEEKS
    return min(max(known, 1), WEEKS)


# ---- learned ----------------------------------------------------------------------------------------


def learn(found: SalesCounts, first: date) -> Basis:
    """How deals go through their stages, how many begin, and what stands there.

    Args:
        found: The counts: ``pursued`` and ``deal_days``.
        first: The first day that is still to come.
    """
    order = {step: n for n, step in enumerate(_steps(found))}
    rows = found.pursued.loc[found.pursued.index.repeat(found.pursued["number"])]
    stage, here = rows["step"].map(order).to_numpy().astype(np.int64), rows["here"].to_numpy(bool)
    since, until, decided, age, amount = (
        rows[c].to_numpy(float) for c in ("since", "until", "decided", "age", "amount")
    )
    won, still = ((rows["end"] == end).to_numpy(bool) for end in ("won", "open"))
    pace, spread, excess = _pace(found.deal_days, first, _weeks(found, first))
    return Basis(
        past=Stays(stage, since, until, decided, age, won, still),
        wins=_decided(found)["won"],
        stage=stage[here], age=age[here], amount=amount[here],
        pace=pace, spread=spread, excess=excess,
        won=found.deal_days[found.deal_days["kind"] == "won"],
    )  # fmt: skip


def _decided(found: SalesCounts) -> dict[str, int]:
    """Deals by what became of them; each is counted in the step it ended in, or is."""
    rows = found.pursued
    last = rows[rows["here"] | ((rows["end"] != "open") & (rows["until"] >= rows["decided"]))]
    return {end: int(last.loc[last["end"] == end, "number"].sum()) for end in ("won", "lost", "open")}


def _pace(days: pd.DataFrame, first: date, weeks: int) -> tuple[float, float, float]:
    """Deals that begin a day, the relative deviation of that, and how much more weeks vary than chance makes them."""
    begun = days[days["kind"] == "began"]
    ago = np.array([(first - day).days - 1 for day in begun["day"]], dtype=int) // WEEK
    recent = (ago >= 0) & (ago < weeks)
    each = np.bincount(ago[recent], begun["number"].to_numpy(float)[recent], weeks)
    found = pearson_dispersion(np.full((1, weeks), float(WEEK)), each[None], "count") if weeks > 1 else np.nan
    vary = max(float(np.nan_to_num(found, nan=1.0)), 1.0) * allowance(max(weeks - 1, 1))
    total = each.sum() + 0.5
    return float(total / (WEEK * weeks)), float(np.sqrt(vary / total)), vary - 1


# ---- foreseen ---------------------------------------------------------------------------------------


class Shape(NamedTuple):
    """What one outlook was put together from: of a number of orders, or with ``worth`` of their amount."""

    pending: Pending
    worth: Worth | None = None

    def quantiles(self) -> list[float]:
        """At ``LEVELS``."""
        if self.worth is None:
            number = distribution(self.pending)
            return [quantile(number, level) for level in LEVELS]
        amount = compound(self.pending, self.worth)
        return [amount.quantile(level) for level in LEVELS]

    def chance(self, goal: float) -> float:
        """Probability of reaching it."""
        if self.worth is None:
            return chance_of(distribution(self.pending), goal)
        return compound(self.pending, self.worth).chance(goal)


def foresee(basis: Basis, today: date, first: date) -> Iterator[tuple[Outlook, Shape]]:
    """Orders and revenue of the month and the quarter, without targets.

    Args:
        basis: What is known.
        today: As-of's day.
        first: The first day that is still to come.
    """
    for span in spans(today):
        days = (span.end - first).days + 1
        inside = basis.won[basis.won["day"].between(span.start, today)]
        pending, amount = _pending(basis, days, int(inside["number"].sum()))
        for measure in (ORDERS, REVENUE) if len(basis.sizes) else (ORDERS,):
            shape = Shape(pending, None if measure == ORDERS else _worth(basis, inside, amount))
            so_far = inside["number"].sum() if measure == ORDERS else (inside["amount"] * inside["number"]).sum()
            low, median, high = (round(value) for value in shape.quantiles())
            yield Outlook(
                TEAM, measure, *span, so_far=round(so_far), booked=len(basis.age), days_left=days, low=low,
                median=median, high=high, pace=basis.pace,
            ), shape  # fmt: skip


def _pending(basis: Basis, days: int, settled: int) -> tuple[Pending, Floats]:
    """The number of orders, and the amount of each kind of open deal.

    All chances rise and fall with one share, since they are learned from the same wins; its mean is the greatest of
    them, so that none becomes more than certain.
    """
    past = basis.past
    chances = won_within(past, basis.stage, basis.age, days)
    first = past.since <= 0
    curve = won_curve(past.watched[first], past.won[first], days)
    begins = in_time(np.diff(curve), days, days)
    most = max(float(chances.max(initial=0.0)), float(curve[-1]), 1e-6)
    deals = pd.DataFrame({"chance": np.round(chances / most, 2), "amount": basis.amount, "number": 1.0})
    likely = deals[deals["chance"] > 0]
    kinds = likely.groupby(["chance", "amount"], dropna=False)["number"].sum().reset_index()
    started = float(begins.sum())
    pending = Pending(
        settled=settled,
        chances=kinds["chance"].to_numpy(float),
        numbers=kinds["number"].to_numpy(float),
        share=Belief(most, most * _doubt(basis, days, float(chances.sum()) + basis.pace * started)),
        coming=basis.pace * started / most,
        spread=basis.spread,
        excess=basis.excess * float((begins**2).sum() / started) / most if started else 0.0,
    )
    return pending, kinds["amount"].to_numpy(float)


def _doubt(basis: Basis, days: int, expected: float) -> float:
    """Relative standard deviation that all chances have in common: as their past shows, and never surer than a rate
    known from as many wins.
    """
    error = won_error(basis.past, basis.stage, basis.age, days, basis.pace)
    return float(max(error / max(expected, 1e-9), 1 / np.sqrt(basis.wins + 0.5)))


def _worth(basis: Basis, inside: pd.DataFrame, each: Floats) -> Worth:
    known = inside["amount"].notna()
    settled = float((inside["amount"] * inside["number"])[known].sum())
    return Worth(settled, int(inside.loc[~known, "number"].sum()), each, basis.sizes)


def _asked(outlook: Outlook, shape: Shape, monthly: tuple[float, str] | None) -> Outlook:
    """The outlook with its target, spread over working days as everywhere, and the chance of it."""
    if monthly is None or not monthly[0]:
        return outlook
    days = read("contract")["working_days"]
    quota = round(monthly[0] * days[outlook.horizon] / days[monthly[1]], 6)
    return replace(outlook, quota=quota, chance=shape.chance(quota))
