"""A contrast as a plain sentence: what was counted, the difference, and what may be said of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from babel.dates import format_date

from sdrlib.words import MISSING, Words

if TYPE_CHECKING:
    from sdrlib.records.contrast import Contrast, Side

REST = "*"
"""How everybody else is written in a frame."""

LONGEST = 80
"""Characters of a level in a sentence; a longer name is no name."""

PEOPLE = frozenset({"rep", "team"})


def sentence(contrast: Contrast, language: str) -> str:
    """What was counted on both sides, the difference with its interval, and the conclusion."""
    words = Words(language)
    if contrast.conclusion == "no_data":
        return _no_data(contrast, words)
    return " ".join(part for part in (_counted(contrast, words), _concluded(contrast, words)) if part)


def side_name(contrast: Contrast, side: Side, words: Words) -> str:
    """A side as a reader would call it."""
    if not side.levels:
        return words.say("everybody else") if contrast.dimension == "rep" else words.say("all others")
    names = [_level(contrast, level, words) for level in side.levels]
    if contrast.dimension == "hour" and len(names) > 1 and _in_a_row(side.levels):
        return words.say(
            "{first} to {last}", first=names[0], last=_level(contrast, str(int(side.levels[-1]) + 1), words)
        )
    return words.listed(names)


def label(text: str, longest: int = 40) -> str:
    """What somebody typed, as a label: one line, no control characters, not endless."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return printable if len(printable) <= longest else printable[: longest - 1] + "…"


def _level(contrast: Contrast, level: str, words: Words) -> str:
    if contrast.dimension == "rep":
        return label(contrast.names.get(level, level), LONGEST)
    if contrast.dimension in {"list", "script", "campaign"}:
        return words.say("“{name}”", name=label(level, LONGEST))
    if contrast.dimension == "period":
        return _period(level, words)
    return label(words.level(contrast.dimension, level), LONGEST)


def _period(level: str, words: Words) -> str:
    """A month by its name; other periods as the settings write them."""
    try:
        return format_date(datetime.strptime(level, "%Y-%m").date(), "MMMM y", locale=words.language)
    except ValueError:
        return level


def _in_a_row(levels: Sequence[str]) -> bool:
    hours = [int(level) for level in levels]
    return hours == list(range(hours[0], hours[0] + len(hours)))


def _no_data(contrast: Contrast, words: Words) -> str:
    sides = [side_name(contrast, s, words) for s in (contrast.a, contrast.b) if not s.trials]
    return words.say(
        "{measure}: nothing to compare, {reason}.",
        measure=words.measure(contrast.measure),
        reason=_reason(next((r for r in contrast.reasons if r != "no_trials"), "no_trials"), sides, words),
    )


def _reason(key: str, sides: list[str], words: Words) -> str:
    if key == "no_trials":
        return words.say("nothing was counted for {sides}", sides=words.listed(sides))
    return words.reason(key)


def _counted(contrast: Contrast, words: Words) -> str:
    a, b = contrast.a, contrast.b
    values = {
        "measure": words.measure(contrast.measure),
        "a": side_name(contrast, a, words),
        "b": side_name(contrast, b, words),
        "ax": words.count(a.successes),
        "an": words.count(a.trials),
        "ar": words.rate(contrast.measure, a.rate),
        "bx": words.count(b.successes),
        "bn": words.count(b.trials),
        "br": words.rate(contrast.measure, b.rate),
        "gap": gap(contrast, contrast.difference, words),
        "interval": interval(contrast, contrast.low, contrast.high, words),
    }
    if contrast.kind == "count":
        return words.say(
            "{measure}, {a} against {b}: {ax} in {an} {per} ({ar}) against {bx} in {bn} ({br}), {gap} ({interval}).",
            per=words.per(contrast.measure, a.trials),
            **values,
        )
    return words.say(
        "{measure}, {a} against {b}: {ax} of {an} {per} ({ar}) against {bx} of {bn} ({br}), {gap} ({interval}).",
        per=words.per(contrast.measure, a.trials),
        **values,
    )


def gap(contrast: Contrast, difference: float | None, words: Words) -> str:
    """``2.1 points more``, or ``3.20 a day less``."""
    size = _size(contrast, words)
    if difference is None:
        return MISSING
    shown = size(abs(difference))
    if shown == size(0.0):
        return words.say("no difference to speak of")
    if contrast.kind == "count":
        more = words.say("{number} a day more", number=shown)
        return more if difference > 0 else words.say("{number} a day less", number=shown)
    points = round(100 * abs(difference), 1)
    if difference > 0:
        return words.many("{number} point more", "{number} points more", points, number=shown)
    return words.many("{number} point less", "{number} points less", points, number=shown)


def interval(contrast: Contrast, low: float | None, high: float | None, words: Words) -> str:
    """Both ends in the sense of the difference: ``0.4 to 3.8``, or ``from 1.2 less to 1.8 more``."""
    size = _size(contrast, words)
    if low is None or high is None:
        return MISSING
    if low < 0 < high:
        return words.say("from {low} less to {high} more", low=size(-low), high=size(high))
    near, far = sorted((abs(low), abs(high)))
    return words.interval(near, far, lambda value: size(value or 0.0))


