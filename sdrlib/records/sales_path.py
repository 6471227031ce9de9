"""The sales path: what becomes of leads, deals and customers, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pandas as pd

Unit = Literal["lead", "deal", "customer"]


def frame_of(rows: Sequence[Any], kind: type) -> pd.DataFrame:
    """One tidy row per record."""
    import pandas as pd

    return pd.DataFrame([asdict(row) for row in rows], columns=[f.name for f in fields(kind)])


@dataclass(frozen=True, slots=True)
class Passage:
    """One step of the path, of those who entered it in the period, or one mark measured beside it.

    Attributes:
        step: A key of ``steps`` or ``marks`` in ``knowledge/path.toml``, or ``deal`` (opportunity → won).
        unit: What is counted.
        entered: How many; those that passed without entering are not among them.
        moved, lost, still: What became of them so far; ``moved`` counts wins of unknown date.
        skipped: How many went past it.
        rate, low, high: Share that moves on within ``horizon`` days (survival estimate, 95 %): who is still there
            counts for as long as they have been watched, and who was lost for good. None while nobody is as old.
        horizon: Days; None while nobody has moved on.
        at_risk: How many were watched up to it.
        value, lost_value, still_value: Known amounts of who entered, was lost, is still there; None for leads, and with
            several currencies.
        valued: How many of those who entered have an amount.
        days, days_low, days_high: Median days in the step until it was left, lost ones included (95 %); None when fewer
            than half are known to have left.
        target: Share that a target asks for; None without one.
    """

    step: str
    unit: Unit
    entered: int
    moved: int
    lost: int
    still: int
    skipped: int
    rate: float | None = None
    low: float | None = None
    high: float | None = None
    horizon: float | None = None
    at_risk: int = 0
    value: float | None = None
    lost_value: float | None = None
    still_value: float | None = None
    valued: int = 0
    days: float | None = None
    days_low: float | None = None
    days_high: float | None = None
    target: float | None = None

    @property
    def leak(self) -> float | None:
        """Share of those who entered that was lost so far."""
        return self.lost / self.entered if self.entered else None


@dataclass(frozen=True, slots=True)
class PathCut:
    """One step for one level of a dimension (channel, persona, segment, campaign, month); fields as in ``Passage``."""

    dimension: str
    level: str
    step: str
    entered: int
    moved: int
    lost: int
    still: int
    rate: float | None
    low: float | None
    high: float | None
    lost_value: float | None


@dataclass(frozen=True, slots=True)
class Extreme:
    """The leakiest or slowest step among those of one unit.

    Attributes:
        kind, unit: Which question, among which steps.
        step: The one that stands out; empty when the difference to any other is not established.
        candidate: The one with the largest value, established or not; empty with fewer than two steps to compare.
        p: p that it is not the largest, adjusted for all that could have been picked.
        compared: How many steps were compared.
    """

    kind: Literal["leakiest", "slowest"]
    unit: Unit
    step: str
    candidate: str
    p: float | None
    compared: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Open deals by the stage that their CRM shows now; ``unknown`` is a stage that no step is known for."""

    step: str
    number: int
    value: float


@dataclass(frozen=True, repr=False)
class SalesPath:
    """The path from a lead to a growing customer, as far as the data records it.

    Attributes:
        steps: Recorded steps in their order; those the data does not record are in ``unrecorded``.
        marks: Opportunity → won, MQL → SQL, SQL → customer, lead → customer, where the data has them; of all
            that ever entered, since most take longer than a period.
        cuts: Steps by channel, persona, segment, campaign and month, where there is more than one level.
        extremes: Leakiest and slowest step per unit.
        reach, responses, campaign_leads: Of the campaigns of both months of the dashboard; None without campaigns.
        oddities: Deals that went back, came again, were written down twice…: kind -> number.
        standing: Open deals today.
        unrecorded: Steps that this data does not tell apart from their neighbours.
        absent: Tables it does not have.
        currency: Of all amounts; empty when none is written or there are several.
        currencies: All that are written.
    """

    steps: tuple[Passage, ...] = ()
    marks: tuple[Passage, ...] = ()
    cuts: tuple[PathCut, ...] = ()
    extremes: tuple[Extreme, ...] = ()
    reach: float | None = None
    responses: float | None = None
    campaign_leads: int | None = None
    oddities: tuple[tuple[str, int], ...] = ()
    standing: tuple[Standing, ...] = ()
    unrecorded: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    currency: str = ""
    currencies: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """One tidy row per step, then per mark."""
        return frame_of([*self.steps, *self.marks], Passage)

    def cuts_frame(self) -> pd.DataFrame:
        """One tidy row per dimension, level and step."""
        return frame_of(self.cuts, PathCut)

    def __repr__(self) -> str:
        return f"SalesPath({len(self.steps)} steps, {len(self.cuts)} cuts)"

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False, na_rep="", float_format="{:.3g}".format, border=0))
