"""How the figures are drawn: the only page that knows matplotlib and seaborn, both imported when first needed."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from sdrlib.publish.markup import Markup, el
from sdrlib.records import Week
from sdrlib.stats.limits import funnel_exact
from sdrlib.stats.trend import RateChart
from sdrlib.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, GREY, DOT, PALE, SHADE, ACCENT = "#1b2530", "#5f6b78", "#7f8b98", "#cfd6dd", "#eef1f4", "#0b5394"
"""One accent for the rep, greys for everybody else; they differ in print too. Nobody is red."""

FONT = "DejaVu Sans"
"""Comes with matplotlib: the same letters, and so the same bytes, on every machine."""

SIZE, DPI = (7.2, 3.4), 160
COLOURS = 256
"""A page may be mailed: with a palette a figure is a third as large, and looks the same."""

DASHED = (0, (4, 3))

RARE = 0.001
"""Rate at which binomial limits are those of rare events, so that one funnel serves rates and counts."""

TOP_RATIO = 2.5
"""Upper end of every funnel's axis: two reps' figures can be laid side by side."""

WIDENED = (2.0, 3.0, 5.0, 8.0)
"""The weekly axis ends at the first of these multiples of the team's rate that holds every week."""


@dataclass(frozen=True)
class Picture:
    """A figure as it travels in a notebook.

    Attributes:
        png: The image.
        alt: What the figure shows, for those who do not see it.
        caption: Printed under it.
    """

    png: bytes
    alt: str
    caption: str = ""

    @property
    def html(self) -> Markup:
        """The image with its words: Lab drops both of a bare PNG."""
        source = f"data:image/png;base64,{b64encode(self.png).decode('ascii')}"
        caption = el("figcaption", self.caption) if self.caption else None
        return el("figure", el("img", src=source, alt=self.alt), caption, tabindex=0)

    def _repr_html_(self) -> str:
        return str(self.html)

    def _repr_mimebundle_(self, **_: Any) -> Mapping[str, str]:
        return {"text/html": str(self.html), "text/plain": self.alt}


def picture(fig: Figure, *, alt: str, caption: str = "") -> Picture:
    """A figure drawn to PNG: the same bytes for the same figure.

    Raises:
        ValueError: there is no alternative text.
    """
    if not alt.strip():
        raise ValueError("a figure needs an alternative text that says what it shows")
    from PIL import Image

    drawn, small = BytesIO(), BytesIO()
    fig.savefig(drawn, format="png", dpi=DPI, facecolor="white", metadata={"Software": None})
    Image.open(drawn).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return Picture(small.getvalue(), alt, caption)


def show(fig: Figure, *, alt: str, caption: str = "") -> None:
    """Show a figure of a notebook with its alternative text, and close it."""
    import matplotlib.pyplot as plt
    from IPython.display import display

    display(picture(fig, alt=alt, caption=caption))  # type: ignore[no-untyped-call]
    plt.close(fig)


# ---- among colleagues -------------------------------------------------------------------------------


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
    import seaborn as sns

    right = _nice(max(x for x, _ in (*drawing.band, drawing.own)))
    with _canvas(drawing.title) as (fig, ax):
        _draw_limits(ax, right)
        xs, ys = zip(*drawing.band, strict=True)
        sns.scatterplot(x=xs, y=np.minimum(ys, TOP_RATIO), ax=ax, color=DOT, s=38, linewidth=0.6)
        _draw_own(ax, drawing, right)
        ax.set(xlim=(0, right), ylim=(0, TOP_RATIO))
        ax.set(xlabel=words.say("Expected events"), ylabel=words.say("Gap to colleagues"))
        ax.set_yticks([0.5, 1, 1.5, 2], ["0" if r == 1 else words.gap(r) for r in (0.5, 1, 1.5, 2)])
        _format(ax.xaxis, words.count)
        return picture(fig, alt=alt, caption=caption)


def _draw_limits(ax: Axes, right: float) -> None:
    xs = np.linspace(max(right / 200, 1), right, 160)
    outer_low, low, high, outer_high = funnel_limits(xs).T
    ax.fill_between(xs, low, high, color=SHADE, linewidth=0)
    for line in (low, high):
        ax.plot(xs, line, color=GREY, linewidth=0.9)
    for line in (outer_low, outer_high):
        ax.plot(xs, line, color=GREY, linewidth=0.9, linestyle=DASHED)
    ax.axhline(1, color=INK, linewidth=0.9)


