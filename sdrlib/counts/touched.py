"""Everything that is asked of the activities of a window, in one pass: the rows are flagged once, some reps at a time.

Nothing that is counted joins the rows of two reps, so parts of a team may be counted one after another and put
together: however many rows there are, those of one part must fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from sdrlib.counts import habits, quality, sums
from sdrlib.counts import rows as flagged
from sdrlib.counts.rows import all_of
from sdrlib.records import Window, clock

if TYPE_CHECKING:
    from collections.abc import Sequence

PART = 1_000_000
"""Rows flagged at a time: about 300 MB."""

CLOCKED = ("channel", "hour", "weekday", "list", "persona", "segment")
"""The dimensions of ``mix``, in the order in which they are looked at."""


@dataclass(frozen=True)
class Touched:
    """Answers about the activities, one frame each.

    Attributes:
        cells: Sums of every measure per rep, list, channel, tenure band and week, with ``number`` and ``booked``.
        strata: Sums of the rates per rep and ``sums.STRATA``, with ``outbound``.
        whole, by_week: Moments over prospects, whole and cut by week.
        by_day: The answer to ``quality.by_day``.
        follow_ups: The answer to ``habits.follow_ups``.
        crowded: The answer to ``quality.crowded``.
        personas: rep_id, level, activities.
        stages: stage, marked, activities.
    """

    cells: pd.DataFrame
    strata: pd.DataFrame
    whole: pd.DataFrame
    by_week: pd.DataFrame
    by_day: pd.DataFrame
    follow_ups: pd.DataFrame
    crowded: pd.DataFrame
    personas: pd.DataFrame
    stages: pd.DataFrame

    def mix(self) -> dict[str, pd.DataFrame]:
        """Dimension -> rep_id, level, activities (outbound)."""
        days = self.by_day.rename(columns={"outbound": "activities"})
        strata = self.strata.rename(columns={"outbound": "activities"})
        spread = {
            "channel": days.rename(columns={"channel": "level"}),
            "hour": strata.rename(columns={"hour": "level"}),
            "weekday": days.assign(level=days["day"].dt.day_of_week),
            "list": strata.rename(columns={"list": "level"}),
            "persona": self.personas,
            "segment": strata.rename(columns={"prospect_segment": "level"}),
        }
        return {dimension: spread[dimension] for dimension in CLOCKED}

    def worked(self) -> pd.DataFrame:
        """rep_id, tenure, list, touches: how each rep's activities spread over lists."""
        return self.cells.groupby(["rep_id", "tenure", "list"], as_index=False).agg(touches=("number", "sum"))


def ask(touches: Any, measures: sums.Measures, window: Window, *, rows: int) -> Touched:
    """Count.

    Args:
        touches: What ``rows.touches`` gives.
        measures: Measures of activities.
        window: As-of and period.
        rows: How many activities the table has, those outside of the window included.
    """
    rates = {name: measure for name, measure in measures.items() if measure["kind"] == "rate"}
    answers: dict[str, list[pd.DataFrame]] = {}
    for part in _parts(flagged.narrow(touches), rows):
        kept = flagged.kept(part, as_written=True)
        kept = kept.mutate(**flagged.by_calendar(kept))
        for name, question in _questions(kept, measures, rates, window).items():
            answers.setdefault(name, []).append(_small(question.execute()))
    return Touched(**{name: pd.concat(found, ignore_index=True) for name, found in answers.items()})


def _small(found: pd.DataFrame) -> pd.DataFrame:
    """Sums of single cells in half the memory: there are thirty of them for each of millions of cells."""
    sums_of_cells = [c for c in found.columns if c.endswith(("__n", "__x"))]
    return found.astype(dict.fromkeys(sums_of_cells, "int32")) if sums_of_cells else found


def _questions(rows: Any, measures: sums.Measures, rates: sums.Measures, window: Window) -> Mapping[str, Any]:
    outbound = rows.count(where=rows.touch)
    told = {"number": rows.count(), "booked": rows.count(where=all_of(rows.booked))}
    touched = rows.filter(rows.touch)
    return {
        "cells": sums.wide(rows, measures, window, sums.PLACE, **told),
        "strata": sums.wide(rows, rates, window, sums.STRATA, outbound=outbound),
        "whole": sums.moments(rows, rates, window, by_week=False),
        "by_week": sums.moments(rows, rates, window, by_week=True),
        "by_day": quality.by_day(rows),
        "follow_ups": habits.follow_ups(rows),
        "crowded": quality.crowded(rows, "activities"),
        "personas": touched.group_by("rep_id", level=touched.persona).aggregate(activities=touched.count()),
        "stages": touched.group_by("stage", "marked").aggregate(activities=touched.count()),
    }


# ---- parts of a team ------------------------------------------------------------------------------------


def _parts(touches: Any, rows: int) -> Iterator[Any]:
    """The rows of some reps at a time; all at once where they are few, or where nothing is kept."""
    if rows <= PART or clock.database_of(touches) != "duckdb":
        yield touches
        return
    counted = touches.group_by("rep_id").aggregate(n=touches.count()).order_by("rep_id").execute()
    for first, last in _spans(counted["rep_id"].tolist(), counted["n"].tolist()):
        yield touches.filter(touches.rep_id.between(first, last))


def _spans(reps: Sequence[str], rows: Sequence[int]) -> Iterator[tuple[str, str]]:
    """First and last rep of each part, in order: as many as fit, and always one."""
    first, total = 0, 0
    for place, number in enumerate(rows):
        if place > first and total + number > PART:
            yield reps[first], reps[place - 1]
            first, total = place, 0
        total += number
    if reps:
        yield reps[first], reps[-1]
