"""What does the quota ask of a day? Worked back through the team's rates, with every step of the arithmetic to see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import NormalDist, median
from typing import NamedTuple

import numpy as np

from sdrlib.knowledge import read
from sdrlib.records import Activity, Advice, Evidence, Expectation, Finding, Forecast, Rung, Selling
from sdrlib.records.expectation import Stands
from sdrlib.settings import Settings
from sdrlib.stats.arrays import Kind
from sdrlib.stats.dispersion import pearson_dispersion
from sdrlib.typography import alphabetical

ACCEPTED, HELD, BOOKED = "accepted_per_day", "meetings_held_per_day", "meetings_booked_per_day"
QUOTAS = {ACCEPTED: ("accepted", "meeting_to_sao"), HELD: ("held", "show_rate"), BOOKED: ("booked", "")}
"""Measure of a quota, the first that has one -> its line, and the share of due meetings that it is."""
LIMITS = 0.95


class _Share(NamedTuple):
    """A share of the team, with the variance of its logarithm."""

    value: float
    successes: float
    trials: float
    variance: float


class _Quota(NamedTuple):
    """What is asked of one person a working day: typical, and of whom it is set."""

    measure: str
    daily: float
    own: Mapping[str, float]
    given: bool


def expectation(
    evidence: Evidence, advice: Sequence[Advice], selling: Sequence[Selling], forecast: Forecast, settings: Settings
) -> Expectation:
    """Work the quota back to a day's calls, and set everybody beside it: activity and what came of it.

    Args:
        evidence: Of a whole team.
        advice: Of everybody: targets, and who has an own rhythm.
        selling: Attainment, whose proposed quota stands in where no target is set.
        forecast: Knows which share of the bookings stays in the calendar.
        settings: Tenure bands: nothing is asked of a new hire.
    """
    quota = _quota(advice, selling)
    if quota is None:
        return Expectation(missing="no_quota")
    shares = {m: share for m in _SHARES if (share := _share(evidence, m))}
    rungs = list(_rungs(quota, shares, forecast.kept))
    if rungs[-1].step not in _VOLUMES:
        return Expectation(quota.measure, quota.given, tuple(rungs), missing="no_rate")
    spread = float(NormalDist().inv_cdf((1 + LIMITS) / 2) * np.sqrt(sum(s.variance for s in _used(rungs, shares))))
    volume, last = _VOLUMES[rungs[-1].step], rungs[-1].daily
    set_ = [a.targets[volume] for a in advice if volume in a.targets]
    return Expectation(
        measure=quota.measure,
        given=quota.given,
        rungs=tuple(rungs),
        low=last / np.exp(spread),
        high=last * np.exp(spread),
        target=median(set_) if set_ else None,
        people=tuple(_people(evidence, advice, quota, rungs, settings)),
    )


def _quota(advice: Sequence[Advice], selling: Sequence[Selling]) -> _Quota | None:
    for measure in QUOTAS:
        own = {a.rep_id: a.targets[measure] for a in advice if a.targets.get(measure)}
        if own:
            return _Quota(measure, median(own.values()), own, given=True)
    monthly = next((s.quota for s in selling if s.kind == "accepted" and s.quota), None)
    return _Quota(ACCEPTED, monthly / read("contract")["working_days"]["month"], {}, given=False) if monthly else None


# ---- the arithmetic ---------------------------------------------------------------------------------

_SHARES = ("meeting_to_sao", "show_rate", "connect_to_meeting", "connect_rate", "activity_to_meeting", BOOKED)
_VOLUMES = {"calls": "calls_per_day", "activities": ""}
_LINES = {"conversations": "connect_to_meeting", "calls": "connect_rate", "activities": "activity_to_meeting"}


def _share(evidence: Evidence, measure: str) -> _Share | None:
    """Of all together; its weeks say how much surer it looks than it is."""
    rows = evidence.counts.cells[evidence.counts.cells["measure"] == measure]
    n, x = float(rows["trials"].sum()), float(rows["successes"].sum())
    if not n or not x:
        return None
    weeks = rows.groupby("week")[["trials", "successes"]].sum()
    kind: Kind = "count" if measure == BOOKED else "rate"
    found = pearson_dispersion(weeks["trials"].to_numpy()[None], weeks["successes"].to_numpy()[None], kind)
    inflation = max(float(np.nan_to_num(found, nan=1.0)), 1.0)
    return _Share(x / n, x, n, inflation * (1 - x / n if kind == "rate" else 0.0) / x)


def _rungs(quota: _Quota, shares: Mapping[str, _Share], kept: float | None) -> Iterator[Rung]:
    step, of_due = QUOTAS[quota.measure]
    daily = quota.daily
    yield Rung(step, daily)
    if of_due:
        if of_due not in shares:
            return
        daily /= shares[of_due].value
        yield _rung("due", daily, shares[of_due])
        if kept:
            daily /= kept
        yield Rung("booked", daily, kept)
    talks, booked = shares.get("connect_to_meeting"), shares.get(BOOKED)
    if talks and booked and "connect_rate" in shares:
        by_call = min(talks.successes / booked.successes, 1.0)
        daily *= by_call
        yield Rung("by_call", daily, by_call, True, talks.successes, booked.successes)
        for line in ("conversations", "calls"):
            daily /= shares[_LINES[line]].value
            yield _rung(line, daily, shares[_LINES[line]])
    elif every := shares.get("activity_to_meeting"):
        yield _rung("activities", daily / every.value, every)


def _rung(step: str, daily: float, share: _Share) -> Rung:
    return Rung(step, daily, share.value, False, share.successes, share.trials)


def _used(rungs: Sequence[Rung], shares: Mapping[str, _Share]) -> Iterator[_Share]:
    names = {*_LINES.values(), *(of_due for _, of_due in QUOTAS.values())} & set(shares)
    told = {(r.successes, r.trials) for r in rungs if r.rate is not None and not r.product}
    yield from (shares[name] for name in sorted(names) if (shares[name].successes, shares[name].trials) in told)


# ---- people -----------------------------------------------------------------------------------------


def _people(
    evidence: Evidence, advice: Sequence[Advice], quota: _Quota, rungs: Sequence[Rung], settings: Settings
) -> Iterator[Activity]:
    reps = evidence.counts.reps.set_index("rep_id")
    new = reps["tenure_days"] < max(settings.tenure_bands_days, default=0)
    line = {r.step: r.daily / quota.daily for r in rungs}
    rows = (
        _beside(a, str(reps.at[a.rep_id, "name"]), evidence.of(a.rep_id), quota, line, new=bool(new.at[a.rep_id]))
        for a in advice
    )
    yield from sorted(rows, key=lambda p: (alphabetical(p.name), p.rep_id))


def _beside(
    advice: Advice, name: str, found: Mapping[str, Finding], quota: _Quota, line: Mapping[str, float], *, new: bool
) -> Activity:
    daily = quota.own.get(advice.rep_id) or (0.0 if new else quota.daily)
    asked, booked, accepted = (daily * line[s] if s in line else None for s in (list(line)[-1], "booked", "accepted"))
    measure = _VOLUMES[list(line)[-1]]
    volume = found[measure].rate if measure in found else _all(found)
    results = [
        (found[m].rate, due) for m, due in ((BOOKED, booked), (ACCEPTED, accepted)) if m in found and due is not None
    ]
    stands = _stands(advice, found, volume, asked, results) if daily else "new"
    days = next((f.trials for m in ("calls_per_day", BOOKED) if (f := found.get(m))), 0.0)
    rates = [found[m].rate if m in found else None for m in (BOOKED, ACCEPTED)]
    if not daily:
        return Activity(advice.rep_id, name, days, volume, None, rates[0], None, rates[1], None, stands)
    return Activity(advice.rep_id, name, days, volume, asked, rates[0], booked, rates[1], accepted, stands)


def _stands(
    advice: Advice,
    found: Mapping[str, Finding],
    volume: float | None,
    asked: float | None,
    results: Sequence[tuple[float | None, float]],
) -> Stands:
    """Fewer only where even the upper end of what the own days vary by is fewer; results as they were counted."""
    if volume is None or not asked:
        return "unknown"
    on_track = any(rate is not None and rate >= due for rate, due in results)
    if volume * _upper(found) >= asked:
        return "reaches" if on_track or not results else "rates"
    if on_track or advice.own_rhythm:
        return "calm"
    busy = any(f.verdict == "above" and read("measures")[m].get("volume") for m, f in found.items())
    return "elsewhere" if busy else "short"


def _upper(found: Mapping[str, Finding]) -> float:
    calls = found.get("calls_per_day")
    known = calls is not None and calls.ratio and calls.high is not None
    return calls.high / calls.ratio if calls is not None and known and calls.high and calls.ratio else 1.0


def _all(found: Mapping[str, Finding]) -> float | None:
    """All activities a day, where calls are not what meetings come from."""
    rates = [f.rate for m, f in found.items() if read("measures")[m].get("volume") and f.rate is not None]
    return sum(rates) if rates else None
