"""What a quota asks of a day's work, worked back through the team's rates, and who does how much beside what came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sdrlib.records.sales_path import frame_of

if TYPE_CHECKING:
    import pandas as pd

Stands = Literal["new", "calm", "reaches", "elsewhere", "short", "rates", "unknown"]
"""How somebody's activity stands beside what is asked: new in the job (nothing is asked yet); fewer activities and the
results that are asked for (left in peace); as many as asked; fewer calls and more of something else; fewer, and fewer
results; as many, and fewer results; no working days seen."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One line of the arithmetic.

    Attributes:
        step: ``accepted``, ``held``, ``due``, ``booked``, ``by_call``, ``conversations``, ``calls``, ``activities``.
        daily: Events per working day of one person.
        rate: The share that leads here from the line above; None in the first line.
        product: Whether the line above was multiplied by it; else it was divided.
        successes, trials: What the share was counted from; None where only the share is known.
    """

    step: str
    daily: float
    rate: float | None = None
    product: bool = False
    successes: float | None = None
    trials: float | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """One person beside what their quota asks.

    Attributes:
        rep_id, name: Who.
        days: Working days present.
        volume: Calls (or activities) a day; None without a working day.
        asked: As many as the own quota asks at the team's rates; None for who is new.
        booked, accepted: Meetings booked and opportunities accepted a day.
        booked_asked, accepted_asked: As many as asked.
        stands: See ``Stands``.
    """

    rep_id: str
    name: str
    days: float
    volume: float | None
    asked: float | None
    booked: float | None
    booked_asked: float | None
    accepted: float | None
    accepted_asked: float | None
    stands: Stands

    @property
    def gap(self) -> float | None:
        """Activities a day below what is asked; of nobody whose results are on track."""
        if self.stands != "short" or self.volume is None or self.asked is None:
            return None
        return self.volume - self.asked


@dataclass(frozen=True, repr=False)
class Expectation:
    """The expectation of a typical person and everybody beside it.

    Attributes:
        measure: What the quota counts; empty where none can be told.
        given: Whether targets set it; else it is proposed, as productivity × 1.2.
        rungs: From the quota down to the day's calls or activities.
        low, high: 95 % limits of the last line, as sure as the rates are known.
        target: What the targets ask of the same volume a day, where they do.
        people: In alphabetical order.
        missing: Why there is none: ``no_quota``, ``no_rate``; empty otherwise.
    """

    measure: str = ""
    given: bool = True
    rungs: tuple[Rung, ...] = ()
    low: float | None = None
    high: float | None = None
    target: float | None = None
    people: tuple[Activity, ...] = ()
    missing: str = ""

    def to_frame(self) -> pd.DataFrame:
        """One tidy row per person, with the gap."""
        import pandas as pd

        return frame_of(self.people, Activity).assign(gap=pd.Series([p.gap for p in self.people], dtype="float64"))

    def __repr__(self) -> str:
        return f"Expectation({len(self.rungs)} lines, {len(self.people)} people)"

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False, na_rep="", float_format="{:.3g}".format, border=0))