def _size(contrast: Contrast, words: Words) -> Callable[[float], str]:
    if contrast.kind == "rate":
        return lambda value: words.number(100 * value)
    return lambda value: words.number(value, digits(contrast))


def digits(contrast: Contrast) -> int:
    """Of a difference a day: as many as the rates themselves are shown with."""
    return 1 if max(contrast.a.rate or 0.0, contrast.b.rate or 0.0) >= 10 else 2


def _concluded(contrast: Contrast, words: Words) -> str:
    told = {
        "differs": _differs,
        "not_settled": _not_settled,
        "too_little_data": _too_little,
        "mix": _mix,
        "hidden": _hidden,
        "reversed": _reversed,
    }
    return told[contrast.conclusion](contrast, words)


def _like_for_like(contrast: Contrast, words: Words) -> dict[str, str]:
    return {
        "alike": _alike(contrast, words),
        "gap": gap(contrast, contrast.alike_difference, words),
        "interval": interval(contrast, contrast.alike_low, contrast.alike_high, words),
    }


def _differs(contrast: Contrast, words: Words) -> str:
    if contrast.alike_difference is None:
        return words.say(
            "This is established, but nothing compares like with like: no trials of both sides share {alike}, "
            "and that could explain it.",
            alike=_alike(contrast, words),
        )
    return words.say(
        "For {alike}: {gap} ({interval}). The difference is established; its cause is not.",
        **_like_for_like(contrast, words),
    )


def _mix(contrast: Contrast, words: Words) -> str:
    return words.say(
        "Yet for {alike}: {gap} ({interval}). What differs is the mix of {mix}.",
        mix=_mixed(contrast, words),
        **_like_for_like(contrast, words),
    )


def _hidden(contrast: Contrast, words: Words) -> str:
    return words.say(
        "For {alike}: {gap} ({interval}). This is established; the totals hide it behind the mix of {mix}.",
        mix=_mixed(contrast, words),
        **_like_for_like(contrast, words),
    )


def _reversed(contrast: Contrast, words: Words) -> str:
    return words.say(
        "For {alike} it is the other way round: {gap} ({interval}). The totals mislead, because the mix of {mix} "
        "differs.",
        mix=_mixed(contrast, words),
        **_like_for_like(contrast, words),
    )


def _not_settled(contrast: Contrast, words: Words) -> str:
    alone = contrast.p is not None and contrast.p <= 0.05 < (contrast.p_adjusted or 0)
    beside = ""
    if contrast.alike_difference is not None:
        beside = words.say("For {alike}: {gap} ({interval}).", **_like_for_like(contrast, words)) + " "
    if alone:
        told = words.many(
            "Alone it would look settled; among {number} comparison made together it is not.",
            "Alone it would look settled; among {number} comparisons made together it is not.",
            contrast.tests,
            number=words.count(contrast.tests),
        )
        return f"{beside}{told}"
    nothing = words.say("Nothing is settled.")
    return f"{beside}{nothing} {_needed(contrast, words)}".rstrip()


def _too_little(contrast: Contrast, words: Words) -> str:
    too_little = words.say("Too little data to say anything.")
    return f"{too_little} {_needed(contrast, words)}".rstrip()


def _needed(contrast: Contrast, words: Words) -> str:
    """What would settle it, or what is known already because nothing was found."""
    needed, relative = contrast.needed_trials, words.percent(contrast.gap, 0)
    if "people" in contrast.reasons:
        return words.say("More from the same people would not settle it: the teams are small, and people differ.")
    if needed is None or (needed < 1 and "few_blocks" in contrast.reasons):  # how much weeks vary is unknown
        return ""
    if needed < 1:
        return words.say("A gap of {gap} would most likely have shown.", gap=relative)
    return words.say(
        "About {trials} more {per} a side would show a gap of {gap}, 8 times in 10.",
        trials=words.about(needed),
        per=words.per(contrast.measure, max(needed, 2)),
        gap=relative,
    )


def _alike(contrast: Contrast, words: Words) -> str:
    """What is the same on both sides of the like-for-like difference."""
    if contrast.dimension in PEOPLE:
        return words.say("the same lists, channels and tenure")
    if contrast.dimension == "list":
        return words.say("the same reps, channels and tenure")
    if contrast.dimension == "channel":
        return words.say("the same reps, lists and tenure")
    return words.say("the same reps, lists, channels and tenure")


def _mixed(contrast: Contrast, words: Words) -> str:
    if contrast.dimension in PEOPLE:
        return words.say("lists, channels or tenure")
    if contrast.dimension == "list":
        return words.say("reps, channels or tenure")
    if contrast.dimension == "channel":
        return words.say("reps, lists or tenure")
    return words.say("reps, lists, channels or tenure")
