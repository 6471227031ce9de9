"""The dashboard's days, the orders, and who booked and who sold what: counts and sums, in whole cents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import numpy as np
import pandas as pd

from sdrlib.counts import path as counted
from sdrlib.counts.deals import A_DAY, day_of, deal_steps, deals
from sdrlib.counts.path import CENTS
from sdrlib.counts.people import sellers_only
from sdrlib.counts.pursued import deal_days, pursued
from sdrlib.counts.rows import kept
from sdrlib.knowledge import read
from sdrlib.records import CAMPAIGNS, CREDITS, FIGURES, ORDERS, SELLING, Checked, SalesCounts, Window
from sdrlib.records.clock import moment, stacked
from sdrlib.settings import Settings

BOTH = ("this", "before")
TABLES = ("prospects", "opportunities", "stage_changes", "campaigns")


def count_sales(checked: Checked, settings: Settings, window: Window) -> SalesCounts:
    """Everything after the meeting that ends in counts; see ``SalesCounts``.

    Args:
        checked: Tables that are fit to count.
        settings: The team, and what the organisation's stages mean.
        window: The period, as the team's counts have it.

    Raises:
        UsageError: the team is not in the data.
    """
    people = checked.tables.frames["reps"]
    frames = sellers_only(dict(checked.tables.frames), settings.team)
    sold = kept(deals(frames, window, settings.path_stages)) if "opportunities" in frames else None
    people_found = counted.leads(frames, sold, window, touched_only=bool(settings.team))
    people_found = kept(people_found) if people_found is not None else None
    steps = counted.recorded_steps(sold, frames)
    rows = counted.entries(sold, people_found, [s for s in steps if s in deal_steps()], window)
    rows = kept(rows) if rows is not None else None
    currencies = _currencies(sold)
    parts: dict[str, pd.DataFrame] = {}
    if rows is not None:
        parts["passages"] = counted.passages(rows, window)
        parts["figures"] = _figures(rows, people_found, sold, window)
    if sold is not None:
        parts |= {"oddities": counted.oddities(sold), "standing": counted.standing(sold)}
        parts |= {"orders": _orders(sold, window), "credits": _credits(frames, sold, window)}
        parts["selling"] = _selling(sold, people, window)
        own = [s for s in steps if s in deal_steps()]
        parts |= {"pursued": pursued(sold, own, window), "deal_days": deal_days(sold, window)}
    if "campaigns" in frames and not settings.team:  # a campaign is for everybody: no team has a share of its cost
        parts["campaigns"] = _campaigns(frames, window)
    return SalesCounts(
        **parts,
        recorded=steps,
        currency=currencies[0] if len(currencies) == 1 else "",
        currencies=currencies,
        first_day=_first_day(frames, sold, window),
        month=month(window),
        absent=tuple(name for name in TABLES if name not in frames),
    )


FEW = 5
"""With fewer working days than this a month says nothing yet, and the one before is looked at."""


def _today(window: Window) -> date:
    return window.as_of.astimezone(ZoneInfo(window.time_zone)).date()


def month(window: Window) -> tuple[date, date]:
    """First and last day of the month to look at, up to as-of."""
    today = _today(window)
    first = today.replace(day=1)
    if np.busday_count(first, today + A_DAY) >= FEW:
        return first, today
    last = first - A_DAY
    return last.replace(day=1), last


def _month(day: Any, window: Window) -> Any:
    first, last = month(window)
    before = (first - A_DAY).replace(day=1)
    return ibis.cases((day > last, "later"), (day >= first, "this"), (day >= before, "before"), else_="earlier")


def _currencies(sold: Any | None) -> tuple[str, ...]:
    if sold is None:
        return ()
    found = sold.filter(sold.currency.notnull()).select("currency").distinct().execute()["currency"]
    return tuple(sorted(found))


def _first_day(frames: Mapping[str, Any], sold: Any | None, window: Window) -> date | None:
    acts = frames["activities"]
    days = [day_of(acts["at"], window).min().execute()]
    days += [day_of(sold.began, window).min().execute()] if sold is not None else []
    known = [pd.Timestamp(day).date() for day in days if pd.notna(day)]
    return min(known, default=None)


# ---- the dashboard ----------------------------------------------------------------------------------


def _figures(rows: Any, people: Any | None, sold: Any | None, window: Window) -> pd.DataFrame:
    """The columns of ``FIGURES``."""
    nothing = ibis.null("float64")
    left = rows.filter(
        rows.left.notnull(), rows.status.isin(["moved", "lost"]), rows.step.isin(list(read("path")["steps"]))
    )
    parts = [left.select(figure=left.status.concat(":").concat(left.step), at="left", amount="amount")]
    accepted = rows.filter(rows.step == "deal")
    parts.append(accepted.select(figure=ibis.literal("accepted"), at="entered", amount="amount"))
    if people is not None:
        for figure, at, kept_rows in (
            ("contacts", "created_at", people),
            ("leads", "mql_at", people),
            ("referrals", "created_at", people.filter(people.channel == "referral")),
        ):
            parts.append(kept_rows.select(figure=ibis.literal(figure), at=at, amount=nothing))
    if sold is not None:
        won = _won(sold)
        parts.append(won.select(figure=ibis.literal("orders"), at="at_won", amount="amount"))
        again = won.filter(won.turn > 0)
        parts.append(again.select(figure=ibis.literal("again"), at="at_won", amount="amount"))
    told = stacked(parts)
    told = told.filter(told["at"].notnull(), told["at"] <= moment(window.as_of))
    told = told.mutate(day=day_of(told["at"], window), cents=(told.amount * CENTS).round().cast("int64"))
    told = told.filter(_month(told.day, window).isin(BOTH))
    found = told.group_by(["figure", "day"]).aggregate(number=told.count(), value=told.cents.sum()).execute()
    found = found.assign(day=pd.to_datetime(found["day"]).dt.date, value=_money(found["value"]))
    tidy: pd.DataFrame = found.astype({"number": int}).sort_values(["figure", "day"], ignore_index=True)[list(FIGURES)]
    return tidy


def _won(sold: Any) -> Any:
    """Won deals with their turn among their customer's."""
    won = sold.filter(sold.at_won.notnull())
    order = ibis.window(group_by=won.customer, order_by=[won.at_won, won.opportunity_id])
    return won.mutate(turn=ibis.row_number().over(order))


