"""Is a gap the list's, the mix's or a skill's? The same gap, with one thing after another held alike.

Nothing is decided anew: whether there is a gap, and whether it stays on the same lists, are verdicts of ``compare``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sdrlib.knowledge import read
from sdrlib.questions.conversion import POOLED, compare_measure
from sdrlib.records import Alike, Counts, Evidence, Finding, Held, ListOrSkill, Meaning, Reading
from sdrlib.stats.comparison import Comparison

FINER: Mapping[Alike, str] = {"list": "list", "segment": "prospect_segment", "hour": "hour"}
CONTACTS = "bad_contact_rate"
DIALLED = frozenset({"outbound_call", "touch"})
"""Trials that a wrong number is among; conversations and delivered e-mails have none."""
COMPARED = 0.5
"""Least share of the trials that must have their like among colleagues."""
GONE = 0.5
"""A gap is gone when at most this share of it is left."""


def list_or_skill(evidence: Evidence) -> ListOrSkill:
    """Read every gap below colleagues with lists, segments and hours held alike, one at a time and together.

    Channel and tenure are alike throughout. Of a rate without an established gap only the two comparisons of the
    evidence are given; finer ones are made where there is something to explain.

    Args:
        evidence: All of a team or a cut of it; colleagues are always the whole team's.

    Returns:
        One reading per rep and rate, in the order of the evidence.
    """
    rates = [f for f in evidence.findings if f.kind == "rate" and read("measures")[f.measure]["coached"]]
    rates += [f for f in evidence.findings if f.measure == CONTACTS]
    least = float(evidence.facts.settings.get("min_events", 4.0))
    wanted = dict.fromkeys(f.measure for f in rates if _gap(f))
    finer = {m: _compared(evidence.counts, m) for m in wanted}
    order = {rep: i for i, rep in enumerate(evidence.counts.reps["rep_id"])}
    contacts = {f.rep_id: f for f in rates if f.measure == CONTACTS}
    return ListOrSkill(
        tuple(
            _reading(f, contacts.get(f.rep_id), _held(f, finer.get(f.measure, {}), order[f.rep_id], least))
            for f in rates
        )
    )


def _gap(finding: Finding) -> bool:
    """Established below colleagues, pooled or on the same lists; above them where that is the bad side."""
    side = "above" if finding.measure == CONTACTS else "below"
    return side in {finding.verdict, finding.pooled_verdict}


def _compared(counts: Counts, measure: str) -> dict[Alike, Comparison | str]:
    """The finer comparisons of a measure, or why one cannot be made; all together where at least two can."""
    own = counts.strata[counts.strata["measure"] == measure]
    known = {alike: _lack(own[column].astype(str)) for alike, column in FINER.items()}
    told = [column for alike, column in FINER.items() if not known[alike]]
    columns: dict[Alike, list[str]] = {a: [c] for a, c in FINER.items() if a != "list" and not known[a]}
    if len(told) > 1:
        columns["all"] = told
    reps = list(counts.reps["rep_id"])
    made = {a: compare_measure(counts, reps, measure, "rate", [*c, *POOLED], finer=True) for a, c in columns.items()}
    lacking = {alike: lack for alike, lack in known.items() if lack}
    found: dict[Alike, Comparison | str] = {**made, **lacking}
    order: tuple[Alike, ...] = (*FINER, "all")
    return {alike: found[alike] for alike in order if alike in found}


def _lack(levels: Any) -> str:
    """Why a dimension tells nothing."""
    found = set(levels)
    if found <= {"unknown"}:
        return "unknown"
    return "one_level" if len(found) == 1 else ""


def _held(finding: Finding, finer: Mapping[Alike, Comparison | str], i: int, least: float) -> tuple[Held, ...]:
    """The two comparisons of the evidence, then the finer ones, each with whether the gap is gone in it."""
    pooled = Held("pooled", finding.pooled_ratio, finding.pooled_low, finding.pooled_high)
    rest = [_one(alike, found, i, least) for alike, found in finer.items() if alike != "list"]
    lack = finer.get("list", "" if finding.ratio is not None else "not_separable")
    lists = [_of_lists(finding, str(lack))]
    sides = ((pooled, finding.pooled_verdict), (lists[0], finding.verdict))
    gaps = [held.ratio for held, verdict in sides if verdict == "below"]
    least_ratio = max((r for r in gaps if r is not None), default=None)
    return (pooled, *(_marked(h, least_ratio) for h in lists + rest))


def _of_lists(finding: Finding, lack: str) -> Held:
    whole = finding.trials + finding.trials_alone
    share = finding.trials / whole if whole else None
    if lack:
        return Held("list", None, None, None, share, lack)
    return Held("list", finding.ratio, finding.low, finding.high, share)


def _one(alike: Alike, found: Comparison | str, i: int, least: float) -> Held:
    if isinstance(found, str):
        return Held(alike, None, None, None, None, found)
    share = float(found.compared_trials[i] / found.trials[i]) if found.trials[i] else None
    if share is None or share < COMPARED or not found.separable[i]:
        return Held(alike, None, None, None, share, "not_separable")
    if not found.information[i] >= least:
        return Held(alike, None, None, None, share, "too_sparse")
    ratio, low, high = (float(getattr(found, field)[i]) for field in ("ratio", "low", "high"))
    return Held(alike, ratio, low, high, share)


def _marked(held: Held, gap: float | None) -> Held:
    """With ``gone``: of the established gap (the smaller, where two are), at most half is left."""
    if gap is None or held.ratio is None or held.high is None:
        return held
    return replace(held, gone=(1.0 - held.ratio) <= GONE * (1.0 - gap) and held.high >= 1.0)


def _reading(finding: Finding, contacts: Finding | None, held: tuple[Held, ...]) -> Reading:
    worse = contacts if contacts is not None and _gap(contacts) and _dialled(finding.measure) else None
    shown = None
    if worse is not None and worse.rate is not None:
        ratio = worse.pooled_ratio if worse.pooled_verdict == "above" else worse.ratio
        shown = (worse.rate, ratio) if ratio is not None else None
    return Reading(finding.rep_id, finding.measure, _meaning(finding, worse, held), held, shown)


def _dialled(measure: str) -> bool:
    return measure == CONTACTS or read("measures")[measure]["trials"] in DIALLED


def _meaning(finding: Finding, worse_contacts: Finding | None, held: tuple[Held, ...]) -> Meaning:
    if not _gap(finding):
        return "no_gap"
    if finding.measure == CONTACTS:
        return "list_quality"
    if finding.of_the_list:
        return "list"
    if worse_contacts is not None:
        return "list_quality"
    if _explained(finding, held):
        return "mix"
    lists = next(h for h in held if h.alike == "list")
    return "skill" if finding.verdict == "below" and not lists.reason else "unclear"


def _explained(finding: Finding, held: tuple[Held, ...]) -> bool:
    """With everything alike the gap is gone; where that cannot be compared, with segment or hour alike.

    One thing alike can only explain a gap that is there before it is: a gap that shows on the same lists alone is not
    explained by a comparison that forgets the lists.
    """
    every = next((h for h in held if h.alike == "all"), None)
    if every is not None and every.ratio is not None:
        return every.gone
    return finding.pooled_verdict == "below" and any(h.gone for h in held if h.alike in {"segment", "hour"})
