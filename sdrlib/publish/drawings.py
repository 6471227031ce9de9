"""Small drawings inside a table: one interval, one row of weeks. SVG written by hand; colours come from the page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sdrlib.publish.markup import Markup, el
from sdrlib.records import Finding, Week
from sdrlib.words import Words

WIDEST = 4.0
"""Both ends of the common scale: from 1/4 to 4 times what colleagues reach, on a log axis."""

BAR = (150, 18)
SPARK = (96, 22)
SPAN: dict[str, Any] = {"class_": "span", "fill": "currentColor", "fill_opacity": 0.5, "stroke": "none"}
DOT: dict[str, Any] = {"class_": "dot", "fill": "currentColor", "stroke": "none"}
"""Filled with the colour of the text where no page says otherwise, as in Lab."""

TYPICAL_AT_LEAST = 2.5
"""A row of weeks reaches from 0 to this many times the usual rate, so that two rows can be compared."""


def interval_bar(finding: Finding, words: Words) -> Markup | None:
    """The 95 % interval of the ratio to colleagues, around a line that marks "as colleagues"."""
    ratio, low, high = finding.ratio, finding.low, finding.high
    if ratio is None or low is None or high is None:
        return None
    width, height = BAR
    middle = height / 2
    left, right = _place(low, width), _place(high, width)
    label = words.say(
        "{gap} against colleagues, 95% interval {interval}",
        gap=words.gap(ratio),
        interval=words.interval(low, high, words.gap),
    )
    return _drawing(
        BAR,
        label,
        *(_line(_place(at, width), 4, _place(at, width), height - 4, "tick") for at in (0.5, 2.0)),
        _line(width / 2, 0, width / 2, height, "middle"),
        el("rect", x=_at(left), y=_at(middle - 3), width=_at(max(right - left, 1)), height=6, rx=3, **SPAN),
        el("circle", cx=_at(_place(ratio, width)), cy=_at(middle), r=4, **DOT),
    )


def sparkline(weeks: Sequence[Week], usual: float | None, measure: str, words: Words) -> Markup | None:
    """The weekly rate as a line over the usual one; weeks without trials are gaps."""
    rates = [w.successes / w.trials if w.trials > 0 else None for w in weeks]
    known = [r for r in rates if r is not None]
    if len(known) < 3 or not usual:
        return None
    width, height = SPARK
    top = TYPICAL_AT_LEAST * usual
    step = (width - 6) / max(len(rates) - 1, 1)

    def point(i: int, rate: float) -> str:
        return f"{_at(3 + i * step)},{_at(height - 3 - (height - 6) * min(rate / top, 1))}"

    level = height - 3 - (height - 6) * min(usual / top, 1)
    last = max(i for i, r in enumerate(rates) if r is not None)
    x, y = point(last, rates[last] or 0.0).split(",")
    label = words.say(
        "{weeks} weeks between {low} and {high}, the last at {last}",
        weeks=words.count(len(known)),
        low=words.rate(measure, min(known)),
        high=words.rate(measure, max(known)),
        last=words.rate(measure, rates[last]),
    )
    return _drawing(
        SPARK,
        label,
        _line(0, level, width, level, "middle"),
        *(el("polyline", points=" ".join(run), class_="run") for run in _runs(rates, point)),
        el("circle", cx=x, cy=y, r=2.5, **DOT),
    )


def _runs(rates: Sequence[float | None], point: object) -> list[list[str]]:
    runs: list[list[str]] = [[]]
    for i, rate in enumerate(rates):
        if rate is None:
            runs.append([])
        else:
            runs[-1].append(point(i, rate))  # type: ignore[operator]
    return [run for run in runs if len(run) > 1]


def _place(ratio: float, width: float) -> float:
    """Where a ratio lies on the common log scale; what is off the scale sits at its end."""
    share = 0.5 + math.log(max(ratio, 1e-9)) / (2 * math.log(WIDEST))
    return width * min(max(share, 0.02), 0.98)


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    return el("line", x1=_at(x1), y1=_at(y1), x2=_at(x2), y2=_at(y2), class_=kind)


def _drawing(size: tuple[int, int], label: str, *shapes: Markup) -> Markup:
    width, height = size
    return el(
        "svg",
        el("title", label),
        *shapes,
        role="img",
        aria_label=label,
        width=width,
        height=height,
        viewBox=f"0 0 {width} {height}",
        fill="none",
        stroke="currentColor",
    )


def _at(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
