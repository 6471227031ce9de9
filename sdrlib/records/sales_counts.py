"""What the sales path, the dashboard and attainment are counted from: the waist of everything after the meeting."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

PASSAGES = (
    "dimension", "level", "period", "step", "status", "days", "age", "number", "value", "valued",
)  # fmt: skip
ODDITIES = ("kind", "number")
STANDING = ("step", "number", "value")
FIGURES = ("figure", "day", "number", "value")
ORDERS = ("month", "amount", "again", "number")
CAMPAIGNS = ("month", "campaign", "reach", "responses", "cost", "leads")
CREDITS = ("rep_id", "meetings", "opportunities", "pipeline", "won", "valued", "amount", "shared")
PURSUED = ("step", "since", "until", "decided", "age", "end", "here", "amount", "number")
DEAL_DAYS = ("kind", "day", "amount", "number")
SELLING = ("kind", "seller", "name", "role", "started_on", "month", "number", "amount")


def _none(columns: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(columns=list(columns))


@dataclass(frozen=True)
class SalesCounts:
    """Small tidy frames, the same whatever database they came from. Money is in ``currency``.

    Attributes:
        passages: dimension (empty: everybody; channel, persona, segment, campaign, month), level, period (this,
            before, earlier, later; of the entering), step (of ``path.toml``, its marks, and ``deal``: from the
            beginning to the decision), status (moved, lost, open, skipped, undated), days (until it left, else its
            age), age (of lost ones: since they entered), number, value (sum of known amounts), valued (how many have
            one). Levels other than everybody's are of this period, and without the days of lost ones.
        oddities: kind (returned, reopened, lost_again, duplicate, undated, unknown_stage), number of deals.
        standing: step, number, value of the deals that are open now, by the stage they are in; ``unknown`` among them.
        figures: figure (contacts, leads, referrals, accepted, orders, again; ``moved:`` and ``lost:`` with a step),
            day, number, value; of the dashboard's month and of the one before it.
        orders: month (this, before; those of the dashboard), amount (missing where unknown), again (the customer had
            bought before), number.
        campaigns: month (this, before), campaign, reach, responses, cost, leads (prospects created in it).
        credits: rep_id, meetings (booked in the period), opportunities (begun in it), pipeline, won (in it), valued (of
            them with an amount), amount, shared (deals of which another SDR has the other half). A deal is one credit,
            whoever shares it.
        selling: kind (accepted: opportunities by sourcing SDR; won: by account executive), seller, name, role,
            started_on, month (its first day), number, amount.
        pursued: step, since and until (days from the deal's beginning to entering and leaving it), decided (to its
            decision; its age if open), age (to as-of), end (of the deal: won, lost, open), here (it is open, and in
            this step), amount (of open deals), number: every stay of a deal in a step that this data records.
        deal_days: kind (began, won), day, amount (of won ones, missing where unknown), number.
        recorded: Steps whose entering this data records, in the order of the path.
        currency: Of every amount; empty where none is written or there are several.
        currencies: All that are written.
        month: First and last day of the dashboard's month: that of as-of, or in its first five working days the one
            before. The month before it begins a calendar month earlier.
        first_day: The first day of the data.
        absent: Tables that the data does not have.
    """

    passages: pd.DataFrame = field(default_factory=lambda: _none(PASSAGES))
    oddities: pd.DataFrame = field(default_factory=lambda: _none(ODDITIES))
    standing: pd.DataFrame = field(default_factory=lambda: _none(STANDING))
    figures: pd.DataFrame = field(default_factory=lambda: _none(FIGURES))
    orders: pd.DataFrame = field(default_factory=lambda: _none(ORDERS))
    campaigns: pd.DataFrame = field(default_factory=lambda: _none(CAMPAIGNS))
    credits: pd.DataFrame = field(default_factory=lambda: _none(CREDITS))
    selling: pd.DataFrame = field(default_factory=lambda: _none(SELLING))
    pursued: pd.DataFrame = field(default_factory=lambda: _none(PURSUED))
    deal_days: pd.DataFrame = field(default_factory=lambda: _none(DEAL_DAYS))
    recorded: tuple[str, ...] = ()
    currency: str = ""
    currencies: tuple[str, ...] = ()
    month: tuple[date, date] | None = None
    first_day: date | None = None
    absent: tuple[str, ...] = ()