def _orders(sold: Any, window: Window) -> pd.DataFrame:
    won = _won(sold)
    won = won.mutate(month=_month(day_of(won.at_won, window), window), again=won.turn > 0)
    won = won.filter(won.month.isin(BOTH))
    found = won.group_by(["month", "amount", "again"]).aggregate(number=won.count()).execute()
    tidy: pd.DataFrame = found.astype({"number": int}).sort_values(list(ORDERS), ignore_index=True)[list(ORDERS)]
    return tidy


def _money(cents: pd.Series[Any]) -> pd.Series[float]:
    return pd.to_numeric(cents).fillna(0).astype(float) / CENTS


def _campaigns(frames: Mapping[str, Any], window: Window) -> pd.DataFrame:
    """The columns of ``CAMPAIGNS``, of both months; a number below 0 is read as unknown."""
    rows = frames["campaigns"]
    rows = rows.mutate(month=_month(rows.month, window)).filter(lambda t: t.month.isin(BOTH))
    known = {c: (rows[c] >= 0).ifelse(rows[c], ibis.null("float64")) for c in ("reach", "responses", "cost")}
    rows = rows.mutate(**known)
    sums = {c: (rows[c] * CENTS).round().cast("int64").sum() for c in known}
    found = rows.group_by(["month", "campaign"]).aggregate(**sums).execute()
    found = found.assign(**{c: pd.to_numeric(found[c]).astype(float) / CENTS for c in known})
    found = found.merge(_leads_of_campaigns(frames, window), how="left", on=["month", "campaign"])
    found = found.assign(leads=found["leads"].fillna(0).astype(int))
    tidy: pd.DataFrame = found.sort_values(["month", "campaign"], ignore_index=True)[list(CAMPAIGNS)]
    return tidy


def _leads_of_campaigns(frames: Mapping[str, Any], window: Window) -> pd.DataFrame:
    if "prospects" not in frames:
        return pd.DataFrame({"month": pd.Series(dtype=str), "campaign": pd.Series(dtype=str), "leads": []})
    rows = frames["prospects"].filter(lambda t: t.campaign.notnull() & (t.created_at <= moment(window.as_of)))
    rows = rows.mutate(month=_month(day_of(rows.created_at, window), window))
    rows = rows.filter(rows.month.isin(BOTH))
    found: pd.DataFrame = rows.group_by(["month", "campaign"]).aggregate(leads=rows.count()).execute()
    return found


