"""The dashboard of the month, attainment and credits: what a leader asks beyond single reps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal

from sdrlib.records.orders import Orders
from sdrlib.records.sales_path import SalesPath, frame_of

if TYPE_CHECKING:
    import pandas as pd

Cadence = Literal["month", "quarter", "year"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the dashboard: the month of as-of beside the month before, and beside its target.

    Attributes:
        key: Which.
        kind: ``count`` (a day: two months of unequal length compare by working day), ``money``, ``share`` or ``days``.
        number, total: What the figure is made of: events and working days, amounts summed and their number, successes
            and trials.
        value, low, high: The figure of the month so far and its 95 % interval; a count is the count itself. Of a
            forecast (``orders_to_come``, ``revenue_to_come``) what is expected by the end of the month of as-of and the
            range of 8 cases in 10; ``number`` is then what happened so far, ``total`` the number of open deals.
        before: The figure of the month before.
        change, change_low, change_high: Ratio of the rates per working day (counts, money), or difference of shares;
            the interval is that of all changes of the dashboard together.
        changed: Whether the change is established; None where the two months cannot be compared.
        target: What it asks for up to as-of; a share or an average as it stands.
        reason: Why there is no figure: a table's name, ``none``, ``mixed_currencies``; empty otherwise.
    """

    key: str
    kind: Literal["count", "money", "share", "days"]
    number: float | None = None
    total: float | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    before: float | None = None
    change: float | None = None
    change_low: float | None = None
    change_high: float | None = None
    changed: bool | None = None
    target: float | None = None
    reason: str = ""


@dataclass(frozen=True, repr=False)
class Dashboard:
    """The month so far.

    Attributes:
        figures: In the order of the page.
        month, before: First days of the two months.
        days, days_before: Working days in them, up to as-of.
        tests: How many changes were judged together.
        currency: Of all amounts.
    """

    figures: tuple[Figure, ...] = ()
    month: date | None = None
    before: date | None = None
    days: int = 0
    days_before: int = 0
    tests: int = 0
    currency: str = ""

    def to_frame(self) -> pd.DataFrame:
        """One tidy row per figure."""
        return frame_of(self.figures, Figure)

    def __repr__(self) -> str:
        return f"Dashboard({len(self.figures)} figures)"

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False, na_rep="", float_format="{:.3g}".format, border=0))


@dataclass(frozen=True, slots=True)
class Attained:
    """How many ramped sellers reached a share of their quota in one period.

    Attributes:
        cadence: month, quarter or year.
        starts_on: First day of the newest such period that the data covers; None when it covers none.
        covered: Share of its working days in the data; the quota is for as many.
        quota: Of one seller for the days covered.
        given: Whether targets gave it; else it is proposed.
        sellers: How many ramped sellers.
        at_80, at_100: How many reached 80 % and 100 %.
        chance_80, chance_100: Shares that would if all sold alike and only chance differed; None for amounts.
    """

    cadence: Cadence
    starts_on: date | None = None
    covered: float = 0.0
    quota: float | None = None
    given: bool = False
    sellers: int = 0
    at_80: int = 0
    at_100: int = 0
    chance_80: float | None = None
    chance_100: float | None = None


@dataclass(frozen=True, slots=True)
class Selling:
    """Productivity and attainment of one kind of sellers.

    Attributes:
        kind: ``accepted`` (accepted opportunities of SDRs) or ``won`` (amounts won by account executives).
        ramped: How many sellers are past their first months.
        productivity: Per ramped seller and month, of the months covered.
        quota: Proposed per month: productivity × 1.2.
        attained: Month, quarter, year.
        ramping, unknown: Names of who is left out: new, or of unknown start.
        reason: Why there is nothing: ``no_opportunities``, ``no_owner`` (deals name no seller),
            ``nobody_ramped``, ``mixed_currencies``, ``no_period``.
    """

    kind: Literal["accepted", "won"]
    ramped: int = 0
    productivity: float | None = None
    quota: float | None = None
    attained: tuple[Attained, ...] = ()
    ramping: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Credit:
    """What the meetings of one SDR became. Shown with its counts, never tested between people.

    Attributes:
        rep_id, name: Who; both empty for the team.
        meetings: Booked in the period.
        opportunities, pipeline: Begun in it, in shares of a deal, and their amounts.
        won, amount: Won in it, whenever booked.
        valued: Won ones with a known amount.
        shared: Deals of which another SDR has half.
        a_year: ``amount`` as of a year of such periods; None without an amount.
    """

    rep_id: str
    name: str
    meetings: int
    opportunities: float
    pipeline: float
    won: float
    amount: float
    valued: float
    shared: int
    a_year: float | None = None

    @property
    def deal_size(self) -> float | None:
        """Mean amount of a won deal."""
        return self.amount / self.valued if self.valued else None

    @property
    def meetings_per_deal(self) -> float | None:
        """Meetings booked per deal won in the same period."""
        return self.meetings / self.won if self.won else None


@dataclass(frozen=True)
class Sales:
    """All of it, for one team and period.

    Attributes:
        path: The sales path.
        dashboard: The month.
        selling: Attainment of SDRs and of account executives.
        credits: The team, then its SDRs in alphabetical order.
        reason: Why there are no credits: ``no_opportunities``, ``mixed_currencies``; empty otherwise.
        orders: What is to come of the deals.
    """

    path: SalesPath
    dashboard: Dashboard
    selling: tuple[Selling, ...] = ()
    credits: tuple[Credit, ...] = ()
    reason: str = ""
    orders: Orders = field(default_factory=Orders)

    def credits_frame(self) -> pd.DataFrame:
        """One tidy row for the team and per SDR."""
        return frame_of(self.credits, Credit)
