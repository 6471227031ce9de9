"""The five known reasons why SDR teams fail: what the data can say of each. It accuses nobody and proves nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from sdrlib.knowledge import read
from sdrlib.questions.silences import tuples
from sdrlib.records import Counts, HealthEvidence, Host
from sdrlib.records.team import Sign
from sdrlib.stats.heterogeneity import same_rate
from sdrlib.stats.intervals import wilson
from sdrlib.typography import alphabetical

FOUR_WEEKS = 28


def assess_health(counts: Counts) -> tuple[HealthEvidence, ...]:
    """The evidence, in the order of ``reasons`` in ``knowledge/team_health.toml``.

    Args:
        counts: The whole team.

    Returns:
        At least one line per reason: where the data cannot tell, that it cannot.
    """
    found = (*_regard(counts), *_leadership(counts), *_coaching(counts), _definition(counts), _focus(counts))
    order = list(read("team_health")["reasons"])
    return tuple(sorted(found, key=lambda line: order.index(line.reason)))


def hosts(counts: Counts) -> tuple[Host, ...]:
    """Each account executive's meetings held and accepted, in alphabetical order; nobody is singled out."""
    if "meeting_to_sao" in counts.missing:
        return ()
    sums = _named_hosts(counts).groupby(["host", "host_id"])[["held", "accepted"]].sum().reset_index()
    limits = wilson(sums["accepted"], sums["held"])
    return tuple(
        Host(str(r.host), int(r.held), int(r.accepted), float(low), float(high))
        for r, low, high in zip(tuples(sums), limits.low, limits.high, strict=True)
    )


def _named_hosts(counts: Counts) -> pd.DataFrame:
    return counts.hosts[counts.hosts["host_id"] != ""]


def _regard(counts: Counts) -> Iterator[HealthEvidence]:
    """Meetings of which nobody told the outcome; counted as the data's quality counts them."""
    told = counts.quality.outcomes if counts.quality else pd.DataFrame(columns=["table", "rows", "unknown"])
    due = told[told["table"] == "meetings"]
    silent, total = int(due["unknown"].sum()), int(due["rows"].sum())
    if not total:
        yield HealthEvidence("regard", "no_meetings", "untold")
        return
    yield HealthEvidence("regard", "unlogged", _sign(silent / total >= _threshold("unlogged_share")), silent, total)


def _leadership(counts: Counts) -> Iterator[HealthEvidence]:
    managers = counts.reps["manager"]
    told = managers.dropna()[managers.dropna() != ""]
    missing, people = len(managers) - len(told), len(managers)
    if len(told):
        spans = told.value_counts().sort_index()
        sign = _sign(spans.max() > _threshold("span_most"))
        names = tuple(f"{name} {span}" for name, span in spans.items())
        yield HealthEvidence("leadership", "span", sign, int(spans.max()), len(spans), names)
    if missing:
        yield HealthEvidence("leadership", "no_manager", "look" if len(told) else "untold", missing, people)


def _coaching(counts: Counts) -> Iterator[HealthEvidence]:
    """How dense the coaching log is, and who has had nothing lately."""
    own = counts.coached[counts.coached["rep_id"].isin(counts.reps["rep_id"])]
    days = pd.to_datetime(own["on"]).dt.date.astype(object)
    end, people = counts.window.end, len(counts.reps)
    logged = own[(days >= counts.window.start) & (days <= end)]
    if counts.coached.empty:
        yield HealthEvidence("coaching", "no_log", "untold")
        return
    length = (end - counts.window.start).days + 1
    each = len(logged) / people * FOUR_WEEKS / length
    lately = set(own.loc[(days > end - timedelta(days=_threshold("coached_days"))) & (days <= end), "rep_id"])
    without = _uncoached(counts, lately, end)
    share = without.number / without.total if without.number and without.total else 0.0
    sign = _sign(share >= _threshold("uncoached_share"))
    yield HealthEvidence("coaching", "sessions", sign, len(logged), people, more={"each": each})
    yield without


def _uncoached(counts: Counts, lately: set[str], end: date) -> HealthEvidence:
    """People without a session for a while; those who have just started have had no time for one."""
    days = int(_threshold("coached_days"))
    there = counts.reps[~(counts.reps["tenure_days"] < days)]
    left = there[~there["rep_id"].isin(lately)]
    more: dict[str, float] = {"days": days}
    if left.empty:
        return HealthEvidence("coaching", "all_coached", "fine", 0, len(there), more=more)
    sign = _sign(len(left) >= _threshold("uncoached_share") * len(there))
    names = tuple(sorted(left["name"].fillna(left["rep_id"]).astype(str), key=alphabetical))
    return HealthEvidence("coaching", "uncoached", sign, len(left), len(there), names, more)


def _definition(counts: Counts) -> HealthEvidence:
    """Do account executives accept alike, with meetings of the same reps?"""
    if "meeting_to_sao" in counts.missing:
        return HealthEvidence("definition", "no_acceptance", "untold")
    named = _named_hosts(counts)
    held, accepted = (
        named.pivot_table(index="host_id", columns="rep_id", values=c, aggfunc="sum", fill_value=0).to_numpy(float)
        for c in ("held", "accepted")
    )
    if not held.sum():
        return HealthEvidence("definition", "no_hosts", "untold")
    counted: dict[str, Any] = {"number": int(held.sum()), "total": len(held)}
    if len(held) == 1:
        return HealthEvidence("definition", "one_host", "untold", **counted)
    found = same_rate(accepted, held)
    more = {"accepted": float(accepted.sum())}
    if not np.isfinite(found.p) or found.least < _threshold("least_expected"):
        return HealthEvidence("definition", "hosts_few", "untold", **counted, more=more)
    differ = found.p <= _threshold("p")
    key = "hosts_differ" if differ else "hosts_alike"
    return HealthEvidence("definition", key, _sign(differ), **counted, more={**more, "p": found.p})


def _focus(counts: Counts) -> HealthEvidence:
    named = counts.stages[counts.stages["stage"] != "unnamed"]
    total = int(named["activities"].sum())
    if not total:
        return HealthEvidence("focus", "no_stages", "untold")
    early = int(named.loc[named["stage"] == "early", "activities"].sum())
    return HealthEvidence("focus", "early", _sign(early / total >= _threshold("early_share")), early, total)


def _sign(striking: bool) -> Sign:
    return "look" if striking else "fine"


def _threshold(key: str) -> float:
    return float(read("team_health")["thresholds"][key])
