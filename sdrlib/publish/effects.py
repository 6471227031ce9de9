"""Did the coaching help? What changed since, less what would have come by itself; a cause only where a lot says so."""

from __future__ import annotations

from sdrlib.publish.markup import Markup, Section, el
from sdrlib.publish.tables import grid
from sdrlib.records import Audience, Brief, CoachingEffect, LotEffect, PooledEffect, Stretch
from sdrlib.words import MISSING, Words

LEAST_SHOWN = 0.005
"""A part of a change under half a per cent is not told apart."""


def section(brief: Brief, words: Words, audience: Audience = "manager") -> Section:
    """One part per coached measure; one line where no coaching is logged. The rep's copy says nothing of others."""
    title = words.say("Did the coaching help?")
    lots = brief.effects.lots if audience == "manager" else ()
    parts = [_measure(effect, brief, words, audience) for effect in brief.effects.reps]
    told = [*_dates_only(brief, words), *(by_lot(lot, words) for lot in lots)]
    if not parts and not told:
        told = [_nothing_so_far(brief, words, audience)]
    html = el("section", el("h2", title), *parts, *(el("p", line) for line in told), class_="evidence effect")
    answers = [answer(effect, words) for effect in brief.effects.reps]
    return Section(html, f"{title} {' '.join([*answers, *told])}")


def _measure(effect: CoachingEffect, brief: Brief, words: Words, audience: Audience) -> Markup:
    everybody = brief.effects.measures if audience == "manager" else ()
    pooled = next((m for m in everybody if m.measure == effect.measure), None)
    days = words.say("Coached on {days}.", days=words.listed([words.day(day) for day in effect.sessions]))
    about = [*_settled_by(effect, brief, words, audience), _compared_with(effect, words)]
    return el(
        "div",
        el("h3", words.measure(effect.measure)),
        el("p", el("strong", answer(effect, words))),
        el("p", " ".join(part for part in (days, by_itself(effect, words)) if part)),
        _table(effect, words),
        el("p", together(pooled, words)) if pooled else None,
        el("p", " ".join(about), class_="aside"),
    )


def by_itself(effect: CoachingEffect, words: Words) -> str:
    """The raw change, and the part of it that regression to the mean alone would give."""
    before, after = effect.before.ratio, effect.after.ratio
    if effect.change is None or effect.baseline is None or not before or after is None:
        return ""
    raw, part = after / before, effect.baseline / before
    values = {"raw": words.gap(raw), "part": words.gap(part)}
    if abs(part - 1) < LEAST_SHOWN:
        return words.say(
            "Against colleagues, the raw change is {raw}; none of it was to be expected by itself.", **values
        )
    if raw > part > 1:
        return words.say("Of the rise of {raw}, {part} would have come by itself: bad luck evens out.", **values)
    if raw < part < 1:
        return words.say("Of the fall of {raw}, {part} would have come by itself: good luck evens out.", **values)
    return words.say(
        "Against colleagues, the raw change is {raw}; {part} was to be expected by itself, as luck evens out.", **values
    )


def answer(effect: CoachingEffect, words: Words) -> str:
    """What may be said."""
    values = {"change": words.gap(_plus(effect.change)), "range": _range(effect.low, effect.high, words)}
    if effect.answer == "no_baseline":
        return _no_baseline(effect, words)
    if effect.answer == "too_early":
        return _too_early(effect, words)
    if effect.change is None:
        return words.say("Cannot tell: since then nobody else has worked the same lists.")
    if effect.answer == "cannot_tell":
        return words.say(
            "Cannot tell: {change} against what was to be expected without coaching; anything from {range} is "
            "possible.",
            **values,
        )
    changed = {
        "better": words.say("The rate has risen by more than luck explains: {change} ({range}).", **values),
        "worse": words.say("The rate has fallen by more than luck explains: {change} ({range}).", **values),
    }[effect.answer]
    unexplained = words.say("That it changed is established; why it did is not.")
    return f"{changed} {unexplained}"


