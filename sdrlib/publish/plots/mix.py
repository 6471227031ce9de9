"""Where the activity goes: a share of the rep beside that of the colleagues, level by level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sdrlib.publish.plots.canvas import (
    ACCENT,
    DOT,
    GREY,
    INK,
    PALE,
    PAPER,
    SIZE,
    Picture,
    annotate,
    canvas,
    fit,
    name_marks,
    picture,
    show_ticks,
)
from sdrlib.words import Words

ROW = 0.27
"""Height of a level, in inches; the axis and its title take the rest."""

EDGE = 0.13
"""Of the axis, on both sides: room for a share written beside a mark that stands at the end."""

ENDS = (0.5, 1.0)
"""The axis ends at the first of these that holds every share: few scales, so that reps can be laid side by side."""


@dataclass(frozen=True)
class Shares:
    """What the figure of the mix needs.

    Attributes:
        title: The finding.
        name: The rep's.
        rows: (level, own share, colleagues' share), from top to bottom.
        notable: Levels whose difference is worth a look; they stand out.
    """

    title: str
    name: str
    rows: Sequence[tuple[str, float, float]]
    notable: frozenset[str]


def shares(drawing: Shares, words: Words, *, alt: str, caption: str) -> Picture:
    """Two marks a level, joined: the rep's and the colleagues'."""
    own, rest = [o for _, o, _ in drawing.rows], [r for _, _, r in drawing.rows]
    height = list(range(len(drawing.rows)))
    end = next(end for end in ENDS if max(*own, *rest) <= end or end == ENDS[-1])
    with canvas((SIZE[0], 0.9 + ROW * len(height))) as (fig, ax):
        ax.grid(visible=True, axis="x")
        ax.grid(visible=False, axis="y")
        for y, (level, mine, theirs) in zip(height, drawing.rows, strict=True):
            stands_out = level in drawing.notable
            ax.plot([mine, theirs], [y, y], color=GREY if stands_out else PALE, linewidth=2.4 if stands_out else 1.2)
        ax.plot(rest, height, "o", color=DOT, markersize=8, markeredgecolor=PAPER, label=words.say("colleagues"))
        ax.plot(own, height, "D", color=ACCENT, markersize=8, markeredgecolor=PAPER, label=drawing.name)
        for y, (level, mine, theirs) in zip(height, drawing.rows, strict=True):
            if level in drawing.notable:
                right = mine >= theirs
                annotate(ax, words.percent(mine, 0), (mine, y), (9 if right else -9, 0), ha=_side(right), color=ACCENT)
                annotate(
                    ax, words.percent(theirs, 0), (theirs, y), (-9 if right else 9, 0), ha=_side(not right), color=INK
                )
        ax.set(xlim=(-EDGE * end, (1 + EDGE) * end), ylim=(len(height) - 0.4, -0.6))
        ax.set_yticks(height, [level for level, _, _ in drawing.rows])
        ax.set_xlabel(words.say("Share of activity"))
        show_ticks(ax.xaxis, lambda share: words.percent(share, 0))
        name_marks(ax)
        fit(fig, ax)
        return picture(fig, alt=alt, title=drawing.title, caption=caption)


def _side(right: bool) -> str:
    return "left" if right else "right"
