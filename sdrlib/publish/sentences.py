"""Findings as plain sentences with their numbers in them. Nothing here ranks anybody or claims a cause."""

from __future__ import annotations

from sdrlib.knowledge import read
from sdrlib.records import Audience, Brief, Finding, OpenQuestion
from sdrlib.words import Words

AT_MOST = 3
"""Headline sentences of one report."""

CONTACTS = "bad_contact_rate"

OUTPUTS = ("accepted_per_day", "meetings_held_per_day", "meetings_booked_per_day")
"""What a rep's activity is worth, the most telling first."""


def headline(brief: Brief, words: Words, audience: Audience = "manager") -> tuple[str, ...]:
    """What this report says, at most three sentences, the most useful first; of lists the manager's copy alone."""
    advice = brief.advice
    lists = list_issues(brief, words) if audience == "manager" else []
    first = [focus(brief, words)] if advice.focus else [*lists[:1], nothing_established(brief, words)]
    rest = [*strengths(brief, words), *(lists if advice.focus else lists[1:])]
    if advice.own_rhythm:
        rest.insert(0, own_rhythm(brief, words, audience))
    else:
        rest += [below_expectation(brief, words)] if advice.below_expectation else []
    return (*first, *rest)[:AT_MOST]


def focus(brief: Brief, words: Words) -> str:
    """The one gap worth working on: counts, comparison, sureness, cost."""
    chosen = brief.advice.focus
    if chosen is None:
        return ""
    finding = brief.findings[chosen.measure]
    parts = [compared(finding, words), _sure_and_cost(finding, chosen.lost_per_week, chosen.lost_unit, words)]
    return " ".join(parts)


def _sure_and_cost(finding: Finding, lost: float | None, unit: str, words: Words) -> str:
    sure = words.sure(finding.local_error)
    if lost is None or lost < 0.05:
        return words.say("We are {sure} sure the gap is real.", sure=sure)
    number = words.number(lost)
    what = (
        words.many("accepted opportunity", "accepted opportunities", lost)
        if unit == "accepted"
        else words.many("meeting", "meetings", lost)
    )
    return words.say(
        "We are {sure} sure the gap is real; it costs about {number} {what} a week.",
        sure=sure,
        number=number,
        what=what,
    )


def compared(finding: Finding, words: Words) -> str:
    """What was counted, and what comparable colleagues reach."""
    expected = words.rate(finding.measure, finding.expected_rate)
    if finding.expected_rate is None:
        return words.say("{counted}.", counted=counted(finding, words))
    return words.say(
        "{counted}; comparable colleagues reach {expected}.", counted=counted(finding, words), expected=expected
    )


def counted(finding: Finding, words: Words) -> str:
    """``Of 412 conversations, 21 led to a meeting (5.1%)``; for a count rate, so many in so many days."""
    values = {
        "trials": words.count(finding.trials),
        "per": words.per(finding.measure, finding.trials),
        "successes": words.count(finding.successes),
        "did": words.did(finding.measure, finding.successes),
        "rate": words.rate(finding.measure, finding.rate),
    }
    if finding.kind == "count":
        return words.say("{successes} {did} in {trials} {per} ({rate})", **values)
    return words.say("Of {trials} {per}, {successes} {did} ({rate})", **values)


def nothing_established(brief: Brief, words: Words) -> str:
    """Says so first; then what data would settle the largest open question."""
    first = words.say("No gap is established this period.")
    question = brief.advice.open_question
    return f"{first} {open_question(question, words)}" if question else first


def open_question(question: OpenQuestion, words: Words) -> str:
    """How much more data, and how long that takes at this pace."""
    measure = words.measure(question.measure)
    values = {
        "measure": measure,
        "trials": words.about(question.needed_trials),
        "per": words.per(question.measure, question.needed_trials),
    }
    if question.needed_weeks is None:
        return words.say(
            "The largest open question is “{measure}”: about {trials} more {per} would settle it.", **values
        )
    weeks = max(1, round(question.needed_weeks))
    return words.many(
        "The largest open question is “{measure}”: about {trials} more {per} would settle it, a week at this pace.",
        "The largest open question is “{measure}”: about {trials} more {per} would settle it, "
        "{weeks} weeks at this pace.",
        weeks,
        weeks=words.about(weeks),
        **values,
    )


def strengths(brief: Brief, words: Words) -> list[str]:
    """What is established above colleagues, each with its numbers."""
    return [strength(brief.findings[m], words) for m in brief.advice.keep if m in brief.findings]


