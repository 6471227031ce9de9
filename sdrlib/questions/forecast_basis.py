"""What a forecast rests on: how fast each rep books, which meetings take place, how long everything takes.

Days are working days of the rep's own week, numbered without a gap, so that a weekend takes no time.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, fields
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sdrlib.knowledge import read
from sdrlib.questions.forecast_waits import Days, Numbers, learn_waits
from sdrlib.records.forecast import Horizon
from sdrlib.stats.dispersion import pearson_dispersion
from sdrlib.stats.shrinkage import Belief, allowance, shrunken

WEEKS = 13
"""So many weeks of the past tell rates and pace: long enough to count, short enough to be the present."""

SILENT_DAYS = 28
"""Whoever logged nothing for so long books nothing more, whatever the reps table says."""

EPOCH = np.datetime64("1970-01-05", "D")
CAME, OFF = ("held", "missed", "open"), ("off", "moved")

Whole = NDArray[np.int64]
Calendars = tuple[np.busdaycalendar, ...]


@dataclass(frozen=True)
class Rows:
    """Appointments as arrays, one entry per kind of meeting. Days that are not known are -1, or NaT.

    Attributes:
        rep: Index into ``Basis.reps``.
        state: As in ``Counts.appointments``.
        number: How many.
        booked_on, due_on, accepted_on: Calendar days.
        booked, due: The first two as numbers of the rep's working days.
    """

    rep: Whole
    state: NDArray[np.str_]
    number: Numbers
    booked_on: Days
    due_on: Days
    accepted_on: Days
    booked: Whole
    due: Whole

    def take(self, chosen: NDArray[np.bool_]) -> Rows:
        """Some of them."""
        return Rows(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})

    def within(self, days: Days, start: date, end: date) -> NDArray[np.bool_]:
        """Which of the days lie in that period, both ends counted."""
        return np.asarray((days >= np.datetime64(start)) & (days <= np.datetime64(end)))


@dataclass(frozen=True)
class Basis:
    """What the past tells. Arrays are by rep, in the order of ``reps``.

    Attributes:
        reps: Ids.
        rows: Every appointment of theirs.
        first: The first day that is still to come: today before noon, else tomorrow.
        weeks: The working days of each rep: week and public holidays; one object for those who share them.
        until: Each rep's last day; NaT for none.
        pace, spread: Bookings per working day with their relative standard deviation, shrunken; the team's last.
        excess: Week-to-week dispersion of bookings less 1; of reps, and of the team.
        lags: Chance that a meeting is due 0, 1, 2… working days after its booking.
        waits: (7, L) chance that a meeting of that weekday, Monday first, is accepted 0, 1, 2… calendar days later, if
            it is; no columns when none is dated.
        kept, unmoved: Shares of meetings neither called off nor moved, and not moved.
        show, accept: Held, and accepted, of the meetings not called off; shrunken; the team's last.
    """

    reps: tuple[str, ...]
    rows: Rows
    first: date
    weeks: Calendars
    until: Days
    pace: Numbers
    spread: Numbers
    excess: tuple[float, float]
    lags: Numbers
    waits: Numbers
    kept: float
    unmoved: float
    show: tuple[Belief, ...]
    accept: tuple[Belief, ...]

    def days(self, rep: int, end: date, *, of_service: bool = True) -> int:
        """Working days of a rep from ``first`` to ``end``, both counted, or to the rep's last one."""
        last = np.datetime64(end) + 1
        if of_service and not np.isnat(self.until[rep]):
            last = min(last, self.until[rep] + 1)
        return max(int(np.busday_count(np.datetime64(self.first), last, busdaycal=self.weeks[rep])), 0)


class Span(NamedTuple):
    """A calendar month or quarter."""

    horizon: Horizon
    start: date
    end: date


