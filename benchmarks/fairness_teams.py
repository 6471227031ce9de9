"""Simulated teams whose truth is known, seen through the comparison.

A team: 30 people, 12 weeks, five lists whose quality goes from 0.55 to 1.7 and which they work in very unequal shares;
skills that ordinarily spread by 8 %; every week of every person shaken by 12 %; three calls to a prospect in three
weeks, some prospects being much easier to reach than others. Accused falsely: called "below" with a true ratio to the
typical colleague of 0.95 or more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdrlib.stats.comparison import ClusterMoments, Comparison, compare_groups, decide

PEOPLE, WEEKS, LISTS, SPREAD, SHOCK, STAR, NEW_HIRE = 30, 12, 5, 0.08, 0.12, 1.3, 0.6
LEAST_TRUE = 0.95
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Pair = tuple[float, float]


@dataclass(frozen=True)
class Measure:
    """A rate: its level, each person's trials, trials per prospect, worst and best list, how uneven prospects are."""

    rate: float
    trials: int
    calls: int = 3
    lists: Pair = (0.55, 1.7)
    uneven: float = 0.7


CONNECT, MEETING = Measure(0.08, 2000), Measure(0.012, 2000)
WHOLE_REPORT = (CONNECT, MEETING, Measure(0.15, 160, 1), Measure(0.05, 800), Measure(0.4, 24, 1, (0.8, 1.2)))


@dataclass(frozen=True)
class Team:
    """Who differs, after which weeks somebody looks, weeks between two calls to a prospect, how lists are worked."""

    measures: tuple[Measure, ...] = (CONNECT,)
    deficient: int = 0
    decline: float = 0.0
    stars: int = 0
    new_hires: int = 0
    tenure_known: bool = True
    looks: tuple[int, ...] = (WEEKS,)
    cadence: int = 1
    lists_in_turn: bool = False


MIXED = Team(deficient=6, decline=0.3, stars=3)


@dataclass(frozen=True)
class Calls:
    """One measure of one team, trial by trial; and the true skill of each person."""

    person: Ints
    stratum: Ints
    week: Ints
    prospect: Ints
    success: Bools
    skill: Floats

    @property
    def true_ratio(self) -> Floats:
        return self.skill / np.median(self.skill)


def skills(team: Team, rng: np.random.Generator) -> Floats:
    """The deficient come first, the stars after them; new hires are the last, and of ordinary skill for new hires."""
    skill = rng.gamma(SPREAD**-2, SPREAD**2, PEOPLE)
    skill[: team.deficient] = 1 - team.decline
    skill[team.deficient : team.deficient + team.stars] = STAR
    return skill


def draw(team: Team, measure: Measure, rng: np.random.Generator, skill: Floats | None = None) -> Calls:
    """Twelve weeks of one measure."""
    skill = skills(team, rng) if skill is None else skill
    new = np.arange(PEOPLE) >= PEOPLE - team.new_hires
    person = np.repeat(np.arange(PEOPLE), measure.trials // measure.calls)
    week = (rng.integers(0, WEEKS, len(person))[:, None] + np.arange(measure.calls) * team.cadence) % WEEKS
    worked = lists_of(person, week[:, 0], team, rng)
    rate = measure.rate * np.geomspace(*measure.lists, LISTS)[worked] * (skill * np.where(new, NEW_HIRE, 1.0))[person]
    shock = rng.gamma(SHOCK**-2, SHOCK**2, (PEOPLE, WEEKS))
    success = rng.random(week.shape) < reachable(rate, measure, rng)[:, None] * shock[person[:, None], week]
    stratum = worked + LISTS * (new[person] if team.tenure_known else 0)
    persons, strata, prospects = (np.repeat(c, measure.calls) for c in (person, stratum, np.arange(len(person))))
    return Calls(persons, strata, week.ravel(), prospects, success.ravel(), skill)


def lists_of(person: Ints, week: Ints, team: Team, rng: np.random.Generator) -> Ints:
    """Each prospect's list: a person's shares are very unequal, and change every third week if worked in turn."""
    turn = week // 3 if team.lists_in_turn else np.zeros_like(week)
    shares = rng.dirichlet(np.full(LISTS, 0.7), (PEOPLE, WEEKS)).cumsum(axis=-1)[person, turn]
    return np.asarray((rng.random(len(person))[:, None] > shares).sum(axis=1).clip(max=LISTS - 1))


def reachable(rate: Floats, measure: Measure, rng: np.random.Generator) -> Floats:
    """Chance of success at each call of a prospect: some are easy, some hard."""
    if measure.calls == 1:
        return rate
    size = (1 - rate) / (rate * measure.uneven**2) - 1
    return rng.beta(rate * size, (1 - rate) * size)


def see(calls: Calls, weeks: int = WEEKS) -> Comparison:
    """What the method makes of the first weeks."""
    seen = calls.week < weeks
    person, week, stratum, prospect = (c[seen] for c in (calls.person, calls.week, calls.stratum, calls.prospect))
    success, shape = calls.success[seen].astype(float), (PEOPLE, WEEKS, 2 * LISTS)
    cell = np.ravel_multi_index((person, week, stratum), shape)
    trials, successes = (
        np.bincount(cell, w, int(np.prod(shape))).reshape(shape) for w in (np.ones_like(success), success)
    )
    return compare_groups(
        trials.sum(axis=1),
        successes.sum(axis=1),
        weekly_trials=trials,
        weekly_successes=successes,
        clusters=moments(person, prospect, success),
        weekly_clusters=moments(person, prospect * WEEKS + week, success),
    )


def moments(person: Ints, cluster: Ints, success: Floats) -> ClusterMoments:
    """Sums over each person's clusters; a cluster belongs to one person."""
    size = int(cluster.max(initial=0)) + 1
    owner = np.zeros(size, dtype=np.int64)
    owner[cluster] = person
    den, num = np.bincount(cluster, minlength=size).astype(float), np.bincount(cluster, success, size)
    columns = (den > 0, num, den, num * num, num * den, den * den)
    return ClusterMoments(*(np.bincount(owner, values, PEOPLE).astype(float) for values in columns))


@dataclass(frozen=True)
class Seen:
    """One simulated report: (measures, people) truth, accused at any look, verdicts at the last; first comparison."""

    truth: Floats
    below: Bools
    codes: NDArray[np.str_]
    first: Comparison

    @property
    def false(self) -> Bools:
        return self.below & (self.truth >= LEAST_TRUE)


def report(team: Team, rng: np.random.Generator) -> Seen:
    """Simulate a team and look at its whole report, as often as it is looked at."""
    drawn = [draw(team, measure, rng) for measure in team.measures]
    below = np.zeros((len(drawn), PEOPLE), dtype=np.bool_)
    for weeks in team.looks:
        comparisons = [see(calls, weeks) for calls in drawn]
        codes = np.array(decide(comparisons))
        below |= codes == "below"
    return Seen(np.array([calls.true_ratio for calls in drawn]), below, codes, comparisons[0])
