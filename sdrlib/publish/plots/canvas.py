"""What every figure shares: its look, how it travels in a notebook, and the words on its axes."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from sdrlib.publish.markup import Markup, el

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, GREY, DOT, PALE, SHADE, ACCENT = "#1b2530", "#5f6b78", "#7f8b98", "#cfd6dd", "#eef1f4", "#0b5394"
"""One accent for the rep, greys for everybody else; they differ in print too. Nobody is red."""

FONT = "DejaVu Sans"
"""Comes with matplotlib: the same letters, and so the same bytes, on every machine."""

SIZE, DPI = (7.2, 3.4), 144
MARGIN = 0.12
COLOURS = 96
DASHED = (0, (4, 3))


def font_file() -> str:
    """Where the font of the figures lies.

    Raises:
        ValueError: it is not there.
    """
    from matplotlib.font_manager import findfont

    return str(findfont(FONT, fallback_to_default=False))


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
    buffer = BytesIO()
    fig.savefig(buffer, format="rgba", dpi=DPI, facecolor="white")
    width, height = (int(inches * DPI) for inches in fig.get_size_inches())
    return Picture(_png(buffer.getvalue(), (width, height)), alt, caption)


def _png(rgba: bytes, size: tuple[int, int]) -> bytes:
    """Few colours make a third of the bytes; nobody sees the difference."""
    from PIL import Image

    image, png = Image.frombytes("RGBA", size, rgba).convert("RGB"), BytesIO()
    few = image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(png, "PNG")
    return png.getvalue()


def show(fig: Figure, *, alt: str, caption: str = "") -> None:
    """Show a figure of a notebook with its alternative text, and close it."""
    import matplotlib.pyplot as plt
    from IPython.display import display

    display(picture(fig, alt=alt, caption=caption))  # type: ignore[no-untyped-call]
    plt.close(fig)


@contextmanager
def canvas(title: str, size: tuple[float, float] = SIZE) -> Iterator[tuple[Figure, Axes]]:
    """A figure outside pyplot, with one pair of axes under its title: no global state, nothing to close."""
    import seaborn as sns
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    style = {"axes.edgecolor": PALE, "axes.labelcolor": GREY, "xtick.color": GREY, "ytick.color": GREY}
    fonts: Any = {"font.family": FONT, "text.parse_math": False, "axes.labelsize": 9}
    with sns.axes_style("whitegrid", rc={**style, "grid.color": "#e6eaee"}), rc_context(fonts):
        fig = Figure(figsize=size, layout=ConstrainedLayoutEngine(w_pad=MARGIN, h_pad=MARGIN))
        ax = fig.subplots()
        ax.grid(visible=False, axis="x")
        ax.tick_params(labelsize=9, length=0)
        ax.set_title(title, loc="left", fontsize=11, weight="bold", color=INK, pad=10)
        sns.despine(fig, left=True)
        yield fig, ax


def annotate(
    ax: Axes, text: str, spot: tuple[float, float], shift: tuple[float, float], *, ha: str, color: str
) -> None:
    """Text beside a spot of the axes, shifted by so many points; what is about the rep is bold."""
    weight = "bold" if color == ACCENT else "normal"
    ax.annotate(
        text, spot, xytext=shift, textcoords="offset points", ha=ha, va="center", color=color, weight=weight, fontsize=9
    )


def round_up(value: float) -> float:
    """The next round number above a value, for an axis that all reps of a run share."""
    scale = 10.0 ** np.floor(np.log10(max(value, 1)))
    return float(next(k * scale for k in (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15) if value * 1.02 <= k * scale))


def show_ticks(axis: Any, show: Callable[[float], str]) -> None:
    """Ticks at round numbers, told in the reader's language."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: show(value)))