def strength(finding: Finding, words: Words) -> str:
    """A measure above colleagues, and how sure that is."""
    sure = words.say("We are {sure} sure the lead is real.", sure=words.sure(finding.local_error))
    return f"{compared(finding, words)} {sure}"


def strength_in_short(finding: Finding, words: Words) -> str:
    """A measure above colleagues, once its sentence has been read."""
    return words.say(
        "{measure}: {rate}, comparable colleagues {expected}.",
        measure=words.measure(finding.measure),
        rate=words.rate(finding.measure, finding.rate),
        expected=words.rate(finding.measure, finding.expected_rate),
    )


def list_issues(brief: Brief, words: Words) -> list[str]:
    """Gaps that are the list's, addressed to the manager: one told with its numbers, the others named."""
    found = [brief.findings[m] for m in brief.advice.list_issues if m in brief.findings]
    if not found:
        return []
    first = min(found, key=lambda f: f.measure == CONTACTS)
    told = [list_issue(first, words)]
    others = [words.measure(f.measure) for f in found if f is not first]
    if others:
        told.append(words.say("The same holds for: {measures}.", measures=words.listed(others)))
    return [" ".join(told)]


def list_issue(finding: Finding, words: Words) -> str:
    """A raw gap that is not there any more when the same lists are compared."""
    if finding.measure == CONTACTS:
        return words.say(
            "For the manager: {counted}. On the same lists colleagues meet as many; look at the data of these lists.",
            counted=_lowered(counted(finding, words)),
        )
    return words.say(
        "For the manager: “{measure}” differs by {pooled} from all colleagues but by {fair} from those on the same "
        "lists. Look at the lists before the person.",
        measure=words.measure(finding.measure),
        pooled=words.gap(finding.pooled_ratio),
        fair=words.gap(finding.ratio),
    )


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def own_rhythm(brief: Brief, words: Words, audience: Audience = "manager") -> str:
    """Fewer activities, no fewer results: said as what it is."""
    volume, output = slow_volume(brief), best_output(brief)
    follows = {"manager": words.say("Leave the volume alone."), "rep": words.say("This rhythm is yours to keep.")}
    if volume is None or output is None:
        told = words.say("Own rhythm: fewer activities than expected, and no fewer results.")
        return f"{told} {follows[audience]}"
    told = words.say(
        "Own rhythm: {volume} ({expected} expected), and no fewer results: {output} "
        "(comparable colleagues: {typical}).",
        volume=_daily(volume, words),
        expected=words.daily(_expectation(brief, volume)),
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


def over_qualifying(brief: Brief, words: Words) -> str:
    """When the step after the focus is above: ask about qualification first."""
    chosen = brief.advice.focus
    if chosen is None or not chosen.over_qualifying:
        return ""
    following = read("measures")[chosen.measure]["next"]
    return words.say(
        "The next step, “{measure}”, is above colleagues: this may be over-qualifying rather than a weakness. "
        "Talk about where the bar is set before working on skill.",
        measure=words.measure(following),
    )


def cause(brief: Brief, words: Words, audience: Audience = "manager") -> str:
    """Whether the gap stays on the same lists: a comparison, not a cause."""
    chosen = brief.advice.focus
    if chosen is None:
        return ""
    if audience == "rep" and chosen.cause != "skill":
        return {
            "list": words.say("The contact data of these lists is worse than usual; it is not for you to mend."),
            "unclear": words.say("The data does not name the lists, so they could explain it."),
        }[chosen.cause]
    return {
        "skill": words.say("The gap is still there among colleagues on the same lists."),
        "list": words.say("For the manager: the contact data of these lists is worse than usual; start there."),
        "unclear": words.say("The data does not name the lists, so they could explain it: listen before you conclude."),
    }[chosen.cause]


def meetings(brief: Brief, words: Words) -> list[str]:
    """Meetings to come, and meetings whose outcome nobody has written down."""
    told = []
    if brief.ahead == 0:
        told.append(words.say("No meeting is booked ahead."))
    elif brief.ahead is not None:
        told.append(
            words.many(
                "{number} meeting is booked and still to come.",
                "{number} meetings are booked and still to come.",
                brief.ahead,
                number=words.count(brief.ahead),
            )
        )
    if brief.unlogged:
        told.append(
            words.many(
                "{number} meeting is due and has no outcome yet: log it, so that the rates are right.",
                "{number} meetings are due and have no outcome yet: log them, so that the rates are right.",
                brief.unlogged,
                number=words.count(brief.unlogged),
            )
        )
    return told
