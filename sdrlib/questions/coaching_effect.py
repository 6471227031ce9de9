"""Did the coaching help? Each coached rep against their own baseline, and all of them together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from sdrlib.knowledge import read
from sdrlib.questions.conversion import SAME, compare_measure
from sdrlib.questions.lot import lot_effects
from sdrlib.records import Answer, CoachingEffect, Counts, Effects, PooledEffect, Stretch
from sdrlib.stats.baseline import change_from_baseline, events_for_change, least_change, pooled_change
from sdrlib.stats.comparison import Comparison

if TYPE_CHECKING:
    from sdrlib.settings import Settings

LEAST_CONTROLS = 2
LEAST_POOLED = 4
"""Three coached people do not say how coached people differ: the mean of so few is not shown."""


class Round(NamedTuple):
    """One rep's coaching on one measure: the days of it, within the period where there are any."""

    rep_id: str
    measure: str
    sessions: tuple[date, ...]


class Place(NamedTuple):
    """One rep in a comparison."""

    compared: Comparison
    i: int
    weeks: int

    def of(self, name: str) -> float:
        """One number of the comparison."""
        return float(getattr(self.compared, name)[self.i])

    @property
    def alike(self) -> bool:
        """Whether a colleague worked the same lists."""
        return bool(self.compared.separable[self.i])

    @property
    def events(self) -> tuple[float, float]:
        """Effective events observed, and those of a typical colleague."""
        scale = self.of("scale")
        return self.of("compared_successes") / scale, self.compared.typical * self.of("expected") / scale

    @property
    def stretch(self) -> Stretch:
        """What is shown of it."""
        trials, successes = ("compared_trials", "compared_successes") if self.alike else ("trials", "successes")
        known = (_known(self.of(name)) for name in ("ratio", "low", "high", "expected_rate"))
        return Stretch(self.weeks, self.of(trials), self.of(successes), *known)


class Arm(NamedTuple):
    """What the change of one rep rests on; the arguments of ``change_from_baseline``."""

    observed: float
    expected: float
    baseline: float
    sd: float


@dataclass(frozen=True)
class Team:
    """The counts of one measure, to be cut to stretches of weeks."""

    counts: Counts
    measure: str
    mondays: pd.Series[Any]

    @classmethod
    def on(cls, counts: Counts, measure: str) -> Team:
        """What the whole team did on one measure."""
        cells, clusters = (frame[frame["measure"] == measure] for frame in (counts.cells, counts.clusters))
        return cls(replace(counts, cells=cells, clusters=clusters), measure, pd.to_datetime(cells["week"]))

    @property
    def everybody(self) -> list[str]:
        """All reps, whether or not they have trials."""
        return list(self.counts.reps["rep_id"])

    def place(self, rep: str, reps: list[str], weeks: pd.Series[bool]) -> Place:
        """One rep among some, in some weeks."""
        cells = self.counts.cells[weeks & self.counts.cells["rep_id"].isin(reps)]
        kind = read("measures")[self.measure]["kind"]
        compared = compare_measure(replace(self.counts, cells=cells), reps, self.measure, kind, SAME)
        own = cells[(cells["rep_id"] == rep) & (cells["trials"] > 0)]
        return Place(compared, reps.index(rep), int(own["week"].nunique()))

    def active(self, *stretches: pd.Series[bool]) -> set[str]:
        """Reps with trials in all of these stretches of weeks."""
        cells = self.counts.cells
        return set.intersection(*(set(cells.loc[weeks & (cells["trials"] > 0), "rep_id"]) for weeks in stretches))


def measure_effects(counts: Counts, settings: Settings) -> Effects:
    """What changed after each coaching beyond luck, and what may be said of it.

    A rep is chosen for coaching because of bad weeks, part of which were bad luck that evens out by itself. So the
    weeks after the week of the first session are set against the posterior mean of the weeks before it, both relative
    to colleagues on the same lists who were not coached on the measure. A session on no measure in particular, or on
    one that is never coached on, has no effect that could be computed.

    Args:
        counts: The whole team.
        settings: ``min_events`` to say anything of a stretch of weeks, ``plan_gap`` for what data would settle it.

    Returns:
        Effects in the order of the catalogue, then of rep ids. Nothing in it says what caused a change, but a lot.
    """
    rounds = list(_rounds(counts))
    measures = dict.fromkeys(r.measure for r in rounds)
    teams = {m: Team.on(counts, m) for m in measures}
    found = [_effect(r, rounds, teams[r.measure], settings) for r in rounds]
    pooled = tuple(_pooled(m, [(e, a) for e, a in found if e.measure == m]) for m in measures)
    return Effects(tuple(e for e, _ in found), pooled, lot_effects(counts))


def _rounds(counts: Counts) -> Iterator[Round]:
    """Who was coached on what, and when; nothing after the period is read."""
    if counts.coached.empty:
        return
    log = counts.coached.assign(on=pd.to_datetime(counts.coached["on"], errors="coerce"))
    log = log.dropna(subset=["on", "measure"])
    log = log[log["rep_id"].isin(counts.reps["rep_id"]) & (log["on"] <= pd.Timestamp(counts.window.end))]
    for measure, rules in read("measures").items():
        about = log[log["measure"] == measure]
        if rules["coached"] and measure not in counts.missing:
            for rep in sorted(set(about["rep_id"])):
                on = tuple(sorted({day.date() for day in about.loc[about["rep_id"] == rep, "on"]}))
                yield Round(rep, measure, tuple(day for day in on if day >= counts.window.start) or on)


