"""The path as a picture that shows the drop: bars as long as their counts, what moved on, is still there, was lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from sdrlib.knowledge import read
from sdrlib.publish.markup import Markup, el
from sdrlib.records import Passage
from sdrlib.words import Words

WIDTH, LONGEST, ROW, TOP, BAR = 440, 438, 64, 30, 20
"""Narrow enough that a phone shows it whole: what is said of a bar stands above and below it."""
LEAST = 1.5
"""What is there is seen, however few it is."""
INCREASED = 1.5
"""A second scale that differs by less is none."""


class _Part(NamedTuple):
    """One piece of a bar: how many, its class, and how it looks where no style sheet reaches."""

    number: int
    kind: str
    opacity: float


def path_figure(steps: Sequence[Passage], currency: str, words: Words) -> Markup | None:
    """Bars for every step, each unit on its own scale; None where nobody entered any.

    Args:
        steps: The steps of the path, in order.
        currency: Of their values.
        words: The language.
    """
    shown = [s for s in steps if s.entered + s.skipped]
    if not shown:
        return None
    scales = _scales(shown)
    before = {after.step: first for first, after in pairwise(shown)}
    rows = [
        piece
        for number, step in enumerate(shown)
        for piece in _row(step, before.get(step.step), TOP + number * ROW, scales[_scale_of(step)], currency, words)
    ]
    height = TOP + len(shown) * ROW + 4
    told = alternative(shown, currency, words)
    picture = el(
        "svg", el("title", words.say("The sales path, step by step")), *_legend(words), *rows,
        role="img", aria_label=told, viewBox=f"0 0 {WIDTH} {height}", class_="steps", fill="none",
    )  # fmt: skip
    return el("figure", picture, el("figcaption", _caption(scales, words)), class_="path-figure")


def _scale_of(step: Passage) -> str:
    """Customers are deals that were won: they share the scale of the deals."""
    return "lead" if step.unit == "lead" else "deal"


def _scales(steps: Sequence[Passage]) -> dict[str, float]:
    """Pixels per one of each unit."""
    most = {unit: max((s.entered for s in steps if _scale_of(s) == unit), default=0) for unit in ("lead", "deal")}
    return {unit: LONGEST / number if number else 0.0 for unit, number in most.items()}


def _row(step: Passage, before: Passage | None, y: int, scale: float, currency: str, words: Words) -> Iterator[Markup]:
    name, owner = step_name(step.step, words), owner_names(step.step, words)
    yield _text(0, y + 10, name, "name", weight="bold")
    yield _text(WIDTH, y + 10, _number(step, before, words), "name", anchor="end")
    x = 0.0
    for part in _parts(step):
        width = max(part.number * scale, LEAST) if part.number else 0.0
        if width:
            yield el(
                "rect", x=f"{x:.1f}", y=y + 16, width=f"{width:.1f}", height=BAR, class_=part.kind, fill="currentColor",
                fill_opacity=part.opacity, stroke="currentColor", stroke_opacity=0.6, stroke_width=0.8,
                stroke_dasharray="3 2" if part.kind == "gone" else None,
            )  # fmt: skip
        x += width
    yield _text(0, y + BAR + 29, owner, "soft")
    more = " · ".join(part for part in (_went_on(step, words), _worth(step, currency, words)) if part)
    yield _text(WIDTH, y + BAR + 29, more, "soft", anchor="end")


def _parts(step: Passage) -> tuple[_Part, ...]:
    return _Part(step.moved, "own", 0.75), _Part(step.still, "rest", 0.25), _Part(step.lost, "gone", 0.0)


def _number(step: Passage, before: Passage | None, words: Words) -> str:
    count = words.count(step.entered)
    if before is None or not before.entered:
        return count
    share = words.percent(step.entered / before.entered)
    return words.say("{count} · {share} of the step before", count=count, share=share)


def _went_on(step: Passage, words: Words) -> str:
    return words.say("{share} go on", share=words.percent(step.rate)) if step.rate is not None else ""


def _worth(step: Passage, currency: str, words: Words) -> str:
    return "" if step.value is None else money(step.value, currency, words)


def _legend(words: Words) -> Iterator[Markup]:
    parts = (
        (words.say("moved on"), "own", 0.75),
        (words.say("still there"), "rest", 0.25),
        (words.say("lost"), "gone", 0.0),
    )
    for number, (name, kind, opacity) in enumerate(parts):
        x = number * 145
        yield el(
            "rect", x=x, y=2, width=14, height=12, class_=kind, fill="currentColor", fill_opacity=opacity,
            stroke="currentColor", stroke_opacity=0.6, stroke_width=0.8,
            stroke_dasharray="3 2" if kind == "gone" else None,
        )  # fmt: skip
        yield _text(x + 20, 12, name, "soft")


def _text(x: float, y: float, content: str, kind: str, weight: str | None = None, anchor: str | None = None) -> Markup:
    size = 12 if kind == "name" else 11
    return el(
        "text", content, x=x, y=y, class_=kind, fill="currentColor", stroke="none", font_size=size, font_weight=weight,
        text_anchor=anchor,
    )  # fmt: skip


def _caption(scales: dict[str, float], words: Words) -> str:
    told = words.say(
        "Bars are as long as what entered a step in the period; they are not one group followed through, since who "
        "entered late is still under way."
    )
    if scales["lead"] and scales["deal"] / scales["lead"] >= INCREASED:
        times = words.count(scales["deal"] / scales["lead"])
        return told + " " + words.say("Deals and customers are drawn {times} times as large as prospects.", times=times)
    return told


def alternative(steps: Sequence[Passage], currency: str, words: Words) -> str:
    """All that the picture shows, in words."""
    lines = []
    for step in steps:
        told = words.say(
            "{step}: {entered} entered, {moved} moved on, {still} still there, {lost} lost",
            step=step_name(step.step, words),
            entered=words.count(step.entered),
            moved=words.count(step.moved),
            still=words.count(step.still),
            lost=words.count(step.lost),
        )
        lines.append(", ".join(part for part in (told, _worth(step, currency, words)) if part))
    return words.say("Bars of the sales path. {steps}.", steps=words.parted(lines))


def step_name(step: str, words: Words) -> str:
    """The name of a step or of a mark."""
    known = read("path")
    return words.text((known["steps"].get(step) or known["marks"][step])["name"])


def owner_names(step: str, words: Words) -> str:
    """Who owns a step."""
    names = [words.text(read("path")["owners"][role]) for role in read("path")["steps"][step]["owner"]]
    return words.say("{a} or {b}", a=names[0], b=names[1]) if len(names) == 2 else names[0]


def money(value: float, currency: str, words: Words) -> str:
    """An amount with its currency."""
    return f"{words.count(value)} {currency}".strip()
