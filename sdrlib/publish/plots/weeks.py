"""A rate week by week, within its natural limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from sdrlib.publish.plots.canvas import (
    ACCENT,
    DASHED,
    GREY,
    INK,
    PAPER,
    SHADE,
    Picture,
    annotate,
    canvas,
    fit,
    picture,
    show_ticks,
)
from sdrlib.records import Week
from sdrlib.stats.trend import RateChart
from sdrlib.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_TICKS = 6
"""So many days stand under the weeks at most: seven touch each other in French."""

WIDENED = (2.0, 3.0, 5.0, 8.0)
"""The weekly axis ends at the first of these multiples of the team's rate that holds every week."""


@dataclass(frozen=True)
class Weekly:
    """What the weekly figure needs: the weeks, their limits, the comparison, the team's usual rate for the axis.

    ``share`` says whether the rate is one; else it is events a day.
    """

    title: str
    weeks: Sequence[Week]
    chart: RateChart
    expected: float | None
    usual: float
    coached: Sequence[date]
    share: bool = True


def weekly(drawing: Weekly, words: Words, *, alt: str, caption: str) -> Picture:
    """The weekly rate within its natural limits, coaching dates marked."""
    days = [_at(w.start) for w in drawing.weeks]
    rates = [w.successes / w.trials for w in drawing.weeks]
    last, colleagues = days[-1] + 4, words.say("colleagues")
    with canvas() as (fig, ax):
        _draw_natural(ax, days, drawing.chart)
        if drawing.expected is not None:
            ax.axhline(drawing.expected, color=INK, linewidth=1.1, linestyle=DASHED)
            annotate(ax, colleagues, (last, drawing.expected), (4, 0), ha="left", color=INK)
        ax.plot(days, rates, color=ACCENT, linewidth=1.7, marker="o", markersize=6, markeredgecolor=PAPER)
        ax.set(
            ylim=(0, _ceiling(rates, drawing.usual, 1.05 if drawing.share else np.inf)),
            xlim=(days[0] - 4, last),
            ylabel="",
        )
        ax.set_xlabel(words.say("Week from"))
        every = ceil(len(days) / MOST_TICKS)
        ax.set_xticks(days[::every], [words.short_day(w.start) for w in drawing.weeks[::every]])
        _show_rates(ax, words, share=drawing.share)
        for on in drawing.coached:
            _draw_coaching(ax, _at(on), words)
        fit(fig, ax, right=[colleagues] if drawing.expected is not None else [])
        return picture(fig, alt=alt, title=drawing.title, caption=caption)


def _show_rates(ax: Axes, words: Words, *, share: bool) -> None:
    top = ax.get_ylim()[1]
    if share:
        show_ticks(ax.yaxis, lambda rate: words.percent(rate, 0 if top >= 0.05 else 1))
    else:
        show_ticks(ax.yaxis, lambda rate: words.number(rate, 1 if top >= 0.5 else 2))


def _draw_natural(ax: Axes, days: Sequence[float], chart: RateChart) -> None:
    ax.fill_between(days, chart.low, chart.high, step="mid", color=SHADE, linewidth=0)
    for line in (chart.low, chart.high):
        ax.step(days, line, where="mid", color=GREY, linewidth=0.9)
    ax.axhline(chart.center, color=GREY, linewidth=0.8)


def _draw_coaching(ax: Axes, day: float, words: Words) -> None:
    ax.axvline(day, color=INK, linewidth=1.2, linestyle=":")
    annotate(ax, words.say("coached"), (day, ax.get_ylim()[1]), (4, -9), ha="left", color=INK)


def _ceiling(rates: Sequence[float], usual: float, most: float) -> float:
    """The end of the axis: a few multiples of the team's rate, so that reps share a scale."""
    if usual <= 0:
        return max(max(rates) * 1.1, 0.01)
    fits = (k * usual for k in WIDENED if max(rates) <= 0.97 * k * usual)
    return min(next(fits, max(rates) * 1.05), most)


def _at(day: date) -> float:
    from matplotlib.dates import date2num

    return float(date2num(day))  # type: ignore[no-untyped-call]
