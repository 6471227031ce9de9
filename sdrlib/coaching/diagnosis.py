"""What one rep's findings ask for: gap or list, skill or rhythm, and which gap costs most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sdrlib.coaching.playbook import choose
from sdrlib.knowledge import read
from sdrlib.records import Advice, Cause, Evidence, Finding, Focus, OpenQuestion

if TYPE_CHECKING:
    from sdrlib.settings import Settings

OUTPUTS = ("meetings_booked_per_day", "accepted_per_day")
WORKING_DAYS = {"day": 1.0, "week": 5.0, "month": 21.0, "quarter": 63.0, "year": 250.0}

Findings = Mapping[str, Finding]


def coach(evidence: Evidence, settings: Settings) -> list[Advice]:
    """Advice for every rep of the evidence, in its order. Nothing is tested here: verdicts are only read."""
    expectations = daily_targets(evidence)
    weeks = ((evidence.facts.window.end - evidence.facts.window.start).days + 1) / 7
    reps = dict.fromkeys(f.rep_id for f in evidence.findings)
    return [_advise(rep, evidence, expectations.get(rep, {}), weeks) for rep in reps]


def daily_targets(evidence: Evidence) -> dict[str, dict[str, float]]:
    """Rep -> measure -> events expected per working day, from the targets table.

    A rep's own target goes before the team's, the team's before the company's; the newest that has begun counts.
    A target per week, month, quarter or year is spread over 5, 21, 63 or 250 working days.
    """
    targets = evidence.counts.targets
    end = evidence.facts.window.end
    found: dict[str, dict[str, float]] = {}
    scopes = {
        row.rep_id: (("company", None), ("team", row.team), ("rep", row.rep_id))
        for row in evidence.counts.reps.itertuples()
    }
    rows = [t for t in targets.sort_values("starts_on").itertuples() if _begun(t.starts_on, end)]
    for rep, levels in scopes.items():
        for scope, scope_id in levels:
            for t in rows:
                if t.scope == scope and (scope == "company" or t.scope_id == scope_id):
                    found.setdefault(rep, {})[str(t.measure)] = float(t.value) / WORKING_DAYS[t.period]
    return found


def _begun(starts_on: Any, end: Any) -> bool:
    day = starts_on.date() if hasattr(starts_on, "date") else starts_on
    return bool(starts_on is None or starts_on != starts_on or day <= end)


def _advise(rep: str, evidence: Evidence, expected: Mapping[str, float], weeks: float) -> Advice:
    found = evidence.of(rep)
    catalogue = read("measures")
    coached = [m for m in found if catalogue[m]["coached"]]
    below = _specific([m for m in coached if found[m].verdict == "below"])
    below.sort(key=lambda m: -(_lost(found[m], evidence.team_rates) or 0.0))
    short = tuple(m for m in found if catalogue[m].get("volume") and _short_of(found[m], expected.get(m)))
    slow = short or [m for m in found if catalogue[m].get("volume") and found[m].verdict in {"below", "watch"}]
    rhythm = bool(slow) and any(_no_less(found[m]) for m in OUTPUTS if m in found)
    focus = _focus(below[0], found, evidence, weeks) if below else None
    return Advice(
        rep_id=rep,
        focus=focus,
        also=tuple(below[1:]),
        keep=tuple(_specific([m for m in found if _a_strength(found[m])])),
        watch=tuple(_specific([m for m in coached if found[m].verdict == "watch"])),
        list_issues=tuple(m for m in found if _of_the_list(found[m])),
        own_rhythm=rhythm,
        below_expectation=() if rhythm else short,
        open_question=None if focus else _open_question([found[m] for m in coached], evidence.team_rates),
    )


def _specific(measures: list[str]) -> list[str]:
    """Leave out products of which a factor is already named: one gap, said once."""
    catalogue = read("measures")
    return [m for m in measures if not set(catalogue[m].get("parts", ())) & set(measures)]


def _focus(measure: str, found: Findings, evidence: Evidence, weeks: float) -> Focus:
    after = read("measures")[measure].get("next")
    picky = after in found and found[after].verdict == "above"
    cause = _cause(measure, found, evidence)
    lost = _lost(found[measure], evidence.team_rates)
    return Focus(
        measure=measure,
        drill=choose(measure, cause, over_qualifying=picky),
        cause=cause,
        lost_per_week=lost / weeks if lost is not None else None,
        lost_unit="accepted" if "meeting_to_sao" in evidence.team_rates else "meetings",
        over_qualifying=picky,
    )


def _cause(measure: str, found: Findings, evidence: Evidence) -> Cause:
    """Skill when the gap stays on the same lists; bad numbers explain a low connect rate before skill does."""
    numbers = found.get("bad_contact_rate")
    if measure == "connect_rate" and numbers and numbers.verdict == "above":
        return "list"
    lists = evidence.counts.cells["list"]
    return "skill" if (lists != "unknown").any() else "unclear"


def _lost(finding: Finding, rates: Mapping[str, float]) -> float | None:
    """Accepted opportunities that a gap costs over the window: trials x (typical - posterior rate) x what one is worth.

    In meetings where acceptance is unknown; None where the worth of a success cannot be told.
    """
    worth = _worth(finding.measure, rates)
    if worth is None or finding.expected_rate is None or finding.posterior_ratio is None:
        return None
    return finding.trials * finding.expected_rate * (1.0 - finding.posterior_ratio) * worth


def _worth(measure: str, rates: Mapping[str, float]) -> float | None:
    worth = read("measures")[measure].get("worth")
    if worth is None:
        return None
    product = 1.0
    for step in worth["times"]:
        if step == "meeting_to_sao" and step not in rates:
            continue  # acceptance is not recorded: the loss is told in meetings
        if step not in rates:
            return None
        product *= rates[step]
    for step in worth.get("over", ()):
        if not rates.get(step):
            return None
        product /= rates[step]
    return product


def _short_of(finding: Finding, target: float | None) -> bool:
    """Below the expectation even at the upper end of what the rep's own days vary by."""
    if not target or finding.rate is None or not finding.ratio or finding.high is None:
        return False
    return finding.rate * finding.high / finding.ratio < target


def _no_less(finding: Finding) -> bool:
    return finding.verdict in {"as_expected", "above"} and finding.ratio is not None and finding.ratio >= 1.0


def _a_strength(finding: Finding) -> bool:
    """Above colleagues on something worth keeping; neither sheer volume nor bad contact data is a strength."""
    measure = read("measures")[finding.measure]
    return finding.verdict == "above" and (measure["coached"] or finding.measure in OUTPUTS)


def _of_the_list(finding: Finding) -> bool:
    """The raw gap is established and is gone, for the larger part, among colleagues on the same lists."""
    if finding.kind != "rate" or finding.ratio is None or finding.pooled_ratio is None:
        return False
    if finding.measure == "bad_contact_rate":
        return finding.pooled_verdict == "above" and finding.verdict != "above"
    gone = (1.0 - finding.ratio) <= 0.5 * (1.0 - finding.pooled_ratio)
    return finding.pooled_verdict == "below" and finding.verdict not in {"below", "watch", "not_separable"} and gone


def _open_question(findings: list[Finding], rates: Mapping[str, float]) -> OpenQuestion | None:
    """The unsettled measure on which most may be lost, and the trials it still takes; None when data suffices."""
    costly = [(_lost(f, rates) or 0.0, f) for f in findings if f.needed_trials]
    worst = max(costly, key=lambda pair: pair[0], default=None)
    if worst is None or worst[1].needed_trials is None:
        return None
    return OpenQuestion(worst[1].measure, worst[1].needed_trials, worst[1].needed_weeks)
