"""What will come in by the end of the month and of the quarter? A distribution, and the chance of a quota."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from sdrlib.knowledge import read
from sdrlib.questions.forecast_basis import WEEKS, Basis, Rows, Span, learn, spans
from sdrlib.questions.forecast_waits import Numbers, booked_and_decided, decided
from sdrlib.records import TEAM, Advice, Counts, Evidence, Forecast, MeetingWeek, Outlook
from sdrlib.records.forecast import Horizon
from sdrlib.records.targets import daily_targets
from sdrlib.stats.forecast import Pending, chance_of, distribution, in_time, pace_for, quantile
from sdrlib.stats.shrinkage import Belief

if TYPE_CHECKING:
    from sdrlib.settings import Settings

BOOKED, HELD, ACCEPTED = "meetings_booked_per_day", "meetings_held_per_day", "accepted_per_day"
EVEN, LIKELY = 0.5, 0.8
HORIZONS: tuple[Horizon, ...] = ("month", "quarter")
LIKELY_PACE = 2.0
"""More than so many times today's pace is no advice."""

STALE_DAYS = 14
"""Data that ends so long before as-of, or begins so long after a month did, says nothing of what is to come."""

STEP = 5
"""The axis that all reps share ends at a multiple of this, so that it is nobody's figure."""


def forecast(evidence: Evidence, advice: Sequence[Advice], settings: Settings) -> Forecast:
    """What is to come of the team and of each rep: what happened, what is booked, and what activity still brings.

    Args:
        evidence: All of a team or a cut of it; the past is always the whole team's.
        advice: Who has an own rhythm: what more would be needed is never asked of them.
        settings: Tenure bands: a new hire has no quota but one of their own.

    Returns:
        See ``Forecast``; what the data cannot give is in ``missing`` with its reason.
    """
    counts = evidence.counts
    as_of = counts.window.as_of.astimezone(ZoneInfo(counts.window.time_zone))
    today = as_of.date()
    reasons = _missing(counts, today)
    found = [m for m in (BOOKED, HELD, ACCEPTED) if m not in reasons]
    if not found:
        return Forecast(on=today, missing=reasons)
    first = today if as_of.hour < 12 else today + timedelta(days=1)
    basis = learn(counts.appointments, counts.calendars, today=today, first=first)
    shown = [*dict.fromkeys(f.rep_id for f in evidence.findings)]
    quotas = _quotas(counts, today, max(settings.tenure_bands_days, default=0))
    calm = {a.rep_id for a in advice if a.unhurried}
    begun = _begun(counts.appointments, today)
    outlooks = [
        _asked(outlook, pending, quotas.get((outlook.rep_id, outlook.measure)), calm=outlook.rep_id in calm)
        for outlook, pending in foresee(basis, today, found, quotas)
        if outlook.rep_id in (TEAM, *shown) and outlook.horizon in begun
    ]
    return Forecast(
        outlooks=tuple(outlooks),
        weeks=tuple(_weeks(basis, today, (TEAM, *shown))) if HELD in found else (),
        on=today,
        kept=basis.kept,
        learned=WEEKS,
        top=_top(outlooks),
        missing=reasons | {horizon: "begins_later" for horizon in HORIZONS if horizon not in begun},
    )


def _begun(appointments: pd.DataFrame, today: date) -> set[Horizon]:
    """Horizons that the data holds from their beginning: what lies before it is unknown, and no zero."""
    first = pd.Timestamp(appointments["booked_on"].min()).date()
    return {span.horizon for span in spans(today) if (first - span.start).days <= STALE_DAYS}


def _missing(counts: Counts, today: date) -> dict[str, str]:
    """What cannot be forecast from this data, and why."""
    appointments, seen = counts.appointments, counts.calendars["seen_on"].max()
    if pd.notna(seen) and (today - pd.Timestamp(seen).date()).days > STALE_DAYS:
        return dict.fromkeys((BOOKED, HELD, ACCEPTED), "stale")
    if not (appointments["state"] != "loose").any():
        return dict.fromkeys((BOOKED, HELD, ACCEPTED), "no_meetings")
    if appointments["due_on"].isna().all():
        return dict.fromkeys((HELD, ACCEPTED), "no_days")
    linked = appointments["accepted_on"].notna() & appointments["due_on"].notna()
    return {} if linked.any() else {ACCEPTED: "no_acceptance_dates"}


