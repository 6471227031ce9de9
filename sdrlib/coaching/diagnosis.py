"""What one rep's findings ask for: gap or list, skill or rhythm, and which gap costs most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sdrlib.coaching.playbook import choose
from sdrlib.knowledge import read
from sdrlib.records import Advice, Cause, Evidence, Finding, Focus, OpenQuestion
from sdrlib.records.specific import specific
from sdrlib.records.targets import daily_targets

if TYPE_CHECKING:
    from sdrlib.settings import Settings

OUTPUTS = ("meetings_booked_per_day", "accepted_per_day")
SOON_WEEKS = 26.0
UNSETTLED = frozenset({"watch", "too_little_data"})
COMPARED = frozenset({"below", "watch", "as_expected", "above"})

Findings = Mapping[str, Finding]


def coach(evidence: Evidence, settings: Settings) -> list[Advice]:
    """Advice for every rep of the evidence, in its order. Nothing is tested here: verdicts are only read."""
    expectations = {
        rep: {measure: target.daily for measure, target in targets.items()}
        for rep, targets in daily_targets(evidence.counts, evidence.facts.window.end).items()
    }
    weeks = ((evidence.facts.window.end - evidence.facts.window.start).days + 1) / 7
    reps = dict.fromkeys(f.rep_id for f in evidence.findings)
    ramped = _ramped(evidence, settings)
    return [_advise(rep, evidence, expectations.get(rep, {}) if rep in ramped else {}, weeks) for rep in reps]


def _ramped(evidence: Evidence, settings: Settings) -> set[str]:
    """Reps whom a target may be held against: not within the tenure bands of new hires."""
    reps, edges = evidence.counts.reps, settings.tenure_bands_days
    new = reps["tenure_days"] < (edges[-1] if edges else 0)
    return set(reps.loc[~new, "rep_id"])


def _advise(rep: str, evidence: Evidence, expected: Mapping[str, float], weeks: float) -> Advice:
    found = evidence.of(rep)
    catalogue = read("measures")
    coached = [m for m in found if catalogue[m]["coached"]]
    below = specific([m for m in coached if found[m].verdict == "below"])
    below.sort(key=lambda m: -(_lost(found[m], evidence.team_rates) or 0.0))
    volumes = [m for m in found if catalogue[m].get("volume")]
    short = tuple(m for m in volumes if _short_of(found[m], expected.get(m)))
    slow = short or [m for m in volumes if found[m].verdict == "below"]
    busy = any(found[m].verdict == "above" for m in volumes)  # fewer calls for more e-mails is no slower rhythm
    rhythm = bool(slow) and not busy and any(_no_less(found[m]) for m in OUTPUTS if m in found)
    focus = _focus(below[0], found, evidence, weeks) if below else None
    return Advice(
        rep_id=rep,
        focus=focus,
        also=tuple(below[1:]),
        keep=tuple(specific([m for m in found if _a_strength(found[m])])),
        watch=tuple(specific([m for m in coached if found[m].verdict == "watch"])),
        list_issues=tuple(m for m in found if found[m].of_the_list),
        own_rhythm=rhythm,
        below_expectation=() if rhythm else short,
        open_question=None if focus else _open_question([found[m] for m in coached], evidence.team_rates),
        compared=any(found[m].verdict in COMPARED for m in coached),
        targets=dict(expected),
    )


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


def _open_question(findings: list[Finding], rates: Mapping[str, float]) -> OpenQuestion | None:
    """The unsettled step on which most may be lost, of those that time will settle; else the one settled first."""
    unsettled = [f for f in findings if f.verdict in UNSETTLED and "parts" not in read("measures")[f.measure]]
    steps = [f for f in unsettled if f.needed_trials and f.needed_weeks]
    soon = [f for f in steps if (f.needed_weeks or 0.0) <= SOON_WEEKS]
    if soon:
        asked = max(soon, key=lambda f: _lost(f, rates) or 0.0)
    elif steps:
        asked = min(steps, key=lambda f: f.needed_weeks or 0.0)
    else:
        return None
    return OpenQuestion(asked.measure, asked.needed_trials or 0.0, asked.needed_weeks)
