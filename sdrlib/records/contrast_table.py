"""Contrasts as a table for a notebook, with their sentence when there is one."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from sdrlib.records import telling
from sdrlib.words import MISSING, Words

if TYPE_CHECKING:
    from sdrlib.records.contrast import Contrast, Side


def caveats(contrast: Contrast, words: Words) -> list[str]:
    """What weakens a contrast, in words; nothing that the sentence says already."""
    told = {
        "no_prospects": words.say("The data names no prospects: repeated calls to one of them count as independent."),
        "few_blocks": words.say(
            "Fewer than two weeks, or two people, on a side: how much these vary is unknown, and the interval may be "
            "too narrow."
        ),
        "few_clusters": words.say("Few weeks or people: the interval is wide because of it."),
        "no_shared_stratum": words.say("Nothing compares like with like."),
        "strata_differ": words.say(
            "The difference is not the same everywhere: look at it list by list and rep by rep."
        ),
    }
    return [told[key] for key in contrast.reasons if key in told]


def nothing(language: str) -> str:
    """Why there is no contrast at all."""
    return Words(language).say("Nothing to compare: of what was counted the data names no level.")


def page(contrasts: Sequence[Contrast], language: str) -> str:
    """A table and its sentences, for a notebook: no colour of its own, so light and dark both read well."""
    words = Words(language)
    if not contrasts:
        return f"<p>{escape(nothing(language))}</p>"
    headings = [
        words.say("Comparison"),
        words.say("A"),
        words.say("B"),
        words.say("Difference"),
        words.say("Like for like"),
        words.say("p, adjusted"),
        words.say("What may be said"),
    ]
    head = "".join(f'<th style="text-align:left">{escape(h)}</th>' for h in headings)
    body = "".join(f"<tr>{_cells(c, words)}</tr>" for c in contrasts)
    told = [telling.sentence(contrasts[0], language), *caveats(contrasts[0], words)] if len(contrasts) == 1 else []
    notes = "".join(f"<p>{escape(text)}</p>" for text in told)
    return (
        f'<div style="overflow-x:auto"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{notes}'
    )


def _cells(contrast: Contrast, words: Words) -> str:
    a, b = (telling.side_name(contrast, s, words) for s in (contrast.a, contrast.b))
    texts = [
        words.say("{a} against {b}", a=a, b=b),
        _side(contrast, contrast.a, words),
        _side(contrast, contrast.b, words),
        _signed(contrast, contrast.difference, contrast.low, contrast.high, words),
        _signed(contrast, contrast.alike_difference, contrast.alike_low, contrast.alike_high, words),
        _p(contrast.p_adjusted, words),
        conclusion(contrast.conclusion, words),
    ]
    return "".join(f'<td style="text-align:left">{escape(text)}</td>' for text in texts)


def _p(p: float | None, words: Words) -> str:
    least = 0.001
    return (
        words.say("under {number}", number=words.number(least, 3))
        if p is not None and p < least
        else words.number(p, 3)
    )


def _side(contrast: Contrast, side: Side, words: Words) -> str:
    counts = words.say(
        "{successes} of {trials}", successes=words.count(side.successes), trials=words.count(side.trials)
    )
    return f"{counts} ({words.rate(contrast.measure, side.rate)})"


def _signed(contrast: Contrast, value: float | None, low: float | None, high: float | None, words: Words) -> str:
    """A difference with its sign and limits: ``+2.1 (0.4 to 3.8)``."""
    if value is None or low is None or high is None:
        return MISSING
    scale, digits = (100.0, 1) if contrast.kind == "rate" else (1.0, telling.digits(contrast))
    plus = "+" if round(scale * value, digits) > 0 else ""
    limits = words.interval(scale * low, scale * high, lambda end: words.number(end, digits))
    return f"{plus}{words.number(scale * value, digits)} ({limits})"


def conclusion(code: str, words: Words) -> str:
    """The conclusion in a word or two."""
    return {
        "differs": words.say("differs"),
        "not_settled": words.say("not settled"),
        "too_little_data": words.say("too little data"),
        "mix": words.say("the mix differs"),
        "hidden": words.say("hidden by the mix"),
        "reversed": words.say("reversed by the mix"),
        "no_data": words.say("no data"),
    }[code]