def _no_baseline(effect: CoachingEffect, words: Words) -> str:
    before = effect.before
    if not before.weeks:
        return words.say("No baseline: the period holds no week before the coaching; a longer period would.")
    if before.ratio is None:
        return words.say("No baseline: before the coaching nobody else worked the same lists.")
    return words.say(
        "No baseline: {trials} before the coaching are too few to compare.", trials=_trials(effect, before, words)
    )


def _too_early(effect: CoachingEffect, words: Words) -> str:
    if not effect.after.weeks:
        return words.say("Too early: the data holds no whole week after the week of the coaching.")
    return words.say(
        "Too early: {trials} since then are too few to compare.", trials=_trials(effect, effect.after, words)
    )


def _settled_by(effect: CoachingEffect, brief: Brief, words: Words, audience: Audience) -> list[str]:
    """What this data could have shown, and how much more would be needed."""
    told = []
    if effect.least is not None:
        told.append(
            words.say(
                "So far the smallest rise that would show, 8 times in 10, is {least}.",
                least=words.gap(1 + effect.least),
            )
        )
    if effect.out_of_reach and audience == "rep":
        told.append(words.say("No further weeks will settle it, since too little is known of the weeks before."))
    elif effect.out_of_reach:
        told.append(
            words.say(
                "Of this person alone no further weeks will settle it, since too little is known of the weeks before; "
                "several people coached by lot would (sdr lot)."
            )
        )
    elif effect.needed_trials and effect.needed_weeks is not None:
        weeks = max(1, round(effect.needed_weeks))
        told.append(
            words.many(
                "About {trials} more {per} would show one of {gap}: a week at this pace.",
                "About {trials} more {per} would show one of {gap}: {weeks} weeks at this pace.",
                weeks,
                trials=words.about(effect.needed_trials),
                per=words.per(effect.measure, effect.needed_trials),
                gap=words.gap(1 + float(brief.facts.settings.get("plan_gap", 0.3))),
                weeks=words.about(weeks),
            )
        )
    return told


def _table(effect: CoachingEffect, words: Words) -> Markup:
    headings = ("", words.say("Counted"), words.say("Rate"), words.say("Against colleagues"), words.say("95% interval"))
    expected = _times(effect.baseline, effect.after.expected_rate)
    before = _stretch(words.say("Before, as counted"), effect.before, effect, words)
    since = _stretch(words.say("Since, as counted"), effect.after, effect, words)
    caption = words.say("Weeks before the week of the coaching, and whole weeks after it.")
    if effect.change is None:
        return grid(headings, [before, since], caption=caption, numeric={1, 2, 3, 4})
    rows = [
        before,
        [
            words.say("Expected since, without coaching"),
            MISSING,
            words.rate(effect.measure, expected),
            words.gap(effect.baseline),
            MISSING,
        ],
        since,
        [
            words.say("Since, against what was expected"),
            MISSING,
            MISSING,
            words.gap(_plus(effect.change)),
            _range(effect.low, effect.high, words),
        ],
    ]
    meaning = words.say("“Expected” is the rate before with its luck taken out, on the lists worked since.")
    return grid(headings, rows, caption=f"{caption} {meaning}", numeric={1, 2, 3, 4})


def _stretch(title: str, stretch: Stretch, effect: CoachingEffect, words: Words) -> list[str]:
    counted = words.say(
        "{successes} of {trials}", successes=words.count(stretch.successes), trials=words.count(stretch.trials)
    )
    rate = stretch.successes / stretch.trials if stretch.trials else None
    interval = words.interval(stretch.low, stretch.high, words.gap)
    return [title, counted, words.rate(effect.measure, rate), words.gap(stretch.ratio), interval]


