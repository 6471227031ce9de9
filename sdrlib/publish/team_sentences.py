"""The team in plain sentences: what to do this week, with the numbers in it. Nobody is ranked or set above another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from sdrlib.knowledge import read
from sdrlib.publish.sentences import quiet
from sdrlib.records import PathStep, TeamBrief, TeamMeasure
from sdrlib.records.specific import specific
from sdrlib.words import Words

AT_MOST = 3
NAMED = 4
"""So many people with a focus are named in the headline; the table below names all."""

RECENT = 4
"""A week that is news is one of this week's matters when it is among so many last ones."""

SHORT = 0.95
"""An expectation is told as missed below this share of it; nearer is as good as met."""


def headline(brief: TeamBrief, words: Words) -> tuple[str, ...]:
    """What to do this week, at most three sentences: talks first, then lists, news of the weeks, targets, outcomes."""
    rest = (*_lists(brief, words), *_news(brief, words), *_behind(brief, words), *_unlogged(brief, words))
    return (talks(brief, words), *rest)[:AT_MOST]


def talks(brief: TeamBrief, words: Words) -> str:
    """How many people have one thing to work on, what it is and what it costs all together."""
    chosen = [m.advice.focus for m in brief.members if m.advice.focus]
    people = words.count(len(brief.members))
    if not chosen:
        return quiet([m.advice for m in brief.members], words)
    number = len(chosen)
    values = {"number": words.count(number), "people": people, "measures": words.listed(_focused(brief, words))}
    told = words.many(
        "{number} of {people} people has one thing to work on: {measures}.",
        "{number} of {people} people have one thing each to work on: {measures}.",
        number,
        **values,
    )
    return " ".join(part for part in (told, _cost(brief, words)) if part)


def _focused(brief: TeamBrief, words: Words) -> list[str]:
    """Who has which focus, by name; of many people, how many have it."""
    found = [(m.person.name, m.advice.focus.measure) for m in brief.members if m.advice.focus]
    if len(found) <= NAMED:
        return [words.say("{name} ({what})", name=name, what=words.measure(measure)) for name, measure in found]
    return [_times(m, n, words) for m, n in _in_order(Counter(measure for _, measure in found))]


def _in_order(counted: Counter[str]) -> list[tuple[str, int]]:
    return [(m, counted[m]) for m in read("measures") if m in counted]


def _times(measure: str, number: int, words: Words) -> str:
    """A measure, and how many people share it as their focus when several do: one session could serve them all."""
    name = words.measure(measure)
    return words.say("{name} ({number} people)", name=name, number=words.count(number)) if number > 1 else name


def _cost(brief: TeamBrief, words: Words) -> str:
    costs = [m.advice.focus for m in brief.members if m.advice.focus and m.advice.focus.lost_per_week]
    lost = sum(focus.lost_per_week or 0.0 for focus in costs)
    if lost < 0.05:
        return ""
    if costs[0].lost_unit == "accepted":
        return words.many(
            "Together this costs about {lost} accepted opportunity a week: hold these talks first.",
            "Together this costs about {lost} accepted opportunities a week: hold these talks first.",
            lost,
            lost=words.number(lost),
        )
    return words.many(
        "Together this costs about {lost} meeting a week: hold these talks first.",
        "Together this costs about {lost} meetings a week: hold these talks first.",
        lost,
        lost=words.number(lost),
    )


def _lists(brief: TeamBrief, words: Words) -> Iterator[str]:
    """Gaps that go with the lists."""
    found = [m for m in brief.members if m.advice.list_issues]
    named = Counter(i for m in found for i in m.advice.list_issues)
    measures = Counter({m: named[m] for m in specific([*named])})
    if found:
        yield words.many(
            "{number} person’s gap is gone on the same lists ({measures}): look at who gets which list before any "
            "talk.",
            "{number} people’s gaps are gone on the same lists ({measures}): look at who gets which list before any "
            "talk.",
            len(found),
            number=words.count(len(found)),
            measures=words.listed([words.measure(m) for m, _ in _in_order(measures)]),
        )


def _news(brief: TeamBrief, words: Words) -> Iterator[str]:
    """The newest week outside its natural limits, of a rate that can be coached or of what the work is worth."""
    found = newest(brief)
    if found is None:
        return
    measure, week = found
    signal = next(s for s in measure.signals if s.start == week)
    of = next(w for w in measure.weeks if w.start == week)
    values = {
        "measure": words.measure(measure.measure),
        "week": words.week(week),
        "rate": words.rate(measure.measure, of.successes / of.trials),
        "usual": words.rate(measure.measure, measure.rate),
    }
    if signal.side == "below":
        yield words.say(
            "“{measure}” fell below its natural limits in {week}: {rate}, {usual} over the period. Find out what "
            "happened that week.",
            **values,
        )
    else:
        yield words.say(
            "“{measure}” rose above its natural limits in {week}: {rate}, {usual} over the period. Find out what went "
            "well that week.",
            **values,
        )


def newest(brief: TeamBrief) -> tuple[TeamMeasure, date] | None:
    """The measure and the week of the newest signal among the last weeks; None without one."""
    catalogue = read("measures")
    told = [m for m in brief.measures if catalogue[m.measure]["coached"] or catalogue[m.measure]["level"] == "output"]
    found = [
        (s.start, m)
        for m in told
        for s in m.signals
        if s.kind == "outside" and s.start in {w.start for w in m.weeks[-RECENT:]}
    ]
    last = max((start for start, _ in found), default=None)
    return next(((m, start) for start, m in found if start == last), None)


def _behind(brief: TeamBrief, words: Words) -> Iterator[str]:
    """The step that is farthest from what the targets ask."""
    short = [s for s in brief.path if s.expected and s.reached is not None and s.reached < SHORT * s.expected]
    if short:
        step = min(short, key=lambda s: (s.reached or 0.0) / (s.expected or 1.0))
        yield words.say(
            "{what}: {reached} of the {expected} that the targets ask for by now ({gap}).",
            what=step_name(step, words),
            reached=words.count(step.reached),
            expected=words.count(step.expected),
            gap=words.gap((step.reached or 0.0) / (step.expected or 1.0)),
        )


def _unlogged(brief: TeamBrief, words: Words) -> Iterator[str]:
    if brief.unlogged:
        yield words.many(
            "{number} meeting is due and has no outcome: have it logged, so that the rates are right.",
            "{number} meetings are due and have no outcome: have them logged, so that the rates are right.",
            brief.unlogged,
            number=words.count(brief.unlogged),
        )


def step_name(step: PathStep, words: Words) -> str:
    """What a step of the path counts."""
    return {
        "calls": words.say("Outbound calls"),
        "conversations": words.say("Conversations"),
        "booked": words.say("Meetings booked"),
        "held": words.say("Meetings held"),
        "accepted": words.say("Accepted opportunities"),
    }[step.step]
