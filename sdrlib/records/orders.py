"""What is to come of deals: orders and their amounts by the end of the month and of the quarter, of the whole team."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from sdrlib.records.forecast import Horizon, Outlook
from sdrlib.records.sales_path import frame_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Orders:
    """Orders and revenue of the team; nothing of anybody.

    Attributes:
        outlooks: Of the team: measure ``orders`` or ``revenue`` (whole units of ``currency``), month before quarter.
            ``booked`` is the number of open deals, ``pace`` how many begin a day, ``quota`` what a target of the whole
            company or team asks for.
        on: The day it is seen from.
        won, lost, still: Deals that the chances are learned from, by what became of them.
        steps: Steps that are told apart; one where no change of stage is recorded.
        weekly: Deals that begin in a week, of the last ``learned`` weeks.
        learned: Weeks that tell the pace.
        sized: Won deals with a known amount, which stand for those whose amount is not known yet.
        unsized: Open deals without an amount.
        currency: Of the amounts; empty where none is written.
        missing: ``orders`` or ``revenue`` -> why there is no forecast of it, a key of ``reasons`` in ``path.toml``.
    """

    outlooks: tuple[Outlook, ...] = ()
    on: date | None = None
    won: int = 0
    lost: int = 0
    still: int = 0
    steps: tuple[str, ...] = ()
    weekly: float = 0.0
    learned: int = 0
    sized: int = 0
    unsized: int = 0
    currency: str = ""
    missing: Mapping[str, str] = field(default_factory=dict)

    def find(self, measure: str, horizon: Horizon) -> Outlook | None:
        """The outlook on that."""
        return next((o for o in self.outlooks if (o.measure, o.horizon) == (measure, horizon)), None)

    def to_frame(self) -> pd.DataFrame:
        """One tidy row per measure and horizon."""
        return frame_of(self.outlooks, Outlook)

    def __repr__(self) -> str:
        return f"Orders({len(self.outlooks)} outlooks, seen from {self.on})"

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False, na_rep="", float_format="{:.3g}".format, border=0))
