"""Everything that is asked of the activities of a window: the rows are judged once, many of them week by week."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis.expr.datatypes as dt
import pandas as pd

from sdrlib.counts import habits, quality, sums, weeks
from sdrlib.counts import rows as flagged
from sdrlib.counts.rows import all_of
from sdrlib.records import Window, clock

MANY = 1_000_000
"""Rows up to which all of them are judged and counted at once, in memory: about 300 MB."""

SPREAD = {
    "strata": sums.STRATA,
    "by_week": ["rep_id"],
    "crowded": ["rep_id"],
    "personas": ["rep_id", "level"],
    "stages": ["stage", "marked"],
}
"""Answers about more than one week each, and what they are about."""

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


def ask(touches: Any, measures: sums.Measures, window: Window, *, rows: int, cache: Path | None = None) -> Touched:
    """Count.

    Args:
        touches: What ``rows.touches`` gives.
        measures: Measures of activities.
        window: As-of and period.
        rows: How many activities the table has, those outside of the window included.
        cache: Where counts of many activities are kept for the next run.
    """
    asking, judged = _Questions(measures, window), flagged.narrow(touches)
    is_large = rows > MANY and clock.database_of(touches) == "duckdb"
    if is_large and (found := weeks.answers(judged, asking, window, cache)):
        return Touched(**found)
    judged = flagged.kept(judged, as_written=True)
    questions = {**asking.weekly(judged), **asking.across(judged)}
    return Touched(**{name: question.execute() for name, question in questions.items()})


class _Questions:
    """What is asked of judged activities."""

    def __init__(self, measures: sums.Measures, window: Window) -> None:
        self.measures, self.window = measures, window
        self.rates = {name: measure for name, measure in measures.items() if measure["kind"] == "rate"}
        self.days = max(measure["days"] for measure in measures.values())

    def weekly(self, rows: Any) -> dict[str, Any]:
        """Those whose answers over some weeks add up to the answers over all."""
        rows = rows.mutate(**flagged.by_calendar(rows))
        outbound = rows.count(where=rows.touch)
        told = {"number": rows.count(), "booked": rows.count(where=all_of(rows.booked))}
        touched = rows.filter(rows.touch)
        return {
            "cells": _small(sums.wide(rows, self.measures, self.window, sums.PLACE, **told)),
            "strata": _small(sums.wide(rows, self.rates, self.window, sums.STRATA, outbound=outbound)),
            "by_week": sums.moments(rows, self.rates, self.window, by_week=True),
            "by_day": _small(quality.by_day(rows)),
            "crowded": quality.crowded(rows, "activities"),
            "personas": touched.group_by("rep_id", level=touched.persona).aggregate(activities=touched.count()),
            "stages": touched.group_by("stage", "marked").aggregate(activities=touched.count()),
        }

    def added(self, name: str, answers: Any) -> Any:
        """Answers of several blocks of weeks as one: added up, unless what they are about lies within one week."""
        if name in SPREAD:
            sums_of = {c: answers[c].sum().cast(answers[c].type()) for c in answers.columns if c not in SPREAD[name]}
            return answers.group_by(SPREAD[name]).aggregate(**sums_of).select(answers.columns)
        return answers

    def across(self, rows: Any) -> dict[str, Any]:
        """Those about everything a rep did with a prospect."""
        return {
            "whole": sums.moments(rows, self.rates, self.window, by_week=False),
            "follow_ups": habits.follow_ups(rows),
        }


def _small(cells: Any) -> Any:
    """Sums of single cells in half the memory: there are thirty of them for each of millions of cells."""
    sums_of = [c for c in cells.columns if cells[c].type() == dt.int64]
    return cells.mutate(**{c: cells[c].cast("int32") for c in sums_of})
