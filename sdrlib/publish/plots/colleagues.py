"""A rep among anonymous colleagues: a funnel plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from sdrlib.publish.plots.canvas import (
    ACCENT,
    DASHED,
    DOT,
    GREY,
    INK,
    PAPER,
    SHADE,
    Picture,
    annotate,
    canvas,
    fit,
    picture,
    round_up,
    show_ticks,
)
from sdrlib.stats.limits import funnel_exact
from sdrlib.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RARE = 0.001
"""Rate at which binomial limits are those of rare events, so that one funnel serves rates and counts."""

TOP_RATIO = 2.5
"""Upper end of every funnel's axis: two reps' figures can be laid side by side."""


@dataclass(frozen=True)
class Funnel:
    """What a funnel plot needs: (expected events, ratio) of the rep and of the colleagues."""

    title: str
    name: str
    own: tuple[float, float]
    band: Sequence[tuple[float, float]]


def funnel_limits(events: ArrayLike) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Ratios between which 95 % and 99.8 % of typical reps lie, by expected events.

    Args:
        events: (R,) expected events.

    Returns:
        (R, 4) lower 99.8 %, lower 95 %, upper 95 %, upper 99.8 %.
    """
    trials = np.maximum(np.round(np.asarray(events, dtype=np.float64) / RARE), 1)
    return np.clip(funnel_exact(RARE, trials) / RARE, 0, None)


def funnel(drawing: Funnel, words: Words, *, alt: str, caption: str) -> Picture:
    """The rep among colleagues, inside or outside of what chance alone does."""
    right = round_up(max(x for x, _ in (*drawing.band, drawing.own)))
    with canvas() as (fig, ax):
        _draw_limits(ax, right)
        xs, ys = zip(*drawing.band, strict=True)
        ax.plot(xs, np.minimum(ys, TOP_RATIO), "o", color=DOT, markersize=6, markeredgecolor=PAPER, markeredgewidth=0.6)
        _draw_own(ax, drawing, right)
        ax.set(xlim=(0, right), ylim=(0, TOP_RATIO))
        ax.set(xlabel=words.say("Expected events"), ylabel=words.say("Gap to colleagues"))
        ax.set_yticks([0.5, 1, 1.5, 2], ["0" if r == 1 else words.gap(r) for r in (0.5, 1, 1.5, 2)])
        show_ticks(ax.xaxis, words.count)
        fit(fig, ax)
        return picture(fig, alt=alt, title=drawing.title, caption=caption)


def _draw_limits(ax: Axes, right: float) -> None:
    xs = np.linspace(max(right / 200, 1), right, 80)
    outer_low, low, high, outer_high = funnel_limits(xs).T
    ax.fill_between(xs, low, high, color=SHADE, linewidth=0)
    for line in (low, high):
        ax.plot(xs, line, color=GREY, linewidth=0.9)
    for line in (outer_low, outer_high):
        ax.plot(xs, line, color=GREY, linewidth=0.9, linestyle=DASHED)
    ax.axhline(1, color=INK, linewidth=0.9)


def _draw_own(ax: Axes, drawing: Funnel, right: float) -> None:
    x, y = drawing.own[0], min(drawing.own[1], TOP_RATIO)
    ax.plot([x], [y], marker="D", markersize=10, color=ACCENT, markeredgecolor=PAPER, linestyle="none", zorder=5)
    side = "left" if x < 0.2 * right else "right" if x > 0.8 * right else "center"
    annotate(ax, drawing.name, (x, y), (0, 15 if y < 0.4 else -15), ha=side, color=ACCENT)
