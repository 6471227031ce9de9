"""What the team's figures say: its weeks on one rate, and what a day is worth. ``plots`` draws."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from sdrlib.knowledge import read
from sdrlib.publish import plots
from sdrlib.publish.figures import WEEKS_AT_LEAST, absent
from sdrlib.publish.markup import Section
from sdrlib.publish.plots import Picture
from sdrlib.publish.team_sentences import newest
from sdrlib.records import Signal, TeamBrief, TeamMeasure, Week
from sdrlib.stats.trend import RateChart, laney_p, xmr
from sdrlib.words import Words

OUTPUTS = ("meetings_booked_per_day", "accepted_per_day")
"""What a day brings; the one that is known in the same week first."""


def trend(brief: TeamBrief, words: Words) -> Section | Picture:
    """One rate of the team week by week: that of the newest signal, else of most people's focus, else the first."""
    return _figure(_chosen(brief), words.say("Week by week"), words)


def output(brief: TeamBrief, words: Words) -> Section | Picture:
    """Meetings booked in a day, week by week."""
    known = {m.measure: m for m in brief.measures}
    found = next((known[m] for m in OUTPUTS if m in known), None)
    return _figure(found, words.say("What a day brings"), words)


def _chosen(brief: TeamBrief) -> TeamMeasure | None:
    catalogue = read("measures")
    rates = {m.measure: m for m in brief.measures if m.kind == "rate" and catalogue[m.measure]["coached"]}
    signal = newest(brief)
    if signal and signal[0].measure in rates:
        return signal[0]
    focused = Counter(m.advice.focus.measure for m in brief.members if m.advice.focus)
    return next((rates[m] for m, _ in focused.most_common() if m in rates), next(iter(rates.values()), None))


def _figure(measure: TeamMeasure | None, title: str, words: Words) -> Section | Picture:
    weeks = [w for w in measure.weeks if w.trials > 0] if measure else []
    if measure is None or len(weeks) < WEEKS_AT_LEAST:
        return absent(title, words.say("Fewer than four weeks with data: no trend can be shown."))
    drawing = plots.Weekly(
        title=_title(measure, weeks, words),
        weeks=weeks,
        chart=_chart(measure, weeks),
        expected=None,
        usual=measure.rate,
        coached=(),
        share=measure.kind == "rate",
    )
    return plots.weekly(drawing, words, alt=_alt(measure, weeks, words), caption=_caption(measure, words))


def _chart(measure: TeamMeasure, weeks: Sequence[Week]) -> RateChart:
    """Laney's limits for a rate, Wheeler's for a daily rate."""
    events, trials = [w.successes for w in weeks], [w.trials for w in weeks]
    if measure.kind == "rate":
        return laney_p(events, trials)
    natural = xmr(np.divide(events, trials))
    low, high = (np.full(len(weeks), end) for end in (max(natural.low_screened, 0.0), natural.high_screened))
    return RateChart(natural.mean, float("nan"), low, high, low, high, natural.outside, natural.shifted)


def _title(measure: TeamMeasure, weeks: Sequence[Week], words: Words) -> str:
    name, outside = words.measure(measure.measure), _starts(measure, "outside")
    if outside:
        return words.many(
            "{measure}: {outside} of {weeks} weeks lies outside its natural limits",
            "{measure}: {outside} of {weeks} weeks lie outside their natural limits",
            len(outside),
            measure=name,
            outside=words.count(len(outside)),
            weeks=words.count(len(weeks)),
        )
    if shifted := _starts(measure, "shifted"):
        return words.say(
            "{measure}: {number} of {weeks} weeks in long runs on one side of the mean",
            measure=name,
            number=words.count(len(shifted)),
            weeks=words.count(len(weeks)),
        )
    return words.say("{measure}: the weeks vary no more than they naturally do", measure=name)


def _starts(measure: TeamMeasure, kind: str) -> list[Signal]:
    return [s for s in measure.signals if s.kind == kind]


def _alt(measure: TeamMeasure, weeks: Sequence[Week], words: Words) -> str:
    rates = [w.successes / w.trials for w in weeks]
    told = [
        words.say(
            "“{measure}” of the team by week, from {start} to {end}: between {low} and {high}, {mean} over all.",
            measure=words.measure(measure.measure),
            start=words.week(weeks[0].start),
            end=words.week(weeks[-1].start),
            low=words.rate(measure.measure, min(rates)),
            high=words.rate(measure.measure, max(rates)),
            mean=words.rate(measure.measure, measure.rate),
        )
    ]
    if outside := _starts(measure, "outside"):
        named = words.listed([words.week(s.start) for s in outside])
        told.append(words.say("Outside the limits: {weeks}.", weeks=named))
    if shifted := _starts(measure, "shifted"):
        named = words.listed([words.week(s.start) for s in shifted])
        told.append(words.say("On one side of the mean: {weeks}.", weeks=named))
    return " ".join(told)


def _caption(measure: TeamMeasure, words: Words) -> str:
    chart = "Laney p′" if measure.kind == "rate" else "XmR"
    return words.say(
        "Shaded: the natural limits of the team’s own weeks ({chart}). A single week inside them is no news; eight in "
        "a row on one side of the mean are.",
        chart=chart,
    )
