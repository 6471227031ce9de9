"""The sales path in counts: who entered each step, moved on, was lost or is still there, and how long it took.

Survival asks for single ages, in days; ids and instants stay behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import ibis
import pandas as pd

from sdrlib.counts.deals import TRAITS, day_of, least, recorded, seen
from sdrlib.counts.rows import UNKNOWN
from sdrlib.knowledge import read
from sdrlib.records import PASSAGES, Window
from sdrlib.records.clock import moment, never, stacked

DAY = 86_400.0
CENTS = 100
ODD = ("returned", "reopened", "lost_again", "duplicate", "undated", "unknown_stage")
ENTRY = ("step", "entered", "left", "status", "amount", "prospect_id")


def entries(deals: Any | None, leads: Any | None, steps: Sequence[str], window: Window) -> Any | None:
    """One row per step that a lead, a deal or a customer entered: step, entered, left, status, amount, traits.

    Args:
        deals: What ``deals`` gave; None without opportunities.
        leads: What ``leads`` gave; None without prospects.
        steps: Deal steps that the data records.
        window: The period.
    """
    parts = [*_of_leads(leads)] if leads is not None else []
    parts += [*_of_deals(deals, steps), *_of_customers(deals)] if deals is not None else []
    if not parts:
        return None
    rows = stacked(parts)
    rows = rows.filter(rows.entered.notnull(), rows.entered <= moment(window.as_of))
    day = day_of(rows.entered, window)
    rows = rows.mutate(month=day.strftime("%Y-%m"), period=_period(day, window))
    if leads is None:
        return rows.mutate(**{trait: ibis.literal(UNKNOWN) for trait in TRAITS})
    traits = leads.select("prospect_id", *TRAITS)
    rows = rows.left_join(traits, "prospect_id").drop("prospect_id_right")
    return rows.mutate(**{trait: ibis.coalesce(rows[trait], UNKNOWN) for trait in TRAITS})


def _period(day: Any, window: Window) -> Any:
    before = window.start - ((window.end - window.start) + timedelta(days=1))
    return ibis.cases(
        (day > window.end, "later"), (day >= window.start, "this"), (day >= before, "before"), else_="earlier"
    )


# ---- leads ------------------------------------------------------------------------------------------


def leads(frames: Mapping[str, Any], deals: Any | None, window: Window, *, touched_only: bool) -> Any | None:
    """One row per prospect: when it was created, met first, handed over, and bought; when it said no, and its traits.

    Args:
        frames: Canonical tables, activities and meetings cut to the team.
        deals: What ``deals`` gave.
        window: As-of.
        touched_only: Of a team among several: those that it touched.
    """
    if "prospects" not in frames:
        return None
    rows = frames["prospects"]
    if touched_only:
        rows = rows.semi_join(frames["activities"], "prospect_id")
    rows = rows.select(
        "prospect_id", *TRAITS, **{c: seen(rows[c], window) for c in ("created_at", "mql_at", "sql_at", "customer_at")}
    )
    meets = frames["meetings"].filter(lambda t: t.booked_at <= moment(window.as_of))
    met = meets.group_by("prospect_id").aggregate(met=meets.booked_at.min())
    rows = rows.left_join(met, "prospect_id").drop("prospect_id_right")
    rows = rows.left_join(_nos(frames, window), "prospect_id").drop("prospect_id_right")
    if deals is None:
        return rows.mutate(handed=rows.sql_at, bought=rows.customer_at)
    sold = deals.group_by("prospect_id").aggregate(first_deal=deals.began.min(), first_won=deals.at_won.min())
    rows = rows.left_join(sold, "prospect_id").drop("prospect_id_right")
    return rows.mutate(handed=least([rows.sql_at, rows.first_deal]), bought=least([rows.customer_at, rows.first_won]))


def _nos(frames: Mapping[str, Any], window: Window) -> Any:
    """prospect_id, no: the last time a prospect's activity or meeting said that nothing will come of it."""
    words, acts, meets = read("path")["lost"], frames["activities"], frames["meetings"]
    said = acts.filter(acts.outcome.isin(words["activities"]), acts["at"] <= moment(window.as_of))
    held = meets.filter(meets.outcome.isin(words["meetings"]), meets.starts_at <= moment(window.as_of))
    both = stacked([said.select("prospect_id", "at"), held.select("prospect_id", at="starts_at")])
    named = both.filter(both.prospect_id.notnull())
    return named.group_by("prospect_id").aggregate(no=named["at"].max())


def _of_leads(leads: Any) -> Iterator[Any]:
    spans = {
        "find": (leads.created_at, [leads.met, leads.handed]),
        "qualify": (leads.met, [leads.handed]),
        "mql": (leads.mql_at, [leads.sql_at]),
        "sql": (leads.sql_at, [leads.bought]),
        "lead": (leads.created_at, [leads.bought]),
    }
    for step, (entered, later) in spans.items():
        moved = least(later)
        yield _entry(leads, step, entered, moved, at_lost=leads.no, amount=ibis.null("float64"))


# ---- deals and customers ----------------------------------------------------------------------------


def _of_deals(deals: Any, steps: Sequence[str]) -> Iterator[Any]:
    """Each step with the first later one that was entered; the last open one holds what was lost there."""
    rows = deals.filter(~deals.duplicate)
    times = [rows.began if step == "discover" else rows[f"at_{step}"] for step in steps]
    for number, step in enumerate(steps):
        moved = least([*times[number + 1 :], rows.at_won])
        yield _entry(rows, step, times[number], moved, at_lost=rows.at_lost, amount=rows.amount, over=rows)
    yield _entry(rows, "deal", rows.began, rows.at_won, at_lost=rows.at_lost, amount=rows.amount, over=rows)