def spans(today: date) -> tuple[Span, Span]:
    """The month and the quarter that hold a day."""
    quarter = 3 * ((today.month - 1) // 3) + 1
    ends = [date(today.year, month, monthrange(today.year, month)[1]) for month in (today.month, quarter + 2)]
    return Span("month", today.replace(day=1), ends[0]), Span("quarter", date(today.year, quarter, 1), ends[1])


def learn(appointments: pd.DataFrame, calendars: pd.DataFrame, *, today: date, first: date) -> Basis:
    """Read the past: the weeks before ``first``.

    Args:
        appointments, calendars: As ``Counts`` has them.
        today: The local day of as-of.
        first: The first day still to come.
    """
    reps = tuple(str(rep) for rep in calendars["rep_id"])
    weeks = _working(calendars)
    until = _until(calendars, today)
    rows = _rows(appointments, reps, weeks)
    days, booked = _by_week(rows, calendars, weeks, until, first)
    came = rows.take(rows.within(rows.due_on, first - timedelta(weeks=WEEKS), first - timedelta(days=1)))
    catalogue = read("measures")
    pace, spread, excess = _pace(days, booked)
    return Basis(
        reps=reps,
        rows=rows,
        first=first,
        weeks=weeks,
        until=until,
        pace=pace,
        spread=spread,
        excess=excess,
        lags=_lags(rows.take(rows.within(rows.booked_on, first - timedelta(weeks=WEEKS), today))),
        waits=_waits(_old(came, first, catalogue["accepted_per_day"]["days"])),
        kept=_share(came, (*CAME,), (*CAME, *OFF)),
        unmoved=_share(came, (*CAME, "off"), (*CAME, *OFF)),
        show=_shares(_old(came, first, catalogue["show_rate"]["days"]), len(reps), accepted=False),
        accept=_shares(_old(came, first, catalogue["meeting_to_sao"]["days"]), len(reps), accepted=True),
    )


def _working(calendars: pd.DataFrame) -> Calendars:
    made: dict[tuple[str, str], np.busdaycalendar] = {}
    for rest, free in zip(calendars["rest"], calendars["free"], strict=True):
        mask = "".join("01"[str(day) not in str(rest)] for day in range(7))
        made.setdefault((rest, free), np.busdaycalendar(mask, np.array(str(free).split(), "datetime64[D]")))
    return tuple(made[key] for key in zip(calendars["rest"], calendars["free"], strict=True))


def _until(calendars: pd.DataFrame, today: date) -> Days:
    """The last day of service, or of any activity for who has long been silent."""
    until, seen = (_day(calendars[c]) for c in ("until", "seen_on"))
    silent = seen < np.datetime64(today) - SILENT_DAYS
    return np.where(silent, np.where(np.isnat(until), seen, np.minimum(until, seen)), until)


def _day(column: pd.Series[Any]) -> Days:
    return pd.to_datetime(column).to_numpy().astype("datetime64[D]")


def _rows(found: pd.DataFrame, reps: tuple[str, ...], weeks: Calendars) -> Rows:
    found = found[found["rep_id"].isin(reps)]
    rep = pd.Index(reps).get_indexer(pd.Index(found["rep_id"])).astype(np.int64)
    booked_on, due_on, accepted_on = (_day(found[f"{name}_on"]) for name in ("booked", "due", "accepted"))
    return Rows(
        rep=rep,
        state=found["state"].to_numpy(str),
        number=found["number"].to_numpy(float),
        booked_on=booked_on,
        due_on=due_on,
        accepted_on=accepted_on,
        booked=_numbered(booked_on, rep, weeks),
        due=_numbered(due_on, rep, weeks),
    )


def _numbered(days: Days, rep: Whole, weeks: Calendars) -> Whole:
    """Working days before each day, by the week of its rep; -1 where it is not known."""
    numbered = np.full(len(days), -1, dtype=np.int64)
    for week in set(weeks):
        own = np.isin(rep, [i for i, w in enumerate(weeks) if w is week]) & ~np.isnat(days)
        numbered[own] = number_of(days[own], week)
    return numbered


def number_of(days: Days, week: np.busdaycalendar) -> Whole:
    """Working days before each day."""
    return np.asarray(np.busday_count(EPOCH, days, busdaycal=week), dtype=np.int64)


def _by_week(
    rows: Rows, calendars: pd.DataFrame, weeks: Calendars, until: Days, first: date
) -> tuple[Numbers, Numbers]:
    """Working days, present or not, and bookings of each rep in each of the past weeks."""
    since = _day(calendars["since"])
    edges = np.datetime64(first) - 7 * np.arange(WEEKS, -1, -1)
    days, booked = np.zeros((2, len(weeks), WEEKS))
    last = np.where(np.isnat(until), edges[-1], until + 1)
    for week, (start, end) in enumerate(pairwise(edges)):
        for rep, own_week in enumerate(weeks):
            worked = np.busday_count(max(start, since[rep]), min(end, last[rep]), busdaycal=own_week)
            days[rep, week] = max(worked, 0)
        own = (rows.booked_on >= start) & (rows.booked_on < end)
        booked[:, week] = np.bincount(rows.rep[own], rows.number[own], len(weeks))
    return days, np.where(days > 0, booked, 0.0)


def _pace(days: Numbers, booked: Numbers) -> tuple[Numbers, Numbers, tuple[float, float]]:
    """Bookings per working day of each rep and of the team, their relative deviation, and the excess of weeks."""
    vary = [_dispersion(n, x) for n, x in ((days, booked), (days.sum(axis=0)[None], booked.sum(axis=0)[None]))]
    pace, sd = shrunken(days.sum(axis=1), booked.sum(axis=1), kind="count", inflation=vary[0])
    total = booked.sum() + 0.5
    pace, sd = np.nan_to_num(np.append(pace, total / max(days.sum(), 1.0))), np.nan_to_num(np.append(sd, 0.0))
    spread = np.divide(sd, pace, out=np.zeros_like(sd), where=pace > 0)
    spread[-1] = np.sqrt(vary[1] / total)
    return pace, spread, (vary[0] - 1, vary[1] - 1)


def _dispersion(days: Numbers, booked: Numbers) -> float:
    """How much more weeks vary than chance alone makes them, with an allowance for how few they are."""
    found = np.nan_to_num(pearson_dispersion(days, booked, "count"), nan=1.0)
    weeks = int(((days > 0).sum(axis=1) - 1).clip(0).sum())
    return max(float(found), 1.0) * allowance(max(weeks, 1))


def _old(rows: Rows, first: date, days: int) -> Rows:
    """Those whose outcome should be known by now."""
    return rows.take(rows.due_on < np.datetime64(first) - days)


def _lags(rows: Rows) -> Numbers:
    told = (rows.due >= 0) & (rows.booked >= 0)
    return _histogram(np.maximum(rows.due - rows.booked, 0)[told], rows.number[told])


def _waits(rows: Rows) -> Numbers:
    held = rows.take(rows.state == "held")
    return learn_waits(held.due_on, held.accepted_on, held.number)


def _histogram(lags: Whole, number: Numbers) -> Numbers:
    return np.bincount(lags, number) / number.sum() if len(lags) else np.zeros(0)


def _share(rows: Rows, some: tuple[str, ...], all_of_them: tuple[str, ...]) -> float:
    x, n = (rows.number[np.isin(rows.state, states)].sum() for states in (some, all_of_them))
    return float((x + 0.5) / (n + 0.5))


def _shares(rows: Rows, reps: int, *, accepted: bool) -> tuple[Belief, ...]:
    """Of the meetings not called off: how many were held, or accepted, by rep; the team's last."""
    came = np.isin(rows.state, CAME)
    well = came & (~np.isnat(rows.accepted_on) if accepted else rows.state == "held")
    n, x = (np.bincount(rows.rep[own], rows.number[own], reps).astype(float) for own in (came, well))
    mean, sd = shrunken(n, x)
    total, common = n.sum(), (x.sum() + 0.5) / (n.sum() + 1)
    team = Belief(float(common), float(np.sqrt(common * (1 - common) / (total + 2))))
    known = np.isfinite(mean)
    return (*(Belief(float(m), float(s)) if k else team for m, s, k in zip(mean, sd, known, strict=True)), team)
