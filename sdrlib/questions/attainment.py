"""Who reaches a quota, and what did the meetings become? Counted by person, tested between nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from sdrlib.knowledge import read
from sdrlib.records import TEAM, Attained, Counts, Credit, SalesCounts, Selling, Window
from sdrlib.records.sales import Cadence
from sdrlib.stats.quota import share_reaching
from sdrlib.typography import alphabetical

Kind = Literal["accepted", "won"]
CADENCES: tuple[tuple[Cadence, int], ...] = (("month", 1), ("quarter", 3), ("year", 12))
QUOTAS: Mapping[Kind, str] = {"accepted": "accepted_per_day", "won": "revenue"}
"""The measure under which a rep's target is looked for."""
A_YEAR = 365.0


class _Seller(NamedTuple):
    """One seller: name, ramped from which day on (None: unknown), events and amounts by first day of the month."""

    name: str
    ramped_from: date | None
    events: pd.Series[float]


class _Span(NamedTuple):
    """A period that the data covers well enough."""

    start: date
    end: date
    covered: float
    working: int


def attainment(found: SalesCounts, counts: Counts) -> tuple[Selling, ...]:
    """Quotas proposed and reached, of SDRs by accepted opportunities, of account executives by amounts won.

    Each cadence shows the newest period of which the data covers 90 % of the working days, its quota cut to them.
    A quota is the target where one is set for the people compared (``accepted_per_day``, ``revenue``), else
    productivity × 1.2.

    Args:
        found: The sales counts.
        counts: For the people and their targets.
    """
    if "opportunities" in found.absent or found.selling.empty:
        return (Selling("accepted", reason="no_opportunities"), Selling("won", reason="no_opportunities"))
    won = Selling("won", reason="mixed_currencies") if len(found.currencies) > 1 else None
    return (_selling("accepted", found, counts), won or _selling("won", found, counts))


def _selling(kind: Kind, found: SalesCounts, counts: Counts) -> Selling:
    window = counts.window
    today = window.as_of.astimezone(ZoneInfo(window.time_zone)).date()
    sellers = list(_sellers(kind, found, counts))
    if not sellers:
        return Selling(kind, reason="no_owner")
    spans = {cadence: _newest(months, found.first_day, today) for cadence, months in CADENCES}
    unknown = tuple(sorted((s.name for s in sellers if s.ramped_from is None), key=alphabetical))
    first = next((span for span in spans.values() if span), None)
    if first is None:
        return Selling(kind, unknown=unknown, reason="no_period")
    ramped = [s for s in sellers if s.ramped_from is not None and s.ramped_from <= first.start]
    late = (s.name for s in sellers if s.ramped_from is not None and s.ramped_from > first.start)
    ramping = tuple(sorted(late, key=alphabetical))
    if not ramped:
        return Selling(kind, ramping=ramping, unknown=unknown, reason="nobody_ramped")
    a_month = read("contract")["working_days"]["month"]
    longest = max((span for span in spans.values() if span), key=lambda span: span.working)
    productivity = _mean_per_day(ramped, longest) * a_month
    quota = productivity * read("path")["attainment"]["quota_factor"]
    given = _given(kind, counts)
    attained = tuple(
        _attained(cadence, kind, sellers, spans[cadence], (given or quota) / a_month, given=given is not None)
        for cadence, _ in CADENCES
    )
    return Selling(kind, len(ramped), productivity, quota, attained, ramping, unknown)


def _sellers(kind: Kind, found: SalesCounts, counts: Counts) -> Iterator[_Seller]:
    """Everybody of the kind: SDRs also without an opportunity, account executives as far as a deal names them."""
    rows = found.selling[found.selling["kind"] == kind]
    ramp = read("path")["attainment"]["ramp_days"]
    column = "number" if kind == "accepted" else "amount"
    sums = {str(s): part.groupby("month")[column].sum() for s, part in rows.groupby("seller")}
    nothing: pd.Series[float] = pd.Series(dtype=float)
    people = counts.reps if kind == "accepted" else rows.drop_duplicates("seller").rename(columns={"seller": "rep_id"})
    for person in people.to_dict("records"):
        started = pd.to_datetime(person["started_on"])
        days = ramp.get(str(person["role"]), ramp["ae"])
        ramped = None if pd.isna(started) else started.date() + timedelta(days=days)
        yield _Seller(str(person["name"]), ramped, sums.get(str(person["rep_id"]), nothing))


