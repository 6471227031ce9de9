"""How the figure of what is to come is drawn: the month so far, the calendar, and the range at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sdrlib.publish.plots.canvas import (
    ACCENT,
    DASHED,
    GREY,
    INK,
    PALE,
    PAPER,
    Picture,
    annotate,
    canvas,
    fit,
    name_marks,
    picture,
)
from sdrlib.records import MeetingWeek, Outlook
from sdrlib.words import Words


@dataclass(frozen=True)
class Ahead:
    """What the figure needs: the weeks of a month, what it comes to, and where the axis ends."""

    title: str
    weeks: Sequence[MeetingWeek]
    outlook: Outlook
    top: float


def ahead(drawing: Ahead, words: Words, *, alt: str, caption: str) -> Picture:
    """Held and booked meetings added up week by week, then the range at the end of the month and the quota."""
    weeks, outlook = drawing.weeks, drawing.outlook
    held, booked = (np.cumsum([getattr(w, name) for w in weeks]) for name in ("held", "ahead"))
    quota = [] if outlook.quota is None else [words.say("quota {number}", number=words.count(outlook.quota))]
    places, end, last = np.arange(len(weeks)), len(weeks) + 0.3, len(weeks) + 1.1
    with canvas() as (fig, ax):
        ax.bar(places, held, width=0.62, color=ACCENT, label=words.say("held so far"))
        ax.bar(places, booked, bottom=held, width=0.62, color=PALE, edgecolor=GREY, label=words.say("on the calendar"))
        _draw_range(ax, outlook, end, words)
        if outlook.quota is not None:
            ax.axhline(outlook.quota, color=INK, linewidth=1.1, linestyle=DASHED)
            annotate(ax, quota[0], (last, outlook.quota), (4, 0), ha="left", color=INK)
        ax.set(xlim=(-0.5, last), ylim=(0, max(drawing.top, 1)), ylabel="")
        ax.set_xticks([*places, end], [*(words.short_day(w.start) for w in weeks), words.say("month’s end")])
        ax.set_xlabel(words.say("Week from"))
        ax.locator_params(axis="y", integer=True)
        name_marks(ax)
        fit(fig, ax, right=quota)
        return picture(fig, alt=alt, title=drawing.title, caption=caption)


def _draw_range(ax: Any, outlook: Outlook, end: float, words: Words) -> None:
    """A bar from the 10 to the 90 % point, and a mark at the middle; all three by number."""
    ax.plot([end, end], [outlook.low, outlook.high], color=ACCENT, linewidth=7, alpha=0.35, solid_capstyle="butt")
    ax.plot([end], [outlook.median], marker="D", markersize=9, color=ACCENT, markeredgecolor=PAPER, linestyle="none")
    spots = {outlook.low: -9, outlook.high: 9, outlook.median: 0}  # apart, however narrow the range
    for value, up in spots.items():
        color = ACCENT if value == outlook.median else INK
        annotate(ax, words.count(value), (end, value), (9, up), ha="left", color=color)
