"""What the quota asks of a day, with the whole arithmetic, and everybody's calls beside their results. No ranking."""

from __future__ import annotations

from collections.abc import Iterator

from sdrlib.knowledge import read
from sdrlib.publish.markup import Markup, Section, el
from sdrlib.publish.tables import grid
from sdrlib.records import Activity, Expectation, Rung
from sdrlib.words import MISSING, Words


def section(found: Expectation, words: Words) -> Section:
    """The arithmetic, then the people; or why there is none."""
    title = words.say("What the quota asks of a day")
    told = list(sentences(found, words))
    tables = [arithmetic(found, words)] if found.rungs else []
    tables += [people(found, words)] if found.people else []
    html = el("section", el("h2", title), *(el("p", t) for t in told), *tables, class_="evidence")
    return Section(html, f"{title}: {' '.join(told)}")


def sentences(found: Expectation, words: Words) -> Iterator[str]:
    """The result, how sure it is, what the targets say, and whom it leaves in peace."""
    if found.missing == "no_quota" or not found.rungs:
        yield words.say("The targets set no quota of meetings or acceptances, and the data allows to propose none.")
        return
    if found.missing:
        yield words.say("The data has not enough calls, conversations and meetings to work the quota back to a day.")
        return
    last = found.rungs[-1]
    yield words.say(
        "At the team’s rates the quota asks for about {number} {what} a working day, from {low} to {high} as sure as "
        "the rates are known.",
        number=words.count(last.daily), what=_unit(last, words), low=words.count(found.low),
        high=words.count(found.high),
    )  # fmt: skip
    if not found.given:
        yield words.say("No target sets a quota: the proposed one stands in for it, what a ramped seller brings × 1.2.")
    if found.target is not None and found.low is not None and found.high is not None:
        yield _against(found, found.target, found.low, found.high, words)
    if calm := [p.name for p in found.people if p.stands == "calm"]:
        yield words.many(
            "{names} makes fewer calls and has the results: this rhythm is to be protected, not made busier.",
            "{names} make fewer calls and have the results: these rhythms are to be protected, not made busier.",
            len(calm),
            names=words.listed(calm),
        )


def _against(found: Expectation, target: float, low: float, high: float, words: Words) -> str:
    asked = words.count(target)
    if target > high:
        return words.say("The targets ask for {number}: more than the quota needs at today’s rates.", number=asked)
    if target < low:
        return words.say(
            "The targets ask for {number}: too few for the quota at today’s rates; either the rates rise or the quota "
            "is not reached.",
            number=asked,
        )
    return words.say("The targets ask for {number}, which fits.", number=asked)


def _unit(rung: Rung, words: Words) -> str:
    if rung.step == "calls":
        return words.did("calls_per_day", rung.daily)
    return words.say("activities")


def arithmetic(found: Expectation, words: Words) -> Markup:
    """From the quota down, a line for each step: by which share, and what it was counted from."""
    headings = [
        words.say("Step"), words.say("A day"), words.say("A month"), words.say("Worked out by"),
        words.say("Counted from"),
    ]  # fmt: skip
    caption = words.say("For one person past the first months, at the rates of the whole team.")
    rows = [_line(r, words) for r in found.rungs]
    return grid(headings, rows, caption=caption, numeric={1, 2})


def _line(rung: Rung, words: Words) -> list[str]:
    days = read("contract")["working_days"]["month"]
    by = words.say("quota") if rung.rate is None else f"{'×' if rung.product else '÷'} {words.percent(rung.rate)}"
    counted = (
        words.say("{successes} of {trials}", successes=words.count(rung.successes), trials=words.count(rung.trials))
        if rung.trials
        else MISSING
    )
    return [_step(rung.step, words), words.daily(rung.daily), words.count(rung.daily * days), by, counted]


def _step(step: str, words: Words) -> str:
    return {
        "accepted": words.say("Opportunities accepted"),
        "held": words.say("Meetings held"),
        "due": words.say("Meetings due"),
        "booked": words.say("Meetings booked (some are called off)"),
        "by_call": words.say("of these, booked in a conversation"),
        "conversations": words.say("Conversations"),
        "calls": words.say("Calls"),
        "activities": words.say("Activities"),
    }[step]


def people(found: Expectation, words: Words) -> Markup:
    """Everybody in alphabetical order: activity beside results; a gap only where the results lack too."""
    calls = found.rungs[-1].step == "calls"
    headings = [
        words.say("Name"), words.say("Calls a day") if calls else words.say("Activities a day"), words.say("Gap"),
        words.say("Meetings booked a day"), words.say("Accepted a day"), words.say("Reading"),
    ]  # fmt: skip
    caption = words.say("In brackets what the own quota asks. Nobody whose results are on track has a gap.")
    return grid(headings, [_person(p, words) for p in found.people], caption=caption, numeric={1, 2, 3, 4})


def _person(person: Activity, words: Words) -> list[str]:
    return [
        person.name,
        _beside(person.volume, person.asked, words),
        MISSING if person.gap is None else words.number(person.gap, 0),
        _beside(person.booked, person.booked_asked, words),
        _beside(person.accepted, person.accepted_asked, words),
        reading(person, words),
    ]


def _beside(value: float | None, asked: float | None, words: Words) -> str:
    return words.daily(value) if asked is None else f"{words.daily(value)} ({words.daily(asked)})"


def reading(person: Activity, words: Words) -> str:
    """What to make of it: a question to ask, never a verdict on the person."""
    return {
        "new": words.say("new: not held to a quota yet"),
        "calm": words.say("own rhythm: left in peace"),
        "reaches": words.say("enough activity; bookings or acceptances at the pace of the quota"),
        "elsewhere": words.say("fewer calls, more of another channel"),
        "short": words.say("fewer, and fewer results: ask what stands in the way"),
        "rates": words.say("as many, and fewer results: look at lists and rates, not at the volume"),
        "unknown": words.say("no working days seen"),
    }[person.stands]