def _of_customers(deals: Any) -> Iterator[Any]:
    """A customer's first won deal and the next one; after that the path has no end."""
    rows = deals.filter(deals.at_won.notnull())
    order = ibis.window(group_by=rows.customer, order_by=[rows.at_won, rows.opportunity_id])
    rows = rows.mutate(turn=ibis.row_number().over(order), next_won=rows.at_won.lead().over(order))
    first, second = rows.filter(rows.turn == 0), rows.filter(rows.turn == 1)
    yield _entry(first, "onboard", first.at_won, first.next_won, at_lost=never(), amount=first.amount)
    yield _entry(second, "grow", second.at_won, never(), at_lost=never(), amount=second.amount)


def _entry(
    rows: Any, step: str, entered: Any, moved: Any, *, at_lost: Any, amount: Any, over: Any | None = None
) -> Any:
    """Entered at its first time; what came after a later step was entered is no entering: the step was skipped."""
    skipped = (moved.notnull() & (entered.isnull() | (entered > moved))).fill_null(False)
    lost = (at_lost >= entered).fill_null(False) if over is None else over.lost
    undated = ibis.literal(False) if over is None else over.undated
    status = ibis.cases(
        (skipped, "skipped"), (moved.notnull(), "moved"), (undated, "undated"), (lost, "lost"), else_="open"
    )
    left = ibis.cases((moved.notnull(), moved), (lost, at_lost), else_=never())
    return rows.select(
        step=ibis.literal(step),
        entered=skipped.ifelse(moved, entered),
        left=left,
        status=status,
        amount=amount,
        prospect_id=rows.prospect_id,
    )


# ---- counted ----------------------------------------------------------------------------------------


def passages(rows: Any, window: Window) -> pd.DataFrame:
    """The columns of ``PASSAGES``: everybody by period, and each dimension alone for what entered in this period."""
    age = _days(rows.entered, moment(window.as_of))
    spent = _days(rows.entered, ibis.coalesce(rows.left, moment(window.as_of)))
    told = rows.mutate(
        days=ibis.cases((rows.status.isin(["skipped", "undated"]), ibis.null("float64")),
                        ((rows.status == "lost") & rows.left.isnull(), ibis.null("float64")), else_=spent),
        age=(rows.status == "lost").ifelse(age, ibis.null("float64")),
        cents=(rows.amount * CENTS).round().cast("int64"),
    )  # fmt: skip
    mine = told.filter(told.period == "this", ~told.step.isin(["lead", "deal"]))
    mine = mine.mutate(days=(mine.status == "lost").ifelse(ibis.null("float64"), mine.days))
    parts = [_counted(told, "", ibis.literal(""))]
    parts += [_counted(mine, name, mine[name]) for name in (*TRAITS, "month")]
    found = pd.concat(parts, ignore_index=True)[list(PASSAGES)]
    return found.sort_values(list(PASSAGES), ignore_index=True)


def _counted(rows: Any, dimension: str, level: Any) -> pd.DataFrame:
    keys = ["level", "period", "step", "status", "days", "age"]
    placed = rows.mutate(level=level.cast("string"))
    sums = placed.group_by(keys).aggregate(number=placed.count(), value=placed.cents.sum(), valued=placed.cents.count())
    found: pd.DataFrame = sums.execute()
    money = pd.to_numeric(found["value"]).fillna(0) / CENTS
    return found.assign(dimension=dimension, value=money.astype(float)).astype({"number": int, "valued": int})


def _days(start: Any, end: Any) -> Any:
    return ibis.greatest(((end.epoch_seconds() - start.epoch_seconds()) / DAY).floor(), 0.0).cast("float64")


def oddities(deals: Any) -> pd.DataFrame:
    """kind, number: deals that did not go straight through, each counted once for the path all the same."""
    flags = {
        "returned": deals.returned,
        "reopened": deals.at_last > deals.first_end,
        "lost_again": deals.times_lost > 1,
        "duplicate": deals.duplicate,
        "undated": deals.undated,
        "unknown_stage": deals.unknown_stage | ((deals.step == "unknown") & (deals.status == "open")),
    }
    sums = deals.aggregate(**{kind: flag.fill_null(False).sum() for kind, flag in flags.items()}).execute().iloc[0]
    return pd.DataFrame([(kind, 0 if pd.isna(sums[kind]) else int(sums[kind])) for kind in ODD],
                        columns=["kind", "number"])  # fmt: skip


def standing(deals: Any) -> pd.DataFrame:
    """step, number, value: open deals by the stage their CRM shows now."""
    rows = deals.filter(~deals.won, ~deals.lost)
    named = rows.mutate(step=rows.step.isin([*read("path")["steps"], UNKNOWN]).ifelse(rows.step, UNKNOWN))
    cents = (named.amount * CENTS).round().cast("int64")
    found = named.group_by("step").aggregate(number=named.count(), value=cents.sum()).execute()
    money = pd.to_numeric(found["value"]).fillna(0).astype(float) / CENTS
    tidy: pd.DataFrame = found.assign(value=money).astype({"number": int}).sort_values("step", ignore_index=True)
    return tidy


def recorded_steps(deals: Any | None, frames: Mapping[str, Any]) -> tuple[str, ...]:
    """Steps whose entering the data records, in the order of the path."""
    known = recorded(deals, "stage_changes" in frames) if deals is not None else []
    there = set(known) | ({"find", "qualify"} if "prospects" in frames else set())
    there |= {"onboard", "grow"} if deals is not None else set()
    return tuple(step for step in read("path")["steps"] if step in there)
