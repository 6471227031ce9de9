"""Rows and what each is worth: every flag that ``measures.toml`` names, as a column of an ibis expression.

Nothing is executed here: the database does the work when the sums are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from functools import reduce
from operator import and_
from typing import Any
from uuid import uuid4
from weakref import finalize

import ibis

from sdrlib.counts import inside
from sdrlib.knowledge import read
from sdrlib.records import Window, clock
from sdrlib.records.clock import moment, never, seconds_since_1970
from sdrlib.records.naming import named

UNKNOWN = "unknown"
LARGEST = 1e12
"""No amount or target is larger: what is, stands in the wrong column (``most`` in ``contract.toml``)."""

KEPT = (
    "rep_id", "prospect_id", "row_id", "at", "local", "list", "channel", "tenure",
    "prospect_segment", "persona", "stage", "marked", "lag_booked", "lag_replied", "touch", "any_outbound_call",
    "any_outbound_email", "any_outbound_social", "outbound_call", "reached", "call_or_email", "bad_contact",
    "delivered_email", "replied", "booked",
)  # fmt: skip
STAGES = ("unnamed", "sql", "mql", "early")

BULK = {
    "disabled_optimizers": "'build_side_probe_side'",
    "preserve_insertion_order": "false",
    "partitioned_write_flush_threshold": "250000",
    "partitioned_write_max_open_files": "1000",
}
REACH_BACK = timedelta(days=1)  # a confirmation mail sent after the call must not take the call's booking


def kept(rows: Any, *, as_written: bool = False) -> Any:
    """Computed once, where the kit's own DuckDB holds it; in somebody else's database nothing is ever created.

    PostgreSQL gets a name for it instead.

    The table goes when nothing asks it any more. (``cache`` of ibis does the same, and writes every row twice.)

    Args:
        rows: What to compute.
        as_written: Whether the right side of each join is the small one.
    """
    if (database := clock.database_of(rows)) != "duckdb":
        return named(rows) if database == "postgres" else rows
    connection = ibis.get_backend(rows)
    if rows.op().find(ibis.expr.operations.InMemoryTable):
        return rows.cache()
    name = f"kept_{uuid4().hex}"
    with in_bulk(connection) if as_written else nullcontext():
        connection.raw_sql(f"CREATE TEMP TABLE {name} AS {connection.compile(rows)}")
    table = connection.table(name)
    finalize(table.op(), release, connection, name).atexit = False
    return table


@contextmanager
def in_bulk(connection: Any) -> Iterator[None]:
    """DuckDB holds the right side of each join in memory, as it is written, and keeps no order of rows.

    Left to itself it guesses how many rows filters leave, for activities far too few: then it holds these and looks
    the prospects up in them. Parts of a file that is written are held half as long, and none is closed for another.
    """
    for setting, value in BULK.items():
        connection.raw_sql(f"SET {setting} = {value}")
    try:
        yield
    finally:
        for setting in BULK:
            connection.raw_sql(f"RESET {setting}")


def release(connection: Any, name: str) -> None:
    """Give the memory of a kept table back."""
    connection.raw_sql(f"DROP TABLE IF EXISTS {name}")


def touches(frames: Mapping[str, Any], window: Window, tenure_bands: Sequence[int], led: Any | None = None) -> Any:
    """Activities of the window with their list, tenure band, week and flags.

    Args:
        frames: Canonical tables, those of the team.
        window: Period and as-of.
        tenure_bands: Days at which the bands begin.
        led: What ``attributed`` gives, where it was kept.

    Returns:
        An ibis table: rep_id, prospect_id, at, day, week, hour, weekday, list, channel, tenure, the prospect's persona
        and segment, ``stage`` (a place in ``STAGES``) and whether it was ever ``marked``, ``lag_booked`` and
        ``lag_replied`` (days; null when unknown), and a boolean column per flag.
    """
    rows = _placed(frames["activities"], "activity_id", "at", frames, window, tenure_bands)
    pairs = attributed(frames, window) if led is None else led
    led_to = pairs.group_by("activity_id").aggregate(lag_booked=pairs.lag.min())
    rows = rows.left_join(led_to, "activity_id").drop("activity_id_right")
    return rows.mutate(**_touch_flags(rows), stage=_stage(rows), marked=rows.mql_at.notnull() | rows.sql_at.notnull())


def narrow(touches: Any) -> Any:
    """Of the activities no more than counting asks for: rows are many, and every column of each takes memory.

    ``without_…`` says of each column of the contract whether it is empty.
    """
    columns = [c for c in read("contract")["tables"]["activities"]["columns"] if c in touches.columns]
    empty = {f"without_{c}": touches[c].isnull() for c in columns if c not in ("rep_id", "channel")}
    spoken = all_of(touches.outcome == "connected", touches.duration_s.notnull())
    brief = all_of(spoken, touches.duration_s < read("quality")["least"]["talk_seconds"])
    silent = all_of(touches.touch, touches.outcome == UNKNOWN)
    empty["without_list_name"] = touches["list"] == UNKNOWN
    return touches.select(*KEPT, **empty, spoken=spoken, brief=brief, silent=silent)


def encounters(
    frames: Mapping[str, Any], window: Window, tenure_bands: Sequence[int], led: Any | None = None
) -> tuple[Any, Any]:
    """Meetings of the window, once by the day they were booked and once by the day they were due.

    Returns:
        Two ibis tables with the columns of ``touches`` that apply, ``status`` and the flags.
    """
    meetings = _with_acceptance(frames, window)
    via = (attributed(frames, window) if led is None else led).select("meeting_id", "via", "list_name")
    meetings = meetings.left_join(via, "meeting_id").drop("meeting_id_right")
    meetings = meetings.mutate(channel=ibis.coalesce(meetings.booked_via, meetings.via, UNKNOWN))
    booked = _placed(meetings, "meeting_id", "booked_at", frames, window, tenure_bands)
    due = _placed(meetings, "meeting_id", "starts_at", frames, window, tenure_bands)
    return booked.mutate(was_booked=booked.outcome != "rescheduled"), due.mutate(**_meeting_flags(due))


def _placed(
    rows: Any, key: str, at: str, frames: Mapping[str, Any], window: Window, tenure_bands: Sequence[int]
) -> Any:
    """Rows of the window's days up to as-of, with day, week, hour, list and tenure band."""
    reps = frames["reps"].select("rep_id", "role", "segment", "started_on")
    rows = within(rows, at, window)
    rows = rows.inner_join(reps, "rep_id").left_join(_lists(frames), "prospect_id").drop("prospect_id_right")
    own_list = rows["list_name"] if "list_name" in rows.columns else ibis.null("string")
    return rows.mutate(
        row_id=rows[key],
        **by_calendar(rows),
        list=ibis.coalesce(own_list, rows.prospect_list, UNKNOWN),
        prospect_segment=ibis.coalesce(rows.prospect_segment, UNKNOWN),
        persona=ibis.coalesce(rows.persona, UNKNOWN),
        tenure=_band(rows.day, rows.started_on, tenure_bands),
    )


