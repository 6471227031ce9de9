"""Revenue, split: how many opportunities, what share is won, what a won one brings."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Literal

from sdrlib.records.frames import as_html

if TYPE_CHECKING:
    import pandas as pd

    from sdrlib.words import Words

Against = Literal["colleagues", "before"]

TEAM = ""
"""Stands where a rep's id would, for the team."""


@dataclass(frozen=True, slots=True)
class Deals:
    """The opportunities that began in a period, of one rep or (``rep_id`` empty) of the team.

    Attributes:
        rep_id, period: Whose, and ``this`` or ``before``.
        opportunities: How many began.
        won, lost, open: What became of them by as-of; ``undated`` ones are won on a day nobody wrote down.
        rate, rate_low, rate_high: Share won by the horizon (survival estimate, 95 %); None without opportunities.
        at_risk: How many were watched up to the horizon; 0 means that ``rate`` is what younger ones show.
        amount, amount_low, amount_high: Mean amount of a won one (95 %, bootstrap); None without amounts, no
            limits with one.
        amounts: How many amounts that is.
        value: opportunities x rate x amount: what they are expected to bring by the horizon, not what was banked.
    """

    rep_id: str
    period: str
    opportunities: int
    won: int
    lost: int
    open: int
    undated: int
    rate: float | None
    rate_low: float | None
    rate_high: float | None
    at_risk: int
    amount: float | None
    amount_low: float | None
    amount_high: float | None
    amounts: int
    value: float | None


@dataclass(frozen=True, slots=True)
class RevenueGap:
    """The gap in value between two, split into three factors whose parts add up to it. Nothing here is tested.

    Attributes:
        rep_id: Whose; empty for the team.
        against: ``colleagues`` (per working day) or ``before`` (the same number of days before).
        value, other: Value of either side, per working day or per period.
        opportunities, opportunities_low, opportunities_high: Ratio of the numbers (95 %).
        rate, rate_low, rate_high: Ratio of the shares won.
        amount, amount_low, amount_high: Ratio of the mean amounts.
        opportunities_part, rate_part, amount_part: Parts of ``value - other``.
        reason: ``no_history``, ``none_began``, ``too_young`` (for the horizon), ``none_through`` (nothing won) or
            ``no_amounts``, of either side; empty when split.
    """

    rep_id: str
    against: Against
    value: float | None = None
    other: float | None = None
    opportunities: float | None = None
    opportunities_low: float | None = None
    opportunities_high: float | None = None
    rate: float | None = None
    rate_low: float | None = None
    rate_high: float | None = None
    amount: float | None = None
    amount_low: float | None = None
    amount_high: float | None = None
    opportunities_part: float | None = None
    rate_part: float | None = None
    amount_part: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ripening:
    """An outcome that takes its time, of the whole team and all its history: what share comes by the horizon.

    Attributes:
        measure: ``sao_to_won`` (``opportunity_to_won`` where nobody records acceptance) or ``sql_to_customer``.
        horizon: Days at which it is read: the setting, or the 90th percentile of the lags seen so far.
        began, through: How many began, whatever their age, and came through within the horizon.
        rate, low, high: Share by the horizon (survival estimate, 95 %); None while nobody is as old.
        naive: ``through / began``: too low while many are young.
        at_risk: How many were watched up to the horizon.
    """

    measure: str
    horizon: float
    began: int
    through: int
    rate: float | None
    low: float | None
    high: float | None
    naive: float
    at_risk: int