def _newest(months: int, first: date | None, today: date) -> _Span | None:
    """The newest calendar period that is over, or nearly, and in the data."""
    if first is None:
        return None
    least = read("path")["attainment"]["covered"]
    start = date(today.year, (today.month - 1) // months * months + 1, 1)
    for _ in range(2):
        following = (pd.Timestamp(start) + pd.DateOffset(months=months)).date()
        whole = _working(start, following)
        seen = _working(max(start, first), min(following, today + timedelta(days=1)))
        if seen >= least * whole:
            return _Span(start, following, seen / whole, seen)
        start = (pd.Timestamp(start) - pd.DateOffset(months=months)).date()
    return None


def _working(start: date, end: date) -> int:
    return max(int(np.busday_count(start, end)), 0)


def _within(seller: _Seller, span: _Span) -> float:
    months = [m for m in seller.events.index if span.start <= m < span.end]
    return float(seller.events[months].sum())


def _mean_per_day(sellers: list[_Seller], span: _Span) -> float:
    ready = [s for s in sellers if s.ramped_from is not None and s.ramped_from <= span.start] or sellers
    return sum(_within(s, span) for s in ready) / len(ready) / span.working


def _given(kind: Kind, counts: Counts) -> float | None:
    """A target of the team or company for one person, per month of 21 days; several differing ones are no one quota."""
    rows = counts.targets[(counts.targets["measure"] == QUOTAS[kind]) & (counts.targets["scope"] == "team")]
    if kind == "won" or rows.empty:
        return None
    spread = read("contract")["working_days"]
    lines = zip(rows["value"], rows["period"], strict=True)
    values = {round(float(v) * spread["month"] / spread[p], 6) for v, p in lines}
    return values.pop() if len(values) == 1 else None


def _attained(
    cadence: Cadence, kind: Kind, sellers: list[_Seller], span: _Span | None, per_day: float, *, given: bool
) -> Attained:
    if span is None:
        return Attained(cadence)
    ready = [s for s in sellers if s.ramped_from is not None and s.ramped_from <= span.start]
    quota = per_day * span.working
    if not ready or not quota:
        return Attained(cadence, span.start, span.covered, quota or None, given)
    sold = np.array([_within(s, span) for s in ready])
    low, high = read("path")["attainment"]["levels"]
    alike = kind == "accepted"
    return Attained(
        cadence, span.start, span.covered, quota, given, len(ready),
        at_80=int((sold >= low * quota - 1e-9).sum()),
        at_100=int((sold >= high * quota - 1e-9).sum()),
        chance_80=share_reaching(float(sold.mean()), low * quota) if alike else None,
        chance_100=share_reaching(float(sold.mean()), high * quota) if alike else None,
    )  # fmt: skip


# ---- credits ----------------------------------------------------------------------------------------


def credit(found: SalesCounts, counts: Counts) -> tuple[tuple[Credit, ...], str]:
    """What the meetings of the team and of each SDR became, in alphabetical order; and why there is nothing to show.

    A deal is one credit: whoever booked the first meeting with its prospect has it, shared half and half with the SDR
    whom the opportunity names, if that is somebody else.
    """
    if "opportunities" in found.absent or found.credits.empty:
        return (), "no_opportunities"
    if len(found.currencies) > 1:
        return (), "mixed_currencies"
    names = counts.reps.set_index("rep_id")["name"].astype(str).to_dict()
    rows = [{str(k): v for k, v in row.items()} for row in found.credits.to_dict("records") if row["rep_id"] in names]
    lines = [_credit({**row, "name": names[row["rep_id"]]}, counts.window) for row in rows]
    sums = {str(k): float(v) for k, v in found.credits.drop(columns="rep_id").sum().items()}
    sums["shared"] /= 2  # each shared deal stands in two lines
    team = _credit({**sums, "rep_id": TEAM, "name": ""}, counts.window)
    return (team, *sorted(lines, key=lambda c: (alphabetical(c.name), c.rep_id))), ""


def _credit(row: Mapping[str, object], window: Window) -> Credit:
    days = (window.end - window.start).days + 1
    value = {k: float(str(row[k])) for k in ("opportunities", "pipeline", "won", "amount", "valued")}
    return Credit(
        rep_id=str(row["rep_id"]),
        name=str(row["name"]),
        meetings=round(float(str(row["meetings"]))),
        shared=round(float(str(row["shared"]))),
        a_year=value["amount"] * A_YEAR / days if value["valued"] else None,
        **value,
    )
