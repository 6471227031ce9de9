"""The days of the periods compared, and what varies together when two sides are set beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from sdrlib import counts as waist
from sdrlib.counts.window import resolve
from sdrlib.errors import UsageError
from sdrlib.records import Asked, Window

if TYPE_CHECKING:
    import pandas as pd

    from sdrlib.settings import Settings

EVER = "all"


class Span(NamedTuple):
    """Days of a period; its name is a level."""

    name: str
    start: date
    end: date


def spans_of(
    frames: Mapping[str, Any], time_zone: str, settings: Settings, asked: Asked, now: datetime
) -> tuple[list[Span], Window]:
    """The days of each period asked for, and the window around all of them."""
    if asked.dimension != "period" or asked.sides is None:
        return [], waist._window(dict(frames), settings, time_zone, now)
    whole = waist._window(dict(frames), settings.model_copy(update={"period": EVER}), time_zone, now)
    spans, problems = [], []
    for name in (level for side in asked.sides for level in side):
        try:
            found = resolve(name, as_of=whole.as_of, first_day=whole.start, time_zone=time_zone)
            spans.append(Span(name, found.start, found.end))
        except UsageError as error:
            problems.append(str(error))
    ordered = sorted(spans, key=lambda s: s.start)
    problems += [f"The periods {a.name} and {b.name} share days." for a, b in pairwise(ordered) if b.start <= a.end]
    if problems:
        raise UsageError("\n".join(problems))
    if not all(asked.sides):
        return spans, whole
    label = ", ".join(s.name for s in spans)
    start, end = ordered[0].start, max(s.end for s in spans)
    return spans, Window(label, start, end, whole.as_of, whole.time_zone)


def block_of(asked: Asked, cells: pd.DataFrame, labels: tuple[str, ...]) -> tuple[list[str], bool]:
    """What varies together: a rep's week; a whole week where periods are compared, a person where teams are.

    A period is short of weeks, and a team of people, when it has fewer than two; then it is a rep's week again.
    """
    wanted = {"period": "week", "team": "rep_id"}.get(asked.dimension)
    if wanted is None:
        return ["rep_id", "week"], False
    several = cells.groupby("side")[wanted].nunique().reindex(list(labels), fill_value=0)
    few = bool((several < 2).any())
    return (["rep_id", "week"] if few else [wanted]), few