def within(rows: Any, at: str, window: Window) -> Any:
    """Rows of the window's days up to as-of, with ``at``, what clocks showed (``local``) and the day."""
    rows = rows.mutate(at=rows[at]) if at != "at" else rows
    rows = rows.filter(inside.within(window, rows.at))
    rows = rows.mutate(local=inside.shown_within(window, rows.at))
    return rows.mutate(day=rows.local.date())


def by_calendar(rows: Any) -> dict[str, Any]:
    """Day, week (its Monday), hour and day of the week of the local time."""
    day = rows.local.date()
    return {"day": day, "week": day.truncate("W"), "hour": rows.local.hour(), "weekday": day.day_of_week.index()}


def _lists(frames: Mapping[str, Any]) -> Any:
    """Prospect -> the list it came from, or the nearest thing to a list that the export knows; segment and persona."""
    if "prospects" not in frames:
        names = ("prospect_id", "prospect_list", "prospect_segment", "persona")
        nobody = frames["reps"].filter(ibis.literal(False))  # a table made here would be one made in the database
        return nobody.select(
            **{name: ibis.null("string") for name in names}, known=ibis.null("boolean"), mql_at=never(), sql_at=never()
        )
    prospects = frames["prospects"]
    nearest = ibis.coalesce(prospects.list_name, prospects.campaign, prospects.segment)
    told = {"prospect_list": nearest, "prospect_segment": "segment", "known": ibis.literal(True)}
    return prospects.select("prospect_id", "persona", "mql_at", "sql_at", **told)


def _band(day: Any, started_on: Any, edges: Sequence[int]) -> Any:
    """Tenure on that day as ``0-89``, ``90-179``, ``180+``; a new hire is compared with new hires."""
    tenure = day.delta(started_on, unit="day")
    lows = [0, *edges]
    cases = [(tenure < high, f"{low}-{high - 1}") for low, high in zip(lows, edges, strict=False)]
    return ibis.cases((started_on.isnull(), UNKNOWN), *cases, else_=f"{lows[-1]}+")