# ---- people -----------------------------------------------------------------------------------------


def _credits(frames: Mapping[str, Any], sold: Any, window: Window) -> pd.DataFrame:
    """The columns of ``CREDITS``. Who booked the first meeting and who is named share a deal, half and half."""
    meets = frames["meetings"].filter(lambda t: t.booked_at <= moment(window.as_of))
    order = ibis.window(group_by=meets.prospect_id, order_by=[meets.booked_at, meets.meeting_id])
    first = meets.filter(meets.prospect_id.notnull()).mutate(turn=ibis.row_number().over(order))
    first = first.filter(first.turn == 0).select("prospect_id", booker="rep_id")
    rows = sold.filter(~sold.duplicate).left_join(first, "prospect_id").drop("prospect_id_right")
    rows = rows.mutate(shared=(rows.booker != rows.rep_id).fill_null(False))
    mine = rows.mutate(halves=rows.shared.ifelse(1, 2))
    theirs = rows.filter(rows.shared).mutate(rep_id=rows.booker, halves=ibis.literal(1))
    columns = ("rep_id", "halves", "shared", "began", "at_won", "amount")
    both = stacked([mine.select(*columns), theirs.select(*columns)])
    sums = _credit_sums(both, window)
    booked = meets.filter(day_of(meets.booked_at, window).between(window.start, window.end))
    meetings = booked.group_by("rep_id").aggregate(meetings=booked.count()).execute()
    reps = frames["reps"].select("rep_id").order_by("rep_id").execute()
    found = reps.merge(meetings, how="left", on="rep_id").merge(sums, how="left", on="rep_id").fillna(0)
    tidy: pd.DataFrame = found.astype({"meetings": int, "shared": int})[list(CREDITS)]
    return tidy


def _credit_sums(rows: Any, window: Window) -> pd.DataFrame:
    begun = day_of(rows.began, window).between(window.start, window.end).fill_null(False)
    won = day_of(rows.at_won, window).between(window.start, window.end).fill_null(False)
    cents = (rows.amount * CENTS).round().cast("int64") * rows.halves
    sums = rows.group_by("rep_id").aggregate(
        opportunities=rows.halves.sum(where=begun),
        pipeline=cents.sum(where=begun),
        won=rows.halves.sum(where=won),
        valued=rows.halves.sum(where=won & rows.amount.notnull()),
        amount=cents.sum(where=won),
        shared=(rows.shared & (begun | won)).sum(),
    )
    found = sums.execute()
    halves = {c: pd.to_numeric(found[c]).fillna(0) / 2 for c in ("opportunities", "won", "valued")}
    tidy: pd.DataFrame = found.assign(
        **halves, pipeline=_money(found["pipeline"]) / 2, amount=_money(found["amount"]) / 2
    )
    return tidy


def _selling(sold: Any, people: Any, window: Window) -> pd.DataFrame:
    """The columns of ``SELLING``: accepted opportunities by SDR, won deals by account executive, month by month."""
    rows = sold.filter(~sold.duplicate)
    parts = [
        rows.select(kind=ibis.literal("accepted"), seller="rep_id", at="began", amount="amount"),
        rows.select(kind=ibis.literal("won"), seller="owner_id", at="at_won", amount="amount"),
    ]
    both = stacked(parts)
    both = both.filter(both.seller.notnull(), both["at"].notnull(), both["at"] <= moment(window.as_of))
    both = both.mutate(
        month=day_of(both["at"], window).truncate("M"), cents=(both.amount * CENTS).round().cast("int64")
    )
    sums = both.group_by(["kind", "seller", "month"]).aggregate(number=both.count(), amount=both.cents.sum()).execute()
    known = people.select(seller="rep_id", name="name", role="role", started_on="started_on").execute()
    found = sums.merge(known, how="left", on="seller")
    found = found.assign(month=pd.to_datetime(found["month"]).dt.date, amount=_money(found["amount"]),
                         name=found["name"].fillna(found["seller"]))  # fmt: skip
    tidy: pd.DataFrame = found.astype({"number": int}).sort_values(["kind", "seller", "month"], ignore_index=True)[
        list(SELLING)
    ]
    return tidy
