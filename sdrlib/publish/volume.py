"""How much was done, told beside what it brought: a rhythm of one's own, and volume below what is expected."""

from __future__ import annotations

from sdrlib.knowledge import read
from sdrlib.records import Audience, Brief, Finding
from sdrlib.words import Words

OUTPUTS = ("accepted_per_day", "meetings_held_per_day", "meetings_booked_per_day")
"""What a rep's activity is worth, the most telling first."""


def own_rhythm(brief: Brief, words: Words, audience: Audience = "manager") -> str:
    """Fewer activities, no fewer results: said as what it is."""
    volume, output = slow_volume(brief), best_output(brief)
    follows = {"manager": words.say("Leave the volume alone."), "rep": words.say("This rhythm is yours to keep.")}
    if volume is None or output is None:
        told = words.say("Own rhythm: fewer activities than expected, and no fewer results.")
        return f"{told} {follows[audience]}"
    told = words.say(
        "Own rhythm: {volume} ({asked}), and no fewer results: {output} (comparable colleagues: {typical}).",
        volume=_daily(volume, words),
        asked=_asked(brief, volume, words),
        output=_daily(output, words),
        typical=words.daily(output.expected_rate),
    )
    return f"{told} {follows[audience]}"


def below_expectation(brief: Brief, words: Words) -> str:
    """Volume below what the team expects: once, plainly, with what it is worth beside it."""
    volumes = [brief.findings[m] for m in brief.advice.below_expectation if m in brief.findings]
    if not volumes:
        return ""
    told = [
        words.say(
            "{volume} for an expectation of {expected}",
            volume=_daily(f, words),
            expected=words.daily(_expectation(brief, f)),
        )
        for f in volumes
    ]
    output = best_output(brief)
    if output is None:
        return words.say("Volume: {told}.", told=words.listed(told))
    return words.say(
        "Volume: {told}; beside it {output} (comparable colleagues: {typical}).",
        told=words.listed(told),
        output=_daily(output, words),
        typical=words.daily(output.expected_rate),
    )


def slow_volume(brief: Brief) -> Finding | None:
    """The volume with most missing a day from what is expected of it."""
    catalogue = read("measures")
    volumes = [f for m, f in brief.findings.items() if catalogue[m].get("volume")]
    short = [((_expectation(brief, f) or 0.0) - (f.rate or 0.0), f.measure) for f in volumes]
    most, measure = max(short, default=(0.0, ""))
    return brief.findings[measure] if most > 0 else None


def best_output(brief: Brief) -> Finding | None:
    """What the activity is worth; accepted opportunities when they are known, else meetings."""
    found = (brief.findings.get(m) for m in OUTPUTS)
    return next((f for f in found if f is not None and f.rate is not None), None)


def _asked(brief: Brief, finding: Finding, words: Words) -> str:
    """The target, or without one what colleagues do."""
    expected = words.daily(_expectation(brief, finding))
    if finding.measure in brief.advice.targets:
        return words.say("target: {expected}", expected=expected)
    return words.say("comparable colleagues: {expected}", expected=expected)


def _expectation(brief: Brief, finding: Finding) -> float | None:
    return brief.advice.targets.get(finding.measure, finding.expected_rate)


def _daily(finding: Finding, words: Words) -> str:
    return words.say(
        "{number} {did} a day", number=words.daily(finding.rate), did=words.did(finding.measure, finding.rate or 0)
    )


def set_beside(brief: Brief, words: Words) -> str:
    """A focus with results like the colleagues': the activity that stands beside it, without saying why."""
    found, output = brief.findings, best_output(brief)
    more = [f for m, f in found.items() if read("measures")[m].get("volume") and f.verdict == "above"]
    if not (brief.advice.focus and more and output and output.verdict in {"as_expected", "above"}):
        return ""
    told = words.listed([_daily(f, words) for f in (*more, output)])
    return words.say("Results are not below colleagues’ so far. Seen together: {told}.", told=told)
