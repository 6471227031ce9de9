"""What every figure shares: its look, how it travels in a notebook, and the words on its axes."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any

import numpy as np

from sdrlib.publish.markup import Markup, el

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, GREY, DOT, PALE, SHADE, ACCENT = "#1b2530", "#5f6b78", "#7f8b98", "#cfd6dd", "#eef1f4", "#0b5394"
"""One accent for the rep, greys for everybody else; they differ in print too. Nobody is red."""
PAPER, GRID = "#ffffff", "#e6eaee"

DARK = {
    INK: "#e8ecf0", GREY: "#aab5c0", DOT: "#8793a0", PALE: "#46525e", SHADE: "#222b35", ACCENT: "#8ec5ff",
    PAPER: "#12171d", GRID: "#2a333d",
}  # fmt: skip
"""What each colour becomes on a dark screen. A figure brings its own paper, so it can be read on any page."""

FONT = "DejaVu Sans"
"""Comes with matplotlib, which measures with it: the same bytes on every machine."""
FONTS = f"'{FONT}', Verdana, sans-serif"
"""What a reader's machine sets it in: Verdana is as wide."""

SIZE, DPI, TEXT = (4.6, 2.9), 144, 9
"""Inches, so that letters of nine points can still be read where a phone shows the figure 360 pixels wide."""
GAP = 6
"""Points between a label and what it belongs to."""
NAMED = 24
"""Characters of a name or a level in a figure."""
HEAVY = 100_000
"""Bytes from which a drawing of many marks is better an image."""
SVG, PNG = "image/svg+xml", "image/png"
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
        image: A drawing (SVG, its text as text), or PNG where there are too many marks for one.
        kind: Its media type.
        alt: What the figure shows, for those who do not see it.
        title: The finding, printed above it.
        caption: Printed under it.
    """

    image: bytes
    kind: str
    alt: str
    title: str = ""
    caption: str = ""

    @property
    def html(self) -> Markup:
        """The image with its words: Lab drops both of a bare image."""
        source = f"data:{self.kind};base64,{b64encode(self.image).decode('ascii')}"
        return el(
            "figure",
            el("h3", self.title) if self.title else None,
            el("div", el("img", src=source, alt=self.alt)),
            el("figcaption", self.caption) if self.caption else None,
        )

    def _repr_html_(self) -> str:
        return str(self.html)

    def _repr_mimebundle_(self, **_: Any) -> Mapping[str, str]:
        return {"text/html": str(self.html), "text/plain": self.alt}


# ---- from a figure to a picture -----------------------------------------------------------------------


def picture(fig: Figure, *, alt: str, title: str = "", caption: str = "") -> Picture:
    """A figure of ours, drawn so that it follows the reader's screen into the dark: the same bytes for the same figure.

    Raises:
        ValueError: there is no alternative text.
    """
    return Picture(_dimmed(_svg(fig)).encode(), SVG, _told(alt), title, caption)


def show(fig: Figure, *, alt: str, caption: str = "") -> None:
    """Show a figure of a notebook with its alternative text, and close it."""
    import matplotlib.pyplot as plt
    from IPython.display import display

    drawn = _svg(fig).encode()
    image, kind = (drawn, SVG) if len(drawn) <= HEAVY else (_png(fig), PNG)
    display(Picture(image, kind, _told(alt), caption=caption))  # type: ignore[no-untyped-call]
    plt.close(fig)


def _told(alt: str) -> str:
    if not alt.strip():
        raise ValueError("a figure needs an alternative text that says what it shows")
    return alt


def _svg(fig: Figure) -> str:
    """Text stays text; names of parts hang on the drawing alone, never on the clock."""
    from matplotlib import rc_context

    unsaid = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    drawn = StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "sdr"}):
        fig.savefig(drawn, format="svg", facecolor=PAPER, metadata=unsaid)
    svg = drawn.getvalue()
    return svg[svg.index("<svg") :].replace(f"'{FONT}'", FONTS)


def _dimmed(svg: str) -> str:
    """With the colours of a dark screen, which print never sees."""
    rules = "".join(
        f'[style*="{what}: {light}"]{{{what}:{dark}!important}}'
        for light, dark in DARK.items()
        for what in ("fill", "stroke")
        if f"{what}: {light}" in svg
    )
    opened = svg.index(">") + 1
    return f"{svg[:opened]}<style>@media (prefers-color-scheme: dark){{{rules}}}</style>{svg[opened:]}"


def _png(fig: Figure) -> bytes:
    """Few colours make a third of the bytes; nobody sees the difference."""
    from PIL import Image

    drawn = BytesIO()
    fig.savefig(drawn, format="rgba", dpi=DPI, facecolor=PAPER)
    width, height = (int(inches * DPI) for inches in fig.get_size_inches())
    image, png = Image.frombytes("RGBA", (width, height), drawn.getvalue()).convert("RGB"), BytesIO()
    few = image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(png, "PNG")
    return png.getvalue()


# ---- the empty canvas ---------------------------------------------------------------------------------


@contextmanager
def canvas(size: tuple[float, float] = SIZE) -> Iterator[tuple[Figure, Axes]]:
    """A figure outside pyplot, with one pair of axes: no global state, nothing to close."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(_style()):
        fig = Figure(figsize=size)
        ax = fig.subplots()
        ax.grid(visible=False, axis="x")
        ax.spines[["top", "right", "left"]].set_visible(False)
        yield fig, ax