def foresee(
    basis: Basis, today: date, measures: Sequence[str], asked: Collection[tuple[str, str]] = ()
) -> Iterator[tuple[Outlook, Pending]]:
    """Every outlook, without quotas, with the parts a quota is held against: the team's first.

    The team's quota is a sum over those who are ``asked`` (rep, measure): it is held against what these bring.
    """
    whole = range(len(basis.reps))
    for span in spans(today):
        for measure in measures:
            parts = {rep: _PARTS[measure](basis, span, rep) for rep in whole}
            team, _ = _outlook(basis, span, measure, TEAM, _together(basis, measure, parts))
            theirs = {rep: parts[rep] for rep in whole if (basis.reps[rep], measure) in asked} or parts
            yield team, _outlook(basis, span, measure, TEAM, _together(basis, measure, theirs))[1]
            for rep in whole:
                yield _outlook(basis, span, measure, basis.reps[rep], parts[rep])


class Parts(NamedTuple):
    """What one rep's number will consist of; the chances are in units of the rep's own share."""

    settled: float
    chances: Numbers
    numbers: Numbers
    share: Belief
    begins: Numbers
    pace: float
    spread: float
    excess: float
    days: int


def _outlook(basis: Basis, span: Span, measure: str, rep: str, parts: Parts) -> tuple[Outlook, Pending]:
    chances, place = np.unique(np.round(parts.chances, 2), return_inverse=True)
    started = parts.begins.sum()
    pending = Pending(
        settled=int(parts.settled),
        chances=chances,
        numbers=np.bincount(place, parts.numbers, len(chances)) if len(chances) else (),
        share=parts.share,
        coming=parts.pace * started,
        spread=parts.spread,
        excess=parts.excess * float((parts.begins**2).sum() / started) if started else 0.0,
    )
    shape = distribution(pending)
    low, median, high = (quantile(shape, level) for level in (0.1, EVEN, 0.9))
    found = Outlook(
        rep, measure, *span, so_far=pending.settled, booked=int(parts.numbers.sum()), days_left=parts.days, low=low,
        median=median, high=high, pace=parts.pace,
    )  # fmt: skip
    return found, pending


def _together(basis: Basis, measure: str, parts: dict[int, Parts]) -> Parts:
    """The team's: everybody's items, its own share, pace and weeks, since good weeks are good for all."""
    common = (
        next(iter(parts.values())).share if measure == BOOKED else (basis.show if measure == HELD else basis.accept)[-1]
    )
    each = list(parts.values())
    scale = [p.share.mean / common.mean for p in each]
    paced = [p.begins * p.pace * s for p, s in zip(each, scale, strict=True)]
    days = sum(p.days for p in each)
    pace = sum(p.pace * p.days for p in each) / days if days else float(basis.pace[-1])
    return Parts(
        settled=sum(p.settled for p in each),
        chances=np.concatenate([p.chances * s for p, s in zip(each, scale, strict=True)]),
        numbers=np.concatenate([p.numbers for p in each]),
        share=common,
        begins=np.concatenate(paced) / pace if pace else np.zeros(0),
        pace=pace,
        spread=float(basis.spread[-1]),
        excess=basis.excess[1],
        days=days,
    )


# ---- the three measures -----------------------------------------------------------------------------


def _booked(basis: Basis, span: Span, rep: int) -> Parts:
    """Bookings count on the day they are made; a moved one is booked again."""
    rows = _own(basis, rep)
    made = rows.within(rows.booked_on, span.start, span.end) & ~np.isin(rows.state, ("moved", "loose"))
    begins = np.ones(basis.days(rep, span.end))
    share = Belief(basis.unmoved)
    return _parts(basis, rep, rows.number[made].sum(), np.zeros(0), np.zeros(0), share, begins)


def _held(basis: Basis, span: Span, rep: int) -> Parts:
    """Meetings count on their day."""
    rows = _own(basis, rep).take(_own(basis, rep).within(_own(basis, rep).due_on, span.start, span.end))
    awaited = rows.take((rows.state == "ahead") | _fresh(basis, rows))
    begins = _in_time(basis, basis.lags, span, rep) * basis.kept
    settled = rows.number[rows.state == "held"].sum()
    return _parts(basis, rep, settled, _standing(basis, awaited), awaited.number, basis.show[rep], begins)


def _accepted(basis: Basis, span: Span, rep: int) -> Parts:
    """Acceptances count on the day they are given; a meeting is accepted days after it was held."""
    rows, share = _own(basis, rep), basis.accept[rep]
    done = rows.within(rows.accepted_on, span.start, span.end)
    undecided = rows.take((rows.state == "held") & np.isnat(rows.accepted_on) & ~np.isnat(rows.due_on))
    awaited = rows.take((rows.state == "ahead") | _fresh(basis, rows))
    today = basis.first - timedelta(days=1)
    of_held = min(share.mean / max(basis.show[rep].mean, 1e-9), 1.0)
    by_end, by_now = (decided(basis.waits, undecided.due_on, day) for day in (span.end, today))
    late = of_held * (by_end - by_now) / np.maximum(1 - of_held * by_now, 1e-9) / max(share.mean, 1e-9)
    chances = np.concatenate([late, _standing(basis, awaited) * decided(basis.waits, awaited.due_on, span.end)])
    numbers = np.concatenate([undecided.number, awaited.number])
    open_ = chances > 0.005
    begins = _decided_in_time(basis, span, rep) * basis.kept
    return _parts(basis, rep, rows.number[done].sum(), chances[open_], numbers[open_], share, begins)


