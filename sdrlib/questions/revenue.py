"""What does revenue consist of? Split, never tested between people: opportunities x share won x deal size."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sdrlib.knowledge import read
from sdrlib.records import Against, Counts, Deals, Evidence, Revenue, RevenueGap, Ripening
from sdrlib.stats.factors import Side, Split, mean_amount, share_through, split_gap

WON = ["won", "undated"]
LEADS = "sql_to_customer"
STORED = {"opportunity_to_won": "sao_to_won"}
"""One setting, whatever an opportunity begins with."""
LATEST = 0.90
"""The horizon is the age by which this share of those that came through had come through."""
TEAM = ""
SEED = 0


def revenue(evidence: Evidence) -> Revenue:
    """Split what the opportunities of the period are expected to bring, for the team and for each rep.

    The team now is set beside the same number of days before it; a rep beside all colleagues together, per working day.
    The share won is a survival estimate at a fixed horizon: the setting ``sao_to_won_days`` (``sql_to_customer_days``),
    or the 90th percentile of the lags seen so far; store it, so that it does not move from run to run.

    Args:
        evidence: All of a team or a cut of it; colleagues are always the whole team's.

    Returns:
        See ``Revenue``; without opportunities, or with amounts in several currencies, only the reason.
    """
    waits = evidence.counts.waits
    if waits.empty:
        return Revenue((), (), (), "", "no_opportunities")
    currencies = sorted(waits["currency"].dropna().unique())
    if len(currencies) > 1:
        return Revenue((), (), (), "", "mixed_currencies")
    horizons = {m: h for m in sorted(waits["measure"].unique()) if (h := _horizon(evidence, m)) is not None}
    won = next((h for m, h in horizons.items() if m != LEADS), None)
    reps = list(dict.fromkeys(f.rep_id for f in evidence.findings))
    return Revenue(
        deals=_all_deals(waits, reps, won),
        gaps=_gaps(evidence.counts, reps, won),
        ripening=tuple(_ripening(waits[waits["measure"] == m], m, h) for m, h in horizons.items()),
        currency="".join(currencies),
    )


def _horizon(evidence: Evidence, measure: str) -> float | None:
    """The stored horizon, else the percentile of the lags of what came through; None when nothing has."""
    stored = evidence.facts.settings.get(f"{STORED.get(measure, measure)}_days")
    if stored is not None:
        return float(stored)
    waits = evidence.counts.waits
    won = waits[(waits["measure"] == measure) & (waits["status"] == "won")]
    if won.empty:
        return None
    lags = np.repeat(won["days"].to_numpy(float), won["number"].to_numpy(int))
    return float(np.quantile(lags, LATEST, method="inverted_cdf"))


def _all_deals(waits: pd.DataFrame, reps: list[str], horizon: float | None) -> tuple[Deals, ...]:
    rows = waits[waits["measure"] != LEADS]
    cuts = [(TEAM, period, rows[rows["period"] == period]) for period in ("this", "before")]
    own = rows[rows["period"] == "this"]
    cuts += [(rep, "this", own[own["rep_id"] == rep]) for rep in reps]
    return tuple(_deals(rep, period, cut, horizon) for rep, period, cut in cuts)


def _deals(rep: str, period: str, rows: pd.DataFrame, horizon: float | None) -> Deals:
    number = rows.groupby("status")["number"].sum()
    side = _side(rows, 1.0)
    share, found = share_through(side.time, side.event, horizon or 0.0)
    rate = share.value if horizon is not None else float("nan")
    amount = mean_amount(side.amounts, seed=SEED)
    return Deals(
        rep_id=rep,
        period=period,
        opportunities=int(side.began),
        **{status: int(number.get(status, 0)) for status in ("won", "lost", "open", "undated")},
        rate=_known(rate),
        rate_low=_known(share.low if horizon is not None else float("nan")),
        rate_high=_known(share.high if horizon is not None else float("nan")),
        at_risk=found.at_risk if horizon is not None else 0,
        amount=_known(amount.value),
        amount_low=_known(amount.low),
        amount_high=_known(amount.high),
        amounts=len(side.amounts),
        value=_known(side.began * rate * amount.value),
    )


def _side(rows: pd.DataFrame, exposure: float) -> Side:
    """What ``split_gap`` takes. A won one of unknown date counts as begun and by its amount, not in the share."""
    dated = rows[rows["status"] != "undated"]
    times = dated["number"].to_numpy(int)
    paid = rows[rows["status"].isin(WON) & rows["amount"].notna()]
    return Side(
        exposure=exposure,
        began=float(rows["number"].sum()),
        time=np.repeat(dated["days"].to_numpy(float), times),
        event=np.repeat((dated["status"] == "won").to_numpy(bool), times),
        amounts=np.repeat(paid["amount"].to_numpy(float), paid["number"].to_numpy(int)),
    )


def _gaps(counts: Counts, reps: list[str], horizon: float | None) -> tuple[RevenueGap, ...]:
    rows = counts.waits[counts.waits["measure"] != LEADS]
    if horizon is None or rows.empty:
        return ()
    now, before = (rows[rows["period"] == period] for period in ("this", "before"))
    if (rows["period"] == "earlier").any():
        found = [_gap(TEAM, "before", split_gap(_side(now, 1.0), _side(before, 1.0), horizon, seed=SEED))]
    else:
        found = [_gap(TEAM, "before", None)]
    days = _days(counts)
    for rep in reps:
        mine, rest = float(days.get(rep, 0.0)), float(days.drop(rep, errors="ignore").sum())
        if mine > 0 and rest > 0:
            own = now["rep_id"] == rep
            others = _side(now[~own & now["rep_id"].isin(days.index)], rest)
            found.append(_gap(rep, "colleagues", split_gap(_side(now[own], mine), others, horizon, seed=SEED)))
    return tuple(found)


def _days(counts: Counts) -> pd.Series[float]:
    """Working days present by rep, from the daily rates; the longest where one is cut for maturity."""
    counted = [m for m, d in read("measures").items() if d["kind"] == "count"]
    daily = counts.cells[counts.cells["measure"].isin(counted)]
    days: pd.Series[float] = daily.groupby(["rep_id", "measure"])["trials"].sum().groupby("rep_id").max()
    return days


def _gap(rep: str, against: Against, found: Split | None) -> RevenueGap:
    if found is None:
        return RevenueGap(rep, against, reason="no_history")
    values: dict[str, float | None] = {"value": _known(found.a), "other": _known(found.b)}
    for name, factor in (("opportunities", found.began), ("rate", found.share), ("amount", found.amount)):
        values |= {
            name: _known(factor.ratio),
            f"{name}_low": _known(factor.low),
            f"{name}_high": _known(factor.high),
            f"{name}_part": _known(factor.part),
        }
    return RevenueGap(rep_id=rep, against=against, reason=found.reason, **values)


def _ripening(rows: pd.DataFrame, measure: str, horizon: float) -> Ripening:
    side = _side(rows, 1.0)
    share, found = share_through(side.time, side.event, horizon)
    return Ripening(
        measure=measure,
        horizon=horizon,
        began=len(side.time),
        through=int(np.sum(side.time[np.asarray(side.event, dtype=np.bool_)] <= horizon)),
        rate=_known(share.value),
        low=_known(share.low),
        high=_known(share.high),
        naive=found.naive,
        at_risk=found.at_risk,
    )


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
