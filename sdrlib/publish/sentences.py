"""Findings as plain sentences with their numbers in them. Nothing here ranks anybody or claims a cause."""

from __future__ import annotations

from collections.abc import Iterable

from sdrlib.knowledge import read
from sdrlib.publish import volume
from sdrlib.records import Advice, Audience, Brief, Finding, OpenQuestion
from sdrlib.records.specific import specific
from sdrlib.words import Words

AT_MOST = 3
"""Headline sentences of one report."""

CONTACTS = "bad_contact_rate"


def headline(brief: Brief, words: Words, audience: Audience = "manager") -> tuple[str, ...]:
    """What this report says, at most three sentences, the most useful first; of lists the manager's copy alone."""
    advice = brief.advice
    lists = list_issues(brief, words) if audience == "manager" else []
    above = strengths(brief, words)
    if advice.focus:
        first, rest = [focus(brief, words)], [*above, *lists]
    else:  # what is established leads, and what is not is said after it
        first = [*lists[:1], *above[:1], nothing_established(brief, words)]
        rest = [*above[1:], *lists[1:]]
    if advice.own_rhythm:
        rest.insert(0, volume.own_rhythm(brief, words, audience))
    else:
        rest += [volume.below_expectation(brief, words)] if advice.below_expectation else []
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
        "We are {sure} sure the gap is real; at the same activity it costs about {number} {what} a week.",
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
    """That nothing is below, or that nothing could be compared; then what data would settle what is open."""
    if not brief.advice.compared:
        return nothing_compared(brief, words)
    return _asking(words.say("Nothing is established below colleagues this period."), brief, words)


def quiet(advice: Iterable[Advice], words: Words) -> str:
    """Of a team where nobody has a focus: that nothing is established, or that nothing could be."""
    each = [*advice]
    if not any(a.compared for a in each):
        return words.say(
            "Nobody could be compared this period, for lack of data or of colleagues with like tenure on the same "
            "lists: these figures give no reason for a talk, and no all-clear."
        )
    return words.many(
        "No gap is established for the one person of this team this period.",
        "No gap is established for any of the {people} people this period: no talk about figures is due.",
        len(each),
        people=words.count(len(each)),
    )


def nothing_compared(brief: Brief, words: Words) -> str:
    """Silence that is no good news, and why."""
    verdicts = {f.verdict for f in brief.findings.values() if read("measures")[f.measure]["coached"]}
    if "not_separable" in verdicts:
        return words.say("Nothing could be compared this period: nobody of like tenure works the same lists.")
    return _asking(words.say("Nothing could be compared this period: there is too little data."), brief, words)


def _asking(first: str, brief: Brief, words: Words) -> str:
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
    found = [brief.findings[m] for m in specific(brief.advice.list_issues) if m in brief.findings]
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