def _compared_with(effect: CoachingEffect, words: Words) -> str:
    if effect.controls_coached:
        return words.say(
            "Fewer than two comparable colleagues were not coached on this, so coached ones are in the comparison: "
            "what all gained alike does not show."
        )
    return words.many(
        "Compared with {number} colleague who was not coached on this.",
        "Compared with {number} colleagues who were not coached on this.",
        effect.controls,
        number=words.count(effect.controls),
    )


def together(pooled: PooledEffect, words: Words) -> str:
    """All who were coached on the measure: three or fewer say nothing of it."""
    numbers = {"coached": words.count(pooled.coached), "counted": words.count(pooled.counted)}
    if pooled.change is not None:
        values = {"change": words.gap(1 + pooled.change), "range": _range(pooled.low, pooled.high, words), **numbers}
        return {
            "better": words.say("The {counted} people coached on this rose together by {change} ({range}).", **values),
            "worse": words.say("The {counted} people coached on this fell together by {change} ({range}).", **values),
        }.get(
            pooled.answer,
            words.say(
                "The {counted} people coached on this changed together by {change} ({range}): cannot tell.", **values
            ),
        )
    if pooled.counted < pooled.coached:
        return words.many(
            "{coached} person coached on this, {counted} with enough data: cannot tell whether it helps.",
            "{coached} people coached on this, {counted} with enough data: cannot tell whether it helps.",
            pooled.coached,
            **numbers,
        )
    return words.many(
        "{coached} person coached on this: cannot tell whether it helps; that takes four at least.",
        "{coached} people coached on this: cannot tell whether it helps; that takes four at least.",
        pooled.coached,
        **numbers,
    )


def by_lot(lot: LotEffect, words: Words) -> str:
    """The one place that may say effect."""
    values = {
        "measure": words.measure(lot.measure),
        "first": words.count(lot.first),
        "later": words.count(lot.later),
        "change": words.gap(_plus(lot.effect)),
        "range": _range(lot.low, lot.high, words),
        "day": words.day(lot.later_on),
    }
    if lot.answer == "too_early":
        return words.say("By lot, “{measure}”: the answer comes when the later wave begins, on {day}.", **values)
    if lot.answer == "cannot_tell":
        return (
            words.say("By lot, “{measure}”: {first} coached first, {later} later, {range}: cannot tell.", **values)
            if lot.low is not None
            else words.say(
                "By lot, “{measure}”: {first} coached first and {later} later can be compared: too few, cannot tell.",
                **values,
            )
        )
    return words.say(
        "By lot, “{measure}”: {first} coached first, {later} later; the effect of the coaching is {change} ({range}).",
        **values,
    )


def _dates_only(brief: Brief, words: Words) -> list[str]:
    """Sessions on no measure in particular, or on one that cannot be compared."""
    about, until = {e.measure for e in brief.effects.reps}, brief.facts.window.end
    days = sorted({on for on, measure, _ in brief.coached if measure not in about and on <= until})
    if not days:
        return []
    listed = words.listed([words.day(day) for day in days])
    return [words.say("Coached on {days}, on no measure that can be compared: a date, and no answer.", days=listed)]


def _nothing_so_far(brief: Brief, words: Words, audience: Audience) -> str:
    if later := sorted({on for on, _, _ in brief.coached}):
        listed = words.listed([words.day(day) for day in later])
        return words.say("Coaching on {days}, after this period: no answer yet.", days=listed)
    if audience == "rep":
        return words.say("No coaching is logged in this period.")
    return words.say(
        "No coaching of this person is logged. A line in coaching_log (rep_id, on, measure) is enough; later "
        "reports tell what has changed since."
    )


def _trials(effect: CoachingEffect, stretch: Stretch, words: Words) -> str:
    return f"{words.count(stretch.trials)} {words.per(effect.measure, stretch.trials)}"


def _range(low: float | None, high: float | None, words: Words) -> str:
    return words.interval(_plus(low), _plus(high), words.gap)


def _plus(change: float | None) -> float | None:
    return None if change is None else 1 + change


def _times(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a * b