def _stage(rows: Any) -> Any:
    """What the prospect was at that moment, as a place in ``STAGES``."""
    return ibis.cases(
        (rows.known.isnull(), ibis.literal(0, "int8")),
        ((rows.sql_at <= rows["at"]).fill_null(False), ibis.literal(1, "int8")),
        ((rows.mql_at <= rows["at"]).fill_null(False), ibis.literal(2, "int8")),
        else_=ibis.literal(3, "int8"),
    )


def attributed(frames: Mapping[str, Any], window: Window) -> Any:
    """Each meeting with the one outbound activity that led to it.

    That is the rep's own last outbound activity with the prospect at or before the booking, of the channel the
    CRM names if it names one; an activity of the day before that says "meeting booked" goes first.
    """
    acts = frames["activities"]
    acts = acts.filter(acts.direction == "outbound", acts.prospect_id.notnull())
    meets = frames["meetings"].filter(lambda t: t.booked_at <= moment(window.as_of))
    meets = meets.select("meeting_id", "booked_at", "booked_via", owner="rep_id", who="prospect_id")
    same = [acts.rep_id == meets.owner, acts.prospect_id == meets.who, acts["at"] <= meets.booked_at]
    channel = meets.booked_via.isnull() | (meets.booked_via == acts.channel)
    pairs = acts.inner_join(meets, [*same, channel])
    says_so = (pairs.outcome == "meeting_booked") & (
        pairs["at"] >= pairs.booked_at - ibis.interval(days=REACH_BACK.days)
    )
    order = [ibis.desc(says_so), ibis.desc(pairs["at"]), ibis.desc(pairs.activity_id)]
    pairs = pairs.mutate(place=ibis.row_number().over(group_by="meeting_id", order_by=order))
    seconds = seconds_since_1970(pairs.booked_at) - seconds_since_1970(pairs["at"])
    first = pairs.filter(pairs.place == 0)
    return kept(first.select("meeting_id", "activity_id", "list_name", via="channel", lag=seconds / 86400))


def _touch_flags(rows: Any) -> dict[str, Any]:
    groups = read("contract")["groups"]
    outbound, known = rows.direction == "outbound", rows.outcome != UNKNOWN
    call, email = outbound & (rows.channel == "call"), outbound & (rows.channel == "email")
    delivered = email & known & (rows.outcome != "bounced")
    says_so = rows.outcome == "meeting_booked"  # all there is where activities name no prospect
    answered = rows.replied_at.notnull() | rows.outcome.isin(groups["replied"])
    return {
        "touch": outbound,
        "any_outbound_call": call,
        "any_outbound_email": email,
        "any_outbound_social": outbound & (rows.channel == "social"),
        "outbound_call": call & known,
        "reached": call & rows.outcome.isin(groups["reached"]),
        "call_or_email": (call | email) & known,
        "bad_contact": (call | email) & rows.outcome.isin(groups["bad_contact"]),
        "delivered_email": delivered,
        "replied": delivered & answered,
        "booked": outbound & (rows.lag_booked.notnull() | (rows.prospect_id.isnull() & says_so)),
        "lag_replied": (seconds_since_1970(rows.replied_at) - seconds_since_1970(rows["at"])) / 86400,
    }


def _with_acceptance(frames: Mapping[str, Any], window: Window) -> Any:
    """Meetings with ``taken``: an opportunity of this meeting was accepted by as-of."""
    meetings = frames["meetings"]
    if "opportunities" not in frames:
        return meetings.mutate(taken=ibis.literal(False))
    opportunities = frames["opportunities"]
    taken = opportunities.filter(opportunities.accepted_at <= moment(window.as_of), opportunities.meeting_id.notnull())
    taken = taken.select(taken_id="meeting_id").distinct()
    joined = meetings.left_join(taken, meetings.meeting_id == taken.taken_id)
    return joined.mutate(taken=joined.taken_id.notnull()).drop("taken_id")


def _meeting_flags(rows: Any) -> dict[str, Any]:
    """A meeting that was moved or called off was never due; one without an outcome is unknown, not missed."""
    held = rows.outcome.isin(read("contract")["groups"]["held"]) | rows.taken
    gone = rows.outcome.isin(["cancelled", "rescheduled"])
    silent = rows.outcome.isin(["pending", UNKNOWN]) & ~rows.taken
    return {
        "due": ~gone & ~silent,
        "unlogged": silent,
        "held": held,
        "accepted": (rows.outcome == "accepted") | rows.taken,
    }


def all_of(*conditions: Any) -> Any:
    """Their conjunction, an unknown one counting as false."""
    return ibis.coalesce(reduce(and_, conditions), False)
