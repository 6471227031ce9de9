"""An answered call is not always a conversation: short ones, and those of unknown length, become other words."""

from __future__ import annotations

from collections.abc import Iterator

import ibis

from sdrlib.errors import Problem
from sdrlib.sources.mapping_form import LeastDuration
from sdrlib.sources.reading import Desk
from sdrlib.sources.selection import Goal


def demand(desk: Desk, goal: Goal, rows: ibis.Table, least: LeastDuration | None, file: str) -> ibis.Table:
    """Put the mapping's words for answered calls that are too short, and tell how many there were."""
    if least is None or not {"outcome", "duration_s"} <= set(rows.columns):
        return rows
    short = ibis.or_(*((rows.outcome == word) & (rows.duration_s < s) for word, s in least.seconds.items()))
    silent = rows.outcome.isin(list(least.seconds)) & rows.duration_s.isnull()
    counted = rows.aggregate(short=short.sum().fill_null(0), silent=silent.sum().fill_null(0)).execute().iloc[0]
    desk.problems += _told(goal, least, file, int(counted.short), int(counted.silent))
    branches = [(short, least.shorter), *([(silent, least.without)] if least.without else [])]
    return rows.mutate(outcome=ibis.cases(*branches, else_=rows.outcome))


def _told(goal: Goal, least: LeastDuration, file: str, short: int, silent: int) -> Iterator[Problem]:
    demanded = ", ".join(f"{word} ≥ {seconds:g} s" for word, seconds in least.seconds.items())
    values = {"file": file, "demanded": demanded, "shorter": least.shorter, "without": least.without}
    if short:
        yield Problem("short-calls", goal.table, "outcome", short, values=values)
    if silent:
        code = "silent-calls" if least.without else "silent-calls-kept"
        yield Problem(code, goal.table, "outcome", silent, values=values)
