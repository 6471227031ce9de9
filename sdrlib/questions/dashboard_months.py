"""The two months of a dashboard: how many of what, on how many working days, and how much their weeks vary."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from sdrlib.knowledge import read
from sdrlib.records import SalesCounts, Window
from sdrlib.records.targets import shared_target
from sdrlib.stats.dispersion import pearson_dispersion


class Months:
    """The counts of both months, as the lines ask for them.

    Attributes:
        found, targets: What they are read from.
        this, today: First and last day of the month so far; ``before`` the first of the month before.
        running: Whether the month goes on.
        days: Weekdays of both.
    """

    def __init__(self, found: SalesCounts, targets: pd.DataFrame, window: Window) -> None:
        """Of the month that the counts name, or of the window where they name none."""
        self.found, self.targets = found, targets
        self.this, self.today = found.month or (window.start, window.end)
        self.running = self.today.month == (self.today + timedelta(days=1)).month
        self.before = (self.this - timedelta(days=1)).replace(day=1)
        self.days = (working(self.this, self.today), working(self.before, self.this - timedelta(days=1)))

    def whole(self) -> bool:
        """Whether the data reaches back over the month before."""
        first = self.found.first_day
        return first is not None and first <= self.before

    def of(self, figure: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Days of this month, and of the month before."""
        rows = self.found.figures[self.found.figures["figure"] == figure]
        new = rows["day"] >= self.this
        return rows[new], rows[~new]

    def numbers(self, figure: str) -> tuple[int, int]:
        """How many in either month."""
        this, before = self.of(figure)
        return int(this["number"].sum()), int(before["number"].sum())

    def dispersion(self, figure: str) -> float:
        """How much more weeks differ than chance makes them, at least 1; a weekend counts with its week."""
        exposures, events = [], []
        for part, start, end in zip(self.of(figure), (self.this, self.before),
                                    (self.today, self.this - timedelta(days=1)), strict=True):  # fmt: skip
            weeks = pd.date_range(start, end).to_series().groupby(lambda day: day.isocalendar()[1])
            spans = [working(days.iloc[0].date(), days.iloc[-1].date()) for _, days in weeks]
            number = part.groupby(part["day"].map(lambda d: d.isocalendar()[1]))["number"].sum()
            exposures.append(spans)
            events.append([float(number.get(week, 0)) if span else 0.0
                           for (week, _), span in zip(weeks, spans, strict=True)])  # fmt: skip
        width = max(len(row) for row in exposures)
        padded = [np.array([row + [0] * (width - len(row)) for row in rows], float) for rows in (exposures, events)]
        found = pearson_dispersion(padded[0], padded[1], "count")
        return max(1.0, found) if np.isfinite(found) else 1.0

    def target(self, key: str, *, whole: bool) -> float | None:
        """What is asked for up to as-of (``whole``: a sum) or at any time."""
        found = shared_target(self.targets, key, self.today)
        if found is None:
            return None
        value, period = found
        if not whole:
            return value
        days = self._month() if period == "month" else read("contract")["working_days"][period]
        return value * self.days[0] / days

    def _month(self) -> int:
        """Weekdays of the month to its end: one that is complete is held against its whole target."""
        last = (self.this.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        return working(self.this.replace(day=1), last)


def working(start: date, end: date) -> int:
    """Weekdays from one day to another, both counted."""
    return int(np.busday_count(start, end + timedelta(days=1)))