@dataclass(frozen=True, repr=False)
class Revenue:
    """Revenue of a team and its people as far as it can be told.

    Attributes:
        deals: The team now and before, then each rep now, by id.
        gaps: The team against before, then each rep against colleagues.
        ripening: The survival measures.
        currency: Of every amount; empty when none is written.
        reason: Why there is nothing: ``no_opportunities``, ``mixed_currencies``; else empty.
    """

    deals: tuple[Deals, ...]
    gaps: tuple[RevenueGap, ...]
    ripening: tuple[Ripening, ...]
    currency: str
    reason: str = ""

    def to_frame(self) -> pd.DataFrame:
        """One tidy row per rep and period; the team's ``rep_id`` is empty."""
        import pandas as pd

        return pd.DataFrame([asdict(d) for d in self.deals], columns=[f.name for f in fields(Deals)])

    def gaps_frame(self) -> pd.DataFrame:
        """One tidy row per split gap."""
        import pandas as pd

        return pd.DataFrame([asdict(g) for g in self.gaps], columns=[f.name for f in fields(RevenueGap)])

    def sentences(self, words: Words) -> list[str]:
        """The team's deals, its gap to the period before, and why people are not compared. Nobody is named."""
        if self.reason == "mixed_currencies":
            return [words.say("Amounts come in several currencies and cannot be added up.")]
        team = next((d for d in self.deals if d.rep_id == TEAM and d.period == "this"), None)
        if team is None or not team.opportunities:
            return [words.say("The data has no opportunities of this period.")]
        told = [_deals(team, words), *(_ripening(r, words) for r in self.ripening)]
        told += [_amount(team, self.currency, words)] if team.amount is not None else []
        told += [_gap(g, words) for g in self.gaps if g.against == "before"]
        return [*told, _untested(words)]

    def __repr__(self) -> str:
        return f"Revenue({len(self.deals)} lines, {len(self.gaps)} gaps)"

    def _repr_html_(self) -> str:
        return as_html(self.to_frame())


def _deals(team: Deals, words: Words) -> str:
    return words.say(
        "Opportunities that began in the period: {opportunities}; {won} won, {lost} lost, {open} still open.",
        opportunities=words.count(team.opportunities),
        won=words.count(team.won + team.undated),
        lost=words.count(team.lost),
        open=words.count(team.open),
    )


def _ripening(found: Ripening, words: Words) -> str:
    values = {
        "name": _name(found.measure, words),
        "days": words.count(found.horizon),
        "through": words.count(found.through),
        "began": words.count(found.began),
        "naive": words.percent(found.naive),
    }
    if found.rate is None:
        return words.say("{name}: none has been watched for {days} days yet, so the share is unknown.", **values)
    return words.say(
        "{name}: {rate} within {days} days ({interval}), open ones counted for as long as they have been watched. In "
        "all the data {through} of {began} got there so far within that time ({naive}): the young ones count as if "
        "lost.",
        rate=words.percent(found.rate),
        interval=words.interval(found.low, found.high, words.percent),
        **values,
    )


def _name(measure: str, words: Words) -> str:
    return {
        "sao_to_won": words.say("Accepted opportunity → won"),
        "opportunity_to_won": words.say("Opportunity → won"),
        "sql_to_customer": words.say("SQL → customer"),
    }[measure]


def _reason(key: str, words: Words) -> str:
    return {
        "no_history": words.say("the data does not reach far enough back"),
        "none_began": words.say("one of the two has no opportunities"),
        "too_young": words.say("the opportunities of one of the two are too young"),
        "none_through": words.say("one of the two has nothing won by then"),
        "no_amounts": words.say("one of the two has no won deal with an amount"),
    }[key]


def _amount(team: Deals, currency: str, words: Words) -> str:
    return words.many(
        "The one won deal with an amount brings {amount} {currency}.",
        "A won deal brings {amount} {currency} on average ({interval}; {amounts} deals).",
        team.amounts,
        amount=words.count(team.amount),
        currency=currency,
        interval=words.interval(team.amount_low, team.amount_high, words.count),
        amounts=words.count(team.amounts),
    ).replace("  ", " ")


def _gap(gap: RevenueGap, words: Words) -> str:
    if gap.reason:
        return words.say("The period before cannot be set beside it: {reason}.", reason=_reason(gap.reason, words))
    return words.say(
        "Against the same number of days before: opportunities {opportunities} ({opportunities_range}), share won "
        "{rate} ({rate_range}), deal size {amount} ({amount_range}). Differences, not causes.",
        opportunities=words.gap(gap.opportunities),
        opportunities_range=words.interval(gap.opportunities_low, gap.opportunities_high, words.gap),
        rate=words.gap(gap.rate),
        rate_range=words.interval(gap.rate_low, gap.rate_high, words.gap),
        amount=words.gap(gap.amount),
        amount_range=words.interval(gap.amount_low, gap.amount_high, words.gap),
    )


def _untested(words: Words) -> str:
    return words.say(
        "Revenue is not tested between people: a few deals of very unequal size say next to nothing about one person. "
        "It is split into opportunities × share won × deal size, each with its own interval."
    )
