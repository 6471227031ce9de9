"""What is to come: meetings and accepted opportunities by the end of the month and of the quarter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

Horizon = Literal["month", "quarter"]
"""The calendar month, and the calendar quarter, that hold the as-of."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """One measure of one rep, or of the team, by the end of a month or quarter.

    Attributes:
        rep_id: Whose; the team's is empty.
        measure: ``meetings_booked_per_day``, ``meetings_held_per_day`` or ``accepted_per_day``: a booking counts on
            the day it was made, a meeting on its day, an acceptance on the day it was given (``accepted_at``).
        horizon, start, end: Which period, with its first and last day.
        so_far: What happened in it by as-of.
        booked: Meetings on the calendar, or held and not decided yet, that may still count in it.
        days_left: Working days that remain; of the team, all its people's together.
        low, median, high: Numbers at the end that are not exceeded with a probability of 10, 50 and 90 %.
        pace: Bookings per working day, shrunken to the team's.
        quota: What the targets ask for by the end; None without a target.
        chance: Probability of reaching it; None alike.
        pace_even, pace_likely: Bookings per remaining working day that would make it 50 and 80 %, at today's rates.
            None without a quota, for who is on track (even chances or better, or an own rhythm), and where more than
            twice today's pace would be needed.
    """

    rep_id: str
    measure: str
    horizon: Horizon
    start: date
    end: date
    so_far: int
    booked: int
    days_left: int
    low: int
    median: int
    high: int
    pace: float
    quota: float | None = None
    chance: float | None = None
    pace_even: float | None = None
    pace_likely: float | None = None


@dataclass(frozen=True, slots=True)
class MeetingWeek:
    """One week of the month, as far as it lies in it.

    Attributes:
        rep_id: Whose; the team's is empty.
        start: Its Monday.
        held: Meetings held by as-of.
        ahead: Meetings on the calendar.
    """

    rep_id: str
    start: date
    held: int
    ahead: int


@dataclass(frozen=True, repr=False)
class Forecast:
    """What is to come, of the team and of each rep.

    Attributes:
        outlooks: The team's first, then each rep's by id; month before quarter.
        weeks: The weeks of the month, alike.
        on: The day it is seen from.
        kept: Share of the booked meetings that are neither called off nor moved; None where nothing is told.
        learned: Weeks of the past that rates and pace are learned from.
        top: End of the axis on which the reps' months are drawn, in steps of five; of nobody in particular.
        missing: Measure -> why it cannot be forecast (a key of ``publish.coming``).
    """

    outlooks: tuple[Outlook, ...] = ()
    weeks: tuple[MeetingWeek, ...] = ()
    on: date | None = None
    kept: float | None = None
    learned: int = 0
    top: int = 0
    missing: Mapping[str, str] = field(default_factory=dict)

    def of(self, *reps: str) -> Forecast:
        """The same of these reps only."""
        return replace(
            self,
            outlooks=tuple(o for o in self.outlooks if o.rep_id in reps),
            weeks=tuple(w for w in self.weeks if w.rep_id in reps),
            missing=dict(self.missing),
        )

    def find(self, measure: str, horizon: Horizon) -> Outlook | None:
        """The first outlook on that: after ``of``, the only one."""
        return next((o for o in self.outlooks if (o.measure, o.horizon) == (measure, horizon)), None)

    def to_frame(self) -> pd.DataFrame:
        """One tidy row per rep, measure and horizon; the team's ``rep_id`` is empty."""
        import pandas as pd

        return pd.DataFrame([asdict(o) for o in self.outlooks], columns=[f.name for f in fields(Outlook)])

    def __repr__(self) -> str:
        return f"Forecast({len(self.outlooks)} outlooks, seen from {self.on})"

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False, na_rep="", float_format="{:.3g}".format, border=0))