_PARTS = {BOOKED: _booked, HELD: _held, ACCEPTED: _accepted}


def _own(basis: Basis, rep: int) -> Rows:
    return basis.rows.take(basis.rows.rep == rep)


def _parts(
    basis: Basis, rep: int, settled: float, chances: Numbers, numbers: Numbers, share: Belief, begins: Numbers
) -> Parts:
    pace, spread = float(basis.pace[rep]), float(basis.spread[rep])
    return Parts(settled, chances, numbers, share, begins, pace, spread, basis.excess[0], len(begins))


def _fresh(basis: Basis, rows: Rows) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Due a moment ago and not told of yet: the outcome is still expected. Of older ones it is not."""
    patience = read("measures")["show_rate"]["days"]
    return np.asarray((rows.state == "open") & (rows.due_on >= np.datetime64(basis.first) - patience))


def _standing(basis: Basis, rows: Rows) -> Numbers:
    """Chance that a meeting still on the calendar stays there.

    Meetings are called off evenly between booking and day, so whoever stood half of the time has half the risk left.
    """
    whole = (rows.due_on - rows.booked_on).astype(float)
    left = (rows.due_on - np.datetime64(basis.first) + 1).astype(float)
    share = np.clip(np.divide(left, whole, out=np.zeros_like(left), where=whole > 0), 0, 1)
    return np.asarray(basis.kept / (basis.kept + (1 - basis.kept) * share))


def _in_time(basis: Basis, lags: Numbers, span: Span, rep: int) -> Numbers:
    """Of each remaining working day, the chance that what is booked on it still counts."""
    return in_time(lags, basis.days(rep, span.end), basis.days(rep, span.end, of_service=False))


def _decided_in_time(basis: Basis, span: Span, rep: int) -> Numbers:
    days = np.arange(np.datetime64(basis.first), np.datetime64(span.end) + 1)
    mine = days[np.is_busday(days, busdaycal=basis.weeks[rep])]
    return booked_and_decided(basis.waits, basis.lags, mine, span.end)[: basis.days(rep, span.end)]


# ---- quotas, weeks, axis ----------------------------------------------------------------------------


def _quotas(counts: Counts, today: date, tenure_days: int) -> dict[tuple[str, str], float]:
    """(rep, measure) -> what is asked per working day; the team's is the sum of its people's."""
    new = set(counts.reps.loc[counts.reps["tenure_days"] < tenure_days, "rep_id"])
    found: dict[tuple[str, str], float] = {}
    for rep, targets in daily_targets(counts, today).items():
        for measure, target in targets.items():
            if rep not in new or target.scope == "rep":
                found[rep, measure] = target.daily
                found[TEAM, measure] = found.get((TEAM, measure), 0.0) + target.daily
    return found


def _asked(outlook: Outlook, pending: Pending, daily: float | None, *, calm: bool) -> Outlook:
    """The outlook with its quota, its chance and, for who is not on track, the pace that would make it likely."""
    if not daily:
        return outlook
    quota = round(daily * read("contract")["working_days"][outlook.horizon], 6)
    chance = chance_of(distribution(pending), quota)
    found = replace(outlook, quota=quota, chance=chance)
    if calm or chance >= EVEN:
        return found
    times = [pace_for(pending, quota, level) for level in (EVEN, LIKELY)]
    even, likely = (factor * outlook.pace if factor <= LIKELY_PACE else None for factor in times)  # NaN is neither
    return replace(found, pace_even=even, pace_likely=likely)


def _weeks(basis: Basis, today: date, shown: Sequence[str]) -> Iterator[MeetingWeek]:
    span, rows = spans(today)[0], basis.rows
    monday = span.start - timedelta(days=span.start.weekday())
    for rep in shown:
        own = rows if rep == TEAM else rows.take(rows.rep == (basis.reps.index(rep) if rep in basis.reps else -1))
        for start in pd.date_range(monday, span.end, freq="7D").date:
            inside = own.within(own.due_on, max(start, span.start), min(start + timedelta(days=6), span.end))
            held, ahead = (int(own.number[inside & (own.state == state)].sum()) for state in ("held", "ahead"))
            yield MeetingWeek(rep, start, held, ahead)


def _top(outlooks: Sequence[Outlook]) -> int:
    ends = [
        max(o.high, o.so_far + o.booked, o.quota or 0)
        for o in outlooks
        if o.rep_id != TEAM and (o.measure, o.horizon) == (HELD, "month")
    ]
    return STEP * int(np.ceil((max(ends, default=0) + 1) / STEP))
