"""How is the team doing? Its measures week by week, and its path from calls to accepted opportunities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from sdrlib.knowledge import read
from sdrlib.questions.differently import differently
from sdrlib.questions.revenue import revenue
from sdrlib.questions.silences import tuples
from sdrlib.questions.team_health import assess_health, hosts
from sdrlib.records import Advice, Counts, Evidence, PathStep, Signal, TeamFound, TeamMeasure, Week
from sdrlib.records.team import Step
from sdrlib.stats.heterogeneity import overall_rate
from sdrlib.stats.intervals import wilson
from sdrlib.stats.trend import laney_p, xmr

WEEKS_AT_LEAST = 4
"""With fewer weeks natural limits say nothing."""

WHOLE = 0.5
"""A daily rate of a week with less than this share of the usual days is no point of a chart."""


OF_HELD = "held"
"""No measure, but a share of the meetings held."""


class _Way(NamedTuple):
    """Where the count of a step comes from, and the share of the step before that went on."""

    step: Step
    counted: str
    share: str | None


PATH = (
    _Way("calls", "calls_per_day", None),
    _Way("conversations", "conversations_per_day", "connect_rate"),
    _Way("booked", "meetings_booked_per_day", "connect_to_meeting"),
    _Way("held", "meetings_held_per_day", "show_rate"),
    _Way("accepted", "accepted_per_day", OF_HELD),
)


def describe_team(team: Evidence, advice: Sequence[Advice]) -> TeamFound:
    """Everything that the team's report says, beside its people.

    Args:
        team: The whole team, not cut to some reps.
        advice: For the daily targets in it.

    Raises:
        UsageError: the evidence is cut to some reps.
    """
    measures = measure_team(team, advice)
    return TeamFound(
        measures=measures,
        path=team_path(measures, team.counts),
        health=assess_health(team.counts),
        hosts=hosts(team.counts),
        differently=differently(team),
        revenue=revenue(team),
    )


def measure_team(team: Evidence, advice: Sequence[Advice]) -> tuple[TeamMeasure, ...]:
    """Every measure of the whole team, in the order of the catalogue. Nothing is tested, nobody compared.

    Args:
        team: The whole team, not cut to some reps.
        advice: For the daily targets in it.
    """
    cells = team.counts.cells
    expected = {m: (reached, asked) for m, reached, asked in _expected(team.counts, advice)}
    known = [m for m in read("measures") if m in team.team_rates]
    return tuple(_measure(m, cells[cells["measure"] == m], team.team_rates[m], expected.get(m)) for m in known)


def _measure(measure: str, cells: pd.DataFrame, rate: float, target: tuple[float, float] | None) -> TeamMeasure:
    kind = read("measures")[measure]["kind"]
    weekly = cells.groupby("week", sort=True)[["trials", "successes"]].sum().reset_index()
    weeks = tuple(Week(pd.Timestamp(r.week).date(), float(r.trials), float(r.successes)) for r in tuples(weekly))
    found = overall_rate(weekly["successes"], weekly["trials"], kind)
    reached, asked = target or (None, None)
    return TeamMeasure(
        measure=measure,
        kind=kind,
        trials=float(cells["trials"].sum()),
        successes=float(cells["successes"].sum()),
        rate=rate,
        low=_known(found.low),
        high=_known(found.high),
        weeks=weeks,
        signals=tuple(_signals(weeks, kind)),
        expected=asked,
        reached=reached,
    )


def _signals(weeks: Sequence[Week], kind: str) -> Iterator[Signal]:
    """Weeks outside the natural limits or in a long run on one side of the mean."""
    usual = float(np.median([w.trials for w in weeks])) if weeks else 0.0
    shown = [w for w in weeks if w.trials > 0 and (kind == "rate" or w.trials >= WHOLE * usual)]
    if len(shown) < WEEKS_AT_LEAST:
        return
    events, trials = [w.successes for w in shown], [w.trials for w in shown]
    rates = np.divide(events, trials)
    if kind == "rate":
        chart = laney_p(events, trials)
        center, outside, shifted = chart.center, chart.outside, chart.shifted
    else:
        natural = xmr(rates)
        center, outside, shifted = natural.mean, natural.outside, natural.shifted
    for week, rate, out, run in zip(shown, rates, outside, shifted, strict=True):
        if out or run:
            yield Signal(week.start, "above" if rate > center else "below", "outside" if out else "shifted")


def _expected(counts: Counts, advice: Sequence[Advice]) -> Iterator[tuple[str, float, float]]:
    """Measure, events of those who have a target, and the events that it asks of them over their days."""
    catalogue = read("measures")
    targets = {(a.rep_id, m): daily for a in advice for m, daily in a.targets.items()}
    for measure in dict.fromkeys(m for _, m in targets):
        own = counts.cells[counts.cells["measure"] == measure]
        daily_of = {rep: daily for (rep, m), daily in targets.items() if m == measure}
        asked = own["rep_id"].map(daily_of).astype(float)  # of categories pandas makes categories
        if catalogue.get(measure, {}).get("kind") == "count" and asked.notna().any():
            reached = own.loc[asked.notna(), "successes"].sum()
            yield measure, float(reached), float((own["trials"] * asked).sum())


def team_path(measures: Sequence[TeamMeasure], counts: Counts) -> tuple[PathStep, ...]:
    """From calls to accepted opportunities: how many, and what share of the step before went on.

    A share is one of outcomes that are known by now, so its counts differ from those of the steps; what is accepted
    is a share of the meetings held.
    """
    known = {m.measure: m for m in measures}
    return tuple(_step(way, known, counts) for way in PATH)


def _step(way: _Way, known: Mapping[str, TeamMeasure], counts: Counts) -> PathStep:
    counted, share = known.get(way.counted), known.get(way.share or "")
    step = PathStep(way.step, counted.successes if counted else None)
    if counted:
        step = replace(step, expected=counted.expected, reached=counted.reached)
    held, accepted = (int(counts.hosts[c].sum()) for c in ("held", "accepted"))
    if share:
        parts = {f: getattr(share, f) for f in ("trials", "successes", "rate", "low", "high")}
        return replace(step, **parts)
    if way.share == OF_HELD and counted and held:
        limits = wilson(accepted, held)
        low, high = float(limits.low), float(limits.high)
        return replace(step, trials=held, successes=accepted, rate=accepted / held, low=low, high=high)
    return step


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