def _draw_own(ax: Axes, drawing: Funnel, right: float) -> None:
    x, y = drawing.own[0], min(drawing.own[1], TOP_RATIO)
    ax.plot([x], [y], marker="D", markersize=10, color=ACCENT, markeredgecolor="white", linestyle="none", zorder=5)
    side = "left" if x < 0.2 * right else "right" if x > 0.8 * right else "center"
    _label(ax, drawing.name, (x, y), (0, 15 if y < 0.4 else -15), ha=side, color=ACCENT)


# ---- week by week -----------------------------------------------------------------------------------


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
    import seaborn as sns

    days = [_at(w.start) for w in drawing.weeks]
    rates = [w.successes / w.trials for w in drawing.weeks]
    with _canvas(drawing.title) as (fig, ax):
        _draw_natural(ax, days, drawing.chart)
        if drawing.expected is not None:
            ax.axhline(drawing.expected, color=INK, linewidth=1.1, linestyle=DASHED)
            spot = (days[-1] + 4, drawing.expected)
            _label(ax, words.say("colleagues"), spot, (-3, 7), ha="right", color=INK)
        sns.lineplot(x=days, y=rates, ax=ax, color=ACCENT, linewidth=1.7, marker="o", markersize=6.5)
        ax.set(
            ylim=(0, _ceiling(rates, drawing.usual, 1.05 if drawing.share else np.inf)),
            xlim=(days[0] - 4, days[-1] + 4),
            ylabel="",
        )
        ax.set_xlabel(words.say("Week from"))
        every = max(1, round(len(days) / 7))
        ax.set_xticks(days[::every], [words.short_day(w.start) for w in drawing.weeks[::every]])
        percent = 0 if ax.get_ylim()[1] >= 0.05 else 1
        _format(ax.yaxis, lambda rate: words.percent(rate, percent) if drawing.share else words.number(rate))
        for on in drawing.coached:
            _draw_coaching(ax, _at(on), words)
        return picture(fig, alt=alt, caption=caption)


def _draw_natural(ax: Axes, days: Sequence[float], chart: RateChart) -> None:
    ax.fill_between(days, chart.low, chart.high, step="mid", color=SHADE, linewidth=0)
    for line in (chart.low, chart.high):
        ax.step(days, line, where="mid", color=GREY, linewidth=0.9)
    ax.axhline(chart.center, color=GREY, linewidth=0.8)


def _draw_coaching(ax: Axes, day: float, words: Words) -> None:
    ax.axvline(day, color=INK, linewidth=1.2, linestyle=":")
    _label(ax, words.say("coached"), (day, ax.get_ylim()[1]), (4, -9), ha="left", color=INK)


def _ceiling(rates: Sequence[float], usual: float, most: float) -> float:
    """The end of the axis: a few multiples of the team's rate, so that reps share a scale."""
    if usual <= 0:
        return max(max(rates) * 1.1, 0.01)
    fits = (k * usual for k in WIDENED if max(rates) <= 0.97 * k * usual)
    return min(next(fits, max(rates) * 1.05), most)


def _at(day: date) -> float:
    from matplotlib.dates import date2num

    return float(date2num(day))  # type: ignore[no-untyped-call]


# ---- canvas -----------------------------------------------------------------------------------------


@contextmanager
def _canvas(title: str) -> Iterator[tuple[Figure, Axes]]:
    """A figure outside pyplot: no global state, nothing to close."""
    import seaborn as sns
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    style = {"axes.edgecolor": PALE, "axes.labelcolor": GREY, "xtick.color": GREY, "ytick.color": GREY}
    fonts: Any = {"font.family": FONT, "text.parse_math": False, "axes.labelsize": 9}
    with sns.axes_style("whitegrid", rc={**style, "grid.color": "#e6eaee"}), rc_context(fonts):
        fig = Figure(figsize=SIZE, layout="constrained")
        ax = fig.subplots()
        ax.grid(visible=False, axis="x")
        ax.tick_params(labelsize=9, length=0)
        ax.set_title(title, loc="left", fontsize=11, weight="bold", color=INK, pad=10)
        sns.despine(fig, left=True)
        yield fig, ax


def _label(ax: Axes, text: str, spot: tuple[float, float], shift: tuple[float, float], *, ha: str, color: str) -> None:
    weight = "bold" if color == ACCENT else "normal"
    ax.annotate(
        text, spot, xytext=shift, textcoords="offset points", ha=ha, va="center", color=color, weight=weight, fontsize=9
    )


def _nice(value: float) -> float:
    """The next round number above a value, for an axis that all reps of a run share."""
    scale = 10.0 ** np.floor(np.log10(max(value, 1)))
    return float(next(k * scale for k in (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15) if value * 1.02 <= k * scale))


def _format(axis: Any, show: Any) -> None:
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: show(value)))
