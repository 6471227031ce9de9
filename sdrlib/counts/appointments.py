"""Meetings by the days that a forecast asks for: booked, due, accepted; and who works when. No ids, no hours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import ibis

from sdrlib.counts.people import public_holidays, weekends
from sdrlib.knowledge import read
from sdrlib.records import APPOINTMENTS, CALENDARS, Window
from sdrlib.records.clock import local_time, moment, never, stacked

if TYPE_CHECKING:
    import pandas as pd

REACH = timedelta(weeks=27)
"""So far back: a whole quarter, and before it enough to learn from."""

AHEAD = timedelta(weeks=14)
"""So far ahead holidays are looked up: to the end of the quarter."""


def appointments(frames: Mapping[str, Any], window: Window) -> pd.DataFrame:
    """How many meetings of each rep were booked, due and accepted on which days, as seen at as-of.

    Args:
        frames: Canonical tables, meetings and reps cut to the team.
        window: As-of and time zone; its period is not asked for.

    Returns:
        The columns of ``APPOINTMENTS``. ``state`` is ``ahead`` of as-of, ``held``, ``missed``, ``open`` (due, no
        outcome), ``off`` (called off), ``moved``, or ``loose``: an opportunity accepted that no meeting led to. What
        was called off or moved is never ahead; the data does not say when it was.
    """
    parts = [_meetings(frames, window)]
    if "opportunities" in frames:
        parts.append(_loose(frames, window))
    keys = [c for c in APPOINTMENTS if c != "number"]
    rows = stacked(parts)
    counted: pd.DataFrame = rows.group_by(keys).aggregate(number=rows.count()).execute()
    return counted[list(APPOINTMENTS)].sort_values(keys, ignore_index=True)


def _meetings(frames: Mapping[str, Any], window: Window) -> Any:
    rows = frames["meetings"].filter(lambda t: t.booked_at <= moment(window.as_of))
    oldest = moment(window.as_of - REACH)
    rows = rows.filter((rows.booked_at >= oldest) | (rows.starts_at >= oldest).fill_null(False))
    if "opportunities" in frames:
        taken = _accepted(frames, window).filter(lambda t: t.meeting_id.notnull())
        taken = taken.group_by("meeting_id").aggregate(taken_at=taken.accepted_at.min())
        rows = rows.left_join(taken, "meeting_id").drop("meeting_id_right")
    else:
        rows = rows.mutate(taken_at=never())
    return rows.select(
        "rep_id",
        booked_on=_day(rows.booked_at, window),
        due_on=_day(rows.starts_at, window),
        state=_state(rows, window),
        accepted_on=_day(rows.taken_at, window),
    )


def _state(rows: Any, window: Window) -> Any:
    held = rows.outcome.isin(read("contract")["groups"]["held"]) | rows.taken_at.notnull()
    return ibis.cases(
        (rows.outcome == "cancelled", "off"),
        (rows.outcome == "rescheduled", "moved"),
        ((rows.starts_at > moment(window.as_of)).fill_null(False), "ahead"),
        (held.fill_null(False), "held"),
        ((rows.outcome == "no_show").fill_null(False), "missed"),
        else_="open",
    )


def _loose(frames: Mapping[str, Any], window: Window) -> Any:
    """Accepted opportunities without a meeting of the team's; nobody's meetings forecast them, but they count."""
    rows = _accepted(frames, window).filter(lambda t: t.accepted_at >= moment(window.as_of - REACH))
    rows = rows.anti_join(frames["meetings"], "meeting_id").semi_join(frames["reps"], "rep_id")
    nobody = ibis.null("date")
    return rows.select(
        "rep_id",
        booked_on=nobody,
        due_on=nobody,
        state=ibis.literal("loose"),
        accepted_on=_day(rows.accepted_at, window),
    )


def _accepted(frames: Mapping[str, Any], window: Window) -> Any:
    return frames["opportunities"].filter(lambda t: t.accepted_at <= moment(window.as_of))


def calendars(frames: Mapping[str, Any], window: Window) -> pd.DataFrame:
    """When each rep works: weekly days of rest, since and until when, and the last day with an activity.

    Args:
        frames: Canonical tables, activities and reps cut to the team.
        window: As-of and time zone.

    Returns:
        The columns of ``CALENDARS``, of whoever logged anything by as-of. ``rest`` names weekdays, Monday 0; ``free``
        the public holidays of the country, around as-of; ``since`` the first day of service that the data can tell of.
    """
    acts = frames["activities"].filter(lambda t: t["at"] <= moment(window.as_of))
    ends = acts.group_by("rep_id").aggregate(last=acts["at"].max(), first=acts["at"].min())
    seen = ends.select("rep_id", seen_on=_day(ends["last"], window), first_on=_day(ends["first"], window))
    people = frames["reps"].select("rep_id", "country", "started_on", "ended_on")
    found: pd.DataFrame = people.inner_join(seen, "rep_id").order_by("rep_id").execute()
    rest = weekends(frames["reps"]).groupby("rep_id")["weekday"].agg(lambda days: "".join(map(str, sorted(days))))
    first = found["first_on"].min()
    since = found["started_on"].where(found["started_on"].notna() & (found["started_on"] > first), first)
    around = ((window.as_of - REACH).date(), (window.as_of + AHEAD).date())
    free = {c: " ".join(str(day) for day in public_holidays(c, *around)) for c in found["country"].dropna().unique()}
    off = [free.get(country, "") for country in found["country"]]
    made = found.assign(rest=found["rep_id"].map(rest), free=off, since=since, until=found["ended_on"])
    return made[list(CALENDARS)]


def _day(at: Any, window: Window) -> Any:
    return local_time(window.time_zone, at).date()
