"""Who converts differently from comparable colleagues? Counts in, evidence out; the method is in ``stats``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
import pandas as pd

from sdrlib.knowledge import read
from sdrlib.records import Counts, Evidence, Facts, Finding, Verdict
from sdrlib.stats.comparison import ClusterMoments, Comparison, compare_groups, decide
from sdrlib.stats.plan import events_needed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sdrlib.settings import Settings

SAME = ["list", "channel", "tenure"]
POOLED = ["channel", "tenure"]
SHOWN = ("expected_rate", "ratio", "low", "high", "effective_events", "posterior_ratio", "inflation")

Floats: TypeAlias = "NDArray[np.float64]"


def compare(
    counts: Counts,
    settings: Settings,
    *,
    versions: Mapping[str, str] | None = None,
    looks: Mapping[tuple[str, str], int] | None = None,
) -> Evidence:
    """Compare every rep with colleagues on the same lists, on every measure at once.

    All reps and measures form one family: a verdict must hold its own among everything the report says.

    Args:
        counts: The whole team.
        settings: Thresholds of the two keys; the gap to plan for.
        versions: Library versions, to be printed with the results.
        looks: (rep, measure) -> how often it was looked at, this time included; once where it is not said.

    Returns:
        One finding per rep and measure in the order of the catalogue, measures that the data cannot give left out.
    """
    reps = list(counts.reps["rep_id"])
    measures = {k: m for k, m in read("measures").items() if k not in counts.missing}
    kinds = {k: m["kind"] for k, m in measures.items()}
    cells = counts.cells.astype(dict.fromkeys(["rep_id", "measure", *SAME], "category"))  # texts are compared once
    quick = replace(counts, cells=cells)
    fair = {k: compare_measure(quick, reps, k, kind, SAME) for k, kind in kinds.items()}
    pooled = {k: compare_measure(quick, reps, k, kind, POOLED) for k, kind in kinds.items()}
    verdicts, raw = (_verdicts(family, kinds, settings) for family in (fair, pooled))
    weeks = cells[cells["trials"] > 0].groupby(["rep_id", "measure"])["week"].nunique().to_dict()
    looked = looks or {}
    findings = tuple(
        _finding(
            (rep, k, kinds[k], looked.get((rep, k), 1)),
            i,
            fair[k],
            pooled[k],
            (verdicts[k], raw[k]),
            (settings, weeks.get((rep, k), 0)),
        )
        for i, rep in enumerate(reps)
        for k in measures
    )
    rates = {k: float(c.successes.sum() / c.trials.sum()) for k, c in fair.items() if c.trials.sum() > 0}
    facts = _facts(counts, settings, versions or {}, findings)
    return Evidence(findings, rates, facts, counts)


def compare_measure(
    counts: Counts, reps: list[str], measure: str, kind: str, strata: list[str], *, finer: bool = False
) -> Comparison:
    """Compare every rep on one measure, the columns of ``strata`` held alike.

    Args:
        counts: The whole team.
        reps: In the order of the result.
        measure, kind: What to compare.
        strata: Columns of the cells, or with ``finer`` of ``Counts.strata``.
        finer: Strata without weeks: how results vary is then seen whatever the list, which makes it rather more.
    """
    cells = counts.cells[counts.cells["measure"] == measure]
    weekly_trials, weekly_successes = _cubes(cells, reps, POOLED if finer else strata)
    trials, successes = weekly_trials, weekly_successes
    if finer:
        apart = counts.strata[counts.strata["measure"] == measure]
        trials, successes = _cubes(apart.assign(week=0), reps, strata)
        weekly_trials, weekly_successes = weekly_trials.sum(axis=2), weekly_successes.sum(axis=2)
    own = counts.clusters[counts.clusters["measure"] == measure]
    cut = own["by_week"].astype(bool)
    return compare_groups(
        trials.sum(axis=1),
        successes.sum(axis=1),
        kind=cast(Any, kind),
        weekly_trials=weekly_trials,
        weekly_successes=weekly_successes,
        clusters=_moments(own[~cut], reps),
        weekly_clusters=_moments(own[cut], reps),
    )


def _cubes(cells: pd.DataFrame, reps: list[str], columns: list[str]) -> tuple[Floats, Floats]:
    """Trials and successes as rep x week x stratum, reps in the given order, zeros where a rep has no such cell."""
    row = pd.Index(reps).get_indexer(pd.Index(cells["rep_id"]))
    week, stratum = (cells.groupby(by, dropna=False).ngroup().to_numpy() for by in (["week"], columns))
    trials = np.zeros((len(reps), int(week.max(initial=-1)) + 1, int(stratum.max(initial=-1)) + 1))
    successes = np.zeros_like(trials)
    np.add.at(trials, (row, week, stratum), cells["trials"])
    np.add.at(successes, (row, week, stratum), cells["successes"])
    return trials, successes


def _moments(clusters: pd.DataFrame, reps: list[str]) -> ClusterMoments | None:
    """Prospect moments of one measure; None when the export has no prospects, or the measure counts days."""
    if clusters.empty:
        return None
    moments = clusters.set_index("rep_id").drop(columns=["measure", "by_week"])
    return ClusterMoments(**{c: moments[c].reindex(reps, fill_value=0).to_numpy(float) for c in moments.columns})


def _verdicts(family: Mapping[str, Comparison], kinds: Mapping[str, str], settings: Settings) -> dict[str, Any]:
    decided = decide(
        list(family.values()),
        fdr=settings.fdr,
        cap=settings.local_cap,
        watch_fdr=settings.watch_fdr,
        watch_cap=settings.watch_cap,
        min_e=settings.min_e_value,
        min_information=settings.min_events,
    )
    found = zip(family.items(), decided, strict=True)
    return {k: _after_first_days(codes, c, kinds[k], settings.min_days) for (k, c), codes in found}


def _after_first_days(verdicts: Any, compared: Comparison, kind: str, least: int) -> Any:
    """A verdict on a daily rate needs more than a few days, however busy they were: first days are like no others."""
    early = (kind == "count") & (compared.trials < least) & compared.separable
    return np.where(early, "too_little_data", verdicts)


def _finding(
    about: tuple[str, str, str, int],
    i: int,
    fair: Comparison,
    pooled: Comparison,
    verdicts: tuple[Any, Any],
    plan: tuple[Settings, int],
) -> Finding:
    """One rep's line of a comparison; NaN becomes None, which is what unknown looks like in JSON.

    Args:
        about: Rep, measure, kind and looks.
        i: The rep's place in the arrays.
        fair, pooled: Compared on the same lists; compared without regard to lists.
        verdicts: Of the two.
        plan: What more data should settle, and the weeks in which the present trials were made.
    """
    rep, measure, kind, looks = about
    verdict, raw = (cast(Verdict, str(v[i])) for v in verdicts)
    low_side = verdict == "below" or (verdict != "above" and fair.ratio[i] < 1)
    alike = bool(fair.separable[i])
    trials = float((fair.compared_trials if alike else fair.trials)[i])
    successes = float((fair.compared_successes if alike else fair.successes)[i])
    settings, weeks = plan
    more = _needed(fair, i, settings.plan_gap)
    if kind == "count" and more is not None:
        more = max(more, settings.min_days - trials)
    return Finding(
        rep_id=rep,
        measure=measure,
        kind=kind,
        trials=trials,
        successes=successes,
        rate=successes / trials if trials else None,
        **{field: _known(getattr(fair, field)[i]) for field in SHOWN},
        local_error=_known((fair.local_below if low_side else fair.local_above)[i]),
        e_value=_known((fair.e_below if low_side else fair.e_above)[i]),
        verdict=verdict,
        needed_trials=more,
        needed_weeks=more * weeks / trials if more is not None and trials else None,
        strata=int(fair.strata[i]),
        looks=looks,
        pooled_ratio=_known(pooled.ratio[i]),
        pooled_low=_known(pooled.low[i]),
        pooled_high=_known(pooled.high[i]),
        pooled_verdict=raw,
        trials_alone=float(fair.trials[i]) - trials,
    )


def _needed(fair: Comparison, i: int, gap: float) -> float | None:
    """Further trials until a shortfall of ``gap`` would be found 8 times in 10; None when nothing is expected yet."""
    per_event = fair.compared_trials[i] / fair.effective_events[i] if fair.effective_events[i] > 0 else np.nan
    return _known(max(0.0, events_needed(gap) * per_event - fair.compared_trials[i]))


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _facts(counts: Counts, settings: Settings, versions: Mapping[str, str], findings: tuple[Finding, ...]) -> Facts:
    return Facts(
        window=counts.window,
        settings=settings.shown(),
        fingerprint=counts.fingerprint,
        files=counts.files,
        versions=versions,
        problems=counts.problems,
        notes=counts.notes,
        missing=counts.missing,
        reps=len(counts.reps),
        tests=len(findings),
        looks=max((f.looks for f in findings), default=1),
    )


def only(evidence: Evidence, reps: tuple[str, ...]) -> Evidence:
    """The same evidence, cut to some reps: the comparison stays that of the whole team."""
    return replace(evidence, findings=tuple(f for f in evidence.findings if f.rep_id in reps)) if reps else evidence
