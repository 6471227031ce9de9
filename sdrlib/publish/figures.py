"""What the figures say: which measure, which title, which words for those who do not see them. ``plots`` draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sdrlib.knowledge import read
from sdrlib.publish import plots
from sdrlib.publish.markup import Markup, Section, el
from sdrlib.publish.plots import Picture
from sdrlib.publish.plots.canvas import NAMED
from sdrlib.publish.tables import notable
from sdrlib.records import Brief, Finding, Week
from sdrlib.records.telling import label
from sdrlib.stats.trend import laney_p
from sdrlib.words import Words

LEVELS_AT_MOST = 12
WEEKS_AT_LEAST = 4
SETTLED = frozenset({"below", "watch", "as_expected", "above"})


def chosen(brief: Brief) -> Finding | None:
    """The measure the figures are about: the focus, else what goes with the lists, a strength, or the first known."""
    if brief.advice.focus:
        return brief.findings[brief.advice.focus.measure]
    catalogue = read("measures")
    enough = [f for m, f in brief.findings.items() if catalogue[m]["coached"] and f.verdict in SETTLED]
    named = (*brief.advice.list_issues, *brief.advice.keep, *brief.advice.watch)
    place = {measure: i for i, measure in reversed([*enumerate(named)])}
    return min(enough, key=lambda f: place.get(f.measure, len(named)), default=None)


# ---- among colleagues -------------------------------------------------------------------------------


def position(brief: Brief, words: Words) -> Section | Picture:
    """The rep among anonymous colleagues, with the limits of what chance alone does."""
    finding, title = chosen(brief), words.say("Among colleagues")
    if finding is None or finding.ratio is None or not finding.effective_events:
        return absent(title, words.say("No measure has enough data for this figure yet."))
    band = brief.band.get(finding.measure, ())
    if not band:
        return absent(title, words.say("Fewer colleagues than the settings ask for: their band is left out."))
    drawing = plots.Funnel(
        title=_position_title(finding, words),
        name=label(brief.person.name, NAMED),
        own=(finding.effective_events, finding.ratio),
        band=band,
    )
    return plots.funnel(
        drawing, words, alt=_position_alt(finding, band, brief, words), caption=_position_caption(words)
    )


def _position_title(finding: Finding, words: Words) -> str:
    measure, gap = words.measure(finding.measure), words.gap(finding.ratio)
    return {
        "below": words.say("{measure}: {gap}, established below colleagues", measure=measure, gap=gap),
        "above": words.say("{measure}: {gap}, established above colleagues", measure=measure, gap=gap),
    }.get(finding.verdict, words.say("{measure}: {gap}, nothing established", measure=measure, gap=gap))


def _position_alt(finding: Finding, band: Sequence[tuple[float, float]], brief: Brief, words: Words) -> str:
    low, high = plots.funnel_limits([finding.effective_events or 0])[0, 1:3]
    limits = plots.funnel_limits([x for x, _ in band])
    inside = sum(bool(lo <= y <= hi) for (_, y), (_, lo, hi, _) in zip(band, limits, strict=True))
    return words.say(
        "Funnel plot of “{measure}”: {name} lies at {gap} with {events} expected events, where chance alone stays "
        "within {limits}; {inside} of {others} colleagues lie inside the 95% limits.",
        name=brief.person.name,
        measure=words.measure(finding.measure),
        gap=words.gap(finding.ratio),
        events=words.count(finding.effective_events),
        limits=words.interval(float(low), float(high), words.gap),
        inside=words.count(inside),
        others=words.count(len(band)),
    )


def _position_caption(words: Words) -> str:
    return words.say(
        "Each dot is a colleague, without a name. Shaded: where 95% of typical reps lie by chance alone; dashed: "
        "99.8%. The verdict rests on more than this picture."
    )


# ---- week by week -----------------------------------------------------------------------------------


def trend(brief: Brief, words: Words) -> Section | Picture:
    """The weekly rate within its natural limits, coaching dates marked."""
    finding, title = chosen(brief), words.say("Week by week")
    weeks = [w for w in brief.weeks.get(finding.measure, ()) if w.trials > 0] if finding else []
    if finding is None or finding.kind != "rate" or len(weeks) < WEEKS_AT_LEAST:
        return absent(title, words.say("Fewer than four weeks with data: no trend can be shown."))
    chart = laney_p([w.successes for w in weeks], [w.trials for w in weeks])
    outside = [w for w, out in zip(weeks, chart.outside, strict=True) if out]
    shifted = [w for w, out in zip(weeks, chart.shifted, strict=True) if out]
    coached = _coached(brief, finding.measure, weeks[0].start)
    drawing = plots.Weekly(
        title=_trend_title(finding, (len(outside), len(shifted), len(weeks)), words),
        weeks=weeks,
        chart=chart,
        expected=finding.expected_rate,
        usual=brief.typical.get(finding.measure) or finding.expected_rate or 0.0,
        coached=coached,
    )
    alt = _trend_alt(finding, weeks, (outside, shifted), coached, words)
    return plots.weekly(drawing, words, alt=alt, caption=_trend_caption(words))


def _coached(brief: Brief, measure: str, since: date) -> list[date]:
    """Days of coaching on this measure, or on none in particular, within the weeks shown."""
    until = brief.facts.window.end
    return [on for on, about, _ in brief.coached if about in {measure, ""} and since <= on <= until]


def _trend_title(finding: Finding, numbers: tuple[int, int, int], words: Words) -> str:
    """The finding, from the number of weeks outside the limits, of those in a long run, and of all."""
    measure, (outside, shifted, weeks) = words.measure(finding.measure), numbers
    if not outside and shifted:
        return words.say(
            "{measure}: {number} of {weeks} weeks in long runs on one side of the mean",
            measure=measure,
            number=words.count(shifted),
            weeks=words.count(weeks),
        )
    if not outside:
        return words.say("{measure}: the weeks vary no more than they naturally do", measure=measure)
    return words.many(
        "{measure}: {outside} of {weeks} weeks lies outside its natural limits",
        "{measure}: {outside} of {weeks} weeks lie outside their natural limits",
        outside,
        measure=measure,
        outside=words.count(outside),
        weeks=words.count(weeks),
    )


def _trend_alt(
    finding: Finding,
    weeks: Sequence[Week],
    signals: tuple[Sequence[Week], Sequence[Week]],
    coached: Sequence[date],
    words: Words,
) -> str:
    outside, shifted = signals
    rates = [w.successes / w.trials for w in weeks]
    told = [
        words.say(
            "“{measure}” by week, from {start} to {end}: between {low} and {high}, {mean} over all; comparable "
            "colleagues reach {expected}.",
            measure=words.measure(finding.measure),
            start=words.week(weeks[0].start),
            end=words.week(weeks[-1].start),
            low=words.percent(min(rates)),
            high=words.percent(max(rates)),
            mean=words.percent(finding.rate),
            expected=words.percent(finding.expected_rate),
        )
    ]
    if outside:
        told.append(
            words.say("Outside the limits: {weeks}.", weeks=words.listed([words.week(w.start) for w in outside]))
        )
    if shifted:
        told.append(
            words.say("On one side of the mean: {weeks}.", weeks=words.listed([words.week(w.start) for w in shifted]))
        )
    if coached:
        told.append(words.say("Coached on {days}.", days=words.listed([words.day(on) for on in coached])))
    return " ".join(told)


def _trend_caption(words: Words) -> str:
    return words.say(
        "Shaded: the natural limits of these weeks (Laney p′). Dashed: what comparable colleagues reach. "
        "A single week inside the limits is no news; eight in a row on one side of the mean are."
    )


# ---- where the activity goes ------------------------------------------------------------------------


def mix(brief: Brief, words: Words) -> Section | Picture:
    """The dimension in which the rep's activity is spread most unlike the colleagues'; nothing where none is."""
    found = {d: levels for d, levels in brief.mix.items() if notable(levels)}
    if not found:
        return Section(Markup(""), words.say("Where the activity goes"))
    dimension = max(found, key=lambda d: max(abs(own - rest) for own, rest in found[d].values()))
    levels = _shown_levels(dimension, found[dimension])
    named = {level: label(words.level(dimension, level), NAMED) for level in levels}
    drawing = plots.Shares(
        title=_mix_title(dimension, levels, words),
        name=label(brief.person.name, NAMED),
        rows=[(named[level], own, rest) for level, (own, rest) in levels.items()],
        notable=frozenset(named[level] for level in notable(levels)),
    )
    return plots.shares(drawing, words, alt=_mix_alt(dimension, levels, brief, words), caption=_mix_caption(words))


def _shown_levels(dimension: str, levels: Mapping[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """The largest levels: hours and weekdays in their own order, others by what colleagues do most."""
    largest = sorted(levels, key=lambda level: -max(levels[level]))[:LEVELS_AT_MOST]
    ordered = dimension in {"hour", "weekday"} and all(level.isdecimal() for level in largest)
    largest.sort(key=int if ordered else lambda level: -levels[level][1])
    return {level: levels[level] for level in largest}


def _mix_title(dimension: str, levels: Mapping[str, tuple[float, float]], words: Words) -> str:
    level = notable(levels)[0]
    own, rest = levels[level]
    return words.say(
        "{dimension} · {level}: {own} of the activity, {rest} for colleagues",
        dimension=words.dimension(dimension),
        level=label(words.level(dimension, level)),
        own=words.percent(own, 0),
        rest=words.percent(rest, 0),
    )


def _mix_alt(dimension: str, levels: Mapping[str, tuple[float, float]], brief: Brief, words: Words) -> str:
    told = [
        words.say(
            "{level} {own} ({rest})",
            level=label(words.level(dimension, level)),
            own=words.percent(own, 0),
            rest=words.percent(rest, 0),
        )
        for level, (own, rest) in levels.items()
    ]
    return words.say(
        "Shares of the activity of {name} by {dimension}, those of all colleagues in brackets: {shares}.",
        name=brief.person.name,
        dimension=words.dimension(dimension)[:1].lower() + words.dimension(dimension)[1:],
        shares=", ".join(told),
    )


def _mix_caption(words: Words) -> str:
    return words.say(
        "A dark line joins shares that differ by ten points or more. A difference, not a cause: lists and channels are "
        "held alike in every verdict."
    )


def absent(title: str, reason: str) -> Section:
    """What stands where a figure would, and why."""
    return Section(el("section", el("h3", title), el("p", reason), class_="absent"), f"{title}: {reason}")
