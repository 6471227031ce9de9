"""Opportunities as they went through the steps: when each was entered first, what went back, what came twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any

import ibis

from sdrlib.counts.rows import LARGEST
from sdrlib.knowledge import read
from sdrlib.knowledge.stages import MOST, Own, steps_of
from sdrlib.records import Window
from sdrlib.records.clock import local_time, moment, never

ENDS = ("won", "lost", "duplicate")
A_DAY = timedelta(days=1)
TRAITS = ("channel", "persona", "segment", "campaign")
OPEN_STEPS = ("find", "qualify", "discover", "propose", "negotiate", "close")


def seen(at: Any, window: Window) -> Any:
    """The time, unless it is later than as-of: then nothing is known of it yet."""
    return (at <= moment(window.as_of)).ifelse(at, never())


def day_of(at: Any, window: Window) -> Any:
    """The local day of an instant."""
    return local_time(window.time_zone, at).date()


def step_of(stage: Any, own: Own) -> Any:
    """The step of each stage, or ``unknown``; the names are looked at once, and are few."""
    names = stage.as_table().filter(stage.notnull()).distinct().limit(MOST).execute().iloc[:, 0]
    known: dict[str, list[str]] = {}
    for name, step in sorted(steps_of(names, own).items()):
        known.setdefault(step, []).append(name)
    cases = [(stage.isin(found), step) for step, found in sorted(known.items())]
    return ibis.cases(*cases, else_="unknown") if cases else ibis.literal("unknown")


def deals(frames: Mapping[str, Any], window: Window, own: Own) -> Any:
    """One row per opportunity of the team, seen at as-of.

    Returns:
        opportunity_id, rep_id, owner_id, prospect_id, customer, amount (never negative), currency, step (its stage
        now), created, accepted, began (its first step with the account executive), a time of first entering per deal
        step (``at_propose`` …), won, lost, undated (flags), at_won, at_lost, and the flags returned, reopened,
        lost_again, duplicate, unknown_stage.
    """
    rows = frames["opportunities"].semi_join(frames["reps"], "rep_id")
    rows = rows.filter(rows.created_at.notnull(), rows.created_at <= moment(window.as_of))
    rows = rows.mutate(step=step_of(rows.stage, own))
    changes = _changes(frames, rows, window, own)
    rows = rows.left_join(changes, "opportunity_id").drop("opportunity_id_right")
    accepts = bool(rows.accepted_at.notnull().any().fill_null(False).execute())
    closed = rows.closed_at.isnull() | (rows.closed_at <= moment(window.as_of))
    rows = rows.mutate(
        won=((rows.status == "won") & closed).fill_null(False),
        lost=((rows.status == "lost") & closed).fill_null(False),
        amount=rows.amount.between(0, LARGEST).ifelse(rows.amount, ibis.null("float64")),
        customer=ibis.coalesce(rows.account_id, rows.prospect_id, rows.opportunity_id),
        began=_began(rows, window, accepts=accepts),
    )
    rows = rows.mutate(at_won=_end(rows, rows.won, rows.last_won), at_lost=_end(rows, rows.lost, rows.last_lost))
    rows = rows.mutate(undated=rows.won & rows.at_won.isnull())
    return rows.mutate(duplicate=(rows.lost & (rows.named_duplicate | _copies(rows))).fill_null(False))


def _began(rows: Any, window: Window, *, accepts: bool) -> Any:
    """With the account executive since: the stage says so, or the acceptance, or where nobody accepts the creation."""
    start = seen(rows.accepted_at if accepts else rows.created_at, window)
    if not accepts:
        early = rows.step.isin(["find", "qualify"]) & rows.at_later.isnull() & (rows.status == "open")
        start = early.ifelse(never(), start)
    return ibis.coalesce(rows.at_discover, start)


def _end(rows: Any, over: Any, logged: Any) -> Any:
    """When it was decided; a closing day without a time of day is not before that day's own stages."""
    at = ibis.coalesce(rows.closed_at, logged)
    same_day = (rows.at_last > at) & (rows.at_last <= at + ibis.literal(A_DAY))
    return over.ifelse(same_day.fill_null(False).ifelse(rows.at_last, at), never())