@cache
def _style() -> Any:
    """Built once: a white grid in our greys, as seaborn's, which takes a second to import for these few values."""
    grid = {"axes.grid": True, "axes.axisbelow": True, "grid.color": GRID, "lines.solid_capstyle": "round"}
    bars = {"patch.edgecolor": "white", "patch.force_edgecolor": True}
    inks = {"text.color": ".15", "axes.edgecolor": PALE} | dict.fromkeys(
        ("axes.labelcolor", "xtick.color", "ytick.color"), GREY
    )
    ticks = {"xtick.bottom": False, "ytick.left": False, "xtick.major.size": 0, "ytick.major.size": 0}
    sizes = dict.fromkeys(("axes.labelsize", "xtick.labelsize", "ytick.labelsize", "legend.fontsize"), TEXT)
    return {**grid, **bars, **inks, **ticks, **sizes, "font.family": FONT, "font.size": TEXT, "text.parse_math": False}


def fit(fig: Figure, ax: Axes, *, right: Sequence[str] = ()) -> None:
    """Margins as wide as what stands in them, measured once; a layout engine draws everything several times.

    Args:
        fig: The figure.
        ax: Its axes, with ticks and labels set.
        right: Texts that stand to the right of the axes.
    """
    width, height = fig.get_size_inches() * 72
    ticks = _widest(label.get_text() for label in ax.get_yticklabels())
    named = TEXT * 1.6 if ax.get_ylabel() else 0
    below = TEXT * (3.4 if ax.get_xlabel() else 1.8)
    above = TEXT * 2.2 if ax.get_legend() else TEXT
    fig.subplots_adjust(
        left=(ticks + named + GAP) / width,
        right=1 - (_widest(right) + 2 * GAP) / width,
        bottom=(below + GAP) / height,
        top=1 - above / height,
    )


def _widest(texts: Iterable[str]) -> float:
    """Points that the widest of some texts takes."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family=FONT, size=TEXT)
    sizes = (text_to_path.get_text_width_height_descent(text, font, ismath=False) for text in texts if text)
    return max((float(width) for width, _, _ in sizes), default=0.0)


def name_marks(ax: Axes) -> None:
    """What each mark stands for, above the axes: nothing drawn can lie under it."""
    ax.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, labelcolor=INK, borderaxespad=0, borderpad=0.3,
        handletextpad=0.3, columnspacing=1.4,
    )  # fmt: skip


def annotate(
    ax: Axes, text: str, spot: tuple[float, float], shift: tuple[float, float], *, ha: str, color: str
) -> None:
    """Text beside a spot of the axes, on paper of its own, shifted by so many points; what is about the rep is bold."""
    ax.annotate(
        text, spot, xytext=shift, textcoords="offset points", ha=ha, va="center", color=color, annotation_clip=False,
        weight="bold" if color == ACCENT else "normal", bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.8},
    )  # fmt: skip


def round_up(value: float) -> float:
    """The next round number above a value, for an axis that all reps of a run share."""
    scale = 10.0 ** np.floor(np.log10(max(value, 1)))
    return float(next(k * scale for k in (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15) if value * 1.02 <= k * scale))


def show_ticks(axis: Any, show: Callable[[float], str]) -> None:
    """Ticks at round numbers, told in the reader's language."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: show(value)))
