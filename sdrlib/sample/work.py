"""The team at work, a few reps at a time: a thousand reps for a year do not fit into memory at once."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TypeVar

import numpy as np

from sdrlib.sample.answers import Weeks, draw_weeks
from sdrlib.sample.cast import Cast, Ints
from sdrlib.sample.history import History, live
from sdrlib.sample.prospects import Prospects, draw_prospects
from sdrlib.sample.touches import plan_touches
from sdrlib.sample.workdays import Workdays

# About a million touches at a time. Another figure would draw another team from the same seed.
BATCH_DAYS = 10_000

Part = TypeVar("Part", Prospects, History)


def work(rng: np.random.Generator, cast: Cast, workdays: Workdays, as_of: int) -> tuple[Prospects, History]:
    """Everybody who was touched, and every touch that was logged by ``as_of`` (local seconds)."""
    reps, days = workdays.present.shape
    weeks = draw_weeks(rng, reps, -(-days // 5))
    size = max(1, BATCH_DAYS // days)
    batches = [
        _work(rng, cast, workdays, weeks, np.arange(start, min(start + size, reps)), as_of)
        for start in range(0, reps, size)
    ]
    prospects = accounts = 0
    people, logs = [], []
    for who, past in batches:
        people.append(replace(who, account=who.account + accounts))
        logs.append(replace(past, prospect=past.prospect + prospects))
        prospects, accounts = prospects + len(who.rep), accounts + int(who.account.max(initial=-1)) + 1
    return _join(people), _join(logs)


def _work(
    rng: np.random.Generator, cast: Cast, workdays: Workdays, weeks: Weeks, reps: Ints, as_of: int
) -> tuple[Prospects, History]:
    """One batch, without the prospects nobody got round to."""
    who = draw_prospects(rng, cast, workdays, reps)
    past = live(rng, cast, weeks, who, plan_touches(rng, cast, workdays, who), as_of)
    touched, place = np.unique(past.prospect, return_inverse=True)
    return who.take(touched), replace(past, prospect=place)


def _join(parts: list[Part]) -> Part:
    """The same arrays, one batch behind the other."""
    return type(parts[0])(**{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(parts[0])})