def _changes(frames: Mapping[str, Any], rows: Any, window: Window, own: Own) -> Any:
    """What the changes of stage say of each opportunity; nothing of any where there is no such table."""
    if "stage_changes" not in frames:
        nothing = rows.filter(ibis.literal(False)).select("opportunity_id", at=never(), step=ibis.null("string"))
    else:
        found = frames["stage_changes"]
        found = found.filter(found.stage.notnull(), found.entered_at <= moment(window.as_of))
        nothing = found.select("opportunity_id", at="entered_at", step=step_of(found.stage, own))
    ranked = nothing.mutate(rank=_rank(nothing.step))
    before = ibis.window(
        group_by=ranked.opportunity_id, order_by=[ranked["at"], ranked["rank"]], preceding=(None, 1)
    )  # fmt: skip
    told = ranked.mutate(furthest=ranked["rank"].max().over(before))
    ended = told.step.isin(["won", "lost"])
    return told.group_by("opportunity_id").aggregate(
        **{f"at_{step}": told["at"].min(where=told.step == step) for step in deal_steps()},
        at_later=told["at"].min(where=told.step.isin(deal_steps())),
        at_last=told["at"].max(where=told["rank"].notnull()),
        last_won=told["at"].max(where=told.step == "won"),
        last_lost=told["at"].max(where=told.step == "lost"),
        first_end=told["at"].min(where=ended),
        times_lost=told.count(where=told.step == "lost"),
        named_duplicate=(told.step == "duplicate").any(),
        returned=(told["rank"] < told.furthest).fill_null(False).any(),
        unknown_stage=(told.step == "unknown").any(),
    )


def _rank(step: Any) -> Any:
    return ibis.cases(*((step == name, number) for number, name in enumerate(OPEN_STEPS)), else_=ibis.null("int8"))


def deal_steps() -> list[str]:
    """The steps whose unit is a deal, in the order of the path."""
    return [name for name, step in read("path")["steps"].items() if step["unit"] == "deal"]


def _copies(rows: Any) -> Any:
    """A lost one that stands beside another of the same customer and amount, created within a day: a double."""
    other = rows.select(
        other_id="opportunity_id", other_customer="customer", other_amount="amount", other_at="created_at",
        other_lost="lost",
    )  # fmt: skip
    pairs = rows.inner_join(other, [rows.customer == other.other_customer, rows.amount == other.other_amount])
    near = (pairs.created_at - ibis.literal(A_DAY) <= pairs.other_at) & (
        pairs.other_at <= pairs.created_at + ibis.literal(A_DAY)
    )
    kept = ~pairs.other_lost | (pairs.other_id < pairs.opportunity_id)
    found = pairs.filter(pairs.lost, pairs.other_id != pairs.opportunity_id, near, kept)
    return rows.opportunity_id.isin(found.opportunity_id)


def recorded(rows: Any, has_changes: bool) -> list[str]:
    """The deal steps that this data tells apart: the first always, another one when any deal entered it."""
    steps = deal_steps()
    if not has_changes:
        return steps[:1]
    flags = rows.aggregate(**{s: rows[f"at_{s}"].notnull().any().fill_null(False) for s in steps}).execute().iloc[0]
    return [s for s in steps if s == steps[0] or bool(flags[s])]


def least(times: Sequence[Any]) -> Any:
    """The earliest of those that are known."""
    known = [t for t in times if t is not None]
    return ibis.least(*known) if len(known) > 1 else known[0]


def any_of(flags: Sequence[Any]) -> Any:
    """Whether one of them holds."""
    return reduce(or_, flags)