def _effect(own: Round, rounds: Sequence[Round], team: Team, settings: Settings) -> tuple[CoachingEffect, Arm]:
    """The record of one round of coaching, and what it rests on."""
    monday = pd.Timestamp(own.sessions[0] - timedelta(days=own.sessions[0].weekday()))
    early, late = team.mondays < monday, team.mondays > monday
    active = team.active(early, late)
    whole = team.place(own.rep_id, team.everybody, early)
    others, shared = _controls(own, rounds, team.everybody, active, team.counts.window.start)
    before, after = (team.place(own.rep_id, others, weeks) for weeks in (early, late))
    if others != team.everybody and not (before.alike and after.alike):
        others, shared = team.everybody, True
        before, after = whole, team.place(own.rep_id, others, late)
    alike = whole.of("expected_rate") / before.of("expected_rate")  # from ratio to the team to ratio to the controls
    arm = Arm(*after.events, whole.of("posterior_ratio") * alike, whole.of("posterior_sd") * alike)
    answer, (change, low, high) = _answer(before, after, arm, settings)
    effect = CoachingEffect(
        rep_id=own.rep_id,
        measure=own.measure,
        sessions=own.sessions,
        answer=answer,
        before=before.stretch,
        after=after.stretch,
        baseline=_known(arm.baseline) if answer != "no_baseline" else None,
        regression=_known(arm.baseline - before.of("ratio")) if answer != "no_baseline" else None,
        change=change,
        low=low,
        high=high,
        **_plan(before, after, arm, settings, known=answer != "no_baseline"),
        controls=len(active & set(others) - {own.rep_id}),
        controls_coached=shared,
    )
    return effect, arm


def _controls(
    own: Round, rounds: Sequence[Round], everybody: list[str], active: set[str], since: date
) -> tuple[list[str], bool]:
    """The rep and whoever was not coached on the measure; the whole team, marked so, when these are fewer than two."""
    coached = {r.rep_id for r in rounds if r.measure == own.measure and r.sessions[-1] >= since} - {own.rep_id}
    if len(active - coached - {own.rep_id}) >= LEAST_CONTROLS:
        return [r for r in everybody if r not in coached], False
    return everybody, bool(coached & active)


Limited: TypeAlias = tuple[float | None, float | None, float | None]
"""A change and both limits."""


def _answer(before: Place, after: Place, arm: Arm, settings: Settings) -> tuple[Answer, Limited]:
    """What may be said, and the change where there is enough of both stretches."""
    unknown = None, None, None
    if not before.of("information") >= settings.min_events:  # missing is not enough either
        return "no_baseline", unknown
    if not after.of("information") >= settings.min_events:
        alone = after.of("trials") > 0 and not after.alike
        return ("cannot_tell" if alone else "too_early"), unknown
    found = change_from_baseline([arm.observed], [arm.expected], [arm.baseline], [arm.sd])
    change, low, high = (float(x[0]) for x in (found.change, found.low, found.high))
    return _said(low, high), (_known(change), _known(low), _known(high))


def _said(low: float, high: float) -> Answer:
    return "better" if low > 0 else "worse" if high < 0 else "cannot_tell"


def _plan(before: Place, after: Place, arm: Arm, settings: Settings, *, known: bool) -> dict[str, Any]:
    """What this data could show, and how much more would show a rise of the gap planned for."""
    needed = float(events_for_change(settings.plan_gap, [arm.baseline], [arm.sd])[0]) if known else np.nan
    seen = after if after.of("expected_rate") > 0 else before
    total = needed * seen.of("scale") / seen.of("expected_rate")
    trials = max(0.0, total - np.nan_to_num(after.of("compared_trials"))) if np.isfinite(total) else None
    weeks = before.weeks + after.weeks
    pace = (before.of("trials") + after.of("trials")) / weeks if weeks else 0.0
    return {
        "least": _known(float(least_change([arm.expected], [arm.baseline], [arm.sd])[0])) if known else None,
        "needed_trials": trials,
        "needed_weeks": trials / pace if trials is not None and pace else None,
        "out_of_reach": bool(np.isinf(needed)),
    }


def _pooled(measure: str, found: Sequence[tuple[CoachingEffect, Arm]]) -> PooledEffect:
    """All who were coached on the measure; four at least, or nothing is said of them together."""
    counted = [arm for effect, arm in found if effect.change is not None]
    if len(counted) < LEAST_POOLED:
        answers = {effect.answer for effect, _ in found}
        only: Answer = answers.pop() if answers in ({"too_early"}, {"no_baseline"}) else "cannot_tell"
        return PooledEffect(measure, len(found), len(counted), only, None, None, None)
    together = pooled_change(*np.array(counted).T)
    limits = together.low, together.high
    return PooledEffect(
        measure, len(found), len(counted), _said(*limits), together.change, _known(limits[0]), _known(limits[1])
    )


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
